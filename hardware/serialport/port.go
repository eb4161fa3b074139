package serialport

import (
	"bytes"
	"errors"
	"sync/atomic"
	"time"
)

// Driver is an open port as the system's driver gives it, without the bounds
// that Conn promises for Write and Close.
type Driver interface {
	Read(p []byte) (int, error) // (0, nil) after the read timeout
	Write(p []byte) (int, error)
	SetReadTimeout(time.Duration) error
	ResetOutputBuffer() error
	Close() error
}

// turn is a mutex as a channel, which virtual time in tests can wait for.
type turn chan struct{}

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

// port is a Conn over a Driver.
type port struct {
	name         string
	raw          Driver
	clock        Clock
	writeTimeout time.Duration

	reading turn // held through a Read, so that Close waits for it
	writing turn // held through a Write, which its deadline bounds
	closed  atomic.Bool
	dropped atomic.Bool // a write is stuck: nothing may be written any more
}

// NewConn bounds an open port; p gives its name and timeouts, which the driver
// must have been told already. A nil clock is SystemClock.
func NewConn(raw Driver, p Params, clock Clock) Conn {
	if clock == nil {
		clock = SystemClock{}
	}
	return &port{
		name: p.Port, raw: raw, clock: clock, writeTimeout: p.withDefaults().WriteTimeout,
		reading: make(turn, 1), writing: make(turn, 1),
	}
}

func (p *port) Read(b []byte) (int, error) {
	p.reading.take()
	defer p.reading.give()
	if err := p.usable(); err != nil {
		return 0, err
	}
	n, err := p.raw.Read(b)
	if err != nil {
		return n, goneFault(p.name, err)
	}
	return n, nil
}

func (p *port) SetReadTimeout(d time.Duration) error {
	p.reading.take()
	defer p.reading.give()
	if err := p.usable(); err != nil {
		return err
	}
	if !validReadTimeout(d) {
		return settingsFault(p.name, nil)
	}
	if err := p.raw.SetReadTimeout(d); err != nil {
		return goneFault(p.name, err)
	}
	return nil
}

func (p *port) Write(b []byte) (int, error) {
	p.writing.take()
	defer p.writing.give()
	if err := p.usable(); err != nil {
		return 0, err
	}

	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	data := bytes.Clone(b) // a stuck write outlives the caller's buffer
	go func() {
		n, err := p.writeAll(data)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return r.n, goneFault(p.name, r.err)
		}
		return r.n, nil
	case <-p.clock.After(p.writeTimeout):
		p.dropped.Store(true)
		// This frees the write on Windows. On Linux it stays in the kernel
		// until the device reads or is unplugged; its goroutine is the price.
		_ = p.raw.ResetOutputBuffer()
		return 0, stuckFault(p.name)
	}
}

// writeAll goes on after a signal cut a write short, but never once the port
// was given up: its descriptor may by then be another file's.
func (p *port) writeAll(data []byte) (int, error) {
	sent := 0
	for sent < len(data) && !p.dropped.Load() {
		n, err := p.raw.Write(data[sent:])
		sent += n
		if err != nil {
			return sent, err
		}
		if n == 0 {
			return sent, errors.New("the driver took no data")
		}
	}
	return sent, nil
}

func (p *port) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	// Both waits are bounded: by the read timeout and by the write timeout.
	p.writing.take()
	defer p.writing.give()
	p.reading.take()
	defer p.reading.give()
	if err := p.raw.Close(); err != nil {
		return goneFault(p.name, err)
	}
	return nil
}

func (p *port) usable() error {
	switch {
	case p.closed.Load():
		return closedFault(p.name)
	case p.dropped.Load():
		return stuckFault(p.name)
	}
	return nil
}
