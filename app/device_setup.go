package app

import (
	"context"
	"strings"

	"cashier/app/settings"
	"cashier/hardware/display"
	"cashier/hardware/drawer"
	"cashier/hardware/printer"
	"cashier/hardware/scale"
	"cashier/hardware/serialport"
	"cashier/services/fault"
	"cashier/services/receipt"
)

// DeviceSetup makes the devices of a counter from its settings. It keeps nothing and
// opens nothing by itself.
type DeviceSetup struct{ s *settings.Settings }

// NewDeviceSetup takes the settings as they are when a device is made.
func NewDeviceSetup(s *settings.Settings) DeviceSetup { return DeviceSetup{s} }

// Scale are the parameters of the scale; an empty Port is no scale.
func (c DeviceSetup) Scale() scale.Params {
	return scale.Params{
		Port: c.s.Get("scale.port"), Protocol: c.s.Get("scale.protocol"), Unit: c.s.Get("scale.unit"), Baud: int(c.s.Int("scale.baud")),
	}
}

// Printer is the receipt printer, or why there is none: "printer.not_set_up",
// "printer.target".
func (c DeviceSetup) Printer() (*printer.Printer, error) {
	target := c.s.Get("printer.target")
	if target == "" {
		return nil, fault.New(fault.Invalid, "printer.not_set_up", "No receipt printer is set up: set printer.target, such as usb:/dev/usb/lp0 or tcp:192.168.1.50:9100.")
	}
	t, err := printer.ParseTarget(target)
	if err != nil {
		return nil, err
	}
	return printer.New(printer.Params{Target: t, Ask: c.s.Get("printer.status") == "on"}), nil
}

// Paper is how a document is rendered for the printer.
func (c DeviceSetup) Paper() printer.Paper {
	p := printer.Paper{Columns: receipt.Narrow, PictureQR: c.s.Get("printer.qr") == "picture"}
	if c.s.Get("printer.width") == "80" {
		p.Columns = receipt.Wide
	}
	return p
}

// Drawer is the cash drawer, which may hang on the printer p, or why there is
// none: "drawer.not_set_up", "drawer.via", "printer.not_set_up".
func (c DeviceSetup) Drawer(p *printer.Printer) (drawer.Drawer, error) {
	via, err := drawer.ParseVia(c.s.Get("drawer.via"))
	switch {
	case err != nil:
		return nil, err
	case via.Port != "":
		return drawer.NewSerial(serialport.Params{Port: via.Port}, nil, nil)
	case !via.Printer:
		return nil, fault.New(fault.Invalid, "drawer.not_set_up", "No cash drawer is set up: set drawer.via to printer, or to serial: and its port.")
	case p == nil:
		_, err := c.Printer()
		return nil, err
	}
	return drawer.AtPrinter(p), nil
}

// Display is the customer's display, started; without a port it shows nothing.
func (c DeviceSetup) Display(ctx context.Context, p display.Params) (*display.Serial, error) {
	p.Port, p.Baud = c.s.Get("display.port"), int(c.s.Int("display.baud"))
	return display.Start(ctx, p)
}

// Receipt is what the settings say of a receipt.
func (c DeviceSetup) Receipt() receipt.Params {
	p := receipt.Params{Shop: c.s.Get("shop.name"), Head: split(c.s.Get("receipt.head")), Foot: split(c.s.Get("receipt.foot")), Lang: c.s.Get("receipt.lang")}
	if p.Lang == "" {
		p.Lang = c.s.Get("look.lang")
	}
	return p
}

func split(lines string) []string {
	if lines == "" {
		return nil
	}
	return strings.Split(lines, "|")
}

// TestPage shows on paper whether width, characters, code and knife are right.
func (c DeviceSetup) TestPage() []byte {
	return printer.Render(receipt.Doc{
		receipt.Text{Text: "收银台 cashier", Align: receipt.Centre, Bold: true, Big: true},
		receipt.Text{Text: c.s.Get("shop.name"), Align: receipt.Centre},
		receipt.Rule{},
		receipt.Pair{Left: "左 left", Right: "右 right"},
		receipt.Pair{Left: "汉字：鲜果园 苹果 ￥12.30", Right: "8.79"},
		receipt.Text{Text: "0123456789012345678901234567890123456789"[:min(40, c.Paper().Columns)]},
		receipt.Rule{},
		receipt.QR{Data: "cashier test page"},
		receipt.Text{Text: "测试页，不是小票 Test page, not a receipt", Align: receipt.Centre},
		receipt.Feed{Rows: 1},
		receipt.Cut{},
	}, c.Paper())
}
