package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// refusal is a step that the law or the books forbid. Its arrange does what is
// allowed and returns what is not.
type refusal struct {
	name, code string
	arrange    func(b *bench) (attempt func() error)
}

// refusals: everything forbidden is refused whole, whoever asks.
func refusals(b *bench) {
	for _, list := range [][]refusal{newSales, newLegs, newEntries, laterSteps, unknowns} {
		for _, r := range list {
			b.sub(r.name, func(b *bench) {
				attempt := r.arrange(b)
				b.untouched(func() { b.refused(attempt(), r.code) })
			})
		}
	}
}

// sub is a subtest where the tester has any.
func (b *bench) sub(name string, f func(*bench)) {
	t, ok := b.TB.(*testing.T)
	if !ok {
		f(b)
		return
	}
	t.Run(name, func(inner *testing.T) {
		b.TB = inner
		defer func() { b.TB = t }()
		f(b)
	})
}

// wrongSale is a cash sale that is wrong in one respect, for Sell and Freeze.
func wrongSale(name, code string, spoil func(*bench, *checkout.Sale)) refusal {
	return refusal{name, code, func(b *bench) func() error {
		sale, events, entries := b.cashSale(milk)
		spoil(b, &sale)
		return func() error {
			frozen := sale
			frozen.ClosedAt = time.Time{}
			if err := b.Freeze(b.Context(), frozen, events, entries[:1], b.act("sale.freeze", sale.ID)); fault.CodeOf(err) != code {
				return err
			}
			_, err := b.Sell(b.Context(), sale, events, entries, b.act("sale.complete", sale.ID))
			return err
		}
	}}
}

var newSales = []refusal{
	wrongSale("another till's sale", "ledger.defect", func(_ *bench, s *checkout.Sale) { s.TillID = "OTHER1" }),
	wrongSale("another epoch's sale", "ledger.defect", func(_ *bench, s *checkout.Sale) { s.Epoch++ }),
	wrongSale("a sale twice", "ledger.refused", func(b *bench, s *checkout.Sale) {
		s.ID = b.sell().ID
		s.Legs[0].SaleID = s.ID
	}),
	wrongSale("a sale without a name", "ledger.refused", func(_ *bench, s *checkout.Sale) { s.ID, s.Legs[0].SaleID = "", "" }),
	wrongSale("a cart that was sold", "sale.cart_sold", func(b *bench, s *checkout.Sale) { s.CartID = b.sell().CartID }),
	wrongSale("a total below zero", "ledger.refused", func(_ *bench, s *checkout.Sale) { s.Total = -1 }),
	wrongSale("a business date in words", "ledger.refused", func(_ *bench, s *checkout.Sale) { s.BusinessDate = "today" }),
	wrongSale("a business date with a time", "ledger.refused", func(_ *bench, s *checkout.Sale) { s.BusinessDate = "2026-03-08 " }),
	wrongSale("a business date without a month", "ledger.refused", func(_ *bench, s *checkout.Sale) { s.BusinessDate = "2026-3-008" }),
	wrongSale("a leg of another sale", "ledger.defect", func(_ *bench, s *checkout.Sale) { s.Legs[0].SaleID = "elsewhere" }),
	{"a frozen sale that has ended", "ledger.refused", func(b *bench) func() error {
		sale, events, entries := b.cashSale(milk)
		return func() error {
			return b.Freeze(b.Context(), sale, events, entries[:1], b.act("sale.freeze", sale.ID))
		}
	}},
	{"a fen short", "ledger.defect", func(b *bench) func() error {
		sale, events, entries := b.cashSale(milk)
		sale.Total++
		return b.selling(sale, events, entries)
	}},
	{"a redemption without its card", "ledger.defect", func(b *bench) func() error {
		sale, events, entries := b.cashSale(milk)
		sale.Kind = checkout.Redemption
		return b.selling(sale, events, entries)
	}},
}

func (b *bench) selling(sale checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry) func() error {
	return func() error {
		_, err := b.Sell(b.Context(), sale, events, entries, b.act("sale.complete", sale.ID))
		return err
	}
}

// wrongLeg is a leg that is wrong in one respect, in a new sale and as a
// further leg.
func wrongLeg(name, code string, spoil func(*bench, *checkout.Leg, *[]checkout.LegEvent)) refusal {
	return refusal{name, code, func(b *bench) func() error {
		sale, leg, events := b.planned(checkout.ClassCode)
		spoil(b, &leg, &events)
		old, first := b.freeze(checkout.ClassCode)
		old.Legs[0] = b.advance(first, checkout.Rejected)
		more := b.leg(old, checkout.ClassCode, old.Total)
		e := b.event(more, checkout.Intent)
		more, further := fold(more, e), []checkout.LegEvent{e}
		spoil(b, &more, &further)
		return func() error {
			sale.Legs = []checkout.Leg{leg}
			if err := b.Freeze(b.Context(), sale, events, nil, b.act("sale.freeze", sale.ID)); fault.CodeOf(err) != code {
				return err
			}
			return b.AddLegs(b.Context(), []checkout.Leg{more}, further, nil, b.act("sale.tender", old.ID))
		}
	}}
}

