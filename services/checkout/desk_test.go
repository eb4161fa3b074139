package checkout_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
)

func TestCashIsOneCommitAndGivesChange(t *testing.T) {
	sell(t, &gateway{}, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Cash: 2000})
		if sale.State != checkout.Complete || sale.Change() != 1000 || sale.ReceiptNo == "" {
			t.Errorf("%+v", sale)
		}
	})
}

func TestACodeIsSentOnceAndNeverKept(t *testing.T) {
	g := &gateway{pay: func(c checkout.PayCall) checkout.Answer { return paidAnswer(c.Key, c.Amount) }}
	sell(t, g, func(t *testing.T, s *shop) {
		if sale := s.ring(checkout.Tender{Code: code1}); sale.State != checkout.Complete || sale.Legs[0].ProviderNo != "P1" {
			t.Errorf("%+v", sale)
		}
		_, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if fault.CodeOf(err) != "sale.code_used" || g.count("pay") != 1 {
			t.Errorf("the same code again: %v, %d pays", err, g.count("pay"))
		}
	})
}

func TestCashIsCountedBeforeTheCodeAndHandedBackWhenItIsRefused(t *testing.T) {
	g := &gateway{
		pay:   func(checkout.PayCall) checkout.Answer { return failedAnswer("X", "余额不足") },
		query: func(string, int) checkout.Answer { return failedAnswer("", "订单不存在") },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, checkout.Tender{Cash: 300})
		if sale.State != checkout.Tendering || sale.Legs[0].Amount != 300 || sale.Legs[1].Amount != 700 || sale.Legs[1].State != checkout.Rejected {
			t.Fatalf("%+v", sale)
		}
		sale, err := s.desk.Void(t.Context(), owner, sale.ID, "customer left")
		if err != nil || sale.State != checkout.Voided || sale.Legs[0].State != checkout.Reversed {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestARefusedSaleGoesOnWithCash(t *testing.T) {
	g := &gateway{
		pay:   func(checkout.PayCall) checkout.Answer { return failedAnswer("X", "付款码已过期") },
		query: func(string, int) checkout.Answer { return failedAnswer("", "订单不存在") },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		before := time.Now()
		sale := s.ring(checkout.Tender{Code: code1})
		if waited := time.Since(before); waited > time.Second {
			t.Errorf("a refusal held the counter for %v", waited)
		}
		sale, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 1000})
		if err != nil || sale.State != checkout.Complete || len(sale.Legs) != 2 {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestALostReplyIsFoundByQuery(t *testing.T) {
	g := &gateway{
		pay:   func(checkout.PayCall) checkout.Answer { return checkout.Answer{} },
		query: func(key string, _ int) checkout.Answer { return paidAnswer(key, 1000) },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		if sale := s.ring(checkout.Tender{Code: code1}); sale.State != checkout.Complete || g.count("pay") != 1 {
			t.Errorf("%+v", sale)
		}
	})
}

func TestNinetySecondsFreeTheFrontAndTheLegGoesOn(t *testing.T) {
	g := &gateway{
		pay:     func(checkout.PayCall) checkout.Answer { return failedAnswer("USER_PAYING", "") },
		query:   func(string, int) checkout.Answer { return checkout.Answer{} },
		reverse: func(string) checkout.Answer { return checkout.Answer{} },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		before := time.Now()
		sale := s.ring(checkout.Tender{Code: code1})
		if waited := time.Since(before); sale.State != checkout.Unsettled || waited != 90*time.Second {
			t.Fatalf("%s after %v", sale.State, waited)
		}
		open, err := s.desk.Unresolved(t.Context())
		if err != nil || len(open) != 1 {
			t.Fatal(open, err)
		}
		g.mu.Lock()
		g.query = func(key string, _ int) checkout.Answer { return state(key, checkout.OrderRefunded) }
		g.mu.Unlock()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		if open, err = s.desk.Settle(ctx); err != nil || len(open) != 0 {
			t.Fatal(open, err)
		}
		if sale, _ = s.ledger.Sale(t.Context(), sale.ID); sale.State != checkout.Voided {
			t.Errorf("%s", sale.State)
		}
	})
}

func TestCancelledByTheCashier(t *testing.T) {
	var cancelled atomic.Bool
	g := &gateway{
		pay: func(checkout.PayCall) checkout.Answer { return failedAnswer("USER_PAYING", "") },
		query: func(key string, _ int) checkout.Answer {
			if cancelled.Load() {
				return state(key, checkout.OrderClosed)
			}
			return state(key, checkout.OrderNotPaid)
		},
		reverse: func(string) checkout.Answer {
			cancelled.Store(true)
			return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
		},
	}
	sell(t, g, func(t *testing.T, s *shop) {
		before := time.Now()
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		s.desk.Cancel(sale.ID)
		s.desk.Cancel(sale.ID) // a second press does nothing
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.Legs[0].State != checkout.Reversed {
			t.Fatal(sale, err)
		}
		if waited := time.Since(before); waited < 15*time.Second || waited > 20*time.Second {
			t.Errorf("reversed after %v", waited)
		}
		if sale, err = s.desk.Void(t.Context(), owner, sale.ID, "cancelled"); err != nil || sale.State != checkout.Voided {
			t.Error(sale.State, err)
		}
	})
}

func TestASilentCardNeedsAPerson(t *testing.T) {
	left := int64(9)
	g := &gateway{
		redeem: func(checkout.RedeemCall) checkout.Answer { return checkout.Answer{} },
		card: func() (checkout.Card, checkout.Answer) {
			return checkout.Card{Remaining: left}, checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Remaining: left, HasRemains: true}
		},
	}
	sell(t, g, func(t *testing.T, s *shop) {
		sale, err := s.desk.Redeem(t.Context(), owner, checkout.Card{No: "914095353294404024", Name: "洗车10次卡"}, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.State != checkout.Unsettled || sale.Legs[0].State != checkout.Manual {
			t.Fatalf("%v %+v", err, sale)
		}
		key := sale.Legs[0].Key
		cashier := access.Actor{ID: "c", Role: access.Cashier}
		if _, err := s.desk.Resolve(t.Context(), cashier, key, checkout.Paid, "seen"); fault.KindOf(err) != fault.Denied {
			t.Errorf("a cashier resolved it: %v", err)
		}
		if _, err := s.desk.Resolve(t.Context(), owner, key, checkout.Paid, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		sale, err = s.desk.Resolve(t.Context(), owner, key, checkout.Paid, "9 left, was 10")
		if err != nil || sale.State != checkout.Complete || g.count("redeem") != 1 {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

// fullDisk is a store whose writes of one kind fail while it is full.
type fullDisk struct {
	checkout.Store
	full *atomic.Bool
	only checkout.State
}

func (f fullDisk) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if f.full.Load() && (f.only == "" || e.State == f.only) {
		return fault.New(fault.Internal, "disk.full", "The disk is full.")
	}
	return f.Store.Advance(ctx, e, entries, a)
}

func (f fullDisk) Complete(ctx context.Context, s checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (string, error) {
	if f.full.Load() {
		return "", fault.New(fault.Internal, "disk.full", "The disk is full.")
	}
	return f.Store.Complete(ctx, s, last, entries, a)
}

func TestNothingIsSentWhenItCannotBeRecorded(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		full.Store(true)
		g := &gateway{}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store { return fullDisk{Store: st, full: &full} })
		defer s.close()
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.desk.Wait(t.Context(), sale.ID); fault.CodeOf(err) != "disk.full" {
			t.Errorf("Wait: %v", err)
		}
		if g.count("pay") != 0 {
			t.Error("a pay left the till unrecorded")
		}
		full.Store(false)
		time.Sleep(3 * time.Second) // virtual: the rejection is written once the disk takes it
		if sale, err = s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 1000}); err != nil || sale.State != checkout.Complete {
			t.Errorf("%v %+v", err, sale)
		}
		s.sound()
	})
}

func TestAnOutcomeWaitsForTheDisk(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		g := &gateway{pay: func(c checkout.PayCall) checkout.Answer {
			full.Store(true)
			time.AfterFunc(30*time.Second, func() { full.Store(false) })
			return paidAnswer(c.Key, c.Amount)
		}}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store { return fullDisk{Store: st, full: &full} })
		defer s.close()
		s.t = t
		if sale := s.ring(checkout.Tender{Code: code1}); sale.State != checkout.Complete || g.count("pay") != 1 {
			t.Errorf("%+v", sale)
		}
		s.sound()
	})
}

