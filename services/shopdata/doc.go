// Package shopdata describes a shop on paper: staff, classes, products, times
// cards, members and customers' wallets, as a folder with shop.json and
// pictures/ holds them. The stand-in servers are filled from it; generators
// write it.
//
// It touches the file system it is given, services/money and the decimal
// library, and nothing else. A shop that loads is consistent: everything that
// can be refused is refused in Load, with the place in the file.
package shopdata
