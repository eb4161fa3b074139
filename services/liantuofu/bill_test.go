package liantuofu

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

var billDay = time.Date(2026, 3, 1, 0, 0, 0, 0, wire.China)

const (
	billRow1 = `{"outTradeNo":"T01-1-000001","transactionId":9007199254740993,"outTransactionId":"4200001","totalAmount":"12.3000","receiptAmount":12.3,"refundAmount":0,"payType":"WXPAY","orderStatus":"SUCCESS","payTime":"20260301093000","extra":{"a":[1]}}`
	billRow2 = `{"outTradeNo":"T01-1-000002","totalAmount":0.05,"orderStatus":"NOTPAY","receiptAmount":null,"payTime":null}`
)

var (
	billItem1 = BillItem{
		OutTradeNo: "T01-1-000001", TransactionID: "9007199254740993", OutTransactionID: "4200001",
		Total: 1230, HasTotal: true, Receipt: 1230, HasReceipt: true, HasRefund: true,
		PayType: "WXPAY", OrderStatus: OrderSuccess, PayTime: time.Date(2026, 3, 1, 1, 30, 0, 0, time.UTC),
	}
	billItem2 = BillItem{OutTradeNo: "T01-1-000002", Total: 5, HasTotal: true, OrderStatus: OrderNotPay}
)

func bill(t *testing.T, c *Client) BillReply {
	t.Helper()
	return c.Bill(t.Context(), BillQuery{From: billDay, To: billDay.Add(24 * time.Hour), Page: 1})
}

