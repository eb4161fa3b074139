package contracttest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/fault"
	"cashier/services/hq"
)

// TestHQMissingFields leaves out one field after the other: it is missing from
// what comes out, and nothing else is.
func TestHQMissingFields(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	h := newHeadOffice(t)
	for _, doc := range []any{list(h.products), list(h.stock), list(h.shops), h.card} {
		each(doc, func(name string, v any) any {
			names[name] = true
			return v
		})
	}
	for name := range names {
		// One of the two must tell which product it is, and TestHQNobody is
		// about both; a list in a list is no name.
		if name == "" || name == "id" || name == "productId" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			h := newHeadOffice(t)
			c := hqClient(t, h.url)
			h.behave(manner{shape: without(name)}, "")
			for _, a := range hqReads(t, h, c) {
				if a.name == "getappconfig" {
					continue // of two fields, one of which never comes out
				}
				h.behave(manner{shape: without(name)}, a.route)
				all := a.held
				a.held = func() facts { return all().lacking(strings.ToLower(name)) }
				a.check(t, &h.stranger, 0, a.try(), outcome{})
			}
		})
	}
}

// TestHQNobody answers with a product that has neither id: that is no product.
func TestHQNobody(t *testing.T) {
	m := manner{shape: func(v any) any { return without("productId")(without("id")(v)) }}
	tryHQ(t, "get", m, expected{read: fails(fault.Contract, "unreadable")})
}

// TestHQAbsentPrice tells no price, null and "" from a price of nought.
func TestHQAbsentPrice(t *testing.T) {
	for written, present := range map[any]bool{nil: false, "": false, number("0"): true, "0.00": true, number("0E-2"): true} {
		h := newHeadOffice(t)
		c := hqClient(t, h.url)
		h.behave(manner{shape: replaced("price", written)}, productRoute+"get")
		p, err := c.Get(t.Context(), 11)
		if err != nil || p.Price.Present != present || !p.Price.Decimal.IsZero() {
			t.Errorf("%v: price %v present %v, %v", written, p.Price.Decimal, p.Price.Present, err)
		}
	}
}

// TestHQPrices are the ways of writing a price, and what it is.
func TestHQPrices(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"8.1234": "8.1234", "8.12345": "8.1235", "8.299999999999999": "8.3", "8.300000000000001": "8.3",
		"0.0001": "0.0001", "1E+2": "100", "1.5e1": "15", "9999999.9999": "9999999.9999", "12.00": "12", "-0.0": "0",
		"29.899999618530273": "29.9", "0.1": "0.1",
	} {
		for _, quoted := range []bool{false, true} {
			var v any = number(written)
			if quoted {
				v = written
			}
			h := newHeadOffice(t)
			c := hqClient(t, h.url)
			h.behave(manner{shape: replaced("price", v)}, "")
			p, err := c.Get(t.Context(), 11)
			if err != nil || p.Price.String() != want {
				t.Errorf("%v: %v %v, want %s", v, p.Price.Decimal, err, want)
			}
			page, err := c.List(t.Context(), hq.ListQuery{})
			if err != nil || len(page.Data) != 3 || page.Data[2].Price.String() != want {
				t.Errorf("%v in a page: %v %v, want %s", v, page, err, want)
			}
		}
	}
}

// TestHQUnusablePrices must neither be a price nor hide the other rows.
func TestHQUnusablePrices(t *testing.T) {
	t.Parallel()
	for _, written := range []any{"八元", "8,5", "8.5元", "0x10", "１２", true, list{number("8")}, obj("value", number("8")),
		number("NaN"), number("Infinity"), number("-Infinity"), number("1e400"), "1e400"} {
		h := newHeadOffice(t)
		c := hqClient(t, h.url)
		h.behave(manner{shape: func(v any) any {
			page := v.(object)
			rows := page.get("data").(list)
			rows = append(list{rows[0].(object).with("price", written)}, rows[1:]...)
			return page.with("data", rows)
		}}, productRoute+"getlist")
		page, err := c.List(t.Context(), hq.ListQuery{})
		if err != nil || len(page.Data) != 2 || len(page.Unreadable) != 1 {
			t.Errorf("%s: %d rows, %d unreadable, %v", render(written), len(page.Data), len(page.Unreadable), err)
			continue
		}
		bad := page.Unreadable[0]
		if bad.ProductID != 101 || fault.KindOf(bad.Err) != fault.Contract || fault.CodeOf(bad.Err) != "hq.row_unreadable" {
			t.Errorf("%s: %+v", render(written), bad)
		}
	}
}

