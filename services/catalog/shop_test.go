package catalog_test

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/money"
)

// shop is a catalogue on real files that can be opened again.
type shop struct {
	*testing.T
	dir      string
	hq       *hq
	stock    []catalog.StockOffer
	hold     catalog.Hold
	pageSize int // 0: ten
	looks    sync.Mutex
	clock    time.Time
	step     time.Duration // how far the clock goes each time it is looked at
	ledger   *localdb.Ledger
	db       *localdb.Catalog
	c        *catalog.Catalog
}

func newShop(t *testing.T, n int) *shop {
	s := &shop{T: t, dir: t.TempDir(), hq: &hq{offers: many(n)}, clock: time.UnixMilli(1_800_000_000_000)}
	s.open()
	t.Cleanup(s.shut)
	return s
}

func (s *shop) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shop) now() time.Time {
	s.looks.Lock()
	defer s.looks.Unlock()
	s.clock = s.clock.Add(s.step)
	return s.clock
}

func (s *shop) open() {
	s.Helper()
	var err error
	s.ledger, err = localdb.Open(s.Context(), localdb.Params{Path: filepath.Join(s.dir, "ledger.db"), Now: s.now})
	s.ok(err)
	s.db, err = localdb.OpenCatalog(s.Context(), localdb.CatalogParams{Path: filepath.Join(s.dir, "catalog.db"), Now: s.now})
	s.ok(err)
	s.c, err = catalog.Open(s.Context(), catalog.Params{
		Store: s.db, Source: s.hq, Stock: s, History: s.ledger, Hold: s.hold, PageSize: cmp.Or(s.pageSize, 10), Now: s.now, Warn: func(err error) { s.Error(err) },
	})
	s.ok(err)
}

func (s *shop) shut() { s.ok(errors.Join(s.db.Shut(), s.ledger.Shut())) }

func (s *shop) reopen() {
	s.Helper()
	s.shut()
	s.open()
}

func (s *shop) sync(o catalog.Options) catalog.Report {
	s.Helper()
	r, err := s.c.SyncWith(s.Context(), o, nil)
	s.ok(err)
	return r
}

func (s *shop) price(id int64) money.Fen {
	p, _ := s.c.Index().ByProductID(id)
	return p.Price
}

// StockPage implements catalog.StockSource.
func (s *shop) StockPage(_ context.Context, index, size int) (catalog.StockPage, error) {
	from := min((index-1)*size, len(s.stock))
	return catalog.StockPage{Offers: s.stock[from:min(from+size, len(s.stock))], Total: len(s.stock)}, nil
}

func yuan(s string) decimal.Decimal { return decimal.RequireFromString(s) }
