package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// GridParams of a Grid. Make and Bind are required.
type GridParams struct {
	Cell    fyne.Size // least size of a cell; width 0 means one column
	Gap     float32
	Margin  float32 // above the first and below the last row
	Make    func() fyne.CanvasObject
	Bind    func(i int, cell fyne.CanvasObject)
	OnMoved func() // the visible part changed
}

// Grid shows any number of cells and makes only those that can be seen. It is
// no list widget: it takes no focus and selects nothing, so a scan can never
// land in it and a second tap on a cell counts.
type Grid struct {
	widget.BaseWidget
	p      GridParams
	count  int
	scroll *container.Scroll
	body   *gridBody
	first  int // of the cells that exist
	last   int // one past them
	shown  map[int]fyne.CanvasObject
	spare  []fyne.CanvasObject
}

// NewGrid makes an empty grid.
func NewGrid(p GridParams) *Grid {
	g := &Grid{p: p, shown: map[int]fyne.CanvasObject{}}
	g.body = &gridBody{g: g}
	g.body.ExtendBaseWidget(g.body)
	g.scroll = container.NewVScroll(g.body)
	g.scroll.OnScrolled = func(fyne.Position) { g.update(false) }
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer shows the scroller.
func (g *Grid) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(g.scroll) }

// Resize lays the cells out anew.
func (g *Grid) Resize(s fyne.Size) {
	g.BaseWidget.Resize(s)
	g.scroll.Resize(s)
	g.update(false)
}

// Count is how many cells there are.
func (g *Grid) Count() int { return g.count }

// SetCount says how many cells there are and binds the visible ones anew.
func (g *Grid) SetCount(n int) {
	g.count = n
	g.scroll.Refresh()
	g.update(true)
}

// Rebind binds the visible cells anew.
func (g *Grid) Rebind() { g.update(true) }

// ToTop shows the first row.
func (g *Grid) ToTop() {
	g.scroll.ScrollToTop()
	g.update(false)
}

// First is the first cell that can be seen.
func (g *Grid) First() int { return g.first }

// Keep scrolls so that cell now stands where cell before stood, after cells came or
// went above it.
func (g *Grid) Keep(before, now int) {
	cols, _, h := g.measure()
	rows := now/cols - before/cols
	if rows == 0 {
		return
	}
	most := max(0, g.height()-g.scroll.Size().Height)
	g.scroll.ScrollToOffset(fyne.NewPos(0, min(most, max(0, g.scroll.Offset.Y+float32(rows)*(h+g.p.Gap)))))
	g.update(false)
}

// ShowCell scrolls so that cell i can be seen whole.
func (g *Grid) ShowCell(i int) {
	if i < 0 || i >= g.count || g.scroll.Size().Height <= 0 {
		return
	}
	cols, _, h := g.measure()
	top := g.p.Margin + float32(i/cols)*(h+g.p.Gap)
	off := g.scroll.Offset.Y
	switch {
	case top < off:
		off = top - g.p.Margin
	case top+h > off+g.scroll.Size().Height:
		off = top + h + g.p.Margin - g.scroll.Size().Height
	default:
		return
	}
	g.scroll.ScrollToOffset(fyne.NewPos(0, max(0, off)))
	g.update(false)
}

// Page scrolls by most of what is visible, down for n = 1 and up for n = -1.
func (g *Grid) Page(n int) {
	_, _, h := g.measure()
	step := max(h+g.p.Gap, g.scroll.Size().Height-h/2)
	most := max(0, g.height()-g.scroll.Size().Height)
	g.scroll.ScrollToOffset(fyne.NewPos(0, min(most, max(0, g.scroll.Offset.Y+float32(n)*step))))
	g.update(false)
}

// Wheel scrolls as a mouse's wheel does; dy below 0 is towards the last cell.
func (g *Grid) Wheel(dy float32) {
	g.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, dy)})
}

