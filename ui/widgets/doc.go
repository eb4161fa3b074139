// Package widgets is what the till's screens are built from: layout by rows and
// columns, buttons that show their key, wrapped text, a grid of which only the
// visible part exists, number fields, the sheets laid over a screen, the
// search box, and pictures decoded beside the screen.
//
// None of them takes the keyboard's focus but the search box and the box for
// a reason: a focused widget would swallow the digits of a scanner that types.
// The package may touch Fyne, ui/theme and nothing else of ours.
package widgets
