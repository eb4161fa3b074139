package scancode_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/scancode"
)

// shop is a product list: code → number of products carrying it.
type shop map[string]int

func (s shop) ByCode(code string) int { return s[code] }

// scaleLabels reads the 18-digit labels of a scale: prefix 28, PLU in digits 3
// to 7, fen in 8 to 12.
type scaleLabels struct{}

func (scaleLabels) Read(code string) (scancode.LabelContent, bool) {
	if len(code) != 18 || !strings.HasPrefix(code, "28") {
		return scancode.LabelContent{}, false
	}
	var fen money.Fen
	if _, err := fmt.Sscanf(code[7:12], "%d", &fen); err != nil {
		return scancode.LabelContent{}, false
	}
	return scancode.LabelContent{Template: "scale", PLU: code[2:7], Amount: fen}, true
}

// Codes of each kind. The times card is the sample of the vendor page
// "用户次卡核销", the EAN-13 a standard's own example.
const (
	ean       = "6901234567892"
	wechat    = "134567890123456789"
	alipay16  = "2512345678901234"
	alipay20  = "28123456789012345678"
	alipay24  = "301234567890123456789012"
	unionpay  = "6212345678901234567"
	member    = "811234567890123456"
	card      = "801234567890123456"
	timesCard = "914095353294404024"
	bothWays  = "280000701230000001" // label of PLU 00007, and an Alipay form
	twins     = "6900000000007"      // carried by two products
)

var goods = shop{ean: 1, twins: 2, "00007": 1, "A-17": 1, "139999999999999999": 1}

// law is the payment rule as the vendors' documents put it, written
// independently of the pattern table.
var law = regexp.MustCompile(`^(1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22}|62[0-9]{17})$`)

func reader(t testing.TB, change func(*scancode.Params)) *scancode.Reader {
	t.Helper()
	p := scancode.Params{Goods: goods, Labels: scaleLabels{}}
	if change != nil {
		change(&p)
	}
	r, err := scancode.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRead(t *testing.T) {
	r := reader(t, nil)
	tests := []struct {
		name, code string
		kind       scancode.Kind
		wallet     scancode.Wallet
		flaw       scancode.Flaw
	}{
		{"ean", ean, scancode.Goods, 0, 0},
		{"short product code", "A-17", scancode.Goods, 0, 0},
		{"case is kept", "a-17", scancode.Unknown, 0, 0},
		{"product before payment", "139999999999999999", scancode.Goods, 0, 0},
		{"wechat", wechat, scancode.Payment, scancode.WeChat, 0},
		{"wechat lowest", "100000000000000000", scancode.Payment, scancode.WeChat, 0},
		{"wechat highest", "159999999999999998", scancode.Payment, scancode.WeChat, 0},
		{"past wechat", "160000000000000000", scancode.Unknown, 0, 0},
		{"before wechat", "099999999999999999", scancode.Unknown, 0, 0},
		{"wechat cut off", wechat[:17], scancode.Unknown, 0, 0},
		{"wechat too long", wechat + "0", scancode.Unknown, 0, 0},
		{"two wechat codes run together", wechat + wechat, scancode.Unknown, 0, 0},
		{"alipay 16", alipay16, scancode.Payment, scancode.Alipay, 0},
		{"alipay 20", alipay20, scancode.Payment, scancode.Alipay, 0},
		{"alipay 24", alipay24, scancode.Payment, scancode.Alipay, 0},
		{"alipay 15", alipay16[:15], scancode.Unknown, 0, 0},
		{"alipay 25", alipay24 + "0", scancode.Unknown, 0, 0},
		{"past alipay", "3112345678901234", scancode.Unknown, 0, 0},
		{"unionpay", unionpay, scancode.Payment, scancode.UnionPay, 0},
		{"unionpay 18", unionpay[:18], scancode.Unknown, 0, 0},
		{"twenty digits of no pattern", "99123456789012345678", scancode.Unknown, 0, 0},
		{"twenty letters", "ABCDEFGHIJKLMNOPQRST", scancode.Unknown, 0, 0},
		{"payment with a letter", "13456789O123456789", scancode.Unknown, 0, 0},
		{"payment with a space inside", "134567890 123456789", scancode.Unknown, 0, 0},
		{"payment with a sign", "-34567890123456789", scancode.Unknown, 0, 0},
		{"payment with arabic-indic digits", "13456789012345678٩", scancode.Unknown, 0, 0},
		{"payment padded with NUL", wechat + "\x00\x00", scancode.Rejected, 0, scancode.ControlChars},
		{"payment cut short by NUL", "13456789\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", scancode.Rejected, 0, scancode.ControlChars},
		{"twenty NUL", strings.Repeat("\x00", 20), scancode.Rejected, 0, scancode.ControlChars},
		{"member", member, scancode.Member, 0, 0},
		{"member card", card, scancode.Member, 0, 0},
		{"member 17", member[:17], scancode.Unknown, 0, 0},
		{"times card", timesCard, scancode.TimesCard, 0, 0},
		{"label", "280000701230000001", scancode.Ambiguous, 0, 0},
		{"label of no product is a payment", "280000801230000001", scancode.Payment, scancode.Alipay, 0},
		{"empty", "", scancode.Rejected, 0, scancode.Empty},
		{"spaces", "  ", scancode.Rejected, 0, scancode.Empty},
		{"aim id alone", "]E0", scancode.Rejected, 0, scancode.Empty},
		{"control character", "6901\x1b234", scancode.Rejected, 0, scancode.ControlChars},
		{"line break", "6901\n234", scancode.Rejected, 0, scancode.ControlChars},
		{"not text", "\xff\xfe6901", scancode.Rejected, 0, scancode.ControlChars},
		{"gs1 separator", "0106901234567892\x1d10AB", scancode.Unknown, 0, 0},
		{"longest", strings.Repeat("7", 128), scancode.Unknown, 0, 0},
		{"too long", strings.Repeat("7", 129), scancode.Rejected, 0, scancode.TooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := r.Read(tt.code)
			if got.Kind != tt.kind || got.Wallet != tt.wallet || got.Flaw != tt.flaw {
				t.Errorf("Read(%q) = %v, wallet %v, flaw %v; want %v, %v, %v",
					tt.code, got.Kind, got.Wallet, got.Flaw, tt.kind, tt.wallet, tt.flaw)
			}
		})
	}
}

