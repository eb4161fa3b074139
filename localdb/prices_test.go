package localdb

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cashier/services/catalog"
	"cashier/services/money"
)

func listed(price, member money.Fen) catalog.Prices {
	return catalog.Prices{Listed: true, Price: price, Member: member}
}

func came(id int64, price money.Fen) catalog.PriceChange {
	return catalog.PriceChange{ProductID: id, Code: fmt.Sprint(id), Name: "茶", Now: listed(price, 0)}
}

func TestThePriceHistoryIsAppended(t *testing.T) {
	s := newShop(t)
	first := s.tick()
	s.ok(s.Record(t.Context(), catalog.Record{No: 3, At: first, Changes: []catalog.PriceChange{came(1, 500), came(2, 700)}}))
	second := catalog.PriceChange{ProductID: 1, Code: "1b", Name: "红茶", Was: listed(500, 0), Now: listed(550, 520)}
	gone := catalog.PriceChange{ProductID: 2, Code: "2", Name: "茶", Was: listed(700, 0)}
	later := catalog.Record{No: 5, At: s.tick(), By: "梅", Changes: []catalog.PriceChange{second, gone}}
	for range 2 { // the same again is no second one
		s.ok(s.Record(t.Context(), later))
	}
	s.reopen()
	got, err := s.PricesOf(t.Context(), 1, 0)
	s.ok(err)
	if len(got) != 2 || got[0].PriceChange != second || got[0].SyncNo != 5 || got[0].By != "梅" || !got[0].At.Equal(later.At.Truncate(time.Millisecond)) || got[1].Was.Listed {
		t.Errorf("%+v", got)
	}
	if got, err = s.PricesOf(t.Context(), 1, 1); err != nil || len(got) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	last, err := s.LastPrices(t.Context())
	s.ok(err)
	if len(last) != 2 || last[1] != second || last[2] != gone {
		t.Errorf("%+v", last)
	}
	if whole, begun, err := s.LastSync(t.Context()); whole != 5 || begun != 5 || err != nil {
		t.Errorf("%d %d %v", whole, begun, err)
	}
	s.verified()

	for _, statement := range []string{
		`UPDATE price_history SET now_price = 1`, `DELETE FROM price_history`, `DELETE FROM price_syncs`, `UPDATE price_syncs SET changes = 9`,
		`UPDATE price_syncs SET at_ms = 9`, `INSERT INTO price_syncs (no, at_ms, by_whom) VALUES (4, 1, '')`,
		`INSERT OR REPLACE INTO price_syncs (no, at_ms, by_whom) VALUES (5, 1, '')`,
		`INSERT INTO price_history SELECT 9, 5, 1, '', '', NULL, NULL, 1, 0`,
		`INSERT OR REPLACE INTO price_history SELECT product_id, sync_no, 1, '', '', NULL, NULL, 1, 0 FROM price_history`,
		`INSERT INTO price_history SELECT 9, 6, 1, '', '', NULL, NULL, 1, 0`,
	} {
		if _, err := raw(t, s.path).Exec(statement); err == nil {
			t.Errorf("not refused: %s", statement)
		}
	}
}

// A cache that was damaged says that a product had cost something else. The
// history goes on from what it has itself.
func TestTheHistoryGoesOnFromItself(t *testing.T) {
	s := newShop(t)
	s.ok(s.Record(t.Context(), catalog.Record{No: 1, At: s.tick(), Changes: []catalog.PriceChange{came(1, 500), came(2, 300)}}))
	s.ok(s.Record(t.Context(), catalog.Record{No: 2, At: s.tick(), Changes: []catalog.PriceChange{
		{ProductID: 1, Was: listed(499, 0), Now: listed(600, 0)},
		{ProductID: 2, Was: listed(301, 0), Now: listed(300, 0)}, // as the history has it: nothing changed
	}}))
	s.verified()
	if list, err := s.PricesOf(t.Context(), 1, 0); err != nil || len(list) != 2 || list[0].Was != listed(500, 0) {
		t.Errorf("%+v %v", list, err)
	}
	if list, err := s.PricesOf(t.Context(), 2, 0); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestVerifyFindsAChangedPriceHistory(t *testing.T) {
	for _, damage := range []string{
		`UPDATE price_history SET was_price = 501 WHERE sync_no = 2`, `UPDATE price_history SET now_price = 601 WHERE sync_no = 2`,
		`UPDATE price_history SET name = 'x'`, `UPDATE price_history SET code = code || '1' WHERE sync_no = 1`, `UPDATE price_history SET at_ms = at_ms + 1`,
		`UPDATE price_syncs SET by_whom = 'x' WHERE no = 1`, `UPDATE price_syncs SET why = 'x' WHERE no = 2`, `UPDATE price_syncs SET at_ms = 7 WHERE no = 1`,
		`DELETE FROM price_history WHERE sync_no = 2`,
	} {
		t.Run(damage, func(t *testing.T) {
			s := newShop(t)
			s.ok(s.Record(t.Context(), catalog.Record{No: 1, At: s.tick(), Changes: []catalog.PriceChange{came(1, 500), came(2, 300)}}))
			s.ok(s.Record(t.Context(), catalog.Record{No: 2, At: s.tick(), By: "王店长", Changes: []catalog.PriceChange{{ProductID: 1, Was: listed(500, 0), Now: listed(600, 0)}}}))
			s.verified()
			db := raw(t, s.path)
			for _, trigger := range []string{"price_history_fixed", "price_history_kept", "price_syncs_fixed", "price_syncs_why_fixed"} {
				_, err := db.Exec("DROP TRIGGER " + trigger)
				s.ok(err)
			}
			_, err := db.Exec(damage)
			s.ok(err)
			found, err := s.Verify(t.Context())
			s.ok(err)
			if len(found) == 0 || found[0].Check != "price" {
				t.Errorf("%+v", found)
			}
		})
	}
}

// A large sync is written in parts, between which sales find their place. A
// crash between any two leaves what the difference then makes whole.
func TestALargeSyncIsRecordedInParts(t *testing.T) {
	const n = 2*pricesAtOnce + 5
	rec := catalog.Record{No: 1, At: noon}
	for i := range int64(n) {
		rec.Changes = append(rec.Changes, came(i+1, 500))
	}
	for dies := 1; dies <= 10; dies++ {
		points := 0
		s := openShop(t, Params{Hook: func(string) {
			if points++; points == dies {
				panic("power cut")
			}
		}})
		func() {
			defer func() {
				if r := recover(); r != nil && r != "power cut" {
					panic(r)
				}
			}()
			s.ok(s.Record(t.Context(), rec))
		}()
		s.reopen()
		has, err := s.LastPrices(t.Context())
		s.ok(err)
		if len(has)%pricesAtOnce != 0 && len(has) != n {
			t.Fatalf("%d entries: a part was torn", len(has))
		}
		rest := rec
		rest.Changes = slices.DeleteFunc(slices.Clone(rec.Changes), func(c catalog.PriceChange) bool { _, is := has[c.ProductID]; return is })
		s.ok(s.Record(t.Context(), rest))
		all, err := s.PricesSince(t.Context(), time.Time{}, 0)
		s.ok(err)
		if len(all) != n {
			t.Errorf("after a crash at point %d: %d entries, want %d", dies, len(all), n)
		}
		s.verified()
	}
}

func TestThePriceHistoryOfABookForReading(t *testing.T) {
	s := newShop(t)
	beside, err := OpenRead(t.Context(), s.path)
	s.ok(err)
	defer beside.Shut()
	refused(t, beside.Record(context.Background(), catalog.Record{No: 1, At: noon}), "ledger.read_only")
}
