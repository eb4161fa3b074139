package pay

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"cashier/services/money"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// QRKey shows a QR code of ours. No scanner sends it, so that nothing that is
// scanned can begin a payment by it.
const QRKey = fyne.KeyF8

// lowRoom is the height below which the amount and the change are set smaller.
const lowRoom float32 = 600

// askView is the panel while it asks for a tender.
type askView struct {
	all      *fyne.Container
	body     *fyne.Container
	name     *canvas.Text
	due      *canvas.Text
	beside   *fyne.Container
	qr, back *widgets.Button
	backName string
	refused  *fyne.Container
	why      *widgets.Para
	cashHead *fyne.Container
	field    *widgets.Field
	notes    *fyne.Container
	changeIs *canvas.Text
	change   *canvas.Text
	finish   *widgets.Button
	scan     *fyne.Container
	hint     *widgets.Para
}

func (w *Panel) buildAsk() *fyne.Container {
	t, a := w.p.Text, &w.asking
	a.name = widgets.Text("", theme.Title, theme.Quiet)
	a.due = widgets.Bold("", theme.Huge, theme.Ink)
	a.qr = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.qr"), Key: string(QRKey), Icon: "qrcode", Look: widgets.Soft, Height: 64, Do: w.p.QR})
	a.backName = t.T("pay.back")
	a.back = widgets.NewButton(widgets.ButtonParams{Label: a.backName, Key: "Esc", Icon: "back", Height: 64, Do: w.p.Back})
	a.beside = widgets.Row(theme.S3, a.qr, widgets.Least(88, 0, a.back))
	top := widgets.Card(widgets.Inset(theme.S2, theme.S4, theme.S2, theme.S5,
		widgets.Row(theme.S3, widgets.Grow(widgets.Middle(widgets.Col(0, a.name, a.due))), widgets.Middle(a.beside))))
	a.why = widgets.NewPara("", theme.Body, theme.Danger, 2)
	a.refused = widgets.Block(theme.DangerSoft, theme.Radius, widgets.Pad(theme.S3,
		widgets.Row(theme.S3, widgets.Icon("warning", 26, theme.Danger), widgets.Grow(a.why))))
	cash := widgets.Card(widgets.Pad(theme.S4, widgets.Split(0.54, theme.S5, w.buildCash(), widgets.NewNumpad(true, w.press))))
	a.hint = widgets.NewPara("", theme.Body, theme.Ink, 2)
	a.scan = widgets.Block(theme.InfoSoft, theme.Radius+2, widgets.Inset(theme.S1, theme.S4, theme.S1, theme.S4,
		widgets.Row(theme.S4, widgets.Icon("scan", 40, theme.Info), widgets.Grow(widgets.Middle(a.hint)))))
	a.body = widgets.Col(theme.S3, top, a.refused, widgets.Grow(cash), a.scan)
	a.all = widgets.Fitted(w.fit, a.body)
	return a.all
}

func (w *Panel) buildCash() fyne.CanvasObject {
	t, a := w.p.Text, &w.asking
	a.field = widgets.NewField(t.T("pay.handed"), "", t.T("pay.handedHint"), theme.Total)
	a.notes = widgets.Col(theme.S2, widgets.Row(theme.S2), widgets.Row(theme.S2))
	for i, yuan := range quickNotes {
		if row, ok := a.notes.Objects[i/2].(*fyne.Container); ok {
			row.Add(widgets.Grow(widgets.NewButton(widgets.ButtonParams{
				Label: yuan, Key: string(quickKeys[i]), Size: theme.Title, Height: 48, Do: func() { w.note(yuan) },
			})))
		}
	}
	a.changeIs = widgets.Text(t.T("pay.change"), theme.Title, theme.Quiet)
	a.change = widgets.Right(widgets.Bold("", theme.Money, theme.Accent))
	a.finish = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.exact"), Key: "Enter", Icon: "cash", Look: widgets.Primary, Size: theme.Title, Height: 60, Do: w.enter})
	a.cashHead = widgets.Row(theme.S2, widgets.Icon("cash", 26, theme.Ink), widgets.Grow(widgets.Bold(t.T("pay.cash"), theme.Title, theme.Ink)))
	return widgets.Col(theme.S2, a.cashHead,
		widgets.Least(0, 60, a.field.Container), a.notes,
		widgets.Grow(widgets.Row(theme.S3, a.changeIs, widgets.Grow(a.change))), a.finish)
}

// quickNotes are the notes customers hand over, in yuan; tapping adds up.
var (
	quickNotes = []string{"10", "20", "50", "100"}
	quickKeys  = []fyne.KeyName{fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12}
)

