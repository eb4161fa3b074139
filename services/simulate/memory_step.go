package simulate

import (
	"fmt"
	"slices"
	"strconv"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// step is what one transition adds, worked out whole before any of it is
// recorded, so that a refusal leaves nothing behind.
type step struct {
	book    *book         // nil for a new sale
	sale    checkout.Sale // as it will stand, with Legs of the step's own; no ID: the step has no sale
	stored  int           // the legs before this index are in the books already
	account account
	events  []checkout.LegEvent
	entries []checkout.Entry
	watches []watch
	receipt bool // the sale gets its number
	act     checkout.Act
}

// begin works out a new sale from its events.
func (m *Memory) begin(s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (step, error) {
	if s.TillID != m.till.ID || s.Epoch != m.till.Epoch {
		return step{}, defect("a sale of till " + s.TillID + " in the books of " + m.till.ID + ", or of another epoch")
	}
	legs := s.Legs
	s.Legs, s.Lines, s.ReceiptNo = nil, slices.Clone(s.Lines), ""
	s.OpenedAt, s.ClosedAt = milli(s.OpenedAt), milliOrNone(s.ClosedAt)
	st := step{sale: s, act: a}
	if err := st.add(legs); err != nil {
		return step{}, err
	}
	if err := st.apply(events); err != nil {
		return step{}, err
	}
	if err := st.agree(legs); err != nil {
		return step{}, err
	}
	if err := m.checkRefund(st.sale); err != nil {
		return step{}, err
	}
	if err := m.checkSale(s); err != nil {
		return step{}, err
	}
	if err := m.settle(&st, entries); err != nil {
		return step{}, err
	}
	return st, nil
}

// resume goes on with a sale whose money is still moving.
func (m *Memory) resume(saleID string, a checkout.Act) (step, error) {
	b := m.sales[saleID]
	switch {
	case b == nil:
		return step{}, unknownSale(saleID)
	case over(b.sale.State):
		return step{}, stateChanged(b.sale)
	}
	return m.on(b, a), nil
}

// on is a step that has changed nothing of its sale yet.
func (m *Memory) on(b *book, a checkout.Act) step {
	st := step{book: b, sale: b.sale, stored: len(b.sale.Legs), act: a}
	st.sale.Legs = slices.Clone(b.sale.Legs)
	st.account = account{b.account.balance, slices.Clone(b.account.legs)}
	return st
}

// add takes what a leg is and forgets where it is said to stand: its events
// decide that.
func (st *step) add(legs []checkout.Leg) error {
	st.sale.Legs = slices.Grow(st.sale.Legs, len(legs))
	for _, l := range legs {
		if l.SaleID != st.sale.ID {
			return defect("leg " + l.Key + " belongs to another sale")
		}
		st.sale.Legs = append(st.sale.Legs, unfolded(l))
	}
	return nil
}

func (st *step) apply(events []checkout.LegEvent) error {
	for _, e := range events {
		i := st.leg(e.LegID)
		if i < 0 {
			return unknownLeg(e.LegID)
		}
		e.At = milli(e.At)
		next, err := st.sale.Legs[i].Apply(e)
		if err != nil {
			return fault.Wrap(err, fault.Refused, "leg.state_changed", "This payment ({key}) has moved on meanwhile; nothing was recorded. Look at where it stands now.", "key", st.sale.Legs[i].Key)
		}
		st.sale.Legs[i] = next
		st.events = append(st.events, e)
	}
	return nil
}

// agree refuses new legs whose events say something else than the caller
// believes, and new legs without events.
func (st *step) agree(given []checkout.Leg) error {
	for i, folded := range st.sale.Legs[st.stored:] {
		if folded.Seq == 0 {
			return defect("leg " + folded.Key + " has no event")
		}
		if given[i].Seq != 0 && (given[i].Seq != folded.Seq || given[i].State != folded.State) {
			return defect("leg " + folded.Key + " is " + string(given[i].State) + ", its events say " + string(folded.State))
		}
	}
	return nil
}

// settle holds the step's legs and entries against the books and against each
// other, and begins the watches of the legs that end with it.
func (m *Memory) settle(st *step, entries []checkout.Entry) error {
	for i := st.stored; i < len(st.sale.Legs); i++ {
		if why := m.legRefused(st, i); why != "" {
			return refused(why)
		}
	}
	for i, l := range st.sale.Legs[:st.stored] {
		if l.Seq == st.book.sale.Legs[i].Seq {
			continue
		}
		if w, ok := checkout.WatchOf(l); ok {
			st.watches = append(st.watches, watchRow(w))
		}
	}
	if err := st.post(entries); err != nil {
		return err
	}
	for _, l := range st.sale.Legs {
		if why := l.Contradicts(st.account.of(l.ID)); why != "" {
			return defect(why)
		}
	}
	return nil
}

// post books entries of this sale on the customer's account in it.
func (st *step) post(entries []checkout.Entry) error {
	for _, e := range entries {
		if e.SaleID != st.sale.ID {
			return defect("an entry of sale " + e.SaleID + " among those of " + st.sale.ID)
		}
		if err := st.checkEntry(e); err != nil {
			return err
		}
		for _, p := range e.Postings {
			if p.Account == checkout.AccCustomer {
				st.account.add(e.LegID, p.Amount)
			}
		}
	}
	st.entries = entries
	return nil
}

// checkEntry refuses an entry that the books could not hold.
func (st *step) checkEntry(e checkout.Entry) error {
	var sum money.Fen
	for _, p := range e.Postings {
		sum += p.Amount
	}
	if sum != 0 {
		return defect(fmt.Sprintf("the %s entry of sale %s is out by %s", e.Kind, e.SaleID, sum))
	}
	for _, p := range e.Postings {
		if p.Account == "" || p.Amount == 0 {
			return refused("a posting of nothing, or to no account")
		}
	}
	switch {
	case len(e.Postings) < 2:
		return refused("an entry without postings")
	case e.LegID != "" && st.leg(e.LegID) < 0:
		return refused("an entry of a leg that is not in its sale")
	}
	return nil
}

// end gives the sale its new state; s brings the reason, and the time of an end.
func (st *step) end(state checkout.SaleState, s checkout.Sale) error {
	st.sale.State, st.sale.Reason = state, s.Reason
	if !over(state) {
		return nil
	}
	if st.sale.ClosedAt = milliOrNone(s.ClosedAt); s.ClosedAt.IsZero() {
		st.sale.ClosedAt = milliOrNone(st.act.At)
	}
	if st.sale.ClosedAt.IsZero() {
		return refused("an end without a time")
	}
	return nil
}

func (st *step) leg(id string) int {
	return slices.IndexFunc(st.sale.Legs, func(l checkout.Leg) bool { return l.ID == id })
}

func receiptNo(t checkout.Till, counter int) string {
	no := make([]byte, 0, 32)
	no = append(no, t.ID...)
	no = append(no, '-')
	no = strconv.AppendInt(no, t.Epoch, 10)
	no = append(no, '-')
	for limit := 100_000; counter < limit; limit /= 10 {
		no = append(no, '0')
	}
	return string(strconv.AppendInt(no, int64(counter), 10))
}
