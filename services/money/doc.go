// Package money holds the two quantities a till must never get wrong: yuan as
// integer fen and weight as integer grams, and the few sums done on them.
//
// It may touch nothing but the standard library and the decimal library that
// reads what other systems write. No float appears here or anywhere an amount
// passes through. Rounding happens once, at the line, half up to the fen.
package money
