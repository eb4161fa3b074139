package contracttest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/wire"
)

func hqClient(t testing.TB, url string) *hq.Client {
	t.Helper()
	c, err := hq.New(hq.Params{
		BaseURL: url, Tenant: hqTenant, Login: hqLogin, ShopID: hqShopID,
		Password: func() (string, error) { return hqPassword, nil },
		Reply:    patience, Backoff: time.Millisecond, Attempts: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// hqRead is a question, with the document that has to come out.
func hqRead[T any](name string, ask func() (T, error), held func() any) action {
	return action{name: name, route: hqRoute(name),
		try: func() heard {
			v, err := ask()
			if err != nil {
				return heard{err: err}
			}
			return heard{facts: said(v)}
		},
		held: func() facts { return factsOf(held()) },
	}
}

func hqRoute(action string) string {
	switch {
	case strings.Contains(action, "config") || action == "login":
		return weixinRoute + action
	case strings.HasPrefix(action, "bill"):
		return uploadRoute + action
	}
	return productRoute + action
}

// hqDeed is a deed. It has nothing to tell but that it was done.
func hqDeed(name string, do func() error) action {
	return action{name: name, route: hqRoute(name), deed: true,
		try: func() heard {
			err := do()
			kind := fault.KindOf(err)
			return heard{facts: facts{}, err: err, sent: err == nil || kind != fault.Unreachable && kind != fault.Invalid}
		},
		held: func() facts { return facts{} },
	}
}

func price(s string) wire.Decimal { return wire.NewDecimal(decimal.RequireFromString(s)) }

// hqActions are all actions of the help pages that the client has, but login.
func hqActions(t testing.TB, h *headOffice, c *hq.Client) []action {
	return append(hqReads(t, h, c), hqDeeds(t, c)...)
}

// hqReads are all that only ask.
func hqReads(t testing.TB, h *headOffice, c *hq.Client) []action {
	ctx := t.Context()
	rows := func(all []any) func() any { return func() any { return list(all) } }
	one := func() any { return h.products[0] }
	page := func(all []any, sum object) func() any {
		return func() any {
			p := hqPage(all, sum, 1, 2)
			return p.with("sum", p.get("sumData")).without("sumData")
		}
	}
	first := hq.ListQuery{PageSize: 2}
	return []action{
		hqRead("get", func() (hq.Product, error) { return c.Get(ctx, 11) }, one),
		hqRead("getbyproductid", func() (hq.Product, error) { return c.GetByProductID(ctx, 101) }, one),
		hqRead("getlist", func() (hq.Page[hq.Product], error) { return c.List(ctx, first) }, page(h.products, hqProductSum)),
		hqRead("getlistbyclass", func() ([]hq.Product, error) { return c.ListByClass(ctx, "5") }, rows(h.products)),
		hqRead("getlistbyproductids", func() ([]hq.Product, error) { return c.ListByProductIDs(ctx, []int64{101, 102, 103}) }, rows(h.products)),
		hqRead("getstockproductlist", func() (hq.Page[hq.Stock], error) { return c.StockList(ctx, first) }, page(h.stock, hqStockSum)),
		hqRead("getstockproductlistbyclass", func() ([]hq.Stock, error) { return c.StockListByClass(ctx, "5") }, rows(h.stock)),
		hqRead("getshoplist", func() ([]hq.Shop, error) { return c.ShopList(ctx, 101) }, func() any {
			return without("appSecret")(without("appKey")(list(h.shops)))
		}),
		hqRead("getappconfig", func() (hq.AppConfig, error) { return c.AppConfig(ctx) }, func() any {
			return obj("appID", "wx5511", "hasSecret", true)
		}),
		hqRead("getmembercardconfig", func() (hq.MemberCardPage, error) { return c.MemberCardPage(ctx) }, func() any { return h.card }),
	}
}

// hqDeeds are all that change something.
func hqDeeds(t testing.TB, c *hq.Client) []action {
	ctx := t.Context()
	to := hq.Assignment{ShopIDs: []int64{7, 8}, ProductIDs: []int64{101, 102}, ClassID: 5}
	return []action{
		hqDeed("addproduct", func() error { return c.AddProducts(ctx, to) }),
		hqDeed("addproductbyclass", func() error { return c.AddProductsByClass(ctx, to) }),
		hqDeed("delete", func() error { return c.Delete(ctx, []int64{11, 12}) }),
		hqDeed("deleteall", func() error { return c.DeleteAll(ctx) }),
		hqDeed("resetdownload", func() error { return c.ResetDownload(ctx) }),
		hqDeed("saveappconfig", func() error { return c.SaveAppConfig(ctx, "wx5512", "new-"+hqSecret) }),
		hqDeed("savemembercardconfig", func() error {
			return c.SaveMemberCardPage(ctx, hq.MemberCardPage{ID: 6, Phone: "4007654321", Prerogative: "八折"})
		}),
		hqDeed("changeprice", func() error {
			return c.ChangePrice(ctx, hq.Product{ID: 11, ShopID: 7, ProductID: 101, Price: price("7.5"), MemberPrice: price("7.05")})
		}),
		hqDeed("changeprices", func() error {
			return c.ChangePrices(ctx, []hq.Product{
				{ID: 11, ShopID: 7, ProductID: 101, Price: price("7.5"), MemberPrice: price("7.05")},
				{ID: 12, ShopID: 7, ProductID: 102, Price: price("31"), MemberPrice: price("30")},
			})
		}),
		hqDeed("unifychangeprice", func() error {
			return c.UnifyChangePrice(ctx, hq.UnifiedPrice{ShopIDs: []int64{7, 8}, ProductID: 103, Price: price("16.5"), MemberPrice: price("16")})
		}),
		hqDeed("billpaymentupload", func() error { return uploadPayments(ctx, c, "T3-1-000007") }),
		hqDeed("billsaleupload", func() error { return uploadSales(ctx, c, "T3-1-000007") }),
	}
}

var billedAt = hq.Time{Time: time.Date(2026, 1, 15, 10, 11, 30, 0, time.UTC)}

func uploadPayments(ctx context.Context, c *hq.Client, code string) error {
	row := hq.BillPayment{Code: code, RandomCode: "r-" + code, DeviceCode: "T3", PaymentType: hq.PayCash, Money: price("12.3"), UserName: "梅", PayTime: billedAt, CreateTime: billedAt}
	rows, err := c.PaymentRows([]hq.BillPayment{row})
	if err != nil {
		return err
	}
	return c.UploadPayments(ctx, rows)
}

func uploadSales(ctx context.Context, c *hq.Client, code string) error {
	row := hq.BillSale{Code: code, DeviceCode: "T3", ProductID: 101, Quantity: price("1.462"), Price: price("9.98"), Money: price("14.59"), CreateTime: billedAt}
	rows, err := c.SaleRows([]hq.BillSale{row})
	if err != nil {
		return err
	}
	return c.UploadSales(ctx, rows)
}

// TestHQ tries every quirk on every action.
func TestHQ(t *testing.T) {
	t.Parallel()
	for _, q := range quirks() {
		t.Run(q.name, func(t *testing.T) {
			for i, name := range hqNames(t) {
				if q.tries(i) {
					t.Run(name, func(t *testing.T) { tryHQ(t, name, q.manner(t), q.hq) })
				}
			}
		})
	}
}

func hqNames(t *testing.T) []string {
	var names []string
	h := newHeadOffice(t)
	for _, a := range hqActions(t, h, hqClient(t, h.url)) {
		names = append(names, a.name)
	}
	return names
}

// tryHQ tries one manner on one action of a fresh office.
func tryHQ(t *testing.T, name string, m manner, e expected) {
	t.Helper()
	h := newHeadOffice(t)
	c := hqClient(t, h.url)
	tryHQOn(t, h, c, name, m, e)
}

func tryHQOn(t *testing.T, h *headOffice, c *hq.Client, name string, m manner, e expected) {
	t.Helper()
	for _, a := range hqActions(t, h, c) {
		if a.name != name {
			continue
		}
		if _, err := c.Get(t.Context(), 11); err != nil { // logs in
			t.Fatal(err)
		}
		before := h.executed(a.route)
		h.behave(m, a.route)
		a.check(t, &h.stranger, before, a.try(), a.want(e))
	}
}

// TestHQLogin tries the quirks on the login itself, which is a POST that
// changes nothing.
func TestHQLogin(t *testing.T) {
	t.Parallel()
	for _, q := range quirks() {
		if q.name == "redirect within the host" {
			continue // a redirect to a path with "login" in it is HQ's way of saying no
		}
		t.Run(q.name, func(t *testing.T) {
			h := newHeadOffice(t)
			c := hqClient(t, h.url)
			h.behave(q.manner(t), weixinRoute+"login")
			login := action{name: "login", route: weixinRoute + "login", held: func() facts { return facts{} },
				try: func() heard { return heard{facts: facts{}, err: c.Login(t.Context())} }}
			login.check(t, &h.stranger, 0, login.try(), q.gateways.read)
			if q.gateways.read.whole() {
				if _, err := c.Get(t.Context(), 11); err != nil {
					t.Errorf("after the login: %v", detail(err))
				}
			}
		})
	}
}

func TestHQWrongPassword(t *testing.T) {
	h := newHeadOffice(t)
	c, err := hq.New(hq.Params{BaseURL: h.url, Tenant: hqTenant, Login: hqLogin, ShopID: hqShopID,
		Password: func() (string, error) { return "wrong", nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(t.Context()); fault.KindOf(err) != fault.Credentials {
		t.Errorf("got %v", err)
	}
	if n := len(h.requests(weixinRoute + "login")); n != 1 {
		t.Errorf("asked %d times with a wrong password", n)
	}
}

// TestHQSessionEnds ends the session on the server before each action, and
// says so in each way there is: the client logs in afresh, and the deed is done
// once.
func TestHQSessionEnds(t *testing.T) {
	t.Parallel()
	for way, away := range map[string]func() reply{
		"401": nil,
		"403": func() reply { return reply{status: http.StatusForbidden} },
		"a page": func() reply {
			return reply{status: http.StatusFound, header: [][2]string{{"Location", "/Account/Login?ReturnUrl=%2f"}}}
		},
		"a status": func() reply { return hqResult(401, "") },
		"words":    func() reply { return hqResult(500, "登录超时，请重新登录") },
	} {
		for _, name := range hqNames(t) {
			t.Run(way+"/"+name, func(t *testing.T) {
				h := newHeadOffice(t)
				h.away = away
				c := hqClient(t, h.url)
				if err := c.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				h.expire()
				for _, a := range hqActions(t, h, c) {
					if a.name == name {
						a.check(t, &h.stranger, 0, a.try(), outcome{})
					}
				}
				if h.sessions != 2 {
					t.Errorf("%d logins, want 2", h.sessions)
				}
			})
		}
	}
}

// TestHQStatus answers with each status there may be, in place of what was
// asked for. None but 200 is a success, and for a deed only the documented ways
// of saying no are a refusal.
func TestHQStatus(t *testing.T) {
	t.Parallel()
	no := fails(fault.Refused, "refused")
	unclear := fails(fault.Unknown, "")
	table := map[string]expected{
		"500": {fails(fault.Unreachable, "server"), unclear},
		"601": both(no), "602": both(no), "605": both(no), "704": both(no), "901": both(no), "1001": both(no), "1002": both(no),
		"702": {no, unclear}, "703": {no, unclear}, "1003": {no, unclear},
		"902": both(fails(fault.Busy, "settling")),
		"777": {no, unclear}, "0": {no, unclear}, "-1": {no, unclear}, "201": {no, unclear}, "20000": {no, unclear},
		"701": {no, unclear}, "801": {no, unclear},
	}
	for status, e := range table {
		for _, name := range hqNames(t) {
			for form, v := range map[string]any{"number": number(status), "text": status} {
				t.Run(status+" as "+form+"/"+name, func(t *testing.T) {
					m := manner{shape: func(any) any { return obj("message", "新的状态", "status", v) }}
					tryHQ(t, name, m, e)
				})
			}
		}
	}
}

// TestHQDeedStatusSpelling answers deeds with success in every spelling, and
// with what must not pass for it.
func TestHQDeedStatusSpelling(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[string]outcome{
		`{"status":200}`:                              {},
		`{"status":"200","message":null}`:             {},
		`{"STATUS":200,"Message":"ok"}`:               {},
		`{"message":"","status":" 200 "}`:             {},
		`{"message":"ok"}`:                            fails(fault.Unknown, ""),
		`{"status":null}`:                             fails(fault.Unknown, ""),
		`{"status":""}`:                               fails(fault.Unknown, ""),
		`{"status":true}`:                             fails(fault.Unknown, ""),
		`{"status":"OK"}`:                             fails(fault.Unknown, ""),
		`{"status":[200]}`:                            fails(fault.Unknown, ""),
		`{"status":{"code":200}}`:                     fails(fault.Unknown, ""),
		`[{"status":200}]`:                            fails(fault.Unknown, ""),
		`{"data":{"status":200}}`:                     fails(fault.Unknown, ""),
		`{"status":500,"status":200}`:                 fails(fault.Unknown, ""),
		`{"status":200,"status":500}`:                 fails(fault.Unknown, ""),
		`{"status":200,"Status":500}`:                 fails(fault.Unknown, ""),
		`null`:                                        fails(fault.Unknown, ""),
		`true`:                                        fails(fault.Unknown, ""),
		`{"status":20000000000000000000000000000000}`: fails(fault.Unknown, ""),
	} {
		t.Run(spelling, func(t *testing.T) {
			m := manner{text: func([]byte) []byte { return []byte(spelling) }}
			tryHQ(t, "changeprice", m, expected{deed: want})
		})
	}
}
