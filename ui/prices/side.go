package prices

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/catalog"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// historyShown is how many changes of a product its chart goes back.
const historyShown = 100

// side is the right of the page: the marked product, and what is to change.
type side struct {
	w    *Page
	view fyne.CanvasObject

	name  *widgets.Para
	what  *widgets.Para
	chart *chart
	past  *fyne.Container
	of    int64 // product whose history is shown or asked for

	count *widgets.Para
	hint  *widgets.Para
	send  *widgets.Button
	clear *widgets.Button
	draft *fyne.Container
	doing *fyne.Container
	label *widgets.Para
	meter *widgets.Meter
	far   *widgets.Para
	stop  *widgets.Button
}

func newSide(w *Page) *side {
	t := w.t
	s := &side{w: w, chart: newChart(w.p.Zone, w.p.Now), past: widgets.Col(theme.S1)}
	s.name = widgets.NewPara("", theme.Title, theme.Ink, 2).Strong()
	s.what = widgets.NewPara("", theme.Small, theme.Quiet, 2)
	product := widgets.Col(theme.S2, s.name, s.what, hairline(), widgets.Text(t.T("desk.history"), theme.Small, theme.Quiet), s.chart, widgets.Grow(container.NewVScroll(s.past)))

	s.count = widgets.NewPara("", theme.Title, theme.Ink, 1).Strong()
	s.hint = widgets.NewPara("", theme.Small, theme.Quiet, 4)
	s.send = widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.send"), Key: "F12", Look: widgets.Primary, Size: theme.Title, Height: 60, Do: func() { w.keepTyped(); w.rehearse(false) }})
	s.clear = widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.clear"), Icon: "trash", Look: widgets.Ghost, Size: theme.Small, Do: func() { w.leaveEdit(); w.model.Clear(); w.fill() }})
	s.draft = widgets.Col(theme.S2, widgets.Row(theme.S2, widgets.Grow(s.count), s.clear), s.hint, s.send)

	s.label = widgets.NewPara("", theme.Body, theme.Ink, 2).Strong()
	s.meter = widgets.NewMeter(100, 10)
	s.far = widgets.NewPara("", theme.Small, theme.Quiet, 1)
	s.stop = widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.stop"), Key: "Esc", Do: func() {
		if w.work != nil {
			w.work.stop()
		}
	}})
	s.doing = widgets.Col(theme.S3, s.label, s.meter.Container, s.far, s.stop)

	s.view = widgets.Col(theme.S4,
		widgets.Grow(widgets.Card(widgets.Pad(theme.S4, product))),
		widgets.Card(widgets.Pad(theme.S4, container.NewStack(s.draft, s.doing))))
	return s
}

// paint shows the marked product and what is to change.
func (s *side) paint() {
	w, t := s.w, s.w.t
	p, ok := w.model.Marked()
	if !ok {
		s.name.Set("", theme.Ink)
		s.what.Set("", theme.Quiet)
	} else {
		s.name.Set(p.Name, theme.Ink)
		s.what.Set(p.Code+"  "+p.Class+"  "+p.Price.String()+"/"+p.Unit, theme.Quiet)
	}
	s.ask(p.ProductID)
	n := w.model.Changes()
	s.count.Set(t.T("desk.changes", "n", n), theme.Ink)
	hint := "desk.hint"
	if w.edit != nil {
		hint = "desk.hintTyping"
	} else if n > 0 {
		hint = "desk.hintSend"
	}
	if s.hint.Set(t.T(hint), theme.Quiet); w.behind != "" {
		s.hint.Set(w.behind, theme.Info)
	}
	s.send.Enable(n > 0)
	s.clear.Hidden = n == 0
	s.paintWork()
	s.draft.Refresh()
}

// paintWork shows how far what moves prices is.
func (s *side) paintWork() {
	k := s.w.work
	s.draft.Hidden, s.doing.Hidden = k != nil, k == nil
	if k == nil {
		return
	}
	s.label.Set(k.label, theme.Ink)
	share := float32(0)
	if k.of > 0 {
		share = float32(k.done) / float32(k.of)
	}
	s.meter.Set(share, theme.Accent)
	far := ""
	switch {
	case k.stopped:
		far = s.w.t.T("desk.stopping")
	case k.perSecond > 0:
		far = s.w.t.T("desk.farRate", "done", k.done, "of", k.of, "rate", k.perSecond)
	case k.of > 0:
		far = s.w.t.T("desk.far", "done", k.done, "of", k.of)
	}
	s.far.Set(far, theme.Quiet)
	s.stop.Enable(!k.stopped)
}

// ask reads what a product has cost; an answer that is overtaken is dropped.
func (s *side) ask(productID int64) {
	if productID == s.of {
		return
	}
	s.of = productID
	s.told(nil, false)
	if productID == 0 {
		return
	}
	s.w.p.Host.Background(func(c ctx) {
		list, err := s.w.p.Desk.History(c, productID, historyShown)
		s.w.p.Host.Later(func() {
			switch {
			case s.of != productID:
			case err != nil:
				s.forget()
				s.w.p.Host.Fault(err)
			default:
				s.told(list, true)
			}
		})
	})
}

// forget has the history read anew: a price has changed.
func (s *side) forget() { s.of = -1 }

// told shows a history; read says that this is all of it, and not that it is being read.
func (s *side) told(list []catalog.PriceEntry, read bool) {
	s.chart.show(points(list))
	s.past.Objects = nil
	if read && len(list) == 0 {
		s.past.Add(widgets.NewPara(s.w.t.T("desk.noHistory"), theme.Small, theme.Quiet, 3))
	}
	for _, e := range list {
		now := e.Now.Price.String()
		if !e.Now.Listed {
			now = s.w.t.T("desk.gone")
		}
		by := e.By
		s.past.Add(widgets.Row(theme.S2,
			widgets.Least(104, 0, widgets.Text(e.At.In(s.w.p.Zone).Format("06-01-02 15:04"), theme.Small, theme.Quiet)),
			widgets.Grow(widgets.NewPara(by, theme.Small, theme.Quiet, 1)),
			widgets.Right(widgets.Bold(now, theme.Small, theme.Ink))))
	}
	s.past.Refresh()
}
