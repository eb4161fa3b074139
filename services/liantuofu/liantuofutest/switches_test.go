package liantuofutest

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"cashier/services/shopdata/standin"
)

const washCard = "914095353294401111"

func (b *bed) consume(code, count string) map[string]string {
	b.t.Helper()
	return b.call("timescard/userTimesCardConsume", "cardNo", code, "count", count, "consumeSource", "1",
		"consumeMerchantCode", testMerchant, "remark", "r-"+code)
}

func TestDynamicCardCodes(t *testing.T) {
	b := setup(t, nil)
	status, code := b.bench("/_sim/card-code", `{"cardNo":"914095353294401111","tail":"1234"}`, "code")
	if status != 200 || len(code) != 18 || code[:2] != "91" || code[14:] != "1234" {
		t.Fatalf("%d %s", status, code)
	}
	want(t, b.call("timescard/userTimesCardDetail", "cardNo", code), "subCode", subNotFound)
	want(t, b.consume(code, "4"), "msg", "剩余次数不足") // a refusal does not spend the code
	want(t, b.consume(code, "2"), "code", "SUCCESS")
	want(t, b.consume(code, "1"), "code", "FAILED", "msg", "核销码已使用，请刷新")
	want(t, b.consume(washCard, "1"), "code", "SUCCESS")
	list := b.s.Charges()
	if len(list) != 2 || list[0].Account != washCard || list[0].Count != 2 || list[0].Last4 != "1234" || list[1].Last4 != "1111" {
		t.Errorf("charges %+v", list)
	}
	if left, _ := b.s.Remaining(washCard); left != 0 {
		t.Errorf("%d left", left)
	}
	old, err := b.s.CardCode(washCard, "")
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Add(time.Minute + time.Second)
	want(t, b.consume(old, "1"), "msg", "核销码已过期，请刷新")
	b.clock.Add(time.Hour)
	if _, err := b.s.CardCode(washCard, ""); err != nil {
		t.Fatal(err)
	}
	want(t, b.consume(old, "1"), "msg", "次卡不存在") // long forgotten
	for _, body := range []string{`{"cardNo":"1"}`, `{"cardNo":"914095353294401111","tail":"12a4"}`, `{`} {
		if status, why := b.bench("/_sim/card-code", body, "error"); status != 400 || why == "" {
			t.Errorf("%s: %d %s", body, status, why)
		}
	}
}

func TestDynamicCodeTailsAndDetail(t *testing.T) {
	b := setup(t, func(p *Params) { p.CardDetailByCode, p.CardCodeTTL = true, time.Second })
	code, err := b.s.CardCode(washCard, "9004")
	if err != nil {
		t.Fatal(err)
	}
	want(t, b.call("timescard/userTimesCardDetail", "cardNo", code), "cardNo", washCard, "suplusTimes", "3")
	saw, _ := see(b.raw(t.Context(), "timescard/userTimesCardConsume", "cardNo", code, "count", "1", "consumeSource", "1",
		"consumeMerchantCode", testMerchant))
	if saw != sawNothing || len(b.s.Charges()) != 1 {
		t.Errorf("saw %s, charges %v", saw, b.s.Charges())
	}
	want(t, b.call("timescard/userTimesCardDetail", "cardNo", code), "suplusTimes", "2")
}

// The three readings of an empty value, each with a sign that leaves it out
// and one that has it in. The signs were made with md5sum from the texts
// appId=EW_N0000000001&merchantCode=EW_N0000000002&outTradeNo=order-0001&random=1&key=test-key-0001
// and the same with &operatorId= before &outTradeNo.
func TestEmptyValues(t *testing.T) {
	const without, with = "a9deb7d7b0d3c225851a23e77951f86f", "641dd995dcd2ef3009e15810818ff1e3"
	for empties, c := range map[Empties]struct{ without, with string }{
		EmptyIgnored: {subNotFound, subSign}, EmptySigned: {subSign, subNotFound}, EmptyRefused: {subParameter, subSign},
	} {
		b := setup(t, func(p *Params) { p.Empties = empties })
		for sign, sub := range map[string]string{without: c.without, with: c.with} {
			got := b.call("pay/query", "random", "1", "merchantCode", testMerchant, "outTradeNo", "order-0001", "operatorId", "", "sign", sign)
			want(t, got, "code", "FAILED", "subCode", sub)
		}
	}
}

func TestBadSignSubCode(t *testing.T) {
	for given, seen := range map[string]string{"": subSign, "PARAMETER_ERROR": "PARAMETER_ERROR", NoSubCode: ""} {
		b := setup(t, func(p *Params) { p.BadSignSubCode = given })
		got := b.call("pay/query", "merchantCode", testMerchant, "outTradeNo", "order-0001", "sign", "x")
		want(t, got, "code", "FAILED", "subCode", seen, "subMsg", "签名错误")
		if _, has := got["subCode"]; has != (seen != "") {
			t.Errorf("%v", got)
		}
	}
}

