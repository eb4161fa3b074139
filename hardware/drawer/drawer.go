package drawer

import (
	"context"
	"strings"
	"sync"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// Drawer is a cash drawer.
type Drawer interface {
	// Open sends the one command that opens it. That nil came back says that the
	// command left, not that the drawer is open.
	Open(ctx context.Context) error
}

// Kicker is a printer with a drawer plugged in.
type Kicker interface {
	Kick(ctx context.Context) error
}

// Within bounds every opening: later the cashier has taken the key.
const Within = 3 * time.Second

// AtPrinter is a drawer that a printer opens.
func AtPrinter(k Kicker) Drawer { return atPrinter{k} }

type atPrinter struct{ kicker Kicker }

func (d atPrinter) Open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	return d.kicker.Kick(ctx)
}

// Serial is a drawer, or the trigger box of one, at a serial port. These open on
// any byte; the pulse of ESC/POS serves those that listen.
type Serial struct {
	port   serialport.Params
	opener serialport.Opener
	clock  serialport.Clock
	turn   sync.Mutex
}

// pulse is ESC p 0 25 25.
var pulse = []byte{0x1b, 'p', 0, 0x19, 0x19}

// settle is how long the line is held: some boxes take their power from it.
const settle = 200 * time.Millisecond

// NewSerial makes a drawer at a port; a nil opener or clock is the machine's. It
// opens nothing and fails with "serial.settings".
func NewSerial(port serialport.Params, opener serialport.Opener, clock serialport.Clock) (*Serial, error) {
	if err := port.Check(); err != nil {
		return nil, err
	}
	if clock == nil {
		clock = serialport.SystemClock{}
	}
	if opener == nil {
		opener = serialport.System{Clock: clock}
	}
	return &Serial{port: port, opener: opener, clock: clock}, nil
}

// Open opens the drawer; see Drawer. It fails as a serial port does.
func (d *Serial) Open(ctx context.Context) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, Within)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := d.opener.Open(ctx, d.port)
	if err != nil {
		return err
	}
	_, err = conn.Write(pulse)
	<-d.clock.After(settle)
	_ = conn.Close() // the command has left
	return err
}

// Via is how a drawer is connected: "" not at all, "printer", or a serial port
// written as serial:PORT.
type Via struct {
	Printer bool
	Port    string
}

// ParseVia reads the setting drawer.via. It fails with "drawer.via".
func ParseVia(s string) (Via, error) {
	port, serial := strings.CutPrefix(s, "serial:")
	switch {
	case s == "" || s == "off":
		return Via{}, nil
	case s == "printer":
		return Via{Printer: true}, nil
	case serial && port != "":
		return Via{Port: port}, nil
	}
	return Via{}, fault.New(fault.Invalid, "drawer.via",
		"{via} names no way to a drawer. Write printer, or serial:/dev/ttyUSB3, or off.", "via", s)
}
