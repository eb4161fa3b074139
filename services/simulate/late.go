package simulate

import (
	"cashier/services/checkout"
	"cashier/services/money"
)

// late is money that moved for a leg that was over: what its watch and the books
// say of it.
type late struct {
	leg        checkout.Leg
	state      checkout.WatchState
	booked     money.Fen
	unresolved money.Fen        // what stands on that account
	on         checkout.Account // where a person put what stays with the provider
}

// clears is what of it stands on the provider's account: what arrived too late is
// there, what went back too late is not.
func (l late) clears() money.Fen {
	switch {
	case l.state != checkout.LateMoney && l.state != checkout.LateHeld && !l.settled():
		return 0
	case l.leg.Class == checkout.ClassRefund:
		return -l.booked
	}
	return l.booked
}

// known: a person has it, or has had it, and was told.
func (l late) known() bool { return l.state == checkout.LateHeld || l.settled() }

// settled: a person has said how it ended.
func (l late) settled() bool { return l.state == checkout.LateKept || l.state == checkout.LateSquare }

// strayed notes what a watch says, and what it puts where.
func (b *books) strayed(next checkout.Watch, entries []checkout.Entry) {
	l := b.late[next.Leg.Key]
	l.leg, l.state, l.booked = next.Leg, next.State, next.Booked
	for _, e := range entries {
		for _, p := range e.Postings {
			if p.Account == "unresolved" {
				l.unresolved += p.Amount
			}
			if p.Account == "drawer" || p.Account == "over/short" {
				l.on = p.Account
			}
		}
	}
	if b.late == nil {
		b.late = map[string]late{}
	}
	b.late[next.Leg.Key] = l
}

// kept: late money is on the books while it is not settled, and no longer.
func (b *books) kept(before, next checkout.Watch) {
	s, l, leg := b.line.heard(next.Leg.Key), b.late[next.Leg.Key], next.Leg
	want := -l.clears()
	if l.settled() {
		want = 0
	}
	switch {
	case l.unresolved != want:
		b.broken(8, "of the late money of %s %s is unresolved, and its watch says %s", leg.Key, l.unresolved, want)
	case next.Booked != 0 && next.Booked != leg.Amount:
		b.broken(8, "%s of late money of %s, which was to pay %s", next.Booked, leg.Key, leg.Amount)
	case next.State == checkout.LateMoney && before.State != checkout.LateMoney && next.Booked == 0 && s.isPaid && !s.otherwise:
		b.broken(8, "the late money of %s is not booked", leg.Key)
	case l.settled() && before.State != checkout.LateHeld:
		b.broken(9, "the late money of %s was %s, and is settled by a person", leg.Key, before.State)
	case l.settled() && s.alarms == 0:
		b.broken(9, "the late money of %s is a person's, and nobody was told", leg.Key)
	}
}
