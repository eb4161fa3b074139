package serialport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cashier/hardware/serialport"
	"cashier/hardware/serialport/memport"
	"cashier/services/fault"
)

// rig is a cable to test Conn on.
type rig struct {
	opener  serialport.Opener
	params  serialport.Params
	device  io.Writer // what the device says
	unplug  func() error
	stall   func()             // makes the device take no data; nil where a full line does
	written func(n int) []byte // the first n bytes the till sent
}

type sender struct{ *memport.Port }

func (s sender) Write(b []byte) (int, error) { return len(b), s.Send(b) }

func memRig() rig {
	port := memport.New()
	return rig{
		opener: port,
		params: serialport.Params{Port: "mem", ReadTimeout: 50 * time.Millisecond},
		device: sender{port},
		unplug: func() error { port.Unplug(); return nil },
		stall:  func() { port.Stall(true) },
		written: func(n int) []byte {
			return port.Written()[:n]
		},
	}
}

// conformance is what any Conn must do.
var conformance = map[string]func(t *testing.T, r rig){
	"reads what the device sends": func(t *testing.T, r rig) {
		conn := open(t, r)
		want := make([]byte, 256)
		for i := range want {
			want[i] = byte(i) // a serial port carries every byte unchanged
		}
		send(t, r, want)
		if got := readN(t, conn, len(want)); !bytes.Equal(got, want) {
			t.Errorf("got % x", got)
		}
	},
	"reads what was sent before it was opened": func(t *testing.T, r rig) {
		send(t, r, []byte("early\r"))
		if got := readN(t, open(t, r), 6); string(got) != "early\r" {
			t.Errorf("got %q", got)
		}
	},
	"an idle read is no error": func(t *testing.T, r rig) {
		conn := open(t, r)
		began := time.Now()
		n, err := conn.Read(make([]byte, 8))
		if waited := time.Since(began); n != 0 || err != nil || waited < 50*time.Millisecond {
			t.Errorf("%d, %v after %v", n, err, waited)
		}
	},
	"the read timeout can change": func(t *testing.T, r rig) {
		conn := open(t, r)
		for _, d := range []time.Duration{0, -1, serialport.MaxReadTimeout + 1} {
			if err := conn.SetReadTimeout(d); fault.CodeOf(err) != "serial.settings" {
				t.Errorf("%v: %v", d, err)
			}
		}
		if err := conn.SetReadTimeout(120 * time.Millisecond); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := conn.Read(make([]byte, 8)); err != nil || time.Since(began) < 120*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	},
	"writes reach the device": func(t *testing.T, r rig) {
		conn := open(t, r)
		want := []byte("\x1b@hello\r\n\x00\xff")
		if n, err := conn.Write(want); n != len(want) || err != nil {
			t.Fatal(n, err)
		}
		if got := r.written(len(want)); !bytes.Equal(got, want) {
			t.Errorf("device got %q", got)
		}
	},
	"unplugging ends a blocked read": func(t *testing.T, r rig) {
		conn := open(t, r)
		result := make(chan error)
		go func() { result <- readUntilError(conn) }()
		if err := r.unplug(); err != nil {
			t.Fatal(err)
		}
		if err := <-result; fault.CodeOf(err) != "serial.gone" {
			t.Errorf("read: %v", err)
		}
		if _, err := conn.Write([]byte("x")); fault.CodeOf(err) != "serial.gone" {
			t.Errorf("write: %v", err)
		}
	},
	"a missing port says so": func(t *testing.T, r rig) {
		if err := r.unplug(); err != nil {
			t.Fatal(err)
		}
		_, err := r.opener.Open(t.Context(), r.params)
		if fault.CodeOf(err) != "serial.missing" || fault.KindOf(err) != fault.Unreachable {
			t.Errorf("%v", err)
		}
	},
	"close ends a blocked read": func(t *testing.T, r rig) {
		conn := open(t, r)
		result := make(chan error)
		go func() { result <- readUntilError(conn) }()
		var closers sync.WaitGroup
		for range 3 {
			closers.Go(func() {
				if err := conn.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
		closers.Wait()
		if err := <-result; fault.CodeOf(err) != "serial.closed" {
			t.Errorf("read: %v", err)
		}
		if _, err := conn.Write([]byte("x")); fault.CodeOf(err) != "serial.closed" {
			t.Errorf("write: %v", err)
		}
		if err := conn.SetReadTimeout(time.Millisecond); fault.CodeOf(err) != "serial.closed" {
			t.Errorf("set read timeout: %v", err)
		}
	},
	"a device that stopped reading is dropped": func(t *testing.T, r rig) {
		r.params.WriteTimeout = 100 * time.Millisecond
		conn := open(t, r)
		if r.stall != nil {
			r.stall()
		}
		var err error
		for err == nil { // a real port takes some kilobytes before it is full
			_, err = conn.Write(make([]byte, 4096))
		}
		if fault.CodeOf(err) != "serial.write_stuck" || fault.KindOf(err) != fault.Unknown {
			t.Errorf("write: %v", err)
		}
		if _, err := conn.Read(make([]byte, 1)); fault.CodeOf(err) != "serial.write_stuck" {
			t.Errorf("read after it: %v", err)
		}
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		// Only the device can free what is stuck in the system; nothing may leak
		// after it did.
		if err := r.unplug(); err != nil {
			t.Error(err)
		}
	},
	"an ended context opens nothing": func(t *testing.T, r rig) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		// Either answer is right when both are ready; a port must not stay open.
		conn, err := r.opener.Open(ctx, r.params)
		if err == nil {
			err = conn.Close()
		} else if errors.Is(err, context.Canceled) {
			err = nil
		}
		if err != nil {
			t.Error(err)
		}
	},
}

func TestConnInMemory(t *testing.T) {
	for name, check := range conformance {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check(t, memRig())
			})
		})
	}
}

func TestParams(t *testing.T) {
	bad := []serialport.Params{
		{},
		{Port: "COM3", Baud: 12},
		{Port: "COM3", Baud: 9_000_000},
		{Port: "COM3", DataBits: 9},
		{Port: "COM3", StopBits: 3},
		{Port: "COM3", Parity: 7},
		{Port: "COM3", ReadTimeout: time.Minute},
		{Port: "COM3", WriteTimeout: -1},
	}
	for _, p := range bad {
		_, err := serialport.System{}.Open(t.Context(), p)
		if fault.CodeOf(err) != "serial.settings" {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if err := (serialport.Params{Port: "COM3"}).Check(); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, r rig) serialport.Conn {
	t.Helper()
	conn, err := r.opener.Open(t.Context(), r.params)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func send(t *testing.T, r rig, b []byte) {
	t.Helper()
	if _, err := r.device.Write(b); err != nil {
		t.Fatal(err)
	}
}

func readN(t *testing.T, conn serialport.Conn, n int) []byte {
	t.Helper()
	var got []byte
	buf := make([]byte, 7)
	for len(got) < n {
		k, err := conn.Read(buf)
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got = append(got, buf[:k]...)
	}
	return got
}

func readUntilError(conn serialport.Conn) error {
	for {
		if _, err := conn.Read(make([]byte, 8)); err != nil {
			return err
		}
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
