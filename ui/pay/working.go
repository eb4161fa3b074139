package pay

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Working is what the panel shows while a payment is on its way.
type Working struct {
	State      checkout.State
	Amount     money.Fen
	Seconds    int  // since the payment began
	QR         bool // by a code of ours, which is not there to be scanned now
	Cancelling bool
	Kept       bool // the cashier chose to go on waiting
}

// When the screen says more than "paying", and when it offers a way out.
const (
	ConfirmFrom = 3
	ButtonsFrom = 10
)

// workingView is the panel while a payment is on its way.
type workingView struct {
	all             *fyne.Container
	buttons         bool
	seconds, amount *canvas.Text
	state, what     *widgets.Para
	keep, cancel    *widgets.Button
	choices         *fyne.Container
}

func (w *Panel) buildWorking() *fyne.Container {
	t, v := w.p.Text, &w.working
	v.seconds = widgets.Centred(widgets.Bold("", theme.Total, theme.Info))
	ring := canvas.NewCircle(theme.C(theme.InfoSoft))
	ring.StrokeColor, ring.StrokeWidth = theme.C(theme.Info), 4
	clock := container.NewCenter(widgets.Least(120, 120, container.NewStack(ring, v.seconds)))
	v.amount = widgets.Centred(widgets.Bold("", theme.Huge, theme.Ink))
	v.state = widgets.NewPara("", theme.Heading, theme.Ink, 1).Middle().Strong()
	v.what = widgets.NewPara("", theme.Body, theme.Quiet, 3).Middle().Fixed()
	v.keep = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.keep"), Key: "Enter", Look: widgets.Soft, Size: theme.Title, Height: 64, Do: w.p.Keep})
	v.cancel = widgets.NewButton(widgets.ButtonParams{Label: t.T("pay.cancel"), Key: "Esc", Look: widgets.Danger, Size: theme.Title, Height: 64, Do: w.p.Cancel})
	v.choices = widgets.Row(theme.S4, widgets.Grow(v.keep), widgets.Grow(v.cancel))
	body := widgets.Col(theme.S4, clock, v.amount, v.state, v.what, widgets.Least(0, 64, v.choices))
	v.all = widgets.Card(container.NewCenter(widgets.Least(560, 0, body)))
	return v.all
}

// ShowWorking shows a payment that is on its way.
func (w *Panel) ShowWorking(s Working) {
	t, v := w.p.Text, &w.working
	widgets.Put(v.seconds, t.T("pay.seconds", "n", s.Seconds), theme.Info)
	widgets.Put(v.amount, s.Amount.String(), theme.Ink)
	state, what := sentences(s)
	v.state.Set(t.T(state), theme.Ink)
	v.what.Set(t.T(what), theme.Quiet)
	v.buttons = s.Seconds >= ButtonsFrom && !s.Cancelling && s.State != checkout.Reversing
	v.choices.Hidden = !v.buttons
	v.keep.Enable(!s.Kept)
	w.show(works)
	v.all.Refresh()
}

// sentences are the keys of what a state is called and what it means.
func sentences(s Working) (state, what string) {
	switch {
	case s.Cancelling || s.State == checkout.Reversing:
		return "pay.cancelling", "pay.cancellingWhat"
	case s.State == checkout.Pending && !s.QR:
		return "pay.pending", "pay.pendingWhat"
	case s.State == checkout.Unknown:
		return "pay.unknown", "pay.unknownWhat"
	case s.QR:
		return "pay.qrOrdering", "pay.qrOrderingWhat"
	case s.Seconds >= ConfirmFrom:
		return "pay.confirming", "pay.confirmingWhat"
	}
	return "pay.sent", "pay.sentWhat"
}
