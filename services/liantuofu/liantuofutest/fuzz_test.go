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
			v.Set("sign", sign(form, testKey))
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

// hasTail says that a body may ask for a broken reply.
func hasTail(body string) bool { return strings.Contains(body, "90") }
