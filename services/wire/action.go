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
	Secret   bool // never shown, logged or written down
	Single   bool // of a Secret: void once used, so that a command line may hold it
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
	Outcome    Outcome
}

// Outcome is what a reply proves of the call. A question is never Open: without
// a usable answer it is Refused, since nothing was changed.
type Outcome uint8

// The outcomes. Nothing is proven until it is, so that the zero value says so.
const (
	Open    Outcome = iota // a deed that may or may not have been done
	Done                   // a deed that was done, a question that was answered
	Refused                // a no, or no answer to a question
)

func (o Outcome) String() string { return [...]string{"open", "done", "refused"}[o] }

// ByStatus is what the HTTP status alone settles. What it leaves to the body is
// not settled: only 2xx.
func ByStatus(effect Effect, status int) (o Outcome, settled bool) {
	switch {
	case status >= 200 && status < 300:
		return Open, false
	case effect == Writes && uncertain(status):
		return Open, true
	}
	return Refused, true
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

// tails are the last four of each item, enough to find it again: coupons are
// told apart by them.
func tails(list string) string {
	items := strings.Split(list, ",")
	for i, one := range items {
		one = strings.TrimSpace(one)
		if len(one) < 12 {
			items[i] = hidden
			continue
		}
		items[i] = hidden + one[len(one)-4:]
	}
	return strings.Join(items, ",")
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

// Secrets are the values of args that must not be shown again.
func (a Action) Secrets(args []Arg) []string {
	var all []string
	for _, arg := range args {
		if f := a.field(arg.Name); f != nil && f.Secret {
			all = append(all, arg.Value)
		}
	}
	return all
}

// Describe names args on one line that may be kept, secrets hidden.
func (a Action) Describe(args []Arg) string {
	words := make([]string, len(args))
	for i, arg := range args {
		value := arg.Value
		if f := a.field(arg.Name); f != nil && f.Secret && value != "" {
			value = hidden
			if f.Type == Strings {
				value = tails(arg.Value)
			}
		}
		words[i] = Redact(arg.Name + "=" + value)
	}
	return strings.Join(words, " ")
}
