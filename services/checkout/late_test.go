package checkout_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// stubborn is a wallet that refuses a pay, charges all the same, and gives
// nothing back before it is told to.
func stubborn() *wallet { return &wallet{keeps: true} }

// heldBack is a sale of ten yuan whose money came late and is left to a person.
func (s *shop) heldBack(w *wallet) checkout.Leg {
	s.t.Helper()
	sale := s.ring(checkout.Tender{Code: code1})
	if _, err := s.desk.Void(s.t.Context(), owner, sale.ID, "refused"); err != nil {
		s.t.Fatal(err)
	}
	w.charge()
	time.Sleep(20 * time.Minute)
	return s.onlyOpen(checkout.CodeLateHeld)
}

// onlyOpen is the one leg that is listed as open, for that reason.
func (s *shop) onlyOpen(why string) checkout.Leg {
	s.t.Helper()
	open, err := s.desk.Unresolved(s.t.Context())
	if err != nil || len(open) != 1 || open[0].Reason.Code != why {
		s.t.Fatalf("want one leg for %s: %v %+v", why, err, open)
	}
	return open[0]
}

func (s *shop) nothingOpen() {
	s.t.Helper()
	if open, err := s.desk.Unresolved(s.t.Context()); err != nil || len(open) != 0 {
		s.t.Errorf("still open: %v %+v", err, open)
	}
}

// alarms counts the rows of the audit trail about a leg that call for somebody.
func (a *heard) alarms(why string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, act := range a.acts {
		if act.What == "leg.alarm" && strings.HasPrefix(act.Detail, why) {
			n++
		}
	}
	return n
}

// heard keeps the audit rows and the entries that a store is given.
type heard struct {
	checkout.Store
	mu       sync.Mutex
	acts     []checkout.Act
	balances map[checkout.Account]money.Fen
}

func (a *heard) Note(ctx context.Context, act checkout.Act) error {
	a.note(act, nil)
	return a.Store.Note(ctx, act)
}

func (a *heard) Watch(ctx context.Context, before, after checkout.Watch, entries []checkout.Entry, act checkout.Act) error {
	err := a.Store.Watch(ctx, before, after, entries, act)
	if err == nil {
		a.note(act, entries)
	}
	return err
}

func (a *heard) note(act checkout.Act, entries []checkout.Entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.acts = append(a.acts, act)
	if a.balances == nil {
		a.balances = map[checkout.Account]money.Fen{}
	}
	for _, e := range entries {
		for _, p := range e.Postings {
			a.balances[p.Account] += p.Amount
		}
	}
}

// books compares what the watches have put on the accounts.
func (a *heard) books(t *testing.T, want map[checkout.Account]money.Fen) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	for account, got := range a.balances {
		if got != want[account] {
			t.Errorf("%s stands at %s, want %s", account, got, want[account])
		}
	}
	for account, sum := range want {
		if a.balances[account] != sum {
			t.Errorf("%s stands at %s, want %s", account, a.balances[account], sum)
		}
	}
}

// listened runs one test with a store that keeps what it is given.
func listened(t *testing.T, g *gateway, f func(t *testing.T, s *shop, a *heard)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		a := &heard{}
		s := open(t, dir, g, func(st checkout.Store) checkout.Store {
			a.Store = st
			return a
		})
		defer s.close()
		s.t = t
		f(t, s, a)
		s.sound()
	})
}

func TestLateMoneyThatIsNotGivenBackIsAPersons(t *testing.T) {
	w := stubborn()
	listened(t, w.gateway(), func(t *testing.T, s *shop, a *heard) {
		l := s.heldBack(w)
		tried := w.reversed()
		if l.State != checkout.Rejected || !l.LeftOver() || l.Amount != 1000 {
			t.Errorf("%+v", l)
		}
		if tried != 12 {
			t.Errorf("%d tries to give it back", tried)
		}
		time.Sleep(24 * time.Hour)
		if w.reversed() != tried {
			t.Errorf("%d more tries, though it is a person's", w.reversed()-tried)
		}
		if n := a.alarms(checkout.CodeLateHeld); n != 1 {
			t.Errorf("%d alarms, want one", n)
		}
		a.books(t, map[checkout.Account]money.Fen{checkout.AccLiantuofu: 1000, checkout.AccUnresolved: -1000})
		before := w.queried()
		time.Sleep(30 * time.Minute)
		if n := w.queried() - before; n != 6 {
			t.Errorf("asked %d times in half an hour, want every five minutes", n)
		}

		w.giveBack() // in the back office: the next question proves it
		time.Sleep(6 * time.Minute)
		s.nothingOpen()
		a.books(t, nil)
	})
}

