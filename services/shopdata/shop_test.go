package shopdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/shopspring/decimal"
)

func TestLoad(t *testing.T) {
	s, err := Load(os.DirFS("testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	p := s.Products[0]
	if p.Price != 5_98 || p.MemberPrice != 4_98 || p.PricingType != ByWeight || !p.StockQty.Equal(decimal.New(1005, -1)) {
		t.Errorf("product %+v", p)
	}
	if s.Owner().Login != "boss" || s.Members[0].Coupons[1].ScanCode() != "660000000001" || s.Members[0].Coupons[0].ScanCode() != "390962138708451328" {
		t.Errorf("shop %+v", s)
	}
	if _, err := Load(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestLoadMissesAPicture(t *testing.T) {
	b, err := os.ReadFile("testdata/shop/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Load(fstest.MapFS{File: {Data: b}})
	if err == nil || !strings.Contains(err.Error(), "pictures/apple.png") {
		t.Errorf("%v", err)
	}
}

func TestExpires(t *testing.T) {
	for in, want := range map[string]time.Time{
		"":                    {},
		"2027-12-31":          time.Date(2027, 12, 31, 15, 59, 59, 0, time.UTC),
		"2027-12-31 08:00:00": time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		got, err := TimesCard{EndDate: in}.Expires()
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}

// Each case breaks the good shop in one place; the message must name it.
func TestRefusals(t *testing.T) {
	good, err := os.ReadFile("testdata/shop/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, says string }{
		"no shop":          {`"shopId": 1,`, `"shopId": 0,`, "shopId"},
		"no tenant":        {`"tenant": "demo"`, `"tenant": ""`, "tenant"},
		"branch is shop":   {`{"shopId": 2, "`, `{"shopId": 1, "`, "branches[0]"},
		"branch's product": {`"学院路店"`, `"学院路店", "prices": [{"productId": 9, "price": "1.00"}]`, "branches[0].prices[0]: productId 9"},
		"branch's price":   {`"学院路店"`, `"学院路店", "prices": [{"productId": 1001, "price": "-1.00"}]`, "branches[0].prices[0]"},
		"branch's second":  {`"学院路店"`, `"学院路店", "prices": [{"productId": 1001, "price": "1.00"}, {"productId": 1001, "price": "1.00"}]`, "branches[0].prices[1]"},
		"role":             {`"role": "owner"`, `"role": "king"`, "king"},
		"same login":       {`"login": "boss"`, `"login": "wang"`, "staff[1]"},
		"unknown class":    {`"classId": 2, "productUnit": "瓶"`, `"classId": 9, "productUnit": "瓶"`, "products[4] (productId 2002): classId 9"},
		"same class":       {`{"id": 2, "name"`, `{"id": 1, "name"`, "classes[1]"},
		"same product":     {`"productId": 1002`, `"productId": 1001`, "products[1]"},
		"negative price":   {`"price": "3.50"`, `"price": "-3.50"`, "products[1]"},
		"half a fen":       {`"price": "3.50"`, `"price": "3.505"`, "whole fen"},
		"price as number":  {`"price": "3.50"`, `"price": 3.50`, "Fen"},
		"pricing type":     {`"pricingType": 2`, `"pricingType": 3`, "pricingType 3"},
		"picture outside":  {`"pictures/apple.png"`, `"pictures/../shop.json"`, "products[0]"},
		"misspelt field":   {`"memberPrice": "7.50"`, `"membrPrice": "7.50"`, "membrPrice"},
		"card twice":       {`914095353294402222`, `914095353294401111`, "timesCards[1]"},
		"card date":        {`"2020-01-01"`, `"2020-13-01"`, "timesCards[1]"},
		"card overdrawn":   {`"remaining": 3`, `"remaining": -3`, "timesCards[0]"},
		"member twice":     {`"customerId": "700000002"`, `"customerId": "700000001"`, "members[1]"},
		"member overdrawn": {`"recharge": "100.00"`, `"recharge": "-1.00"`, "members[0]"},
		"coupon twice":     {`390962138708451329`, `390962138708451328`, "coupons[1]"},
		"wallet id":        {`{"id": "0001"`, `{"id": "001"`, "wallets[0]"},
		"trailing":         {"\"balance\": \"50.00\"}\n  ]\n}", "\"balance\": \"50.00\"}\n  ]\n}{}", "follows"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(string(good), c.old, c.new, 1)
			if bad == string(good) {
				t.Fatal("the case changes nothing")
			}
			_, err := Decode(strings.NewReader(bad))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
		})
	}
}

func TestOnlyTenFindings(t *testing.T) {
	s := Shop{ShopID: 1, ShopName: "a", Tenant: "a", Staff: []Staff{{Login: "a", Password: "a", Role: RoleOwner}}}
	s.Products = make([]Product, 50)
	err := s.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 10 || !strings.Contains(err.Error(), "more") {
		t.Errorf("%v", err)
	}
}

func TestBranchPricesAndUnlisted(t *testing.T) {
	good, err := os.ReadFile("testdata/shop/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(good), `"学院路店"`, `"学院路店", "prices": [{"productId": 1001, "price": "6.28", "memberPrice": "0"}]`, 1)
	text = strings.Replace(text, `"productId": 2002,`, `"productId": 2002, "unlisted": true,`, 1)
	s, err := Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if p := s.Branches[0].Prices; len(p) != 1 || p[0] != (BranchPrice{1001, 6_28, 0}) || !s.Products[4].Unlisted || s.Products[3].Unlisted {
		t.Errorf("%+v %+v", s.Branches, s.Products)
	}
}

// What decodes is valid, and means the same after being written and read again.
func FuzzDecode(f *testing.F) {
	good, err := os.ReadFile("testdata/shop/shop.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"shopId":1,"shopName":"a","tenant":"b","staff":[{"login":"a","password":"b","role":"owner"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(bytes.NewReader(b))
		if err != nil {
			return
		}
		once, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(bytes.NewReader(once))
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, _ := json.Marshal(back); string(twice) != string(once) {
			t.Fatalf("%s\n%s", once, twice)
		}
	})
}
