package hq

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/wire"
)

func yuan(s string) wire.Decimal { return wire.NewDecimal(decimal.RequireFromString(s)) }

var (
	apple = Product{
		ID: 12, ShopID: 7, ShopName: "一店", ProductID: 3, ProductCode: "00123", ProductName: "红富士苹果",
		ProductClass: "水果", ProductUnit: "斤", Price: yuan("8.5"), MemberPrice: yuan("7.99"),
		PricingType: PricingWeigh, PricingTypeName: "计重", Sort: 11, Images: []wire.Text{"/img/a.jpg"},
	}
	sameDecimal = cmp.Comparer(func(a, b wire.Decimal) bool { return a.Present == b.Present && a.Equal(b.Decimal) })
)

// The sample of HQ help page shopproduct, with values, in the forms the page
// leaves open.
const appleDoc = `{"shopId":7,"shopName":"一店","productId":3,"productCode":"00123","productName":"红富士苹果",
	"productClass":"水果","productUnit":"斤","price":8.50,"memberPrice":"7.99","pricingType":1,"pricingTypeName":"计重",
	"sort":"11","images":["/img/a.jpg"],"id":12}`

func TestReads(t *testing.T) {
	page := `{"data":[` + appleDoc + `],"pageIndex":2,"pageSize":"50","sumData":{"price":8.5},"totalCount":51}`
	tests := []struct {
		name, path, query, body string
		call                    func(*testing.T, *Client) (any, error)
		want                    any
	}{
		{
			"list", "getlist", "keyword=%E8%8B%B9%E6%9E%9C&pageIndex=2&pageSize=50&productClassId=4&shopId=7", page,
			func(t *testing.T, c *Client) (any, error) {
				return c.List(t.Context(), ListQuery{Keyword: "苹果", PageIndex: 1, PageSize: 50, ClassID: 4})
			},
			Page[Product]{Data: []Product{apple}, Sum: Product{Price: yuan("8.5")}, PageIndex: 2, PageSize: 50, TotalCount: 51},
		},
		{
			"list of all", "getlist", "keyword=&pageIndex=1&pageSize=100&productClassId=0&shopId=7", `{"data":null,"totalCount":0}`,
			func(t *testing.T, c *Client) (any, error) { return c.List(t.Context(), ListQuery{}) },
			Page[Product]{},
		},
		{
			"get", "get", "id=12", appleDoc,
			func(t *testing.T, c *Client) (any, error) { return c.Get(t.Context(), 12) }, apple,
		},
		{
			"by product", "getbyproductid", "productId=3&shopId=7", "\xef\xbb\xbf" + appleDoc,
			func(t *testing.T, c *Client) (any, error) { return c.GetByProductID(t.Context(), 3) }, apple,
		},
		{
			"by class", "getlistbyclass", "productClassId=4&shopId=7", "[" + appleDoc + "," + appleDoc + "]",
			func(t *testing.T, c *Client) (any, error) { return c.ListByClass(t.Context(), "4") }, []Product{apple, apple},
		},
		{
			"by products", "getlistbyproductids", "productIds=3%2C9&shopId=7", "[" + appleDoc + "]",
			func(t *testing.T, c *Client) (any, error) { return c.ListByProductIDs(t.Context(), []int64{3, 9}) }, []Product{apple},
		},
		{
			"none", "getlistbyclass", "productClassId=4&shopId=7", "null",
			func(t *testing.T, c *Client) (any, error) { return c.ListByClass(t.Context(), "4") }, []Product(nil),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/shop/shopproduct/"+tt.path || r.URL.RawQuery != tt.query || r.Method != http.MethodGet {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				_, _ = io.WriteString(w, tt.body)
			})
			got, err := tt.call(t, o.client(t))
			if diff := cmp.Diff(tt.want, got, sameDecimal); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestNoRequestForNothing(t *testing.T) {
	c := dial(t, Params{BaseURL: "http://127.0.0.1:1", ShopID: 1, Login: "x", Password: func() (string, error) { return "", errors.New("asked") }})
	if ps, err := c.ListByProductIDs(t.Context(), nil); ps != nil || err != nil {
		t.Error(ps, err)
	}
	if err := c.ChangePrices(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestZeroBasedPages(t *testing.T) {
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageIndex") != "0" {
			t.Error(r.URL)
		}
		_, _ = io.WriteString(w, emptyPage)
	})
	p := o.params()
	p.ZeroBasedPages = true
	if err := list(t, dial(t, p)); err != nil {
		t.Error(err)
	}
}

func TestAbsentPriceIsNotFree(t *testing.T) {
	for doc, present := range map[string]bool{
		`{"id":1,"price":0}`: true, `{"id":1,"price":null}`: false, `{"id":1,"price":""}`: false, `{"id":1}`: false,
	} {
		p, err := decodeProduct([]byte(doc))
		if err != nil || p.Price.Present != present {
			t.Errorf("%s: %v, %v", doc, p.Price.Present, err)
		}
	}
}

