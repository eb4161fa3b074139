package checkout_test

import (
	"sync/atomic"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// pay query asks the provider, which proves that a refused refund went back; that
// has to be in the books when it returns: the next process may hand out the cash.
func TestAQueryThatFindsARefundGivenLateRecordsIt(t *testing.T) {
	p := newProvider("refused")
	listened(t, &p.gateway, func(t *testing.T, s *shop, a *heard) {
		sale := s.ring(checkout.Tender{Code: code1})
		l := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true}).Legs[0]
		p.refund(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
		got, err := s.desk.Query(t.Context(), l.Key)
		if err != nil || !got.LeftOver() {
			t.Errorf("the query says %v %s %+v", err, got.State, got.Reason)
		}
		if r, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: sale.ID, All: true, Cash: true, Reason: "x"}); err == nil {
			t.Errorf("hand out %s, although the wallet gave back %s", r.HandOut(), p.gaveBack(""))
		}
	})
}

// The same for what the desk works on until nothing automatic is left.
func TestSettleFindsARefundGivenLate(t *testing.T) {
	p := newProvider("refused")
	listened(t, &p.gateway, func(t *testing.T, s *shop, a *heard) {
		sale := s.ring(checkout.Tender{Code: code1})
		l := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true}).Legs[0]
		p.refund(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
		if _, err := s.desk.Query(t.Context(), l.Key); err != nil {
			t.Fatal(err)
		}
		if open, err := s.desk.Settle(t.Context()); err != nil || len(open) != 1 {
			t.Errorf("%v; settle says that %d payments are open", err, len(open))
		}
	})
}

// A payment that was refused and charged: the query was told so, and says refused.
func TestAQueryThatFindsLateMoneySaysSo(t *testing.T) {
	w := stubborn()
	listened(t, w.gateway(), func(t *testing.T, s *shop, a *heard) {
		sale := s.ring(checkout.Tender{Code: code1})
		if _, err := s.desk.Void(t.Context(), owner, sale.ID, "refused"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) // two looks are done
		w.charge()
		got, err := s.desk.Query(t.Context(), sale.Legs[0].Key)
		if err != nil || !got.Late() {
			t.Errorf("the wallet says SUCCESS, the query says %v %s %+v", err, got.State, got.Reason)
		}
	})
}

// What a person says the customer keeps has gone back of this sale: it cannot be
// given back a second time.
func TestWhatTheCustomerKeepsIsNotGivenBackAgain(t *testing.T) {
	p := newProvider("refused")
	listened(t, &p.gateway, func(t *testing.T, s *shop, a *heard) {
		sale := s.ring(checkout.Tender{Code: code1})
		l := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true}).Legs[0]
		p.refund(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
		time.Sleep(2 * time.Minute)
		s.onlyOpen(checkout.CodeGivenLate)
		if _, err := s.desk.Resolve(t.Context(), owner, l.Key, checkout.Paid, "it is what he was to get back"); err != nil {
			t.Fatal(err)
		}
		var out money.Fen
		if r, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: sale.ID, All: true, Cash: true, Reason: "x"}); err == nil {
			out = r.HandOut()
		}
		if sum := out + p.gaveBack(""); sum > sale.Total {
			t.Errorf("%s went back of a sale of %s", sum, sale.Total)
		}
	})
}

