package liantuofutest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// Nesting is where a bill has its rows and its numbers (pageNumber, pageSize,
// totalPage, totalCount). The vendor page (664141832203351) names the request
// only.
type Nesting int

// The nestings.
const (
	BillOrderDetails Nesting = iota // rows in orderDetails, numbers beside: so public clients read billAll
	BillItems                       // rows in items, numbers beside: so they read the list of members
	BillDataList                    // rows in data.list, numbers in data
	BillData                        // data is the rows, numbers beside
)

// The longest time one bill covers (vendor page), and the sizes of a page,
// which are assumed.
const (
	longestBill = 30 * 24 * time.Hour
	usualPage   = 20
	largestPage = 100
)

// bounds is what a bill is asked for.
type bounds struct {
	from, to   time.Time // both included
	page, size int
	states     []string // none: all
}

func readBounds(form map[string]string) (b bounds, problem string) {
	var errs [2]error
	b.from, errs[0] = time.ParseInLocation(stampForm, form["billBeginTime"], shopdata.China)
	b.to, errs[1] = time.ParseInLocation(stampForm, form["billEndTime"], shopdata.China)
	switch {
	case errs[0] != nil || errs[1] != nil || b.to.Before(b.from):
		return b, "查询时间格式错误"
	case b.to.Sub(b.from) > longestBill:
		return b, "查询时间跨度不能超过30天"
	}
	var ok [2]bool
	b.page, ok[0] = positive(form["pageNumber"], 1)
	b.size, ok[1] = positive(form["pageSize"], usualPage)
	if !ok[0] || !ok[1] || b.size > largestPage {
		return b, "分页参数错误"
	}
	if form["orderStatus"] != "" {
		b.states = strings.Split(form["orderStatus"], ",") // so public clients ask for several
	}
	for _, state := range b.states {
		if !slices.Contains([]string{stPaid, stNotPay, stRefund, stClosed, stRevoked}, state) {
			return b, "orderStatus错误"
		}
	}
	return b, ""
}

// positive reads a whole number from 1, or gives what stands for an absent one.
func positive(text string, absent int) (n int, ok bool) {
	if text == "" {
		return absent, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n < 1<<31
}

// row is one line of a bill.
type row struct {
	at     time.Time
	seq    int64 // of the order
	fields map[string]string
}

// bill lists orders by when they were made and finished refunds by when they
// were asked for, oldest first. Both are assumed, as are the names of the
// fields that pay and refund do not have.
func (s *Server) bill(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.settleLate()
	b, problem := readBounds(c.form)
	if problem != "" {
		return failed(subParameter, problem)
	}
	if c.fault.Kind == standin.Refused {
		return failed(subBusiness, "查询失败")
	}
	rows := s.rows(b, c.fault)
	start := min((b.page-1)*b.size, len(rows))
	page := []map[string]string{}
	for _, r := range rows[start:min(start+b.size, len(rows))] {
		page = append(page, r.fields)
	}
	res := success()
	s.nest(res.fields, page, map[string]any{
		"pageNumber": b.page, "pageSize": b.size, "totalCount": len(rows), "totalPage": (len(rows) + b.size - 1) / b.size,
	})
	res.changed, res.money = moved, moved
	return res
}

func (s *Server) nest(fields map[string]any, page []map[string]string, numbers map[string]any) {
	into := fields
	switch s.p.BillNesting {
	case BillItems:
		fields["items"] = page
	case BillDataList:
		into = map[string]any{"list": page}
		fields["data"] = into
	case BillData:
		fields["data"] = page
	default:
		fields["orderDetails"] = page
	}
	for name, n := range numbers {
		into[name] = n
	}
}

func (s *Server) rows(b bounds, f standin.Fault) []row {
	if f.Kind == standin.EmptyList {
		return nil
	}
	var rows []row
	add := func(r row) {
		inTime := !r.at.Before(b.from) && !r.at.After(b.to)
		if inTime && (len(b.states) == 0 || slices.Contains(b.states, r.fields["orderStatus"])) {
			rows = append(rows, r)
		}
	}
	for _, o := range s.orders {
		if o.Amount > 0 && !o.Hidden { // a number that only a cancel ever named is no order
			add(s.orderRow(o))
		}
	}
	for _, r := range s.refunds {
		if !r.Pending {
			add(s.refundRow(r))
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		if a.seq != b.seq {
			return int(a.seq - b.seq)
		}
		return strings.Compare(a.fields["refundNo"], b.fields["refundNo"])
	})
	switch {
	case len(rows) == 0:
	case f.Kind == standin.PageShift:
		rows = rows[1:]
	case f.Kind == standin.WrongAmount:
		amount, _ := money.ParseFen(rows[0].fields["totalAmount"])
		rows[0].fields["totalAmount"] = (amount + 1).Yuan()
	}
	return rows
}

func (s *Server) orderRow(o *order) row {
	fields := map[string]string{"createDate": stamp(o.Created), "refundAmount": o.Refunded.Yuan()}
	kv := s.fields(o, standin.None)
	for i := 0; i < len(kv); i += 2 {
		fields[kv[i]] = kv[i+1]
	}
	delete(fields, "appId")
	return row{at: o.Created.Truncate(time.Second), seq: o.Seq, fields: fields}
}

func (s *Server) refundRow(r *refund) row {
	o := s.orders[r.OutTradeNo]
	return row{at: r.At.Truncate(time.Second), seq: o.Seq, fields: map[string]string{
		"merchantCode": s.p.MerchantCode, "outTradeNo": r.OutTradeNo, "refundNo": r.RefundNo, "payType": o.PayType,
		"totalAmount": o.Amount.Yuan(), "refundAmount": r.Amount.Yuan(), "orderStatus": stRefund, "createDate": stamp(r.At),
	}}
}
