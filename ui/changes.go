package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// What is shown of the prices that changed.
const (
	changesWithin = 7 * 24 * time.Hour
	changesLimit  = 200
)

// showChanges tells whoever comes to the till which prices are others by now.
func (s *Shell) showChanges() {
	since := s.p.Now().Add(-changesWithin)
	s.background(func(ctx context.Context) {
		list, err := s.p.History.PricesChanged(ctx, since, changesLimit)
		s.later(func() {
			if err != nil {
				s.fault(err)
				return
			}
			s.liftChanges(list)
		})
	})
}

func (s *Shell) liftChanges(list []catalog.PriceEntry) {
	rows := widgets.Col(theme.S1)
	for _, e := range list {
		price := e.Was.Price.String() + " → " + e.Now.Price.String()
		if e.Was.Price == e.Now.Price {
			price = s.t.T("changes.member", "old", e.Was.Member.String(), "new", e.Now.Member.String())
		}
		role := theme.Ink
		switch {
		case e.Now.Price > e.Was.Price:
			role = theme.Danger
		case e.Now.Price < e.Was.Price:
			role = theme.Accent
		}
		rows.Add(widgets.Row(theme.S3,
			widgets.Least(104, 30, widgets.Text(s.clock(e.At), theme.Small, theme.Quiet)),
			widgets.Grow(widgets.NewPara(e.Code+"  "+e.Name, theme.Body, theme.Ink, 1)),
			widgets.Right(widgets.Bold(price, theme.Body, role))))
	}
	body := widgets.Col(theme.S3, widgets.Least(0, min(440, 34*float32(len(list))), container.NewVScroll(rows)))
	switch {
	case len(list) == 0:
		body = widgets.Col(theme.S3, widgets.NewPara(s.t.T("changes.none"), theme.Body, theme.Quiet, 2))
	case len(list) == changesLimit:
		body.Add(widgets.NewPara(s.t.T("changes.more", "n", changesLimit), theme.Small, theme.Quiet, 2))
	}
	s.lift(&widgets.Sheet{Title: s.t.T("changes.title"), Width: 760, Body: body, OnKey: func(fyne.KeyName) {}})
	s.tell(EventPrices, checkout.Sale{}, "")
}
