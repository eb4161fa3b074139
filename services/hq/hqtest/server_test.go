package hqtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/money"
)

func TestLoginAndSession(t *testing.T) {
	b := setup(t, nil)
	get[productRow](b, "getbyproductid?productId=1001&shopId=1")
	b.s.EndSessions()
	for _, path := range []string{productPrefix + "getlist", weixinPrefix + "getappconfig"} {
		if status, body, err := b.do("GET", path, ""); status != 401 || !json.Valid(body) {
			t.Errorf("%s: %d %q %v", path, status, body, err)
		}
	}
	if status, _, _ := b.do("POST", productPrefix+"deleteall", "{}"); status != 401 {
		t.Errorf("deleteall without a session: %d", status)
	}
	for name, v := range map[string]map[string]string{
		"password": {"tenant": "demo", "loginName": "boss", "password": "x"},
		"login":    {"tenant": "demo", "loginName": "x", "password": "boss-pass"},
		"tenant":   {"tenant": "x", "loginName": "boss", "password": "boss-pass"},
	} {
		b.post("weixin/login", v, 500)
		if status, _, _ := b.do("GET", productPrefix+"getlist", ""); status != 401 {
			t.Errorf("a wrong %s logs in", name)
		}
	}
	b.login()
	get[page[productRow]](b, "getlist")
	if status, _, _ := b.do("POST", productPrefix+"getlist", ""); status != 405 {
		t.Errorf("POST of a GET: %d", status)
	}
}

func TestSessionEnds(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	b := setup(t, func(p *Params) { p.Now = func() time.Time { return now }; p.SessionTTL = time.Hour })
	get[page[productRow]](b, "getlist")
	now = now.Add(time.Hour)
	if status, _, _ := b.do("GET", productPrefix+"getlist", ""); status != 401 {
		t.Errorf("after an hour: %d", status)
	}
}

// The shape of the page's sample, to the letter.
func TestProductOnTheWire(t *testing.T) {
	b := setup(t, nil)
	_, body, err := b.do("GET", productPrefix+"getbyproductid?productId=2001&shopId=1", "")
	want := `{"shopId":1,"shopName":"清河路店","productId":2001,"productCode":"20001","productName":"抽纸","productClass":"日用",` +
		`"productUnit":"包","price":8.0,"memberPrice":7.5,"pricingType":0,"pricingTypeName":"计数","sort":4,"images":[],"id":100000002001}`
	if err != nil || string(body) != want {
		t.Errorf("%s, %v", body, err)
	}
	apple := get[productRow](b, "get?id=100000001001")
	if apple.ProductID != 1001 || apple.Price != "5.98" || apple.Images[0] != "/pictures/apple.png" {
		t.Errorf("%+v", apple)
	}
	b = setup(t, func(p *Params) { p.PricingTypeAsString = true })
	if got := get[productRow](b, "get?id=100000001001"); got.PricingType != "1" {
		t.Errorf("pricing type %v", got.PricingType)
	}
	b = setup(t, nil)
	_ = b.s.SetQuirks(Quirks{StatusAsString: true})
	if _, body, _ := b.do("GET", productPrefix+"get?id=1", ""); string(body) != `{"status":"500","message":"商品不存在"}` {
		t.Errorf("%s", body)
	}
}

