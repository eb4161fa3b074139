package ui

import (
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// dated is what is known of the age of the cart's prices.
type dated struct {
	at       time.Time           // HQ charged them all at that time; zero: not known
	older    bool                // HQ charges something else by now
	declined map[int64]money.Fen // prices of now, by product id, that the cashier did not want
}

// offerPrices says in the basket where HQ charges something else by now. The
// cart's prices stand until the cashier takes the new ones.
func (s *Shell) offerPrices() {
	cart := s.model.Cart()
	now, changes, err := cart.Repriced(s.p.Catalog.Index().ByProductID)
	if err != nil { // nobody could pay the new ones
		changes = nil
	}
	if s.dated.older = len(changes) > 0; !s.dated.older {
		s.dated.at = s.p.Catalog.SyncedAt()
	}
	if s.payment.resumed || s.declinedAll(cart, changes) {
		changes = nil
	}
	s.basket.News(changes, cart.Total(), now.Total())
}

func (s *Shell) declinedAll(cart checkout.Cart, changes []checkout.PriceChange) bool {
	for _, c := range changes {
		if price, declined := s.dated.declined[cart.Lines[c.Line].ProductID]; !declined || price != c.New {
			return false
		}
	}
	return true
}

// applyPrices gives the cart the prices of now; it can be undone.
func (s *Shell) applyPrices() {
	if s.basket.Offers() == "" || !s.editable() {
		return
	}
	if err := s.model.Reprice(s.p.Catalog.Index().ByProductID); err != nil {
		s.fault(err)
	}
}

// keepPrices leaves the cart as it is, unless HQ's prices change once more.
func (s *Shell) keepPrices() {
	if s.basket.Offers() == "" {
		return
	}
	cart := s.model.Cart()
	_, changes, err := cart.Repriced(s.p.Catalog.Index().ByProductID)
	if err != nil {
		s.fault(err)
		return
	}
	s.dated.declined = make(map[int64]money.Fen, len(changes))
	for _, c := range changes {
		s.dated.declined[cart.Lines[c.Line].ProductID] = c.New
	}
	s.offerPrices()
}
