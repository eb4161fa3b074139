package catalog

import (
	"context"
	"maps"
	"slices"
	"sync"

	"cashier/services/fault"
)

// repricing is which products this till is giving another price at HQ just now,
// and which it has since the running sync began. What that sync has read of them
// may be of before or after, so it leaves them alone.
type repricing struct {
	mu     sync.Mutex
	busy   map[int64]int
	priced map[int64]bool
}

// HoldPrices keeps a sync that runs from taking these products, until release is
// called.
func (c *Catalog) HoldPrices(products []int64) (release func()) {
	r := &c.repricing
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy == nil {
		r.busy, r.priced = map[int64]int{}, map[int64]bool{}
	}
	for _, id := range products {
		r.busy[id]++
		r.priced[id] = true // whether or not it comes to that: the next sync knows
	}
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, id := range products {
			if r.busy[id]--; r.busy[id] == 0 {
				delete(r.busy, id)
			}
		}
	})
}

// begin forgets what was priced before a sync reads its first page.
func (r *repricing) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.priced, func(id int64, _ bool) bool { return r.busy[id] == 0 })
}

func (r *repricing) left() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.priced))
}

// unlessPriced has a delivery agree with the cache about products that this till
// has priced since it was begun.
func (c *Catalog) unlessPriced(has known, rows []delivered) {
	left := map[int64]*Product{}
	for _, id := range c.repricing.left() {
		if p, ok := c.Index().ByProductID(id); ok {
			left[id] = &p
			has[id] = &p
		}
	}
	if len(left) == 0 {
		return
	}
	for i, d := range rows {
		if p := left[d.key()]; p != nil && d.p != nil {
			rows[i] = delivered{p: p}
		}
	}
}

// Priced puts prices in force that HQ has of this shop's products, because by has
// just changed them there for why; both are kept in the price history. It does
// not wait for a sync that runs, and that does not undo it. What the cache has
// already, or does not sell, is passed over. After history_late (Internal) the
// prices are in force.
func (c *Catalog) Priced(ctx context.Context, prices map[int64]Prices, by, why string) error {
	c.applying.Lock()
	defer c.applying.Unlock()
	if err := c.catchUp(ctx); err != nil {
		c.warn(err)
	}
	has, ch := known{}, Change{PricesOnly: true}
	for _, id := range slices.Sorted(maps.Keys(prices)) {
		old, ok := c.Index().ByProductID(id)
		now := prices[id]
		if !ok || !now.Listed || now == pricesOf(&old) {
			continue
		}
		if now.Price < 0 || now.Member < 0 {
			return fault.New(fault.Internal, "catalog.priced_below", "A price below 0 was about to be put in force. Tell support; the prices here are unchanged.")
		}
		next := old
		next.Price, next.MemberPrice = now.Price, now.Member
		has[id], ch.Put = &old, append(ch.Put, next)
	}
	if len(ch.Put) == 0 {
		return nil
	}
	var report Report
	return c.put(ctx, has, ch, &report, Options{By: by, Why: why})
}
