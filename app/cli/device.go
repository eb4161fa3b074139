package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"cashier/app"
	"cashier/app/settings"
	"cashier/hardware/display"
	"cashier/hardware/printer"
	"cashier/hardware/scale"
	"cashier/hardware/scanner"
	"cashier/hardware/serialport"
	"cashier/services/access"
	"cashier/services/fault"
)

// deviceKeys are the settings of a counter's devices, in the order of the list.
var deviceKeys = []struct{ name, key string }{
	{"scanner", "scanner.port"}, {"scale", "scale.port"}, {"printer", "printer.target"}, {"drawer", "drawer.via"}, {"display", "display.port"},
}

type portJSON struct {
	Path  string `json:"path"`
	Best  string `json:"best"` // the name to keep in the settings
	Label string `json:"label,omitempty"`
	USB   string `json:"usb,omitempty"`
}

type deviceJSON struct {
	Device string `json:"device"`
	At     string `json:"at,omitempty"`
	How    string `json:"how,omitempty"`
}

type protocolJSON struct {
	Protocol string `json:"protocol"`
	Scales   string `json:"scales"`
	Asked    bool   `json:"asked"` // says nothing unless asked
}

// deviceList shows what is set up, what is plugged in, and what scales can speak.
func deviceList(_ context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("device list"), 0); err != nil {
		return 0, err
	}
	s, err := c.settings()
	if err != nil {
		return 0, err
	}
	found, err := serialport.List()
	if err != nil {
		return 0, err
	}
	var out struct {
		Devices   []deviceJSON   `json:"devices"`
		Ports     []portJSON     `json:"ports"`
		Protocols []protocolJSON `json:"protocols"`
	}
	out.Ports = []portJSON{}
	for _, d := range deviceKeys {
		out.Devices = append(out.Devices, deviceJSON{d.name, s.Get(d.key), deviceHow(s, d.name)})
	}
	for _, p := range found {
		out.Ports = append(out.Ports, portJSON{p.Path, p.Best(), p.Label, p.USB})
	}
	for _, p := range scale.Protocols() {
		out.Protocols = append(out.Protocols, protocolJSON{p.Name, p.Title, p.Polled})
	}
	return Done, c.print(out, func(w io.Writer) {
		for _, d := range out.Devices {
			if d.At == "" {
				d.At = "not set up"
			}
			fmt.Fprintf(w, "%-8s %s %s\n", d.Device, d.At, d.How)
		}
		for _, p := range out.Ports {
			fmt.Fprintf(w, "port     %s %s %s\n", p.Best, p.Label, p.USB)
		}
		for _, p := range out.Protocols {
			fmt.Fprintf(w, "protocol %-12s %s\n", p.Protocol, p.Scales)
		}
	})
}

func deviceHow(s *settings.Settings, device string) string {
	if device == "scale" && s.Get("scale.port") != "" {
		return s.Get("scale.protocol")
	}
	if device == "printer" && s.Get("printer.target") != "" {
		return s.Get("printer.width") + " mm"
	}
	return ""
}

// deviceSettings are the settings with what the line overrides of them.
func (c *call) deviceSettings(set *flag.FlagSet, want int, overrides map[string]string) ([]string, *settings.Settings, error) {
	values := map[string]*string{}
	for name := range overrides {
		values[name] = set.String(name, "", "")
	}
	words, err := c.flags(set, want)
	if err != nil {
		return nil, nil, err
	}
	s, err := c.settings()
	if err != nil {
		return nil, nil, err
	}
	for name, v := range values {
		if *v == "" {
			continue
		}
		for key := range strings.SplitSeq(overrides[name], " ") {
			if err := s.Override(key, *v); err != nil {
				return nil, nil, err
			}
		}
	}
	return words, s, nil
}

// deviceWatch shows what a scanner or a scale sends, byte by byte and as it is
// understood, until --for is over or the command is stopped.
func deviceWatch(ctx context.Context, c *call) (int, error) {
	set := newFlags("device watch")
	long := set.Duration("for", 30*time.Second, "")
	words, s, err := c.deviceSettings(set, 1, map[string]string{"port": "scanner.port scale.port", "protocol": "scale.protocol", "baud": "scanner.baud scale.baud", "unit": "scale.unit"})
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithTimeout(ctx, *long)
	defer stop()
	lines := &liveLines{out: c.Out, json: c.json}
	switch words[0] {
	case "scale":
		return Done, watchScale(ctx, app.NewDeviceSetup(s), lines)
	case "scanner":
		return Done, watchScanner(ctx, s, lines)
	}
	return 0, usage("device watch takes scale or scanner, not %q", words[0])
}

