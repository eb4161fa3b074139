package reconcile

import (
	"slices"

	"cashier/services/checkout"
	"cashier/services/money"
)

// refunds are what the till gave back by the provider, by refundNo.
type refunds map[string]checkout.Leg

func refundLegs(legs []checkout.Leg) refunds {
	byKey := make(refunds)
	for _, l := range legs {
		if l.Class == checkout.ClassRefund && l.Provider == provider {
			byKey[l.Key] = l
		}
	}
	return byKey
}

// of are the refunds of one payment that gave money back, or may have.
func (r refunds) of(key string) []checkout.Leg {
	var all []checkout.Leg
	for _, l := range r {
		if l.Of == key && l.SentOnce && l.State != checkout.Rejected && l.State != checkout.Reversed {
			all = append(all, l)
		}
	}
	return all
}

func sum(legs []checkout.Leg) (t money.Fen) {
	for _, l := range legs {
		t += l.Amount
	}
	return t
}

// beyond is the order without what the till gave back of it. Where the bill has
// anything that the books do not explain, it is the order as it is.
func (o order) beyond(given []checkout.Leg) order {
	strange := slices.ContainsFunc(o.refunds, func(r Row) bool {
		return !slices.ContainsFunc(given, func(l checkout.Leg) bool { return l.Key == r.RefundNo && l.Amount == r.Amount })
	})
	if len(given) == 0 || strange || o.givenBack() > sum(given) || o.contradictory() {
		return o
	}
	o.known = len(o.refunds) > 0
	o.refunds, o.rows = nil, slices.Clone(o.rows)
	for i := range o.rows {
		o.rows[i].Refunded = 0
		if o.rows[i].State == checkout.OrderRefunded { // by us: in part or whole, the state says it
			o.rows[i].State = checkout.OrderPaid
		}
	}
	return o
}

// compareRefunds holds the till's own refunds against the bill.
func (r *Report) compareRefunds(given refunds, theirs map[string]order, w Window) {
	for _, l := range given {
		o := theirs[l.Of]
		row, listed := o.refund(l.Key)
		if !listed && !w.holds(l.IntentAt) || len(o.broken) > 0 {
			continue
		}
		f := judgeRefund(l, o, row, listed || o.tells(given.of(l.Of)))
		if listed {
			f.Theirs = &Theirs{State: row.State, GivenBack: row.Amount, ProviderNo: row.ProviderNo}
		}
		switch {
		case f.Kind != "":
			r.add(f)
		case w.holds(l.IntentAt) && l.State == checkout.Paid:
			r.Refunds, r.Refunded = r.Refunds+1, r.Refunded+l.Amount
		}
	}
}

// refund is the row of a refund.
func (o order) refund(no string) (Row, bool) {
	i := slices.IndexFunc(o.refunds, func(r Row) bool { return r.RefundNo == no })
	if i < 0 {
		return Row{}, false
	}
	return o.refunds[i], true
}

// judgeRefund holds one refund against its row; a Finding without a Kind is none.
// Money that went back by a refund that came to nothing here is a finding about
// its payment.
func judgeRefund(l checkout.Leg, o order, row Row, listed bool) Finding {
	f := Finding{Key: l.Key, Of: l.Of, Ours: &Ours{l.SaleID, l.State, l.Amount}, Theirs: o.theirs()}
	decided := l.State == checkout.Paid || l.State == checkout.Manual
	switch {
	case decided && row.RefundNo != "" && row.Amount != l.Amount:
		f.Kind, f.Remedy = AmountDiffers, CompareAmounts
	case l.State == checkout.Manual && listed:
		f.Kind, f.Remedy = Open, ResolvePaid
	case l.State == checkout.Manual:
		f.Kind, f.Remedy = Open, ResolveNever
	case l.State.Open():
		f.Kind, f.Remedy = Open, Settle
	case l.State == checkout.Paid && !listed:
		f.Kind, f.Remedy = RefundMissing, AskRefund
	}
	return f
}

// tells reports that the order's own row speaks of all these refunds: a bill may
// list refunds there alone, and without saying how much.
func (o order) tells(given []checkout.Leg) bool {
	return slices.ContainsFunc(o.rows, func(r Row) bool {
		return r.Refunded >= sum(given) || r.Refunded == 0 && r.State == checkout.OrderRefunded
	})
}