func TestReadCleans(t *testing.T) {
	r := reader(t, nil)
	tests := []struct {
		raw, code string
		sym       scancode.Symbology
		symName   string
		kind      scancode.Kind
	}{
		{"]E0" + ean, ean, "E0", "EAN-13", scancode.Goods},
		{"]Q1" + wechat, wechat, "Q1", "QR", scancode.Payment},
		{"]C0" + timesCard, timesCard, "C0", "Code 128", scancode.TimesCard},
		{"６９０１２３４５６７８９２", ean, "", "", scancode.Goods},
		{"］Ｅ０６９０１２３４５６７８９２", ean, "E0", "EAN-13", scancode.Goods},
		{"  " + ean + " ", ean, "", "", scancode.Goods},
		{"　" + ean, ean, "", "", scancode.Goods},
		{"Ａ－17", "A-17", "", "", scancode.Goods},
		{"]", "]", "", "", scancode.Unknown},
		{"]x", "]x", "", "", scancode.Unknown},
		{"]99" + ean, "]99" + ean, "", "", scancode.Unknown},
	}
	for _, tt := range tests {
		got := r.Read(tt.raw)
		if got.Code != tt.code || got.Symbology != tt.sym || got.Symbology.String() != tt.symName || got.Kind != tt.kind {
			t.Errorf("Read(%q): code %q, symbology %q (%s), %v; want %q, %q (%s), %v", tt.raw,
				got.Code, string(got.Symbology), got.Symbology, got.Kind, tt.code, string(tt.sym), tt.symName, tt.kind)
		}
	}
}

