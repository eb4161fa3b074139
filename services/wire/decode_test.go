package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/fault"
)

func TestScalars(t *testing.T) {
	type all struct {
		T Text
		I Int
		B Bool
		D Decimal
	}
	dec := func(s string) Decimal { return NewDecimal(decimal.RequireFromString(s)) }
	tests := []struct {
		doc  string
		want all
		bad  bool
	}{
		{doc: `{}`},
		{doc: `{"T":null,"I":null,"B":null,"D":null}`},
		{doc: `{"T":"","I":"","B":"","D":""}`},
		{doc: `{"T":"红富士\n\"A\"","I":"12","B":"true","D":"8.5"}`, want: all{"红富士\n\"A\"", 12, true, dec("8.5")}},
		{doc: `{"T":914095353294404024,"I":9007199254740993,"B":1,"D":9.0}`, want: all{"914095353294404024", 9007199254740993, true, dec("9.0")}},
		{doc: `{"T":1.50,"I":12.0,"B":"False","D":8.299999999999999}`, want: all{"1.50", 12, false, dec("8.3000")}},
		{doc: `{"T":true,"I":-3,"B":0,"D":1e-3}`, want: all{"true", -3, false, dec("0.001")}},
		{doc: `{"D":0}`, want: all{D: dec("0")}},
		{doc: `{"D":-0.00005}`, want: all{D: dec("-0.0001")}},
		{doc: `{"I":9223372036854775807}`, want: all{I: math.MaxInt64}},
		{doc: `{"I":9223372036854775808}`, bad: true},
		{doc: `{"I":1.5}`, bad: true},
		{doc: `{"I":"twelve"}`, bad: true},
		{doc: `{"I":1e999999999}`, bad: true},
		{doc: `{"D":1e999999999}`, bad: true},
		{doc: `{"D":"` + strings.Repeat("9", 65) + `"}`, bad: true},
		{doc: `{"D":"1,5"}`, bad: true},
		{doc: `{"D":true}`, bad: true},
		{doc: `{"B":2}`, bad: true},
		{doc: `{"B":"yes"}`, bad: true},
		{doc: `{"T":{}}`, bad: true},
		{doc: `{"T":["a"]}`, bad: true},
	}
	for _, tt := range tests {
		var got all
		err := json.Unmarshal([]byte(tt.doc), &got)
		if (err != nil) != tt.bad {
			t.Errorf("%s: %v", tt.doc, err)
		} else if diff := cmp.Diff(tt.want, got, equalDecimals); !tt.bad && diff != "" {
			t.Errorf("%s: %s", tt.doc, diff)
		}
	}
}

var equalDecimals = cmp.Comparer(func(a, b Decimal) bool {
	return a.Present == b.Present && a.Equal(b.Decimal)
})

func TestIntKeepsEveryDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		for _, doc := range []string{strconv.FormatInt(n, 10), `"` + strconv.FormatInt(n, 10) + `"`, strconv.FormatInt(n, 10) + ".0"} {
			var got Int
			var text Text
			if err := json.Unmarshal([]byte(doc), &got); err != nil || int64(got) != n {
				t.Fatalf("%s: %d, %v", doc, got, err)
			}
			if err := json.Unmarshal([]byte(doc), &text); err != nil || string(text) != strings.Trim(doc, `"`) {
				t.Fatalf("%s: %q, %v", doc, text, err)
			}
		}
	})
}

func TestDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := NewDecimal(decimal.New(rapid.Int64Range(-1e12, 1e12).Draw(t, "n"), -4))
		doc, err := json.Marshal(want)
		var got Decimal
		if err != nil || json.Unmarshal(doc, &got) != nil || !got.Equal(want.Decimal) || doc[0] == '"' {
			t.Fatalf("%s became %s (%v)", want, doc, err)
		}
	})
}

func TestTextAgreesWithTheStandardDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		doc, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var got Text
		if err := json.Unmarshal(doc, &got); err != nil || string(got) != s {
			t.Fatalf("%s: %q, %v", doc, got, err)
		}
	})
}

func TestList(t *testing.T) {
	for doc, want := range map[string]List[Int]{`null`: nil, `""`: nil, `[]`: {}, `[1,"2"]`: {1, 2}, "\n[3]\t": {3}} {
		var got List[Int]
		if err := json.Unmarshal([]byte(doc), &got); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v", doc, got, err)
		}
	}
	for _, doc := range []string{`{}`, `1`, `"a"`, `["x"]`} {
		var got List[Int]
		if json.Unmarshal([]byte(doc), &got) == nil {
			t.Errorf("%s was accepted as %v", doc, got)
		}
	}
}

