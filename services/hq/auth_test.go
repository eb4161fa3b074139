package hq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cashier/services/fault"
)

const emptyPage = `{"data":[],"pageIndex":1,"pageSize":100,"totalCount":0}`

func list(t *testing.T, c *Client) error {
	t.Helper()
	_, err := c.List(t.Context(), ListQuery{})
	return err
}

func TestLogsInOnceByItself(t *testing.T) {
	o := newOffice(t, says(emptyPage))
	c := o.client(t)
	for range 3 {
		if err := list(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if o.logins.Load() != 1 || o.turned.Load() != 0 {
		t.Errorf("%d logins, %d turned away", o.logins.Load(), o.turned.Load())
	}
	if err := c.Login(t.Context()); err != nil || o.logins.Load() != 2 {
		t.Errorf("Login: %v after %d logins", err, o.logins.Load())
	}
}

func TestLogsInAgainWhenTheSessionEnded(t *testing.T) {
	for name, refuse := range map[string]http.HandlerFunc{
		"401":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"403":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"a result":     says(`{"status":"500","message":"用户未登录，请重新登录"}`),
		"a result 401": says(`{"status":401,"message":""}`),
		"login page": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/Account/Login?ReturnUrl=x", http.StatusFound)
		},
		"page elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://sso.example.com/login", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					says(`{"status":200}`)(w, r)
					return
				}
				says(emptyPage)(w, r)
			})
			o.refuse = func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/Login") {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					_, _ = io.WriteString(w, "<html>login")
					return
				}
				refuse(w, r)
			}
			c := o.client(t)
			if err := list(t, c); err != nil {
				t.Fatal(err)
			}
			o.expire()
			if err := list(t, c); err != nil || o.logins.Load() != 2 {
				t.Errorf("read: %v after %d logins", err, o.logins.Load())
			}
			o.expire()
			err := c.ChangePrice(t.Context(), apple)
			if err != nil || o.logins.Load() != 3 {
				t.Errorf("write: %v after %d logins", err, o.logins.Load())
			}
		})
	}
}

// Words about a login in an answer about something that was done are no reason
// to do it again.
func TestADeedIsNotRepeatedForWords(t *testing.T) {
	for _, said := range []string{
		`{"status":500,"message":"已保存；通知门店失败，请登录总部后台查看"}`,
		`{"status":"801","message":"流水号重复，请重新登录"}`,
		`{"status":500,"message":"已保存，请重新登录"}`,
		`{"status":777,"message":"价格已改。未登录微信"}`,
		`{"status":500,"message":""}`,
		`{"status":605,"message":"请重新登录"}`,
	} {
		var deeds atomic.Int32
		o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
			deeds.Add(1)
			says(said)(w, r)
		})
		if err := o.client(t).ChangePrice(t.Context(), apple); err == nil || deeds.Load() != 1 || o.logins.Load() != 1 {
			t.Errorf("%s: %v after %d deeds and %d logins", said, err, deeds.Load(), o.logins.Load())
		}
	}
}

func TestGivesUpAfterOneFreshLogin(t *testing.T) {
	o := newOffice(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })
	err := list(t, o.client(t))
	if fault.KindOf(err) != fault.Credentials || fault.CodeOf(err) != "hq.session" || o.logins.Load() != 2 {
		t.Errorf("%v after %d logins", err, o.logins.Load())
	}
}

func TestConcurrentCallsShareOneLogin(t *testing.T) {
	const callers = 20
	o := newOffice(t, says(emptyPage))
	c := o.client(t)
	for round := range 3 {
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				if err := list(t, c); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if int(o.logins.Load()) != round+1 {
			t.Errorf("round %d: %d logins", round, o.logins.Load())
		}
		o.expire()
	}
}

