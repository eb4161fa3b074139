package sale

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

const rowHeight float32 = 62

// row is one line of the cart.
type row struct {
	widget.BaseWidget
	t     *text.Texts
	onTap func(i int)

	at      int
	line    checkout.Line
	chosen  bool
	ground  *widgets.Surface
	edge    *canvas.Rectangle
	number  *canvas.Text
	name    *canvas.Text
	measure *canvas.Text
	price   string // what is said of a special price
	amount  *canvas.Text
	rule    fyne.CanvasObject
}

func newRow(t *text.Texts, onTap func(i int)) *row {
	r := &row{t: t, onTap: onTap}
	r.ground = widgets.NewSurface(8)
	r.edge = canvas.NewRectangle(widgets.Clear)
	r.edge.CornerRadius = 2
	r.number = widgets.Right(widgets.Text("", theme.Small, theme.Quiet))
	r.name = widgets.Text("", theme.Body, theme.Ink)
	r.measure = widgets.Text("", theme.Small, theme.Quiet)
	r.amount = widgets.Right(widgets.Bold("", theme.Title, theme.Ink))
	r.rule = widgets.Rule()
	r.ExtendBaseWidget(r)
	return r
}

// Tapped selects the line.
func (r *row) Tapped(*fyne.PointEvent) { r.onTap(r.at) }

// show binds a line; now is what it would cost by now, per Unit, where that differs.
func (r *row) show(i int, l checkout.Line, now money.Fen, differs, chosen bool) {
	r.at, r.line, r.chosen = i, l, chosen
	r.number.Text = strconv.Itoa(i + 1)
	r.amount.Text = l.Amount.String()
	r.price = ""
	r.measure.Color = theme.C(theme.Quiet)
	if l.Price < l.ListPrice {
		r.price = " · " + r.t.T("sale.memberShort")
		r.measure.Color = theme.C(theme.Accent)
	}
	if differs {
		r.price = " · " + r.t.T("sale.nowCosts", "price", now.String())
		r.measure.Color = theme.C(theme.Info)
	}
	r.Refresh()
}

// Measure says how an amount came about: price, unit and how much of it.
func Measure(t *text.Texts, l checkout.Line) string {
	price := l.Price.String()
	if l.Unit != "" {
		price += "/" + l.Unit
	}
	if l.UnitGrams > 0 {
		return t.T("sale.byWeight", "price", price, "kg", l.Grams.KG())
	}
	return t.T("sale.byCount", "price", price, "n", l.Qty)
}

func (r *row) paint() {
	soft := widgets.Clear
	r.edge.FillColor = widgets.Clear
	if r.chosen {
		soft, r.edge.FillColor = theme.C(theme.AccentSoft), theme.C(theme.Accent)
	}
	r.ground.Paint(soft, widgets.Clear, 0)
	room := r.Size().Width - 44 - r.amount.MinSize().Width - 24
	r.name.Text = oneLine(r.line.Name, max(60, room), theme.Body)
	r.measure.Text = oneLine(r.says(max(60, room)), max(60, room), theme.Small)
}

// says is how the amount came about, in the longest form that fits: how much of
// it matters more than a long name of its unit.
func (r *row) says(room float32) string {
	bare := r.line
	bare.Unit = ""
	short := Measure(r.t, bare)
	for _, s := range []string{Measure(r.t, r.line) + r.price, short + r.price} {
		if fyne.MeasureText(s, theme.Small, fyne.TextStyle{}).Width <= room {
			return s
		}
	}
	return short
}

// CreateRenderer draws the line.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	r.paint()
	return &rowRenderer{r}
}

type rowRenderer struct{ r *row }

func (r *rowRenderer) Destroy()           {}
func (r *rowRenderer) MinSize() fyne.Size { return fyne.NewSize(200, rowHeight) }

func (r *rowRenderer) Objects() []fyne.CanvasObject {
	w := r.r
	return []fyne.CanvasObject{w.rule, w.ground.View, w.edge, w.number, w.name, w.measure, w.amount}
}

func (r *rowRenderer) Layout(size fyne.Size) {
	w := r.r
	w.ground.View.Resize(fyne.NewSize(size.Width, size.Height-3))
	w.ground.View.Move(fyne.NewPos(0, 1))
	w.edge.Resize(fyne.NewSize(4, size.Height-19))
	w.edge.Move(fyne.NewPos(0, 9))
	w.number.Move(fyne.NewPos(6, 8))
	w.number.Resize(fyne.NewSize(26, 26))
	w.name.Move(fyne.NewPos(44, 7))
	w.name.Resize(fyne.NewSize(size.Width-44, 27))
	w.measure.Move(fyne.NewPos(44, 33))
	w.measure.Resize(fyne.NewSize(size.Width-44, 22))
	w.amount.Move(fyne.NewPos(size.Width-232, 0))
	w.amount.Resize(fyne.NewSize(220, size.Height-2))
	w.rule.Move(fyne.NewPos(10, size.Height-1))
	w.rule.Resize(fyne.NewSize(size.Width-20, 1))
}

func (r *rowRenderer) Refresh() {
	r.r.paint()
	r.Layout(r.r.Size())
	canvas.Refresh(r.r)
}
