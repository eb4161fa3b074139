package wire

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// This file is the one place where secrets leave text. Logs go through
// ReplaceAttr, causes of faults through Clean, anything else through Redact.

const hidden = "***"

// secretWords are the names of secrets with what separates them from a value.
const secretWords = `(?:[\w.\-]*(?:` + secretEnds + `)|\bpin)(?:\\*["'])?\s*[:=：]\s*`

const secretEnds = `key|secret|sign|signature|token|grant_?code|auth_?(?:pay_?)?code|pass_?word|passwd|pwd|密码|密钥|签名`

// secretAnywhere are words that no harmless field has in its name.
const secretAnywhere = `secret|app_?key|pass_?word|passwd|access_?token|auth_?(?:pay_?)?code`

var (
	// Whole headers, up to the end of the line or of a printed header list.
	headerLine = regexp.MustCompile(`(?i)\b((?:set-)?cookie|(?:proxy-)?authorization)(\\*"?\s*[:=]\s*)[^\n\r\]]+`)
	// name=value, name: "value", also with escaped quotes, for every name that
	// ends in one of the words, whatever stands before it. A quote that is never
	// closed hides the rest of the text.
	namedQuoted = regexp.MustCompile(`(?is)(` + secretWords + `)` +
		`(?:"(?:[^"\\]|\\.)*"|\\"(?:[^"\\]|\\\\(?:\\.|[^\\]))*\\"|'[^']*'|\\*["'].*)`)
	namedPlain = regexp.MustCompile(`(?i)(` + secretWords + `)[\[{(]*[^\s&,;"'}\])]+`)
	// Queries carry signatures, users carry passwords.
	urlQuery = regexp.MustCompile(`(?i)(https?://[^\s"'<>?#]*)\?[^\s"'<>]*`)
	urlUser  = regexp.MustCompile(`(?i)(https?://)[^\s"'<>/@]+@`)
	// What follows the name of a secret as an object or a list is hidden to the
	// end: where it closes cannot be told in a text.
	namedNested = regexp.MustCompile(`(?is)(` + secretWords + `)\\*["']?[\[{].*`)
	// Pages and XML: the element, the cell behind it, the input with its value.
	element = regexp.MustCompile(`(?is)(<([\w.:-]*(?:` + secretEnds + `)[\w.:-]*)\b[^<>]*>)[^<]*`)
	cell    = regexp.MustCompile(`(?is)((?:` + secretEnds + `)\s*[:：]?\s*(?:</?\w+[^<>]*>\s*)+)[^<>\s][^<>]*`)
	input   = regexp.MustCompile(`(?is)<[^<>]*(?:` + secretEnds + `)[^<>]*\bvalue\s*=[^<>]*>`)
	// Payment codes, member codes and card numbers have 16 to 24 digits, perhaps
	// in groups as they are printed, whatever stands around them.
	longDigits = regexp.MustCompile(`\d{15,}\d|\d{4}(?:[ -]\d{4}){3,5}(?:[ -]\d{1,3})?`)
	// Signatures are MD5 in hexadecimal.
	hex32 = regexp.MustCompile(`(?i)\b[0-9a-f]{32}\b`)

	secretName = regexp.MustCompile(`(?i)(?:` + secretEnds + `|cookie|authorization|(?:^|[._-])pin)$|` + secretAnywhere)
)

// Redact takes keys, signatures, tokens, payment codes, passwords, PINs,
// cookies, URL queries and card-like numbers out of a text. What follows a
// secret's name is replaced whole; numbers of 16 to 24 digits keep their last
// four. It may take out too much, never too little of what it knows.
func Redact(s string) string {
	s = urlQuery.ReplaceAllString(s, "${1}?"+hidden)
	s = urlUser.ReplaceAllString(s, "${1}"+hidden+"@")
	s = headerLine.ReplaceAllString(s, "${1}${2}"+hidden)
	s = element.ReplaceAllString(s, "${1}"+hidden)
	s = cell.ReplaceAllString(s, "${1}"+hidden)
	s = input.ReplaceAllString(s, hidden)
	s = namedNested.ReplaceAllString(s, "${1}"+hidden)
	s = namedQuoted.ReplaceAllString(s, "${1}"+hidden)
	s = namedPlain.ReplaceAllString(s, "${1}"+hidden)
	s = hex32.ReplaceAllString(s, hidden)
	return longDigits.ReplaceAllStringFunc(s, func(n string) string { return hidden + n[len(n)-4:] })
}

// ReplaceAttr redacts a log: set it in slog.HandlerOptions. Attributes named
// like a secret are hidden, every other text and error is redacted.
func ReplaceAttr(_ []string, a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	if secretName.MatchString(a.Key) {
		return slog.String(a.Key, hidden)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Redact(a.Value.String()))
	case slog.KindInt64, slog.KindUint64:
		if s := a.Value.String(); Redact(s) != s {
			return slog.String(a.Key, Redact(s))
		}
	case slog.KindAny:
		return slog.String(a.Key, Redact(fmt.Sprintf("%+v", a.Value.Any())))
	default: // numbers of other kinds, times and flags hold no secret
	}
	return a
}

// Secret is a text that prints as ***, in logs and in JSON. Convert it to
// string where it is really sent.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Clean is err with a text that may be logged. The original stays reachable
// for errors.Is only, so that nobody prints it by way of errors.As or Unwrap.
func Clean(err error) error {
	if err == nil {
		return nil
	}
	if clean, ok := err.(*cleanError); ok { //nolint:errorlint // a wrapped one must be cleaned again
		return clean
	}
	return &cleanError{text: Redact(strings.ToValidUTF8(err.Error(), "�")), err: err}
}

type cleanError struct {
	text string
	err  error
}

func (c *cleanError) Error() string { return c.text }

func (c *cleanError) Is(target error) bool { return errors.Is(c.err, target) }
