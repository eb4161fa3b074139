package catalog

import (
	"context"
	"errors"
	"sort"
	"strconv"
	"sync"
	"time"

	"cashier/services/fault"
)

// Page is one page of HQ's product list: a row of HQ's gives one offer, even one
// that could not be read.
type Page struct {
	Offers []Offer
	Total  int // how many products HQ says there are in all; 0 where it does not say
}

// Source is HQ as the sync needs it. Index counts from 1. Errors are faults:
// Unreachable, Credentials, Contract or Refused.
type Source interface {
	ProductPage(ctx context.Context, index, size int) (Page, error)
}

// Change is what one sync does to the cache.
type Change struct {
	Put    []Product // new or different
	Remove []int64   // product ids HQ no longer lists
	At     time.Time // when HQ was asked
}

// Store is the cache on disk. Apply writes the whole change in one
// transaction: a reader sees the cache before or after it, never between.
type Store interface {
	Products(ctx context.Context) ([]Product, error)
	Apply(ctx context.Context, c Change) (rows int, err error)
	SyncedAt(ctx context.Context) (time.Time, error) // zero: never
}

// Rejection is a product HQ delivered that cannot be sold, and why.
type Rejection struct {
	Offer  Offer
	Reason error
}

// Report is what a sync did. A rejected product counts as none of the others: one
// that was on sale before stays so at its last good price, until HQ corrects it
// or drops it from its list; one that was not stays unknown to the till.
type Report struct {
	Products, Added, Changed, Removed, Unchanged int
	RowsWritten, Pages                           int
	Rejected                                     []Rejection
	Duration                                     time.Duration
}

// Progress is told after each page: products read so far, of how many.
type Progress func(read, total int)

// Params of a Catalog.
type Params struct {
	Store    Store
	Source   Source
	PageSize int
	Now      func() time.Time
}

// Catalog is the shop's products in memory, in step with the store. Reading is
// lock-free of the store; one sync runs at a time.
type Catalog struct {
	store    Store
	source   Source
	pageSize int
	now      func() time.Time

	syncing sync.Mutex

	mu       sync.RWMutex
	index    *Index
	syncedAt time.Time
	watchers []func()
}

// Open loads the cache. It fails only where the store does.
func Open(ctx context.Context, p Params) (*Catalog, error) {
	if p.Store == nil || p.Source == nil || p.Now == nil {
		return nil, errors.New("catalog: Store, Source and Now are required")
	}
	if p.PageSize <= 0 {
		p.PageSize = 100
	}
	c := &Catalog{store: p.Store, source: p.Source, pageSize: p.PageSize, now: p.Now}
	if err := c.reload(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Catalog) reload(ctx context.Context) error {
	products, err := c.store.Products(ctx)
	if err != nil {
		return err
	}
	at, err := c.store.SyncedAt(ctx)
	if err != nil {
		return err
	}
	index := NewIndex(products)
	c.mu.Lock()
	c.index, c.syncedAt = index, at
	watchers := c.watchers
	c.mu.Unlock()
	for _, w := range watchers {
		w()
	}
	return nil
}

// OnChange registers a function called after each sync that touched the cache
// or its freshness. It is called from the syncing goroutine.
func (c *Catalog) OnChange(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers = append(c.watchers, f)
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

// errRunning leaves the cache as it was.
var errRunning = fault.New(fault.Busy, "catalog.sync_running", "A price sync is already running; wait for it to finish.")

// Sync reads HQ's whole list, compares it with the cache and applies the
// difference in one transaction. Products that cannot be sold are set aside
// with their reason and keep their last good row. full rewrites every row and
// accepts a delivery that would otherwise be held as suspicious. Faults of its
// own, all of which leave the cache as it was: sync_running (Busy), suspicious
// (Refused), and moving, page_base, repeated, total_varies and wrong_total
// (Contract), for a list that does not add up.
func (c *Catalog) Sync(ctx context.Context, full bool, progress Progress) (Report, error) {
	if !c.syncing.TryLock() {
		return Report{}, errRunning
	}
	defer c.syncing.Unlock()
	if progress == nil {
		progress = func(int, int) {}
	}
	start := c.now()
	offers, pages, err := c.readAll(ctx, progress)
	if err != nil {
		return Report{}, err
	}
	old, err := c.store.Products(ctx)
	if err != nil {
		return Report{}, err
	}
	report, change := compare(old, offers, full)
	report.Pages = pages
	change.At = start
	if !full && suspicious(len(old), len(offers), report) {
		return report, fault.New(fault.Refused, "catalog.suspicious",
			"HQ would remove {removed} of {known} products. The prices here are unchanged; check the shop at HQ, then sync again with --full to accept.",
			"removed", strconv.Itoa(report.Removed), "known", strconv.Itoa(len(old)))
	}
	if report.RowsWritten, err = c.store.Apply(ctx, change); err != nil {
		return report, err
	}
	if err := c.reload(ctx); err != nil {
		return report, err
	}
	report.Duration = c.now().Sub(start)
	return report, nil
}

func compare(old []Product, offers []Offer, full bool) (Report, Change) {
	var r Report
	var ch Change
	known := make(map[int64]Product, len(old))
	for _, p := range old {
		known[p.ProductID] = p
	}
	for _, o := range offers {
		before, had := known[o.ProductID]
		delete(known, o.ProductID)
		p, err := Accept(o)
		switch {
		case err != nil:
			r.Rejected = append(r.Rejected, Rejection{Offer: o, Reason: err})
			continue
		case !had:
			r.Added++
		case before.Equal(p):
			r.Unchanged++
		default:
			r.Changed++
		}
		r.Products++
		if full || !had || !before.Equal(p) {
			ch.Put = append(ch.Put, p)
		}
	}
	for id := range known {
		ch.Remove = append(ch.Remove, id)
	}
	sort.Slice(ch.Remove, func(i, j int) bool { return ch.Remove[i] < ch.Remove[j] })
	r.Removed = len(ch.Remove)
	return r, ch
}

// suspicious holds back a delivery that would empty the shop: a wrong shop id
// or an HQ in trouble looks just like that. In a small shop half the products
// may well go in one day, but never all with nothing in their place.
func suspicious(known, delivered int, r Report) bool {
	return known > 0 && delivered == 0 || known >= 20 && r.Removed*2 > known
}
