package scancode_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/fault"
	"cashier/services/scancode"
)

func TestBadges(t *testing.T) {
	r := reader(t, func(p *scancode.Params) { p.Badges = "STAFF-" })
	none := reader(t, nil)
	for code, want := range map[string]scancode.Kind{
		"STAFF-7Q2M9X": scancode.Badge, "]C1STAFF-7Q2M9X": scancode.Badge, "ＳＴＡＦＦ-7Q2M9X": scancode.Badge,
		"STAFF-": scancode.Unknown, "STAFF-7": scancode.Unknown, "staff-7Q2M9X": scancode.Unknown,
		"STAFF-" + strings.Repeat("7", 60): scancode.Unknown, "STAFF-7Q 2M9X": scancode.Unknown,
		wechat: scancode.Payment, timesCard: scancode.TimesCard, member: scancode.Member, ean: scancode.Goods,
	} {
		if got := r.Read(code); got.Kind != want {
			t.Errorf("%s is %v, want %v", code, got.Kind, want)
		}
		if got := none.Read(code); got.Kind == scancode.Badge {
			t.Errorf("%s is a badge where there are none", code)
		}
	}
	for mode := scancode.SaleMode; mode <= scancode.SearchMode; mode++ {
		at := scancode.Situation{Mode: mode, Used: []string{"STAFF-7Q2M9X"}}
		if d := r.Decide(at, "STAFF-7Q2M9X"); d.Intent != scancode.SignIn {
			t.Errorf("%v: %v", mode, d.Intent)
		}
	}
	d := r.Decide(scancode.Situation{Mode: scancode.WaitingMode}, "STAFF-7Q2M9X")
	if d.Intent != scancode.Wait || strings.ContainsAny(d.Reason.Error()+d.Reading.Shown(), "7Q29") {
		t.Errorf("while money moves: %v %v", d.Intent, d.Reason)
	}
}

// A prefix that is taken can begin no payment code and no card.
func TestBadgePrefix(t *testing.T) {
	for _, good := range []string{"", "STAFF-", "S1", "emp#"} {
		if err := scancode.CheckBadgePrefix(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[0-9A-Za-z工 -]{0,10}`).Draw(t, "prefix")
		err := scancode.CheckBadgePrefix(prefix)
		if err != nil {
			if fault.CodeOf(err) != "scan.badge_prefix" {
				t.Fatal(err)
			}
			return
		}
		for _, p := range scancode.DefaultPatterns() {
			if prefix != "" && p.Fits((prefix + strings.Repeat("0", 24))[:p.MinLen]) {
				t.Fatalf("%q begins a code of %s", prefix, p.Name)
			}
		}
	})
}
