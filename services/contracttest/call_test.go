package contracttest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/wire"
	"cashier/services/zvcms"
)

// caller is a client that can be asked by the names of actions.
type caller interface {
	Call(ctx context.Context, action string, args []wire.Arg) (wire.Said, error)
}

// byName is a contract, with something usable for each of its parameters.
type byName struct {
	server  *stranger
	client  caller
	actions []wire.Action
	args    map[string]string
	secrets []string
	path    func(wire.Action) string // where an action comes in at the server
}

func contractsByName(t *testing.T) map[string]byName {
	h := newHeadOffice(t)
	g, ltf := newTill(t)
	all := map[string]byName{
		"HQ": {&h.stranger, hqClient(t, h.url), hq.Actions(), map[string]string{
			"id": "11", "productId": "101", "productClassId": "5", "productIds": "101,102", "shopIds": "7,8", "price": "7.5", "memberPrice": "7",
			"ids": "11,12", "appID": "wx1", "appSecret": hqSecret, "logoUrl": "/l", "backgroundUrl": "/b", "phone": "1", "prerogative": "p", "description": "d",
			"code": "T3-1-000007", "paymentType": "1", "money": "12.30", "qty": "1.462", "payTime": "2026-01-15 10:11:30", "createTime": "2026-01-15 10:11:30",
		}, []string{hqSecret, hqPassword}, func(a wire.Action) string { return a.Path }},
		"Liantuofu": {&g.stranger, ltf, liantuofu.Actions(), map[string]string{
			"outTradeNo": newNo, "totalAmount": "9.90", "authCode": codeRich, "channel": "WXPAY", "refundNo": "BACK-0001", "refundAmount": "1.30",
			"billBeginTime": "20260115000000", "billEndTime": "20260116000000", "cardNo": washCard, "count": "1", "mobile": "13800001111",
		}, []string{ltfKey, codeRich}, func(a wire.Action) string { return a.Path }},
	}
	for _, version := range zvVersions {
		z, c := newMembers(t, version)
		routes := map[string]string{v2Consume: v3Consume, v2Reverse: v3Reverse, v2Member: v3Member, v2Coupons: v3Coupons}
		all["zvcms "+version] = byName{&z.stranger, c, zvcms.Actions(), map[string]string{
			"bizId": bizID, "customerId": zvCustomer, "amount": "1.00", "payPassword": "pass-2468", "identifierNumber": "13800001111", "type": "2",
		}, []string{zvKey, "pass-2468"}, func(a wire.Action) string { return onWire(version, routes[a.Name]) }}
	}
	return all
}

// args are those the action needs, and one that only makes sense with it.
func (b byName) given(a wire.Action) []wire.Arg {
	var args []wire.Arg
	for _, f := range a.Fields {
		also := f.Name == "mobile" || f.Name == "amount" && a.Name == v2Consume || f.Name == "customerId"
		if value := b.args[f.Name]; value != "" && (f.Required || also) && f.Name != "password" {
			args = append(args, wire.Arg{Name: f.Name, Value: value})
		}
	}
	return args
}

// TestCalls calls every action of every contract by its name. The reply is
// whole, whatever it says, and shows no secret.
func TestCalls(t *testing.T) {
	t.Parallel()
	replies := map[string]manner{
		"as documented": {},
		"with HTTP 500": {status: http.StatusInternalServerError},
		"refused": {shape: func(any) any {
			return obj("status", number("605"), "code", "FAILED", "message", "卡余额不足", "id", number("9007199254740993"))
		}},
		"a web page":      {header: contentType("text/html"), text: func([]byte) []byte { return []byte("<html>oops</html>") }},
		"nothing":         {text: func([]byte) []byte { return nil }},
		"byte order mark": {text: func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }},
	}
	for contract, b := range contractsByName(t) {
		for _, a := range b.actions {
			for name, m := range replies {
				if a.Name == hq.ActionLogin && name != "as documented" {
					continue
				}
				t.Run(contract+"/"+a.Name+"/"+name, func(t *testing.T) { b.call(t, a, m) })
			}
		}
	}
}

func (b byName) call(t *testing.T, a wire.Action, m manner) {
	t.Helper()
	b.server.behave(m, b.path(a))
	defer b.server.behave(manner{}, "")
	before := len(b.server.requests(b.path(a)))
	said, err := b.client.Call(t.Context(), a.Name, b.given(a))
	if err != nil {
		t.Fatal(detail(err))
	}
	asked := b.server.requests(b.path(a))[before:]
	if len(asked) == 0 || a.Effect == wire.Writes && len(asked) != 1 || asked[0].method != a.Method {
		t.Fatalf("%d requests", len(asked))
	}
	want := http.StatusOK
	if m.status != 0 {
		want = m.status
	}
	if said.HTTPStatus != want {
		t.Errorf("HTTP %d, want %d: %s", said.HTTPStatus, want, said.Body)
	}
	for _, secret := range b.secrets {
		if strings.Contains(said.Body, secret) {
			t.Errorf("a secret shows: %s", said.Body)
		}
	}
	// Long numbers show their last digits only; a float would end in 2.
	if m.shape != nil && !strings.Contains(said.Body, "0993") {
		t.Errorf("digits are missing: %s", said.Body)
	}
}

// TestCallsRefused sends nothing for what no contract has.
func TestCallsRefused(t *testing.T) {
	for contract, b := range contractsByName(t) {
		before := len(b.server.asked)
		_, err := b.client.Call(t.Context(), "dropdatabase", nil)
		if fault.KindOf(err) != fault.Invalid || !strings.HasSuffix(fault.CodeOf(err), ".action_unknown") {
			t.Errorf("%s: %v", contract, err)
		}
		for _, a := range b.actions {
			if !strings.Contains(err.Error(), a.Name) {
				t.Errorf("%s: %s is not listed in %v", contract, a.Name, err)
			}
			if _, err := b.client.Call(t.Context(), a.Name, append(b.given(a), wire.Arg{Name: "sudo", Value: "1"})); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %s: %v", contract, a.Name, err)
			}
			if slices.ContainsFunc(a.Fields, func(f wire.Field) bool { return f.Required && f.Name != "shopIds" }) && a.Name != hq.ActionLogin {
				if _, err := b.client.Call(t.Context(), a.Name, nil); fault.KindOf(err) != fault.Invalid {
					t.Errorf("%s %s without anything: %v", contract, a.Name, err)
				}
			}
		}
		if n := len(b.server.asked) - before; n != 0 {
			t.Errorf("%s: %d requests were sent", contract, n)
		}
	}
}
