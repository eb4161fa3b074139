// Package window ties the till to its window: it opens the data folder, starts
// the scanner and, for a demo, the stand-in servers, recovers what an earlier
// run left open, and runs the shell of package ui until it is closed.
//
// It is the only package beside ui that knows Fyne. It may touch everything
// below cmd; it holds no rule of the shop.
package window
