package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"cashier/ui/pay"
	"cashier/ui/widgets"
)

// keyboard is what the shell remembers of the keys.
type keyboard struct {
	tells   bool         // the driver tells presses from repeats
	fresh   fyne.KeyName // pressed and not yet acted on
	restore func()       // takes out what a burst typed
	answer  rune         // typed to a question, and not yet known to be no scan
	typedAt time.Time    // of answer
}

// once are the keys that must not repeat while held: each would do the next
// thing, such as paying, before anyone has seen the first.
var once = []fyne.KeyName{
	fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape, fyne.KeyF9, fyne.KeyF10, fyne.KeyF11, fyne.KeyF12,
}

func (s *Shell) attachKeys(c fyne.Canvas) {
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if code, scanned := s.wedge.Key(e.Name); scanned {
			if s.keys.restore != nil {
				s.keys.restore()
			}
			s.scanned(code)
			return
		}
		s.Key(e.Name)
	})
	c.SetOnTypedRune(func(r rune) {
		if s.wedge.Rune(r) {
			s.keys.restore = s.snapshot()
		}
		s.Rune(r)
	})
	c.AddShortcut(settingsShortcut, func(fyne.Shortcut) { s.Key(settingsKey) })
	if d, ok := c.(desktop.Canvas); ok {
		d.SetOnKeyDown(func(e *fyne.KeyEvent) { s.Down(e.Name) })
	}
}

// snapshot remembers the field that typing would change.
func (s *Shell) snapshot() func() {
	if sheet := s.sheet(); sheet != nil {
		if sheet.Number == nil {
			return nil
		}
		n, paint, before := sheet.Number, sheet.Paint, sheet.Number.Text()
		return func() { n.Set(before); paint() }
	}
	switch s.screen {
	case SaleScreen:
		before := s.shelf.Query()
		return func() { s.shelf.Search(before) }
	case PayScreen:
		before := s.pay.Typed()
		return func() { s.pay.SetTyped(before) }
	case RedeemScreen, TrayScreen, SettingsScreen, GuideScreen:
	}
	return nil
}

// Down is told of each first press.
func (s *Shell) Down(name fyne.KeyName) { s.keys.tells, s.keys.fresh = true, name }

// held reports whether a key only repeats, and uses its press up.
func (s *Shell) held(name fyne.KeyName) bool {
	if !s.keys.tells || !slices.Contains(once, name) && (s.screen != PayScreen || name != pay.QRKey) {
		return false
	}
	if s.keys.fresh != name {
		return true
	}
	s.keys.fresh = ""
	return false
}

// binding is one key with what it does.
type binding struct {
	key   fyne.KeyName
	shown string
	text  string // key of its text
	do    func(*Shell)
}

// anywhere are the keys that work on every screen.
func anywhere() []binding {
	return []binding{
		{fyne.KeyF1, "F1", "key.help", (*Shell).help},
		{fyne.KeyF2, "F2", "key.search", (*Shell).focusSearch},
		{fyne.KeyF3, "F3", "key.member", (*Shell).toggleMember},
		{fyne.KeyF4, "F4", "key.redeem", (*Shell).openRedeem},
		{fyne.KeyF5, "F5", "key.sync", (*Shell).Sync},
		{fyne.KeyF6, "F6", "key.tray", (*Shell).openTray},
		{fyne.KeyF7, "F7", "key.undo", (*Shell).undo},
		{fyne.KeyF8, "F8", "key.redo", (*Shell).redo},
		{fyne.KeyHome, "Home", "key.changes", (*Shell).showChanges},
		{settingsKey, settingsShown, "key.settings", (*Shell).openSettings},
		{fyne.KeyInsert, "Ins", "key.dismiss", func(s *Shell) { s.standing.dismiss() }},
	}
}

// selling are the keys of the sale screen.
func selling() []binding {
	return []binding{
		{fyne.KeyReturn, "Enter", "key.enter", (*Shell).enterSale},
		{fyne.KeyEnter, "", "", (*Shell).enterSale},
		{fyne.KeyF12, "F12", "key.pay", (*Shell).openPay},
		{fyne.KeyF9, "F9", "key.clear", (*Shell).clearCart},
		{fyne.KeyF10, "F10", "key.applyPrices", (*Shell).applyPrices},
		{fyne.KeyF11, "F11", "key.keepPrices", (*Shell).keepPrices},
		{fyne.KeyDelete, "Del", "key.remove", (*Shell).removeLine},
		{fyne.KeyUp, "↑ ↓", "key.line", func(s *Shell) { s.moveUpDown(-1) }},
		{fyne.KeyDown, "", "", func(s *Shell) { s.moveUpDown(1) }},
		{fyne.KeyLeft, "← →", "key.class", func(s *Shell) { s.moveSideways(-1) }},
		{fyne.KeyRight, "", "", func(s *Shell) { s.moveSideways(1) }},
		{fyne.KeyPageUp, "PgUp PgDn", "key.page", func(s *Shell) { s.shelf.Page(-1) }},
		{fyne.KeyPageDown, "", "", func(s *Shell) { s.shelf.Page(1) }},
		{fyne.KeyBackspace, "⌫", "key.back", func(s *Shell) { s.shelf.Back() }},
		{fyne.KeyEscape, "Esc", "key.escape", (*Shell).escapeSale},
	}
}

// helpEntry is a row of the help sheet.
type helpEntry struct{ shown, text string }

type helpGroup struct {
	title   string
	entries []helpEntry
}

