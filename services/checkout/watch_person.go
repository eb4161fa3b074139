package checkout

import (
	"context"
	"strings"

	"cashier/services/access"
	"cashier/services/fault"
)

// This file is about late money that is left to a person.

// Codes of the reasons of a leg that is over and whose money moved all the same.
const (
	CodeLateMoney = "late_money" // it is being given back
	CodeLateHeld  = "late_held"  // the provider does not give it back: a person's
	CodeGivenLate = "given_late" // a refund that was refused went back all the same: a person's
)

// LeftOver reports that the leg is over, its money moved all the same, and a
// person settles that by Desk.Resolve or Desk.ResolveInCash.
func (l Leg) LeftOver() bool {
	return l.State.Final() && (l.Reason.Code == CodeLateHeld || l.Reason.Code == CodeGivenLate)
}

// Late reports that the leg is over and its money moved all the same.
func (l Leg) Late() bool {
	return l.LeftOver() || l.State.Final() && l.Reason.Code == CodeLateMoney
}

// Now is the leg with the reason its watches give it, where they do.
func (l Leg) Now(watches []Watch) Leg {
	for _, w := range watches {
		if r := w.reason(); w.Leg.ID == l.ID && r.Code != "" {
			l.Reason = r
		}
	}
	return l
}

// reason is why a leg that is over is listed among those that are not.
func (w Watch) reason() Reason {
	switch {
	case w.State == LateMoney:
		return Reason{Code: CodeLateMoney, Message: "The provider took the money after this payment was given up; it is being given back."}
	case w.State == LateHeld && w.Leg.Class == ClassRefund:
		return Reason{Code: CodeGivenLate, Message: "The provider refused this refund and gave the money back all the same; see whether the customer was given it twice."}
	case w.State == LateHeld:
		return Reason{Code: CodeLateHeld, Message: "The provider took the money after this payment was given up, and does not give it back; give it back in the merchant back office, or in cash."}
	}
	return Reason{}
}

// settle is the watch, and what it books, once a person has said how late money
// ended: the provider has it no more (REVERSED), or it stays as it is (PAID). Cash
// went over the counter instead, and what the provider has stays with it. What went
// back by a refund that is still under way, and stays, is a part of it given.
func (w Watch) settle(as State, cash, underWay bool) (Watch, []Entry, error) {
	before := w
	switch {
	case cash && w.Booked == 0:
		return w, nil, fault.New(fault.Refused, "resolve.late_unbooked", "The provider states another amount than {amount} for payment {key}, so the till has not booked it; give no cash for it. Ask the provider, query the payment again, or have the provider give it back and settle it as REVERSED.", "amount", w.Leg.Amount.String(), "key", w.Leg.Key)
	case cash:
		w.State = LateSquare
		return w, w.move("cash", AccDrawer, AccUnresolved, w.Booked), nil
	case as == Paid && underWay && w.Leg.Class == ClassRefund:
		w.State = LateKept
		return w, w.move("kept", AccCustomer, AccUnresolved, w.Booked), nil
	case as == Paid:
		w.State = LateKept
		return w, w.move("kept", AccOverShort, AccUnresolved, w.Booked), nil
	case as == Reversed:
		w.State = WatchOver
		return w, w.entries(before), nil
	}
	return w, nil, fault.New(fault.Invalid, "resolve.late_state", "Late money is settled as REVERSED (it went back to the customer) or as PAID (it stays where it is).")
}

// ResolveInCash settles late money that a person has squared with the customer in
// cash: given out of the drawer, or of a refund that came too late, taken back
// into it. Faults: as of Resolve.
func (d *Desk) ResolveInCash(ctx context.Context, by access.Actor, key, why string) (Sale, error) {
	return d.settleLate(ctx, by, key, Paid, true, why)
}

// settleLate settles by hand what a watch has left to a person.
func (d *Desk) settleLate(ctx context.Context, by access.Actor, key string, as State, cash bool, why string) (Sale, error) {
	if err := demandResolve(by, why); err != nil {
		return Sale{}, err
	}
	s, err := d.p.Store.SaleByKey(ctx, key)
	if err != nil {
		return Sale{}, err
	}
	l, _ := s.leg(func(l Leg) bool { return l.Key == key })
	w, err := d.watchOf(ctx, l)
	switch {
	case err != nil:
		return Sale{}, err
	case w.State == LateMoney:
		return Sale{}, fault.New(fault.Busy, "resolve.late_at_work", "The money of payment {key} came late and is still being given back by the till; wait until it has come to an end.", "key", key)
	case w.State != LateHeld:
		return Sale{}, errNotManual(l)
	}
	next, entries, err := w.settle(as, cash, !s.over())
	if err != nil {
		return Sale{}, err
	}
	how := string(as)
	if cash {
		how = "cash"
	}
	a := d.act(by, "watch.resolve", key, how+", "+w.Booked.String()+": "+why)
	if err := d.p.Store.Watch(ctx, w, next, entries, a); err != nil {
		return Sale{}, err
	}
	d.mu.Lock()
	running := d.watches[l.ID]
	d.mu.Unlock()
	if running != nil {
		running.retired.Store(true)
		running.wake()
	}
	if s, err = d.p.Store.Sale(ctx, s.ID); err != nil || s.over() || !s.Settled() {
		return s, err
	}
	d.done(ctx, d.follow(s, nil, Resume, false)) // it was all that was missing
	return d.p.Store.Sale(context.WithoutCancel(ctx), s.ID)
}

func demandResolve(by access.Actor, why string) error {
	if err := by.Demand(access.Resolve); err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return fault.New(fault.Invalid, "resolve.no_reason", "Say why: the reason stays in the audit trail.")
	}
	return nil
}

func errNotManual(l Leg) error {
	return fault.New(fault.Invalid, "resolve.not_manual", "Payment {key} is {state}; only one in state MANUAL is settled by hand.", "key", l.Key, "state", string(l.State))
}
