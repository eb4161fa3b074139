package serialport

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"go.bug.st/serial"

	"cashier/services/fault"
)

func TestOpenFault(t *testing.T) {
	tests := []struct {
		err  error
		code string
		kind fault.Kind
	}{
		{syscall.ENOENT, "serial.missing", fault.Unreachable},
		{syscall.ENXIO, "serial.missing", fault.Unreachable},
		{syscall.ENODEV, "serial.missing", fault.Unreachable},
		{&os.PathError{Op: "open", Path: "COM3", Err: syscall.ENOENT}, "serial.missing", fault.Unreachable},
		{syscall.EACCES, "serial.denied", fault.Denied},
		{syscall.EPERM, "serial.denied", fault.Denied},
		{syscall.EBUSY, "serial.busy", fault.Busy},
		{&serial.PortError{}, "serial.busy", fault.Busy}, // its zero code is PortBusy
		{syscall.ENOTDIR, "serial.not_serial", fault.Invalid},
		{errors.New("A device attached to the system is not functioning."), "serial.failed", fault.Internal},
	}
	for _, tt := range tests {
		err := openFault("COM3", tt.err)
		if fault.CodeOf(err) != tt.code || fault.KindOf(err) != tt.kind || !errors.Is(err, tt.err) {
			t.Errorf("%v: %q kind %d, want %q kind %d", tt.err, fault.CodeOf(err), fault.KindOf(err), tt.code, tt.kind)
		}
	}
}

// trickle takes three bytes at a time, as a write does that signals cut short.
type trickle struct {
	Driver
	got []byte
	end error
}

func (d *trickle) Write(b []byte) (int, error) {
	if d.end != nil && len(d.got) > 0 {
		return 0, d.end
	}
	n := min(3, len(b))
	d.got = append(d.got, b[:n]...)
	return n, nil
}

func (d *trickle) Close() error { return nil }

func TestWriteGoesOnAfterAShortWrite(t *testing.T) {
	whole := &trickle{}
	conn := NewConn(whole, Params{Port: "COM3"}, nil)
	if n, err := conn.Write([]byte("eight by")); n != 8 || err != nil || string(whole.got) != "eight by" {
		t.Errorf("wrote %d, %v, device got %q", n, err, whole.got)
	}
	broken := &trickle{end: syscall.EIO}
	conn = NewConn(broken, Params{Port: "COM3"}, nil)
	if n, err := conn.Write([]byte("eight by")); n != 3 || fault.CodeOf(err) != "serial.gone" {
		t.Errorf("wrote %d, %v; want 3 and serial.gone", n, err)
	}
}

// stuck takes no data until released, and shows what it then got.
type stuck struct {
	Driver
	began, release chan struct{}
	got            chan string
}

func (d *stuck) Write(b []byte) (int, error) {
	close(d.began)
	<-d.release
	d.got <- string(b)
	return len(b), nil
}

func (d *stuck) ResetOutputBuffer() error { return nil }

func (d *stuck) Close() error { return nil }

// The caller may use its buffer again as soon as Write has given up, though the
// system still holds the data.
func TestAStuckWriteKeepsItsOwnData(t *testing.T) {
	d := &stuck{began: make(chan struct{}), release: make(chan struct{}), got: make(chan string)}
	conn := NewConn(d, Params{Port: "COM3", WriteTimeout: time.Millisecond}, nil)
	buf := []byte("receipt")
	if _, err := conn.Write(buf); fault.CodeOf(err) != "serial.write_stuck" {
		t.Fatal(err)
	}
	copy(buf, "XXXXXXX")
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	<-d.began
	close(d.release)
	if got := <-d.got; got != "receipt" {
		t.Errorf("the device got %q", got)
	}
}
