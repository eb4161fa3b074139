package memport

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// ErrUnplugged is what the driver below a Conn meets when the device is gone,
// and what Send returns.
var ErrUnplugged = errors.New("memport: unplugged")

var errClosed = errors.New("memport: closed")

// Port is one end of a cable with a device on it; New returns it plugged in.
// It is a serialport.Opener, whatever port name it is asked for.
type Port struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every change
	plugged bool
	stalled bool
	plugs   int // counts pluggings, so that an old connection stays dead
	refusal error
	open    int // connections not closed yet
	toTill  [][]byte
	written bytes.Buffer
}

var _ serialport.Opener = (*Port)(nil)

// New returns a plugged port.
func New() *Port {
	return &Port{plugged: true, changed: make(chan struct{})}
}

// Open connects; it fails with "serial.missing" while unplugged and with what
// Refuse was given.
func (p *Port) Open(ctx context.Context, params serialport.Params) (serialport.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.refusal != nil:
		return nil, p.refusal
	case !p.plugged:
		return nil, fault.New(fault.Unreachable, "serial.missing", "There is no device at {port}. Plug it in.", "port", params.Port)
	}
	timeout := params.ReadTimeout
	if timeout == 0 {
		timeout = 250 * time.Millisecond
	}
	p.open++
	return serialport.NewConn(&driver{port: p, plug: p.plugs, timeout: timeout}, params, nil), nil
}

// Send is the device sending b to the till. One Send is one Read on the other
// side, unless the reader's buffer is smaller, so that tests decide where the
// bytes split. What nobody has open yet is kept.
func (p *Port) Send(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.plugged {
		return ErrUnplugged
	}
	if len(b) > 0 {
		p.toTill = append(p.toTill, bytes.Clone(b))
		p.wake()
	}
	return nil
}

// Unplug takes the device off: unread bytes are lost, as on a real cable.
func (p *Port) Unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plugged, p.toTill = false, nil
	p.wake()
}

// Replug puts a device on again; connections from before stay dead.
func (p *Port) Replug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plugged = true
	p.plugs++
	p.wake()
}

// Stall makes the device take no data until it is called with false.
func (p *Port) Stall(stalled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = stalled
	p.wake()
}

// Refuse makes Open fail with err; nil ends it.
func (p *Port) Refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = err
}

// Connections is how many connections are open, dead ones included until they
// are closed.
func (p *Port) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// Written is what the till has sent so far.
func (p *Port) Written() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.written.Bytes())
}

// wake tells every waiter to look again; p.mu is held.
func (p *Port) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// driver is one connection to a Port.
type driver struct {
	port    *Port
	plug    int
	timeout time.Duration
	closed  bool // guarded by port.mu
}

// dead is why the connection is of no more use; port.mu is held.
func (d *driver) dead() error {
	switch {
	case d.closed:
		return errClosed
	case !d.port.plugged || d.plug != d.port.plugs:
		return ErrUnplugged
	}
	return nil
}

func (d *driver) Read(b []byte) (int, error) {
	d.port.mu.Lock()
	timeout := time.NewTimer(d.timeout)
	d.port.mu.Unlock()
	defer timeout.Stop()
	for {
		n, changed, err := d.take(b)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-changed:
		case <-timeout.C:
			return 0, nil
		}
	}
}

func (d *driver) take(b []byte) (int, <-chan struct{}, error) {
	p := d.port
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := d.dead(); err != nil {
		return 0, nil, err
	}
	if len(p.toTill) == 0 {
		return 0, p.changed, nil
	}
	n := copy(b, p.toTill[0])
	if p.toTill[0] = p.toTill[0][n:]; len(p.toTill[0]) == 0 {
		p.toTill = p.toTill[1:]
	}
	return n, nil, nil
}

func (d *driver) Write(b []byte) (int, error) {
	p := d.port
	for {
		p.mu.Lock()
		if err := d.dead(); err != nil {
			p.mu.Unlock()
			return 0, err
		}
		if !p.stalled {
			n, err := p.written.Write(b)
			p.mu.Unlock()
			return n, err
		}
		changed := p.changed
		p.mu.Unlock()
		<-changed
	}
}

func (d *driver) SetReadTimeout(t time.Duration) error {
	d.port.mu.Lock()
	defer d.port.mu.Unlock()
	d.timeout = t
	return nil
}

// ResetOutputBuffer frees no stuck write, as Linux does not.
func (d *driver) ResetOutputBuffer() error { return nil }

func (d *driver) Close() error {
	d.port.mu.Lock()
	defer d.port.mu.Unlock()
	if !d.closed {
		d.closed = true
		d.port.open--
		d.port.wake()
	}
	return nil
}
