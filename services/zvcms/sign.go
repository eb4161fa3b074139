package zvcms

import (
	"crypto/hmac"
	"crypto/sha1" // the vendor's rule, not our choice
	"encoding/base64"
	"net/url"
	"strings"
)

// stamp is what makes one request unlike any other.
type stamp struct {
	nonce     string
	timestamp string // seconds
}

// sign is the token of a request: HMAC-SHA1 of the four names in order, in
// base64, URL-encoded, and so it travels inside the JSON (the sample of vendor
// page 620 shows it encoded). The business parameters are not signed.
//
// The rule is known from the tests of independent clients of version 3. For
// version 2 it is assumed, as is the case of the names: the vendor's page
// 数字签名sign is not public.
func sign(key, openID, grantCode string, s stamp, upper bool) string {
	names := [4]string{"grantCode", "nonce", "openId", "timestamp"}
	if upper {
		names = [4]string{"GrantCode", "Nonce", "OpenId", "Timestamp"}
	}
	var text strings.Builder
	for i, value := range [4]string{grantCode, s.nonce, openID, s.timestamp} {
		if i > 0 {
			text.WriteByte('&')
		}
		text.WriteString(names[i] + "=" + value)
	}
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(text.String()))
	return url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// signable refuses what would let two identities have one signed text: & and =
// are the rule's own punctuation.
func signable(value string) bool { return clean(value) && !strings.ContainsAny(value, "&=") }

// clean refuses control characters, which are never meant and come from a
// scanner gone wrong, and bytes that are no text at all.
func clean(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\uFFFD'
	})
}
