package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"cashier/services/access"
	"cashier/ui/prices"
	"cashier/ui/widgets"
)

// The key that opens the manager's desk: no plain one is free, and none is wanted
// that a cashier's hand could find by mistake.
const (
	deskKey   fyne.KeyName = "Control+P" // as the shell hears of it
	deskShown string       = "Ctrl P"
)

var deskShortcut = &desktop.CustomShortcut{KeyName: fyne.KeyP, Modifier: fyne.KeyModifierControl}

// deskHost is the shell as the manager's desk sees it.
type deskHost struct{ *Shell }

func (h deskHost) Lift(sheet *widgets.Sheet)             { h.lift(sheet) }
func (h deskHost) Shut(sheet *widgets.Sheet)             { h.shut(sheet) }
func (h deskHost) Background(work func(context.Context)) { h.background(work) }
func (h deskHost) Later(f func())                        { h.later(f) }
func (h deskHost) Inform(words string)                   { h.inform(words) }
func (h deskHost) Warn(words string)                     { h.warn(words) }
func (h deskHost) Fault(err error)                       { h.fault(err) }
func (h deskHost) Unfocus()                              { h.unfocus() }

// buildDesk makes the manager's desk where there is somebody to send prices to.
func (s *Shell) buildDesk() (err error) {
	if s.p.Prices == nil {
		return nil
	}
	s.desk, err = prices.New(prices.Params{
		Text: s.t, Zone: s.p.Zone, Now: s.p.Now, Index: s.p.Catalog.Index, Pictures: s.pictures, Desk: s.p.Prices,
		Host: deskHost{s}, Wedge: s.wedge, OnScan: s.scanned, Back: s.home,
	})
	return err
}

// openDesk shows the manager's desk to whoever may change prices.
func (s *Shell) openDesk() {
	switch {
	case s.desk == nil:
		s.warn(s.t.T("desk.noHQ"))
		return
	case s.screen == PricesScreen:
		return
	}
	if err := s.p.Actor().Demand(access.Prices); err != nil {
		s.fault(err)
		return
	}
	s.goTo(PricesScreen)
	s.desk.Show()
}

// Dropped takes files that were dropped onto the window: a price list, on the
// manager's desk.
func (s *Shell) Dropped(files []string) {
	if s.screen == PricesScreen && len(files) > 0 && s.sheet() == nil {
		s.desk.Import(files[0])
	}
}

// keyAtDesk takes a key on the manager's desk, whose keys are its own but for help
// and the sync.
func (s *Shell) keyAtDesk(name fyne.KeyName) {
	switch name {
	case fyne.KeyF1:
		s.help()
	case fyne.KeyF5:
		s.Sync()
	default:
		s.desk.Key(name)
	}
}
