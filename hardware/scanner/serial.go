package scanner

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
	"cashier/services/scancode"
)

// idleRead is how long a read waits between scans, and so how long Close may take.
const idleRead = 250 * time.Millisecond

// Params are what a serial scanner needs.
type Params struct {
	Device string            // the name its scans carry; required
	Port   serialport.Params // an empty Port.Port leaves the scanner disabled
	Opener serialport.Opener // nil is serialport.System
	Clock  serialport.Clock  // nil is the machine's
	Rand   func(int64) int64 // jitter of the reconnection; nil is math/rand

	IdleGap         time.Duration // 0 is DefaultIdleGap
	DuplicateWindow time.Duration // 0 is DefaultDuplicateWindow, below 0 is none

	// OnStatus, if set, is called on the scanner's goroutine at every change of
	// state. It must return soon and must not call Close.
	OnStatus func(serialport.Status)
}

// Counters are what the doctor shows of a scanner since its start.
type Counters struct {
	Scans      uint64 // delivered, rejected ones included
	Duplicates uint64 // dropped as a second copy
	Rejected   uint64 // delivered with Err
	Cut        uint64 // codes begun when the connection was lost
}

// Serial is a scanner on a serial port or a USB-COM port.
type Serial struct {
	params     Params
	supervisor *serialport.Supervisor
	scans      chan Scan
	cancel     context.CancelFunc
	done       chan struct{}

	// Used on the scanner's goroutine only.
	framer Framer
	dedupe dedupe

	delivered, duplicates, rejected, cut atomic.Uint64
}

var _ Scanner = (*Serial)(nil)

// pending is how many scans wait for a busy screen. When they are full the
// scanner's own buffer fills; nothing is thrown away here.
const pending = 256

// Start starts a scanner on a goroutine of its own, which ends with ctx or by
// Close. A port that is not there yet is no error: it is looked for. It fails
// with "scanner.no_name" or "serial.settings".
func Start(ctx context.Context, p Params) (*Serial, error) {
	if p.Device == "" {
		return nil, fault.New(fault.Internal, "scanner.no_name", "The scanner was given no name. Call support.")
	}
	if p.Opener == nil {
		p.Opener = serialport.System{Clock: p.Clock}
	}
	if p.Clock == nil {
		p.Clock = serialport.SystemClock{}
	}
	if p.DuplicateWindow == 0 {
		p.DuplicateWindow = DefaultDuplicateWindow
	}
	p.Port.ReadTimeout = idleRead
	s := &Serial{
		params: p,
		scans:  make(chan Scan, pending),
		done:   make(chan struct{}),
		framer: Framer{Gap: p.IdleGap},
		dedupe: dedupe{window: p.DuplicateWindow},
	}
	var err error
	s.supervisor, err = serialport.NewSupervisor(serialport.SupervisorParams{
		Opener:   p.Opener,
		Port:     p.Port,
		Serve:    s.serve,
		OnStatus: p.OnStatus,
		Clock:    p.Clock,
		Rand:     p.Rand,
	})
	if err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	go func() {
		defer close(s.done)
		defer close(s.scans)
		s.supervisor.Run(ctx)
	}()
	return s, nil
}

// Scans delivers the scans; see Scanner.
func (s *Serial) Scans() <-chan Scan { return s.scans }

// Status is how the scanner stands; see serialport.Status.
func (s *Serial) Status() serialport.Status { return s.supervisor.Status() }

// Counters is what happened since the start.
func (s *Serial) Counters() Counters {
	return Counters{
		Scans:      s.delivered.Load(),
		Duplicates: s.duplicates.Load(),
		Rejected:   s.rejected.Load(),
		Cut:        s.cut.Load(),
	}
}

// Close stops the scanner and waits until its goroutine has ended, a quarter of
// a second at most. Undelivered scans can still be received. It never fails.
func (s *Serial) Close() error {
	s.cancel()
	<-s.done
	return nil
}

// serve reads one connection until it is gone.
func (s *Serial) serve(ctx context.Context, conn serialport.Conn) error {
	defer func() {
		if s.framer.Reset() {
			s.cut.Add(1)
		}
	}()
	buf := make([]byte, 1024)
	waiting := idleRead
	for ctx.Err() == nil {
		n, err := conn.Read(buf)
		now := s.params.Clock.Now()
		var frames []Frame
		if n > 0 {
			frames = s.framer.Feed(buf[:n], now)
		} else if err == nil {
			frames = s.framer.Idle(now)
		}
		for _, frame := range frames {
			if !s.deliver(ctx, frame, now) {
				return nil
			}
		}
		if err != nil {
			return err
		}
		if wait := s.nextWait(now); wait != waiting {
			if err := conn.SetReadTimeout(wait); err != nil {
				return err
			}
			waiting = wait
		}
	}
	return nil
}

// nextWait is the read timeout until the framer has to be asked again. Some
// systems count whole milliseconds, and a wait rounded down would end just
// before the gap does.
func (s *Serial) nextWait(now time.Time) time.Duration {
	wait, ok := s.framer.Wait(now)
	if !ok {
		return idleRead
	}
	return min(wait.Truncate(time.Millisecond)+time.Millisecond, serialport.MaxReadTimeout)
}

// deliver hands a frame over, waiting for a busy receiver; it is false when ctx
// ended first.
func (s *Serial) deliver(ctx context.Context, frame Frame, now time.Time) bool {
	scan := Scan{Code: frame.Payload, At: now, Device: s.params.Device, Raw: frame.Raw, Err: frame.fault()}
	if scan.Err == nil && s.dedupe.repeated(scan.Code, now) {
		s.duplicates.Add(1)
		return true
	}
	select {
	case s.scans <- scan:
	case <-ctx.Done():
		return false
	}
	s.delivered.Add(1)
	if scan.Err != nil {
		s.rejected.Add(1)
	}
	return true
}

func (f Frame) fault() error {
	switch f.Defect {
	case Whole:
		return nil
	case TooLong:
		return fault.New(fault.Invalid, "scanner.too_long",
			"The scanner sent more than {max} characters without an end. Scan again; if it happens often, set the scanner to send Enter after each code.",
			"max", fmt.Sprint(MaxFrame))
	case Damaged:
		return fault.New(fault.Invalid, "scanner.damaged",
			"Part of a code ({read}) was lost between scanner and till. Scan again; if it happens often, check the cable and the speed in the settings.",
			"read", scancode.Masked(string(f.Raw)))
	}
	return nil
}
