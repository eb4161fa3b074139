package prices

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// point is a price and since when it is in force.
type point struct {
	at    time.Time
	price money.Fen
}

// points are the prices of a history in the order of time, beginning with what
// was before the oldest entry. A time in which a product was not sold is left out.
func points(newest []catalog.PriceEntry) []point {
	var ps []point
	for _, e := range slices.Backward(newest) {
		if len(ps) == 0 && e.Was.Listed {
			ps = append(ps, point{time.Time{}, e.Was.Price})
		}
		if !e.Now.Listed || len(ps) > 0 && ps[len(ps)-1].price == e.Now.Price {
			continue
		}
		ps = append(ps, point{e.At, e.Now.Price})
	}
	if len(ps) > 0 && ps[0].at.IsZero() && len(ps) > 1 {
		ps[0].at = ps[1].at.Add(-ps[len(ps)-1].at.Sub(ps[1].at)/8 - 24*time.Hour)
	}
	return ps
}

// chart draws what a product has cost as steps over time.
type chart struct {
	widget.BaseWidget
	zone *time.Location
	now  func() time.Time

	points []point
	lines  []fyne.CanvasObject
	high   *canvas.Text
	low    *canvas.Text
	from   *canvas.Text
	till   *canvas.Text
}

func newChart(zone *time.Location, now func() time.Time) *chart {
	c := &chart{zone: zone, now: now}
	c.high, c.low = widgets.Text("", theme.Small, theme.Quiet), widgets.Text("", theme.Small, theme.Quiet)
	c.from, c.till = widgets.Text("", theme.Small, theme.Quiet), widgets.Right(widgets.Text("", theme.Small, theme.Quiet))
	c.ExtendBaseWidget(c)
	return c
}

// show draws these prices.
func (c *chart) show(ps []point) {
	c.points = ps
	c.Refresh()
}

// The room that the labels take.
const (
	chartSide   float32 = 64 // left of the steps
	chartBottom float32 = 24
	chartTop    float32 = 10
	fewestDays          = 24 * time.Hour
)

// place is where the steps go in a size: x by time, y by price.
func (c *chart) place(size fyne.Size) []fyne.Position {
	if len(c.points) == 0 {
		return nil
	}
	first, last := c.points[0].at, c.now()
	if span := last.Sub(first); span < fewestDays {
		first = last.Add(-fewestDays)
	}
	low, high := c.bounds()
	w, h := size.Width-chartSide-4, size.Height-chartBottom-chartTop
	x := func(t time.Time) float32 {
		return chartSide + w*min(1, max(0, float32(t.Sub(first).Seconds())/float32(last.Sub(first).Seconds())))
	}
	y := func(f money.Fen) float32 {
		if high == low {
			return chartTop + h/2
		}
		return chartTop + h*float32(high-f)/float32(high-low)
	}
	var path []fyne.Position
	for i, p := range c.points {
		if i > 0 {
			path = append(path, fyne.NewPos(x(p.at), y(c.points[i-1].price)))
		}
		path = append(path, fyne.NewPos(x(p.at), y(p.price)))
	}
	return append(path, fyne.NewPos(x(last), y(c.points[len(c.points)-1].price)))
}

func (c *chart) bounds() (low, high money.Fen) {
	low, high = c.points[0].price, c.points[0].price
	for _, p := range c.points {
		low, high = min(low, p.price), max(high, p.price)
	}
	return low, high
}

func (c *chart) paint(size fyne.Size) {
	c.lines = c.lines[:0]
	for _, t := range []*canvas.Text{c.high, c.low, c.from, c.till} {
		t.Text = ""
	}
	path := c.place(size)
	if len(path) == 0 {
		return
	}
	for i := 1; i < len(path); i++ {
		l := canvas.NewLine(theme.C(theme.Info))
		l.StrokeWidth = 2
		l.Position1, l.Position2 = path[i-1], path[i]
		c.lines = append(c.lines, l)
	}
	end := canvas.NewCircle(theme.C(theme.Info))
	end.Resize(fyne.NewSquareSize(8))
	end.Move(path[len(path)-1].SubtractXY(4, 4))
	c.lines = append(c.lines, end)
	low, high := c.bounds()
	c.high.Text = high.String()
	if low != high {
		c.low.Text = low.String()
	}
	c.from.Text = c.points[0].at.In(c.zone).Format("06-01-02")
	c.till.Text = c.now().In(c.zone).Format("06-01-02")
}

func (c *chart) CreateRenderer() fyne.WidgetRenderer { return &chartRenderer{c} }

type chartRenderer struct{ c *chart }

func (r *chartRenderer) Destroy()           {}
func (r *chartRenderer) MinSize() fyne.Size { return fyne.NewSize(220, 120) }

func (r *chartRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.c.high, r.c.low, r.c.from, r.c.till}, r.c.lines...)
}

func (r *chartRenderer) Layout(size fyne.Size) {
	c := r.c
	c.paint(size)
	mid := size.Height - chartBottom
	c.high.Move(fyne.NewPos(0, 0))
	if c.low.Text == "" {
		c.high.Move(fyne.NewPos(0, (mid+chartTop)/2-10))
	}
	c.low.Move(fyne.NewPos(0, mid-16))
	c.from.Move(fyne.NewPos(chartSide, size.Height-20))
	c.till.Move(fyne.NewPos(chartSide, size.Height-20))
	c.till.Resize(fyne.NewSize(size.Width-chartSide, 20))
}

func (r *chartRenderer) Refresh() {
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}
