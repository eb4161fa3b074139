package hqtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// request is a good call of one action: a read that has rows, or a deed that
// changes something.
type request struct {
	query string
	body  string
}

func (r request) path(a action) string {
	prefix := map[string]string{productPage: productPrefix, weixinPage: weixinPrefix, uploadPage: uploadPrefix}[a.page]
	return prefix + a.name + "?" + r.query
}

var examples = map[string]request{
	"get":                        {query: "id=100000001001"},
	"getbyproductid":             {query: "productId=1001&shopId=1"},
	"getlist":                    {query: "keyword=&pageIndex=1&pageSize=2&productClassId=1&shopId=1"},
	"getlistbyclass":             {query: "productClassId=1&shopId=1"},
	"getlistbyproductids":        {query: "productIds=1001,1002&shopId=1"},
	"getstockproductlist":        {query: "keyword=&pageIndex=1&pageSize=2&productClassId=1&shopId=1"},
	"getstockproductlistbyclass": {query: "productClassId=1&shopId=1"},
	"getshoplist":                {query: "productId=1001"},
	"addproduct":                 {body: `{"shopIds":[1,2],"productIds":[3001]}`},
	"addproductbyclass":          {body: `{"shopIds":[1],"productClassId":2}`},
	"changeprice":                {body: `{"id":100000001001,"shopId":1,"productId":1001,"price":6.5,"memberPrice":6.0}`},
	"changeprices":               {body: `[{"shopId":1,"productId":1001,"price":6.5,"memberPrice":6.0}]`},
	"unifychangeprice":           {body: `{"shopIds":[1,2],"productId":1001,"price":6.5,"memberPrice":6.0}`},
	"delete":                     {body: `[100000001001]`},
	"deleteall":                  {body: `{}`},
	"resetdownload":              {body: `{}`},
	"getappconfig":               {},
	"saveappconfig":              {body: `{"appID":"wx1","appSecret":"s1"}`},
	"getmembercardconfig":        {},
	"savemembercardconfig":       {body: `{"phone":"12345"}`},
	"billpaymentupload":          {body: `[{"code":"T1-1-000001","paymentType":1,"money":6.5,"payTime":"2026-05-01 10:00:00","createTime":"2026-05-01 10:00:00"}]`},
	"billsaleupload":             {body: `[{"code":"T1-1-000001","productId":1001,"qty":1.25,"price":5.2,"money":6.5,"createTime":"2026-05-01 10:00:00"}]`},
}

func actionNamed(t testing.TB, name string) action {
	t.Helper()
	i := slices.IndexFunc(actions, func(a action) bool { return a.name == name })
	if i < 0 {
		t.Fatalf("no action %s", name)
	}
	return actions[i]
}

// catalogue is the test shop with an apple that is on sale nowhere, and with a
// branch that has a price of its own.
func catalogue(t testing.TB) *shopdata.Shop {
	t.Helper()
	shop := testShop(t)
	pear := shop.Products[4]
	pear.ProductID, pear.ProductName, pear.Unlisted = 3001, "雪梨", true
	shop.Products = append(shop.Products, pear)
	shop.Branches[0].Prices = []shopdata.BranchPrice{{ProductID: 1001, Price: 6_28, MemberPrice: 6_18}, {ProductID: 3001, Price: 1_11}}
	return shop
}

// play starts a server on the catalogue with somebody logged in already.
type play struct {
	t       testing.TB
	s       *Server
	c       *http.Client
	u       string
	changed func() // set before the call it is for
}

func newPlay(t testing.TB) *play {
	t.Helper()
	p := &play{t: t, changed: func() {}}
	s, err := New(Params{
		Shop: catalogue(t), Sleep: func(context.Context, time.Duration) {},
		OnChange: func(bool) { p.changed() },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.sessions["x"] = session{1, time.Now().Add(time.Hour)}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	c := srv.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p.s, p.c, p.u = s, c, srv.URL
	return p
}

func (p *play) faults(spec string) {
	p.t.Helper()
	if err := p.s.SetFaults(spec); err != nil {
		p.t.Fatal(err)
	}
}

type reply struct {
	status int
	header http.Header
	body   []byte
	err    error
}

func (p *play) call(ctx context.Context, a action, r request) reply {
	p.t.Helper()
	req, err := http.NewRequestWithContext(ctx, a.method, p.u+r.path(a), bytes.NewReader([]byte(r.body)))
	if err != nil {
		p.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: Cookie, Value: "x"})
	req.Header.Set("Accept-Encoding", "identity") // the reply as it is
	resp, err := p.c.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body, err}
}

func (p *play) state() string {
	p.t.Helper()
	b, err := p.s.State()
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

var _ standin.Controlled = (*Server)(nil)
