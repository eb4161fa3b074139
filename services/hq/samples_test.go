package hq

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"cashier/services/wire"
)

// answers says how each response sample is read, and written again.
var answers = map[string]func([]byte) (any, error){
	ActionGet:               again(decodeProduct),
	ActionGetByProductID:    again(decodeProduct),
	ActionGetListByClass:    again(decodeList[Product]),
	ActionGetListByProducts: again(decodeList[Product]),
	ActionStockListByClass:  again(decodeList[Stock]),
	ActionShopList:          again(func(b []byte) ([]Shop, error) { return decodeShops(b, nil) }),
	ActionMemberCardConfig:  again(decodeMemberCardPage),
	ActionAppConfig: again(func(b []byte) (map[string]any, error) {
		a, err := decodeAppConfig(b)
		return map[string]any{"appID": a.AppID}, err
	}),
}

func again[T any](decode func([]byte) (T, error)) func([]byte) (any, error) {
	return func(b []byte) (any, error) { v, err := decode(b); return v, err }
}

// Every sample of the help pages is read and written again, as it stands there
// and with every field filled: nothing is lost but the secrets.
func TestSamplesComeBackWhole(t *testing.T) {
	for name, read := range answers {
		for form, sample := range map[string]any{"as it is": help(t, name+".response.json"), "filled": filled(t, name)} {
			t.Run(name+"/"+form, func(t *testing.T) {
				got := written(t, read, sample)
				if diff := cmp.Diff(plain(sample), plain(got)); diff != "" {
					t.Error(diff)
				}
				if strings.Contains(fmt.Sprint(got), "ecret") || strings.Contains(fmt.Sprint(got), "ppKey") {
					t.Errorf("a secret is kept: %v", got)
				}
			})
		}
	}
}

func filled(t *testing.T, name string) any { return fill(help(t, name+".response.json"), new(int)) }

