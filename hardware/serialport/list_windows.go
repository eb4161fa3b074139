package serialport

import (
	"strings"

	"go.bug.st/serial/enumerator"

	"cashier/services/fault"
)

// List names the machine's serial ports. It fails with "serial.list".
func List() ([]Info, error) {
	found, err := enumerator.GetDetailedPortsList()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "serial.list",
			"The list of serial ports could not be read. Type the port's name, such as COM3.")
	}
	ports := make([]Info, 0, len(found))
	for _, f := range found {
		info := Info{Path: f.Name, Label: f.Product}
		if f.IsUSB {
			info.USB = strings.ToLower(f.VID + ":" + f.PID)
		}
		ports = append(ports, info)
	}
	return ports, nil
}
