package catalog_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/money"
)

// A product that comes back is the same one, with its history.
func TestAProductComesBack(t *testing.T) {
	s := newShop(t, 5)
	s.sync(catalog.Options{})
	gone := s.hq.offers[4]
	s.hq.offers = s.hq.offers[:4]
	s.sync(catalog.Options{})
	if _, has := s.c.Index().ByProductID(gone.ProductID); has {
		t.Fatal("still sold")
	}
	gone.Price = yuan("6.10")
	s.hq.offers = append(s.hq.offers, gone)
	if r := s.sync(catalog.Options{}); r.Added != 1 || r.RowsWritten != 1 || s.price(5) != 610 {
		t.Errorf("%+v", r)
	}
	s.reopen()
	history, err := s.ledger.PricesOf(t.Context(), 5, 0)
	if err != nil || len(history) != 3 || history[0].Was.Listed || history[0].Now.Price != 610 || history[1].Now.Listed || s.price(5) != 610 {
		t.Errorf("%+v %v", history, err)
	}
}

// What a start leaves for later is not known until it is read, is there before
// HQ's list is held against it, and is read once.
func TestStockCanBeReadLater(t *testing.T) {
	s := newShop(t, 25)
	s.sync(catalog.Options{})
	for i := range int64(25) {
		s.stock = append(s.stock, catalog.StockOffer{ProductID: i + 1, Qty: decimal.New(i, 0), HasQty: true})
	}
	_, err := s.c.SyncStock(t.Context(), nil)
	s.ok(err)
	later := func() *catalog.Catalog {
		t.Helper()
		c, err := catalog.Open(t.Context(), catalog.Params{Store: s.db, Source: s.hq, Stock: s, PageSize: 10, Now: s.now, StockLater: true})
		s.ok(err)
		if _, known := c.Stock(3); known || !c.StockAt().IsZero() || c.Index().Len() != 25 {
			t.Error("the stock was read")
		}
		return c
	}
	c, told := later(), 0
	c.OnChange(func() { told++ })
	for range 2 {
		s.ok(c.ReadStock(t.Context()))
	}
	if q, known := c.Stock(3); !known || q.String() != "2" || told != 1 || !c.StockAt().Equal(s.clock) {
		t.Errorf("%v %v, told %d times", q, known, told)
	}
	s.stock = s.stock[:24] // the last one is to be forgotten, so what was known has to be
	r, err := later().SyncStock(t.Context(), nil)
	s.ok(err)
	if r.RowsWritten != 1 || r.Removed != 1 {
		t.Errorf("%+v", r)
	}
}

func TestStockIsKeptApartFromPrices(t *testing.T) {
	s := newShop(t, 25)
	s.sync(catalog.Options{})
	for i := range int64(25) {
		s.stock = append(s.stock, catalog.StockOffer{ProductID: i + 1, Qty: decimal.New(i*12345, -4), HasQty: true})
	}
	s.stock[3].Qty = yuan("0.00001")
	s.stock[4].HasQty = false
	s.stock[5].Err = errors.New("两箱")
	s.stock[6].Qty = yuan("-3.5")
	sync := func() catalog.StockReport {
		t.Helper()
		r, err := s.c.SyncStock(t.Context(), nil)
		s.ok(err)
		return r
	}
	if r := sync(); r.Products != 22 || r.Rejected != 3 || r.RowsWritten != 22 || r.Pages != 3 {
		t.Fatalf("%+v", r)
	}
	if r := sync(); r.RowsWritten != 0 {
		t.Errorf("%+v", r)
	}
	s.stock[6].Qty = yuan("0")
	s.stock = s.stock[:24]
	s.clock = s.clock.Add(time.Hour)
	if r := sync(); r.RowsWritten != 2 || r.Changed != 1 || r.Removed != 1 {
		t.Errorf("%+v", r)
	}
	s.reopen()
	for id, want := range map[int64]string{1: "0", 2: "1.2345", 3: "2.469", 4: "?", 7: "0", 25: "?"} {
		got := "?"
		if q, known := s.c.Stock(id); known {
			got = q.String()
		}
		if got != want {
			t.Errorf("product %d: %s, want %s", id, got, want)
		}
	}
	if !s.c.StockAt().Equal(s.clock) {
		t.Errorf("from %s", s.c.StockAt())
	}
	if r := s.sync(catalog.Options{}); r.RowsWritten != 0 {
		t.Errorf("stock changed a product: %+v", r)
	}
	if all, err := s.ledger.PricesSince(t.Context(), time.Time{}, 0); err != nil || len(all) != 25 {
		t.Errorf("%d entries, %v", len(all), err)
	}
}

func TestQty(t *testing.T) {
	for q, want := range map[catalog.Qty]string{0: "0", 1: "0.0001", -1: "-0.0001", 120_000: "12", 5000: "0.5", -32_500: "-3.25", -1 << 63: "-922337203685477.5808"} {
		if q.String() != want {
			t.Errorf("%d is %s, want %s", int64(q), q, want)
		}
	}
}

// What changed since a moment, newest first.
func TestWhatChangedSince(t *testing.T) {
	s := newShop(t, 5)
	s.sync(catalog.Options{})
	s.clock = s.clock.Add(8 * time.Hour)
	shift := s.clock
	for _, price := range []string{"6", "6.5"} {
		s.clock = s.clock.Add(time.Minute)
		s.hq.offers[0].Price, s.hq.offers[1].Price = yuan(price), yuan(price)
		s.sync(catalog.Options{})
	}
	got, err := s.ledger.PricesSince(t.Context(), shift, 3)
	s.ok(err)
	var list []money.Fen
	for _, e := range got {
		list = append(list, e.Now.Price)
	}
	if !slices.Equal(list, []money.Fen{650, 650, 600}) || got[0].SyncNo != 3 || !got[0].At.Equal(s.clock) {
		t.Errorf("%v %+v", list, got)
	}
}

// A history that cannot be written holds no price up, and is made up for.
func TestAHistoryThatIsLate(t *testing.T) {
	s := newShop(t, 5)
	s.sync(catalog.Options{})
	broken := &stubborn{History: s.ledger, err: errors.New("the disk is full")}
	warned := 0
	c, err := catalog.Open(t.Context(), catalog.Params{
		Store: s.db, Source: s.hq, History: broken, PageSize: 10, Now: s.now, Warn: func(error) { warned++ },
	})
	s.ok(err)
	s.hq.offers[0].Price = yuan("6")
	if _, err := c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "catalog.history_late" {
		t.Fatal(err)
	}
	if p, _ := c.Index().ByProductID(1); p.Price != 600 {
		t.Errorf("%s", p.Price)
	}
	if _, err := c.Sync(t.Context(), false, nil); err != nil || warned != 1 {
		t.Errorf("nothing changed: %v, warned %d times", err, warned)
	}
	broken.err = nil
	_, err = c.Sync(t.Context(), false, nil)
	s.ok(err)
	if history, err := s.ledger.PricesOf(t.Context(), 1, 0); err != nil || len(history) != 2 || history[0].SyncNo != 2 {
		t.Errorf("%+v %v", history, err)
	}
}

// stubborn is a history that cannot be written while err is set.
type stubborn struct {
	catalog.History
	err error
}

func (s *stubborn) Record(ctx context.Context, r catalog.Record) error {
	if s.err != nil {
		return s.err
	}
	return s.History.Record(ctx, r)
}