// liveLines writes one line, or one document, for each thing that happens. It
// stops at the first that cannot be written.
type liveLines struct {
	mu   sync.Mutex
	out  io.Writer
	json bool
	err  error
}

type liveJSON struct {
	At    time.Time `json:"at"`
	Bytes string    `json:"bytes,omitempty"` // in hexadecimal
	Says  string    `json:"says,omitempty"`
	Code  string    `json:"code,omitempty"`
}

func (l *liveLines) write(v liveJSON) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if v.At = time.Now(); l.json {
		l.err = json.NewEncoder(l.out).Encode(v) // a line each, unlike other documents
		return
	}
	stamp := v.At.Format("15:04:05.000")
	switch {
	case v.Bytes != "":
		_, l.err = fmt.Fprintf(l.out, "%s  %s\n", stamp, v.Bytes)
	case v.Code != "":
		_, l.err = fmt.Fprintf(l.out, "%s  = %s (%s)\n", stamp, v.Says, v.Code)
	default:
		_, l.err = fmt.Fprintf(l.out, "%s  = %s\n", stamp, v.Says)
	}
}

func (l *liveLines) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func watchScale(ctx context.Context, counter app.DeviceSetup, lines *liveLines) error {
	p := counter.Scale()
	if p.Port == "" {
		return errNoPort("scale.port")
	}
	p.OnBytes = func(b []byte) { lines.write(liveJSON{Bytes: fmt.Sprintf("% x", b)}) }
	p.OnNews = func(n scale.News) { lines.write(liveJSON{Says: scaleWords(n), Code: fault.CodeOf(n.Err)}) }
	s, err := scale.Start(ctx, p)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return errors.Join(s.Close(), lines.failed())
}

func scaleWords(n scale.News) string {
	if n.Link != scale.Online {
		if n.Err == nil {
			return n.Link.String()
		}
		return n.Link.String() + ": " + n.Err.Error()
	}
	r := n.Reading
	switch {
	case n.Err != nil:
		return n.Err.Error()
	case r.Over:
		return "outside its range"
	}
	words := r.Net.KG() + " kg"
	for _, w := range []struct {
		on   bool
		word string
	}{{r.Tared, "net"}, {r.HasTare && r.Tare > 0, "tare " + r.Tare.KG() + " kg"}, {!n.Settled, "not settled"}, {n.Settled, "settled"}} {
		if w.on {
			words += ", " + w.word
		}
	}
	return words
}

func watchScanner(ctx context.Context, s *settings.Settings, lines *liveLines) error {
	port := s.Get("scanner.port")
	if port == "" {
		return errNoPort("scanner.port")
	}
	sc, err := scanner.Start(ctx, scanner.Params{
		Device: "scanner", Port: serialport.Params{Port: port, Baud: int(s.Int("scanner.baud"))},
		OnStatus: func(st serialport.Status) {
			line := liveJSON{Says: st.State.String(), Code: fault.CodeOf(st.Err)}
			if st.Err != nil {
				line.Says += ": " + st.Err.Error()
			}
			lines.write(line)
		},
	})
	if err != nil {
		return err
	}
	// A code may be somebody's money: its bytes are shown masked only.
	for scan := range sc.Scans() {
		lines.write(liveJSON{Says: fmt.Sprint(scan), Code: fault.CodeOf(scan.Err)})
	}
	return errors.Join(sc.Close(), lines.failed())
}

func errNoPort(key string) error {
	return fault.New(fault.Invalid, "device.not_set_up", "No port is set: give --port, or set {key}.", "key", key)
}

type testJSON struct {
	Device string `json:"device"`
	Result string `json:"result"`
	Grams  int64  `json:"grams,omitempty"`
}

