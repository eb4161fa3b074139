package receipt

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/checkout"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a View. Text, Zone and Done are required.
type Params struct {
	Text *text.Texts
	Shop string
	Zone *time.Location
	Done func() // the cashier is done with it
	// Measure says how a line's amount came about.
	Measure func(checkout.Line) string
}

// View is the receipt on the screen.
type View struct {
	fyne.CanvasObject
	p    Params
	body *fyne.Container
	sale checkout.Sale
}

// New makes an empty view.
func New(p Params) (*View, error) {
	if p.Text == nil || p.Zone == nil || p.Done == nil || p.Measure == nil {
		return nil, errors.New("ui/receipt: Text, Zone, Done and Measure are required")
	}
	v := &View{p: p, body: container.NewStack()}
	v.CanvasObject = v.body
	return v, nil
}

// Sale is the sale shown.
func (v *View) Sale() checkout.Sale { return v.sale }

// Show shows a completed sale.
func (v *View) Show(s checkout.Sale) {
	v.sale = s
	t := v.p.Text
	next := widgets.NewButton(widgets.ButtonParams{Label: t.T("receipt.next"), Key: "Enter", Look: widgets.Soft, Size: theme.Title, Height: 60, Do: v.p.Done})
	paper := widgets.Block(theme.Page, theme.Radius, container.NewVScroll(widgets.Pad(theme.S4, v.paper(s))))
	v.body.Objects = []fyne.CanvasObject{widgets.Card(widgets.Pad(theme.S4, widgets.Col(theme.S3, v.banner(s), widgets.Grow(paper), next)))}
	v.body.Refresh()
}

// banner is what the cashier has to know at a glance: it is paid, and how much
// goes back.
func (v *View) banner(s checkout.Sale) fyne.CanvasObject {
	t := v.p.Text
	big, name := s.Total.String(), t.T("receipt.paid")
	if c := s.Change(); c > 0 {
		big, name = c.String(), t.T("receipt.change")
	}
	if s.Kind == checkout.Refund {
		name = t.T("receipt.refunded")
	}
	return widgets.Block(theme.AccentSoft, theme.Radius, widgets.Pad(theme.S4, widgets.Row(theme.S4,
		widgets.Tick(60),
		widgets.Grow(widgets.Col(0,
			widgets.Text(name, theme.Body, theme.AccentDeep),
			widgets.Bold(big, widgets.MoneySize(big), theme.AccentDeep))))))
}

func (v *View) paper(s checkout.Sale) fyne.CanvasObject {
	t := v.p.Text
	col := widgets.Col(theme.S1)
	if v.p.Shop != "" {
		col.Add(widgets.NewPara(v.p.Shop, theme.Body, theme.Ink, 2).Middle().Strong())
	}
	col.Add(widgets.Pair(t.T("receipt.no"), s.ReceiptNo))
	col.Add(widgets.Pair(t.T("receipt.time"), s.ClosedAt.In(v.p.Zone).Format(time.DateTime)))
	if s.Actor.Name != "" {
		col.Add(widgets.Pair(t.T("receipt.cashier"), s.Actor.Name))
	}
	col.Add(rule())
	for _, l := range s.Lines {
		col.Add(widgets.Row(theme.S3, widgets.Grow(widgets.NewPara(l.Name, theme.Small, theme.Ink, 2)), widgets.Text(l.Amount.String(), theme.Small, theme.Ink)))
		col.Add(widgets.Inset(0, 0, 0, theme.S3, widgets.NewPara(v.p.Measure(l), theme.Small, theme.Quiet, 2)))
	}
	col.Add(rule())
	col.Add(widgets.Row(theme.S3, widgets.Bold(t.T("receipt.total"), theme.Title, theme.Ink), widgets.Grow(widgets.Right(widgets.Bold(s.Total.String(), theme.Title, theme.Ink)))))
	for _, l := range s.Legs {
		if l.State == checkout.Paid {
			v.tender(col, l)
		}
	}
	col.Add(rule())
	col.Add(widgets.Centred(widgets.Text(t.T("receipt.noInvoice"), theme.Small, theme.Quiet)))
	return col
}

func (v *View) tender(col *fyne.Container, l checkout.Leg) {
	t := v.p.Text
	col.Add(widgets.Pair(t.T("method."+l.Method), l.Amount.String()))
	if l.Tendered > 0 {
		col.Add(widgets.Pair(t.T("receipt.handed"), l.Tendered.String()))
		col.Add(widgets.Pair(t.T("receipt.change"), (l.Tendered - l.Amount).String()))
		return
	}
	if l.ProviderNo != "" {
		col.Add(long(t.T("receipt.providerNo"), l.ProviderNo))
	}
	col.Add(long(t.T("receipt.key"), l.Key))
}

// long is a name and a value that may take two lines.
func long(name, value string) fyne.CanvasObject {
	return widgets.Row(theme.S3, widgets.Text(name, theme.Small, theme.Quiet), widgets.Grow(widgets.NewPara(value, theme.Small, theme.Ink, 2).End()))
}

func rule() fyne.CanvasObject {
	return widgets.Inset(theme.S1, 0, theme.S1, 0, widgets.Rule())
}