func TestReadsRefused(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   fault.Kind
		code   string
		says   string
	}{
		{"result", 200, `{"status":1001,"message":"无法购买"}`, fault.Refused, "hq.refused", "无法购买"},
		{"result as text", 200, `{"status":"1002","message":"已售罄"}`, fault.Refused, "hq.refused", "已售罄"},
		{"HQ's own fault", 200, `{"status":"500","message":"内部错误"}`, fault.Unreachable, "hq.server", "fault of its own"},
		{"HQ's own fault, said with the code", 200, `{"status":500,"message":"内部错误"}`, fault.Unreachable, "hq.server", "内部错误"},
		{"without reason", 200, `{"status":601}`, fault.Refused, "hq.refused", "601"},
		{"unknown status", 200, `{"status":777,"message":"?"}`, fault.Refused, "hq.refused", "777"},
		{"status twice", 200, `{"status":1001,"status":200}`, fault.Contract, "hq.unreadable", ""},
		{"200 without data", 200, `{"status":200,"message":""}`, fault.Contract, "hq.unreadable", ""},
		{"status in words", 200, `{"status":"bad"}`, fault.Contract, "hq.unreadable", ""},
		{"other object", 200, `{"hello":1}`, fault.Contract, "hq.unreadable", ""},
		{"garbage", 200, `{{`, fault.Contract, "hq.unreadable", ""},
		{"text", 200, `"hi"`, fault.Contract, "hq.unreadable", ""},
		{"web page", 200, "<html>", fault.Contract, "hq.web_page", "web page"},
		{"empty", 200, "", fault.Contract, "hq.empty", ""},
		{"HTTP 400 with reason", 400, `{"Message":"参数错误"}`, fault.Refused, "hq.refused", "参数错误"},
		{"HTTP 400", 400, `<html>`, fault.Refused, "hq.rejected", "400"},
		{"HTTP 404", 404, `{"Message":"No HTTP resource was found"}`, fault.Contract, "hq.route", "routes"},
		{"HTTP 500", 500, `{"Message":"An error has occurred."}`, fault.Unreachable, "hq.server", "500"},
		{"HTTP 429", 429, "", fault.Unreachable, "hq.busy", ""},
		{"too large", 200, strings.Repeat(" ", wire.MaxBody+1), fault.Contract, "hq.too_large", ""},
	}
	for _, tt := range tests {
		for what, u := range others(wire.Reads) {
			t.Run(tt.name+"/"+what, func(t *testing.T) {
				o := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, tt.body)
				})
				err := u.call(t, o.client(t))
				if fault.KindOf(err) != tt.kind || fault.CodeOf(err) != tt.code || !strings.Contains(fmt.Sprint(err), tt.says) {
					t.Errorf("%v (%s)", err, fault.CodeOf(err))
				}
			})
		}
	}
	if _, err := decodeProduct([]byte("null")); fault.CodeOf(err) != "hq.not_found" || fault.KindOf(err) != fault.Refused {
		t.Error(err)
	}
}

func TestStatusErrorCarriesTheCode(t *testing.T) {
	o := newOffice(t, says(`{"status":902,"message":"日结进行中"}`))
	err := o.client(t).ChangePrice(t.Context(), apple)
	var no *StatusError
	if !errors.As(err, &no) || no.Status != StatusSettling || fault.KindOf(err) != fault.Busy {
		t.Errorf("%v", err)
	}
}

