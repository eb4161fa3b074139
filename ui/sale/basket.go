package sale

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// BasketParams of a Basket. All are required.
type BasketParams struct {
	Text *text.Texts
	// What the buttons do; the shell does the same for their keys.
	Pay, Member, Undo, Redo, Clear, Plus, Minus, Quantity, Remove func()
	Apply, Keep                                                   func() // what HQ charges by now
	Select                                                        func(i int)
}

// Basket is the right of the screen while something is sold: the lines, what
// can be done to the selected one, the total, and the way to the money.
type Basket struct {
	fyne.CanvasObject
	p      BasketParams
	lines  []checkout.Line
	chosen int
	locked bool
	now    map[int]money.Fen // what lines would cost by now, per Unit

	title                          *widgets.Para
	pieces                         *canvas.Text
	total                          *canvas.Text
	saved                          *canvas.Text
	asOf                           *canvas.Text
	grid                           *widgets.Grid
	empty                          *fyne.Container
	member, undo, redo, clear, pay *widgets.Button
	minus, quantity, plus, remove  *widgets.Button
	change                         *fyne.Container // what edits the cart as a whole
	news                           *fyne.Container // HQ has other prices by now
	newsIs, newsTotal              *canvas.Text
	tools                          *fyne.Container // what edits the selected line
}

// NewBasket makes an empty basket.
func NewBasket(p BasketParams) (*Basket, error) {
	for _, f := range []func(){p.Pay, p.Member, p.Undo, p.Redo, p.Clear, p.Plus, p.Minus, p.Quantity, p.Remove, p.Apply, p.Keep} {
		if f == nil {
			return nil, errors.New("ui/sale: all of BasketParams are required")
		}
	}
	if p.Text == nil || p.Select == nil {
		return nil, errors.New("ui/sale: all of BasketParams are required")
	}
	b := &Basket{p: p, chosen: -1}
	t := p.Text
	button := func(label, key, icon string, look widgets.Look, do func()) *widgets.Button {
		return widgets.NewButton(widgets.ButtonParams{Label: label, Key: key, Icon: icon, Look: look, Do: do})
	}
	b.member = button(t.T("sale.member"), "F3", "", widgets.Plain, p.Member)
	b.undo = button("", "F7", "undo", widgets.Ghost, p.Undo)
	b.redo = button("", "F8", "redo", widgets.Ghost, p.Redo)
	b.clear = button("", "F9", "trash", widgets.Ghost, p.Clear)
	b.minus = button("", "", "minus", widgets.Plain, p.Minus)
	b.quantity = button(t.T("sale.quantity"), "*", "", widgets.Plain, p.Quantity)
	b.plus = button("", "", "plus", widgets.Plain, p.Plus)
	b.remove = button(t.T("sale.remove"), "Del", "", widgets.Danger, p.Remove)
	b.pay = widgets.NewButton(widgets.ButtonParams{Label: t.T("sale.pay"), Key: "Enter", Look: widgets.Primary, Size: theme.Heading, Height: 72, Do: p.Pay})
	b.pieces = widgets.Text("", theme.Body, theme.Quiet)
	b.saved = widgets.Right(widgets.Text("", theme.Small, theme.Accent))
	b.asOf = widgets.Text("", theme.Small, theme.Quiet)
	b.total = widgets.Right(widgets.Bold("", theme.Money, theme.Ink))
	b.grid = widgets.NewGrid(widgets.GridParams{
		Cell: fyne.NewSize(0, rowHeight),
		Make: func() fyne.CanvasObject { return newRow(t, b.tapped) },
		Bind: func(i int, o fyne.CanvasObject) {
			if r, ok := o.(*row); ok && i < len(b.lines) {
				now, differs := b.now[i]
				r.show(i, b.lines[i], now, differs, i == b.chosen && !b.locked)
			}
		},
	})
	b.build()
	b.Show(checkout.Cart{}, -1, false, false)
	return b, nil
}

func (b *Basket) build() {
	t := b.p.Text
	b.empty = container.NewCenter(widgets.Least(330, 0, widgets.Col(theme.S3,
		widgets.Badge("scan", 104, theme.Accent, theme.AccentSoft),
		widgets.Centred(widgets.Bold(t.T("sale.emptyTitle"), theme.Title, theme.Ink)),
		widgets.NewPara(t.T("sale.emptyHint"), theme.Body, theme.Quiet, 3).Middle())))
	b.change = widgets.Row(0, b.undo, b.redo, b.clear, widgets.Gap(6), b.member)
	b.title = widgets.NewPara(t.T("sale.basket"), theme.Title, theme.Ink, 1).Strong()
	head := widgets.Row(theme.S1, widgets.Grow(widgets.Middle(b.title)), b.change)
	b.tools = widgets.Row(theme.S2, widgets.Least(64, 0, b.minus), widgets.Grow(b.quantity), widgets.Least(64, 0, b.plus), widgets.Grow(b.remove))
	b.newsIs, b.newsTotal = widgets.Text("", theme.Small, theme.Info), widgets.Text("", theme.Small, theme.Ink)
	b.news = widgets.Row(theme.S2, widgets.Grow(widgets.Middle(widgets.Col(0, b.newsIs, b.newsTotal))),
		widgets.NewButton(widgets.ButtonParams{Label: t.T("sale.applyPrices"), Key: "F10", Look: widgets.Soft, Size: theme.Small, Do: b.p.Apply}),
		widgets.NewButton(widgets.ButtonParams{Label: t.T("sale.keepPrices"), Key: "F11", Look: widgets.Ghost, Size: theme.Small, Do: b.p.Keep}))
	b.news.Hide()
	sum := widgets.Row(theme.S3, widgets.Middle(widgets.Col(0, b.pieces, b.asOf)), widgets.Grow(widgets.Col(0, b.total, b.saved)))
	b.CanvasObject = widgets.Card(widgets.Pad(theme.S4, widgets.Col(theme.S3,
		head, widgets.Rule(), widgets.Grow(container.NewStack(b.grid, b.empty)), b.news, b.tools, widgets.Rule(), sum, b.pay)))
}

