package liantuofutest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"cashier/services/shopdata/standin"
)

// The vector was computed apart from this program, from the vendor's rule and
// an invented key.
func TestSignVector(t *testing.T) {
	form := map[string]string{
		"appId": "EW_N0000000001", "cardNo": "914095353294404024", "consumeEmployeeId": "11",
		"consumeMerchantCode": "EW_N0000000002", "consumeSource": "1", "count": "1", "random": "20240101", "remark": "备注",
	}
	const vector = "93c555da0e5c037c9758435e6b8334c8"
	if got := sign(form, "test-key-0001", false); got != vector {
		t.Errorf("sign = %s, want %s", got, vector)
	}
	form["sign"], form["subject"] = "whatever", ""
	if got := sign(form, "test-key-0001", false); got != vector {
		t.Errorf("sign and empty values must not count: %s", got)
	}
}

func TestRefusesMalformedRequests(t *testing.T) {
	b := setup(t, nil)
	good := payFields("order-0001", "1.00", b.code("0001", "1234"))
	for name, c := range map[string]struct {
		change []string
		sub    string
	}{
		"wrong sign":          {[]string{"sign", strings.Repeat("0", 32)}, subSign},
		"other app":           {[]string{"appId", "EW_N9"}, subParameter},
		"random with letters": {[]string{"random", "12a"}, subParameter},
		"no random":           {[]string{"random", ""}, subParameter},
		"other merchant":      {[]string{"merchantCode", "EW_N9"}, subParameter},
		"no auth code":        {[]string{"authCode", ""}, subParameter},
		"short key":           {[]string{"outTradeNo", "short"}, subParameter},
		"key with a blank":    {[]string{"outTradeNo", "order 0001"}, subParameter},
		"half a fen":          {[]string{"totalAmount", "1.005"}, subParameter},
		"nothing to pay":      {[]string{"totalAmount", "0.00"}, subParameter},
		"negative":            {[]string{"totalAmount", "-1.00"}, subParameter},
		"not a payment code":  {[]string{"authCode", "6901234567892"}, subBusiness},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, b.call("pay", append(good, c.change...)...), "code", "FAILED", "subCode", c.sub)
		})
	}
	if got := b.s.Charges(); len(got) != 0 {
		t.Errorf("charged %v", got)
	}
	resp, err := http.Get(b.url + Base + "pay")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", resp.StatusCode)
	}
}

func TestPayQueryCancel(t *testing.T) {
	b := setup(t, nil)
	code := b.code("0001", "1234")
	paid := b.pay("order-0001", "12.30", code)
	want(t, paid, "code", "SUCCESS", "orderStatus", stPaid, "outTradeNo", "order-0001", "totalAmount", "12.30",
		"receiptAmount", "12.30", "payType", "WXPAY", "payTime", "20260501100000", "merchantCode", testMerchant)
	if paid["sign"] != sign(paid, testKey, false) {
		t.Error("the reply's sign does not verify")
	}
	if got := b.s.Balance("0001"); got != 37_70 {
		t.Errorf("wallet has %s", got)
	}
	want(t, b.order("pay/query", "order-0001"), "code", "SUCCESS", "orderStatus", stPaid, "transactionId", paid["transactionId"])
	want(t, b.call("pay/query", "merchantCode", testMerchant, "outTransactionId", paid["outTransactionId"]), "outTradeNo", "order-0001")
	want(t, b.pay("order-0001", "12.30", b.code("0001", "1234")), "code", "FAILED", "subCode", subParameter, "subMsg", duplicateOrder)
	want(t, b.pay("order-0002", "1.00", code), "code", "FAILED", "subMsg", "付款码已使用，请刷新后重试")

	want(t, b.order("close", "order-0001"), "code", "FAILED")
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stRefund)
	if got := b.s.Balance("0001"); got != 50_00 {
		t.Errorf("wallet has %s after the cancel", got)
	}
	list := b.s.Charges()
	if len(list) != 2 || list[0].State != standin.Reversed || list[0].Amount != "12.30" || list[0].Last4 != "1234" ||
		list[1].Kind != "cancel" || list[1].Of != "order-0001" {
		t.Errorf("charges %+v", list)
	}
}

func TestCancelOfAnUnseenOrderClosesItsNumber(t *testing.T) {
	b := setup(t, nil)
	want(t, b.order("pay/query", "order-0001"), "code", "FAILED", "subCode", subNotFound)
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stClosed)
	want(t, b.pay("order-0001", "1.00", b.code("0001", "1234")), "code", "FAILED", "subMsg", duplicateOrder)

	b = setup(t, func(p *Params) { p.CancelUnknownFails = true })
	want(t, b.order("cancel", "order-0001"), "code", "FAILED", "subCode", subNotFound)
}