func TestFields(t *testing.T) {
	got, err := Fields([]byte(`{"code":"SUCCESS","n":1.50,"data":{"a":1,"a":2}}`))
	if err != nil || string(got["n"]) != "1.50" || len(got) != 3 {
		t.Errorf("%v, %v", got, err)
	}
	for _, doc := range []string{``, `[]`, `null`, `{"a":1,"a":2}`, `{"code":"SUCCESS"}{"code":"FAILED"}`, `{"a":1`, `{"a"}`, `{"a":1} x`} {
		if got, err := Fields([]byte(doc)); err == nil {
			t.Errorf("%s was accepted as %v", doc, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	noon := time.Date(2024, 5, 6, 12, 30, 45, 0, China)
	day := time.Date(2024, 5, 6, 0, 0, 0, 0, China)
	for s, want := range map[string]time.Time{
		"2024-05-06 12:30:45":       noon,
		"2024-05-06T12:30:45":       noon,
		"2024-05-06T12:30:45.5":     noon.Add(time.Second / 2),
		"2024-05-06T04:30:45Z":      noon,
		"2024-05-06T12:30:45+08:00": noon,
		"20240506123045":            noon,
		"2024/5/6 12:30:45":         noon,
		"/Date(1714969845000)/":     noon,
		"2024-05-06":                day,
		"20240506":                  day,
		"":                          {},
		"0001-01-01T00:00:00":       {},
	} {
		if got, err := ParseTime(s, nil); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	if got, _ := ParseTime("2024-05-06 12:30:45", time.UTC); got.Location() != time.UTC {
		t.Errorf("zone ignored: %v", got)
	}
	for _, s := range []string{"yesterday", "2024-13-01", "/Date(x)/", "12:30"} {
		if got, err := ParseTime(s, nil); err == nil {
			t.Errorf("%q was accepted as %v", s, got)
		}
	}
}

func TestJSON(t *testing.T) {
	tests := []struct{ body, want, code string }{
		{body: `{"a":1}`, want: `{"a":1}`},
		{body: "\xef\xbb\xbf\r\n[1] ", want: "[1]"},
		{body: "", code: "acme.empty"},
		{body: "\xef\xbb\xbf \n", code: "acme.empty"},
		{body: "<!DOCTYPE html><html>", code: "acme.web_page"},
		{body: "\n\xef\xbb\xbf<?xml version='1.0'?>", code: "acme.web_page"},
	}
	for _, tt := range tests {
		got, err := acme.JSON(Reply{Body: []byte(tt.body)})
		if string(got) != tt.want || fault.CodeOf(err) != tt.code {
			t.Errorf("%q: %q, %v", tt.body, got, err)
		}
		if err != nil && fault.KindOf(err) != fault.Contract {
			t.Errorf("%q: kind %d", tt.body, fault.KindOf(err))
		}
	}
}

func FuzzScalars(f *testing.F) {
	for _, seed := range []string{`null`, `""`, `"12"`, `12.50`, `1e9`, `true`, `"\u0000"`, `{"a":1}`, "\"\xff\"", `1e999999999`, `"--1"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var (
			text Text
			n    Int
			flag Bool
			dec  Decimal
		)
		// Called directly too: a scalar must not rely on a validated document.
		direct := text.UnmarshalJSON(doc)
		if err := json.Unmarshal(doc, &text); err == nil && direct != nil {
			t.Fatalf("%q: %v", doc, direct)
		}
		if err := json.Unmarshal(doc, &flag); err == nil && flag && text == "" {
			t.Fatalf("%q is nothing, yet true", doc)
		}
		if err := json.Unmarshal(doc, &n); err == nil && n != 0 {
			var d Decimal
			if err := json.Unmarshal(doc, &d); err != nil || !d.Equal(decimal.NewFromInt(int64(n))) {
				t.Fatalf("%q: whole number %d but decimal %s (%v)", doc, n, d, err)
			}
		}
		if err := json.Unmarshal(doc, &dec); err == nil {
			if again, err := json.Marshal(dec); err != nil || !json.Valid(again) {
				t.Fatalf("%q became %q (%v)", doc, again, err)
			}
			if dec.Exponent() < -4 {
				t.Fatalf("%q kept %d decimals", doc, -dec.Exponent())
			}
		}
	})
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1}`, `{"a":1,"a":2}`, `{"a":[{}]}`, `{"a":1}{}`, `[`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := Fields(doc)
		if err != nil {
			return
		}
		var std map[string]json.RawMessage
		if err := json.Unmarshal(doc, &std); err != nil {
			t.Fatalf("%q accepted as %v, but %v", doc, got, err)
		}
		if len(std) != len(got) {
			t.Fatalf("%q: %d fields, the standard decoder has %d", doc, len(got), len(std))
		}
	})
}

func FuzzList(f *testing.F) {
	for _, seed := range []string{`null`, `""`, `[]`, `["1",2]`, `{}`, `[[]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var got List[Text]
		if err := json.Unmarshal(doc, &got); err == nil && len(got) > len(doc) {
			t.Fatalf("%q has %d items", doc, len(got))
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"", "2024-05-06 12:30:45", "/Date(1714969845000)/", "0001-01-01T00:00:00", "20240506"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseTime(s, nil); err != nil && !got.IsZero() {
			t.Fatalf("%q: %v with %v", s, got, err)
		}
	})
}
