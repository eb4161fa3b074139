package pricing

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"cashier/services/fault"
)

// Punctual is how late a batch may begin without a word about it.
const Punctual = 10 * time.Minute

// Ran is what RunDue did with a batch.
type Ran struct {
	Batch Batch
	Late  time.Duration // more than Punctual: the till was off, or HQ away, when it was due
	Again bool          // it was interrupted before, and has gone on
	Err   error
}

// Asks is how many of its prices wait for a person's decision.
func (r Ran) Asks() int {
	return r.Batch.Count[RowConflict] + r.Batch.Count[RowUnknown] + r.Batch.Count[RowUnchanged]
}

// Words say, in English, that a batch began late.
func (r Ran) Words() error {
	if r.Late <= Punctual {
		return nil
	}
	return fault.New(fault.Internal, "price.batch_late", "The prices of “{name}” were due {minutes} minutes ago, while the till was off or HQ could not be reached; they were sent now.", "name", r.Batch.Name, "minutes", strconv.Itoa(int(r.Late/time.Minute)))
}

// RunDue sends every batch that is due, and goes on with those that are not over,
// each as whoever planned it. A batch that only waits for a person's decision is
// left alone, and so is one that a person has stopped. It is called at the till's
// start and each minute: a batch that was begun is never begun again, whatever the
// clock does. progress, which may be nil, is called after each chunk.
func (b *Batches) RunDue(ctx context.Context, progress func(Batch, Progress)) ([]Ran, error) {
	list, err := b.p.Store.Batches(ctx, 0, BatchWaiting, BatchOpen)
	if err != nil {
		return nil, err
	}
	// The one due last has the last word.
	slices.SortFunc(list, func(a, b Batch) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	var ran []Ran
	for _, batch := range list {
		if ctx.Err() != nil {
			return ran, nil //nolint:nilerr // stopped is no failure: what is left is due at the next start
		}
		now := b.p.Now()
		waits := batch.State == BatchWaiting && batch.Due.After(now)
		if asks := batch.left() == 0 && batch.Count[RowConflict] > 0; waits || asks || batch.Stopped() {
			continue
		}
		one := Ran{Again: batch.State == BatchOpen}
		if batch.State == BatchWaiting {
			one.Late = now.Sub(batch.Due)
		}
		one.Batch, one.Err = b.Send(ctx, batch.By, batch.ID, func(p Progress) {
			if progress != nil {
				progress(batch, p)
			}
		})
		ran = append(ran, one)
	}
	return ran, nil
}