// fit does without what is not needed where the room is small: first the
// heading, then the hint that a code may be scanned, last the notes, which can
// be typed.
func (w *Panel) fit(room fyne.Size) {
	a := &w.asking
	changed := a.resize(room)
	for _, c := range []*fyne.Container{a.refused, a.scan} { // whose sentences wrap to this width
		c.Resize(fyne.NewSize(room.Width, c.MinSize().Height))
	}
	spare := []*fyne.Container{a.cashHead, a.scan, a.notes}
	var was []bool
	for _, c := range spare {
		was = append(was, c.Hidden)
		c.Hidden = false
	}
	a.scan.Hidden = w.ask.Refused != "" // which says itself that another code may be scanned
	for _, c := range spare {
		if a.body.MinSize().Height > room.Height {
			c.Hidden = true
		}
	}
	for i, c := range spare {
		changed = changed || c.Hidden != was[i]
	}
	if changed {
		a.body.Refresh()
	}
}

// resize sets the amounts as large as there is room for, and reports whether
// that changed anything.
func (a *askView) resize(room fyne.Size) bool {
	low := room.Height < lowRoom
	name, change, back := theme.Title, widgets.MoneySize(a.change.Text), a.backName
	if low {
		name, change, back = theme.Small, theme.Total, ""
	}
	a.back.SetLabel(back)
	free := room.Width - a.beside.MinSize().Width - theme.S3 - theme.S4 - theme.S5
	due := theme.Title
	for _, size := range []float32{theme.Huge, theme.Money, theme.Total, theme.Heading} {
		if (!low || size < theme.Huge) && fyne.MeasureText(a.due.Text, size, a.due.TextStyle).Width <= free {
			due = size
			break
		}
	}
	if a.name.TextSize == name && a.due.TextSize == due && a.change.TextSize == change {
		return false
	}
	a.name.TextSize, a.due.TextSize, a.change.TextSize = name, due, change
	return true
}

// ShowAsk asks for a tender, with an empty amount of cash.
func (w *Panel) ShowAsk(ask Ask) {
	w.ask = ask
	w.cash.Set("")
	t, a := w.p.Text, &w.asking
	widgets.Put(a.due, ask.Due.String(), theme.Ink)
	name := t.T("pay.due")
	if ask.Paid > 0 {
		name += " · " + t.T("pay.parts", "total", ask.Total.String(), "paid", ask.Paid.String())
	}
	widgets.Put(a.name, name, theme.Quiet)
	a.refused.Hidden = ask.Refused == ""
	a.why.Set(ask.Refused, theme.Danger)
	w.show(asks)
	w.paint()
}

// Handed is the cash typed so far; ok is false where it is no amount.
func (w *Panel) Handed() (f money.Fen, ok bool) {
	if w.cash.Empty() {
		return 0, true
	}
	f, err := money.ParseFen(trimPoint(w.cash.Text()))
	return f, err == nil
}

func trimPoint(s string) string {
	if n := len(s); n > 0 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}

func (w *Panel) paint() {
	t, a := w.p.Text, &w.asking
	handed, ok := w.Handed()
	a.field.Show(w.cash.Text())
	exact := w.cash.Empty()
	switch {
	case exact:
		widgets.Put(a.changeIs, t.T("pay.change"), theme.Quiet)
		widgets.Put(a.change, money.Fen(0).String(), theme.Faint)
	case ok && handed < w.ask.Due:
		widgets.Put(a.changeIs, t.T("pay.short"), theme.Quiet)
		widgets.Put(a.change, (w.ask.Due - handed).String(), theme.Warning)
	case ok:
		widgets.Put(a.changeIs, t.T("pay.change"), theme.Quiet)
		widgets.Put(a.change, (handed - w.ask.Due).String(), theme.Accent)
	}
	label := t.T("pay.finish")
	if exact {
		label = t.T("pay.exact")
	}
	a.finish.SetLabel(label)
	a.finish.Enable(exact || ok && handed >= w.ask.Due)
	a.qr.Enable(ok && handed < w.ask.Due)
	hint := t.T("pay.scanHint", "amount", w.ask.Due.String())
	if !exact && ok && handed > 0 && handed < w.ask.Due {
		hint = t.T("pay.scanRest", "cash", handed.String(), "amount", (w.ask.Due - handed).String())
	}
	a.hint.Set(hint, theme.Ink)
	w.Refresh()
}

func (w *Panel) press(r rune) {
	w.cash.Press(r)
	w.paint()
}

// note adds a note to what was handed over.
func (w *Panel) note(yuan string) {
	n, err := money.ParseFen(yuan)
	handed, ok := w.Handed()
	if err != nil || !ok {
		return
	}
	w.cash.Set(plain(handed + n))
	w.paint()
}

// plain writes whole yuan without decimals, as one types them.
func plain(f money.Fen) string {
	s := f.Yuan()
	if f%100 == 0 {
		return s[:len(s)-3]
	}
	return s
}

func (w *Panel) enter() {
	handed, ok := w.Handed()
	if w.cash.Empty() {
		handed = w.ask.Due
	}
	if !ok {
		return
	}
	w.p.Cash(handed)
}
