package scancode

import (
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

// printable replaces what could garble a screen or a log line.
func printable(code string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, code)
}
