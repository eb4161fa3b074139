package scancode

import (
	"fmt"
	"strings"

	"cashier/services/fault"
)

// Wallet is a hint at whose payment code this is, for a picture on the screen.
// The gateway decides who is charged.
type Wallet uint8

// The wallets whose codes have a known form.
const (
	NoWallet Wallet = iota
	WeChat
	Alipay
	UnionPay
)

func (w Wallet) String() string {
	return name(w, "", "wechat", "alipay", "unionpay")
}

// Pattern is a form of code that is all ASCII digits. A code fits when its
// length is within MinLen and MaxLen and it starts with one of the Prefixes.
type Pattern struct {
	Name     string   // as settings and the doctor show it
	Kind     Kind     // Payment, Member or TimesCard
	Wallet   Wallet   // Payment only
	MinLen   int      // in digits, both ends included
	MaxLen   int      // in digits, both ends included
	Prefixes []string // digits; at least one
}

// DefaultPatterns is the table a till starts with.
//
// WeChat: 18 digits, first two 10 to 15 (WeChat Pay page "ImportantParameters").
// Alipay: 16 to 24 digits, first two 25 to 30 (comments of public SDKs; no
// vendor page was found). UnionPay: 19 digits, first two 62 (same standing).
// Member: 18 digits starting 81 for a member's code, 80 for a card number
// (Liantuofu). Times card: 18 digits starting 91, from the sample of the
// Liantuofu page "用户次卡核销"; a shop whose cards look different says so in its
// settings.
func DefaultPatterns() []Pattern {
	return []Pattern{
		{Name: "wechat", Kind: Payment, Wallet: WeChat, MinLen: 18, MaxLen: 18,
			Prefixes: []string{"10", "11", "12", "13", "14", "15"}},
		{Name: "alipay", Kind: Payment, Wallet: Alipay, MinLen: 16, MaxLen: 24,
			Prefixes: []string{"25", "26", "27", "28", "29", "30"}},
		{Name: "unionpay", Kind: Payment, Wallet: UnionPay, MinLen: 19, MaxLen: 19,
			Prefixes: []string{"62"}},
		{Name: "member", Kind: Member, MinLen: 18, MaxLen: 18, Prefixes: []string{"80", "81"}},
		{Name: "timescard", Kind: TimesCard, MinLen: 18, MaxLen: 18, Prefixes: []string{"91"}},
	}
}

// Fits tells whether the whole of code has this form.
func (p Pattern) Fits(code string) bool {
	if len(code) < p.MinLen || len(code) > p.MaxLen || !digits(code) {
		return false
	}
	for _, prefix := range p.Prefixes {
		if strings.HasPrefix(code, prefix) {
			return true
		}
	}
	return false
}

// meets tells whether some code starting with prefix, between minLen and maxLen
// digits long, could also fit p.
func (p Pattern) meets(prefix string, minLen, maxLen int) bool {
	if maxLen < p.MinLen || minLen > p.MaxLen {
		return false
	}
	for _, own := range p.Prefixes {
		if strings.HasPrefix(own, prefix) || strings.HasPrefix(prefix, own) {
			return true
		}
	}
	return false
}

func (p Pattern) valid() bool {
	switch p.Kind {
	case Payment, Member, TimesCard:
	default:
		return false
	}
	// Under eight digits a pattern would swallow 货号 and EAN-8.
	if p.MinLen < 8 || p.MinLen > p.MaxLen || p.MaxLen > MaxLen || len(p.Prefixes) == 0 {
		return false
	}
	for _, prefix := range p.Prefixes {
		if prefix == "" || len(prefix) > p.MinLen || !digits(prefix) {
			return false
		}
	}
	return true
}

// CheckPatterns refuses a table in which a pattern is unusable
// ("scan.pattern_invalid") or two of them could both fit one code
// ("scan.pattern_overlap"): then a card could be charged as a payment.
func CheckPatterns(patterns []Pattern) error {
	for i, p := range patterns {
		if !p.valid() {
			return fault.New(fault.Invalid, "scan.pattern_invalid",
				"The code pattern {name} is not usable. Give it digits as prefixes and a length of 8 to {max} digits.",
				"name", p.Name, "max", fmt.Sprint(MaxLen))
		}
		for _, q := range patterns[:i] {
			for _, prefix := range p.Prefixes {
				if q.meets(prefix, p.MinLen, p.MaxLen) {
					return overlap(p.Name, q.Name)
				}
			}
		}
	}
	return nil
}

// CheckLabel refuses a shop's label template whose codes, of length digits and
// starting with prefix, could be taken for a payment or a card
// ("scan.pattern_overlap"). Settings call it before they store a template.
func CheckLabel(patterns []Pattern, name, prefix string, length int) error {
	for _, p := range patterns {
		if p.meets(prefix, length, length) {
			return overlap(name, p.Name)
		}
	}
	return nil
}

func overlap(a, b string) error {
	return fault.New(fault.Invalid, "scan.pattern_overlap",
		"Codes of {a} could be taken for codes of {b}. Choose another prefix or length.", "a", a, "b", b)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