// TestHQBigIDs reads, asks for and writes numbers that no float holds.
func TestHQBigIDs(t *testing.T) {
	t.Parallel()
	const row, product = 390962138708451328, 9007199254740993
	for _, shape := range []func(any) any{nil, quotedNumbers} {
		h := newHeadOffice(t)
		h.products = []any{hqProduct("390962138708451328", "9007199254740993", "9007199254740993", "大号", "9.98", "8.88")}
		h.behave(manner{shape: shape}, "")
		c := hqClient(t, h.url)
		byRow, err := c.Get(t.Context(), row)
		if err != nil || byRow.ID != row || byRow.ProductID != product || byRow.ProductCode != "9007199254740993" {
			t.Errorf("by row: %+v %v", byRow, err)
		}
		byProduct, err := c.GetByProductID(t.Context(), product)
		if err != nil || byProduct.ID != row {
			t.Errorf("by product: %+v %v", byProduct, err)
		}
		some, err := c.ListByProductIDs(t.Context(), []int64{product, product - 1, product + 1})
		if err != nil || len(some) != 1 || some[0].ProductID != product {
			t.Errorf("by ids: %+v %v", some, err)
		}
		byRow.Price = price("1.25")
		if err := c.ChangePrice(t.Context(), byRow); err != nil || h.price("390962138708451328") != "1.25" {
			t.Errorf("change: %v, price %s", err, h.price("390962138708451328"))
		}
	}
}

// TestHQLists writes empty lists in every way there is.
func TestHQLists(t *testing.T) {
	t.Parallel()
	for _, empty := range []any{nil, "", list{}} {
		h := newHeadOffice(t)
		c := hqClient(t, h.url)
		h.behave(manner{shape: replaced("images", empty)}, productRoute+"get")
		p, err := c.Get(t.Context(), 11)
		if err != nil || len(p.Images) != 0 || p.ProductName == "" {
			t.Errorf("images %s: %+v %v", render(empty), p, err)
		}
		for _, name := range []string{"devices", "shopProducts", "shopProductPriceLogs"} {
			h.behave(manner{shape: replaced(name, empty)}, productRoute+"getshoplist")
			shops, err := c.ShopList(t.Context(), 101)
			if err != nil || len(shops) != 2 || len(shops[1].Devices)+len(shops[1].Products)+len(shops[1].PriceLogs) != 2 {
				t.Errorf("%s %s: %+v %v", name, render(empty), shops, err)
			}
		}
		h.behave(manner{shape: replaced("data", empty)}, productRoute+"getlist")
		page, err := c.List(t.Context(), hq.ListQuery{PageIndex: 9})
		if err != nil || len(page.Data) != 0 || page.TotalCount != 3 {
			t.Errorf("page %s: %+v %v", render(empty), page, err)
		}
		h.behave(manner{shape: func(any) any { return empty }}, productRoute+"getlistbyclass")
		rows, err := c.ListByClass(t.Context(), "5")
		if err != nil || len(rows) != 0 {
			t.Errorf("class %s: %+v %v", render(empty), rows, err)
		}
	}
}

// TestHQNames spells names as the tables do, as C# does, and in lower case.
func TestHQNames(t *testing.T) {
	t.Parallel()
	for spelling, change := range map[string]func(string) string{"tables": tableSpelling, "C#": pascal, "lower": strings.ToLower} {
		for _, name := range hqNames(t) {
			t.Run(spelling+"/"+name, func(t *testing.T) {
				tryHQ(t, name, manner{shape: renamed(change)}, expected{})
			})
		}
	}
}

// TestHQFieldTwice gives one price twice, differently. Neither may become what
// a customer pays.
func TestHQFieldTwice(t *testing.T) {
	for _, other := range []string{"price", "Price", "PRICE"} {
		t.Run(other, func(t *testing.T) {
			h := newHeadOffice(t)
			c := hqClient(t, h.url)
			double := func(v any) any { return append(v.(object), member{other, number("0.01")}) }
			h.behave(manner{shape: double}, productRoute+"get")
			if p, err := c.Get(t.Context(), 11); err == nil {
				t.Errorf("one product: price %s came out of 9.98 and 0.01", p.Price)
			}
			h.behave(manner{shape: func(v any) any {
				page := v.(object)
				rows := page.get("data").(list)
				return page.with("data", append(list{double(rows[0])}, rows[1:]...))
			}}, productRoute+"getlist")
			page, err := c.List(t.Context(), hq.ListQuery{})
			if err != nil || len(page.Data) != 2 || len(page.Unreadable) != 1 {
				t.Errorf("page: %d rows, %d unreadable, %v", len(page.Data), len(page.Unreadable), err)
			}
		})
	}
}

