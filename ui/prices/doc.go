// Package prices is the manager's desk: every product of the shop with its
// cost, stock and margin, prices edited in place, a draft of what is to change,
// and the batches that were sent.
//
// What is to change is a Model without widgets. The page paints it; what moves
// prices it asks of a Desk and never waits for on the screen's goroutine. It may
// touch services/catalog, services/pricing and what screens share.
package prices
