package receipt_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cashier/services/receipt"
)

func TestRows(t *testing.T) {
	for name, tt := range map[string]struct {
		doc     receipt.Doc
		columns int
		want    []string
	}{
		"a pair":                   {receipt.Doc{receipt.Pair{Left: "合计", Right: "12.30"}}, 16, []string{"合计       12.30"}},
		"a pair that just fits":    {receipt.Doc{receipt.Pair{Left: "0123456789", Right: "12345"}}, 16, []string{"0123456789 12345"}},
		"a pair that does not":     {receipt.Doc{receipt.Pair{Left: "0123456789a", Right: "12345"}}, 16, []string{"0123456789a", "           12345"}},
		"centre":                   {receipt.Doc{receipt.Text{Text: "鲜果园", Align: receipt.Centre}}, 16, []string{"     鲜果园"}},
		"right":                    {receipt.Doc{receipt.Text{Text: "鲜果园", Align: receipt.Right}}, 16, []string{"          鲜果园"}},
		"big has half the columns": {receipt.Doc{receipt.Text{Text: "鲜果园水果店", Big: true}}, 16, []string{"鲜果园水", "果店"}},
		"wraps behind a blank":     {receipt.Doc{receipt.Text{Text: "sparkling water 500 ml"}}, 16, []string{"sparkling water", "500 ml"}},
		"keeps its indent":         {receipt.Doc{receipt.Text{Text: "  sparkling water 500 ml"}}, 18, []string{"  sparkling water", "  500 ml"}},
		"half a character":         {receipt.Doc{receipt.Text{Text: "a鲜果园水果店旁边的"}}, 16, []string{"a鲜果园水果店旁", "边的"}},
		"commands":                 {receipt.Doc{receipt.Text{Text: "a\x1bp\x00\x1d\x10\x04b\u200d\u0301"}}, 16, []string{"a p    b"}},
		"nothing":                  {receipt.Doc{receipt.Text{}}, 16, []string{""}},
		"a rule":                   {receipt.Doc{receipt.Rule{}}, 16, []string{"----------------"}},
		"an absurd width":          {receipt.Doc{receipt.Rule{}}, 0, []string{strings.Repeat("-", 32)}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range tt.doc.Rows(tt.columns) {
				got = append(got, r.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever the texts: no row is wider than the paper, nothing but blanks is
// lost, and no control character is left.
func TestRowsFitAndKeepEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(16, 64).Draw(t, "columns")
		left, right := rapid.String().Draw(t, "left"), rapid.String().Draw(t, "right")
		big := rapid.Bool().Draw(t, "big")
		doc := receipt.Doc{
			receipt.Text{Text: left, Align: receipt.Align(rapid.IntRange(0, 2).Draw(t, "align")), Big: big},
			receipt.Pair{Left: left, Right: right, Big: big},
		}
		var all strings.Builder
		for _, r := range doc.Rows(columns) {
			room := columns
			if big {
				room /= 2
			}
			if receipt.Cells(r.Text) > room {
				t.Fatalf("%q is wider than %d", r.Text, room)
			}
			if strings.ContainsFunc(r.Text, unicode.IsControl) {
				t.Fatalf("%q", r.Text)
			}
			all.WriteString(r.Text)
		}
		want := strings.ReplaceAll(receipt.Clean(left+left+right), " ", "")
		if got := strings.ReplaceAll(all.String(), " ", ""); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
