package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/redeem"
)

// noDesk redeems nothing: these tests only look.
type noDesk struct{}

func (noDesk) Redeem(context.Context, access.Actor, checkout.Card, int64, int64) (checkout.Sale, error) {
	return checkout.Sale{}, errors.New("not asked for")
}

func (noDesk) Wait(context.Context, string) (checkout.Sale, error) {
	return checkout.Sale{}, errors.New("not asked for")
}

func look(t *testing.T, base string, key func() (string, error)) (redeem.View, error) {
	t.Helper()
	c, err := liantuofu.New(liantuofu.Params{BaseURL: base, AppID: "EW_N0000000001", MerchantCode: "EW_N0000000002", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	s, err := redeem.New(redeem.Params{Cards: gateway{c: c}, Desk: noDesk{}, Today: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s.Look(t.Context(), "914095353294404024")
}

func goodKey() (string, error) { return "test-key-0001", nil }

// What could not be read must not become "0 times left" on the way to the screen.
func TestACardIsReadOnlyWhereItsNumberIs(t *testing.T) {
	for name, tt := range map[string]struct {
		body     string
		readable bool
		times    int64
		why      string
	}{
		"read":            {`{"code":"SUCCESS","suplusTimes":7}`, true, 7, ""},
		"none left":       {`{"code":"success","suplusTimes":0}`, true, 0, ""},
		"bare":            {`{"code":"SUCCESS"}`, false, 0, "redeem.no_count"},
		"wrong signature": {`{"code":"SUCCESS","suplusTimes":7,"sign":"00000000000000000000000000000000"}`, false, 0, "redeem.forged"},
		"half a time":     {`{"code":"SUCCESS","suplusTimes":1.5}`, false, 0, "redeem.no_count"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tt.body) }))
			defer srv.Close()
			v, err := look(t, srv.URL, goodKey)
			if err != nil || v.Readable != tt.readable || v.Card.Remaining != tt.times || fault.CodeOf(v.Why) != tt.why {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
}

// The gateway makes each QR code for one wallet and orders none without (vendor
// page 633518936832858).
func TestAQRCodeIsForTheWalletOfTheSettings(t *testing.T) {
	asked := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.FormValue("channel")
		_, _ = io.WriteString(w, `{"code":"SUCCESS","outTradeNo":"T01-1-000001","qrCode":"weixin://wxpay/bizpayurl?pr=1"}`)
	}))
	defer srv.Close()
	c, err := liantuofu.New(liantuofu.Params{BaseURL: srv.URL, AppID: "EW_N0000000001", MerchantCode: "EW_N0000000002", Key: goodKey})
	if err != nil {
		t.Fatal(err)
	}
	a := gateway{c, "ALIPAY"}.Precreate(t.Context(), checkout.PayCall{Key: "T01-1-000001", Amount: 350, Subject: "商品"})
	if a.QR != "weixin://wxpay/bizpayurl?pr=1" || a.Delivery == checkout.NotSent {
		t.Fatalf("%+v", a)
	}
	if channel := <-asked; channel != "ALIPAY" {
		t.Errorf("the order is for %q", channel)
	}
}

func TestAKeyThatCannotBeReadIsNotTheNetwork(t *testing.T) {
	_, err := look(t, "http://127.0.0.1:1", func() (string, error) { return "", errors.New("locked") })
	if fault.KindOf(err) != fault.Credentials || fault.CodeOf(err) != "liantuofu.key_missing" {
		t.Errorf("%v (%s)", err, fault.CodeOf(err))
	}
	if _, err = look(t, "http://127.0.0.1:1", goodKey); fault.KindOf(err) != fault.Unreachable {
		t.Error(err)
	}
}

// A row of HQ's gives one offer, readable or not, or the total would not add up.
func TestAnOddRowStaysInTheDelivery(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[{"productId":1,"productName":"香蕉","price":1,"pricingType":0,"images":"a.png,b.png"},{"productId":2,"productCode":"10002","productName":"香梨","price":"面议"},{"productId":3,"shopId":2,"productName":"别店的梨","price":3,"pricingType":0}],"totalCount":3}`)
	}))
	defer srv.Close()
	c, err := hq.New(hq.Params{BaseURL: srv.URL, ShopID: 1, Headers: map[string]string{"X-App": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	page, err := source{c, 1}.ProductPage(t.Context(), 1, 10)
	if err != nil || page.Total != 3 || len(page.Offers) != 3 || len(page.Offers[0].Images) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, err := catalog.Accept(page.Offers[1]); err == nil || !strings.Contains(err.Error(), "shop 2") {
		t.Errorf("another shop's row: %v", err)
	}
	odd := page.Offers[2]
	_, err = catalog.Accept(odd)
	if odd.ProductID != 2 || fault.CodeOf(err) != "catalog.unreadable" || !strings.Contains(err.Error(), "10002 香梨") || !strings.Contains(err.Error(), "面议") {
		t.Errorf("%+v: %v", odd, err)
	}
}
