package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"cashier/assets"
	"cashier/services/fault"
)

// The languages.
const (
	Chinese = "zh"
	English = "en"
)

// hole is where a value goes: {n} is the value itself, {n:item|items} the words
// that go with it, the first where it is 1 and the second otherwise.
var hole = regexp.MustCompile(`\{([a-zA-Z]+)(?::([^{}|]*)\|([^{}|]*))?\}`)

// Texts is the table of one language. It never changes, so every screen and
// goroutine may read it.
type Texts struct {
	lang  string
	table map[string]string
}

// Load reads the table of a language, "zh" or "en".
func Load(lang string) (*Texts, error) {
	if lang == "" {
		lang = Chinese
	}
	if lang != Chinese && lang != English {
		return nil, fault.New(fault.Invalid, "text.unknown_language", "There is no language {lang}; choose zh or en.", "lang", lang)
	}
	raw, err := assets.Translations.ReadFile("translations/" + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	t := &Texts{lang: lang}
	if err := json.Unmarshal(raw, &t.table); err != nil {
		return nil, fmt.Errorf("text: %s.json: %w", lang, err)
	}
	return t, nil
}

// Lang is the language's short name.
func (t *Texts) Lang() string { return t.lang }

// Has reports whether there is a text for key.
func (t *Texts) Has(key string) bool {
	_, ok := t.table[key]
	return ok
}

// T is the text of key with kv, name and value by turns, put in. A missing
// text shows its key, which a test refuses.
func (t *Texts) T(key string, kv ...any) string {
	s, ok := t.table[key]
	if !ok {
		return key
	}
	values := make(map[string]string, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		values[fmt.Sprint(kv[i])] = fmt.Sprint(kv[i+1])
	}
	s, _ = fill(s, values)
	return s
}

// fill puts values into a sentence, and reports whether it had them all. What
// looks like a hole in a value stays as it is.
func fill(s string, values map[string]string) (string, bool) {
	all := true
	s = hole.ReplaceAllStringFunc(s, func(h string) string {
		m := hole.FindStringSubmatch(h)
		v, known := values[m[1]]
		switch {
		case !known:
			all = false
			return h
		case h == "{"+m[1]+"}":
			return v
		case v == "1":
			return m[2]
		}
		return m[3]
	})
	return s, all
}

// Fault is the sentence of an error for the person at the counter.
func (t *Texts) Fault(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return t.T("fault.internal")
	}
	s, ok := t.table["error."+f.Code]
	if !ok {
		// What every gateway can say is translated once; {service} names it.
		_, what, _ := strings.Cut(f.Code, ".")
		if s, ok = t.table["error.gateway."+what]; !ok || f.Args["service"] == "" {
			return f.Message
		}
	}
	// The same code may be raised with other values: a sentence with a hole in
	// it would be worse than the fault's own.
	said, whole := fill(s, t.named(f.Args))
	if !whole {
		return f.Message
	}
	return said
}

// named puts the screen's own words in the place of what faults call by a name
// of the code.
func (t *Texts) named(args map[string]string) map[string]string {
	groups := map[string]string{"role": "role.", "other": "role.", "right": "right."}
	words := maps.Clone(args)
	for name, group := range groups {
		if said, ok := t.table[group+args[name]]; ok {
			words[name] = said
		}
	}
	return words
}

// Detail is what support staff want to read of an error.
func Detail(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Detail()
	}
	return err.Error()
}
