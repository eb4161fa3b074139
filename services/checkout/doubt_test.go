package checkout_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// doubted is a store whose disk makes one write and says that it failed: the one that what
// names, a method followed by the state it writes.
type doubted struct {
	checkout.Store
	what string
	told atomic.Bool
}

func (l *doubted) lie(what string, err error) error {
	if err == nil && what == l.what && l.told.CompareAndSwap(false, true) {
		return fault.New(fault.Internal, "disk.io", "The disk reported an error.")
	}
	return err
}

func (l *doubted) Freeze(ctx context.Context, s checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return l.lie("freeze", l.Store.Freeze(ctx, s, ev, en, a))
}

func (l *doubted) AddLegs(ctx context.Context, legs []checkout.Leg, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return l.lie("add legs", l.Store.AddLegs(ctx, legs, ev, en, a))
}

func (l *doubted) Advance(ctx context.Context, e checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return l.lie("advance "+string(e.State)+" "+e.Reason.Code, l.Store.Advance(ctx, e, en, a))
}

func (l *doubted) Complete(ctx context.Context, s checkout.Sale, e *checkout.LegEvent, en []checkout.Entry, a checkout.Act) (string, error) {
	no, err := l.Store.Complete(ctx, s, e, en, a)
	return no, l.lie("complete", err)
}

func (l *doubted) Close(ctx context.Context, s checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	return l.lie("close "+string(s.State), l.Store.Close(ctx, s, ev, en, a))
}

func (l *doubted) Watch(ctx context.Context, before, after checkout.Watch, en []checkout.Entry, a checkout.Act) error {
	return l.lie("watch "+string(after.State), l.lie("watch", l.Store.Watch(ctx, before, after, en, a)))
}

// lied runs one test on a disk that lies about one write, and leaves time for all
// that follows, without a restart.
func lied(t *testing.T, what string, g *gateway, f func(t *testing.T, s *shop)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := &doubted{what: what}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store { l.Store = st; return l })
		defer s.close()
		s.t = t
		f(t, s)
		if !l.told.Load() {
			t.Errorf("%q was never written", what)
		}
		s.sound()
	})
}

// kept is a sale as the books have it an hour later.
func (s *shop) kept(saleID string) checkout.Sale {
	s.t.Helper()
	time.Sleep(time.Hour)
	sale, err := s.ledger.Sale(s.t.Context(), saleID)
	if err != nil {
		s.t.Fatal(err)
	}
	return sale
}

func TestASaleWhoseFreezeIsInDoubtIsNobodysTrap(t *testing.T) {
	g := newCounter()
	lied(t, "freeze", &g.gateway, func(t *testing.T, s *shop) {
		cart := tenYuan(t)
		cart.ID = "cart-1"
		if _, err := s.desk.Start(t.Context(), owner, cart, checkout.Tender{Cash: 300}, checkout.Tender{Code: code1}); fault.CodeOf(err) != "disk.io" {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		open, err := s.ledger.OpenSales(t.Context())
		if err != nil || len(open) != 0 || g.count("pay") != 0 {
			t.Errorf("%v %+v, %v", err, open, g.calls)
		}
		again, err := s.desk.Start(t.Context(), owner, cart, checkout.Tender{Cash: 1000})
		if err != nil || again.State != checkout.Complete {
			t.Errorf("the goods cannot be sold any more: %v", err)
		}
	})
}

func TestALegWhoseRecordIsInDoubtIsNotSent(t *testing.T) {
	g := newCounter()
	pay := g.pay
	g.pay = func(checkout.PayCall) checkout.Answer { return failedAnswer("X", "付款码已过期") }
	lied(t, "add legs", &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		g.pay = pay
		if _, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Code: code2}); fault.CodeOf(err) != "disk.io" {
			t.Fatal(err)
		}
		if got := s.kept(sale.ID); got.State != checkout.Voided || g.count("pay") != 1 {
			t.Errorf("%+v, %v", got, g.calls)
		}
	})
}

func TestAGivenUpSaleInDoubtIsTakenBack(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	lied(t, "close COMPENSATING", &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		if _, err := s.desk.Void(t.Context(), owner, sale.ID, "changed his mind"); err != nil {
			t.Fatal(err)
		}
		if got := s.kept(sale.ID); got.State != checkout.Voided || !g.backed {
			t.Errorf("the customer's money is kept: %s, %+v", got.State, got.Legs)
		}
	})
}

func TestWhatAPersonDecidedInDoubtIsCarriedOn(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return checkout.Answer{} }
	lied(t, "advance REJECTED by_hand", &g.gateway, func(t *testing.T, s *shop) {
		sale, err := s.desk.Redeem(t.Context(), owner, checkout.Card{No: "914095353294404024"}, 10, 1)
		if err == nil {
			sale, err = s.desk.Wait(t.Context(), sale.ID)
		}
		if err != nil || sale.Legs[0].State != checkout.Manual {
			t.Fatalf("%v %+v", err, sale)
		}
		if _, err := s.desk.Resolve(t.Context(), owner, sale.Legs[0].Key, checkout.Rejected, "ten times are left"); err != nil {
			t.Fatal(err)
		}
		if got := s.kept(sale.ID); got.State != checkout.Voided {
			t.Errorf("%s, and nobody has it", got.State)
		}
	})
}

