package hq

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/wire"
)

func FuzzProductPage(f *testing.F) {
	for _, seed := range []string{
		`{"data":[` + appleDoc + `],"pageIndex":1,"pageSize":100,"totalCount":1}`, emptyPage, `{"data":null}`, `{"data":""}`,
		`{"status":500,"message":"x"}`, `{"data":[{"price":1e60,"images":null}],"totalCount":"1"}`, `[` + appleDoc + `]`, `null`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := decodePage[Product](body)
		if err != nil && (len(page.Data) != 0 || fault.CodeOf(err) == "" && err != errNotLoggedIn) { //nolint:errorlint // identity is meant
			t.Fatalf("%q: %v with %d rows", body, err, len(page.Data))
		}
		rows, err := decodeList[Product](body)
		if err != nil && len(rows) != 0 {
			t.Fatalf("%q: %v with %d rows", body, err, len(rows))
		}
		if p, err := decodeProduct(body); err == nil {
			again, err := json.Marshal(p)
			if err != nil {
				t.Fatalf("%q: %v", body, err)
			}
			if back, err := decodeProduct(again); err != nil || back.ID != p.ID || back.Price.Present != p.Price.Present || !back.Price.Equal(p.Price.Decimal) {
				t.Fatalf("%q: %s became %s (%v)", body, p.Price, back.Price, err)
			}
		}
	})
}

func FuzzResult(f *testing.F) {
	for _, seed := range []string{`{"status":200}`, `{"status":"703","message":"x"}`, `{"status":" 200 "}`, `{"status":2e2}`, `{}`, `[]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		// A deed is done only if HQ's document says 200, in so many digits.
		if decodeResult(wire.Writes, body) != nil {
			return
		}
		var w map[string]any
		if err := json.Unmarshal(body, &w); err != nil {
			t.Fatalf("%q counts as done: %v", body, err)
		}
		said := false
		for name, value := range w {
			said = said || strings.EqualFold(name, "status") && strings.TrimLeft(strings.TrimSpace(fmt.Sprint(value)), "+0") == "200"
		}
		if !said {
			t.Fatalf("%q counts as done", body)
		}
	})
}
