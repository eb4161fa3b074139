package zvcmstest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

const (
	zhou    = "700000001"
	fiveOff = "390962138708451328"
	tenOff  = "390962138708451329" // scanned as 660000000001
)

func (b *bed) left(customer string) money.Fen {
	b.t.Helper()
	a, known := b.s.Account(customer)
	if !known {
		b.t.Fatal("no such member")
	}
	return a.Recharge + a.Gift
}

func TestV3EnvelopeIsChecked(t *testing.T) {
	b := setup(t, func(p *Params) { p.UpperCamelSign = true }) // version 3 does not care
	member := fields{"identifierNumber": zhou, "type": 1}
	r := b.v3(RouteMember, member)
	wantCode(t, r, true, 0)
	if r.TraceID == "" || r.TraceID == b.v3(RouteMember, member).TraceID {
		t.Errorf("traceId %q", r.TraceID)
	}
	for name, c := range map[string]struct {
		key   string
		value any
		code  int
	}{
		"wrong token":        {"token", "x", codeSign},
		"version 2 names":    {"openId", nil, codeRequest},
		"milliseconds":       {"timestamp", noon.UnixMilli(), codeRequest},
		"no nonce":           {"nonce", 0, codeRequest},
		"nonce of two parts": {"nonce", 1.5, codeRequest},
		"token of a number":  {"token", 1, codeRequest},
	} {
		doc := b.envelopeV3(member)
		doc[c.key] = c.value
		if c.value == nil {
			doc["OpenId"] = testOpenID
		}
		t.Run(name, func(t *testing.T) { wantCode(t, b.sendTo(PathV3+RouteMember, doc), false, c.code) })
	}
	camel := b.envelope(ActionMember, member)
	camel["openId"] = camel["OpenId"]
	delete(camel, "OpenId")
	wantCode(t, b.send(camel), false, codeRequest)
	wantCode(t, b.v3("crm/customer/unheard-of", member), false, codeAction)
	wantCode(t, b.v3(RouteConsume, []any{}), true, codeParams)
	wantCode(t, b.v3(RouteConsume, fields{"BizId": "biz-1", "customerId": zhou, "amount": "1.00"}), true, codeParams)

	once := b.envelopeV3(member)
	wantCode(t, b.sendTo(PathV3+RouteMember, once), true, 0)
	wantCode(t, b.sendTo(PathV3+RouteMember, once), false, codeReplay)

	resp, err := b.http.Post(b.base+PathV3+RouteMember, "text/plain", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var plain reply
	if err := json.NewDecoder(resp.Body).Decode(&plain); err != nil {
		t.Fatal(err)
	}
	wantCode(t, plain, false, codeRequest)
}

func TestV3ConsumeAndReverse(t *testing.T) {
	for _, camel := range []bool{false, true} {
		b := setup(t, func(p *Params) { p.CamelData, p.OwnBizID = camel, true })
		r := b.v3(RouteConsume, fields{"bizId": "biz-1", "customerId": zhou, "amount": "110.00", "couponsCardList": []string{fiveOff}})
		wantCode(t, r, true, 0)
		d := r.data(t)
		taken := map[bool]string{false: "change_recharge_amount", true: "changeRechargeAmount"}
		if d[taken[camel]] != "100.00" || d[taken[!camel]] != nil || d["bizId"] == "biz-1" {
			t.Errorf("camel %v: %v", camel, d)
		}
		back := fields{"bizId": d["bizId"], "customerId": zhou}
		wantCode(t, b.v3(RouteCouponReverse, back), true, codeBizID) // each way has its own reversal
		wantCode(t, b.v3(RouteReverse, back), true, 0)
		wantCode(t, b.v3(RouteReverse, back), true, 0)
		if list := b.s.Charges(); b.left(zhou) != 120_00 || len(list) != 2 || len(standin.Net(list)) != 0 {
			t.Errorf("%s left, charges %+v", b.left(zhou), list)
		}
	}
}

func TestBothVersionsShareOneAccount(t *testing.T) {
	b := setup(t, func(p *Params) { p.ReverseAction = "communal.user.consume-reverse" })
	wantCode(t, b.consume(fields{"bizId": "biz-1", "customerId": zhou, "amount": "20.00"}), true, 0)
	d := b.v3(RouteBalance, fields{"customerId": zhou}).data(t)
	if d["rechargeBalance"] != 80.0 || d["giftBalance"] != 20.0 || d["totalBalance"] != 100.0 || d["freezeBalance"] != 0.0 {
		t.Errorf("%v", d)
	}
	wantCode(t, b.v3(RouteReverse, fields{"bizId": "biz-1", "customerId": zhou}), true, 0)
	wantCode(t, b.v3(RouteBalance, fields{"customerId": "1"}), true, codeMember)
	if b.left(zhou) != 120_00 {
		t.Errorf("%s left", b.left(zhou))
	}
}

func TestV3Members(t *testing.T) {
	ways := []fields{
		{"identifierNumber": zhou, "type": "1"}, {"phone": "13800000011"}, {"cardNo": "800000000000000011"}, {"userId": 700000001},
	}
	plain, listed := setup(t, nil), setup(t, func(p *Params) { p.MembersListed = true })
	for _, q := range ways {
		if d := plain.v3(RouteMember, q).data(t); d["customerId"] != zhou || d["mobile"] != "13800000011" {
			t.Errorf("%v: %v", q, d)
		}
		d := listed.v3(RouteMember, q).data(t)
		rows, _ := d["list"].([]any)
		if len(rows) != 1 || rows[0].(map[string]any)["mobilePhone"] != "13800000011" || d["total"] != 1.0 {
			t.Errorf("%v: %v", q, d)
		}
	}
	stranger := fields{"phone": "13900000000"}
	wantCode(t, plain.v3(RouteMember, stranger), true, codeMember)
	if d := listed.v3(RouteMember, stranger).data(t); d["total"] != 0.0 {
		t.Errorf("%v", d)
	}
	wantCode(t, listed.v3(RouteMember, fields{"identifierNumber": zhou, "type": 7}), true, codeParams)
}

func TestV3Coupons(t *testing.T) {
	b := setup(t, nil)
	off := func(biz string, more fields) reply {
		q := fields{"bizId": biz, "orderNo": "order-0001"}
		for k, v := range more {
			q[k] = v
		}
		return b.v3(RouteWriteOff, q)
	}
	wantCode(t, off("w1", fields{"customerId": zhou, "couponsCardList": []any{json.Number(fiveOff)}}), true, 0)
	wantCode(t, off("w2", fields{"customerId": zhou, "couponsCardList": []string{fiveOff}}), true, codeCoupon)
	wantCode(t, off("w3", fields{"type": 1, "couponsCardList": []string{"660000000001"}}), true, 0)
	wantCode(t, off("w4", fields{"customerId": zhou}), true, codeParams)
	wantCode(t, b.v3(RouteWriteOff, fields{"bizId": "w5", "couponsCardList": []string{tenOff}}), true, codeParams)

	var seen struct {
		List []struct{ CouponNo, CardID string }
	}
	r := b.v3(RouteCoupons, fields{"customerId": zhou, "useStatus": 1})
	if err := json.Unmarshal(r.Data, &seen); err != nil || len(seen.List) != 2 || seen.List[1].CouponNo != "660000000001" {
		t.Errorf("%s, %v", r.Data, err)
	}
	wantCode(t, b.v3(RouteReverse, fields{"bizId": "w1", "customerId": zhou}), true, codeBizID)
	wantCode(t, b.v3(RouteCouponReverse, fields{"bizId": "w1", "customerId": zhou}), true, 0)
	wantCode(t, b.v3(RouteCouponReverse, fields{"bizId": "w3"}), true, 0)
	r = b.v3(RouteCoupons, fields{"customerId": zhou, "useStatus": 0})
	if err := json.Unmarshal(r.Data, &seen); err != nil || len(seen.List) != 2 {
		t.Errorf("%s, %v", r.Data, err)
	}
	wantCode(t, b.v3(RouteCoupons, fields{"customerId": "1"}), true, codeMember)
	if got := b.s.Charges(); len(got) != 4 || got[0].State != standin.Reversed || got[0].Coupons[0] != fiveOff || got[2].Of != "w1" {
		t.Errorf("charges %+v", got)
	}
}

func TestV3DecreaseBalance(t *testing.T) {
	b := setup(t, func(p *Params) { p.OwnBizID = true })
	query := func(b *bed, biz any) reply { return b.v3(RouteDecreaseQuery, fields{"bizId": biz, "customerId": zhou}) }
	wantCode(t, query(b, "d1"), true, codeBizID)
	d := b.v3(RouteDecrease, fields{"bizId": "d1", "customerId": zhou, "amount": 30, "orderNo": "order-0001"}).data(t)
	for _, biz := range []any{"d1", d["bizId"]} { // ours, for when the reply was lost, and the gateway's
		got := query(b, biz).data(t)
		if got["amount"] != 30.0 || got["bizId"] != d["bizId"] || got["orderNo"] != "order-0001" || got["changeTime"] != "2026-05-01 12:00:00" {
			t.Errorf("%v: %v", biz, got)
		}
	}
	wantCode(t, b.v3(RouteDecrease, fields{"bizId": "d2", "customerId": zhou, "amount": "90.01"}), true, codeBalance)
	wantCode(t, b.v3(RouteDecrease, fields{"bizId": "d2", "customerId": zhou}), true, codeParams)
	wantCode(t, b.v3(RouteDecreaseBack, fields{"bizId": d["bizId"], "customerId": zhou}), true, 0)
	wantCode(t, query(b, "d1"), true, codeBizID)
	if b.left(zhou) != 120_00 {
		t.Errorf("%s left", b.left(zhou))
	}
	for finds, code := range map[bool]int{false: codeBizID, true: 0} {
		b := setup(t, func(p *Params) { p.QueryFindsConsume = finds })
		wantCode(t, b.v3(RouteConsume, fields{"bizId": "c1", "customerId": zhou, "amount": "1.00"}), true, 0)
		wantCode(t, query(b, "c1"), true, code)
	}
}

func TestPayPassword(t *testing.T) {
	b := setup(t, func(p *Params) { p.PayPasswords = map[string]string{zhou: "246810"} })
	for id, want := range map[string]float64{zhou: 1, "700000002": 2} {
		r := b.send(b.envelope(ActionMember, fields{"identifierNumber": id, "type": 1}))
		if d := r.data(t); d["isPassword"] != want {
			t.Errorf("%s: %v", id, d)
		}
	}
	buy := fields{"bizId": "biz-1", "customerId": zhou, "amount": "1.00"}
	wantCode(t, b.consume(buy), true, codePassword)
	buy["payPassword"] = "246811"
	wantCode(t, b.consume(buy), true, codePassword)
	wantCode(t, b.v3(RouteDecrease, buy), true, codePassword)
	buy["payPassword"] = "246810"
	wantCode(t, b.consume(buy), true, 0)
	wantCode(t, b.consume(fields{"bizId": "biz-2", "type": 1, "couponsCardList": []string{"660000000001"}}), true, 0)
	if got := b.s.Charges(); len(got) != 2 {
		t.Errorf("charges %+v", got)
	}
}

func TestPointsAlone(t *testing.T) {
	for needs, code := range map[bool]int{false: 0, true: codeParams} {
		b := setup(t, func(p *Params) { p.PointsNeedCompany = needs })
		wantCode(t, b.consume(fields{"bizId": "biz-1", "customerId": zhou, "points": 300}), true, code)
		if a, _ := b.s.Account(zhou); (a.Points == 0) == needs || len(b.s.Charges()) == 1 == needs {
			t.Errorf("needs company %v: %+v, %+v", needs, a, b.s.Charges())
		}
	}
}

// The coupons of a request come in any of the page's ways, those of a reply in
// the way a switch says.
func TestCouponListTypes(t *testing.T) {
	for name, c := range map[string]struct {
		tweak func(*Params)
		sent  any
		want  string
	}{
		"texts":              {nil, []string{fiveOff}, `["390962138708451328"]`},
		"numbers":            {nil, []any{json.Number(fiveOff)}, `["390962138708451328"]`},
		"none":               {nil, "", `[]`},
		"null":               {nil, nil, `[]`},
		"numbers back":       {func(p *Params) { p.CouponsAsNumbers = true }, []string{fiveOff}, `[390962138708451328]`},
		"nothing, as a text": {func(p *Params) { p.NoCouponsAsText = true }, "", `""`},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, c.tweak)
			r := b.consume(fields{"bizId": "biz-1", "customerId": zhou, "amount": "1.00", "couponsCardList": c.sent})
			wantCode(t, r, true, 0)
			var d map[string]json.RawMessage
			if err := json.Unmarshal(r.Data, &d); err != nil || string(d["couponsCardList"]) != c.want {
				t.Errorf("%s, %v", r.Data, err)
			}
		})
	}
}

