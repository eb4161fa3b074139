package prices

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// classes are the classes of the shop, the first being all of them.
func (w *Page) classes() (names, labels []string) {
	ix := w.p.Index()
	names, labels = []string{""}, []string{w.t.T("sale.all") + " " + strconv.Itoa(ix.Len())}
	for _, k := range ix.Classes() {
		if k.Name != "" {
			names, labels = append(names, k.Name), append(labels, k.Name+" "+strconv.Itoa(k.Count))
		}
	}
	return names, labels
}

func (w *Page) setClass(name, label string) {
	w.search.Text = ""
	w.search.Refresh()
	w.leaveEdit()
	w.model.only, w.model.query = false, ""
	w.model.Class(name)
	w.class.SetLabel(label)
	w.fill()
}

func (w *Page) stepClass(n int) {
	names, labels := w.classes()
	at := 0
	for i, name := range names {
		if name == w.model.class {
			at = i
		}
	}
	at = (at + n + len(names)) % len(names)
	w.setClass(names[at], labels[at])
}

// askClass lets a person choose a class.
func (w *Page) askClass() {
	names, labels := w.classes()
	var sheet *widgets.Sheet
	cells := container.NewGridWithColumns(4)
	for i, label := range labels {
		look := widgets.Plain
		if names[i] == w.model.class {
			look = widgets.Primary
		}
		cells.Add(widgets.NewButton(widgets.ButtonParams{Label: label, Size: theme.Small, Look: look, Do: func() {
			w.p.Host.Shut(sheet)
			w.setClass(names[i], label)
		}}))
	}
	sheet = &widgets.Sheet{Title: w.t.T("desk.class"), Width: 900, Height: 480, Body: container.NewVScroll(cells), OnKey: func(fyne.KeyName) {}}
	w.p.Host.Lift(sheet)
}
