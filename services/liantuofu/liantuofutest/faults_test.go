package liantuofutest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// How a till sees the reply to a pay.
const (
	sawSuccess = "success"
	sawFailed  = "failed"
	sawHTTP    = "http error"
	sawNoJSON  = "no json"
	sawNothing = "no reply"
)

func see(status int, body []byte, err error) (string, map[string]string) {
	var m map[string]string
	switch {
	case err != nil:
		return sawNothing, nil
	case status != 200:
		return sawHTTP, nil
	case json.Unmarshal(body, &m) != nil:
		return sawNoJSON, nil
	case m["code"] == "SUCCESS":
		return sawSuccess, m
	}
	return sawFailed, m
}

// Every tail: what the till sees, and what is true.
func TestTails(t *testing.T) {
	for _, c := range []struct {
		tail    string
		saw     string
		charged bool
		check   func(m map[string]string) bool
	}{
		{"9000", sawSuccess, true, nil},
		{"9001", sawSuccess, true, nil},
		{"9002", sawFailed, false, func(m map[string]string) bool { return m["subCode"] == subUserPaying }},
		{"9003", sawFailed, false, func(m map[string]string) bool { return m["subCode"] == subUserPaying }},
		{"9004", sawNothing, true, nil},
		{"9006", sawNothing, false, nil},
		{"9007", sawFailed, false, nil},
		{"9008", sawFailed, false, func(m map[string]string) bool { return strings.Contains(m["subMsg"], "过期") }},
		{"9009", sawNoJSON, true, nil},
		{"9010", sawHTTP, false, nil},
		{"9011", sawHTTP, false, nil},
		{"9012", sawSuccess, true, func(m map[string]string) bool {
			return m["totalAmount"] == "7.01" && m["sign"] == sign(m, testKey, false)
		}},
		{"9013", sawSuccess, true, func(m map[string]string) bool {
			return m["outTradeNo"] != "order-0001" && m["sign"] == sign(m, testKey, false)
		}},
		{"9014", sawNothing, true, nil},
		{"9015", sawNoJSON, true, nil},
		{"9016", sawSuccess, true, func(m map[string]string) bool { return m["sign"] == "" }},
		{"9017", sawSuccess, true, func(m map[string]string) bool { return m["sign"] != "" && m["sign"] != sign(m, testKey, false) }},
		{"9018", sawFailed, true, func(m map[string]string) bool { return m["subMsg"] == duplicateOrder }},
		{"9019", sawNothing, false, nil},
		{"9020", sawNothing, false, nil},
		{"9021", sawHTTP, true, nil},
		{"9022", sawHTTP, true, nil},
		{"9023", sawSuccess, true, nil},
	} {
		t.Run(c.tail, func(t *testing.T) {
			b := setup(t, nil)
			saw, m := see(b.raw(t.Context(), "pay", payFields("order-0001", "7.00", b.code("0001", c.tail))...))
			if saw != c.saw {
				t.Errorf("saw %s, want %s", saw, c.saw)
			}
			if c.check != nil && !c.check(m) {
				t.Errorf("reply %v", m)
			}
			if got := len(b.s.Charges()) == 1; got != c.charged {
				t.Errorf("charged %v", b.s.Charges())
			}
			state := b.order("pay/query", "order-0001")
			if paid := state["orderStatus"] == stPaid; paid != c.charged || (paid && state["totalAmount"] != "7.00") {
				t.Errorf("the query says %v", state)
			}
		})
	}
}

func TestSlowSleepsForItsTime(t *testing.T) {
	b := setup(t, nil)
	b.pay("order-0001", "1.00", b.code("0001", "9001"))
	if d := <-b.naps; d != 2*time.Second {
		t.Errorf("slept %v", d)
	}
}

func TestHangEndsWithTheCaller(t *testing.T) {
	charged := make(chan bool, 10)
	b := setup(t, func(p *Params) { p.OnChange = func(money bool) { charged <- money } })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-charged // the money has moved; nobody will hear of it
		cancel()
	}()
	if _, _, err := b.raw(ctx, "pay", payFields("order-0001", "1.00", b.code("0001", "9005"))...); err == nil {
		t.Error("a reply came")
	}
	if len(b.s.Charges()) != 1 {
		t.Error("not charged")
	}
}

