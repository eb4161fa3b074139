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

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
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

// A restored server answers as the one whose state it got.
func TestStateRoundTrip(t *testing.T) {
	shop := testShop(t)
	rapid.Check(t, func(t *rapid.T) {
		s, err := New(Params{Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		id := rapid.SampledFrom([]int64{1001, 1002, 1003, 2001, 2002})
		shopID := rapid.SampledFrom([]int64{1, 2})
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			sh, p := shopID.Draw(t, "shop"), id.Draw(t, "product")
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0:
				s.SetPrice(sh, p, money.Fen(rapid.Int64Range(0, 9999).Draw(t, "price")), 0)
			case 1:
				s.remove(call{body: fmt.Appendf(nil, "[%d]", rowID(sh, p))})
			case 2:
				s.add(call{body: fmt.Appendf(nil, `{"shopIds":[%d],"productIds":[%d]}`, sh, p)}, func(b manyShops) []int64 { return b.ProductIDs })
			case 3:
				s.removeAll(call{})
			}
		}
		state, err := s.State()
		if err != nil {
			t.Fatal(err)
		}
		back, err := New(Params{Shop: shop})
		if err != nil || back.Restore(state) != nil {
			t.Fatal("restore", err)
		}
		for _, sh := range []string{"1", "2"} {
			c := call{args: map[string][]string{"shopId": {sh}, "pageSize": {"100"}}}
			if d := cmp.Diff(s.getList(c).v, back.getList(c).v); d != "" {
				t.Fatal(d)
			}
		}
	})
	s, err := New(Params{Shop: shop})
	if err != nil || s.Restore([]byte("{")) == nil {
		t.Error("accepted half a state")
	}
}

// Any body and any arguments get an answer and leave prices in their bounds.
func FuzzActions(f *testing.F) {
	f.Add("changeprice", "", []byte(`{"shopId":1,"productId":1001,"price":6.5,"memberPrice":6}`))
	f.Add("changeprices", "", []byte(`[{"id":100000001001,"price":1e2,"memberPrice":"3"}]`))
	f.Add("getlist", "pageIndex=2&pageSize=-3&shopId=1&keyword=a", []byte(nil))
	f.Add("delete", "", []byte(`[100000001001]`))
	f.Add("unifychangeprice", "", []byte(`{"shopIds":[1],"productId":1001,"price":1E-99999999}`))
	shop := testShop(f)
	actions := menu.Actions
	f.Fuzz(func(t *testing.T, action, query string, body []byte) {
		if _, known := actions[action]; !known || action == "login" || action == "pictures" {
			return
		}
		s, err := New(Params{Shop: shop})
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
				if w.Code == 200 && !json.Valid(w.Body.Bytes()) {
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

var _ standin.Controlled = (*Server)(nil)
