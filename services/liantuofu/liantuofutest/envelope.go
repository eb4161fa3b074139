package liantuofutest

import (
	"bytes"
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"

	"cashier/services/shopdata/standin"
)

// action is one address: its short name in fault texts, whether the vendor
// page lists a sign in the reply, and what it needs beside appId and random.
type action struct {
	name     string
	payment  bool
	required string
	run      func(call) result
}

// call is a request that passed the signature.
type call struct {
	form  map[string]string
	fault standin.Fault
}

// result is a reply before signing: fields in the order of the vendor's
// samples do not matter, JSON being unordered.
type result struct {
	fields  map[string]any
	changed bool // the state is different now
	money   bool // something was charged or given back
}

// The subCodes. USER_PAYING, PARAMETER_ERROR and REFUNDING are on vendor pages;
// the others are this stand-in's assumption, since no list is public.
const (
	subUserPaying = "USER_PAYING"
	subParameter  = "PARAMETER_ERROR"
	subRefunding  = "REFUNDING"
	subSign       = "SIGN_ERROR"
	subNotFound   = "NOT_FOUND"
	subBusiness   = "BUSINESS_ERROR"
)

// success takes more fields as name, value pairs.
func success(kv ...string) result {
	r := result{fields: map[string]any{"code": "SUCCESS", "msg": "成功"}}
	for i := 0; i+1 < len(kv); i += 2 {
		r.fields[kv[i]] = kv[i+1]
	}
	return r
}

func failed(sub, why string) result {
	return result{fields: map[string]any{"code": "FAILED", "msg": why, "subCode": sub, "subMsg": why}}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, a action) {
	form, problem := readForm(w, r)
	if problem == "" {
		if bad, refused := s.check(form, a.required); refused {
			s.send(w, r, a, standin.None, bad)
			return
		}
	} else {
		s.send(w, r, a, standin.None, failed(subParameter, problem))
		return
	}
	f := s.faults.Pick(a.name, s.scanned(a.name, form))
	if standin.Intercept(w, f) {
		return
	}
	res := a.run(call{form, f})
	if res.changed {
		s.p.OnChange(res.money)
	}
	s.send(w, r, a, f, res)
}

// scanned is the code whose tail chooses a fault: the one in the request, or
// for a cancel the one the order was paid with.
func (s *Server) scanned(action string, form map[string]string) string {
	switch action {
	case "pay":
		return form["authCode"]
	case "card-consume":
		return form["cardNo"]
	case "cancel":
		s.mu.Lock()
		defer s.mu.Unlock()
		if o := s.orders[form["outTradeNo"]]; o != nil {
			return o.Last4
		}
	}
	return ""
}

// readForm takes the parameters out of the body; the address may not carry
// any, and none may come twice. Empty ones count as not sent.
func readForm(w http.ResponseWriter, r *http.Request) (form map[string]string, problem string) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/x-www-form-urlencoded" {
		return nil, "请求格式错误"
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return nil, "请求格式错误"
	}
	form = make(map[string]string, len(r.PostForm))
	for k, v := range r.PostForm {
		if len(v) != 1 {
			return nil, "参数重复：" + k
		}
		if v[0] != "" {
			form[k] = v[0]
		}
	}
	return form, ""
}

func (s *Server) check(form map[string]string, required string) (result, bool) {
	switch {
	case form["appId"] != s.p.AppID:
		return failed(subParameter, "appId不存在"), true
	case subtle.ConstantTimeCompare([]byte(form["sign"]), []byte(sign(form, s.p.Key))) != 1:
		return failed(subSign, "签名错误"), true
	}
	for _, name := range strings.Fields("appId random " + required) {
		if form[name] == "" {
			return failed(subParameter, name+"不能为空"), true
		}
	}
	if strings.Trim(form["random"], "0123456789") != "" {
		return failed(subParameter, "random只能为数字"), true
	}
	for _, name := range []string{"merchantCode", "consumeMerchantCode"} {
		if m := form[name]; m != "" && m != s.p.MerchantCode {
			return failed(subParameter, "商户不存在"), true
		}
	}
	return result{}, false
}

// sign is the rule of vendor page 673453270295568: names in ASCII order, empty
// values and sign itself left out, k=v joined by &, then &key=, MD5 in lower
// hex.
func sign(form map[string]string, key string) string {
	names := make([]string, 0, len(form))
	for k, v := range form {
		if k != "sign" && v != "" {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	h := md5.New()
	for _, k := range names {
		h.Write([]byte(k + "=" + form[k] + "&"))
	}
	h.Write([]byte("key=" + key))
	return hex.EncodeToString(h.Sum(nil))
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, a action, f standin.Fault, res result) {
	body := s.encode(res.fields, a.payment, f)
	standin.Send(w, r, f, standin.Reply{Body: body}, s.p.Sleep)
}

func (s *Server) encode(fields map[string]any, payment bool, f standin.Fault) []byte {
	_, nested := fields["data"]
	if s.p.Signing == SignAll && !nested || s.p.Signing == SignPayments && payment {
		if f.Kind != standin.Unsigned {
			fields["sign"] = s.replySign(fields, f)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(fields); err != nil {
		return []byte(`{"code":"FAILED","msg":"系统异常"}`)
	}
	return bytes.TrimSpace(b.Bytes())
}

func (s *Server) replySign(fields map[string]any, f standin.Fault) string {
	flat := make(map[string]string, len(fields))
	for k, v := range fields {
		if text, ok := v.(string); ok {
			flat[k] = text
		}
	}
	key := s.p.Key
	if f.Kind == standin.BadSignature {
		key += "?"
	}
	return sign(flat, key)
}
