package simulate

import (
	"cashier/services/checkout"
	"cashier/services/money"
)

// This file says what must hold when everything has come to rest.

// heldPaid: of a paid leg the bank holds what was not given back, and nothing was
// given back twice or without the books knowing.
func (b *books) heldPaid(o *order, l checkout.Leg) {
	if o.refunded || !o.charged {
		if l.Reason.Code != "by_hand" {
			b.broken(9, "%s is PAID, and the bank holds nothing", o.key)
		}
		return
	}
	var given, open money.Fen
	for _, a := range b.sales {
		for _, r := range a.Legs {
			switch {
			case r.Of != l.Key || r.Class != checkout.ClassRefund:
			case r.State == checkout.Paid, b.late[r.Key].known():
				given += r.Amount
			case r.State == checkout.Manual, r.State == checkout.Rejected && r.Reason.Code == "by_hand": // it may have come later
				open += r.Amount
			}
		}
	}
	if gone := o.amount - o.holds(); gone < given || gone > given+open {
		b.broken(9, "of %s the bank gave back %s, and the books say %s", o.key, gone, given)
	}
}

// quiet is what must hold when everything has come to rest and the network and
// the customers have long done what they would.
func (b *books) quiet(watched func(checkout.Leg) bool) {
	for _, o := range b.bank.orders {
		o.settle(b.bank.now())
		l := b.byKey(o.key)
		if l == nil && b.forgotten[o.key] {
			continue // the bill finds it
		}
		if l == nil {
			if o.holds() > 0 {
				b.broken(9, "the bank holds %s for %s, which the books do not know", o.holds(), o.key)
			}
			continue
		}
		switch l.State {
		case checkout.Paid:
			b.heldPaid(o, *l)
		case checkout.Rejected, checkout.Reversed:
			if o.holds() > 0 && !watched(*l) && !b.late[o.key].known() {
				b.broken(9, "charged and not sold: %s is %s, and the bank holds %s", o.key, l.State, o.holds())
			}
		case checkout.Manual:
		case checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Reversing:
			b.broken(11, "%s is still %s", o.key, l.State)
		}
	}
	for _, a := range b.sales {
		b.rests(a)
		for _, l := range a.Legs {
			if !watched(l) {
				b.looked(l)
			}
		}
	}
	b.balances()
}

// rests: a sale is over, or a person knows that it waits for one.
func (b *books) rests(a *audited) {
	if a.State == checkout.Complete || a.State == checkout.Voided {
		return
	}
	waits := a.State == checkout.Tendering && a.Kind == checkout.Goods // at the counter, for another tender
	for _, l := range a.Legs {
		if l.State.Open() && l.State != checkout.Manual {
			b.broken(11, "sale %s rests with %s in %s", a.ID, l.Key, l.State)
		}
		moved := l.State == checkout.Paid && (l.Class != checkout.ClassRecorded || l.Of != "")
		waits = waits || l.State == checkout.Manual || moved && a.State == checkout.Unsettled
	}
	if !waits {
		b.broken(11, "sale %s, a %s, rests %s, and nobody has it", a.ID, a.Kind, a.State)
	}
}

// balances holds each account against the legs, and so against the bank: what is
// paid stands on the account of its tender, and only late money is unresolved.
func (b *books) balances() {
	want := map[checkout.Account]money.Fen{}
	for _, a := range b.sales {
		for _, l := range a.Legs {
			amount := l.Amount
			if l.Of != "" {
				amount = -amount
			}
			if l.Booked {
				want[standsOn(l)] += amount
			}
		}
	}
	for _, l := range b.late {
		clears := l.clears()
		want["clearing:liantuofu"] += clears
		if l.settled() {
			want[l.on] -= clears
		} else {
			want["unresolved"] -= clears
		}
	}
	for _, account := range []checkout.Account{"drawer", "clearing:recorded", "clearing:liantuofu", "clearing:zvcms", "entitlements", "unresolved", "over/short"} {
		if got := b.accounts[account]; got != want[account] {
			b.broken(1, "%s stands at %s, the tenders say %s", account, got, want[account])
		}
	}
}

// standsOn is the account of a tender, said here once more.
func standsOn(l checkout.Leg) checkout.Account {
	switch l.Class {
	case checkout.ClassCode, checkout.ClassRefund:
		return "clearing:liantuofu"
	case checkout.ClassMember:
		return "clearing:zvcms"
	case checkout.ClassCard:
		return "entitlements"
	case checkout.ClassRecorded:
	}
	if l.Method == checkout.MethodOther {
		return "clearing:recorded"
	}
	return "drawer"
}
