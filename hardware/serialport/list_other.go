//go:build !linux && !windows

package serialport

import (
	"go.bug.st/serial"

	"cashier/services/fault"
)

// List names the machine's serial ports. It fails with "serial.list".
func List() ([]Info, error) {
	names, err := serial.GetPortsList()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "serial.list",
			"The list of serial ports could not be read. Type the port's name.")
	}
	ports := make([]Info, 0, len(names))
	for _, name := range names {
		ports = append(ports, Info{Path: name})
	}
	return ports, nil
}
