// Package hq is the client of the head office (HQ): login, the shop's products
// and their prices, and their pictures.
//
// It gives wire types as HQ means them: prices are decimals in yuan, nothing is
// judged. What a usable product is, the catalog decides; when a price may be
// changed, the pricing service decides. Wire facts come from the HQ help pages
// "weixin" and "shopproduct"; what those leave open is a switch in Params and
// is listed in docs/contracts.md.
//
// It may touch services/fault, services/wire and the network.
package hq
