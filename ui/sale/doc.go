// Package sale is the home screen: the shelf with the shop's products on the
// left, the basket with what the customer buys on the right.
//
// The cart itself is a value of services/checkout; this package keeps its
// history for undo, says what changed, and paints it. It takes no payment and
// reads no scanner: the shell tells it what to add. It may touch
// services/{catalog,checkout,money,fault} and ui/{text,theme,widgets}.
package sale
