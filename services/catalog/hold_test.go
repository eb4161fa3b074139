package catalog_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/fault"
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

// One price with its point in the wrong place waits; the rest goes on.
func TestAJumpOfPriceWaitsForAManager(t *testing.T) {
	for name, c := range map[string]struct {
		hold          catalog.Hold
		price, member string // from 5.98 and 5.00
		held          bool
	}{
		"ten times dearer":          {price: "59.80", member: "50", held: true},
		"ten times cheaper":         {price: "0.60", member: "0.5", held: true},
		"for nothing":               {price: "0", held: true},
		"only for members":          {price: "5.98", member: "0.60", held: true},
		"members as everybody":      {price: "5.98", member: "0"},
		"seven times dearer":        {price: "41.86", member: "35"},
		"a seventh":                 {price: "0.86", member: "0.72"},
		"twice, where that is held": {hold: catalog.Hold{Factor: 2}, price: "11.96", member: "9.99", held: true},
		"ten times, where never":    {hold: catalog.Hold{Factor: math.MaxInt64}, price: "59.80", member: "50"},
		"eight times exactly":       {price: "47.84", member: "39.99", held: true},
		"an eighth and a bit":       {price: "0.75", member: "0.63"},
		"below an eighth":           {price: "0.74", member: "0.63", held: true},
		"ten times, where none is":  {hold: catalog.Hold{Factor: 1}, price: "59.80", member: "50"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 5)
			for i := range s.hq.offers {
				s.hq.offers[i].MemberPrice = yuan("5")
			}
			s.sync(catalog.Options{})
			s.hold = c.hold
			s.reopen()
			s.hq.offers[1].Price, s.hq.offers[1].MemberPrice = yuan(c.price), yuan("0")
			if c.member != "" {
				s.hq.offers[1].MemberPrice = yuan(c.member)
			}
			s.hq.offers[2].Price = yuan("6")
			r := s.sync(catalog.Options{})
			was := s.price(2)
			if got := r.Held == 1; got != c.held || s.price(3) != 600 {
				t.Fatalf("held %v: %+v", got, r)
			}
			if !c.held {
				return
			}
			if was != 598 || r.Changed != 1 || fault.CodeOf(r.Rejected[0].Reason) != "catalog.price_jump" {
				t.Fatalf("%s: %+v", was, r)
			}
			s.reopen() // a manager looks at it later, in another program
			waits := s.c.SetAside()
			if len(waits) != 1 || !waits[0].Held || waits[0].Offer.ProductID != 2 || waits[0].Reason.Error() != r.Rejected[0].Reason.Error() {
				t.Fatalf("%+v", waits)
			}
			if again := s.sync(catalog.Options{}); again.Held != 1 || again.RowsWritten != 0 {
				t.Errorf("%+v", again)
			}
			s.hq.offers[1].Price = yuan("777")
			if other := s.sync(catalog.Options{Accept: waits}); other.Held != 1 || s.price(2) != 598 {
				t.Errorf("accepted a price nobody has seen: %+v", other)
			}
			if done := s.sync(catalog.Options{Accept: s.c.SetAside(), By: "梅"}); done.Held != 0 || s.price(2) != 77700 || len(s.c.SetAside()) != 0 {
				t.Errorf("%+v", done)
			}
			history, err := s.ledger.PricesOf(t.Context(), 2, 0)
			if err != nil || len(history) != 2 || history[0].By != "梅" || history[0].Was.Price != 598 || history[0].Now.Price != 77700 || history[1].Was.Listed {
				t.Errorf("%+v %v", history, err)
			}
		})
	}
}

// loseCache begins anew without catalog.db, as after damage to it.
func (s *shop) loseCache() {
	s.Helper()
	s.shut()
	files, err := filepath.Glob(filepath.Join(s.dir, "catalog.db*"))
	s.ok(err)
	for _, f := range files {
		s.ok(os.Remove(f))
	}
	s.open()
}

