package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/catalog"
	"cashier/services/fault"
)

// roundsOf runs rounds in virtual time and reports when each began.
func roundsOf(t *testing.T, forHow time.Duration, age time.Duration, every func() time.Duration, do func(n int) error) (at []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), forHow)
		defer stop()
		start := time.Now()
		last := time.Time{}
		if age != 0 {
			last = start.Add(-age)
		}
		rounds{
			every: every, last: func() time.Time { return last }, now: time.Now, random: func() float64 { return 0.5 }, failed: func(error, time.Duration) {},
			do: func(context.Context) error {
				at = append(at, time.Since(start))
				err := do(len(at))
				if err == nil {
					last = time.Now()
				}
				return err
			},
		}.run(ctx)
	})
	return at
}

func TestRounds(t *testing.T) {
	tenMinutes := func() time.Duration { return 10 * time.Minute }
	fine := func(int) error { return nil }
	kind := func(k fault.Kind) func(int) error {
		return func(int) error { return fault.New(k, "test", "no") }
	}
	onlyFirst := func(n int) error {
		if n > 1 {
			return nil
		}
		return fault.New(fault.Unreachable, "test", "no")
	}
	const s, m = time.Second, time.Minute
	for name, c := range map[string]struct {
		forHow, age time.Duration
		every       func() time.Duration
		do          func(int) error
		want        []time.Duration
	}{
		"never synced":                     {25 * m, 0, tenMinutes, fine, []time.Duration{10 * s, 10*m + 10*s, 20*m + 10*s}},
		"fresh after a restart":            {15 * m, 4 * m, tenMinutes, fine, []time.Duration{6 * m}},
		"old after a restart":              {5 * m, 3 * time.Hour, tenMinutes, fine, []time.Duration{10 * s}},
		"switched off":                     {time.Hour, 0, func() time.Duration { return 0 }, fine, nil},
		"no network":                       {30 * m, 0, tenMinutes, kind(fault.Unreachable), []time.Duration{10 * s, m + 10*s, 3*m + 10*s, 7*m + 10*s, 15*m + 10*s, 25*m + 10*s}},
		"held, or a wrong password":        {3 * time.Hour, 0, tenMinutes, kind(fault.Refused), []time.Duration{10 * s, 20*m + 10*s, 60*m + 10*s, 120*m + 10*s}},
		"somebody syncs":                   {150 * s, 0, tenMinutes, kind(fault.Busy), []time.Duration{10 * s, 70 * s, 130 * s}},
		"the network is back":              {13 * m, 0, tenMinutes, onlyFirst, []time.Duration{10 * s, m + 10*s, 11*m + 10*s}},
		"the clock was ahead at last sync": {5 * m, -time.Hour, tenMinutes, fine, []time.Duration{10 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			at := roundsOf(t, c.forHow, c.age, c.every, c.do)
			if len(at) != len(c.want) {
				t.Fatalf("%v, want %v", at, c.want)
			}
			for i := range at {
				if at[i] != c.want[i] {
					t.Fatalf("%v, want %v", at, c.want)
				}
			}
		})
	}
}

func TestRoundsSpread(t *testing.T) {
	for random, want := range map[float64]time.Duration{0: 9 * time.Minute, 0.5: 10 * time.Minute, 0.999999: 11 * time.Minute} {
		if got := (rounds{random: func() float64 { return random }}).blur(10 * time.Minute); (got - want).Abs() > time.Second {
			t.Errorf("%v: %s, want %s", random, got, want)
		}
	}
}

// One that takes longer than its interval is not begun a second time, and ends
// with the context, without a further round.
func TestRoundsAreOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var running, most, n atomic.Int32
		over := make(chan struct{})
		go func() {
			defer close(over)
			rounds{
				every: func() time.Duration { return time.Minute }, last: func() time.Time { return time.Time{} }, now: time.Now,
				random: func() float64 { return 0 }, failed: func(error, time.Duration) { t.Error("a sync that was cancelled has not failed") },
				do: func(ctx context.Context) error {
					most.Store(max(most.Load(), running.Add(1)))
					defer running.Add(-1)
					if n.Add(1) == 3 {
						<-ctx.Done()
						return ctx.Err()
					}
					time.Sleep(5 * time.Minute)
					return nil
				},
			}.run(ctx)
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n.Load() != 3 || most.Load() != 1 || running.Load() != 1 {
			t.Errorf("%d rounds, %d at once", n.Load(), most.Load())
		}
		stop()
		<-over
	})
}

// A till that closes ends what it does in the background first.
func TestClosingEndsTheSyncing(t *testing.T) {
	asked := make(chan struct{}, 1)
	quit := make(chan struct{})
	hq := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		<-quit // it never answers
	}))
	defer hq.Close()
	defer close(quit)
	till := open(t, Params{Dir: t.TempDir(), Secrets: map[string]string{"hq.password": "x"}, Settings: map[string]string{
		"hq.url": hq.URL, "hq.tenant": "t", "hq.login": "l", "hq.shop_id": "1", "sync.stock_minutes": "0",
	}})
	over := make(chan struct{})
	go func() {
		defer close(over)
		atOnce := func() float64 { return 0 }
		till.runSync(t.Context(), func(catalog.Report) { t.Error("synced with an HQ that does not answer") }, atOnce)
	}()
	<-asked
	till.Close()
	<-over
	till.RunSync(t.Context(), func(catalog.Report) {}) // closed: nothing to do
}