var newLegs = []refusal{
	wrongLeg("a leg without an event", "ledger.defect", func(_ *bench, _ *checkout.Leg, e *[]checkout.LegEvent) { *e = nil }),
	wrongLeg("a leg whose events say otherwise", "ledger.defect", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.State = checkout.Sent }),
	wrongLeg("a leg of more events than given", "ledger.defect", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.Seq = 2 }),
	wrongLeg("a first event the law does not allow", "leg.state_changed", func(_ *bench, _ *checkout.Leg, e *[]checkout.LegEvent) { (*e)[0].State = checkout.Sent }),
	wrongLeg("a first event out of order", "leg.state_changed", func(_ *bench, _ *checkout.Leg, e *[]checkout.LegEvent) { (*e)[0].Seq = 2 }),
	wrongLeg("an event of no leg", "leg.unknown", func(_ *bench, _ *checkout.Leg, e *[]checkout.LegEvent) { (*e)[0].LegID = "nobody" }),
	wrongLeg("a leg without a key", "ledger.refused", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.Key = "" }),
	wrongLeg("a leg without a name", "ledger.refused", func(_ *bench, l *checkout.Leg, e *[]checkout.LegEvent) { l.ID, (*e)[0].LegID = "", "" }),
	wrongLeg("a leg without a number", "ledger.refused", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.No = 0 }),
	wrongLeg("an amount below zero", "ledger.refused", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.Amount = -1 }),
	wrongLeg("cash below zero", "ledger.refused", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.Tendered = -1 }),
	wrongLeg("times below zero", "ledger.refused", func(_ *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.Count = -1 }),
	wrongLeg("a key twice", "ledger.refused", func(b *bench, l *checkout.Leg, _ *[]checkout.LegEvent) { l.Key = b.sell().Legs[0].Key }),
	wrongLeg("a leg twice", "ledger.refused", func(b *bench, l *checkout.Leg, e *[]checkout.LegEvent) {
		l.ID = b.sell().Legs[0].ID
		(*e)[0].LegID = l.ID
	}),
	twins("a number of the sale twice", "ledger.refused", func(first checkout.Leg, second *checkout.Leg, _ *checkout.LegEvent) {
		second.No = first.No
	}),
	twins("a key of the sale twice", "ledger.refused", func(first checkout.Leg, second *checkout.Leg, _ *checkout.LegEvent) {
		second.Key = first.Key
	}),
	twins("a leg of the sale twice", "ledger.defect", func(first checkout.Leg, second *checkout.Leg, e *checkout.LegEvent) {
		second.ID, e.LegID, e.Seq, e.State = first.ID, first.ID, 2, checkout.Sent
	}),
	{"no legs to add", "ledger.defect", func(b *bench) func() error {
		return func() error { return b.AddLegs(b.Context(), nil, nil, nil, b.act("sale.tender", "")) }
	}},
	{"legs of two sales", "ledger.defect", func(b *bench) func() error {
		one, two := b.refusedSale(), b.refusedSale()
		return func() error {
			l1, e1 := b.counted(b.leg(one, checkout.ClassRecorded, 1))
			l2, e2 := b.counted(b.leg(two, checkout.ClassRecorded, 1))
			return b.AddLegs(b.Context(), []checkout.Leg{l1, l2}, append(e1, e2...), []checkout.Entry{paid(l1)}, b.act("sale.tender", one.ID))
		}
	}},
	{"a leg the sale has", "ledger.defect", func(b *bench) func() error {
		sale := b.refusedSale()
		return func() error {
			l := sale.Legs[0]
			l.No, l.Seq = 2, 0
			return b.AddLegs(b.Context(), []checkout.Leg{l}, nil, nil, b.act("sale.tender", sale.ID))
		}
	}},
	{"a number the sale has", "ledger.refused", func(b *bench) func() error {
		sale := b.refusedSale()
		return func() error {
			l, events := b.counted(b.leg(checkout.Sale{ID: sale.ID}, checkout.ClassRecorded, 1))
			return b.AddLegs(b.Context(), []checkout.Leg{l}, events, []checkout.Entry{paid(l)}, b.act("sale.tender", sale.ID))
		}
	}},
	{"legs for nobody's sale", "sale.unknown", func(b *bench) func() error {
		return func() error {
			l, events := b.counted(b.leg(checkout.Sale{ID: "nobody"}, checkout.ClassRecorded, 1))
			return b.AddLegs(b.Context(), []checkout.Leg{l}, events, nil, b.act("sale.tender", "nobody"))
		}
	}},
	{"legs for a sale that is over", "sale.state_changed", func(b *bench) func() error {
		sale := b.sell()
		return func() error {
			l, events := b.counted(b.leg(sale, checkout.ClassRecorded, 1))
			return b.AddLegs(b.Context(), []checkout.Leg{l}, events, []checkout.Entry{paid(l)}, b.act("sale.tender", sale.ID))
		}
	}},
}

