package hqtest

import (
	"cmp"
	"slices"

	"cashier/services/money"
	"cashier/services/shopdata"
)

// shop is what one shop sells: rows in HQ's order, sort and then product.
type shop struct {
	id   int64
	name string
	rows []*listing
	byID map[int64]*listing // by productId
}

// listing is one product on sale in one shop.
type listing struct {
	product *shopdata.Product
	price   money.Fen
	member  money.Fen
}

func newShop(id int64, name string, products []shopdata.Product) *shop {
	sh := &shop{id: id, name: name, rows: make([]*listing, 0, len(products)), byID: make(map[int64]*listing, len(products))}
	for i := range products {
		sh.list(&products[i])
	}
	sh.sort()
	return sh
}

// list puts a product on sale at the tenant's price. The caller sorts.
func (sh *shop) list(p *shopdata.Product) {
	if sh.byID[p.ProductID] != nil {
		return
	}
	l := &listing{p, p.Price, p.MemberPrice}
	sh.rows = append(sh.rows, l)
	sh.byID[p.ProductID] = l
}

func (sh *shop) sort() {
	slices.SortFunc(sh.rows, func(a, b *listing) int {
		return cmp.Or(cmp.Compare(a.product.Sort, b.product.Sort), cmp.Compare(a.product.ProductID, b.product.ProductID))
	})
}

func (sh *shop) drop(ids map[int64]bool) {
	sh.rows = slices.DeleteFunc(sh.rows, func(l *listing) bool { return ids[l.product.ProductID] })
	for id := range ids {
		delete(sh.byID, id)
	}
}

// perShop separates the row ids of shops. A row's id is never its productId, so
// that a client that mixes them up fails at once.
const perShop = 100_000_000_000

func rowID(shopID, productID int64) int64 { return shopID*perShop + productID }

// row finds a listing by its row id.
func (s *Server) row(id int64) (*shop, *listing) {
	sh := s.shop(id / perShop)
	if sh == nil {
		return nil, nil
	}
	return sh, sh.byID[id%perShop]
}

func (s *Server) shop(id int64) *shop {
	for _, sh := range s.shops {
		if sh.id == id {
			return sh
		}
	}
	return nil
}

// Price is what a product costs in a shop; ok is false when it is not on sale
// there.
func (s *Server) Price(shopID, productID int64) (price, member money.Fen, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sh := s.shop(shopID)
	if sh == nil || sh.byID[productID] == nil {
		return 0, 0, false
	}
	l := sh.byID[productID]
	return l.price, l.member, true
}

// SetPrice is a manager at head office changing a price. It reports whether the
// product is on sale in the shop.
func (s *Server) SetPrice(shopID, productID int64, price, member money.Fen) bool {
	s.mu.Lock()
	sh := s.shop(shopID)
	var l *listing
	if sh != nil {
		l = sh.byID[productID]
	}
	if l == nil {
		s.mu.Unlock()
		return false
	}
	s.change(sh, l, price, member, headOffice)
	s.mu.Unlock()
	s.p.OnChange(false)
	return true
}
