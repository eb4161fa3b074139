package liantuofutest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Any body gets a JSON verdict, and none moves money without a right sign.
func FuzzForm(f *testing.F) {
	f.Add("pay", "appId=EW_N0000000001&random=1&merchantCode=EW_N0000000002&outTradeNo=order-0001&totalAmount=1.00&authCode=130001000000010001&sign=x", false)
	f.Add("pay", "appId=EW_N0000000001&random=1&merchantCode=EW_N0000000002&outTradeNo=order-0001&totalAmount=1.00&authCode=130001000000010001", true)
	f.Add("timescard/userTimesCardConsume", "cardNo=914095353294401111&count=1&consumeSource=1&consumeMerchantCode=EW_N0000000002&random=1", true)
	f.Add("pay/query", "%zz&a=1;b", true)
	f.Add("refundV2", "merchantCode=EW_N0000000002&refundNo=1&random=9", true)
	f.Add("precreate", "merchantCode=EW_N0000000002&outTradeNo=order-0001&totalAmount=1&channel=WXPAY&tradeType=NATIVE&random=9", true)
	f.Add("bill", "merchantCode=EW_N0000000002&billBeginTime=20260501000000&billEndTime=20260502000000&pageNumber=2147483647&pageSize=100&orderStatus=SUCCESS,&random=9", true)
	f.Add("member/get", "authPayCode=130011&shopNo=EW_N0000000002&random=9", true)
	f.Add("login", "userName=wang&passWord=&random=9", true)
	shop := testShop(f)
	f.Fuzz(func(t *testing.T, path, body string, signed bool) {
		s, err := New(Params{AppID: testApp, MerchantCode: testMerchant, Key: testKey, Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		if signed {
			v, err := url.ParseQuery(body)
			if err != nil {
				return
			}
			form := map[string]string{"appId": testApp}
			for k := range v {
				form[k] = v.Get(k)
			}
			v = url.Values{}
			for k, x := range form {
				v.Set(k, x)
			}
			v.Set("sign", sign(form, testKey, false))
			body = v.Encode()
		}
		gone, leave := context.WithCancel(t.Context())
		leave() // so that a tail that hangs does not
		r := httptest.NewRequestWithContext(gone, "POST", "http://x"+Base, strings.NewReader(body))
		r.URL.Path = Base + path
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		func() {
			defer func() {
				// A tail hangs up with a panic of this one value.
				if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
					panic(p)
				}
			}()
			s.ServeHTTP(w, r)
		}()
		if w.Code == 200 && w.Body.Len() > 0 && !hasTail(body) && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%q", w.Body)
		}
		if !signed && len(s.Charges()) > 0 {
			t.Fatal("money moved without a right sign")
		}
	})
}

// The bench answers any body, and only a customer's scan moves money.
func FuzzBench(f *testing.F) {
	f.Add("scan", `{"outTradeNo":"order-0001","wallet":"0001"}`)
	f.Add("pay-qr", `{"outTradeNo":1}`)
	f.Add("card-code", `{"cardNo":"914095353294401111","tail":"9004"}`)
	shop := testShop(f)
	f.Fuzz(func(t *testing.T, path, body string) {
		s, err := New(Params{AppID: testApp, MerchantCode: testMerchant, Key: testKey, Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "POST", "http://x/_sim/scan", strings.NewReader(body))
		r.URL.Path = "/_sim/" + path
		s.ServeHTTP(w, r)
		known := path == "scan" || path == "pay-qr" || path == "card-code"
		if known && (w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes())) {
			t.Fatalf("%d %q", w.Code, w.Body)
		}
		if len(s.Charges()) > 0 {
			t.Fatal("paid an order that nobody made")
		}
	})
}

// hasTail says that a body may ask for a broken reply.
func hasTail(body string) bool { return strings.Contains(body, "90") }
