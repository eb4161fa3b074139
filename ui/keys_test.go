package ui_test

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"cashier/services/checkout"
	"cashier/ui"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// buttons are the buttons on the screen that can be pressed.
func (r *rig) buttons() []*widgets.Button {
	var out []*widgets.Button
	walk(r.shell.Content(), func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.Button); ok && b.Enabled() {
			out = append(out, b)
		}
	})
	return out
}

// walk visits what can be seen.
func walk(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	f(o)
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(o).Objects()
	}
	for _, c := range children {
		walk(c, f)
	}
}

// names are the keys as buttons show them.
var names = map[string]fyne.KeyName{
	"Enter": fyne.KeyReturn, "Esc": fyne.KeyEscape, "Del": fyne.KeyDelete,
	"F1": fyne.KeyF1, "F2": fyne.KeyF2, "F3": fyne.KeyF3, "F4": fyne.KeyF4, "F5": fyne.KeyF5, "F6": fyne.KeyF6, "F7": fyne.KeyF7,
	"F8": fyne.KeyF8, "F9": fyne.KeyF9, "F10": fyne.KeyF10, "F11": fyne.KeyF11, "F12": fyne.KeyF12, "Ins": fyne.KeyInsert,
}

// state is what a key or a tap can change.
type state struct {
	screen  ui.Screen
	sheet   string
	lines   int
	member  bool
	focused bool
	notice  string
	pays    int
	redeems int
	slip    bool
}

func (r *rig) state() state {
	r.desk.mu.Lock()
	defer r.desk.mu.Unlock()
	r.cards.mu.Lock()
	defer r.cards.mu.Unlock()
	return state{
		r.shell.Screen(), r.shell.Sheet(), len(r.shell.Cart().Lines), r.shell.Cart().Member, r.window.Canvas().Focused() != nil,
		r.shell.Notice(), len(r.desk.starts), r.cards.calls, r.shell.ShowsReceipt(),
	}
}

// quiet runs what comes for the screen until nothing is on its way but what a
// customer has to do.
func (r *rig) quiet() {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for r.settle(); r.shell.Busy() && !r.desk.waits(); {
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatal("the till stays busy")
		}
	}
	r.settle()
}

// A key on a button does what the button does, on every screen.
func TestKeysOnButtonsWork(t *testing.T) {
	screens := map[string]func(r *rig){
		"sale":   func(r *rig) { r.scan("6901"); r.scan("6902") },
		"pay":    func(r *rig) { r.scan("6901"); r.key(fyne.KeyReturn) },
		"redeem": func(r *rig) { r.key(fyne.KeyF4) },
		"card":   func(r *rig) { r.scan(card1); r.until(ui.EventCard) },
		"tray": func(r *rig) {
			r.desk.open = []checkout.Leg{{Key: "k1", Class: checkout.ClassCode, Method: "code", Amount: 500, State: checkout.Manual}}
			r.key(fyne.KeyF6)
			r.until(ui.EventTray)
		},
		"weighing": func(r *rig) { r.scan("2001"); r.types("1") },
		"receipt":  func(r *rig) { r.scan("6901"); r.key(fyne.KeyReturn); r.key(fyne.KeyReturn); r.until(ui.EventComplete) },
	}
	for name, open := range screens {
		t.Run(name, func(t *testing.T) {
			first := newRig(t, offers())
			open(first)
			covered := first.shell.Sheet() != ""
			var shown []string
			for _, b := range first.buttons() {
				if b.Key() == "" || slices.Contains(shown, b.Key()) {
					continue
				}
				if covered && b.Key() != "Esc" && b.Key() != "Enter" {
					continue // behind the sheet
				}
				shown = append(shown, b.Key())
			}
			if len(shown) < 2 {
				t.Fatalf("only the keys %v are shown", shown)
			}
			for _, key := range shown {
				tapped := newRig(t, offers())
				open(tapped)
				for _, b := range slices.Backward(tapped.buttons()) { // a sheet lies on top, last
					if b.Key() == key {
						b.Tapped(nil)
						break
					}
				}
				tapped.quiet()
				want := tapped.state()
				pressed := newRig(t, offers())
				open(pressed)
				if k, ok := names[key]; ok {
					pressed.key(k)
				} else {
					pressed.types(key)
				}
				pressed.quiet()
				got := pressed.state()
				// What is begun beside the screen may not be counted yet.
				got.pays, got.redeems, want.pays, want.redeems = 0, 0, 0, 0
				got.notice, want.notice = "", ""
				if got != want {
					t.Errorf("key %s: %+v, its button: %+v", key, got, want)
				}
			}
		})
	}
}

// Everything that is touched is large enough for a finger.
func TestTargetsAreLargeEnough(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	for _, open := range []func(){func() {}, func() { r.key(fyne.KeyReturn) }, func() { r.key(fyne.KeyEscape); r.key(fyne.KeyF4) }} {
		open()
		for _, b := range r.buttons() {
			if s := b.Size(); s.Height < theme.Target || s.Width < theme.Target-4 {
				t.Errorf("button %q %q is %v", b.Label(), b.Key(), s)
			}
		}
	}
}

func TestHelpShowsEveryKey(t *testing.T) {
	r := newRig(t, offers())
	r.key(fyne.KeyF1)
	if r.shell.Sheet() == "" {
		t.Fatal("F1 shows nothing")
	}
	r.key(fyne.KeyF1)
	if r.shell.Sheet() != "" {
		t.Error("F1 again does not put it away")
	}
}
