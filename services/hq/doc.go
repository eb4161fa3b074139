// Package hq is the client of the head office (HQ): login, the shop's products
// with their prices, stock and pictures, the shops that sell them, and the
// tenant's mini-program. It knows all 16 actions of HQ help page shopproduct
// and all 5 of page weixin, as methods and, for diagnosis, by name (Call).
//
// It gives wire types as HQ means them: prices are decimals in yuan, nothing is
// judged. What a usable product is, the catalog decides; when a price may be
// changed, the pricing service decides. Wire facts come from those two pages;
// what they leave open is a switch in Params and is listed in
// docs/contracts.md. testdata/help holds the pages' samples as they stand
// there, testdata/wire what the client sends for each action.
//
// It may touch services/fault, services/wire and the network.
package hq
