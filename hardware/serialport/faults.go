package serialport

import (
	"errors"
	"io/fs"
	"runtime"
	"syscall"

	"go.bug.st/serial"

	"cashier/services/fault"
)

// openFault says in a person's words why a port did not open.
func openFault(port string, err error) error {
	code := serial.PortErrorCode(-1)
	var pe *serial.PortError
	if errors.As(err, &pe) {
		code = pe.Code()
	}
	switch {
	case code == serial.PortNotFound, errors.Is(err, fs.ErrNotExist),
		errors.Is(err, syscall.ENXIO), errors.Is(err, syscall.ENODEV):
		return fault.Wrap(err, fault.Unreachable, "serial.missing",
			"There is no device at {port}. Plug it in, or choose another port in the settings.", "port", port)
	case code == serial.PermissionDenied, errors.Is(err, fs.ErrPermission):
		return denied(port, err)
	case code == serial.PortBusy, errors.Is(err, syscall.EBUSY):
		return fault.Wrap(err, fault.Busy, "serial.busy",
			"Another program is using {port}. Close it, or choose another port in the settings.", "port", port)
	case code == serial.InvalidSpeed, code == serial.InvalidDataBits,
		code == serial.InvalidParity, code == serial.InvalidStopBits:
		return settingsFault(port, err)
	case code == serial.InvalidSerialPort, errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR):
		return fault.Wrap(err, fault.Invalid, "serial.not_serial",
			"{port} is not a serial port. Choose another port in the settings.", "port", port)
	}
	return fault.Wrap(err, fault.Internal, "serial.failed",
		"The port {port} did not open. Unplug the device and plug it in again.", "port", port)
}

func denied(port string, err error) error {
	message := "This user may not open {port}. Choose another port, or run the till as a user who may."
	if runtime.GOOS == "linux" {
		message = "This user may not open {port}. Add the user to the group dialout (sudo usermod -aG dialout USER), log in again, or choose another port."
	}
	return fault.Wrap(err, fault.Denied, "serial.denied", message, "port", port)
}

// goneFault is what every failed Read and Write becomes. A driver's own word
// for an unplugged device differs by system and even by moment.
func goneFault(port string, err error) error {
	return fault.Wrap(err, fault.Unreachable, "serial.gone",
		"The device at {port} is no longer connected. Check its cable; it is found again by itself.", "port", port)
}

func stuckFault(port string) error {
	return fault.New(fault.Unknown, "serial.write_stuck",
		"The device at {port} takes no more data. Switch it off and on again.", "port", port)
}

func closedFault(port string) error {
	return fault.New(fault.Unreachable, "serial.closed", "The connection to {port} was closed by the till.", "port", port)
}