// What a product last cost outlasts its removal and the cache: the price history
// knows it, and a jump is held against that.
func TestAJumpIsHeldAgainstTheHistory(t *testing.T) {
	const at = 3
	gone := func(s *shop) {
		was := s.hq.offers[at]
		s.hq.offers = slices.Delete(s.hq.offers, at, at+1)
		s.sync(catalog.Options{})
		s.hq.offers = slices.Insert(s.hq.offers, at, was)
	}
	for name, c := range map[string]struct {
		meanwhile func(*shop)
		price     string
		held      bool
	}{
		"off the list and on it":            {gone, "59.80", true},
		"off the list, on it for nothing":   {gone, "0", true},
		"off the list, on it a bit dearer":  {gone, "6.98", false},
		"a lost cache":                      {(*shop).loseCache, "59.80", true},
		"a lost cache, a bit cheaper":       {(*shop).loseCache, "4.98", false},
		"off the list, then a lost cache":   {func(s *shop) { gone(s); s.loseCache() }, "59.80", true},
		"held across another lost cache":    {func(s *shop) { s.loseCache(); s.tenfold(at); s.sync(catalog.Options{}); s.loseCache() }, "59.80", true},
		"off the list, and none is held so": {func(s *shop) { gone(s); s.hold.Factor = 1; s.reopen() }, "59.80", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 25)
			s.sync(catalog.Options{})
			c.meanwhile(s)
			s.hq.offers[at].Price = yuan(c.price)
			id := s.hq.offers[at].ProductID
			r := s.sync(catalog.Options{})
			_, sold := s.c.Index().ByProductID(id)
			if r.Held == 1 != c.held || sold == c.held || s.c.Index().Len()+r.Held != 25 {
				t.Fatalf("held %d, on sale %v at %s", r.Held, sold, s.price(id))
			}
			if !c.held {
				return
			}
			waits := s.c.SetAside()
			if len(waits) != 1 || !waits[0].Held || fault.CodeOf(waits[0].Reason) != "catalog.price_jump_back" || !strings.Contains(waits[0].Reason.Error(), "5.98") {
				t.Fatalf("%+v", waits)
			}
			if again := s.sync(catalog.Options{}); again.Held != 1 || again.RowsWritten != 0 {
				t.Errorf("%+v", again)
			}
			want, err := catalog.Accept(s.hq.offers[at])
			s.ok(err)
			if done := s.sync(catalog.Options{Accept: waits, By: "梅"}); done.Held != 0 || done.Added != 1 || s.price(id) != want.Price {
				t.Errorf("%+v", done)
			}
		})
	}
	t.Run("a full sync", func(t *testing.T) {
		s := newShop(t, 25)
		s.sync(catalog.Options{})
		s.loseCache()
		s.tenfold(at)
		if r := s.sync(catalog.Options{Full: true, By: "梅"}); r.Held != 0 || r.Added != 25 {
			t.Errorf("%+v", r)
		}
	})
}

func (s *shop) tenfold(i int) { s.hq.offers[i].Price = s.hq.offers[i].Price.Shift(1) }

// The first sync of a till reads once; after a lost cache the price history has
// something that could become half new, for good.
func TestAMovingListIsReadTwiceAfterALostCache(t *testing.T) {
	s := newShop(t, 25)
	if r := s.sync(catalog.Options{}); r.Pages != 3 {
		t.Errorf("%d pages for a first sync", r.Pages)
	}
	s.loseCache()
	moved := false
	s.hq.before = func(index int) error {
		if index == 2 && !moved { // one goes while another comes: 11 slips past
			moved = true
			s.hq.offers = append(s.hq.offers[1:], offer(99, nil))
		}
		return nil
	}
	r := s.sync(catalog.Options{})
	if _, sold := s.c.Index().ByProductID(11); !sold || r.Products != 25 || r.Pages < 6 {
		t.Errorf("11 sold: %v, %+v", sold, r)
	}
	if history, err := s.ledger.PricesOf(t.Context(), 11, 0); err != nil || len(history) != 1 {
		t.Errorf("%+v %v", history, err)
	}
}

