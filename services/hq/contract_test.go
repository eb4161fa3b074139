package hq

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cashier/services/wire"
)

// use is one action of the contract in use: by its method, by its name, and
// with what HQ would answer.
type use struct {
	call func(*testing.T, *Client) error
	args []wire.Arg // for Call, what the settings do not say
	said string
}

const done = `{"status":200,"message":""}`

var (
	page  = MemberCardPage{ID: 6, LogoURL: "/l.png", BackgroundURL: "/b.png", Phone: "400", Prerogative: "会员价", Description: "须知"}
	offer = Assignment{ShopIDs: []int64{1, 2}, ProductIDs: []int64{1, 2}, ClassID: 1}
)

func second[T any](_ T, err error) error { return err }

// uses has every action once; TestEveryActionIsUsed holds it to that.
var uses = map[string]use{
	ActionGet: {
		func(t *testing.T, c *Client) error { return second(c.Get(t.Context(), 12)) },
		[]wire.Arg{{Name: "id", Value: "12"}}, appleDoc,
	},
	ActionGetByProductID: {
		func(t *testing.T, c *Client) error { return second(c.GetByProductID(t.Context(), 9007199254740993)) },
		[]wire.Arg{{Name: "productId", Value: "9007199254740993"}}, strings.Replace(appleDoc, `"productId":3,`, `"productId":9007199254740993,`, 1),
	},
	ActionGetList: {list, nil, emptyPage},
	ActionGetListByClass: {
		func(t *testing.T, c *Client) error { return second(c.ListByClass(t.Context(), "4")) },
		[]wire.Arg{{Name: "productClassId", Value: "4"}}, `[` + appleDoc + `]`,
	},
	ActionStockList: {
		func(t *testing.T, c *Client) error {
			return second(c.StockList(t.Context(), ListQuery{Keyword: "苹果", PageIndex: 2, PageSize: 50, ClassID: 4}))
		},
		[]wire.Arg{{Name: "keyword", Value: "苹果"}, {Name: "pageIndex", Value: "3"}, {Name: "pageSize", Value: "50"}, {Name: "productClassId", Value: "4"}},
		emptyPage,
	},
	ActionStockListByClass: {
		func(t *testing.T, c *Client) error { return second(c.StockListByClass(t.Context(), "4")) },
		[]wire.Arg{{Name: "productClassId", Value: "4"}}, `[]`,
	},
	ActionGetListByProducts: {
		func(t *testing.T, c *Client) error { return second(c.ListByProductIDs(t.Context(), []int64{3, 9})) },
		[]wire.Arg{{Name: "productIds", Value: "3,9"}}, `[]`,
	},
	ActionShopList: {
		func(t *testing.T, c *Client) error { return second(c.ShopList(t.Context(), 3)) },
		[]wire.Arg{{Name: "productId", Value: "3"}}, `[]`,
	},
	ActionAddProduct: {
		func(t *testing.T, c *Client) error { return c.AddProducts(t.Context(), offer) },
		[]wire.Arg{{Name: "shopIds", Value: "1,2"}, {Name: "productIds", Value: "1,2"}, {Name: "productClassId", Value: "1"}}, done,
	},
	ActionAddProductByClass: {
		func(t *testing.T, c *Client) error {
			return c.AddProductsByClass(t.Context(), Assignment{ShopIDs: []int64{7}, ClassID: 4})
		},
		[]wire.Arg{{Name: "productClassId", Value: "4"}}, done,
	},
	ActionChangePrice:  {func(t *testing.T, c *Client) error { return c.ChangePrice(t.Context(), apple) }, appleArgs, done},
	ActionChangePrices: {func(t *testing.T, c *Client) error { return c.ChangePrices(t.Context(), []Product{apple}) }, appleArgs, done},
	ActionUnifyChangePrice: {
		func(t *testing.T, c *Client) error {
			return c.UnifyChangePrice(t.Context(), UnifiedPrice{ShopIDs: []int64{7}, ProductID: 3, Price: yuan("8.50"), MemberPrice: yuan("7.99")})
		},
		[]wire.Arg{{Name: "productId", Value: "3"}, {Name: "price", Value: "8.50"}, {Name: "memberPrice", Value: "7.99"}}, done,
	},
	ActionDelete: {
		func(t *testing.T, c *Client) error { return c.Delete(t.Context(), []int64{1, 2}) },
		[]wire.Arg{{Name: "ids", Value: "1, 2"}}, done,
	},
	ActionDeleteAll:     {func(t *testing.T, c *Client) error { return c.DeleteAll(t.Context()) }, nil, done},
	ActionResetDownload: {func(t *testing.T, c *Client) error { return c.ResetDownload(t.Context()) }, nil, done},
	ActionAppConfig: {
		func(t *testing.T, c *Client) error { return second(c.AppConfig(t.Context())) }, nil, `{"appID":"wx1","appSecret":""}`,
	},
	ActionSaveAppConfig: {
		func(t *testing.T, c *Client) error { return c.SaveAppConfig(t.Context(), "wx1", "s-1") },
		[]wire.Arg{{Name: "appID", Value: "wx1"}, {Name: "appSecret", Value: "s-1"}}, done,
	},
	ActionMemberCardConfig: {
		func(t *testing.T, c *Client) error { return second(c.MemberCardPage(t.Context())) }, nil, `{"id":6}`,
	},
	ActionSaveMemberCardConfig: {
		func(t *testing.T, c *Client) error { return c.SaveMemberCardPage(t.Context(), page) },
		[]wire.Arg{
			{Name: "id", Value: "6"}, {Name: "logoUrl", Value: "/l.png"}, {Name: "backgroundUrl", Value: "/b.png"},
			{Name: "phone", Value: "400"}, {Name: "prerogative", Value: "会员价"}, {Name: "description", Value: "须知"},
		}, done,
	},
	ActionLogin: {func(t *testing.T, c *Client) error { return c.Login(t.Context()) }, nil, done},
	ActionUploadPayments: {
		func(t *testing.T, c *Client) error {
			rows, err := c.PaymentRows([]BillPayment{cashPaid})
			if err != nil {
				return err
			}
			return c.UploadPayments(t.Context(), rows)
		},
		[]wire.Arg{
			{Name: "code", Value: "7HX2KQ-1-000042"}, {Name: "randomCode", Value: "01jtest"}, {Name: "stallId", Value: "3"}, {Name: "deviceCode", Value: "POS1"},
			{Name: "paymentType", Value: "1"}, {Name: "money", Value: "12.30"}, {Name: "memberCardCode", Value: ""}, {Name: "userId", Value: "0"},
			{Name: "userName", Value: "梅"}, {Name: "payTime", Value: "2026-03-08 20:00:01"}, {Name: "createTime", Value: "2026-03-08 20:00:02"},
		}, done,
	},
	ActionUploadSales: {
		func(t *testing.T, c *Client) error {
			rows, err := c.SaleRows([]BillSale{appleSold})
			if err != nil {
				return err
			}
			return c.UploadSales(t.Context(), rows)
		},
		[]wire.Arg{
			{Name: "code", Value: "7HX2KQ-1-000042"}, {Name: "deviceCode", Value: "POS1"}, {Name: "productId", Value: "3"}, {Name: "qty", Value: "1.462"},
			{Name: "price", Value: "6.99"}, {Name: "money", Value: "10.22"}, {Name: "createTime", Value: "2026-03-08 20:00:02"},
		}, done,
	},
}

