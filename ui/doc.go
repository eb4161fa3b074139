// Package ui is the window of the till: one shell that owns the keyboard, the
// scans, the notices and the status bar, and that ties the screens together.
// Each screen is a folder of its own and knows no other.
//
// Everything on a screen belongs to one goroutine. Services block, so the shell
// calls them from goroutines of their own and brings what they say back through
// Params.Dispatch. Nothing here reads a disk, a network or a device: what the
// shell needs it declares as an interface in params.go and is given.
//
// The package may touch services, assets and Fyne; never app, localdb or
// hardware.
package ui
