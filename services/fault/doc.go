// Package fault is how this program says that something went wrong: a stable
// code that a screen translates, a sentence in English that says what happened
// and what to do now, and a kind that decides what callers may do next.
//
// It touches nothing but the standard library. Details for support staff (the
// wrapped cause) go to the log, never to the counter.
package fault
