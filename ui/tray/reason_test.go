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
	"user_paying", "mismatch", "gave_up", "not_reversed", "unreachable",
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
