package checkout_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

func TestARefundGoesBackToTheCode(t *testing.T) {
	p := newProvider()
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, Returns: []checkout.Return{{Line: 1, Qty: 1}}})
		l := r.Legs[0]
		if r.State != checkout.Complete || r.Kind != checkout.Refund || r.Of != sale.ID || r.Total != 500 || r.ReceiptNo == "" || r.ReceiptNo == sale.ReceiptNo {
			t.Errorf("%+v", r)
		}
		if l.Class != checkout.ClassRefund || l.State != checkout.Paid || l.Of != sale.Legs[0].Key || l.Key == l.Of || l.ProviderNo == "" {
			t.Errorf("%+v", l)
		}
		if stored, err := s.ledger.Sale(t.Context(), r.ID); err != nil || stored.Of != sale.ID || stored.Lines[0].Of != 1 || stored.Lines[0].Qty != 1 || stored.Legs[0].Of != l.Of {
			t.Errorf("%v %+v", err, stored)
		}
		if all, err := s.ledger.Refunds(t.Context(), sale.ID); err != nil || len(all) != 1 || all[0].ID != r.ID {
			t.Errorf("%v %+v", err, all)
		}
		rest := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
		if rest.Total != 500 || p.gaveBack("") != 1000 || p.count("refund") != 2 {
			t.Errorf("%+v, the provider gave %s", rest, p.gaveBack(""))
		}
		for _, q := range []checkout.RefundRequest{{SaleID: sale.ID, All: true}, {SaleID: sale.ID, Returns: []checkout.Return{{Line: 1, Qty: 1}}}, {Key: l.Of}} {
			q.Reason = "once more"
			if _, err := s.desk.Refund(t.Context(), owner, q); fault.KindOf(err) != fault.Refused {
				t.Errorf("%+v: %v", q, err)
			}
		}
		if all, err := s.ledger.Sales(t.Context(), time.Time{}, 0); err != nil || len(all) != 3 {
			t.Errorf("%v, %d sales", err, len(all))
		}
	})
}

func TestCashGoesBackInOneCommit(t *testing.T) {
	sell(t, nil, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Cash: 5000})
		r := s.refunded(checkout.RefundRequest{Key: sale.Legs[0].Key, Amount: 123})
		if r.State != checkout.Complete || r.HandOut() != 123 || r.Lines[0].Of != 0 || r.Lines[0].Amount != 123 || r.Legs[0].Tendered != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// Cash is not counted as handed out before the provider's part is proven.
func TestCashComesLast(t *testing.T) {
	p := newProvider("under way")
	var during []checkout.Leg
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		give := p.refund
		p.refund = func(c checkout.RefundCall) checkout.Answer {
			open, err := s.ledger.SaleByKey(context.Background(), c.Key)
			if err != nil {
				t.Error(err)
			}
			during = open.Legs
			return give(c)
		}
		sale := s.ring(checkout.Tender{Cash: 300}, checkout.Tender{Code: code1})
		r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
		if len(during) != 2 || during[1].Class != checkout.ClassRecorded || during[1].State != checkout.Intent {
			t.Errorf("while it was out: %+v", during)
		}
		if r.State != checkout.Complete || r.HandOut() != 300 || p.gaveBack("") != 700 {
			t.Errorf("%+v", r)
		}
	})
}

func TestARefundNeedsARightAndAReason(t *testing.T) {
	p := newProvider()
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		q := checkout.RefundRequest{SaleID: sale.ID, All: true, Reason: "x"}
		for _, role := range []access.Role{access.Cashier, access.Staff, ""} {
			if _, err := s.desk.Refund(t.Context(), access.Actor{Role: role}, q); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", role, err)
			}
			if _, err := s.desk.RefundRest(t.Context(), access.Actor{Role: role}, sale.ID, true, "x"); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", role, err)
			}
		}
		q.Reason = " "
		if _, err := s.desk.Refund(t.Context(), owner, q); fault.CodeOf(err) != "refund.no_reason" {
			t.Errorf("%v", err)
		}
		plan, err := s.desk.PlanRefund(t.Context(), owner, q)
		if err != nil || plan.Total != 1000 || len(plan.Legs) != 1 || plan.Legs[0].Class != checkout.ClassRefund {
			t.Errorf("%v %+v", err, plan)
		}
		if all, err := s.ledger.Sales(t.Context(), time.Time{}, 0); err != nil || len(all) != 1 || p.count("refund") != 0 {
			t.Errorf("a plan was recorded: %v, %d sales", err, len(all))
		}
	})
}

