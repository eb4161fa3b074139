package storetest

import (
	"fmt"
	"time"

	"cashier/services/checkout"
)

// nothingIsShared: what was given and what came back belong to the caller, who
// may do to it what he likes.
func nothingIsShared(b *bench) {
	ctx := b.Context()
	lines := []checkout.Line{milk, apple}
	sale := b.sale(lines...)
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, 100))
	sale.Legs = []checkout.Leg{cash}
	code := b.leg(sale, checkout.ClassCode, sale.Total-100)
	e := b.event(code, checkout.Intent)
	code = fold(code, e)
	sale.Legs, events = append(sale.Legs, code), append(events, e)
	entries := []checkout.Entry{paid(cash)}
	b.ok(b.Freeze(ctx, sale, events, entries, b.act("sale.freeze", sale.ID)))
	b.ok(b.SaveCart(ctx, checkout.Cart{ID: "c", Lines: lines}))
	held := func() string { return fmt.Sprintf("%+v", b.snapshot()) } // text shares nothing
	frozen := held()

	lines[0], lines[1] = checkout.Line{}, checkout.Line{}
	sale.Legs[0], sale.Legs[1] = checkout.Leg{}, checkout.Leg{}
	events[0], events[2] = checkout.LegEvent{}, checkout.LegEvent{}
	entries[0].Postings[0] = checkout.Posting{}
	entries[0] = checkout.Entry{}
	b.same(frozen, held())

	code = b.advance(code, checkout.Sent)
	code = b.advanceBy(code, b.ended(code, checkout.Rejected, "refused"))
	more, events := b.counted(b.leg(checkout.Sale{ID: sale.ID, Legs: []checkout.Leg{cash, code}}, checkout.ClassRecorded, code.Amount))
	legs, entries := []checkout.Leg{more}, []checkout.Entry{paid(more)}
	b.ok(b.AddLegs(ctx, legs, events, entries, b.act("sale.tender", sale.ID)))
	w := b.onlyWatch()
	found := []checkout.Entry{late(code), returned(code)}
	b.ok(b.Watch(ctx, w, w, found, b.act("watch", code.Key)))
	before := held()
	legs[0], events[0], entries[0].Postings[1] = checkout.Leg{}, checkout.LegEvent{}, checkout.Posting{}
	found[0].Postings[0], found[1].Postings[1] = checkout.Posting{}, checkout.Posting{}

	ruin := func(s checkout.Sale, err error) {
		b.Helper()
		b.ok(err)
		clear(s.Lines)
		clear(s.Legs)
	}
	ruin(b.Sale(ctx, sale.ID))
	ruin(b.SaleByKey(ctx, code.Key))
	open, err := b.OpenSales(ctx)
	ruin(open[0], err)
	all, err := b.Sales(ctx, sale.OpenedAt, 0)
	ruin(all[0], err)
	watches, err := b.Watches(ctx)
	b.ok(err)
	clear(watches)
	c, err := b.LoadCart(ctx)
	b.ok(err)
	clear(c.Lines)
	books := b.books()
	clear(books.Entries[0].Postings)
	clear(books.Acts)
	clear(books.Events)
	b.same(before, held())
}

// timesToTheMillisecond: what is read now is what a restarted till reads.
func timesToTheMillisecond(b *bench) {
	sale := b.refusedSale()
	b.sell()
	_, _, w := b.watched()
	books := b.books()
	sale, err := b.Sale(b.Context(), sale.ID)
	b.ok(err)
	all := []time.Time{
		sale.OpenedAt, sale.Legs[0].IntentAt, sale.Legs[0].ChangedAt, w.Due, w.Leg.ChangedAt,
		books.Acts[0].At, books.Events[0].At, books.Entries[0].At, books.Receipts[0].At,
	}
	for i, at := range all {
		if at.IsZero() || at.Nanosecond()%int(time.Millisecond) != 0 {
			b.Errorf("time %d is %s", i, at)
		}
	}
}

// acknowledgedSurvives cuts the power after each kind of step: what was
// acknowledged is there, and nothing else.
func acknowledgedSurvives(b *bench) {
	ctx := b.Context()
	var sale, other checkout.Sale
	var leg, second checkout.Leg
	step := func(state checkout.State) func() {
		return func() { leg = b.advance(leg, state) }
	}
	steps := []struct {
		name string
		do   func()
	}{
		{"nothing", func() {}},
		{"cart", func() { b.ok(b.SaveCart(ctx, checkout.Cart{ID: "c", Lines: []checkout.Line{milk}})) }},
		{"note", func() { b.ok(b.Note(ctx, b.act("note", ""))) }},
		{"sell", func() { b.sell() }},
		{"freeze", func() { sale, leg = b.freeze(checkout.ClassCode) }},
		{"sent", step(checkout.Sent)},
		{"intent", step(checkout.Intent)},
		{"sent again", step(checkout.Sent)},
		{"pending", step(checkout.Pending)},
		{"unknown", step(checkout.Unknown)},
		{"manual", step(checkout.Manual)},
		{"paid", step(checkout.Paid)},
		{"compensating", func() { b.ok(b.close(sale, checkout.Compensating)) }},
		{"reversing", step(checkout.Reversing)},
		{"reversed", func() { leg = b.advanceBy(leg, b.ended(leg, checkout.Reversed, "never_arrived")) }},
		{"watch", func() {
			w := b.onlyWatch()
			after := w
			after.State, after.Booked = checkout.LateMoney, leg.Amount
			b.ok(b.Watch(ctx, w, after, []checkout.Entry{late(leg)}, b.act("watch", leg.Key)))
		}},
		{"voided", func() { b.ok(b.close(sale, checkout.Voided)) }},
		{"another sale", func() { other = b.refusedSale() }},
		{"unsettled", func() { b.ok(b.close(other, checkout.Unsettled)) }},
		{"add legs", func() {
			second = b.leg(other, checkout.ClassCode, other.Total)
			e := b.event(second, checkout.Intent)
			b.ok(b.AddLegs(ctx, []checkout.Leg{second}, []checkout.LegEvent{e}, nil, b.act("sale.tender", other.ID)))
			second = b.advance(fold(second, e), checkout.Sent)
		}},
		{"complete", func() {
			last := b.event(second, checkout.Paid)
			_, err := b.Complete(ctx, other, &last, []checkout.Entry{paid(second), sold(other)}, b.act("sale.complete", other.ID))
			b.ok(err)
		}},
		{"cart cleared", func() { b.ok(b.SaveCart(ctx, checkout.Cart{})) }},
	}
	for i, s := range steps {
		s.do()
		acknowledged := b.snapshot()
		b.reopen()
		if d := diff(acknowledged, b.snapshot()); d != "" {
			b.Fatalf("after step %d, %s (-acknowledged +came back)\n%s", i, s.name, d)
		}
	}
	if s := b.snapshot(); len(s.All) != 3 || len(s.Books.Receipts) != 2 || len(s.Watches) != 1 {
		b.Errorf("%d sales, %d receipts, %d watches", len(s.All), len(s.Books.Receipts), len(s.Watches))
	}
}
