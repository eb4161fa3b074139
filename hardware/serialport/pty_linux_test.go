package serialport_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cashier/hardware/serialport"
	"cashier/hardware/serialport/pty"
	"cashier/services/fault"
)

func ptyRig(t *testing.T) rig {
	t.Helper()
	pair, err := pty.Open(filepath.Join(t.TempDir(), "ttyUSB0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pair.Close(); err != nil {
			t.Error(err)
		}
	})
	return rig{
		opener: serialport.System{},
		params: serialport.Params{Port: pair.Path(), ReadTimeout: 50 * time.Millisecond},
		device: pair,
		unplug: pair.Unplug,
		written: func(n int) []byte {
			b := make([]byte, n)
			if _, err := io.ReadFull(pair, b); err != nil {
				t.Error(err)
			}
			return b
		},
	}
}

func TestConnOnPTY(t *testing.T) {
	for name, check := range conformance {
		t.Run(name, func(t *testing.T) { check(t, ptyRig(t)) })
	}
}

func TestOpenWhatIsNoPort(t *testing.T) {
	file := filepath.Join(t.TempDir(), "receipt.txt")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file:               "serial.not_serial",
		file + "/x":        "serial.not_serial",
		filepath.Dir(file): "serial.not_serial",
		"/dev/null":        "serial.not_serial",
		file + ".missing":  "serial.missing",
	} {
		_, err := serialport.System{}.Open(t.Context(), serialport.Params{Port: path})
		if fault.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

func TestOpenWhatBelongsToOthers(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may open everything, and twice")
	}
	r := ptyRig(t)
	open(t, r)
	if _, err := r.opener.Open(t.Context(), r.params); fault.CodeOf(err) != "serial.busy" {
		t.Errorf("second open: %v", err)
	}
	locked := filepath.Join(t.TempDir(), "ttyUSB1")
	if err := os.WriteFile(locked, nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := r.opener.Open(t.Context(), serialport.Params{Port: locked}); fault.CodeOf(err) != "serial.denied" {
		t.Errorf("no permission: %v", err)
	}
}

func TestPTYKeepsItsName(t *testing.T) {
	link := filepath.Join(t.TempDir(), "ttyUSB0")
	if err := os.Symlink("/nowhere", link); err != nil { // left by a crash
		t.Fatal(err)
	}
	pair, err := pty.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := pair.Replug(); err != nil { // while plugged in: nothing
			t.Fatal(err)
		}
		if _, err := os.Stat(link); err != nil || pair.Path() != link {
			t.Fatalf("plugged in: %v", err)
		}
		if err := pair.Unplug(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(link); !os.IsNotExist(err) {
			t.Fatalf("unplugged: %v", err)
		}
		if _, err := pair.Write([]byte("x")); !errors.Is(err, pty.ErrUnplugged) {
			t.Fatalf("write while unplugged: %v", err)
		}
		if err := pair.Replug(); err != nil {
			t.Fatal(err)
		}
	}
	if err := pair.Close(); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(link, []byte("somebody's file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pty.Open(link); err == nil {
		t.Error("a file was replaced by a port")
	}
}
