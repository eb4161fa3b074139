package catalog

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"cashier/services/fault"
)

// Report is what a sync did. A rejected product counts as none of the others: one
// that was on sale before stays so at its last good price, until HQ corrects it
// or drops it from its list; one that was not stays unknown to the till.
type Report struct {
	Products, Added, Changed, Removed, Unchanged int
	Held                                         int // of Rejected: those a manager may accept
	RowsWritten, Pages                           int
	Resumed                                      int // pages gone on from, of a sync that was cut off
	Rejected                                     []Rejection
	No                                           int64 // of the sync, where it changed something
	Duration                                     time.Duration
}

// Progress is told after each page: products read so far, of how many.
type Progress func(read, total int)

// Params of a Catalog.
type Params struct {
	Store    Store // one that is a Keeper also keeps what a sync leaves besides the products
	Source   Source
	Stock    StockSource // nil: nothing is known of the stock
	History  History     // nil: none is kept. It needs a Keeper
	Hold     Hold
	PageSize int
	Now      func() time.Time
	Warn     func(error) // told what is made up for later; nil: nobody

	// StockLater leaves the stock as last read to ReadStock: until then it is not
	// known.
	StockLater bool
}

// Catalog is the shop's products in memory, in step with the store. Reading is
// lock-free of the store; one sync runs at a time.
type Catalog struct {
	store    Store
	keeper   Keeper // nil where the store is none
	source   Source
	stocks   StockSource
	history  History
	hold     Hold
	pageSize int
	now      func() time.Time
	warn     func(error)

	syncing   sync.Mutex
	applying  sync.Mutex // within syncing, or alone; of everything below that is written
	recorded  recorded
	repricing repricing

	stockMu   sync.Mutex
	stockLate bool // ReadStock has still to be called

	mu       sync.RWMutex
	index    *Index
	sold     map[int64]int // of the shop's own sales, by product id
	syncedAt time.Time
	mark     Mark
	aside    []Rejection
	held     HeldDelivery
	stock    stock
	watchers []func()
}

// Open loads the cache, and brings the price history up to it. It fails only
// where the store does. The search is left to be prepared (see Index.Prepare):
// it takes longer than all else, and no first sale needs it.
func Open(ctx context.Context, p Params) (*Catalog, error) {
	if p.Store == nil || p.Source == nil || p.Now == nil {
		return nil, errors.New("catalog: Store, Source and Now are required")
	}
	if p.PageSize <= 0 {
		p.PageSize = 100
	}
	if p.Warn == nil {
		p.Warn = func(error) {}
	}
	c := &Catalog{
		store: p.Store, source: p.Source, stocks: p.Stock, history: p.History, hold: p.Hold.orDefault(),
		pageSize: p.PageSize, now: p.Now, warn: p.Warn,
	}
	c.keeper, _ = p.Store.(Keeper)
	c.stockLate = p.StockLater && c.keeper != nil
	if c.keeper == nil && p.History != nil {
		return nil, errors.New("catalog: a History needs a Store that is a Keeper")
	}
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	if err := c.catchUp(ctx); err != nil {
		c.warn(err)
	}
	return c, nil
}

// reload takes the store's word for everything, and has the search ready soon.
func (c *Catalog) reload(ctx context.Context) error {
	err := c.take(ctx)
	if err == nil {
		go c.Index().Prepare()
	}
	return err
}

func (c *Catalog) take(ctx context.Context) error {
	got, err := c.load(ctx)
	if err != nil {
		return err
	}
	// A store that finds itself damaged begins anew, empty: what was read of it
	// before belongs to another one.
	if now, err := c.store.SyncedAt(ctx); err != nil || !now.Equal(got.at) {
		if got, err = c.load(ctx); err != nil {
			return err
		}
	}
	aside := make([]Rejection, len(got.state.SetAside))
	for i, a := range got.state.SetAside {
		aside[i] = a.rejection()
	}
	index := NewIndex(got.products)
	c.changed(func() {
		c.index, c.syncedAt, c.mark, c.aside, c.held, c.stock = index.WithSales(c.sold), got.at, got.state.Mark, aside, got.state.Held, got.stock
	})
	return nil
}

// changed puts something new in place and tells whoever watches.
func (c *Catalog) changed(put func()) {
	c.mu.Lock()
	put()
	watchers := slices.Clone(c.watchers)
	c.mu.Unlock()
	for _, w := range watchers {
		w()
	}
}

