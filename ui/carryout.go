package ui

import (
	"context"

	"cashier/services/access"
	"cashier/services/checkout"
)

// carryOut takes a payment beside the screen, from the cart that was on it.
// The cart is on disk before the sale is: a late autosave must not bring the
// lines of a sale back.
func (s *Shell) carryOut(ctx context.Context, turn int, cart checkout.Cart, frozen string, by access.Actor, tenders []checkout.Tender) {
	if err := s.p.Saver.Flush(ctx); err != nil {
		s.later(func() { s.ended(turn, ended{err: err}) })
		return
	}
	var sale checkout.Sale
	var err error
	if frozen == "" {
		sale, err = s.p.Desk.Start(ctx, by, cart, tenders...)
	} else {
		sale, err = s.p.Desk.Tender(ctx, by, frozen, tenders...)
	}
	if err != nil {
		s.later(func() { s.ended(turn, ended{err: err}) })
		return
	}
	if sale.State == checkout.Complete {
		s.later(func() { s.ended(turn, ended{sale: sale, frozen: true}) })
		return
	}
	s.later(func() { s.begun(turn, sale) })
	sale, err = s.p.Desk.Wait(ctx, sale.ID)
	s.later(func() { s.ended(turn, ended{sale: sale, frozen: true, err: err}) })
}

// begun knows the sale's id from here on. The desk may have told of it before.
func (s *Shell) begun(turn int, sale checkout.Sale) {
	if turn != s.payment.turn {
		return
	}
	if s.payment.latest.ID == sale.ID {
		sale = s.payment.latest
	}
	s.payment.sale = sale
	if s.payment.cancelling {
		s.p.Desk.Cancel(sale.ID)
	}
	s.tickPayment()
}
