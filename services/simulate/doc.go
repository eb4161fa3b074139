// Package simulate tries the payment path out at speed, without a disk, a
// network or a wall clock.
//
// Memory is a checkout.Store that keeps the books in memory. It records and
// refuses what the till's own ledger records and refuses, with the same codes:
// services/checkout/storetest holds the two against each other. It can be made
// to fail, or the till to die, at every durable step, and shows everything it
// holds, so that the invariants can be checked from outside.
//
// Times are kept to the millisecond, as on disk; money is integer fen. The
// package may touch only services, and imports no test code: it is shipped.
package simulate
