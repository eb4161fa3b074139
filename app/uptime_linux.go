package app

import (
	"time"

	"golang.org/x/sys/unix"
)

// uptime is how long the machine has been running, sleep included. No user can
// set it.
func uptime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return sinceStart()
	}
	return time.Duration(ts.Nano())
}
