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

	caret   fyne.Focusable // what has the focus, since caretAt or the last key
	caretAt time.Time
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
	c.AddShortcut(deskShortcut, func(fyne.Shortcut) { s.Key(deskKey) })
	c.AddShortcut(settingsShortcut, func(fyne.Shortcut) { s.Key(settingsKey) })
	if d, ok := c.(desktop.Canvas); ok {
		d.SetOnKeyDown(func(e *fyne.KeyEvent) { s.Down(e.Name) })
	}
}

// snapshot remembers the field that typing would change.
func (s *Shell) snapshot() func() {
	if s.guard.locked {
		return s.guard.panel.Snapshot()
	}
	if sheet := s.sheet(); sheet != nil {
		switch {
		case sheet.Snapshot != nil:
			return sheet.Snapshot()
		case sheet.Number == nil:
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
	case PricesScreen:
		if s.desk.Typing() {
			before := s.desk.Typed()
			return func() { s.desk.SetTyped(before) }
		}
		before := s.desk.Query()
		return func() { s.desk.Find(before) }
	case RedeemScreen, TrayScreen, SettingsScreen, GuideScreen:
	}
	return nil
}

// Down is told of each first press.
func (s *Shell) Down(name fyne.KeyName) {
	s.awake()
	s.keys.tells, s.keys.fresh, s.keys.caretAt = true, name, s.p.Now()
}

// caretFor is how long a caret blinks in a search box in which nobody types: the
// toolkit repaints the whole window for it, sixty times a second. What is typed
// afterwards finds the box all the same.
const caretFor = 30 * time.Second

func (s *Shell) tickCaret() {
	if s.canvas == nil {
		return
	}
	now := s.p.Now()
	if f := s.canvas.Focused(); f != s.keys.caret {
		s.keys.caret, s.keys.caretAt = f, now
	}
	if s.keys.caret != nil && s.sheet() == nil && !s.settingUp() && now.Sub(s.keys.caretAt) > caretFor {
		s.unfocus()
	}
}

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

	forAll bool // also for who only redeems
}

// anywhere are the keys that work on every screen.
func anywhere() []binding {
	return []binding{
		{key: fyne.KeyF1, shown: "F1", text: "key.help", do: (*Shell).help, forAll: true},
		{key: fyne.KeyF2, shown: "F2", text: "key.search", do: (*Shell).focusSearch},
		{key: fyne.KeyF3, shown: "F3", text: "key.member", do: (*Shell).toggleMember},
		{key: fyne.KeyF4, shown: "F4", text: "key.redeem", do: (*Shell).openRedeem, forAll: true},
		{key: fyne.KeyF5, shown: "F5", text: "key.sync", do: (*Shell).Sync, forAll: true},
		{key: fyne.KeyF6, shown: "F6", text: "key.tray", do: (*Shell).openTray},
		{key: fyne.KeyF7, shown: "F7", text: "key.undo", do: (*Shell).undo},
		{key: fyne.KeyF8, shown: "F8", text: "key.redo", do: (*Shell).redo},
		{key: fyne.KeyHome, shown: "Home", text: "key.changes", do: (*Shell).showChanges},
		{key: fyne.KeyEnd, shown: "End", text: "key.person", do: (*Shell).switchUser, forAll: true},
		{key: deskKey, shown: deskShown, text: "key.desk", do: (*Shell).openDesk},
		{key: settingsKey, shown: settingsShown, text: "key.settings", do: (*Shell).openSettings},
		{key: fyne.KeyInsert, shown: "Ins", text: "key.dismiss", do: func(s *Shell) { s.standing.dismiss() }, forAll: true},
	}
}

// selling are the keys of the sale screen.
func selling() []binding {
	return []binding{
		{key: fyne.KeyReturn, shown: "Enter", text: "key.enter", do: (*Shell).enterSale},
		{key: fyne.KeyEnter, shown: "", text: "", do: (*Shell).enterSale},
		{key: fyne.KeyF12, shown: "F12", text: "key.pay", do: (*Shell).openPay},
		{key: fyne.KeyF9, shown: "F9", text: "key.clear", do: (*Shell).clearCart},
		{key: fyne.KeyF10, shown: "F10", text: "key.applyPrices", do: (*Shell).applyPrices},
		{key: fyne.KeyF11, shown: "F11", text: "key.keepPrices", do: (*Shell).keepPrices},
		{key: fyne.KeyDelete, shown: "Del", text: "key.remove", do: (*Shell).removeLine},
		{key: fyne.KeyUp, shown: "↑ ↓", text: "key.line", do: func(s *Shell) { s.moveUpDown(-1) }},
		{key: fyne.KeyDown, shown: "", text: "", do: func(s *Shell) { s.moveUpDown(1) }},
		{key: fyne.KeyLeft, shown: "← →", text: "key.class", do: func(s *Shell) { s.moveSideways(-1) }},
		{key: fyne.KeyRight, shown: "", text: "", do: func(s *Shell) { s.moveSideways(1) }},
		{key: fyne.KeyPageUp, shown: "PgUp PgDn", text: "key.page", do: func(s *Shell) { s.shelf.Page(-1) }},
		{key: fyne.KeyPageDown, shown: "", text: "", do: func(s *Shell) { s.shelf.Page(1) }},
		{key: fyne.KeyBackspace, shown: "⌫", text: "key.back", do: func(s *Shell) { s.shelf.Back() }},
		{key: fyne.KeyEscape, shown: "Esc", text: "key.escape", do: (*Shell).escapeSale},
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
	s.awake()
	if s.held(name) {
		return
	}
	if s.guard.locked {
		s.guard.panel.Key(name)
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
	if s.screen == PricesScreen {
		s.keyAtDesk(name)
		return
	}
	if s.settingUp() && name != fyne.KeyF1 && name != fyne.KeyInsert {
		s.setupKey(name)
		return
	}
	for _, b := range anywhere() {
		if b.key == name {
			if !b.forAll && s.denied() {
				return
			}
			b.do(s)
			return
		}
	}
	switch s.screen {
	case RedeemScreen:
		s.card.Key(name)
	case TrayScreen:
		s.tray.Key(name)
	case PricesScreen, PayScreen: // taken above
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
	s.awake()
	if s.guard.locked {
		s.guard.panel.Rune(r)
		return
	}
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
	case PricesScreen:
		s.desk.Rune(r)
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
	case sheet.Number != nil, sheet.Snapshot != nil:
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
