//go:build crashtest && unix

package main

import (
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"cashier/app/cli"
)

// options of a crash-test build: CASHIER_CRASH_AT=point or point:n kills the
// process, as a power cut would, at the n-th passage of a write point,
// CASHIER_TIMER_DIV divides every wait of the payment path, and
// CASHIER_FILE_LIMIT lets no file grow beyond so many bytes.
func options() cli.Options {
	limitFiles(os.Getenv("CASHIER_FILE_LIMIT"))
	o := cli.Options{VaultCost: 4}
	if div, err := strconv.Atoi(os.Getenv("CASHIER_TIMER_DIV")); err == nil {
		o.TimerDiv = div
	}
	point, nth, _ := strings.Cut(os.Getenv("CASHIER_CRASH_AT"), ":")
	left, err := strconv.Atoi(nth)
	if err != nil {
		left = 1
	}
	if point != "" {
		o.Hook = func(at string) {
			if at == point {
				if left--; left == 0 {
					_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
					select {} // the signal is on its way
				}
			}
		}
	}
	return o
}

func limitFiles(to string) {
	if n, err := strconv.ParseUint(to, 10, 63); err == nil {
		signal.Ignore(syscall.SIGXFSZ) // which would end the process; writing fails then
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			panic(err)
		}
	}
}
