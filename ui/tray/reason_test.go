package tray

import (
	"strings"
	"testing"

	"cashier/services/checkout"
	"cashier/ui/text"
)

// What keeps a leg in the tray. Each is explained in the person's language.
var codes = []string{
	checkout.CodeCardUnknown, checkout.CodeMemberUnknown, "restarted", "silent", "unreadable", "unconfirmed",
	"user_paying", "refunding", "mismatch", "gave_up", "not_reversed", "unreachable",
}

func TestEveryReasonIsExplainedInTheLanguage(t *testing.T) {
	for _, lang := range []string{text.Chinese, text.English} {
		texts, err := text.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			l := checkout.Leg{Class: checkout.ClassCard, Before: 10, Count: 1, Reversals: 12, Reason: checkout.Reason{Code: code, RawCode: "RAW", Message: "9"}}
			why := reason(texts, l)
			l.Class = checkout.ClassRefund
			if of := reason(texts, l); !strings.HasSuffix(of, " [RAW]") || strings.Contains(of, "{") {
				t.Errorf("%s, of a refund, %s: %q", lang, code, of)
			}
			if !strings.HasSuffix(why, " [RAW]") || strings.Contains(why, "{") || strings.HasPrefix(why, "9") {
				t.Errorf("%s %s: %q", lang, code, why)
			}
		}
		l := checkout.Leg{Before: 10, Count: 2, Reason: checkout.Reason{Code: checkout.CodeCardUnknown, Message: "8"}}
		if why := reason(texts, l); !strings.Contains(why, "10") || !strings.Contains(why, "8") || !strings.Contains(why, "2") {
			t.Errorf("%s evidence: %q", lang, why)
		}
		l.Before, l.Reason.Message = -1, ""
		if why := reason(texts, l); strings.Count(why, "？") != 2 {
			t.Errorf("%s without evidence: %q", lang, why)
		}
	}
}

// What is left to a person is said and can be settled in every language, and a
// refund is never called a payment.
func TestWhatIsLeftToAPersonIsSaid(t *testing.T) {
	for _, lang := range []string{text.Chinese, text.English} {
		texts, err := text.Load(lang)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, l := range []checkout.Leg{
			{Class: checkout.ClassCode, State: checkout.Rejected, Reason: checkout.Reason{Code: checkout.CodeLateHeld}},
			{Class: checkout.ClassCode, State: checkout.Reversed, Reason: checkout.Reason{Code: checkout.CodeLateMoney}},
			{Class: checkout.ClassRefund, State: checkout.Rejected, Reason: checkout.Reason{Code: checkout.CodeGivenLate}},
			{Class: checkout.ClassRefund, State: checkout.Paid, Reason: checkout.Reason{Code: checkout.CodePartlyRefunded}},
			{Class: checkout.ClassRefund, State: checkout.Sent}, {Class: checkout.ClassRefund, State: checkout.Pending},
			{Class: checkout.ClassRefund, State: checkout.Unknown}, {Class: checkout.ClassRefund, State: checkout.Manual},
			{Class: checkout.ClassCode, State: checkout.Sent}, {Class: checkout.ClassCode, State: checkout.Pending},
			{Class: checkout.ClassCode, State: checkout.Unknown}, {Class: checkout.ClassCode, State: checkout.Manual},
		} {
			state, what := Words(texts, l)
			if seen[state] || seen[what] || strings.Contains(state+what, "leg.") || strings.Contains(state+what, "tray.") {
				t.Errorf("%s: %s %s %s says %q, %q", lang, l.Class, l.State, l.Reason.Code, state, what)
			}
			seen[state], seen[what] = true, true
			ends := []string{string(checkout.Paid), string(checkout.Rejected)}
			if l.LeftOver() {
				ends = []string{string(checkout.Paid), string(checkout.Reversed), Cash}
			}
			for _, as := range ends {
				if key := As(texts, l, as); !texts.Has(key) || !texts.Has(key+".what") {
					t.Errorf("%s: no text %s", lang, key)
				}
			}
		}
	}
}
