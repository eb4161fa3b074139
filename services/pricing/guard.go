package pricing

import (
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/money"
)

// Severity is what a guard does with a line.
type Severity string

// The severities.
const (
	Block Severity = "block" // it is not sent
	Warn  Severity = "warn"  // it is sent, and a person has been told
)

// Finding is what a guard says of a line. Why has a code of the form
// "price.guard_…" and says what to do.
type Finding struct {
	Severity Severity
	Why      *fault.Error
}

// Code is that of the fault.
func (f Finding) Code() string { return f.Why.Code }

// DefaultFactor takes a decimal point in the wrong place for a slip.
const DefaultFactor = 10

// Rules of the guards. The zero value is the default.
type Rules struct {
	// Factor is how many times dearer or cheaper a price becomes before it is
	// blocked; 0: DefaultFactor, 1 or less: any.
	Factor int64
	// Allow are the codes of guards that only warn, for a person has looked:
	// price.guard_dearer and price.guard_cheaper. Others are not heeded.
	Allow []string
}

// Overridable are the codes that Rules.Allow heeds: what a person may mean after
// all. What no till can charge is never sent.
func Overridable() []string { return []string{"price.guard_dearer", "price.guard_cheaper"} }

func (r Rules) factor() int64 {
	if r.Factor == 0 {
		return DefaultFactor
	}
	return r.Factor
}

func (r Rules) slip(code string) Severity {
	if slices.Contains(r.Allow, code) && slices.Contains(Overridable(), code) {
		return Warn
	}
	return Block
}

// judge is every guard but the one of duplicates, which needs the whole draft.
func (r Rules) judge(l Line) []Finding {
	if l.Gone {
		return []Finding{{Block, l.fault("price.guard_unknown", "HQ does not have {code} {name} in this shop; nothing is sent for it. Add it to the shop first, or sync the prices.")}}
	}
	if l.Same() {
		return nil
	}
	if why := l.uncharged(); why != nil {
		return []Finding{{Block, why}}
	}
	var found []Finding
	if r.factor() > 1 {
		found = r.slips(l)
	}
	warn := func(why *fault.Error) { found = append(found, Finding{Warn, why}) }
	if orZero(l.Member).GreaterThan(l.Price.Decimal) {
		warn(l.fault("price.guard_member", "The member price {member} of {code} {name} is above its price {price}: members pay the lower one. Lower the member price, or set it to 0."))
	}
	if l.Cost.Valid && l.Price.Decimal.LessThan(l.Cost.Decimal) {
		warn(l.fault("price.guard_cost", "The price {price} of {code} {name} is below its cost {cost}. Send it only if that is meant.", "cost", Yuan(l.Cost)))
	} else if m := orZero(l.Member); l.Cost.Valid && m.IsPositive() && m.LessThan(l.Cost.Decimal) {
		warn(l.fault("price.guard_member_cost", "The member price {member} of {code} {name} is below its cost {cost}. Send it only if that is meant.", "cost", Yuan(l.Cost)))
	}
	if l.NoUnit {
		warn(l.fault("price.guard_unit", "{code} {name} is sold by weight, and what its unit weighs is not known: it cannot be sold until HQ corrects the unit."))
	}
	return found
}

// uncharged is why a till could not charge the prices to be.
func (l Line) uncharged() *fault.Error {
	switch {
	case !l.Price.Valid:
		return l.fault("price.guard_none", "{code} {name} has no new price. Give one.")
	case !l.Price.Decimal.IsPositive():
		return l.fault("price.guard_zero", "The price {price} of {code} {name} is not above 0. Give another one.")
	case orZero(l.Member).IsNegative():
		return l.fault("price.guard_negative", "The member price {member} of {code} {name} is below 0. Give another one, or 0 for none.")
	}
	if _, err := money.FenFromDecimal(l.Price.Decimal); err != nil {
		return l.fault("price.guard_fen", "The price {price} of {code} {name} is not a whole fen, or too large. Give it with two decimals.")
	}
	if _, err := money.FenFromDecimal(l.Member.Decimal); err != nil {
		return l.fault("price.guard_member_fen", "The member price {member} of {code} {name} is not a whole fen, or too large. Give it with two decimals.")
	}
	return nil
}

// slips are prices so many times higher or lower that it is more likely a slip.
// A price that was 0 or is not known is held against nothing.
func (r Rules) slips(l Line) (found []Finding) {
	factor := decimal.New(r.factor(), 0)
	times := strconv.FormatInt(r.factor(), 10)
	for _, p := range []struct{ was, now decimal.NullDecimal }{{l.Was, l.Price}, {l.WasMember, l.Member}} {
		was, now := orZero(p.was), orZero(p.now)
		if !was.IsPositive() || !now.IsPositive() {
			continue
		}
		kv := []string{"was", Yuan(p.was), "now", Yuan(p.now), "factor", times}
		switch {
		case now.GreaterThanOrEqual(was.Mul(factor)):
			return append(found, Finding{r.slip("price.guard_dearer"), l.fault("price.guard_dearer", "{code} {name} would become {factor} times dearer or more: from {was} to {now}. Look at the decimal point; allow it if it is meant.", kv...)})
		case now.Mul(factor).LessThanOrEqual(was):
			return append(found, Finding{r.slip("price.guard_cheaper"), l.fault("price.guard_cheaper", "{code} {name} would cost a {factor}th or less: from {was} to {now}. Look at the decimal point; allow it if it is meant.", kv...)})
		}
	}
	return nil
}

func (l Line) fault(code, says string, kv ...string) *fault.Error {
	kv = append([]string{"code", l.Code, "name", l.Name, "price", Yuan(l.Price), "member", Yuan(l.Member)}, kv...)
	return fault.New(fault.Invalid, code, says, kv...)
}
