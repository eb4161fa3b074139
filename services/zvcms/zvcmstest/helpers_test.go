package zvcmstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"cashier/services/shopdata"
)

const (
	testOpenID = "fake-open-id-for-test-only-0001"
	testGrant  = "fake-grant-code-0001"
	testKey    = "fake-open-key-for-test-only-0001"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, shopdata.China)

type bed struct {
	t     testing.TB
	s     *Server
	base  string
	http  *http.Client
	upper bool
	mu    sync.Mutex
	nonce int
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
	p := Params{
		OpenID: testOpenID, GrantCode: testGrant, OpenKey: testKey, Shop: testShop(t),
		Now: func() time.Time { return noon }, Sleep: func(context.Context, time.Duration) {},
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
	return &bed{
		t: t, s: s, base: srv.URL, upper: p.UpperCamelSign,
		http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second},
	}
}

// envelope is a well-formed request; change alters it after signing.
func (b *bed) envelope(action string, params any) map[string]any {
	b.mu.Lock()
	b.nonce++
	nonce := fmt.Sprint(b.nonce)
	b.mu.Unlock()
	ts := fmt.Sprint(noon.Unix())
	return map[string]any{
		"OpenId": testOpenID, "GrantCode": testGrant, "Timestamp": ts, "Nonce": nonce, "Action": action, "Params": params,
		"Token": token(testOpenID, testGrant, nonce, ts, testKey, b.upper),
	}
}

func (b *bed) post(doc any) (int, []byte, error) { return b.postTo(Path, doc) }

func (b *bed) postTo(path string, doc any) (int, []byte, error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return 0, nil, err
	}
	resp, err := b.http.Post(b.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return resp.StatusCode, got, err
}

// v3 calls a route of version 3.
func (b *bed) v3(route string, params any) reply {
	b.t.Helper()
	return b.sendTo(PathV3+route, b.envelopeV3(params))
}

// envelopeV3 is a well-formed request of version 3.
func (b *bed) envelopeV3(params any) map[string]any {
	b.mu.Lock()
	b.nonce++
	nonce := b.nonce
	b.mu.Unlock()
	ts := noon.Unix()
	return map[string]any{
		"openId": testOpenID, "grantCode": testGrant, "timestamp": ts, "nonce": nonce, "params": params,
		"token": token(testOpenID, testGrant, fmt.Sprint(nonce), fmt.Sprint(ts), testKey, false),
	}
}

type reply struct {
	Status  any             `json:"status"`
	Code    any             `json:"code"`
	Message string          `json:"message"`
	TraceID string          `json:"traceId"`
	Data    json.RawMessage `json:"data"`
}

func (r reply) data(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.Data, &m); err != nil {
		t.Fatalf("%s: %v", r.Data, err)
	}
	return m
}

func (b *bed) send(doc any) reply {
	b.t.Helper()
	return b.sendTo(Path, doc)
}

func (b *bed) sendTo(path string, doc any) reply {
	b.t.Helper()
	status, body, err := b.postTo(path, doc)
	var r reply
	if err != nil || status != 200 || json.Unmarshal(body, &r) != nil {
		b.t.Fatalf("%d %q %v", status, body, err)
	}
	return r
}

type fields map[string]any

func (b *bed) consume(f fields) reply {
	b.t.Helper()
	return b.send(b.envelope(ActionConsume, f))
}

func wantCode(t testing.TB, r reply, status bool, code int) {
	t.Helper()
	if r.Status != status || r.Code != float64(code) {
		t.Errorf("status %v code %v (%s), want %v %d", r.Status, r.Code, r.Message, status, code)
	}
}
