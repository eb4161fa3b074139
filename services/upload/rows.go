package upload

import (
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// PaymentType is HQ's number of a way to pay (HQ help page shopupload,
// paymentType).
type PaymentType int

// The payment types that a till's legs become.
const (
	Cash       PaymentType = 1
	MemberCard PaymentType = 2
	WeChat     PaymentType = 3
	Alipay     PaymentType = 4
	Other      PaymentType = 9
	UnionPay   PaymentType = 10
)

// Rules are the shop's decisions about what HQ's page leaves open.
type Rules struct {
	TimesCard PaymentType // of what a times card paid; zero: Other
}

// Bill is a complete sale as it is reported. Serial is the receipt number, by
// which HQ knows a bill and refuses a second one; Random is the sale's id,
// which no copy of a till's folder gives again.
type Bill struct {
	Serial   string
	Random   string
	IsReturn bool
	Cashier  string
	At       time.Time // when it was complete
	Payments []Payment
	Lines    []Line
}

// Payment is what one leg paid. It may be nothing: times and points have no
// price.
type Payment struct {
	Type  PaymentType
	Money money.Fen
	At    time.Time
}

// Line is one line of goods. Quantity is in the product's unit, as its price is.
type Line struct {
	ProductID int64
	Price     money.Fen
	Quantity  decimal.Decimal
	Money     money.Fen
}

// refund is the kind that goods brought back will have.
const refund checkout.Kind = "refund"

// Build is the bill of a sale. It depends on the sale and the rules alone: a
// complete sale never changes, so neither does its bill. A sale that is not
// complete is a fault with code upload.defect.
func Build(s checkout.Sale, rules Rules) (Bill, error) {
	if s.State != checkout.Complete || s.ReceiptNo == "" {
		return Bill{}, fault.New(fault.Internal, "upload.defect", "Sale {sale} is not complete and cannot be reported to HQ; nothing was sent. Call support.", "sale", s.ID)
	}
	b := Bill{Serial: s.ReceiptNo, Random: s.ID, IsReturn: s.Kind == refund, Cashier: s.Actor.Name, At: s.ClosedAt}
	for _, l := range s.Legs {
		if l.State == checkout.Paid {
			b.Payments = append(b.Payments, Payment{Type: rules.paymentType(l), Money: l.Amount, At: l.ChangedAt})
		}
	}
	for _, l := range s.Lines {
		if l.ProductID > 0 { // what is taken off a card or an account alone is no product of HQ's
			b.Lines = append(b.Lines, Line{ProductID: l.ProductID, Price: l.Price, Quantity: quantity(l), Money: l.Amount})
		}
	}
	return b, nil
}

// wallets are the methods of legs that name what was paid with. A payment code
// alone does not: its provider takes all of them.
var wallets = map[string]PaymentType{"cash": Cash, "wechat": WeChat, "alipay": Alipay, "unionpay": UnionPay}

func (r Rules) paymentType(l checkout.Leg) PaymentType {
	if l.Class == checkout.ClassMember {
		return MemberCard
	}
	if l.Class == checkout.ClassCard && r.TimesCard != 0 {
		return r.TimesCard
	}
	if known, ok := wallets[l.Method]; ok {
		return known
	}
	return Other
}

// quantity is exact: every unit of weight has grams that divide 10⁴.
func quantity(l checkout.Line) decimal.Decimal {
	switch {
	case l.UnitGrams > 0:
		return decimal.NewFromInt(int64(l.Grams)).DivRound(decimal.NewFromInt(int64(l.UnitGrams)), 4)
	case l.Qty > 0:
		return decimal.NewFromInt(l.Qty)
	}
	return decimal.NewFromInt(l.Times)
}
