package settings

import (
	"context"

	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// devices is what is known of what is plugged in.
type devices struct {
	asked  bool
	ports  []Port
	err    error
	cable  string // how the scanner's cable is, in words
	online bool
	last   Scan
	code   *widgets.Para
	as     *widgets.Para
	bytes  *widgets.Para
}

func (w *Panel) deviceGroups() []form.Group {
	t := w.t
	if !w.devices.asked && w.p.Services.Ports != nil {
		w.askPorts()
	}
	groups := w.fieldGroups(Devices)
	if len(groups) == 0 {
		return nil
	}
	g := &groups[0]
	g.Title = t.T("set.scanner")
	g.What = t.T("set.scanner.what")
	if w.p.Services.Ports != nil {
		g.Rows = append(g.Rows, w.portRow())
	}
	d := &w.devices
	d.code = widgets.NewPara("", theme.Heading, theme.Ink, 2).Strong()
	d.as = widgets.NewPara("", theme.Body, theme.Quiet, 3)
	d.bytes = widgets.NewPara("", theme.Small, theme.Quiet, 4)
	icon, role, soft := "scan", theme.Accent, theme.AccentSoft
	if !d.online {
		icon, role, soft = "unknown", theme.Warning, theme.WarningSoft
	}
	live := widgets.Row(theme.S4, container.NewVBox(widgets.Badge(icon, 72, role, soft)), widgets.Grow(form.Down(theme.S1, d.code, d.as, d.bytes)))
	w.paintScan()
	test := form.Group{Title: t.T("set.scanner.live"), What: d.cable, Over: live}
	return append(append([]form.Group{test}, groups...), form.Group{Over: w.drawn("printer", t.T("set.devices.more"), t.T("set.devices.more.what"))})
}

func (w *Panel) askPorts() {
	w.devices.asked = true
	w.p.Background(func(ctx context.Context) {
		ports, err := w.p.Services.Ports.Ports(ctx)
		w.p.Later(func() {
			w.devices.ports, w.devices.err = ports, err
			if w.Section() == Devices && w.loaded {
				w.show()
			}
		})
	})
}

// portRow lists what is plugged in, to be taken by a tap.
func (w *Panel) portRow() *form.Row {
	t := w.t
	var options []form.Option
	for _, p := range w.devices.ports {
		label := p.Name
		if p.Label != "" {
			label += "  " + p.Label
		}
		options = append(options, form.Option{Value: p.Name, Label: label})
	}
	p := form.RowParams{Label: t.T("set.ports"), What: t.T("set.ports.what")}
	options = append(options, form.Option{Value: "", Label: t.T("set.ports.off")})
	port := w.portField()
	r, _ := w.form.Choice(form.ChoiceParams{RowParams: p, Options: options, Value: w.value(port), OnChange: func(v string) {
		w.change(port, v)
		w.show()
	}})
	switch {
	case w.devices.err != nil:
		r.Say(form.Warns, t.Fault(w.devices.err))
	case len(w.devices.ports) == 0:
		r.Say(form.Plain, t.T("set.ports.none"))
	}
	return r
}

// portField is where the scanner's port is kept.
func (w *Panel) portField() (port Field) {
	for _, f := range w.p.Services.Store.Fields() {
		if f.Section == Devices && f.Kind == Text {
			return f
		}
	}
	return port
}

// Scanner says how the scanner's cable is.
func (w *Panel) Scanner(words string, online bool) {
	if w.devices.cable == words && w.devices.online == online {
		return
	}
	w.devices.cable, w.devices.online = words, online
	if w.loaded && w.Section() == Devices {
		w.show()
	}
}

// Scanned shows what the scanner sent.
func (w *Panel) Scanned(s Scan) {
	w.devices.last = s
	if w.Section() == Devices && w.devices.code != nil {
		w.paintScan()
		w.Refresh()
	}
}

func (w *Panel) paintScan() {
	d, t := &w.devices, w.t
	if d.last.At.IsZero() {
		d.code.Set(t.T("set.scanner.none"), theme.Quiet)
		d.as.Set(t.T("set.scanner.try"), theme.Quiet)
		d.bytes.Set("", theme.Quiet)
		return
	}
	role := theme.Ink
	if !d.last.OK {
		role = theme.Danger
	}
	d.code.Set(d.last.Code, role)
	d.as.Set(d.last.At.In(w.p.Zone).Format("15:04:05")+"   "+d.last.As, theme.Quiet)
	bytes := d.last.Bytes
	if bytes == "" {
		bytes = t.T("set.scanner.hidden")
	}
	d.bytes.Set(bytes, theme.Quiet)
}
