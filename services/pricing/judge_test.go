package pricing

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/fault"
)

func TestJudge(t *testing.T) {
	before, sent := row(1, 1, "10", "8.80"), row(1, 1, "9.50", "8.80")
	now := func(price, member string) *Row { r := row(1, 1, price, member); return &r }
	unread := fault.New(fault.Unreachable, "hq.no_answer", "gone")
	for name, tt := range map[string]struct {
		now        *Row
		read, send error
		want       Outcome
	}{
		"there":                              {now("9.50", "8.80"), nil, nil, Changed},
		"there, written otherwise":           {now("9.5000", "8.8"), nil, nil, Changed},
		"there, though refused":              {now("9.50", "8.80"), nil, errRefused, Changed},
		"there, though silent":               {now("9.50", "8.80"), nil, errSilent, Changed},
		"old, refused":                       {now("10", "8.80"), nil, errRefused, Unchanged},
		"old, closing the day":               {now("10", "8.80"), nil, fault.New(fault.Busy, "hq.settling", "closing"), Unchanged},
		"old, though HQ said yes":            {now("10", "8.80"), nil, nil, Unchanged},
		"old, silent":                        {now("10", "8.80"), nil, errSilent, Unknown},
		"old, broken here":                   {now("10", "8.80"), nil, fault.New(fault.Internal, "x", "x"), Unknown},
		"the member price is lost":           {now("9.50", "0"), nil, nil, Unknown},
		"the member price is gone":           {now("9.50", ""), nil, nil, Unknown},
		"only the member price came through": {now("10", "8.70"), nil, errRefused, Unknown},
		"somebody else's price":              {now("7", "7"), nil, errRefused, Unknown},
		"no price":                           {now("", "8.80"), nil, nil, Unknown},
		"not read":                           {nil, unread, nil, Unknown},
		"not read, refused":                  {nil, unread, errRefused, Unknown},
		"gone":                               {nil, nil, nil, Unknown},
		"gone, refused":                      {nil, nil, errRefused, Unknown},
	} {
		got, why := judge(before, sent, tt.now, tt.read, tt.send)
		if got != tt.want || (why == nil) != (got == Changed) {
			t.Errorf("%s: %s, %v", name, got, why)
		}
	}
}

// The two promises: Changed only if HQ has it, and Unchanged only if HQ has the
// old prices and nothing is under way.
func TestJudgePromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := func(name string) decimal.NullDecimal {
			if rapid.IntRange(0, 5).Draw(t, name+" absent") == 0 {
				return decimal.NullDecimal{}
			}
			return decimal.NewNullDecimal(decimal.New(rapid.Int64Range(0, 3).Draw(t, name), -2))
		}
		any3 := func(name string) Row { return Row{ProductID: 1, Price: price(name), Member: price(name + " member")} }
		before, sent, has := any3("before"), any3("sent"), any3("now")
		sent.Price.Valid = true
		var now *Row
		if rapid.Bool().Draw(t, "there") {
			now = &has
		}
		faults := []error{nil, errSilent, errRefused, fault.New(fault.Busy, "b", "b"), fault.New(fault.Contract, "c", "c")}
		send := rapid.SampledFrom(faults).Draw(t, "send")
		read := rapid.SampledFrom([]error{nil, errUnsent}).Draw(t, "read")
		got, _ := judge(before, sent, now, read, send)
		value := func(d decimal.NullDecimal) string { return d.Decimal.StringFixed(4) }
		equal := func(a, b Row) bool {
			return a.Price.Valid && b.Price.Valid && value(a.Price) == value(b.Price) && value(a.Member) == value(b.Member)
		}
		switch got {
		case Changed:
			if read != nil || now == nil || !equal(has, sent) {
				t.Fatalf("changed, and HQ has %+v", now)
			}
		case Unchanged:
			if read != nil || now == nil || !equal(has, before) || fault.KindOf(send) == fault.Unknown && send != nil {
				t.Fatalf("unchanged, and HQ has %+v after %v", now, send)
			}
		case Unknown:
		default:
			t.Fatal(got)
		}
	})
}