func TestADeliveryThatEmptiesTheShopIsHeld(t *testing.T) {
	for name, c := range map[string]struct {
		hold        catalog.Hold
		before, now int
		held        bool
	}{
		"half":                      {before: 40, now: 20},
		"more than half":            {before: 40, now: 19, held: true},
		"more than half of few":     {before: 19, now: 1},
		"all of few":                {before: 2, now: 0, held: true},
		"a tenth, where that is":    {hold: catalog.Hold{Removed: 5}, before: 40, now: 36, held: true},
		"nearly all, where none is": {hold: catalog.Hold{Removed: 100}, before: 40, now: 1},
		"nearly all, beyond reason": {hold: catalog.Hold{Removed: math.MaxInt64}, before: 40, now: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, c.before)
			s.hold = c.hold
			s.reopen()
			s.sync(catalog.Options{})
			at := s.c.SyncedAt()
			s.clock = s.clock.Add(time.Hour)
			s.hq.offers = s.hq.offers[:c.now]
			_, err := s.c.Sync(t.Context(), false, nil)
			if !c.held {
				s.ok(err)
				return
			}
			if fault.CodeOf(err) != "catalog.suspicious" || s.c.Index().Len() != c.before || !s.c.SyncedAt().Equal(at) {
				t.Fatalf("%v, %d products, %s", err, s.c.Index().Len(), s.c.SyncedAt())
			}
			s.reopen()
			d, held := s.c.Held()
			if !held || d.Known != c.before || d.Delivered != c.now || d.Removed != c.before-c.now || !d.At.Equal(s.clock) {
				t.Errorf("%+v %v", d, held)
			}
			s.sync(catalog.Options{Full: true, By: "梅"})
			if _, held := s.c.Held(); held || s.c.Index().Len() != c.now {
				t.Errorf("accepted, and %d products", s.c.Index().Len())
			}
		})
	}
}

// A sync that was cut off does not begin anew, unless the list has moved or it
// was long ago; and what changed meanwhile in the pages read before is seen.
func TestASyncGoesOnWhereItWasCutOff(t *testing.T) {
	const pages = 10
	for name, c := range map[string]struct {
		meanwhile func(*shop)
		resumed   bool
	}{
		"at once":              {func(*shop) {}, true},
		"after a restart":      {(*shop).reopen, true},
		"after a price change": {func(s *shop) { s.hq.offers[25].Price = yuan("7") }, true},
		"much later":           {func(s *shop) { s.clock = s.clock.Add(11 * time.Minute) }, false},
		"with one more":        {func(s *shop) { s.hq.offers = append(s.hq.offers, offer(999, nil)) }, false},
		"in another order":     {func(s *shop) { s.hq.offers = append(s.hq.offers[5:], s.hq.offers[:5]...) }, false},
		"the clock set back":   {func(s *shop) { s.clock = s.clock.Add(-time.Hour) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, 10*pages-5)
			s.step = time.Second
			asked := 0
			s.hq.before = func(index int) error {
				if asked++; index == 8 {
					return fault.New(fault.Unreachable, "hq.down", "cut off")
				}
				return nil
			}
			if _, err := s.c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "hq.down" || s.c.Index().Len() != 0 {
				t.Fatalf("%v, %d products", err, s.c.Index().Len())
			}
			s.hq.before = nil
			c.meanwhile(s)
			r := s.sync(catalog.Options{})
			if got := r.Resumed == 7; got != c.resumed {
				t.Errorf("gone on from %d pages", r.Resumed)
			}
			if c.resumed && r.Changed == 0 && r.Pages != 2+3+pages {
				t.Errorf("%d pages asked for", r.Pages)
			}
			if s.c.Index().Len() != len(s.hq.offers) {
				t.Errorf("%d products, HQ has %d", s.c.Index().Len(), len(s.hq.offers))
			}
			for _, o := range s.hq.offers {
				if want, _ := catalog.Accept(o); want.Price != s.price(o.ProductID) {
					t.Errorf("product %d costs %s, at HQ %s", o.ProductID, s.price(o.ProductID), want.Price)
				}
			}
			if left, err := s.db.Staged(t.Context()); err != nil || len(left.Pages) != 0 {
				t.Errorf("%d pages are left, %v", len(left.Pages), err)
			}
		})
	}
}

