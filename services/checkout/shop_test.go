package checkout_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
)

var owner = access.MachineOwner("tester", "test")

// bubble schedules on the machine's clock, which inside a synctest bubble is
// virtual: minutes of waiting take no time.
type bubble struct{ start time.Time }

func (b bubble) Now() checkout.Now {
	return checkout.Now{Mono: checkout.Instant(time.Since(b.start)), Wall: time.Now()}
}

func (b bubble) Go(task func()) { go task() }

func (b bubble) Wait(ctx context.Context, until checkout.Instant, wake <-chan struct{}) bool {
	timer := time.NewTimer(min(time.Duration(until)-time.Since(b.start), 10*365*24*time.Hour))
	defer timer.Stop()
	select {
	case <-wake:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// plainSecrets keeps codes recognisable, so that tests can look for them.
type plainSecrets struct{}

func (plainSecrets) Digest(code string) string { return fmt.Sprintf("digest-%x", code) }

func (plainSecrets) Seal(plain string) (string, error) { return "sealed-" + plain, nil }

func (plainSecrets) Unseal(sealed string) (string, error) { return sealed[len("sealed-"):], nil }

// gateway answers as the test says and keeps what it was asked.
type gateway struct {
	mu      sync.Mutex
	calls   []string
	pay     func(checkout.PayCall) checkout.Answer
	query   func(key string, nth int) checkout.Answer
	reverse func(key string) checkout.Answer
	card    func() (checkout.Card, checkout.Answer)
	redeem  func(checkout.RedeemCall) checkout.Answer
	consume func(checkout.ConsumeCall) checkout.Answer

	precreate   func(checkout.PayCall) checkout.Answer
	refund      func(checkout.RefundCall) checkout.Answer
	refundQuery func(key string, nth int) checkout.Answer
}

func (g *gateway) note(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, fmt.Sprintf(format, args...))
}

func (g *gateway) count(what string) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.calls {
		if c == what {
			n++
		}
	}
	return n
}

func (g *gateway) Pay(_ context.Context, c checkout.PayCall) checkout.Answer {
	g.note("pay")
	return g.pay(c)
}

func (g *gateway) Query(_ context.Context, key string) checkout.Answer {
	g.note("query")
	return g.query(key, g.count("query"))
}

func (g *gateway) Reverse(_ context.Context, key string) checkout.Answer {
	g.note("reverse")
	return g.reverse(key)
}

func (g *gateway) Precreate(_ context.Context, c checkout.PayCall) checkout.Answer {
	g.note("precreate")
	return g.precreate(c)
}

func (g *gateway) Refund(_ context.Context, c checkout.RefundCall) checkout.Answer {
	g.note("refund")
	return g.refund(c)
}

func (g *gateway) RefundQuery(_ context.Context, key string) checkout.Answer {
	g.note("refund query")
	return g.refundQuery(key, g.count("refund query"))
}

func (g *gateway) Card(context.Context, string) (checkout.Card, checkout.Answer) {
	g.note("card")
	return g.card()
}

func (g *gateway) Redeem(_ context.Context, c checkout.RedeemCall) checkout.Answer {
	g.note("redeem")
	return g.redeem(c)
}

func paidAnswer(key string, amount money.Fen) checkout.Answer {
	return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Key: key, Amount: amount, HasAmount: true, Order: checkout.OrderPaid, ProviderNo: "P1", Signature: checkout.Signed}
}

func state(key string, o checkout.OrderState) checkout.Answer {
	a := paidAnswer(key, 1000)
	a.Order = o
	return a
}

func failedAnswer(code, message string) checkout.Answer {
	return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "FAILED", Code: code, Message: message}
}

// shop is a till on a real ledger.
type shop struct {
	t      *testing.T
	dir    string
	g      *gateway
	ledger *localdb.Ledger
	desk   *checkout.Desk
	ids    atomic.Int64

	updated func(checkout.Update)
}

func open(t *testing.T, dir string, g *gateway, wrap func(checkout.Store) checkout.Store) *shop {
	t.Helper()
	l, err := localdb.Open(t.Context(), localdb.Params{Path: filepath.Join(dir, "ledger.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, dir: dir, g: g, ledger: l}
	var store checkout.Store = l
	if wrap != nil {
		store = wrap(l)
	}
	p := checkout.Params{
		Store: store, Secrets: plainSecrets{}, Scheduler: bubble{time.Now()},
		Timers: checkout.DefaultTimers(), Till: l.Till(), Zone: time.UTC, Program: "test",
		NewID: func() string { return fmt.Sprintf("%d-%d", time.Now().UnixNano(), s.ids.Add(1)) },
		Log:   slog.New(slog.DiscardHandler),
		OnUpdate: func(u checkout.Update) {
			if s.updated != nil {
				s.updated(u)
			}
		},
	}
	if g != nil {
		p.Codes, p.Cards, p.Members = g, g, g
	}
	s.desk, err = checkout.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) close() {
	s.desk.Close()
	if err := s.ledger.Shut(); err != nil {
		s.t.Error(err)
	}
}

func (s *shop) sound() {
	s.t.Helper()
	found, err := s.ledger.Verify(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range found {
		s.t.Errorf("verify: %s %s: %s", f.Check, f.Subject, f.Message)
	}
}

var apple = catalog.Product{ProductID: 1, Code: "10001", Name: "红富士苹果", Unit: "个", Price: 500}

var pear = catalog.Product{ProductID: 2, Code: "10002", Name: "雪梨", Unit: "个", Price: 300}

func tenYuan(t *testing.T) checkout.Cart {
	t.Helper()
	c, err := checkout.Cart{}.Add(apple, checkout.Measure{Qty: 2}, checkout.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const code1, code2 = "134500000000000001", "134500000000000002"

// sell runs one test in virtual time on a real ledger.
func sell(t *testing.T, g *gateway, f func(t *testing.T, s *shop)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir, g, nil)
		defer s.close()
		s.t = t
		f(t, s)
		s.sound()
	})
}

func (s *shop) ring(tenders ...checkout.Tender) checkout.Sale {
	s.t.Helper()
	sale, err := s.desk.Start(s.t.Context(), owner, tenYuan(s.t), tenders...)
	if err != nil {
		s.t.Fatal(err)
	}
	if sale, err = s.desk.Wait(s.t.Context(), sale.ID); err != nil {
		s.t.Fatal(err)
	}
	return sale
}
