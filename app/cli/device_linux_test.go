package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cashier/hardware/display/displaysim"
	"cashier/hardware/printer/printersim"
	"cashier/hardware/scale/scalesim"
	"cashier/hardware/scanner/scannersim"
)

// bare is a folder without stand-ins: devices need neither books nor network.
func bare(t *testing.T) *rig {
	t.Helper()
	return &rig{t: t, dir: filepath.Join(t.TempDir(), "till")}
}

func TestDeviceList(t *testing.T) {
	r := bare(t)
	r.want(Done, r.run("", "config", "set", "scale.port", "/dev/ttyUSB1"))
	r.want(Done, r.run("", "device", "list"), "scale    /dev/ttyUSB1 os2", "printer  not set up", "yousheng-1", "protocol toledo-8217")
	var got struct {
		Devices   []deviceJSON
		Ports     []portJSON
		Protocols []protocolJSON
	}
	if err := json.Unmarshal([]byte(r.want(Done, r.run("", "--json", "device", "list")).out), &got); err != nil || len(got.Devices) != 5 || len(got.Protocols) < 11 || got.Ports == nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got.Devices[1] != (deviceJSON{"scale", "/dev/ttyUSB1", "os2"}) {
		t.Errorf("%+v", got.Devices)
	}
}

func TestDeviceTestPrinterAndDrawer(t *testing.T) {
	r := bare(t)
	sim, err := printersim.NewTCP()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	r.want(RefusedExit, r.run("", "device", "test", "printer"), "printer.target")
	r.want(RefusedExit, r.run("", "device", "test", "drawer"), "drawer.via")
	r.want(Done, r.run("", "config", "set", "printer.target", sim.Target()))
	r.want(Done, r.run("", "config", "set", "shop.name", "鲜果园"))
	r.want(Done, r.run("", "device", "test", "printer", "--width", "80"), "Look at the paper")
	r.want(Done, r.run("", "device", "test", "drawer", "--via", "printer"), "Is the drawer open?")
	r.want(Done, r.run("", "config", "set", "printer.status", "on"))
	r.want(Done, r.run("", "--json", "device", "test", "printer"), `"result": "The printer says that the test page is printed."`)
	paper := sim.Paper()
	for _, want := range []string{"鲜果园", "0123456789012345678901234567890123456789\n", "[qr cashier test page]", "[kick]", "[cut]"} {
		if !strings.Contains(paper, want) {
			t.Errorf("no %q on\n%s", want, paper)
		}
	}
	sim.PaperOut(true)
	r.want(NotReached, r.run("", "device", "test", "printer"), "out of paper")
	r.want(RefusedExit, r.run("", "device", "test", "printer", "--target", "lpt:1"), "names no printer")
	r.want(Usage, r.run("", "device", "test", "kettle"))
	r.want(Usage, r.run("", "device", "test"))
}

func TestDeviceTestScale(t *testing.T) {
	r := bare(t)
	sim, err := scalesim.New(t.TempDir(), "toledo")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	r.want(RefusedExit, r.run("", "device", "test", "scale"), "scale.port")
	sim.Put(1234)
	r.want(Done, r.run("", "device", "test", "scale", "--port", sim.Path(), "--protocol", "toledo"), "1.234 kg")
	sim.Put(0)
	r.want(RefusedExit, r.run("", "device", "test", "scale", "--port", sim.Path(), "--protocol", "toledo", "--for", "1s"), "No weight settled: 0.000 kg")
	r.want(NotReached, r.run("", "device", "test", "scale", "--port", sim.Path(), "--protocol", "os2", "--for", "3s"), "nothing that a os2 scale sends")
	r.want(RefusedExit, r.run("", "device", "test", "scale", "--port", sim.Path(), "--protocol", "dahua"), "scale.protocol")
}

func TestDeviceTestDisplay(t *testing.T) {
	r := bare(t)
	sim, err := displaysim.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	r.want(Done, r.run("", "device", "test", "display", "--port", sim.Path()), "123.45")
	for {
		changed := sim.Changed()
		if text, lamps := sim.Text(); text == "123.45" && lamps == "0100" {
			break
		}
		<-changed
	}
	r.want(NotReached, r.run("", "device", "test", "display", "--port", filepath.Join(t.TempDir(), "none")), "There is no device")
}

// live runs a command until it has said all of these.
func live(t *testing.T, r *rig, says []string, do func(), args ...string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	out := &stopWhen{says: says, stop: stop}
	go do()
	code := Run(ctx, append([]string{"--data", r.dir}, args...), IO{In: strings.NewReader(""), Out: out, Err: &bytes.Buffer{}}, Options{})
	if code != Done || len(out.says) > 0 {
		t.Errorf("exit %d, did not say %q in\n%s", code, out.says, out.text.String())
	}
}

type stopWhen struct {
	says []string
	text bytes.Buffer
	stop func()
}

func (s *stopWhen) Write(p []byte) (int, error) {
	s.text.Write(p)
	for len(s.says) > 0 && strings.Contains(s.text.String(), s.says[0]) {
		if s.says = s.says[1:]; len(s.says) == 0 {
			s.stop()
		}
	}
	return len(p), nil
}

func TestDeviceWatch(t *testing.T) {
	r := bare(t)
	scale, err := scalesim.New(t.TempDir(), "yousheng")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = scale.Close() }()
	live(t, r, []string{"ff 43 34 12 00 00", "1.234 kg, settled"}, func() { scale.Put(1234) }, "device", "watch", "scale", "--port", scale.Path(), "--protocol", "yousheng")

	live(t, r, []string{`"bytes":"ff 43 00 00`, `"says":"0.000 kg, not settled"}` + "\n"}, func() { scale.Put(0) }, "--json", "device", "watch", "scale", "--port", scale.Path(), "--protocol", "yousheng")

	scanner, err := scannersim.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = scanner.Close() }()
	live(t, r, []string{"online", "13****6789"}, func() { _ = scanner.Scan("134567890123456789") }, "device", "watch", "scanner", "--port", scanner.Path())
	r.want(Usage, r.run("", "device", "watch", "printer"))
	r.want(RefusedExit, r.run("", "device", "watch", "scanner"), "scanner.port")
}
