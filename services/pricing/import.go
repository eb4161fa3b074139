package pricing

import (
	"context"

	"cashier/services/fault"
)

// Chunk is how many prices go to HQ in one call: it answers once for all.
const Chunk = 100

// Change is one price to be of this shop.
type Change struct {
	ProductID int64
	Want      Want
}

// Import changes many prices of this shop, Chunk at a time, in the order given,
// each product once. dry reads HQ and changes nothing. progress, which may be
// nil, is called after each chunk with its results and how many are done of how
// many.
//
// There is a Result for every change, also when an error ends it early: what
// had no turn is NotSent. ctx is heeded between chunks, so that no chunk is left
// half done. The error is why it ended early, or that of an audit trail that
// did not take an outcome.
func (s *Service) Import(ctx context.Context, changes []Change, dry bool, progress func(chunk []Result, done, of int)) ([]Result, error) {
	var all []Result
	var stopped error
	for from := 0; from < len(changes); from += Chunk {
		some := changes[from:min(from+Chunk, len(changes))]
		if stopped == nil {
			stopped = cancelled(ctx)
		}
		var done []Result
		if stopped == nil {
			done, stopped = s.importSome(ctx, some, dry)
		} else {
			done = untouched(some, stopped)
		}
		all = append(all, done...)
		if progress != nil {
			progress(done, len(all), len(changes))
		}
	}
	return all, stopped
}

func cancelled(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fault.New(fault.Refused, "price.stopped", "It was stopped; what is marked so was not sent. Import the file again: HQ is not sent what it has.")
}

func untouched(some []Change, why error) []Result {
	list := make([]Result, len(some))
	for i, c := range some {
		list[i] = Result{ProductID: c.ProductID, Outcome: NotSent, Err: why}
	}
	return list
}

// importSome is one chunk.
func (s *Service) importSome(ctx context.Context, some []Change, dry bool) ([]Result, error) {
	products := make([]int64, len(some))
	for i, c := range some {
		products[i] = c.ProductID
	}
	before, err := s.here(ctx, products)
	if err != nil {
		return untouched(some, err), err
	}
	all := make([]*change, len(some))
	var send []*change
	for i, one := range some {
		c := plan(one, before, dry)
		if all[i] = c; c.result.Outcome == "" {
			send = append(send, c)
		}
	}
	if len(send) == 0 {
		return results(all), nil
	}
	err = s.run(ctx, send,
		func(ctx context.Context) error { return s.p.HQ.Change(ctx, rows(send)) },
		func(ctx context.Context) (map[int64]Row, error) { return s.here(ctx, products) },
		func(c *change) int64 { return c.before.ProductID })
	return results(all), err
}

// plan is one change of a chunk; without an outcome it is to be sent.
func plan(one Change, before map[int64]Row, dry bool) *change {
	row, ok := before[one.ProductID]
	if !ok {
		return &change{result: Result{ProductID: one.ProductID, Outcome: NotSent, Err: fault.New(fault.Refused, "price.not_here", "HQ does not have it in this shop; nothing was sent for it.")}}
	}
	c := &change{before: row, want: one.Want}
	if c.prepare(); c.result.Outcome == "" && dry {
		c.result.conclude(WouldChange, nil)
	}
	return c
}

func rows(all []*change) []Row {
	list := make([]Row, len(all))
	for i, c := range all {
		list[i] = c.sent
	}
	return list
}

func (s *Service) here(ctx context.Context, products []int64) (map[int64]Row, error) {
	found, err := s.p.HQ.Prices(ctx, products)
	by := make(map[int64]Row, len(found))
	for _, r := range found {
		by[r.ProductID] = r
	}
	return by, err
}
