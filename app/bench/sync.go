package bench

import (
	"context"
	"fmt"
	"time"

	"cashier/services/catalog"
	"cashier/services/hq"
)

// sync fills the till's cache and, for P4, compares how long that takes with
// fetching and decoding the same pages into nothing.
func (r *run) sync(ctx context.Context) error {
	r.says("reading the prices from HQ")
	floor, err := r.fetch(ctx)
	if err != nil {
		return err
	}
	first, err := r.timed(ctx)
	if err != nil {
		return err
	}
	if first.RowsWritten != r.n || len(first.Rejected) > 0 {
		return fmt.Errorf("the first sync wrote %d rows and refused %d products", first.RowsWritten, len(first.Rejected))
	}
	// A till that is switched on in the morning knows the stock of last night: the
	// windows do not begin with reading a list of it.
	if _, err := r.till.Catalog.SyncStock(ctx, nil); err != nil {
		return err
	}
	if !r.wants("P4") {
		return nil
	}
	var fetches, repeats series
	fetches.add(floor)
	rows := 0
	for range 3 {
		if floor, err = r.fetch(ctx); err != nil {
			return err
		}
		again, err := r.timed(ctx)
		if err != nil {
			return err
		}
		fetches.add(floor)
		repeats.add(again.took)
		rows += again.RowsWritten
	}
	changed, err := r.changeOne(ctx)
	if err != nil {
		return err
	}
	const against = "fetching and decoding the same pages into nothing"
	r.found(Figure{Goal: "P4", What: "full sync", Value: ms(first.took), Unit: "ms", Floor: fetches.median(), Against: against}, times, 3)
	r.found(Figure{Goal: "P4", What: "sync with nothing changed", Value: repeats.median(), Unit: "ms", Floor: fetches.median(), Against: against}, times, 1.5)
	r.found(Figure{Goal: "P4", What: "rows written with nothing changed", Value: float64(rows), Unit: "rows"}, exactly, 0)
	r.found(Figure{Goal: "P4", What: "rows written for one changed price", Value: float64(changed), Unit: "rows"}, exactly, 1)
	return nil
}

type timedSync struct {
	catalog.Report
	took time.Duration
}

func (r *run) timed(ctx context.Context) (timedSync, error) {
	start := time.Now()
	report, err := r.till.Catalog.Sync(ctx, false, func(int, int) {})
	return timedSync{report, time.Since(start)}, err
}

// fetch reads every page of HQ's list and keeps nothing of it.
func (r *run) fetch(ctx context.Context) (time.Duration, error) {
	c, err := r.till.HQ()
	if err != nil {
		return 0, err
	}
	size := int(r.till.Settings.Int("hq.page_size"))
	start := time.Now()
	for index, rows := 0, 0; rows < r.n; index++ {
		page, err := c.List(ctx, hq.ListQuery{PageIndex: index, PageSize: size})
		if err != nil {
			return 0, err
		}
		if len(page.Data) == 0 {
			return 0, fmt.Errorf("HQ's list ends after %d rows", rows)
		}
		rows += len(page.Data)
	}
	return time.Since(start), nil
}

// changeOne has HQ change one price and returns how many rows a sync writes.
func (r *run) changeOne(ctx context.Context) (rows int, err error) {
	p := r.till.Catalog.Index().All()[r.n/2]
	if !r.servers.HQ.SetPrice(p.ShopID, p.ProductID, p.Price+1, p.MemberPrice) {
		return 0, fmt.Errorf("HQ does not sell product %d", p.ProductID)
	}
	report, err := r.timed(ctx)
	if now, _ := r.till.Catalog.Index().ByProductID(p.ProductID); err == nil && now.Price != p.Price+1 {
		err = fmt.Errorf("the new price of product %d did not arrive", p.ProductID)
	}
	return report.RowsWritten, err
}
