package hqtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/money"
)

// Each quirk shows where it should, and is gone when it is switched off.
func TestQuirks(t *testing.T) {
	for name, c := range map[string]struct {
		quirks Quirks
		action string
		query  string // "" for the example's
		want   string // a part of the reply
	}{
		"status as string":    {Quirks{StatusAsString: true}, "get", "id=1", `{"status":"500","message":"商品不存在"}`},
		"done as string":      {Quirks{StatusAsString: true}, "changeprice", "", `{"status":"200",`},
		"pricing type":        {Quirks{PricingTypeAsString: true}, "get", "", `"pricingType":"1"`},
		"quoted":              {Quirks{Quoted: true}, "get", "", `"price":"5.98","memberPrice":"4.98","pricingType":"1"`},
		"quoted flag":         {Quirks{Quoted: true}, "getshoplist", "", `"inUse":"true"`},
		"quoted status":       {Quirks{Quoted: true}, "get", "id=1", `{"status":"500"`},
		"float tails":         {Quirks{FloatTails: true}, "get", "", `"price":5.979999999999999,"memberPrice":4.979999999999999,`},
		"table spelling":      {Quirks{TableSpelling: true}, "getshoplist", "", `"lBSPoint":"120.000000,30.000000"`},
		"table spelling's ip": {Quirks{TableSpelling: true}, "getshoplist", "", `"iP":"192.0.2.1"`},
		"null images":         {Quirks{NullImages: true}, "getstockproductlist", "", `"images":null`},
		"null images by id":   {Quirks{NullImages: true}, "getstockproductlistbyclass", "", `"images":null`},
		"null lists":          {Quirks{NullLists: true}, "getlist", "keyword=nothing", `{"data":null,`},
		"null list":           {Quirks{NullLists: true}, "getlistbyclass", "productClassId=9", `null`},
		"null sum":            {Quirks{NullSum: true}, "getlist", "", `"sumData":null,"totalCount":3}`},
		"null stock sum":      {Quirks{NullSum: true}, "getstockproductlist", "", `"sumData":null,"totalCount":3}`},
		"page from 0":         {Quirks{ZeroBasedPages: true}, "getlist", "pageIndex=0&pageSize=1", `"pageIndex":0,"pageSize":1,`},
		"page after 0":        {Quirks{ZeroBasedPages: true}, "getstockproductlist", "pageIndex=1&pageSize=1", `"productId":1002,`},
		"semicolons":          {Quirks{IDSeparator: ";"}, "getlistbyproductids", "productIds=2002%3B1001", `"productId":1001,`},
		"repeated":            {Quirks{IDSeparator: "&"}, "getlistbyproductids", "productIds=2002&productIds=1001", `"productId":1001,`},
		"commas refused":      {Quirks{IDSeparator: ";"}, "getlistbyproductids", "productIds=2002,1001", `"status":500`},
		"extra fields":        {Quirks{ExtraFields: true}, "get", "", `{"x-undocumented":{"list":[1,null]},"shopId":1,`},
		"long ids":            {Quirks{LongIDs: true}, "getbyproductid", "", `"id":9000000100000001001}`},
		"long id is found":    {Quirks{LongIDs: true}, "get", "id=9000000100000001001", `"productId":1001`},
		"short id is not":     {Quirks{LongIDs: true}, "get", "id=100000001001", `"status":500`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t)
			a, r := actionNamed(t, c.action), examples[c.action]
			if c.query != "" {
				r.query = c.query
			}
			if plain := p.call(t.Context(), a, r); bytes.Contains(plain.body, []byte(c.want)) {
				t.Fatalf("the case changes nothing: %s", plain.body)
			}
			if err := p.s.SetQuirks(c.quirks); err != nil {
				t.Fatal(err)
			}
			if got := p.call(t.Context(), a, r); got.status != 200 || !json.Valid(got.body) || !bytes.Contains(got.body, []byte(c.want)) {
				t.Errorf("%d %s %v", got.status, got.body, got.err)
			}
		})
	}
}

// A half and a quarter have no tail, however many digits come before them.
func TestFloatTails(t *testing.T) {
	for f, want := range map[money.Fen]json.Number{
		0: "0.0", 8_00: "8.0", 3_50: "3.5", 1_25: "1.25", 8_30: "8.299999999999999", 5: "0.049999999999999",
		12_34: "12.33999999999999", 99_999_999_99: "99999999.98999999", 100_000_000_00: "100000000.0",
	} {
		if got := (Quirks{FloatTails: true}).price(f); got != want {
			t.Errorf("%s: %s, want %s", f, got, want)
		}
	}
}

