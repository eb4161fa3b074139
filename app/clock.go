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

// systemClock reads the machine's clocks. The monotonic one starts with the
// process; only differences of it mean anything.
type systemClock struct{ start time.Time }

func newSystemClock() systemClock { return systemClock{time.Now()} }

func (c systemClock) Now() checkout.Now {
	now := time.Now()
	return checkout.Now{Mono: checkout.Instant(now.Sub(c.start)), Wall: now}
}

func (c systemClock) At(ctx context.Context, t checkout.Instant) <-chan struct{} {
	done := make(chan struct{})
	wait := time.Duration(t) - time.Since(c.start)
	go func() {
		defer close(done)
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}()
	return done
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
