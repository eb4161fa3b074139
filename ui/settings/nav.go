package settings

import (
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// paintNav marks the section that is chosen, keeps it in sight, and marks those
// of which something waits to be saved.
func (w *Panel) paintNav() {
	top, room := float32(w.at)*(navHeight+theme.S1), w.list.Size().Height
	if to := max(0, min(w.list.Offset.Y, top), top+navHeight-room); room > 0 && to != w.list.Offset.Y {
		w.list.Offset.Y = to
		w.list.Refresh()
	}
	for i, item := range w.nav {
		item.show(i == w.at, i == w.at && !w.chosen(), w.touched(w.sections[i]))
	}
}

// navHeight is how high a section in the list is.
const navHeight float32 = 48

// navItem is a section in the list.
type navItem struct {
	tappable
	ground *canvas.Rectangle
	edge   *canvas.Rectangle
	icon   *canvas.Image
	label  *canvas.Text
	name   string
	dot    *canvas.Circle
}

func newNavItem(icon, label string, tap func()) *navItem {
	n := &navItem{name: icon, ground: canvas.NewRectangle(widgets.Clear), edge: canvas.NewRectangle(widgets.Clear), icon: widgets.Icon(icon, 24, theme.Ink), label: widgets.Text(label, theme.Body, theme.Ink)}
	n.ground.CornerRadius, n.edge.CornerRadius = theme.Radius, 2
	n.dot = canvas.NewCircle(widgets.Clear)
	row := widgets.Row(theme.S3, widgets.Least(4, 0, n.edge), widgets.Middle(n.icon), widgets.Grow(n.label), container.NewCenter(widgets.Least(10, 10, n.dot)))
	n.init(widgets.Least(0, navHeight, container.NewStack(n.ground, widgets.Inset(theme.S2, theme.S3, theme.S2, theme.S1, row))), tap)
	return n
}

func (n *navItem) show(chosen, keys, touched bool) {
	ground, edge, ink := widgets.Clear, widgets.Clear, theme.Ink
	n.ground.FillColor, n.edge.FillColor = ground, edge
	n.ground.StrokeWidth, n.ground.StrokeColor = 0, widgets.Clear
	if chosen {
		n.ground.FillColor, n.edge.FillColor, ink = theme.C(theme.AccentSoft), theme.C(theme.Accent), theme.AccentDeep
	}
	if keys {
		n.ground.StrokeWidth, n.ground.StrokeColor = 2, theme.C(theme.Accent)
	}
	n.label.TextStyle.Bold = chosen
	n.label.Color = theme.C(ink)
	if icon := theme.Icon(n.name, ink); n.icon.Resource != icon {
		n.icon.Resource = icon
		n.icon.Refresh()
	}
	n.dot.FillColor = widgets.Clear
	if touched {
		n.dot.FillColor = theme.C(theme.Warning)
	}
	n.Refresh()
}
