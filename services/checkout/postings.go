package checkout

import (
	"fmt"

	"cashier/services/money"
)

// Account is a ledger account.
type Account string

// The accounts of a sale. A customer's account is debited with the goods and
// credited with the money, and is zero when the sale is complete.
const (
	AccCustomer     Account = "customer"
	AccDrawer       Account = "drawer"
	AccRecorded     Account = "clearing:recorded" // seen by a person, where the till cannot look
	AccLiantuofu    Account = "clearing:liantuofu"
	AccZvcms        Account = "clearing:zvcms"
	AccEntitlements Account = "entitlements"
	AccSales        Account = "sales"
	AccRefunds      Account = "refunds"    // goods brought back
	AccUnresolved   Account = "unresolved" // money a provider took for nothing sold, or gave back for nothing returned, until that is settled
	AccOverShort    Account = "over/short" // of that, what stays
)

// Posting moves Amount onto an account: positive is a debit, negative a credit.
type Posting struct {
	Account Account   `json:"account"`
	Amount  money.Fen `json:"amount"`
}

// Entry is one double entry: its postings sum to zero. Entries are only ever
// added; a correction is a new entry.
type Entry struct {
	SaleID   string
	LegID    string // "" for the entry of the sale itself
	Kind     string // paid, reversed, complete
	Postings []Posting
}

func clearing(l Leg) Account {
	switch l.Class {
	case ClassRecorded:
		if l.Method == MethodOther {
			return AccRecorded
		}
		return AccDrawer
	case ClassCode, ClassRefund:
		return AccLiantuofu
	case ClassMember:
		return AccZvcms
	case ClassCard:
		return AccEntitlements
	}
	panic(fmt.Sprintf("checkout: no account for class %q", l.Class))
}

// transfer is nil for an amount of zero: nothing moved.
func transfer(saleID, legID, kind string, debit, credit Account, amount money.Fen) []Entry {
	if amount == 0 {
		return nil
	}
	return []Entry{{SaleID: saleID, LegID: legID, Kind: kind, Postings: []Posting{{debit, amount}, {credit, -amount}}}}
}

// sides are the accounts that a leg debits and credits when it is paid: the
// customer gives, or of a refund gets, what the drawer or the provider has.
func sides(l Leg) (debit, credit Account) {
	if l.Of != "" {
		return AccCustomer, clearing(l)
	}
	return clearing(l), AccCustomer
}

func paidEntries(l Leg) []Entry {
	debit, credit := sides(l)
	return transfer(l.SaleID, l.ID, "paid", debit, credit, l.Amount)
}

func reversedEntries(l Leg) []Entry {
	debit, credit := sides(l)
	return transfer(l.SaleID, l.ID, "reversed", credit, debit, l.Amount)
}

// movedEntries are the entries of a leg that has just changed its state. Most
// legs that are reversed were never booked as paid.
func movedEntries(before, after Leg) []Entry {
	switch {
	case after.Booked && !before.Booked:
		return paidEntries(after)
	case before.Booked && !after.Booked:
		return reversedEntries(after)
	}
	return nil
}

func completeEntries(s Sale) []Entry {
	if s.Kind == Refund {
		return transfer(s.ID, "", "complete", AccRefunds, AccCustomer, s.Total)
	}
	return transfer(s.ID, "", "complete", AccCustomer, AccSales, s.Total)
}
