package printer_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cashier/hardware/printer"
	"cashier/hardware/printer/printersim"
	"cashier/hardware/serialport"
	"cashier/services/fault"
	"cashier/services/receipt"
)

// eager is the machine's clock on which no pause lasts.
type eager struct{ serialport.SystemClock }

func (eager) After(time.Duration) <-chan time.Time {
	done := make(chan time.Time, 1)
	done <- time.Time{}
	return done
}

// tripwire opens real connections and does something when a job's first bytes
// have been written: what happens in the middle of a job.
type tripwire struct {
	printer.System
	mu   sync.Mutex
	trip func()
}

func (w *tripwire) Open(ctx context.Context, t printer.Target) (serialport.Conn, error) {
	conn, err := w.System.Open(ctx, t)
	if err != nil {
		return nil, err
	}
	return wired{conn, w}, nil
}

type wired struct {
	serialport.Conn
	w *tripwire
}

func (c wired) Write(b []byte) (int, error) {
	c.w.mu.Lock()
	trip := c.w.trip
	if len(b) > 8 { // no question
		c.w.trip = nil
	}
	c.w.mu.Unlock()
	if trip == nil || len(b) <= 8 {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write(b[:8])
	trip()
	if err != nil {
		return n, err
	}
	rest, err := c.Conn.Write(b[8:])
	return n + rest, err
}

// rig is a printer under test with what stands on the counter.
type rig struct {
	*printer.Printer
	sim  *printersim.Sim
	wire *tripwire
}

func newRig(t *testing.T, sim *printersim.Sim, ask bool) *rig {
	t.Helper()
	t.Cleanup(func() { must(t, sim.Close()) })
	target, err := printer.ParseTarget(sim.Target())
	must(t, err)
	wire := &tripwire{System: printer.System{Within: 300 * time.Millisecond}}
	return &rig{printer.New(printer.Params{Target: target, Ask: ask, Opener: wire, Clock: eager{}, ProofWithin: 300 * time.Millisecond}), sim, wire}
}

func doc() receipt.Doc {
	return receipt.Doc{
		receipt.Text{Text: "鲜果园", Align: receipt.Centre, Bold: true, Big: true},
		receipt.Rule{},
		receipt.Pair{Left: "红富士苹果 0.735kg", Right: "8.79"},
		receipt.Pair{Left: "合计", Right: "￥8.79", Bold: true},
		receipt.QR{Data: "K7M2QX-1-000123"},
		receipt.Feed{Rows: 1},
		receipt.Cut{},
	}
}

const paper = `     鲜果园
--------------------------------
红富士苹果 0.735kg          8.79
合计                      ￥8.79
[qr K7M2QX-1-000123]
[cut]
`

// awaitPaper waits until so much is printed.
func awaitPaper(t *testing.T, sim *printersim.Sim, want string) {
	t.Helper()
	guard := time.After(20 * time.Second)
	for {
		changed := sim.Changed()
		if got := sim.Paper(); got == want {
			return
		} else if len(got) >= len(want) {
			t.Fatalf("printed %q, want %q", got, want)
		}
		select {
		case <-changed:
		case <-guard:
			t.Fatalf("printed %q, want %q", sim.Paper(), want)
		}
	}
}

func (r *rig) want(t *testing.T, outcome printer.Outcome, code string) {
	t.Helper()
	got, err := r.Print(t.Context(), printer.Render(doc(), printer.Paper{}))
	if got != outcome || fault.CodeOf(err) != code || (err == nil) != (code == "") {
		t.Errorf("outcome %d, %v; want %d, %s", got, err, outcome, code)
	}
}

// conformance is what a printer at any cable must do. All of them but the first
// two are asked for their state.
var conformance = map[string]func(t *testing.T, r *rig){
	"a receipt, twice": func(t *testing.T, r *rig) {
		r.want(t, printer.Confirmed, "")
		r.want(t, printer.Confirmed, "")
		awaitPaper(t, r.sim, paper+paper)
	},
	"no paper, then a new roll": func(t *testing.T, r *rig) {
		r.sim.PaperOut(true)
		r.want(t, printer.Nothing, "printer.no_paper")
		r.sim.PaperOut(false)
		if got := r.sim.Paper(); got != "" {
			t.Errorf("printed %q", got)
		}
		r.want(t, printer.Confirmed, "")
		awaitPaper(t, r.sim, paper)
	},
	"the cover, the knife": func(t *testing.T, r *rig) {
		r.sim.OpenCover(true)
		r.want(t, printer.Nothing, "printer.cover_open")
		r.sim.OpenCover(false)
		r.sim.Break(true)
		r.want(t, printer.Nothing, "printer.broken")
		r.sim.Break(false)
		st, err := r.Status(t.Context())
		if err != nil || st.Fault() != nil || st.Offline {
			t.Errorf("%+v, %v", st, err)
		}
	},
	"one that answers nothing": func(t *testing.T, r *rig) {
		r.sim.Dumb(true)
		r.want(t, printer.Nothing, "printer.silent")
		if got := r.sim.Paper(); got != "" {
			t.Errorf("printed %q", got)
		}
	},
	"the paper ends in the middle": func(t *testing.T, r *rig) {
		r.wire.trip = func() { r.sim.PaperOut(true) }
		r.want(t, printer.Unknown, "printer.half")
		r.sim.PaperOut(false)
		awaitPaper(t, r.sim, paper) // the printer kept it, and nobody sent it again
	},
	"it jams in the middle": func(t *testing.T, r *rig) {
		r.wire.trip = func() { r.sim.Jam(true) }
		outcome, err := r.Print(t.Context(), printer.Render(doc(), printer.Paper{}))
		// Behind a full cable the write is stuck, behind an empty one the proof is late.
		if code := fault.CodeOf(err); outcome != printer.Unknown || code != "printer.gone" && code != "printer.unproven" {
			t.Errorf("outcome %d, %v", outcome, err)
		}
		r.sim.Jam(false)
	},
	"it vanishes in the middle": func(t *testing.T, r *rig) {
		r.wire.trip = func() { must(t, r.sim.Vanish()) }
		r.want(t, printer.Unknown, "printer.gone")
		must(t, r.sim.Return())
		r.sim.Forget()
		r.want(t, printer.Confirmed, "")
	},
	"it is not there, and comes back": func(t *testing.T, r *rig) {
		must(t, r.sim.Vanish())
		outcome, err := r.Print(t.Context(), printer.Render(doc(), printer.Paper{}))
		if outcome != printer.Nothing || fault.KindOf(err) != fault.Unreachable {
			t.Errorf("outcome %d, %v", outcome, err)
		}
		if err := r.Reach(t.Context()); err == nil {
			t.Error("reached what is not there")
		}
		must(t, r.sim.Return())
		must(t, r.Reach(t.Context()))
		r.want(t, printer.Confirmed, "")
		awaitPaper(t, r.sim, paper)
	},
	"the drawer": func(t *testing.T, r *rig) {
		must(t, r.Kick(t.Context()))
		awaitPaper(t, r.sim, "[kick]\n[kick]\n")
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Kick(gone); err == nil {
			t.Error("a kick that was given up was sent")
		}
		r.want(t, printer.Confirmed, "")
		awaitPaper(t, r.sim, "[kick]\n[kick]\n"+paper)
	},
	"papers do not mix": func(t *testing.T, r *rig) {
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { r.want(t, printer.Confirmed, "") })
		}
		all.Wait()
		awaitPaper(t, r.sim, strings.Repeat(paper, 3))
	},
	"one that was given up": func(t *testing.T, r *rig) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		outcome, err := r.Print(gone, printer.Render(doc(), printer.Paper{}))
		if outcome != printer.Nothing || err == nil {
			t.Errorf("outcome %d, %v", outcome, err)
		}
	},
}

