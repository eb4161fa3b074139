package printer_test

import (
	"testing"

	"cashier/hardware/printer"
	"cashier/hardware/printer/printersim"
)

func TestPrinterOnPTY(t *testing.T) {
	for _, kind := range []printer.Kind{printer.SerialPort, printer.DeviceFile} {
		for name, check := range conformance {
			t.Run(string(kind)+"/"+name, func(t *testing.T) {
				t.Parallel()
				sim, err := printersim.NewPTY(t.TempDir(), string(kind))
				must(t, err)
				check(t, newRig(t, sim, true))
			})
		}
	}
}
