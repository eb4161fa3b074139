package zvcmstest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"cashier/services/shopdata/standin"
)

// request is the outer shape; Params differs by action.
type request struct {
	OpenID    string          `json:"OpenId"`
	GrantCode string          `json:"GrantCode"`
	Token     string          `json:"Token"`
	Timestamp text            `json:"Timestamp"`
	Nonce     text            `json:"Nonce"`
	Action    string          `json:"Action"`
	Params    json.RawMessage `json:"Params"`
}

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

// Codes of refusals. 110004 and 110007 are those of public clients, which treat
// both as a matter of signature, clock and nonce; which is which is assumed.
// The others are invented, the vendor's list not being public.
const (
	codeSign    = 110004
	codeReplay  = 110007
	codeRequest = 110001
	codeAction  = 110002
	codeSystem  = 999999
	codeParams  = 200001
	codeMember  = 200002
	codeBalance = 200605
	codePoints  = 200607
	codeCoupon  = 200608
	codeBizID   = 200801
	codeRefused = 200500
)

// answer is a reply before its types are chosen.
type answer struct {
	status  bool
	code    int
	message string
	data    any // map[string]any gets status, code and message inside as well when inner is set
	inner   bool
	innerOK bool
	changed bool
}

func ok(data any) answer { return answer{status: true, message: "操作成功", data: data} }

// refuse is a refusal by the business: outer status true, code not 0, as the
// page's error sample has it.
func refuse(code int, why string) answer { return answer{status: true, code: code, message: why} }

// reject is a refusal by the system, before the business saw the request.
func reject(code int, why string) answer { return answer{code: code, message: why} }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		s.send(w, r, standin.None, reject(codeRequest, "请求格式错误"))
		return
	}
	q, why := decode(body)
	if why != "" {
		s.send(w, r, standin.None, reject(codeRequest, why))
		return
	}
	if a, refused := s.check(q); refused {
		s.send(w, r, standin.None, a)
		return
	}
	c, known := s.route(q)
	if !known {
		s.send(w, r, standin.None, reject(codeAction, "接口方法不存在"))
		return
	}
	if c.run == nil {
		s.send(w, r, standin.None, refuse(codeParams, "业务参数格式错误"))
		return
	}
	f := s.faults.Pick(c.name, c.scanned)
	if standin.Intercept(w, f) {
		return
	}
	a, handled := undone(f)
	if !handled {
		a = c.run(f)
	}
	if f.Kind == standin.SystemError {
		a.status, a.code, a.message, a.data = false, codeSystem, "系统繁忙", nil
	}
	if a.changed {
		s.p.OnChange(true)
	}
	s.send(w, r, f, a)
}

// undone are the faults that answer in place of the business.
func undone(f standin.Fault) (answer, bool) {
	switch f.Kind {
	case standin.Refused:
		return refuse(codeRefused, "操作失败"), true
	case standin.SystemError:
		return answer{}, !f.Done
	case standin.InnerFailed:
		return answer{status: true, message: "说明", inner: true, data: map[string]any{}}, true
	case standin.SignError:
		return reject(codeSign, "签名错误"), true
	case standin.Replayed:
		return reject(codeReplay, "请求已失效"), true
	}
	return answer{}, false
}

func decode(body []byte) (q request, problem string) {
	if err := json.Unmarshal(body, &q); err != nil {
		return q, "请求格式错误"
	}
	for name, v := range map[string]string{
		"OpenId": q.OpenID, "GrantCode": q.GrantCode, "Token": q.Token,
		"Timestamp": string(q.Timestamp), "Nonce": string(q.Nonce), "Action": q.Action,
	} {
		if v == "" {
			return q, name + "不能为空"
		}
	}
	if n, whole := q.Nonce.whole(); !whole || n <= 0 {
		return q, "Nonce必须为正整数"
	}
	if _, whole := q.Timestamp.whole(); !whole {
		return q, "Timestamp格式错误"
	}
	return q, ""
}

// check is everything that the envelope proves: who, when, and for the first
// time.
func (s *Server) check(q request) (answer, bool) {
	if q.OpenID != s.p.OpenID || q.GrantCode != s.p.GrantCode {
		return reject(codeSign, "OpenId或GrantCode错误"), true
	}
	want := token(q.OpenID, q.GrantCode, string(q.Nonce), string(q.Timestamp), s.p.OpenKey, s.p.UpperCamelSign)
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
// travels inside the JSON.
func token(openID, grantCode, nonce, timestamp, key string, upper bool) string {
	names := [4]string{"grantCode", "nonce", "openId", "timestamp"}
	if upper {
		names = [4]string{"GrantCode", "Nonce", "OpenId", "Timestamp"}
	}
	h := hmac.New(sha1.New, []byte(key))
	for i, v := range [4]string{grantCode, nonce, openID, timestamp} {
		if i > 0 {
			h.Write([]byte("&"))
		}
		h.Write([]byte(names[i] + "=" + v))
	}
	return url.QueryEscape(base64.StdEncoding.EncodeToString(h.Sum(nil)))
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, f standin.Fault, a answer) {
	doc := map[string]any{"message": a.message}
	s.verdict(doc, a.status, a.code)
	if data, isMap := a.data.(map[string]any); isMap && a.inner {
		data["message"] = a.message
		if a.innerOK {
			s.verdict(data, true, 0)
		} else {
			s.verdict(data, false, codeRefused)
			data["message"] = "操作失败"
		}
	}
	if a.data != nil {
		doc["data"] = a.data
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	standin.Send(w, r, f, standin.Reply{Body: bytes.TrimSpace(b.Bytes())}, s.p.Sleep)
}

// verdict writes status and code with the types the switches choose.
func (s *Server) verdict(doc map[string]any, status bool, code int) {
	doc["status"], doc["code"] = status, code
	if s.p.StatusAsString {
		doc["status"] = strconv.FormatBool(status)
	}
	if s.p.CodeAsString {
		doc["code"] = strconv.Itoa(code)
	}
}