// The page's own samples arrive byte for byte, whether or not the deed was
// done.
func TestSamples(t *testing.T) {
	for spec, c := range map[string]struct {
		body    string
		charged bool
	}{
		"consume=sample-success":           {sampleSuccess, true},
		"consume=sample-exception":         {sampleException, false},
		"consume=sample-exception:done":    {sampleException, true},
		"consume=sample-system-error":      {sampleSystemError, false},
		"consume=sample-system-error:done": {sampleSystemError, true},
	} {
		for _, path := range []string{Path, PathV3 + RouteConsume} {
			b := setup(t, nil)
			if err := b.s.SetFaults(spec); err != nil {
				t.Fatal(err)
			}
			q := fields{"bizId": "biz-1", "customerId": zhou, "amount": "1.00"}
			doc := b.envelope(ActionConsume, q)
			if path != Path {
				doc = b.envelopeV3(q)
			}
			_, body, err := b.postTo(path, doc)
			if err != nil || string(body) != c.body || !json.Valid(body) {
				t.Errorf("%s: %s, %v", spec, body, err)
			}
			if (len(b.s.Charges()) == 1) != c.charged {
				t.Errorf("%s: charges %v", spec, b.s.Charges())
			}
		}
	}
}

// Every action of the menu can do every one of its kinds, by its short name
// and by its name on the wire.
func TestEveryActionHasItsFaults(t *testing.T) {
	biz := fields{"bizId": "biz-1", "customerId": zhou}
	requests := map[string]fields{
		RouteConsume: {"bizId": "x", "customerId": zhou, "amount": "1.00"}, RouteReverse: biz, RouteMember: {"userId": zhou},
		RouteBalance: biz, RouteCoupons: biz, RouteWriteOff: {"bizId": "x", "customerId": zhou, "orderNo": "o", "couponsCardList": []string{fiveOff}},
		RouteCouponReverse: {"bizId": "w", "customerId": zhou}, RouteDecrease: {"bizId": "x", "customerId": zhou, "amount": "1.00"},
		RouteDecreaseBack: {"bizId": "d", "customerId": zhou}, RouteDecreaseQuery: {"bizId": "d", "customerId": zhou},
	}
	covered := map[string]bool{}
	for route, q := range requests {
		short := menu.Aliases[route]
		covered[short] = true
		b := setup(t, nil)
		wantCode(t, b.v3(RouteConsume, fields{"bizId": "biz-1", "customerId": zhou, "amount": "1.00"}), true, 0)
		wantCode(t, b.v3(RouteDecrease, fields{"bizId": "d", "customerId": zhou, "amount": "1.00"}), true, 0)
		wantCode(t, b.v3(RouteWriteOff, fields{"bizId": "w", "customerId": zhou, "orderNo": "o", "couponsCardList": []string{tenOff}}), true, 0)
		for kind, code := range map[standin.Kind]int{
			standin.Refused: codeRefused, standin.SystemError: codeSystem, standin.SignError: codeSign, standin.Replayed: codeReplay,
		} {
			for _, name := range []string{short, route} {
				if err := b.s.SetFaults(fmt.Sprintf("%s=%s#1", name, kind)); err != nil {
					t.Fatal(err)
				}
				if r := b.v3(route, q); r.Code != float64(code) {
					t.Errorf("%s=%s: %+v", name, kind, r)
				}
			}
		}
		wantCode(t, b.v3(route, q), true, 0) // and without a fault it works
	}
	for short := range menu.Actions {
		if !covered[short] {
			t.Errorf("%s has no request here", short)
		}
	}
}

func TestStateKeepsEveryWay(t *testing.T) {
	b := setup(t, nil)
	wantCode(t, b.v3(RouteDecrease, fields{"bizId": "d1", "customerId": zhou, "amount": "5.00", "orderNo": "o1"}), true, 0)
	wantCode(t, b.v3(RouteWriteOff, fields{"bizId": "w1", "customerId": zhou, "orderNo": "o2", "couponsCardList": []string{fiveOff}}), true, 0)
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
	after.nonce = b.nonce
	wantCode(t, after.v3(RouteDecreaseQuery, fields{"bizId": "d1", "customerId": zhou}), true, 0)
	wantCode(t, after.v3(RouteCouponReverse, fields{"bizId": "d1", "customerId": zhou}), true, codeBizID)
	wantCode(t, after.v3(RouteDecreaseBack, fields{"bizId": "d1", "customerId": zhou}), true, 0)
	wantCode(t, after.v3(RouteCouponReverse, fields{"bizId": "w1", "customerId": zhou}), true, 0)
	if after.left(zhou) != 120_00 {
		t.Errorf("%s left", after.left(zhou))
	}
}
