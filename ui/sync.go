package ui

import (
	"context"
	"errors"
	"strings"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/ui/start"
	"cashier/ui/text"
)

// syncing is a price sync that somebody asked for.
type syncing struct {
	running     bool
	cancel      context.CancelFunc
	read, total int
}

// Sync reads the prices from HQ, unless that is already going on.
func (s *Shell) Sync() {
	if s.syncing.running {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	s.syncing = syncing{running: true, cancel: cancel}
	s.paintSync("")
	s.background(func(context.Context) {
		report, err := s.p.Catalog.Sync(ctx, false, func(read, total int) {
			s.later(func() {
				s.syncing.read, s.syncing.total = read, total
				s.paintSync("")
			})
		})
		gaveUp := ctx.Err() != nil
		cancel()
		s.later(func() { s.synced(report, err, gaveUp) })
	})
}

func (s *Shell) cancelSync() {
	if s.syncing.running {
		s.syncing.cancel()
	}
}

func (s *Shell) synced(r catalog.Report, err error, gaveUp bool) {
	s.syncing = syncing{}
	switch {
	case err != nil && gaveUp:
		s.paintSync("")
		s.inform(s.t.T("sync.cancelled"))
	case err != nil:
		s.paintSync(s.t.Fault(err))
		s.fault(err)
	default:
		s.paintSync("")
		s.pricesChanged()
		s.reportSync(r)
		s.tell(EventSynced, checkout.Sale{}, "")
	}
}

// Synced takes the report of a sync nobody at the counter asked for. It speaks
// up only where HQ's list has a fault that was not told yet.
func (s *Shell) Synced(r catalog.Report) {
	before := s.refusedBy
	if list := s.refusals(r); list != "" && list != before {
		s.sayRefusals(r, list, "")
	}
}

func (s *Shell) reportSync(r catalog.Report) {
	words := s.t.T("sync.done", "products", r.Products, "added", r.Added, "changed", r.Changed, "removed", r.Removed)
	if len(r.Rejected) == 0 {
		s.refusedBy = ""
		var look []choice
		if s.screen == GuideScreen {
			return // it says so itself
		}
		if r.Changed > 0 {
			look = []choice{{s.t.T("changes.show"), "Home", s.showChanges}}
		}
		s.inform(words, look...)
		return
	}
	s.sayRefusals(r, s.refusals(r), words+" ")
}

func (s *Shell) sayRefusals(r catalog.Report, list, before string) {
	s.notice.say(warns, before+s.t.T("sync.rejected", "n", len(r.Rejected)), list)
}

// refusals are the products a sync did not take, each with its reason, and
// remembers them.
func (s *Shell) refusals(r catalog.Report) string {
	list := make([]string, 0, len(r.Rejected))
	for _, x := range r.Rejected {
		list = append(list, s.t.T("sync.rejection", "code", x.Offer.Code, "name", x.Offer.Name, "why", rejection(s.t, x.Reason)))
	}
	s.refusedBy = strings.Join(list, "\n")
	return s.refusedBy
}

func rejection(t *text.Texts, err error) string {
	if err == nil {
		err = errors.New("?")
	}
	return t.Fault(err)
}

func (s *Shell) paintSync(failed string) {
	s.start.Show(start.Progress{Running: s.syncing.running, Read: s.syncing.read, Total: s.syncing.total, Failed: failed})
	if s.guide != nil {
		s.guide.Syncing(start.Progress{Running: s.syncing.running, Read: s.syncing.read, Total: s.syncing.total, Failed: failed}, s.p.Catalog.Index().Len())
	}
	s.bar.tick()
}