func TestPrinterOverTCP(t *testing.T) {
	for name, check := range conformance {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, err := printersim.NewTCP()
			must(t, err)
			check(t, newRig(t, sim, true))
		})
	}
	t.Run("one that is not asked", func(t *testing.T) {
		sim, err := printersim.NewTCP()
		must(t, err)
		r := newRig(t, sim, false)
		sim.Dumb(true)
		r.want(t, printer.Sent, "")
		awaitPaper(t, sim, paper)
	})
}

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]string{
		"serial:/dev/ttyUSB0": "serial:/dev/ttyUSB0", "serial:COM3@19200": "serial:COM3@19200", "usb:/dev/usb/lp0": "usb:/dev/usb/lp0",
		"tcp:192.168.1.50": "tcp:192.168.1.50:9100", "tcp:printer:9101": "tcp:printer:9101", "tcp:[fe80::1]": "tcp:[fe80::1]:9100", "tcp:[::1]:9": "tcp:[::1]:9",
		"": "", "tcp:": "", "lpt:1": "", "serial:COM3@fast": "", "serial:COM3@1": "", "tcp:a b": "", "tcp::9100": "", "tcp:a:0": "", "tcp:a:99999": "", "/dev/usb/lp0": "",
	} {
		got, err := printer.ParseTarget(in)
		switch {
		case want == "" && fault.CodeOf(err) != "printer.target":
			t.Errorf("%q: %v, %v", in, got, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}

// A path that is no device is not written to, whatever it holds.
func TestDeviceFileOnly(t *testing.T) {
	path := t.TempDir() + "/notes.txt"
	p := printer.New(printer.Params{Target: printer.Target{Kind: printer.DeviceFile, Address: path}, Clock: eager{}})
	if out, err := p.Print(t.Context(), []byte("x")); out != printer.Nothing || fault.CodeOf(err) != "printer.missing" {
		t.Errorf("%d, %v", out, err)
	}
	writeFile(t, path, "mine")
	if out, err := p.Print(t.Context(), []byte("x")); out != printer.Nothing || fault.CodeOf(err) != "printer.not_device" {
		t.Errorf("%d, %v", out, err)
	}
	if got := readFile(t, path); got != "mine" {
		t.Errorf("the file holds %q", got)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
