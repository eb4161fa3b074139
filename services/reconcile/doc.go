// Package reconcile holds a provider's bill against this till's books: every
// payment code that was charged must be a payment here, and every payment here
// must be on the bill. What differs is a finding, with what to do about it.
//
// It only reads. Nothing is booked, cancelled or given back here: a person
// decides about each finding.
//
//   - compare.go is the law: a pure function from the bill's rows and our legs
//     to the findings.
//   - bill.go reads a bill that moves while it is read.
//   - run.go reads the books before and after the bill, because a till goes on
//     selling meanwhile.
//
// Amounts are integer fen. The package may touch only services/money,
// services/fault, services/checkout and services/access.
package reconcile
