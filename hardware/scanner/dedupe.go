package scanner

import "time"

// DefaultDuplicateWindow is how long a second copy of a code counts as the same
// scan. Scanners that repeat do it within 100 ms; a hand needs longer than this
// to scan an article twice on purpose.
const DefaultDuplicateWindow = 150 * time.Millisecond

// dedupe drops repeats of one device.
type dedupe struct {
	window time.Duration
	code   string
	seen   time.Time
}

// repeated tells whether code is a repeat, and remembers it. Each repeat moves
// the window on, so that a scanner left repeating at an article adds it once.
func (d *dedupe) repeated(code string, now time.Time) bool {
	again := code == d.code && !d.seen.IsZero() && now.Sub(d.seen) < d.window
	d.code, d.seen = code, now
	return again
}
