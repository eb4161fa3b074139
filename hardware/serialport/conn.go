package serialport

import (
	"context"
	"time"

	"cashier/services/fault"
)

// Conn is an open port. One goroutine reads and closes it; any may write.
type Conn interface {
	// Read waits for bytes until the read timeout; (0, nil) means none came.
	// Any error means the device is gone and only Close is left to do.
	Read(p []byte) (n int, err error)
	// Write returns when the system has taken all of p, or with
	// "serial.write_stuck" after the write timeout. After any error the device
	// is gone; how much of p reached it is not known.
	Write(p []byte) (n int, err error)
	// SetReadTimeout bounds the Reads that follow; d is above 0 and at most
	// MaxReadTimeout.
	SetReadTimeout(d time.Duration) error
	// Close releases the port. It may be called more than once and from any
	// goroutine; it waits for a Read under way, so at most the read timeout.
	Close() error
}

// Opener opens ports: System for real ones, memport.Port for one in memory.
type Opener interface {
	// Open fails with "serial.missing", "serial.denied", "serial.busy",
	// "serial.not_serial", "serial.settings", or "serial.failed" for whatever
	// else the system says; with ctx's error when ctx ends first.
	Open(ctx context.Context, p Params) (Conn, error)
}

// Parity is the parity bit of a line.
type Parity uint8

// The parities in use on a counter.
const (
	NoParity Parity = iota
	OddParity
	EvenParity
)

// MaxReadTimeout bounds every Read, and with it Close and the end of a program.
const MaxReadTimeout = time.Second

// Params say which port and how. The zero value of each field but Port is the
// usual one: 9600 8N1.
type Params struct {
	Port     string // COM3, /dev/ttyUSB0, /dev/serial/by-id/…, or a link to one
	Baud     int    // bits per second; 0 is 9600. A USB-COM device ignores it
	DataBits int    // 7 or 8; 0 is 8
	Parity   Parity
	StopBits int // 1 or 2; 0 is 1

	ReadTimeout  time.Duration // 0 is 250 ms; at most MaxReadTimeout
	WriteTimeout time.Duration // 0 is 2 s
}

func (p Params) withDefaults() Params {
	if p.Baud == 0 {
		p.Baud = 9600
	}
	if p.DataBits == 0 {
		p.DataBits = 8
	}
	if p.StopBits == 0 {
		p.StopBits = 1
	}
	if p.ReadTimeout == 0 {
		p.ReadTimeout = 250 * time.Millisecond
	}
	if p.WriteTimeout == 0 {
		p.WriteTimeout = 2 * time.Second
	}
	return p
}

// Check refuses what no port can be set to ("serial.settings").
func (p Params) Check() error {
	p = p.withDefaults()
	ok := p.Port != "" &&
		p.Baud >= 300 && p.Baud <= 4_000_000 &&
		(p.DataBits == 7 || p.DataBits == 8) &&
		p.Parity <= EvenParity &&
		(p.StopBits == 1 || p.StopBits == 2) &&
		validReadTimeout(p.ReadTimeout) && p.WriteTimeout > 0
	if !ok {
		return settingsFault(p.Port, nil)
	}
	return nil
}

func validReadTimeout(d time.Duration) bool { return d > 0 && d <= MaxReadTimeout }

func settingsFault(port string, cause error) error {
	return fault.Wrap(cause, fault.Invalid, "serial.settings",
		"The port {port} cannot be set up like this. Choose a port and the speed that the device's manual names; 9600 is usual.",
		"port", port)
}
