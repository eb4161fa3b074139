// Package pricing changes prices at HQ: of one product here, of one product in
// several shops, or of many from a file. It reads before and after, because
// what HQ has counts and not what it answers, and it writes into the audit
// trail what is about to be sent and what came of it.
//
// It knows HQ through an interface of its own and touches no screen, no network
// and no disk; who may change prices is for its caller.
package pricing
