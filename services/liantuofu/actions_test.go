package liantuofu

import (
	"context"
	"io"
	"net/http"
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
		for reply, want := range map[string]fault.Kind{"": silent, half: silent, huge: fault.Contract} {
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
