//go:build !linux && !windows && !darwin

package app

import "time"

// uptime is how long this process has been running: a restart lets a lock begin
// anew, and never end early.
func uptime() time.Duration { return sinceStart() }
