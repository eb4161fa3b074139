// Package checkout sells: the cart, its prices, and the one path by which
// money moves.
//
// A sale has lines and legs. A leg is one movement of money or entitlement
// with one provider, kept as append-only events. Four parts stay apart:
//
//   - core.go is the law, and codes.go the table of what answers mean: pure functions from
//     where a sale and its legs stand, an input and a monotonic instant to where
//     they stand next and what to do. They do no I/O and read no clock.
//   - refund.go is the law of giving back a finished sale, and as pure.
//   - desk.go and drive.go carry the law out: they persist before they send,
//     call the gateway, wait, and persist what came back.
//   - ports.go says what is needed of the disk, the gateways, the vault and
//     the scheduler; other rooms implement it.
//
// Amounts are integer fen, weights integer grams. The package may touch only
// services/money, services/catalog, services/access, services/scancode and
// services/fault.
package checkout
