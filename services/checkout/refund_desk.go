package checkout

import (
	"context"
	"slices"
	"strings"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// Refund gives back a finished sale, or part of it, by a sale of kind Refund. It
// returns as soon as that is durable, complete where only cash goes back; Wait
// says how it ended. Cash is for handing out once the refund is COMPLETE, not
// before.
//
// Faults: Denied, Invalid and Refused with codes refund.…, those of the books,
// and NotSetUp.
func (d *Desk) Refund(ctx context.Context, by access.Actor, q RefundRequest) (Sale, error) {
	if err := demandRefund(by, q.Reason); err != nil {
		return Sale{}, err
	}
	s, dr, err := d.draftRefund(ctx, by, q)
	if err != nil {
		return Sale{}, err
	}
	a := d.act(by, "sale.refund", s.ID, s.Of+" "+s.Total.String()+": "+q.Reason)
	if s.Settled() {
		return d.sell(ctx, s, dr, a)
	}
	if err := d.p.Store.Freeze(ctx, s, dr.events, dr.entries, a); err != nil {
		d.inDoubt(ctx, s.ID, func(Sale) bool { return true })
		return Sale{}, err
	}
	d.follow(s, dr.secrets, Begin, true)
	return s, nil
}

// PlanRefund is the refund that Refund would begin, of which nothing is recorded:
// what goes back, and by which tender. Faults: as of Refund, but for the right.
func (d *Desk) PlanRefund(ctx context.Context, by access.Actor, q RefundRequest) (Sale, error) {
	s, _, err := d.draftRefund(ctx, by, q)
	return s, err
}

// RefundRest gives what a refund could not give so far: anew by the tenders
// that paid, or in cash. A provider that refused is asked under a new number.
// Faults: as of Refund, and those of a sale that does not wait for a person.
func (d *Desk) RefundRest(ctx context.Context, by access.Actor, saleID string, cash bool, why string) (Sale, error) {
	if err := demandRefund(by, why); err != nil {
		return Sale{}, err
	}
	s, err := d.idle(ctx, saleID)
	switch {
	case err != nil:
		return Sale{}, err
	case s.Kind != Refund:
		return Sale{}, fault.New(fault.Invalid, "refund.not_begun", "Sale {sale} is no refund that was begun, so there is no rest of one to give.", "sale", s.ID)
	case s.Settled(): // given in full, and its end could not be written
		return d.close(ctx, s)
	}
	return d.rest(ctx, s, cash, d.act(by, "sale.refund", s.ID, "the rest, "+s.Due().String()+": "+why))
}

// tenderRest is RefundRest in cash, by a person who names the amount.
func (d *Desk) tenderRest(ctx context.Context, by access.Actor, s Sale, tenders []Tender, a Act) (Sale, error) {
	if err := by.Demand(access.Resolve); err != nil {
		return Sale{}, err
	}
	var cash money.Fen
	for _, t := range tenders {
		cash += t.Cash
	}
	if cash != s.Due() {
		return Sale{}, fault.New(fault.Invalid, "refund.cash_exact", "This is a refund, of which {due} is still to be given: give exactly that in cash, or have it given back as it was paid.", "due", s.Due().String())
	}
	return d.rest(ctx, s, true, a)
}

func (d *Desk) rest(ctx context.Context, s Sale, cash bool, a Act) (Sale, error) {
	r, others, err := d.refundable(ctx, s.Of)
	if err != nil {
		return Sale{}, err
	}
	parts, err := r.tenders(s.Due(), "", cash)
	if err != nil {
		return Sale{}, err
	}
	dr, err := d.draftGiven(ctx, s, parts)
	if err != nil {
		return Sale{}, err
	}
	after := s
	after.Legs = append(slices.Clone(s.Legs), dr.legs...)
	others = slices.DeleteFunc(others, func(x Sale) bool { return x.ID == s.ID })
	if err := CheckRefund(r.sale, others, after); err != nil {
		return Sale{}, err
	}
	return d.addLegs(ctx, s, dr, a)
}

// draftRefund works out a refund whole, without recording anything.
func (d *Desk) draftRefund(ctx context.Context, by access.Actor, q RefundRequest) (Sale, draft, error) {
	if q.Key != "" {
		paid, err := d.p.Store.SaleByKey(ctx, q.Key)
		if err != nil {
			return Sale{}, draft{}, err
		}
		q.SaleID = paid.ID
	}
	r, others, err := d.refundable(ctx, q.SaleID)
	if err != nil {
		return Sale{}, draft{}, err
	}
	what := r.returned
	if q.Key != "" {
		what = r.money
	}
	lines, err := what(q)
	if err != nil {
		return Sale{}, draft{}, err
	}
	if !q.Cash {
		if err := r.byCard(lines); err != nil {
			return Sale{}, draft{}, err
		}
	}
	s := d.newSale(by, Refund, Cart{Lines: lines})
	s.Of = r.sale.ID
	parts, err := r.tenders(s.Total, q.Key, q.Cash)
	if err != nil {
		return Sale{}, draft{}, err
	}
	dr, err := d.draftGiven(ctx, s, parts)
	if err != nil {
		return Sale{}, draft{}, err
	}
	s.Legs = dr.legs
	return s, dr, CheckRefund(r.sale, others, s)
}

// draftGiven is draftParts for what goes back, if it can.
func (d *Desk) draftGiven(ctx context.Context, s Sale, parts []part) (draft, error) {
	if slices.ContainsFunc(parts, func(p part) bool { return !d.hasGateway(p.class) }) {
		return draft{}, NotSetUp(ClassRefund)
	}
	return d.draftParts(ctx, s, parts)
}

// refundable reads a finished sale with its refunds.
func (d *Desk) refundable(ctx context.Context, saleID string) (refundable, []Sale, error) {
	s, err := d.p.Store.Sale(ctx, saleID)
	if err == nil {
		err = canRefund(s)
	}
	if err != nil {
		return refundable{}, nil, err
	}
	refunds, err := d.p.Store.Refunds(ctx, saleID)
	if err != nil {
		return refundable{}, nil, err
	}
	return givenOf(s, refunds), refunds, d.givenLate(ctx, refunds)
}

// givenLate refuses to give back what may have gone back already, by a refund
// that was refused and carried out all the same.
func (d *Desk) givenLate(ctx context.Context, refunds []Sale) error {
	watches, err := d.p.Store.Watches(ctx)
	for _, s := range refunds {
		for _, l := range s.Legs {
			if l.Now(watches).LeftOver() {
				return fault.New(fault.Refused, "refund.given_late", "{amount} of this went back by refund {key} although it had been refused; nothing was recorded. Settle that one by hand first, then see what is left.", "amount", l.Amount.String(), "key", l.Key)
			}
		}
	}
	return err
}

func demandRefund(by access.Actor, why string) error {
	if err := by.Demand(access.Resolve); err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return fault.New(fault.Invalid, "refund.no_reason", "Say why it is given back: the reason stays in the audit trail.")
	}
	return nil
}

// askRefund looks at a refund that is over or left to a person. Proof ends one
// left to a person; that money went back by one that came to nothing is a person's.
func (d *Desk) askRefund(ctx context.Context, s Sale, l Leg) error {
	if d.p.Codes == nil {
		return NotSetUp(ClassRefund)
	}
	a := d.p.Codes.RefundQuery(ctx, l.Key)
	v := judge(OpRefundQuery, &l, &a).verdict
	switch {
	case v == paid && l.State == Manual:
		_, err := d.conclude(ctx, d.itself(), s, l, Paid, Reason{Code: "proven", Message: "The provider proves that it was given back."})
		return err
	case (v == paid || v == mismatch) && l.State != Paid && l.State != Manual:
		return d.late(ctx, l, v)
	case v == missing && l.State == Paid:
		d.alarm(l, "not_given_back")
	}
	return nil
}
