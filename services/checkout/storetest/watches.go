package storetest

import (
	"slices"
	"time"

	"cashier/services/checkout"
)

// afterEnd is how long after its end a leg is looked at first: no sooner may a
// payment be reversed.
const afterEnd = 15 * time.Second

func (b *bench) watches() []checkout.Watch {
	b.Helper()
	watches, err := b.Watches(b.Context())
	b.ok(err)
	return watches
}

func (b *bench) onlyWatch() checkout.Watch {
	b.Helper()
	watches := b.watches()
	if len(watches) != 1 {
		b.Fatalf("%d watches, want one: %+v", len(watches), watches)
	}
	return watches[0]
}

// ended is a leg's end for a reason.
func (b *bench) ended(l checkout.Leg, state checkout.State, why string) checkout.LegEvent {
	e := b.event(l, state)
	e.Reason = checkout.Reason{Code: why, RawCode: "raw", Message: "words"}
	return e
}

// watched is a sale whose leg was refused and is watched.
func (b *bench) watched() (checkout.Sale, checkout.Leg, checkout.Watch) {
	b.Helper()
	sale, leg := b.freeze(checkout.ClassCode)
	leg = b.advance(leg, checkout.Sent)
	leg = b.advanceBy(leg, b.ended(leg, checkout.Rejected, "refused"))
	for _, w := range b.watches() {
		if w.Leg.ID == leg.ID {
			return sale, leg, w
		}
	}
	b.Fatal("a refused leg is not watched")
	return sale, leg, checkout.Watch{}
}

// watchesBegin with the transition that ends a leg without its provider's
// proof, and with no other.
func watchesBegin(b *bench) {
	sent := []checkout.State{checkout.Sent, checkout.Unknown}
	for _, c := range []struct {
		name  string
		class checkout.Class
		way   []checkout.State
		end   checkout.State
		why   string
		want  bool
	}{
		{"refused", checkout.ClassCode, sent, checkout.Rejected, "refused", true},
		{"key not accepted", checkout.ClassCode, sent, checkout.Rejected, "credentials", true},
		{"settled by hand as not taken", checkout.ClassCode, sent, checkout.Rejected, "by_hand", true},
		{"settled by hand as taken back", checkout.ClassCode, sent, checkout.Reversed, "by_hand", true},
		{"never arrived", checkout.ClassCode, sent, checkout.Reversed, "never_arrived", true},
		{"never arrived, says nobody", checkout.ClassCode, sent, checkout.Rejected, "never_arrived", false},
		{"proven closed", checkout.ClassCode, sent, checkout.Reversed, "reversed", false},
		{"never sent", checkout.ClassCode, nil, checkout.Rejected, "refused", false},
		{"proven unsent", checkout.ClassCode, []checkout.State{checkout.Sent, checkout.Intent}, checkout.Rejected, "refused", false},
		{"paid", checkout.ClassCode, sent, checkout.Paid, "refused", false},
		{"left to a person", checkout.ClassCode, sent, checkout.Manual, "refused", false},
		{"a refund refused", checkout.ClassRefund, sent, checkout.Rejected, "refused", true},
		{"a refund, key not accepted", checkout.ClassRefund, sent, checkout.Rejected, "credentials", true},
		{"a refund settled by hand as not given", checkout.ClassRefund, sent, checkout.Rejected, "by_hand", true},
		{"a refund never sent", checkout.ClassRefund, nil, checkout.Rejected, "refused", false},
		{"a card", checkout.ClassCard, sent, checkout.Rejected, "refused", false},
		{"an account", checkout.ClassMember, sent, checkout.Rejected, "by_hand", false},
		{"cash", checkout.ClassRecorded, sent, checkout.Rejected, "by_hand", false},
	} {
		b.sub(c.name, func(b *bench) {
			freeze := func() (checkout.Sale, checkout.Leg) { return b.freeze(c.class) }
			if c.class == checkout.ClassRefund {
				freeze = b.freezeRefund
			}
			_, leg := freeze()
			leg = b.advance(leg, c.way...)
			e := b.ended(leg, c.end, c.why)
			leg = b.advanceBy(leg, e)
			var got []checkout.Watch
			for _, w := range b.watches() {
				if w.Leg.ID == leg.ID {
					got = append(got, w)
				}
			}
			var want []checkout.Watch
			if c.want {
				want = []checkout.Watch{{Leg: leg, State: checkout.Watching, Due: e.At.Add(afterEnd)}}
			}
			b.same(want, got)
		})
	}

	// The end of a sale ends legs as well.
	before := len(b.watches())
	sale, leg := b.freeze(checkout.ClassCode)
	leg = b.advance(leg, checkout.Sent)
	e := b.ended(leg, checkout.Rejected, "refused")
	b.ok(b.Close(b.Context(), withState(sale, checkout.Voided), []checkout.LegEvent{e}, nil, b.act("sale.void", sale.ID)))
	sale = b.sale(milk)
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, sale.Total))
	sale.Legs = []checkout.Leg{cash}
	code := b.leg(sale, checkout.ClassCode, 0)
	first := b.event(code, checkout.Intent)
	code = fold(code, first)
	sale.Legs = append(sale.Legs, code)
	b.ok(b.Freeze(b.Context(), sale, append(events, first), []checkout.Entry{paid(cash)}, b.act("sale.freeze", sale.ID)))
	code = b.advance(code, checkout.Sent)
	e = b.ended(code, checkout.Rejected, "refused")
	_, err := b.Complete(b.Context(), sale, &e, []checkout.Entry{sold(sale)}, b.act("sale.complete", sale.ID))
	b.ok(err)
	b.reopen()
	if n := len(b.watches()) - before; n != 2 {
		b.Errorf("%d watches began with the ends of two sales", n)
	}
}

