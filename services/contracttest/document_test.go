package contracttest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// A document is JSON whose order, spelling and repetitions are ours to choose,
// which encoding/json's maps and structs are not. A value is nil, a bool, a
// string, a number, an object or a list.
type (
	number string // the digits as they go out
	list   []any
	object []member
	member struct {
		name  string
		value any
	}
)

// obj makes an object of name, value pairs.
func obj(pairs ...any) object {
	var o object
	for i := 0; i+1 < len(pairs); i += 2 {
		o = append(o, member{pairs[i].(string), pairs[i+1]})
	}
	return o
}

func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// with replaces or adds one member in a copy.
func (o object) with(name string, value any) object {
	o = slices.Clone(o)
	for i := range o {
		if o[i].name == name {
			o[i].value = value
			return o
		}
	}
	return append(o, member{name, value})
}

func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return m.name == name })
}

// render writes the document as JSON.
func render(v any) []byte {
	switch v := v.(type) {
	case number:
		return []byte(v)
	case list:
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = string(render(one))
		}
		return []byte("[" + strings.Join(parts, ",") + "]")
	case object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = string(render(m.name)) + ":" + string(render(m.value))
		}
		return []byte("{" + strings.Join(parts, ",") + "}")
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// each rebuilds a document from the leaves up. The change sees every value,
// with the name it stands under ("" at the top and within lists).
func each(v any, change func(name string, v any) any) any {
	var rebuild func(name string, v any) any
	rebuild = func(name string, v any) any {
		switch w := v.(type) {
		case list:
			out := make(list, len(w))
			for i := range w {
				out[i] = rebuild("", w[i])
			}
			v = out
		case object:
			out := make(object, len(w))
			for i := range w {
				out[i] = member{w[i].name, rebuild(w[i].name, w[i].value)}
			}
			v = out
		}
		return change(name, v)
	}
	return rebuild("", v)
}

// The shapes: documents with the same meaning written differently.

func reversed(v any) any {
	return each(v, func(_ string, v any) any {
		if o, ok := v.(object); ok {
			o = slices.Clone(o)
			slices.Reverse(o)
			return o
		}
		return v
	})
}

func quotedNumbers(v any) any {
	return each(v, func(_ string, v any) any {
		if n, ok := v.(number); ok {
			return string(n)
		}
		return v
	})
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func bareStrings(v any) any {
	return each(v, func(_ string, v any) any {
		if s, ok := v.(string); ok && jsonNumber.MatchString(s) {
			return number(s)
		}
		return v
	})
}

// flagsAs writes true as yes and false as no. Flags that came as "true" are
// flags too.
func flagsAs(yes, no any) func(any) any {
	return func(v any) any {
		return each(v, func(_ string, v any) any {
			switch v {
			case true, "true":
				return yes
			case false, "false":
				return no
			}
			return v
		})
	}
}

func without(name string) func(any) any {
	return func(v any) any {
		return each(v, func(_ string, v any) any {
			if o, ok := v.(object); ok {
				return o.without(name)
			}
			return v
		})
	}
}

// stuffed adds what no page documents to every object.
func stuffed(v any) any {
	return each(v, func(_ string, v any) any {
		if o, ok := v.(object); ok {
			return append(object{{"__type", "Vendor.Dto"}}, append(slices.Clone(o),
				member{"traceNode", obj("status", number("1"), "code", "X", "list", list{list{}, nil, obj("price", "9")})},
				member{"扩展字段", list{"一", number("2")}}, member{"isVip", false}, member{"reserved", nil})...)
		}
		return v
	})
}

func renamed(change func(string) string) func(any) any {
	return func(v any) any {
		return each(v, func(_ string, v any) any {
			o, ok := v.(object)
			if !ok {
				return v
			}
			out := make(object, len(o))
			for i, m := range o {
				out[i] = member{change(m.name), m.value}
			}
			return out
		})
	}
}

// tableSpelling is how HQ's tables spell two names that its samples spell
// otherwise.
func tableSpelling(name string) string {
	switch name {
	case "lbsPoint":
		return "lBSPoint"
	case "ip":
		return "iP"
	}
	return name
}

func pascal(name string) string {
	r := []rune(name)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// twice repeats a member of the outermost object with another value behind the
// first one.
func twice(name string, other any) func(any) any {
	return func(v any) any {
		if o, ok := v.(object); ok && o.get(name) != nil {
			return append(slices.Clone(o), member{name, other})
		}
		return v
	}
}

// replaced sets members wherever an object has them.
func replaced(pairs ...any) func(any) any {
	return func(v any) any {
		return each(v, func(name string, v any) any {
			for i := 0; i+1 < len(pairs); i += 2 {
				if name == pairs[i] {
					return pairs[i+1]
				}
			}
			return v
		})
	}
}

// facts are what a document says, whatever its order, spelling and types: path
// in lower case → text. Nothing, nought, no and "" are not facts, because the
// contracts do not tell them apart.
type facts map[string]string

func factsOf(v any) facts {
	f := facts{}
	f.add("", v)
	return f
}

func (f facts) add(path string, v any) {
	switch v := v.(type) {
	case nil:
	case bool:
		if v {
			f[path] = "true"
		}
	case string:
		f.text(path, v)
	case number:
		f.text(path, string(v))
	case json.Number:
		f.text(path, v.String())
	case object:
		for _, m := range v {
			f.add(path+"."+strings.ToLower(m.name), m.value)
		}
	case map[string]any:
		for name, one := range v {
			f.add(path+"."+strings.ToLower(name), one)
		}
	case list:
		f.items(path, v)
	case []any:
		f.items(path, v)
	default:
		panic(fmt.Sprintf("%T is no value of a document", v))
	}
}

func (f facts) items(path string, items []any) {
	for i, one := range items {
		f.add(fmt.Sprintf("%s[%d]", path, i), one)
	}
}

func (f facts) text(path, s string) {
	if d, err := decimal.NewFromString(s); err == nil && jsonNumber.MatchString(s) {
		if d.IsZero() {
			return
		}
		s = d.String()
	}
	if s != "" {
		f[path] = s
	}
}

// said are the facts of anything that marshals to JSON.
func said(v any) facts {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		panic(err)
	}
	return factsOf(doc)
}

// only keeps the facts whose path ends in one of the names.
func (f facts) only(names ...string) facts {
	out := facts{}
	for path, v := range f {
		last := path[strings.LastIndex(path, ".")+1:]
		if slices.Contains(names, last) {
			out[path] = v
		}
	}
	return out
}

// lacking leaves out the facts that stand under one of the names.
func (f facts) lacking(names ...string) facts {
	out := facts{}
	for path, v := range f {
		under := slices.ContainsFunc(strings.Split(path, "."), func(step string) bool {
			step, _, _ = strings.Cut(step, "[")
			return slices.Contains(names, step)
		})
		if !under {
			out[path] = v
		}
	}
	return out
}
