package sale

import (
	"slices"
	"strconv"
	"strings"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
)

// steps is how many changes of a cart can be undone.
const steps = 100

// Model is the open cart with its history and the line that is selected.
// It belongs to the screen's goroutine.
type Model struct {
	cart   checkout.Cart
	past   []checkout.Cart
	future []checkout.Cart
	sel    int
	onEdit func(checkout.Cart)
}

// NewModel starts from a cart, empty or recovered. onEdit is called after each
// change, with the cart to keep.
func NewModel(c checkout.Cart, onEdit func(checkout.Cart)) *Model {
	return &Model{cart: c, sel: len(c.Lines) - 1, onEdit: onEdit}
}

// Cart is the cart as it stands.
func (m *Model) Cart() checkout.Cart { return m.cart }

// Selected is the index of the selected line, -1 for an empty cart.
func (m *Model) Selected() int { return m.sel }

// Add puts a product in and selects its line.
func (m *Model) Add(p catalog.Product, by checkout.Measure, rules checkout.Rules) error {
	c, err := m.cart.Add(p, by, rules)
	if err != nil {
		return err
	}
	at := len(c.Lines) - 1
	if len(c.Lines) == len(m.cart.Lines) {
		at = slices.IndexFunc(c.Lines, func(l checkout.Line) bool { return l.ProductID == p.ProductID && l.Grams == 0 })
	}
	m.sel = at
	m.set(c)
	return nil
}

// SetQty changes the pieces of the selected line; 0 takes it out.
func (m *Model) SetQty(qty int64) error {
	c, err := m.cart.SetQty(m.sel, qty)
	if err != nil {
		return err
	}
	m.set(c)
	return nil
}

// Step adds n pieces to the selected line; a line that falls to none goes.
func (m *Model) Step(n int64) error {
	if m.sel < 0 || m.sel >= len(m.cart.Lines) {
		return nil
	}
	return m.SetQty(max(0, m.cart.Lines[m.sel].Qty+n))
}

// Remove takes the selected line out.
func (m *Model) Remove() {
	if m.sel >= 0 && m.sel < len(m.cart.Lines) {
		m.set(m.cart.Remove(m.sel))
	}
}

// Clear takes all lines out; undo brings them back.
func (m *Model) Clear() {
	if len(m.cart.Lines) > 0 {
		m.set(checkout.Cart{ID: m.cart.ID})
	}
}

// SetMember applies or lifts member prices.
func (m *Model) SetMember(on bool) error {
	c, err := m.cart.ForMember(on)
	if err != nil {
		return err
	}
	m.set(c)
	return nil
}

// Reprice gives every line the price of now.
func (m *Model) Reprice(find func(productID int64) (catalog.Product, bool)) error {
	c, changes, err := m.cart.Repriced(find)
	if err == nil && len(changes) > 0 {
		m.set(c)
	}
	return err
}

// Select moves the selection to line i.
func (m *Model) Select(i int) { m.sel = min(max(i, 0), len(m.cart.Lines)-1) }

// Undo takes the last change back and reports whether there was one.
func (m *Model) Undo() bool { return m.travel(&m.past, &m.future) }

// Redo does again what Undo took back.
func (m *Model) Redo() bool { return m.travel(&m.future, &m.past) }

// CanUndo and CanRedo say whether there is anything to take back or do again.
func (m *Model) CanUndo() bool { return len(m.past) > 0 }

// CanRedo is CanUndo for Redo.
func (m *Model) CanRedo() bool { return len(m.future) > 0 }

// Next begins the next customer's cart. What is sold cannot be undone.
func (m *Model) Next(id string) {
	m.past, m.future = nil, nil
	m.cart, m.sel = checkout.Cart{ID: id}, -1
	m.onEdit(m.cart)
}

func (m *Model) set(c checkout.Cart) {
	m.past = append(m.past, m.cart)
	if len(m.past) > steps {
		m.past = m.past[1:]
	}
	m.future = nil
	m.put(c)
}

func (m *Model) travel(from, to *[]checkout.Cart) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	c := (*from)[n-1]
	*from = (*from)[:n-1]
	*to = append(*to, m.cart)
	m.put(c)
	return true
}

func (m *Model) put(c checkout.Cart) {
	m.cart = c
	m.Select(m.sel)
	m.onEdit(c)
}

// Amounts is how much of each product is in the cart, as a tile shows it.
func (m *Model) Amounts() map[int64]string {
	qty, grams := map[int64]int64{}, map[int64]money.Grams{}
	for _, l := range m.cart.Lines {
		qty[l.ProductID] += l.Qty
		grams[l.ProductID] += l.Grams
	}
	out := make(map[int64]string, len(qty))
	for id, n := range qty {
		out[id] = strconv.FormatInt(n, 10)
		if n == 0 {
			out[id] = strings.TrimRight(strings.TrimRight(grams[id].KG(), "0"), ".") + "kg"
		}
	}
	return out
}