func TestDecide(t *testing.T) {
	var (
		empty  = scancode.Cart{}
		full   = scancode.Cart{Lines: 3, Due: 1250}
		locked = scancode.Cart{Lines: 3, Due: 1250, Locked: true}
		paid   = scancode.Cart{Lines: 3}
		sale   = scancode.SaleMode
		pay    = scancode.PayMode
		redeem = scancode.RedeemMode
		search = scancode.SearchMode
		wait   = scancode.WaitingMode
	)
	tests := []struct {
		mode   scancode.Mode
		cart   scancode.Cart
		code   string
		want   scancode.Intent
		reason string
	}{
		{sale, empty, ean, scancode.AddGoods, ""},
		{sale, full, ean, scancode.AddGoods, ""},
		{sale, locked, ean, scancode.Refuse, "scan.cart_locked"},
		{pay, full, ean, scancode.AddGoods, ""},
		{pay, locked, ean, scancode.Refuse, "scan.cart_locked"},
		{redeem, empty, ean, scancode.AddGoods, ""},
		{search, full, ean, scancode.Search, ""},
		{sale, empty, twins, scancode.AskWhich, ""},

		{sale, full, wechat, scancode.PayTotal, ""},
		{sale, empty, wechat, scancode.NeedCart, "scan.need_cart"},
		{sale, paid, wechat, scancode.Refuse, "scan.nothing_due"},
		{pay, full, unionpay, scancode.PayTotal, ""},
		{pay, locked, alipay20, scancode.PayTotal, ""},
		{pay, empty, alipay20, scancode.NeedCart, "scan.need_cart"},
		{redeem, full, wechat, scancode.OpenPay, "scan.open_pay"},
		{search, full, wechat, scancode.OpenPay, "scan.open_pay"},
		{search, empty, wechat, scancode.NeedCart, "scan.need_cart"},

		{sale, empty, member, scancode.IdentifyMember, ""},
		{pay, locked, card, scancode.IdentifyMember, ""},
		{sale, full, timesCard, scancode.Redeem, ""},
		{redeem, empty, timesCard, scancode.Redeem, ""},
		{search, empty, timesCard, scancode.Redeem, ""},

		{sale, full, "4006381333931", scancode.Teach, "scan.unknown"},
		{pay, full, "99123456789012345678", scancode.Refuse, "scan.unknown_on_pay"},
		{redeem, empty, "4006381333931", scancode.Teach, "scan.unknown"},
		{search, empty, "4006381333931", scancode.Search, ""},

		{sale, full, "", scancode.Refuse, "scan.empty"},
		{pay, full, wechat + "\x00\x00", scancode.Refuse, "scan.control_characters"},
		{pay, full, strings.Repeat("1", 200), scancode.Refuse, "scan.too_long"},

		{wait, locked, wechat, scancode.Wait, "scan.waiting_payment"},
		{wait, empty, alipay16, scancode.Wait, "scan.waiting_payment"},
		{wait, locked, bothWays, scancode.Wait, "scan.waiting_payment"},
		{wait, locked, ean, scancode.Wait, "scan.waiting"},
		{wait, locked, timesCard, scancode.Wait, "scan.waiting"},
		{wait, locked, "nonsense", scancode.Wait, "scan.waiting"},
		{wait, locked, "\x00", scancode.Refuse, "scan.control_characters"},
	}
	r := reader(t, nil)
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v/%+v/%q", tt.mode, tt.cart, tt.code), func(t *testing.T) {
			d := r.Decide(scancode.Situation{Mode: tt.mode, Cart: tt.cart}, tt.code)
			if d.Intent != tt.want {
				t.Errorf("intent %v, want %v", d.Intent, tt.want)
			}
			if got := reasonCode(d); got != tt.reason {
				t.Errorf("reason %q, want %q", got, tt.reason)
			}
		})
	}
}

func reasonCode(d scancode.Decision) string {
	if d.Reason == nil {
		return ""
	}
	return d.Reason.Code
}

func TestPayScreenOnly(t *testing.T) {
	r := reader(t, func(p *scancode.Params) { p.PayScreenOnly = true })
	cart := scancode.Cart{Lines: 1, Due: 100}
	if d := r.Decide(scancode.Situation{Cart: cart}, wechat); d.Intent != scancode.OpenPay {
		t.Errorf("sale screen: %v, want open pay", d.Intent)
	}
	if d := r.Decide(scancode.Situation{Mode: scancode.PayMode, Cart: cart}, wechat); d.Intent != scancode.PayTotal {
		t.Errorf("pay screen: %v, want pay total", d.Intent)
	}
}

