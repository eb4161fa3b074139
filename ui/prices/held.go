package prices

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// askHeld shows what the last delivery of HQ's would have done to prices and was
// not let do: a manager's eye has to fall on it first.
func (w *Page) askHeld() {
	w.keepTyped()
	t, held := w.t, w.p.Desk.Held()
	if len(held) == 0 {
		w.p.Host.Inform(t.T("desk.noneHeld"))
		return
	}
	var sheet *widgets.Sheet
	rows := widgets.Col(theme.S2)
	accepted := 0
	for _, h := range held {
		icon, role := "close", theme.Danger
		if h.Acceptable {
			icon, role = "warning", theme.Warning
			accepted++
		}
		rows.Add(widgets.Row(theme.S3, widgets.Icon(icon, 22, role), widgets.Grow(widgets.Col(0,
			widgets.NewPara(h.Code+"  "+h.Name, theme.Body, theme.Ink, 1),
			widgets.NewPara(t.Fault(h.Why), theme.Small, theme.Quiet, 3)))))
	}
	why := widgets.NewEntry(widgets.EntryParams{Hint: t.T("desk.heldWhy"), Wedge: w.p.Wedge, Keys: w.p.Host, OnScan: func(string) {}, OnEsc: func() { w.p.Host.Shut(sheet) }})
	do := func() {
		reason := strings.TrimSpace(why.Text)
		if reason == "" || accepted == 0 {
			return
		}
		w.p.Host.Shut(sheet)
		w.run(t.T("desk.accepting"), func(c ctx, _ *work) error { return w.p.Desk.Accept(c, reason) }, func() {
			w.p.Host.Inform(t.T("desk.accepted", "n", accepted))
			w.afterwards()
		})
	}
	ok := widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.heldAccept", "n", accepted), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: do})
	ok.Enable(false)
	why.OnChanged = func(s string) { ok.Enable(strings.TrimSpace(s) != "" && accepted > 0) }
	body := widgets.Col(theme.S3, widgets.NewPara(t.T("desk.heldWhat"), theme.Body, theme.Quiet, 3),
		widgets.Grow(container.NewVScroll(widgets.Inset(0, theme.S4, 0, 0, rows))))
	if accepted > 0 {
		body.Add(why)
		body.Add(ok)
	}
	sheet = &widgets.Sheet{Title: t.T("desk.held"), Width: 900, Height: 620, Body: body, OnKey: func(k fyne.KeyName) {
		if k == fyne.KeyReturn || k == fyne.KeyEnter {
			do()
		}
	}}
	if accepted > 0 {
		sheet.Text = why
	}
	w.p.Host.Lift(sheet)
}
