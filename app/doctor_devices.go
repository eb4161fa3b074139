package app

import (
	"fmt"
	"os"

	"cashier/hardware/drawer"
	"cashier/hardware/printer"
	"cashier/services/fault"
)

// The doctor looks whether what is set up is there. It opens nothing: beside a
// running till that would take the device from it.

func (t *Till) checkScale() Check {
	const name = "scale"
	p := NewDeviceSetup(t.Settings).Scale()
	if p.Port == "" {
		return Check{name, Green, "No scale is set up (scale.port)."}
	}
	if gone(p.Port) {
		return Check{name, Red, fmt.Sprintf("The scale's port %s is not there: plug the scale in, or set scale.port.", p.Port)}
	}
	return Check{name, Green, p.Port + ", " + p.Protocol}
}

func (t *Till) checkPrinter() Check {
	const name = "printer"
	c := NewDeviceSetup(t.Settings)
	p, err := c.Printer()
	if _, derr := c.Drawer(p); derr != nil && fault.CodeOf(derr) != "drawer.not_set_up" {
		return Check{name, Red, "The cash drawer cannot be opened: " + derr.Error()}
	}
	if via, err := drawer.ParseVia(t.Settings.Get("drawer.via")); err == nil && via.Port != "" && gone(via.Port) {
		return Check{name, Red, fmt.Sprintf("The drawer's port %s is not there: plug it in, or set drawer.via.", via.Port)}
	}
	switch {
	case fault.CodeOf(err) == "printer.not_set_up":
		return Check{name, Green, "No receipt printer is set up (printer.target)."}
	case err != nil:
		return Check{name, Red, err.Error()}
	}
	target, err := printer.ParseTarget(t.Settings.Get("printer.target"))
	if err == nil && target.Kind != printer.Network && gone(target.Address) {
		return Check{name, Red, fmt.Sprintf("The printer's port %s is not there: switch the printer on, or set printer.target.", target.Address)}
	}
	return Check{name, Green, target.String()}
}

// gone reports that a port is certainly not there; Windows' ports are no files.
func gone(port string) bool {
	_, err := os.Stat(port)
	return err != nil && os.PathSeparator == '/'
}
