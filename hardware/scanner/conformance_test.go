package scanner_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cashier/hardware/scanner"
	"cashier/hardware/serialport"
	"cashier/hardware/serialport/memport"
	"cashier/services/fault"
)

// cable is what the suite needs of a simulated scanner.
type cable interface {
	Write(raw []byte) error
	Unplug() error
	Replug() error
}

// rig is a scanner under test with its cable.
type rig struct {
	cable
	params scanner.Params
}

type memCable struct{ port *memport.Port }

func (c memCable) Write(raw []byte) error { return c.port.Send(raw) }
func (c memCable) Unplug() error          { c.port.Unplug(); return nil }
func (c memCable) Replug() error          { c.port.Replug(); return nil }

func memRig() rig {
	port := memport.New()
	return rig{memCable{port}, scanner.Params{
		Device: "counter", Opener: port, Port: serialport.Params{Port: "mem"},
	}}
}

// patient makes a test independent of how busy the machine is: no pause within
// a test ends a code, and copies stay copies.
const patient = 20 * time.Second

// conformance is what a scanner on any port must do. No case depends on how
// long something takes.
var conformance = map[string]func(t *testing.T, r rig){
	"every suffix": func(t *testing.T, r rig) {
		s := start(t, r)
		for i, form := range []string{"%s\r", "%s\n", "%s\r\n", "%s\t", "%s\x03", "\x02%s\x03", "\x02%s\r\n", "\x00%s\r"} {
			code := fmt.Sprintf("69012345678%02d", i)
			write(t, r, fmt.Sprintf(form, code))
			expect(t, s, code)
		}
	},
	"no suffix at all": func(t *testing.T, r rig) {
		s := start(t, r)
		write(t, r, "6901234567892")
		expect(t, s, "6901234567892")
		write(t, r, "6901234567908")
		expect(t, s, "6901234567908")
	},
	"split at every byte": func(t *testing.T, r rig) {
		r.params.IdleGap = patient
		s := start(t, r)
		code := "]Q1134567890123456789\r\n"
		for i := range len(code) {
			write(t, r, code[:i])
			write(t, r, code[i:])
			expect(t, s, code[:len(code)-2])
			write(t, r, fmt.Sprintf("between %d\r", i))
			expect(t, s, fmt.Sprintf("between %d", i))
		}
	},
	"a burst in one piece": func(t *testing.T, r rig) {
		s := start(t, r)
		var all strings.Builder
		for i := range 200 {
			fmt.Fprintf(&all, "69%011d\r", i)
		}
		write(t, r, all.String())
		for i := range 200 {
			expect(t, s, fmt.Sprintf("69%011d", i))
		}
	},
	"a burst in single scans": func(t *testing.T, r rig) {
		s := start(t, r)
		for i := range 200 {
			write(t, r, fmt.Sprintf("69%011d\r", i))
		}
		for i := range 200 {
			expect(t, s, fmt.Sprintf("69%011d", i))
		}
		if c := s.Counters(); c.Duplicates != 0 || c.Rejected != 0 {
			t.Errorf("%+v", c)
		}
	},
	"a screen that does not look loses nothing": func(t *testing.T, r rig) {
		s := start(t, r)
		for i := range 400 { // more than the channel holds
			write(t, r, fmt.Sprintf("%05d\r", i))
		}
		for i := range 400 {
			expect(t, s, fmt.Sprintf("%05d", i))
		}
	},
	"copies are dropped": func(t *testing.T, r rig) {
		r.params.DuplicateWindow = patient
		s := start(t, r)
		write(t, r, "A\rA\rA\rB\rA\rA\r")
		write(t, r, "A\rend\r")
		for _, code := range []string{"A", "B", "A", "end"} {
			expect(t, s, code)
		}
		if c := s.Counters(); c.Duplicates != 4 {
			t.Errorf("%+v", c)
		}
	},
	"copies can be kept": func(t *testing.T, r rig) {
		r.params.DuplicateWindow = -1
		s := start(t, r)
		write(t, r, "A\rA\rA\r")
		for range 3 {
			expect(t, s, "A")
		}
	},
	"what cannot be used is told, not lost": func(t *testing.T, r rig) {
		s := start(t, r)
		write(t, r, "\x00\x00\x00\x00\r")
		expectFault(t, s, "scanner.damaged", 4)
		write(t, r, "134567890123456789\x00\x00\r")
		expectFault(t, s, "scanner.damaged", 20)
		write(t, r, strings.Repeat("7", 3000)+"\r")
		expectFault(t, s, "scanner.too_long", scanner.MaxFrame)
		write(t, r, "6901234567892\r")
		expect(t, s, "6901234567892")
	},
	"back after the cable came out": func(t *testing.T, r rig) {
		states := watch(&r)
		s := start(t, r)
		want(t, states, serialport.Searching, serialport.Online)
		for i := range 3 {
			write(t, r, "half a co")
			must(t, r.Unplug())
			want(t, states, serialport.Lost)
			must(t, r.Replug())
			want(t, states, serialport.Online)
			code := fmt.Sprintf("whole again %d", i)
			write(t, r, code+"\r")
			expect(t, s, code)
		}
		if st := s.Status(); st.State != serialport.Online || st.Err != nil {
			t.Errorf("%+v", st)
		}
	},
	"a scanner plugged in later is found": func(t *testing.T, r rig) {
		must(t, r.Unplug())
		states := watch(&r)
		s := start(t, r)
		want(t, states, serialport.Searching, serialport.Searching)
		if st := s.Status(); fault.CodeOf(st.Err) != "serial.missing" {
			t.Errorf("%+v", st)
		}
		must(t, r.Replug())
		want(t, states, serialport.Online)
		write(t, r, "6901234567892\r")
		expect(t, s, "6901234567892")
	},
	"close while reading": func(t *testing.T, r rig) {
		r.params.IdleGap = patient // the half must not end as a frame of its own
		states := watch(&r)
		s := start(t, r)
		want(t, states, serialport.Searching, serialport.Online)
		write(t, r, "half a co")
		must(t, s.Close())
		want(t, states, serialport.Disabled)
		must(t, s.Close())
		if scan, open := <-s.Scans(); open {
			t.Errorf("scan after close: %v", scan)
		}
	},
	"close while nobody takes the scans": func(t *testing.T, r rig) {
		s := start(t, r)
		for i := range 300 {
			write(t, r, fmt.Sprintf("%05d\r", i))
		}
		expect(t, s, "00000")
		must(t, s.Close())
		left := 0
		for range s.Scans() {
			left++
		}
		if left > 256 {
			t.Errorf("%d scans were left", left)
		}
	},
	"close while searching": func(t *testing.T, r rig) {
		must(t, r.Unplug())
		states := watch(&r)
		s := start(t, r)
		want(t, states, serialport.Searching, serialport.Searching)
		must(t, s.Close())
	},
	"the end of its context stops it": func(t *testing.T, r rig) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := scanner.Start(ctx, r.params)
		must(t, err)
		write(t, r, "6901\r")
		expect(t, s, "6901")
		cancel()
		for range s.Scans() {
			t.Error("a scan after the end")
		}
		must(t, s.Close())
	},
}

