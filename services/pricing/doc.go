// Package pricing changes prices at HQ: of one product here, of one product in
// several shops, or of many in a batch. It reads before and after, because what
// HQ has counts and not what it answers, and it writes into the audit trail what
// is about to be sent and what came of it.
//
// The way of a batch: a list (ReadList) or a choice of products becomes a Draft,
// a value beside HQ's prices of now (Service.Rehearse); rules change it (Set,
// Adjust); Preview holds it against the guards; Batches.Plan writes it down,
// Send sends it chunk by chunk, Resolve decides what asks, Undo plans the way
// back. Rows are marked before they leave, so that what a crash cuts off is asked
// about and never sent twice.
//
// It knows HQ, the books and the cache through interfaces of its own and touches
// no screen, no network and no disk. Batches and Assortment ask for the right;
// for Service that is for its caller.
package pricing