// Tries that never leave the till do not count; the day does.
func TestLateMoneyIsAPersonsAfterADay(t *testing.T) {
	w := stubborn()
	g := w.gateway()
	g.reverse = func(string) checkout.Answer { return checkout.Answer{Delivery: checkout.NotSent} }
	sell(t, g, func(t *testing.T, s *shop) {
		s.ring(checkout.Tender{Code: code1})
		w.charge()
		time.Sleep(23 * time.Hour)
		s.onlyOpen(checkout.CodeLateMoney)
		time.Sleep(90 * time.Minute)
		s.onlyOpen(checkout.CodeLateHeld)
	})
}

// A new start neither forgets what was tried nor rings the alarm anew.
func TestLateMoneyLeftToAPersonSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := stubborn()
		s := open(t, dir, w.gateway(), nil)
		s.t = t
		s.ring(checkout.Tender{Code: code1})
		w.charge()
		for range 12 { // each process gets to a try or two
			time.Sleep(90 * time.Second)
			s.close()
			s = open(t, dir, w.gateway(), nil)
			s.t = t
			if _, err := s.desk.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		s.onlyOpen(checkout.CodeLateHeld)
		tried := w.reversed()
		s.close()

		a := &heard{}
		s = open(t, dir, w.gateway(), func(st checkout.Store) checkout.Store {
			a.Store = st
			return a
		})
		defer s.close()
		s.t = t
		if _, err := s.desk.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		l := s.onlyOpen(checkout.CodeLateHeld)
		if w.reversed() != tried || a.alarms("") != 0 {
			t.Errorf("%d more tries, %d alarms", w.reversed()-tried, a.alarms(""))
		}
		if found, err := s.desk.Leg(t.Context(), l.Key); err != nil || !found.LeftOver() {
			t.Errorf("%v %+v", err, found)
		}
		w.giveBack()
		if _, err := s.desk.Query(t.Context(), l.Key); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		s.nothingOpen()
		s.sound()
	})
}

func TestAPersonSettlesLateMoney(t *testing.T) {
	resolve := func(as checkout.State) func(*shop, string) error {
		return func(s *shop, key string) error {
			_, err := s.desk.Resolve(s.t.Context(), owner, key, as, "the back office says so")
			return err
		}
	}
	for name, c := range map[string]struct {
		settle func(*shop, string) error
		holds  bool // the provider, from then on
		want   map[checkout.Account]money.Fen
	}{
		"given back by hand": {resolve(checkout.Reversed), false, nil},
		"kept":               {resolve(checkout.Paid), true, map[checkout.Account]money.Fen{checkout.AccLiantuofu: 1000, checkout.AccOverShort: -1000}},
		"given in cash": {func(s *shop, key string) error {
			_, err := s.desk.ResolveInCash(s.t.Context(), owner, key, "out of the drawer")
			return err
		}, true, map[checkout.Account]money.Fen{checkout.AccLiantuofu: 1000, checkout.AccDrawer: -1000}},
	} {
		t.Run(name, func(t *testing.T) {
			w := stubborn()
			listened(t, w.gateway(), func(t *testing.T, s *shop, a *heard) {
				l := s.heldBack(w)
				for code, try := range map[string]func() error{
					"access.denied": func() error {
						_, err := s.desk.Resolve(t.Context(), access.Actor{Role: access.Cashier}, l.Key, checkout.Paid, "x")
						return err
					},
					"resolve.no_reason": func() error {
						_, err := s.desk.ResolveInCash(t.Context(), owner, l.Key, " ")
						return err
					},
					"resolve.late_state": func() error { return resolve(checkout.Rejected)(s, l.Key) },
				} {
					if err := try(); fault.CodeOf(err) != code {
						t.Errorf("%v, want %s", err, code)
					}
				}
				if !c.holds {
					w.giveBack()
				}
				if err := c.settle(s, l.Key); err != nil {
					t.Fatal(err)
				}
				s.nothingOpen()
				a.books(t, c.want)
				if err := c.settle(s, l.Key); fault.CodeOf(err) != "resolve.not_manual" {
					t.Errorf("settled twice: %v", err)
				}
				// Asked about again, what is settled is not taken for new.
				tried := w.reversed()
				if _, err := s.desk.Query(t.Context(), l.Key); err != nil {
					t.Fatal(err)
				}
				asked := w.queried()
				time.Sleep(time.Hour)
				if w.reversed() != tried || w.queried() != asked {
					t.Errorf("%d tries and %d questions after it was settled", w.reversed()-tried, w.queried()-asked)
				}
				s.nothingOpen()
				a.books(t, c.want)
			})
		})
	}
}

