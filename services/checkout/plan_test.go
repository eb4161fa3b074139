package checkout_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// counter is a provider with the truth about one customer: what the wallet
// paid, what the card lost.
type counter struct {
	gateway
	paid, backed bool
	amount       money.Fen
	times        int64
}

func newCounter() *counter {
	c := &counter{}
	c.pay = func(p checkout.PayCall) checkout.Answer {
		c.paid, c.amount = true, p.Amount
		return paidAnswer(p.Key, p.Amount)
	}
	c.query = func(key string, _ int) checkout.Answer {
		switch {
		case c.backed:
			return state(key, checkout.OrderRefunded)
		case c.paid:
			return paidAnswer(key, c.amount)
		}
		return failedAnswer("", "订单不存在")
	}
	c.reverse = func(string) checkout.Answer {
		c.backed = true
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
	}
	c.redeem = func(r checkout.RedeemCall) checkout.Answer {
		c.times += r.Count
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
	}
	c.card = func() (checkout.Card, checkout.Answer) {
		return checkout.Card{}, checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Remaining: 10 - c.times, HasRemains: true}
	}
	return c
}

func card(pays money.Fen) checkout.Tender {
	return checkout.Tender{Card: &checkout.CardTender{Card: checkout.Card{No: "914095353294404024"}, Before: 10, Count: 1, Pays: pays}}
}

var noTimes = failedAnswer("", "剩余次数不足")

func TestThePlanIsCarriedOutInTheOrderOfTheLaw(t *testing.T) {
	g := newCounter()
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(card(400), checkout.Tender{Code: code1}, checkout.Tender{Cash: 100})
		if sale.State != checkout.Complete || len(sale.Legs) != 3 {
			t.Fatalf("%+v", sale)
		}
		for i, want := range []struct {
			class  checkout.Class
			amount money.Fen
		}{{checkout.ClassRecorded, 100}, {checkout.ClassCode, 500}, {checkout.ClassCard, 400}} {
			if l := sale.Legs[i]; l.Class != want.class || l.Amount != want.amount || l.State != checkout.Paid {
				t.Errorf("%d: %+v", i, l)
			}
		}
		if g.count("pay") != 1 || g.count("redeem") != 1 || g.times != 1 {
			t.Errorf("%v", g.calls)
		}
	})
}

func other(amount money.Fen, reason string) checkout.Tender {
	return checkout.Tender{Other: &checkout.OtherTender{Amount: amount, Reason: reason}}
}

// What a person has seen arrive is recorded with the reason, beside the drawer.
func TestWhatAPersonHasSeenPays(t *testing.T) {
	g := newCounter()
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Cash: 500}, other(600, "墙上的收款码"))
		if sale.State != checkout.Complete || sale.Change() != 100 || len(sale.Legs) != 2 {
			t.Fatalf("%+v", sale)
		}
		if l := sale.Legs[0]; l.Method != checkout.MethodOther || l.Amount != 600 || l.Reason.Message != "墙上的收款码" {
			t.Errorf("%+v", l)
		}
		if kept, err := s.desk.Sale(t.Context(), sale.ID); err != nil || kept.Legs[0].Reason.Message != "墙上的收款码" {
			t.Errorf("%v %+v", err, kept)
		}
	})
}

func TestAPlanThatCannotWorkIsRefusedBeforeAnythingIsRecorded(t *testing.T) {
	g := newCounter()
	member := func(amount money.Fen) checkout.Tender {
		return checkout.Tender{Member: &checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "7"}, Amount: amount}}
	}
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		for name, c := range map[string]struct {
			tenders []checkout.Tender
			code    string
		}{
			"two one-ways":     {[]checkout.Tender{card(500), member(500)}, "sale.two_one_ways"},
			"more than is due": {[]checkout.Tender{card(1001)}, "sale.too_much"},
			"too little":       {[]checkout.Tender{card(400)}, "sale.cash_short"},
			"idle cash":        {[]checkout.Tender{card(1000), {Cash: 5}}, "sale.no_cash_due"},
			"idle code":        {[]checkout.Tender{card(1000), {Code: code1}}, "sale.nothing_due"},
			"no card":          {[]checkout.Tender{{Card: &checkout.CardTender{Count: 1, Pays: 1000}}}, "sale.bad_card"},
			"no times":         {[]checkout.Tender{{Card: &checkout.CardTender{Card: checkout.Card{No: "9"}, Pays: 1000}}}, "sale.bad_card"},
			"too much seen":    {[]checkout.Tender{other(1001, "转账")}, "sale.other_range"},
			"nothing seen":     {[]checkout.Tender{other(0, "转账")}, "sale.other_range"},
			"seen how":         {[]checkout.Tender{other(1000, " ")}, "sale.other_reason"},
			"seen and cash":    {[]checkout.Tender{other(1000, "转账"), {Cash: 5}}, "sale.no_cash_due"},
			"nobody's account": {[]checkout.Tender{{Member: &checkout.ConsumeRequest{Amount: 1000}}}, "consume.no_customer"},
		} {
			if _, err := s.desk.Start(t.Context(), owner, tenYuan(t), c.tenders...); fault.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if sales, err := s.ledger.Sales(t.Context(), time.Time{}, 10); err != nil || len(sales) != 0 || len(g.calls) != 0 {
			t.Errorf("%v: %d sales, %v", err, len(sales), g.calls)
		}
	})
}

