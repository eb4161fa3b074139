package simulate

import (
	"context"
	"slices"

	"cashier/services/checkout"
)

// Freeze implements checkout.Store. The legs' states come from events alone.
func (m *Memory) Freeze(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if err := gone(ctx); err != nil {
		return err
	}
	s.State = checkout.Tendering
	st, err := m.begin(s, events, entries, a)
	if err != nil {
		return err
	}
	return m.commit(pointFreeze, &st)
}

// Sell implements checkout.Store.
func (m *Memory) Sell(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (receiptNo string, err error) {
	if err := gone(ctx); err != nil {
		return "", err
	}
	s.State = checkout.Complete
	if s.ClosedAt.IsZero() {
		s.ClosedAt = a.At
	}
	st, err := m.begin(s, events, entries, a)
	if err != nil {
		return "", err
	}
	return m.finish(pointSell, &st)
}

// AddLegs implements checkout.Store.
func (m *Memory) AddLegs(ctx context.Context, legs []checkout.Leg, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if len(legs) == 0 {
		return defect("no legs to add")
	}
	if err := gone(ctx); err != nil {
		return err
	}
	st, err := m.resume(legs[0].SaleID, a)
	if err != nil {
		return err
	}
	if _, open := st.sale.OpenLeg(); open || st.sale.State == checkout.Compensating {
		return stateChanged(st.sale) // one leg moves forward at a time
	}
	if err := st.add(legs); err != nil {
		return err
	}
	if err := st.apply(events); err != nil {
		return err
	}
	if err := st.agree(legs); err != nil {
		return err
	}
	if err := m.checkRefund(st.sale); err != nil {
		return err
	}
	if err := m.settle(&st, entries); err != nil {
		return err
	}
	return m.commit(pointAddLegs, &st)
}

// Advance implements checkout.Store. An event that is the leg's last one
// already is not recorded again: a caller that did not learn of its success
// may ask for it once more. SENT alone is refused then, because its success is
// the permission to send, and that is given once.
func (m *Memory) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if err := gone(ctx); err != nil {
		return err
	}
	b := m.legs[e.LegID]
	if b == nil {
		return unknownLeg(e.LegID)
	}
	st, err := m.resume(b.sale.ID, a)
	if err != nil {
		return err
	}
	if e.State != checkout.Sent && isLast(b.leg(e.LegID), e) {
		return m.commit(pointAdvance[e.State], nil)
	}
	if err := st.apply([]checkout.LegEvent{e}); err != nil {
		return err
	}
	if err := m.settle(&st, entries); err != nil {
		return err
	}
	return m.commit(pointAdvance[e.State], &st)
}

// Complete implements checkout.Store. A sale already ended is a fault with
// code sale.state_changed, and keeps its one receipt number.
func (m *Memory) Complete(ctx context.Context, s checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (receiptNo string, err error) {
	if err := gone(ctx); err != nil {
		return "", err
	}
	st, err := m.resume(s.ID, a)
	if err != nil {
		return "", err
	}
	if st.sale.State == checkout.Compensating {
		return "", stateChanged(st.sale) // its money is on its way back
	}
	if last != nil {
		if err := st.apply([]checkout.LegEvent{*last}); err != nil {
			return "", err
		}
	}
	if err := m.settle(&st, entries); err != nil {
		return "", err
	}
	if err := st.end(checkout.Complete, s); err != nil {
		return "", err
	}
	return m.finish(pointComplete, &st)
}

// finish gives a complete sale its receipt number and clears its cart.
func (m *Memory) finish(p point, st *step) (string, error) {
	if why := st.sale.CannotEnd(checkout.Complete, st.account.balance); why != "" {
		return "", defect(why)
	}
	st.receipt, st.sale.ReceiptNo = true, receiptNo(m.till, len(m.receipts)+1)
	if err := m.commit(p, st); err != nil {
		return "", err // a number that was not acknowledged is nobody's
	}
	return st.sale.ReceiptNo, nil
}

// Close implements checkout.Store. s.State says how the sale ends, is set aside
// or is given up. A sale already ended, or already there, is a fault with code
// sale.state_changed.
func (m *Memory) Close(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	p, known := pointClose[s.State]
	if !known {
		return defect("a sale is closed as " + string(s.State))
	}
	if err := gone(ctx); err != nil {
		return err
	}
	st, err := m.resume(s.ID, a)
	if err != nil {
		return err
	}
	if st.sale.State == s.State {
		return stateChanged(st.sale)
	}
	if _, open := st.sale.OpenLeg(); open && s.State == checkout.Compensating {
		return stateChanged(st.sale) // nothing is taken back under a payment on its way
	}
	if err := st.apply(events); err != nil {
		return err
	}
	if err := m.settle(&st, entries); err != nil {
		return err
	}
	if s.State == checkout.Voided {
		if why := st.sale.CannotEnd(checkout.Voided, st.account.balance); why != "" {
			return defect(why)
		}
	}
	if err := st.end(s.State, s); err != nil {
		return err
	}
	return m.commit(p, &st)
}

// Watch implements checkout.Store. A watch that is over, or that a leg never
// had, counts as the same.
func (m *Memory) Watch(ctx context.Context, before, after checkout.Watch, entries []checkout.Entry, a checkout.Act) error {
	if err := gone(ctx); err != nil {
		return err
	}
	b := m.sales[after.Leg.SaleID]
	if b == nil {
		return unknownSale(after.Leg.SaleID)
	}
	if err := m.watchIs(before); err != nil {
		return err
	}
	w := watchRow(after)
	if err := w.check(b); err != nil {
		return err
	}
	st := m.on(b, a)
	if err := st.post(entries); err != nil {
		return err
	}
	st.watches = []watch{w}
	return m.commit(pointWatch, &st)
}

// Note implements checkout.Store.
func (m *Memory) Note(ctx context.Context, a checkout.Act) error {
	if err := gone(ctx); err != nil {
		return err
	}
	return m.commit(pointNote, &step{act: a})
}

// SaveCart implements checkout.Store. There is one open cart.
func (m *Memory) SaveCart(ctx context.Context, c checkout.Cart) error {
	if err := gone(ctx); err != nil {
		return err
	}
	if err := m.pass(pointCart.before); err != nil {
		return err
	}
	m.cart, m.hasCart = checkout.Cart{}, len(c.Lines) > 0
	if m.hasCart {
		m.cart = c
		m.cart.Lines = slices.Clone(c.Lines)
	}
	return m.pass(pointCart.after)
}
