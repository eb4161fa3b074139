package ui

import (
	"strconv"
	"strings"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
)

// editable reports whether the cart may be changed, and says so where not.
func (s *Shell) editable() bool {
	if s.payment.busy || s.payment.sale.ID != "" {
		s.warn(s.t.T("pay.locked"))
		return false
	}
	return true
}

// add puts a product into the cart, asking for its weight where it has one.
func (s *Shell) add(p catalog.Product) {
	if !s.editable() {
		return
	}
	weighed := p.Pricing == catalog.ByWeight || p.Pricing == catalog.CountThenWeigh && s.p.Rules().CountWeigh == "weight"
	if _, known := p.UnitGrams(); weighed && known {
		s.askWeight(p)
		return
	}
	// A weighed product whose unit is no weight is refused by the cart, which
	// says why.
	m := checkout.Measure{Qty: 1}
	if p.Pricing == catalog.ByWeight {
		m = checkout.Measure{}
	}
	s.put(p, m)
}

// put adds a measured product and reports whether the cart took it.
func (s *Shell) put(p catalog.Product, m checkout.Measure) bool {
	if !s.editable() {
		return false
	}
	if err := s.model.Add(p, m, s.p.Rules()); err != nil {
		s.fault(err)
		return false
	}
	s.notice.clear()
	s.tell(EventAdded, checkout.Sale{}, p.Name)
	return true
}

func (s *Shell) weighed(p catalog.Product, g money.Grams) bool {
	m := checkout.Measure{Grams: g}
	if p.Pricing == catalog.CountThenWeigh {
		m.Qty = 1
	}
	return s.put(p, m)
}

func (s *Shell) toggleMember() {
	if !s.editable() {
		return
	}
	if err := s.model.SetMember(!s.model.Cart().Member); err != nil {
		s.fault(err)
	}
}

func (s *Shell) undo() {
	if s.editable() {
		s.model.Undo()
	}
}

func (s *Shell) redo() {
	if s.editable() {
		s.model.Redo()
	}
}

func (s *Shell) clearCart() {
	if s.editable() && len(s.model.Cart().Lines) > 0 {
		s.model.Clear()
		s.inform(s.t.T("sale.cleared"))
	}
}

func (s *Shell) selectLine(i int) {
	s.model.Select(i)
	s.paintCart()
}

func (s *Shell) stepLine(n int64) {
	if len(s.model.Cart().Lines) == 0 || !s.editable() {
		return
	}
	if err := s.model.Step(n); err != nil {
		s.fault(err)
	}
}

func (s *Shell) removeLine() {
	if s.editable() {
		s.model.Remove()
	}
}

// multiply is the × of the numpad: the number typed before it becomes the
// quantity of the selected line; without one it is asked for.
func (s *Shell) multiply() {
	q := s.shelf.Query()
	if q == "" {
		s.askQuantity()
		return
	}
	n, err := strconv.ParseInt(strings.TrimSpace(q), 10, 64)
	if err != nil || len(s.model.Cart().Lines) == 0 || !s.editable() {
		return
	}
	s.shelf.ClearSearch()
	if err := s.model.SetQty(n); err != nil {
		s.fault(err)
	}
}
