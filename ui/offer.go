package ui

import (
	"context"
	"time"

	"cashier/services/checkout"
	"cashier/services/scancode"
	"cashier/ui/pay"
	"cashier/ui/widgets"
)

// offered is a QR code of ours that the customer scans to pay.
type offered struct {
	meant bool          // this is how the customer pays
	text  string        // what the code says; "" while nobody may pay by it
	code  *widgets.Code // the text as modules; nil until it is drawn
	said  string        // why a scan was not used meanwhile
}

// payQR shows a code of ours for what is due, or for what the cash typed leaves.
func (s *Shell) payQR() { s.tender(s.besideCash(checkout.Tender{QR: true})...) }

// offering reports whether a code of ours is on the screen. One that is being
// cancelled is not: the customer must not scan it any more.
func (s *Shell) offering() bool {
	return s.payment.busy && s.payment.qr.code != nil && !s.payment.cancelling
}

// offerCode draws the code that the desk names, beside the screen; "" takes
// the one on the screen away.
func (s *Shell) offerCode(text string) {
	q := &s.payment.qr
	if q.text == text {
		return
	}
	q.text, q.code = text, nil
	if text == "" {
		return
	}
	turn := s.payment.turn
	s.background(func(context.Context) {
		code, err := widgets.NewCode(text)
		s.later(func() { s.drawn(turn, text, code, err) })
	})
}

// drawn shows a code. One that cannot be drawn nobody can pay, so that payment
// is given up.
func (s *Shell) drawn(turn int, text string, code *widgets.Code, err error) {
	if turn != s.payment.turn || s.payment.qr.text != text {
		return
	}
	if err != nil {
		s.warn(s.t.T("pay.qrBad"))
		s.cancelPayment()
		return
	}
	s.payment.qr.code = code
	s.tickPayment()
	s.tell(EventQR, s.payment.sale, text)
}

// front is how long the desk lets a payment hold the counter.
var front = checkout.DefaultTimers().Front

func (s *Shell) showOffer() {
	pm := &s.payment
	l, _ := pm.sale.OpenLeg()
	s.pay.ShowOffer(pay.Offer{
		Code: pm.qr.code, Amount: pm.amount, Total: pm.sale.Total, Paid: pm.sale.Paid(),
		Left: max(0, front-s.p.Now().Sub(pm.began).Truncate(time.Second)), Front: front,
		Wallet: s.p.Wallet, Asking: l.State == checkout.Unknown, Said: pm.qr.said,
	})
}

// Code is what the QR code of ours on the screen says, "" while none is shown.
func (s *Shell) Code() string {
	if s.screen != PayScreen || s.pay.Code() == nil {
		return ""
	}
	return s.payment.qr.text
}

// waits says why a scan is not used while a payment is on its way. Beside a
// code of ours it is said where it covers nothing.
func (s *Shell) waits(d scancode.Decision) {
	if !s.offering() {
		s.say(d.Reason)
		return
	}
	words := s.t.Fault(d.Reason)
	if d.Reading.Kind == scancode.Payment || d.Reading.Kind == scancode.Ambiguous {
		words = s.t.T("pay.qrScanned", "code", d.Reading.Shown())
	}
	s.payment.qr.said = words
	s.showPayment()
	s.tell(EventNotice, checkout.Sale{}, words)
}
