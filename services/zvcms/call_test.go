package zvcms

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/wire"
)

func TestActionsAreACopy(t *testing.T) {
	first := Actions()
	first[0].Fields[0].Name = "changed"
	first[0].Name = "changed"
	second := Actions()
	if second[0].Name != ActionConsume || second[0].Fields[0].Name != "bizId" {
		t.Errorf("%+v", second[0])
	}
	for _, a := range second {
		deed := a.Name == ActionConsume || a.Name == ActionReverse
		if a.Guarded != deed || bool(a.Effect) != deed || a.Method != http.MethodPost || a.Body != wire.Flat {
			t.Errorf("%+v", a)
		}
	}
}

func TestCallRefuses(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	args := func(pairs ...string) (all []wire.Arg) {
		for i := 0; i+1 < len(pairs); i += 2 {
			all = append(all, wire.Arg{Name: pairs[i], Value: pairs[i+1]})
		}
		return all
	}
	for name, tt := range map[string]struct {
		action string
		args   []wire.Arg
		code   string
		kind   fault.Kind
	}{
		"action":           {"consume", nil, "action_unknown", fault.Invalid},
		"field":            {ActionMember, args("identifierNumber", "1", "type", "1", "openId", "x"), "argument_unknown", fault.Invalid},
		"of the envelope":  {ActionConsume, args("bizId", "T01-1-000001", "Token", "x"), "argument_unknown", fault.Invalid},
		"twice":            {ActionConsume, args("bizId", "1", "bizId", "2"), "argument_twice", fault.Invalid},
		"missing":          {ActionConsume, args("amount", "1.00"), "argument_missing", fault.Invalid},
		"not a number":     {ActionConsume, args("bizId", "1", "points", "x"), "argument_value", fault.Invalid},
		"control":          {ActionConsume, args("bizId", "1", "remark", "a\x00b"), "value", fault.Invalid},
		"not text":         {ActionMember, args("identifierNumber", "\xff", "type", "1"), "value", fault.Invalid},
		"reversal, so off": {ActionReverse, args("bizId", "ZM1"), "reverse_off", fault.Refused},
	} {
		_, err := c.Call(t.Context(), tt.action, tt.args)
		if checked := c.Check(tt.action, tt.args); fault.CodeOf(checked) != fault.CodeOf(err) {
			t.Errorf("%s: checked as %v", name, checked)
		}
		if fault.CodeOf(err) != "zvcms."+tt.code || fault.KindOf(err) != tt.kind {
			t.Errorf("%s: %v (%s)", name, err, fault.CodeOf(err))
		}
		if tt.code == "action_unknown" {
			for _, a := range Actions() {
				if !strings.Contains(err.Error(), a.Name) {
					t.Errorf("%s is not named in %v", a.Name, err)
				}
			}
		}
	}
}

// Whatever the verdict, a whole reply is shown, and no secret in it.
func TestCallShowsEveryWholeReply(t *testing.T) {
	for status, body := range map[int]string{
		200: `{"status":false,"code":110004,"message":"sign ` + testToken + ` of ` + testKey + `","token":"abc","id":390962138708451328}`,
		500: `<html>oops</html>`,
		404: ``,
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
		said := call(t, c, ActionMember, wire.Arg{Name: "identifierNumber", Value: "9"}, wire.Arg{Name: "type", Value: "1"})
		if said.HTTPStatus != status || strings.Contains(said.Body, testKey) || strings.Contains(said.Body, "ySypL4") || strings.Contains(said.Body, "abc") {
			t.Errorf("%+v", said)
		}
		if status == 500 && said.Body != body {
			t.Errorf("%+v", said)
		}
		if status == 200 && !strings.Contains(said.Body, `"***1328"`) { // as long as a payment code, and shown as one
			t.Errorf("%+v", said)
		}
	}
}

func TestCallHidesWhatWasPassed(t *testing.T) {
	const odd = `p"w\d`
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": true, "code": 1, "message": string(body)})
	})
	said := call(t, c, ActionConsume, wire.Arg{Name: "bizId", Value: "T01-1-000001"}, wire.Arg{Name: "type", Value: "1"},
		wire.Arg{Name: "couponsCardList", Value: scanned + ", 660000000002"}, wire.Arg{Name: "payPassword", Value: odd})
	for _, secret := range []string{scanned, "660000000002", odd, testKey} {
		if strings.Contains(said.Body, secret) {
			t.Errorf("%q is in %s", secret, said.Body)
		}
	}
}