// Numbers and texts may change places, lists be null.
func TestSamplesMayBeTypedOtherwise(t *testing.T) {
	for name, read := range answers {
		t.Run(name, func(t *testing.T) {
			sample := filled(t, name)
			got := written(t, read, asText(sample))
			if diff := cmp.Diff(plain(sample), plain(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, none := range []string{`null`, `""`} {
		shops, err := decodeShops([]byte(`[{"id":1,"devices":`+none+`,"shopProducts":`+none+`,"shopProductPriceLogs":`+none+`,"new":{"a":[1]}}]`), nil)
		if err != nil || len(shops) != 1 || len(shops[0].Devices)+len(shops[0].Products)+len(shops[0].PriceLogs) != 0 {
			t.Errorf("%s: %v, %v", none, shops, err)
		}
	}
}

// The bodies we send are the samples of the help pages; only the id of an
// assignment, which means nothing, is 0.
func TestRequestsAreTheSamples(t *testing.T) {
	var p Product
	if err := json.Unmarshal(helpText(t, "changeprice.request.json"), &p); err != nil {
		t.Fatal(err)
	}
	var page MemberCardPage
	if err := json.Unmarshal(helpText(t, "savemembercardconfig.request.json"), &page); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(*Client) error{
		ActionAddProduct:        func(c *Client) error { return c.AddProducts(t.Context(), offer) },
		ActionAddProductByClass: func(c *Client) error { return c.AddProductsByClass(t.Context(), offer) },
		ActionChangePrice:       func(c *Client) error { return c.ChangePrice(t.Context(), p) },
		ActionChangePrices:      func(c *Client) error { return c.ChangePrices(t.Context(), []Product{p, p}) },
		ActionUnifyChangePrice: func(c *Client) error {
			return c.UnifyChangePrice(t.Context(), UnifiedPrice{ShopIDs: []int64{1, 2}, ProductID: 1, Price: yuan("2"), MemberPrice: yuan("3")})
		},
		ActionDelete:               func(c *Client) error { return c.Delete(t.Context(), []int64{1, 2}) },
		ActionDeleteAll:            func(c *Client) error { return c.DeleteAll(t.Context()) },
		ActionResetDownload:        func(c *Client) error { return c.ResetDownload(t.Context()) },
		ActionSaveMemberCardConfig: func(c *Client) error { return c.SaveMemberCardPage(t.Context(), page) },
		ActionUploadPayments: func(c *Client) error {
			// The form alone: a row without serial number is none for PaymentRows.
			at := Time{time.Date(2026, 1, 15, 10, 11, 30, 0, wire.China)}
			row := BillPayment{StallID: 3, PaymentType: PayCash, IsReturn: true, Money: yuan("6"), UserID: 8, PayTime: at, CreateTime: at, ID: 12}
			rows, err := json.Marshal([]BillPayment{row, row})
			if err != nil {
				t.Fatal(err)
			}
			return c.UploadPayments(t.Context(), rows)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got recorded
			o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
				got = record(t, r)
				says(string(helpText(t, name+".response.json")))(w, r)
			})
			params := o.params()
			params.ShopID = 1
			if err := call(dial(t, params)); err != nil {
				t.Fatal(err)
			}
			want := help(t, name+".request.json")
			if object, ok := want.(map[string]any); ok && object["shopIds"] != nil {
				object["id"] = json.Number("0")
			}
			if diff := cmp.Diff(plain(want), plain(document(t, got.body))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// written reads a document and gives back what is written of it.
func written(t *testing.T, read func([]byte) (any, error), sample any) any {
	t.Helper()
	b, err := json.Marshal(sample)
	if err != nil {
		t.Fatal(err)
	}
	v, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	return document(t, string(b))
}

// fill gives each empty text and each number of a sample a value of its own:
// whole ones beyond 2^53, the others with four decimals.
func fill(v any, n *int) any {
	*n++
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = fill(v[name], n)
		}
	case []any:
		for i, one := range v {
			v[i] = fill(one, n)
		}
	case string:
		if v == "" {
			return fmt.Sprintf("值 %d <&>", *n)
		}
	case json.Number:
		if strings.Contains(string(v), ".") {
			return json.Number(fmt.Sprintf("%d.1234", *n))
		}
		return json.Number(fmt.Sprint(9007199254740993 + int64(*n)))
	}
	return v
}

// asText writes every number and flag as text.
func asText(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			out[name] = asText(one)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = asText(one)
		}
		return out
	}
	return fmt.Sprint(v)
}

// plain puts a document into one form: scalars as text, numbers without
// trailing zeros, blank pictures and the two secrets left out.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			if name != "appKey" && name != "appSecret" {
				out[name] = plain(one)
			}
		}
		return out
	case []any:
		out := []any{}
		for _, one := range v {
			if one != "" {
				out = append(out, plain(one))
			}
		}
		return out
	case json.Number:
		return decimal.RequireFromString(string(v)).String()
	}
	return fmt.Sprint(v)
}

func TestTableSpellingsAreRead(t *testing.T) {
	// The page's table writes lBSPoint and iP where its sample has lbsPoint and ip.
	shops, err := decodeShops([]byte(`[{"ID":"9007199254740993","lBSPoint":"113.2,23.1","devices":[{"iP":"192.0.2.7","inUse":"true","MAC":"x"}]}]`), nil)
	if err != nil || len(shops) != 1 || shops[0].ID != 9007199254740993 || shops[0].LBSPoint != "113.2,23.1" {
		t.Fatalf("%+v, %v", shops, err)
	}
	if d := shops[0].Devices[0]; d.IP != "192.0.2.7" || !bool(d.InUse) || d.MAC != "x" {
		t.Errorf("%+v", d)
	}
}

func TestStockKeepsFourDecimals(t *testing.T) {
	rows, err := decodeList[Stock]([]byte(`[{"id":1,"qty":"-0.0625","costPrice":8.12340000001,"costMoney":8.299999999999999,"boxQty":null,"lastPrice":""}]`))
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	r := rows[0]
	for want, got := range map[string]wire.Decimal{"-0.0625": r.Qty, "8.1234": r.CostPrice, "8.3": r.CostMoney} {
		if got.String() != want || !got.Present {
			t.Errorf("%s instead of %s", got, want)
		}
	}
	if r.BoxQty.Present || r.LastPrice.Present {
		t.Error("an absent amount counts as 0")
	}
}
