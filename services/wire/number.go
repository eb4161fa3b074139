package wire

import "strings"

// IsNumber reports a number as tills and gateways make them: 8 to 64 letters, digits,
// - and _. It is the vendor's rule for outTradeNo, and ours where a page has none.
func IsNumber(s string) bool {
	if len(s) < 8 || len(s) > 64 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}