func TestCallFillsInWhatTheSettingsKnow(t *testing.T) {
	var got map[string]any
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		var doc struct{ Params map[string]any }
		if err := json.NewDecoder(r.Body).Decode(&doc); err != nil {
			t.Error(err)
		}
		got = doc.Params
		_, _ = io.WriteString(w, `{"status":true,"code":0}`)
	}, func(p *Params) { p.OperatorID, p.OperatorName = 11, "王" })
	call(t, c, ActionConsume, wire.Arg{Name: "bizId", Value: "1"}, wire.Arg{Name: "amount", Value: "1.00"}, wire.Arg{Name: "multiMark", Value: "S002"}, wire.Arg{Name: "remark", Value: ""})
	want := map[string]any{"bizId": "1", "amount": "1.00", "multiMark": "S002", "remark": "", "operatorId": 11.0, "operatorName": "王"}
	if !reflect.DeepEqual(want, got) {
		t.Error(got)
	}
	call(t, c, ActionCoupons, wire.Arg{Name: "customerId", Value: "1"})
	if !reflect.DeepEqual(map[string]any{"customerId": "1"}, got) {
		t.Error(got)
	}
}

func TestCallWithoutAWholeReply(t *testing.T) {
	gone := clientWith(t, "http://127.0.0.1:1/api/v2")
	if _, err := gone.Call(t.Context(), ActionCoupons, []wire.Arg{{Name: "customerId", Value: "1"}}); fault.CodeOf(err) != "zvcms.unreachable" {
		t.Error(err)
	}
	cut, _ := rawGateway(t, func(io.Writer) {})
	if _, err := cut.Call(t.Context(), ActionConsume, []wire.Arg{{Name: "bizId", Value: "1"}, {Name: "points", Value: "1"}}); fault.CodeOf(err) != "zvcms.silent" {
		t.Error(err)
	}
	if _, err := cut.Call(t.Context(), ActionCoupons, []wire.Arg{{Name: "customerId", Value: "1"}}); fault.CodeOf(err) != "zvcms.no_answer" {
		t.Error(err)
	}
	locked := clientWith(t, "http://127.0.0.1:1/api/v2", func(p *Params) {
		p.Key = func() (string, error) { return "", errors.New("locked") }
	})
	if _, err := locked.Call(t.Context(), ActionCoupons, []wire.Arg{{Name: "customerId", Value: "1"}}); fault.CodeOf(err) != "zvcms.key_missing" {
		t.Error(err)
	}
}

