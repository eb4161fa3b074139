package hqtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"cashier/services/shopdata"
)

type bed struct {
	t    testing.TB
	s    *Server
	url  string
	http *http.Client
}

func testShop(t testing.TB) *shopdata.Shop {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../../shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

// setup starts a server and logs the owner in.
func setup(t testing.TB, tweak func(*Params)) *bed {
	t.Helper()
	p := Params{
		Shop: testShop(t), Pictures: os.DirFS("../../shopdata/testdata/shop"),
		Now: func() time.Time { return time.Date(2026, 5, 1, 2, 3, 4, 0, time.UTC) },
	}
	if tweak != nil {
		tweak(&p)
	}
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, s: s, url: srv.URL, http: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	b.login()
	return b
}

func (b *bed) login() {
	b.t.Helper()
	b.post("weixin/login", map[string]string{"tenant": "demo", "loginName": "boss", "password": "boss-pass", "openid": "", "app": ""}, 200)
}

func (b *bed) do(method, path, body string) (int, []byte, error) {
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	resp, err := b.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return resp.StatusCode, got, err
}

// get decodes the reply of a shopproduct action.
func get[T any](b *bed, action string) T {
	b.t.Helper()
	status, body, err := b.do("GET", productPrefix+action, "")
	var v T
	if err != nil || status != 200 || json.Unmarshal(body, &v) != nil {
		b.t.Fatalf("%s: %d %q %v", action, status, body, err)
	}
	return v
}

// post sends JSON below /api/ and checks the status in the result.
func (b *bed) post(action string, v any, want int) {
	b.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		b.t.Fatal(err)
	}
	status, got, err := b.do("POST", "/api/"+action, string(body))
	var r struct {
		Status  int
		Message string
	}
	if err != nil || status != 200 || json.Unmarshal(got, &r) != nil || r.Status != want || r.Message == "" {
		b.t.Errorf("%s %s: %d %q %v, want status %d", action, body, status, got, err, want)
	}
}

const shopProduct = "shop/shopproduct/"

func must(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