func TestCancelTails(t *testing.T) {
	for tail, c := range map[string]struct {
		saw    string
		status string
	}{
		"9024": {sawSuccess, stPaid}, "9025": {sawNothing, stRefund}, "9026": {sawNothing, stPaid},
	} {
		b := setup(t, nil)
		want(t, b.pay("order-0001", "1.00", b.code("0001", tail)), "code", "SUCCESS")
		saw, _ := see(b.raw(t.Context(), "cancel", "merchantCode", testMerchant, "outTradeNo", "order-0001"))
		if saw != c.saw {
			t.Errorf("%s: saw %s", tail, saw)
		}
		want(t, b.order("pay/query", "order-0001"), "orderStatus", c.status)
	}
}

func TestCustomerWhoIsStillPaying(t *testing.T) {
	b := setup(t, nil)
	b.pay("order-0001", "1.00", b.code("0001", "9002"))
	for _, status := range []string{stNotPay, stNotPay, stPaid, stPaid} {
		want(t, b.order("pay/query", "order-0001"), "orderStatus", status)
	}
	b.pay("order-0002", "1.00", b.code("0001", "9003"))
	for range 20 {
		want(t, b.order("pay/query", "order-0002"), "orderStatus", stNotPay)
	}
	want(t, b.order("cancel", "order-0002"), "code", "SUCCESS")
	want(t, b.order("pay/query", "order-0002"), "orderStatus", stClosed)
	b.pay("order-0003", "1.00", b.code("0001", "9002"))
	b.order("cancel", "order-0003")
	for range 5 {
		want(t, b.order("pay/query", "order-0003"), "orderStatus", stClosed)
	}
}

func TestTruncationAtEveryByte(t *testing.T) {
	b := setup(t, nil)
	_, whole, err := b.raw(t.Context(), "pay", payFields("order-full", "1.00", b.code("7777", "1234"))...)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if err := b.s.SetFaults(fmt.Sprintf("pay=truncated:%d", n)); err != nil {
			t.Fatal(err)
		}
		_, part, err := b.raw(t.Context(), "pay", payFields(fmt.Sprintf("order-%04d", n), "1.00", b.code("7777", "1234"))...)
		if err == nil || len(part) > n {
			t.Fatalf("cut at %d: %q, %v", n, part, err)
		}
	}
	if got := len(b.s.Charges()); got != len(whole)+1 {
		t.Errorf("%d charges", got)
	}
}

// Fifty clients at once, with everything going wrong that can: the list of
// charges must explain every wallet to the fen, and contain every success.
func TestChargesAreTheTruthUnderLoad(t *testing.T) {
	b := setup(t, func(p *Params) {
		p.Seed = 7
		p.DefaultBalance = 100_00
		p.Sleep = func(context.Context, time.Duration) {}
	})
	const spec = "pay=lost-reply@0.1,pay=garbage@0.1,pay=refused@0.1,pay=500:done@0.1,cancel=lost-reply@0.2,cancel=lies@0.2,query=500@0.1"
	if err := b.s.SetFaults(spec); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	acknowledged := make(map[string]bool)
	for c := range 50 {
		wg.Go(func() {
			wallet := fmt.Sprintf("%04d", 2000+c%10)
			for i := range 20 {
				key := fmt.Sprintf("load-%02d-%02d", c, i)
				code := fmt.Sprintf("13%s%08d0001", wallet, c*100+i)
				saw, _ := see(b.raw(t.Context(), "pay", payFields(key, "3.33", code)...))
				if saw == sawSuccess {
					mu.Lock()
					acknowledged[key] = true
					mu.Unlock()
				}
				_, _, _ = b.raw(t.Context(), "pay/query", "merchantCode", testMerchant, "outTradeNo", key)
				if i%3 == 0 {
					_, _, _ = b.raw(t.Context(), "cancel", "merchantCode", testMerchant, "outTradeNo", key)
				}
			}
		})
	}
	wg.Wait()
	list := b.s.Charges()
	var taken money.Fen
	for _, f := range standin.Net(list) {
		if f < 0 {
			t.Errorf("gave back more than was paid: %s", f)
		}
		taken += f
	}
	var left money.Fen
	for w := range 10 {
		balance := b.s.Balance(fmt.Sprintf("%04d", 2000+w))
		if balance < 0 {
			t.Errorf("wallet %d overdrawn", w)
		}
		left += balance
	}
	if taken+left != 10*100_00 {
		t.Errorf("taken %s and left %s are not 1000.00", taken, left)
	}
	for _, c := range list {
		if c.Kind == "pay" {
			delete(acknowledged, c.Key)
		}
	}
	if len(acknowledged) > 0 {
		t.Errorf("told paid but not charged: %v", acknowledged)
	}
}

