package standin

import (
	"time"

	"cashier/services/money"
)

// Charge is one thing that really happened to somebody's money, times, points
// or coupons. The list only grows; State of a charge changes when a later entry
// takes it back.
type Charge struct {
	Gateway string    `json:"gateway"`           // liantuofu or zvcms
	Kind    string    `json:"kind"`              // pay, cancel, refund, times-card, member, member-reverse
	Key     string    `json:"key"`               // outTradeNo, refundNo, the remark of a times card, bizId
	Of      string    `json:"of,omitempty"`      // the key of the charge that a cancel or refund takes back
	Account string    `json:"account,omitempty"` // wallet, card number or customer it was taken from
	Amount  string    `json:"amount,omitempty"`  // yuan with two decimals
	Count   int64     `json:"count,omitempty"`   // times of a card
	Points  int64     `json:"points,omitempty"`
	Coupons []string  `json:"coupons,omitempty"`
	State   State     `json:"state"`
	At      time.Time `json:"at"`
	Last4   string    `json:"last4,omitempty"` // of the scanned code
}

// State is what has become of a charge.
type State string

// The states. A cancel or refund is itself always DONE.
const (
	Charged        State = "CHARGED"
	Reversed       State = "REVERSED"
	PartlyRefunded State = "PARTLY_REFUNDED"
	Refunded       State = "REFUNDED"
	Done           State = "DONE"
)

// Net is what the shop is owed per pay key after cancels and refunds, zero
// amounts left out. Amounts that do not parse cannot occur in a list made by a
// stand-in and count as zero.
func Net(charges []Charge) map[string]money.Fen {
	net := make(map[string]money.Fen)
	for _, c := range charges {
		f, _ := money.ParseFen(c.Amount)
		switch c.Kind {
		case "pay", "member":
			net[c.Key] += f
		case "cancel", "refund", "member-reverse":
			net[c.Of] -= f
		}
	}
	for k, f := range net {
		if f == 0 {
			delete(net, k)
		}
	}
	return net
}
