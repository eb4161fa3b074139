package liantuofutest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"cashier/services/shopdata"
)

// page is a bill in any nesting.
type page struct {
	Code, SubCode, SubMsg, Sign string

	OrderDetails, Items []map[string]string
	Data                json.RawMessage

	PageNumber, PageSize, TotalCount, TotalPage int
}

func (b *bed) bill(kv ...string) page {
	b.t.Helper()
	var p page
	b.read(&p, "bill", append([]string{"merchantCode", testMerchant, "billBeginTime", "20260501000000", "billEndTime", "20260530235959"}, kv...)...)
	return p
}

// billBed has three orders a minute apart, the first of them refunded in part
// and the third cancelled, and a number that only a cancel named.
func billBed(t *testing.T, tweak func(*Params)) *bed {
	b := setup(t, tweak)
	for n := range 3 {
		b.pay(fmt.Sprint("order-000", n+1), "10.00", b.code("0001", "1234"))
		b.clock.Add(time.Minute)
	}
	b.call("refundV2", "merchantCode", testMerchant, "outTradeNo", "order-0001", "refundNo", "refund-01", "refundAmount", "4.00")
	b.order("cancel", "order-0003")
	b.order("cancel", "order-0009")
	return b
}

func numbersOf(rows []map[string]string) (keys []string) {
	for _, r := range rows {
		if r["refundNo"] != "" {
			keys = append(keys, r["refundNo"])
			continue
		}
		keys = append(keys, r["outTradeNo"])
	}
	return keys
}

func TestBill(t *testing.T) {
	b := billBed(t, nil)
	p := b.bill()
	if got := numbersOf(p.OrderDetails); !slices.Equal(got, []string{"order-0001", "order-0002", "order-0003", "refund-01"}) {
		t.Fatalf("%v", got)
	}
	if p.Code != "SUCCESS" || p.PageNumber != 1 || p.PageSize != usualPage || p.TotalCount != 4 || p.TotalPage != 1 || p.Sign != "" {
		t.Errorf("%+v", p)
	}
	want(t, p.OrderDetails[0], "totalAmount", "10.00", "receiptAmount", "10.00", "refundAmount", "4.00", "orderStatus", stPaid,
		"createDate", "20260501100000", "payTime", "20260501100000", "payType", "WXPAY")
	want(t, p.OrderDetails[2], "orderStatus", stRefund, "refundAmount", "10.00")
	want(t, p.OrderDetails[3], "outTradeNo", "order-0001", "refundAmount", "4.00", "createDate", "20260501100300")

	for status, keys := range map[string][]string{
		stPaid: {"order-0001", "order-0002"}, "SUCCESS,REFUND": {"order-0001", "order-0002", "order-0003", "refund-01"},
		stRefund: {"order-0003", "refund-01"}, stClosed: nil,
	} {
		if got := numbersOf(b.bill("orderStatus", status).OrderDetails); !slices.Equal(got, keys) {
			t.Errorf("%s: %v", status, got)
		}
	}
	both := b.bill("billBeginTime", "20260501100100", "billEndTime", "20260501100200") // both ends included
	if got := numbersOf(both.OrderDetails); !slices.Equal(got, []string{"order-0002", "order-0003"}) {
		t.Errorf("%v", got)
	}
}

