package storetest

import (
	"slices"
	"time"

	"cashier/services/checkout"
)

// follows is the table of the law of the payment path: what a leg may become,
// whatever its class but for ownWay.
var follows = map[checkout.State][]checkout.State{
	checkout.Intent:    {checkout.Sent, checkout.Rejected},
	checkout.Sent:      {checkout.Intent, checkout.Pending, checkout.Unknown, checkout.Paid, checkout.Rejected, checkout.Manual},
	checkout.Pending:   {checkout.Unknown, checkout.Paid, checkout.Rejected, checkout.Reversing, checkout.Reversed, checkout.Manual},
	checkout.Unknown:   {checkout.Pending, checkout.Unknown, checkout.Paid, checkout.Rejected, checkout.Reversing, checkout.Reversed, checkout.Manual},
	checkout.Paid:      {checkout.Reversing},
	checkout.Reversing: {checkout.Reversing, checkout.Reversed, checkout.Manual},
	checkout.Manual:    {checkout.Paid, checkout.Reversed, checkout.Rejected},
	checkout.Reversed:  nil,
	checkout.Rejected:  nil,
}

// ownWay is what a recorded tender may become besides: a person has counted it,
// and hands it back.
var ownWay = map[checkout.State]checkout.State{checkout.Intent: checkout.Paid, checkout.Paid: checkout.Reversed}

// wayTo is how a leg that was planned comes to a state.
var wayTo = map[checkout.State][]checkout.State{
	checkout.Intent:    nil,
	checkout.Sent:      {checkout.Sent},
	checkout.Pending:   {checkout.Sent, checkout.Pending},
	checkout.Unknown:   {checkout.Sent, checkout.Unknown},
	checkout.Paid:      {checkout.Sent, checkout.Paid},
	checkout.Reversing: {checkout.Sent, checkout.Paid, checkout.Reversing},
	checkout.Manual:    {checkout.Sent, checkout.Manual},
	checkout.Reversed:  {checkout.Sent, checkout.Unknown, checkout.Reversed},
	checkout.Rejected:  {checkout.Rejected},
}

var states = []checkout.State{
	checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Paid,
	checkout.Reversing, checkout.Reversed, checkout.Rejected, checkout.Manual,
}

var classes = []checkout.Class{checkout.ClassRecorded, checkout.ClassCode, checkout.ClassMember, checkout.ClassCard}

// lawOfLegs tries every step from every state, for every class.
func lawOfLegs(b *bench) {
	for _, class := range classes {
		for _, from := range states {
			allowed := func(to checkout.State) bool {
				return slices.Contains(follows[from], to) || class == checkout.ClassRecorded && ownWay[from] == to && to != ""
			}
			_, leg := b.freeze(class)
			leg = b.advance(leg, wayTo[from]...)
			b.untouched(func() {
				for _, to := range append([]checkout.State{"", "BARGAIN"}, states...) {
					if !allowed(to) {
						b.refused(b.Advance(b.Context(), b.event(leg, to), moved(leg, to), b.act("leg", leg.Key)), "leg.state_changed")
					}
				}
			})
			for _, to := range states {
				if !allowed(to) {
					continue
				}
				sale, leg := b.freeze(class)
				leg = b.advance(b.advance(leg, wayTo[from]...), to)
				sale.Legs = []checkout.Leg{leg}
				b.want(sale)
			}
		}
	}
}

