package access

import "time"

// Tries are the wrong PINs of one person since the last right one. They are
// kept, so that a restart forgives nothing.
type Tries struct {
	Wrong int
	// Uptime is how long the machine had been running at the last of them.
	// Nobody can set that clock: only a restart of the machine sends it back.
	Uptime time.Duration
	At     time.Time // of the last of them, to be shown
}

// Goal R12: the fifth wrong PIN locks for 30 s, each further one for twice as
// long, up to 15 min.
const (
	freeTries = 5
	firstLock = 30 * time.Second
	longest   = 15 * time.Minute
)

// lock is how long the last wrong PIN locks for.
func (t Tries) lock() time.Duration {
	over := t.Wrong - freeTries
	if over < 0 {
		return 0
	}
	return min(firstLock<<min(over, 16), longest)
}

// left is how much of the lock is still to come at an uptime. What has passed is
// what the machine's own running time proves: since the last wrong PIN, or
// where the machine was restarted since, since that start.
func (t Tries) left(uptime time.Duration) time.Duration {
	passed := uptime - t.Uptime
	if passed < 0 {
		passed = uptime
	}
	return max(0, t.lock()-passed)
}
