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
					c.Coupons = []text{"390962138708451328"}
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
					if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
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