func TestWrites(t *testing.T) {
	// Compared as documents, with numbers as they are written.
	const appleOut = `{"id":12,"shopId":7,"shopName":"一店","productId":3,"productCode":"00123","productName":"红富士苹果","productClass":"水果","productUnit":"斤","price":8.5,"memberPrice":7.99,"pricingType":"1","pricingTypeName":"计重","sort":11,"images":["/img/a.jpg"]}`
	plain := apple
	plain.MemberPrice = wire.Decimal{}
	tests := []struct {
		name, path, body string
		call             func(*testing.T, *Client) error
	}{
		{"one", "changeprice", appleOut, func(t *testing.T, c *Client) error { return c.ChangePrice(t.Context(), apple) }},
		{
			"without member price", "changeprice", strings.Replace(appleOut, `"memberPrice":7.99,`, "", 1),
			func(t *testing.T, c *Client) error { return c.ChangePrice(t.Context(), plain) },
		},
		{
			"several", "changeprices", "[" + appleOut + "," + appleOut + "]",
			func(t *testing.T, c *Client) error { return c.ChangePrices(t.Context(), []Product{apple, apple}) },
		},
		{
			"unified", "unifychangeprice", `{"shopIds":[7,8],"productId":3,"price":8.5,"memberPrice":0,"id":0}`,
			func(t *testing.T, c *Client) error {
				return c.UnifyChangePrice(t.Context(), UnifiedPrice{ShopIDs: []int64{7, 8}, ProductID: 3, Price: yuan("8.50"), MemberPrice: yuan("0")})
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
				raw, _ := io.ReadAll(r.Body)
				if r.URL.Path != "/api/shop/shopproduct/"+tt.path || r.Method != http.MethodPost ||
					r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
					t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
				}
				if diff := cmp.Diff(document(t, tt.body), document(t, string(raw))); diff != "" {
					t.Error(diff)
				}
				_, _ = io.WriteString(w, `{"status":"200","message":"ok"}`)
			})
			if err := tt.call(t, o.client(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func document(t *testing.T, s string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Errorf("%q: %v", s, err)
	}
	return v
}

func TestPriceNobodyNamedIsNotSent(t *testing.T) {
	o := newOffice(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") })
	c := o.client(t)
	free := apple
	free.Price = wire.Decimal{}
	for name, err := range map[string]error{
		"one":     c.ChangePrice(t.Context(), free),
		"several": c.ChangePrices(t.Context(), []Product{apple, free}),
		"unified": c.UnifyChangePrice(t.Context(), UnifiedPrice{ShopIDs: []int64{1}, ProductID: 1}),
		"no shop": c.UnifyChangePrice(t.Context(), UnifiedPrice{ProductID: 1, Price: yuan("1")}),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	p := (&office{url: "http://" + ln.Addr().String()}).params()
	if err := list(t, dial(t, p)); fault.KindOf(err) != fault.Unreachable || fault.CodeOf(err) != "hq.unreachable" {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	for code, change := range map[string]func(*Params){
		"hq.setting_missing":    func(p *Params) { p.BaseURL = "" },
		"hq.setting_missing ":   func(p *Params) { p.ShopID = 0 },
		"hq.setting_missing  ":  func(p *Params) { p.Login = "" },
		"hq.setting_missing   ": func(p *Params) { p.Login, p.Password = "", nil },
		"hq.insecure":           func(p *Params) { p.BaseURL = "http://api.example.com" },
		"hq.route_unknown":      func(p *Params) { p.Routes = map[string]string{"logon": "x"} },
		"hq.route_setting":      func(p *Params) { p.Routes = map[string]string{"login": "https://evil.example.com"} },
		"hq.address":            func(p *Params) { p.PictureOrigins = []string{"img.example.com"} },
	} {
		p := (&office{url: "https://api.example.com"}).params()
		change(&p)
		if _, err := New(p); fault.CodeOf(err) != strings.TrimSpace(code) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestRouteOverride(t *testing.T) {
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/goods" {
			t.Error(r.URL)
		}
		_, _ = io.WriteString(w, emptyPage)
	})
	p := o.params()
	p.Routes = map[string]string{"GetList": "/v2/goods"}
	if err := list(t, dial(t, p)); err != nil {
		t.Error(err)
	}
}

// HQ's own fault under a good HTTP status is asked again like HTTP 500.
func TestOwnFaultIsAskedAgain(t *testing.T) {
	const broken = `{"status":"500","message":"超时"}`
	for _, tt := range []struct {
		name    string
		replies []string
		code    string
		hits    int32
	}{
		{"once", []string{broken, emptyPage}, "", 2},
		{"for ever", []string{broken}, "hq.server", 3},
		{"around an empty page", []string{`{"status":500,"message":"超时","data":[],"totalCount":0}`}, "hq.server", 3},
		{"a refusal is not", []string{`{"status":1001,"message":"无法购买"}`}, "hq.refused", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var hits atomic.Int32
			o := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
				n := min(int(hits.Add(1)), len(tt.replies))
				_, _ = io.WriteString(w, tt.replies[n-1])
			})
			if err := list(t, o.client(t)); fault.CodeOf(err) != tt.code || hits.Load() != tt.hits {
				t.Errorf("%v after %d requests", err, hits.Load())
			}
		})
	}
}

func TestARefusalInTheShellOfAPageIsNoEmptyShop(t *testing.T) {
	o := newOffice(t, says(`{"status":601,"message":"卡不可用","data":null,"totalCount":0}`))
	if err := list(t, o.client(t)); fault.KindOf(err) != fault.Refused {
		t.Error(err)
	}
	if _, err := decodePage[Product]([]byte(`{"status":0,"data":[],"totalCount":0}`)); err != nil {
		t.Errorf("a status of 0: %v", err)
	}
}

func TestAnotherProductThanAskedForIsRefused(t *testing.T) {
	o := newOffice(t, says(appleDoc))
	c := o.client(t)
	for _, ask := range []func() error{
		func() error { return second(c.GetByProductID(t.Context(), 99)) },
		func() error { return second(c.Get(t.Context(), 99)) },
	} {
		if err := ask(); fault.CodeOf(err) != "hq.another_product" || fault.KindOf(err) != fault.Contract {
			t.Errorf("%v", err)
		}
	}
}

func TestNothingElseLeadsToDeleteAll(t *testing.T) {
	for action, route := range map[string]string{
		ActionResetDownload: "api/shop/shopproduct/deleteall", ActionLogin: "/API/Shop/ShopProduct/DeleteAll",
		ActionChangePrice: "api/shop/shopproduct/changeprices", ActionDelete: "other/deleteall/",
	} {
		_, err := New(Params{BaseURL: "https://hq.example.com", ShopID: 1, Login: "l", Password: func() (string, error) { return "p", nil }, Routes: map[string]string{action: route}})
		if fault.CodeOf(err) != "hq.route_twice" {
			t.Errorf("%s by %s: %v", action, route, err)
		}
	}
}
