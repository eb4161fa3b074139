package app

import (
	"time"

	"golang.org/x/sys/windows"
)

// uptime is how long the machine has been running, sleep included. No user can
// set it.
func uptime() time.Duration { return windows.DurationSinceBoot() }
