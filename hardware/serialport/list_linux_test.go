package serialport

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestList lays out /sys and /dev as Linux does for a fitted and an unfitted
// UART, a CH340 adapter, a USB-COM scanner and a virtual console.
func TestList(t *testing.T) {
	root := t.TempDir()
	file := func(path, text string) {
		path = filepath.Join(root, path)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	}
	link := func(target, path string) {
		path = filepath.Join(root, path)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.Symlink(target, path))
	}
	const usb1, usb2 = "sys/devices/usb1/1-1", "sys/devices/usb1/1-2"
	file(usb1+"/idVendor", "1a86\n")
	file(usb1+"/idProduct", "7523\n")
	file(usb1+"/product", "USB Serial\n")
	file(usb1+"/1-1:1.0/ttyUSB0/port_number", "0\n")
	file(usb2+"/idVendor", "0c2e\n")
	file(usb2+"/idProduct", "0b6a\n")
	file(usb2+"/manufacturer", "Honeywell\n")
	file(usb2+"/product", "Xenon\n")
	file(usb2+"/1-2:1.0/interface", "")
	file("sys/class/tty/tty1/active", "")
	file("sys/class/tty/ttyS0/type", "4\n")
	file("sys/class/tty/ttyS0/device/id", "")
	file("sys/class/tty/ttyS1/type", "0\n")
	file("sys/class/tty/ttyS1/device/id", "")
	link("../../../devices/usb1/1-1/1-1:1.0/ttyUSB0", "sys/class/tty/ttyUSB0/device")
	link("../../../devices/usb1/1-2/1-2:1.0", "sys/class/tty/ttyACM0/device")
	link("../../ttyACM0", "dev/serial/by-id/usb-Honeywell_Xenon_123-if00")

	got, err := list(root)
	must(t, err)
	want := []Info{
		{Path: "/dev/ttyACM0", Stable: "/dev/serial/by-id/usb-Honeywell_Xenon_123-if00", Label: "Honeywell Xenon", USB: "0c2e:0b6a"},
		{Path: "/dev/ttyS0"},
		{Path: "/dev/ttyUSB0", Label: "USB Serial", USB: "1a86:7523"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got[0].Best() != want[0].Stable || got[1].Best() != "/dev/ttyS0" {
		t.Errorf("best names %q, %q", got[0].Best(), got[1].Best())
	}
	if got, err := list(t.TempDir()); err != nil || len(got) != 0 {
		t.Errorf("without sysfs: %v, %v", got, err)
	}
	if _, err := List(); err != nil {
		t.Errorf("this machine's ports: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
