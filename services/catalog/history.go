package catalog

import (
	"cmp"
	"context"
	"slices"
	"time"

	"cashier/services/fault"
	"cashier/services/money"
)

// Prices of a product. Not listed, it is not sold and has none.
type Prices struct {
	Listed        bool
	Price, Member money.Fen
}

func (p Prices) product() Product { return Product{Price: p.Price, MemberPrice: p.Member} }

// PriceChange is one entry of the price history: a product that came (Was not
// listed), went (Now not listed), or costs something else. Code and name are
// those of the time.
type PriceChange struct {
	ProductID  int64
	Code, Name string
	Was, Now   Prices
}

// PriceEntry is a change as the price history has it.
type PriceEntry struct {
	PriceChange
	SyncNo int64
	At     time.Time // when it was in force here
	By     string    // who changed it here, or had the sync accept what was held; "" for nobody
	Why    string    // what for, such as the name of a batch
}

// Record is what one sync did to the prices of this till.
type Record struct {
	No      int64     // of the sync, rising
	At      time.Time // when it was applied
	By      string    // who had it accept what is held; "" for HQ's word alone
	Why     string    // what for
	Changes []PriceChange
}

// History is the price history, in other books than the cache: a cache is
// disposable, what was charged when is not. Both cannot share a transaction.
// The cache is written first, with the number of the sync; the history follows
// it. Whatever a crash leaves between them is the difference of the two, which
// is all that is ever recorded: so each change is in the history exactly once.
type History interface {
	// LastSync is the number of the newest sync that is recorded whole, and of the
	// newest of which anything is; 0 for none.
	LastSync(ctx context.Context) (whole, begun int64, err error)
	// LastPrices is the newest entry of each product: was and now.
	LastPrices(ctx context.Context) (map[int64]PriceChange, error)
	// Record adds to the history. A sync that is recorded whole is left alone;
	// one that was recorded in part is gone on with, by the difference.
	Record(ctx context.Context, r Record) error
}

func pricesOf(p *Product) Prices {
	if p == nil {
		return Prices{}
	}
	return Prices{Listed: true, Price: p.Price, Member: p.MemberPrice}
}

// lastOf is what products last cost that are new in a delivery: off the list and
// on again, or in a cache that was lost, they are no news to the till. A full
// sync takes every price, and asks for none.
func (c *Catalog) lastOf(ctx context.Context, has known, rows []delivered, o Options) (map[int64]Prices, error) {
	if c.history == nil || o.Full || !has.hasNew(rows) {
		return nil, nil
	}
	changes, err := c.history.LastPrices(ctx)
	if err != nil {
		return nil, err
	}
	last := make(map[int64]Prices)
	for id, ch := range changes {
		switch {
		case has[id] != nil:
		case ch.Now.Listed:
			last[id] = ch.Now
		default:
			last[id] = ch.Was
		}
	}
	return last, nil
}

// priceChanges are those that a change makes to a cache.
func (k known) priceChanges(ch Change) (out []PriceChange) {
	for i := range ch.Put {
		p := &ch.Put[i]
		if was, now := pricesOf(k[p.ProductID]), pricesOf(p); was != now {
			out = append(out, PriceChange{p.ProductID, p.Code, p.Name, was, now})
		}
	}
	for _, id := range ch.Remove {
		if p := k[id]; p != nil {
			out = append(out, PriceChange{id, p.Code, p.Name, pricesOf(p), Prices{}})
		}
	}
	return out
}

// missing are the changes that lead from the history's prices to these.
func (k known) missing(history map[int64]PriceChange) (out []PriceChange) {
	for id, p := range k {
		if was, now := history[id].Now, pricesOf(p); was != now {
			out = append(out, PriceChange{id, p.Code, p.Name, was, now})
		}
	}
	for id, last := range history {
		if k[id] == nil && last.Now.Listed {
			out = append(out, PriceChange{id, last.Code, last.Name, last.Now, Prices{}})
		}
	}
	return out
}

// progress of the history: the newest sync that is in it whole, and in part.
type recorded struct{ whole, begun int64 }

// inStep reports whether the history has just what the cache has.
func (r recorded) inStep(m Mark) bool { return r.whole == m.No && r.begun == m.No }

// record brings the history up to the cache, of which m is the newest change. A
// history that was in step before it lacks these changes; of any other the whole
// cache is compared.
func (c *Catalog) record(ctx context.Context, m Mark, inStep bool, changes []PriceChange) error {
	if c.history == nil {
		return nil
	}
	if !inStep {
		last, err := c.history.LastPrices(ctx)
		if err != nil {
			return late(err)
		}
		changes = knownOf(c.Index().All()).missing(last)
	}
	slices.SortFunc(changes, func(a, b PriceChange) int { return cmp.Compare(a.ProductID, b.ProductID) })
	if err := c.history.Record(ctx, Record{m.No, m.At, m.By, m.Why, changes}); err != nil {
		return late(err)
	}
	c.recorded = recorded{m.No, m.No}
	return nil
}

// catchUp records what a crash, or a disk that refused, kept from the history. A
// cache that is older than the history says nothing: the next sync does.
func (c *Catalog) catchUp(ctx context.Context) (err error) {
	if c.history == nil {
		return nil
	}
	if c.recorded.whole, c.recorded.begun, err = c.history.LastSync(ctx); err != nil {
		return late(err)
	}
	if c.mark.No <= c.recorded.whole || c.mark.No < c.recorded.begun {
		return nil
	}
	return c.record(ctx, c.mark, false, nil)
}

func late(err error) error {
	return fault.Wrap(err, fault.Internal, "catalog.history_late", "The prices are in force, but the price history could not be written: {why} It is made up for at the next sync.", "why", err.Error())
}
