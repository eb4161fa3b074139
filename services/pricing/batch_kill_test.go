package pricing_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/localdb"
	"cashier/services/pricing"
)

// killed ends the process at a point, as far as the desk is concerned.
type killed struct{ point string }

// Killed at every write, and at every call: the batch is gone on with, no row
// arrives at HQ twice, and undone every price is back.
func TestKilledAtEveryPoint(t *testing.T) {
	const products = 110
	for at := 0; ; at++ {
		d := newDesk(t, products)
		n := 0
		d.hook = func(p string) {
			if slices.Contains(localdb.BatchPoints(), p) {
				if n++; n-1 == at {
					panic(killed{p})
				}
			}
		}
		draft := pricing.DraftOf(t, d.hq, 1, products, fixed(1100))
		died := func() (died bool) {
			defer func() {
				if r := recover(); r != nil {
					if _, ok := r.(killed); !ok {
						panic(r)
					}
					died = true
				}
			}()
			b := d.plan(draft, time.Time{})
			d.send(b.ID)
			return false
		}()
		d.hook = nil
		if !died {
			if at < 10 {
				t.Errorf("only %d points were visited", at)
			}
			return
		}
		d.shut()
		d.open()
		d.resume(products, at)
	}
}

// resume brings what a dead till left to its end and checks it against HQ.
func (d *desk) resume(products int64, at int) {
	d.t.Helper()
	if _, err := d.b.RunDue(context.Background(), nil); err != nil {
		d.t.Fatal(err)
	}
	d.now = d.now.Add(3 * time.Minute)
	if _, err := d.b.RunDue(context.Background(), nil); err != nil {
		d.t.Fatal(err)
	}
	d.once(at)
	list, err := d.b.List(context.Background(), 0)
	if err != nil || len(list) > 1 {
		d.t.Fatal(list, err)
	}
	if len(list) == 0 { // it died before the batch was written down
		if d.hq.Has(1, 1) != "10.00/9.00" {
			d.t.Errorf("killed at %d: sent, and not written down", at)
		}
		return
	}
	b := list[0]
	if b.Count[pricing.RowUnchanged] > 0 {
		if _, err := d.b.Resolve(context.Background(), mei, b.ID, nil, pricing.Apply); err != nil {
			d.t.Fatal(err)
		}
		d.send(b.ID)
		d.once(at) // what never arrived has arrived once now
	}
	d.want(b.ID, fmt.Sprintf("done, %d changed", products))
	undo, err := d.b.Undo(context.Background(), mei, b.ID, "")
	if err != nil {
		d.t.Fatal(err)
	}
	d.send(undo.ID)
	for id := int64(1); id <= products; id++ {
		if d.hq.Has(1, id) != "10.00/9.00" {
			d.t.Fatalf("killed at %d: product %d is %s", at, id, d.hq.Has(1, id))
		}
	}
	d.sound()
}

// once checks HQ's own list of the rows it received.
func (d *desk) once(at int) {
	d.t.Helper()
	seen := map[int64]bool{}
	for _, call := range d.hq.Calls() {
		for _, r := range call {
			if seen[r.ProductID] {
				d.t.Errorf("killed at %d: HQ received product %d twice", at, r.ProductID)
			}
			seen[r.ProductID] = true
		}
	}
}

// Whatever HQ, the network and other people do, what the rows say is what HQ has.
func TestRowsTellTheTruth(t *testing.T) {
	d := newDesk(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		const products = 104
		d.t = rt2{t, rt}
		for id := int64(1); id <= products; id++ {
			d.hq.Add(1, id, "10.00", "9.00")
		}
		b := d.plan(pricing.DraftOf(t, d.hq, 1, products, fixed(1100)), time.Time{})
		fates := rapid.SampledFrom([]string{"done", "lost reply", "lost request", "refused", "cut", "lies"})
		d.hq.Behave(func(apply func()) error {
			switch fates.Draw(rt, "fate") {
			case "lost reply":
				apply()
				return pricing.Silent
			case "lost request":
				return pricing.Silent
			case "refused":
				return pricing.Refusal
			case "cut":
				return pricing.Unsent
			case "lies":
				return nil
			}
			apply()
			return nil
		})
		d.hq.Reading(func() error {
			if rapid.IntRange(0, 5).Draw(rt, "reading") == 0 {
				return pricing.Unsent
			}
			return nil
		})
		for range rapid.IntRange(1, 4).Draw(rt, "tries") {
			if rapid.IntRange(0, 3).Draw(rt, "somebody") == 0 {
				d.hq.Add(1, rapid.Int64Range(1, products).Draw(rt, "product"), "7.77", "7.00")
			}
			_, _ = d.b.Send(context.Background(), mei, b.ID, nil)
			d.now = d.now.Add(time.Minute)
		}
		d.hq.Reading(nil)
		d.hq.Behave(func(apply func()) error { apply(); return nil })
		d.now = d.now.Add(5 * time.Minute)
		d.send(b.ID)
		_, rows, err := d.b.Show(context.Background(), b.ID)
		if err != nil {
			rt.Fatal(err)
		}
		for _, r := range rows {
			has := d.hq.Has(1, r.ProductID)
			touched := has == "7.77/7.00" // by somebody, before or after us
			switch r.State {
			case pricing.RowChanged, pricing.RowSame:
				if has != "11.00/9.00" && !touched {
					rt.Fatalf("%s, and HQ has %s", r.State, has)
				}
			case pricing.RowUnchanged:
				if has != "10.00/9.00" && !touched {
					rt.Fatalf("unchanged, and HQ has %s", has)
				}
			case pricing.RowConflict:
				if !touched {
					rt.Fatalf("conflict, and HQ has %s", has)
				}
			default:
				rt.Fatalf("%s at the end", r.State)
			}
		}
	})
	d.t = t
	d.sound()
}

// rt2 is a test whose failures are the property's.
type rt2 struct {
	testing.TB
	rt *rapid.T
}

func (r rt2) Errorf(format string, args ...any) { r.rt.Errorf(format, args...) }
func (r rt2) Fatalf(format string, args ...any) { r.rt.Fatalf(format, args...) }
func (r rt2) Fatal(args ...any)                 { r.rt.Fatal(args...) }
