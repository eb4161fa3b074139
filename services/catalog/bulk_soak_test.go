//go:build !race

package catalog_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/catalog"
	"cashier/services/fault"
)

// TestBulkSoak is a shift of syncs every ten minutes, among them many that are
// cut off: neither memory nor the cache's files grow. SYNC_SOAK is how many
// shifts.
func TestBulkSoak(t *testing.T) {
	shifts, err := strconv.Atoi(os.Getenv("SYNC_SOAK"))
	if err != nil {
		shifts = 2
	}
	const products, syncs = 2000, 8 * 6
	s := newShop(t, products)
	s.step = 50 * time.Millisecond // a page
	for i := range products {
		s.stock = append(s.stock, catalog.StockOffer{ProductID: int64(i + 1), Qty: decimal.New(100, 0), HasQty: true})
	}
	r := rand.New(rand.NewPCG(1, 2))
	var early, late use
	counts := map[string]int{}
	for n := range shifts * syncs {
		s.clock = s.clock.Add(10 * time.Minute)
		for range 1 + r.IntN(5) {
			s.hq.offers[r.IntN(products)].Price = decimal.New(int64(400+r.IntN(400)), -2)
			s.stock[r.IntN(products)].Qty = decimal.New(int64(r.IntN(100)), -1)
		}
		cut := 0
		if r.IntN(3) == 0 {
			cut = 1 + r.IntN(products/10)
		}
		s.hq.before = func(index int) error {
			if index == cut {
				return fault.New(fault.Unreachable, "hq.down", "cut off")
			}
			return nil
		}
		_, err := s.c.Sync(t.Context(), false, nil)
		if err != nil && fault.CodeOf(err) != "hq.down" {
			t.Fatal(err)
		}
		counts[fault.CodeOf(err)]++
		if _, err := s.c.SyncStock(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		switch n {
		case syncs / 2:
			early = s.use()
		case shifts*syncs - 1:
			late = s.use()
		}
	}
	s.hq.before = nil
	s.sync(catalog.Options{})
	for _, o := range s.hq.offers {
		if want, _ := catalog.Accept(o); s.price(o.ProductID) != want.Price {
			t.Fatalf("product %d costs %s, at HQ %s", o.ProductID, s.price(o.ProductID), want.Price)
		}
	}
	t.Logf("%d syncs, %v; %+v, then %+v", shifts*syncs, counts, early, late)
	if counts["hq.down"] == 0 || counts[""] == 0 {
		t.Errorf("%v: nothing was tried", counts)
	}
	if late.heap > early.heap+early.heap/4+1<<20 {
		t.Errorf("memory grew from %d to %d bytes", early.heap, late.heap)
	}
	if late.files > early.files+early.files/4 {
		t.Errorf("the cache grew from %d to %d bytes", early.files, late.files)
	}
}

// use is what a till takes: live memory, and the cache with its WAL.
type use struct{ heap, files int64 }

func (s *shop) use() (u use) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.heap = int64(m.HeapAlloc)
	for _, end := range []string{"", "-wal"} {
		info, err := os.Stat(filepath.Join(s.dir, "catalog.db"+end))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		s.ok(err)
		u.files += info.Size()
	}
	return u
}
