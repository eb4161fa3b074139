package prices

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/services/pricing"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// batchesShown is how many batches the list goes back.
const batchesShown = 60

// batches is the sheet of what was sent and what waits: a list on the left, on
// the right the one that is chosen, row by row.
type batches struct {
	w      *Page
	sheet  *widgets.Sheet
	list   []pricing.Batch
	known  bool // list was read
	at     int
	rows   []pricing.BatchRow
	of     string // batch whose rows are shown or asked for
	items  *widgets.Grid
	lines  *widgets.Grid
	head   *widgets.Para
	state  *widgets.Para
	undo   *widgets.Button
	send   *widgets.Button
	cancel *widgets.Button
	keep   *widgets.Button
	apply  *widgets.Button
}

// Batches opens the list.
func (w *Page) Batches() { w.openBatch("") }

// openBatch opens the list on one of them; "" is the newest.
func (w *Page) openBatch(id string) {
	w.keepTyped()
	b := &batches{w: w}
	t := w.t
	b.items = widgets.NewGrid(widgets.GridParams{Cell: fyne.NewSize(0, 66), Gap: theme.S1,
		Make: func() fyne.CanvasObject { return newBatchItem(w, b.pick) },
		Bind: func(i int, o fyne.CanvasObject) {
			if it, ok := o.(*batchItem); ok && i < len(b.list) {
				it.show(i, b.list[i], i == b.at)
			}
		}})
	b.lines = widgets.NewGrid(widgets.GridParams{Cell: fyne.NewSize(0, lineHeight),
		Make: func() fyne.CanvasObject { return newBatchLine(w) },
		Bind: func(i int, o fyne.CanvasObject) {
			if l, ok := o.(*batchLine); ok && i < len(b.rows) {
				l.show(b.rows[i])
			}
		}})
	b.head, b.state = widgets.NewPara("", theme.Title, theme.Ink, 1).Strong(), widgets.NewPara("", theme.Small, theme.Quiet, 2)
	button := func(name, key string, look widgets.Look, do func()) *widgets.Button {
		return widgets.NewButton(widgets.ButtonParams{Label: t.T(name), Key: key, Look: look, Do: do})
	}
	b.send = button("desk.goOn", "Enter", widgets.Primary, b.goOn)
	b.undo = button("desk.undo", "F7", widgets.Plain, b.askUndo)
	b.cancel = button("desk.cancel", "F9", widgets.Danger, func() { b.act("desk.cancelling", w.p.Desk.Cancel) })
	b.keep = button("desk.keepHQ", "F10", widgets.Plain, func() { b.decide(pricing.Keep) })
	b.apply = button("desk.applyOurs", "F11", widgets.Plain, func() { b.decide(pricing.Apply) })
	detail := widgets.Col(theme.S2, b.head, b.state, widgets.Grow(sunken(b.lines)),
		widgets.Row(theme.S2, b.send, b.undo, b.cancel, widgets.Space(), b.keep, b.apply))
	body := widgets.Split(0.34, theme.S4, b.items, detail)
	b.sheet = &widgets.Sheet{Title: t.T("desk.batches"), Width: 1180, Height: 660, Body: body, OnKey: b.key}
	b.paint()
	w.p.Host.Lift(b.sheet)
	b.read(id)
}

// read reads the list anew and stays on a batch.
func (b *batches) read(id string) {
	b.w.p.Host.Background(func(c ctx) {
		list, err := b.w.p.Desk.Batches(c, batchesShown)
		b.w.p.Host.Later(func() {
			if err != nil {
				b.w.p.Host.Fault(err)
				return
			}
			b.list, b.at, b.known = list, 0, true
			for i, x := range list {
				if x.ID == id {
					b.at = i
				}
			}
			b.of = ""
			b.pick(b.at)
		})
	})
}

func (b *batches) chosen() (pricing.Batch, bool) {
	if b.at < 0 || b.at >= len(b.list) {
		return pricing.Batch{}, false
	}
	return b.list[b.at], true
}

func (b *batches) pick(i int) {
	b.at = min(max(0, i), max(0, len(b.list)-1))
	b.items.SetCount(len(b.list))
	b.items.ShowCell(b.at)
	b.paint()
	x, ok := b.chosen()
	if !ok || x.ID == b.of {
		return
	}
	b.of, b.rows = x.ID, nil
	b.lines.SetCount(0)
	b.w.p.Host.Background(func(c ctx) {
		_, rows, err := b.w.p.Desk.Batch(c, x.ID)
		b.w.p.Host.Later(func() {
			switch {
			case b.of != x.ID:
			case err != nil:
				b.w.p.Host.Fault(err)
			default:
				b.rows = rows
				b.lines.ToTop()
				b.lines.SetCount(len(rows))
			}
		})
	})
}

