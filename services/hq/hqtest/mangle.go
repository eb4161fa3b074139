package hqtest

import (
	"bytes"
	"encoding/json"
)

// mangle gives a reply the form that the quirks ask for. body is valid JSON
// without blanks, and stays valid.
func (q Quirks) mangle(body []byte) []byte {
	if q.Sparse {
		body = sparse(body)
	}
	if q.Quoted || q.ExtraFields || q.NullLists {
		body = q.rewrite(body)
	}
	if q.TableSpelling {
		// Within a text the quotes of these would be escaped.
		body = bytes.ReplaceAll(body, []byte(`"lbsPoint":`), []byte(`"lBSPoint":`))
		body = bytes.ReplaceAll(body, []byte(`"ip":`), []byte(`"iP":`))
	}
	return body
}

// rewrite goes through the body token by token.
func (q Quirks) rewrite(body []byte) []byte {
	var out bytes.Buffer
	for len(body) > 0 {
		n := tokenEnd(body)
		token := body[:n]
		body = body[n:]
		switch c := token[0]; {
		case c == '{' && q.ExtraFields:
			out.WriteString(`{"x-undocumented":{"list":[1,null]}`)
			if body[0] != '}' {
				out.WriteByte(',')
			}
		case c == '[' && q.NullLists && body[0] == ']':
			out.WriteString("null")
			body = body[1:]
		case q.Quoted && (c == '-' || c >= '0' && c <= '9' || c == 't' || c == 'f'):
			out.WriteByte('"')
			out.Write(token)
			out.WriteByte('"')
		default:
			out.Write(token)
		}
	}
	return out.Bytes()
}

// tokenEnd is the length of the token at the start of valid JSON without blanks.
func tokenEnd(b []byte) int {
	switch b[0] {
	case '{', '}', '[', ']', ',', ':':
		return 1
	case '"':
		for i := 1; ; i++ {
			switch b[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
	}
	if end := bytes.IndexAny(b, ",]}"); end >= 0 {
		return end
	}
	return len(b)
}

// sparse leaves out fields without a value. Rows of lists stay: their number
// means something.
func sparse(body []byte) []byte {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return body
	}
	prune(v)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return body
	}
	return bytes.TrimSpace(out.Bytes())
}

func prune(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			prune(one)
			switch one {
			case nil, "", false, json.Number("0"), json.Number("0.0"):
				delete(v, name)
			}
		}
	case []any:
		for _, one := range v {
			prune(one)
		}
	}
}
