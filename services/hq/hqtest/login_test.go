package hqtest

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// Only the documented names with the right values open a session.
func FuzzLogin(f *testing.F) {
	f.Add(`{"tenant":"demo","loginName":"boss","password":"boss-pass","openid":"","app":""}`)
	f.Add(`{"tenant":"demo","loginName":"boss"}`)
	f.Add(`[]`)
	f.Add(`null`)
	shop := testShop(f)
	f.Fuzz(func(t *testing.T, body string) {
		s, err := New(Params{Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "POST", weixinPrefix+"login", strings.NewReader(body)))
		var r result
		if err := json.Unmarshal(w.Body.Bytes(), &r); w.Code != 200 || err != nil {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		in := len(w.Result().Cookies()) == 1
		if ok := strings.Contains(w.Body.String(), `"status":200,`); ok != in || len(s.sessions) == 1 != in {
			t.Fatalf("%s: %d sessions, cookie %v", w.Body, len(s.sessions), in)
		}
		if in && !strings.Contains(body, "pass") && !strings.Contains(body, `\u`) {
			t.Fatalf("no password in %s", body)
		}
	})
}
