package staff

import (
	"errors"

	"fyne.io/fyne/v2"

	"cashier/services/access"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// NewPINParams of a NewPIN. All are required.
type NewPINParams struct {
	Text *text.Texts
	// Keep is told the PIN once both entries are the same; Fail answers it.
	Keep func(pin string)
}

// NewPIN asks for a PIN twice. One that anybody tries first is refused before it
// has to be repeated.
type NewPIN struct {
	fyne.CanvasObject
	p      NewPINParams
	first  string // "" while the first entry is made
	pin    string
	asking bool
	failed string
	dots   *dots
	says   *widgets.Para
	next   *widgets.Button
}

// NewNewPIN makes the panel.
func NewNewPIN(p NewPINParams) (*NewPIN, error) {
	if p.Text == nil || p.Keep == nil {
		return nil, errors.New("ui/staff: Text and Keep are required")
	}
	w := &NewPIN{p: p, dots: newDots(), says: widgets.NewPara("", theme.Body, theme.Danger, 2).Middle()}
	w.next = widgets.NewButton(widgets.ButtonParams{Label: p.Text.T("newPIN.next"), Key: "Enter", Look: widgets.Primary, Size: theme.Title, Height: 56, Do: w.submit})
	w.CanvasObject = widgets.Col(theme.S2, w.dots.view, widgets.Least(0, 48, w.says), widgets.NewNumpad(false, w.press), w.next)
	w.paint()
	return w, nil
}

// Says is what the panel says about the PIN, "" for nothing.
func (w *NewPIN) Says() string { return w.says.Text() }

// Fail says why the PIN was not kept, and asks for another.
func (w *NewPIN) Fail(why string) {
	w.asking, w.first, w.pin, w.failed = false, "", "", why
	w.paint()
}

// Snapshot gives back a function that takes out what is typed from now on.
func (w *NewPIN) Snapshot() (restore func()) {
	first, before := w.first, w.pin
	return func() {
		w.first, w.pin = first, before
		w.paint()
	}
}

func (w *NewPIN) paint() {
	t := w.p.Text
	hint, label := t.T("newPIN.first"), t.T("newPIN.next")
	if w.first != "" {
		hint, label = t.T("newPIN.again"), t.T("newPIN.keep")
	}
	w.dots.show(w.pin, hint)
	switch {
	case w.asking:
		w.says.Set(t.T("newPIN.keeping"), theme.Quiet)
	case w.failed != "":
		w.says.Set(w.failed, theme.Danger)
	case w.first != "":
		w.says.Set(t.T("newPIN.again.what"), theme.Quiet)
	default:
		w.says.Set(t.T("newPIN.what"), theme.Quiet)
	}
	w.next.SetLabel(label)
	w.next.Enable(len(w.pin) >= access.MinPIN && !w.asking)
	w.Refresh()
}

func (w *NewPIN) press(r rune) {
	if w.asking {
		return
	}
	if w.pin = pressed(w.pin, r); w.pin != "" {
		w.failed = ""
	}
	w.paint()
}

func (w *NewPIN) submit() {
	if !w.next.Enabled() {
		return
	}
	pin := w.pin
	w.pin, w.failed = "", ""
	switch err := access.CheckPIN(pin); {
	case err != nil:
		w.Fail(w.p.Text.Fault(err))
	case w.first == "":
		w.first = pin
	case w.first != pin:
		w.Fail(w.p.Text.T("newPIN.differ"))
	default:
		w.asking = true
		w.paint()
		w.p.Keep(pin)
		return
	}
	w.paint()
}

// Key takes a key.
func (w *NewPIN) Key(name fyne.KeyName) {
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter:
		w.submit()
	case fyne.KeyBackspace:
		w.press(widgets.PadBack)
	case fyne.KeyDelete:
		w.press(widgets.PadClear)
	}
}

// Rune takes a digit.
func (w *NewPIN) Rune(r rune) { w.press(narrow(r)) }
