// Package storetest says in tests what every checkout.Store must do: Run is the
// suite that each implementation passes, Agree drives one side by side with the
// books in memory and compares whatever can be seen of the two.
//
// A sale, its events and its entries are written out anew here rather than
// asked of package checkout, and so is the table of what may follow what: the
// suite proves the Store against the law, not against itself.
//
// The package is for tests. It may touch only services.
package storetest
