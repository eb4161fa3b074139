package liantuofu

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Which actions change something is not for the table alone to say.
func TestEffects(t *testing.T) {
	deeds := []string{"cancel", "close", "pay", "precreate", "refundV2", "timescard/userTimesCardConsume"}
	questions := []string{"bill", "member/get", "pay/query", "refund/queryV2", "timescard/userTimesCardDetail"}
	var writes, reads []string
	for _, a := range Actions() {
		if a.Effect == wire.Writes {
			writes = append(writes, a.Name)
		} else {
			reads = append(reads, a.Name)
		}
		if a.Guarded != (a.Effect == wire.Writes) || a.Method != http.MethodPost || a.Body != wire.Flat || a.Path == "" {
			t.Errorf("%+v", a)
		}
		for _, f := range a.Fields {
			if slices.Contains([]string{"appId", "random", "sign"}, f.Name) {
				t.Errorf("%s lets %s be given", a.Name, f.Name)
			}
		}
	}
	slices.Sort(writes)
	slices.Sort(reads)
	if diff := cmp.Diff([][]string{deeds, questions}, [][]string{writes, reads}); diff != "" {
		t.Error(diff)
	}
}

func TestActionsAreACopy(t *testing.T) {
	spoilt := Actions()
	spoilt[0].Path = "elsewhere"
	spoilt[0].Fields[0].Name = "spoilt"
	if a := Actions()[0]; a.Path != "pay" || a.Fields[0].Name != "outTradeNo" {
		t.Errorf("%+v", a)
	}
}

