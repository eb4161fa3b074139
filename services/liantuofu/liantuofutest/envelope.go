package liantuofutest

import (
	"bytes"
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
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

// The subCodes. USER_PAYING, PARAMETER_ERROR, REFUNDING and LOGIN_ERROR are on
// vendor pages;
// the others are this stand-in's assumption, since no list is public.
const (
	subUserPaying = "USER_PAYING"
	subParameter  = "PARAMETER_ERROR"
	subRefunding  = "REFUNDING"
	subLogin      = "LOGIN_ERROR"
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
	fields := map[string]any{"code": "FAILED", "msg": why, "subCode": sub, "subMsg": why}
	if sub == NoSubCode {
		delete(fields, "subCode")
	}
	return result{fields: fields}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, a action) {
	form, problem := readForm(w, r)
	if problem != "" {
		s.send(w, r, a, standin.None, failed(subParameter, problem))
		return
	}
	if bad, refused := s.check(form, a); refused {
		s.send(w, r, a, standin.None, bad)
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
	case "member-get":
		// Not of a payment code: its tail is about the payment.
		return form["mobile"] + form["memberCardNo"] + form["physicalCardUid"]
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
// any, and none may come twice.
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
		form[k] = v[0]
	}
	return form, ""
}

// check refuses what the signature or the parameters forbid, and takes the
// empty values out of the form.
func (s *Server) check(form map[string]string, a action) (result, bool) {
	no := func(sub, why string) (result, bool) { return failed(sub, why), true }
	signed := a.name != "login" || !s.p.LoginUnsigned || form["sign"] != ""
	want := sign(form, s.p.Key, s.p.Empties == EmptySigned)
	switch {
	case signed && form["appId"] != s.p.AppID:
		return no(subParameter, "appId不存在")
	case signed && subtle.ConstantTimeCompare([]byte(form["sign"]), []byte(want)) != 1:
		return no(s.p.BadSignSubCode, "签名错误")
	}
	for name, v := range form {
		if v == "" && s.p.Empties == EmptyRefused {
			return no(subParameter, name+"不能为空")
		}
	}
	maps.DeleteFunc(form, func(_, v string) bool { return v == "" })
	required := strings.Fields(a.required)
	if signed {
		required = append(required, "random")
	}
	for _, name := range required {
		if form[name] == "" {
			return no(subParameter, name+"不能为空")
		}
	}
	if strings.Trim(form["random"], digits) != "" {
		return no(subParameter, "random只能为数字")
	}
	for _, name := range []string{"merchantCode", "consumeMerchantCode", "shopNo"} {
		if m := form[name]; m != "" && m != s.p.MerchantCode {
			return no(subParameter, "商户不存在")
		}
	}
	return result{}, false
}

// sign is the rule of vendor page 673453270295568: names in ASCII order, empty
// values and sign itself left out, k=v joined by &, then &key=, MD5 in lower
// hex. With blanks, empty values stand in it as k=, as the vendor's own Java
// demo has them.
func sign(form map[string]string, key string, blanks bool) string {
	signed := make([]string, 0, len(form))
	for k, v := range form {
		if k != "sign" && (v != "" || blanks) {
			signed = append(signed, k)
		}
	}
	slices.Sort(signed)
	h := md5.New()
	for _, k := range signed {
		h.Write([]byte(k + "=" + form[k] + "&"))
	}
	h.Write([]byte("key=" + key))
	return hex.EncodeToString(h.Sum(nil))
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, a action, f standin.Fault, res result) {
	standin.Send(w, r, f, standin.Reply{Body: s.encode(res.fields, a.payment, f)}, s.p.Sleep)
}

func (s *Server) encode(fields map[string]any, payment bool, f standin.Fault) []byte {
	flat, whole := flatten(fields)
	if s.p.Signing == SignAll && whole || s.p.Signing == SignPayments && payment {
		key := s.p.Key
		if f.Kind == standin.BadSignature {
			key += "?"
		}
		if f.Kind != standin.Unsigned {
			fields["sign"] = sign(flat, key, false)
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

// flatten gives the fields as they are signed. It is not whole when one of them
// holds others: no page says how to sign those.
func flatten(fields map[string]any) (flat map[string]string, whole bool) {
	flat, whole = make(map[string]string, len(fields)), true
	for k, v := range fields {
		switch v := v.(type) {
		case string:
			flat[k] = v
		case int:
			flat[k] = strconv.Itoa(v)
		default:
			whole = false
		}
	}
	return flat, whole
}