func TestBill(t *testing.T) {
	rows := "[" + billRow1 + "," + billRow2 + "]"
	both := []BillItem{billItem1, billItem2}
	counted := func(n, pages int64) BillReply {
		return BillReply{Items: both, TotalCount: n, HasTotalCount: true, Pages: pages, HasPages: true}
	}
	tests := []struct {
		name, body string
		want       BillReply
		code       string
	}{
		{name: "as the vendor's mini-program reads it", body: `{"code":"SUCCESS","orderDetails":` + rows + `,"pageNumber":1,"totalPage":1,"totalCount":2}`, want: counted(2, 1)},
		{name: "signed, rows not covered", body: `{"code":"SUCCESS","msg":"成功","orderDetails":` + rows + `,"pageNumber":1,"totalPage":1,"totalCount":2,"sign":"413bbc806809eae303a8a9e608077a5d"}`, want: counted(2, 1)},
		{name: "numbers as text", body: `{"code":"SUCCESS","orderDetails":` + rows + `,"totalPage":"1","totalCount":"2"}`, want: counted(2, 1)},
		{name: "data is the list", body: `{"code":"SUCCESS","data":` + rows + `}`, want: BillReply{Items: both}},
		{name: "data is a list of one", body: `{"code":"SUCCESS","data":[` + billRow2 + `]}`, want: BillReply{Items: both[1:]}},
		{name: "data.list", body: `{"code":"SUCCESS","data":{"list":` + rows + `,"total":2,"pages":1}}`, want: counted(2, 1)},
		{name: "data.records", body: `{"code":"SUCCESS","data":{"records":` + rows + `,"total":"2","pages":1}}`, want: counted(2, 1)},
		{name: "list", body: `{"code":"SUCCESS","list":` + rows + `}`, want: BillReply{Items: both}},
		{name: "rows", body: `{"code":"SUCCESS","rows":` + rows + `,"total":12}`, want: BillReply{Items: both}},
		{name: "billList", body: `{"code":"SUCCESS","billList":` + rows + `}`, want: BillReply{Items: both}},
		{name: "empty above, full below", body: `{"code":"SUCCESS","list":[],"data":{"rows":` + rows + `}}`, want: BillReply{Items: both}},
		{name: "no order that day", body: `{"code":"SUCCESS","orderDetails":[]}`},
		{name: "null list", body: `{"code":"SUCCESS","orderDetails":null,"totalCount":null}`},
		{name: "list is empty text", body: `{"code":"SUCCESS","data":""}`},
		{name: "no list, and counted none", body: `{"code":"SUCCESS","totalCount":0}`, want: BillReply{HasTotalCount: true}},
		{name: "an odd count", body: `{"code":"SUCCESS","orderDetails":[],"totalCount":"many","totalPage":-1}`},
		{name: "no list at all", body: `{"code":"SUCCESS","msg":"成功"}`, code: "bill_list"},
		{name: "no list, and counted some", body: `{"code":"SUCCESS","totalCount":3}`, code: "bill_list"},
		{name: "list elsewhere", body: `{"code":"SUCCESS","data":{"page":{"list":` + rows + `}}}`, code: "bill_list"},
		{name: "list is an object", body: `{"code":"SUCCESS","orderDetails":` + billRow1 + `}`, code: "bill_list"},
		{name: "field twice in data", body: `{"code":"SUCCESS","data":{"list":[],"list":` + rows + `}}`, code: "unreadable"},
		{name: "another key's sign", body: `{"code":"SUCCESS","orderDetails":` + rows + `,"sign":"413bbc806809eae303a8a9e608077a5e"}`, code: "signature"},
		{name: "refused", body: `{"code":"FAILED","msg":"时间跨度过大","orderDetails":` + rows + `}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := bill(t, client(t, says(tt.body)))
			if tt.code == "" && got.Err != nil || tt.code != "" && fault.CodeOf(got.Err) != "liantuofu."+tt.code {
				t.Errorf("err %v", got.Err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(BillReply{}, "Reply"), cmpopts.EquateApproxTime(0), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A row that cannot be read is kept with what could be, and spoils no other.
func TestBillKeepsBadRows(t *testing.T) {
	for name, tt := range map[string]struct {
		row  string
		want BillItem
	}{
		"finer than a fen":   {`{"outTradeNo":"T01-1-000003","totalAmount":12.3001,"receiptAmount":"12.30"}`, BillItem{OutTradeNo: "T01-1-000003", Receipt: 1230, HasReceipt: true}},
		"amount in words":    {`{"transactionId":"42","refundNo":"T01-1-R00001","refundAmount":"十元","orderStatus":"REFUND"}`, BillItem{TransactionID: "42", RefundNo: "T01-1-R00001", OrderStatus: OrderRefund}},
		"monstrous amount":   {`{"outTradeNo":"T01-1-000003","totalAmount":1e60}`, BillItem{OutTradeNo: "T01-1-000003"}},
		"number is a list":   {`{"outTradeNo":["x"],"outTransactionId":"77"}`, BillItem{OutTransactionID: "77"}},
		"no order number":    {`{"totalAmount":"1.00"}`, BillItem{Total: 100, HasTotal: true}},
		"an amount twice":    {`{"outTradeNo":"T01-1-000003","totalAmount":1,"totalAmount":2}`, BillItem{}},
		"text instead":       {`"T01-1-000003"`, BillItem{}},
		"null instead":       {`null`, BillItem{}},
		"list instead":       {`[]`, BillItem{}},
		"negative, and fine": {`{"outTradeNo":"T01-1-000003","totalAmount":"-1.00"}`, BillItem{OutTradeNo: "T01-1-000003", Total: -100, HasTotal: true}},
	} {
		got := bill(t, client(t, says(`{"code":"SUCCESS","orderDetails":[`+billRow1+`,`+tt.row+`,`+billRow2+`]}`)))
		if got.Err != nil || len(got.Items) != 3 {
			t.Errorf("%s: %v, %d rows", name, got.Err, len(got.Items))
			continue
		}
		bad := strings.HasSuffix(name, "fine")
		if (got.Items[1].Err == nil) != bad || !bad && fault.CodeOf(got.Items[1].Err) != "liantuofu.bill_row" {
			t.Errorf("%s: %v", name, got.Items[1].Err)
		}
		got.Items[1].Err = nil
		if diff := cmp.Diff([]BillItem{billItem1, tt.want, billItem2}, got.Items, cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestBillInGzipWithByteOrderMark(t *testing.T) {
	got := bill(t, client(t, func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, "\ufeff"+`{"code":"SUCCESS","orderDetails":[`+billRow2+"]}\r\n")
		_ = z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	}))
	if got.Err != nil || len(got.Items) != 1 || got.Items[0].Total != 5 {
		t.Errorf("%+v", got)
	}
}

func TestBillTimes(t *testing.T) {
	var sent []string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.PostFormValue("billBeginTime")+" "+r.PostFormValue("billEndTime")+" "+r.PostFormValue("pageNumber")+" "+r.PostFormValue("pageSize"))
		_, _ = io.WriteString(w, `{"code":"SUCCESS","orderDetails":[]}`)
	})
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		q    BillQuery
		want string // "": nothing is sent
	}{
		"a day":                   {BillQuery{From: billDay, To: billDay.Add(day), Page: 1}, "20260301000000 20260302000000 1 50"},
		"given in another zone":   {BillQuery{From: billDay.UTC(), To: billDay.Add(day).UTC(), Page: 3, Size: 200}, "20260301000000 20260302000000 3 200"},
		"30 days":                 {BillQuery{From: billDay, To: billDay.Add(30 * day), Page: 1}, "20260301000000 20260331000000 1 50"},
		"a second more":           {BillQuery{From: billDay, To: billDay.Add(30*day + time.Second), Page: 1}, ""},
		"backwards":               {BillQuery{From: billDay, To: billDay.Add(-day), Page: 1}, ""},
		"no time at all":          {BillQuery{From: billDay, To: billDay, Page: 1}, ""},
		"within one second":       {BillQuery{From: billDay, To: billDay.Add(time.Millisecond), Page: 1}, ""},
		"unset":                   {BillQuery{To: billDay, Page: 1}, ""},
		"beyond the year 9999":    {BillQuery{From: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(10000, 1, 2, 0, 0, 0, 0, time.UTC), Page: 1}, ""},
		"no page":                 {BillQuery{From: billDay, To: billDay.Add(day)}, ""},
		"a page too large":        {BillQuery{From: billDay, To: billDay.Add(day), Page: 1, Size: 201}, ""},
		"a page of less than one": {BillQuery{From: billDay, To: billDay.Add(day), Page: 1, Size: -1}, ""},
	} {
		sent = nil
		got := c.Bill(t.Context(), tt.q)
		if refused := got.Delivery == NotSent && fault.KindOf(got.Err) == fault.Invalid; refused != (tt.want == "") {
			t.Errorf("%s: %+v", name, got)
		}
		if strings.Join(sent, "|") != tt.want {
			t.Errorf("%s: sent %q", name, sent)
		}
	}
}

func FuzzBill(f *testing.F) {
	for _, seed := range []string{
		`{"code":"SUCCESS","orderDetails":[` + billRow1 + `,` + billRow2 + `],"totalCount":2}`,
		`{"code":"SUCCESS","data":{"list":[` + billRow2 + `],"total":1}}`, `{"code":"SUCCESS","data":[1,null,{}]}`,
		`{"code":"SUCCESS","data":{"list":[],"list":[]}}`, `{"code":"FAILED"}`, `{"code":"SUCCESS","totalCount":0}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, fields := decodeReply(body, testKey, wire.China)
		b := decodeBill(r, fields, wire.China)
		switch {
		case r.Err != nil && b.Err == nil:
			t.Fatalf("%q: the error of the reply was lost", body)
		case b.Items != nil && (b.Err != nil || b.Code != CodeSuccess):
			t.Fatalf("%q: rows of a reply that is none: %+v", body, b)
		case !b.HasTotalCount && b.TotalCount != 0 || b.TotalCount < 0 || b.Pages < 0:
			t.Fatalf("%q: %+v", body, b)
		}
		for _, item := range b.Items {
			if !item.HasTotal && item.Total != 0 || !item.HasReceipt && item.Receipt != 0 || !item.HasRefund && item.Refund != 0 {
				t.Fatalf("%q: an amount that was not given: %+v", body, item)
			}
			if item.Err == nil && item.OutTradeNo+item.TransactionID+item.OutTransactionID == "" {
				t.Fatalf("%q: a nameless row without error", body)
			}
			if item.Total > money.MaxFen || item.Total < -money.MaxFen {
				t.Fatalf("%q: %d", body, item.Total)
			}
		}
	})
}

// However many rows the gateway sends, each comes out once and in order.
func TestBillDropsNoRow(t *testing.T) {
	const most = 5000
	var rows []json.RawMessage
	for range most {
		rows = append(rows, json.RawMessage(billRow1), json.RawMessage(`{"totalAmount":"?"}`))
	}
	list, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	got := bill(t, client(t, says(`{"code":"SUCCESS","orderDetails":`+string(list)+`}`)))
	if len(got.Items) != 2*most {
		t.Fatalf("%d rows", len(got.Items))
	}
	for i, item := range got.Items {
		if (item.Err != nil) != (i%2 == 1) {
			t.Fatalf("row %d: %+v", i, item)
		}
	}
}
