package hq

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "pAsSwOrD-cAnArY"

// office is a small HQ: it logs in with a cookie and gives every other request
// of a logged-in client to serve. expire ends all sessions.
type office struct {
	url    string
	logins atomic.Int32
	turned atomic.Int32 // requests turned away

	mu      sync.Mutex
	cookie  string
	refuse  func(w http.ResponseWriter, r *http.Request) // how a stranger is turned away
	onLogin func(w http.ResponseWriter, r *http.Request) bool
}

func newOffice(t *testing.T, serve http.HandlerFunc) *office {
	t.Helper()
	o := &office{refuse: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/weixin/login" {
			o.login(t, w, r)
			return
		}
		o.mu.Lock()
		c, err := r.Cookie(".ASPXAUTH")
		known := err == nil && c.Value == o.cookie && o.cookie != ""
		refuse := o.refuse
		o.mu.Unlock()
		if !known {
			o.turned.Add(1)
			refuse(w, r)
			return
		}
		serve(w, r)
	}))
	t.Cleanup(srv.Close)
	o.url = srv.URL
	return o
}

func (o *office) login(t *testing.T, w http.ResponseWriter, r *http.Request) {
	n := o.logins.Add(1)
	if o.onLogin != nil && o.onLogin(w, r) {
		return
	}
	var got map[string]string
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Method != http.MethodPost {
		t.Errorf("login: %s, %v", r.Method, err)
	}
	want := map[string]string{"tenant": "t1", "loginName": "li", "password": canary, "openid": "o1", "app": "a1"}
	for name, value := range want {
		if got[name] != value {
			_, _ = io.WriteString(w, `{"status":"500","message":"用户名或密码错误"}`)
			return
		}
	}
	o.mu.Lock()
	o.cookie = string('a' + n)
	http.SetCookie(w, &http.Cookie{Name: ".ASPXAUTH", Value: o.cookie, Path: "/", HttpOnly: true})
	o.mu.Unlock()
	_, _ = io.WriteString(w, `{"status":200,"message":""}`)
}

func (o *office) expire() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cookie = ""
}

func (o *office) params() Params {
	return Params{
		BaseURL: o.url, Tenant: "t1", Login: "li", OpenID: "o1", App: "a1", ShopID: 7,
		Password: func() (string, error) { return canary, nil },
		Backoff:  time.Millisecond,
	}
}

func (o *office) client(t *testing.T) *Client { return dial(t, o.params()) }

func dial(t *testing.T, p Params) *Client {
	t.Helper()
	c, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}