func watchesGoOn(b *bench) {
	sale, leg, w := b.watched()
	b.ok(b.close(sale, checkout.Voided)) // the sale is over; its watch is not
	look := func(before, after checkout.Watch, entries ...checkout.Entry) error {
		return b.Watch(b.Context(), before, after, entries, b.act("watch", leg.Key))
	}
	looked := w
	looked.Step, looked.Due = 1, b.tick()
	b.ok(look(w, looked))
	b.same(looked, b.onlyWatch())
	b.untouched(func() {
		b.refused(look(w, looked), "watch.changed") // another hand was quicker
		stale := looked
		stale.State = checkout.LateMoney
		b.refused(look(stale, looked), "watch.changed")
		stale = looked
		stale.Booked = 1
		b.refused(look(stale, looked), "watch.changed")
		stale = looked
		stale.State = checkout.WatchOver
		b.refused(look(stale, looked), "watch.changed")
		b.refused(look(checkout.Watch{Leg: leg}, looked), "watch.changed")
	})
	elsewhen := looked
	elsewhen.Due = b.tick() // when it is due next is nobody's condition
	b.ok(look(elsewhen, looked))

	found := looked
	found.State, found.Booked, found.Due, found.Since = checkout.LateMoney, leg.Amount, b.tick(), b.tick()
	b.ok(look(looked, found, late(leg)))
	b.reopen()
	b.same(found, b.onlyWatch())
	b.ok(look(found, found)) // looked at, and nothing new

	done := found
	done.State = checkout.WatchOver
	b.ok(look(found, done, returned(leg)))
	if left := b.watches(); len(left) != 0 {
		b.Errorf("still watched: %+v", left)
	}
	kept := b.books().Watches
	b.same([]checkout.Watch{{Leg: checkout.Leg{ID: leg.ID, SaleID: leg.SaleID}, State: checkout.WatchOver, Step: 1, Due: done.Due, Booked: leg.Amount, Since: found.Since}}, kept)

	// Money that arrives later still begins it anew: over is over, whatever
	// step it had come to.
	again := found
	again.Step = 0
	b.ok(look(checkout.Watch{Leg: leg, State: checkout.WatchOver}, again, late(leg)))
	b.same(again, b.onlyWatch())

	// And so does money for a leg that never had a watch.
	_, other := b.freeze(checkout.ClassCode)
	other = b.advance(other, checkout.Rejected)
	w = checkout.Watch{Leg: other, State: checkout.LateMoney, Due: b.tick().Add(-time.Hour), Booked: other.Amount}
	b.untouched(func() {
		b.refused(look(checkout.Watch{Leg: other, State: checkout.Watching}, w, late(other)), "watch.changed")
	})
	b.ok(look(checkout.Watch{Leg: other, State: checkout.WatchOver}, w, late(other)))
	b.same([]checkout.Watch{w, again}, b.watches())
}

