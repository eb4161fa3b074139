package checkout_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
)

func TestLateMoneyFoundByTwoHandsIsBookedOnce(t *testing.T) {
	w := &wallet{}
	sell(t, w.gateway(), func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		time.Sleep(2 * time.Minute)
		w.charge()
		for range 3 { // a person presses 查询 while the watch is running
			if _, err := s.desk.Query(t.Context(), sale.Legs[0].Key); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(31 * time.Minute)
		if w.holds() {
			t.Error("the money was not given back")
		}
	})
}

func TestAnOutageDoesNotEndAWatch(t *testing.T) {
	w := &wallet{}
	g := w.gateway()
	var down atomic.Bool
	query, reverse := g.query, g.reverse
	g.query = func(key string, n int) checkout.Answer {
		if down.Load() {
			return checkout.Answer{Delivery: checkout.NotSent}
		}
		return query(key, n)
	}
	g.reverse = func(key string) checkout.Answer {
		if down.Load() {
			return checkout.Answer{Delivery: checkout.NotSent}
		}
		return reverse(key)
	}
	sell(t, g, func(t *testing.T, s *shop) {
		s.ring(checkout.Tender{Code: code1})
		down.Store(true)
		w.charge()
		time.Sleep(2 * time.Hour)
		down.Store(false)
		time.Sleep(5 * time.Minute)
		if w.holds() {
			t.Error("an outage of two hours made the till forget the customer's money")
		}
	})
}

func TestCashOfferedAgainAfterAFailedEndIsNotCountedTwice(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		g := (&wallet{}).gateway()
		s := open(t, dir, g, func(st checkout.Store) checkout.Store { return fullDisk{Store: st, full: &full, only: "none"} })
		defer s.close()
		s.t = t
		sale := s.ring(checkout.Tender{Code: code1})
		full.Store(true)
		if _, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 5000}); fault.CodeOf(err) != "disk.full" {
			t.Fatal(err)
		}
		full.Store(false)
		sale, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 5000})
		if err != nil || sale.State != checkout.Complete || sale.Change() != 4000 {
			t.Errorf("%v, change %s, %d legs", err, sale.Change(), len(sale.Legs))
		}
		s.sound()
	})
}

func TestARedemptionIsNotPaidInCash(t *testing.T) {
	g := &gateway{redeem: func(checkout.RedeemCall) checkout.Answer { return failedAnswer("", "剩余次数不足") }}
	sell(t, g, func(t *testing.T, s *shop) {
		sale, err := s.desk.Redeem(t.Context(), owner, checkout.Card{No: "914095353294404024"}, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.Legs[0].State != checkout.Rejected {
			t.Fatalf("%v %+v", err, sale)
		}
		if _, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 100}); fault.CodeOf(err) != "sale.closed" {
			t.Errorf("%v", err)
		}
	})
}

func TestACodeThatNeverLeftMayBeScannedAgain(t *testing.T) {
	var up atomic.Bool
	g := &gateway{pay: func(c checkout.PayCall) checkout.Answer {
		if up.Load() {
			return paidAnswer(c.Key, c.Amount)
		}
		return checkout.Answer{Delivery: checkout.NotSent, Message: "no route"}
	}}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		if sale.Legs[0].State != checkout.Rejected || sale.Legs[0].Reason.Code != "unreachable" || g.count("pay") != 3 {
			t.Fatalf("%+v", sale.Legs[0])
		}
		up.Store(true)
		sale, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.State != checkout.Complete {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

// twoFaced records a step and reports that it could not.
type twoFaced struct {
	checkout.Store
	at   checkout.State
	lies atomic.Int64
}

func (l *twoFaced) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	err := l.Store.Advance(ctx, e, entries, a)
	if err == nil && e.State == l.at && l.lies.Add(-1) >= 0 {
		return fault.New(fault.Internal, "disk.io", "The disk does not work as it should.")
	}
	return err
}

func TestASendReportedAsFailedIsNotSentAndEnds(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store {
			l := &twoFaced{Store: st, at: checkout.Sent}
			l.lies.Store(1)
			return l
		})
		defer s.close()
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.desk.Wait(t.Context(), sale.ID); fault.CodeOf(err) != "disk.io" {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		if sale, err = s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 1000}); err != nil || sale.State != checkout.Complete {
			t.Errorf("%v %+v", err, sale)
		}
		if g.count("pay") != 0 {
			t.Error("a pay left although its record was reported as failed")
		}
		s.t = t
		s.sound()
	})
}

func TestClosingTheTillWaitsForTheCardInHand(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{redeem: func(checkout.RedeemCall) checkout.Answer {
			time.Sleep(5 * time.Second)
			return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
		}}
		s := open(t, dir, g, nil)
		sale, err := s.desk.Redeem(t.Context(), owner, checkout.Card{No: "914095353294404024"}, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.close()
		s = open(t, dir, g, nil)
		defer s.close()
		if sale, err = s.ledger.Sale(t.Context(), sale.ID); err != nil || sale.State != checkout.Complete {
			t.Errorf("the answer came and was thrown away: %v %+v", err, sale)
		}
	})
}

