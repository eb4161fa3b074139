package localdb

import "cashier/services/checkout"

// The durable commits of a ledger. Params.Hook is called with each name
// followed by ".before" right before its commit, and by ".after" right after.
const (
	pointFreeze   = "freeze"
	pointSell     = "sell"
	pointAddLegs  = "add-legs"
	pointAdvance  = "advance" // followed by "." and the state
	pointComplete = "complete"
	pointClose    = "close" // followed by "." and the sale's new state
	pointWatch    = "watch"
	pointNote     = "note"
	pointCart     = "cart"

	pointUploadBegin  = "upload.begin"
	pointUploadSettle = "upload.settle"
	pointUploadDecide = "upload.decide"

	pointPrices = "prices" // of the price history, several for one sync

	pointBatch     = "batch"      // a batch of prices is written down
	pointBatchStep = "batch.step" // its rows move: before they leave for HQ, and after

	pointRestore = "restore"

	// pointJournal is no commit: it is passed beside the sale, in the journal's
	// own time, with ".before" the writing of a line, ".written" and ".after".
	pointJournal = "journal"
)

// PricePoints lists what Params.Hook is called with while a sync is written into
// the price history.
func PricePoints() []string { return []string{pointPrices + ".before", pointPrices + ".after"} }

// BatchPoints lists what Params.Hook is called with while a batch of prices is
// kept.
func BatchPoints() []string {
	return []string{pointBatch + ".before", pointBatch + ".after", pointBatchStep + ".before", pointBatchStep + ".after"}
}

// RestorePoints lists what RestoreParams.Hook is called with.
func RestorePoints() []string {
	return []string{pointRestore + ".before", pointRestore + ".after", pointRestore + ".built", pointRestore + ".aside"}
}

// JournalPoints lists what Params.Hook is called with while the second journal
// is written.
func JournalPoints() []string {
	return []string{pointJournal + ".before", pointJournal + ".written", pointJournal + ".after"}
}

// Points lists every name Params.Hook can be called with, for crash tests that
// must visit them all.
func Points() []string {
	names := []string{pointFreeze, pointSell, pointAddLegs}
	for _, s := range []checkout.State{
		checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Paid,
		checkout.Reversing, checkout.Reversed, checkout.Rejected, checkout.Manual,
	} {
		names = append(names, pointAdvance+"."+string(s))
	}
	names = append(names, pointComplete,
		pointClose+"."+string(checkout.Voided), pointClose+"."+string(checkout.Unsettled), pointClose+"."+string(checkout.Compensating),
		pointWatch, pointNote, pointCart, pointUploadBegin, pointUploadSettle, pointUploadDecide)
	points := make([]string, 0, 2*len(names))
	for _, n := range names {
		points = append(points, n+".before", n+".after")
	}
	return points
}