// OnChange registers a function called after each sync that touched the cache
// or its freshness. It is called from the syncing goroutine.
func (c *Catalog) OnChange(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers = append(c.watchers, f)
}

// Sold tells the search how often each product was sold here: among those that
// match equally well, what sells most comes first.
func (c *Catalog) Sold(times map[int64]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sold = times
	c.index = c.index.WithSales(times)
}

// Index is the current snapshot; it never changes under its reader.
func (c *Catalog) Index() *Index {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.index
}

// SyncedAt is from when the prices are; zero means never.
func (c *Catalog) SyncedAt() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.syncedAt
}

// SetAside are the products that the last sync did not take, each with its
// reason.
func (c *Catalog) SetAside() []Rejection {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.aside)
}

// Held is a delivery that would have emptied the shop, if the last one was such.
func (c *Catalog) Held() (d HeldDelivery, held bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.held, !c.held.At.IsZero()
}

// Options of a sync.
type Options struct {
	Full   bool        // rewrite every row, and accept whatever is held
	Accept []Rejection // changes of price accepted, as SetAside has them; one that HQ has changed since is held anew
	By     string      // who accepts; kept in the price history
	Why    string      // what for; kept in the price history
}

func (o Options) accepts(held Rejection) bool {
	return o.Full || slices.ContainsFunc(o.Accept, func(a Rejection) bool { return a.Reason.Error() == held.Reason.Error() })
}

// errRunning leaves the cache as it was.
var errRunning = fault.New(fault.Busy, "catalog.sync_running", "A price sync is already running; wait for it to finish.")

// Sync is SyncWith, with full or with no options.
func (c *Catalog) Sync(ctx context.Context, full bool, progress Progress) (Report, error) {
	return c.SyncWith(ctx, Options{Full: full}, progress)
}

// SyncWith reads HQ's whole list, compares it with the cache and applies the
// difference in one transaction. Products that cannot be sold, and price changes
// beyond Hold, are set aside with their reason and keep their last good row. A
// sync that was cut off is gone on with, if HQ's list has not moved since and it
// is not old.
//
// Faults of its own, which leave the cache as it was: sync_running (Busy),
// suspicious (Refused), and moving, page_base, repeated, total_varies and
// wrong_total (Contract), for a list that does not add up. After history_late
// (Internal) the prices are in force.
func (c *Catalog) SyncWith(ctx context.Context, o Options, progress Progress) (Report, error) {
	if !c.syncing.TryLock() {
		return Report{}, errRunning
	}
	defer c.syncing.Unlock()
	if progress == nil {
		progress = func(int, int) {}
	}
	first, err := c.syncOnce(ctx, o, progress, true)
	if err != nil || first.Resumed == 0 {
		return first, err
	}
	// Most of the list is in force minutes earlier than it could be read anew. But
	// what HQ has changed since in the pages gone on from is only seen by reading.
	r, err := c.syncOnce(ctx, o, progress, false)
	r.Added, r.Changed, r.Removed = r.Added+first.Added, r.Changed+first.Changed, r.Removed+first.Removed
	r.Unchanged = max(0, r.Products-r.Added-r.Changed)
	r.RowsWritten, r.Pages, r.Resumed = r.RowsWritten+first.RowsWritten, r.Pages+first.Pages, first.Resumed
	r.No, r.Duration = max(r.No, first.No), r.Duration+first.Duration
	return r, err
}

func (c *Catalog) syncOnce(ctx context.Context, o Options, progress Progress, resume bool) (Report, error) {
	start := c.now()
	c.repricing.begin()
	old, first, err := c.before(ctx, o.Full)
	if err != nil {
		return Report{}, err
	}
	has := knownOf(old)
	read := delivery{has: has, first: first, began: start}
	if err := c.read(ctx, &read, progress, resume); err != nil {
		return Report{}, err
	}
	c.applying.Lock()
	defer c.applying.Unlock()
	c.unlessPriced(has, read.rows)
	last, err := c.lastOf(ctx, has, read.rows, o)
	if err != nil {
		return Report{}, err
	}
	report, change := has.compare(read.rows, last, c.hold, o)
	report.Pages, report.Resumed = read.pages, read.resumed
	change.At = read.began
	if !o.Full && c.hold.empties(len(old), len(read.rows), report.Removed) {
		return report, c.holdBack(ctx, HeldDelivery{At: start, Known: len(old), Delivered: len(read.rows), Removed: report.Removed})
	}
	err = c.apply(ctx, has, change, &report, o)
	report.Duration = c.now().Sub(start)
	return report, err
}

