package prices

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/services/pricing"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// inShops is the sheet that sets one price in many shops, with what it costs in
// each of them now.
type inShops struct {
	w       *Page
	sheet   *widgets.Sheet
	product catalog.Product
	shops   []Shop
	chosen  map[int64]bool
	number  widgets.Number
	at      int

	grid  *widgets.Grid
	field *widgets.Field
	ok    *widgets.Button
}

func (w *Page) askShops() {
	w.keepTyped()
	p, ok := w.model.Marked()
	if !ok {
		return
	}
	var shops []Shop
	w.run(w.t.T("desk.readingShops"), func(c ctx, _ *work) (err error) {
		shops, err = w.p.Desk.Shops(c, p.ProductID)
		return err
	}, func() { w.liftShops(p, shops) })
}

func (w *Page) liftShops(p catalog.Product, shops []Shop) {
	t := w.t
	s := &inShops{w: w, product: p, shops: shops, chosen: map[int64]bool{}, number: widgets.Number{Decimals: 2, Digits: 6}}
	for _, x := range shops {
		s.chosen[x.ShopID] = true
	}
	s.grid = widgets.NewGrid(widgets.GridParams{Cell: fyne.NewSize(0, 56), Gap: theme.S1,
		Make: func() fyne.CanvasObject { return newShopRow(s) },
		Bind: func(i int, o fyne.CanvasObject) {
			if r, ok := o.(*shopRow); ok && i < len(shops) {
				r.show(i)
			}
		}})
	s.field = widgets.NewField(t.T("desk.newPrice"), t.T("desk.yuan"), p.Price.String(), theme.Money)
	s.ok = widgets.NewButton(widgets.ButtonParams{Label: " ", Key: "Enter", Look: widgets.Primary, Size: theme.Title, Height: 60, Do: s.do})
	right := widgets.Col(theme.S3, widgets.Least(0, 84, s.field.Container), widgets.NewNumpad(true, func(r rune) { s.number.Press(r); s.paint() }), widgets.Space(), s.ok)
	left := widgets.Col(theme.S2, widgets.NewPara(p.Code+"  "+p.Name, theme.Title, theme.Ink, 1).Strong(),
		widgets.Row(theme.S2, widgets.Grow(widgets.Text(t.T("desk.shopsHave", "n", len(shops)), theme.Small, theme.Quiet)),
			widgets.NewButton(widgets.ButtonParams{Label: t.T("desk.all"), Key: "F9", Size: theme.Small, Do: s.all})),
		widgets.Grow(s.grid))
	s.sheet = &widgets.Sheet{Title: t.T("desk.shops"), Width: 1000, Height: 600, Body: widgets.Split(0.56, theme.S4, left, right),
		Number: &s.number, Paint: s.paint, OnKey: s.key, OnRune: func(r rune) {
			switch {
			case r == ' ':
				s.toggle(s.at)
			case s.number.Type(r):
				s.paint()
			}
		}}
	s.grid.SetCount(len(shops))
	s.paint()
	w.p.Host.Lift(s.sheet)
}

func (s *inShops) key(k fyne.KeyName) {
	switch k {
	case fyne.KeyReturn, fyne.KeyEnter:
		s.ok.Tapped(nil)
	case fyne.KeyBackspace:
		s.number.Back()
	case fyne.KeyDelete:
		s.number.Set("")
	case fyne.KeyUp:
		s.at = max(0, s.at-1)
	case fyne.KeyDown:
		s.at = min(len(s.shops)-1, s.at+1)
	case fyne.KeyInsert:
		s.toggle(s.at)
	case fyne.KeyF9:
		s.all()
	}
	s.grid.ShowCell(s.at)
	s.paint()
}

func (s *inShops) toggle(i int) {
	if i >= 0 && i < len(s.shops) {
		s.at = i
		id := s.shops[i].ShopID
		s.chosen[id] = !s.chosen[id]
		s.paint()
	}
}

func (s *inShops) all() {
	every := s.count() == len(s.shops)
	for _, x := range s.shops {
		s.chosen[x.ShopID] = !every
	}
	s.paint()
}

