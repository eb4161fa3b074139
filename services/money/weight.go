package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/width"
)

// Grams is a net weight.
type Grams int64

// MaxGrams bounds a weight read from a person or a device: ten tonnes.
const MaxGrams Grams = 10_000_000

// ErrNotWeight is a weight that is no decimal number of kilograms, negative,
// finer than a gram or out of range.
var ErrNotWeight = errors.New("not a weight in kg with at most three decimals")

// ParseKG reads kilograms such as "1.234" into grams. Zero is accepted;
// whether a line may weigh nothing is the cart's decision.
func ParseKG(s string) (Grams, error) {
	if !plainDecimal(s) || strings.HasPrefix(s, "-") {
		return 0, fmt.Errorf("%q: %w", clip(s), ErrNotWeight)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", clip(s), ErrNotWeight)
	}
	g := d.Shift(3)
	if !g.IsInteger() || g.GreaterThan(decimal.NewFromInt(int64(MaxGrams))) {
		return 0, fmt.Errorf("%q: %w", clip(s), ErrNotWeight)
	}
	return Grams(g.IntPart()), nil
}

// KG writes kilograms with three decimals: "1.234".
func (g Grams) KG() string {
	neg := ""
	if g < 0 {
		neg, g = "-", -g
	}
	frac := strconv.FormatInt(int64(g%1000), 10)
	return neg + strconv.FormatInt(int64(g/1000), 10) + "." + "000"[len(frac):] + frac
}

// UnitGrams says how many grams one unit of sale weighs: 斤 500, 公斤 and kg
// 1000, 两 50, 克 and g 1. ok is false for every other unit (个, 箱, a
// misspelling): a weighed line with such a unit must be refused, because
// guessing mischarges by a factor.
func UnitGrams(unit string) (grams Grams, ok bool) {
	u := strings.ToLower(strings.TrimSpace(width.Narrow.String(unit)))
	switch u {
	case "斤", "市斤", "500g", "500克":
		return 500, true
	case "公斤", "千克", "kg", "kgs", "1kg":
		return 1000, true
	case "两", "市两", "50g", "50克":
		return 50, true
	case "克", "g":
		return 1, true
	case "100g", "100克":
		return 100, true
	}
	return 0, false
}

// ForWeight is the price of a weight: price per unit × grams ÷ grams in the
// unit, rounded half up to the fen, once.
func ForWeight(price Fen, g, unit Grams) (Fen, error) {
	if unit <= 0 {
		return 0, errors.New("a unit must weigh something")
	}
	return mulDiv(price, int64(g), int64(unit))
}