// delivery is HQ's list, beside what the cache has.
type delivery struct {
	has            known
	first          bool // no price was ever in force here
	rows           []delivered
	pages, resumed int
	began          time.Time // from when the oldest of it is
}

// before is what the cache has. In memory is the same; a full sync does not rely
// on it. Before a first sync nothing is there that could become half new; a
// history without a cache is a cache that was lost.
func (c *Catalog) before(ctx context.Context, full bool) (products []Product, first bool, err error) {
	c.applying.Lock()
	defer c.applying.Unlock()
	if err := c.catchUp(ctx); err != nil {
		c.warn(err)
	}
	if full {
		if err := c.reload(ctx); err != nil {
			return nil, false, err
		}
	}
	products = c.Index().All()
	return products, len(products) == 0 && c.recorded == recorded{}, nil
}

func (c *Catalog) read(ctx context.Context, d *delivery, progress Progress, resume bool) (err error) {
	rd := reader[delivered]{size: c.pageSize, progress: progress, doubt: func(rows []delivered) bool { return !d.first && d.has.changes(rows) }}
	rd.page = func(ctx context.Context, index, size int) answer[delivered] {
		page, err := c.source.ProductPage(ctx, index, size)
		return answer[delivered]{len(page.Offers), page.Total, func() []delivered { return d.has.judged(page.Offers) }, err}
	}
	var s *staging
	if c.keeper != nil {
		s = &staging{keeper: c.keeper, now: c.now, known: d.has, start: d.began, began: d.began, size: c.pageSize, from: 1, written: d.began}
		if rd.keep = s.keep; resume {
			rd.resume = s.resume
		}
	}
	d.rows, err = rd.all(ctx)
	d.pages, d.resumed = rd.asked, rd.resumed
	switch {
	case s != nil && rd.endless:
		s.drop(ctx)
	case s != nil && err != nil:
		s.flush(ctx)
	case rd.resumed > 0:
		d.began = s.began
	}
	return err
}

func (c *Catalog) holdBack(ctx context.Context, d HeldDelivery) error {
	err := fault.New(fault.Refused, "catalog.suspicious",
		"HQ would remove {removed} of {known} products. The prices here are unchanged; check the shop at HQ, then sync again with --full to accept.",
		"removed", strconv.Itoa(d.Removed), "known", strconv.Itoa(d.Known))
	if c.keeper != nil {
		if e := c.keeper.Hold(ctx, d); e != nil {
			return e
		}
	}
	c.changed(func() { c.held = d })
	return err
}

// apply puts a change in force: on disk, in memory, in the price history.
func (c *Catalog) apply(ctx context.Context, has known, ch Change, r *Report, o Options) error {
	if ch.NewSetAside = !sameRejections(c.aside, r.Rejected); ch.NewSetAside {
		for _, bad := range r.Rejected {
			ch.SetAside = append(ch.SetAside, setAside(bad))
		}
	}
	return c.put(ctx, has, ch, r, o)
}

// put is apply without what a whole delivery says besides.
func (c *Catalog) put(ctx context.Context, has known, ch Change, r *Report, o Options) (err error) {
	inStep := c.recorded.inStep(c.mark)
	if touched := len(ch.Put)+len(ch.Remove) > 0; touched {
		ch.Mark = Mark{No: max(c.mark.No, c.recorded.begun) + 1, At: c.now(), By: o.By, Why: o.Why}
		r.No = ch.Mark.No
	}
	// The index is made while the disk is busy.
	index := make(chan *Index, 1)
	go func() {
		if ch.Mark.No == 0 {
			index <- c.Index()
			return
		}
		ix := c.Index().With(ch)
		ix.Prepare()
		index <- ix
	}()
	r.RowsWritten, err = c.store.Apply(ctx, ch)
	made := <-index
	if err != nil {
		if fault.CodeOf(err) == "catalog.set_aside" { // the store is another one now
			err = errors.Join(err, c.reload(ctx))
		}
		return err
	}
	c.changed(func() {
		if c.index = made.WithSales(c.sold); !ch.PricesOnly {
			c.syncedAt, c.aside, c.held = ch.At, r.Rejected, HeldDelivery{}
		}
		if ch.Mark.No > 0 {
			c.mark = ch.Mark
		}
	})
	if ch.Mark.No == 0 {
		return nil
	}
	return c.record(context.WithoutCancel(ctx), ch.Mark, inStep, has.priceChanges(ch))
}