// refusedSale is a sale that waits for another tender.
func (b *bench) refusedSale() checkout.Sale {
	b.Helper()
	sale, leg := b.freeze(checkout.ClassCode)
	sale.Legs[0] = b.advance(leg, checkout.Rejected)
	return sale
}

// twins is a sale of two legs, of which the second one is spoilt.
func twins(name, code string, spoil func(first checkout.Leg, second *checkout.Leg, e *checkout.LegEvent)) refusal {
	return refusal{name, code, func(b *bench) func() error {
		sale, first, events := b.planned(checkout.ClassCode)
		second := b.leg(sale, checkout.ClassCode, 1)
		e := b.event(second, checkout.Intent)
		spoil(first, &second, &e)
		sale.Legs[0].Seq = 0 // says nothing of its own standing
		sale.Legs = append(sale.Legs, second)
		return func() error {
			return b.Freeze(b.Context(), sale, append(events, e), nil, b.act("sale.freeze", sale.ID))
		}
	}}
}

// wrongEntries is a cash sale whose entries are wrong in one respect.
func wrongEntries(name, code string, spoil func(*bench, []checkout.Entry) []checkout.Entry) refusal {
	return refusal{name, code, func(b *bench) func() error {
		sale, events, entries := b.cashSale(milk)
		return b.selling(sale, events, spoil(b, entries))
	}}
}

var newEntries = []refusal{
	wrongEntries("an entry that does not balance", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].Postings[0].Amount++
		return e
	}),
	wrongEntries("an entry of one side", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].Postings = e[0].Postings[:1]
		return e
	}),
	wrongEntries("an entry without postings", "ledger.refused", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].Postings = nil
		return e
	}),
	wrongEntries("a posting of nothing", "ledger.refused", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].Postings = append(e[0].Postings, checkout.Posting{Account: "drawer"})
		return e
	}),
	wrongEntries("a posting to no account", "ledger.refused", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].Postings[0].Account = ""
		return e
	}),
	wrongEntries("an entry of another sale", "ledger.defect", func(b *bench, e []checkout.Entry) []checkout.Entry {
		e[1].SaleID = b.sell().ID
		return e
	}),
	wrongEntries("an entry of nobody's leg", "ledger.refused", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[1].LegID = "nobody"
		return e
	}),
	wrongEntries("cash paid but not posted", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry { return e[1:] }),
	wrongEntries("cash posted twice", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry { return append(e, e[0]) }),
	wrongEntries("cash posted a fen short", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].Postings[0].Amount--
		e[0].Postings[1].Amount++
		return e
	}),
	wrongEntries("cash posted for no leg", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry {
		e[0].LegID = ""
		return e
	}),
	wrongEntries("goods not posted", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry { return e[:1] }),
	wrongEntries("goods posted twice", "ledger.defect", func(_ *bench, e []checkout.Entry) []checkout.Entry { return append(e, e[1]) }),
}

// callerHasLeft: nothing is begun for a caller who no longer waits.
func callerHasLeft(b *bench) {
	sale, leg := b.freeze(checkout.ClassCode)
	leg = b.advance(leg, checkout.Sent)
	cash, events, entries := b.cashSale(milk)
	w := checkout.Watch{Leg: leg, State: checkout.WatchOver}
	ctx, leave := context.WithCancel(b.Context())
	leave()
	a := b.act("x", "")
	reads := map[string]error{}
	_, reads["open sales"] = b.OpenSales(ctx)
	_, reads["sale"] = b.Sale(ctx, sale.ID)
	_, reads["sale by key"] = b.SaleByKey(ctx, leg.Key)
	_, reads["sales"] = b.Sales(ctx, sale.OpenedAt, 0)
	_, reads["code used"] = b.CodeUsed(ctx, leg.CodeDigest)
	_, reads["watches"] = b.Watches(ctx)
	_, reads["load cart"] = b.LoadCart(ctx)
	b.untouched(func() {
		steps := reads
		steps["freeze"] = b.Freeze(ctx, cash, events, entries, a)
		_, steps["sell"] = b.Sell(ctx, cash, events, entries, a)
		steps["add legs"] = b.AddLegs(ctx, cash.Legs, events, entries, a)
		steps["advance"] = b.Advance(ctx, b.event(leg, checkout.Unknown), nil, a)
		_, steps["complete"] = b.Complete(ctx, sale, nil, nil, a)
		steps["close"] = b.Close(ctx, withState(sale, checkout.Unsettled), nil, nil, a)
		steps["watch"] = b.Watch(ctx, w, w, nil, a)
		steps["note"] = b.Note(ctx, a)
		steps["save cart"] = b.SaveCart(ctx, checkout.Cart{ID: "c", Lines: []checkout.Line{milk}})
		for name, err := range steps {
			b.sub(name, func(b *bench) {
				b.refused(err, "disk.stopped")
				if !errors.Is(err, context.Canceled) {
					b.Errorf("not said to be cancelled: %v", err)
				}
			})
		}
	})
}