// deviceTest tries one device out.
func deviceTest(ctx context.Context, c *call) (int, error) {
	set := newFlags("device test")
	long := set.Duration("for", 30*time.Second, "")
	words, s, err := c.deviceSettings(set, 1, map[string]string{
		"port": "scale.port display.port", "protocol": "scale.protocol", "unit": "scale.unit", "target": "printer.target", "width": "printer.width", "via": "drawer.via",
	})
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithTimeout(ctx, *long)
	defer stop()
	tests := map[string]func(context.Context, app.DeviceSetup) (testJSON, error){
		"printer": testPrinter, "drawer": testDrawer, "scale": testScale, "display": testDisplay,
	}
	test := tests[words[0]]
	if test == nil {
		return 0, usage("device test takes printer, drawer, scale or display, not %q", words[0])
	}
	if words[0] == "drawer" {
		if err := c.mayOpenDrawer(ctx); err != nil {
			return 0, err
		}
	}
	result, err := test(ctx, app.NewDeviceSetup(s))
	if err != nil {
		return 0, err
	}
	result.Device = words[0]
	return Done, c.print(result, func(w io.Writer) { fmt.Fprintln(w, result.Result) })
}

// mayOpenDrawer asks who opens the drawer without a sale, once there are staff,
// and writes it down before it opens.
func (c *call) mayOpenDrawer(ctx context.Context) error {
	if err := c.makeFolder(); err != nil {
		return err
	}
	t, err := c.folder(ctx, access.NoSale)
	if err != nil {
		return err
	}
	if t != nil {
		defer t.Close()
	}
	return c.noteChange(ctx, t, "drawer.open", app.DrawerSubject, "cashierctl device test")
}

func testPrinter(ctx context.Context, counter app.DeviceSetup) (testJSON, error) {
	p, err := counter.Printer()
	if err != nil {
		return testJSON{}, err
	}
	outcome, err := p.Print(ctx, counter.TestPage())
	if err != nil {
		return testJSON{}, err
	}
	if outcome == printer.Confirmed {
		return testJSON{Result: "The printer says that the test page is printed."}, nil
	}
	return testJSON{Result: "The test page was sent. Look at the paper: this printer was not asked (printer.status)."}, nil
}

func testDrawer(ctx context.Context, counter app.DeviceSetup) (testJSON, error) {
	p, err := counter.Printer()
	if err != nil && fault.CodeOf(err) != "printer.not_set_up" {
		return testJSON{}, err
	}
	d, err := counter.Drawer(p)
	if err != nil {
		return testJSON{}, err
	}
	return testJSON{Result: "The command was sent. Is the drawer open?"}, d.Open(ctx)
}

// once hands over the first of what happens.
func once[T any](to chan<- T, v T) {
	select {
	case to <- v:
	default:
	}
}

// testScale waits for one weight that could be sold by.
func testScale(ctx context.Context, counter app.DeviceSetup) (testJSON, error) {
	p := counter.Scale()
	if p.Port == "" {
		return testJSON{}, errNoPort("scale.port")
	}
	settled := make(chan scale.News, 1)
	p.OnNews = func(n scale.News) {
		if n.Settled {
			once(settled, n)
		}
	}
	s, err := scale.Start(ctx, p)
	if err != nil {
		return testJSON{}, err
	}
	defer func() { _ = s.Close() }()
	select {
	case n := <-settled:
		return testJSON{Result: n.Reading.Net.KG() + " kg. Is that what lies on the scale?", Grams: int64(n.Reading.Net)}, nil
	case <-ctx.Done():
	}
	n := s.Latest()
	if n.Err != nil {
		return testJSON{}, n.Err
	}
	return testJSON{}, fault.New(fault.Refused, "scale.not_settled", "No weight settled: {what}. Put something on the scale and let go of it.", "what", scaleWords(n))
}

func testDisplay(ctx context.Context, counter app.DeviceSetup) (testJSON, error) {
	online, tried := make(chan struct{}, 1), make(chan error, 1)
	d, err := counter.Display(ctx, display.Params{OnStatus: func(st serialport.Status) {
		if st.State == serialport.Online {
			once(online, struct{}{})
		} else if st.Err != nil {
			once(tried, st.Err)
		}
	}})
	if err != nil {
		return testJSON{}, err
	}
	defer func() { _ = d.Close() }()
	d.Show(display.Show{Lamp: display.Total, Amount: 12345})
	select {
	case <-online:
		return testJSON{Result: "Sent. Does the display show 123.45 as 合计?"}, nil
	case err := <-tried:
		return testJSON{}, err
	case <-ctx.Done():
		return testJSON{}, errNoPort("display.port")
	}
}