// Columns is how many cells stand side by side.
func (g *Grid) Columns() int {
	cols, _, _ := g.measure()
	return cols
}

// Each calls f for each cell that exists now.
func (g *Grid) Each(f func(i int, cell fyne.CanvasObject)) {
	for i, c := range g.shown {
		f(i, c)
	}
}

func (g *Grid) measure() (cols int, w, h float32) {
	width := g.Size().Width
	if g.p.Cell.Width <= 0 || width <= 0 {
		return 1, width, g.p.Cell.Height
	}
	cols = max(1, int((width+g.p.Gap)/(g.p.Cell.Width+g.p.Gap)))
	w = float32(int((width - g.p.Gap*float32(cols-1)) / float32(cols)))
	return cols, w, g.p.Cell.Height
}

func (g *Grid) height() float32 {
	cols, _, h := g.measure()
	rows := (g.count + cols - 1) / cols
	if rows == 0 {
		return 0
	}
	return float32(rows)*(h+g.p.Gap) - g.p.Gap + 2*g.p.Margin
}

// update makes exactly the cells of the visible rows exist.
func (g *Grid) update(rebind bool) {
	size := g.scroll.Size()
	if size.Width <= 0 || size.Height <= 0 {
		return
	}
	cols, w, h := g.measure()
	off := max(0, g.scroll.Offset.Y-g.p.Margin)
	first := int(off/(h+g.p.Gap)) * cols
	last := min(g.count, (int((off+size.Height)/(h+g.p.Gap))+1)*cols)
	g.first, g.last = first, last
	for i, c := range g.shown {
		if i < first || i >= last {
			delete(g.shown, i)
			g.spare = append(g.spare, c)
		}
	}
	for i := first; i < last; i++ {
		c, had := g.shown[i]
		if !had {
			c = g.take()
			g.shown[i] = c
		}
		c.Resize(fyne.NewSize(w, h))
		c.Move(fyne.NewPos(float32(i%cols)*(w+g.p.Gap), g.p.Margin+float32(i/cols)*(h+g.p.Gap)))
		if !had || rebind {
			g.p.Bind(i, c)
		}
	}
	canvas.Refresh(g.body)
	if g.p.OnMoved != nil {
		g.p.OnMoved()
	}
}

func (g *Grid) take() fyne.CanvasObject {
	if n := len(g.spare); n > 0 {
		c := g.spare[n-1]
		g.spare = g.spare[:n-1]
		return c
	}
	return g.p.Make()
}

// gridBody is as tall as all cells and holds the visible ones. A finger drags
// it, which the toolkit's scroller does only on phones.
type gridBody struct {
	widget.BaseWidget
	g *Grid
}

func (b *gridBody) CreateRenderer() fyne.WidgetRenderer { return &gridRenderer{b.g} }

// Dragged scrolls under a finger.
func (b *gridBody) Dragged(e *fyne.DragEvent) {
	most := max(0, b.g.height()-b.g.scroll.Size().Height)
	b.g.scroll.ScrollToOffset(fyne.NewPos(0, min(most, max(0, b.g.scroll.Offset.Y-e.Dragged.DY))))
	b.g.update(false)
}

// DragEnd changes nothing.
func (b *gridBody) DragEnd() {}

type gridRenderer struct{ g *Grid }

func (r *gridRenderer) Destroy()         {}
func (r *gridRenderer) Layout(fyne.Size) {}

// MinSize does not grow while all cells can be seen: the toolkit answers a new
// least size with a new layout and paints a second frame for it.
func (r *gridRenderer) MinSize() fyne.Size {
	h := r.g.height()
	if h <= r.g.scroll.Size().Height {
		h = 1
	}
	return fyne.NewSize(1, h)
}

func (r *gridRenderer) Refresh() {}

func (r *gridRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, len(r.g.shown))
	for i := r.g.first; i < r.g.last; i++ {
		if c, ok := r.g.shown[i]; ok {
			out = append(out, c)
		}
	}
	return out
}