func (b *batches) key(k fyne.KeyName) {
	by := map[fyne.KeyName]*widgets.Button{
		fyne.KeyReturn: b.send, fyne.KeyEnter: b.send, fyne.KeyF7: b.undo, fyne.KeyF9: b.cancel, fyne.KeyF10: b.keep, fyne.KeyF11: b.apply,
	}[k]
	switch {
	case by != nil && by.Visible():
		by.Tapped(nil)
	case k == fyne.KeyUp:
		b.pick(b.at - 1)
	case k == fyne.KeyDown:
		b.pick(b.at + 1)
	case k == fyne.KeyPageDown:
		b.lines.Page(1)
	case k == fyne.KeyPageUp:
		b.lines.Page(-1)
	}
}

// paint says how the chosen batch is, and what can be done with it.
func (b *batches) paint() {
	t := b.w.t
	x, ok := b.chosen()
	switch {
	case ok:
		b.head.Set(x.Name, theme.Ink)
		b.state.Set(b.w.stateOf(x), theme.Quiet)
	case b.known:
		b.head.Set(t.T("desk.noBatches"), theme.Quiet)
	}
	asks := x.Count[pricing.RowConflict] + x.Count[pricing.RowUnknown] + x.Count[pricing.RowUnchanged]
	left := x.Count[pricing.RowPlanned] + x.Count[pricing.RowSent] + x.Count[pricing.RowUnknown]
	running := b.w.busy()
	b.send.Hidden = !ok || left == 0 || running || x.State == pricing.BatchCancelled
	b.undo.Hidden = !ok || x.Count[pricing.RowChanged] == 0 || x.Count[pricing.RowPlanned]+x.Count[pricing.RowSent] > 0 || running
	b.cancel.Hidden = !ok || x.Count[pricing.RowPlanned] == 0 || running
	b.keep.Hidden, b.apply.Hidden = asks == 0 || running, asks == 0 || running
	for _, w := range []*widgets.Button{b.send, b.undo, b.cancel, b.keep, b.apply} {
		w.Refresh()
	}
	if b.sheet != nil {
		b.sheet.Body.Refresh()
	}
}

// stateKey is the text of a batch's state.
func stateKey(x pricing.Batch) string {
	if x.Stopped() {
		return "desk.batch.stopped"
	}
	return "desk.batch." + string(x.State)
}

// stateOf is how a batch is, in one sentence.
func (w *Page) stateOf(x pricing.Batch) string {
	t := w.t
	says := t.T(stateKey(x)) + " · " + x.By.Name + " · " + x.MadeAt.In(w.p.Zone).Format("01-02 15:04")
	if x.State == pricing.BatchWaiting && !x.Stopped() {
		says += " · " + t.T("desk.at", "time", x.Due.In(w.p.Zone).Format("01-02 15:04"))
	}
	for _, s := range pricing.RowStates() {
		if n := x.Count[s]; n > 0 {
			says += " · " + t.T("desk.row."+string(s)) + " " + itoa(n)
		}
	}
	return says
}

// goOn sends what is left of the chosen batch.
func (b *batches) goOn() {
	x, ok := b.chosen()
	if !ok {
		return
	}
	b.w.p.Host.Shut(b.sheet)
	w := b.w
	w.sendOn(w.t.T("desk.sending"), func(c ctx, k *work) (pricing.Batch, error) { return w.sent(c, k, x.ID) })
}

// askUndo brings every price of the chosen batch back: planned and sent at once,
// for nothing of it is new.
func (b *batches) askUndo() {
	x, ok := b.chosen()
	if !ok {
		return
	}
	b.w.p.Host.Shut(b.sheet)
	w := b.w
	w.sendOn(w.t.T("desk.undoing", "name", x.Name), func(c ctx, k *work) (pricing.Batch, error) {
		undo, err := w.p.Desk.Undo(c, x.ID, w.t.T("desk.undoName", "name", x.Name))
		if err != nil {
			return undo, err
		}
		return w.sent(c, k, undo.ID)
	})
}

// act does something short with the chosen batch.
func (b *batches) act(label string, do func(c ctx, id string) (pricing.Batch, error)) {
	x, ok := b.chosen()
	if !ok {
		return
	}
	b.w.run(b.w.t.T(label), func(c ctx, _ *work) error {
		_, err := do(c, x.ID)
		return err
	}, func() { b.read(x.ID) })
}