func TestSigning(t *testing.T) {
	for signing, signed := range map[Signing][2]bool{SignAll: {true, true}, SignPayments: {true, false}, SignNone: {false, false}} {
		b := setup(t, func(p *Params) { p.Signing = signing })
		pay := b.pay("order-0001", "1.00", b.code("0001", "1234"))
		login := b.call("login", "userName", "boss", "passWord", "boss-pass")
		for i, m := range []map[string]string{pay, login} {
			if _, has := m["sign"]; has != signed[i] || has && m["sign"] != sign(m, testKey, false) {
				t.Errorf("signing %d: %v", signing, m)
			}
		}
	}
}

// Every action of the menu can do every kind that needs nothing of its own, by
// both of its names.
func TestEveryActionHasItsFaults(t *testing.T) {
	requests := map[string][]string{
		"pay": payFields("order-0001", "1.00", "130001000000011234"), "pay/query": {"merchantCode", testMerchant, "outTradeNo", "order-0001"},
		"cancel": {"merchantCode", testMerchant, "outTradeNo", "order-0001"}, "close": {"merchantCode", testMerchant, "outTradeNo", "order-0001"},
		"precreate": {"merchantCode", testMerchant, "outTradeNo", "order-0002", "totalAmount", "1.00", "channel", "WXPAY", "tradeType", "NATIVE"},
		"refundV2":  {"merchantCode", testMerchant, "outTradeNo", "order-0001", "refundNo", "refund-01"}, "refund/queryV2": {"merchantCode", testMerchant, "refundNo", "refund-01"},
		"bill":       {"merchantCode", testMerchant, "billBeginTime", "20260501000000", "billEndTime", "20260502000000"},
		"member/get": {"mobile", "13800000011"}, "login": {"userName", "boss", "passWord", "boss-pass"},
		"timescard/userTimesCardDetail":  {"cardNo", washCard},
		"timescard/userTimesCardConsume": {"cardNo", washCard, "count", "1", "consumeSource", "1", "consumeMerchantCode", testMerchant},
	}
	covered := map[string]bool{}
	for path, kv := range requests {
		short := path
		if alias, has := menu.Aliases[path]; has {
			short = alias
		}
		covered[short] = true
		b := setup(t, nil)
		for kind, saw := range map[standin.Kind]string{
			standin.LostReply: sawNothing, standin.RequestLost: sawNothing, standin.Error500: sawHTTP, standin.HTML: sawHTTP,
			standin.Garbage: sawNoJSON, standin.Truncated: sawNothing, standin.Empty: sawNoJSON, standin.Refused: sawFailed,
		} {
			for _, name := range []string{short, path, "liantuofu." + short} {
				if err := b.s.SetFaults(name + "=" + string(kind)); err != nil {
					t.Fatal(err)
				}
				status, body, err := b.raw(context.Background(), path, kv...)
				got := look(status, body, err)
				if kind == standin.Truncated && got == sawNoJSON {
					got = sawNothing // the body broke off, either way
				}
				if got != saw {
					t.Errorf("%s=%s: saw %s: %s", name, kind, got, body)
				}
			}
		}
	}
	for short := range menu.Actions {
		if !covered[short] {
			t.Errorf("%s has no request here", short)
		}
	}
}

// look is see for replies that hold more than texts.
func look(status int, body []byte, err error) string {
	var m struct{ Code string }
	switch {
	case err != nil:
		return sawNothing
	case status != http.StatusOK:
		return sawHTTP
	case json.Unmarshal(body, &m) != nil:
		return sawNoJSON
	case m.Code == "SUCCESS":
		return sawSuccess
	}
	return sawFailed
}

func TestStateKeepsCodesAndScans(t *testing.T) {
	b := setup(t, nil)
	b.precreate("order-0001", "5.00", "WXPAY")
	b.precreate("order-0002", "6.00", "WXPAY")
	if err := b.s.PayQR("order-0001", "0001"); err != nil {
		t.Fatal(err)
	}
	used, err := b.s.CardCode(washCard, "")
	if err != nil {
		t.Fatal(err)
	}
	want(t, b.consume(used, "1"), "code", "SUCCESS")
	fresh, err := b.s.CardCode(washCard, "")
	if err != nil {
		t.Fatal(err)
	}
	state, err := b.s.State()
	if err != nil {
		t.Fatal(err)
	}
	after := setup(t, nil)
	if err := after.s.Restore(state); err != nil {
		t.Fatal(err)
	}
	if again, _ := after.s.State(); string(again) != string(state) {
		t.Errorf("state changed:\n%s\n%s", state, again)
	}
	want(t, after.consume(used, "1"), "code", "FAILED")
	want(t, after.consume(fresh, "1"), "code", "SUCCESS")
	if err := after.s.PayQR("order-0001", "0001"); err == nil {
		t.Error("paid twice")
	}
	if err := after.s.PayQR("order-0002", "0001"); err != nil {
		t.Error(err)
	}
	if got := after.s.Balance("0001"); got != 39_00 {
		t.Errorf("wallet has %s", got)
	}
	if after.s.Restore([]byte(`{"codes":[null]}`)) == nil {
		t.Error("accepted a code without digits")
	}
}
