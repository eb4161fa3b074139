package display

import (
	"context"
	"sync"

	"cashier/hardware/serialport"
	"cashier/services/money"
)

// Lamp says what an amount is.
type Lamp uint8

// The lamps, in the order of the display. Dark clears it.
const (
	Dark    Lamp = iota
	Price        // 单价
	Total        // 合计
	Receive      // 收款
	Change       // 找零
)

// Show is what a customer is to see.
type Show struct {
	Lamp   Lamp
	Amount money.Fen
}

// digits are what the display has; a point needs none of them.
const digits = 8

// Encode makes the bytes of a Show, as the LED8N's manual has them: STX L and
// four lamps, then ESC Q A, the amount and CR. An amount that does not fit is
// not cut down but shown as bars.
func Encode(s Show) []byte {
	if s.Lamp == Dark || s.Lamp > Change {
		return []byte("\x02L0000\x0c")
	}
	lamps := []byte("\x02L0000")
	lamps[1+int(s.Lamp)] = '1'
	text := s.Amount.Yuan()
	if len(text)-1 > digits {
		text = "--------"
	}
	return append(lamps, "\x1bQA"+text+"\r"...)
}

// Params are what a display needs.
type Params struct {
	Port   string            // "" leaves the display off
	Baud   int               // 0 is 2400, as it comes from the factory
	Opener serialport.Opener // nil is serialport.System
	Clock  serialport.Clock  // nil is the machine's
	Rand   func(int64) int64 // jitter of the reconnection; nil is math/rand

	// OnStatus, if set, is called on the display's goroutine at every change of
	// state. It must return soon and must not call Close.
	OnStatus func(serialport.Status)
}

// Serial is a display at a serial port.
type Serial struct {
	supervisor *serialport.Supervisor
	cancel     context.CancelFunc
	done       chan struct{}

	mu      sync.Mutex
	show    Show
	changed chan struct{}
}

// Start starts a display on a goroutine of its own, which ends with ctx or by
// Close. A port that is not there yet is no error: it is looked for. It fails
// with "serial.settings".
func Start(ctx context.Context, p Params) (*Serial, error) {
	if p.Opener == nil {
		p.Opener = serialport.System{Clock: p.Clock}
	}
	if p.Baud == 0 {
		p.Baud = 2400
	}
	s := &Serial{done: make(chan struct{}), changed: make(chan struct{}, 1)}
	var err error
	s.supervisor, err = serialport.NewSupervisor(serialport.SupervisorParams{
		Opener: p.Opener, Port: serialport.Params{Port: p.Port, Baud: p.Baud}, Serve: s.serve, OnStatus: p.OnStatus, Clock: p.Clock, Rand: p.Rand,
	})
	if err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	go func() {
		defer close(s.done)
		s.supervisor.Run(ctx)
	}()
	return s, nil
}

// Show shows something from now on, also after the display was away. It returns
// at once; of several in a row the last is shown.
func (s *Serial) Show(show Show) {
	s.mu.Lock()
	s.show = show
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Status is how the display stands; see serialport.Status.
func (s *Serial) Status() serialport.Status { return s.supervisor.Status() }

// Close stops the display, which stays as it is. It never fails.
func (s *Serial) Close() error {
	s.cancel()
	<-s.done
	return nil
}

// serve shows what is to be shown, anew on each connection. Reading is how it
// learns that the display is gone while nothing changes.
func (s *Serial) serve(ctx context.Context, conn serialport.Conn) error {
	gone := make(chan error, 1)
	reading, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		for range gone { // a read that outlives its connection reads the next one's
		}
	}()
	go func() {
		defer close(gone)
		buf := make([]byte, 64)
		for reading.Err() == nil {
			if _, err := conn.Read(buf); err != nil {
				gone <- err
				return
			}
		}
	}()
	for {
		s.mu.Lock()
		show := s.show
		s.mu.Unlock()
		if _, err := conn.Write(Encode(show)); err != nil {
			return err
		}
		select {
		case <-s.changed:
		case err := <-gone:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}