// decide is a person's word on every row that asks. What is applied is sent.
func (b *batches) decide(d pricing.Decision) {
	x, ok := b.chosen()
	if !ok {
		return
	}
	w := b.w
	w.p.Host.Shut(b.sheet)
	if d == pricing.Keep {
		w.run(w.t.T("desk.keeping"), func(c ctx, _ *work) error {
			_, err := w.p.Desk.Resolve(c, x.ID, nil, d)
			return err
		}, func() { w.p.Host.Inform(w.t.T("desk.keptHQ", "name", x.Name)) })
		return
	}
	w.sendOn(w.t.T("desk.sending"), func(c ctx, k *work) (pricing.Batch, error) {
		if _, err := w.p.Desk.Resolve(c, x.ID, nil, d); err != nil {
			return x, err
		}
		return w.sent(c, k, x.ID)
	})
}

// batchItem is one batch of the list.
type batchItem struct {
	widget.BaseWidget
	w       *Page
	at      int
	ground  *widgets.Surface
	name    *canvas.Text
	sub     *canvas.Text
	count   *canvas.Text
	content fyne.CanvasObject
	tap     func(int)
}

func newBatchItem(w *Page, tap func(int)) *batchItem {
	it := &batchItem{w: w, tap: tap, ground: widgets.NewSurface(theme.Radius)}
	it.name, it.sub = widgets.Bold("", theme.Body, theme.Ink), widgets.Text("", theme.Small, theme.Quiet)
	it.count = widgets.Right(widgets.Bold("", theme.Body, theme.Quiet))
	it.content = container.NewStack(it.ground.View, widgets.Inset(theme.S2, theme.S3, theme.S2, theme.S3,
		widgets.Row(theme.S2, widgets.Grow(widgets.Free(widgets.Col(0, it.name, it.sub))), it.count)))
	it.ExtendBaseWidget(it)
	return it
}

// CreateRenderer shows the item.
func (it *batchItem) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(it.content)
}

// Tapped chooses the batch.
func (it *batchItem) Tapped(*fyne.PointEvent) { it.tap(it.at) }

func (it *batchItem) show(i int, b pricing.Batch, chosen bool) {
	it.at = i
	light(it.ground, chosen)
	room := max(80, it.Size().Width-90)
	it.name.Text = one(b.Name, room, theme.Body)
	it.sub.Text = one(it.w.t.T(stateKey(b))+" · "+b.MadeAt.In(it.w.p.Zone).Format("01-02 15:04")+" · "+b.By.Name, room, theme.Small)
	it.sub.Color = theme.C(theme.Quiet)
	if b.Count[pricing.RowConflict]+b.Count[pricing.RowUnknown] > 0 {
		it.sub.Color = theme.C(theme.Warning)
	}
	it.count.Text = itoa(b.Rows())
	it.content.Refresh()
}

// batchLine is one price of a batch.
type batchLine struct {
	widget.BaseWidget
	w       *Page
	name    *canvas.Text
	state   *canvas.Text
	prices  *canvas.Text
	content fyne.CanvasObject
}

func newBatchLine(w *Page) *batchLine {
	l := &batchLine{w: w, name: widgets.Text("", theme.Body, theme.Ink), state: widgets.Text("", theme.Small, theme.Quiet), prices: widgets.Right(widgets.Bold("", theme.Body, theme.Ink))}
	l.content = widgets.Inset(theme.S1, theme.S2, 0, theme.S2, widgets.Row(theme.S3, widgets.Grow(widgets.Free(widgets.Col(0, l.name, l.state))), l.prices))
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer shows the line.
func (l *batchLine) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.content) }

func (l *batchLine) show(r pricing.BatchRow) {
	t := l.w.t
	room := max(80, l.Size().Width-230)
	l.name.Text = one(r.Code+"  "+r.Name, room, theme.Body)
	says, role := t.T("desk.row."+string(r.State)), theme.Quiet
	switch r.State {
	case pricing.RowChanged, pricing.RowUndone:
		role = theme.Accent
	case pricing.RowConflict:
		role, says = theme.Warning, t.T("desk.conflict", "now", pricing.Yuan(r.Now))
	case pricing.RowUnknown, pricing.RowUnchanged:
		role = theme.Warning
	case pricing.RowBlocked:
		role = theme.Danger
	case pricing.RowPlanned, pricing.RowSent, pricing.RowSame, pricing.RowKept, pricing.RowCancelled:
	}
	if r.Why != nil && r.State != pricing.RowConflict {
		says += " · " + t.Fault(r.Why)
	}
	l.state.Text, l.state.Color = one(says, room, theme.Small), theme.C(role)
	l.prices.Text = "¥" + pricing.Yuan(r.Was) + " → " + r.Price.String()
	l.content.Refresh()
}
