package app

import (
	"context"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/money"
	"cashier/services/pricing"
)

// Batches are the manager's batches of prices at this till, or why there are
// none; settle is as in Pricing. Each act names who does it.
func (t *Till) Batches(settle time.Duration) (*pricing.Batches, error) {
	c, err := t.HQ()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.batches == nil { // one for all: it is what keeps two from being sent at once
		t.batches, err = pricing.NewBatches(pricing.BatchParams{
			HQ: priceList{c}, Store: t.Ledger, Cache: priceCache{t.Catalog}, Shop: t.Settings.Int("hq.shop_id"),
			Now: t.now, NewID: func() string { return newIDAt(t.now()) }, Zone: t.Zone, Settle: settle,
			Warn: func(err error) {
				t.Log.Warn("a new price is at HQ, and not in force here before the next sync", "err", err)
			},
		})
	}
	return t.batches, err
}

// RunPrices sends the batches of prices that are due, at once and then each
// minute, until ctx ends or the till closes, which waits for it. Either function
// may be nil: far hears how far a batch is, told of each batch that was worked on.
func (t *Till) RunPrices(ctx context.Context, far func(pricing.Batch, pricing.Progress), told func(pricing.Ran)) {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	t.runPrices(ctx, minute.C, far, told)
}

func (t *Till) runPrices(ctx context.Context, minute <-chan time.Time, far func(pricing.Batch, pricing.Progress), told func(pricing.Ran)) {
	b, err := t.Batches(0)
	if err != nil {
		return // without HQ nothing was ever planned that could be sent
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan struct{})
	defer close(over)
	if !t.onClose(func() error { stop(); <-over; return nil }) {
		return
	}
	for {
		t.pricesDue(ctx, b, far, told)
		select {
		case <-ctx.Done():
			return
		case <-minute:
		}
	}
}

func (t *Till) pricesDue(ctx context.Context, b *pricing.Batches, far func(pricing.Batch, pricing.Progress), told func(pricing.Ran)) {
	list, err := b.RunDue(ctx, far)
	if err != nil {
		t.Log.Warn("the batches of prices cannot be read", "err", err)
	}
	for _, ran := range list {
		switch {
		case ran.Err != nil && ctx.Err() == nil:
			t.Log.Warn("a batch of prices is not sent to the end; it is tried again in a minute", "batch", ran.Batch.ID, "err", ran.Err)
		case ran.Words() != nil:
			t.Log.Warn("a batch of prices was late", "batch", ran.Batch.ID, "err", ran.Words())
		}
		if told != nil {
			told(ran)
		}
	}
}

// priceCache lets what sells follow a price that HQ has.
type priceCache struct{ c *catalog.Catalog }

func (p priceCache) Hold(products []int64) func() { return p.c.HoldPrices(products) }

func (p priceCache) Priced(ctx context.Context, by, why string, rows []pricing.Row) error {
	prices := make(map[int64]catalog.Prices, len(rows))
	for _, r := range rows {
		list, err := money.FenFromDecimal(r.Price.Decimal)
		member, bad := money.FenFromDecimal(r.Member.Decimal)
		if err == nil && bad == nil && list >= 0 && member >= 0 { // others a sync sets aside
			prices[r.ProductID] = catalog.Prices{Listed: true, Price: list, Member: member}
		}
	}
	return p.c.Priced(ctx, prices, by, why)
}

// FillLines adds to lines of this shop what a draft needs besides HQ's prices:
// class and unit from this till's own copy, and from HQ's stock list the cost.
// Where the costs cannot be read the lines stay without, and the fault says so.
func (t *Till) FillLines(ctx context.Context, lines []pricing.Line) error {
	ix := t.Catalog.Index()
	for i := range lines {
		p, ok := ix.ByProductID(lines[i].ProductID)
		if !ok {
			continue
		}
		lines[i].Class = p.Class
		if lines[i].Code == "" {
			lines[i].Code, lines[i].Name = p.Code, p.Name
		}
		if _, weighs := p.UnitGrams(); p.Pricing == catalog.ByWeight && !weighs {
			lines[i].NoUnit = true
		}
	}
	costs, err := t.Costs(ctx)
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "price.no_costs", "HQ's stock list cannot be read, so no price is held against its cost. {why}", "why", err.Error())
	}
	for i := range lines {
		lines[i].Cost = costs[lines[i].ProductID]
	}
	return nil
}

// mostStockPages is more than any shop fills; stockPage is how many rows are
// asked for at once.
const (
	mostStockPages = 2_000
	stockPage      = 200
)

// Costs are what HQ's stock list says that this shop's products cost, in yuan per
// unit, by product id. A product of which it does not say is not in it.
func (t *Till) Costs(ctx context.Context) (map[int64]decimal.NullDecimal, error) {
	if err := t.Actor().Demand(access.Prices); err != nil {
		return nil, err
	}
	c, err := t.HQ()
	if err != nil {
		return nil, err
	}
	costs, read := map[int64]decimal.NullDecimal{}, int64(0)
	for page := range mostStockPages {
		p, err := c.StockList(ctx, hq.ListQuery{PageIndex: page, PageSize: stockPage})
		if err != nil {
			return nil, err
		}
		fresh := 0
		for _, row := range p.Data {
			if _, known := costs[int64(row.ProductID)]; !known {
				fresh++
			}
			if row.CostPrice.Present && row.CostPrice.IsPositive() {
				costs[int64(row.ProductID)] = optional(row.CostPrice)
			} else {
				costs[int64(row.ProductID)] = decimal.NullDecimal{}
			}
		}
		rows := len(p.Data) + len(p.Unreadable)
		read += int64(rows)
		if rows == 0 || fresh == 0 || p.TotalCount > 0 && read >= int64(p.TotalCount) {
			return costs, nil
		}
	}
	return nil, fault.New(fault.Contract, "hq.stock_endless", "HQ's stock list has no end after {most} pages. Check hq.page_base, and tell support.", "most", strconv.Itoa(mostStockPages))
}
