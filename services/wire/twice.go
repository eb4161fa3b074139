package wire

import (
	"bytes"
	"encoding/json"
)

// FieldTwice finds a name that one object gives twice, whatever its case:
// encoding/json would take the later value and say nothing, and two prices are
// no price. deep looks at every object in b, otherwise only at the outermost. b
// must be JSON; of anything else it says nothing.
func FieldTwice(b []byte, deep bool) (name string, twice bool) {
	var open [][][]byte // the names of each object that is open; nil for an array
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{':
			open = append(open, make([][]byte, 0, 16))
		case '[':
			open = append(open, nil)
		case '}', ']':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case '"':
			end := stringEnd(b, i)
			if end < 0 {
				return "", false
			}
			top := len(open) - 1
			if top >= 0 && open[top] != nil && (deep || top == 0) && isName(b[end:]) {
				n := plain(b[i:end])
				for _, seen := range open[top] {
					if bytes.EqualFold(seen, n) {
						return string(n), true
					}
				}
				open[top] = append(open[top], n)
			}
			i = end - 1
		}
	}
	return "", false
}

// stringEnd is the index behind the string that begins at i, -1 if it never ends.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// isName reports that a colon follows, as after names only.
func isName(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// plain is a quoted name without its quotes and escapes.
func plain(quoted []byte) []byte {
	in := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(in, '\\') < 0 {
		return in
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return in
	}
	return []byte(s)
}
