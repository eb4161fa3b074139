package text_test

import (
	"strings"
	"testing"

	"cashier/services/checkout"
	"cashier/ui/text"
)

// Every code of HQ that refuses a payment has a sentence in both languages, and
// the sentence begins with what it means for the money.
func TestHintsAreTranslated(t *testing.T) {
	for lang, begins := range map[string]string{text.Chinese: "没有收到钱：", text.English: "Nothing was charged: "} {
		words := table(t, lang)
		used := map[string]bool{}
		for _, code := range []string{"601", "602", "603", "604", "605", "606", "607", "608", "704", "901", "902", "903", "904", "905", "1001", "1002"} {
			hint := checkout.Hint(checkout.Leg{Class: checkout.ClassCode, State: checkout.Rejected, Reason: checkout.Reason{Code: "refused", RawCode: code}})
			used["hint."+hint] = true
			if !strings.HasPrefix(words["hint."+hint], begins) {
				t.Errorf("%s %s: hint.%s is %q", lang, code, hint, words["hint."+hint])
			}
		}
		for key := range words {
			if strings.HasPrefix(key, "hint.") && !used[key] {
				t.Errorf("%s: nobody says %s", lang, key)
			}
		}
	}
}
