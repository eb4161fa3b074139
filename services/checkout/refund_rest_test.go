package checkout_test

import (
	"testing"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// Of two payments one is given back, the other refused: a person gives the rest,
// and nobody takes back what is given.
func TestTheRestOfARefundIsAPersons(t *testing.T) {
	for name, finish := range map[string]func(s *shop, r checkout.Sale) (checkout.Sale, error){
		"in cash, at the tray": func(s *shop, r checkout.Sale) (checkout.Sale, error) {
			for _, cash := range []money.Fen{399, 401, 0} {
				if _, err := s.desk.Tender(s.t.Context(), owner, r.ID, checkout.Tender{Cash: cash}); fault.CodeOf(err) != "refund.cash_exact" {
					s.t.Errorf("%s: %v", cash, err)
				}
			}
			if _, err := s.desk.Tender(s.t.Context(), access.Actor{Role: access.Cashier}, r.ID, checkout.Tender{Cash: 400}); fault.KindOf(err) != fault.Denied {
				s.t.Errorf("%v", err)
			}
			if _, err := s.desk.Tender(s.t.Context(), owner, r.ID, checkout.Tender{Code: code1}); fault.CodeOf(err) != "refund.cash_exact" {
				s.t.Errorf("%v", err)
			}
			return s.desk.Tender(s.t.Context(), owner, r.ID, checkout.Tender{Cash: 400})
		},
		"in cash": func(s *shop, r checkout.Sale) (checkout.Sale, error) {
			return s.desk.RefundRest(s.t.Context(), owner, r.ID, true, "the provider refuses")
		},
		"by a new number": func(s *shop, r checkout.Sale) (checkout.Sale, error) {
			if _, err := s.desk.RefundRest(s.t.Context(), owner, r.ID, false, "once more"); err != nil {
				return r, err
			}
			return s.desk.Wait(s.t.Context(), r.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider("", "refused")
			sell(t, &p.gateway, func(t *testing.T, s *shop) {
				sale := s.twoCodes(p)
				r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
				if r.State != checkout.Unsettled || r.Reason != checkout.CodePartlyRefunded || r.Paid() != 600 || r.Due() != 400 || r.HandOut() != 0 {
					t.Fatalf("%+v", r)
				}
				tray, err := s.desk.Unresolved(t.Context())
				if err != nil || len(tray) != 1 || tray[0].Reason.Code != checkout.CodePartlyRefunded {
					t.Errorf("%v %+v", err, tray)
				}
				if _, err := s.desk.Void(t.Context(), owner, r.ID, "x"); fault.CodeOf(err) != "refund.given" {
					t.Errorf("%v", err)
				}
				if _, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{Key: sale.Legs[2].Key, Reason: "x"}); fault.CodeOf(err) != "refund.nothing_left" {
					t.Errorf("what is spoken for was given to another refund: %v", err)
				}
				if r, err = finish(s, r); err != nil || r.State != checkout.Complete || r.ReceiptNo == "" {
					t.Fatalf("%v %+v", err, r)
				}
				if p.gaveBack("")+r.HandOut() != 1000 {
					t.Errorf("%s by the provider, %s in cash", p.gaveBack(""), r.HandOut())
				}
			})
		})
	}
}

func TestARestThatIsRefusedAgainStaysAPersons(t *testing.T) {
	p := newProvider("", "refused", "refused")
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		r := s.refunded(checkout.RefundRequest{SaleID: s.twoCodes(p).ID, All: true})
		if _, err := s.desk.RefundRest(t.Context(), owner, r.ID, false, "x"); err != nil {
			t.Fatal(err)
		}
		if r, err := s.desk.Wait(t.Context(), r.ID); err != nil || r.State != checkout.Unsettled || r.Due() != 400 || len(r.Legs) != 3 {
			t.Errorf("%v %+v", err, r)
		}
		if r, err := s.desk.RefundRest(t.Context(), owner, r.ID, true, "x"); err != nil || r.State != checkout.Complete || r.HandOut() != 400 {
			t.Errorf("%v %+v", err, r)
		}
	})
}

func TestOnlyARefundHasARest(t *testing.T) {
	p := newProvider()
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		p.pay = func(checkout.PayCall) checkout.Answer { return failedAnswer("X", "余额不足") }
		sale := s.ring(checkout.Tender{Code: code1})
		if _, err := s.desk.RefundRest(t.Context(), owner, sale.ID, true, "x"); fault.CodeOf(err) != "refund.not_begun" {
			t.Errorf("%v", err)
		}
		if _, err := s.desk.RefundRest(t.Context(), owner, "none", true, "x"); fault.CodeOf(err) != "sale.unknown" {
			t.Errorf("%v", err)
		}
		for code, q := range map[string]checkout.RefundRequest{
			"sale.unknown":        {SaleID: "none", All: true, Reason: "x"},
			"leg.unknown":         {Key: "none", Reason: "x"},
			"refund.not_complete": {SaleID: sale.ID, All: true, Reason: "x"},
		} {
			if _, err := s.desk.Refund(t.Context(), owner, q); fault.CodeOf(err) != code {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
}
