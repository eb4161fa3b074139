// Package pictures gives the till the thumbnails of its products: from a folder
// on disk where they are kept, otherwise from whoever serves HQ's pictures, in
// the background for the whole catalogue where nothing better is to be done.
//
// A picture is made small once and kept only so; the bytes that came are gone
// afterwards. What is decoded is bounded before it is decoded, one at a time, so
// that no picture, and no two of them, can take the till's memory. Everything
// that goes wrong ends in there being no picture for now: the shop sells on.
//
// The package may touch its folder and nothing else; it is given the network as
// a Source. Nothing here may be called on the screen's goroutine.
package pictures
