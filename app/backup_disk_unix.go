//go:build unix

package app

import (
	"os"
	"syscall"
)

// sameDisk reports whether two folders are on the same volume.
func sameDisk(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	if err != nil {
		return false, err
	}
	x, okX := first.Sys().(*syscall.Stat_t)
	y, okY := second.Sys().(*syscall.Stat_t)
	return !okX || !okY || x.Dev == y.Dev, nil
}
