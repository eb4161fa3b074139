package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// The scalars of other people's JSON. Each accepts the forms seen in the
// contracts (a number may be quoted, a flag may be a number, null and "" mean
// nothing) and refuses everything else; none goes through a float.

var errScalar = errors.New("not a usable value")

// Text is a string, or the exact characters of a number or flag: an identifier
// beyond 2^53 keeps all its digits. null is "".
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	*t = Text(s)
	return nil
}

// Int is a whole number that fits 64 bits: 12, "12", 12.0. null and "" are 0.
type Int int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *Int) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	s = strings.TrimSpace(s)
	if s == "" {
		*n = 0
		return nil
	}
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = Int(v)
		return nil
	}
	d, err := ParseDecimal(s)
	if err != nil {
		return err
	}
	if !d.IsInteger() || d.GreaterThan(decimal.NewFromInt(math.MaxInt64)) || d.LessThan(decimal.NewFromInt(math.MinInt64)) {
		return fmt.Errorf("a whole number was expected: %w", errScalar)
	}
	*n = Int(d.IntPart())
	return nil
}

// Bool is true, "true", 1 or "1", and their opposites. null and "" are false.
type Bool bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *Bool) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1":
		*f = true
	case "false", "0", "":
		*f = false
	default:
		return fmt.Errorf("true or false was expected: %w", errScalar)
	}
	return nil
}

// Decimal is a number or a quoted number, in whatever unit the field has. It
// is rounded to four decimals, half away from zero: enough for every price, and
// it takes off the tail that a server's floats leave (8.299999999999999).
// Present tells a zero from null, "" or a field that was not there.
type Decimal struct {
	decimal.Decimal
	Present bool
}

// NewDecimal is a present Decimal.
func NewDecimal(d decimal.Decimal) Decimal {
	return Decimal{Decimal: d, Present: true}
}

// IsZero reports an absent value, so that omitzero keeps a price of 0.
func (d Decimal) IsZero() bool { return !d.Present }

// MarshalJSON writes a plain JSON number, or null.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if !d.Present {
		return []byte("null"), nil
	}
	return []byte(d.String()), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	if err != nil {
		return err
	}
	s = strings.TrimSpace(s)
	if s == "" {
		*d = Decimal{}
		return nil
	}
	v, err := ParseDecimal(s)
	if err != nil {
		return err
	}
	*d = NewDecimal(v.Round(4))
	return nil
}

// ParseDecimal reads a number exactly, exponents included, and refuses sizes
// that no price, weight or identifier has and that would cost memory.
func ParseDecimal(s string) (decimal.Decimal, error) {
	if len(s) == 0 || len(s) > 64 {
		return decimal.Decimal{}, fmt.Errorf("a number was expected: %w", errScalar)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Decimal{}, fmt.Errorf("a number was expected: %w", errScalar)
	}
	if e := d.Exponent(); e < -64 || e > 64 {
		return decimal.Decimal{}, fmt.Errorf("a number of ordinary size was expected: %w", errScalar)
	}
	return d, nil
}

// scalar is the text of a JSON scalar.
func scalar(b []byte) (string, error) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return "", errScalar
	}
	switch b[0] {
	case '"':
		return unquote(b)
	case '{', '[':
		return "", fmt.Errorf("a single value was expected: %w", errScalar)
	}
	if string(b) == "null" {
		return "", nil
	}
	if !json.Valid(b) {
		return "", errScalar
	}
	return string(b), nil
}

// unquote avoids a second decoder for the plain strings that most fields are:
// a full price list has a million of them.
func unquote(b []byte) (string, error) {
	if len(b) >= 2 && b[len(b)-1] == '"' {
		in := b[1 : len(b)-1]
		if bytes.IndexByte(in, '\\') < 0 && bytes.IndexByte(in, '"') < 0 && utf8.Valid(in) && !hasControlBytes(in) {
			return string(in), nil
		}
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return "", errScalar
	}
	return s, nil
}

func hasControlBytes(b []byte) bool {
	for _, c := range b {
		if c < 0x20 {
			return true
		}
	}
	return false
}
