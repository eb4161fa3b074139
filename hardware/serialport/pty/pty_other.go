//go:build !linux

package pty

import (
	"errors"
	"runtime"
)

// ErrUnplugged is returned by Read and Write while the cable is out.
var ErrUnplugged = errors.New("pty: unplugged")

var errUnsupported = errors.New("pty: simulated devices need Linux; this is " + runtime.GOOS +
	". Connect a real device, or a pair of virtual ports made by another program")

// Pair cannot be made on this system.
type Pair struct{}

// Open says that simulated devices need Linux.
func Open(string) (*Pair, error) { return nil, errUnsupported }

// Path is empty.
func (*Pair) Path() string { return "" }

// Write fails.
func (*Pair) Write([]byte) (int, error) { return 0, errUnsupported }

// Read fails.
func (*Pair) Read([]byte) (int, error) { return 0, errUnsupported }

// Unplug fails.
func (*Pair) Unplug() error { return errUnsupported }

// Replug fails.
func (*Pair) Replug() error { return errUnsupported }

// Close fails.
func (*Pair) Close() error { return errUnsupported }
