package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is a text box that takes only text: the keys of the till go on to the
// shell, and a scan typed into it is rolled back and handed over as a scan.
type Entry struct {
	widget.Entry
	wedge  *Wedge
	keys   Keys
	before string // the text when a burst began
	onScan func(code string)
	onEsc  func()
	onIn   func()
}

// EntryParams of an Entry; all but Hint, Masked, Lines and OnFocus are required.
type EntryParams struct {
	Hint   string
	Masked bool // shows dots
	Lines  int  // above 1: wraps, and shows so many
	Wedge  *Wedge
	Keys   Keys
	OnScan func(code string)
	OnEsc  func() // Escape while the box has the focus

	OnFocus func() // the box got the focus
}

// NewEntry makes a text box.
func NewEntry(p EntryParams) *Entry {
	e := &Entry{wedge: p.Wedge, keys: p.Keys, onScan: p.OnScan, onEsc: p.OnEsc, onIn: p.OnFocus}
	e.Password = p.Masked
	if p.Lines > 1 {
		e.MultiLine, e.Wrapping = true, fyne.TextWrapWord
		e.SetMinRowsVisible(p.Lines)
	}
	e.ExtendBaseWidget(e)
	e.PlaceHolder = p.Hint
	return e
}

// ToEnd puts the cursor behind the last character.
func (e *Entry) ToEnd() {
	e.CursorRow, e.CursorColumn = 0, len([]rune(e.Text))
	e.Refresh()
}

// TypedRune watches for a scanner that types.
func (e *Entry) TypedRune(r rune) {
	before := e.Text
	if e.wedge.Rune(r) {
		e.before = before
	}
	e.Entry.TypedRune(r)
}

// FocusGained tells whose box it is.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.onIn != nil {
		e.onIn()
	}
}

// TypedShortcut keeps those that edit text; the window's own go on to the shell
// under the name of their keys, such as "Control+,".
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if own, ok := s.(*desktop.CustomShortcut); ok && own.Modifier == fyne.KeyModifierControl && own.KeyName == fyne.KeyComma {
		e.keys.Key("Control+" + own.KeyName)
		return
	}
	e.Entry.TypedShortcut(s)
}

// KeyDown lets the shell tell a first press from a held key.
func (e *Entry) KeyDown(k *fyne.KeyEvent) {
	e.keys.Down(k.Name)
	e.Entry.KeyDown(k)
}

// TypedKey keeps what edits text and passes the rest on.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if code, scanned := e.wedge.Key(k.Name); scanned {
		e.SetText(e.before)
		e.onScan(code)
		return
	}
	switch k.Name {
	case fyne.KeyBackspace, fyne.KeyDelete, fyne.KeyHome, fyne.KeyEnd:
		e.Entry.TypedKey(k)
	case fyne.KeyLeft, fyne.KeyRight:
		if e.Text == "" {
			e.keys.Key(k.Name)
			return
		}
		e.Entry.TypedKey(k)
	case fyne.KeyEscape:
		e.onEsc()
	default:
		e.keys.Key(k.Name)
	}
}
