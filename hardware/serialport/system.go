package serialport

import (
	"context"

	"go.bug.st/serial"
)

// System opens the machine's serial ports.
type System struct {
	Clock Clock // nil is SystemClock
}

// Open opens a port; see Opener.
func (s System) Open(ctx context.Context, p Params) (Conn, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	p = p.withDefaults()

	// Opening can hang for many seconds, as on a paired Bluetooth port whose
	// device is off. The till must still be able to stop.
	type result struct {
		conn Conn
		err  error
	}
	opened := make(chan result, 1)
	go func() {
		conn, err := s.open(p)
		opened <- result{conn, err}
	}()
	select {
	case r := <-opened:
		return r.conn, r.err
	case <-ctx.Done():
		go func() {
			if r := <-opened; r.conn != nil {
				_ = r.conn.Close() // nobody wants it any more
			}
		}()
		return nil, context.Cause(ctx)
	}
}

func (s System) open(p Params) (Conn, error) {
	// InitialStatusBits stays nil: setting it fails on ports without modem
	// lines, pseudo-terminals among them.
	raw, err := serial.Open(p.Port, &serial.Mode{
		BaudRate: p.Baud,
		DataBits: p.DataBits,
		Parity:   parities[p.Parity],
		StopBits: stopBits[p.StopBits],
	})
	if err != nil {
		return nil, openFault(p.Port, err)
	}
	if err := raw.SetReadTimeout(p.ReadTimeout); err != nil {
		_ = raw.Close() // the first error is the one to tell
		return nil, openFault(p.Port, err)
	}
	return NewConn(raw, p, s.Clock), nil
}

var (
	parities = map[Parity]serial.Parity{
		NoParity: serial.NoParity, OddParity: serial.OddParity, EvenParity: serial.EvenParity,
	}
	stopBits = map[int]serial.StopBits{1: serial.OneStopBit, 2: serial.TwoStopBits}
)
