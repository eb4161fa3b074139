package checkout

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// ConsumeRequest is what is taken from a member's account in one call, without
// goods of ours: at least one of Amount, Points and Account.Coupons.
type ConsumeRequest struct {
	Account  MemberAccount
	Amount   money.Fen
	Points   int64
	Password string // only where the member's account wants one
}

// consumeSecret is a consumption in memory: the part that is kept, and the password
// that is not.
type consumeSecret struct {
	MemberAccount
	Password string `json:"password,omitempty"`
}

// Limits of one consumption: beyond them a scan or a keystroke went wrong.
const (
	maxPoints  = 9_999_999
	maxCoupons = 50
)

func (c ConsumeRequest) check() error {
	words := append(slices.Clone(c.Account.Coupons), c.Account.Customer)
	switch {
	case c.Amount < 0 || c.Amount > money.MaxFen:
		return fault.New(fault.Invalid, "consume.amount_range", "{amount} is no amount to take from an account.", "amount", c.Amount.String())
	case c.Points < 0 || c.Points > maxPoints:
		return fault.New(fault.Invalid, "consume.points_range", "A consumption takes 1 to {max} points.", "max", strconv.Itoa(maxPoints))
	case c.Amount == 0 && c.Points == 0 && len(c.Account.Coupons) == 0:
		return fault.New(fault.Invalid, "consume.nothing", "Say what to take: an amount, points or a coupon.")
	case len(c.Account.Coupons) > maxCoupons:
		return fault.New(fault.Invalid, "consume.coupons_range", "A consumption takes {max} coupons at most.", "max", strconv.Itoa(maxCoupons))
	case c.Account.Customer == "" && (!c.Account.Scanned || c.Amount > 0 || c.Points > 0):
		return fault.New(fault.Invalid, "consume.no_customer", "Say whose account it is: only a scanned coupon code goes without the member.")
	case slices.ContainsFunc(words, badWord):
		return fault.New(fault.Invalid, "consume.bad_code", "A member's number and a coupon's code hold letters, digits, - and _ only; scan it again.")
	}
	for i, coupon := range c.Account.Coupons {
		if coupon == "" || slices.Contains(c.Account.Coupons[:i], coupon) {
			return fault.New(fault.Invalid, "consume.coupon_twice", "A coupon is named twice, or is empty; name each one once.")
		}
	}
	return nil
}

func badWord(s string) bool { return len(s) > 64 || !PlainNumber(s) }

// PlainNumber reports a number of an account, a card or a coupon: letters, digits,
// - and _ alone. The clients have the same rule in services/wire, which they may
// touch and this may not.
func PlainNumber(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}

// lines say on the receipt what was taken. Only money has an amount.
func (c ConsumeRequest) lines() []Line {
	var lines []Line
	if c.Amount > 0 {
		lines = append(lines, Line{Name: "会员余额消费", Unit: "次", Qty: 1, ListPrice: c.Amount, MemberPrice: c.Amount, Price: c.Amount, Amount: c.Amount})
	}
	if c.Points > 0 {
		lines = append(lines, Line{Name: "会员积分", Unit: "分", Times: c.Points})
	}
	if n := int64(len(c.Account.Coupons)); n > 0 {
		lines = append(lines, Line{Name: "优惠券核销", Unit: "张", Times: n})
	}
	return lines
}

// Consume takes from a member's account: a sale of its own with one leg.
func (d *Desk) Consume(ctx context.Context, by access.Actor, c ConsumeRequest) (Sale, error) {
	if err := by.Demand(access.Redeem); err != nil {
		return Sale{}, err
	}
	if d.p.Members == nil {
		return Sale{}, NotSetUp(ClassMember)
	}
	if err := c.check(); err != nil {
		return Sale{}, err
	}
	return d.begin(ctx, by, d.newSale(by, Consumption, Cart{Lines: c.lines()}), "consume.freeze", Tender{Member: &c})
}

// callMember speaks with the member gateway.
func (d *Desk) callMember(ctx context.Context, l Leg, op Op, secret string) Answer {
	if op == OpTake {
		var c consumeSecret
		if err := json.Unmarshal([]byte(secret), &c); err != nil {
			return Answer{Delivery: NotSent, Message: "What to take is not known any more."}
		}
		return d.p.Members.Consume(ctx, ConsumeCall{Key: l.Key, Account: c.MemberAccount, Amount: l.Amount, Points: l.Count, Password: c.Password})
	}
	kept, err := d.p.Secrets.Unseal(l.SealedCard)
	var a MemberAccount
	if err == nil {
		err = json.Unmarshal([]byte(kept), &a)
	}
	if err != nil {
		return Answer{Message: "The account could not be read: " + fault.CodeOf(err)}
	}
	return d.p.Members.Evidence(ctx, a)
}
