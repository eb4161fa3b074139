package scale

import "time"

// When a weight may be sold by. Scales differ in what their sign for a weight
// at rest is worth, so a weight has to be repeated as well; one without the sign
// has to be repeated for longer.
const (
	DefaultHold  = 400 * time.Millisecond
	flaglessHold = 800 * time.Millisecond
	repeats      = 3
	emptyRepeats = 2
)

// settler judges whether a weight has settled, and tells one load from the next.
type settler struct {
	hold time.Duration

	last    Reading
	since   time.Time
	n       int
	waiting bool   // the platform has a load that has been counted, and was not empty since
	loads   uint64 // things that were put on an empty platform and settled
}

// add takes a reading that was received at now, noisy if bytes were lost or
// damaged before it. It reports whether the weight may be sold by.
func (s *settler) add(r Reading, noisy bool, now time.Time) bool {
	if noisy || s.n == 0 || !r.same(s.last) {
		s.last, s.since, s.n = r, now, 0
	}
	s.n++
	if !r.Stable || r.Over {
		return false
	}
	if r.Net <= 0 {
		// A hand that changes one thing for the next leaves the platform empty for
		// a moment only.
		s.waiting = s.waiting && s.n < emptyRepeats
		return false
	}
	if s.n < repeats || now.Sub(s.since) < s.hold {
		return false
	}
	if !s.waiting {
		s.waiting = true
		s.loads++
	}
	return true
}

// interrupt forgets the repetition so far: something came between.
func (s *settler) interrupt() { s.n = 0 }
