package checkout

import "cashier/services/money"

// This file is what any books hold a step against before they take it, so that
// each store refuses the same.

// Contradicts says how the leg differs from its postings on the customer's account
// (a payment credits it, so posted is negative, and what is given back debits it);
// "" if it does not.
func (l Leg) Contradicts(posted money.Fen) string {
	if l.Of != "" {
		posted = -posted
	}
	ok := posted == 0
	switch l.State {
	case Paid:
		ok = posted == -l.Amount
	case Reversing, Manual:
		ok = ok || posted == -l.Amount // it may have been paid before
	case Intent, Sent, Pending, Unknown, Reversed, Rejected:
	}
	if ok || l.Kept && posted == -l.Amount { // of a refund that was under way
		return ""
	}
	return "leg " + l.Key + " is " + string(l.State) + " over " + l.Amount.String() + ", the books say " + (-posted).String()
}

// CannotEnd says why the sale cannot be COMPLETE, or VOIDED, with that balance of
// the customer's account; "" if it can. An end as anything else can always be.
func (s Sale) CannotEnd(as SaleState, customer money.Fen) string {
	if as != Complete && as != Voided {
		return ""
	}
	if as == Complete && !s.Settled() {
		return "sale " + s.ID + " is not paid to the fen"
	}
	if l, holds := s.leg(func(l Leg) bool { return l.State != Rejected && l.State != Reversed }); holds && as == Voided {
		return "sale " + s.ID + " cannot be voided while " + l.Key + " is " + string(l.State)
	}
	if customer != 0 {
		return "the customer's account of sale " + s.ID + ", which is to be " + string(as) + ", ends at " + customer.String()
	}
	return ""
}
