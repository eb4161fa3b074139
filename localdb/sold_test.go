package localdb

import (
	"reflect"
	"testing"
	"time"

	"cashier/services/checkout"
)

func TestSold(t *testing.T) {
	s := newShop(t)
	for _, lines := range [][]checkout.Line{{milk, apple}, {milk}, {apple}, {milk, milk}} {
		sale, events, entries := s.cashSale(lines...)
		_, err := s.Sell(t.Context(), sale, events, entries, s.act("sale.complete", sale.ID))
		s.ok(err)
	}
	s.freeze(checkout.ClassCode) // not sold yet
	m, a := milk.ProductID, apple.ProductID
	for name, c := range map[string]struct {
		since time.Time
		sales int
		want  map[int64]int
	}{
		"all":             {time.Time{}, 100, map[int64]int{m: 4, a: 2}},
		"the last two":    {time.Time{}, 2, map[int64]int{m: 2, a: 1}},
		"none since then": {s.tick().AddDate(1, 0, 0), 100, map[int64]int{}},
	} {
		if got, err := s.Sold(t.Context(), c.since, c.sales); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v %v, want %v", name, got, err, c.want)
		}
	}
}
