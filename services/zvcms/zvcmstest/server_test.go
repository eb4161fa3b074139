package zvcmstest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// The first vector is published in the tests of a public client; the second is
// the same input with the other case, recomputed apart from this program.
func TestTokenVectors(t *testing.T) {
	for upper, want := range map[bool]string{
		false: "ySypL4SRFMmfSrCqOiFE01LK3ks%3D",
		true:  "quMhws%2BdNnR03SlmwB4wgtlKVlI%3D",
	} {
		if got := token(testOpenID, testGrant, "24680", "1712563200", testKey, upper); got != want {
			t.Errorf("upper %v: %s, want %s", upper, got, want)
		}
	}
}

func TestEnvelopeIsChecked(t *testing.T) {
	b := setup(t, nil)
	b.upper = true
	wantCode(t, b.consume(fields{}), false, codeSign) // the other case
	b.upper = false
	old := noon.Add(-6 * time.Minute)
	stale := b.envelope(ActionMember, fields{})
	stale["Timestamp"] = fmt.Sprint(old.Unix())
	stale["Token"] = token(testOpenID, testGrant, fmt.Sprint(stale["Nonce"]), fmt.Sprint(old.Unix()), testKey, false)
	wantCode(t, b.send(stale), false, codeReplay)
	for name, v := range map[string]any{"Token": "x", "OpenId": "x", "GrantCode": "x"} {
		doc := b.envelope(ActionMember, fields{})
		doc[name] = v
		wantCode(t, b.send(doc), false, codeSign)
	}
	for name, v := range map[string]any{"Token": "", "Nonce": "-1", "Timestamp": "now", "Action": ""} {
		doc := b.envelope(ActionMember, fields{})
		doc[name] = v
		wantCode(t, b.send(doc), false, codeRequest)
	}
	wantCode(t, b.send(b.envelope("user.unheard-of", fields{})), false, codeAction)
	wantCode(t, b.send(b.envelope(ActionConsume, []any{})), true, codeParams)

	doc := b.envelope(ActionMember, fields{"identifierNumber": "13800000011", "type": 2})
	wantCode(t, b.send(doc), true, 0)
	wantCode(t, b.send(doc), false, codeReplay)
}

func TestConsume(t *testing.T) {
	b := setup(t, nil)
	r := b.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "110.00", "points": "50",
		"couponsCardList": []any{json.Number("390962138708451328")}, "type": ""})
	wantCode(t, r, true, 0)
	d := r.data(t)
	for k, want := range map[string]any{
		"bizId": "biz-1", "change_recharge_amount": "100.00", "change_gift_amount": "10.00", "recharge_amount": "0.00",
		"gift_amount": "10.00", "total_amount": "10.00", "status": true, "code": 0.0, "shopBalance": 110.0,
	} {
		if d[k] != want {
			t.Errorf("%s = %v, want %v", k, d[k], want)
		}
	}
	for name, c := range map[string]struct {
		f    fields
		code int
	}{
		"too little money":    {fields{"bizId": "b", "customerId": "700000001", "amount": "10.01"}, codeBalance},
		"too few points":      {fields{"bizId": "b", "customerId": "700000001", "amount": "1.00", "points": 251}, codePoints},
		"used coupon":         {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451328"}}, codeCoupon},
		"expired coupon":      {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451330"}}, codeCoupon},
		"somebody's coupon":   {fields{"bizId": "b", "customerId": "700000002", "couponsCardList": []string{"390962138708451329"}}, codeCoupon},
		"coupon twice":        {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451329", "390962138708451329"}}, codeCoupon},
		"code as id":          {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"660000000001"}}, codeCoupon},
		"unknown member":      {fields{"bizId": "b", "customerId": "1", "amount": "1.00"}, codeMember},
		"no member":           {fields{"bizId": "b", "amount": "1.00"}, codeParams},
		"no bizId":            {fields{"customerId": "700000001", "amount": "1.00"}, codeParams},
		"nothing":             {fields{"bizId": "b", "customerId": "700000001", "amount": "", "couponsCardList": ""}, codeParams},
		"half a fen":          {fields{"bizId": "b", "customerId": "700000001", "amount": "1.005"}, codeParams},
		"negative":            {fields{"bizId": "b", "customerId": "700000001", "amount": "-1.00"}, codeParams},
		"negative points":     {fields{"bizId": "b", "customerId": "700000001", "amount": "1.00", "points": -1}, codeParams},
		"scan but also money": {fields{"bizId": "b", "type": 1, "couponsCardList": []string{"660000000001"}, "amount": "1.00"}, codeParams},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, b.consume(c.f), true, c.code) })
	}
	wantCode(t, b.consume(fields{"bizId": "b", "customerId": "700000002", "points": 1}), true, codePoints)
	wantCode(t, b.consume(fields{"bizId": "biz-2", "type": 1, "couponsCardList": []string{"660000000001"}}), true, 0)
	wantCode(t, b.consume(fields{"bizId": "biz-3", "type": 1, "couponsCardList": []string{"660000000001"}}), true, codeCoupon)
	if got := b.s.Charges(); len(got) != 2 || got[0].Amount != "110.00" || got[0].Points != 50 || got[1].Coupons[0] != "390962138708451329" {
		t.Errorf("charges %+v", got)
	}
}