func TestPaging(t *testing.T) {
	b := setup(t, nil)
	ids := func(query string) (got []int64) {
		p := get[page[productRow]](b, "getlist?"+query)
		for _, r := range p.Data {
			got = append(got, r.ProductID)
		}
		return append(got, int64(p.TotalCount))
	}
	for query, want := range map[string][]int64{
		"shopId=1&pageIndex=1&pageSize=2":                    {1001, 1002, 5},
		"shopId=1&pageIndex=2&pageSize=2":                    {1003, 2001, 5},
		"shopId=1&pageIndex=3&pageSize=2":                    {2002, 5},
		"shopId=1&pageIndex=4&pageSize=2":                    {5},
		"shopId=1&pageIndex=999999999999&pageSize=999999999": {5},
		"":                                      {1001, 1002, 1003, 2001, 2002, 5},
		"productClassId=2&pageSize=1":           {2001, 2},
		"keyword=10003":                         {1003, 1},
		"keyword=6901234567892":                 {1003, 1},
		"keyword=%E8%8B%B9%E6%9E%9C&shopId=2":   {1001, 1},
		"keyword=nothing":                       {0},
		"keyword=2000&productClassId=2&shopId=": {2001, 2002, 2},
	} {
		if d := cmp.Diff(want, ids(query)); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
	for _, query := range []string{"shopId=9", "shopId=x", "productClassId=x", "shopId=-1"} {
		if _, body, _ := b.do("GET", productPrefix+"getlist?"+query, ""); !strings.Contains(string(body), `"status":500`) {
			t.Errorf("%s: %s", query, body)
		}
	}
	b = setup(t, func(p *Params) { p.MaxPageSize = 2 })
	if p := get[page[productRow]](b, "getlist?pageSize=1000"); p.PageSize != 2 || len(p.Data) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestOtherReads(t *testing.T) {
	b := setup(t, nil)
	if got := get[[]productRow](b, "getlistbyclass?productClassId=2&shopId=1"); len(got) != 2 || got[1].ProductID != 2002 {
		t.Errorf("by class %+v", got)
	}
	if got := get[[]productRow](b, "getlistbyproductids?productIds=2002,7,1001&shopId=2"); len(got) != 2 || got[0].ProductID != 2002 || got[0].ShopID != 2 {
		t.Errorf("by ids %+v", got)
	}
	stock := get[page[stockRow]](b, "getstockproductlist?keyword=%E8%8B%B9&shopId=1")
	if r := stock.Data[0]; r.Qty != "100.5" || r.CostPrice != "3.2" || r.CostMoney != "321.6" || r.Length != 5 || stock.SumData.CostMoney != "321.6" {
		t.Errorf("stock %+v", stock)
	}
	if got := get[[]stockRow](b, "getstockproductlistbyclass?productClassId=1&shopId=1"); len(got) != 3 {
		t.Errorf("stock by class %+v", got)
	}
	shops := get[[]shopRow](b, "getshoplist?productId=1001")
	if len(shops) != 2 || shops[1].ID != 2 || shops[1].Products[0].ShopID != 2 || len(shops[0].Devices) != 1 {
		t.Errorf("shops %+v", shops)
	}
}

func TestPriceChanges(t *testing.T) {
	b := setup(t, nil)
	wantPrice := func(shop, product int64, price, member money.Fen) {
		t.Helper()
		p, m, ok := b.s.Price(shop, product)
		if !ok || p != price || m != member {
			t.Errorf("shop %d product %d: %s %s %v, want %s %s", shop, product, p, m, ok, price, member)
		}
	}
	row := func(kv ...any) map[string]any {
		m := map[string]any{"shopId": 1, "productId": 1001, "price": 6.5, "memberPrice": 6}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	b.post(shopProduct+"changeprice", row(), 200)
	wantPrice(1, 1001, 6_50, 6_00)
	wantPrice(2, 1001, 5_98, 4_98)
	b.post(shopProduct+"changeprice", row("id", 200000001001, "shopId", 2, "price", 7), 200)
	wantPrice(2, 1001, 7_00, 6_00)
	for name, bad := range map[string]map[string]any{
		"negative":      row("price", -1),
		"half a fen":    row("price", json.Number("1.005")),
		"member":        row("memberPrice", -1),
		"no product":    row("productId", 9),
		"no shop":       row("shopId", 9),
		"id of another": row("id", 100000001002),
	} {
		t.Run(name, func(*testing.T) { b.post(shopProduct+"changeprice", bad, 500) })
	}
	b.post(shopProduct+"changeprices", []any{row("price", 8), row("productId", 9)}, 500) // all or none
	wantPrice(1, 1001, 6_50, 6_00)
	b.post(shopProduct+"changeprices", []any{row("price", 8), row("productId", 1002, "price", 9)}, 200)
	wantPrice(1, 1001, 8_00, 6_00)
	wantPrice(1, 1002, 9_00, 6_00)
	b.post(shopProduct+"unifychangeprice", map[string]any{"shopIds": []int{1, 2}, "productId": 2001, "price": 1.5, "memberPrice": 0}, 200)
	wantPrice(1, 2001, 1_50, 0)
	wantPrice(2, 2001, 1_50, 0)
	b.post(shopProduct+"unifychangeprice", map[string]any{"shopIds": []int{}, "productId": 2001, "price": 1}, 500)

	logs := get[[]shopRow](b, "getshoplist?productId=1001")[0].PriceLogs
	if len(logs) != 2 || logs[0].OldPrice != "5.98" || logs[0].NewPrice != "6.5" || logs[1].NewPrice != "8.0" ||
		logs[0].UserName != "李店长" || logs[0].CreateTime != "2026-05-01 10:03:04" {
		t.Errorf("logs %+v", logs)
	}
	if !b.s.SetPrice(1, 1001, 1_00, 0) || b.s.SetPrice(1, 9, 1_00, 0) {
		t.Error("SetPrice")
	}
	if got := get[productRow](b, "getbyproductid?productId=1001&shopId=1"); got.Price != "1.0" {
		t.Errorf("%+v", got)
	}
}

func TestListing(t *testing.T) {
	b := setup(t, nil)
	count := func(shop int) int { return get[page[productRow]](b, fmt.Sprintf("getlist?shopId=%d", shop)).TotalCount }
	b.post(shopProduct+"delete", []int64{100000001001, 100000001002, 200000001001}, 200)
	b.post(shopProduct+"delete", []int64{100000001001}, 500)
	if count(1) != 3 || count(2) != 4 {
		t.Errorf("after delete %d, %d", count(1), count(2))
	}
	b.post(shopProduct+"addproduct", map[string]any{"shopIds": []int{1, 2}, "productIds": []int{1001}}, 200)
	b.post(shopProduct+"addproduct", map[string]any{"shopIds": []int{1}, "productIds": []int{9}}, 500)
	b.post(shopProduct+"addproduct", map[string]any{"shopIds": []int{9}, "productIds": []int{1001}}, 500)
	if got := get[page[productRow]](b, "getlist?shopId=1"); got.TotalCount != 4 || got.Data[0].ProductID != 1001 {
		t.Errorf("after add %+v", got)
	}
	b.post(shopProduct+"deleteall", map[string]any{}, 200)
	if count(1)+count(2) != 0 {
		t.Error("deleteall left something")
	}
	b.post(shopProduct+"addproductbyclass", map[string]any{"shopIds": []int{2}, "productClassId": 1}, 200)
	if count(1) != 0 || count(2) != 3 {
		t.Errorf("after add by class %d, %d", count(1), count(2))
	}
	b.post(shopProduct+"resetdownload", map[string]any{}, 200)
	if b.s.Resets() != 1 {
		t.Error("not reset")
	}
}

func TestWeixinConfig(t *testing.T) {
	b := setup(t, nil)
	b.post("weixin/saveappconfig", appConfig{"wx1", "s1"}, 200)
	b.post("weixin/savemembercardconfig", cardConfig{Phone: "12345", ID: 9}, 200)
	_, app, _ := b.do("GET", weixinPrefix+"getappconfig", "")
	_, card, _ := b.do("GET", weixinPrefix+"getmembercardconfig", "")
	if string(app) != `{"appID":"wx1","appSecret":"s1"}` || !bytes.Contains(card, []byte(`"phone":"12345"`)) || !bytes.Contains(card, []byte(`"id":1`)) {
		t.Errorf("%s %s", app, card)
	}
}

func TestPictures(t *testing.T) {
	b := setup(t, nil)
	b.s.EndSessions() // pictures need no session
	want, err := os.ReadFile("../../shopdata/testdata/shop/pictures/apple.png")
	if err != nil {
		t.Fatal(err)
	}
	status, got, err := b.do("GET", "/pictures/apple.png", "")
	if err != nil || status != 200 || !bytes.Equal(got, want) {
		t.Errorf("%d, %d bytes, %v", status, len(got), err)
	}
	for _, path := range []string{"/pictures/", "/pictures/pear.png", "/pictures/..%2fshop.json", "/shop.json"} {
		if status, _, _ := b.do("GET", path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
