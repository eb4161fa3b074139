package scale

import (
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
)

// Reading is one weight as the scale sent it.
type Reading struct {
	Net     money.Grams // without tare; below zero where a tare was lifted off; 0 when Over
	Tare    money.Grams // 0 unless HasTare
	HasTare bool        // the protocol tells the tare itself
	Tared   bool        // the scale says that Net is a net weight
	Stable  bool        // the scale says so, or its protocol has no such sign
	Over    bool        // outside its range, or not zeroed since it was switched on: no weight
	Under   bool        // below zero
	Zero    bool        // nothing on the platform
}

// same reports whether two readings are of one weight at rest.
func (r Reading) same(o Reading) bool { return r == o }

// unitGrams is how much one unit of the scale weighs, and false for a unit that
// is no whole number of grams or that no Chinese shop sells by: pounds, ounces,
// Taiwan's catty and tael.
func unitGrams(unit string) (money.Grams, bool) {
	switch u := strings.ToLower(strings.TrimSpace(unit)); u {
	case "sj", "jin", "\xbd\xef": // the last is 斤 in GBK
		return 500, true
	case "\xc1\xbd": // 两 in GBK
		return 50, true
	case "kg", "g", "斤", "两", "公斤", "千克", "克":
		return money.UnitGrams(u)
	}
	return 0, false
}

// amount is digits and how many of them stand behind the decimal point.
type amount struct {
	digits   int64
	decimals int
}

// maxDigits bounds an amount; no counter scale shows more.
const maxDigits = 8

// parseAmount reads digits with at most one point. Leading spaces are the zeros
// that a scale does not show; a point at either end is none.
func parseAmount(s string) (amount, bool) {
	s = strings.TrimLeft(s, " ")
	var a amount
	n, point := 0, -1
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			a.digits = a.digits*10 + int64(c-'0')
			n++
		case c == '.' && point < 0 && i > 0 && i < len(s)-1:
			point = i
		default:
			return amount{}, false
		}
	}
	if n == 0 || n > maxDigits {
		return amount{}, false
	}
	if point >= 0 {
		a.decimals = len(s) - 1 - point
	}
	return a, true
}

var powersOf10 = [...]int64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}

// grams is exact or a fault: a weight is never rounded here.
func (a amount) grams(unit string) (money.Grams, error) {
	per, ok := unitGrams(unit)
	if !ok {
		return 0, fault.New(fault.Invalid, "scale.unit",
			"The scale shows {unit}, which nothing is sold by here. Switch it to kg, g or 斤.", "unit", printable(unit))
	}
	whole, scale := a.digits*int64(per), powersOf10[a.decimals]
	if whole%scale != 0 {
		return 0, fault.New(fault.Invalid, "scale.fraction",
			"The scale shows parts of a gram, which cannot be sold by. Set it to whole grams.")
	}
	g := money.Grams(whole / scale)
	if g > money.MaxGrams {
		return 0, fault.New(fault.Invalid, "scale.range",
			"The scale shows {kg} kg, more than the till accepts. Check its protocol in the settings.", "kg", g.KG())
	}
	return g, nil
}

// printable shows what a scale sent without letting it draw on a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
