package scancode

import (
	"fmt"
	"slices"

	"cashier/services/fault"
	"cashier/services/money"
)

// Mode is what the screen is for.
type Mode uint8

// The modes.
const (
	SaleMode    Mode = iota // the open cart
	PayMode                 // the pay screen, before or between legs
	RedeemMode              // times cards
	SearchMode              // any other screen: prices, history, settings
	WaitingMode             // a payment is being confirmed
)

func (m Mode) String() string {
	return name(m, "sale", "pay", "redeem", "search", "waiting")
}

// Cart is what a decision needs to know of the open cart.
type Cart struct {
	Lines  int       // 0: no cart
	Due    money.Fen // what is left to pay
	Locked bool      // a leg has begun: lines may not change any more
}

// Situation is where and when a code was scanned.
type Situation struct {
	Mode Mode
	Cart Cart
	// Used are the payment and card codes acted on since this attempt began, as
	// Reading.Code gave them. The caller keeps them in memory only.
	Used []string
}

// Decide says what a code is and what should happen with it now.
func (r *Reader) Decide(at Situation, raw string) Decision {
	return r.decide(at, r.Read(raw))
}

func (r *Reader) decide(at Situation, reading Reading) Decision {
	d := Decision{Reading: reading}
	switch {
	case reading.Kind == Rejected:
		d.Reason = rejected(reading)
		return d
	case at.Mode == WaitingMode:
		// Even goods wait: the cart is frozen, and a scan that changed screens
		// would hide the state of the payment.
		d.Intent, d.Reason = Wait, waiting(reading)
		return d
	}

	switch reading.Kind {
	case Goods, Label:
		d.Intent, d.Reason = addGoods(at, reading)
	case Payment:
		d.Intent, d.Reason = r.pay(at)
	case Member:
		d.Intent = IdentifyMember
	case TimesCard:
		d.Intent = Redeem
	case Badge:
		d.Intent = SignIn
	case Ambiguous:
		// Nothing is charged or added unasked, whatever the screen.
		d.Intent = AskWhich
		for _, each := range reading.Readings {
			d.Choices = append(d.Choices, r.decide(at, each))
		}
		return d
	default:
		d.Intent, d.Reason = unknown(at, reading)
	}
	return asked(at, d)
}

// asked turns the second use of a payment or card code into a question. A
// product is scanned again for its quantity, so goods never ask.
func asked(at Situation, d Decision) Decision {
	switch d.Intent {
	case PayTotal, IdentifyMember, Redeem:
	default:
		return d
	}
	if !slices.Contains(at.Used, d.Reading.Code) {
		return d
	}
	d.Intent, d.Then = AskRepeat, d.Intent
	d.Reason = fault.New(fault.Busy, "scan.repeat",
		"The code {code} was used a moment ago. Use it again only if the customer means it; a payment code can be refreshed on the phone.",
		"code", d.Reading.Shown())
	return d
}

func addGoods(at Situation, reading Reading) (Intent, *fault.Error) {
	switch {
	case at.Mode == SearchMode:
		return Search, nil
	case at.Cart.Locked:
		return Refuse, fault.New(fault.Busy, "scan.cart_locked",
			"{code} was not added: payment of this sale has begun. Finish or cancel the payment, then scan it again.",
			"code", reading.Shown())
	case reading.Products > 1:
		return AskWhich, nil
	}
	return AddGoods, nil
}

// pay decides on a payment code. It is charged only where the amount is in
// front of the cashier.
func (r *Reader) pay(at Situation) (Intent, *fault.Error) {
	switch {
	case at.Cart.Lines == 0:
		return NeedCart, fault.New(fault.Refused, "scan.need_cart",
			"This is a payment code and there is nothing to pay yet. Scan the goods first; nothing was charged.")
	case at.Cart.Due <= 0:
		return Refuse, fault.New(fault.Refused, "scan.nothing_due",
			"This is a payment code, but nothing is left to pay on this sale. Nothing was charged.")
	case at.Mode == PayMode, at.Mode == SaleMode && !r.payScreenOnly:
		return PayTotal, nil
	}
	return OpenPay, fault.New(fault.Refused, "scan.open_pay",
		"This is a payment code. Nothing was charged: check the amount on the pay screen and scan it there.")
}

func unknown(at Situation, reading Reading) (Intent, *fault.Error) {
	switch {
	case at.Mode == SearchMode:
		return Search, nil
	case at.Mode == PayMode:
		return Refuse, fault.New(fault.Refused, "scan.unknown_on_pay",
			"{code} ({length} characters) is not a payment code or a card. Nothing was charged: ask the customer to refresh the code, or go back to look for a product.",
			"code", reading.Shown(), "length", fmt.Sprint(len(reading.Code)))
	case reading.Label.PLU != "":
		return Teach, fault.New(fault.Refused, "scan.unknown_plu",
			"The label {code} names product {plu}, which is not in the product list. Search for the product or teach the code.",
			"code", reading.Shown(), "plu", reading.Label.PLU)
	}
	return Teach, fault.New(fault.Refused, "scan.unknown",
		"{code} ({length} characters) is not known. Search for the product or teach the code.",
		"code", reading.Shown(), "length", fmt.Sprint(len(reading.Code)))
}

func waiting(reading Reading) *fault.Error {
	if reading.Kind == Payment || reading.Kind == Ambiguous {
		return fault.New(fault.Busy, "scan.waiting_payment",
			"A payment is still being confirmed, so {code} was not charged. Wait for the result, or cancel that payment first.",
			"code", reading.Shown())
	}
	return fault.New(fault.Busy, "scan.waiting",
		"A payment is still being confirmed, so {code} was not used. Scan it again when the payment is settled.",
		"code", reading.Shown())
}

func rejected(reading Reading) *fault.Error {
	switch reading.Flaw {
	case Empty:
		return fault.New(fault.Invalid, "scan.empty", "The scanner sent an empty code. Scan again.")
	case TooLong:
		return fault.New(fault.Invalid, "scan.too_long",
			"The code has {length} characters, more than any product, payment or card has. Scan the right code on the packaging or the phone.",
			"length", fmt.Sprint(len(reading.Code)))
	case Sound, ControlChars:
	}
	return fault.New(fault.Invalid, "scan.control_characters",
		"The code {code} was damaged on its way from the scanner. Scan again; if it happens often, check the scanner's speed in the settings.",
		"code", reading.Shown())
}
