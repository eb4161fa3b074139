package liantuofutest

import (
	"errors"
	"strings"
	"testing"

	"cashier/services/shopdata/standin"
)

func (b *bed) precreate(key, amount, channel string) map[string]string {
	b.t.Helper()
	return b.call("precreate", "merchantCode", testMerchant, "outTradeNo", key, "totalAmount", amount,
		"channel", channel, "tradeType", "NATIVE")
}

func TestShopsCodeScannedByCustomer(t *testing.T) {
	b := setup(t, nil)
	got := b.precreate("order-0001", "5.00", "ALIPAY")
	want(t, got, "code", "SUCCESS", "outTradeNo", "order-0001", "qrCode", "https://qr.example/pay/order-0001", "sign", sign(got, testKey, false))
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stNotPay)
	want(t, b.precreate("order-0001", "5.00", "ALIPAY"), "code", "FAILED", "subMsg", duplicateOrder)

	if status, balance := b.bench("/_sim/scan", `{"outTradeNo":"order-0001","wallet":"0001"}`, "balance"); status != 200 || balance != "45.00" {
		t.Errorf("%d %s", status, balance)
	}
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stPaid, "payType", "ALIPAY", "totalAmount", "5.00")
	for body, why := range map[string]string{
		`{"outTradeNo":"order-0001","wallet":"0001"}`: ErrNotPayable.Error(), // paid already
		`{"outTradeNo":"order-0009","wallet":"0001"}`: ErrNotPayable.Error(),
		`{"outTradeNo":"order-0001","wallet":"1"}`:    ErrNoWallet.Error(),
		`[]`: "cannot unmarshal",
	} {
		if status, got := b.bench("/_sim/scan", body, "error"); status != 400 || !strings.Contains(got, why) {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
	b.precreate("order-0002", "45.01", "WXPAY")
	if err := b.s.PayQR("order-0002", "0001"); !errors.Is(err, ErrTooLittle) {
		t.Error(err)
	}
	if err := b.s.PayQR("order-0002", "7777"); err != nil { // another customer's phone
		t.Error(err)
	}
	b.pay("order-0003", "1.00", b.code("0001", "9003")) // a payment code is nothing to scan
	if err := b.s.PayQR("order-0003", "0001"); !errors.Is(err, ErrNotPayable) {
		t.Error(err)
	}
	list := b.s.Charges()
	if len(list) != 2 || list[0].Amount != "5.00" || list[0].Account != "0001" || list[1].Account != "7777" {
		t.Errorf("charges %+v", list)
	}
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	if got := b.s.Balance("0001"); got != 50_00 {
		t.Errorf("wallet has %s", got)
	}
}

func TestPrecreateRefuses(t *testing.T) {
	b := setup(t, nil)
	for name, kv := range map[string][]string{
		"a page on a phone":  {"tradeType", "JSAPI"},
		"cash":               {"channel", "CASH"},
		"nothing to pay":     {"totalAmount", "0"},
		"a number too short": {"outTradeNo", "order"},
		"no channel":         {"channel", ""},
	} {
		good := []string{"merchantCode", testMerchant, "outTradeNo", "order-0001", "totalAmount", "1.00", "channel", "WXPAY", "tradeType", "NATIVE"}
		t.Run(name, func(t *testing.T) {
			want(t, b.call("precreate", append(good, kv...)...), "code", "FAILED", "subCode", subParameter)
		})
	}
	want(t, b.order("pay/query", "order-0001"), "subCode", subNotFound)
}

func TestPrecreateFaults(t *testing.T) {
	b := setup(t, nil)
	arm := func(spec string) {
		t.Helper()
		if err := b.s.SetFaults(spec); err != nil {
			t.Fatal(err)
		}
	}
	arm("precreate=paying-then-paid:1")
	want(t, b.precreate("order-0001", "5.00", "WXPAY"), "code", "SUCCESS")
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stNotPay)
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stPaid)
	if got := b.s.Balance("0001"); got != 45_00 { // the shop's first wallet
		t.Errorf("wallet has %s", got)
	}
	arm("precreate=lies")
	want(t, b.precreate("order-0002", "5.00", "WXPAY"), "code", "SUCCESS")
	want(t, b.order("pay/query", "order-0002"), "subCode", subNotFound)
	arm("precreate=duplicate")
	want(t, b.precreate("order-0003", "5.00", "WXPAY"), "subMsg", duplicateOrder)
	want(t, b.order("pay/query", "order-0003"), "orderStatus", stNotPay)
	arm("precreate=wrong-key")
	want(t, b.precreate("order-0004", "5.00", "WXPAY"), "outTradeNo", "order-0000")
	arm("precreate=lost-reply")
	if saw, _ := see(b.raw(t.Context(), "precreate", "merchantCode", testMerchant, "outTradeNo", "order-0006", "totalAmount", "5.00",
		"channel", "WXPAY", "tradeType", "NATIVE")); saw != sawNothing {
		t.Error(saw)
	}
	want(t, b.order("pay/query", "order-0006"), "orderStatus", stNotPay)
}

func TestClose(t *testing.T) {
	for qrOnly, code := range map[bool]string{false: "SUCCESS", true: "FAILED"} {
		b := setup(t, func(p *Params) { p.CloseIsForQR = qrOnly })
		b.precreate("order-0001", "5.00", "WXPAY")
		want(t, b.order("close", "order-0001"), "code", "SUCCESS")
		want(t, b.order("close", "order-0001"), "code", "SUCCESS")
		want(t, b.order("pay/query", "order-0001"), "orderStatus", stClosed)
		if err := b.s.PayQR("order-0001", "0001"); !errors.Is(err, ErrNotPayable) {
			t.Error(err)
		}
		b.precreate("order-0002", "5.00", "WXPAY")
		if err := b.s.PayQR("order-0002", "0001"); err != nil {
			t.Fatal(err)
		}
		want(t, b.order("close", "order-0002"), "code", "FAILED")
		want(t, b.order("pay/query", "order-0002"), "orderStatus", stPaid)
		b.pay("order-0003", "5.00", b.code("0001", "9003"))
		want(t, b.order("close", "order-0003"), "code", code)
		want(t, b.order("close", "order-0009"), "subCode", subNotFound)
		if err := b.s.SetFaults("close=lies"); err != nil {
			t.Fatal(err)
		}
		b.precreate("order-0004", "5.00", "WXPAY")
		want(t, b.order("close", "order-0004"), "code", "SUCCESS")
		want(t, b.order("pay/query", "order-0004"), "orderStatus", stNotPay)
	}
}

func TestCancelSwitches(t *testing.T) {
	b := setup(t, func(p *Params) { p.CancelWaits, p.CancelRevokes = true, true })
	b.pay("order-0001", "1.00", b.code("0001", "9002"))
	want(t, b.order("cancel", "order-0001"), "code", "FAILED", "subCode", subUserPaying)
	for range 3 {
		b.order("pay/query", "order-0001")
	}
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stRevoked)
	want(t, b.order("close", "order-0001"), "code", "FAILED")
	b.pay("order-0002", "1.00", b.code("0001", "1234"))
	b.call("refundV2", "merchantCode", testMerchant, "outTradeNo", "order-0002", "refundNo", "refund-01")
	want(t, b.order("pay/query", "order-0002"), "orderStatus", stRefund) // a refund is no cancel
	if net := standin.Net(b.s.Charges()); len(net) != 0 {
		t.Errorf("net %v", net)
	}
}
