package sale

import (
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"cashier/services/catalog"
	"cashier/ui/text"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// found is how many products a search shows at most: more are not looked at.
const found = 120

// ShelfParams of a Shelf. All but Plain are required.
type ShelfParams struct {
	Text     *text.Texts
	Index    func() *catalog.Index
	Pictures shots
	Stock    func(productID int64) (q catalog.Qty, known bool)
	Wedge    *widgets.Wedge
	Keys     widgets.Keys
	OnScan   func(code string)
	OnPick   func(catalog.Product)
	Redeem   func() // opens the redemption screen
	Search   func() // shows the shelf and its caret
	Unfocus  func()
	Plain    bool // bare rectangles in the place of tiles: what scrolling is measured against
}

// Shelf is the left of the sale screen: search, classes, products.
type Shelf struct {
	fyne.CanvasObject
	p      ShelfParams
	search *widgets.Entry
	chips  *chips
	grid   *widgets.Grid
	none   *fyne.Container
	noneIs *widgets.Para

	all      []catalog.Product // of the index that was last shown
	filled   bool
	products []catalog.Product
	inCart   map[int64]string
	query    string
	marked   int // tile the keyboard stands on, -1 while nothing is searched
}

// NewShelf makes the shelf and fills it from the index.
func NewShelf(p ShelfParams) (*Shelf, error) {
	if p.Text == nil || p.Index == nil || p.Pictures == nil || p.Stock == nil || p.Wedge == nil || p.Keys == nil ||
		p.OnScan == nil || p.OnPick == nil || p.Redeem == nil || p.Search == nil || p.Unfocus == nil {
		return nil, errors.New("ui/sale: all of ShelfParams are required")
	}
	s := &Shelf{p: p, marked: -1}
	s.search = widgets.NewEntry(widgets.EntryParams{
		Hint: p.Text.T("sale.search"), Wedge: p.Wedge, Keys: p.Keys, OnScan: p.OnScan, OnEsc: s.ClearSearch,
	})
	s.search.OnChanged = func(q string) { s.find(q) }
	s.chips = newChips(func(string) { s.fill() })
	s.grid = widgets.NewGrid(widgets.GridParams{
		Cell: fyne.NewSize(tileWidth, tileHeight), Gap: theme.S3, Margin: theme.S1,
		Make: func() fyne.CanvasObject {
			if p.Plain {
				return canvas.NewRectangle(theme.C(theme.Surface))
			}
			return newTile(p.Text, p.Pictures, p.OnPick)
		},
		Bind: s.bind,
	})
	s.noneIs = widgets.NewPara("", theme.Body, theme.Quiet, 2).Middle()
	s.none = container.NewCenter(widgets.Least(420, 0, widgets.Col(theme.S4,
		widgets.Badge("search", 96, theme.Quiet, theme.Sunken), s.noneIs)))
	top := widgets.Row(theme.S3,
		widgets.Grow(s.search),
		widgets.NewButton(widgets.ButtonParams{Key: "F2", Icon: "search", Height: 48, Do: p.Search}),
		widgets.NewButton(widgets.ButtonParams{Label: p.Text.T("redeem.title"), Key: "F4", Icon: "card", Height: 48, Do: p.Redeem}),
	)
	s.CanvasObject = widgets.Col(theme.S3, top, s.chips.Scroll, widgets.Grow(container.NewStack(s.grid, s.none)))
	s.Reload()
	return s, nil
}

// Reload shows the index as it is now, after a sync.
// It reports whether there are other products. Whoever is choosing keeps what is
// before the eyes: the class, the place, and the mark on the same product.
func (s *Shelf) Reload() (others bool) {
	ix := s.p.Index()
	all := ix.All()
	if s.filled && len(all) == len(s.all) && (len(all) == 0 || &all[0] == &s.all[0]) {
		s.grid.Rebind() // the stock may be another
		return false
	}
	s.all, s.filled = all, true
	before, top, mark := s.products, s.grid.First(), s.marked
	s.chips.set(s.p.Text.T("sale.all"), ix.Len(), ix.Classes())
	s.list()
	s.marked = s.again(before, mark)
	s.grid.SetCount(len(s.products))
	if now := s.again(before, top); now >= 0 {
		s.grid.Keep(top, now)
	}
	return true
}

// again is where the product is now that stood at place i, -1 if it is gone.
func (s *Shelf) again(before []catalog.Product, i int) int {
	if i < 0 || i >= len(before) {
		return -1
	}
	return slices.IndexFunc(s.products, func(p catalog.Product) bool { return p.ProductID == before[i].ProductID })
}

// InCart says how much of each product is in the cart.
func (s *Shelf) InCart(amounts map[int64]string) {
	s.inCart = amounts
	s.grid.Each(s.bind) // the cells stay where they are: only a tile that changes is painted
}

// Products are what the shelf shows now, in order.
func (s *Shelf) Products() []catalog.Product { return s.products }

// Query is what is searched for.
func (s *Shelf) Query() string { return s.query }

// Focus puts the caret into the search box.
func (s *Shelf) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.search); c != nil {
		c.Focus(s.search)
	}
}

