package printer

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// Kind is how a printer is connected.
type Kind string

// The kinds of connections.
const (
	SerialPort Kind = "serial"
	DeviceFile Kind = "usb"
	Network    Kind = "tcp"
)

// Target is where a printer is.
type Target struct {
	Kind    Kind
	Address string // a port, a device file, or host:port
	Baud    int    // of a serial port; 0 is 9600
}

// String writes the target as ParseTarget reads it.
func (t Target) String() string {
	s := string(t.Kind) + ":" + t.Address
	if t.Baud != 0 {
		s += "@" + strconv.Itoa(t.Baud)
	}
	return s
}

// ParseTarget reads serial:/dev/ttyUSB0, serial:COM3@19200, usb:/dev/usb/lp0,
// tcp:192.168.1.50 or tcp:printer:9100. It fails with "printer.target".
func ParseTarget(s string) (Target, error) {
	kind, address, _ := strings.Cut(s, ":")
	t := Target{Kind: Kind(kind), Address: address}
	bad := fault.New(fault.Invalid, "printer.target",
		"{target} names no printer. Write serial:/dev/ttyUSB0, serial:COM3@19200, usb:/dev/usb/lp0 or tcp:192.168.1.50:9100.", "target", s)
	if address == "" {
		return t, bad
	}
	switch t.Kind {
	case SerialPort:
		port, baud, given := strings.Cut(address, "@")
		t.Address = port
		if given {
			var err error
			if t.Baud, err = strconv.Atoi(baud); err != nil {
				return t, bad
			}
		}
		if (serialport.Params{Port: port, Baud: t.Baud}).Check() != nil {
			return t, bad
		}
	case DeviceFile:
	case Network:
		if _, _, err := net.SplitHostPort(address); err != nil {
			t.Address = net.JoinHostPort(strings.Trim(address, "[]"), "9100")
		}
		host, port, err := net.SplitHostPort(t.Address)
		if n, bad2 := strconv.ParseUint(port, 10, 16); err != nil || bad2 != nil || n == 0 || host == "" || strings.ContainsAny(host, " /@") {
			return t, bad
		}
	default:
		return t, bad
	}
	return t, nil
}

// Opener opens a connection to a printer: System for real ones.
type Opener interface {
	Open(ctx context.Context, t Target) (serialport.Conn, error)
}

// System opens the machine's ports, device files and network.
type System struct {
	Clock serialport.Clock // nil is the machine's
	// Within bounds the writing of one piece of a job: at 9600 baud a piece takes
	// half a second. 0 is 5 s.
	Within time.Duration
}

// Open connects. Beside a serial port's faults there are "printer.missing" and
// "printer.not_device".
func (s System) Open(ctx context.Context, t Target) (serialport.Conn, error) {
	bounds := serialport.Params{Port: t.Address, Baud: t.Baud, ReadTimeout: 100 * time.Millisecond, WriteTimeout: cmp.Or(s.Within, 5*time.Second)}
	switch t.Kind {
	case SerialPort:
		return serialport.System{Clock: s.Clock}.Open(ctx, bounds)
	case DeviceFile:
		f, err := openDevice(t.Address)
		if err != nil {
			return nil, err
		}
		return serialport.NewConn(&stream{conn: f, timeout: bounds.ReadTimeout}, bounds, s.Clock), nil
	case Network:
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.Address)
		if err != nil {
			return nil, missing(t.Address, err)
		}
		return serialport.NewConn(&stream{conn: conn, timeout: bounds.ReadTimeout}, bounds, s.Clock), nil
	}
	return nil, fault.New(fault.Internal, "printer.incomplete", "The printer's driver was put together wrongly. Call support.")
}

// openDevice opens a device file, never a file that somebody named by mistake.
func openDevice(path string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(path, err)
	case err == nil && info.Mode()&os.ModeDevice == 0:
		return nil, fault.New(fault.Invalid, "printer.not_device", "{path} is not a printer's device file; nothing was written. Choose another, such as /dev/usb/lp0.", "path", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fault.Wrap(err, fault.Denied, "printer.denied", "This user may not write to {path}. Add the user to the group lp (sudo usermod -aG lp USER) and log in again.", "path", path)
	}
	if err != nil {
		return nil, missing(path, err)
	}
	return f, nil
}

func missing(address string, cause error) error {
	return fault.Wrap(cause, fault.Unreachable, "printer.missing",
		"There is no printer at {address}. Check that it is on, its cable, and the address in the settings.", "address", address)
}

// stream is a network connection or a device file as a serialport.Driver.
type stream struct {
	conn interface {
		Read([]byte) (int, error)
		Write([]byte) (int, error)
		SetReadDeadline(time.Time) error
		Close() error
	}
	timeout time.Duration
}

func (s *stream) Read(p []byte) (int, error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(s.timeout)); err != nil {
		return 0, err // a device that cannot be waited for cannot be asked
	}
	n, err := s.conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	return n, err
}

func (s *stream) Write(p []byte) (int, error) { return s.conn.Write(p) }

func (s *stream) SetReadTimeout(d time.Duration) error {
	s.timeout = d
	return nil
}

func (s *stream) ResetOutputBuffer() error { return nil }

func (s *stream) Close() error { return s.conn.Close() }