func TestWhatIsPlannedBehindARefusalIsNotBegun(t *testing.T) {
	g := newCounter()
	g.pay = func(checkout.PayCall) checkout.Answer { return failedAnswer("X", "余额不足") }
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		if sale.State != checkout.Tendering || sale.Legs[1].State != checkout.Rejected || sale.Legs[1].Reason.Code != "not_begun" || g.count("redeem") != 0 {
			t.Fatalf("%+v", sale)
		}
		sale, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 1000})
		if err != nil || sale.State != checkout.Complete {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestTheRestOfARefusedCardIsPaidOtherwise(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		if sale.State != checkout.Tendering || sale.Due() != 400 || sale.Legs[0].State != checkout.Paid {
			t.Fatalf("%+v", sale)
		}
		sale, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 500})
		if err != nil || sale.State != checkout.Complete || sale.Change() != 100 || g.count("reverse") != 0 {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestAGivenUpSaleIsTakenBackBeforeItIsVoid(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400), checkout.Tender{Cash: 100})
		before := time.Now()
		sale, err := s.desk.Void(t.Context(), owner, sale.ID, "customer left")
		if err != nil || sale.State != checkout.Compensating {
			t.Fatalf("%v %+v", err, sale)
		}
		if _, err := s.desk.Tender(t.Context(), owner, sale.ID, checkout.Tender{Cash: 400}); fault.CodeOf(err) != "sale.closed" && fault.CodeOf(err) != "sale.leg_open" {
			t.Errorf("a tender for a sale that is being taken back: %v", err)
		}
		sale, err = s.desk.Wait(t.Context(), sale.ID)
		if waited := time.Since(before); err != nil || sale.State != checkout.Voided || waited < 15*time.Second || waited > time.Minute {
			t.Errorf("%v after %s: %+v", err, waited, sale)
		}
		if g.count("reverse") != 1 || !g.backed {
			t.Errorf("%v", g.calls)
		}
		for i, want := range []checkout.State{checkout.Reversed, checkout.Reversed, checkout.Rejected} {
			if sale.Legs[i].State != want {
				t.Errorf("%d: %s", i, sale.Legs[i].State)
			}
		}
	})
}

// crash is a disk that stops taking anything once a leg of the class has the
// state, as at a power cut.
type crash struct {
	checkout.Store
	class checkout.Class
	state checkout.State
	dead  *bool
}

var errPower = fault.New(fault.Internal, "disk.io", "The power is gone.")

func (c crash) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if *c.dead {
		return errPower
	}
	err := c.Store.Advance(ctx, e, entries, a)
	if s, found := c.SaleByKey(ctx, a.Subject); found == nil && e.State == c.state {
		for _, l := range s.Legs {
			*c.dead = *c.dead || l.ID == e.LegID && l.Class == c.class
		}
	}
	return err
}