// TestHQNotThere is HTTP 404 of a route and null for a product.
func TestHQNotThere(t *testing.T) {
	h := newHeadOffice(t)
	c := hqClient(t, h.url)
	if _, err := c.Get(t.Context(), 99); fault.KindOf(err) != fault.Refused || fault.CodeOf(err) != "hq.not_found" {
		t.Errorf("unknown product: %v", err)
	}
	h.behave(manner{status: http.StatusNotFound}, productRoute+"getlist")
	if _, err := c.List(t.Context(), hq.ListQuery{}); fault.KindOf(err) != fault.Contract || fault.CodeOf(err) != "hq.route" {
		t.Errorf("unknown route: %v", err)
	}
}

// TestHQTimes reads a time without a zone as China's.
func TestHQTimes(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 1, 15, 2, 11, 7, 0, time.UTC)
	for written, known := range map[any]bool{"2026-01-15 10:11:07": true, "2026-01-15T10:11:07": true, "2026-01-15T10:11:07.000": true,
		"2026/1/15 10:11:07": true, "/Date(1768443067000)/": true, "2026-01-15T02:11:07Z": true, "2026-01-15T10:11:07+08:00": true,
		nil: false, "": false, "0001-01-01T00:00:00": false} {
		h := newHeadOffice(t)
		c := hqClient(t, h.url)
		h.behave(manner{shape: replaced("createTime", written)}, productRoute+"getshoplist")
		shops, err := c.ShopList(t.Context(), 101)
		if err != nil || len(shops) != 2 || len(shops[0].PriceLogs) != 1 {
			t.Errorf("%v: %+v %v", written, shops, err)
			continue
		}
		at := shops[0].PriceLogs[0].CreateTime
		if at.IsZero() == known || known && !at.Equal(want) {
			t.Errorf("%v: %v", written, at)
		}
	}
}

// TestHQShopsHaveNoSecrets looks for the keys of a shop in all that came out.
func TestHQShopsHaveNoSecrets(t *testing.T) {
	h := newHeadOffice(t)
	c := hqClient(t, h.url)
	shops, err := c.ShopList(t.Context(), 101)
	app, err2 := c.AppConfig(t.Context())
	if err != nil || err2 != nil || !app.HasSecret {
		t.Fatal(err, err2, app)
	}
	if all := fmt.Sprintf("%+v %#v %+v %v", shops, shops, app, said(shops)); strings.Contains(all, hqSecret) {
		t.Errorf("a secret came out: %s", all)
	}
}

// TestHQBodies holds what the office received against what was meant.
func TestHQBodies(t *testing.T) {
	t.Parallel()
	prices := func(id, product, price, member string) object {
		return obj("id", number(id), "shopId", number("7"), "productId", number(product), "price", number(price), "memberPrice", number(member))
	}
	shops, products := list{number("7"), number("8")}, list{number("101"), number("102")}
	assigned := obj("shopIds", shops, "productIds", products, "productClassId", number("5"))
	wants := map[string]any{
		"addproduct": assigned, "addproductbyclass": assigned, "deleteall": obj(), "resetdownload": obj(),
		"delete":               list{number("11"), number("12")},
		"saveappconfig":        obj("appID", "wx5512", "appSecret", "new-"+hqSecret),
		"savemembercardconfig": obj("id", number("6"), "phone", "4007654321", "prerogative", "八折"),
		"changeprice":          prices("11", "101", "7.5", "7.05"),
		"changeprices":         list{prices("11", "101", "7.5", "7.05"), prices("12", "102", "31", "30")},
		"unifychangeprice":     obj("shopIds", shops, "productId", number("103"), "price", number("16.5"), "memberPrice", number("16")),
		"billpaymentupload": list{obj("code", "T3-1-000007", "randomCode", "r-T3-1-000007", "deviceCode", "T3", "paymentType", number("1"),
			"money", number("12.3"), "userName", "梅", "payTime", "2026-01-15 10:11:30", "createTime", "2026-01-15 10:11:30")},
		"billsaleupload": list{obj("code", "T3-1-000007", "deviceCode", "T3", "productId", number("101"), "qty", number("1.462"),
			"price", number("9.98"), "money", number("14.59"), "createTime", "2026-01-15 10:11:30")},
	}
	h := newHeadOffice(t)
	for _, a := range hqDeeds(t, hqClient(t, h.url)) {
		if got := a.try(); got.err != nil {
			t.Errorf("%s: %v", a.name, got.err)
			continue
		}
		if diff := cmp.Diff(factsOf(wants[a.name]), factsOf(h.bodies[a.route])); diff != "" {
			t.Errorf("%s: meant (-) and received (+):\n%s", a.name, diff)
		}
	}
}
