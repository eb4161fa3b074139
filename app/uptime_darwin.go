package app

import (
	"time"

	"golang.org/x/sys/unix"
)

// uptime is how long the machine has been running. The system moves the instant
// it started along when the clock is set, so that the difference stays true.
func uptime() time.Duration {
	tv, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return sinceStart()
	}
	return max(0, time.Since(time.Unix(tv.Unix())))
}