func eventOnce(b *bench) {
	sale, leg := b.freeze(checkout.ClassCode)
	advance := func(e checkout.LegEvent) error {
		return b.Advance(b.Context(), e, moved(leg, e.State), b.act("leg."+string(e.State), leg.Key))
	}
	sent := b.event(leg, checkout.Sent)
	b.ok(advance(sent))
	b.untouched(func() {
		b.refused(advance(sent), "leg.state_changed") // the permission to send is given once
	})
	leg = fold(leg, sent)
	e := b.event(leg, checkout.Unknown)
	b.ok(advance(e))
	b.untouched(func() {
		b.ok(advance(e)) // by a caller who has not learned of it
		again := e
		again.At = e.At.Truncate(time.Millisecond)
		b.ok(advance(again))
		for _, other := range []func(*checkout.LegEvent){
			func(e *checkout.LegEvent) { e.At = e.At.Add(time.Second) },
			func(e *checkout.LegEvent) { e.State = checkout.Rejected },
			func(e *checkout.LegEvent) { e.Reason.Code = "otherwise" },
			func(e *checkout.LegEvent) { e.Reason.Message = "otherwise" },
			func(e *checkout.LegEvent) { e.Reason.RawCode = "otherwise" },
			func(e *checkout.LegEvent) { e.Seq-- },
			func(e *checkout.LegEvent) { e.Seq += 2 },
			func(e *checkout.LegEvent) { e.Seq = 0 },
		} {
			x := e
			other(&x)
			b.refused(advance(x), "leg.state_changed")
		}
		b.refused(advance(sent), "leg.state_changed") // an earlier one is not the last one
	})
	leg = fold(leg, e)
	last := b.event(leg, checkout.Paid)
	b.ok(advance(last))
	b.reopen()
	b.untouched(func() { b.ok(advance(last)) })
	leg = fold(leg, last)
	b.ok(b.close(sale, checkout.Unsettled))
	b.untouched(func() {
		b.ok(advance(last))
		wrong := last
		_, err := b.Complete(b.Context(), sale, &wrong, []checkout.Entry{sold(sale)}, b.act("sale.complete", sale.ID))
		b.refused(err, "leg.state_changed") // only Advance may be asked again
	})
}

// eventsDecide: what a new leg says of its own standing is not believed. One
// that says nothing of it is taken at its events.
func eventsDecide(b *bench) {
	sale, leg, events := b.planned(checkout.ClassCode)
	claims := leg
	claims.Seq, claims.State, claims.Attempts, claims.Reversals, claims.SentOnce, claims.Booked = 0, checkout.Paid, 9, 9, true, true
	claims.ProviderNo, claims.PaidAt, claims.Reason = "x", "x", checkout.Reason{Code: "x"}
	claims.IntentAt, claims.ChangedAt = b.tick(), b.tick()
	s := sale
	s.Legs, s.ReceiptNo, s.State = []checkout.Leg{claims}, "x", checkout.Complete
	b.ok(b.Freeze(b.Context(), s, events, nil, b.act("sale.freeze", s.ID)))
	b.want(sale)
	if used, err := b.CodeUsed(b.Context(), leg.CodeDigest); used || err != nil {
		b.Errorf("used %t, %v", used, err)
	}
	open, err := b.OpenSales(b.Context())
	if b.ok(err); len(open) != 1 {
		b.Errorf("%d sales are open", len(open))
	}
}

func codesInUse(b *bench) {
	used := func(digest string, want bool) {
		b.Helper()
		if got, err := b.CodeUsed(b.Context(), digest); err != nil || got != want {
			b.Fatalf("code %q used: %t, %v", digest, got, err)
		}
	}
	used("", false)
	_, leg := b.freeze(checkout.ClassCode)
	digest := leg.CodeDigest
	used(digest, false)
	leg = b.advance(leg, checkout.Sent)
	used(digest, true)
	used("", false)
	leg = b.advance(leg, checkout.Intent) // it provably never left
	used(digest, false)

	// The same code in another sale, while the first one goes on.
	sale, other, events := b.planned(checkout.ClassCode)
	other.CodeDigest = digest
	sale.Legs = []checkout.Leg{other}
	b.ok(b.Freeze(b.Context(), sale, events, nil, b.act("sale.freeze", sale.ID)))
	leg, other = b.advance(leg, checkout.Sent), b.advance(other, checkout.Sent)
	other = b.advance(other, checkout.Intent)
	used(digest, true)
	b.advance(leg, checkout.Rejected) // a refused code was used all the same
	used(digest, true)
	b.advance(other, checkout.Rejected)
	b.ok(b.close(sale, checkout.Voided))
	b.reopen()
	used(digest, true)

	// A leg without a digest uses no code.
	_, card := b.freeze(checkout.ClassCard)
	b.advance(card, checkout.Sent)
	used("", false)
}