func TestWhatAPersonResolvesIsTold(t *testing.T) {
	g := &gateway{
		redeem: func(checkout.RedeemCall) checkout.Answer { return checkout.Answer{} },
		card:   func() (checkout.Card, checkout.Answer) { return checkout.Card{}, checkout.Answer{} },
	}
	sell(t, g, func(t *testing.T, s *shop) {
		sale, err := s.desk.Redeem(t.Context(), owner, checkout.Card{No: "914095353294404024"}, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil {
			t.Fatal(err)
		}
		manager := access.Actor{ID: "m", Role: access.Manager}
		if _, err := s.desk.Resolve(t.Context(), manager, sale.Legs[0].Key, checkout.Rejected, "nothing was taken off"); err != nil {
			t.Fatal(err)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.State != checkout.Voided {
			t.Errorf("Wait still says %s, %v", sale.State, err)
		}
	})
}

// another is a store on which another hand was quicker: the step is recorded,
// and not by this one.
type another struct{ checkout.Store }

func (a another) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, act checkout.Act) error {
	err := a.Store.Advance(ctx, e, entries, act)
	if err == nil && e.State == checkout.Sent {
		return fault.New(fault.Refused, "leg.state_changed", "This payment has moved on meanwhile.")
	}
	return err
}

func TestOnlyWhoRecordedTheSendMaySend(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{
			pay:   func(c checkout.PayCall) checkout.Answer { return paidAnswer(c.Key, c.Amount) },
			query: func(string, int) checkout.Answer { return failedAnswer("", "订单不存在") },
		}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store { return another{st} })
		defer s.close()
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.desk.Wait(t.Context(), sale.ID); fault.CodeOf(err) != "leg.state_changed" {
			t.Errorf("%v", err)
		}
		if n := g.count("pay"); n != 0 {
			t.Errorf("%d pays by a hand that had not recorded the send", n)
		}
		if _, err := s.desk.Query(t.Context(), sale.Legs[0].Key); err != nil || g.count("query") == 0 {
			t.Errorf("nobody can ask about it any more: %v, %d queries", err, g.count("query"))
		}
	})
}

func TestAClosingTillTriesNothingAnew(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{pay: func(checkout.PayCall) checkout.Answer {
			time.Sleep(3 * time.Second)
			return checkout.Answer{Delivery: checkout.NotSent, Message: "no route"}
		}}
		s := open(t, dir, g, nil)
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.close()
		s = open(t, dir, g, nil)
		defer s.close()
		if sale, err = s.ledger.Sale(t.Context(), sale.ID); err != nil || sale.Legs[0].State != checkout.Rejected || g.count("pay") != 1 {
			t.Errorf("%v, %s after %d pays", err, sale.Legs[0].State, g.count("pay"))
		}
	})
}

// early is a store on which a recovery runs into a sale that has just been
// written, and reads it again only after its payment was sent.
type early struct {
	checkout.Store
	desk  *checkout.Desk
	froze atomic.Bool
	slow  atomic.Bool
}

func (e *early) Freeze(ctx context.Context, s checkout.Sale, ev []checkout.LegEvent, en []checkout.Entry, a checkout.Act) error {
	err := e.Store.Freeze(ctx, s, ev, en, a)
	if e.froze.CompareAndSwap(false, true) {
		e.slow.Store(true)
		go func() { _, _ = e.desk.Recover(ctx) }()
		time.Sleep(time.Millisecond)
	}
	return err
}

func (e *early) Sale(ctx context.Context, id string) (checkout.Sale, error) {
	if e.slow.CompareAndSwap(true, false) {
		time.Sleep(50 * time.Millisecond)
	}
	return e.Store.Sale(ctx, id)
}

func TestARecoveryDoesNotBecomeTheSecondHandOfASaleThatBegins(t *testing.T) {
	g := newCounter()
	pay := g.pay
	g.pay = func(c checkout.PayCall) checkout.Answer {
		time.Sleep(time.Second)
		return pay(c)
	}
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		e := &early{}
		s := open(t, dir, &g.gateway, func(st checkout.Store) checkout.Store { e.Store = st; return e })
		defer s.close()
		e.desk, s.t = s.desk, t
		sale := s.ring(checkout.Tender{Code: code1})
		if sale.State != checkout.Complete || g.count("pay") != 1 {
			t.Errorf("%s, %v", sale.State, g.calls)
		}
		for _, call := range g.calls {
			if strings.HasPrefix(call, "query") {
				t.Errorf("another hand asked about a payment that was on its way: %v", g.calls)
			}
		}
		s.sound()
	})
}
