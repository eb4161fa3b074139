package checkout_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// provider is one that keeps its own account of payments and of what it gave
// back under which number; how it answers is up to the test.
type provider struct {
	gateway
	book    sync.Mutex
	paid    map[string]money.Fen // by outTradeNo
	given   map[string]checkout.RefundCall
	pending map[string]int // queries until it is done
	// what the next refunds do; "" gives back and says so
	moods []string
}

func newProvider(moods ...string) *provider {
	p := &provider{paid: map[string]money.Fen{}, given: map[string]checkout.RefundCall{}, pending: map[string]int{}, moods: moods}
	p.pay = func(c checkout.PayCall) checkout.Answer {
		p.book.Lock()
		defer p.book.Unlock()
		p.paid[c.Key] = c.Amount
		return paidAnswer(c.Key, c.Amount)
	}
	p.query = func(key string, _ int) checkout.Answer {
		p.book.Lock()
		defer p.book.Unlock()
		if amount, known := p.paid[key]; known {
			return paidAnswer(key, amount)
		}
		return failedAnswer("ORDER_NOT_EXIST", "订单不存在")
	}
	p.reverse = func(string) checkout.Answer { return failedAnswer("ORDER_NOT_EXIST", "订单不存在") }
	p.refund, p.refundQuery = p.giveBack, p.asked
	p.redeem = func(checkout.RedeemCall) checkout.Answer {
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
	}
	return p
}

func (p *provider) mood() string {
	if len(p.moods) == 0 {
		return ""
	}
	m := p.moods[0]
	p.moods = p.moods[1:]
	return m
}

func (p *provider) giveBack(c checkout.RefundCall) checkout.Answer {
	p.book.Lock()
	defer p.book.Unlock()
	mood := p.mood()
	switch mood {
	case "unreachable":
		return checkout.Answer{Delivery: checkout.NotSent, Message: "no route"}
	case "request lost":
		return checkout.Answer{Delivery: checkout.Silent}
	case "refused":
		return failedAnswer("BUSINESS", "商户余额不足")
	}
	if old, known := p.given[c.Key]; known {
		if old != c {
			return failedAnswer("PARAMETER_ERROR", "退款单号已存在")
		}
		return refundAnswer(c)
	}
	if p.back(c.Of)+c.Amount > p.paid[c.Of] {
		return failedAnswer("BUSINESS", "退款金额超过可退金额")
	}
	p.given[c.Key] = c
	switch mood {
	case "reply lost":
		return checkout.Answer{Delivery: checkout.Silent}
	case "under way":
		p.pending[c.Key] = 2
		return failedAnswer("REFUNDING", "退款中")
	}
	return refundAnswer(c)
}

func (p *provider) asked(key string, _ int) checkout.Answer {
	p.book.Lock()
	defer p.book.Unlock()
	c, known := p.given[key]
	switch {
	case !known:
		return failedAnswer("ORDER_NOT_EXIST", "订单不存在")
	case p.pending[key] > 0:
		p.pending[key]--
		return failedAnswer("REFUNDING", "退款中")
	}
	return refundAnswer(c)
}

func refundAnswer(c checkout.RefundCall) checkout.Answer {
	return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Key: c.Key, Amount: c.Amount, HasAmount: true, ProviderNo: "R-" + c.Key, Signature: checkout.Signed}
}

// back is what went back of a payment; the caller has the book.
func (p *provider) back(of string) (sum money.Fen) {
	for _, c := range p.given {
		if of == "" || c.Of == of {
			sum += c.Amount
		}
	}
	return sum
}

func (p *provider) gaveBack(of string) money.Fen {
	p.book.Lock()
	defer p.book.Unlock()
	return p.back(of)
}

// refunded waits for a refund to come to its end.
func (s *shop) refunded(q checkout.RefundRequest) checkout.Sale {
	s.t.Helper()
	if q.Reason == "" {
		q.Reason = "坏了"
	}
	r, err := s.desk.Refund(s.t.Context(), owner, q)
	if err != nil {
		s.t.Fatal(err)
	}
	if r, err = s.desk.Wait(s.t.Context(), r.ID); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// twoCodes is a sale of ten yuan that two codes paid, 6.00 and 4.00.
func (s *shop) twoCodes(p *provider) checkout.Sale {
	s.t.Helper()
	redeem := p.redeem
	p.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	sale := s.ring(checkout.Tender{Code: code1}, card(400))
	p.redeem = redeem
	sale, err := s.desk.Tender(s.t.Context(), owner, sale.ID, checkout.Tender{Code: code2})
	if err != nil {
		s.t.Fatal(err)
	}
	if sale, err = s.desk.Wait(s.t.Context(), sale.ID); err != nil || sale.State != checkout.Complete {
		s.t.Fatalf("%v %+v", err, sale)
	}
	return sale
}

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

// blind does not see the refunds there are: what a desk reads may be old by the
// time it writes.
type blind struct{ checkout.Store }

func (blind) Refunds(context.Context, string) ([]checkout.Sale, error) { return nil, nil }

func TestTwoRefundsAtTheSameMoment(t *testing.T) {
	for name, c := range map[string]struct {
		q    checkout.RefundRequest
		code string
	}{
		"of all, by the code": {checkout.RefundRequest{All: true}, "refund.too_much"},
		"of all, in cash":     {checkout.RefundRequest{All: true, Cash: true}, "refund.too_much"},
		"of one line":         {checkout.RefundRequest{Returns: []checkout.Return{{Line: 1, Qty: 2}}}, "refund.too_much"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir, &p.gateway, func(st checkout.Store) checkout.Store { return blind{st} })
				defer s.close()
				c.q.SaleID, c.q.Reason = s.ring(checkout.Tender{Code: code1}).ID, "x"
				var wg sync.WaitGroup
				codes := make([]string, 4)
				for i := range codes {
					wg.Go(func() {
						_, err := s.desk.Refund(context.Background(), owner, c.q)
						codes[i] = fault.CodeOf(err)
					})
				}
				wg.Wait()
				slices.Sort(codes)
				if fmt.Sprint(codes) != fmt.Sprint([]string{"", c.code, c.code, c.code}) {
					t.Errorf("%q", codes)
				}
				if _, err := s.desk.Settle(t.Context()); err != nil {
					t.Error(err)
				}
				if all, err := s.ledger.Refunds(t.Context(), c.q.SaleID); err != nil || len(all) != 1 || p.gaveBack("")+all[0].HandOut() != 1000 {
					t.Errorf("%v %+v", err, all)
				}
				s.sound()
			})
		})
	}
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