// The exit code of a call hangs on this: a deed that may have been done is
// never called refused, nor one that was refused done.
func TestWhatACallProves(t *testing.T) {
	const data = `"data":{"status":true,"code":0,"bizId":"ZM1","change_gift_amount":"0.00","change_recharge_amount":"1.00"}`
	consume := []wire.Arg{{Name: "bizId", Value: "T01-1-000001"}, {Name: "customerId", Value: customer}, {Name: "amount", Value: "1.00"}}
	points := []wire.Arg{{Name: "bizId", Value: "T01-1-000001"}, {Name: "customerId", Value: customer}, {Name: "points", Value: "5"}}
	member := []wire.Arg{{Name: "identifierNumber", Value: "9"}, {Name: "type", Value: "1"}}
	reverse := []wire.Arg{{Name: "bizId", Value: "ZM1"}}
	for name, tt := range map[string]struct {
		action string
		args   []wire.Arg
		status int
		body   string
		want   wire.Outcome
	}{
		"done":                   {ActionConsume, consume, 200, `{"status":"true","code":"0",` + data + `}`, wire.Done},
		"points alone":           {ActionConsume, points, 200, `{"status":true,"code":0,"data":{"bizId":"ZM1"}}`, wire.Done},
		"too little":             {ActionConsume, consume, 200, `{"status":true,"code":200601,"message":"余额不足"}`, wire.Refused},
		"no such member":         {ActionConsume, consume, 200, `{"status":true,"code":"异常编码","message":"查询的信息不存在"}`, wire.Refused},
		"wrong key":              {ActionConsume, consume, 200, `{"status":false,"code":110004}`, wire.Refused},
		"its own fault":          {ActionConsume, consume, 200, `{"status":false,"code":999999}`, wire.Open},
		"no outside, yes in":     {ActionConsume, consume, 200, `{"status":true,"code":200,` + data + `}`, wire.Open},
		"yes outside, no in":     {ActionConsume, consume, 200, `{"status":true,"code":0,"data":{"status":true,"code":5,"bizId":"ZM1"}}`, wire.Open},
		"no bizId":               {ActionConsume, consume, 200, `{"status":true,"code":0,"data":{"change_recharge_amount":"1.00"}}`, wire.Open},
		"no sums":                {ActionConsume, consume, 200, `{"status":true,"code":0,"data":{"bizId":"ZM1"}}`, wire.Open},
		"another sum":            {ActionConsume, consume, 200, `{"status":true,"code":0,"data":{"bizId":"ZM1","change_recharge_amount":"1.01"}}`, wire.Open},
		"money taken for points": {ActionConsume, points, 200, `{"status":true,"code":0,` + data + `}`, wire.Open},
		"given, not taken":       {ActionConsume, consume, 200, `{"status":true,"code":0,"data":{"bizId":"ZM1","change_gift_amount":"-1","change_recharge_amount":"2"}}`, wire.Open},
		"twice":                  {ActionConsume, consume, 200, `{"status":true,"code":1,"code":0,` + data + `}`, wire.Open},
		"no code":                {ActionConsume, consume, 200, `{"status":true}`, wire.Open},
		"garbage":                {ActionConsume, consume, 200, `???`, wire.Open},
		"HTTP 500":               {ActionConsume, consume, 500, `{"status":true,"code":0,` + data + `}`, wire.Open},
		"HTTP 401":               {ActionConsume, consume, 401, ``, wire.Refused},
		"taken back":             {ActionReverse, reverse, 200, `{"status":true,"code":0,"data":{"bizId":"ZM1"}}`, wire.Done},
		"not taken back":         {ActionReverse, reverse, 200, `{"status":true,"code":404}`, wire.Refused},
		"asked":                  {ActionMember, member, 200, `{"status":true,"code":0,"data":null}`, wire.Done},
		"asked in vain":          {ActionMember, member, 200, `{"status":false,"code":999999}`, wire.Refused},
		"asked, HTTP 500":        {ActionMember, member, 500, ``, wire.Refused},
	} {
		c := client(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = io.WriteString(w, tt.body)
		}, reversible)
		said, err := c.Call(t.Context(), tt.action, tt.args)
		if err != nil || said.Outcome != tt.want {
			t.Errorf("%s: %s, %v", name, said.Outcome, err)
		}
	}
	huge := client(t, says(`{"status":true,"code":0}`+strings.Repeat(" ", wire.MaxBody)))
	if _, err := huge.Call(t.Context(), ActionConsume, consume); fault.CodeOf(err) != "zvcms.silent" {
		t.Error(err)
	}
	if _, err := huge.Call(t.Context(), ActionMember, member); fault.CodeOf(err) != "zvcms.too_large" {
		t.Error(err)
	}
}

// The page demands at least one of them, and an amount of two decimals.
func TestCallRefusesAConsumeOfNothing(t *testing.T) {
	c := clientWith(t, "http://127.0.0.1:1/api/v2")
	for _, args := range [][]wire.Arg{
		nil, {{Name: "amount", Value: "0"}}, {{Name: "points", Value: "0"}}, {{Name: "couponsCardList", Value: ""}},
		{{Name: "amount", Value: "1.005"}}, {{Name: "amount", Value: "-1"}}, {{Name: "amount", Value: "-1"}, {Name: "points", Value: "1"}},
	} {
		if _, err := c.Call(t.Context(), ActionConsume, append(args, wire.Arg{Name: "bizId", Value: "abcd12345"})); fault.CodeOf(err) != "zvcms.field" {
			t.Errorf("%v: %v", args, err)
		}
	}
}
