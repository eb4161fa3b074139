package hqtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const shopUpload = "shop/shopupload/"

// bill is one row of each kind under a serial number.
func bill(code string) (payment, sale map[string]any) {
	const at = "2026-05-01 10:00:00"
	return map[string]any{"code": code, "paymentType": 1, "money": 6.5, "payTime": at, "createTime": at},
		map[string]any{"code": code, "productId": 1001, "qty": 1.25, "price": 5.2, "money": 6.5, "createTime": at}
}

func codes(bills []Bill) string {
	var b strings.Builder
	for _, one := range bills {
		fmt.Fprintf(&b, "%s*%d ", one.Code, len(one.Rows))
	}
	return strings.TrimSpace(b.String())
}

func TestABillIsUploadedOnce(t *testing.T) {
	b := setup(t, nil)
	one, line := bill("A")
	two, _ := bill("B")
	b.post(shopUpload+"billpaymentupload", []any{one, one, two}, 200)
	b.post(shopUpload+"billpaymentupload", []any{one}, 801)
	b.post(shopUpload+"billsaleupload", []any{line}, 200) // the lines are another matter
	b.post(shopUpload+"billsaleupload", []any{line}, 801)
	got := b.s.Bills()
	if codes(got.Payments) != "A*2 B*1" || codes(got.Sales) != "A*1" {
		t.Errorf("%+v", got)
	}
	status, body, err := b.do("GET", Bench+"bills", "")
	var told Bills
	if err != nil || status != 200 || json.Unmarshal(body, &told) != nil || codes(told.Payments) != "A*2 B*1" {
		t.Errorf("%d %s %v", status, body, err)
	}
}

// What becomes of the others in an upload that repeats a bill is not documented.
func TestAnUploadThatRepeatsABill(t *testing.T) {
	for _, apart := range []bool{false, true} {
		b := setup(t, func(p *Params) { p.BillsApart = apart })
		one, _ := bill("A")
		two, _ := bill("B")
		b.post(shopUpload+"billpaymentupload", []any{one}, 200)
		b.post(shopUpload+"billpaymentupload", []any{one, two}, 801)
		want := map[bool]string{false: "A*1", true: "A*1 B*1"}[apart]
		if got := codes(b.s.Bills().Payments); got != want {
			t.Errorf("apart %v: %s", apart, got)
		}
	}
}

func TestBillsThatCannotBeRead(t *testing.T) {
	b := setup(t, nil)
	for action, fields := range map[string]map[string][]any{
		"billpaymentupload": {
			"code": {"", nil, 7}, "money": {nil, "x", -1, 0.005}, "paymentType": {nil, 0, 11, "现金"},
			"payTime": {nil, "", "2026-05-01T10:00:00Z"}, "createTime": {nil, "yesterday"},
		},
		"billsaleupload": {
			"code": {""}, "money": {nil, 0.001}, "price": {nil, -1}, "qty": {nil, -1, "x"}, "productId": {nil, 0, "x"}, "createTime": {nil},
		},
	} {
		for field, values := range fields {
			for _, v := range values {
				payment, sale := bill("A")
				row := map[string]map[string]any{"billpaymentupload": payment, "billsaleupload": sale}[action]
				if row[field] = v; v == nil {
					delete(row, field)
				}
				b.post(shopUpload+action, []any{row}, 500)
			}
		}
		b.post(shopUpload+action, []any{}, 500)
		b.post(shopUpload+action, map[string]any{}, 500)
	}
	if got := b.s.Bills(); len(got.Payments)+len(got.Sales) != 0 {
		t.Errorf("%+v", got)
	}
}

// The page's copy breaks off after the q.
func TestTheQuantityMayBeNamedOtherwise(t *testing.T) {
	b := setup(t, func(p *Params) { p.QuantityName = "quantity" })
	_, sale := bill("A")
	b.post(shopUpload+"billsaleupload", []any{sale}, 500)
	sale["quantity"] = "1.25"
	b.post(shopUpload+"billsaleupload", []any{sale}, 200)
}
