//go:build unix && !race

package faulttest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cashier/app"
	"cashier/services/checkout"
)

const (
	decade = 10 * 365 * 24 * time.Hour
	// reverseAfter is the 15 s before which nothing may be reversed, at the pace
	// of these tests, and what a call may be late on its way here.
	reverseAfter = 15 * time.Second / 20
	onItsWay     = 100 * time.Millisecond
)

// wall is a clock that anybody may set.
type wall struct{ off atomic.Int64 }

func (w *wall) Now() time.Time {
	return time.Now().Round(0).Add(time.Duration(w.off.Load())) // Round drops the monotonic part
}

func (w *wall) jump(by time.Duration) { w.off.Add(int64(by)) }

// ear stands between a till and the gateway, and hears when what was asked.
type ear struct {
	*httptest.Server
	mu    sync.Mutex
	calls []heard
	on    func(step string)
}

type heard struct {
	what, key string
	at        time.Time // monotonic
}

func listen(b *bench, on func(step string)) *ear {
	b.Helper()
	to, err := url.Parse(b.servers.Endpoints().Liantuofu)
	b.ok(err)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: to.Scheme, Host: to.Host})
	// What the gateway cuts off is cut off here.
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	e := &ear{on: on}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw := new(strings.Builder)
		body := http.MaxBytesReader(w, r.Body, 1<<16)
		if _, err := copyText(raw, body); err != nil {
			panic(http.ErrAbortHandler)
		}
		form, _ := url.ParseQuery(raw.String())
		what := strings.TrimPrefix(r.URL.Path, to.Path)
		e.mu.Lock()
		e.calls = append(e.calls, heard{what, form.Get("outTradeNo"), time.Now()})
		e.mu.Unlock()
		e.on(what + " asked")
		r.Body = readAgain(raw.String())
		defer e.on(what + " answered")
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(e.Close)
	return e
}

func (e *ear) address(b *bench) string {
	to, err := url.Parse(b.servers.Endpoints().Liantuofu)
	b.ok(err)
	return e.URL + to.Path
}

// heardFirst is when a key was first asked about in such a way.
func (e *ear) heardFirst(what, key string, since time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.calls {
		if c.what == what && c.key == key && c.at.After(since) {
			return c.at, true
		}
	}
	return time.Time{}, false
}

// jumping is a till whose wall clock jumps at one step.
type jumping struct {
	*bench
	ear  *ear
	wall *wall
	dir  string
	p    app.Params
	step string
	by   time.Duration
	hit  atomic.Bool
}

func newJumping(b *bench, step string, by time.Duration) *jumping {
	j := &jumping{bench: b, wall: &wall{}, dir: filepath.Join(inMemory(b), "till"), step: step, by: by}
	j.ear = listen(b, j.passed)
	j.p = b.params(j.dir)
	j.p.Settings["liantuofu.url"] = j.ear.address(b)
	j.p.Hook, j.p.Now = j.passed, j.wall.Now
	return j
}

func (j *jumping) passed(step string) {
	if step == j.step && !j.hit.Swap(true) {
		j.wall.jump(j.by)
	}
}

func (j *jumping) open() *app.Till {
	j.Helper()
	t, err := app.Open(j.Context(), j.p)
	j.ok(err)
	_, err = t.Desk.Recover(j.Context())
	j.ok(err)
	return t
}

// way is a sale by code or cash, and how it ends, whatever the clock says.
type way struct {
	name, tail string // of the code; "" is cash
	ends       checkout.SaleState
	steps      []string
}

var ways = []way{
	{"cash", "", checkout.Complete, []string{"sell.before", "sell.after"}},
	{"paid", "0001", checkout.Complete, []string{
		"freeze.before", "freeze.after", "advance.SENT.before", "advance.SENT.after", "pay asked", "pay answered", "complete.before", "complete.after",
	}},
	{"lost", "9004", checkout.Complete, []string{"advance.UNKNOWN.before", "advance.UNKNOWN.after", "pay/query asked", "pay/query answered"}},
	{"paying", "9002", checkout.Complete, []string{"advance.PENDING.before", "advance.PENDING.after"}},
	{"forever", "9003", checkout.Voided, []string{
		"pay answered", "advance.PENDING.after", "advance.REVERSING.before", "advance.REVERSING.after", "cancel asked", "cancel answered",
		"advance.REVERSED.before", "advance.REVERSED.after", "close.VOIDED.before", "close.VOIDED.after",
	}},
	{"expired", "9008", checkout.Voided, []string{"advance.REJECTED.before", "advance.REJECTED.after", "close.VOIDED.after"}},
}

