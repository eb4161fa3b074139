package checkout_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// abandoned is a sale whose customer is still paying when its till stops; the
// next process has it in the background.
func abandoned(t *testing.T, g *counter, aside bool) (*shop, checkout.Sale) {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir, &g.gateway, nil)
	sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if aside {
		time.Sleep(2 * time.Minute)
	}
	s.close()
	s = open(t, dir, &g.gateway, nil)
	if _, err := s.desk.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, sale
}

// paying is a provider whose customer never confirms, until he does.
func paying() *counter {
	g := newCounter()
	g.pay = func(p checkout.PayCall) checkout.Answer { g.amount = p.Amount; return failedAnswer("USER_PAYING", "") }
	truth := g.query
	g.query = func(key string, n int) checkout.Answer {
		if !g.paid && !g.backed {
			return failedAnswer("USER_PAYING", "")
		}
		return truth(key, n)
	}
	return g
}

func TestAnOpenPaymentIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := paying()
		s, sale := abandoned(t, g, false)
		defer s.close()
		before := time.Now()
		l, err := s.desk.GiveUp(t.Context(), owner, sale.Legs[0].Key)
		if waited := time.Since(before); err != nil || l.State != checkout.Reversed || waited < 10*time.Second || waited > time.Minute {
			t.Errorf("%v after %s: %+v", err, waited, l)
		}
		if g.count("pay") != 1 || g.count("reverse") != 1 {
			t.Errorf("%v", g.calls)
		}
		_, err = s.desk.GiveUp(t.Context(), owner, l.Key)
		if fault.CodeOf(err) != "pay.over" {
			t.Errorf("once more: %v", err)
		}
	})
}

func TestAPaymentSetAsideIsGivenUpAndWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := paying()
		g.reverse = func(string) checkout.Answer { return failedAnswer("SYSTEM_ERROR", "请稍后再试") }
		s, sale := abandoned(t, g, true)
		defer s.close()
		if now, err := s.ledger.Sale(t.Context(), sale.ID); err != nil || now.State != checkout.Unsettled {
			t.Fatalf("%v %+v", err, now)
		}
		time.AfterFunc(10*time.Second, func() { // the provider recovers
			g.mu.Lock()
			defer g.mu.Unlock()
			g.reverse = func(string) checkout.Answer {
				g.backed = true
				return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
			}
		})
		if l, err := s.desk.GiveUp(t.Context(), owner, sale.Legs[0].Key); err != nil || l.State != checkout.Reversed {
			t.Errorf("%v %+v", err, l)
		}
	})
}

func TestWhatIsPaidBeforeItIsGivenUpStaysPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := paying()
		s, sale := abandoned(t, g, false)
		defer s.close()
		g.mu.Lock()
		g.paid = true
		g.mu.Unlock()
		l, err := s.desk.GiveUp(t.Context(), owner, sale.Legs[0].Key)
		if err != nil || l.State != checkout.Paid || g.count("reverse") != 0 {
			t.Errorf("%v %+v %v", err, l, g.calls)
		}
	})
}

func TestGivingUpEndsWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := paying()
		s, sale := abandoned(t, g, false)
		defer s.close()
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
		defer stop()
		if l, err := s.desk.GiveUp(ctx, owner, sale.Legs[0].Key); err != nil || !l.State.Open() {
			t.Errorf("%v %+v", err, l)
		}
	})
}
