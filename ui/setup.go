package ui

import (
	"context"
	"encoding/hex"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/scancode"
	"cashier/ui/settings"
	"cashier/ui/start"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
	"cashier/ui/widgets/form"
)

// Setup is what the settings page and the guide of the first start need beyond
// their services. Each of these replaces the shell by another; it is called on
// the screen's goroutine, while no payment is on its way.
type Setup struct {
	Services settings.Services
	Guide    start.Setup // nil: there is no guide
	Staff    start.Staff // nil: the guide has no step for it
	// Apply sees to it that what was saved under these keys holds, and shows the
	// window again where at says (see Params.At).
	Apply func(keys []string, at string)
	// Restore brings the books back from a backup.
	Restore func(file string)
	// Unlock tries a passphrase of the vault and keeps it for this run; it blocks.
	Unlock func(ctx context.Context, passphrase string) error
	// Locked says that the vault waits for its passphrase: it is asked for at once.
	Locked bool
}

// The keys that open the settings: with Control, as elsewhere on a desktop, so
// that no slip of a finger does.
const (
	settingsKey   fyne.KeyName = "Control+," // as the shell hears of it
	settingsShown string       = "Ctrl ,"
)

var settingsShortcut = &desktop.CustomShortcut{KeyName: fyne.KeyComma, Modifier: fyne.KeyModifierControl}

// The beginnings of Params.At.
const (
	atSettings = "settings/"
	atGuide    = "guide/"
)

// buildSetup makes the settings page and the guide, as far as they are wanted.
func (s *Shell) buildSetup() error {
	if s.p.Setup == nil {
		return nil
	}
	on := s.p.Setup
	rows := form.Params{Wedge: s.wedge, Keys: s, OnScan: s.scanned, Focus: s.focus, Unfocus: s.unfocus}
	var err error
	s.setup, err = settings.New(settings.Params{
		Text: s.t, Services: on.Services, Zone: s.p.Zone, Actor: s.p.Actor, Form: rows, Background: s.background, Later: s.later,
		Fault: func(err error) { s.fault(err) }, Inform: func(words string) { s.inform(words) }, Read: s.read, Ask: s.askFirst,
		Saved: s.saved, Unlocked: func() { s.apply(nil, atSettings+string(settings.Gateways)) },
		Restore: s.restore, AskPIN: s.askPIN, Staffed: s.staffChanged, Copy: s.p.Copy, Back: s.home,
	})
	if err != nil || on.Guide == nil {
		return err
	}
	s.guide, err = start.NewGuide(start.GuideParams{
		Text: s.t, Setup: on.Guide, Staff: on.Staff, Zone: s.p.Zone, Actor: s.p.Actor, Form: rows, Background: s.background, Later: s.later,
		Fault: func(err error) { s.fault(err) }, Sync: s.Sync, Leave: s.leaveGuide,
		Apply: func(at start.Step) { s.apply([]string{""}, atGuide+string(at)) },
	})
	return err
}

// begin shows where the window is to begin.
func (s *Shell) begin() {
	at := s.p.At
	switch {
	case strings.HasPrefix(at, atGuide) && s.guide != nil:
		s.start.Guided(true)
		s.goTo(GuideScreen)
		s.guide.Open(start.Step(strings.TrimPrefix(at, atGuide)))
	case strings.HasPrefix(at, atSettings) && s.setup != nil:
		s.goTo(SettingsScreen)
		s.setup.Open(settings.Section(strings.TrimPrefix(at, atSettings)))
	}
	if s.p.Setup != nil && s.p.Setup.Locked && s.screen != SettingsScreen && at != atGuide+string(start.AtHQ) {
		s.askPassphrase()
	}
	if s.p.Said != "" {
		s.inform(s.p.Said)
	}
}

// settingUp reports whether a page is shown on which nothing is sold.
func (s *Shell) settingUp() bool { return s.screen == SettingsScreen || s.screen == GuideScreen }

