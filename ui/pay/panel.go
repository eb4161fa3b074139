package pay

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Panel. All are required.
type Params struct {
	Text   *text.Texts
	Cash   func(handed money.Fen) // take cash: all of what is due
	Back   func()                 // leave without paying
	Keep   func()                 // 继续等待
	Cancel func()                 // 取消收款
}

// Ask is what the panel shows while the customer has yet to pay.
type Ask struct {
	Total   money.Fen
	Paid    money.Fen // proven so far
	Due     money.Fen
	Refused string // why the last payment did not happen; "" if none was tried
}

// Working is what the panel shows while a payment is on its way.
type Working struct {
	State      checkout.State
	Amount     money.Fen
	Seconds    int // since the payment began
	Cancelling bool
	Kept       bool // the cashier chose to go on waiting
}

// When the screen says more than "paying", and when it offers a way out.
const (
	ConfirmFrom = 3
	ButtonsFrom = 10
)

// Panel is the left of the screen while a sale is paid.
type Panel struct {
	fyne.CanvasObject
	p       Params
	ask     Ask
	working bool
	buttons bool
	cash    widgets.Number

	due      *canvas.Text
	parts    *canvas.Text
	cashHead fyne.CanvasObject
	refused  *fyne.Container
	refusedT *widgets.Para
	scan     fyne.CanvasObject
	field    *widgets.Field
	changeIs *canvas.Text
	change   *canvas.Text
	finish   *widgets.Button
	hint     *widgets.Para

	askView, workView *fyne.Container
	seconds, amount   *canvas.Text
	state, what       *widgets.Para
	keep, cancel      *widgets.Button
	choices           *fyne.Container
}

// New makes a panel.
func New(p Params) (*Panel, error) {
	if p.Text == nil || p.Cash == nil || p.Back == nil || p.Keep == nil || p.Cancel == nil {
		return nil, errors.New("ui/pay: all of Params are required")
	}
	w := &Panel{p: p, cash: widgets.Number{Decimals: 2, Digits: 7}}
	w.askView = w.buildAsk()
	w.workView = w.buildWorking()
	w.CanvasObject = container.NewStack(w.askView, w.workView)
	w.ShowAsk(Ask{})
	return w, nil
}

