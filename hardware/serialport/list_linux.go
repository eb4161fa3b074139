package serialport

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cashier/services/fault"
)

// List names the machine's serial ports, by path. It opens none: opening moves
// the control lines, and a port in use would drop out of the list.
// It fails with "serial.list".
func List() ([]Info, error) { return list("/") }

// list looks below root, as /sys and /dev are found there.
func list(root string) ([]Info, error) {
	ttys, err := os.ReadDir(filepath.Join(root, "sys/class/tty"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.Internal, "serial.list",
			"The list of serial ports could not be read. Type the port's name.")
	}
	stable := stableNames(root)
	var ports []Info
	for _, tty := range ttys {
		sys := filepath.Join(root, "sys/class/tty", tty.Name())
		if !isDevice(sys) {
			continue
		}
		path := filepath.Join("/dev", tty.Name())
		info := Info{Path: path, Stable: stable[path]}
		info.USB, info.Label = usb(sys)
		ports = append(ports, info)
	}
	slices.SortFunc(ports, func(a, b Info) int { return strings.Compare(a.Path, b.Path) })
	return ports, nil
}

// isDevice tells real ports from virtual consoles, which have no device, and
// from the sockets for UARTs that are not fitted, whose type is 0.
func isDevice(sys string) bool {
	if _, err := os.Stat(filepath.Join(sys, "device")); err != nil {
		return false
	}
	uart, err := os.ReadFile(filepath.Join(sys, "type"))
	return err != nil || strings.TrimSpace(string(uart)) != "0"
}

// usb climbs from a port to the USB device that carries it: one level up for an
// ACM device, two for an adapter.
func usb(sys string) (id, label string) {
	dir, err := filepath.EvalSymlinks(filepath.Join(sys, "device"))
	if err != nil {
		return "", ""
	}
	for range 3 {
		if vendor := read(dir, "idVendor"); vendor != "" {
			label = strings.TrimSpace(read(dir, "manufacturer") + " " + read(dir, "product"))
			return vendor + ":" + read(dir, "idProduct"), label
		}
		dir = filepath.Dir(dir)
	}
	return "", ""
}

// stableNames maps device paths to the links udev makes from serial numbers.
func stableNames(root string) map[string]string {
	const byID = "/dev/serial/by-id"
	names := make(map[string]string)
	links, err := os.ReadDir(filepath.Join(root, byID))
	if err != nil {
		return names // no USB port, or no udev
	}
	for _, link := range links {
		target, err := os.Readlink(filepath.Join(root, byID, link.Name()))
		if err == nil && !filepath.IsAbs(target) {
			names[filepath.Join(byID, target)] = filepath.Join(byID, link.Name())
		}
	}
	return names
}

func read(dir, file string) string {
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