// wholeWidth gives the page of the left the place of both.
func (s *Shell) wholeWidth(on bool) {
	left := theme.S3
	if s.screen == SettingsScreen {
		left = theme.S4 + settings.ListWidth + theme.S4
	}
	s.aside.Hidden = on
	s.notice.place(on, left)
	s.root.Refresh()
}

// Text are the words the shell speaks in.
func (s *Shell) Text() *text.Texts { return s.t }

// Fault says an error on the notice line.
func (s *Shell) Fault(err error) { s.fault(err) }

// Settings is the settings page, nil where there is none.
func (s *Shell) Settings() *settings.Panel { return s.setup }

// Guide is the guide of the first start, nil where there is none.
func (s *Shell) Guide() *start.Guide { return s.guide }

// resume gives the keyboard back to the row that had it before something lay
// over the page.
func (s *Shell) resume() {
	switch {
	case s.guard.locked:
	case s.screen == SettingsScreen:
		s.setup.Resume()
	case s.screen == GuideScreen:
		s.guide.Resume()
	}
}

func (s *Shell) openSettings() {
	switch {
	case s.setup == nil, s.settingUp():
		return
	case s.moneyMoves():
		s.warn(s.t.T("pay.locked"))
		return
	}
	if err := s.p.Actor().Demand(access.Setup); err != nil {
		s.fault(err)
		return
	}
	s.showsSlip = false
	s.notice.clear()
	s.goTo(SettingsScreen)
	s.setup.Open("")
}

// moneyMoves reports whether a sale is at the counter that must not be left.
func (s *Shell) moneyMoves() bool {
	return s.payment.busy || s.redeeming.busy || s.payment.sale.ID != ""
}

func (s *Shell) openGuide() {
	if s.guide == nil {
		return
	}
	if err := s.p.Actor().Demand(access.Setup); err != nil {
		s.fault(err)
		return
	}
	s.goTo(GuideScreen)
	s.guide.Open(s.guide.Step())
}

func (s *Shell) leaveGuide() {
	if s.p.Catalog.Index().Len() > 0 {
		s.start.Guided(false)
	}
	s.home()
}

// saved has what was saved hold at once, or says when it will.
func (s *Shell) saved(keys []string) {
	s.apply(keys, atSettings+string(s.setup.Section()))
}

func (s *Shell) apply(keys []string, at string) {
	if s.p.Setup.Apply == nil || s.moneyMoves() || s.syncing.running {
		s.inform(s.t.T("set.savedLater"))
		return
	}
	s.p.Setup.Apply(keys, at)
}

// askPassphrase asks for what opens the vault. Cash is taken without.
func (s *Shell) askPassphrase() {
	var sheet *widgets.Sheet
	note := widgets.NewPara(s.t.T("set.vault.locked"), theme.Body, theme.Quiet, 3)
	busy := false
	var box *widgets.Entry
	try := func() {
		passphrase := box.Text
		if busy || passphrase == "" {
			return
		}
		busy = true
		note.Set(s.t.T("guide.unlocking"), theme.Quiet)
		s.background(func(ctx context.Context) {
			err := s.p.Setup.Unlock(ctx, passphrase)
			s.later(func() {
				if busy = false; err != nil {
					note.Set(s.t.Fault(err), theme.Danger)
					return
				}
				s.shut(sheet)
				s.apply(nil, s.p.At)
			})
		})
	}
	box = widgets.NewEntry(widgets.EntryParams{Masked: true, Wedge: s.wedge, Keys: s, OnScan: s.scanned, OnEsc: func() { s.shut(sheet) }})
	sheet = &widgets.Sheet{
		Title: s.t.T("vault.ask"), Width: 620, Text: box,
		Body: widgets.Col(theme.S3, note, widgets.Least(0, theme.Target, box), widgets.Row(theme.S3,
			widgets.Grow(widgets.NewButton(widgets.ButtonParams{Label: s.t.T("vault.later"), Key: "Esc", Height: 60, Do: func() { s.shut(sheet) }})),
			widgets.Grow(widgets.NewButton(widgets.ButtonParams{Label: s.t.T("set.vault.unlock"), Key: "Enter", Look: widgets.Primary, Height: 60, Do: try})))),
		OnKey: func(k fyne.KeyName) {
			if k == fyne.KeyReturn || k == fyne.KeyEnter {
				try()
			}
		},
	}
	s.lift(sheet)
}

