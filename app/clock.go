package app

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"

	"cashier/services/checkout"
)

// now is the wall clock, which anybody may set at any time: it is written down,
// shown, and named after, and decides nothing about money.
func (t *Till) now() time.Time {
	if t.p.Now != nil {
		return t.p.Now()
	}
	return time.Now()
}

// age is how long ago something was, below zero only where the clock was wrong
// then or is now: a little ahead is no age at all.
func (t *Till) age(at time.Time) time.Duration {
	const slack = 24 * time.Hour
	age := t.now().Sub(at)
	if age < 0 && age > -slack {
		return 0
	}
	return age
}

// scheduler runs the desk on the machine's own clocks and goroutines. The
// monotonic clock starts with the process; only differences of it mean anything.
type scheduler struct {
	start time.Time
	wall  func() time.Time
}

func newScheduler(wall func() time.Time) scheduler { return scheduler{time.Now(), wall} }

func (s scheduler) Now() checkout.Now {
	return checkout.Now{Mono: checkout.Instant(time.Since(s.start)), Wall: s.wall()}
}

func (s scheduler) Go(task func()) { go task() }

func (s scheduler) Wait(ctx context.Context, until checkout.Instant, wake <-chan struct{}) bool {
	var reached <-chan time.Time
	if until != checkout.Never {
		timer := time.NewTimer(time.Duration(until) - time.Since(s.start))
		defer timer.Stop()
		reached = timer.C
	}
	select {
	case <-wake:
		return true
	case <-reached:
	case <-ctx.Done():
	}
	return false
}

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID is 48 bits of wall-clock milliseconds and 80 random bits, as 26
// characters that sort by time (the layout of a ULID).
func newID() string { return newIDAt(time.Now()) }

func newIDAt(now time.Time) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(now.UnixMilli())<<16)
	if _, err := rand.Read(raw[6:]); err != nil {
		panic("app: the system gives no random numbers: " + err.Error())
	}
	return strings.ToLower(idText.EncodeToString(raw[:]))
}

var processStart = time.Now()

// sinceStart stands in where the machine does not say how long it has run.
func sinceStart() time.Duration { return time.Since(processStart) }
