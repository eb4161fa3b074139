// Package pay is the pay screen: what is due, the ways to pay it, and the state
// of the payment that is on its way, with a clock.
//
// It decides nothing about money: it shows what the shell knows of a sale and
// says what the cashier wants. It may touch services/{checkout,money} and
// ui/{text,theme,widgets}.
package pay
