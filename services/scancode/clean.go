package scancode

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLen is the longest code, in bytes after cleaning, that is looked at. The
// longest product code in use is a GS1 code under 50; a longer one is a web
// address or noise.
const MaxLen = 128

// gs separates the fields of a GS1 code, the one control character that may
// stand inside a good code.
const gs = 0x1D

// Symbology is the AIM identifier the scanner put before the code, without its
// bracket, such as "E0"; empty when the scanner sends none.
type Symbology string

// String names the symbologies a shop meets.
func (s Symbology) String() string {
	switch s {
	case "":
		return ""
	case "E0":
		return "EAN-13"
	case "E4":
		return "EAN-8"
	case "C0":
		return "Code 128"
	case "C1":
		return "GS1-128"
	case "d2":
		return "GS1 DataMatrix"
	case "Q3":
		return "GS1 QR"
	case "e0":
		return "GS1 DataBar"
	}
	if s[0] == 'Q' {
		return "QR"
	}
	return string(s)
}

// clean maps the full-width forms an input method makes of ASCII back to ASCII,
// takes off surrounding spaces and the AIM identifier, and never changes case:
// some vouchers tell a from A.
func clean(raw string) (code string, sym Symbology) {
	if utf8.ValidString(raw) {
		raw = strings.Map(narrow, raw)
	}
	code = strings.Trim(raw, " ")
	if len(code) >= 3 && code[0] == ']' && letter(code[1]) && digits(code[2:3]) {
		sym, code = Symbology(code[1:3]), strings.Trim(code[3:], " ")
	}
	return code, sym
}

func narrow(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '　':
		return ' '
	}
	return r
}

func letter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }

// flaw says why a cleaned code cannot be one, Sound if it can.
func flaw(code string) Flaw {
	switch {
	case code == "":
		return Empty
	case len(code) > MaxLen:
		return TooLong
	case !utf8.ValidString(code):
		return ControlChars
	}
	for _, r := range code {
		if r != gs && (unicode.IsControl(r) || r == utf8.RuneError) {
			return ControlChars
		}
	}
	return Sound
}
