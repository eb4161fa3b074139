package checkout

import (
	"slices"
	"strconv"
	"time"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// SaleState is where a frozen sale stands. An open cart is not yet a sale.
type SaleState string

// The states of a sale.
const (
	Tendering SaleState = "TENDERING" // lines frozen, money on its way
	Complete  SaleState = "COMPLETE"
	Voided    SaleState = "VOIDED"    // no money was kept
	Unsettled SaleState = "UNSETTLED" // left the front screen, its money not yet known

	Compensating SaleState = "COMPENSATING" // given up; what was paid is being taken back
)

// Kind tells a sale of goods from what is taken off a card or an account by
// itself, and from what goes back to a customer.
type Kind string

// The kinds of sales.
const (
	Goods       Kind = "sale"
	Redemption  Kind = "redemption"  // of a times card
	Consumption Kind = "consumption" // of a member's account
	Refund      Kind = "refund"      // of a finished sale, or of part of it
)

// Till is which till this is. Epoch rises whenever a backup is restored, so
// that no key or receipt number is ever given twice.
type Till struct {
	ID    string
	Epoch int64
}

// Sale is a frozen cart and the money that pays for it. A refund is one too: its
// lines are what is brought back, its legs what goes back to the customer, and
// its amounts are positive.
type Sale struct {
	ID           string       `json:"saleId"`
	Kind         Kind         `json:"kind"`
	TillID       string       `json:"tillId"`
	Epoch        int64        `json:"epoch"`
	ShiftID      string       `json:"shiftId"`
	BusinessDate string       `json:"businessDate"` // yyyy-MM-dd in the shop's zone
	Actor        access.Actor `json:"actor"`
	CartID       string       `json:"cartId"`
	State        SaleState    `json:"state"`
	Total        money.Fen    `json:"total"`
	Lines        []Line       `json:"lines"`
	Legs         []Leg        `json:"legs"`
	ReceiptNo    string       `json:"receiptNo,omitempty"`
	Of           string       `json:"of,omitempty"` // of a refund: the sale it gives back
	OpenedAt     time.Time    `json:"openedAt"`
	ClosedAt     time.Time    `json:"closedAt"`
	Reason       string       `json:"reason,omitempty"`
}

// Paid is the sum of the proven legs: what was paid, or what a refund has given.
func (s Sale) Paid() money.Fen {
	var t money.Fen
	for i := range s.Legs {
		if l := &s.Legs[i]; l.State == Paid || l.Kept {
			t += l.Amount
		}
	}
	return t
}

// Due is what is still to be paid, counting only what is proven.
func (s Sale) Due() money.Fen { return s.Total - s.Paid() }

// Change is the cash to give back.
func (s Sale) Change() money.Fen {
	var t money.Fen
	for _, l := range s.Legs {
		if l.State == Paid && l.Tendered > 0 {
			t += l.Tendered - l.Amount
		}
	}
	return t
}

// OpenLeg is the leg whose outcome is still being found out.
func (s Sale) OpenLeg() (Leg, bool) {
	for i := range s.Legs {
		if s.Legs[i].State.Open() {
			return s.Legs[i], true
		}
	}
	return Leg{}, false
}

// planned is the next leg of the plan that nothing was sent for yet.
func (s Sale) planned() (Leg, bool) {
	for i := range s.Legs {
		if l := &s.Legs[i]; l.State == Intent && !l.SentOnce {
			return *l, true
		}
	}
	return Leg{}, false
}

// proven reports that every leg before l in the plan that was begun with it is
// paid. Legs of an earlier, refused plan do not count.
func (s Sale) proven(l Leg) bool {
	i := slices.IndexFunc(s.Legs, func(x Leg) bool { return x.ID == l.ID })
	return i <= 0 || s.Legs[i-1].State == Paid
}

// undoable is a paid leg that its provider can take back.
func (s Sale) undoable() (Leg, bool) {
	for i := range s.Legs {
		if l := &s.Legs[i]; l.State == Paid && l.Class == ClassCode {
			return *l, true
		}
	}
	return Leg{}, false
}

// partlyPaid reports that a provider holds money for a sale that is not paid in
// full and that nothing more is under way for: a person goes on with it, or
// gives it up.
func (s Sale) partlyPaid() bool {
	_, open := s.OpenLeg()
	_, held := s.leg(Leg.stays)
	return !open && held && !s.Settled()
}

// over reports whether the sale has ended for good.
func (s Sale) over() bool { return s.State == Complete || s.State == Voided }

// Settled reports whether every leg is final and the money adds up: the sale
// can be completed. A redemption or consumption may be of no money; it is
// settled by its card or account alone.
func (s Sale) Settled() bool {
	if _, open := s.OpenLeg(); open || s.Due() != 0 {
		return false
	}
	return s.Kind == Goods || s.Kind == Refund || slices.ContainsFunc(s.Legs, func(l Leg) bool { return l.State == Paid && l.Class.silent() })
}

// leg is the leg that is, or -1.
func (s Sale) leg(is func(Leg) bool) (Leg, bool) {
	i := slices.IndexFunc(s.Legs, is)
	if i < 0 {
		return Leg{}, false
	}
	return s.Legs[i], true
}

// Cart is the sale's lines as a cart again, for a customer who pays otherwise
// after all.
func (s Sale) Cart() Cart { return Cart{ID: s.CartID, Lines: s.Lines} }

// withLeg replaces the leg of the same id.
func (s Sale) withLeg(l Leg) Sale {
	s.Legs = slices.Clone(s.Legs)
	for i := range s.Legs {
		if s.Legs[i].ID == l.ID {
			s.Legs[i] = l
			return s
		}
	}
	s.Legs = append(s.Legs, l)
	return s
}

// slip is how much cash above what is due is more likely a slip of the fingers,
// or a code read into the wrong field, than what a customer hands over.
const slip money.Fen = 10_000_00

// CheckCash refuses cash that nobody hands over for this. Faults: Invalid.
func CheckCash(cash, due money.Fen) error {
	if cash <= due+slip {
		return nil
	}
	return fault.New(fault.Invalid, "sale.cash_slip", "{cash} in cash for {total} looks like a slip of the fingers; nothing was recorded. Enter what the customer handed over.", "cash", cash.String(), "total", due.String())
}

// checkCode refuses what cannot be an auth code before anything is recorded.
func checkCode(code string) error {
	for _, r := range code {
		if r < '0' || r > '9' {
			return fault.New(fault.Invalid, "sale.bad_code", "This is no payment code: it holds other signs than digits. Ask the customer to show the payment code again.")
		}
	}
	if len(code) < 16 || len(code) > 24 {
		return fault.New(fault.Invalid, "sale.bad_code_length", "This is no payment code: it has {n} digits, not 16 to 24. Ask the customer to show the payment code again.", "n", strconv.Itoa(len(code)))
	}
	return nil
}