func TestAmbiguousAsks(t *testing.T) {
	r := reader(t, nil)
	for _, mode := range []scancode.Mode{scancode.SaleMode, scancode.PayMode} {
		d := r.Decide(scancode.Situation{Mode: mode, Cart: scancode.Cart{Lines: 1, Due: 100}}, bothWays)
		if d.Intent != scancode.AskWhich || len(d.Choices) != 2 {
			t.Fatalf("%v: %v with %d choices, want ask which with 2", mode, d.Intent, len(d.Choices))
		}
		label, payment := d.Choices[0], d.Choices[1]
		if label.Intent != scancode.AddGoods || label.Reading.Label.Amount != 1230 || label.Reading.Label.PLU != "00007" {
			t.Errorf("%v: first choice %v %+v", mode, label.Intent, label.Reading.Label)
		}
		if payment.Intent != scancode.PayTotal || payment.Reading.Wallet != scancode.Alipay {
			t.Errorf("%v: second choice %v %v", mode, payment.Intent, payment.Reading.Wallet)
		}
	}
	d := r.Decide(scancode.Situation{}, bothWays)
	if d.Intent != scancode.AskWhich || d.Choices[1].Intent != scancode.NeedCart {
		t.Errorf("without a cart: %v, payment means %v", d.Intent, d.Choices[1].Intent)
	}
}

func TestRepeatAsks(t *testing.T) {
	r := reader(t, nil)
	cart := scancode.Cart{Lines: 1, Due: 100}
	used := []string{wechat, timesCard, member, ean}
	tests := []struct {
		code         string
		intent, then scancode.Intent
	}{
		{wechat, scancode.AskRepeat, scancode.PayTotal},
		{"]Q1" + wechat, scancode.AskRepeat, scancode.PayTotal},
		{timesCard, scancode.AskRepeat, scancode.Redeem},
		{member, scancode.AskRepeat, scancode.IdentifyMember},
		{unionpay, scancode.PayTotal, 0},
		{ean, scancode.AddGoods, 0},
	}
	for _, tt := range tests {
		d := r.Decide(scancode.Situation{Mode: scancode.PayMode, Cart: cart, Used: used}, tt.code)
		if d.Intent != tt.intent || d.Then != tt.then {
			t.Errorf("%s: %v then %v, want %v then %v", tt.code, d.Intent, d.Then, tt.intent, tt.then)
		}
	}
	d := r.Decide(scancode.Situation{Used: used}, wechat)
	if d.Intent != scancode.NeedCart {
		t.Errorf("used code without a cart: %v, want need cart", d.Intent)
	}
}

func TestUnknownLabelNamesItsPLU(t *testing.T) {
	r := reader(t, func(p *scancode.Params) { p.Patterns = []scancode.Pattern{} })
	d := r.Decide(scancode.Situation{}, "280000801230000001")
	if d.Intent != scancode.Teach || reasonCode(d) != "scan.unknown_plu" || d.Reason.Args["plu"] != "00008" {
		t.Errorf("%v, %q, args %v", d.Intent, reasonCode(d), d.Reason.Args)
	}
}

