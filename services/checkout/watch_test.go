package checkout_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/checkout"
)

// wallet is a provider that refuses a pay and charges all the same, later.
type wallet struct {
	mu       sync.Mutex
	charged  bool
	refunded bool
	reverses int
	queries  int
	keeps    bool // gives nothing back, however it is asked
}

func (w *wallet) charge() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.charged = true
}

func (w *wallet) holds() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.charged && !w.refunded
}

func (w *wallet) reversed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reverses
}

func (w *wallet) queried() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queries
}

// giveBack is done in the back office.
func (w *wallet) giveBack() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refunded = true
}

func (w *wallet) gateway() *gateway {
	return &gateway{
		pay: func(checkout.PayCall) checkout.Answer { return failedAnswer("PAY_ERROR", "交易失败") },
		query: func(key string, _ int) checkout.Answer {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.queries++
			switch {
			case w.refunded:
				return state(key, checkout.OrderRefunded)
			case w.charged:
				return state(key, checkout.OrderPaid)
			}
			return state(key, checkout.OrderNotPaid)
		},
		reverse: func(string) checkout.Answer {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reverses++
			if w.charged && !w.keeps {
				w.refunded = true
				return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
			}
			return failedAnswer("", "请稍后再试") // an unpaid order it does not close
		},
	}
}

func TestMoneyAfterARefusalIsGivenBackAndBooked(t *testing.T) {
	for name, after := range map[string]time.Duration{
		"before the cancel": 6 * time.Second, "before the first look": 40 * time.Second,
		"before the second": 4 * time.Minute, "before the third": 25 * time.Minute,
	} {
		t.Run(name, func(t *testing.T) {
			w := &wallet{}
			sell(t, w.gateway(), func(t *testing.T, s *shop) {
				sale := s.ring(checkout.Tender{Code: code1})
				if sale.Legs[0].State != checkout.Rejected {
					t.Fatalf("%+v", sale.Legs[0])
				}
				if _, err := s.desk.Void(t.Context(), owner, sale.ID, "refused"); err != nil {
					t.Fatal(err)
				}
				if w.reversed() != 0 {
					t.Error("cancelled at once")
				}
				time.Sleep(after)
				w.charge()
				time.Sleep(31 * time.Minute)
				if w.holds() {
					t.Error("the customer's money was kept for nothing")
				}
				if open, err := s.ledger.Watches(t.Context()); err != nil || len(open) != 0 {
					t.Errorf("%+v %v", open, err)
				}
			})
		})
	}
}

func TestAWatchGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &wallet{}
		s := open(t, dir, w.gateway(), nil)
		s.t = t
		s.ring(checkout.Tender{Code: code1})
		w.charge()
		s.close()

		s = open(t, dir, w.gateway(), nil)
		defer s.close()
		s.t = t
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(14 * time.Second)
		if w.reversed() != 0 {
			t.Error("reversed within 15 s of this start")
		}
		before := time.Now()
		if legs, err := s.desk.Settle(t.Context()); err != nil || len(legs) != 0 {
			t.Errorf("%+v %v", legs, err)
		}
		if w.holds() || time.Since(before) > 10*time.Second {
			t.Errorf("settling took %v, money held: %v", time.Since(before), w.holds())
		}
		s.sound()
	})
}

func TestAskingAboutAPaymentThatIsOverFindsLateMoney(t *testing.T) {
	w := &wallet{}
	sell(t, w.gateway(), func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		time.Sleep(40 * time.Minute)
		w.charge()
		if _, err := s.desk.Query(t.Context(), sale.Legs[0].Key); err != nil {
			t.Fatal(err)
		}
		if legs, err := s.desk.Unresolved(t.Context()); err != nil || len(legs) != 1 || legs[0].Reason.Code != "late_money" {
			t.Errorf("late money is not in the tray: %+v %v", legs, err)
		}
		time.Sleep(5 * time.Minute)
		if w.holds() {
			t.Error("the money was not given back")
		}
	})
}

func TestWithoutTheGatewayAnOpenPaymentIsLeftForOneWhoHasIt(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{pay: func(checkout.PayCall) checkout.Answer { return checkout.Answer{} }}
		s := open(t, dir, g, nil)
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.close()

		s = open(t, dir, nil, nil)
		if r, err := s.desk.Recover(t.Context()); err != nil || r.Open != 1 {
			t.Errorf("%+v %v", r, err)
		}
		time.Sleep(time.Hour)
		if sale, _ = s.ledger.Sale(t.Context(), sale.ID); sale.Legs[0].State != checkout.Unknown {
			t.Errorf("without asking anyone it became %s", sale.Legs[0].State)
		}
		s.t = t
		s.sound()
		s.close()
	})
}
