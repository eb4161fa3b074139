// Package cli is cashierctl: the till's services without a window, for
// support staff, scripts and tests. It parses words, calls the services, and
// prints what they say; it decides nothing about money. It may touch app, the
// services and the demo shop, and never Fyne.
package cli
