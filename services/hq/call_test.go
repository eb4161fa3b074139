package hq

import (
	"encoding/json"
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
		{"changeprice", "hq.argument_value", "price", []wire.Arg{{Name: "id", Value: "1"}, {Name: "price", Value: "-1"}, {Name: "memberPrice", Value: "1"}}},
		{"changeprices", "hq.argument_value", "memberPrice", []wire.Arg{{Name: "id", Value: "1"}, {Name: "price", Value: "1"}, {Name: "memberPrice", Value: "0.005"}}},
		{"unifychangeprice", "hq.argument_value", "price", []wire.Arg{{Name: "productId", Value: "1"}, {Name: "price", Value: "1.001"}}},
		{"unifychangeprice", "hq.argument_value", "price", []wire.Arg{{Name: "productId", Value: "1"}, {Name: "price", Value: "cheap"}}},
		{"login", "hq.argument_secret", "Settings", []wire.Arg{{Name: "password", Value: canary}}},
	} {
		_, err := c.Call(t.Context(), tt.action, tt.args)
		if fault.CodeOf(err) != tt.code || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s %v: %v", tt.action, tt.args, err)
		}
		if checked := c.Check(tt.action, tt.args); fault.CodeOf(checked) != tt.code {
			t.Errorf("%s %v: checked as %v", tt.action, tt.args, checked)
		}
	}
	// What the settings say need not be given to be checked either.
	if err := c.Check("unifychangeprice", []wire.Arg{{Name: "productId", Value: "1"}, {Name: "price", Value: "9.90"}}); err != nil {
		t.Error(err)
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
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "not yours")
	})
	said, err := o.client(t).Call(t.Context(), ActionDeleteAll, nil)
	if err != nil || said.HTTPStatus != 401 || said.Body != "not yours" || hits.Load() != 2 || o.logins.Load() != 2 {
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

// The exit code of a call hangs on this: a deed that may have been done is
// never called refused, nor one that was refused done.
func TestWhatACallProves(t *testing.T) {
	const deed, ask = ActionResetDownload, ActionGetList
	for name, tt := range map[string]struct {
		action string
		status int
		body   string
		want   wire.Outcome
	}{
		"done":                  {deed, 200, done, wire.Done},
		"refused":               {deed, 200, `{"status":1002,"message":"已售罄"}`, wire.Refused},
		"closing the day":       {deed, 200, `{"status":902}`, wire.Refused},
		"HQ's own fault":        {deed, 200, `{"status":500}`, wire.Open},
		"confirmation failed":   {deed, 200, `{"status":702}`, wire.Open},
		"paid, with what?":      {deed, 200, `{"status":701}`, wire.Open},
		"no list has it":        {deed, 200, `{"status":777}`, wire.Open},
		"twice":                 {deed, 200, `{"status":1002,"status":200}`, wire.Open},
		"garbage":               {deed, 200, `???`, wire.Open},
		"empty":                 {deed, 200, ``, wire.Open},
		"web page":              {deed, 200, `<html>`, wire.Open},
		"HTTP 500":              {deed, 500, done, wire.Open},
		"HTTP 302":              {deed, 302, ``, wire.Open},
		"HTTP 409":              {deed, 409, ``, wire.Open},
		"HTTP 400":              {deed, 400, `{"message":"no"}`, wire.Refused},
		"HTTP 401":              {deed, 401, ``, wire.Refused},
		"HTTP 404":              {deed, 404, ``, wire.Refused},
		"a page":                {ask, 200, emptyPage, wire.Done},
		"a question refused":    {ask, 200, `{"status":605}`, wire.Refused},
		"a question in garbage": {ask, 200, `???`, wire.Refused},
		"a question, HTTP 500":  {ask, 500, ``, wire.Refused},
		"a question, HTTP 302":  {ask, 302, ``, wire.Refused},
		"a product":             {ActionGet, 200, appleDoc, wire.Done},
		"no product":            {ActionGet, 200, `null`, wire.Refused},
		"a list of none":        {ActionGetListByClass, 200, `null`, wire.Done},
		"NaN as .NET has it":    {ask, 200, `{"data":[{"price":NaN}],"totalCount":1}`, wire.Done},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			said, err := o.client(t).Call(t.Context(), tt.action, uses[tt.action].args)
			if err != nil || said.Outcome != tt.want {
				t.Errorf("%s, %v", said.Outcome, err)
			}
		})
	}
	huge := newOffice(t, says(`{"status":200}`+strings.Repeat(" ", wire.MaxBody)))
	if _, err := huge.client(t).Call(t.Context(), deed, nil); fault.KindOf(err) != fault.Unknown {
		t.Error(err)
	}
	if _, err := huge.client(t).Call(t.Context(), ask, nil); fault.KindOf(err) != fault.Contract {
		t.Error(err)
	}
}

// ASP.NET repeats in its complaint what it was sent.
func TestCallHidesWhatWasPassed(t *testing.T) {
	const secret = "s3cr3t\"value"
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode(map[string]any{"message": "The request is invalid.", "modelState": map[string]any{"cfg": []string{"The value '" + secret + "' is not valid, of " + string(body)}}})
	})
	p := o.params()
	p.Headers = map[string]string{"X-App": "h34d3r"}
	said, err := dial(t, p).Call(t.Context(), ActionSaveAppConfig, []wire.Arg{{Name: "appID", Value: "wx1"}, {Name: "appSecret", Value: secret}})
	if err != nil || said.Outcome != wire.Refused || strings.Contains(said.Body, "s3cr3t") || !strings.Contains(said.Body, "is not valid") {
		t.Errorf("%+v, %v", said, err)
	}
}
