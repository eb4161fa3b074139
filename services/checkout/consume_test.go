package checkout_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

func (g *gateway) Consume(_ context.Context, c checkout.ConsumeCall) checkout.Answer {
	g.note("consume")
	return g.consume(c)
}

func (g *gateway) Evidence(_ context.Context, a checkout.MemberAccount) checkout.Answer {
	g.note("evidence")
	return checkout.Answer{Delivery: checkout.Answered, Message: "coupons of " + a.Customer + ": " + strings.Join(a.Coupons, " ")}
}

func tookAnswer(c checkout.ConsumeCall) checkout.Answer {
	return checkout.Answer{
		Delivery: checkout.Answered, HTTP: 200, Verdict: "true", Code: "0", Inner: &checkout.Inner{Verdict: "true", Code: "0"},
		ProviderNo: "BIZ-" + c.Key, Amount: c.Amount, HasAmount: true,
	}
}

func (s *shop) take(c checkout.ConsumeRequest) checkout.Sale {
	s.t.Helper()
	sale, err := s.desk.Consume(s.t.Context(), owner, c)
	if err != nil {
		s.t.Fatal(err)
	}
	if sale, err = s.desk.Wait(s.t.Context(), sale.ID); err != nil {
		s.t.Fatal(err)
	}
	return sale
}

var member = checkout.MemberAccount{Customer: "700000001", Coupons: []string{"390962138708451328"}}

func TestAConsumptionIsOneCallAndOneSale(t *testing.T) {
	var got checkout.ConsumeCall
	g := &gateway{consume: func(c checkout.ConsumeCall) checkout.Answer { got = c; return tookAnswer(c) }}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.take(checkout.ConsumeRequest{Account: member, Amount: 1000, Points: 50, Password: "246810"})
		l := sale.Legs[0]
		if sale.State != checkout.Complete || sale.Kind != checkout.Consumption || sale.Total != 1000 || len(sale.Lines) != 3 || l.ProviderNo != "BIZ-"+l.Key {
			t.Errorf("%+v", sale)
		}
		if got.Amount != 1000 || got.Points != 50 || got.Key != l.Key || got.Password != "246810" || got.Account.Customer != member.Customer || got.Account.Coupons[0] != member.Coupons[0] {
			t.Errorf("sent %+v", got)
		}
		if g.count("consume") != 1 {
			t.Errorf("%d consumes", g.count("consume"))
		}
	})
}

func TestPointsAloneCostNothingAndAreASale(t *testing.T) {
	g := &gateway{consume: func(c checkout.ConsumeCall) checkout.Answer {
		a := tookAnswer(c)
		a.HasAmount = false
		return a
	}}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.take(checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "700000001"}, Points: 7})
		if sale.State != checkout.Complete || sale.Total != 0 || sale.Legs[0].Count != 7 || sale.ReceiptNo == "" {
			t.Errorf("%+v", sale)
		}
	})
}

func TestARefusedConsumptionIsVoidedByItself(t *testing.T) {
	g := &gateway{consume: func(checkout.ConsumeCall) checkout.Answer {
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "true", Code: "200605", Message: "余额不足"}
	}}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.take(checkout.ConsumeRequest{Account: member, Amount: 1000})
		if sale.State != checkout.Voided || sale.Legs[0].State != checkout.Rejected || sale.Legs[0].Reason.Message != "余额不足" {
			t.Errorf("%+v", sale)
		}
		_, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 1000})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("cash for a consumption: %v", err)
		}
	})
}

func TestASilentConsumptionIsNeverSentAgainAndNeedsAPerson(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{consume: func(checkout.ConsumeCall) checkout.Answer { return checkout.Answer{Delivery: checkout.Silent} }}
		s := open(t, dir, g, nil)
		s.t = t
		sale := s.take(checkout.ConsumeRequest{Account: member, Amount: 1000})
		l := sale.Legs[0]
		if sale.State != checkout.Unsettled || l.State != checkout.Manual || l.Reason.Message != "coupons of 700000001: 390962138708451328" {
			t.Fatalf("%+v", sale)
		}
		s.close()
		s = open(t, dir, g, nil)
		s.t = t
		defer s.close()
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n := g.count("consume"); n != 1 {
			t.Errorf("%d consumes", n)
		}
		done, err := s.desk.Resolve(t.Context(), owner, l.Key, checkout.Paid, "seen in the member's account")
		if err != nil || done.State != checkout.Complete {
			t.Errorf("%v, %+v", err, done)
		}
		s.sound()
	})
}

