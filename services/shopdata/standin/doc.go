// Package standin is what the stand-in servers have in common: faults chosen by
// a short text or by the last four digits of a scanned code, replies broken on
// the wire, and the list of what was really charged.
//
// It knows no protocol, no signature and no client, and touches only net/http
// and services/money, so that a stand-in built on it remains an independent
// proof.
package standin
