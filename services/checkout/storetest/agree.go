package storetest

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/simulate"
)

// Agree drives a store and the books in memory with the same calls, allowed and
// forbidden ones, in any order, and fails where an answer, the code or kind of
// a fault, or anything that can be read back differs. open opens a new store
// with empty books each time, and nothing of it is used after its Shut.
func Agree(t *testing.T, open func(t *testing.T) Opened) {
	t.Helper()
	rapid.Check(t, func(r *rapid.T) {
		d := &driver{T: r, real: open(t)}
		defer func() { d.real.Shut() }()
		d.maker, d.memory = newMaker(d.real.Till), simulate.NewMemory(d.real.Till)
		for range 3 { // something to go on with
			d.freeze()
		}
		r.Repeat(map[string]func(*rapid.T){
			"freeze":    d.does(d.freeze),
			"sell":      d.does(d.sell),
			"add legs":  d.does(d.addLegs),
			"advance":   d.does(d.advance),
			"advance ":  d.does(d.advance), // most of what happens
			"advance  ": d.does(d.advance),
			"complete":  d.does(d.complete),
			"close":     d.does(d.close),
			"watch":     d.does(d.watch),
			"save cart": d.does(d.saveCart),
			"ask":       d.does(d.ask),
			"power cut": d.does(d.powerCut),
		})
		d.T = r
		d.compare()
		d.powerCut()
	})
}

// driver draws calls from where the books stand and makes them on both.
type driver struct {
	*rapid.T
	*maker
	real   Opened
	memory *simulate.Memory
}

// does hands an action the drawing of its turn.
func (d *driver) does(action func()) func(*rapid.T) {
	return func(r *rapid.T) {
		d.T = r
		action()
	}
}

// both makes one call on both stores.
func (d *driver) both(call string, args any, f func(checkout.Store) (any, error)) {
	d.Helper()
	d.Logf("%s %+v", call, args)
	want, wantErr := f(d.memory)
	got, gotErr := f(d.real)
	if fault.CodeOf(wantErr) != fault.CodeOf(gotErr) || fault.KindOf(wantErr) != fault.KindOf(gotErr) || (wantErr == nil) != (gotErr == nil) {
		d.Fatalf("%s\nmemory: %s\nstore:  %s", call, said(wantErr), said(gotErr))
	}
	if x := diff(want, got); x != "" {
		d.Fatalf("%s answers differently (-memory +store)\n%s", call, x)
	}
	if wantErr != nil {
		d.Logf("%s", fault.CodeOf(wantErr))
	}
}

func said(err error) string {
	if err == nil {
		return "allowed"
	}
	return fmt.Sprintf("%s (%v)", fault.CodeOf(err), err)
}

// step is a call that records, followed by a look at the sale.
func (d *driver) step(call string, args any, saleID string, f func(checkout.Store) (any, error)) {
	d.Helper()
	d.both(call, args, f)
	d.both("sale", saleID, func(s checkout.Store) (any, error) { return s.Sale(context.Background(), saleID) })
}

// compare looks at everything.
func (d *driver) compare() {
	d.Helper()
	want, err := look(context.Background(), openedMemory(d.memory))
	if err != nil {
		d.Fatal(err)
	}
	got, err := look(context.Background(), d.real)
	if err != nil {
		d.Fatal(err)
	}
	if x := diff(want, got); x != "" {
		d.Fatalf("the books differ (-memory +store)\n%s", x)
	}
}

func (d *driver) powerCut() {
	was := d.real
	d.real = was.Reopen()
	was.Shut()
	d.compare()
}

// ask asks what a counter asks.
func (d *driver) ask() {
	ctx := context.Background()
	switch rapid.IntRange(0, 4).Draw(d.T, "question") {
	case 0:
		d.both("open sales", nil, func(s checkout.Store) (any, error) { return s.OpenSales(ctx) })
		d.both("watches", nil, func(s checkout.Store) (any, error) { return s.Watches(ctx) })
	case 1:
		since, limit := d.sometime(), rapid.IntRange(-1, 4).Draw(d.T, "limit")
		d.both("sales", since, func(s checkout.Store) (any, error) { return s.Sales(ctx, since, limit) })
	case 2:
		l := d.anyLeg()
		d.both("by key", l.Key, func(s checkout.Store) (any, error) { return s.SaleByKey(ctx, l.Key) })
		d.both("code used", l.CodeDigest, func(s checkout.Store) (any, error) { return s.CodeUsed(ctx, l.CodeDigest) })
	case 3:
		d.both("cart", nil, func(s checkout.Store) (any, error) { return s.LoadCart(ctx) })
	case 4:
		a := d.act("note", d.anyLeg().Key)
		d.both("note", a, func(s checkout.Store) (any, error) { return nil, s.Note(ctx, a) })
	}
}

func (d *driver) saveCart() {
	c := checkout.Cart{ID: d.anyCart(), Member: rapid.Bool().Draw(d.T, "member")}
	for range rapid.IntRange(0, 2).Draw(d.T, "lines") {
		c.Lines = append(c.Lines, apple)
	}
	d.both("save cart", c, func(s checkout.Store) (any, error) { return nil, s.SaveCart(context.Background(), c) })
	d.both("cart", nil, func(s checkout.Store) (any, error) { return s.LoadCart(context.Background()) })
}
