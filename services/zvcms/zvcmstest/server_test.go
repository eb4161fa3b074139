package zvcmstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

const (
	testOpenID = "fake-open-id-for-test-only-0001"
	testGrant  = "fake-grant-code-0001"
	testKey    = "fake-open-key-for-test-only-0001"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, shopdata.China)

type bed struct {
	t     testing.TB
	s     *Server
	url   string
	http  *http.Client
	upper bool
	mu    sync.Mutex
	nonce int
}

func testShop(t testing.TB) *shopdata.Shop {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../../shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

func setup(t testing.TB, tweak func(*Params)) *bed {
	t.Helper()
	p := Params{
		OpenID: testOpenID, GrantCode: testGrant, OpenKey: testKey, Shop: testShop(t),
		Now: func() time.Time { return noon }, Sleep: func(context.Context, time.Duration) {},
	}
	if tweak != nil {
		tweak(&p)
	}
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return &bed{
		t: t, s: s, url: srv.URL + Path, upper: p.UpperCamelSign,
		http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second},
	}
}

// envelope is a well-formed request; change alters it after signing.
func (b *bed) envelope(action string, params any) map[string]any {
	b.mu.Lock()
	b.nonce++
	nonce := fmt.Sprint(b.nonce)
	b.mu.Unlock()
	ts := fmt.Sprint(noon.Unix())
	return map[string]any{
		"OpenId": testOpenID, "GrantCode": testGrant, "Timestamp": ts, "Nonce": nonce, "Action": action, "Params": params,
		"Token": token(testOpenID, testGrant, nonce, ts, testKey, b.upper),
	}
}

func (b *bed) post(doc any) (int, []byte, error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return 0, nil, err
	}
	resp, err := b.http.Post(b.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // test
	got, err := io.ReadAll(resp.Body)
	return resp.StatusCode, got, err
}

type reply struct {
	Status  any             `json:"status"`
	Code    any             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (r reply) data(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(r.Data, &m); err != nil {
		t.Fatalf("%s: %v", r.Data, err)
	}
	return m
}

func (b *bed) send(doc any) reply {
	b.t.Helper()
	status, body, err := b.post(doc)
	var r reply
	if err != nil || status != 200 || json.Unmarshal(body, &r) != nil {
		b.t.Fatalf("%d %q %v", status, body, err)
	}
	return r
}

type fields map[string]any

func (b *bed) consume(f fields) reply {
	b.t.Helper()
	return b.send(b.envelope(ActionConsume, f))
}

func wantCode(t testing.TB, r reply, status bool, code int) {
	t.Helper()
	if r.Status != status || r.Code != float64(code) {
		t.Errorf("status %v code %v (%s), want %v %d", r.Status, r.Code, r.Message, status, code)
	}
}

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
		"too little money":     {fields{"bizId": "b", "customerId": "700000001", "amount": "10.01"}, codeBalance},
		"too few points":       {fields{"bizId": "b", "customerId": "700000001", "amount": "1.00", "points": 251}, codePoints},
		"used coupon":          {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451328"}}, codeCoupon},
		"expired coupon":       {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451330"}}, codeCoupon},
		"somebody's coupon":    {fields{"bizId": "b", "customerId": "700000002", "couponsCardList": []string{"390962138708451329"}}, codeCoupon},
		"coupon twice":         {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451329", "390962138708451329"}}, codeCoupon},
		"code as id":           {fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"660000000001"}}, codeCoupon},
		"unknown member":       {fields{"bizId": "b", "customerId": "1", "amount": "1.00"}, codeMember},
		"no member":            {fields{"bizId": "b", "amount": "1.00"}, codeParams},
		"no bizId":             {fields{"customerId": "700000001", "amount": "1.00"}, codeParams},
		"nothing":              {fields{"bizId": "b", "customerId": "700000001", "amount": "", "couponsCardList": ""}, codeParams},
		"half a fen":           {fields{"bizId": "b", "customerId": "700000001", "amount": "1.005"}, codeParams},
		"negative":             {fields{"bizId": "b", "customerId": "700000001", "amount": "-1.00"}, codeParams},
		"negative points":      {fields{"bizId": "b", "customerId": "700000001", "amount": "1.00", "points": -1}, codeParams},
		"scan but also money":  {fields{"bizId": "b", "type": 1, "couponsCardList": []string{"660000000001"}, "amount": "1.00"}, codeParams},
		"points without money": {fields{"bizId": "b", "customerId": "700000001", "points": 1}, codeParams},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, b.consume(c.f), true, c.code) })
	}
	wantCode(t, b.consume(fields{"bizId": "biz-2", "type": 1, "couponsCardList": []string{"660000000001"}}), true, 0)
	wantCode(t, b.consume(fields{"bizId": "biz-3", "type": 1, "couponsCardList": []string{"660000000001"}}), true, codeCoupon)
	if got := b.s.Charges(); len(got) != 2 || got[0].Amount != "110.00" || got[0].Points != 50 || got[1].Coupons[0] != "390962138708451329" {
		t.Errorf("charges %+v", got)
	}
}

