// Package start is the beginning of a till: the guide of the first start, and
// what the shelf shows while there is nothing to sell: no prices yet, prices on
// their way, or why they did not come. It may touch services and
// ui/{text,theme,widgets}.
package start
