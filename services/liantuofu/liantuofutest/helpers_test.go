package liantuofutest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cashier/services/shopdata"
)

const (
	testApp      = "EW_N0000000001"
	testMerchant = "EW_N0000000002"
	testKey      = "test-key-0001"
)

// clock is a time that moves only when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bed is a server, and a client of the simplest kind before it.
type bed struct {
	t     testing.TB
	s     *Server
	url   string
	clock *clock
	naps  chan time.Duration
	http  *http.Client
	n     int
}

func testShop(t testing.TB) *shopdata.Shop {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../../shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

func setup(t testing.TB, tweak func(*Params)) *bed {
	t.Helper()
	b := &bed{t: t, clock: &clock{now: time.Date(2026, 5, 1, 10, 0, 0, 0, shopdata.China)}, naps: make(chan time.Duration, 100)}
	p := Params{
		AppID: testApp, MerchantCode: testMerchant, Key: testKey, Shop: testShop(t), Now: b.clock.Now,
		Sleep: func(_ context.Context, d time.Duration) { b.naps <- d },
	}
	if tweak != nil {
		tweak(&p)
	}
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	b.s = s
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	b.url = srv.URL
	b.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	return b
}

// raw posts signed fields and returns whatever came.
func (b *bed) raw(ctx context.Context, path string, kv ...string) (int, []byte, error) {
	form := map[string]string{"appId": testApp, "random": "20240101"}
	for i := 0; i < len(kv); i += 2 {
		form[kv[i]] = kv[i+1]
	}
	v := url.Values{}
	for k, x := range form {
		v.Set(k, x)
	}
	if !v.Has("sign") {
		v.Set("sign", sign(form, testKey, false))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+Base+path, strings.NewReader(v.Encode()))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	resp, err := b.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// call is raw for a reply that must be JSON.
func (b *bed) call(path string, kv ...string) map[string]string {
	b.t.Helper()
	status, body, err := b.raw(context.Background(), path, kv...)
	if err != nil || status != http.StatusOK {
		b.t.Fatalf("%s: %d %v", path, status, err)
	}
	var m map[string]string
	if err := json.Unmarshal(body, &m); err != nil {
		b.t.Fatalf("%s: %q: %v", path, body, err)
	}
	return m
}

// read is call for a reply with more in it than texts.
func (b *bed) read(into any, path string, kv ...string) {
	b.t.Helper()
	status, body, err := b.raw(context.Background(), path, kv...)
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil || status != http.StatusOK {
		b.t.Fatalf("%s: %d %q %v", path, status, body, err)
	}
}

// bench posts to the test bench and returns the status and the one field of
// the reply.
func (b *bed) bench(path, body, field string) (int, string) {
	b.t.Helper()
	resp, err := b.http.Post(b.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var m map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, m[field]
}

// code is a fresh WeChat code of a wallet with the given last four digits.
func (b *bed) code(wallet, last string) string {
	b.n++
	return "13" + wallet + "00000000"[:8-len(strconv.Itoa(b.n))] + strconv.Itoa(b.n) + last
}

func payFields(key, amount, code string) []string {
	return []string{"merchantCode", testMerchant, "outTradeNo", key, "totalAmount", amount, "authCode", code}
}

func (b *bed) pay(key, amount, code string) map[string]string {
	b.t.Helper()
	return b.call("pay", payFields(key, amount, code)...)
}

func (b *bed) order(path, key string) map[string]string {
	b.t.Helper()
	return b.call(path, "merchantCode", testMerchant, "outTradeNo", key)
}

// want checks some fields of a reply, given as name, value pairs.
func want(t testing.TB, got map[string]string, kv ...string) {
	t.Helper()
	for i := 0; i < len(kv); i += 2 {
		if got[kv[i]] != kv[i+1] {
			t.Errorf("%s = %q, want %q in %v", kv[i], got[kv[i]], kv[i+1], got)
		}
	}
}
