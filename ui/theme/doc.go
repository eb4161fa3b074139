// Package theme is the look of the till: palette, type, spacing and icons, as
// a Fyne theme and as the few constants screens lay themselves out with.
//
// A colour is asked for by its role, never by its value, so that the dark twin
// is one switch. It may touch cashier/assets and Fyne.
package theme
