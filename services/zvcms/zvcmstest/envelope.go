package zvcmstest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"cashier/services/shopdata/standin"
)

// request is an envelope of either version. Params differs by action.
type request struct {
	OpenID    string
	GrantCode string
	Token     string
	Timestamp text
	Nonce     text
	Action    string // version 3: the route below /v3/
	Params    json.RawMessage
	v3        bool
}

// names is how a version spells the envelope.
type names struct{ openID, grantCode, token, timestamp, nonce, action, params string }

var (
	v2Names = names{"OpenId", "GrantCode", "Token", "Timestamp", "Nonce", "Action", "Params"}
	v3Names = names{"openId", "grantCode", "token", "timestamp", "nonce", "", "params"}
)

// text is a value that the page calls a string and its samples write either
// way: "5", 5, or "" for absent.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*t = text(s)
		return err
	}
	if string(b) == "null" {
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("neither a string nor a number: %w", err)
	}
	*t = text(n)
	return nil
}

// whole reads a whole number, "" being zero; ok is false for anything else.
func (t text) whole() (n int64, ok bool) {
	if t == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(string(t), 10, 64)
	return n, err == nil
}

func (s *Server) serveV2(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(body []byte) (request, string) { return decode(body, v2Names) })
}

func (s *Server) serveV3(w http.ResponseWriter, r *http.Request) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		s.send(w, r, true, standin.None, reject(codeRequest, "请求格式错误"))
		return
	}
	s.serve(w, r, func(body []byte) (request, string) {
		q, why := decode(body, v3Names)
		if why == "" && len(q.Timestamp) != 10 {
			why = "timestamp必须为10位"
		}
		q.Action, q.v3 = r.PathValue("route"), true
		return q, why
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, read func([]byte) (request, string)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	q, why := read(body)
	if err != nil {
		why = "请求格式错误"
	}
	if why != "" {
		s.send(w, r, q.v3, standin.None, reject(codeRequest, why))
		return
	}
	if a, refused := s.check(q); refused {
		s.send(w, r, q.v3, standin.None, a)
		return
	}
	c, known := s.route(q)
	if !known {
		s.send(w, r, q.v3, standin.None, reject(codeAction, "接口方法不存在"))
		return
	}
	if c.run == nil {
		s.send(w, r, q.v3, standin.None, refuse(codeParams, "业务参数格式错误"))
		return
	}
	f := s.faults.Pick(c.name, c.scanned)
	if standin.Intercept(w, f) {
		return
	}
	a := c.carryOut(f)
	if a.changed {
		s.p.OnChange(true)
	}
	s.send(w, r, q.v3, f, a)
}

// decode reads an envelope by its names as written: encoding/json alone would
// take openid for openId.
func decode(body []byte, n names) (q request, problem string) {
	var doc map[string]json.RawMessage
	if json.Unmarshal(body, &doc) != nil {
		return q, "请求格式错误"
	}
	for _, field := range []struct {
		name string
		into any
	}{
		{n.openID, &q.OpenID},
		{n.grantCode, &q.GrantCode},
		{n.token, &q.Token},
		{n.timestamp, &q.Timestamp},
		{n.nonce, &q.Nonce},
		{n.action, &q.Action},
	} {
		if field.name == "" {
			continue
		}
		if b := doc[field.name]; b != nil && json.Unmarshal(b, field.into) != nil {
			return q, field.name + "格式错误"
		}
		if reflect.ValueOf(field.into).Elem().Len() == 0 {
			return q, field.name + "不能为空"
		}
	}
	if nonce, whole := q.Nonce.whole(); !whole || nonce <= 0 {
		return q, n.nonce + "必须为正整数"
	}
	if _, whole := q.Timestamp.whole(); !whole {
		return q, n.timestamp + "格式错误"
	}
	q.Params = doc[n.params]
	return q, ""
}

// exact fills a struct from an object by the names of its json tags as
// written.
func exact(object []byte, into any) error {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(object, &doc); err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		b, given := doc[v.Type().Field(i).Tag.Get("json")]
		if !given {
			continue
		}
		if err := json.Unmarshal(b, v.Field(i).Addr().Interface()); err != nil {
			return err
		}
	}
	return nil
}

// check is everything that the envelope proves: who, when, and for the first
// time.
func (s *Server) check(q request) (answer, bool) {
	if q.OpenID != s.p.OpenID || q.GrantCode != s.p.GrantCode {
		return reject(codeSign, "OpenId或GrantCode错误"), true
	}
	upper := s.p.UpperCamelSign && !q.v3
	want := token(q.OpenID, q.GrantCode, string(q.Nonce), string(q.Timestamp), s.p.OpenKey, upper)
	if subtle.ConstantTimeCompare([]byte(want), []byte(q.Token)) != 1 {
		return reject(codeSign, "签名错误"), true
	}
	seconds, _ := q.Timestamp.whole()
	now := s.p.Now()
	if age := now.Sub(time.Unix(seconds, 0)); age > s.p.Window || age < -s.p.Window {
		return reject(codeReplay, "Timestamp已失效"), true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetNonces(now)
	// A nonce counts together with its second: clients draw small numbers.
	n := string(q.Nonce) + "@" + string(q.Timestamp)
	if _, seen := s.nonces[n]; seen {
		return reject(codeReplay, "Nonce重复"), true
	}
	s.nonces[n] = now
	return answer{}, false
}

// forgetNonces drops those whose timestamp would be refused anyway, once per
// window.
func (s *Server) forgetNonces(now time.Time) {
	if now.Sub(s.forgot) < s.p.Window {
		return
	}
	s.forgot = now
	for n, at := range s.nonces {
		if now.Sub(at) > 2*s.p.Window {
			delete(s.nonces, n)
		}
	}
}

// token is the rule known from the tests of public clients of version 3:
// HMAC-SHA1 over the four names in order, base64, then URL-encoded, and so it
// travels inside the JSON. Version 2 is assumed to have the same rule; only
// there the case of the names is in doubt.
func token(openID, grantCode, nonce, timestamp, key string, upper bool) string {
	signed := [4]string{"grantCode", "nonce", "openId", "timestamp"}
	if upper {
		signed = [4]string{"GrantCode", "Nonce", "OpenId", "Timestamp"}
	}
	h := hmac.New(sha1.New, []byte(key))
	for i, v := range [4]string{grantCode, nonce, openID, timestamp} {
		if i > 0 {
			h.Write([]byte("&"))
		}
		h.Write([]byte(signed[i] + "=" + v))
	}
	return url.QueryEscape(base64.StdEncoding.EncodeToString(h.Sum(nil)))
}