func TestWalletRunsOut(t *testing.T) {
	b := setup(t, nil)
	want(t, b.pay("order-0001", "50.01", b.code("0001", "1234")), "code", "FAILED", "subMsg", "余额不足")
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stNotPay)
	want(t, b.pay("order-0002", "50.00", b.code("0001", "1234")), "code", "SUCCESS")
	want(t, b.pay("order-0003", "0.01", b.code("0001", "1234")), "code", "FAILED", "subMsg", "余额不足")
	want(t, b.pay("order-0004", "2000.00", b.code("7777", "1234")), "code", "SUCCESS")
	want(t, b.pay("order-0005", "0.01", b.code("7777", "1234")), "code", "FAILED")
	if net := standin.Net(b.s.Charges()); len(net) != 2 {
		t.Errorf("net %v", net)
	}
}

func TestTimesCards(t *testing.T) {
	const card = "914095353294401111"
	consume := func(b *bed, card, count, remark string) map[string]string {
		return b.call("timescard/userTimesCardConsume", "cardNo", card, "count", count, "consumeSource", "1",
			"consumeMerchantCode", testMerchant, "remark", remark)
	}
	b := setup(t, nil)
	want(t, b.call("timescard/userTimesCardDetail", "cardNo", card), "code", "SUCCESS", "suplusTimes", "3",
		"cardName", "洗车10次卡", "memberName", "赵敏", "endDate", "2099-12-31 23:59:59")
	want(t, consume(b, card, "2", "r1"), "code", "SUCCESS")
	want(t, consume(b, card, "2", "r2"), "code", "FAILED", "msg", "剩余次数不足")
	want(t, consume(b, card, "1", "r1"), "code", "SUCCESS") // a repeated remark takes again
	want(t, consume(b, card, "1", "r3"), "code", "FAILED", "msg", "剩余次数不足")
	want(t, consume(b, "914095353294402222", "1", "r4"), "code", "FAILED", "msg", "次卡已过期")
	want(t, consume(b, "914095353294403333", "1", "r5"), "code", "FAILED", "msg", "次卡不存在")
	for _, count := range []string{"0", "-1", "x", "99999999999"} {
		want(t, consume(b, card, count, "r6"), "code", "FAILED")
	}
	var times int64
	for _, c := range b.s.Charges() {
		times += c.Count
	}
	if left, _ := b.s.Remaining(card); left != 0 || times != 3 {
		t.Errorf("%d left, %d taken", left, times)
	}

	b = setup(t, func(p *Params) { p.RemarkIsIdempotent = true; p.CardDetailIsNested = true })
	want(t, consume(b, card, "1", "r1"), "code", "SUCCESS")
	want(t, consume(b, card, "1", "r1"), "code", "SUCCESS")
	if left, _ := b.s.Remaining(card); left != 2 {
		t.Errorf("%d left", left)
	}
	_, body, err := b.raw(t.Context(), "timescard/userTimesCardDetail", "cardNo", card)
	var nested struct {
		Code string
		Data struct{ SuplusTimes string }
	}
	if err != nil || json.Unmarshal(body, &nested) != nil || nested.Data.SuplusTimes != "2" {
		t.Errorf("nested detail %s, %v", body, err)
	}
}

func TestRefunds(t *testing.T) {
	b := setup(t, nil)
	refund := func(no, amount string) map[string]string {
		kv := []string{"merchantCode", testMerchant, "outTradeNo", "order-0001", "refundNo", no}
		if amount != "" {
			kv = append(kv, "refundAmount", amount)
		}
		return b.call("refundV2", kv...)
	}
	query := func(no string) map[string]string {
		return b.call("refund/queryV2", "merchantCode", testMerchant, "refundNo", no)
	}
	want(t, refund("refund-01", ""), "code", "FAILED", "subCode", subNotFound)
	b.pay("order-0001", "10.00", b.code("0001", "1234"))
	want(t, query("refund-01"), "code", "FAILED", "subCode", subNotFound)
	want(t, refund("refund-01", "4.00"), "code", "SUCCESS", "refundAmount", "4.00")
	want(t, refund("refund-01", "4.00"), "code", "SUCCESS", "refundAmount", "4.00") // the same again moves nothing
	want(t, refund("refund-01", "5.00"), "code", "FAILED", "subCode", subParameter)
	want(t, refund("refund-02", "6.01"), "code", "FAILED")
	want(t, query("refund-01"), "code", "SUCCESS", "outTradeNo", "order-0001")
	if got := b.s.Balance("0001"); got != 44_00 {
		t.Errorf("wallet has %s", got)
	}
	if err := b.s.SetFaults("refundV2=refunding:1#1"); err != nil {
		t.Fatal(err)
	}
	want(t, refund("refund-03", ""), "code", "FAILED", "subCode", subRefunding)
	want(t, refund("refund-04", "0.01"), "code", "FAILED") // all of it is spoken for
	want(t, query("refund-03"), "code", "FAILED", "subCode", subRefunding)
	want(t, query("refund-03"), "code", "SUCCESS", "refundAmount", "6.00")
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stRefund)
	if net := standin.Net(b.s.Charges()); len(net) != 0 {
		t.Errorf("net %v", net)
	}
}