func TestRepeatedBizID(t *testing.T) {
	for repeat, c := range map[Repeat]struct {
		code int
		same bool
		left money.Fen
	}{
		RepeatCharges: {0, false, 80_00},
		RepeatAnswers: {0, true, 90_00},
		RepeatRefused: {codeRepeated, false, 90_00},
	} {
		b := setup(t, func(p *Params) { p.RepeatedBizID = repeat })
		first := b.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00"})
		second := b.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00"})
		wantCode(t, second, true, c.code)
		if same := string(first.Data) == string(second.Data); same != c.same {
			t.Errorf("%d: %s then %s", repeat, first.Data, second.Data)
		}
		if a, _ := b.s.Account("700000001"); a.Recharge != c.left {
			t.Errorf("%d: %s left", repeat, a.Recharge)
		}
	}
}

func TestTypesAndCaseAreSwitches(t *testing.T) {
	b := setup(t, func(p *Params) {
		p.StatusAsString, p.CodeAsString, p.UpperCamelSign, p.OwnBizID = true, true, true, true
		p.ReverseAction = "communal.user.consume-reverse"
	})
	r := b.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00", "points": 5,
		"couponsCardList": []string{"390962138708451328"}})
	d := r.data(t)
	if r.Status != "true" || r.Code != "0" || d["status"] != "true" || d["code"] != "0" || d["bizId"] == "biz-1" {
		t.Errorf("reply %+v %v", r, d)
	}
	reverse := fields{"bizId": d["bizId"], "customerId": "700000001"}
	for range 2 {
		if r := b.send(b.envelope("communal.user.consume-reverse", reverse)); r.Code != "0" {
			t.Errorf("reverse %+v", r)
		}
	}
	if a, _ := b.s.Account("700000001"); a.Recharge != 100_00 || a.Gift != 20_00 || a.Points != 300 {
		t.Errorf("after the reversal %+v", a)
	}
	if got := b.s.Charges(); len(got) != 2 || got[0].State != standin.Reversed || len(standin.Net(got)) != 0 {
		t.Errorf("charges %+v", got)
	}
	plain := setup(t, nil)
	wantCode(t, plain.send(plain.envelope("communal.user.consume-reverse", reverse)), false, codeAction)
}

func TestMemberAndCoupons(t *testing.T) {
	b := setup(t, nil)
	for typ, id := range map[int]string{1: "700000001", 2: "13800000011", 3: "800000000000000011"} {
		r := b.send(b.envelope(ActionMember, fields{"identifierNumber": id, "type": typ}))
		wantCode(t, r, true, 0)
		if d := r.data(t); d["customerId"] != "700000001" || d["username"] != "周会员" {
			t.Errorf("type %d: %v", typ, d)
		}
	}
	wantCode(t, b.send(b.envelope(ActionMember, fields{"identifierNumber": "0", "type": "1"})), true, codeMember)
	var list []map[string]any
	r := b.send(b.envelope(ActionCoupons, fields{"customerId": "700000001", "useStatus": 0}))
	if err := json.Unmarshal(r.Data, &list); err != nil || len(list) != 2 || list[0]["cardId"] != "390962138708451328" {
		t.Errorf("%s, %v", r.Data, err)
	}
	r = b.send(b.envelope(ActionCoupons, fields{"customerId": "700000001", "useStatus": "", "cardId": "390962138708451330"}))
	if d := r.data(t); d["useStatus"] != 6.0 {
		t.Errorf("%v", d)
	}
}

func TestFaults(t *testing.T) {
	for spec, c := range map[string]struct {
		broken  bool // no JSON verdict at all
		status  bool
		code    int
		charged bool
	}{
		"member-consume=lost-reply":        {broken: true, charged: true},
		"communal.user.consume=lost-reply": {broken: true, charged: true},
		"consume=request-lost":             {broken: true},
		"consume=500":                      {broken: true},
		"consume=html:done":                {broken: true, charged: true},
		"consume=garbage":                  {broken: true, charged: true},
		"consume=truncated":                {broken: true, charged: true},
		"consume=empty":                    {broken: true, charged: true},
		"consume=slow:1s":                  {status: true, charged: true},
		"consume=refused":                  {status: true, code: codeRefused},
		"consume=system-error":             {code: codeSystem},
		"consume=system-error:done":        {code: codeSystem, charged: true},
		"consume=inner-failed":             {status: true},
		"consume=sign-error":               {code: codeSign},
		"consume=replayed":                 {code: codeReplay},
		"consume=wrong-amount":             {status: true, charged: true},
		"consume=wrong-key":                {status: true, charged: true},
	} {
		t.Run(spec, func(t *testing.T) {
			b := setup(t, nil)
			if err := b.s.SetFaults(spec); err != nil {
				t.Fatal(err)
			}
			status, body, err := b.post(b.envelope(ActionConsume, fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00"}))
			var r reply
			broken := err != nil || status != 200 || json.Unmarshal(body, &r) != nil
			if broken != c.broken {
				t.Fatalf("%d %q %v", status, body, err)
			}
			if !broken {
				wantCode(t, r, c.status, c.code)
			}
			if got := len(b.s.Charges()) == 1; got != c.charged {
				t.Errorf("charges %v", b.s.Charges())
			}
			switch spec {
			case "consume=inner-failed":
				if d := r.data(t); d["status"] != false {
					t.Errorf("inner %v", d)
				}
			case "consume=wrong-amount":
				if d := r.data(t); d["change_recharge_amount"] != "10.01" {
					t.Errorf("%v", d)
				}
			case "consume=wrong-key":
				if d := r.data(t); d["bizId"] == "biz-1" {
					t.Errorf("%v", d)
				}
			}
		})
	}
}
