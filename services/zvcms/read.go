package zvcms

import (
	"bytes"
	"encoding/json"
	"errors"

	"cashier/services/money"
	"cashier/services/wire"
)

// reader takes fields out of an object and remembers the first that is not what
// it should be. Where several names are given, they are spellings of the two
// versions, and the first that says something counts.
type reader struct {
	fields map[string]json.RawMessage
	err    error
}

// given reports a field that is there and is not null.
func (f *reader) given(name string) bool {
	raw, ok := f.fields[name]
	return ok && string(raw) != "null"
}

// into reads the first of names that says something; null and "" do not, as
// the page's samples write "" for what is absent.
func (f *reader) into(v json.Unmarshaler, names ...string) (given bool) {
	var seen json.RawMessage
	for _, name := range names {
		raw := f.fields[name]
		if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
			continue
		}
		if given && !bytes.Equal(raw, seen) {
			f.fail(errTwoSpellings)
			return false
		}
		seen, given = raw, true
		if err := v.UnmarshalJSON(raw); err != nil {
			f.fail(err)
			return false
		}
	}
	return given
}

var errTwoSpellings = errors.New("one field in two spellings that differ")

func (f *reader) text(names ...string) string {
	var t wire.Text
	f.into(&t, names...)
	return string(t)
}

// yuan reads an amount. The tail that a server's floats leave is taken off
// beyond the fourth decimal; anything finer than a fen before it is an error.
func (f *reader) yuan(names ...string) (amount money.Fen, given bool) {
	d := f.decimal(names...)
	if !d.Present {
		return 0, false
	}
	amount, err := money.FenFromDecimal(d.Decimal)
	if err != nil {
		f.fail(err)
		return 0, false
	}
	return amount, true
}

// taken reads an amount that left the account. One below 0 would have come to it
// instead, so that two of them could add up to a sum that was never taken.
func (f *reader) taken(names ...string) (amount money.Fen, given bool) {
	amount, given = f.yuan(names...)
	if amount < 0 {
		f.fail(errNegative)
		return 0, false
	}
	return amount, given
}

func (f *reader) decimal(names ...string) wire.Decimal {
	var d wire.Decimal
	if !f.into(&d, names...) {
		return wire.Decimal{}
	}
	return d
}

func (f *reader) whole(name string) (n int64, given bool) {
	var v wire.Int
	if !f.into(&v, name) {
		return 0, false
	}
	return int64(v), true
}

// texts reads a list of identifiers, written as numbers or as texts.
func (f *reader) texts(name string) []string {
	var list wire.List[wire.Text]
	var one wire.Text
	if raw := bytes.TrimSpace(f.fields[name]); len(raw) > 0 && raw[0] != '[' { // the page's own sample is a text
		f.into(&one, name)
		list = wire.List[wire.Text]{one}
	} else {
		f.into(&list, name)
	}
	var all []string
	for _, one := range list {
		if one != "" {
			all = append(all, string(one))
		}
	}
	return all
}

func (f *reader) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

var errNegative = errors.New("an amount below 0 where one was taken")

var errRows = errors.New("neither an object nor a list of objects")

// rows are the objects of data: itself, the items of a list, or those of a list
// under its name list, as version 3 has it. null and "" are none.
func rows(data json.RawMessage) ([]map[string]json.RawMessage, error) {
	data = bytes.TrimSpace(data)
	switch s := string(data); {
	case s == "" || s == "null" || s == `""`:
		return nil, nil
	case data[0] == '[':
		return items(data)
	case data[0] != '{':
		return nil, errRows
	}
	one, err := wire.Fields(data)
	if err != nil {
		return nil, err
	}
	if list, ok := one["list"]; ok {
		return items(list)
	}
	return []map[string]json.RawMessage{one}, nil
}

func items(raw json.RawMessage) ([]map[string]json.RawMessage, error) {
	var list wire.List[json.RawMessage]
	if err := list.UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	var all []map[string]json.RawMessage
	for _, one := range list {
		if string(one) == "null" {
			continue
		}
		fields, err := wire.Fields(one)
		if err != nil {
			return nil, err
		}
		all = append(all, fields)
	}
	return all, nil
}
