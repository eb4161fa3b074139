package app

import (
	"context"
	"time"
)

// What the search knows of the shop's own sales: enough of them to tell what sells,
// few enough to be counted in a moment.
const (
	soldWithin = 90 * 24 * time.Hour
	soldSales  = 10_000
	soldEvery  = time.Hour
)

// RunSold tells the search what the shop sells most, at once and every hour, until
// ctx ends.
func (t *Till) RunSold(ctx context.Context) {
	for {
		sold, err := t.Ledger.Sold(ctx, time.Now().Add(-soldWithin), soldSales)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			t.warn(err)
		default:
			t.Catalog.Sold(sold)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(soldEvery):
		}
	}
}
