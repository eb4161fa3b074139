package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"strings"
)

// Readable is a reply for a person: secrets hidden by name, by form and by
// value, JSON indented, and never more of it than fits a terminal. A reply with
// a field given twice, or with something behind its end, is shown as it came:
// such oddities are what a person looks for.
func Readable(reply Reply, secrets ...string) Said {
	const most = 256 << 10
	m := mask{}
	for _, s := range secrets {
		if s != "" {
			m = append(m, s)
		}
	}
	body := bytes.TrimPrefix(reply.Body, []byte("\xef\xbb\xbf"))
	text, plain := m.indented(body)
	if !plain {
		text = m.raw(string(hideNested(body)))
	}
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return Said{HTTPStatus: reply.Status, Body: text}
}

// mask holds the values of one call that must not come back out of it.
type mask []string

// indented is the body as JSON, where reading and writing it anew loses nothing.
func (m mask) indented(body []byte) (text string, plain bool) {
	if _, twice := FieldTwice(body, true); twice {
		return "", false
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // identifiers beyond 2^53 keep their digits
	var v any
	if dec.Decode(&v) != nil {
		return "", false
	}
	if _, err := dec.Token(); err != io.EOF {
		return "", false
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if enc.Encode(m.hide(v)) != nil {
		return "", false
	}
	return strings.TrimSuffix(b.String(), "\n"), true
}

// raw hides in a text, in which a value may also stand as JSON or as a form
// would write it.
func (m mask) raw(text string) string {
	for _, secret := range m {
		for _, form := range []string{secret, inJSON(secret, true), inJSON(secret, false), url.QueryEscape(secret)} {
			text = strings.ReplaceAll(text, form, hidden)
		}
	}
	return Redact(text)
}

// inJSON is a text as it stands between the quotes; html says that <, > and &
// are escaped too, as some servers do.
func inJSON(s string, html bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	if enc.Encode(s) != nil {
		return s // a string always encodes
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

// hide replaces the values of secret names, and redacts every other text.
func (m mask) hide(v any) any {
	switch v := v.(type) {
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, one := range v {
			if secretName.MatchString(name) && !isEmpty(one) {
				one = hidden
			}
			clean[m.raw(name)] = m.hide(one)
		}
		return clean
	case []any:
		for i, one := range v {
			v[i] = m.hide(one)
		}
	case string:
		return m.raw(v)
	case json.Number:
		// A code is one without its quotes as well; identifiers just beyond
		// 2^53 have 16 digits.
		text := string(v)
		for _, secret := range m {
			text = strings.ReplaceAll(text, secret, hidden)
		}
		if len(v) > 16 {
			text = Redact(text)
		}
		if text != string(v) {
			return text
		}
	}
	return v
}

func isEmpty(v any) bool {
	list, isList := v.([]any)
	return v == nil || v == "" || isList && len(list) == 0
}

// hideNested takes lists and objects under a secret name out of a text that is
// JSON or nearly so; of single values Redact knows.
func hideNested(b []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		end := stringEnd(b, i)
		if end < 0 {
			break
		}
		name := plain(b[i:end])
		i = end - 1
		if !isName(b[end:]) || !secretName.Match(name) {
			continue
		}
		at := end + bytes.IndexByte(b[end:], ':') + 1
		at += len(b[at:]) - len(bytes.TrimLeft(b[at:], " \t\r\n"))
		if at < len(b) && (b[at] == '[' || b[at] == '{') {
			out = append(append(out, b[from:at]...), `"`+hidden+`"`...)
			from = nestedEnd(b, at)
			i = from - 1
		}
	}
	return append(out, b[from:]...)
}

// nestedEnd is the index behind the list or object that begins at i, the end of
// b if it never ends.
func nestedEnd(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := stringEnd(b, i)
			if end < 0 {
				return len(b)
			}
			i = end - 1
		}
	}
	return len(b)
}