// As long as the till is at it, it is nobody else's.
func TestLateMoneyAtWorkIsNotSettledByHand(t *testing.T) {
	w := stubborn()
	sell(t, w.gateway(), func(t *testing.T, s *shop) {
		s.ring(checkout.Tender{Code: code1})
		w.charge()
		time.Sleep(2 * time.Minute)
		l := s.onlyOpen(checkout.CodeLateMoney)
		if _, err := s.desk.Resolve(t.Context(), owner, l.Key, checkout.Paid, "x"); fault.CodeOf(err) != "resolve.late_at_work" {
			t.Errorf("%v", err)
		}
	})
}

// A provider can carry a refund out that it refused.
func TestARefundThatWasRefusedAndGoesBackAllTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		settle func(*shop, string) error
		want   map[checkout.Account]money.Fen
	}{
		"the customer keeps it": {func(s *shop, key string) error {
			_, err := s.desk.Resolve(s.t.Context(), owner, key, checkout.Paid, "gone")
			return err
		}, map[checkout.Account]money.Fen{checkout.AccLiantuofu: -1000, checkout.AccOverShort: 1000}},
		"the customer pays it back": {func(s *shop, key string) error {
			_, err := s.desk.ResolveInCash(s.t.Context(), owner, key, "came back with it")
			return err
		}, map[checkout.Account]money.Fen{checkout.AccLiantuofu: -1000, checkout.AccDrawer: 1000}},
		"it came back to the shop": {func(s *shop, key string) error {
			_, err := s.desk.Resolve(s.t.Context(), owner, key, checkout.Reversed, "the wallet was closed")
			return err
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider("refused")
			listened(t, &p.gateway, func(t *testing.T, s *shop, a *heard) {
				sale := s.ring(checkout.Tender{Code: code1})
				r := s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
				l := r.Legs[0]
				if r.State != checkout.Voided || l.Reason.Code != "refused" {
					t.Fatalf("%+v", r)
				}
				time.Sleep(4 * time.Minute)
				s.nothingOpen()
				p.refund(checkout.RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
				time.Sleep(2 * time.Minute)
				s.onlyOpen(checkout.CodeGivenLate)
				if a.alarms(checkout.CodeGivenLate) != 1 || p.count("reverse") != 0 {
					t.Errorf("%d alarms, %d reversals", a.alarms(checkout.CodeGivenLate), p.count("reverse"))
				}
				a.books(t, map[checkout.Account]money.Fen{checkout.AccLiantuofu: -1000, checkout.AccUnresolved: 1000})
				for _, cash := range []bool{true, false} {
					_, err := s.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: sale.ID, All: true, Cash: cash, Reason: "x"})
					if fault.CodeOf(err) != "refund.given_late" {
						t.Errorf("a second refund of what went back: %v", err)
					}
				}
				if err := c.settle(s, l.Key); err != nil {
					t.Fatal(err)
				}
				s.nothingOpen()
				a.books(t, c.want)
			})
		})
	}
}

// Nothing went back, and in the end nobody asks any more.
func TestTheWatchOfARefusedRefundEnds(t *testing.T) {
	p := newProvider("refused")
	sell(t, &p.gateway, func(t *testing.T, s *shop) {
		sale := s.ring(checkout.Tender{Code: code1})
		s.refunded(checkout.RefundRequest{SaleID: sale.ID, All: true})
		time.Sleep(time.Hour)
		asked := p.count("refund query")
		if asked != 5 { // at once, and at each of the four looks
			t.Errorf("asked %d times", asked)
		}
		if open, err := s.ledger.Watches(t.Context()); err != nil || len(open) != 0 {
			t.Errorf("%v %+v", err, open)
		}
	})
}
