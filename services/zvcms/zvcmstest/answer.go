package zvcmstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"cashier/services/shopdata/standin"
)

// Codes of refusals. 110004 and 110007 are those of public clients, which treat
// both as a matter of signature, clock and nonce; which is which is assumed.
// The others are invented, the vendor's list not being public.
const (
	codeSign     = 110004
	codeReplay   = 110007
	codeRequest  = 110001
	codeAction   = 110002
	codeSystem   = 999999
	codeParams   = 200001
	codeMember   = 200002
	codePassword = 200003
	codeRefused  = 200500
	codeBalance  = 200605
	codePoints   = 200607
	codeCoupon   = 200608
	codeBizID    = 200801
	codeRepeated = 200802
)

// The samples of page 620, word for word: values that are all text and empty,
// and codes that are no numbers.
const (
	sampleSuccess = `{"status":"true","code":"0","message":"说明","data":{"status":"true","code":"0","message":"操作成功",` +
		`"bizId":"","couponsCardList":"","gift_amount":"","recharge_amount":"","total_amount":"","change_gift_amount":"",` +
		`"change_recharge_amount":"","storeBalance":"","shopBalance":""}}`
	sampleException   = `{"status":true,"code":"异常编码,根据不同的业务返回编码","message":"异常说明:查询的信息不存在"}`
	sampleSystemError = `{"status":false,"code":"系统错误编码:详见全局返回编码","message":"系统错误说明"}`
)

// answer is a reply before its types are chosen.
type answer struct {
	status   bool
	code     int
	message  string
	data     any    // an object gets status, code and message inside as well when inner is set
	verbatim string // the whole body, in place of all of it
	inner    bool
	innerOK  bool
	changed  bool
}

func ok(data any) answer { return answer{status: true, message: "操作成功", data: data} }

// refuse is a refusal by the business: outer status true, code not 0, as the
// page's error sample has it.
func refuse(code int, why string) answer { return answer{status: true, code: code, message: why} }

// reject is a refusal by the system, before the business saw the request.
func reject(code int, why string) answer { return answer{code: code, message: why} }

// carryOut runs the action, or gives what the fault answers in place of it, or
// both.
func (c call) carryOut(f standin.Fault) answer {
	instead, given := inPlace(f)
	if given && !f.Done {
		return instead
	}
	a := c.run(f)
	if given {
		instead.changed = a.changed
		return instead
	}
	return a
}

// inPlace are the faults that answer instead of the business.
func inPlace(f standin.Fault) (answer, bool) {
	switch f.Kind {
	case standin.Refused:
		return refuse(codeRefused, "操作失败"), true
	case standin.SystemError:
		return reject(codeSystem, "系统繁忙"), true
	case standin.InnerFailed:
		return answer{status: true, message: "说明", inner: true, data: map[string]any{}}, true
	case standin.SignError:
		return reject(codeSign, "签名错误"), true
	case standin.Replayed:
		return reject(codeReplay, "请求已失效"), true
	case standin.SampleSuccess:
		return answer{verbatim: sampleSuccess}, true
	case standin.SampleException:
		return answer{verbatim: sampleException}, true
	case standin.SampleSystemError:
		return answer{verbatim: sampleSystemError}, true
	}
	return answer{}, false
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, v3 bool, f standin.Fault, a answer) {
	body := []byte(a.verbatim)
	if a.verbatim == "" {
		doc := s.document(a)
		if v3 {
			doc["traceId"] = fmt.Sprintf("trace%012d", s.traces.Add(1))
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(doc); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body = bytes.TrimSpace(b.Bytes())
	}
	standin.Send(w, r, f, standin.Reply{Body: body}, s.p.Sleep)
}

func (s *Server) document(a answer) map[string]any {
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
	return doc
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
