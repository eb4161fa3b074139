package scancode

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const stars = "****"

// Masked is code as logs and screens may show it: the first 2 and last 4
// characters of a long one, the last 2 of a middling one, nothing of one under
// 8. It never holds the whole code, and the number of stars says nothing about
// the length.
func Masked(code string) string {
	shown := []rune(printable(code))
	switch n := len(shown); {
	case n == 0:
		return ""
	case n < 8:
		return stars
	case n < 12:
		return stars + string(shown[n-2:])
	default:
		return string(shown[:2]) + stars + string(shown[n-4:])
	}
}

// codeLike is what may be a payment code or a card number, in digits of any script:
// a long number at a stretch, or in groups as people read and type them.
var codeLike = regexp.MustCompile(`\p{Nd}{16,}|\p{Nd}{2,6}(?:[\s\p{Z}\p{Cf}./_,\p{Pd}]{1,2}\p{Nd}{2,6}){2,11}`)

// Digits of the shortest and the longest code in groups. More are a list of numbers.
const (
	leastDigits = 16
	mostDigits  = 24
)

// order is a provider's number of an order, which people write down as evidence: it
// begins with a date, or is WeChat's. No code begins so.
var order = regexp.MustCompile(`^(?:20\d\d(?:0[1-9]|1[0-2])|4200\d{24}$)`)

// MaskText is a text that somebody typed, with whatever looks like a payment code
// or a card number in it Masked: a scanner types into any field.
func MaskText(text string) string {
	var out strings.Builder
	done := 0
	for _, at := range codeLike.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		out.WriteString(text[done:at[0]])
		if looksLikeCode(found) {
			found = Masked(found)
		}
		out.WriteString(found)
		done = at[1]
	}
	out.WriteString(text[done:])
	return out.String()
}

func looksLikeCode(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	if n == utf8.RuneCountInString(s) { // at a stretch: perhaps scanned twice
		return n >= leastDigits && !order.MatchString(s)
	}
	return n >= leastDigits && n <= mostDigits
}

// printable replaces what could garble a screen or a log line.
func printable(code string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, code)
}