// lateMoneyIsLeftToAPerson: what the provider does not give back is kept as that
// over a power cut, and who settles it ends it once.
func lateMoneyIsLeftToAPerson(b *bench) {
	sale, leg, w := b.watched()
	b.ok(b.close(sale, checkout.Voided))
	look := func(before, after checkout.Watch, entries ...checkout.Entry) error {
		return b.Watch(b.Context(), before, after, entries, b.act("watch", leg.Key))
	}
	found := w
	found.State, found.Booked, found.Since = checkout.LateMoney, leg.Amount, b.tick()
	b.ok(look(w, found, late(leg)))
	tried := found
	tried.Step, tried.Due = 12, b.tick()
	b.ok(look(found, tried))
	held := tried
	held.State = checkout.LateHeld
	b.ok(look(tried, held))
	b.reopen()
	b.same(held, b.onlyWatch())
	kept := held
	kept.State = checkout.LateKept
	settled := transfer(sale.ID, leg.ID, "kept", checkout.AccUnresolved, checkout.AccOverShort, leg.Amount)
	b.ok(look(held, kept, settled))
	b.untouched(func() {
		b.refused(look(held, kept, settled), "watch.changed") // two people
		over := held
		over.State = checkout.WatchOver
		b.refused(look(held, over, returned(leg)), "watch.changed") // or the provider's own proof
	})
	b.reopen()
	b.same(kept, b.onlyWatch()) // whoever asks again must know that it is settled
}

// aRefundThatIsKept: what went back by a refused refund, and by a person's word
// stays with the customer, is given back like any other; what was squared in cash
// is not.
func aRefundThatIsKept(b *bench) {
	for _, c := range []struct {
		state checkout.WatchState
		to    checkout.Account
		kept  bool
	}{{checkout.LateKept, checkout.AccOverShort, true}, {checkout.LateSquare, checkout.AccDrawer, false}} {
		back, l := b.freezeRefund()
		l = b.advance(l, checkout.Sent)
		l = b.advanceBy(l, b.ended(l, checkout.Rejected, "refused"))
		b.ok(b.close(back, checkout.Voided))
		w := checkout.Watch{Leg: l, State: checkout.Watching}
		for _, x := range b.watches() {
			if x.Leg.ID == l.ID {
				w = x
			}
		}
		held := w
		held.State, held.Booked, held.Since = checkout.LateHeld, l.Amount, b.tick()
		b.ok(b.Watch(b.Context(), w, held, []checkout.Entry{transfer(back.ID, l.ID, "late", checkout.AccUnresolved, checkout.AccLiantuofu, l.Amount)}, b.act("watch.HELD", l.Key)))
		settled := held
		settled.State = c.state
		b.ok(b.Watch(b.Context(), held, settled, []checkout.Entry{transfer(back.ID, l.ID, "kept", c.to, checkout.AccUnresolved, l.Amount)}, b.act("watch.resolve", l.Key)))
		b.reopen()
		all, err := b.Refunds(b.Context(), back.Of)
		b.ok(err)
		if len(all) != 1 || len(all[0].Legs) != 1 || all[0].Legs[0].Kept != c.kept {
			b.Errorf("%s: the books say %+v", c.state, all)
		}
	}
}

