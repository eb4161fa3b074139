package prices

import (
	"slices"

	"github.com/shopspring/decimal"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/services/pricing"
)

// found is how many products a search shows at most.
const found = 500

// Column is a price that can be edited.
type Column uint8

// The columns.
const (
	PriceColumn Column = iota
	MemberColumn
)

// Want is what a product is to cost. What is nil stays as it is.
type Want struct{ Price, Member *money.Fen }

func (w Want) none() bool { return w.Price == nil && w.Member == nil }

// Model is what the desk shows and what is to change. It belongs to the screen's
// goroutine.
type Model struct {
	index  func() *catalog.Index
	query  string
	class  string
	only   bool // only what is to change
	rows   []catalog.Product
	mark   int
	wants  map[int64]Want
	order  []int64 // of wants, as they came
	ticked map[int64]bool
}

// NewModel shows every product of an index.
func NewModel(index func() *catalog.Index) *Model {
	m := &Model{index: index, wants: map[int64]Want{}, ticked: map[int64]bool{}}
	m.list()
	return m
}

// Rows are the products that are listed.
func (m *Model) Rows() []catalog.Product { return m.rows }

// Mark is the row the keyboard stands on; -1 where there is none.
func (m *Model) Mark() int {
	if len(m.rows) == 0 {
		return -1
	}
	return m.mark
}

// Marked is its product.
func (m *Model) Marked() (catalog.Product, bool) {
	if i := m.Mark(); i >= 0 {
		return m.rows[i], true
	}
	return catalog.Product{}, false
}

// MoveTo marks a row.
func (m *Model) MoveTo(i int) { m.mark = min(max(0, i), max(0, len(m.rows)-1)) }

// Search lists what a search finds, or with "" the chosen class.
func (m *Model) Search(q string) {
	m.query, m.mark = q, 0
	m.list()
}

// Class lists a class; "" is all.
func (m *Model) Class(name string) {
	m.class, m.mark = name, 0
	m.list()
}

// Only lists what is to change, and nothing else.
func (m *Model) Only(changes bool) {
	m.only, m.mark = changes, 0
	m.list()
}

// OnlyChanges reports whether nothing else is listed.
func (m *Model) OnlyChanges() bool { return m.only }

// Reload lists anew, from an index that has changed, and stays on its product.
func (m *Model) Reload() {
	at, was := m.Marked()
	m.list()
	if i := slices.IndexFunc(m.rows, func(p catalog.Product) bool { return p.ProductID == at.ProductID }); was && i >= 0 {
		m.mark = i
	}
}

func (m *Model) list() {
	ix := m.index()
	switch {
	case m.only:
		m.rows = nil
		for _, id := range m.order {
			if p, ok := ix.ByProductID(id); ok {
				m.rows = append(m.rows, p)
			}
		}
	case m.query != "":
		m.rows = ix.Find(m.query, found)
	default:
		m.rows = ix.Class(m.class)
	}
	m.MoveTo(m.mark)
}

// WantOf is what a product is to cost.
func (m *Model) WantOf(productID int64) Want { return m.wants[productID] }

// Set notes a price to be. One that the product has already is no change.
func (m *Model) Set(p catalog.Product, c Column, f money.Fen) {
	w, known := m.wants[p.ProductID]
	if c == PriceColumn {
		w.Price = changed(f, p.Price)
	} else {
		w.Member = changed(f, p.MemberPrice)
	}
	switch {
	case w.none():
		m.Keep(p.ProductID)
		return
	case !known:
		m.order = append(m.order, p.ProductID)
	}
	m.wants[p.ProductID] = w
}

func changed(to, from money.Fen) *money.Fen {
	if to == from {
		return nil
	}
	return &to
}

// Keep drops what a product was to cost.
func (m *Model) Keep(productID int64) {
	delete(m.wants, productID)
	m.order = slices.DeleteFunc(m.order, func(id int64) bool { return id == productID })
	if m.only {
		m.list()
	}
}

// Drop drops what is to cost something else by a draft of this shop.
func (m *Model) Drop(d pricing.Draft) {
	gone := make(map[int64]bool, len(d.Lines))
	for _, l := range d.Lines {
		gone[l.ProductID] = true
		delete(m.wants, l.ProductID)
	}
	m.order = slices.DeleteFunc(m.order, func(id int64) bool { return gone[id] })
	if m.only {
		m.list()
	}
}

// Clear drops everything that was to change.
func (m *Model) Clear() {
	m.wants, m.order = map[int64]Want{}, nil
	if m.only {
		m.Only(false)
	}
}

// Changes is how many products are to cost something else.
func (m *Model) Changes() int { return len(m.wants) }

// Wanted is what is to change, for a rehearsal.
func (m *Model) Wanted() []pricing.Wanted {
	var list []pricing.Wanted
	for _, id := range m.order {
		w := m.wants[id]
		p, _ := m.index().ByProductID(id)
		list = append(list, pricing.Wanted{ProductID: id, Code: p.Code, Price: yuan(w.Price), Member: yuan(w.Member)})
	}
	return list
}

func yuan(f *money.Fen) decimal.NullDecimal {
	if f == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(decimal.New(int64(*f), -2))
}

// Tick chooses a product for what is done with many, or no longer.
func (m *Model) Tick(productID int64) {
	if m.ticked[productID] {
		delete(m.ticked, productID)
		return
	}
	m.ticked[productID] = true
}

// Ticked reports whether a product is chosen.
func (m *Model) Ticked(productID int64) bool { return m.ticked[productID] }

// TickAll chooses all that are listed; if they are chosen already, none.
func (m *Model) TickAll() {
	all := !slices.ContainsFunc(m.rows, func(p catalog.Product) bool { return !m.ticked[p.ProductID] })
	if all {
		m.ticked = map[int64]bool{}
		return
	}
	for _, p := range m.rows {
		m.ticked[p.ProductID] = true
	}
}

// Chosen are the products that what is done with many is done with: those that
// are ticked, or with none ticked those that are listed.
func (m *Model) Chosen() []catalog.Product {
	if len(m.ticked) == 0 {
		return m.rows
	}
	var chosen []catalog.Product
	for _, p := range m.index().All() {
		if m.ticked[p.ProductID] {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// Ticks is how many are ticked.
func (m *Model) Ticks() int { return len(m.ticked) }

// Adjust notes the adjusted prices of the chosen products. It is all or nothing.
// Adjusting twice does not add up: it begins from what they cost now.
func (m *Model) Adjust(a pricing.Adjustment) (products int, err error) {
	type price struct {
		p      catalog.Product
		to     money.Fen
		member money.Fen
	}
	var prices []price
	for _, p := range m.Chosen() {
		to, err := a.Apply(p.Price)
		if err != nil {
			return 0, err
		}
		next := price{p, to, p.MemberPrice}
		if a.Member && p.MemberPrice > 0 {
			if next.member, err = a.Apply(p.MemberPrice); err != nil {
				return 0, err
			}
		}
		prices = append(prices, next)
	}
	for _, x := range prices {
		m.Set(x.p, PriceColumn, x.to)
		m.Set(x.p, MemberColumn, x.member)
	}
	return len(prices), nil
}

// Margin is what is left of a price after the cost, in tenths of a percent,
// rounded half up; ok is false where either is not known.
func Margin(price money.Fen, cost decimal.NullDecimal) (tenths int64, ok bool) {
	if price <= 0 || !cost.Valid {
		return 0, false
	}
	p := decimal.New(int64(price), -2)
	return p.Sub(cost.Decimal).Shift(3).DivRound(p, 0).IntPart(), true
}
