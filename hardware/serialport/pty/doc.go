// Package pty is a serial cable without hardware: a pseudo-terminal whose one
// end opens like any serial port, under a name that stays the same when the
// device is unplugged and plugged in again. The device simulators stand on it.
//
// It exists on Linux; elsewhere Open says so. It may touch the operating system
// only.
package pty
