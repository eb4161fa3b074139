package catalog_test

import (
	"testing"
	"time"

	"cashier/services/catalog"
	"cashier/services/fault"
)

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
