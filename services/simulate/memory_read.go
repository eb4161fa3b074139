package simulate

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// OpenSales implements checkout.Store.
func (m *Memory) OpenSales(ctx context.Context) ([]checkout.Sale, error) {
	if err := gone(ctx); err != nil || len(m.open) == 0 {
		return nil, err
	}
	sales := make([]checkout.Sale, len(m.open))
	for i, b := range m.open {
		sales[i] = b.copy()
	}
	return sales, nil
}

// Sale implements checkout.Store.
func (m *Memory) Sale(ctx context.Context, id string) (checkout.Sale, error) {
	return one(ctx, m.sales[id], unknownSale, id)
}

// SaleByKey implements checkout.Store.
func (m *Memory) SaleByKey(ctx context.Context, key string) (checkout.Sale, error) {
	return one(ctx, m.keys[key], unknownLeg, key)
}

// Refunds implements checkout.Store.
func (m *Memory) Refunds(ctx context.Context, saleID string) ([]checkout.Sale, error) {
	if err := gone(ctx); err != nil {
		return nil, err
	}
	return m.refundsBut(saleID, ""), nil
}

func one(ctx context.Context, b *book, missing func(string) error, name string) (checkout.Sale, error) {
	if err := gone(ctx); err != nil {
		return checkout.Sale{}, err
	}
	if b == nil {
		return checkout.Sale{}, missing(name)
	}
	return b.copy(), nil
}

// Sales implements checkout.Store. A limit of 0 or less is none.
func (m *Memory) Sales(ctx context.Context, since time.Time, limit int) ([]checkout.Sale, error) {
	if err := gone(ctx); err != nil {
		return nil, err
	}
	since = milli(since)
	var sales []checkout.Sale
	for _, b := range slices.Backward(m.all) {
		if b.sale.OpenedAt.Before(since) || (limit > 0 && len(sales) == limit) {
			break
		}
		sales = append(sales, b.copy())
	}
	return sales, nil
}

// CodeUsed implements checkout.Store.
func (m *Memory) CodeUsed(ctx context.Context, digest string) (bool, error) {
	return digest != "" && m.sent[digest] > 0, gone(ctx)
}

// LoadCart implements checkout.Store. A cart whose sale is complete is not
// open either.
func (m *Memory) LoadCart(ctx context.Context) (checkout.Cart, error) {
	if err := gone(ctx); err != nil || !m.hasCart || m.carts[m.cart.ID] != nil {
		return checkout.Cart{}, err
	}
	c := m.cart
	c.Lines = slices.Clone(c.Lines)
	return c, nil
}

// Watches implements checkout.Store.
func (m *Memory) Watches(ctx context.Context) ([]checkout.Watch, error) {
	if err := gone(ctx); err != nil {
		return nil, err
	}
	var open []checkout.Watch
	for w := range m.AllWatches() {
		if w.State != checkout.WatchOver {
			open = append(open, w)
		}
	}
	slices.SortFunc(open, func(a, b checkout.Watch) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Leg.ID, b.Leg.ID))
	})
	return open, nil
}

// copy is the sale as a caller may have it.
func (b *book) copy() checkout.Sale {
	s := b.sale
	s.Lines, s.Legs = slices.Clone(s.Lines), slices.Clone(s.Legs)
	return s
}

// leg finds a leg that is in the book.
func (b *book) leg(id string) checkout.Leg {
	return b.sale.Legs[slices.IndexFunc(b.sale.Legs, func(l checkout.Leg) bool { return l.ID == id })]
}

// Posted is an entry as it stands in the books.
type Posted struct {
	checkout.Entry
	No int // within its sale, from 1
	At time.Time
}

// Receipt is a number that was given to a sale.
type Receipt struct {
	No     string
	SaleID string
	At     time.Time
}

// Entries lists every entry in the order in which they were made.
func (m *Memory) Entries() iter.Seq[Posted] {
	return func(yield func(Posted) bool) {
		for _, e := range m.entries {
			e.Postings = slices.Clone(e.Postings)
			if !yield(e) {
				return
			}
		}
	}
}

// Balance is what an account stands at: its debits less its credits.
func (m *Memory) Balance(a checkout.Account) money.Fen {
	var sum money.Fen
	for _, e := range m.entries {
		for _, p := range e.Postings {
			if p.Account == a {
				sum += p.Amount
			}
		}
	}
	return sum
}

// Events lists the events of all legs in the order in which they were recorded.
func (m *Memory) Events() iter.Seq[checkout.LegEvent] { return slices.Values(m.events) }

// Acts lists the audit trail.
func (m *Memory) Acts() iter.Seq[checkout.Act] { return slices.Values(m.acts) }

// Receipts lists the receipt numbers in the order in which they were given.
func (m *Memory) Receipts() iter.Seq[Receipt] { return slices.Values(m.receipts) }

// AllWatches lists the watches in the order in which they began, those that are
// over as well.
func (m *Memory) AllWatches() iter.Seq[checkout.Watch] {
	return func(yield func(checkout.Watch) bool) {
		for _, w := range m.watches {
			if !yield(checkout.Watch{Leg: m.sales[w.sale].leg(w.leg), State: w.state, Step: w.step, Due: w.due, Booked: w.booked, Since: w.since}) {
				return
			}
		}
	}
}
