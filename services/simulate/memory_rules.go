package simulate

import (
	"slices"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// This file holds what books refuse, and how they say so.

// checkSale refuses a new sale that the books have, or could not hold.
func (m *Memory) checkSale(s checkout.Sale) error {
	switch {
	case s.ID == "" || m.sales[s.ID] != nil:
		return refused("a sale is recorded once, under a name")
	case !isDate(s.BusinessDate):
		return refused("no business date: " + s.BusinessDate)
	case s.Total < 0:
		return refused("a total below zero")
	case over(s.State) == s.ClosedAt.IsZero():
		return refused("only an end has a time, and it must have one")
	case m.carts[s.CartID] != nil:
		return fault.New(fault.Refused, "sale.cart_sold", "These goods are being paid for, or were paid for, already; nothing was recorded. Look at the sale in the journal, and start a new cart for other goods.", "cart", s.CartID)
	}
	return nil
}

// isDate reports a date written yyyy-MM-dd.
func isDate(s string) bool {
	const form = "0000-00-00"
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		digit := s[i] >= '0' && s[i] <= '9'
		if digit != (form[i] == '0') || !digit && s[i] != '-' {
			return false
		}
	}
	return true
}

// legRefused says why the books cannot take the step's leg i; "" if they can.
func (m *Memory) legRefused(st *step, i int) string {
	l := st.sale.Legs[i]
	switch {
	case l.ID == "" || l.Key == "" || l.No < 1:
		return "a leg without id, key or number"
	case l.Amount < 0 || l.Tendered < 0 || l.Count < 0:
		return "a leg below zero"
	case m.legs[l.ID] != nil || m.keys[l.Key] != nil:
		return "a leg is recorded once"
	}
	for _, x := range st.sale.Legs[:i] {
		if x.ID == l.ID || x.Key == l.Key || x.No == l.No {
			return "a leg is recorded once"
		}
	}
	return ""
}

// unfolded is a leg before its first event.
func unfolded(l checkout.Leg) checkout.Leg {
	l.State, l.Booked, l.SentOnce, l.Attempts, l.Reversals, l.Seq = "", false, false, 0, 0, 0
	l.ProviderNo, l.PaidAt, l.Reason = "", "", checkout.Reason{}
	l.IntentAt, l.ChangedAt = time.Time{}, time.Time{}
	return l
}

// isLast reports whether e is what brought the leg to where it stands.
func isLast(l checkout.Leg, e checkout.LegEvent) bool {
	return l.ID == e.LegID && l.Seq == e.Seq && l.State == e.State && l.Reason == e.Reason && l.ChangedAt.UnixMilli() == e.At.UnixMilli()
}

// checkRefund holds a refund against its sale and the other refunds of that. For
// every other sale it does nothing.
func (m *Memory) checkRefund(s checkout.Sale) error {
	if s.Kind != checkout.Refund {
		return nil
	}
	of := m.sales[s.Of]
	if of == nil {
		return unknownSale(s.Of)
	}
	return checkout.CheckRefund(of.copy(), m.refundsBut(s.Of, s.ID), s)
}

// refundsBut are the refunds of a sale but one, oldest first.
func (m *Memory) refundsBut(saleID, id string) []checkout.Sale {
	var all []checkout.Sale
	for _, b := range m.all {
		if b.sale.Of == saleID && b.sale.ID != id {
			all = append(all, b.copy())
		}
	}
	return all
}

func watchRow(w checkout.Watch) watch {
	return watch{leg: w.Leg.ID, sale: w.Leg.SaleID, state: w.State, step: w.Step, due: milli(w.Due), booked: w.Booked, since: milliOrNone(w.Since)}
}

// check refuses a watch that the books could not hold.
func (w watch) check(b *book) error {
	if !slices.Contains(checkout.WatchStates(), w.state) || w.step < 0 || w.booked < 0 {
		return refused("a watch that is " + string(w.state) + " or below zero")
	}
	for _, l := range b.sale.Legs {
		if l.ID == w.leg {
			return nil
		}
	}
	return refused("a watch of a leg that is not in its sale")
}

// watchIs refuses to go on from anything but what the caller saw.
func (m *Memory) watchIs(w checkout.Watch) error {
	now := watch{state: checkout.WatchOver}
	if i, ok := m.watched[w.Leg.ID]; ok {
		now = m.watches[i]
	}
	switch {
	case now.state == checkout.WatchOver && w.State == checkout.WatchOver:
		return nil
	case now.state != w.State, now.step != w.Step, now.booked != w.Booked:
		return fault.New(fault.Refused, "watch.changed", "Another hand is looking after the payment {key}; nothing was recorded.", "key", w.Leg.Key)
	}
	return nil
}

func stateChanged(s checkout.Sale) error {
	return fault.New(fault.Refused, "sale.state_changed", "This sale is {state} already; nothing was recorded. Look at it in the journal.", "state", string(s.State), "sale", s.ID)
}

func unknownSale(id string) error {
	return fault.New(fault.Invalid, "sale.unknown", "There is no sale {sale} on this till.", "sale", id)
}

func unknownLeg(key string) error {
	return fault.New(fault.Invalid, "leg.unknown", "There is no payment {key} on this till.", "key", key)
}

const notRecorded = " This step was not recorded and the till took no money by it; a payment already sent is looked up again, never repeated."

// defect refuses a step that would break the law of the payment path. No
// person caused it.
func defect(what string) error {
	return fault.New(fault.Internal, "ledger.defect", "The till stopped itself before recording something that does not add up ({what})."+notRecorded+" Call support.", "what", what)
}

// refused is what the till's ledger says where its tables contradict a step.
func refused(why string) error {
	return fault.New(fault.Internal, "ledger.refused", "The books refused this step, because it contradicts what is already recorded ({why})."+notRecorded+" Restart the till; if it happens again, call support.", "why", why)
}
