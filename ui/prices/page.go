package prices

import (
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// Params of a Page. All are required.
type Params struct {
	Text     *text.Texts
	Zone     *time.Location
	Now      func() time.Time
	Index    func() *catalog.Index
	Pictures Pictures
	Desk     Desk
	Host     Host
	Wedge    *widgets.Wedge
	OnScan   func(code string)
	Back     func()
}

func (p Params) check() error {
	if p.Text == nil || p.Zone == nil || p.Now == nil || p.Index == nil || p.Pictures == nil || p.Desk == nil ||
		p.Host == nil || p.Wedge == nil || p.OnScan == nil || p.Back == nil {
		return errors.New("ui/prices: all of Params are required")
	}
	return nil
}

// Page is the manager's desk: the table on the left, on the right the product the
// keyboard stands on and what is to change.
type Page struct {
	fyne.CanvasObject
	p     Params
	t     *text.Texts
	model *Model

	search *widgets.Entry
	class  *widgets.Button
	only   *widgets.Button
	held   *widgets.Button // hidden while nothing is
	grid   *widgets.Grid
	none   *fyne.Container
	noneIs *widgets.Para
	side   *side

	facts map[int64]Fact
	asked bool // facts are being read
	edit  *edit
	work  *work // what moves prices just now

	behind string // how far a batch is that goes on by itself; "" for none
}

// edit is a price that is being typed.
type edit struct {
	product catalog.Product
	column  Column
	number  widgets.Number
}

// New makes the page.
func New(p Params) (*Page, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	w := &Page{p: p, t: p.Text, model: NewModel(p.Index)}
	w.search = widgets.NewEntry(widgets.EntryParams{Hint: w.t.T("desk.search"), Wedge: p.Wedge, Keys: p.Host, OnScan: p.OnScan, OnEsc: w.clearSearch})
	w.search.OnChanged = w.find
	w.class = widgets.NewButton(widgets.ButtonParams{Label: w.t.T("sale.all"), Key: "← →", Icon: "tag", Do: w.askClass})
	w.only = widgets.NewButton(widgets.ButtonParams{Label: w.t.T("desk.only"), Key: "F4", Do: w.toggleOnly})
	w.held = widgets.NewButton(widgets.ButtonParams{Label: " ", Key: "Home", Icon: "warning", Look: widgets.Danger, Do: w.askHeld})
	w.grid = widgets.NewGrid(widgets.GridParams{
		Cell: fyne.NewSize(0, rowHeight), Margin: theme.S1,
		Make: func() fyne.CanvasObject { return newRow(w.t, p.Zone, p.Pictures, w.tapped) },
		Bind: w.bind,
	})
	w.noneIs = widgets.NewPara("", theme.Body, theme.Quiet, 2).Middle()
	w.none = container.NewCenter(widgets.Least(420, 0, widgets.Col(theme.S4, widgets.Badge("search", 96, theme.Quiet, theme.Sunken), w.noneIs)))
	w.side = newSide(w)
	head := widgets.Row(theme.S3, widgets.Icon("tag", 28, theme.Ink), widgets.Bold(w.t.T("desk.title"), theme.Heading, theme.Ink),
		widgets.Grow(w.search), w.held, w.class, w.only,
		widgets.NewButton(widgets.ButtonParams{Label: w.t.T("desk.back"), Key: "Esc", Do: p.Back}))
	table := widgets.Card(widgets.Pad(theme.S2, widgets.Col(0, w.heads(), widgets.Rule(), widgets.Grow(container.NewStack(w.grid, w.none)))))
	left := widgets.Col(theme.S3, head, widgets.Grow(table), w.actions())
	w.CanvasObject = widgets.Row(theme.S4, widgets.Grow(widgets.Free(left)), widgets.Least(sideWidth, 0, w.side.view))
	w.fill()
	return w, nil
}

const sideWidth float32 = 336

// heads are the names of the columns.
func (w *Page) heads() fyne.CanvasObject {
	row := widgets.Row(0, widgets.Grow(widgets.Inset(0, 0, 0, colTick+colPic, widgets.Text(w.t.T("desk.product"), theme.Small, theme.Quiet))))
	for _, c := range columns {
		row.Add(widgets.Least(c.width, 26, widgets.Right(widgets.Text(w.t.T(c.name), theme.Small, theme.Quiet))))
	}
	return widgets.Inset(0, colSide, 2, 0, row)
}

// actions are what is done with many products.
func (w *Page) actions() fyne.CanvasObject {
	b := func(name, key string, do func()) fyne.CanvasObject {
		return widgets.Grow(widgets.NewButton(widgets.ButtonParams{Label: w.t.T(name), Key: key, Size: theme.Small, Do: do}))
	}
	return widgets.Row(theme.S2,
		b("desk.tickAll", "F9", w.tickAll), b("desk.adjust", "F7", w.askAdjust), b("desk.shops", "F8", w.askShops),
		b("desk.assortment", "F3", w.askAssortment), b("desk.import", "F10", w.askImport), b("desk.export", "F11", w.askExport), b("desk.batches", "F6", w.Batches))
}

// Show brings the page up to date as it is put up.
func (w *Page) Show() {
	w.Reload()
	w.readFacts()
	w.resume()
}

// Reload lists anew after a sync.
func (w *Page) Reload() {
	w.model.Reload()
	w.list()
}

// readFacts asks for cost, stock and the days of the last changes.
func (w *Page) readFacts() {
	if w.asked {
		return
	}
	w.asked = true
	w.p.Host.Background(func(ctx ctx) {
		facts, err := w.p.Desk.Facts(ctx)
		w.p.Host.Later(func() {
			w.asked = false
			if err != nil {
				w.p.Host.Fault(err)
			}
			if facts != nil {
				w.facts = facts
				w.grid.Rebind()
				w.side.paint()
			}
		})
	})
}

// fill lists anew from the beginning.
func (w *Page) fill() {
	w.grid.ToTop()
	w.list()
}

func (w *Page) list() {
	w.none.Hidden = len(w.model.Rows()) > 0
	none := w.t.T("sale.nothingFound", "query", w.search.Text)
	if w.model.OnlyChanges() {
		none = w.t.T("desk.nothing")
	}
	w.noneIs.Set(none, theme.Quiet)
	w.grid.SetCount(len(w.model.Rows()))
	w.paint()
}

func (w *Page) paint() {
	n := len(w.p.Desk.Held())
	w.held.SetLabel(w.t.T("desk.heldN", "n", n))
	if w.held.Hidden != (n == 0) {
		w.held.Hidden = n == 0
		w.held.Refresh()
	}
	w.grid.Rebind()
	look := widgets.Plain
	if w.model.OnlyChanges() {
		look = widgets.Primary
	}
	w.only.SetLook(look)
	w.only.SetLabel(w.t.T("desk.onlyN", "n", w.model.Changes()))
	w.side.paint()
}

func (w *Page) bind(i int, o fyne.CanvasObject) {
	rows := w.model.Rows()
	r, ok := o.(*row)
	if !ok || i >= len(rows) {
		return
	}
	p := rows[i]
	s := state{fact: w.facts[p.ProductID], want: w.model.WantOf(p.ProductID), marked: i == w.model.Mark(), ticked: w.model.Ticked(p.ProductID)}
	if w.edit != nil && w.edit.product.ProductID == p.ProductID {
		s.edits, s.column, s.typing = true, w.edit.column, w.edit.number.Text()
	}
	r.show(i, p, s)
}

func (w *Page) find(q string) {
	w.leaveEdit()
	w.model.Search(q)
	w.fill()
}

func (w *Page) clearSearch() {
	w.search.SetText("")
	w.p.Host.Unfocus()
}

func (w *Page) toggleOnly() {
	w.leaveEdit()
	w.model.Only(!w.model.OnlyChanges())
	w.fill()
}

func (w *Page) tickAll() {
	w.model.TickAll()
	w.paint()
}

// tapped is a tap on a row.
func (w *Page) tapped(i int, x float32) {
	rows := w.model.Rows()
	if i >= len(rows) {
		return
	}
	w.keepTyped()
	w.move(i)
	switch tick, column, edit := hit(x, w.grid.Size().Width); {
	case tick:
		w.model.Tick(rows[i].ProductID)
		w.paint()
	case edit:
		w.begin(column)
	}
}

func (w *Page) move(i int) {
	w.model.MoveTo(i)
	w.grid.ShowCell(w.model.Mark())
	w.paint()
}

// Scanned marks the product of a code and waits for its new price.
func (w *Page) Scanned(p catalog.Product) {
	w.keepTyped()
	w.search.SetText(p.Code)
	for i, r := range w.model.Rows() {
		if r.ProductID == p.ProductID {
			w.move(i)
			w.begin(PriceColumn)
			return
		}
	}
}

// begin opens a price of the marked product.
func (w *Page) begin(c Column) {
	p, ok := w.model.Marked()
	if !ok || w.busy() {
		return
	}
	w.p.Host.Unfocus()
	w.edit = &edit{product: p, column: c, number: widgets.Number{Decimals: 2, Digits: 6}}
	w.paint()
}

// typed is the price that is typed, if there is one.
func (w *Page) typed() (money.Fen, bool) {
	if w.edit == nil || w.edit.number.Empty() {
		return 0, false
	}
	s := w.edit.number.Text()
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	f, err := money.ParseFen(s)
	if err != nil || f == 0 && w.edit.column == PriceColumn {
		return 0, false
	}
	return f, true
}

// keepTyped takes what is typed into what is to change, and ends the typing.
func (w *Page) keepTyped() {
	if w.edit == nil {
		return
	}
	f, ok := w.typed()
	switch {
	case ok:
		w.model.Set(w.edit.product, w.edit.column, f)
	case !w.edit.number.Empty():
		w.p.Host.Warn(w.t.T("desk.noZero", "name", w.edit.product.Name))
	}
	w.leaveEdit()
	w.paint()
}

func (w *Page) leaveEdit() { w.edit = nil }

// enter sends a price that was typed alone; with others it is kept for later.
func (w *Page) enter() {
	if w.edit == nil {
		w.begin(PriceColumn)
		return
	}
	alone := w.model.Changes() == 0 || w.model.Changes() == 1 && !w.model.WantOf(w.edit.product.ProductID).none()
	w.keepTyped()
	switch {
	case w.model.Changes() == 0:
	case alone:
		w.rehearse(true)
	default:
		w.p.Host.Inform(w.t.T("desk.kept", "n", w.model.Changes()))
		w.move(w.model.Mark() + 1)
	}
}

// step keeps what is typed and goes on to the same price of another row.
func (w *Page) step(n int) {
	if w.edit == nil {
		w.move(w.model.Mark() + n)
		return
	}
	c := w.edit.column
	w.keepTyped()
	w.move(w.model.Mark() + n)
	w.begin(c)
}

// Typing reports whether a price is being typed.
func (w *Page) Typing() bool { return w.edit != nil }

// hairline parts what stands below each other on the side.
func hairline() fyne.CanvasObject {
	r := canvas.NewRectangle(theme.C(theme.Line))
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}