// liar completes a sale and reports that it could not.
type liar struct {
	checkout.Store
	lies atomic.Int64
}

func (l *liar) Complete(ctx context.Context, s checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (string, error) {
	no, err := l.Store.Complete(ctx, s, last, entries, a)
	if err == nil && l.lies.Add(-1) >= 0 {
		return "", fault.New(fault.Internal, "disk.io", "The disk does not work as it should.")
	}
	return no, err
}

func TestACompletionReportedAsFailedIsNotRepeated(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{pay: func(c checkout.PayCall) checkout.Answer { return paidAnswer(c.Key, c.Amount) }}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store {
			l := &liar{Store: st}
			l.lies.Store(1)
			return l
		})
		defer s.close()
		s.t = t
		if sale := s.ring(checkout.Tender{Code: code1}); sale.State != checkout.Complete || sale.ReceiptNo == "" {
			t.Errorf("%+v", sale)
		}
		s.sound()
	})
}

func TestRestartFindsWhatTheBankDid(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		g := &gateway{
			pay:   func(checkout.PayCall) checkout.Answer { <-hang; return checkout.Answer{} },
			query: func(key string, _ int) checkout.Answer { return paidAnswer(key, 1000) },
		}
		s := open(t, dir, g, nil)
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		close(hang) // the till goes down with the call: its answer is never written
		s.close()

		s = open(t, dir, g, nil)
		defer s.close()
		if r, err := s.desk.Recover(t.Context()); err != nil || r.Found != 1 || r.Open != 0 {
			t.Fatalf("%+v %v", r, err)
		}
		if sale, err = s.ledger.Sale(t.Context(), sale.ID); err != nil || sale.State != checkout.Complete {
			t.Errorf("%v %+v", err, sale)
		}
		if g.count("pay") != 1 {
			t.Errorf("%d pays", g.count("pay"))
		}
		s.sound()
	})
}

