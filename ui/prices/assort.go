package prices

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/pricing"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// askAssortment is the sheet that puts products on sale and takes them off.
func (w *Page) askAssortment() {
	w.keepTyped()
	t := w.t
	var sheet *widgets.Sheet
	entry := func(hint string) *widgets.Entry {
		return widgets.NewEntry(widgets.EntryParams{Hint: hint, Wedge: w.p.Wedge, Keys: w.p.Host, OnScan: func(string) {}, OnEsc: func() { w.p.Host.Shut(sheet) }})
	}
	what, where := entry(t.T("desk.addWhatHint")), entry(t.T("desk.addWhereHint"))
	problem := widgets.NewPara("", theme.Small, theme.Danger, 2)
	add := func() {
		products, class, ok := goodsOf(what.Text)
		shops, also := numbers(where.Text)
		if !ok || !also {
			problem.Set(t.T("desk.addBad"), theme.Danger)
			return
		}
		w.p.Host.Shut(sheet)
		w.run(t.T("desk.adding"), func(c ctx, _ *work) error { return w.p.Desk.Add(c, products, class, shops) },
			func() { w.p.Host.Inform(t.T("desk.added")) })
	}
	remove := func() {
		w.p.Host.Shut(sheet)
		w.askRemove()
	}
	button := func(name, key string, look widgets.Look, do func()) *widgets.Button {
		return widgets.NewButton(widgets.ButtonParams{Label: t.T(name, "n", len(w.toRemove())), Key: key, Look: look, Height: 56, Do: do})
	}
	takeOff := button("desk.removeN", "F9", widgets.Danger, remove)
	takeOff.Enable(len(w.toRemove()) > 0)
	body := widgets.Col(theme.S3,
		widgets.NewPara(t.T("desk.addWhat"), theme.Body, theme.Quiet, 3), what, where, problem,
		button("desk.add", "Enter", widgets.Primary, add), widgets.Rule(),
		widgets.NewPara(t.T("desk.removeWhat"), theme.Body, theme.Quiet, 3), takeOff)
	sheet = &widgets.Sheet{Title: t.T("desk.assortment"), Width: 760, Body: body, Text: what, OnKey: func(k fyne.KeyName) {
		switch k {
		case fyne.KeyReturn, fyne.KeyEnter:
			add()
		case fyne.KeyF9:
			takeOff.Tapped(nil)
		}
	}}
	w.p.Host.Lift(sheet)
}

// goodsOf reads what is to be sold: product ids, or class=ID.
func goodsOf(s string) (products []int64, class int64, ok bool) {
	if name, id, is := strings.Cut(strings.TrimSpace(s), "="); is {
		class, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
		return nil, class, err == nil && class > 0 && strings.TrimSpace(name) == "class"
	}
	products, ok = numbers(s)
	return products, 0, ok && len(products) > 0
}

// numbers reads whole numbers parted by commas or spaces.
func numbers(s string) (all []int64, ok bool) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,，、;；", r) }) {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n <= 0 {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}

// toRemove are the products that are ticked, or else the one that is marked.
func (w *Page) toRemove() (ids []int64) {
	if w.model.Ticks() > 0 {
		for _, p := range w.model.Chosen() {
			ids = append(ids, p.ProductID)
		}
		return ids
	}
	if p, ok := w.model.Marked(); ok {
		return []int64{p.ProductID}
	}
	return nil
}

// askRemove names what would be taken off sale and asks once more.
func (w *Page) askRemove() {
	ids := w.toRemove()
	var plan pricing.Removal
	w.run(w.t.T("desk.removing"), func(c ctx, _ *work) (err error) {
		plan, err = w.p.Desk.PlanRemoval(c, ids)
		return err
	}, func() { w.liftRemoval(plan) })
}

func (w *Page) liftRemoval(plan pricing.Removal) {
	t := w.t
	var sheet *widgets.Sheet
	rows := widgets.Col(theme.S1)
	for _, r := range plan.Rows {
		rows.Add(widgets.NewPara(r.Code+"  "+r.Name, theme.Body, theme.Ink, 1))
	}
	do := func() {
		w.p.Host.Shut(sheet)
		w.run(t.T("desk.removing"), func(c ctx, _ *work) error { return w.p.Desk.Remove(c, plan) }, func() {
			w.model.ticked = map[int64]bool{}
			w.p.Host.Inform(t.T("desk.removed", "n", len(plan.Rows)))
			w.paint()
		})
	}
	body := widgets.Col(theme.S3, widgets.NewPara(t.T("desk.removeSure"), theme.Body, theme.Ink, 3),
		widgets.Least(0, min(360, 30*float32(len(plan.Rows))), container.NewVScroll(rows)),
		widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.removeN", "n", len(plan.Rows)), Key: "F9", Look: widgets.Danger, Height: 56, Do: do}))
	sheet = &widgets.Sheet{Title: t.T("desk.assortment"), Width: 760, Body: body, OnKey: func(k fyne.KeyName) {
		if k == fyne.KeyF9 {
			do()
		}
	}}
	w.p.Host.Lift(sheet)
}
