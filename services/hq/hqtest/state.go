package hqtest

import (
	"encoding/json"
	"fmt"

	"cashier/services/money"
)

// state is how HQ differs from the shop's description. Sessions are not in it:
// a restart logs everybody out.
type state struct {
	Shops  []shopState `json:"shops"`
	Logs   []priceLog  `json:"logs"`
	LogSeq int64       `json:"logSeq"`
	Resets int         `json:"resets"`
	App    appConfig   `json:"app"`
	Card   cardConfig  `json:"card"`
}

type shopState struct {
	ShopID int64                  `json:"shopId"`
	Prices map[int64][2]money.Fen `json:"prices,omitempty"` // by productId: price, member price
	Gone   []int64                `json:"gone,omitempty"`   // productIds no longer on sale
}

// State is everything that differs from the shop's description, as JSON for
// Restore.
func (s *Server) State() ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := state{Logs: s.logs, LogSeq: s.logSeq, Resets: s.resets, App: s.app, Card: s.card}
	for _, sh := range s.shops {
		d := shopState{ShopID: sh.id, Prices: make(map[int64][2]money.Fen)}
		for i := range s.p.Shop.Products {
			p := &s.p.Shop.Products[i]
			switch l := sh.byID[p.ProductID]; {
			case l == nil:
				d.Gone = append(d.Gone, p.ProductID)
			case l.price != p.Price || l.member != p.MemberPrice:
				d.Prices[p.ProductID] = [2]money.Fen{l.price, l.member}
			}
		}
		st.Shops = append(st.Shops, d)
	}
	return json.Marshal(st)
}

// Restore replaces what differs by an earlier State. Shops and products that no
// longer exist are passed over. On an error nothing changes.
func (s *Server) Restore(b []byte) error {
	var st state
	if err := json.Unmarshal(b, &st); err != nil {
		return fmt.Errorf("hq: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range st.Shops {
		was := s.shop(d.ShopID)
		if was == nil {
			continue
		}
		*was = *newShop(was.id, was.name, s.p.Shop.Products)
		for id, p := range d.Prices {
			if l := was.byID[id]; l != nil {
				l.price, l.member = p[0], p[1]
			}
		}
		gone := make(map[int64]bool, len(d.Gone))
		for _, id := range d.Gone {
			gone[id] = true
		}
		was.drop(gone)
	}
	s.logs, s.logSeq, s.resets, s.app, s.card = st.Logs, st.LogSeq, st.Resets, st.App, st.Card
	return nil
}