func TestRepeatedBizID(t *testing.T) {
	for idempotent, left := range map[bool]money.Fen{false: 80_00, true: 90_00} {
		b := setup(t, func(p *Params) { p.BizIDIdempotent = idempotent })
		first := b.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00"})
		second := b.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00"})
		wantCode(t, second, true, 0)
		if same := string(first.Data) == string(second.Data); same != idempotent {
			t.Errorf("idempotent %v: %s then %s", idempotent, first.Data, second.Data)
		}
		if a, _ := b.s.Account("700000001"); a.Recharge != left {
			t.Errorf("idempotent %v: %s left", idempotent, a.Recharge)
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

func TestConcurrentConsumesNeverOverdraw(t *testing.T) {
	b := setup(t, nil)
	if err := b.s.SetFaults("consume=lost-reply@0.3"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			_, _, _ = b.post(b.envelope(ActionConsume, fields{"bizId": fmt.Sprint("biz-", i), "customerId": "700000001", "amount": "7.00"}))
		})
	}
	wg.Wait()
	var taken money.Fen
	for _, f := range standin.Net(b.s.Charges()) {
		taken += f
	}
	a, _ := b.s.Account("700000001")
	if taken != 17*7_00 || a.Recharge != 0 || a.Recharge+a.Gift+taken != 120_00 {
		t.Errorf("taken %s of 120.00, left %+v", taken, a)
	}
}

// Whatever is consumed and taken back, money, points and coupons balance.
func TestNothingVanishes(t *testing.T) {
	shop := testShop(t)
	rapid.Check(t, func(t *rapid.T) {
		s, err := New(Params{OpenID: testOpenID, GrantCode: testGrant, OpenKey: testKey, Shop: shop,
			OwnBizID: rapid.Bool().Draw(t, "own")})
		if err != nil {
			t.Fatal(err)
		}
		biz := rapid.SampledFrom([]string{"b1", "b2", "b3"})
		t.Repeat(map[string]func(*rapid.T){
			"consume": func(t *rapid.T) {
				c := &consumeParams{BizID: text(biz.Draw(t, "biz")), CustomerID: "700000001",
					Amount: text(money.Fen(rapid.Int64Range(0, 5000).Draw(t, "fen")).Yuan()),
					Points: text(fmt.Sprint(rapid.Int64Range(0, 100).Draw(t, "points")))}
				if rapid.Bool().Draw(t, "coupon") {
					c.coupons = []text{"390962138708451328"}
				}
				s.runConsume(c, standin.None)
			},
			"reverse": func(t *rapid.T) {
				id := biz.Draw(t, "biz")
				if list := s.Charges(); len(list) > 0 {
					id = list[rapid.IntRange(0, len(list)-1).Draw(t, "charge")].Key
				}
				s.reverse(&reverseParams{BizID: text(id), CustomerID: "700000001"}, standin.None)
			},
			"restart": func(t *rapid.T) {
				b, err := s.State()
				if err != nil || s.Restore(b) != nil {
					t.Fatal("state", err)
				}
			},
			"": func(t *rapid.T) {
				var taken money.Fen
				for k, f := range standin.Net(s.Charges()) {
					if f < 0 {
						t.Fatalf("%s %s", k, f)
					}
					taken += f
				}
				a, _ := s.Account("700000001")
				if a.Recharge < 0 || a.Gift < 0 || a.Points < 0 || a.Recharge+a.Gift+taken != 120_00 {
					t.Fatalf("left %+v, taken %s", a, taken)
				}
			},
		})
	})
}

func TestStateSurvivesARestart(t *testing.T) {
	b := setup(t, nil)
	doc := b.envelope(ActionConsume, fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00",
		"couponsCardList": []string{"390962138708451328"}})
	wantCode(t, b.send(doc), true, 0)
	state, err := b.s.State()
	if err != nil {
		t.Fatal(err)
	}
	after := setup(t, func(p *Params) { p.BizIDIdempotent = true })
	if err := after.s.Restore(state); err != nil {
		t.Fatal(err)
	}
	wantCode(t, after.send(doc), false, codeReplay) // the nonce is remembered
	after.nonce = b.nonce
	wantCode(t, after.consume(fields{"bizId": "biz-1", "customerId": "700000001", "amount": "10.00"}), true, 0)
	wantCode(t, after.consume(fields{"bizId": "b", "customerId": "700000001", "couponsCardList": []string{"390962138708451328"}}), true, codeCoupon)
	if a, _ := after.s.Account("700000001"); a.Recharge != 90_00 || len(after.s.Charges()) != 1 {
		t.Errorf("%+v", a)
	}
	for _, bad := range []string{``, `[]`, `{"consumed":[null]}`} {
		if after.s.Restore([]byte(bad)) == nil {
			t.Errorf("accepted %q", bad)
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"OpenId":"a","Params":{}}`), []byte(`{"bizId":"1","customerId":"700000001","amount":"1.00","couponsCardList":""}`))
	f.Add([]byte(`[]`), []byte(`{"couponsCardList":[390962138708451328],"type":1,"bizId":1}`))
	shop := testShop(f)
	f.Fuzz(func(t *testing.T, outer, inner []byte) {
		s, err := New(Params{OpenID: testOpenID, GrantCode: testGrant, OpenKey: testKey, Shop: shop, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		ts := fmt.Sprint(noon.Unix())
		signed := fmt.Appendf(nil, `{"OpenId":%q,"GrantCode":%q,"Token":%q,"Timestamp":%q,"Nonce":"1","Action":%q,"Params":%s}`,
			testOpenID, testGrant, token(testOpenID, testGrant, "1", ts, testKey, false), ts, ActionConsume, inner)
		for _, body := range [][]byte{outer, signed} {
			w := httptest.NewRecorder()
			func() {
				defer func() {
					if p := recover(); p != nil && p != http.ErrAbortHandler {
						panic(p)
					}
				}()
				gone, leave := context.WithCancel(t.Context())
				leave() // so that a tail that hangs does not
				s.ServeHTTP(w, httptest.NewRequestWithContext(gone, "POST", Path, bytes.NewReader(body)))
			}()
			a, _ := s.Account("700000001")
			if a.Recharge < 0 || a.Gift < 0 || a.Recharge+a.Gift > 120_00 {
				t.Fatalf("%+v after %s", a, body)
			}
		}
	})
}