// Sold in China at eight in the evening.
var (
	soldAt   = time.Date(2026, 3, 8, 12, 0, 2, 0, time.UTC).In(wire.China)
	cashPaid = BillPayment{
		Code: "7HX2KQ-1-000042", RandomCode: "01jtest", StallID: 3, DeviceCode: "POS1", PaymentType: PayCash, Money: yuan("12.30"),
		UserName: "梅", PayTime: Time{soldAt.Add(-time.Second)}, CreateTime: Time{soldAt},
	}
	appleSold = BillSale{
		Code: "7HX2KQ-1-000042", DeviceCode: "POS1", ProductID: 3, Quantity: yuan("1.462"), Price: yuan("6.99"), Money: yuan("10.22"), CreateTime: Time{soldAt},
	}
)

// shopId is left to the settings.
var appleArgs = []wire.Arg{
	{Name: "id", Value: "12"}, {Name: "shopName", Value: "一店"}, {Name: "productId", Value: "3"}, {Name: "productCode", Value: "00123"},
	{Name: "productName", Value: "红富士苹果"}, {Name: "productClass", Value: "水果"}, {Name: "productUnit", Value: "斤"},
	{Name: "price", Value: "8.5"}, {Name: "memberPrice", Value: "7.99"}, {Name: "pricingType", Value: "1"},
	{Name: "pricingTypeName", Value: "计重"}, {Name: "sort", Value: "11"}, {Name: "images", Value: "/img/a.jpg"},
}

// others are the uses but the login, which HQ answers before any session.
func others(effect wire.Effect) map[string]use {
	picked := map[string]use{}
	for _, a := range Actions() {
		if a.Effect == effect && a.Name != ActionLogin {
			picked[a.Name] = uses[a.Name]
		}
	}
	return picked
}

// The names, verbs and paths of HQ help page shopproduct's own list.
const helpList = `get GET, getbyproductid GET, getlist GET, getlistbyclass GET, getstockproductlist GET,
	getstockproductlistbyclass GET, getlistbyproductids GET, getshoplist GET, addproduct POST, addproductbyclass POST,
	changeprice POST, changeprices POST, unifychangeprice POST, delete POST, deleteall POST, resetdownload POST`