// cutOff has HQ fail at page 8 of a reading that began at a moment.
func (s *shop) cutOff() (began time.Time) {
	s.Helper()
	s.hq.before = func(index int) error {
		switch index {
		case 1:
			began = s.clock
		case 8:
			return fault.New(fault.Unreachable, "hq.down", "cut off")
		}
		return nil
	}
	if _, err := s.c.Sync(s.Context(), false, nil); fault.CodeOf(err) != "hq.down" {
		s.Fatal(err)
	}
	s.hq.before = nil
	return began
}

// Prices are from when the oldest of them was asked for, not from when the last
// was there.
func TestPricesAreAsOldAsTheOldestOfThem(t *testing.T) {
	s := newShop(t, 95)
	s.step = time.Second
	from := func(began time.Time) {
		t.Helper()
		if at := s.c.SyncedAt(); at.After(began) || began.Sub(at) > 5*time.Second {
			t.Errorf("a reading that began at %s is from %s", began, at)
		}
	}
	began := s.cutOff()
	s.clock = s.clock.Add(5 * time.Minute)
	s.hq.before = func(int) error {
		if s.c.Index().Len() > 0 { // what was gone on with is in force; the reading after it fails
			return fault.New(fault.Unreachable, "hq.down", "cut off again")
		}
		return nil
	}
	if _, err := s.c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "hq.down" || s.c.Index().Len() != 95 {
		t.Fatalf("%v, %d products", err, s.c.Index().Len())
	}
	from(began)
	began = time.Time{}
	s.hq.before = func(index int) error {
		if began.IsZero() {
			began = s.clock
		}
		return nil
	}
	s.sync(catalog.Options{})
	from(began)
}

// A reading begun anew is as old as itself, whatever was staged before it.
func TestAReadingBegunAnewIsStagedAsItsOwn(t *testing.T) {
	s := newShop(t, 95)
	s.step = time.Second
	s.cutOff()
	s.clock = s.clock.Add(5 * time.Minute)
	s.hq.offers = append(s.hq.offers[1:], offer(99, nil))
	began := s.cutOff()
	left, err := s.db.Staged(t.Context())
	if err != nil || len(left.Pages) != 7 || left.Began.After(began) || began.Sub(left.Began) > 10*time.Second {
		t.Errorf("%d pages from %s, begun at %s, %v", len(left.Pages), left.Began, began, err)
	}
}

// Pages of another size are no part of this reading: HQ is not even asked.
func TestAStageOfAnotherPageSizeIsNotLookedAt(t *testing.T) {
	s := newShop(t, 95)
	s.step = time.Second
	s.cutOff()
	s.pageSize = 20
	s.reopen()
	if r := s.sync(catalog.Options{}); r.Resumed != 0 || r.Pages != 5 || r.Products != 95 {
		t.Errorf("%+v", r)
	}
}

func TestAQuickSyncStagesNothing(t *testing.T) {
	s := newShop(t, 95)
	s.hq.before = func(int) error {
		if left, err := s.db.Staged(t.Context()); err != nil || len(left.Pages) != 0 {
			t.Errorf("%d pages, %v", len(left.Pages), err)
		}
		return nil
	}
	s.sync(catalog.Options{})
}

// Nothing of a list without end is left behind.
func TestAnEndlessListLeavesNoStage(t *testing.T) {
	s := newShop(t, 1200)
	s.step, s.hq.lie = time.Second, -1150
	staged := 0
	s.hq.before = func(int) error {
		left, err := s.db.Staged(t.Context())
		staged = max(staged, len(left.Pages))
		return err
	}
	if _, err := s.c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "catalog.wrong_total" {
		t.Fatal(err)
	}
	if left, err := s.db.Staged(t.Context()); err != nil || len(left.Pages) != 0 || staged == 0 || staged > 101 {
		t.Errorf("%d pages are left of %d, %v", len(left.Pages), staged, err)
	}
}

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
