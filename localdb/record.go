package localdb

import (
	"context"
	"errors"
	"slices"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// Freeze implements checkout.Store. The legs' states come from events alone.
func (l *Ledger) Freeze(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	return l.commit(ctx, pointFreeze, func(t *tx) error {
		s.State = checkout.Tendering
		d, err := l.draft(s, events)
		if err != nil {
			return err
		}
		if err := t.checkRefund(d.sale); err != nil {
			return err
		}
		if err := t.insertSale(d.sale); err != nil {
			return soldTwice(err, s)
		}
		_, err = t.save(d, entries, a)
		return err
	})
}

// Sell implements checkout.Store.
func (l *Ledger) Sell(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (receiptNo string, err error) {
	err = l.commit(ctx, pointSell, func(t *tx) error {
		s.State = checkout.Complete
		if s.ClosedAt.IsZero() {
			s.ClosedAt = a.At
		}
		d, err := l.draft(s, events)
		if err != nil {
			return err
		}
		if err := t.checkRefund(d.sale); err != nil {
			return err
		}
		if err := t.insertSale(d.sale); err != nil {
			return soldTwice(err, s)
		}
		customer, err := t.save(d, entries, a)
		if err != nil {
			return err
		}
		if receiptNo, err = t.finish(d.sale, customer, l.till); err != nil {
			return err
		}
		return t.step(l.till.Epoch, s.ID)
	})
	if err != nil {
		return "", err // a number that was not made durable is nobody's
	}
	return receiptNo, nil
}

// AddLegs implements checkout.Store.
func (l *Ledger) AddLegs(ctx context.Context, legs []checkout.Leg, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if len(legs) == 0 {
		return defect("no legs to add")
	}
	return l.commit(ctx, pointAddLegs, func(t *tx) error {
		s, err := t.openSale(legs[0].SaleID)
		if err == nil && s.Kind == checkout.Refund {
			err = t.fillLinesOf(&s)
		}
		if err != nil {
			return err
		}
		if _, open := s.OpenLeg(); open || s.State == checkout.Compensating {
			return stateChanged(s) // one leg moves forward at a time
		}
		d := draft{sale: s, stored: len(s.Legs)}
		if err := d.add(legs); err != nil {
			return err
		}
		if err := d.apply(events); err != nil {
			return err
		}
		if err := d.agree(legs); err != nil {
			return err
		}
		if err := t.checkRefund(d.sale); err != nil {
			return err
		}
		if _, err = t.save(&d, entries, a); err != nil {
			return err
		}
		return t.again(l.till.Epoch, s.ID)
	})
}

// Advance implements checkout.Store. An event that is the leg's last one
// already is not recorded again: a caller that did not learn of its success
// may ask for it once more. SENT alone is refused then, because its success is
// the permission to send, and that is given once.
func (l *Ledger) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	return l.commit(ctx, pointAdvance+"."+string(e.State), func(t *tx) error {
		saleID, err := t.saleOfLeg(e.LegID)
		if err != nil {
			return err
		}
		s, err := t.openSale(saleID)
		if err != nil {
			return err
		}
		if e.State != checkout.Sent && slices.ContainsFunc(s.Legs, func(l checkout.Leg) bool { return isLast(l, e) }) {
			return nil
		}
		changed := !slices.ContainsFunc(s.Legs, func(l checkout.Leg) bool { return l.ID == e.LegID && l.State == e.State })
		d := draft{sale: s, stored: len(s.Legs)}
		if err := d.apply([]checkout.LegEvent{e}); err != nil {
			return err
		}
		if _, err = t.save(&d, entries, a); err != nil {
			return err
		}
		switch {
		case e.State != checkout.Unknown && e.State != checkout.Manual:
			return t.again(l.till.Epoch, s.ID)
		case !changed: // asked again, and still nobody knows
			return nil
		}
		return t.step(l.till.Epoch, s.ID)
	})
}

// Complete implements checkout.Store. A sale already ended is a fault with
// code sale.state_changed, and keeps its one receipt number.
func (l *Ledger) Complete(ctx context.Context, s checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (receiptNo string, err error) {
	err = l.commit(ctx, pointComplete, func(t *tx) error {
		stored, err := t.openSale(s.ID)
		if err != nil {
			return err
		}
		if stored.State == checkout.Compensating {
			return stateChanged(stored) // its money is on its way back
		}
		d := draft{sale: stored, stored: len(stored.Legs)}
		if last != nil {
			if err := d.apply([]checkout.LegEvent{*last}); err != nil {
				return err
			}
		}
		customer, err := t.save(&d, entries, a)
		if err != nil {
			return err
		}
		d.sale.State, d.sale.ClosedAt, d.sale.Reason = checkout.Complete, s.ClosedAt, s.Reason
		if d.sale.ClosedAt.IsZero() {
			d.sale.ClosedAt = a.At
		}
		if err := t.endSale(d.sale); err != nil {
			return err
		}
		if receiptNo, err = t.finish(d.sale, customer, l.till); err != nil {
			return err
		}
		return t.step(l.till.Epoch, s.ID)
	})
	if err != nil {
		return "", err // a number that was not made durable is nobody's
	}
	return receiptNo, nil
}

// Close implements checkout.Store. s.State says how the sale ends, is set aside
// or is given up. A sale already ended, or already there, is a fault with code
// sale.state_changed.
func (l *Ledger) Close(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if s.State != checkout.Voided && s.State != checkout.Unsettled && s.State != checkout.Compensating {
		return defect("a sale is closed as " + string(s.State))
	}
	return l.commit(ctx, pointClose+"."+string(s.State), func(t *tx) error {
		stored, err := t.openSale(s.ID)
		if err != nil {
			return err
		}
		if stored.State == s.State {
			return stateChanged(stored)
		}
		if _, open := stored.OpenLeg(); open && s.State == checkout.Compensating {
			return stateChanged(stored) // nothing is taken back under a payment on its way
		}
		d := draft{sale: stored, stored: len(stored.Legs)}
		if err := d.apply(events); err != nil {
			return err
		}
		customer, err := t.save(&d, entries, a)
		if err != nil {
			return err
		}
		d.sale.State, d.sale.Reason = s.State, s.Reason
		if s.State == checkout.Voided {
			d.sale.ClosedAt = s.ClosedAt
			if s.ClosedAt.IsZero() {
				d.sale.ClosedAt = a.At
			}
			if why := d.sale.CannotEnd(checkout.Voided, customer); why != "" {
				return defect(why)
			}
		}
		if err := t.endSale(d.sale); err != nil {
			return err
		}
		return t.step(l.till.Epoch, s.ID)
	})
}

// Note implements checkout.Store.
func (l *Ledger) Note(ctx context.Context, a checkout.Act) error {
	return l.commit(ctx, pointNote, func(t *tx) error { return t.audit(a) })
}

// draft is a sale with what one transaction adds to it.
type draft struct {
	sale   checkout.Sale
	fresh  bool // the sale itself is new
	stored int  // the legs before this index are in the books already
	events []checkout.LegEvent
}

// draft folds a new sale from its events.
func (l *Ledger) draft(s checkout.Sale, events []checkout.LegEvent) (*draft, error) {
	if s.TillID != l.till.ID || s.Epoch != l.till.Epoch {
		return nil, defect("a sale of till " + s.TillID + " in the books of " + l.till.ID + ", or of another epoch")
	}
	legs := s.Legs
	s.Legs = nil
	d := &draft{sale: s, fresh: true}
	if err := d.add(legs); err != nil {
		return nil, err
	}
	if err := d.apply(events); err != nil {
		return nil, err
	}
	if err := d.agree(legs); err != nil {
		return nil, err
	}
	return d, nil
}

// add takes what a leg is and forgets where it is said to stand: its events
// decide that.
func (d *draft) add(legs []checkout.Leg) error {
	d.sale.Legs = slices.Clone(d.sale.Legs)
	for _, x := range legs {
		if x.SaleID != d.sale.ID {
			return defect("leg " + x.Key + " belongs to another sale")
		}
		d.sale.Legs = append(d.sale.Legs, checkout.Leg{
			ID: x.ID, SaleID: x.SaleID, No: x.No, Key: x.Key, Class: x.Class, Method: x.Method, Provider: x.Provider,
			Amount: x.Amount, Tendered: x.Tendered, Count: x.Count,
			CodeDigest: x.CodeDigest, SealedCard: x.SealedCard, CardLast4: x.CardLast4, Before: x.Before, RequestHash: x.RequestHash, Of: x.Of,
		})
	}
	return nil
}

func (d *draft) apply(events []checkout.LegEvent) error {
	for _, e := range events {
		i := slices.IndexFunc(d.sale.Legs, func(l checkout.Leg) bool { return l.ID == e.LegID })
		if i < 0 {
			return unknownLeg(e.LegID)
		}
		next, err := d.sale.Legs[i].Apply(e)
		if err != nil {
			return fault.Wrap(err, fault.Refused, "leg.state_changed", "This payment ({key}) has moved on meanwhile; nothing was recorded. Look at where it stands now.", "key", d.sale.Legs[i].Key)
		}
		d.sale.Legs[i] = next
		d.events = append(d.events, e)
	}
	return nil
}

// agree refuses new legs whose events say something else than the caller
// believes, and new legs without events.
func (d *draft) agree(given []checkout.Leg) error {
	for i, folded := range d.sale.Legs[d.stored:] {
		if folded.Seq == 0 {
			return defect("leg " + folded.Key + " has no event")
		}
		if given[i].Seq != 0 && (given[i].Seq != folded.Seq || given[i].State != folded.State) {
			return defect("leg " + folded.Key + " is " + string(given[i].State) + ", its events say " + string(folded.State))
		}
	}
	return nil
}

// isLast reports whether e is what brought the leg to where it stands.
func isLast(l checkout.Leg, e checkout.LegEvent) bool {
	return l.ID == e.LegID && l.Seq == e.Seq && l.State == e.State && l.Reason == e.Reason && ms(l.ChangedAt) == ms(e.At)
}

// openSale finds a sale whose money is still moving.
func (t *tx) openSale(id string) (checkout.Sale, error) {
	sales, err := t.sales(false, saleByIDSQL, id)
	switch {
	case err != nil:
		return checkout.Sale{}, err
	case len(sales) == 0:
		return checkout.Sale{}, unknownSale(id)
	}
	s := sales[0]
	if s.State == checkout.Complete || s.State == checkout.Voided {
		return checkout.Sale{}, stateChanged(s)
	}
	return s, nil
}

// save writes the draft's new legs, its events, the entries and the audit row,
// and refuses books that do not say what the legs say. It returns the balance
// of the customer's account in this sale.
func (t *tx) save(d *draft, entries []checkout.Entry, a checkout.Act) (money.Fen, error) {
	for _, l := range d.sale.Legs[d.stored:] {
		if err := t.insertLeg(l); err != nil {
			return 0, err
		}
	}
	touched := make(map[string]bool)
	for _, e := range d.events {
		if err := t.insertEvent(e); err != nil {
			return 0, err
		}
		touched[e.LegID] = true
	}
	for _, l := range d.sale.Legs[:d.stored] {
		if touched[l.ID] {
			if err := t.updateLeg(l); err != nil {
				return 0, err
			}
			if w, ok := checkout.WatchOf(l); ok {
				if err := t.putWatch(w); err != nil {
					return 0, err
				}
			}
		}
	}
	if err := t.insertEntries(d.sale, entries, a.At); err != nil {
		return 0, err
	}
	if err := t.audit(a); err != nil {
		return 0, err
	}
	var b account
	if !d.fresh { // a new sale has only what was just booked
		books, err := t.books([]checkout.Sale{d.sale})
		if err != nil {
			return 0, err
		}
		b = books[d.sale.ID]
	} else {
		for _, e := range entries {
			b.book(e)
		}
	}
	for _, l := range d.sale.Legs {
		if why := l.Contradicts(b.legs[l.ID]); why != "" {
			return 0, defect(why)
		}
	}
	return b.balance, nil
}

// finish gives a complete sale its receipt number, puts it into the upload queue
// and clears its cart.
func (t *tx) finish(s checkout.Sale, customer money.Fen, till checkout.Till) (string, error) {
	if why := s.CannotEnd(checkout.Complete, customer); why != "" {
		return "", defect(why)
	}
	if err := t.clearCart(s.CartID); err != nil {
		return "", err
	}
	no, err := t.nextReceipt(s, till)
	if err != nil {
		return "", err
	}
	return no, t.queueUploads(s.ID, ms(s.ClosedAt))
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

// soldTwice explains the one conflict a person can cause: selling a cart that
// is being sold, or was sold, already.
func soldTwice(err error, s checkout.Sale) error {
	var conflict uniqueError
	if errors.As(err, &conflict) && conflict.index == "sales.cart_id" {
		return fault.Wrap(err, fault.Refused, "sale.cart_sold", "These goods are being paid for, or were paid for, already; nothing was recorded. Look at the sale in the journal, and start a new cart for other goods.", "cart", s.CartID)
	}
	return err
}

// defect refuses a step that would break the law of the payment path. No
// person caused it.
func defect(what string) error {
	return fault.New(fault.Internal, "ledger.defect", "The till stopped itself before recording something that does not add up ({what})."+notRecorded+" Call support.", "what", what)
}
