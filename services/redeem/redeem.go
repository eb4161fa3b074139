package redeem

import (
	"context"
	"errors"
	"strconv"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
)

// Desk is what redemption needs of the checkout.
type Desk interface {
	Redeem(ctx context.Context, by access.Actor, card checkout.Card, before, count int64) (checkout.Sale, error)
	Wait(ctx context.Context, saleID string) (checkout.Sale, error)
}

// Reader is what a CardGateway may be as well: one whose reading also gives the
// fault it met, nil if none. Only the gateway's client can tell a key that
// could not be read from a network that is down.
type Reader interface {
	ReadCard(ctx context.Context, no string) (checkout.Card, checkout.Answer, error)
}

// Params of a Service.
type Params struct {
	Cards checkout.CardGateway // nil: not set up
	Desk  Desk
	Today func() time.Time // in the shop's zone
}

// Service redeems times cards.
type Service struct{ p Params }

// New makes a service.
func New(p Params) (*Service, error) {
	if p.Desk == nil || p.Today == nil {
		return nil, errors.New("redeem: Desk and Today are required")
	}
	return &Service{p}, nil
}

// View is a card as far as it could be read. Readable is false where the times
// left are not known: for a code that the provider redeems but does not
// describe, such as one generated on the member's phone, and for an answer that
// gives no number or carries a wrong signature. Note then holds the reason, in
// the provider's words or, with Why, in ours; Why is that as a fault.
type View struct {
	Card     checkout.Card
	Readable bool
	Expired  bool
	Note     string
	Why      error
}

// Look reads a card. The error is a fault when the provider could not be asked:
// the client's own (Invalid, Credentials, Internal) where this till is the
// cause, redeem.unreachable where the network or the provider is.
func (s *Service) Look(ctx context.Context, no string) (View, error) {
	if s.p.Cards == nil {
		return View{}, checkout.NotSetUp(checkout.ClassCard)
	}
	if err := checkNo(no); err != nil {
		return View{}, err
	}
	card, a, err := s.read(ctx, no)
	switch {
	case a.Delivery == checkout.NotSent && err != nil && fault.KindOf(err) != fault.Unreachable:
		return View{}, err
	case a.Delivery != checkout.Answered:
		return View{}, fault.Wrap(err, fault.Unreachable, "redeem.unreachable", "Liantuofu cannot be reached, so the card could not be read; nothing was taken off it. Check the network and scan again. ({why})", "why", a.Message)
	case a.HTTP == 401 || a.HTTP == 403:
		return View{}, fault.New(fault.Credentials, "redeem.credentials", "Liantuofu does not accept this till's key or clock; nothing was taken off the card. Ask the manager to check them. ({why})", "why", a.Message)
	case a.HTTP != 200 || (a.Verdict != "SUCCESS" && a.Verdict != "FAILED"):
		return View{}, fault.New(fault.Contract, "redeem.unreadable", "Liantuofu's answer could not be understood; nothing was taken off the card. Scan again. ({why})", "why", a.Message)
	case a.Verdict == "FAILED":
		return View{Card: checkout.Card{No: no}, Note: a.Message}, nil
	case a.Signature == checkout.Forged:
		return unread(checkout.Card{No: no}, "redeem.forged", "Liantuofu's answer about the card carries a wrong signature and was not believed; have the key checked."), nil
	}
	card.No = no // what was scanned is what is redeemed
	v := View{Card: card, Readable: true}
	if !a.HasRemains || a.Remaining < 0 {
		v = unread(card, "redeem.no_count", "Liantuofu's answer about the card does not say how many times are left.")
	}
	v.Expired = expired(card.EndDate, s.p.Today())
	return v, nil
}

func (s *Service) read(ctx context.Context, no string) (checkout.Card, checkout.Answer, error) {
	if r, ok := s.p.Cards.(Reader); ok {
		return r.ReadCard(ctx, no)
	}
	card, a := s.p.Cards.Card(ctx, no)
	return card, a, nil
}

func unread(card checkout.Card, code, sentence string) View {
	card.Remaining = 0
	why := fault.New(fault.Contract, code, sentence)
	return View{Card: card, Note: why.Message, Why: why}
}

func checkNo(no string) error {
	if len(no) < 6 || len(no) > 64 || !checkout.PlainNumber(no) {
		return fault.New(fault.Invalid, "redeem.bad_code", "This is no times-card code; scan the card or the code on the member's phone.")
	}
	return nil
}

// expired compares dates as the provider writes them, "2027-12-31 23:59:59" or
// only the day; a card is good on its last day, and an unreadable date is left
// to the provider.
func expired(end string, today time.Time) bool {
	if len(end) < len(time.DateOnly) {
		return false
	}
	if _, err := time.Parse(time.DateOnly, end[:len(time.DateOnly)]); err != nil {
		return false
	}
	return end[:len(time.DateOnly)] < today.Format(time.DateOnly)
}

// maxCount bounds one redemption: beyond it a keystroke went wrong.
const maxCount = 999

// Allows says why that many times cannot be taken off the card.
func (v View) Allows(count int64) error {
	switch {
	case count < 1 || count > maxCount:
		return fault.New(fault.Invalid, "redeem.count_range", "A redemption takes 1 to {max} times off a card.", "max", strconv.Itoa(maxCount))
	case v.Readable && v.Card.Remaining < count:
		return fault.New(fault.Refused, "redeem.too_few", "The card has {left} times left, not {count}; nothing was taken off it.", "left", strconv.FormatInt(v.Card.Remaining, 10), "count", strconv.FormatInt(count, 10))
	case v.Expired:
		return fault.New(fault.Refused, "redeem.expired", "The card expired on {date}; nothing was taken off it.", "date", v.Card.EndDate)
	}
	return nil
}

// Before is the times on the card, -1 where nobody could say.
func (v View) Before() int64 {
	if v.Readable {
		return v.Card.Remaining
	}
	return -1
}

// Redeem takes count times off the card of a View and waits for the outcome.
func (s *Service) Redeem(ctx context.Context, by access.Actor, v View, count int64) (checkout.Sale, error) {
	if err := v.Allows(count); err != nil {
		return checkout.Sale{}, err
	}
	sale, err := s.p.Desk.Redeem(ctx, by, v.Card, v.Before(), count)
	if err != nil {
		return sale, err
	}
	return s.p.Desk.Wait(ctx, sale.ID)
}
