package hqtest

import (
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"

	"cashier/services/money"
)

// state is how HQ differs from the shop's description. Sessions, faults and
// quirks are not in it: a restart logs everybody out and mends everything.
type state struct {
	Shops  []shopState `json:"shops"`
	Logs   []priceLog  `json:"logs"`
	LogSeq int64       `json:"logSeq"`
	Resets int         `json:"resets"`
	App    *appConfig  `json:"app,omitempty"`
	Card   *cardConfig `json:"card,omitempty"`
	Bills  Bills       `json:"bills"`
}

// shopState is by productId. Prices, price and member price, are also those of
// products that the description does not list.
type shopState struct {
	ShopID int64                     `json:"shopId"`
	Prices map[int64][2]money.Fen    `json:"prices,omitempty"`
	Stock  map[int64]decimal.Decimal `json:"stock,omitempty"`
	Gone   []int64                   `json:"gone,omitempty"` // no longer on sale
}

// State is everything that differs from the shop's description, as JSON for
// Restore.
func (s *Server) State() ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	app, card := s.app, s.card
	st := state{Logs: s.logs, LogSeq: s.logSeq, Resets: s.resets, App: &app, Card: &card, Bills: s.bills.clone()}
	for _, sh := range s.shops {
		st.Shops = append(st.Shops, s.shopState(sh))
	}
	return json.Marshal(st)
}

func (s *Server) shopState(sh *shop) shopState {
	d := shopState{ShopID: sh.id, Prices: make(map[int64][2]money.Fen), Stock: make(map[int64]decimal.Decimal)}
	for i := range s.p.Shop.Products {
		p := &s.p.Shop.Products[i]
		l, was := sh.byID[p.ProductID], sh.fresh(p)
		if l == nil {
			if !p.Unlisted {
				d.Gone = append(d.Gone, p.ProductID)
			}
			continue
		}
		if p.Unlisted || l.price != was.price || l.member != was.member {
			d.Prices[p.ProductID] = [2]money.Fen{l.price, l.member}
		}
		if !l.stock.Equal(was.stock) {
			d.Stock[p.ProductID] = l.stock
		}
	}
	return d
}

// Restore replaces what differs by an earlier State. Shops and products that no
// longer exist are passed over. On an error nothing changes.
func (s *Server) Restore(b []byte) error {
	var st state
	if err := json.Unmarshal(b, &st); err != nil {
		return fmt.Errorf("hq: %w", err)
	}
	for _, d := range st.Shops {
		if err := d.check(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range st.Shops {
		if sh := s.shop(d.ShopID); sh != nil {
			s.restore(sh, d)
		}
	}
	s.logs, s.logSeq, s.resets = st.Logs, st.LogSeq, st.Resets
	s.bills = st.Bills
	if st.App != nil {
		s.app = *st.App
	}
	if st.Card != nil {
		s.card = *st.Card
	}
	return nil
}

func (d shopState) check() error {
	for id, p := range d.Prices {
		if min(p[0], p[1]) < 0 || max(p[0], p[1]) > money.MaxFen {
			return fmt.Errorf("hq: shop %d: product %d cannot cost %s, for members %s", d.ShopID, id, p[0].Yuan(), p[1].Yuan())
		}
	}
	for id, qty := range d.Stock {
		if !isStock(qty) {
			return fmt.Errorf("hq: shop %d: product %d cannot have a stock of %s", d.ShopID, id, qty)
		}
	}
	return nil
}

func (s *Server) restore(sh *shop, d shopState) {
	sh.open(s.p.Shop.Products)
	for id, p := range d.Prices {
		if product := s.products[id]; product != nil {
			l := sh.list(product)
			l.price, l.member = p[0], p[1]
		}
	}
	for id, qty := range d.Stock {
		if l := sh.byID[id]; l != nil {
			l.stock = qty
		}
	}
	gone := make(map[int64]bool, len(d.Gone))
	for _, id := range d.Gone {
		gone[id] = true
	}
	sh.drop(gone)
	sh.sort()
}
