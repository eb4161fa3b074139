package hqtest

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"cashier/services/money"
	"cashier/services/shopdata"
)

// shop is what one shop sells: rows in HQ's order, sort and then product.
type shop struct {
	id   int64
	name string
	own  map[int64]shopdata.BranchPrice // prices it begins with, by productId, where they are not the tenant's
	rows []*listing
	byID map[int64]*listing // by productId
}

// listing is one product on sale in one shop.
type listing struct {
	product *shopdata.Product
	price   money.Fen
	member  money.Fen
	stock   decimal.Decimal
}

func newShop(id int64, name string, own []shopdata.BranchPrice) *shop {
	sh := &shop{id: id, name: name, own: make(map[int64]shopdata.BranchPrice, len(own))}
	for _, p := range own {
		sh.own[p.ProductID] = p
	}
	return sh
}

// open puts on sale what the shop's description does.
func (sh *shop) open(products []shopdata.Product) {
	sh.rows, sh.byID = make([]*listing, 0, len(products)), make(map[int64]*listing, len(products))
	for i := range products {
		if !products[i].Unlisted {
			sh.list(&products[i])
		}
	}
	sh.sort()
}

// list puts a product on sale at the price it begins with. The caller sorts.
func (sh *shop) list(p *shopdata.Product) *listing {
	if l := sh.byID[p.ProductID]; l != nil {
		return l
	}
	l := sh.fresh(p)
	sh.rows = append(sh.rows, l)
	sh.byID[p.ProductID] = l
	return l
}

// fresh is a listing as it begins.
func (sh *shop) fresh(p *shopdata.Product) *listing {
	l := &listing{product: p, price: p.Price, member: p.MemberPrice, stock: p.StockQty}
	if own, ok := sh.own[p.ProductID]; ok {
		l.price, l.member = own.Price, own.MemberPrice
	}
	return l
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

const (
	// perShop separates the row ids of shops. A row's id is never its
	// productId, so that a client that mixes them up fails at once.
	perShop = 100_000_000_000
	// longIDs is where row ids begin that no float64 holds.
	longIDs = 9_000_000_000_000_000_000
	// largestShopID keeps the plain ones within an int64.
	largestShopID = 90_000_000
)

func (q Quirks) rowID(shopID, productID int64) int64 {
	id := shopID*perShop + productID
	if q.LongIDs {
		id += longIDs
	}
	return id
}

// row finds a listing by its row id.
func (s *Server) row(id int64) (*shop, *listing) {
	if s.Quirks().LongIDs {
		id -= longIDs
	}
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

// find is a product on sale in a shop; the listing is nil where it is not.
func (s *Server) find(shopID, productID int64) (*shop, *listing) {
	sh := s.shop(shopID)
	if sh == nil {
		return nil, nil
	}
	return sh, sh.byID[productID]
}

// Price is what a product costs in a shop; ok is false when it is not on sale
// there.
func (s *Server) Price(shopID, productID int64) (price, member money.Fen, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, l := s.find(shopID, productID)
	if l == nil {
		return 0, 0, false
	}
	return l.price, l.member, true
}

// SetPrice is a manager at head office changing a price. It reports whether the
// product is on sale in the shop.
func (s *Server) SetPrice(shopID, productID int64, price, member money.Fen) bool {
	return s.set(shopID, productID, func(sh *shop, l *listing) { s.change(sh, l, price, member, headOffice) })
}

// SetStock is goods coming and going at HQ; less than nothing is possible, as in
// any shop. It reports whether the product is on sale in the shop and qty has
// up to four decimals.
func (s *Server) SetStock(shopID, productID int64, qty decimal.Decimal) bool {
	return isStock(qty) && s.set(shopID, productID, func(_ *shop, l *listing) { l.stock = qty })
}

func isStock(qty decimal.Decimal) bool {
	return qty.Abs().LessThan(decimal.New(1, 12)) && qty.Equal(qty.Truncate(4))
}

func (s *Server) set(shopID, productID int64, apply func(*shop, *listing)) bool {
	s.mu.Lock()
	sh, l := s.find(shopID, productID)
	if l != nil {
		apply(sh, l)
	}
	s.mu.Unlock()
	if l == nil {
		return false
	}
	s.p.OnChange(false)
	return true
}