// Every field of every action, given something that would let two requests have
// one signed text, or that no scanner means: nothing may leave.
func TestBadValuesNeverLeave(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	for _, a := range Actions() {
		for _, f := range a.Fields {
			for _, bad := range []string{"a&b", "a=b", "&", "=", "a\nb", "\x00", "\x7f", "a\xffb"} {
				args := slices.DeleteFunc(slices.Clone(sendings[a.Name].args), func(arg wire.Arg) bool { return arg.Name == f.Name })
				_, err := c.Call(t.Context(), a.Name, append(args, wire.Arg{Name: f.Name, Value: bad}))
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), f.Name) {
					t.Errorf("%s %s=%q: %v", a.Name, f.Name, bad, err)
				}
			}
		}
	}
	const bad = "a&b=c"
	for what, r := range map[string]Reply{
		"pay":              c.Pay(t.Context(), PayRequest{OutTradeNo: "T01-1-000001", Total: 1, AuthCode: bad}),
		"pay subject":      c.Pay(t.Context(), PayRequest{OutTradeNo: "T01-1-000001", Total: 1, AuthCode: authCode, Subject: bad}),
		"precreate":        c.Precreate(t.Context(), PrecreateRequest{OutTradeNo: "T01-1-000001", Total: 1, Channel: "WXPAY", NotifyURL: "https://shop.example/?a=b"}).Reply,
		"cancel":           c.Cancel(t.Context(), "T01-1-000001", bad),
		"close":            c.Close(t.Context(), "T01-1-000001", bad),
		"refund":           c.RefundV2(t.Context(), RefundRequest{OutTradeNo: "T01-1-000001", RefundNo: "T01-1-R00001", Amount: 1, OperatorID: bad}),
		"member":           c.Member(t.Context(), MemberQuery{Code: bad}).Reply,
		"member shop":      c.Member(t.Context(), MemberQuery{Code: authCode, ShopNo: bad}).Reply,
		"detail":           c.CardDetail(t.Context(), bad).Reply,
		"consume":          c.CardConsume(t.Context(), CardConsumeRequest{CardNo: bad, Count: 1}),
		"consume's remark": c.CardConsume(t.Context(), CardConsumeRequest{CardNo: "9", Count: 1, Remark: bad}),
	} {
		if r.Delivery != NotSent || fault.KindOf(r.Err) != fault.Invalid || strings.Contains(r.Err.Error(), bad) {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

func TestCallRefuses(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	with := func(action string, more ...wire.Arg) (string, []wire.Arg) {
		return action, append(slices.Clone(sendings[action].args), more...)
	}
	type call struct {
		action string
		args   []wire.Arg
	}
	of := func(action string, args []wire.Arg) call { return call{action, args} }
	for name, tt := range map[string]struct {
		call
		code string
	}{
		"unknown action":       {call{"payy", nil}, "action_unknown"},
		"no action":            {call{"", nil}, "action_unknown"},
		"unknown field":        {of(with("pay", wire.Arg{Name: "amount", Value: "1"})), "argument_unknown"},
		"another appId":        {of(with("pay", wire.Arg{Name: "appId", Value: "EW_N9"})), "argument_unknown"},
		"another sign":         {of(with("pay", wire.Arg{Name: "sign", Value: "0"})), "argument_unknown"},
		"another random":       {of(with("pay", wire.Arg{Name: "random", Value: "1"})), "argument_unknown"},
		"twice":                {of(with("pay", wire.Arg{Name: "totalAmount", Value: "1"})), "argument_twice"},
		"nothing given":        {call{"pay", nil}, "argument_missing"},
		"given but empty":      {call{"timescard/userTimesCardDetail", []wire.Arg{{Name: "cardNo"}}}, "argument_missing"},
		"refund of everything": {call{"refundV2", []wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "refundNo", Value: "T01-1-R00001"}}}, "argument_missing"},
		"zero yuan":            {call{"refundV2", []wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "refundNo", Value: "T01-1-R00001"}, {Name: "refundAmount", Value: "0.00"}}}, "field"},
		"half a fen":           {call{"refundV2", []wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "refundNo", Value: "T01-1-R00001"}, {Name: "refundAmount", Value: "0.015"}}}, "field"},
		"exponent":             {call{"precreate", []wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "totalAmount", Value: "1e3"}, {Name: "channel", Value: "WXPAY"}}}, "field"},
		"channel":              {call{"precreate", []wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "totalAmount", Value: "1"}, {Name: "channel", Value: "wxpay"}}}, "field"},
		"count":                {call{"timescard/userTimesCardConsume", []wire.Arg{{Name: "cardNo", Value: "9"}, {Name: "count", Value: "-1"}}}, "field"},
		"page size":            {of(with("bill", wire.Arg{Name: "pageSize", Value: "201"})), "field"},
		"page":                 {of(with("bill", wire.Arg{Name: "pageNumber", Value: "0"})), "field"},
		"time":                 {call{"bill", []wire.Arg{{Name: "billBeginTime", Value: "2026-03-01"}, {Name: "billEndTime", Value: "20260302000000"}}}, "field"},
	} {
		_, err := c.Call(t.Context(), tt.action, tt.args)
		if checked := c.Check(tt.action, tt.args); fault.CodeOf(checked) != fault.CodeOf(err) {
			t.Errorf("%s: checked as %v", name, checked)
		}
		if fault.CodeOf(err) != "liantuofu."+tt.code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v (%s)", name, err, fault.CodeOf(err))
		}
	}
	if _, err := c.Call(t.Context(), "payy", nil); err == nil || !strings.Contains(err.Error(), "refund/queryV2") {
		t.Errorf("the names are not told: %v", err)
	}
}