func TestPatternTables(t *testing.T) {
	p := func(kind scancode.Kind, minLen, maxLen int, prefixes ...string) scancode.Pattern {
		return scancode.Pattern{Name: "p", Kind: kind, MinLen: minLen, MaxLen: maxLen, Prefixes: prefixes}
	}
	tests := []struct {
		name string
		add  scancode.Pattern
		want string
	}{
		{"another times card", p(scancode.TimesCard, 18, 18, "92"), ""},
		{"same prefix, other length", p(scancode.TimesCard, 12, 12, "91"), ""},
		{"card over wechat", p(scancode.TimesCard, 18, 18, "13"), "scan.pattern_overlap"},
		{"longer prefix over wechat", p(scancode.TimesCard, 18, 18, "1399"), "scan.pattern_overlap"},
		{"shorter prefix over wechat", p(scancode.Member, 10, 20, "1"), "scan.pattern_overlap"},
		{"edge of alipay", p(scancode.Member, 24, 30, "30"), "scan.pattern_overlap"},
		{"beyond alipay", p(scancode.Member, 25, 30, "30"), ""},
		{"goods are no pattern", p(scancode.Goods, 13, 13, "69"), "scan.pattern_invalid"},
		{"no prefix", p(scancode.Member, 18, 18), "scan.pattern_invalid"},
		{"empty prefix", p(scancode.Member, 18, 18, ""), "scan.pattern_invalid"},
		{"letters", p(scancode.Member, 18, 18, "VIP"), "scan.pattern_invalid"},
		{"lengths swapped", p(scancode.Member, 18, 12, "92"), "scan.pattern_invalid"},
		{"too short", p(scancode.Member, 4, 4, "92"), "scan.pattern_invalid"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := scancode.CheckPatterns(append(scancode.DefaultPatterns(), tt.add))
			if got := fault.CodeOf(err); got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
	if _, err := scancode.New(scancode.Params{}); fault.CodeOf(err) != "scan.no_goods" {
		t.Errorf("New without goods: %v", err)
	}
}

func TestCheckLabel(t *testing.T) {
	tests := []struct {
		prefix string
		length int
		ok     bool
	}{
		{"21", 13, true}, {"29", 13, true}, {"21", 18, true}, {"2", 18, false}, {"28", 18, false}, {"91", 18, false},
	}
	for _, tt := range tests {
		err := scancode.CheckLabel(scancode.DefaultPatterns(), "scale", tt.prefix, tt.length)
		if (err == nil) != tt.ok {
			t.Errorf("prefix %s, %d digits: %v", tt.prefix, tt.length, err)
		}
	}
}

func TestMasked(t *testing.T) {
	tests := []struct{ code, want string }{
		{"", ""},
		{"1", "****"},
		{"1234567", "****"},
		{"12345678", "****78"},
		{"12345678901", "****01"},
		{"123456789012", "12****9012"},
		{wechat, "13****6789"},
		{"会员卡一二三四五六七八九", "会员****六七八九"},
		{"\x00\x00\x00\x00\x00\x00\x00\x00", "****··"},
	}
	for _, tt := range tests {
		if got := scancode.Masked(tt.code); got != tt.want {
			t.Errorf("Masked(%q) = %q, want %q", tt.code, got, tt.want)
		}
	}
}

// A payment or card code must not reach a log, a report or a sentence in full,
// however a decision is written down.
func TestCodesStayOutOfText(t *testing.T) {
	r := reader(t, nil)
	cart := scancode.Cart{Lines: 1, Due: 100}
	for _, code := range []string{wechat, alipay24, unionpay, member, timesCard, bothWays, wechat[:17], wechat + "\x00"} {
		for mode := scancode.SaleMode; mode <= scancode.WaitingMode; mode++ {
			d := r.Decide(scancode.Situation{Mode: mode, Cart: cart, Used: []string{code}}, code)
			var text bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
				fmt.Fprintf(&text, verb+"\n", d)
				fmt.Fprintf(&text, verb+"\n", d.Reading)
			}
			log := slog.New(slog.NewJSONHandler(&text, nil))
			log.Info("scan", "decision", d, "reading", d.Reading, "nested", struct{ D scancode.Decision }{d})
			if err := json.NewEncoder(&text).Encode(d); err != nil {
				t.Fatal(err)
			}
			if d.Reason != nil {
				text.WriteString(d.Reason.Detail() + fmt.Sprint(d.Reason.Args))
			}
			if secret := code[5:13]; strings.Contains(text.String(), secret) {
				t.Fatalf("%v: %s shows %s", mode, text.String(), secret)
			}
		}
	}
}

func TestMaskText(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"店里的固定收款码":                "店里的固定收款码",
		"单号 20260308":             "单号 20260308",
		"134567890123450001":      "13****0001",
		"扫了134567890123450001，还有": "扫了13****0001，还有",
		"１３４５６７８９０１２３４５０００１":              "１３****０００１",
		"card 6222 0212 3456 7890 123 no": "card 62**** 123 no",
		"6222-0212-3456-7890":             "62****7890",
		"123456789012345":                 "123456789012345", // 15: no code of ours is as short
		"13800138000 / 13900139000":       "13800138000 / 13900139000",
		"k7m2qp-1-06h06gtsk4zsk287djnfw6": "k7m2qp-1-06h06gtsk4zsk287djnfw6",
		"134567 890123 454444":            "13****4444",
		"134 567 890 123 454 444":         "13**** 444",
		"13 45 67 89 01 23 45 44 44":      "13****4 44",
		"1345  6789  0123  454444":        "13****4444",
		"1345\t6789\n0123\u00a0454444":    "13****4444",
		"1345–6789.0123/454444":           "13****4444",
		"1345\u200b6789_0123,454444":      "13****4444",
		"code134567890123454444":          "code13****4444",
		"LTF202611220000000001":           "LTF202611220000000001",
		"4200002345202611221234567890":    "4200002345202611221234567890",
		"2026-11-22 13:36:40":             "2026-11-22 13:36:40",
		"3.50, 12.80, 9.99, 128.00":       "3.50, 12.80, 9.99, 128.00",
	} {
		if got := scancode.MaskText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
