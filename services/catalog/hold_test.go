package catalog_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/services/catalog"
	"cashier/services/fault"
)

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