// Whoever takes a consumption back by hand needs the bizId that was returned,
// and whoever judges it what the gateway said.
func TestWhatTheGatewaySaidIsKeptForAPerson(t *testing.T) {
	for name, change := range map[string]func(*checkout.Answer){
		"another sum":   func(a *checkout.Answer) { a.Amount += 500 },
		"inner says no": func(a *checkout.Answer) { a.Inner.Code = "5" },
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{consume: func(c checkout.ConsumeCall) checkout.Answer {
				a := tookAnswer(c)
				a.Message = "已扣款"
				change(&a)
				return a
			}}
			sell(t, g, func(t *testing.T, s *shop) {
				l := s.take(checkout.ConsumeRequest{Account: member, Amount: 1000}).Legs[0]
				if l.State != checkout.Manual || l.ProviderNo != "BIZ-"+l.Key || !strings.Contains(l.Reason.Message, "已扣款") {
					t.Errorf("%+v", l)
				}
			})
		})
	}
}

func TestWhatWeCannotSendIsNotTriedAgain(t *testing.T) {
	g := &gateway{consume: func(checkout.ConsumeCall) checkout.Answer {
		return checkout.Answer{Delivery: checkout.NotSent, OurFault: true, Message: "The password holds a character that cannot be sent."}
	}}
	sell(t, g, func(t *testing.T, s *shop) {
		sale := s.take(checkout.ConsumeRequest{Account: member, Amount: 1000})
		if l := sale.Legs[0]; sale.State != checkout.Voided || l.Reason.Code != "not_sendable" || g.count("consume") != 1 {
			t.Errorf("%+v after %d tries", sale, g.count("consume"))
		}
	})
}

func TestAConsumptionCutOffByACrashIsNotSentAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{consume: tookAnswer}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store { return deaf{st} })
		s.t = t
		sale, err := s.desk.Consume(t.Context(), owner, checkout.ConsumeRequest{Account: member, Amount: 1000})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.close() // SENT is on disk, the answer is not
		s = open(t, dir, g, nil)
		s.t = t
		defer s.close()
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sale, err = s.ledger.Sale(t.Context(), sale.ID); err != nil || sale.Legs[0].State != checkout.Manual || g.count("consume") != 1 {
			t.Errorf("%v, %+v after %d consumes", err, sale, g.count("consume"))
		}
	})
}

// deaf is a disk that takes the send and nothing after it.
type deaf struct{ checkout.Store }

func (d deaf) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if e.State == checkout.Sent {
		return d.Store.Advance(ctx, e, entries, a)
	}
	return fault.New(fault.Internal, "disk.full", "The disk is full.")
}

func (d deaf) Complete(context.Context, checkout.Sale, *checkout.LegEvent, []checkout.Entry, checkout.Act) (string, error) {
	return "", fault.New(fault.Internal, "disk.full", "The disk is full.")
}

func TestAConsumptionIsCheckedBeforeAnythingIsRecorded(t *testing.T) {
	g := &gateway{}
	sell(t, g, func(t *testing.T, s *shop) {
		scanned := checkout.MemberAccount{Coupons: []string{"C1"}, Scanned: true}
		for name, c := range map[string]struct {
			r    checkout.ConsumeRequest
			code string
		}{
			"nothing":            {checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "1"}}, "consume.nothing"},
			"less than nothing":  {checkout.ConsumeRequest{Account: member, Amount: -1}, "consume.amount_range"},
			"too much":           {checkout.ConsumeRequest{Account: member, Amount: money.MaxFen + 1}, "consume.amount_range"},
			"points below 0":     {checkout.ConsumeRequest{Account: member, Points: -1}, "consume.points_range"},
			"nobody's":           {checkout.ConsumeRequest{Amount: 1}, "consume.no_customer"},
			"a scan with money":  {checkout.ConsumeRequest{Account: scanned, Amount: 1}, "consume.no_customer"},
			"coupon by id alone": {checkout.ConsumeRequest{Account: checkout.MemberAccount{Coupons: []string{"1"}}}, "consume.no_customer"},
			"one coupon twice":   {checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "1", Coupons: []string{"2", "2"}}}, "consume.coupon_twice"},
			"a strange sign":     {checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "1&2"}, Amount: 1}, "consume.bad_code"},
		} {
			if _, err := s.desk.Consume(t.Context(), owner, c.r); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.desk.Consume(t.Context(), access.Actor{ID: "x", Role: "visitor"}, checkout.ConsumeRequest{Account: member, Amount: 1}); fault.KindOf(err) != fault.Denied {
			t.Errorf("without the right: %v", err)
		}
		if sales, err := s.ledger.Sales(t.Context(), time.Time{}, 10); err != nil || len(sales) != 0 {
			t.Errorf("%v: %d sales were recorded", err, len(sales))
		}
	})
}
