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

// codeLike is a number as long as the shortest payment code or card number, at a
// stretch or in groups of four as cards print them, in digits of any script.
var codeLike = regexp.MustCompile(`\p{Nd}{16,}|\p{Nd}{4}(?:[ -]\p{Nd}{4}){3,5}(?:[ -]\p{Nd}{1,3})?`)

// MaskText is a text that somebody typed, with whatever looks like a payment code
// or a card number in it Masked: a scanner types into any field.
func MaskText(text string) string { return codeLike.ReplaceAllStringFunc(text, Masked) }

// printable replaces what could garble a screen or a log line.
func printable(code string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, code)
}
