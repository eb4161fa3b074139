package checkout_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// power is a store whose machine loses its power at the n-th write from now: the
// write itself is durable or not, and nothing after it is.
type power struct {
	checkout.Store
	left    atomic.Int64 // writes until the cut; below zero: never
	durable atomic.Bool  // the last one
	cut     atomic.Bool
}

func (p *power) write(do func() error) error {
	switch {
	case p.cut.Load():
	case p.left.Load() < 0:
		return do()
	case p.left.Add(-1) > 0:
		return do()
	default:
		if p.durable.Load() {
			if err := do(); err != nil {
				return err
			}
		}
		p.cut.Store(true)
	}
	return fault.New(fault.Internal, "disk.gone", "The power is off.")
}

func (p *power) Freeze(ctx context.Context, s checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return p.write(func() error { return p.Store.Freeze(ctx, s, ev, en, a) })
}

func (p *power) Sell(ctx context.Context, s checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) (no string, err error) {
	err = p.write(func() (err error) { no, err = p.Store.Sell(ctx, s, ev, en, a); return err })
	return no, err
}

func (p *power) AddLegs(ctx context.Context, l []checkout.Leg, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return p.write(func() error { return p.Store.AddLegs(ctx, l, ev, en, a) })
}

func (p *power) Advance(ctx context.Context, e checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return p.write(func() error { return p.Store.Advance(ctx, e, en, a) })
}

func (p *power) Complete(ctx context.Context, s checkout.Sale, e *checkout.LegEvent, en []checkout.Entry, a checkout.Act) (no string, err error) {
	err = p.write(func() (err error) { no, err = p.Store.Complete(ctx, s, e, en, a); return err })
	return no, err
}

func (p *power) Close(ctx context.Context, s checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return p.write(func() error { return p.Store.Close(ctx, s, ev, en, a) })
}

// cutOff is a machine without power: no call leaves it any more, and no answer
// reaches it.
func (p *provider) cutOff(w *power) {
	give, ask := p.refund, p.refundQuery
	p.refund = func(c checkout.RefundCall) checkout.Answer {
		if w.cut.Load() {
			return checkout.Answer{Delivery: checkout.Silent}
		}
		return give(c)
	}
	p.refundQuery = func(key string, n int) checkout.Answer {
		if w.cut.Load() {
			return checkout.Answer{Delivery: checkout.Silent}
		}
		return ask(key, n)
	}
}

// restart is the next process on the same books, with its power on.
func (s *shop) restart(g *gateway, w *power) *shop {
	s.t.Helper()
	s.close()
	w.left.Store(-1)
	w.cut.Store(false)
	next := open(s.t, s.dir, g, func(st checkout.Store) checkout.Store { w.Store = st; return w })
	next.ids.Store(s.ids.Load())
	if _, err := next.desk.Recover(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return next
}

// Wherever the power fails, the money goes back once: by the provider, or what
// it did not give in cash, by a person.
func TestARefundSurvivesAPowerCutAtEachWrite(t *testing.T) {
	for _, mood := range []string{"", "under way", "reply lost", "request lost", "refused"} {
		for _, durable := range []bool{false, true} {
			for n := int64(1); ; n++ {
				reached := false
				t.Run(fmt.Sprintf("%q, write %d, durable %t", mood, n, durable), func(t *testing.T) {
					reached = cutAt(t, n, durable, mood)
				})
				if !reached || t.Failed() {
					break
				}
			}
		}
	}
}

// cutAt reports whether the refund came to its n-th write.
func cutAt(t *testing.T, n int64, durable bool, mood string) (reached bool) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &power{}
		w.left.Store(-1)
		p := newProvider()
		p.cutOff(w)
		s := open(t, dir, &p.gateway, func(st checkout.Store) checkout.Store { w.Store = st; return w })
		sale := s.threeTenders(p)
		w.durable.Store(durable)
		w.left.Store(n)
		p.moods = []string{mood}
		q := checkout.RefundRequest{SaleID: sale.ID, All: true, Reason: "x"}
		if r, err := s.desk.Refund(t.Context(), owner, q); err == nil {
			ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
			_, _ = s.desk.Wait(ctx, r.ID)
			stop()
		}
		reached = w.cut.Load()
		s = s.restart(&p.gateway, w)
		defer s.close()
		if _, err := s.desk.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.sound()
		p.moods = nil
		s.finishRefunds(sale.ID)
		if s.refundsOf(p, sale.ID) == 0 { // nothing was given: it is begun again
			s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
		}
		if back := s.refundsOf(p, sale.ID); back != 1000 {
			t.Errorf("%s of ten yuan went back", back)
		}
		s.sound()
	})
	return reached
}

// threeTenders is a sale of ten yuan paid by two codes, 5.00 and 4.00, and 1.00
// in cash.
func (s *shop) threeTenders(p *provider) checkout.Sale {
	s.t.Helper()
	redeem := p.redeem
	p.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	sale := s.ring(checkout.Tender{Cash: 100}, checkout.Tender{Code: code1}, card(400))
	p.redeem = redeem
	sale, err := s.desk.Tender(s.t.Context(), owner, sale.ID, checkout.Tender{Code: code2})
	if err == nil {
		sale, err = s.desk.Wait(s.t.Context(), sale.ID)
	}
	if err != nil || sale.State != checkout.Complete {
		s.t.Fatalf("%v %+v", err, sale)
	}
	return sale
}

// finishRefunds gives in cash what refunds have begun to give back.
func (s *shop) finishRefunds(saleID string) {
	s.t.Helper()
	all, err := s.ledger.Refunds(s.t.Context(), saleID)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range all {
		if r.State == checkout.Unsettled || r.State == checkout.Tendering {
			if r, err = s.desk.RefundRest(s.t.Context(), owner, r.ID, true, "after the power cut"); err != nil || r.State != checkout.Complete {
				s.t.Fatalf("%v %+v", err, r)
			}
		}
	}
}

// refundsOf is what went back to the customer, and holds the books against the
// provider's own list.
func (s *shop) refundsOf(p *provider, saleID string) money.Fen {
	s.t.Helper()
	all, err := s.ledger.Refunds(s.t.Context(), saleID)
	if err != nil {
		s.t.Fatal(err)
	}
	var byProvider, cash, totals money.Fen
	for _, r := range all {
		cash += r.HandOut()
		if r.State == checkout.Complete {
			totals += r.Total
		}
		for _, l := range r.Legs {
			if l.Class == checkout.ClassRefund && l.State == checkout.Paid {
				byProvider += l.Amount
				if r.State != checkout.Complete { // the rest is still a person's
					totals += l.Amount
				}
			}
			if l.State.Open() {
				s.t.Errorf("still %s: %+v", l.State, l)
			}
		}
	}
	if byProvider != p.gaveBack("") {
		s.t.Errorf("the books say %s, the provider %s", byProvider, p.gaveBack(""))
	}
	if byProvider+cash != totals {
		s.t.Errorf("%s by the provider and %s in cash, the refunds come to %s", byProvider, cash, totals)
	}
	return byProvider + cash
}