func TestBillPages(t *testing.T) {
	b := billBed(t, nil)
	for number, keys := range map[string][]string{
		"1": {"order-0001", "order-0002", "order-0003"}, "2": {"refund-01"}, "3": nil, "2000000000": nil,
	} {
		p := b.bill("pageSize", "3", "pageNumber", number)
		if got := numbersOf(p.OrderDetails); !slices.Equal(got, keys) || p.TotalPage != 2 || p.TotalCount != 4 || p.OrderDetails == nil {
			t.Errorf("page %s: %+v", number, p)
		}
	}
	if err := b.s.SetFaults("bill=page-shift#2,bill=wrong-amount#3,bill=empty-list#4,bill=refused#5"); err != nil {
		t.Fatal(err)
	}
	first := b.bill("pageSize", "2")
	shifted := b.bill("pageSize", "2", "pageNumber", "2")
	if got := numbersOf(append(first.OrderDetails, shifted.OrderDetails...)); !slices.Equal(got, []string{"order-0001", "order-0002", "refund-01"}) {
		t.Errorf("order-0003 should have slipped between the pages: %v", got)
	}
	want(t, b.bill().OrderDetails[0], "totalAmount", "10.01")
	if p := b.bill(); p.Code != "SUCCESS" || len(p.OrderDetails) != 0 || p.TotalCount != 0 {
		t.Errorf("%+v", p)
	}
	if p := b.bill(); p.Code != "FAILED" || p.SubCode != subBusiness {
		t.Errorf("%+v", p)
	}
}

func TestBillRefuses(t *testing.T) {
	b := setup(t, nil)
	for name, kv := range map[string][]string{
		"31 days":        {"billEndTime", "20260601000000"},
		"backwards":      {"billEndTime", "20260430235959"},
		"a date":         {"billBeginTime", "20260501"},
		"no begin":       {"billBeginTime", ""},
		"no such day":    {"billBeginTime", "20260231000000"},
		"page 0":         {"pageNumber", "0"},
		"page of none":   {"pageSize", "0"},
		"page too large": {"pageSize", "101"},
		"page of words":  {"pageNumber", "x"},
		"overflow":       {"pageNumber", "99999999999"},
		"unknown status": {"orderStatus", "PAID"},
		"half a list":    {"orderStatus", "SUCCESS,"},
	} {
		t.Run(name, func(t *testing.T) {
			if p := b.bill(kv...); p.Code != "FAILED" || p.SubCode != subParameter {
				t.Errorf("%+v", p)
			}
		})
	}
	if p := b.bill("billBeginTime", "20260501000000", "billEndTime", "20260531000000"); p.Code != "SUCCESS" { // 30 days to the second
		t.Errorf("%+v", p)
	}
}

func TestBillNestings(t *testing.T) {
	rows := func(p page) []map[string]string {
		switch {
		case p.Items != nil:
			return p.Items
		case p.OrderDetails != nil:
			return p.OrderDetails
		}
		var list []map[string]string
		_ = json.Unmarshal(p.Data, &list)
		return list
	}
	for nesting, totalOnTop := range map[Nesting]bool{BillOrderDetails: true, BillItems: true, BillDataList: false, BillData: true} {
		p := billBed(t, func(q *Params) { q.BillNesting = nesting }).bill()
		if (p.TotalCount == 4) != totalOnTop {
			t.Errorf("%d: total %d", nesting, p.TotalCount)
		}
		if nesting == BillDataList {
			var inner struct {
				List       []map[string]string
				TotalCount int
			}
			if err := json.Unmarshal(p.Data, &inner); err != nil || len(inner.List) != 4 || inner.TotalCount != 4 {
				t.Errorf("%s, %v", p.Data, err)
			}
			continue
		}
		if got := rows(p); len(got) != 4 {
			t.Errorf("%d: %+v", nesting, p)
		}
	}
}

// What is not to be seen yet is not on the bill.
func TestBillWaitsForLateMoney(t *testing.T) {
	b := setup(t, nil)
	if _, _, err := b.raw(t.Context(), "pay", payFields("order-0001", "9.00", b.code("0001", "9019"))...); err == nil {
		t.Fatal("a reply came")
	}
	if p := b.bill(); p.TotalCount != 0 {
		t.Errorf("%+v", p)
	}
	b.clock.Add(6 * time.Second)
	want(t, b.bill().OrderDetails[0], "outTradeNo", "order-0001", "orderStatus", stPaid, "createDate",
		time.Date(2026, 5, 1, 10, 0, 0, 0, shopdata.China).Format(stampForm))
}