// billed is what the bill says each order brought, zero amounts left out.
func (s *Server) billed() map[string]money.Fen {
	net := make(map[string]money.Fen)
	s.mu.Lock()
	defer s.mu.Unlock()
	all := bounds{to: s.p.Now()}
	for _, r := range s.rows(all, standin.None) {
		if r.fields["refundNo"] != "" || r.fields["payTime"] == "" {
			continue
		}
		receipt, _ := money.ParseFen(r.fields["receiptAmount"])
		refund, _ := money.ParseFen(r.fields["refundAmount"])
		if receipt != refund {
			net[r.fields["outTradeNo"]] = receipt - refund
		}
	}
	return net
}

// Whatever is done in whatever order, no money appears or vanishes, and a
// restart changes nothing.
func TestMoneyIsConserved(t *testing.T) {
	shop := testShop(t)
	rapid.Check(t, func(t *rapid.T) {
		now := &clock{now: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)}
		s, err := New(Params{AppID: testApp, MerchantCode: testMerchant, Key: testKey, Shop: shop, Now: now.Now,
			CancelRevokes: rapid.Bool().Draw(t, "revokes"), CloseIsForQR: rapid.Bool().Draw(t, "close")})
		if err != nil {
			t.Fatal(err)
		}
		key := rapid.SampledFrom([]string{"order-aaaa", "order-bbbb", "order-cccc"})
		form := func() map[string]string { return map[string]string{"outTradeNo": key.Draw(t, "key")} }
		kinds := []standin.Kind{"", standin.PayingThenPaid, standin.LateMoney, standin.Refused, standin.Lies, standin.Refunding}
		n := 0
		step := func(run func(call) result, more ...string) {
			c := call{form: form()}
			for i := 0; i < len(more); i += 2 {
				c.form[more[i]] = more[i+1]
			}
			if k := rapid.SampledFrom(kinds).Draw(t, "fault"); k != "" {
				c.fault, _ = standin.ParseFault(k, "")
			}
			run(c)
		}
		t.Repeat(map[string]func(*rapid.T){
			"pay": func(t *rapid.T) {
				n++
				amount := money.Fen(rapid.Int64Range(1, 6000).Draw(t, "fen")).Yuan()
				step(s.pay, "totalAmount", amount, "authCode", fmt.Sprintf("130001%012d", n))
			},
			"query":  func(*rapid.T) { step(s.query) },
			"cancel": func(*rapid.T) { step(s.cancel) },
			"close":  func(*rapid.T) { step(s.closeOrder) },
			"precreate": func(t *rapid.T) {
				step(s.precreate, "totalAmount", money.Fen(rapid.Int64Range(1, 6000).Draw(t, "fen")).Yuan(),
					"tradeType", "NATIVE", "channel", "ALIPAY")
			},
			"scan": func(t *rapid.T) { _ = s.PayQR(key.Draw(t, "key"), "0001") }, // refused as often as not
			"refund": func(t *rapid.T) {
				step(s.refund, "refundNo", rapid.SampledFrom([]string{"r1", "r2", "r3"}).Draw(t, "refund"),
					"refundAmount", money.Fen(rapid.Int64Range(1, 3000).Draw(t, "fen")).Yuan())
			},
			"refund query": func(*rapid.T) { step(s.refundQuery, "refundNo", "r1") },
			"time":         func(*rapid.T) { now.Add(3 * time.Second) },
			"restart": func(t *rapid.T) {
				state, err := s.State()
				if err != nil || s.Restore(state) != nil {
					t.Fatal("state", err)
				}
			},
			"": func(t *rapid.T) {
				var taken money.Fen
				for k, f := range standin.Net(s.Charges()) {
					if f < 0 {
						t.Fatalf("%s: %s", k, f)
					}
					taken += f
				}
				if billed := s.billed(); !maps.Equal(billed, standin.Net(s.Charges())) {
					t.Fatalf("the bill has %v, the bank %v", billed, standin.Net(s.Charges()))
				}
				if left := s.Balance("0001"); left < 0 || left+taken != 50_00 {
					t.Fatalf("left %s, taken %s", left, taken)
				}
			},
		})
	})
}