func (s *inShops) count() (n int) {
	for _, on := range s.chosen {
		if on {
			n++
		}
	}
	return n
}

func (s *inShops) price() (money.Fen, bool) {
	text := s.number.Text()
	if n := len(text); n > 0 && text[n-1] == '.' {
		text = text[:n-1]
	}
	f, err := money.ParseFen(text)
	return f, err == nil && f > 0
}

func (s *inShops) paint() {
	s.field.Show(s.number.Text())
	_, priced := s.price()
	s.ok.SetLabel(s.w.t.T("desk.inShops", "n", s.count()))
	s.ok.Enable(priced && s.count() > 0)
	s.grid.Rebind()
}

func (s *inShops) do() {
	f, ok := s.price()
	if !ok {
		return
	}
	var list []pricing.Wanted
	for _, x := range s.shops {
		if s.chosen[x.ShopID] {
			list = append(list, pricing.Wanted{ProductID: s.product.ProductID, ShopID: x.ShopID, Code: s.product.Code, Price: yuan(&f)})
		}
	}
	s.w.p.Host.Shut(s.sheet)
	s.w.look(list)
}

// look rehearses a list that was not made in the table, and shows it.
func (w *Page) look(list []pricing.Wanted) {
	var draft pricing.Draft
	w.run(w.t.T("desk.rehearsing"), func(c ctx, k *work) (err error) {
		draft, err = w.p.Desk.Rehearse(c, list, func(done, of int) { w.tell(k, done, of, 0) })
		return err
	}, func() { w.confirm(draft, w.p.Desk.Rules()) })
}

// lookFirst shows a list of this shop at once, beside this till's own copy, and
// holds it against HQ while a person looks: of thousands of prices that takes
// seconds. Nothing can be sent before.
func (w *Page) lookFirst(list []pricing.Wanted) {
	if w.busy() {
		w.p.Host.Warn(w.t.T("desk.busy"))
		return
	}
	c := w.confirm(w.p.Desk.Here(list), w.p.Desk.Rules())
	c.compare(list)
}

// shopRow is one shop with what the product costs there.
type shopRow struct {
	widget.BaseWidget
	s       *inShops
	at      int
	ground  *widgets.Surface
	box     *fyne.Container
	name    *canvas.Text
	price   *canvas.Text
	content fyne.CanvasObject
}

func newShopRow(s *inShops) *shopRow {
	r := &shopRow{s: s, ground: widgets.NewSurface(theme.Radius), box: container.NewStack()}
	r.name, r.price = widgets.Text("", theme.Body, theme.Ink), widgets.Right(widgets.Bold("", theme.Body, theme.Ink))
	r.content = container.NewStack(r.ground.View, widgets.Inset(0, theme.S3, 0, theme.S3,
		widgets.Row(theme.S3, container.NewCenter(widgets.Least(24, 24, r.box)), widgets.Grow(r.name), r.price)))
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer shows the row.
func (r *shopRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.content) }

// Tapped chooses the shop, or no longer.
func (r *shopRow) Tapped(*fyne.PointEvent) { r.s.toggle(r.at) }

func (r *shopRow) show(i int) {
	x := r.s.shops[i]
	r.at = i
	light(r.ground, i == r.s.at)
	r.box.Objects = []fyne.CanvasObject{tickBox(r.s.chosen[x.ShopID])}
	name := x.Name
	if name == "" {
		name = r.s.w.t.T("desk.shopNo", "id", x.ShopID)
	}
	r.name.Text, r.price.Text = name, "¥"+pricing.Yuan(x.Price)
	r.content.Refresh()
}

// tickBox is a box with a tick, or without.
func tickBox(on bool) fyne.CanvasObject {
	box := canvas.NewRectangle(theme.C(theme.Surface))
	box.CornerRadius, box.StrokeWidth, box.StrokeColor = 5, 1.5, theme.C(theme.Faint)
	if !on {
		return box
	}
	box.FillColor, box.StrokeColor = theme.C(theme.Accent), theme.C(theme.Accent)
	return container.NewStack(box, widgets.Pad(2, widgets.Icon("check", 18, theme.OnAccent)))
}
