package checkout_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// Asked about now, a payment whose next question is a while off is asked about now.
func TestAPaymentInItsPauseIsAskedAboutAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration // the payment was sent
		state checkout.State
	}{
		"the customer is paying": {4 * time.Second, checkout.Paid},
		"it is being cancelled":  {6 * time.Minute, checkout.Reversed},
	} {
		t.Run(name, func(t *testing.T) {
			now := checkout.OrderNotPaid
			var mu sync.Mutex
			set := func(o checkout.OrderState) {
				mu.Lock()
				defer mu.Unlock()
				now = o
			}
			var asked []time.Time
			g := &gateway{
				pay: func(checkout.PayCall) checkout.Answer { return checkout.Answer{} },
				query: func(key string, _ int) checkout.Answer {
					mu.Lock()
					defer mu.Unlock()
					asked = append(asked, time.Now())
					return state(key, now)
				},
				reverse: func(string) checkout.Answer { return failedAnswer("", "请稍后再试") },
			}
			sell(t, g, func(t *testing.T, s *shop) {
				sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.after)
				if c.state == checkout.Paid {
					set(checkout.OrderPaid)
				} else {
					set(checkout.OrderClosed)
				}
				begun := time.Now()
				l, err := s.desk.Query(t.Context(), sale.Legs[0].Key)
				if err != nil || l.State != c.state || time.Since(begun) > 2*time.Second {
					t.Errorf("after %v: %v, %s", time.Since(begun), err, l.State)
				}
				mu.Lock()
				defer mu.Unlock()
				for i := 1; i < len(asked); i++ {
					if between := asked[i].Sub(asked[i-1]); between < 2*time.Second {
						t.Errorf("asked again after %v", between)
					}
				}
			})
		})
	}
}

// Two who ask are both answered, and the provider is not asked faster for it.
func TestManyWhoAskAtOnce(t *testing.T) {
	g := &gateway{
		pay:     func(checkout.PayCall) checkout.Answer { return checkout.Answer{} },
		query:   func(key string, _ int) checkout.Answer { return state(key, checkout.OrderNotPaid) },
		reverse: func(string) checkout.Answer { return failedAnswer("", "请稍后再试") },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute) // in the pause of a minute between two cancellations
		asked, cancelled := g.count("query"), g.count("reverse")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := s.desk.Query(t.Context(), sale.Legs[0].Key); err != nil {
					t.Error(err)
				}
			})
		}
		begun := time.Now()
		wg.Wait()
		if n, took := g.count("query")-asked, time.Since(begun); n < 1 || n > 2 || took > 4*time.Second {
			t.Errorf("asked %d times in %v", n, took)
		}
		time.Sleep(61 * time.Second)
		if n := g.count("reverse") - cancelled; n < 1 {
			t.Error("because somebody asked, it was not cancelled")
		}
	})
}

// A sale at the counter, its code refused, is the customer's who stands there.
func TestSettlingLeavesTheCounterAlone(t *testing.T) {
	g := &gateway{
		pay:     func(checkout.PayCall) checkout.Answer { return failedAnswer("", "余额不足") },
		query:   func(key string, _ int) checkout.Answer { return state(key, checkout.OrderNotPaid) },
		reverse: func(string) checkout.Answer { return failedAnswer("ORDER_NOT_EXIST", "订单不存在") },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		if _, err := s.desk.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		again, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 1000})
		if err != nil || again.State != checkout.Complete {
			t.Errorf("%v %+v", err, again)
		}
	})
}

// What an earlier process left at the counter is nobody's any more.
func TestARestartDropsWhatStoodAtTheCounter(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{
			pay:     func(checkout.PayCall) checkout.Answer { return failedAnswer("", "余额不足") },
			query:   func(key string, _ int) checkout.Answer { return state(key, checkout.OrderNotPaid) },
			reverse: func(string) checkout.Answer { return failedAnswer("ORDER_NOT_EXIST", "订单不存在") },
		}
		s := open(t, dir, g, nil)
		s.t = t
		sale := s.ring(checkout.Tender{Code: code1})
		s.close()
		s = open(t, dir, g, nil)
		defer s.close()
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sale, err := s.desk.Sale(t.Context(), sale.ID); err != nil || sale.State != checkout.Voided {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

// After money was given back by an amount, all that is left is what is left.
func TestAllThatIsLeftAfterAnAmount(t *testing.T) {
	p := newProvider()
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		cart := tenYuan(t)
		cart, err := cart.Add(pear, checkout.Measure{Qty: 1}, checkout.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		sale, err := s.desk.Start(t.Context(), owner, cart, checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.Total != 1300 {
			t.Fatalf("%v %+v", err, sale)
		}
		s.refunded(checkout.RefundRequest{Key: sale.Legs[0].Key, Amount: 450})
		s.refunded(checkout.RefundRequest{SaleID: sale.ID, Returns: []checkout.Return{{Line: 1, Qty: 1}}})
		r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
		if r.State != checkout.Complete || r.Total != 350 || len(r.Lines) != 2 || r.Lines[0].Amount != 350 || r.Lines[0].Qty != 1 || r.Lines[1].Amount != 0 || r.Lines[1].Qty != 1 {
			t.Errorf("%+v", r)
		}
		if p.gaveBack("") != 1300 {
			t.Errorf("%s given back of ¥13.00", p.gaveBack(""))
		}
		if _, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: sale.ID, All: true, Reason: "x"}); fault.CodeOf(err) != "refund.nothing_left" {
			t.Errorf("%v", err)
		}
	})
}

// Goods that a times card paid for are not given back in money, whatever else
// paid for the others.
func TestGoodsOfATimesCardAreNotGivenBackInMoney(t *testing.T) {
	p := newProvider()
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		cart, err := tenYuan(t).Add(pear, checkout.Measure{Qty: 2}, checkout.Rules{})
		if err != nil {
			t.Fatal(err)
		}
		sale, err := s.desk.Start(t.Context(), owner, cart, checkout.Tender{Code: code1}, card(300)) // one pear
		if err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.State != checkout.Complete {
			t.Fatalf("%v %+v", err, sale)
		}
		refuse := func(q checkout.RefundRequest) {
			t.Helper()
			q.SaleID, q.Reason = sale.ID, "x"
			_, err := s.desk.Refund(t.Context(), owner, q)
			if fault.CodeOf(err) != "refund.by_card" || !strings.Contains(err.Error(), "4024") || !strings.Contains(err.Error(), "¥3.00") {
				t.Errorf("%+v: %v", q, err)
			}
		}
		refuse(checkout.RefundRequest{All: true})
		refuse(checkout.RefundRequest{Returns: []checkout.Return{{Line: 2}}})
		one := checkout.RefundRequest{SaleID: sale.ID, Returns: []checkout.Return{{Line: 2, Qty: 1}}}
		if r := s.refunded(one); r.State != checkout.Complete || p.gaveBack("") != 300 {
			t.Errorf("the pear that was paid with money: %+v", r)
		}
		refuse(one) // the other one is the card's
		if r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, Returns: []checkout.Return{{Line: 1}}}); r.State != checkout.Complete || p.gaveBack("") != 1300 {
			t.Errorf("%+v", r)
		}
		one.Cash = true
		if r := s.refunded(one); r.HandOut() != 300 { // a person's word
			t.Errorf("%+v", r)
		}
	})
}