func (b *Basket) tapped(i int) {
	if !b.locked {
		b.p.Select(i)
	}
}

// Lock freezes the lines while money moves.
func (b *Basket) Lock(on bool) {
	b.locked = on
	b.paint()
}

// Head says what the basket is, and from when its prices are.
func (b *Basket) Head(title, asOf string) {
	b.title.Set(title, theme.Ink)
	widgets.Put(b.asOf, asOf, theme.Quiet)
}

// Lines are the lines shown.
func (b *Basket) Lines() []checkout.Line { return b.lines }

// Total is what the basket says is to be paid.
func (b *Basket) Total() string { return b.total.Text }

// PayKey is the key on the pay button.
func (b *Basket) PayKey() string { return b.pay.Key() }

// News offers the prices of now for the lines they change, and what the cart
// would come to; without any there is nothing to offer.
func (b *Basket) News(changes []checkout.PriceChange, old, total money.Fen) {
	if len(changes) == 0 && len(b.now) == 0 {
		return
	}
	b.now = make(map[int]money.Fen, len(changes))
	for _, c := range changes {
		b.now[c.Line] = c.New
	}
	widgets.Put(b.newsIs, b.p.Text.T("sale.newPrices", "n", len(changes)), theme.Info)
	widgets.Put(b.newsTotal, b.p.Text.T("sale.newTotal", "old", old.String(), "new", total.String()), theme.Ink)
	b.paint()
}

// Offers is what the basket says of other prices by now, "" while it offers none.
func (b *Basket) Offers() string {
	if b.news.Hidden {
		return ""
	}
	return b.newsIs.Text
}

// Show paints a cart.
func (b *Basket) Show(c checkout.Cart, chosen int, undo, redo bool) {
	grew := len(c.Lines) > len(b.lines)
	b.lines, b.chosen = c.Lines, chosen
	b.undo.Enable(undo && !b.locked)
	b.redo.Enable(redo && !b.locked)
	b.total.TextSize = widgets.MoneySize(c.Total().String())
	widgets.Put(b.total, c.Total().String(), theme.Ink)
	widgets.Put(b.pieces, b.p.Text.T("sale.pieces", "n", c.Pieces()), theme.Quiet)
	widgets.Put(b.saved, b.savings(c), theme.Accent)
	look := widgets.Plain
	if c.Member {
		look = widgets.Soft
	}
	b.member.SetLook(look)
	b.grid.SetCount(len(c.Lines))
	if grew || chosen >= 0 {
		b.grid.ShowCell(chosen)
	}
	b.paint()
}

func (b *Basket) savings(c checkout.Cart) string {
	list, err := checkout.Cart{Lines: c.Lines}.ForMember(false)
	if err != nil {
		return ""
	}
	saved := list.Total() - c.Total()
	if saved <= 0 {
		return ""
	}
	return b.p.Text.T("sale.saved", "amount", saved.String())
}

// paint refreshes the whole basket only where a part of it comes or goes: that
// lays everything out and draws every icon anew, twice with each scan.
func (b *Basket) paint() {
	some := len(b.lines) > 0
	before := b.hidden()
	b.empty.Hidden = some
	b.tools.Hidden = !some || b.locked
	b.news.Hidden = len(b.now) == 0 || b.locked
	b.pay.Hidden, b.change.Hidden = b.locked, b.locked
	b.member.Enable(!b.locked)
	b.clear.Enable(some && !b.locked)
	b.pay.Enable(some)
	counted := b.chosen >= 0 && b.chosen < len(b.lines) && b.lines[b.chosen].Pricing != catalog.ByWeight
	b.minus.Enable(counted)
	b.plus.Enable(counted)
	b.quantity.Enable(counted)
	b.grid.Rebind()
	if b.hidden() != before {
		b.Refresh()
	}
}

// hidden is what cannot be seen now.
func (b *Basket) hidden() [5]bool {
	return [5]bool{b.empty.Hidden, b.tools.Hidden, b.news.Hidden, b.pay.Hidden, b.change.Hidden}
}
