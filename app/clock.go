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

// scheduler runs the desk on the machine's own clocks and goroutines. The
// monotonic clock starts with the process; only differences of it mean anything.
type scheduler struct{ start time.Time }

func newScheduler() scheduler { return scheduler{time.Now()} }

func (s scheduler) Now() checkout.Now {
	now := time.Now()
	return checkout.Now{Mono: checkout.Instant(now.Sub(s.start)), Wall: now}
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
func newID() string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(time.Now().UnixMilli())<<16)
	if _, err := rand.Read(raw[6:]); err != nil {
		panic("app: the system gives no random numbers: " + err.Error())
	}
	return strings.ToLower(idText.EncodeToString(raw[:]))
}