// TestBulkClockJumpsDuringASale sets the wall clock by ten years at every step of
// a sale, in each direction.
func TestBulkClockJumpsDuringASale(t *testing.T) {
	b := newBench(t)
	type jump struct {
		way
		step string
		by   time.Duration
	}
	var jumps []jump
	for _, w := range ways {
		for _, step := range w.steps {
			for _, by := range []time.Duration{decade, -decade} {
				jumps = append(jumps, jump{w, step, by})
			}
		}
	}
	few := max(1, len(jumps)/times("FAULT_JUMPS", 10)) // every so many
	var wg sync.WaitGroup
	slots := make(chan struct{}, 6) // they mostly wait
	n := 0
	for i := few / 2; i < len(jumps); i += few {
		x := jumps[i]
		n++
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			t.Run(fmt.Sprintf("%s %s %+d years", x.name, x.step, x.by/decade*10), func(t *testing.T) {
				newJumping(b.in(t), x.step, x.by).sell(x.way)
			})
		})
	}
	wg.Wait()
	t.Logf("%d jumps of the clock at %d steps", n, len(jumps)/2)
}

// sell rings a sale during which the clock jumps, and others before and after.
func (j *jumping) sell(w way) {
	till := j.open()
	defer till.Close()
	ctx := j.Context()
	other := j.step
	j.step = ""
	_, err := ring(ctx, till, checkout.Tender{Cash: 5000})
	j.ok(err)
	j.step = other
	tender := checkout.Tender{Cash: 5000}
	if w.tail != "" {
		tender = checkout.Tender{Code: j.code(w.tail)}
	}
	s, err := ring(ctx, till, tender)
	j.ok(err)
	if _, open := s.OpenLeg(); !open && s.State == checkout.Tendering {
		s, err = till.Desk.Void(ctx, till.Actor(), s.ID, "test")
		j.ok(err)
	}
	if !j.hit.Load() {
		j.Fatalf("never came to %s", j.step)
	}
	if s.State != w.ends {
		j.Errorf("%s, want %s", s.State, w.ends)
	}
	for _, l := range s.Legs {
		j.notTooSoon(l.Key, "pay", time.Time{})
	}
	j.goesOn(till, 2+btoi(w.ends == checkout.Complete))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// notTooSoon sees that a payment was not cancelled within 15 s of what was asked
// first, or, without a name, of a moment.
func (j *jumping) notTooSoon(key, after string, since time.Time) {
	j.Helper()
	if after != "" {
		var ok bool
		if since, ok = j.ear.heardFirst(after, key, time.Time{}); !ok {
			return
		}
	}
	if at, ok := j.ear.heardFirst("cancel", key, since); ok && at.Sub(since) < reverseAfter-onItsWay {
		j.Errorf("%s was cancelled %s after it, and %s is the least", key, at.Sub(since), reverseAfter)
	}
}

// goesOn rings once more, by cash and by code: receipt numbers count on, the
// books are whole, and the gateway has nothing that they do not.
func (j *jumping) goesOn(till *app.Till, receipts int) {
	j.Helper()
	ctx := j.Context()
	for i, tender := range []checkout.Tender{{Cash: 5000}, {Code: j.code("0001")}} {
		s, err := ring(ctx, till, tender)
		j.ok(err)
		if want := fmt.Sprintf("-%06d", receipts+i); s.State != checkout.Complete || !strings.HasSuffix(s.ReceiptNo, want) {
			j.Errorf("%s, receipt %q, want …%s", s.State, s.ReceiptNo, want)
		}
	}
	found, err := till.VerifyBooks(ctx)
	if err != nil || len(found) > 0 {
		j.Errorf("%v %v", found, err)
	}
	if err := till.PayError(); err != nil {
		j.Errorf("payment codes are refused: %v", err)
	}
	sales, err := till.Ledger.Sales(ctx, time.Time{}, 0)
	j.ok(err)
	j.agree(j.Name(), printed(sales), j.charged())
}

// printed is what the program would print of sales.
func printed(sales []checkout.Sale) []sale {
	var all []sale
	for _, s := range sales {
		p := sale{SaleID: s.ID, State: string(s.State), ReceiptNo: s.ReceiptNo}
		for _, l := range s.Legs {
			p.Legs = append(p.Legs, leg{Key: l.Key, Class: string(l.Class), State: string(l.State), Amount: l.Amount.Yuan()})
		}
		all = append(all, p)
	}
	return all
}
