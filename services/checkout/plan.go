package checkout

import (
	"slices"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
)

// Tender is one way the customer pays. Exactly one of its fields is set; a zero
// Tender is a free sale's.
type Tender struct {
	Cash   money.Fen       // handed over
	Other  *OtherTender    // seen by a person to be paid
	Code   string          // auth code shown by the customer: takes what the others leave
	QR     bool            // a QR code of ours that the customer scans: likewise
	Card   *CardTender     // times card
	Member *ConsumeRequest // member's account; its Amount counts towards the sale
}

// byCode reports that a wallet pays, by the customer's code or by ours.
func (t Tender) byCode() bool { return t.QR || t.Code != "" }

// OtherTender is money that a person has seen arrive where the till cannot look:
// by the shop's printed code, by bank transfer, as a voucher.
type OtherTender struct {
	Amount money.Fen
	Reason string // what it was; stays with the sale
}

// CardTender pays for named lines with times of a card.
type CardTender struct {
	Card   Card
	Before int64     // times on it before; -1 where nobody could say
	Count  int64     // times to take
	Pays   money.Fen // what the lines it pays for come to
}

// part is one leg of a plan, before it is one.
type part struct {
	class    Class
	method   string
	amount   money.Fen
	tendered money.Fen
	tender   Tender
	of       string // of a refund: the key of the payment given back
}

// plan puts the tenders into the order of the law and gives each its amount:
// what a person has seen comes first and cash is counted, then the payment code takes what is left, and last,
// because nobody can take it back, at most one card or account.
func plan(due money.Fen, tenders []Tender) ([]part, error) {
	if len(tenders) == 0 {
		return nil, fault.New(fault.Invalid, "sale.no_tender", "Say how the customer pays: cash or a payment code.")
	}
	var cash money.Fen
	var code Tender // of the payment code, or the QR code instead of one
	var seen, last []part
	rest := due
	for _, t := range tenders {
		switch {
		case t.Other != nil:
			if t.Other.Amount <= 0 || t.Other.Amount > rest {
				return nil, fault.New(fault.Invalid, "sale.other_range", "{amount} is more than is due, or nothing; enter what was really paid.", "amount", t.Other.Amount.String())
			}
			if strings.TrimSpace(t.Other.Reason) == "" {
				return nil, fault.New(fault.Invalid, "sale.other_reason", "Say how it was paid: the reason stays with the sale.")
			}
			seen = append(seen, part{class: ClassRecorded, method: MethodOther, amount: t.Other.Amount, tender: t})
			rest -= t.Other.Amount
		case t.Card != nil:
			last = append(last, part{class: ClassCard, method: "card", amount: t.Card.Pays, tender: t})
			rest -= t.Card.Pays
		case t.Member != nil:
			last = append(last, part{class: ClassMember, method: "member", amount: t.Member.Amount, tender: t})
			rest -= t.Member.Amount
		case t.byCode() && code.byCode():
			return nil, fault.New(fault.Invalid, "sale.two_codes", "One payment code pays for one sale; the second one was not used.")
		case t.byCode():
			code = t
		case t.Cash < 0 || t.Cash > money.MaxFen:
			return nil, fault.New(fault.Invalid, "sale.cash_range", "{amount} is no amount of cash; enter what the customer handed over.", "amount", t.Cash.String())
		default:
			cash += t.Cash
		}
	}
	switch {
	case len(last) > 1:
		return nil, fault.New(fault.Invalid, "sale.two_one_ways", "A sale takes one times card or one account, because neither can be taken back; use one of them and another tender.")
	case rest < 0:
		return nil, fault.New(fault.Invalid, "sale.too_much", "The card or account would pay {over} more than is due; take less from it.", "over", (-rest).String())
	}
	if rest == 0 && cash > 0 && len(last)+len(seen) > 0 {
		return nil, fault.New(fault.Invalid, "sale.no_cash_due", "Nothing is left to pay in cash: hand the {cash} back.", "cash", cash.String())
	}
	first, err := planFront(cash, code, rest)
	return slices.Concat(seen, first, last), err
}

// planFront shares what cards and accounts leave between cash and a code.
func planFront(cash money.Fen, code Tender, rest money.Fen) ([]part, error) {
	if err := CheckCash(cash, rest); err != nil {
		return nil, err
	}
	switch {
	case !code.byCode() && cash < rest:
		return nil, fault.New(fault.Invalid, "sale.cash_short", "{cash} is not enough: {due} is still due.", "cash", cash.String(), "due", (rest - cash).String())
	case code.byCode() && cash >= rest:
		return nil, fault.New(fault.Invalid, "sale.nothing_due", "Nothing is left for the payment code to pay; it was not used.")
	}
	var parts []part
	if cash > 0 {
		parts = append(parts, part{class: ClassRecorded, method: MethodCash, amount: min(cash, rest), tendered: cash, tender: Tender{Cash: cash}})
	}
	switch {
	case code.QR:
		parts = append(parts, part{class: ClassCode, method: MethodQR, amount: rest - cash, tender: code})
	case code.Code != "":
		parts = append(parts, part{class: ClassCode, method: MethodCode, amount: rest - cash, tender: code})
	}
	return parts, nil
}
