// Package receipt shows what was just sold or redeemed, in the place of the
// basket. It stands in nobody's way: the next scan or key is the next
// customer's. It may touch services/{checkout,money} and ui/{text,theme,widgets}.
package receipt
