package start

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Panel. All but Guide are required.
type Params struct {
	Text   *text.Texts
	Sync   func()
	Cancel func()
	Guide  func() // goes on with the guide; nil where there is none
}

// Progress is how far a sync is.
type Progress struct {
	Running     bool
	Read, Total int
	Failed      string // why the last one failed; "" if it did not
}

// Panel is the drawn state of a shop without prices.
type Panel struct {
	fyne.CanvasObject
	p      Params
	title  *widgets.Para
	what   *widgets.Para
	bar    *widgets.Meter
	sync   *widgets.Button
	cancel *widgets.Button
	guide  *widgets.Button
	guided bool // the guide is not over
}

// New makes the panel.
func New(p Params) (*Panel, error) {
	if p.Text == nil || p.Sync == nil || p.Cancel == nil {
		return nil, errors.New("ui/start: all of Params are required")
	}
	w := &Panel{p: p}
	t := p.Text
	w.title = widgets.NewPara("", theme.Heading, theme.Ink, 1).Middle().Strong()
	w.what = widgets.NewPara("", theme.Body, theme.Quiet, 4).Middle()
	w.bar = widgets.NewMeter(520, 12)
	w.sync = widgets.NewButton(widgets.ButtonParams{Label: t.T("start.sync"), Key: "F5", Icon: "sync", Look: widgets.Primary, Size: theme.Title, Height: 64, Do: p.Sync})
	w.cancel = widgets.NewButton(widgets.ButtonParams{Label: t.T("start.cancel"), Key: "Esc", Size: theme.Title, Height: 56, Do: p.Cancel})
	w.guide = widgets.NewButton(widgets.ButtonParams{Label: t.T("start.guide"), Key: "Enter", Icon: "store", Look: widgets.Primary, Size: theme.Title, Height: 64, Do: p.Guide})
	w.CanvasObject = widgets.Card(container.NewCenter(widgets.Least(520, 0, widgets.Col(theme.S4,
		widgets.Badge("store", 144, theme.Accent, theme.AccentSoft), w.title, w.what, w.bar.Container, w.guide, w.sync, w.cancel))))
	w.Show(Progress{})
	return w, nil
}

// Title is the sentence on top.
func (w *Panel) Title() string { return w.title.Text() }

// Guided says that the guide is not over: it is offered before a sync.
func (w *Panel) Guided(on bool) {
	w.guided = on && w.p.Guide != nil
	w.Show(Progress{})
}

// IsGuided reports whether the guide is offered.
func (w *Panel) IsGuided() bool { return w.guided }

// Show shows how far a sync is.
func (w *Panel) Show(g Progress) {
	t := w.p.Text
	w.bar.Hidden, w.cancel.Hidden, w.sync.Hidden = !g.Running, !g.Running, g.Running || w.guided
	w.guide.Hidden = g.Running || !w.guided
	share := float32(0)
	switch {
	case g.Running:
		w.title.Set(t.T("start.running"), theme.Ink)
		w.what.Set(t.T("start.connecting"), theme.Quiet)
		if g.Total > 0 {
			w.what.Set(t.T("start.progress", "read", g.Read, "total", g.Total), theme.Quiet)
			share = float32(g.Read) / float32(g.Total)
		}
	case g.Failed != "":
		w.title.Set(t.T("start.failed"), theme.Danger)
		w.what.Set(g.Failed, theme.Ink)
	default:
		w.title.Set(t.T("start.title"), theme.Ink)
		w.what.Set(t.T("start.what"), theme.Quiet)
		if w.guided {
			w.what.Set(t.T("start.unfinished"), theme.Quiet)
		}
	}
	w.Refresh()
	w.bar.Set(share, theme.Accent)
}