func TestWhatAProviderDoesWithARefund(t *testing.T) {
	for name, c := range map[string]struct {
		moods []string
		state checkout.SaleState
		leg   checkout.State
		code  string
		tries int
		given money.Fen
	}{
		"gives it back":            {nil, checkout.Complete, checkout.Paid, "", 1, 1000},
		"is at it for a while":     {[]string{"under way"}, checkout.Complete, checkout.Paid, "", 1, 1000},
		"refuses":                  {[]string{"refused"}, checkout.Voided, checkout.Rejected, "refused", 1, 0},
		"cannot be reached":        {[]string{"unreachable"}, checkout.Voided, checkout.Rejected, "unreachable", 1, 0},
		"does it and says nothing": {[]string{"reply lost"}, checkout.Complete, checkout.Paid, "", 1, 1000},
		"never hears of it, once":  {[]string{"request lost"}, checkout.Complete, checkout.Paid, "", 2, 1000},
		// The first one may have been heard: a no to the second proves nothing.
		"hears the second, says no": {[]string{"request lost", "refused"}, checkout.Complete, checkout.Paid, "", 3, 1000},
		"is cut off in between":     {[]string{"request lost", "unreachable"}, checkout.Complete, checkout.Paid, "", 3, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(c.moods...)
			sell(t, &p.gateway, func(t *testing.T, s *shop) {
				sale := s.ring(checkout.Tender{Code: code1})
				r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
				if r.State == checkout.Unsettled { // set aside after 90 s; it goes on by itself
					if _, err := s.desk.Settle(t.Context()); err != nil {
						t.Fatal(err)
					}
					var err error
					if r, err = s.ledger.Sale(t.Context(), r.ID); err != nil {
						t.Fatal(err)
					}
				}
				l := r.Legs[0]
				if r.State != c.state || l.State != c.leg || l.Reason.Code != c.code || p.count("refund") != c.tries || p.gaveBack("") != c.given {
					t.Errorf("%s, leg %s %+v after %d tries, %s given", r.State, l.State, l.Reason, p.count("refund"), p.gaveBack(""))
				}
				if c.given > 0 {
					return
				}
				if again := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true, Cash: true}); again.State != checkout.Complete || again.HandOut() != 1000 {
					t.Errorf("what came to nothing is not left: %+v", again)
				}
			})
		})
	}
}

func TestWithoutAGatewayOnlyCashGoesBack(t *testing.T) {
	p := newProvider()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, &p.gateway, nil)
		sale := s.ring(checkout.Tender{Code: code1})
		s.close()
		s = open(t, dir, nil, nil)
		defer s.close()
		if _, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: sale.ID, All: true, Reason: "x"}); fault.CodeOf(err) != "liantuofu.not_set_up" {
			t.Errorf("%v", err)
		}
		if r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true, Cash: true}); r.HandOut() != 1000 {
			t.Errorf("%+v", r)
		}
		s.sound()
	})
}

// A refund left to a person is ended by what the provider proves, or by him.
func TestARefundNobodyKnowsAbout(t *testing.T) {
	p := newProvider()
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		down := func(checkout.RefundCall) checkout.Answer { return checkout.Answer{Delivery: checkout.Silent} }
		give, ask := p.refund, p.refundQuery
		stuck := func() checkout.Leg {
			p.refund = down
			p.refundQuery = func(string, int) checkout.Answer { return checkout.Answer{Delivery: checkout.Silent} }
			sale := s.ring(checkout.Tender{Code: fmt.Sprintf("1345000000000%05d", s.ids.Add(1))})
			r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
			if r.State != checkout.Unsettled {
				t.Fatalf("%+v", r)
			}
			if _, err := s.desk.GiveUp(t.Context(), owner, r.Legs[0].Key); fault.CodeOf(err) != "pay.one_way" {
				t.Errorf("a refund that was sent was called back: %v", err)
			}
			open, err := s.desk.Settle(t.Context())
			if err != nil || len(open) != 1 || open[0].State != checkout.Manual || open[0].Reason.Code != "not_refunded" || open[0].Attempts != 12 {
				t.Fatalf("%v %+v", err, open)
			}
			return open[0]
		}
		l := stuck()
		p.refund, p.refundQuery = give, ask
		if l, err := s.desk.Query(t.Context(), l.Key); err != nil || l.State != checkout.Manual {
			t.Errorf("not there is no proof, and yet %s, %v", l.State, err)
		}
		give(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount}) // it comes after all
		if l, err := s.desk.Query(t.Context(), l.Key); err != nil || l.State != checkout.Paid {
			t.Errorf("%v %+v", err, l)
		}
		if r, err := s.desk.Sale(t.Context(), l.SaleID); err != nil || r.State != checkout.Complete {
			t.Errorf("%v %+v", err, r)
		}
		for as, want := range map[checkout.State]checkout.SaleState{checkout.Paid: checkout.Complete, checkout.Rejected: checkout.Voided, checkout.Reversed: checkout.Voided} {
			l := stuck()
			if r, err := s.desk.Resolve(t.Context(), owner, l.Key, as, "the back office says so"); err != nil || r.State != want {
				t.Errorf("%s: %v %+v", as, err, r)
			}
		}
	})
}