func TestSerialInMemory(t *testing.T) {
	for name, check := range conformance {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { check(t, memRig()) })
		})
	}
}

// TestTimes holds the windows to the millisecond, which only virtual time can.
func TestTimes(t *testing.T) {
	const ms = time.Millisecond
	steps := []struct {
		name  string
		gaps  []time.Duration // pause before each further scan of the same code
		scans int
	}{
		{"a copy", []time.Duration{149 * ms}, 1},
		{"a second article", []time.Duration{150 * ms}, 2},
		{"a scanner left repeating", []time.Duration{100 * ms, 100 * ms, 100 * ms, 149 * ms}, 1},
		{"quick hands", []time.Duration{160 * ms, 200 * ms, 300 * ms}, 4},
	}
	for _, tt := range steps {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := memRig()
				s := start(t, r)
				write(t, r, "6901\r")
				for _, gap := range tt.gaps {
					time.Sleep(gap)
					write(t, r, "6901\r")
				}
				synctest.Wait()
				if got := len(s.Scans()); got != tt.scans {
					t.Errorf("%d scans, want %d", got, tt.scans)
				}
			})
		})
	}

	t.Run("a code without suffix waits for its gap only", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := memRig()
			s := start(t, r)
			write(t, r, "69")
			time.Sleep(90 * ms)
			write(t, r, "01")
			sent := time.Now()
			scan := expect(t, s, "6901")
			if took := time.Since(sent); took < 100*ms || took > 102*ms || !scan.At.Equal(time.Now()) {
				t.Errorf("delivered after %v, stamped %v", took, scan.At)
			}
		})
	})
	t.Run("a code with suffix does not wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := memRig()
			s := start(t, r)
			sent := time.Now()
			write(t, r, "6901\r")
			expect(t, s, "6901")
			if took := time.Since(sent); took != 0 {
				t.Errorf("delivered after %v", took)
			}
		})
	})
}

func TestCutCodesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := memRig()
		s := start(t, r)
		write(t, r, "half a co")
		synctest.Wait()
		must(t, r.Unplug())
		synctest.Wait()
		if c := s.Counters(); c.Cut != 1 || c.Scans != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestStartRefuses(t *testing.T) {
	port := memport.New()
	for want, p := range map[string]scanner.Params{
		"scanner.no_name": {Opener: port},
		"serial.settings": {Device: "counter", Opener: port, Port: serialport.Params{Port: "mem", Baud: 1}},
	} {
		if _, err := scanner.Start(t.Context(), p); fault.CodeOf(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDisabledScanner(t *testing.T) {
	s, err := scanner.Start(t.Context(), scanner.Params{Device: "counter"})
	must(t, err)
	if st := s.Status(); st.State != serialport.Disabled {
		t.Errorf("%+v", st)
	}
	must(t, s.Close())
}

func TestScansStayOutOfText(t *testing.T) {
	const code = "134567890123456789"
	for _, tail := range []string{"\r", "\x00\x00\r"} {
		var f scanner.Framer
		frame := f.Feed([]byte(code+tail), t0)[0]
		scan := scanner.Scan{Code: frame.Payload, Raw: frame.Raw, Device: "counter"}
		var text bytes.Buffer
		fmt.Fprintf(&text, "%v %+v %#v %s %q %x %d", scan, scan, scan, scan, scan, scan, scan)
		slog.New(slog.NewJSONHandler(&text, nil)).Info("scan", "scan", scan)
		if strings.Contains(text.String(), code[2:14]) || strings.Contains(text.String(), fmt.Sprintf("%x", code[2:14])) {
			t.Error(text.String())
		}
	}
}

func start(t *testing.T, r rig) *scanner.Serial {
	t.Helper()
	s, err := scanner.Start(t.Context(), r.params)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func write(t *testing.T, r rig, raw string) {
	t.Helper()
	must(t, r.Write([]byte(raw)))
}

func expect(t *testing.T, s scanner.Scanner, code string) scanner.Scan {
	t.Helper()
	scan, open := <-s.Scans()
	if !open || scan.Code != code || scan.Err != nil || scan.Device != "counter" || !bytes.Contains(scan.Raw, []byte(code)) {
		t.Fatalf("got %q, %v (open %v); want %q", scan.Code, scan.Err, open, code)
	}
	return scan
}

func expectFault(t *testing.T, s scanner.Scanner, code string, raw int) {
	t.Helper()
	scan := <-s.Scans()
	if fault.CodeOf(scan.Err) != code || scan.Code != "" || len(scan.Raw) != raw {
		t.Fatalf("got %q, %v with %d raw bytes; want %s with %d", scan.Code, scan.Err, len(scan.Raw), code, raw)
	}
}

// watch collects the states of a scanner that is yet to be started.
func watch(r *rig) <-chan serialport.State {
	states := make(chan serialport.State, 64)
	r.params.OnStatus = func(st serialport.Status) { states <- st.State }
	return states
}

// want waits for states in this order. A port that is looked for may say so in
// between.
func want(t *testing.T, states <-chan serialport.State, order ...serialport.State) {
	t.Helper()
	for _, state := range order {
		got := <-states
		for got != state && (got == serialport.Lost || got == serialport.Searching) {
			got = <-states
		}
		if got != state {
			t.Fatalf("state %v, want %v", got, state)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
