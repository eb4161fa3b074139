package simulate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// Memory is a checkout.Store in memory. It survives a till that dies, because
// the till only holds a pointer to it: what was acknowledged before the crash
// is there for the next one. What it returns and what it was given belong to
// the caller; nothing is shared.
//
// A Memory is for one goroutine at a time; several take turns with a lock of
// their own. Hook may read it, and may not write to it.
type Memory struct {
	// Hook is called with each of Points, at ".before" when a step has been
	// found in order but nothing of it is recorded, and at ".after" when all of
	// it is. An error at ".before" is a disk that refuses: nothing is recorded.
	// An error at ".after" is a disk that lies: the step is recorded and
	// reported as failed. A panic is a till that dies there. An error that is
	// no fault becomes one, with code disk.io.
	Hook func(point string) error

	till  checkout.Till
	sales map[string]*book
	legs  map[string]*book // by leg id
	keys  map[string]*book // by leg key
	carts map[string]*book // the sale that is not voided, by its cart; none by a cart without a name
	sent  map[string]int   // legs that were sent, by the digest of their code

	all, open []*book // by the time of opening, then by id
	watches   []watch // in the order in which they began
	watched   map[string]int

	cart    checkout.Cart
	hasCart bool

	acts     []checkout.Act
	events   []checkout.LegEvent
	entries  []Posted
	receipts []Receipt
}

var _ checkout.Store = (*Memory)(nil)

// NewMemory returns the empty books of a till.
func NewMemory(till checkout.Till) *Memory {
	return &Memory{
		till:    till,
		sales:   make(map[string]*book),
		legs:    make(map[string]*book),
		keys:    make(map[string]*book),
		carts:   make(map[string]*book),
		sent:    make(map[string]int),
		watched: make(map[string]int),
	}
}

// Till is which till these books belong to.
func (m *Memory) Till() checkout.Till { return m.till }

// book is one sale and the customer's account in it.
type book struct {
	sale    checkout.Sale // its Legs are replaced, never changed in place
	account account
	entries int // so far
}

// account is the customer's account in one sale: a payment credits it.
type account struct {
	balance money.Fen
	legs    []share
}

// share is what a leg has moved on an account.
type share struct {
	leg    string
	amount money.Fen
}

func (a *account) add(leg string, amount money.Fen) {
	a.balance += amount
	for i := range a.legs {
		if a.legs[i].leg == leg {
			a.legs[i].amount += amount
			return
		}
	}
	a.legs = append(a.legs, share{leg, amount})
}

// of is what a leg has moved.
func (a *account) of(leg string) money.Fen {
	for _, s := range a.legs {
		if s.leg == leg {
			return s.amount
		}
	}
	return 0
}

// watch is how far the watch of a leg has come.
type watch struct {
	leg, sale string
	state     checkout.WatchState
	step      int
	due       time.Time
	booked    money.Fen
	since     time.Time
}

// byOpening orders sales as they are listed, oldest first.
func byOpening(a, b *book) int {
	return cmp.Or(a.sale.OpenedAt.Compare(b.sale.OpenedAt), cmp.Compare(a.sale.ID, b.sale.ID))
}

func insert(list []*book, b *book) []*book {
	i, _ := slices.BinarySearchFunc(list, b, byOpening)
	return slices.Insert(list, i, b)
}

func remove(list []*book, b *book) []*book {
	if i, found := slices.BinarySearchFunc(list, b, byOpening); found {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// milli is a time as the ledger keeps it.
func milli(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()) }

// milliOrNone keeps a time that is not set as it is.
func milliOrNone(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return milli(t)
}

// gone says that the caller has left before anything was begun.
func gone(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Unreachable, "disk.stopped", "Stopped before anything was recorded; try again.")
	}
	return nil
}

// commit records what was worked out, between the two points; nil is a step that
// is recorded already.
func (m *Memory) commit(p point, st *step) error {
	if err := m.pass(p.before); err != nil {
		return err
	}
	if st != nil {
		m.record(st)
	}
	return m.pass(p.after)
}

func (m *Memory) pass(point string) error {
	if m.Hook == nil {
		return nil
	}
	if err := m.Hook(point); err != nil {
		return diskFault(err)
	}
	return nil
}

func diskFault(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Internal, "disk.io", "The disk of {path} does not work as it should."+notRecorded+" Check the disk and its cable, restart the till, and look at what it shows before trying again.", "path", "the simulated till")
}

// record makes a step part of the books. It cannot fail: whatever may be wrong
// with the step was found before.
func (m *Memory) record(st *step) {
	if st.sale.ID != "" {
		m.recordSale(st)
	}
	for _, w := range st.watches {
		m.putWatch(w)
	}
	m.events = append(m.events, st.events...)
	st.act.At = milli(st.act.At)
	m.acts = append(m.acts, st.act)
	if st.receipt {
		m.receipts = append(m.receipts, Receipt{No: st.sale.ReceiptNo, SaleID: st.sale.ID, At: st.sale.ClosedAt})
		if m.cart.ID == st.sale.CartID {
			m.cart, m.hasCart = checkout.Cart{}, false
		}
	}
}

func (m *Memory) recordSale(st *step) {
	b := st.book
	if b == nil {
		b = &book{}
		m.sales[st.sale.ID] = b
	}
	m.recordLegs(b, st)
	b.sale, b.account = st.sale, st.account
	for _, e := range st.entries {
		b.entries++
		e.Postings = slices.Clone(e.Postings)
		m.entries = append(m.entries, Posted{Entry: e, No: b.entries, At: milli(st.act.At)})
	}
	m.file(b, st.book == nil)
}

// recordLegs notes the legs that are new and those that were sent, and puts all
// of them into the order of their numbers.
func (m *Memory) recordLegs(b *book, st *step) {
	for i, l := range st.sale.Legs {
		wasSent := false
		if i < st.stored {
			wasSent = b.sale.Legs[i].SentOnce
		} else {
			m.legs[l.ID], m.keys[l.Key] = b, b
		}
		if l.SentOnce != wasSent {
			m.countSent(l)
		}
	}
	if len(st.sale.Legs) > st.stored {
		slices.SortFunc(st.sale.Legs, func(x, y checkout.Leg) int { return cmp.Compare(x.No, y.No) })
	}
}

// file puts a sale where it is looked for, by what has become of it.
func (m *Memory) file(b *book, fresh bool) {
	if fresh {
		m.all = insert(m.all, b)
	}
	switch ended := over(b.sale.State); {
	case fresh && !ended:
		m.open = insert(m.open, b)
	case !fresh && ended:
		m.open = remove(m.open, b)
	}
	switch {
	case b.sale.CartID == "":
	case b.sale.State != checkout.Voided:
		m.carts[b.sale.CartID] = b
	case m.carts[b.sale.CartID] == b:
		delete(m.carts, b.sale.CartID)
	}
}

func (m *Memory) countSent(l checkout.Leg) {
	if l.SentOnce {
		m.sent[l.CodeDigest]++
	} else {
		m.sent[l.CodeDigest]--
	}
}

func (m *Memory) putWatch(w watch) {
	for i := range m.sales[w.sale].sale.Legs {
		if l := &m.sales[w.sale].sale.Legs[i]; l.ID == w.leg {
			l.Kept = l.Class == checkout.ClassRefund && w.state == checkout.LateKept && w.booked > 0
		}
	}
	if i, ok := m.watched[w.leg]; ok {
		m.watches[i] = w
		return
	}
	m.watched[w.leg] = len(m.watches)
	m.watches = append(m.watches, w)
}

func over(s checkout.SaleState) bool { return s == checkout.Complete || s == checkout.Voided }
