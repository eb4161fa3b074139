package zvcmstest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

func TestConcurrentConsumesNeverOverdraw(t *testing.T) {
	b := setup(t, nil)
	if err := b.s.SetFaults("consume=lost-reply@0.3,balance-decrease=garbage@0.3"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			q := fields{"bizId": fmt.Sprint("biz-", i), "customerId": "700000001", "amount": "7.00"}
			if i%2 == 0 {
				_, _, _ = b.post(b.envelope(ActionConsume, q))
				return
			}
			_, _, _ = b.postTo(PathV3+RouteDecrease, b.envelopeV3(q))
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
			OwnBizID: rapid.Bool().Draw(t, "own"), RepeatedBizID: Repeat(rapid.IntRange(0, 2).Draw(t, "repeat"))})
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
					c.Coupons = []text{"390962138708451328"}
				}
				s.runConsume(c, standin.None)
			},
			"decrease": func(t *rapid.T) {
				s.decrease(&decreaseParams{BizID: text(biz.Draw(t, "biz")), CustomerID: "700000001",
					Amount: text(money.Fen(rapid.Int64Range(0, 5000).Draw(t, "fen")).Yuan())}, standin.None)
			},
			"write off": func(t *rapid.T) {
				s.writeOff(&writeOffParams{BizID: text(biz.Draw(t, "biz")), OrderNo: "o", CustomerID: "700000001",
					Coupons: list{"390962138708451328"}}, standin.None)
			},
			"reverse": func(t *rapid.T) {
				id, w := biz.Draw(t, "biz"), rapid.SampledFrom([]way{byConsume, byWriteOff, byDecrease}).Draw(t, "way")
				if list := s.Charges(); len(list) > 0 {
					id = list[rapid.IntRange(0, len(list)-1).Draw(t, "charge")].Key
				}
				s.reverser(w)(&reverseParams{BizID: text(id), CustomerID: "700000001"}, standin.None)
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
	after := setup(t, func(p *Params) { p.RepeatedBizID = RepeatAnswers })
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

// Any body gets an answer, and none takes more than there is.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"OpenId":"a","Params":{}}`), []byte(`{"bizId":"1","customerId":"700000001","amount":"1.00","couponsCardList":""}`), RouteConsume)
	f.Add([]byte(`[]`), []byte(`{"couponsCardList":[390962138708451328],"type":1,"bizId":1}`), RouteWriteOff)
	f.Add([]byte(`{"openId":null,"timestamp":1e9}`), []byte(`{"bizId":"1","customerId":700000001,"amount":9}`), RouteDecrease)
	f.Add([]byte(`null`), []byte(`{"phone":13800000011,"type":null}`), RouteMember)
	shop := testShop(f)
	f.Fuzz(func(t *testing.T, outer, inner []byte, route string) {
		s, err := New(Params{OpenID: testOpenID, GrantCode: testGrant, OpenKey: testKey, Shop: shop, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		ts := fmt.Sprint(noon.Unix())
		sign := func(nonce string) string { return token(testOpenID, testGrant, nonce, ts, testKey, false) }
		v2 := fmt.Appendf(nil, `{"OpenId":%q,"GrantCode":%q,"Token":%q,"Timestamp":%q,"Nonce":"1","Action":%q,"Params":%s}`,
			testOpenID, testGrant, sign("1"), ts, ActionConsume, inner)
		v3 := fmt.Appendf(nil, `{"openId":%q,"grantCode":%q,"token":%q,"timestamp":%s,"nonce":2,"params":%s}`,
			testOpenID, testGrant, sign("2"), ts, inner)
		for _, q := range []struct {
			path string
			body []byte
		}{{Path, outer}, {Path, v2}, {PathV3 + "x", outer}, {PathV3 + "x", v3}} {
			w := httptest.NewRecorder()
			func() {
				defer func() {
					if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
						panic(p)
					}
				}()
				gone, leave := context.WithCancel(t.Context())
				leave() // so that a tail that hangs does not
				r := httptest.NewRequestWithContext(gone, "POST", "http://x"+q.path, bytes.NewReader(q.body))
				r.Header.Set("Content-Type", "application/json")
				if q.path != Path {
					r.URL.Path = PathV3 + route
				}
				s.ServeHTTP(w, r)
			}()
			a, _ := s.Account("700000001")
			if a.Recharge < 0 || a.Gift < 0 || a.Recharge+a.Gift > 120_00 {
				t.Fatalf("%+v after %s", a, q.body)
			}
		}
	})
}
