package pay

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/widgets"
)

// Params of a Panel. All are required.
type Params struct {
	Text   *text.Texts
	Cash   func(handed money.Fen) // take cash: all of what is due
	QR     func()                 // show a code of ours for what the cash typed leaves
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

// Panel is the left of the screen while a sale is paid.
type Panel struct {
	fyne.CanvasObject
	p     Params
	ask   Ask
	shown view
	cash  widgets.Number

	asking   askView
	working  workingView
	offering offerView
}

// view is which of its three faces the panel shows.
type view uint8

const (
	nothing view = iota
	asks
	works
	offers
)

// show brings one of the faces to the front.
func (w *Panel) show(v view) {
	if w.shown == v {
		return
	}
	w.shown = v
	w.asking.all.Hidden, w.working.all.Hidden, w.offering.all.Hidden = v != asks, v != works, v != offers
	w.Refresh()
}

// New makes a panel.
func New(p Params) (*Panel, error) {
	if p.Text == nil || p.Cash == nil || p.QR == nil || p.Back == nil || p.Keep == nil || p.Cancel == nil {
		return nil, errors.New("ui/pay: all of Params are required")
	}
	w := &Panel{p: p, cash: widgets.Number{Decimals: 2, Digits: 7}}
	w.CanvasObject = container.NewStack(w.buildAsk(), w.buildWorking(), w.buildOffer())
	w.ShowAsk(Ask{})
	return w, nil
}

// Offers reports whether the buttons 继续等待 and 取消收款 stand there.
func (w *Panel) Offers() bool { return w.shown == works && w.working.buttons }

// State is the sentence that says where the payment stands.
func (w *Panel) State() string { return w.working.state.Text() }

// Refused is why the last payment did not happen.
func (w *Panel) Refused() string { return w.ask.Refused }

// Change is the change shown.
func (w *Panel) Change() string { return w.asking.change.Text }

// Rune takes a typed character.
func (w *Panel) Rune(r rune) {
	if w.shown == asks && w.cash.Type(r) {
		w.paint()
	}
}

// Key takes a key.
func (w *Panel) Key(name fyne.KeyName) {
	switch w.shown {
	case nothing:
	case asks:
		w.askKey(name)
	case works:
		w.workingKey(name)
	case offers:
		if name == fyne.KeyEscape {
			w.p.Cancel()
		}
	}
}

func (w *Panel) askKey(name fyne.KeyName) {
	for i, k := range quickKeys {
		if k == name {
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
	case QRKey:
		w.asking.qr.Tapped(nil)
	case fyne.KeyEscape:
		w.p.Back()
	}
}

func (w *Panel) workingKey(name fyne.KeyName) {
	if !w.working.buttons {
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
