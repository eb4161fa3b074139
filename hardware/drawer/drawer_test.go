package drawer_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cashier/hardware/drawer"
	"cashier/hardware/printer"
	"cashier/hardware/printer/printersim"
	"cashier/hardware/serialport"
	"cashier/hardware/serialport/memport"
	"cashier/hardware/serialport/pty"
	"cashier/services/fault"
)

// rig is a drawer under test: what reached it, and pulling its cable.
type rig struct {
	drawer.Drawer
	opened func(times int)
	out    func()
}

// conformance is what a drawer must do, however it is connected.
func conformance(t *testing.T, r rig) {
	t.Helper()
	for i := range 2 {
		if err := r.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.opened(i + 1)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Open(gone); err == nil {
		t.Error("a command that was given up was sent")
	}
	r.out()
	if err := r.Open(t.Context()); fault.KindOf(err) != fault.Unreachable {
		t.Errorf("with the cable out: %v", err)
	}
	r.opened(2)
}

const pulse = "\x1bp\x00\x19\x19"

func TestSerialInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := memport.New()
		d, err := drawer.NewSerial(serialport.Params{Port: "mem"}, port, nil)
		if err != nil {
			t.Fatal(err)
		}
		conformance(t, rig{d, func(times int) {
			if got := len(port.Written()); got != times*len(pulse) {
				t.Errorf("%d bytes after %d", got, times)
			}
		}, port.Unplug})
	})
}

func TestSerialOnPTY(t *testing.T) {
	pair, err := pty.Open(filepath.Join(t.TempDir(), "ttyUSB3"))
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = pair.Close() }()
	d, err := drawer.NewSerial(serialport.Params{Port: pair.Path()}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	conformance(t, rig{d, func(times int) {
		buf := make([]byte, len(pulse))
		for ; heard < times; heard++ {
			if n, err := pair.Read(buf); err != nil || string(buf[:n]) != pulse {
				t.Errorf("heard %q, %v", buf[:n], err)
			}
		}
	}, func() { _ = pair.Unplug() }})
}

func TestAtPrinter(t *testing.T) {
	sim, err := printersim.NewTCP()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	target, err := printer.ParseTarget(sim.Target())
	if err != nil {
		t.Fatal(err)
	}
	d := drawer.AtPrinter(printer.New(printer.Params{Target: target}))
	conformance(t, rig{d, func(times int) {
		guard := time.After(10 * time.Second)
		for {
			changed := sim.Changed()
			if len(sim.Events()) >= 2*times { // both pins
				return
			}
			select {
			case <-changed:
			case <-guard:
				t.Fatalf("%+v after %d", sim.Events(), times)
			}
		}
	}, func() { _ = sim.Vanish() }})
}

func TestParseVia(t *testing.T) {
	for in, want := range map[string]drawer.Via{"": {}, "off": {}, "printer": {Printer: true}, "serial:COM4": {Port: "COM4"}} {
		if got, err := drawer.ParseVia(in); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"serial:", "COM4", "usb:/dev/x"} {
		if _, err := drawer.ParseVia(bad); fault.CodeOf(err) != "drawer.via" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := drawer.NewSerial(serialport.Params{}, nil, nil); fault.CodeOf(err) != "serial.settings" {
		t.Errorf("no port: %v", err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