func (w *Panel) buildAsk() *fyne.Container {
	t := w.p.Text
	w.due = widgets.Bold("", theme.Huge, theme.Ink)
	w.parts = widgets.Text("", theme.Body, theme.Quiet)
	w.refusedT = widgets.NewPara("", theme.Body, theme.Danger, 2)
	w.refused = widgets.Block(theme.DangerSoft, theme.Radius, widgets.Pad(theme.S3,
		widgets.Row(theme.S3, widgets.Icon("warning", 26, theme.Danger), widgets.Grow(w.refusedT))))
	head := widgets.Row(theme.S3,
		widgets.Grow(widgets.Text(t.T("pay.due"), theme.Title, theme.Quiet)),
		widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.back"), Key: "Esc", Icon: "back", Do: w.p.Back}))
	top := widgets.Card(widgets.Inset(theme.S4, theme.S5, theme.S4, theme.S5, widgets.Col(0, head,
		widgets.Row(theme.S4, w.due, widgets.Grow(widgets.Col(0, widgets.Space(), w.parts, widgets.Gap(theme.S3)))))))
	cash := widgets.Card(widgets.Pad(theme.S4, widgets.Split(0.54, theme.S5, w.buildCash(), widgets.NewNumpad(true, w.press))))
	w.hint = widgets.NewPara("", theme.Body, theme.Ink, 2)
	w.scan = widgets.Block(theme.InfoSoft, theme.Radius+2, widgets.Inset(theme.S3, theme.S4, theme.S3, theme.S4,
		widgets.Row(theme.S4, widgets.Icon("qrcode", 40, theme.Info), widgets.Grow(widgets.Middle(w.hint)))))
	return widgets.Col(theme.S3, top, w.refused, widgets.Grow(cash), w.scan)
}

func (w *Panel) buildCash() fyne.CanvasObject {
	t := w.p.Text
	w.field = widgets.NewField(t.T("pay.handed"), "", t.T("pay.handedHint"), theme.Total)
	quick := widgets.Col(theme.S2, widgets.Row(theme.S2), widgets.Row(theme.S2))
	for i, yuan := range quickNotes {
		if row, ok := quick.Objects[i/2].(*fyne.Container); ok {
			row.Add(widgets.Grow(widgets.NewButton(widgets.ButtonParams{
				Label: yuan, Key: quickKeys[i].shown, Size: theme.Title, Height: 48, Do: func() { w.note(yuan) },
			})))
		}
	}
	w.changeIs = widgets.Text(t.T("pay.change"), theme.Title, theme.Quiet)
	w.change = widgets.Right(widgets.Bold("", theme.Money, theme.Accent))
	w.finish = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.exact"), Key: "Enter", Icon: "cash", Look: widgets.Primary, Size: theme.Title, Height: 64, Do: w.enter})
	w.cashHead = widgets.Row(theme.S2, widgets.Icon("cash", 26, theme.Ink), widgets.Grow(widgets.Bold(t.T("pay.cash"), theme.Title, theme.Ink)))
	return widgets.Col(theme.S3, w.cashHead,
		widgets.Least(0, 68, w.field.Container), quick,
		widgets.Grow(widgets.Row(theme.S3, w.changeIs, widgets.Grow(w.change))), w.finish)
}

// quickNotes are the notes customers hand over, in yuan; tapping adds up.
var (
	quickNotes = []string{"10", "20", "50", "100"}
	quickKeys  = []struct {
		name  fyne.KeyName
		shown string
	}{{fyne.KeyF9, "F9"}, {fyne.KeyF10, "F10"}, {fyne.KeyF11, "F11"}, {fyne.KeyF12, "F12"}}
)

func (w *Panel) buildWorking() *fyne.Container {
	t := w.p.Text
	w.seconds = widgets.Centred(widgets.Bold("", theme.Total, theme.Info))
	ring := canvas.NewCircle(theme.C(theme.InfoSoft))
	ring.StrokeColor, ring.StrokeWidth = theme.C(theme.Info), 4
	clock := container.NewCenter(widgets.Least(120, 120, container.NewStack(ring, w.seconds)))
	w.amount = widgets.Centred(widgets.Bold("", theme.Huge, theme.Ink))
	w.state = widgets.NewPara("", theme.Heading, theme.Ink, 1).Middle().Strong()
	w.what = widgets.NewPara("", theme.Body, theme.Quiet, 3).Middle().Fixed()
	w.keep = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.keep"), Key: "Enter", Look: widgets.Soft, Size: theme.Title, Height: 64, Do: w.p.Keep})
	w.cancel = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.cancel"), Key: "Esc", Look: widgets.Danger, Size: theme.Title, Height: 64, Do: w.p.Cancel})
	w.choices = widgets.Row(theme.S4, widgets.Grow(w.keep), widgets.Grow(w.cancel))
	body := widgets.Col(theme.S4, clock, w.amount, w.state, w.what, widgets.Least(0, 64, w.choices))
	return widgets.Card(container.NewCenter(widgets.Least(560, 0, body)))
}

// ShowAsk asks for a tender, with an empty amount of cash.
func (w *Panel) ShowAsk(a Ask) {
	w.ask, w.working = a, false
	w.cash.Set("")
	widgets.Put(w.due, a.Due.String(), theme.Ink)
	parts := ""
	if a.Paid > 0 {
		parts = w.p.Text.T("pay.parts", "total", a.Total.String(), "paid", a.Paid.String())
	}
	widgets.Put(w.parts, parts, theme.Quiet)
	w.refused.Hidden = a.Refused == ""
	w.refusedT.Set(a.Refused, theme.Danger)
	if w.refused.Hidden { // a refusal says itself that another code may be scanned, and needs the room
		w.scan.Show()
	} else {
		w.scan.Hide()
	}
	w.askView.Show()
	w.workView.Hide()
	w.paint()
}

// Tight does without a heading where a notice below takes its room.
func (w *Panel) Tight(on bool) {
	if on {
		w.cashHead.Hide()
	} else {
		w.cashHead.Show()
	}
	w.Refresh()
}

// ShowWorking shows a payment that is on its way.
func (w *Panel) ShowWorking(s Working) {
	w.working = true
	t := w.p.Text
	widgets.Put(w.seconds, t.T("pay.seconds", "n", s.Seconds), theme.Info)
	widgets.Put(w.amount, s.Amount.String(), theme.Ink)
	state, what := sentences(s)
	w.state.Set(t.T(state), theme.Ink)
	w.what.Set(t.T(what), theme.Quiet)
	w.buttons = s.Seconds >= ButtonsFrom && !s.Cancelling && s.State != checkout.Reversing
	w.choices.Hidden = !w.buttons
	w.keep.Enable(!s.Kept)
	w.askView.Hide()
	w.workView.Show()
	w.Refresh()
}

// sentences are the keys of what a state is called and what it means.
func sentences(s Working) (state, what string) {
	switch {
	case s.Cancelling || s.State == checkout.Reversing:
		return "pay.cancelling", "pay.cancellingWhat"
	case s.State == checkout.Pending:
		return "pay.pending", "pay.pendingWhat"
	case s.State == checkout.Unknown:
		return "pay.unknown", "pay.unknownWhat"
	case s.Seconds >= ConfirmFrom:
		return "pay.confirming", "pay.confirmingWhat"
	}
	return "pay.sent", "pay.sentWhat"
}

// Handed is the cash typed so far; ok is false where it is no amount.
func (w *Panel) Handed() (f money.Fen, ok bool) {
	if w.cash.Empty() {
		return 0, true
	}
	f, err := money.ParseFen(trimPoint(w.cash.Text()))
	return f, err == nil
}

// Offers reports whether the buttons 继续等待 and 取消收款 stand there.
func (w *Panel) Offers() bool { return w.working && w.buttons }

// State is the sentence that says where the payment stands.
func (w *Panel) State() string { return w.state.Text() }

// Refused is why the last payment did not happen.
func (w *Panel) Refused() string { return w.ask.Refused }

// Change is the change shown.
func (w *Panel) Change() string { return w.change.Text }

func trimPoint(s string) string {
	if n := len(s); n > 0 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}

func (w *Panel) paint() {
	t := w.p.Text
	handed, ok := w.Handed()
	w.field.Show(w.cash.Text())
	exact := w.cash.Empty()
	switch {
	case exact:
		widgets.Put(w.changeIs, t.T("pay.change"), theme.Quiet)
		widgets.Put(w.change, money.Fen(0).String(), theme.Faint)
	case ok && handed < w.ask.Due:
		widgets.Put(w.changeIs, t.T("pay.short"), theme.Quiet)
		widgets.Put(w.change, (w.ask.Due - handed).String(), theme.Warning)
	case ok:
		widgets.Put(w.changeIs, t.T("pay.change"), theme.Quiet)
		widgets.Put(w.change, (handed - w.ask.Due).String(), theme.Accent)
	}
	label := t.T("pay.finish")
	if exact {
		label = t.T("pay.exact")
	}
	w.finish.SetLabel(label)
	w.finish.Enable(exact || ok && handed >= w.ask.Due)
	hint := t.T("pay.scanHint", "amount", w.ask.Due.String())
	if !exact && ok && handed > 0 && handed < w.ask.Due {
		hint = t.T("pay.scanRest", "cash", handed.String(), "amount", (w.ask.Due - handed).String())
	}
	w.hint.Set(hint, theme.Ink)
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

// Rune takes a typed character.
func (w *Panel) Rune(r rune) {
	if !w.working && w.cash.Type(r) {
		w.paint()
	}
}

// Key takes a key.
func (w *Panel) Key(name fyne.KeyName) {
	if w.working {
		w.workingKey(name)
		return
	}
	for i, k := range quickKeys {
		if k.name == name {
			w.note(quickNotes[i])
			return
		}
	}
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter:
		w.enter()
	case fyne.KeyBackspace:
		w.press(widgets.PadBack)
	case fyne.KeyDelete:
		w.press(widgets.PadClear)
	case fyne.KeyEscape:
		w.p.Back()
	}
}

func (w *Panel) workingKey(name fyne.KeyName) {
	if !w.buttons {
		return
	}
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter:
		w.p.Keep()
	case fyne.KeyEscape:
		w.p.Cancel()
	}
}

// Typed is the cash as typed, and SetTyped puts it back.
func (w *Panel) Typed() string { return w.cash.Text() }

// SetTyped replaces the cash typed.
func (w *Panel) SetTyped(s string) {
	w.cash.Set(s)
	w.paint()
}