// A long id has no exact float64.
func TestLongIDsAreLong(t *testing.T) {
	id := Quirks{LongIDs: true}.rowID(1, 1001)
	if id <= 1<<53 || int64(float64(id)) == id {
		t.Errorf("%d", id)
	}
}

func TestSparse(t *testing.T) {
	p := newPlay(t)
	if err := p.s.SetQuirks(Quirks{Sparse: true}); err != nil {
		t.Fatal(err)
	}
	got := p.call(t.Context(), actionNamed(t, "getbyproductid"), request{query: "productId=1002&shopId=1"})
	want := `{"id":100000001002,"images":[],"price":3.5,"pricingType":1,"pricingTypeName":"计重","productClass":"水果",` +
		`"productCode":"10002","productId":1002,"productName":"香蕉","productUnit":"斤","shopId":1,"shopName":"清河路店","sort":2}`
	if string(got.body) != want { // no memberPrice, which is 0
		t.Errorf("%s", got.body)
	}
}

func TestISODates(t *testing.T) {
	b := setup(t, func(p *Params) { p.ISODates = true })
	b.s.SetPrice(1, 1001, 6_00, 5_00)
	if logs := get[[]shopRow](b, "getshoplist?productId=1001")[0].PriceLogs; logs[0].CreateTime != "2026-05-01T10:03:04" {
		t.Errorf("%+v", logs)
	}
}