// restore brings the books back, unless a payment needs them.
func (s *Shell) restore(file string) {
	if s.moneyMoves() {
		s.warn(s.t.T("pay.locked"))
		return
	}
	s.p.Setup.Restore(file)
}

// focus gives the keyboard to a box of a page, unless something lies over it.
func (s *Shell) focus(box fyne.Focusable) {
	if s.canvas != nil && !s.guard.locked && s.sheet() == nil {
		s.canvas.Focus(box)
	}
}

// read shows a long text.
func (s *Shell) read(title, body string) {
	box := widget.NewLabel(body)
	box.Wrapping = fyne.TextWrapWord
	s.lift(&widgets.Sheet{Title: title, Width: 900, Body: widgets.Least(0, 480, container.NewVScroll(box))})
}

// askFirst asks before something that cannot be undone.
func (s *Shell) askFirst(title, what, yes string, do func()) {
	s.askOne(title, widgets.NewPara(what, theme.Body, theme.Ink, 6), []option{{label: yes, do: do}, {label: s.t.T("set.no"), do: func() {}}})
}

func (s *Shell) setupKey(name fyne.KeyName) {
	if s.screen == GuideScreen {
		s.guide.Key(name)
		return
	}
	s.setup.Key(name)
}

// tested shows a code that was scanned while something is set up: it sells
// nothing.
func (s *Shell) tested(scan Scan) {
	shown := settings.Scan{At: s.p.Now()}
	if scan.Rejected != nil {
		shown.Code, shown.As = s.t.T("scan.rejected"), s.t.Fault(scan.Rejected)
		s.bar.scanned(shown.Code)
	} else {
		d := s.p.Codes.Decide(scancode.Situation{Mode: scancode.SearchMode}, scan.Code)
		s.bar.scanned(s.taken(d))
		shown.OK, shown.Code, shown.As = true, d.Reading.Shown(), s.t.T("scan.kind."+d.Reading.Kind.String())
		if shown.Code == scan.Code {
			raw := scan.Raw
			if raw == nil {
				raw = []byte(scan.Code)
			}
			shown.Bytes = spaced(hex.EncodeToString(raw))
		}
	}
	switch {
	case s.screen == SettingsScreen && s.setup.WaitsForBadge():
		s.setup.Badge(s.badgeOf(scan))
	case s.screen == GuideScreen:
		s.guide.Scanned(shown.Code + "  " + shown.As)
	case s.setup.Section() == settings.Devices:
		s.setup.Scanned(shown)
	default:
		s.inform(s.t.T("set.scanIgnored"))
	}
	s.tell(EventTested, checkout.Sale{}, shown.Code)
}

// badgeOf is the code of a staff badge, "" where something else was scanned.
func (s *Shell) badgeOf(scan Scan) string {
	if scan.Rejected != nil {
		return ""
	}
	if d := s.p.Codes.Decide(scancode.Situation{Mode: scancode.SearchMode}, scan.Code); d.Intent == scancode.SignIn {
		return d.Reading.Code
	}
	return ""
}

func spaced(hexed string) string {
	var b strings.Builder
	for i := 0; i+1 < len(hexed); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(hexed[i : i+2])
	}
	return b.String()
}

// cableIs tells the pages how the scanner's cable is.
func (s *Shell) cableIs(st ScannerStatus) {
	words := s.t.T("scanner." + st.String())
	if s.setup != nil {
		s.setup.Scanner(words, st == ScannerOnline)
	}
	if s.guide != nil {
		s.guide.Scanner(words)
	}
}
