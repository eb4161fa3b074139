//go:build unix && !race

package faulttest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"cashier/app"
	"cashier/services/checkout"
)

func copyText(to *strings.Builder, from io.Reader) (int64, error) { return io.Copy(to, from) }

func readAgain(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

// eachJump runs f for a jump in each direction, side by side, each with a gateway
// of its own.
func eachJump(t *testing.T, names []string, f func(j *jumping, name string)) {
	var wg sync.WaitGroup
	for _, name := range names {
		for _, by := range []time.Duration{decade, -decade} {
			wg.Go(func() {
				t.Run(fmt.Sprintf("%s %+d years", name, by/decade*10), func(t *testing.T) { f(newJumping(newBench(t), "", by), name) })
			})
		}
	}
	wg.Wait()
}

// leave begins a payment, and closes the till at a step of it.
func (j *jumping) leave(tail, at string) (key string) {
	j.Helper()
	reached := make(chan struct{})
	var once sync.Once
	hook := j.p.Hook
	j.p.Hook = func(point string) {
		if point == at {
			once.Do(func() { close(reached) })
		}
	}
	till := j.open()
	j.p.Hook = hook
	s, err := till.Desk.Start(j.Context(), till.Actor(), goods(), checkout.Tender{Code: j.code(tail)})
	j.ok(err)
	<-reached
	till.Close()
	return s.Legs[0].Key
}

// TestBulkClockJumpsOverARestart closes a till in the middle of a payment and
// opens it ten years later, or earlier.
func TestBulkClockJumpsOverARestart(t *testing.T) {
	cases := map[string]struct {
		tail, at string
		ends     checkout.State
	}{
		"paying, then paid": {"9002", "advance.PENDING.after", checkout.Paid},
		"paying for ever":   {"9003", "advance.PENDING.after", checkout.Reversed},
		"charged, unknown":  {"9004", "advance.UNKNOWN.after", checkout.Paid},
	}
	eachJump(t, []string{"paying, then paid", "paying for ever", "charged, unknown"}, func(j *jumping, name string) {
		c := cases[name]
		key := j.leave(c.tail, c.at)
		j.wall.jump(j.by)
		start := time.Now()
		till := j.open()
		defer till.Close()
		ctx, stop := context.WithTimeout(j.Context(), time.Minute)
		defer stop()
		if open, err := till.Desk.Settle(ctx); err != nil || len(open) > 0 {
			j.Fatalf("still open: %v %v", open, err)
		}
		l, err := till.Desk.Leg(ctx, key)
		j.ok(err)
		if l.State != c.ends {
			j.Errorf("%s, want %s", l.State, c.ends)
		}
		j.notTooSoon(key, "pay", time.Time{})
		j.notTooSoon(key, "", start)
		j.goesOn(till, 1+btoi(c.ends == checkout.Paid))
	})
}

// TestBulkClockJumpsOverAWatch closes a till that still watches a payment it has
// given up. Ten years later, or earlier, the watch goes on: not before it may,
// not years from now, and money that came late is given back.
func TestBulkClockJumpsOverAWatch(t *testing.T) {
	eachJump(t, []string{"refused", "late money"}, func(j *jumping, name string) {
		faults := map[string]string{"refused": "pay=expired-code", "late money": "pay=late-money:4s,cancel=lies"}[name]
		j.ok(j.servers.SetFaults(faults))
		till := j.open()
		s, err := ring(j.Context(), till, checkout.Tender{Code: j.code("0001")})
		j.ok(err)
		if s.State == checkout.Tendering {
			s, err = till.Desk.Void(j.Context(), till.Actor(), s.ID, "test")
			j.ok(err)
		}
		watches, err := till.Ledger.Watches(j.Context())
		if err != nil || len(watches) != 1 || s.State != checkout.Voided {
			j.Fatalf("%s, %d watches, %v", s.State, len(watches), err)
		}
		key := s.Legs[0].Key
		till.Close()
		j.wall.jump(j.by)
		start := time.Now()
		till = j.open()
		defer till.Close()
		j.looked(till, key, name)
		j.notTooSoon(key, "", start)
		j.ok(j.servers.SetFaults(""))
		j.goesOn(till, 1)
	})
}

// looked waits until the watch of a key has looked, and given back what came.
func (j *jumping) looked(till *app.Till, key, name string) {
	j.Helper()
	limit := time.After(time.Minute)
	for often := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-limit:
			j.Fatal("the watch does not look")
		case <-often.C:
		}
		watches, err := till.Ledger.Watches(j.Context())
		j.ok(err)
		bank := j.charged()[key]
		switch {
		case name == "late money" && bank == "given back" && len(watches) == 0:
			return
		case name == "late money" && bank != "":
			j.ok(j.servers.SetFaults("")) // from now on a cancel is one
		case name == "refused" && (len(watches) == 0 || watches[0].Step > 0):
			return
		}
	}
}

// TestBulkClockIsWrongAtAStart starts on a clock that is years off, sells, and
// goes on when it has been set right.
func TestBulkClockIsWrongAtAStart(t *testing.T) {
	eachJump(t, []string{"new till", "old till"}, func(j *jumping, name string) {
		receipts := 1
		if name == "old till" {
			till := j.open()
			j.goesOn(till, receipts)
			till.Close()
			receipts += 2
		}
		for range 3 { // wrong, right, wrong
			j.wall.jump(j.by)
			till := j.open()
			j.goesOn(till, receipts)
			till.Close()
			receipts += 2
			j.by = -j.by
		}
	})
}
