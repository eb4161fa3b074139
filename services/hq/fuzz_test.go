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

// firstOf is a sample's list cut to one row, without blanks: a long seed costs
// the fuzzer its time.
func firstOf(f *testing.F, name string) string {
	f.Helper()
	var rows []json.RawMessage
	if err := json.Unmarshal(helpText(f, name), &rows); err != nil {
		f.Fatal(name, err)
	}
	b, err := json.Marshal(rows[:1])
	if err != nil {
		f.Fatal(name, err)
	}
	return string(b)
}

func FuzzStock(f *testing.F) {
	sample := firstOf(f, ActionStockListByClass+".response.json")
	for _, seed := range []string{
		sample, `{"data":` + sample + `,"sumData":{"qty":NaN},"totalCount":2}`, `{"data":[{"qty":Infinity}],"totalCount":1}`,
		`{"data":[{"qty":"1.00005"}],"sumData":[]}`, `{"status":500}`, `null`, `""`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := decodePage[Stock](body)
		if err != nil && len(page.Data)+len(page.Unreadable) != 0 {
			t.Fatalf("%q: %v with %d rows", body, err, len(page.Data))
		}
		rows, err := decodeList[Stock](body)
		if err != nil && len(rows) != 0 {
			t.Fatalf("%q: %v with %d rows", body, err, len(rows))
		}
		for _, row := range append(rows, page.Data...) {
			if row.Qty.Exponent() < -4 {
				t.Fatalf("%q: quantity %s", body, row.Qty)
			}
		}
	})
}

func FuzzShops(f *testing.F) {
	for _, seed := range []string{
		firstOf(f, ActionShopList+".response.json"), `[{"lBSPoint":1,"devices":"","shopProducts":null}]`,
		`[{"shopProductPriceLogs":[{"createTime":"/Date(1768443067000)/"},{"createTime":""},null]}]`, `{"status":1001}`, `[null]`,
		`[{"appKey":"QqSecretQq","appSecret":{"a":"QqSecretQq"}}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		shops, err := decodeShops(body, nil)
		if err != nil {
			if len(shops) != 0 {
				t.Fatalf("%q: %v with %d shops", body, err, len(shops))
			}
			return
		}
		again, err := json.Marshal(shops)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		back, err := decodeShops(again, nil)
		if err != nil || len(back) != len(shops) {
			t.Fatalf("%q became %s: %v", body, again, err)
		}
		for i := range back {
			if len(back[i].PriceLogs) != len(shops[i].PriceLogs) || back[i].ID != shops[i].ID || back[i].LBSPoint != shops[i].LBSPoint {
				t.Fatalf("%q became %s", body, again)
			}
		}
	})
}

func FuzzConfigs(f *testing.F) {
	for _, seed := range []string{
		string(helpText(f, ActionAppConfig+".response.json")), string(helpText(f, ActionMemberCardConfig+".response.json")),
		done, `{"status":500,"appID":"x"}`, `{"APPID":1,"id":"9007199254740993"}`, `{"id":1e99}`, `null`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var fields map[string]json.RawMessage
		bad := json.Unmarshal(body, &fields) != nil || len(fields) == 0
		if a, err := decodeAppConfig(body); (err != nil || bad) && (err == nil || a != AppConfig{}) {
			t.Fatalf("%q: %+v, %v", body, a, err)
		}
		if p, err := decodeMemberCardPage(body); (err != nil || bad) && (err == nil || p != MemberCardPage{}) {
			t.Fatalf("%q: %+v, %v", body, p, err)
		}
	})
}

// A call by name is refused, or makes a body that is JSON.
func FuzzPrepare(f *testing.F) {
	f.Add("delete", "ids", "1,2", "", "")
	f.Add("changeprice", "id", "9007199254740993", "price", "1e3")
	f.Add("getlist", "keyword", "苹果&x=1", "pageIndex", "-1")
	f.Add("login", "openid", "\"", "app", "")
	c, err := New((&office{url: "https://hq.example.com"}).params())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.Close)
	f.Fuzz(func(t *testing.T, action, name, value, name2, value2 string) {
		_, args, body, err := c.ready(action, []wire.Arg{{Name: name, Value: value}, {Name: name2, Value: value2}})
		switch {
		case err != nil && fault.KindOf(err) != fault.Invalid:
			t.Fatal(err)
		case err == nil && (!json.Valid(body) || len(args) < 2):
			t.Fatalf("%s, %v", body, args)
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
