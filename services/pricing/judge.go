package pricing

import (
	"github.com/shopspring/decimal"

	"cashier/services/fault"
)

// judge says what became of a change: what HQ has now is laid beside the row
// that was sent. now is nil where HQ no longer has the row; send is HQ's answer
// to the change, read that to the reading after it.
//
// It says Changed only where HQ has both prices, and Unchanged only where HQ
// has the old ones and cannot get the new ones any more.
func judge(before, sent Row, now *Row, read, send error) (Outcome, error) {
	switch {
	case read != nil:
		return Unknown, read
	case now == nil:
		return Unknown, fault.New(fault.Unknown, "price.row_gone",
			"HQ no longer has {code} {name} in this shop. Look it up at HQ.", "code", sent.Code, "name", sent.Name)
	case samePrices(*now, sent):
		return Changed, nil
	case send != nil && undecided(send):
		return Unknown, send
	case !samePrices(*now, before):
		return Unknown, fault.New(fault.Unknown, "price.neither",
			"HQ now has {price}, member {member}: neither the old prices nor the new ones. Look at the product at HQ.",
			"price", Yuan(now.Price), "member", Yuan(now.Member))
	case send != nil:
		return Unchanged, send
	}
	return Unchanged, fault.New(fault.Refused, "price.not_taken",
		"HQ said yes, and still has {price}, member {member}. Try again, or change it at HQ.", "price", Yuan(now.Price), "member", Yuan(now.Member))
}

// samePrices takes a missing member price for 0, as HQ does. A missing price is
// none.
func samePrices(a, b Row) bool {
	return a.Price.Valid && b.Price.Valid && a.Price.Decimal.Equal(b.Price.Decimal) && orZero(a.Member).Equal(orZero(b.Member))
}

func orZero(d decimal.NullDecimal) decimal.Decimal {
	if !d.Valid {
		return decimal.Zero
	}
	return d.Decimal
}

// notSent reports that HQ has not heard of a change.
func notSent(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.Invalid || k == fault.Unreachable || k == fault.Denied)
}

// undecided reports that a change may still be done, or was and is not seen.
func undecided(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Unknown || k == fault.Internal
}