// One caller giving up must not fail the others who wait for its login.
func TestAbandonedLoginIsTakenOver(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	o := newOffice(t, says(emptyPage))
	o.onLogin = func(http.ResponseWriter, *http.Request) bool {
		first := false
		once.Do(func() { first = true })
		if first {
			close(arrived)
			<-release
		}
		return false
	}
	c := o.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.List(ctx, ListQuery{}); !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
	})
	<-arrived
	wg.Go(func() {
		if err := list(t, c); err != nil {
			t.Errorf("the one who waited: %v", err)
		}
	})
	cancel()
	close(release)
	wg.Wait()
}

func TestLoginRefused(t *testing.T) {
	tests := []struct {
		name  string
		login http.HandlerFunc
		kind  fault.Kind
		says  string
	}{
		{"wrong password", says(`{"status":500,"message":"用户名或密码错误"}`), fault.Credentials, "用户名或密码错误"},
		{"HTTP 401", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, fault.Credentials, "Settings"},
		{"HTTP 500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, fault.Unreachable, "try again"},
		{"web page", says("<html>"), fault.Contract, "web page"},
		{"no route", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, fault.Contract, "routes"},
		{"status missing", says(`{}`), fault.Contract, "read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, func(http.ResponseWriter, *http.Request) { t.Error("asked without login") })
			o.onLogin = func(w http.ResponseWriter, r *http.Request) bool { tt.login(w, r); return true }
			err := list(t, o.client(t))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fmt.Sprint(err), tt.says) || o.logins.Load() != 1 {
				t.Errorf("%v (%s) after %d logins", err, fault.CodeOf(err), o.logins.Load())
			}
		})
	}
}

func TestPasswordNeverShows(t *testing.T) {
	o := newOffice(t, says(emptyPage))
	o.onLogin = func(w http.ResponseWriter, r *http.Request) bool {
		raw, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"message":` + fmt.Sprintf("%q", "bad request: "+string(raw)) + `}`))
		return true
	}
	err := list(t, o.client(t))
	var f *fault.Error
	if !errors.As(err, &f) || strings.Contains(f.Detail()+fmt.Sprintf("%+v", f.Args), canary) {
		t.Errorf("%v", f)
	}

	p := o.params()
	p.Password = func() (string, error) { return "", errors.New("locked: password=" + canary) }
	err = list(t, dial(t, p))
	if !errors.As(err, &f) || f.Code != "hq.password_missing" || strings.Contains(f.Detail(), canary) {
		t.Errorf("%v", f)
	}
}

func TestHeadersInsteadOfLogin(t *testing.T) {
	o := newOffice(t, says(""))
	o.refuse = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-App-Key") != "k1" {
			w.WriteHeader(401)
			return
		}
		says(emptyPage)(w, r)
	}
	p := o.params()
	p.Login, p.Password, p.Headers = "", nil, map[string]string{"X-App-Key": "k1"}
	if err := list(t, dial(t, p)); err != nil || o.logins.Load() != 0 {
		t.Errorf("%v, %d logins", err, o.logins.Load())
	}
	p.Headers = map[string]string{"X-App-Key": "other"}
	c := dial(t, p)
	if err := list(t, c); fault.KindOf(err) != fault.Credentials {
		t.Error(err)
	}
	if err := c.Login(t.Context()); err != nil {
		t.Error(err)
	}
}

// HQ knows our password and may quote it.
func TestWhatHQQuotesIsNoSecret(t *testing.T) {
	for _, words := range []string{"用户li密码" + canary, "bad login li/" + canary, "pwd is " + canary, canary} {
		said := says(`{"status":500,"message":"` + words + `"}`)
		o := newOffice(t, said)
		c := o.client(t)
		p := o.params()
		p.Routes = map[string]string{ActionLogin: "elsewhere/login"} // where the same is said
		for name, err := range map[string]error{
			"question": list(t, c), "deed": c.ChangePrice(t.Context(), apple), "login": dial(t, p).Login(t.Context()),
		} {
			if err == nil || strings.Contains(err.Error(), canary) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
