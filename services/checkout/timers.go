package checkout

import "time"

// Instant is monotonic time since an arbitrary point of this process. The
// wall clock never decides about money.
type Instant time.Duration

// Never is an instant that does not come.
const Never Instant = 1<<63 - 1

// Now is both clocks at once: Mono decides, Wall is only written down.
type Now struct {
	Mono Instant
	Wall time.Time
}

func (n Now) after(d time.Duration) Instant { return n.Mono + Instant(d) }

// Timers are the waits of the payment path.
type Timers struct {
	FirstQuery   time.Duration   // from the pay's unclear answer to the first query
	QueryEvery   time.Duration   // between queries
	QueryAtLeast time.Duration   // the provider allows no faster rhythm
	Window       time.Duration   // how long the customer may take
	ReverseAfter time.Duration   // no reversal earlier after the pay, or after this start
	Backoff      []time.Duration // between reversals; the last one repeats
	ManualAfter  int             // reversals that prove nothing, then a person
	Front        time.Duration   // how long a leg may hold the front screen
	Looks        []time.Duration // at a leg that is over without proof, counted from its end
	Automatic    time.Duration   // how long a leg is worked on by itself, then a person
	AskManual    time.Duration   // between queries of a leg that is left to a person, or cut off for long
}

// DefaultTimers follow the wallets' own rules: query no faster than every 2 s,
// reverse no earlier than 15 s after the pay.
func DefaultTimers() Timers {
	s := time.Second
	return Timers{
		FirstQuery: 5 * s, QueryEvery: 3 * s, QueryAtLeast: 2 * s, Window: 45 * s, ReverseAfter: 15 * s,
		Backoff:     []time.Duration{1 * s, 2 * s, 4 * s, 8 * s, 15 * s, 30 * s, 60 * s},
		ManualAfter: 12, Front: 90 * s, Looks: looks,
		Automatic: 24 * time.Hour, AskManual: 5 * time.Minute,
	}
}

// Scaled shortens every wait by the same factor, for crash tests.
func (t Timers) Scaled(div int) Timers {
	d := time.Duration(div)
	for _, wait := range []*time.Duration{
		&t.FirstQuery, &t.QueryEvery, &t.QueryAtLeast, &t.Window, &t.ReverseAfter, &t.Front, &t.Automatic, &t.AskManual,
	} {
		*wait /= d
	}
	t.Backoff, t.Looks = divided(t.Backoff, d), divided(t.Looks, d)
	return t
}

func divided(waits []time.Duration, by time.Duration) []time.Duration {
	out := make([]time.Duration, len(waits))
	for i, w := range waits {
		out[i] = w / by
	}
	return out
}
