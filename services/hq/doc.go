// Package hq is the client of the head office (HQ): login, the shop's products
// with their prices, stock and pictures, the shops that sell them, the tenant's
// mini-program, and the bills that a till hands in. It knows all 16 actions of HQ
// help page shopproduct, all 5 of page weixin and 2 of page shopupload, as
// methods and, for diagnosis, by name (Call).
//
// It gives wire types as HQ means them: prices are decimals in yuan, nothing is
// judged. What a usable product is, the catalog decides; when a price may be
// changed, the pricing service decides. Wire facts come from those three pages;
// what they leave open is a switch in Params and is listed in
// docs/contracts.md. testdata/help holds the pages' samples as they stand
// there, testdata/wire what the client sends for each action.
//
// It may touch services/fault, services/wire and the network.
package hq
