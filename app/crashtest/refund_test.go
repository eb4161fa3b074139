//go:build unix

package crashtest

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

type soldJSON struct {
	SaleID, Kind, State, HandBack, Total string

	Legs []struct{ Key, Class, State, Amount, Of string }
}

// sold is a sale of ¥14.95, paid with ¥5 in cash and by code.
func (l *till) sold() (s soldJSON) {
	l.t.Helper()
	out := l.must("", "--json", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=5", "--tender", "code="+l.code("0777"))
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		l.t.Fatal(err)
	}
	return s
}

func fen(t *testing.T, yuan string) money.Fen {
	t.Helper()
	if yuan == "" {
		return 0
	}
	f, err := money.ParseFen(yuan)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// givenOnce settles what the kill left, has a person finish it, and holds what
// went back against the sale: all of it, by the provider's own list once.
func (l *till) givenOnce(s soldJSON) {
	l.t.Helper()
	if r := l.run("", "", 0, "settle", "--wait", "60s"); r.code != 0 && r.code != 3 {
		l.t.Fatalf("settle: exit %d\n%s%s", r.code, r.out, r.err)
	}
	l.must("", "verify")
	for _, r := range l.given(s) {
		if r.State == "UNSETTLED" {
			l.must("", "sale", "refund", r.SaleID, "--all", "--cash", "--reason", "after the crash")
		}
	}
	if l.total(s) == 0 {
		l.must("", "sale", "refund", s.SaleID, "--all", "--reason", "again")
	}
	if back := l.total(s); back != fen(l.t, s.Total) {
		l.t.Errorf("%s of %s went back", back, s.Total)
	}
	l.must("", "verify")
	l.must("", "reconcile")
}

// given lists the refunds of a sale.
func (l *till) given(s soldJSON) (all []soldJSON) {
	l.t.Helper()
	var list struct{ Sales []soldJSON }
	if err := json.Unmarshal([]byte(l.must("", "--json", "journal", "list")), &list); err != nil {
		l.t.Fatal(err)
	}
	for _, r := range list.Sales {
		of := false
		for _, g := range r.Legs {
			for _, p := range s.Legs {
				of = of || g.Of == p.Key
			}
		}
		if of {
			all = append(all, r)
		}
	}
	return all
}

// total is what the customer has back: by the provider's list, and in cash.
func (l *till) total(s soldJSON) (back money.Fen) {
	l.t.Helper()
	books := map[string]string{}
	for _, r := range l.given(s) {
		back += fen(l.t, r.HandBack)
		for _, g := range r.Legs {
			if g.Class == "R1" && g.State == "PAID" {
				books[g.Key] = g.Amount
			}
		}
	}
	seen := map[string]bool{}
	for _, c := range l.servers.Charges() {
		if c.Kind != "refund" || c.Of != s.Legs[1].Key {
			continue
		}
		if seen[c.Key] || books[c.Key] != c.Amount {
			l.t.Errorf("the provider gave %s back by %s (again: %t), the books say %q", c.Amount, c.Key, seen[c.Key], books[c.Key])
		}
		seen[c.Key] = true
		back += fen(l.t, c.Amount)
	}
	if len(seen) != len(books) {
		l.t.Errorf("the provider gave back %d times, the books say %d", len(seen), len(books))
	}
	if held := standin.Net(l.servers.Charges())[s.Legs[1].Key]; held < 0 {
		l.t.Errorf("the provider gave %s back more than it took", -held)
	}
	return back
}

// A refund is killed at each of its write points, against a gateway that gives
// back and loses its reply, takes its time, or refuses.
func TestARefundKilledAtEveryWritePoint(t *testing.T) {
	b := newBench(t)
	kills := 0
	for _, c := range []struct {
		faults string
		cash   bool
		points []string
	}{
		{"refundV2=lost-reply", false, []string{"freeze", "advance.SENT", "advance.UNKNOWN", "advance.PAID", "complete"}},
		{"refundV2=request-lost", false, []string{"advance.SENT", "advance.UNKNOWN"}},
		{"refundV2=refunding:2", false, []string{"advance.PENDING"}},
		{"refundV2=refused", false, []string{"advance.REJECTED", "close.VOIDED"}},
		{"", true, []string{"sell"}},
	} {
		if err := b.servers.SetFaults(c.faults); err != nil {
			t.Fatal(err)
		}
		type job struct {
			l *till
			s soldJSON
		}
		var left []job
		for _, point := range c.points {
			for _, when := range []string{".before", ".after"} {
				l := b.newTill()
				for range amount("CRASH_EACH", 1) {
					s := l.sold()
					args := []string{"sale", "refund", s.SaleID, "--all", "--reason", "x"}
					if c.cash {
						args = append(args, "--cash")
					}
					if r := l.run("", point+when, 0, args...); !r.killed {
						t.Errorf("%s %s: not killed (exit %d)\n%s%s", c.faults, point+when, r.code, r.out, r.err)
					}
					kills++
					left = append(left, job{l, s})
				}
			}
		}
		if err := b.servers.SetFaults(""); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		mine := map[*till][]soldJSON{}
		for _, j := range left {
			mine[j.l] = append(mine[j.l], j.s)
		}
		for l, sales := range mine {
			wg.Go(func() {
				for _, s := range sales {
					l.givenOnce(s)
				}
			})
		}
		wg.Wait()
	}
	t.Logf("%d kills", kills)
}

func TestARefundKilledAtRandom(t *testing.T) {
	b := newBench(t)
	if err := b.servers.SetFaults("refundV2=lost-reply"); err != nil {
		t.Fatal(err)
	}
	const workers = 3
	runs := amount("CRASH_RANDOM", 60) / 10 // each is a sale, a refund, and what a person does after the crash
	killed := 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	tills, sales := make([]*till, workers), make([][]soldJSON, workers)
	for w := range workers {
		l := b.newTill()
		tills[w] = l
		random := rand.New(rand.NewPCG(uint64(w), 11))
		wg.Go(func() {
			for range (runs + workers - 1) / workers {
				s := l.sold()
				r := l.run("", "", time.Duration(random.IntN(700)+1)*time.Millisecond, "sale", "refund", s.SaleID, "--all", "--reason", "x")
				mu.Lock()
				if sales[w] = append(sales[w], s); r.killed {
					killed++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := b.servers.SetFaults(""); err != nil {
		t.Fatal(err)
	}
	for w, l := range tills {
		for _, s := range sales[w] {
			l.givenOnce(s)
		}
	}
	t.Logf("%d killed in time", killed)
}