// Half of a refund went back, the other half was refused and went back late. All
// that was to go back has: there has to be a way to end the refund without giving
// it twice.
func TestAHalfRefundWhoseRestWentBackLateCanEnd(t *testing.T) {
	p := newProvider("", "refused")
	listened(t, &p.gateway, func(t *testing.T, s *shop, a *heard) {
		sale := s.twoCodes(p)
		r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
		if r.State != checkout.Unsettled {
			t.Fatalf("%+v", r)
		}
		l := r.Legs[1]
		p.refund(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
		time.Sleep(2 * time.Minute)
		if got := p.gaveBack(""); got != sale.Total {
			t.Fatalf("%s", got)
		}
		if _, err := s.desk.Resolve(t.Context(), owner, l.Key, checkout.Paid, "it is what he was to get back"); err != nil {
			t.Fatal(err)
		}
		if open, err := s.desk.Unresolved(t.Context()); err != nil || len(open) != 0 {
			t.Errorf("all went back, and the tray says %v %d %s", err, len(open), open[0].Reason.Code)
		}
		if got, err := s.desk.Sale(t.Context(), r.ID); err != nil || got.State != checkout.Complete {
			t.Errorf("all went back, and the refund is %s: %v", got.State, err)
		}
		if rest, err := s.desk.RefundRest(t.Context(), owner, r.ID, true, "x"); err == nil {
			t.Errorf("a second time: %s", rest.HandOut())
		}
	})
}

// The power goes between the word of a person and the end of the refund: who starts
// next ends it.
func TestWhatAPersonSaidOfARefundEndsItAfterACrash(t *testing.T) {
	p := newProvider("", "refused")
	listened(t, &p.gateway, func(t *testing.T, s *shop, a *heard) {
		r := s.refunded(checkout.RefundRequest{SaleID: s.twoCodes(p).ID, All: true})
		l := r.Legs[1]
		p.refund(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
		time.Sleep(2 * time.Minute)
		watches, err := s.ledger.Watches(t.Context())
		if err != nil || len(watches) != 1 || watches[0].State != checkout.LateHeld {
			t.Fatalf("%+v %v", watches, err)
		}
		kept := watches[0]
		kept.State = checkout.LateKept
		entry := checkout.Entry{SaleID: r.ID, LegID: l.ID, Kind: "kept", Postings: []checkout.Posting{
			{Account: checkout.AccCustomer, Amount: l.Amount}, {Account: checkout.AccUnresolved, Amount: -l.Amount},
		}}
		if err := s.ledger.Watch(t.Context(), watches[0], kept, []checkout.Entry{entry}, checkout.Act{Actor: owner, What: "watch.resolve", Subject: l.Key, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got, err := s.desk.Sale(t.Context(), r.ID); err != nil || got.State != checkout.Complete {
			t.Errorf("the refund is %s: %v", got.State, err)
		}
	})
}

// Late money whose amount the provider states otherwise is not booked. What a person
// then gives out of the drawer for it has to be, and what the provider holds too once
// it says the right amount.
func TestCashGivenForUnbookedLateMoneyIsBooked(t *testing.T) {
	w := stubborn()
	g := w.gateway()
	query := g.query
	var right atomic.Bool
	g.query = func(key string, nth int) checkout.Answer {
		a := query(key, nth)
		if !right.Load() && a.HasAmount {
			a.Amount++
		}
		return a
	}
	listened(t, g, func(t *testing.T, s *shop, a *heard) {
		l := s.heldBack(w)
		right.Store(true)
		time.Sleep(20 * time.Minute) // asked every five minutes: it says the right amount now
		a.books(t, map[checkout.Account]money.Fen{checkout.AccLiantuofu: 1000, checkout.AccUnresolved: -1000})
		if _, err := s.desk.ResolveInCash(t.Context(), owner, l.Key, "ten yuan out of the drawer"); err != nil {
			t.Fatal(err)
		}
		a.books(t, map[checkout.Account]money.Fen{checkout.AccLiantuofu: 1000, checkout.AccDrawer: -1000})
	})
}

// Who asks how a payment stands does not bring its reversal forward.
func TestAskingDoesNotBringTheReversalForward(t *testing.T) {
	var reversedAt time.Duration
	var began time.Time
	g := &gateway{
		pay:   func(c checkout.PayCall) checkout.Answer { return failedAnswer("USER_PAYING", "paying") },
		query: func(key string, _ int) checkout.Answer { return failedAnswer("USER_PAYING", "paying") },
		reverse: func(string) checkout.Answer {
			if reversedAt == 0 {
				reversedAt = time.Since(began)
			}
			return failedAnswer("ORDER_NOT_EXIST", "订单不存在")
		},
	}
	listened(t, g, func(t *testing.T, s *shop, a *heard) {
		began = time.Now()
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		if _, err := s.desk.Query(t.Context(), sale.Legs[0].Key); err != nil {
			t.Fatal(err)
		}
		s.desk.Cancel(sale.ID)
		time.Sleep(2 * time.Minute)
		if reversedAt < 15*time.Second {
			t.Errorf("cancelled %v after the pay", reversedAt)
		}
	})
}
