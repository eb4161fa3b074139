package checkout_test

import (
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