func (c crash) Complete(ctx context.Context, s checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (string, error) {
	if *c.dead {
		return "", errPower
	}
	return c.Store.Complete(ctx, s, last, entries, a)
}

func (c crash) Close(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if *c.dead {
		return errPower
	}
	return c.Store.Close(ctx, s, events, entries, a)
}

func TestASaleCutOffBetweenItsTendersWaitsForAPerson(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *shop, g *counter, id string){
		"gone on with": func(t *testing.T, s *shop, _ *counter, id string) {
			sale, err := s.desk.Tender(t.Context(), owner, id, checkout.Tender{Cash: 400})
			if err != nil || sale.State != checkout.Complete {
				t.Errorf("%v %+v", err, sale)
			}
		},
		"given up": func(t *testing.T, s *shop, g *counter, id string) {
			if _, err := s.desk.Void(t.Context(), owner, id, "customer left"); err != nil {
				t.Fatal(err)
			}
			if sale, err := s.desk.Wait(t.Context(), id); err != nil || sale.State != checkout.Voided || !g.backed {
				t.Errorf("%v %+v", err, sale)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				g := newCounter()
				dead := false
				s := open(t, dir, &g.gateway, func(st checkout.Store) checkout.Store { return crash{st, checkout.ClassCode, checkout.Paid, &dead} })
				s.t = t
				sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1}, card(400))
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				s.close()
				s = open(t, dir, &g.gateway, nil)
				s.t = t
				defer s.close()
				if _, err := s.desk.Recover(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				left, err := s.desk.Unresolved(t.Context())
				if err != nil || len(left) != 1 || left[0].Reason.Code != checkout.CodePartlyPaid || g.count("redeem") != 0 {
					t.Fatalf("%v %+v %v", err, left, g.calls)
				}
				end(t, s, g, sale.ID)
				s.sound()
			})
		})
	}
}

func TestACompensationOutlivesCrashes(t *testing.T) {
	for _, at := range []checkout.State{checkout.Reversing, checkout.Reversed} {
		t.Run(string(at), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				g := newCounter()
				g.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
				dead := false
				s := open(t, dir, &g.gateway, func(st checkout.Store) checkout.Store { return crash{st, checkout.ClassCode, at, &dead} })
				s.t = t
				sale := s.ring(checkout.Tender{Code: code1}, card(400), checkout.Tender{Cash: 100})
				if _, err := s.desk.Void(t.Context(), owner, sale.ID, "customer left"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				s.close()
				s = open(t, dir, &g.gateway, nil)
				s.t = t
				defer s.close()
				if _, err := s.desk.Recover(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Minute)
				if sale, err := s.ledger.Sale(t.Context(), sale.ID); err != nil || sale.State != checkout.Voided || !g.backed {
					t.Errorf("%v %+v", err, sale)
				}
				s.sound()
			})
		})
	}
}

func TestASilentCardBehindAPaidCode(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return checkout.Answer{Delivery: checkout.Silent} }
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		if sale.State != checkout.Unsettled || sale.Legs[1].State != checkout.Manual || g.count("redeem") != 1 {
			t.Fatalf("%+v", sale)
		}
		sale, err := s.desk.Resolve(t.Context(), owner, sale.Legs[1].Key, checkout.Rejected, "ten times are left")
		if err != nil || sale.State != checkout.Unsettled {
			t.Fatalf("%v %+v", err, sale)
		}
		if sale, err = s.desk.Void(t.Context(), owner, sale.ID, "customer left"); err != nil || sale.State != checkout.Compensating {
			t.Fatalf("%v %+v", err, sale)
		}
		if sale, err = s.desk.Wait(t.Context(), sale.ID); err != nil || sale.State != checkout.Voided || !g.backed {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestAResolvedCardCompletesTheSale(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return checkout.Answer{Delivery: checkout.Silent} }
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		sale, err := s.desk.Resolve(t.Context(), owner, sale.Legs[1].Key, checkout.Paid, "nine times are left")
		if err != nil || sale.State != checkout.Complete || sale.ReceiptNo == "" {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestAfterCancelNothingMoreIsBegun(t *testing.T) {
	g := newCounter()
	g.pay = func(p checkout.PayCall) checkout.Answer {
		time.Sleep(4 * time.Second)
		g.paid, g.amount = true, p.Amount
		return failedAnswer("USER_PAYING", "")
	}
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale, err := s.desk.Start(t.Context(), owner, tenYuan(t), checkout.Tender{Code: code1}, card(400))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.desk.Cancel(sale.ID)
		sale, err = s.desk.Wait(t.Context(), sale.ID)
		if err != nil || sale.State != checkout.Tendering || sale.Legs[0].State != checkout.Paid || sale.Legs[1].Reason.Code != "not_begun" || g.count("redeem") != 0 {
			t.Errorf("%v %+v %v", err, sale, g.calls)
		}
	})
}

