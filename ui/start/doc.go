// Package start is what the shelf shows while there is nothing to sell: no
// prices yet, prices on their way, or why they did not come. It may touch
// ui/{text,theme,widgets}.
package start
