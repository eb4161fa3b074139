package checkout

import (
	"fmt"
	"slices"
	"time"

	"cashier/services/money"
)

// Class says what can be asked of a leg's provider, and what proves it paid.
type Class string

// The classes of legs.
const (
	ClassRecorded Class = "C0" // cash and recorded tenders: counted by a person
	ClassCode     Class = "K1" // Liantuofu pay: can be queried and reversed
	ClassMember   Class = "K2" // zvcms consume: neither, as far as anybody documents
	ClassCard     Class = "K3" // Liantuofu userTimesCardConsume: neither
	ClassRefund   Class = "R1" // Liantuofu refundV2 of a K1: can be queried, and repeated under its number
)

// State is where a leg stands.
type State string

// The states of a leg.
const (
	Intent    State = "INTENT"    // recorded; nothing has left the till
	Sent      State = "SENT"      // the one call may have left the till
	Pending   State = "PENDING"   // the provider says the customer is paying
	Unknown   State = "UNKNOWN"   // asked, and nobody knows
	Paid      State = "PAID"      // proven
	Reversing State = "REVERSING" // being cancelled; a reverse call may have left
	Reversed  State = "REVERSED"  // proven undone
	Rejected  State = "REJECTED"  // proven never taken
	Manual    State = "MANUAL"    // only a person can tell
)

// Final reports whether the leg will never change again by itself or by hand.
func (s State) Final() bool { return s == Paid || s == Reversed || s == Rejected }

// Open reports whether the outcome is still being found out.
func (s State) Open() bool { return !s.Final() }

// silent reports that the provider can be asked neither what became of the
// one call nor to undo it: after silence only a person can tell.
func (c Class) silent() bool { return c == ClassCard || c == ClassMember }

// oneWay reports that what was moved cannot be moved back by this till.
func (c Class) oneWay() bool { return c.silent() || c == ClassRefund }

// Methods of legs that the class alone does not tell apart.
const (
	MethodCash  = "cash"
	MethodOther = "other" // recorded with a reason
	MethodCode  = "code"
	MethodQR    = "qr" // a code of ours that the customer scans
)

// next lists the transitions the law allows. PAID may still be reversed when
// its sale is cancelled; REJECTED and REVERSED never change.
var next = map[State][]State{
	"":        {Intent},
	Intent:    {Sent, Rejected, Paid}, // Paid directly: recorded tenders only
	Sent:      {Intent, Pending, Unknown, Paid, Rejected, Manual},
	Pending:   {Unknown, Paid, Rejected, Reversing, Reversed, Manual},
	Unknown:   {Sent, Pending, Unknown, Paid, Rejected, Reversing, Reversed, Manual}, // Sent again: refunds only
	Paid:      {Reversing, Reversed},                                                 // Reversed directly: recorded tenders only
	Reversing: {Reversing, Reversed, Manual},
	Manual:    {Paid, Reversed, Rejected},
}

// Leg is one movement of money or entitlement, folded from its events.
type Leg struct {
	ID       string    `json:"id"`
	SaleID   string    `json:"saleId"`
	No       int       `json:"no"`  // position in the sale, from 1
	Key      string    `json:"key"` // outTradeNo, or the remark of a redemption
	Class    Class     `json:"class"`
	Method   string    `json:"method"` // cash, code, member, card
	Provider string    `json:"provider"`
	Amount   money.Fen `json:"amount"`
	Tendered money.Fen `json:"tendered"` // cash handed over; 0 otherwise
	Count    int64     `json:"count"`    // times redeemed, or points taken; 0 otherwise

	Of          string `json:"of,omitempty"` // of a refund: the key of the payment it gives back
	CodeDigest  string `json:"-"`            // HMAC of the auth code; the code itself is never kept
	SealedCard  string `json:"-"`            // card number or member's account, encrypted with the vault's key
	CardLast4   string `json:"cardLast4,omitempty"`
	Before      int64  `json:"before"` // times left before; -1 where nobody could say
	RequestHash string `json:"-"`

	State      State     `json:"state"`
	Booked     bool      `json:"-"`    // PAID stands on the books, not yet taken back
	SentOnce   bool      `json:"sent"` // a SENT was recorded and not proven unsent
	Attempts   int       `json:"attempts"`
	Reversals  int       `json:"reversals"`
	ProviderNo string    `json:"providerNo"`
	PaidAt     string    `json:"paidAt,omitempty"` // the provider's own words
	Reason     Reason    `json:"reason"`
	IntentAt   time.Time `json:"intentAt"`
	ChangedAt  time.Time `json:"changedAt"`
	Seq        int       `json:"-"` // events so far

	// Kept is of a refund that was refused: it went back all the same, and by a
	// person's word the customer keeps it. Its watch says so, not its events.
	Kept bool `json:"-"`
}

// Reason is why a leg is where it is.
type Reason struct {
	Code    string `json:"code,omitempty"`    // the till's own: refused, timeout, …
	RawCode string `json:"rawCode,omitempty"` // the provider's
	Message string `json:"message,omitempty"` // the provider's words, or ours
}

// LegEvent is one step of a leg. Events are appended, never changed.
type LegEvent struct {
	LegID      string    `json:"legId"`
	Seq        int       `json:"seq"`
	State      State     `json:"state"`
	At         time.Time `json:"at"`
	Reason     Reason    `json:"reason"`
	ProviderNo string    `json:"providerNo,omitempty"`
	PaidAt     string    `json:"paidAt,omitempty"`
}

// Apply folds one event. It refuses a step the law does not allow, an event
// out of order, and anything that would make one key pay twice.
func (l Leg) Apply(e LegEvent) (Leg, error) {
	if e.Seq != l.Seq+1 {
		return l, fmt.Errorf("leg %s: event %d after %d", l.Key, e.Seq, l.Seq)
	}
	if !slices.Contains(next[l.State], e.State) {
		return l, fmt.Errorf("leg %s: %s cannot follow %s", l.Key, e.State, l.State)
	}
	if l.Class != ClassRecorded && ((l.State == Intent && e.State == Paid) || (l.State == Paid && e.State == Reversed)) {
		return l, fmt.Errorf("leg %s: only a recorded tender goes from %s to %s", l.Key, l.State, e.State)
	}
	if l.Class != ClassRefund && l.State == Unknown && e.State == Sent {
		return l, fmt.Errorf("leg %s: a payment is never sent again", l.Key)
	}
	switch e.State {
	case Sent:
		l.Attempts++
		l.SentOnce = true
	case Intent:
		l.SentOnce = false // proven that not a byte left
	case Reversing:
		l.Reversals++
	case Paid:
		l.Booked = true
	case Reversed, Rejected:
		l.Booked = false
	default:
	}
	l.Seq, l.State, l.ChangedAt, l.Reason = e.Seq, e.State, e.At, e.Reason
	if l.Seq == 1 {
		l.IntentAt = e.At
	}
	if e.ProviderNo != "" {
		l.ProviderNo = e.ProviderNo
	}
	if e.PaidAt != "" {
		l.PaidAt = e.PaidAt
	}
	return l, nil
}
