package redeem

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// shown is how many of today's redemptions are listed.
const shown = 50

// Today is what was redeemed today, in the place of the basket.
type Today struct {
	fyne.CanvasObject
	t    *text.Texts
	zone *time.Location
	body *fyne.Container
}

// NewToday makes an empty list; times are shown in zone.
func NewToday(t *text.Texts, zone *time.Location) *Today {
	d := &Today{t: t, zone: zone, body: container.NewStack()}
	d.CanvasObject = widgets.Card(widgets.Pad(theme.S4, widgets.Col(theme.S3,
		widgets.Bold(t.T("redeem.today"), theme.Title, theme.Ink), widgets.Rule(), widgets.Grow(d.body))))
	d.Show(nil)
	return d
}

// Show lists the redemptions among sales, which come newest first.
func (d *Today) Show(sales []checkout.Sale) {
	list := widgets.Col(0)
	for _, s := range sales {
		if s.Kind == checkout.Redemption && len(list.Objects) < shown {
			list.Add(d.row(s))
		}
	}
	var o fyne.CanvasObject = container.NewVScroll(list)
	if len(list.Objects) == 0 {
		o = container.NewCenter(widgets.Col(theme.S3, widgets.Badge("card", 96, theme.Quiet, theme.Sunken),
			widgets.Centred(widgets.Text(d.t.T("redeem.noneToday"), theme.Body, theme.Quiet))))
	}
	d.body.Objects = []fyne.CanvasObject{o}
	d.body.Refresh()
}

func (d *Today) row(s checkout.Sale) fyne.CanvasObject {
	name, last4 := "", ""
	var times int64
	for _, l := range s.Lines {
		name, times = l.Name, times+l.Times
	}
	for _, l := range s.Legs {
		last4 = l.CardLast4
	}
	role, state := theme.Accent, "−"+strconv.FormatInt(times, 10)
	if s.State != checkout.Complete {
		role, state = theme.Warning, d.t.T("sale.state."+string(s.State))
	}
	line := widgets.Row(theme.S3,
		widgets.Grow(widgets.Col(0,
			widgets.NewPara(name, theme.Body, theme.Ink, 1),
			widgets.Text(s.OpenedAt.In(d.zone).Format("15:04")+"  ···"+last4, theme.Small, theme.Quiet))),
		widgets.Bold(state, theme.Title, role))
	return widgets.Col(0, widgets.Inset(theme.S2, theme.S2, theme.S2, theme.S2, line), widgets.Rule())
}
