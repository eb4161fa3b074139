package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Fen is an amount in hundredths of a yuan. Negative amounts are credits.
type Fen int64

// MaxFen bounds every amount the till accepts from outside: one hundred
// million yuan. It leaves room for sums and for the product of a price and a
// weight inside an int64.
const MaxFen Fen = 100_000_000_00

// Errors of reading an amount. They are wrapped with the offending text.
var (
	ErrNotAmount   = errors.New("not an amount in yuan")
	ErrNotWholeFen = errors.New("not a whole fen")
	ErrTooLarge    = errors.New("amount too large")
)

// ParseFen reads an amount in yuan such as "12", "12.3", "12.30" or "-0.05".
// Zeros beyond the second decimal are accepted; any other digit there is
// ErrNotWholeFen. Exponents, signs other than a leading minus, separators and
// blanks are ErrNotAmount.
func ParseFen(s string) (Fen, error) {
	if !plainDecimal(s) {
		return 0, fmt.Errorf("%q: %w", clip(s), ErrNotAmount)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", clip(s), ErrNotAmount)
	}
	return FenFromDecimal(d)
}

// FenFromDecimal converts yuan to fen, refusing anything finer than a fen.
func FenFromDecimal(d decimal.Decimal) (Fen, error) {
	if d.Abs().GreaterThan(decimal.New(int64(MaxFen), -2)) {
		return 0, ErrTooLarge
	}
	cents := d.Shift(2)
	if !cents.IsInteger() {
		return 0, fmt.Errorf("%s: %w", d.String(), ErrNotWholeFen)
	}
	return Fen(cents.IntPart()), nil
}

// Yuan writes the amount with exactly two decimals, as the gateways and the
// command line expect it: "12.30", "-0.05".
func (f Fen) Yuan() string {
	neg := ""
	u := uint64(f)
	if f < 0 {
		neg = "-"
		u = uint64(-f)
	}
	return neg + strconv.FormatUint(u/100, 10) + "." + pad2(u%100)
}

// String is what a person reads: "¥12.30".
func (f Fen) String() string {
	if f < 0 {
		return "-¥" + (-f).Yuan()
	}
	return "¥" + f.Yuan()
}

// MarshalText makes Fen a yuan string in JSON documents and settings.
func (f Fen) MarshalText() ([]byte, error) { return []byte(f.Yuan()), nil }

// UnmarshalText reads what MarshalText writes.
func (f *Fen) UnmarshalText(b []byte) error {
	v, err := ParseFen(string(b))
	if err != nil {
		return err
	}
	*f = v
	return nil
}

// Times multiplies by a count; it reports ErrTooLarge rather than wrap.
func (f Fen) Times(n int64) (Fen, error) { return mulDiv(f, n, 1) }

// Sum adds amounts. The operands are bounded by MaxFen, so that a sale would
// need ninety million lines to overflow.
func Sum(fs ...Fen) Fen {
	var t Fen
	for _, f := range fs {
		t += f
	}
	return t
}

// mulDiv is round-half-up(f × n ÷ d) for d > 0; half is rounded away from zero
// so that a refund mirrors its sale.
func mulDiv(f Fen, n, d int64) (Fen, error) {
	if n == 0 || f == 0 {
		return 0, nil
	}
	if absU(int64(f)) > math.MaxInt64/4/absU(n) {
		return 0, ErrTooLarge
	}
	p := int64(f) * n
	neg := p < 0
	if neg {
		p = -p
	}
	q := (2*p + d) / (2 * d)
	if Fen(q) > MaxFen {
		return 0, ErrTooLarge
	}
	if neg {
		q = -q
	}
	return Fen(q), nil
}

func absU(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

func pad2(n uint64) string {
	if n < 10 {
		return "0" + strconv.FormatUint(n, 10)
	}
	return strconv.FormatUint(n, 10)
}

func plainDecimal(s string) bool {
	body := strings.TrimPrefix(s, "-")
	whole, frac, dotted := strings.Cut(body, ".")
	if whole == "" || len(body) > 32 || (dotted && frac == "") {
		return false
	}
	for _, r := range whole + frac {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// clip keeps error messages short whatever was fed in.
func clip(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