// Whatever the gateway says is shown, and no secret with it.
func TestCallShowsEveryVerdict(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		shows  []string
		hides  string
	}{
		"success":   {200, `{"code":"SUCCESS","outTradeNo":"T01-1-000001","transactionId":9007199254740993,"sign":"9e3c7ba343a5f5fe68c8d0f897298ded"}`, []string{"SUCCESS", "9007199254740993"}, "9e3c7ba3"},
		"failed":    {200, `{"code":"FAILED","subCode":"USER_PAYING","msg":"付款码 134567890123456789"}`, []string{"FAILED", "USER_PAYING"}, authCode},
		"unknown":   {200, `{"code":"605"}`, []string{"605"}, ""},
		"error":     {500, `{"code":"SUCCESS"}`, []string{"SUCCESS"}, ""},
		"refused":   {401, `key=test-key-0001`, nil, testKey},
		"elsewhere": {302, ``, nil, ""},
		"web page":  {502, "<html>Bad Gateway</html>", []string{"Bad Gateway"}, ""},
	} {
		for _, action := range []string{"pay", "pay/query"} {
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			said, err := c.Call(t.Context(), action, sendings[action].args)
			if err != nil || said.HTTPStatus != tt.status || tt.hides != "" && strings.Contains(said.Body, tt.hides) {
				t.Errorf("%s, %s: %+v, %v", action, name, said, err)
			}
			for _, s := range tt.shows {
				if !strings.Contains(said.Body, s) {
					t.Errorf("%s, %s: %q is not in %s", action, name, s, said.Body)
				}
			}
		}
	}
}