// Those of HQ help page shopupload that a till needs.
const uploadList = `billpaymentupload, billsaleupload`

func TestEveryActionIsUsed(t *testing.T) {
	actions := map[string]wire.Action{}
	for _, a := range Actions() {
		actions[a.Name] = a
		if uses[a.Name].call == nil {
			t.Errorf("%s is not used", a.Name)
		}
		if guarded := a.Effect == wire.Writes; a.Guarded != guarded {
			t.Errorf("%s: guarded %v", a.Name, a.Guarded)
		}
	}
	for row := range strings.SplitSeq(helpList, ",") {
		name, verb, _ := strings.Cut(strings.TrimSpace(row), " ")
		if a := actions[name]; a.Method != verb || a.Path != "api/shop/shopproduct/"+name || (verb == "POST") != bool(a.Effect) {
			t.Errorf("%s %s: %+v", verb, name, a)
		}
	}
	for name := range strings.SplitSeq(uploadList, ", ") {
		if a := actions[name]; a.Method != "POST" || a.Path != "api/shop/shopupload/"+name || a.Effect != wire.Writes {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if len(actions) != 16+5+2 || len(uses) != 16+5+2 {
		t.Errorf("%d actions, %d uses", len(actions), len(uses))
	}
}

func TestActionsCannotBeChangedForAll(t *testing.T) {
	Actions()[0].Fields[0].Name = "spoilt"
	if got := Actions()[0].Fields[0].Name; got != "id" {
		t.Error(got)
	}
}

// The fields of each action that has a body are those of the page's sample.
func TestFieldsAreThoseOfTheSamples(t *testing.T) {
	for _, a := range Actions() {
		if a.Method != "POST" || a.Body == wire.IDs || a.Name == ActionUploadSales { // no public copy of the page has that sample
			continue
		}
		sample := help(t, a.Name+".request.json")
		if list, ok := sample.([]any); ok {
			sample = list[0]
		}
		object, ok := sample.(map[string]any)
		if !ok || len(object) != len(a.Fields) {
			t.Errorf("%s: %d fields, %v", a.Name, len(a.Fields), sample)
		}
		for _, f := range a.Fields {
			if _, ok := object[f.Name]; !ok {
				t.Errorf("%s: “%s” is not in the sample", a.Name, f.Name)
			}
		}
	}
}

// help is a sample of the help pages, as it stands there.
func help(t testing.TB, name string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(helpText(t, name))))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(name, err)
	}
	return v
}

func helpText(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "help", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A session may end between any two requests, and HQ may say so in any way it has.
func TestEveryActionLogsInAgain(t *testing.T) {
	for name, u := range uses {
		if name == ActionLogin {
			continue
		}
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, says(u.said))
			for i, refuse := range []string{"", `{"status":"500","message":"用户未登录，请重新登录"}`} {
				if refuse != "" {
					o.refuse = says(refuse)
				}
				c := o.client(t)
				if err := u.call(t, c); err != nil {
					t.Fatal(err)
				}
				o.expire()
				if err := u.call(t, c); err != nil || int(o.logins.Load()) != 2*(i+1) || int(o.turned.Load()) != i+1 {
					t.Errorf("by its method: %v after %d logins, %d turned away", err, o.logins.Load(), o.turned.Load())
				}
			}
			c := o.client(t)
			if _, err := c.Call(t.Context(), name, u.args); err != nil {
				t.Fatal(err)
			}
			o.expire()
			said, err := c.Call(t.Context(), name, u.args)
			if err != nil || o.logins.Load() != 6 || strings.Contains(said.Body, "未登录") {
				t.Errorf("by its name: %v after %d logins: %s", err, o.logins.Load(), said.Body)
			}
		})
	}
}

// The placeholders above all must give way to a route somebody has found out.
func TestEveryRouteCanBeSet(t *testing.T) {
	for name, u := range uses {
		if name == ActionLogin {
			continue // its route is the one thing the office insists on
		}
		o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/other/"+name {
				t.Errorf("%s asks %s", name, r.URL.Path)
			}
			says(u.said)(w, r)
		})
		p := o.params()
		p.Routes = map[string]string{name: "other/" + name}
		if err := u.call(t, dial(t, p)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No guess is made where a password is missing: every action says so.
func TestNothingIsSentWithoutALogin(t *testing.T) {
	p := Params{BaseURL: "http://127.0.0.1:1", ShopID: 7, Login: "x", Password: func() (string, error) { return "", errors.New("locked") }}
	for name, u := range uses {
		var no interface{ Unwrap() error }
		if err := u.call(t, dial(t, p)); !errors.As(err, &no) || !strings.Contains(err.Error(), "keyring") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