func TestAProviderThatCannotGiveBackLeavesItToAPerson(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	g.reverse = func(string) checkout.Answer { return failedAnswer("SYSTEM_ERROR", "请稍后再试") }
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		if _, err := s.desk.Void(t.Context(), owner, sale.ID, "customer left"); err != nil {
			t.Fatal(err)
		}
		sale, err := s.desk.Wait(t.Context(), sale.ID)
		if err != nil || sale.State != checkout.Compensating || sale.Legs[0].State != checkout.Manual {
			t.Fatalf("%v %+v", err, sale)
		}
		sale, err = s.desk.Resolve(t.Context(), owner, sale.Legs[0].Key, checkout.Reversed, "given back by hand in the back office")
		if err != nil || sale.State != checkout.Voided {
			t.Errorf("%v %+v", err, sale)
		}
	})
}

func TestAnAccountPaysPartOfASale(t *testing.T) {
	g := newCounter()
	g.consume = tookAnswer
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Member: &checkout.ConsumeRequest{Account: member, Amount: 600}}, checkout.Tender{Cash: 500})
		if sale.State != checkout.Complete || sale.Change() != 100 || sale.Legs[1].Class != checkout.ClassMember || sale.Legs[1].Amount != 600 {
			t.Errorf("%+v", sale)
		}
	})
}

// late is a store on which the other button was quicker: between the look at
// the sale and the write, somebody else has written.
type late struct {
	checkout.Store
	before func(s checkout.Sale)
}

func (l late) Close(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if l.before != nil {
		l.before(s)
	}
	return l.Store.Close(ctx, s, events, entries, a)
}

// Two buttons at once: a tender is offered while the sale is being given up. A
// sale whose payment is on its way must not be taken back under it, or the
// customer has both the goods and the money.
func TestASaleIsNotGivenUpUnderATender(t *testing.T) {
	g := newCounter()
	g.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var s *shop
		st := &late{}
		s = open(t, dir, &g.gateway, func(disk checkout.Store) checkout.Store { st.Store = disk; return st })
		s.t = t
		defer s.close()
		sale := s.ring(checkout.Tender{Code: code1}, card(400))
		hold := make(chan struct{})
		g.redeem = func(checkout.RedeemCall) checkout.Answer {
			<-hold
			return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
		}
		st.before = func(checkout.Sale) {
			st.before = nil
			if _, err := s.desk.Tender(t.Context(), owner, sale.ID, card(400)); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		if _, err := s.desk.Void(t.Context(), owner, sale.ID, "customer left"); fault.CodeOf(err) != "sale.state_changed" {
			t.Errorf("given up while a card pays: %v", err)
		}
		close(hold)
		sale, err := s.desk.Wait(t.Context(), sale.ID)
		time.Sleep(time.Minute)
		if err != nil || sale.State != checkout.Complete || g.count("reverse") != 0 {
			t.Errorf("%v %+v %v", err, sale, g.calls)
		}
		s.sound()
	})
}

// The customer scans our code, which is shown until it is paid or given up.
func TestACustomerPaysByOurCode(t *testing.T) {
	g := newCounter()
	g.precreate = func(p checkout.PayCall) checkout.Answer {
		g.amount = p.Amount
		a := state(p.Key, "")
		a.Amount, a.QR = p.Amount, "https://pay.example/7"
		return a
	}
	truth := g.query
	g.query = func(key string, n int) checkout.Answer {
		if n == 3 {
			g.paid = true
		}
		if !g.paid && !g.backed {
			return state(key, checkout.OrderNotPaid)
		}
		return truth(key, n)
	}
	var shown []string
	sell(t, &g.gateway, func(t *testing.T, s *shop) {
		s.updated = func(u checkout.Update) {
			if len(shown) == 0 || shown[len(shown)-1] != u.QR {
				shown = append(shown, u.QR)
			}
		}
		sale := s.ring(checkout.Tender{Cash: 300}, checkout.Tender{QR: true})
		if sale.State != checkout.Complete || sale.Legs[1].Method != checkout.MethodQR || sale.Legs[1].Amount != 700 {
			t.Errorf("%+v", sale)
		}
		if g.count("precreate") != 1 || g.count("pay") != 0 || g.count("query") != 3 {
			t.Errorf("%v", g.calls)
		}
		if want := []string{"", "https://pay.example/7", ""}; !slices.Equal(shown, want) {
			t.Errorf("shown %q, want %q", shown, want)
		}
	})
}
