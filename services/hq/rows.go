package hq

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Unreadable is a row of a page that could not be decoded, and what can be told
// of it, so that a person finds it at HQ.
type Unreadable struct {
	ProductID   int64 // 0 where HQ gives no usable one
	ProductCode string
	ProductName string
	Err         error // of kind Contract, "hq.row_unreadable": names the field and its value
}

// Pictures are the images of a product. They are documented as an array; a text,
// of one or several with commas, is read as well. What is neither is no picture:
// nothing that only decorates may keep a product from being sold.
type Pictures []wire.Text

// UnmarshalJSON implements json.Unmarshaler.
func (p *Pictures) UnmarshalJSON(b []byte) error {
	*p = nil
	var rows []json.RawMessage
	if json.Unmarshal(b, &rows) == nil {
		for _, row := range rows {
			var one wire.Text
			if json.Unmarshal(row, &one) == nil {
				p.add(one)
			}
		}
		return nil
	}
	var all string
	if json.Unmarshal(b, &all) == nil {
		for one := range strings.SplitSeq(all, ",") {
			p.add(wire.Text(strings.TrimSpace(one)))
		}
	}
	return nil
}

// MarshalJSON implements json.Marshaler. No picture is an empty array: null is
// not in the contract.
func (p Pictures) MarshalJSON() ([]byte, error) {
	if len(p) == 0 {
		return []byte("[]"), nil
	}
	return json.Marshal([]wire.Text(p))
}

func (p *Pictures) add(one wire.Text) {
	if one != "" {
		*p = append(*p, one)
	}
}

// decodeRows reads each row by itself: one product that HQ got wrong must not
// keep the prices of all the others from the till.
func decodeRows[T any](rows []json.RawMessage) (good []T, bad []Unreadable) {
	for _, raw := range rows {
		var row T
		err := json.Unmarshal(raw, &row)
		if err == nil {
			err = once(raw, true)
		}
		if err != nil {
			bad = append(bad, unreadable[T](raw, err))
			continue
		}
		good = append(good, row)
	}
	return good, bad
}

func unreadable[T any](raw json.RawMessage, cause error) Unreadable {
	var w struct {
		ProductID   lenient[wire.Int]  `json:"productId"`
		ProductCode lenient[wire.Text] `json:"productCode"`
		ProductName lenient[wire.Text] `json:"productName"`
	}
	_ = json.Unmarshal(raw, &w) // a row that is no object has no names
	field, value := culprit[T](raw)
	return Unreadable{
		ProductID:   int64(w.ProductID.value),
		ProductCode: string(w.ProductCode.value), ProductName: string(w.ProductName.value),
		Err: service.Fault(fault.Contract, "row_unreadable",
			"HQ gives {field} as {value}, which cannot be read.", cause, "field", field, "value", clip(wire.Redact(value))),
	}
}

// culprit finds the first field that T does not take, by trying each alone.
func culprit[T any](raw json.RawMessage) (field, value string) {
	if name, twice := wire.FieldTwice(raw, true); twice {
		return cmp.Or(name, "a field without a name"), "two values"
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return "the product", string(raw)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		one, err := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		var row T
		if err != nil || json.Unmarshal(one, &row) != nil {
			return cmp.Or(name, "a field without a name"), string(fields[name])
		}
	}
	return "the product", string(raw)
}

// lenient leaves a value that it cannot read at its zero.
type lenient[T any] struct{ value T }

// UnmarshalJSON implements json.Unmarshaler.
func (l *lenient[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.value = v
	}
	return nil
}

// quoteNumbers puts quotes around the numbers that JSON does not have but .NET
// writes (NaN, Infinity), so that they spoil their row and not the page. It
// touches nothing within quotes, and nothing in a body that is JSON.
func quoteNumbers(b []byte) []byte {
	if json.Valid(b) {
		return b
	}
	var out bytes.Buffer
	for quoted := false; len(b) > 0; {
		n := 1
		switch {
		case quoted && b[0] == '\\' && len(b) > 1:
			n = 2
		case b[0] == '"':
			quoted = !quoted
		case !quoted:
			if n = notANumber(b); n > 0 {
				out.WriteString(`"` + string(b[:n]) + `"`)
				b = b[n:]
				continue
			}
			n = 1
		}
		out.Write(b[:n])
		b = b[n:]
	}
	return out.Bytes()
}

// notANumber is how long the word at the start of b is, 0 if it is none.
func notANumber(b []byte) int {
	for _, word := range []string{"NaN", "-Infinity", "Infinity"} {
		if bytes.HasPrefix(b, []byte(word)) {
			return len(word)
		}
	}
	return 0
}