// helpGroups are the keys as F1 shows them.
func helpGroups() []helpGroup {
	rows := func(bs []binding) (out []helpEntry) {
		for _, b := range bs {
			if b.shown != "" {
				out = append(out, helpEntry{b.shown, b.text})
			}
		}
		return out
	}
	return []helpGroup{
		{"help.anywhere", rows(anywhere())},
		{"help.pay", []helpEntry{
			{"0–9 .", "key.handed"}, {"F9–F12", "key.notes"}, {string(pay.QRKey), "key.qr"}, {"Enter", "key.finish"}, {"Esc", "key.leave"},
		}},
		{"help.sale", append(rows(selling()), helpEntry{"A–Z 0–9", "key.type"}, helpEntry{"+ −", "key.step"}, helpEntry{"*", "key.quantity"})},
		{"help.redeem", []helpEntry{{"+ − 0–9", "key.count"}, {"Enter", "key.confirm"}, {"Esc", "key.leave"}}},
	}
}

// Key takes a key that no text box wanted.
func (s *Shell) Key(name fyne.KeyName) {
	if s.held(name) {
		return
	}
	if sheet := s.sheet(); sheet != nil {
		s.sheetKey(sheet, name)
		return
	}
	if s.screen == PayScreen {
		// While money moves only the payment's own keys count; the notes have
		// keys that mean something else on the sale screen.
		if name == fyne.KeyF1 {
			s.help()
			return
		}
		s.pay.Key(name)
		return
	}
	if s.settingUp() && name != fyne.KeyF1 && name != fyne.KeyInsert {
		s.setupKey(name)
		return
	}
	for _, b := range anywhere() {
		if b.key == name {
			b.do(s)
			return
		}
	}
	switch s.screen {
	case RedeemScreen:
		s.card.Key(name)
	case TrayScreen:
		s.tray.Key(name)
	default:
		s.saleKey(name)
	}
}

func (s *Shell) sheetKey(sheet *widgets.Sheet, name fyne.KeyName) {
	switch {
	case name == fyne.KeyEscape:
		s.escape(sheet)
	case name == fyne.KeyF1 && sheet.OnKey == nil:
		s.escape(sheet)
	case sheet.OnKey != nil:
		sheet.OnKey(name)
	}
}

func (s *Shell) saleKey(name fyne.KeyName) {
	receipt := s.showsSlip
	if receipt {
		s.home()
	}
	closes := receipt && (name == fyne.KeyReturn || name == fyne.KeyEnter || name == fyne.KeyEscape)
	for _, b := range selling() {
		if b.key == name && !closes {
			b.do(s)
			return
		}
	}
}

// Rune takes a character that no text box wanted.
func (s *Shell) Rune(r rune) {
	if sheet := s.sheet(); sheet != nil {
		s.sheetRune(sheet, r)
		return
	}
	switch s.screen {
	case PayScreen:
		s.pay.Rune(r)
	case RedeemScreen:
		s.card.Rune(r)
	case SaleScreen:
		s.saleRune(r)
	case SettingsScreen:
		s.setup.Rune(r)
	case GuideScreen:
		s.guide.Rune(r)
	case TrayScreen:
	}
}

// answerAfter is how long a digit waits before it answers a question: longer
// than a scanner that types leaves between two.
const answerAfter = 80 * time.Millisecond

// sheetRune hands a character to a sheet. A question waits to see whether more
// follows at once: the first digit of a code must not answer it.
func (s *Shell) sheetRune(sheet *widgets.Sheet, r rune) {
	switch {
	case sheet.OnRune == nil:
	case sheet.Number != nil:
		sheet.OnRune(r)
	case s.wedge.Typing():
		s.keys.answer = 0
	default:
		s.keys.answer, s.keys.typedAt = r, s.p.Now()
	}
}

func (s *Shell) tickAnswer() {
	r := s.keys.answer
	if r == 0 || s.p.Now().Sub(s.keys.typedAt) < answerAfter {
		return
	}
	s.keys.answer = 0
	if sheet := s.sheet(); sheet != nil && sheet.OnRune != nil && !s.wedge.Typing() {
		sheet.OnRune(r)
	}
}

// saleRune searches with what is typed; the signs of the numpad change the
// selected line, unless a scanner is typing a code that holds one.
func (s *Shell) saleRune(r rune) {
	if s.showsSlip {
		s.home()
	}
	if !s.wedge.Typing() {
		switch r {
		case '+':
			s.stepLine(1)
			return
		case '-':
			s.stepLine(-1)
			return
		case '*', '×':
			s.multiply()
			return
		case ' ':
			if !s.shelf.Searching() {
				return
			}
		}
	}
	s.shelf.Type(r)
}

func (s *Shell) focusSearch() {
	if s.screen != SaleScreen || s.showsSlip {
		s.home()
	}
	s.shelf.Focus()
}

// enterSale adds the product the search stands on; with no search it is the
// way to the money.
func (s *Shell) enterSale() {
	if s.start.IsGuided() && s.showsStart() {
		s.openGuide()
		return
	}
	if !s.shelf.Searching() {
		s.openPay()
		return
	}
	if p, ok := s.shelf.Marked(); ok {
		s.pick(p)
	}
}

func (s *Shell) escapeSale() {
	switch {
	case s.shelf.Searching():
		s.shelf.ClearSearch()
	case s.syncing.running:
		s.cancelSync()
	default:
		s.notice.clear()
	}
}

func (s *Shell) moveUpDown(n int) {
	if s.shelf.Searching() {
		s.shelf.MoveMark(0, n)
		return
	}
	s.selectLine(s.model.Selected() + n)
}

func (s *Shell) moveSideways(n int) {
	if s.shelf.Searching() {
		s.shelf.MoveMark(n, 0)
		return
	}
	s.shelf.Class(n)
}