func TestAWatchOutlivesADiskThatLies(t *testing.T) {
	w := &wallet{}
	lied(t, "watch", w.gateway(), func(t *testing.T, s *shop) {
		s.ring(checkout.Tender{Code: code1})
		time.Sleep(2 * time.Minute) // the first look, and the lie about it
		w.charge()
		time.Sleep(40 * time.Minute)
		if w.holds() {
			t.Error("charged, not sold, and not given back")
		}
	})
}

func TestARefundAskedForAgainInDoubtIsFoundOut(t *testing.T) {
	p := newProvider("request lost", "request lost")
	lied(t, "advance SENT silent", &p.gateway, func(t *testing.T, s *shop) {
		sale := s.twoCodes(p)
		r, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: sale.ID, All: true, Reason: "brought back"})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range s.kept(r.ID).Legs {
			if !l.State.Final() {
				t.Errorf("nobody asks about %s, which is %s", l.Key, l.State)
			}
		}
	})
}

func TestASaleFoundOnAFullDiskIsBroughtToItsEnd(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		g := newCounter()
		g.pay = func(checkout.PayCall) checkout.Answer { return failedAnswer("X", "付款码已过期") }
		s := open(t, dir, &g.gateway, nil)
		s.t = t
		sale := s.ring(checkout.Tender{Code: code1}) // refused, and the till is switched off
		s.close()
		full.Store(true)
		s = open(t, dir, &g.gateway, func(st checkout.Store) checkout.Store { return fullDisk{Store: st, full: &full} })
		defer s.close()
		s.t = t
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		full.Store(false)
		if got := s.kept(sale.ID); got.State != checkout.Voided {
			t.Errorf("%s, and nobody has it", got.State)
		}
	})
}

// Whether a query happens to be out when the till is closed must not decide
// about the customer's payment.
func TestClosingDuringAQueryGivesNothingUp(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var paid, asking atomic.Bool
		g := &gateway{
			pay: func(checkout.PayCall) checkout.Answer { return failedAnswer("USER_PAYING", "") },
			query: func(key string, _ int) checkout.Answer {
				asking.Store(true)
				defer asking.Store(false)
				time.Sleep(time.Second)
				if paid.Load() {
					return state(key, checkout.OrderPaid)
				}
				return failedAnswer("USER_PAYING", "")
			},
			reverse: func(string) checkout.Answer { return checkout.Answer{} },
		}
		s := open(t, dir, g, nil)
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		for time.Sleep(20 * time.Second); !asking.Load(); time.Sleep(10 * time.Millisecond) {
		}
		s.close()
		paid.Store(true)
		s = open(t, dir, g, nil)
		defer s.close()
		s.t = t
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.kept(sale.ID); got.State != checkout.Complete || g.count("reverse") != 0 {
			t.Errorf("%s, %v", got.State, g.calls)
		}
	})
}

// A code that nobody may pay by any more is not shown.
func TestAQRCodeIsNotShownBesideACompleteSale(t *testing.T) {
	g := newCounter()
	g.precreate = func(p checkout.PayCall) checkout.Answer {
		g.paid, g.amount = true, p.Amount
		a := state(p.Key, "")
		a.Amount, a.QR = p.Amount, "https://pay.example/7"
		return a
	}
	lied(t, "complete", &g.gateway, func(t *testing.T, s *shop) {
		seen := false
		s.updated = func(u checkout.Update) {
			seen = seen || u.QR != ""
			if u.QR != "" && u.Sale.State == checkout.Complete {
				t.Error("the customer could pay again")
			}
		}
		if sale := s.ring(checkout.Tender{QR: true}); sale.State != checkout.Complete || !seen {
			t.Errorf("%s, shown: %t", sale.State, seen)
		}
	})
}

// The return of late money whose record is in doubt is booked once, whatever the
// provider says when it is looked at again.
func TestTheReturnOfLateMoneyInDoubtIsBookedOnce(t *testing.T) {
	for name, again := range map[string][]checkout.Answer{
		"another order, then silence": {state("another", checkout.OrderPaid), {}},
		"given back":                  {state("another", checkout.OrderPaid), failedAnswer("ORDER_NOT_EXIST", "订单不存在")},
	} {
		t.Run(name, func(t *testing.T) {
			w := &wallet{}
			g := w.gateway()
			query := g.query
			var armed atomic.Bool
			var asked atomic.Int32
			g.query = func(key string, n int) checkout.Answer {
				if !armed.Load() {
					return query(key, n)
				}
				if at := int(asked.Add(1)); at <= len(again) {
					return again[at-1]
				}
				return query(key, n)
			}
			lied(t, "watch "+string(checkout.WatchOver), g, func(t *testing.T, s *shop) {
				s.ring(checkout.Tender{Code: code1})
				w.charge()
				time.Sleep(30 * time.Second) // the first look finds it and gives it back
				if w.holds() {
					t.Fatal("the money was not given back")
				}
				armed.Store(true)
				time.Sleep(time.Hour)
				if asked.Load() == 0 {
					t.Fatal("it was not looked at again")
				}
			})
		})
	}
}