func TestARefundInProgressMayBeHidden(t *testing.T) {
	b := setup(t, func(p *Params) { p.RefundingIsHidden = true })
	b.pay("order-0001", "10.00", b.code("0001", "1234"))
	if err := b.s.SetFaults("refundV2=refunding:2"); err != nil {
		t.Fatal(err)
	}
	query := func(more ...string) map[string]string {
		return b.call("refund/queryV2", append([]string{"merchantCode", testMerchant, "refundNo", "refund-01"}, more...)...)
	}
	want(t, b.call("refundV2", "merchantCode", testMerchant, "outTradeNo", "order-0001", "refundNo", "refund-01"), "subCode", subRefunding)
	want(t, query(), "code", "FAILED", "subCode", subNotFound)
	want(t, query("returnRefundType", "1"), "code", "SUCCESS", "refundAmount", "10.00")
	if got := b.s.Balance("0001"); got != 40_00 {
		t.Errorf("wallet has %s before it is done", got)
	}
	want(t, query(), "code", "SUCCESS")
	if got := b.s.Balance("0001"); got != 50_00 {
		t.Errorf("wallet has %s", got)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	b := setup(t, nil)
	code := b.code("0001", "1234")
	b.pay("order-0001", "10.00", code)
	b.pay("order-0002", "3.00", b.code("0001", "9002"))
	b.call("refundV2", "merchantCode", testMerchant, "outTradeNo", "order-0001", "refundNo", "refund-01", "refundAmount", "1.00")
	b.call("timescard/userTimesCardConsume", "cardNo", "914095353294401111", "count", "1", "consumeSource", "1",
		"consumeMerchantCode", testMerchant)
	state, err := b.s.State()
	if err != nil {
		t.Fatal(err)
	}

	after := setup(t, nil)
	if err := after.s.Restore(state); err != nil {
		t.Fatal(err)
	}
	again, _ := after.s.State()
	if string(again) != string(state) {
		t.Errorf("state changed:\n%s\n%s", state, again)
	}
	want(t, after.pay("order-0003", "1.00", code), "code", "FAILED")
	want(t, after.order("pay/query", "order-0002"), "orderStatus", stNotPay)
	want(t, after.order("pay/query", "order-0002"), "orderStatus", stNotPay)
	want(t, after.order("pay/query", "order-0002"), "orderStatus", stPaid)
	if got := after.s.Balance("0001"); got != 38_00 {
		t.Errorf("wallet has %s", got)
	}
	for _, bad := range []string{``, `[]`, `{"orders":[null]}`, `{"orders":[{"outTradeNo":"x"}]}`, `{"refunds":[{"refundNo":"a"}]}`} {
		if after.s.Restore([]byte(bad)) == nil {
			t.Errorf("accepted %q", bad)
		}
	}
	if got := after.s.Balance("0001"); got != 38_00 {
		t.Errorf("a refused state changed the wallet to %s", got)
	}
}

func TestLateMoneyComesThoughCancelled(t *testing.T) {
	b := setup(t, nil)
	if _, _, err := b.raw(t.Context(), "pay", payFields("order-0001", "9.00", b.code("0001", "9019"))...); err == nil {
		t.Fatal("a reply came")
	}
	want(t, b.order("pay/query", "order-0001"), "code", "FAILED", "subCode", subNotFound)
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	b.clock.Add(4 * time.Second)
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stClosed)
	if len(b.s.Charges()) != 0 {
		t.Fatal("charged too early")
	}
	state, err := b.s.State()
	if err != nil || b.s.Restore(state) != nil {
		t.Fatal("state", err)
	}
	b.clock.Add(2 * time.Second)
	want(t, b.order("pay/query", "order-0001"), "orderStatus", stPaid)
	want(t, b.order("cancel", "order-0001"), "code", "SUCCESS")
	if net := standin.Net(b.s.Charges()); len(net) != 0 || len(b.s.Charges()) != 2 {
		t.Errorf("charges %v", b.s.Charges())
	}
}