func TestCallWithoutWholeReply(t *testing.T) {
	half := "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
	huge := "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + strings.Repeat(" ", wire.MaxBody+1)
	call := func(c *Client, action string) error {
		said, err := c.Call(t.Context(), action, sendings[action].args)
		if said != (wire.Said{}) {
			t.Errorf("%s: %+v", action, said)
		}
		return err
	}
	for _, a := range Actions() {
		silent := fault.Unreachable
		if a.Effect == wire.Writes {
			silent = fault.Unknown
		}
		tooLarge := fault.Contract
		if a.Effect == wire.Writes {
			tooLarge = fault.Unknown // the deed may have been done
		}
		for reply, want := range map[string]fault.Kind{"": silent, half: silent, huge: tooLarge} {
			c, requests := rawGateway(t, answerWith(reply))
			if err := call(c, a.Name); fault.KindOf(err) != want || requests.Load() != 1 {
				t.Errorf("%s, reply of %d: %v (%d requests)", a.Name, len(reply), err, requests.Load())
			}
		}
	}
	c := clientAt(t, "http://127.0.0.1:1/open/")
	if err := call(c, "pay"); fault.KindOf(err) != fault.Unreachable || !strings.Contains(err.Error(), "nothing was sent") {
		t.Error(err)
	}
	c.p.Key = func() (string, error) { return "", nil }
	if err := call(c, "pay"); fault.KindOf(err) != fault.Credentials {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := clientAt(t, "http://127.0.0.1:1/open/").Call(gone, "pay", sendings["pay"].args); fault.KindOf(err) != fault.Unreachable {
		t.Error(err)
	}
}

// The exit code of a call hangs on this: a deed that may have been done is
// never called refused, nor one that was refused done. Forms of a FAILED are
// those of the vendor pages and of pay.weixin.qq.com/doc/v2/merchant/4011937125.
func TestWhatACallProves(t *testing.T) {
	const paid = `{"code":"SUCCESS","orderStatus":"SUCCESS","outTradeNo":"T01-1-000001","totalAmount":"12.30"}`
	args := map[string][]wire.Arg{
		"pay":                            {{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "totalAmount", Value: "12.30"}, {Name: "authCode", Value: authCode}},
		"pay/query":                      {{Name: "outTradeNo", Value: "T01-1-000001"}},
		"refundV2":                       {{Name: "outTradeNo", Value: "T01-1-000001"}, {Name: "refundNo", Value: "T01-1-R00001"}, {Name: "refundAmount", Value: "1"}},
		"timescard/userTimesCardConsume": {{Name: "cardNo", Value: "9"}, {Name: "count", Value: "1"}},
	}
	for name, tt := range map[string]struct {
		action string
		status int
		body   string
		want   wire.Outcome
	}{
		"paid":                {"pay", 200, paid, wire.Done},
		"too little":          {"pay", 200, `{"code":"FAILED","msg":"余额不足"}`, wire.Refused},
		"code too old":        {"pay", 200, `{"code":"failed","subCode":"AUTH_CODE_ERROR"}`, wire.Refused},
		"another key":         {"pay", 200, `{"code":"FAILED","subCode":"SIGN_ERROR","sign":"00000000000000000000000000000000"}`, wire.Refused},
		"paying":              {"pay", 200, `{"code":"FAILED","subCode":"USER_PAYING"}`, wire.Open},
		"used before":         {"pay", 200, `{"code":"FAILED","subCode":"PARAMETER_ERROR","subMsg":"订单已存在，请重新下单"}`, wire.Open},
		"wallet unsure":       {"pay", 200, `{"code":"FAILED","subCode":"SYSTEM_ERROR"}`, wire.Open},
		"wallet waits":        {"pay", 200, `{"code":"FAILED","subCode":"WAIT_BUYER_PAY"}`, wire.Open},
		"success, not paid":   {"pay", 200, `{"code":"SUCCESS","orderStatus":"NOTPAY"}`, wire.Open},
		"success of what":     {"pay", 200, `{"code":"SUCCESS"}`, wire.Open},
		"another sum":         {"pay", 200, strings.Replace(paid, "12.30", "12.31", 1), wire.Open},
		"another order":       {"pay", 200, strings.Replace(paid, "000001", "000002", 1), wire.Open},
		"neither yes nor no":  {"pay", 200, `{"code":"605"}`, wire.Open},
		"forged":              {"pay", 200, `{"code":"FAILED","sign":"00000000000000000000000000000000"}`, wire.Open},
		"twice":               {"pay", 200, `{"code":"FAILED","code":"SUCCESS"}`, wire.Open},
		"garbage":             {"pay", 200, `???`, wire.Open},
		"empty":               {"pay", 200, ``, wire.Open},
		"HTTP 500":            {"pay", 500, paid, wire.Open},
		"web page":            {"pay", 502, `<html>`, wire.Open},
		"elsewhere":           {"pay", 302, ``, wire.Open},
		"HTTP 429":            {"pay", 429, ``, wire.Open},
		"HTTP 401":            {"pay", 401, ``, wire.Refused},
		"HTTP 404":            {"pay", 404, ``, wire.Refused},
		"refund accepted":     {"refundV2", 200, `{"code":"SUCCESS","refundNo":"T01-1-R00001"}`, wire.Done},
		"refund under way":    {"refundV2", 200, `{"code":"FAILED","subCode":"REFUNDING"}`, wire.Open},
		"another refund":      {"refundV2", 200, `{"code":"SUCCESS","refundNo":"T01-1-R00002"}`, wire.Open},
		"too much to refund":  {"refundV2", 200, `{"code":"FAILED","msg":"退款金额超限"}`, wire.Refused},
		"card":                {"timescard/userTimesCardConsume", 200, `{"code":"SUCCESS"}`, wire.Done},
		"no times left":       {"timescard/userTimesCardConsume", 200, `{"code":"FAILED","msg":"次数不足"}`, wire.Refused},
		"card in garbage":     {"timescard/userTimesCardConsume", 200, `{`, wire.Open},
		"asked":               {"pay/query", 200, `{"code":"SUCCESS","orderStatus":"NOTPAY"}`, wire.Done},
		"asked in vain":       {"pay/query", 200, `{"code":"FAILED","msg":"订单不存在"}`, wire.Refused},
		"asked, HTTP 500":     {"pay/query", 500, ``, wire.Refused},
		"asked, garbage back": {"pay/query", 200, `???`, wire.Refused},
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
		})
		said, err := c.Call(t.Context(), tt.action, args[tt.action])
		if err != nil || said.Outcome != tt.want {
			t.Errorf("%s: %s, %v", name, said.Outcome, err)
		}
	}
}

// An error page that repeats the request shows neither the code nor the
// signature.
func TestCallHidesWhatWasPassed(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		_, _ = io.WriteString(w, "<p>"+form.Get("authCode")+" | "+form.Get("sign")+"</p>")
	})
	said, err := c.Call(t.Context(), "pay", sendings["pay"].args)
	if err != nil || said.Body != "<p>*** | ***</p>" {
		t.Errorf("%+v, %v", said, err)
	}
}
