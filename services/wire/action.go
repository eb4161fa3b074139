package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cashier/services/fault"
)

// Action is one entry of a remote contract, as far as it can be said without
// the client's own types: enough to call it by name for diagnosis, and to list
// the contract.
type Action struct {
	Name   string // as the contract names it: "getlist", "pay/query", "communal.user.consume"
	Method string // GET or POST
	Path   string // below the base address, by default
	Effect Effect
	// Guarded actions move money or entitlement, take something away, or reach
	// beyond this shop: a program asks a person before it sends one.
	Guarded bool
	Body    Shape
	Fields  []Field
}

// Shape is how the fields of an action travel.
type Shape uint8

// The shapes.
const (
	Nothing Shape = iota // no fields
	Flat                 // query of a GET, form of a POST, or one JSON object
	Listed               // a JSON array of one such object
	IDs                  // a JSON array of whole numbers: the only field's
)

// Field is one parameter of an action.
type Field struct {
	Name     string
	Type     Type
	Required bool
}

// Type is how a parameter is written in JSON. In queries and forms all are text.
type Type uint8

// The types.
const (
	String  Type = iota
	Whole        // a whole number
	Number       // a decimal number
	Flag         // true or false
	Wholes       // whole numbers, separated by commas
	Strings      // texts, separated by commas
)

// Arg is one NAME=VALUE of a call by name.
type Arg struct{ Name, Value string }

// Said is what a service answered to a call by name, for a person to read.
type Said struct {
	HTTPStatus int
	Body       string // redacted; JSON is indented
}

// Check refuses names the action does not have, names given twice and required
// ones that are missing. Faults: Invalid.
func (a Action) Check(s Service, args []Arg) error {
	seen := map[string]bool{}
	for _, arg := range args {
		if a.field(arg.Name) == nil {
			return s.Fault(fault.Invalid, "argument_unknown",
				"“{action}” has no parameter “{name}”. It takes: {names}.", nil,
				"action", a.Name, "name", arg.Name, "names", a.names())
		}
		if seen[arg.Name] {
			return s.Fault(fault.Invalid, "argument_twice", "“{name}” is given twice. Give it once.", nil, "name", arg.Name)
		}
		seen[arg.Name] = true
	}
	for _, f := range a.Fields {
		if f.Required && !seen[f.Name] {
			return s.Fault(fault.Invalid, "argument_missing",
				"“{action}” needs “{name}”. It takes: {names}.", nil,
				"action", a.Name, "name", f.Name, "names", a.names())
		}
	}
	return nil
}

// JSON is the body of the action for checked args. Faults: Invalid, for a value
// that is not of its field's type.
func (a Action) JSON(s Service, args []Arg) ([]byte, error) {
	object := map[string]json.RawMessage{}
	for _, arg := range args {
		f := a.field(arg.Name)
		if f == nil {
			continue
		}
		v, err := f.Type.encode(arg.Value)
		if err != nil {
			return nil, s.Fault(fault.Invalid, "argument_value", "“{name}” cannot be {value}: {why}.", nil,
				"name", arg.Name, "value", Redact(arg.Value), "why", err.Error())
		}
		object[arg.Name] = v
	}
	var v any = object
	switch a.Body {
	case Listed:
		v = []any{object}
	case IDs:
		v = json.RawMessage("[]")
		for _, ids := range object {
			v = ids
		}
	case Nothing, Flat:
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, s.Fault(fault.Internal, "payload", "The request could not be written. Check the values.", err)
	}
	return b, nil
}

func (a Action) field(name string) *Field {
	i := slices.IndexFunc(a.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &a.Fields[i]
}

func (a Action) names() string {
	if len(a.Fields) == 0 {
		return "nothing"
	}
	names := make([]string, len(a.Fields))
	for i, f := range a.Fields {
		if names[i] = f.Name; f.Required {
			names[i] += "*"
		}
	}
	return strings.Join(names, ", ")
}

func (t Type) encode(value string) (json.RawMessage, error) {
	switch t {
	case Whole:
		var n Int
		if strings.TrimSpace(value) == "" || json.Unmarshal(quoted(value), &n) != nil {
			return nil, fmt.Errorf("a whole number is needed")
		}
		return json.Marshal(int64(n))
	case Number:
		d, err := ParseDecimal(value)
		if err != nil {
			return nil, fmt.Errorf("a number is needed")
		}
		return json.RawMessage(d.String()), nil
	case Flag:
		if value != "true" && value != "false" {
			return nil, fmt.Errorf("true or false is needed")
		}
		return json.RawMessage(value), nil
	case Wholes:
		return encodeAll(value, Whole)
	case Strings:
		return encodeAll(value, String)
	case String:
	}
	return json.RawMessage(quoted(value)), nil
}

func encodeAll(value string, each Type) (json.RawMessage, error) {
	items := []json.RawMessage{}
	for one := range strings.SplitSeq(value, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		v, err := each.encode(one)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return json.Marshal(items)
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`) // a string always marshals
	}
	return b
}

// Readable is a reply for a person: secrets hidden by name and by form, JSON
// indented, and never more of it than fits a terminal.
func Readable(reply Reply) Said {
	const most = 256 << 10
	var v any
	dec := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(reply.Body), "\ufeff")))
	dec.UseNumber() // identifiers beyond 2^53 keep their digits
	text := string(reply.Body)
	if dec.Decode(&v) == nil {
		if b, err := json.MarshalIndent(hide(v), "", "  "); err == nil {
			text = string(b)
		}
	} else {
		text = Redact(text)
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return Said{HTTPStatus: reply.Status, Body: text}
}

// hide replaces the values of secret names, and redacts every other text.
func hide(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			if _, isList := one.([]any); secretName.MatchString(name) && !isList && one != nil && one != "" {
				v[name] = hidden
				continue
			}
			v[name] = hide(one)
		}
	case []any:
		for i, one := range v {
			v[i] = hide(one)
		}
	case string:
		return Redact(v)
	case json.Number:
		// A code is one without its quotes as well; identifiers just beyond
		// 2^53 have 16 digits.
		if text := string(v); len(text) > 16 {
			return Redact(text)
		}
	}
	return v
}
