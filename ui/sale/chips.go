package sale

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/catalog"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// chips are the classes of goods with their counts, on one row or two; more
// than fit are scrolled sideways.
type chips struct {
	*container.Scroll
	bar     *fyne.Container
	buttons []*widgets.Button
	names   []string // class by button; "" for all
	chosen  int
	onPick  func(class string)
}

func newChips(onPick func(class string)) *chips {
	c := &chips{onPick: onPick}
	c.bar = container.New(chipLayout{})
	c.Scroll = container.NewHScroll(c.bar)
	return c
}

// set shows the classes and keeps the chosen one where it still exists.
func (c *chips) set(all string, total int, classes []catalog.Class) {
	keep := c.class()
	c.names, c.buttons, c.chosen = []string{""}, nil, 0
	labels := []string{all + " " + strconv.Itoa(total)}
	for _, k := range classes {
		if k.Name == "" {
			continue
		}
		if k.Name == keep {
			c.chosen = len(c.names)
		}
		c.names = append(c.names, k.Name)
		labels = append(labels, k.Name+" "+strconv.Itoa(k.Count))
	}
	c.bar.RemoveAll()
	for i, label := range labels {
		b := widgets.NewButton(widgets.ButtonParams{Label: label, Size: theme.Small, Do: func() { c.pick(i) }})
		c.buttons = append(c.buttons, b)
		c.bar.Add(b)
	}
	c.paint()
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

func (c *chips) paint() {
	for i, b := range c.buttons {
		look := widgets.Plain
		if i == c.chosen {
			look = widgets.Primary
		}
		b.SetLook(look)
	}
}

// chipLayout fills one row, or two where one is too narrow.
type chipLayout struct{}

const chipGap = theme.S2

func (chipLayout) rows(objects []fyne.CanvasObject, width float32) (rows [][]fyne.CanvasObject, longest float32) {
	var total float32
	for _, o := range objects {
		total += o.MinSize().Width + chipGap
	}
	if limit := width + chipGap; total > limit {
		// Two rows as even as the chips allow, at least as wide as the bar.
		width = max(width, total/2+60)
	}
	var row []fyne.CanvasObject
	var used float32
	for _, o := range objects {
		w := o.MinSize().Width
		if len(row) > 0 && used+w > width && len(rows) == 0 {
			rows, row, used = append(rows, row), nil, 0
		}
		row, used = append(row, o), used+w+chipGap
		longest = max(longest, used-chipGap)
	}
	return append(rows, row), longest
}

func (l chipLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rows, _ := l.rows(objects, size.Width)
	for y, row := range rows {
		var x float32
		for _, o := range row {
			m := o.MinSize()
			o.Move(fyne.NewPos(x, float32(y)*(theme.Target+chipGap)))
			o.Resize(fyne.NewSize(m.Width, theme.Target))
			x += m.Width + chipGap
		}
	}
}

// MinSize asks for two rows as soon as one could be too narrow, so that the
// shelf below does not jump when the window changes its width.
func (l chipLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	_, one := l.rows(objects, 1e6)
	if one <= narrowShelf {
		return fyne.NewSize(one, theme.Target)
	}
	_, longest := l.rows(objects, narrowShelf)
	return fyne.NewSize(longest, 2*theme.Target+chipGap)
}

// narrowShelf is the width of the shelf on a screen of 1366.
const narrowShelf float32 = 800
