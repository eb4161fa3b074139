package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/pricing"
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

// PricesFar shows how far a batch of prices is that the till sends by itself.
func (s *Shell) PricesFar(b pricing.Batch, p pricing.Progress) {
	if s.desk == nil {
		return
	}
	if b.State == pricing.BatchOpen && p.Done < p.Of && !s.goesOn[b.ID] {
		s.goesOn[b.ID] = true
		s.inform(s.t.T("desk.goesOn", "name", b.Name, "n", p.Of-p.Done))
	}
	s.desk.Behind(b, p)
}

// PricesRan says what a person should know of a batch of prices that the till sent
// by itself, once each; no scan takes it away.
func (s *Shell) PricesRan(r pricing.Ran) {
	if s.desk == nil {
		return
	}
	delete(s.goesOn, r.Batch.ID)
	s.desk.Ran(s.screen == PricesScreen)
	name := "batch " + r.Batch.ID + " "
	code := fault.CodeOf(r.Err)
	if r.Words() != nil && r.Err == nil {
		s.standing.tell(name+"late", s.t.Fault(r.Words()))
	}
	switch n := r.Asks(); {
	case code == "price.batch_paused", code == "price.batch_busy": // by a person, or the end of the program
	case r.Err != nil:
		s.standing.tell(name+code, s.t.T("desk.notSent", "name", r.Batch.Name, "why", s.t.Fault(r.Err)))
	case n > 0:
		s.standing.tell(name+"asks", s.t.T("desk.ranAsks", "name", r.Batch.Name, "n", n))
	case r.Again:
		s.standing.tell(name+"again", s.t.T("desk.wentOn", "name", r.Batch.Name, "n", r.Batch.Count[pricing.RowChanged]))
	}
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
	case fyne.KeyEscape:
		if s.notice.stays() && !s.desk.Busy() && !s.desk.Typing() {
			s.notice.clear() // it covers the search
			return
		}
		s.desk.Key(name)
	case fyne.KeyInsert:
		if s.Standing() != "" {
			s.standing.dismiss()
			return
		}
		s.desk.Key(name)
	default:
		s.desk.Key(name)
	}
}
