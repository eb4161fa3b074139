package hq

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"cashier/services/fault"
	"cashier/services/wire"
)

func TestCallRefusesOnOurSide(t *testing.T) {
	o := newOffice(t, func(_ http.ResponseWriter, r *http.Request) { t.Error("sent", r.URL) })
	c := o.client(t)
	for _, tt := range []struct {
		action, code, says string
		args               []wire.Arg
	}{
		{"getlists", "hq.action_unknown", "getlistbyclass", nil},
		{"", "hq.action_unknown", "saveappconfig", nil},
		{"get", "hq.argument_missing", "id", nil},
		{"get", "hq.argument_unknown", "shopId", []wire.Arg{{Name: "id", Value: "1"}, {Name: "shopId", Value: "1"}}},
		{"get", "hq.argument_twice", "id", []wire.Arg{{Name: "id", Value: "1"}, {Name: "id", Value: "2"}}},
		{"get", "hq.argument_value", "whole number", []wire.Arg{{Name: "id", Value: "first"}}},
		{"getlist", "hq.argument_value", "pageIndex", []wire.Arg{{Name: "pageIndex", Value: ""}}},
		{"delete", "hq.argument_empty", "ids", []wire.Arg{{Name: "ids", Value: " , "}}},
		{"delete", "hq.argument_value", "ids", []wire.Arg{{Name: "ids", Value: "1,b"}}},
		{"addproduct", "hq.argument_empty", "shopIds", []wire.Arg{{Name: "shopIds"}, {Name: "productIds", Value: "1"}}},
		{"addproduct", "hq.argument_missing", "productIds", nil},
		{"addproductbyclass", "hq.argument_missing", "productClassId", nil},
		{"changeprice", "hq.argument_missing", "memberPrice", []wire.Arg{{Name: "id", Value: "1"}, {Name: "price", Value: "1"}}},
		{"unifychangeprice", "hq.argument_missing", "price", []wire.Arg{{Name: "productId", Value: "1"}}},
		{"login", "hq.argument_secret", "Settings", []wire.Arg{{Name: "password", Value: canary}}},
	} {
		_, err := c.Call(t.Context(), tt.action, tt.args)
		if fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s %v: %v", tt.action, tt.args, err)
		}
	}
	if o.logins.Load() != 0 {
		t.Error("a request was made ready before it was checked")
	}
}

// Whatever HQ says is what the person asked to see.
func TestCallGivesEveryReply(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"done":          {200, done, `"status": 200`},
		"refused":       {200, `{"status":605,"message":"卡余额不足"}`, "卡余额不足"},
		"unknown":       {200, `{"status":777,"id":9007199254740993}`, "9007199254740993"},
		"HQ's fault":    {500, `{"Message":"An error has occurred."}`, "An error"},
		"a web page":    {502, `<html>Bad Gateway</html>`, "Bad Gateway"},
		"no such route": {404, `{"Message":"No HTTP resource was found"}`, "No HTTP"},
		"nothing":       {200, ``, ""},
		"moved":         {302, `moved`, "moved"},
	} {
		for action, u := range uses {
			if action == ActionLogin {
				continue
			}
			t.Run(name+"/"+action, func(t *testing.T) {
				o := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, tt.body)
				})
				said, err := o.client(t).Call(t.Context(), strings.ToUpper(action), u.args)
				if err != nil || said.HTTPStatus != tt.status || !strings.Contains(said.Body, tt.says) {
					t.Errorf("%+v, %v", said, err)
				}
			})
		}
	}
}

func TestCallIsTurnedAwayForGood(t *testing.T) {
	var hits atomic.Int32
	o := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "not yours")
	})
	said, err := o.client(t).Call(t.Context(), ActionDeleteAll, nil)
	if err != nil || said.HTTPStatus != 403 || said.Body != "not yours" || hits.Load() != 2 || o.logins.Load() != 2 {
		t.Errorf("%+v, %v after %d requests", said, err, hits.Load())
	}

	p := o.params()
	p.Login, p.Password, p.Headers = "", nil, map[string]string{"X-App-Key": "k"}
	o.refuse = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	if said, err := dial(t, p).Call(t.Context(), ActionDeleteAll, nil); err != nil || said.HTTPStatus != 401 {
		t.Errorf("%+v, %v", said, err)
	}
	if _, err := dial(t, p).Call(t.Context(), ActionLogin, nil); fault.CodeOf(err) != "hq.argument_missing" {
		t.Error(err)
	}
}

func TestCallWithoutAWholeReplyIsAFault(t *testing.T) {
	broken := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for action, kind := range map[string]fault.Kind{ActionGetList: fault.Unreachable, ActionResetDownload: fault.Unknown} {
		if _, err := newOffice(t, broken).client(t).Call(t.Context(), action, nil); fault.KindOf(err) != kind {
			t.Errorf("%s: %v", action, err)
		}
	}
	// The first reply was whole, but what is asked for never came.
	var o *office
	o = newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
		o.onLogin = func(w http.ResponseWriter, r *http.Request) bool {
			says(`{"status":500,"message":"密码已修改"}`)(w, r)
			return true
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	if _, err := o.client(t).Call(t.Context(), ActionGetList, nil); fault.KindOf(err) != fault.Credentials || !strings.Contains(err.Error(), "密码已修改") {
		t.Error(err)
	}
}

// A login by name starts a session like any other; its refusal is shown.
func TestCallLogin(t *testing.T) {
	o := newOffice(t, says(emptyPage))
	c := o.client(t)
	said, err := c.Call(t.Context(), ActionLogin, []wire.Arg{{Name: "openid", Value: "other"}})
	if err != nil || !strings.Contains(said.Body, "用户名或密码错误") || strings.Contains(said.Body, canary) {
		t.Errorf("%+v, %v", said, err)
	}
	if said, err = c.Call(t.Context(), ActionLogin, nil); err != nil || !strings.Contains(said.Body, "200") || o.logins.Load() != 2 {
		t.Errorf("%+v, %v", said, err)
	}
}
