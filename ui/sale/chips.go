package sale

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/services/catalog"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// chips are the classes of goods with their counts, on one row or two; more
// than fit are scrolled sideways.
type chips struct {
	*container.Scroll
	bar     *fyne.Container
	lay     *chipLayout
	buttons []*widgets.Button
	labels  []string // of the buttons
	names   []string // class by button; "" for all
	chosen  int
	onPick  func(class string)
}

func newChips(onPick func(class string)) *chips {
	c := &chips{onPick: onPick, lay: &chipLayout{}}
	c.bar = container.New(c.lay)
	c.Scroll = container.NewHScroll(newDragged(c.bar, c.drag))
	return c
}

// set shows the classes and keeps the chosen one where it still exists.
func (c *chips) set(all string, total int, classes []catalog.Class) {
	keep := c.class()
	names, labels := []string{""}, []string{all + " " + strconv.Itoa(total)}
	for _, k := range classes {
		if k.Name != "" {
			names = append(names, k.Name)
			labels = append(labels, k.Name+" "+strconv.Itoa(k.Count))
		}
	}
	c.chosen = max(0, slices.Index(names, keep))
	if !slices.Equal(c.labels, labels) {
		c.make(labels)
	}
	c.names = names
	c.paint()
}

// make puts up new buttons at once: each that is added alone lays all out.
func (c *chips) make(labels []string) {
	c.labels, c.buttons = labels, nil
	c.lay.widths = nil
	objects := make([]fyne.CanvasObject, len(labels))
	for i, label := range labels {
		b := widgets.NewButton(widgets.ButtonParams{Label: label, Size: theme.Small, Do: func() { c.pick(i) }})
		c.buttons = append(c.buttons, b)
		objects[i] = b
	}
	c.bar.Objects = objects
	c.bar.Refresh()
}

func (c *chips) class() string {
	if c.chosen < len(c.names) {
		return c.names[c.chosen]
	}
	return ""
}

func (c *chips) step(n int) {
	if len(c.names) > 0 {
		c.pick((c.chosen + n + len(c.names)) % len(c.names))
	}
}

func (c *chips) pick(i int) {
	c.chosen = i
	c.paint()
	b := c.buttons[i]
	switch left, right := b.Position().X, b.Position().X+b.Size().Width; {
	case left < c.Offset.X:
		c.ScrollToOffset(fyne.NewPos(left, 0))
	case right > c.Offset.X+c.Size().Width:
		c.ScrollToOffset(fyne.NewPos(right-c.Size().Width, 0))
	}
	c.onPick(c.names[i])
}

// drag moves the classes under a finger, which the toolkit's scroller does only
// on phones.
func (c *chips) drag(dx float32) {
	most := max(0, c.bar.MinSize().Width-c.Size().Width)
	c.ScrollToOffset(fyne.NewPos(min(most, max(0, c.Offset.X-dx)), 0))
}

func (c *chips) paint() {
	for i, b := range c.buttons {
		look := widgets.Plain
		if i == c.chosen {
			look = widgets.Primary
		}
		b.SetLook(look)
	}
}

// chipLayout fills one row, or two where one is too narrow. The toolkit asks for
// the least size of everything in every frame; labels never change, so that the
// widths are taken once.
type chipLayout struct{ widths []float32 }

const chipGap = theme.S2

// rows are how many chips the first row takes, and how wide the longer row is.
func (l *chipLayout) rows(width float32) (first int, longest float32) {
	var total float32
	for _, w := range l.widths {
		total += w + chipGap
	}
	if limit := width + chipGap; total > limit {
		// Two rows as even as the chips allow, at least as wide as the bar.
		width = max(width, total/2+60)
	}
	var used float32
	for i, w := range l.widths {
		if used > 0 && first == 0 && used+w > width {
			first, used = i, 0
		}
		used += w + chipGap
		longest = max(longest, used-chipGap)
	}
	if first == 0 {
		first = len(l.widths)
	}
	return first, longest
}

func (l *chipLayout) measure(objects []fyne.CanvasObject) {
	if len(l.widths) == len(objects) {
		return
	}
	l.widths = l.widths[:0]
	for _, o := range objects {
		l.widths = append(l.widths, o.MinSize().Width)
	}
}

func (l *chipLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.measure(objects)
	first, _ := l.rows(size.Width)
	var x, y float32
	for i, o := range objects {
		if i == first {
			x, y = 0, theme.Target+chipGap
		}
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(l.widths[i], theme.Target))
		x += l.widths[i] + chipGap
	}
}

// MinSize asks for two rows as soon as one could be too narrow, so that the
// shelf below does not jump when the window changes its width.
func (l *chipLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	l.measure(objects)
	if _, one := l.rows(1e6); one <= narrowShelf {
		return fyne.NewSize(one, theme.Target)
	}
	_, longest := l.rows(narrowShelf)
	return fyne.NewSize(longest, 2*theme.Target+chipGap)
}

// narrowShelf is the width of the shelf on a screen of 1366.
const narrowShelf float32 = 800

// dragged tells how far a finger has moved its content sideways.
type dragged struct {
	widget.BaseWidget
	content fyne.CanvasObject
	moved   func(dx float32)
}

var _ fyne.Draggable = (*dragged)(nil)

func newDragged(content fyne.CanvasObject, moved func(dx float32)) *dragged {
	d := &dragged{content: content, moved: moved}
	d.ExtendBaseWidget(d)
	return d
}

// CreateRenderer shows the content.
func (d *dragged) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(d.content) }

// Dragged moves with the finger.
func (d *dragged) Dragged(e *fyne.DragEvent) { d.moved(e.Dragged.DX) }

// DragEnd changes nothing.
func (d *dragged) DragEnd() {}
