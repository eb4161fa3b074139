package hqtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cashier/services/money"
)

func TestFaults(t *testing.T) {
	list := productPrefix + "getlist?pageSize=2"
	for spec, check := range map[string]func(int, []byte, error) bool{
		"getlist=500":       func(s int, _ []byte, _ error) bool { return s == 500 },
		"getlist=html":      func(s int, b []byte, _ error) bool { return s == 502 && bytes.HasPrefix(b, []byte("<html>")) },
		"getlist=garbage":   func(s int, b []byte, _ error) bool { return s == 200 && !json.Valid(b) },
		"getlist=empty":     func(s int, b []byte, _ error) bool { return s == 200 && len(b) == 0 },
		"getlist=truncated": func(_ int, _ []byte, err error) bool { return err != nil },
		"*=request-lost":    func(_ int, _ []byte, err error) bool { return err != nil },
		"getlist=slow:1ms":  func(s int, b []byte, _ error) bool { return s == 200 && json.Valid(b) },
		"getlist=refused":   func(_ int, b []byte, _ error) bool { return bytes.Contains(b, []byte(`"status":500`)) },
		"getlist=session-expiry": func(s int, _ []byte, _ error) bool {
			return s == 401
		},
		"getlist=negative-price": func(_ int, b []byte, _ error) bool { return bytes.Contains(b, []byte(`"price":-5.98,`)) },
		"getlist=fine-price":     func(_ int, b []byte, _ error) bool { return bytes.Contains(b, []byte(`"price":5.985,`)) },
		"getlist=odd-pricing":    func(_ int, b []byte, _ error) bool { return bytes.Contains(b, []byte(`"pricingType":9,`)) },
		"getlist=empty-list":     func(_ int, b []byte, _ error) bool { return bytes.HasPrefix(b, []byte(`{"data":[],`)) },
		"getlist=page-shift": func(_ int, b []byte, _ error) bool {
			return bytes.Contains(b, []byte(`"totalCount":4`)) && !bytes.Contains(b, []byte("红富士"))
		},
	} {
		t.Run(spec, func(t *testing.T) {
			b := setup(t, nil)
			if err := b.s.SetFaults(spec); err != nil {
				t.Fatal(err)
			}
			if status, body, err := b.do("GET", list, ""); !check(status, body, err) {
				t.Errorf("%d %q %v", status, body, err)
			}
			if err := b.s.SetFaults(""); err != nil {
				t.Fatal(err)
			}
			if spec != "getlist=session-expiry" {
				get[page[productRow]](b, "getlist")
			}
		})
	}
	b := setup(t, nil)
	if err := b.s.SetFaults("changeprice=lies#1,changeprice=lost-reply#2"); err != nil {
		t.Fatal(err)
	}
	change := map[string]any{"shopId": 1, "productId": 1001, "price": 1, "memberPrice": 1}
	b.post(shopProduct+"changeprice", change, 200)
	if p, _, _ := b.s.Price(1, 1001); p != 5_98 {
		t.Error("a lie changed the price")
	}
	if _, _, err := b.do("POST", productPrefix+"changeprice", `{"shopId":1,"productId":1001,"price":1.0,"memberPrice":1.0}`); err == nil {
		t.Error("a reply came")
	}
	if p, _, _ := b.s.Price(1, 1001); p != 1_00 {
		t.Error("the price was not changed")
	}
	for _, bad := range []string{"getlist=late-money", "get=page-shift", "login=session-expiry", "pay=500"} {
		if b.s.SetFaults(bad) == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func TestConcurrentReadersAndManagers(t *testing.T) {
	b := setup(t, nil)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for n := range 5 {
				body := fmt.Sprintf(`{"shopId":1,"productId":1001,"price":%d.5,"memberPrice":1}`, i*10+n)
				if status, _, err := b.do("POST", productPrefix+"changeprice", body); status != 200 || err != nil {
					t.Errorf("%d %v", status, err)
				}
				if status, got, err := b.do("GET", productPrefix+"getlist?pageSize=100", ""); status != 200 || err != nil || !json.Valid(got) {
					t.Errorf("%d %v", status, err)
				}
			}
		})
	}
	wg.Wait()
	if logs := get[[]shopRow](b, "getshoplist?productId=1001")[0].PriceLogs; len(logs) != 250 {
		t.Errorf("%d changes", len(logs))
	}
}

// Any body and any arguments get an answer and leave prices in their bounds.
func FuzzActions(f *testing.F) {
	const none, all = 0, 255
	f.Add("changeprice", "", []byte(`{"shopId":1,"productId":1001,"price":6.5,"memberPrice":6}`), uint8(none))
	f.Add("changeprices", "", []byte(`[{"id":100000001001,"price":1e2,"memberPrice":"3"}]`), uint8(none))
	f.Add("getlist", "pageIndex=2&pageSize=-3&shopId=1&keyword=a", []byte(nil), uint8(all))
	f.Add("getlistbyproductids", "productIds=1001&productIds=x", []byte(nil), uint8(all))
	f.Add("delete", "", []byte(`[9000000100000001001]`), uint8(all))
	f.Add("unifychangeprice", "", []byte(`{"shopIds":[1],"productId":1001,"price":1E-99999999}`), uint8(none))
	f.Add("saveappconfig", "", []byte(`{"appID":"wx1","appSecret":null}`), uint8(none))
	f.Add("addproduct", "", []byte(`{"shopIds":[1,1],"productIds":[3001,3001]}`), uint8(none))
	shop := catalogue(f)
	actions := menu.Actions
	f.Fuzz(func(t *testing.T, action, query string, body []byte, bits uint8) {
		if _, known := actions[action]; !known || action == "login" || action == "pictures" {
			return
		}
		on := func(bit int) bool { return bits&(1<<bit) != 0 }
		q := Quirks{
			LongIDs: on(0), ZeroBasedPages: on(1), NullLists: on(2), NullSum: on(3), Quoted: on(4), FloatTails: on(5), Sparse: on(6),
		}
		if on(7) {
			q.IDSeparator, q.ErrorStatus = "&", 400
		}
		s, err := New(Params{Shop: shop, Quirks: q})
		if err != nil {
			t.Fatal(err)
		}
		s.sessions["x"] = session{0, time.Now().Add(time.Hour)}
		for _, method := range []string{"GET", "POST"} {
			for _, prefix := range []string{productPrefix, weixinPrefix} {
				r := httptest.NewRequestWithContext(t.Context(), method, prefix+action, bytes.NewReader(body))
				r.URL.RawQuery = query
				r.AddCookie(&http.Cookie{Name: Cookie, Value: "x"})
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if !json.Valid(w.Body.Bytes()) {
					t.Fatalf("%s %q", action, w.Body)
				}
			}
		}
		for _, sh := range s.shops {
			for _, l := range sh.rows {
				if l.price < 0 || l.price > money.MaxFen || l.member < 0 {
					t.Fatalf("%+v after %s %s", l, action, body)
				}
			}
		}
	})
}