func TestBadInputs(t *testing.T) {
	g := &gateway{}
	sell(t, g, func(t *testing.T, s *shop) {
		cart := tenYuan(t)
		for name, c := range map[string]struct {
			cart    checkout.Cart
			tenders []checkout.Tender
			code    string
		}{
			"empty cart":    {checkout.Cart{}, []checkout.Tender{{Cash: 1}}, "sale.empty"},
			"no tender":     {cart, nil, "sale.no_tender"},
			"cash short":    {cart, []checkout.Tender{{Cash: 999}}, "sale.cash_short"},
			"two codes":     {cart, []checkout.Tender{{Code: code1}, {Code: code2}}, "sale.two_codes"},
			"nothing due":   {cart, []checkout.Tender{{Code: code1}, {Cash: 1000}}, "sale.nothing_due"},
			"negative cash": {cart, []checkout.Tender{{Cash: -1}}, "sale.cash_range"},
			"letters":       {cart, []checkout.Tender{{Code: "1345000000000000AB"}}, "sale.bad_code"},
			"short code":    {cart, []checkout.Tender{{Code: "134500"}}, "sale.bad_code_length"},
		} {
			if _, err := s.desk.Start(t.Context(), owner, c.cart, c.tenders...); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		staff := access.Actor{ID: "s", Role: access.Staff}
		if _, err := s.desk.Start(t.Context(), staff, cart, checkout.Tender{Cash: 1000}); fault.KindOf(err) != fault.Denied {
			t.Errorf("staff sold: %v", err)
		}
		if sales, err := s.ledger.Sales(t.Context(), time.Time{}, 10); err != nil || len(sales) != 0 {
			t.Errorf("refusals left %d sales, %v", len(sales), err)
		}
	})
	if len(g.calls) != 0 {
		t.Errorf("calls: %v", g.calls)
	}
}