// watchesInOrder: the next due first, those of one millisecond by their legs.
func watchesInOrder(b *bench) {
	var legs [4]checkout.Leg
	for i := range legs {
		_, leg := b.freeze(checkout.ClassCode)
		legs[i] = b.advance(leg, checkout.Sent)
	}
	for i, l := range slices.Backward(legs[:]) { // the last one begins first
		legs[i] = b.advanceBy(l, b.ended(l, checkout.Rejected, "refused"))
	}
	all := make([]checkout.Watch, len(legs))
	t0 := b.tick().Truncate(time.Millisecond)
	for i, at := range []int{20_000, 10_000, 30_000, 10_000} { // microseconds
		w := checkout.Watch{Leg: legs[i], State: checkout.Watching}
		due := w
		due.Due = t0.Add(time.Duration(at+900-200*i) * time.Microsecond)
		b.ok(b.Watch(b.Context(), w, due, nil, b.act("watch.look", legs[i].Key)))
		all[i] = due
	}
	want := []checkout.Watch{all[1], all[3], all[0], all[2]}
	b.same(want, b.watches())
	b.reopen()
	b.same(want, b.watches())
}

func watchRefuses(b *bench) {
	sale, leg, w := b.watched()
	other := b.sell()
	for _, c := range []struct {
		name, code string
		spoil      func(w *checkout.Watch)
		entry      checkout.Entry
	}{
		{"an unknown sale", "sale.unknown", func(w *checkout.Watch) { w.Leg.SaleID = "nobody" }, late(leg)},
		{"a state that is none", "ledger.refused", func(w *checkout.Watch) { w.State = "ASLEEP" }, late(leg)},
		{"no state", "ledger.refused", func(w *checkout.Watch) { w.State = "" }, late(leg)},
		{"a step below zero", "ledger.refused", func(w *checkout.Watch) { w.Step = -1 }, late(leg)},
		{"booked below zero", "ledger.refused", func(w *checkout.Watch) { w.Booked = -1 }, late(leg)},
		{"an unknown leg", "ledger.refused", func(w *checkout.Watch) { w.Leg.ID = "nobody" }, late(leg)},
		{"an entry that does not balance", "ledger.defect", nil, checkout.Entry{SaleID: sale.ID, LegID: leg.ID, Postings: []checkout.Posting{{Account: "unresolved", Amount: 1}}}},
		{"an entry of another sale", "ledger.defect", nil, late(other.Legs[0])},
		{"an entry without postings", "ledger.refused", nil, checkout.Entry{SaleID: sale.ID, LegID: leg.ID}},
	} {
		b.sub(c.name, func(b *bench) {
			before, after := w, w
			after.Step++
			if c.spoil != nil {
				c.spoil(&after)
			}
			b.untouched(func() {
				b.refused(b.Watch(b.Context(), before, after, []checkout.Entry{c.entry}, b.act("watch", leg.Key)), c.code)
			})
		})
	}
}

// salesStayApart: an entry or a watch belongs to a leg of its own sale.
func salesStayApart(b *bench) {
	one, first := b.freeze(checkout.ClassCode)
	_, second := b.freeze(checkout.ClassCode)
	strange := transfer(one.ID, second.ID, "strange", "drawer", "sales", 1)
	w := checkout.Watch{Leg: checkout.Leg{ID: second.ID, SaleID: one.ID}, State: checkout.WatchOver}
	b.untouched(func() {
		b.refused(b.Advance(b.Context(), b.event(first, checkout.Sent), []checkout.Entry{strange}, b.act("leg", "")), "ledger.refused")
		b.refused(b.Watch(b.Context(), w, w, nil, b.act("watch", "")), "ledger.refused")
	})
}
