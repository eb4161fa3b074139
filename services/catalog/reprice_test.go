package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/money"
)

func (s *shop) reprice(id int64, price string, why string) {
	s.Helper()
	fen, err := money.FenFromDecimal(yuan(price))
	s.ok(err)
	s.ok(s.c.Priced(s.Context(), map[int64]catalog.Prices{id: {Listed: true, Price: fen}}, "梅", why))
}

// told is the price history of a product, oldest first.
func (s *shop) told(id int64) string {
	s.Helper()
	list, err := s.ledger.PricesOf(s.Context(), id, 0)
	s.ok(err)
	var words []string
	for i := len(list) - 1; i >= 0; i-- {
		e := list[i]
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Now.Price.Yuan(), e.By, e.Why)))
	}
	return strings.Join(words, "; ")
}

func TestAPriceIsFollowedAtOnce(t *testing.T) {
	s := newShop(t, 25)
	s.sync(catalog.Options{})
	was, synced := s.told(3), s.c.SyncedAt()
	changes := 0
	s.c.OnChange(func() { changes++ })
	s.clock = s.clock.Add(time.Hour)
	s.reprice(3, "6.66", "春季调价")
	s.reprice(3, "6.66", "again")
	s.reprice(999, "1.00", "not sold here")
	want := was + "; 6.66 梅 春季调价"
	if s.price(3) != 666 || s.told(3) != want || changes != 1 {
		t.Errorf("%s, %q, %d changes", s.price(3), s.told(3), changes)
	}
	if !s.c.SyncedAt().Equal(synced) {
		t.Error("the prices were said to be of now, and HQ's list was not read")
	}
	s.reopen()
	if s.price(3) != 666 || s.told(3) != want || !s.c.SyncedAt().Equal(synced) {
		t.Errorf("after a restart: %s, %q", s.price(3), s.told(3))
	}
	s.hq.offers[2].Price = yuan("6.66")
	if r := s.sync(catalog.Options{}); r.Changed != 0 || s.told(3) != want {
		t.Errorf("a sync doubled it: %+v, %q", r, s.told(3))
	}
	if err := s.c.Priced(t.Context(), map[int64]catalog.Prices{1: {Listed: true, Price: -1}}, "", ""); fault.KindOf(err) != fault.Internal || s.price(1) < 0 {
		t.Error(err)
	}
}

// A sync that is held, or set something aside, is not forgotten over a price.
func TestAPriceLeavesTheLastSyncAlone(t *testing.T) {
	s := newShop(t, 40)
	s.sync(catalog.Options{})
	all := s.hq.offers
	s.hq.offers = all[:5]
	if _, err := s.c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "catalog.suspicious" {
		t.Fatal(err)
	}
	s.reprice(1, "6.66", "x")
	if _, held := s.c.Held(); !held {
		t.Error("the held delivery is gone")
	}
	s.reopen()
	if _, held := s.c.Held(); !held {
		t.Error("the held delivery is gone from the disk")
	}
}

// Whenever a price is changed while a sync reads, the sync neither undoes it nor
// puts it into the history twice.
func TestASyncMeanwhile(t *testing.T) {
	for page := 1; page <= 3; page++ { // product 15 is on page 2
		s := newShop(t, 25)
		s.sync(catalog.Options{})
		was := s.told(15)
		s.hq.before = func(index int) error {
			if index == page {
				s.hq.before = nil
				release := s.c.HoldPrices([]int64{15})
				s.hq.offers[14].Price = yuan("6.66")
				s.reprice(15, "6.66", "春季调价")
				release()
			}
			return nil
		}
		s.sync(catalog.Options{})
		s.sync(catalog.Options{})
		if s.price(15) != 666 || s.told(15) != was+"; 6.66 梅 春季调价" {
			t.Errorf("page %d: %s, %q", page, s.price(15), s.told(15))
		}
	}
	// HQ has it, the sync has read it, and the till has yet to say why.
	s := newShop(t, 25)
	s.sync(catalog.Options{})
	was := s.told(15)
	release := s.c.HoldPrices([]int64{15})
	s.hq.offers[14].Price = yuan("6.66")
	s.sync(catalog.Options{})
	s.reprice(15, "6.66", "春季调价")
	release()
	s.sync(catalog.Options{})
	if s.told(15) != was+"; 6.66 梅 春季调价" {
		t.Errorf("%q", s.told(15))
	}
}

// A sync that was cut off before a price was changed does not bring the old one
// back when it is gone on with.
func TestASyncGoneOnWith(t *testing.T) {
	s := newShop(t, 95)
	s.sync(catalog.Options{})
	s.hq.offers[80].Price = yuan("9.99") // so that pages are worth keeping
	s.hq.offers[1].Price = yuan("8.88")
	s.hq.before = func(index int) error {
		if index == 9 {
			return errors.New("the cable is out")
		}
		return nil
	}
	if _, err := s.c.Sync(t.Context(), false, nil); err == nil {
		t.Fatal("not cut off")
	}
	s.hq.before = nil
	was := s.told(5)
	s.hq.offers[4].Price = yuan("6.66")
	s.reprice(5, "6.66", "春季调价")
	s.reopen()
	s.sync(catalog.Options{})
	if s.price(5) != 666 || s.told(5) != was+"; 6.66 梅 春季调价" || s.price(2) != 888 {
		t.Errorf("%s, %q", s.price(5), s.told(5))
	}
}

// Prices changed here and elsewhere, in any order with syncs: the cache ends with
// HQ's, and each change is in the history once and goes on from the one before.
func TestRepricingPromises(t *testing.T) {
	s := newShop(t, 25)
	s.hold.Factor = 1
	s.reopen()
	s.sync(catalog.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		change := func() {
			id := rapid.Int64Range(1, 25).Draw(rt, "id")
			price := rapid.Int64Range(1, 9).Draw(rt, "price")
			s.hq.offers[id-1].Price = yuan(fmt.Sprint(price))
			if rapid.Bool().Draw(rt, "here") {
				release := s.c.HoldPrices([]int64{id})
				defer release()
				err := s.c.Priced(context.Background(), map[int64]catalog.Prices{id: {Listed: true, Price: money.Fen(price * 100), Member: memberOf(s.hq.offers[id-1])}}, "梅", "x")
				if err != nil {
					rt.Fatal(err)
				}
			}
		}
		s.hq.before = func(int) error {
			for range rapid.IntRange(0, 2).Draw(rt, "meanwhile") {
				change()
			}
			return nil
		}
		for range 3 {
			change()
			_, _ = s.c.Sync(context.Background(), false, nil) // a list that moves may be refused
		}
		s.hq.before = nil
		if _, err := s.c.Sync(context.Background(), false, nil); err != nil {
			rt.Fatal(err)
		}
		for i, o := range s.hq.offers {
			if want, _ := money.FenFromDecimal(o.Price); s.price(int64(i+1)) != want {
				rt.Fatalf("product %d: %s, and HQ has %s", i+1, s.price(int64(i+1)), o.Price)
			}
		}
	})
	found, err := s.ledger.Verify(t.Context())
	if err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

func memberOf(o catalog.Offer) money.Fen {
	f, _ := money.FenFromDecimal(o.MemberPrice)
	return f
}
