package scancode_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"cashier/services/scancode"
)

// codes are biased to the borders: nearly right lengths and prefixes, single
// changes to a good code, and noise.
func codes() *rapid.Generator[string] {
	prefix := rapid.SampledFrom([]string{"", "09", "10", "13", "15", "16", "24", "25", "28", "30", "31", "62", "63", "69", "80", "81", "91"})
	near := rapid.Custom(func(t *rapid.T) string {
		return prefix.Draw(t, "prefix") + rapid.StringMatching(`[0-9]{0,24}`).Draw(t, "rest")
	})
	broken := rapid.Custom(func(t *rapid.T) string {
		code := []byte(rapid.SampledFrom([]string{wechat, alipay16, alipay20, alipay24, unionpay}).Draw(t, "good"))
		at := rapid.IntRange(0, len(code)-1).Draw(t, "at")
		code[at] = rapid.Byte().Draw(t, "byte")
		return string(code)
	})
	noise := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 200), func(b []byte) string { return string(b) })
	return rapid.OneOf(near, broken, noise, rapid.String())
}

func situations() *rapid.Generator[scancode.Situation] {
	return rapid.Custom(func(t *rapid.T) scancode.Situation {
		at := scancode.Situation{Mode: scancode.Mode(rapid.IntRange(0, int(scancode.WaitingMode)).Draw(t, "mode"))}
		at.Cart.Lines = rapid.IntRange(0, 2).Draw(t, "lines")
		if at.Cart.Lines > 0 {
			at.Cart.Due = 990
			at.Cart.Locked = rapid.Bool().Draw(t, "locked")
		}
		return at
	})
}

func TestOnlyWholePatternsPay(t *testing.T) {
	r := reader(t, func(p *scancode.Params) { p.Labels = nil })
	rapid.Check(t, func(t *rapid.T) {
		code := codes().Draw(t, "code")
		checkPayment(t, r, situations().Draw(t, "at"), code)
	})
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkPayment holds the law of payment codes against one decision.
func checkPayment(t failer, r *scancode.Reader, at scancode.Situation, code string) {
	t.Helper()
	d := r.Decide(at, code)
	if d.Reading.Kind == scancode.Payment && !law.MatchString(d.Reading.Code) {
		t.Fatalf("%q read as a payment", code)
	}
	// Nothing but spaces, full-width forms and an AIM identifier may be taken
	// off: what is left stands in the input.
	if utf8.ValidString(code) && isASCII(code) && !strings.Contains(code, d.Reading.Code) {
		t.Fatalf("%q became %q", code, d.Reading.Code)
	}
	if law.MatchString(code) && goods.ByCode(code) == 0 && !slices.Contains(
		[]scancode.Kind{scancode.Payment, scancode.Ambiguous}, d.Reading.Kind) {
		t.Fatalf("%q read as %v", code, d.Reading.Kind)
	}
	mayPay := at.Cart.Lines > 0 && (at.Mode == scancode.SaleMode || at.Mode == scancode.PayMode)
	if d.Intent == scancode.PayTotal && (!mayPay || d.Reading.Kind != scancode.Payment) {
		t.Fatalf("%q charged in %+v as %v", code, at, d.Reading.Kind)
	}
	// A refusal without a sentence would leave a cashier in front of nothing.
	switch d.Intent {
	case scancode.Refuse, scancode.Wait, scancode.NeedCart, scancode.OpenPay, scancode.AskRepeat, scancode.Teach:
		braces := strings.ContainsAny(code, "{}｛｝")
		if d.Reason == nil || strings.Contains(d.Reason.Message, "\x00") ||
			!braces && strings.ContainsAny(d.Reason.Message, "{}") {
			t.Fatalf("%q in %+v: %v without a clean reason: %v", code, at, d.Intent, d.Reason)
		}
	default:
	}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7F })
}

func TestMaskedHidesMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9A-Za-z]{1,40}`).Draw(t, "code")
		masked := scancode.Masked(code)
		shown := strings.ReplaceAll(masked, "*", "")
		if len(shown) > 6 || len(shown)*2 > len(code) {
			t.Fatalf("Masked(%q) = %q", code, masked)
		}
	})
}

// Scanning the same thing twice gives the same answer: a decision depends on
// nothing but what goes in.
func TestDecideIsPure(t *testing.T) {
	r := reader(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		code, at := codes().Draw(t, "code"), situations().Draw(t, "at")
		a, b := r.Decide(at, code), r.Decide(at, code)
		if a.Intent != b.Intent || a.Reading.Kind != b.Reading.Kind || a.Reading.Code != b.Reading.Code {
			t.Fatalf("%v then %v", a, b)
		}
		again := r.Decide(at, a.Reading.Code)
		if again.Reading.Code != a.Reading.Code && !strings.HasPrefix(a.Reading.Code, "]") {
			t.Fatalf("cleaning %q twice gives %q", a.Reading.Code, again.Reading.Code)
		}
	})
}

func FuzzClassify(f *testing.F) {
	for _, seed := range []string{"", ean, wechat, alipay16, alipay20, alipay24, unionpay, member, timesCard, bothWays,
		"]E0" + ean, "６９０１", wechat + "\x00\x00", strings.Repeat("\x00", 20), "\xff", "]Q1]Q1" + wechat} {
		for mode := range 5 {
			f.Add(seed, uint8(mode), uint8(1))
		}
	}
	plain := reader(f, func(p *scancode.Params) { p.Labels = nil })
	labelled := reader(f, nil)
	f.Fuzz(func(t *testing.T, code string, mode, lines uint8) {
		at := scancode.Situation{Mode: scancode.Mode(mode % 5), Cart: scancode.Cart{Lines: int(lines % 3), Due: 990}}
		checkPayment(t, plain, at, code)
		checkPayment(t, labelled, at, code)
	})
}

func BenchmarkDecide(b *testing.B) {
	r := reader(b, nil)
	at := scancode.Situation{Cart: scancode.Cart{Lines: 1, Due: 990}}
	b.ReportAllocs()
	for b.Loop() {
		r.Decide(at, wechat)
	}
}
