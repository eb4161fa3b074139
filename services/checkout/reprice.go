package checkout

import (
	"slices"

	"cashier/services/catalog"
	"cashier/services/money"
)

// PriceChange is a line of a cart that would cost this customer something else by
// now, per Unit.
type PriceChange struct {
	Line     int // from 0
	Old, New money.Fen
}

// Repriced is the cart at the prices of now, and what that changes. find gives a
// product by its id. A line keeps its price where its product is not listed any
// more, and where it is sold in another unit or way by now: that is a price for
// something else.
func (c Cart) Repriced(find func(productID int64) (catalog.Product, bool)) (Cart, []PriceChange, error) {
	var changes []PriceChange
	now := c
	now.Lines = slices.Clone(c.Lines)
	for i := range now.Lines {
		l := &now.Lines[i]
		p, listed := find(l.ProductID)
		if !listed || p.Unit != l.Unit || p.Pricing != l.Pricing || p.Price == l.ListPrice && p.MemberPrice == l.MemberPrice {
			continue
		}
		l.ListPrice, l.MemberPrice, l.Price = p.Price, p.MemberPrice, p.PriceFor(c.Member)
		if err := l.reprice(); err != nil {
			return c, nil, err
		}
		if old := c.Lines[i].Price; old != l.Price {
			changes = append(changes, PriceChange{Line: i, Old: old, New: l.Price})
		}
	}
	return now, changes, nil
}
