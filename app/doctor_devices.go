package app

import (
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
		return said(name, Green, "doctor.scale_unset", "No scale is set up (scale.port).")
	}
	if gone(p.Port) {
		return said(name, Red, "doctor.scale_gone", "The scale's port {port} is not there: plug the scale in, or set scale.port.", "port", p.Port)
	}
	return Check{Name: name, State: Green, Reason: p.Port + ", " + p.Protocol}
}

func (t *Till) checkPrinter() Check {
	const name = "printer"
	c := NewDeviceSetup(t.Settings)
	p, err := c.Printer()
	if _, derr := c.Drawer(p); derr != nil && fault.CodeOf(derr) != "drawer.not_set_up" {
		return bad(name, Red, derr)
	}
	if via, err := drawer.ParseVia(t.Settings.Get("drawer.via")); err == nil && via.Port != "" && gone(via.Port) {
		return said(name, Red, "doctor.drawer_gone", "The drawer's port {port} is not there: plug it in, or set drawer.via.", "port", via.Port)
	}
	switch {
	case fault.CodeOf(err) == "printer.not_set_up":
		return said(name, Green, "doctor.printer_unset", "No receipt printer is set up (printer.target).")
	case err != nil:
		return bad(name, Red, err)
	}
	target, err := printer.ParseTarget(t.Settings.Get("printer.target"))
	if err == nil && target.Kind != printer.Network && gone(target.Address) {
		return said(name, Red, "doctor.printer_gone", "The printer's port {port} is not there: switch the printer on, or set printer.target.", "port", target.Address)
	}
	return Check{Name: name, State: Green, Reason: target.String()}
}

// gone reports that a port is certainly not there; Windows' ports are no files.
func gone(port string) bool {
	_, err := os.Stat(port)
	return err != nil && os.PathSeparator == '/'
}
