// Package assets holds what the till shows and ships as files: fonts, icons,
// translations and licences, embedded in the program. The demo shop is the
// package below it, so that a program without a window need not carry fonts.
//
// It may touch nothing of ours and no toolkit: every asset leaves as bytes or
// as a file system, and the theme wraps it. How each file was made, and under
// which licence it may be passed on, is in docs/assets.md.
package assets
