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
	sale, err := s.offer(ctx, cart, frozen, by, tenders)
	if err != nil {
		s.later(func() { s.ended(turn, ended{code: codeOf(tenders), err: err}) })
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

// offer hands the tenders to the desk. A code the till cannot take begins no
// sale: its lines would be frozen for nothing.
func (s *Shell) offer(ctx context.Context, cart checkout.Cart, frozen string, by access.Actor, tenders []checkout.Tender) (checkout.Sale, error) {
	if byCode(tenders) {
		if err := s.ableToTakeCodes(); err != nil {
			return checkout.Sale{}, err
		}
	}
	if err := s.p.Saver.Flush(ctx); err != nil {
		return checkout.Sale{}, err
	}
	if frozen != "" {
		return s.p.Desk.Tender(ctx, by, frozen, tenders...)
	}
	return s.p.Desk.Start(ctx, by, cart, tenders...)
}

// begun knows the sale's id from here on. The desk may have told of it before.
func (s *Shell) begun(turn int, sale checkout.Sale) {
	if turn != s.payment.turn {
		return
	}
	u, told := s.payment.told[sale.ID]
	if !told {
		u = checkout.Update{Sale: sale}
	}
	s.payment.sale = u.Sale
	if s.payment.cancelling {
		s.p.Desk.Cancel(sale.ID)
	}
	s.follow(u)
}

// follow takes what the desk tells of the sale at the counter.
func (s *Shell) follow(u checkout.Update) {
	s.payment.sale = u.Sale
	s.offerCode(u.QR)
	s.tickPayment()
}
