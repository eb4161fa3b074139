package display_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"cashier/hardware/display"
	"cashier/hardware/display/displaysim"
	"cashier/hardware/serialport"
	"cashier/hardware/serialport/memport"
	"cashier/services/fault"
	"cashier/services/money"
)

// The bytes of the LED8N manual's tables.
func TestEncode(t *testing.T) {
	for want, s := range map[string]display.Show{
		"\x02L0000\x0c":              {},
		"\x02L1000\x1bQA5.98\r":      {Lamp: display.Price, Amount: 598},
		"\x02L0100\x1bQA12.30\r":     {Lamp: display.Total, Amount: 1230},
		"\x02L0010\x1bQA100.00\r":    {Lamp: display.Receive, Amount: 10000},
		"\x02L0001\x1bQA-0.05\r":     {Lamp: display.Change, Amount: -5},
		"\x02L0100\x1bQA999999.99\r": {Lamp: display.Total, Amount: 99999999},
		"\x02L0100\x1bQA--------\r":  {Lamp: display.Total, Amount: 100000000},
	} {
		if got := string(display.Encode(s)); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}

// rig is a display under test with its cable.
type rig struct {
	*displaysim.Screen
	params       display.Params
	unplug, plug func()
}

// conformance is what a display at any port must do.
func conformance(t *testing.T, r rig) {
	t.Helper()
	states := make(chan serialport.State, 64)
	r.params.OnStatus = func(st serialport.Status) { states <- st.State }
	d, err := display.Start(t.Context(), r.params)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	for i := range money.Fen(50) {
		d.Show(display.Show{Lamp: display.Total, Amount: 1000 + i})
	}
	await(t, r, "10.49", "0100")
	d.Show(display.Show{Lamp: display.Change, Amount: 7000})
	await(t, r, "70.00", "0001")
	r.unplug()
	for st := range states {
		if st == serialport.Lost {
			break
		}
	}
	d.Show(display.Show{Lamp: display.Price, Amount: 598})
	r.plug()
	await(t, r, "5.98", "1000")
	d.Show(display.Show{})
	await(t, r, "", "0000")
}

func await(t *testing.T, r rig, text, lamps string) {
	t.Helper()
	guard := time.After(20 * time.Second)
	for {
		changed := r.Changed()
		gotText, gotLamps := r.Text()
		if gotText == text && gotLamps == lamps {
			return
		}
		select {
		case <-changed:
		case <-guard:
			t.Fatalf("shows %q, %s; want %q, %s", gotText, gotLamps, text, lamps)
		}
	}
}

func TestSerialInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port, stop := memport.New(), make(chan struct{})
		defer close(stop)
		screen := displaysim.NewScreen()
		go func() {
			for heard := 0; ; {
				if all := port.Written(); len(all) > heard {
					screen.Feed(all[heard:])
					heard = len(all)
				}
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
			}
		}()
		conformance(t, rig{screen, display.Params{Port: "mem", Opener: port}, port.Unplug, port.Replug})
	})
}

func TestDisplayThatIsOff(t *testing.T) {
	d, err := display.Start(t.Context(), display.Params{})
	if err != nil || d.Status().State != serialport.Disabled {
		t.Fatal(d.Status(), err)
	}
	d.Show(display.Show{Lamp: display.Total, Amount: 1})
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := display.Start(t.Context(), display.Params{Port: "mem", Baud: 1}); fault.CodeOf(err) != "serial.settings" {
		t.Errorf("a baud that is none: %v", err)
	}
}

// Every amount that fits is shown to the fen, and none that does not is cut.
func TestEveryAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := money.Fen(rapid.Int64Range(-int64(money.MaxFen), int64(money.MaxFen)).Draw(t, "fen"))
		s := displaysim.NewScreen()
		s.Feed(display.Encode(display.Show{Lamp: display.Total, Amount: a}))
		text, lamps := s.Text()
		if lamps != "0100" || text != a.Yuan() && (text != "--------" || len(strings.ReplaceAll(a.Yuan(), ".", "")) <= 8) {
			t.Fatalf("%s shows as %q, %s", a.Yuan(), text, lamps)
		}
	})
}

// A display that is sent anything at all goes on.
func FuzzScreen(f *testing.F) {
	f.Add([]byte("\x02L0100\x1bQA12.30\r"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := displaysim.NewScreen()
		s.Feed(raw)
		s.Feed([]byte(strings.Repeat("\r", 8) + "\x02L0100\x1bQA12.30\r"))
		if text, lamps := s.Text(); text != "12.30" || lamps != "0100" {
			t.Fatalf("%q, %s", text, lamps)
		}
	})
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