func TestErrorStatus(t *testing.T) {
	p := newPlay(t)
	if err := p.s.SetQuirks(Quirks{ErrorStatus: 404}); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]request{"get": {query: "id=1"}, "changeprice": {body: `{}`}, "delete": {body: `[1]`}} {
		if got := p.call(t.Context(), actionNamed(t, name), r); got.status != 404 || string(got.body) != `{"message":"商品不存在"}` {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestDenials(t *testing.T) {
	for denied, want := range map[Denial]struct {
		status int
		body   string
	}{
		DeniedHTTP:     {401, `{"message":"Authorization has been denied for this request."}`},
		DeniedResult:   {200, `{"status":500,"message":"登录已过期，请重新登录"}`},
		DeniedRedirect: {302, ""},
	} {
		p := newPlay(t)
		p.s.EndSessions()
		if err := p.s.SetQuirks(Quirks{Denied: denied}); err != nil {
			t.Fatal(err)
		}
		for _, a := range actions {
			got := p.call(t.Context(), a, examples[a.name])
			if got.status != want.status || want.body != "" && string(got.body) != want.body {
				t.Errorf("%s at %s: %d %s", denied, a.name, got.status, got.body)
			}
			if to := got.header.Get("Location"); denied == DeniedRedirect && to != loginPage {
				t.Errorf("sent to %q", to)
			}
		}
		if denied == DeniedRedirect {
			resp, err := p.c.Get(p.u + loginPage)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%v", resp.Header)
			}
		}
	}
}

// With a header instead of a cookie nobody is known by name, a wrong value opens
// nothing, and the login gives no cookie.
func TestHeaderInsteadOfCookie(t *testing.T) {
	b := setup(t, func(p *Params) { p.HeaderName, p.HeaderValue = "X-App-Key", "k1" })
	if cookies := b.http.Jar.Cookies(must(t, b.url)); len(cookies) != 0 {
		t.Errorf("cookies %v", cookies)
	}
	for value, want := range map[string]int{"k1": 200, "k2": 401, "": 401} {
		req, err := http.NewRequest("POST", b.url+productPrefix+"changeprice", strings.NewReader(examples["changeprice"].body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-App-Key", value)
		resp, err := b.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%q: %d", value, resp.StatusCode)
		}
	}
	if len(b.s.logs) != 1 || b.s.logs[0].UserName != "总部" || b.s.logs[0].NewPrice != "6.5" {
		t.Errorf("%+v", b.s.logs)
	}
}

func TestWeixinPrefix(t *testing.T) {
	b := setup(t, nil)
	s, err := New(Params{Shop: b.s.p.Shop, WeixinPrefix: "/api/weixin/wxapp/"})
	if err != nil {
		t.Fatal(err)
	}
	if _, pattern := s.mux.Handler(httptest.NewRequest("POST", "/api/weixin/wxapp/login", nil)); pattern != "POST /api/weixin/wxapp/login" {
		t.Errorf("%q", pattern)
	}
	if _, pattern := s.mux.Handler(httptest.NewRequest("POST", weixinPrefix+"login", nil)); pattern != "/" {
		t.Errorf("%q", pattern)
	}
}

func TestQuirksAreChecked(t *testing.T) {
	p := newPlay(t)
	good := Quirks{NullSum: true}
	if err := p.s.SetQuirks(good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []Quirks{{Denied: "x"}, {ErrorStatus: 200}, {ErrorStatus: 600}, {HeaderName: "a"}, {HeaderValue: "a"}} {
		if p.s.SetQuirks(bad) == nil {
			t.Errorf("accepted %+v", bad)
		}
		if _, err := New(Params{Shop: p.s.p.Shop, Quirks: bad}); err == nil {
			t.Errorf("began with %+v", bad)
		}
	}
	if p.s.Quirks() != good {
		t.Errorf("%+v", p.s.Quirks())
	}
	shop := catalogue(t)
	shop.ShopID = largestLongID + 1
	if _, err := New(Params{Shop: shop, Quirks: Quirks{LongIDs: true}}); err == nil {
		t.Error("row ids overflow")
	}
	shop.ShopID = largestShopID + 1
	if _, err := New(Params{Shop: shop}); err == nil {
		t.Error("row ids overflow")
	}
}

func TestBenchOfHQ(t *testing.T) {
	b := setup(t, nil)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "quirks", "", 200, `{}`},
		{"POST", "quirks", `{"nullSum":true,"denied":"result"}`, 200, `{"nullSum":true,"denied":"result"}`},
		{"POST", "quirks", `{"nulSum":true}`, 400, ""},
		{"POST", "quirks", `{} {}`, 400, ""},
		{"POST", "quirks", ``, 400, ""},
		{"POST", "quirks", `{"denied":"no"}`, 400, ""},
		{"GET", "quirks", "", 200, `{"nullSum":true,"denied":"result"}`},
		{"POST", "quirks", `{}`, 200, `{}`},
		{"POST", "stock", `{"shopId":1,"productId":1001,"qty":"7.5"}`, 200, `{"shopId":1,"productId":1001,"qty":"7.5"}`},
		{"POST", "stock", `{"shopId":1,"productId":9,"qty":"7.5"}`, 400, ""},
		{"POST", "stock", `{"shopId":1,"productId":1001,"qty":"x"}`, 400, ""},
	} {
		status, got, err := b.do(c.method, Bench+c.path, c.body)
		if err != nil || status != c.status || c.want != "" && string(got) != c.want {
			t.Errorf("%s %s %s: %d %s %v", c.method, c.path, c.body, status, got, err)
		}
	}
	if rows := get[[]stockRow](b, "getstockproductlistbyclass?productClassId=1"); rows[0].Qty != "7.5" {
		t.Errorf("%+v", rows[0])
	}
}

// What is read as quirks is written as the same.
func FuzzReadQuirks(f *testing.F) {
	f.Add([]byte(`{"statusAsString":true,"idSeparator":";","errorStatus":404,"denied":"redirect","headerName":"a","headerValue":"b"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		q, err := readQuirks(bytes.NewReader(b))
		if err != nil {
			return
		}
		text, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := readQuirks(bytes.NewReader(text)); err != nil || again != q {
			t.Fatalf("%s: %+v instead of %+v, %v", text, again, q, err)
		}
	})
}

// Whatever a reply says, every form of it is JSON, and a table's spelling
// changes nothing but names.
func FuzzMangle(f *testing.F) {
	f.Add([]byte(`{"a":[],"b":{"ip":"\"ip\":[]{}tf-1","c":[true,false,null,-1.5e3]},"d":{}}`), uint8(255))
	f.Add([]byte(`[]`), uint8(4))
	f.Add([]byte(`7`), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, bits uint8) {
		var compact bytes.Buffer
		if json.Compact(&compact, body) != nil {
			return
		}
		on := func(bit uint8) bool { return bits&(1<<bit) != 0 }
		q := Quirks{Quoted: on(0), ExtraFields: on(1), NullLists: on(2), Sparse: on(3), TableSpelling: on(4)}
		got := q.mangle(compact.Bytes())
		if !json.Valid(got) {
			t.Fatalf("%s became %s with %+v", compact.Bytes(), got, q)
		}
		if d := cmp.Diff(compact.String(), string(Quirks{}.mangle(compact.Bytes()))); d != "" {
			t.Fatal(d)
		}
	})
}