// Search looks for q.
func (s *Shelf) Search(q string) { s.search.SetText(q) }

// ClearSearch shows the chosen class again and gives the keyboard back.
func (s *Shelf) ClearSearch() {
	s.search.SetText("")
	s.p.Unfocus()
}

// Type takes a character that was typed while nothing had the focus.
func (s *Shelf) Type(r rune) { s.search.SetText(s.query + string(r)) }

// Back takes the last character of the search away and reports whether there
// was one.
func (s *Shelf) Back() bool {
	r := []rune(s.query)
	if len(r) == 0 {
		return false
	}
	s.search.SetText(string(r[:len(r)-1]))
	return true
}

// Searching reports whether a search narrows the shelf.
func (s *Shelf) Searching() bool { return s.query != "" }

// MoveMark moves the keyboard's mark over the found tiles.
func (s *Shelf) MoveMark(dx, dy int) {
	if len(s.products) == 0 {
		return
	}
	s.marked = min(max(s.marked+dx+dy*s.grid.Columns(), 0), len(s.products)-1)
	s.grid.ShowCell(s.marked)
	s.grid.Rebind()
}

// Class shows the next class, or the one before for n = -1.
func (s *Shelf) Class(n int) { s.chips.step(n) }

// Page scrolls the shelf.
func (s *Shelf) Page(n int) { s.grid.Page(n) }

// Wheel scrolls the shelf as a mouse's wheel does.
func (s *Shelf) Wheel(dy float32) { s.grid.Wheel(dy) }

// Marked is the product the keyboard stands on.
func (s *Shelf) Marked() (catalog.Product, bool) {
	if s.marked < 0 || s.marked >= len(s.products) {
		return catalog.Product{}, false
	}
	return s.products[s.marked], true
}

func (s *Shelf) find(q string) {
	if q == s.query {
		return
	}
	s.query = q
	s.fill()
}

// fill shows a class, or what is found, from its beginning.
func (s *Shelf) fill() {
	s.list()
	s.marked = -1
	if s.query != "" && len(s.products) > 0 {
		s.marked = 0
	}
	s.grid.ToTop()
	s.grid.SetCount(len(s.products))
}

// list asks the index for what is to be shown.
func (s *Shelf) list() {
	ix := s.p.Index()
	if s.query != "" {
		s.products = ix.Find(s.query, found)
	} else {
		s.products = ix.Class(s.chips.class())
	}
	s.none.Hidden = len(s.products) > 0
	s.noneIs.Set(s.p.Text.T("sale.nothingFound", "query", s.query), theme.Quiet)
}

func (s *Shelf) bind(i int, o fyne.CanvasObject) {
	if w, ok := o.(*tile); ok && i < len(s.products) {
		p := s.products[i]
		stock, out := s.stock(p.ProductID)
		w.show(p, marks{inCart: s.inCart[p.ProductID], stock: stock, out: out, marked: i == s.marked})
	}
}

// few is how much of a product is little enough to say so.
const few catalog.Qty = 10_0000

// stock is what a tile says of HQ's stock: that there is none, or only little.
func (s *Shelf) stock(productID int64) (says string, out bool) {
	q, known := s.p.Stock(productID)
	switch {
	case !known || q >= few:
		return "", false
	case q <= 0:
		return s.p.Text.T("sale.soldOut"), true
	case q > 1_0000:
		q -= q % 1000 // nobody needs to know the grams
	}
	return s.p.Text.T("sale.left", "n", q.String()), false
}
