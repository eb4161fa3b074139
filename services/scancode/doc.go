// Package scancode says what a scanned code is and what the till should do
// with it. It is pure: the screen, the cart and the look-ups go in, a Decision
// comes out, and nothing is charged, stored or shown here.
//
// What is trusted, in this order: an exact product barcode or 货号; the shop's
// own label templates (weight or amount inside the code); the patterns of
// payment codes and cards. Where two readings remain, a person is asked. A code
// that fits nothing is unknown: no length, prefix or screen ever turns it into
// a payment.
//
// The package may touch services/money and services/fault and the standard
// library. It keeps no state, so one Reader serves all screens at once; a
// change of settings is a new Reader.
package scancode
