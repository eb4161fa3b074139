package liantuofu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

// timeLayout is yyyyMMddHHmmss, how the gateway writes and reads times.
const timeLayout = "20060102150405"

const (
	maxBillSpan     = 30 * 24 * time.Hour // vendor page 664141832203351
	defaultPageSize = 50
	maxPageSize     = 200 // ours: the page names no limit
)

// BillQuery asks for the orders of a time span of more than zero seconds and at
// most 30 days.
type BillQuery struct {
	From, To    time.Time
	Page        int    // from 1; there is no default, so that no loop reads a page twice
	Size        int    // rows in a page, at most 200; 0: 50
	OrderStatus string // one of the Order values, or several joined by commas; "": all
}

// BillReply is a Reply with one page of the bill. No row is covered by the
// reply's signature: the rule signs flat fields only, so that a row is a reason
// to query its order, never proof of a payment.
//
// Items is nil with any Err. A SUCCESS in which no list can be found has an Err
// of kind Contract, because "not found" must not pass for "nothing sold".
type BillReply struct {
	Reply
	Items         []BillItem
	TotalCount    int64 // rows in the whole bill; only with HasTotalCount
	HasTotalCount bool
	Pages         int64 // pages in the whole bill; only with HasPages
	HasPages      bool
}

// BillItem is one order. With Err set, one or more of its values could not be
// read; what could be is there, so that the row can still be matched by hand.
type BillItem struct {
	OutTradeNo       string // ours
	TransactionID    string // Liantuofu's
	OutTransactionID string // the wallet's
	RefundNo         string // ours, where the row is a refund: its Total is the order's, counted in the order's own row

	Total      money.Fen // totalAmount; only with HasTotal
	HasTotal   bool
	Receipt    money.Fen // receiptAmount; only with HasReceipt
	HasReceipt bool
	Refund     money.Fen // refundAmount; only with HasRefund
	HasRefund  bool

	PayType     string
	OrderStatus string
	PayTime     time.Time // zero if absent or unreadable
	Err         error
}

// Bill asks for one page of the orders (vendor page 664141832203351). Times are
// sent in Params.Zone, to the second.
func (c *Client) Bill(ctx context.Context, q BillQuery) BillReply {
	from, to := q.From.In(c.p.Zone).Format(timeLayout), q.To.In(c.p.Zone).Format(timeLayout)
	switch {
	case q.From.IsZero():
		return BillReply{Reply: invalid("billBeginTime")}
	case !q.From.Before(q.To) || from == to || q.To.Sub(q.From) > maxBillSpan:
		return BillReply{Reply: invalid("billEndTime")}
	}
	if q.Size == 0 {
		q.Size = defaultPageSize
	}
	r, fields := c.call(ctx, actBill, map[string]string{
		"billBeginTime": from,
		"billEndTime":   to,
		"pageNumber":    strconv.Itoa(q.Page),
		"pageSize":      strconv.Itoa(q.Size),
		"orderStatus":   q.OrderStatus,
	})
	return decodeBill(r, fields, c.p.Zone)
}

// billLists are the names the list may have, the likeliest first. The vendor
// page does not show the reply; the vendor's own mini-program reads the rows
// from orderDetails at the top, beside pageNumber and totalPage. The others are
// what the paging libraries of such servers call it.
var billLists = []string{"orderDetails", "billList", "list", "rows", "records", "items", "orderList", "bills"}

func decodeBill(r Reply, fields map[string]json.RawMessage, zone *time.Location) BillReply {
	if r.Err != nil || r.Code != CodeSuccess {
		return BillReply{Reply: r}
	}
	nested, err := page(fields["data"])
	if err != nil {
		r.Err = service.NotJSON(err)
		return BillReply{Reply: r}
	}
	b := BillReply{Reply: r}
	b.TotalCount, b.HasTotalCount = firstCount(fields, "totalCount", "totalNum")
	if !b.HasTotalCount {
		// A bare total is a count only beside a nested list; at the top it may
		// be money.
		b.TotalCount, b.HasTotalCount = firstCount(nested, "totalCount", "totalNum", "total")
	}
	if b.Pages, b.HasPages = firstCount(fields, "totalPage", "totalPages", "pages"); !b.HasPages {
		b.Pages, b.HasPages = firstCount(nested, "totalPage", "totalPages", "pages")
	}
	rows, found := billRows(fields, nested)
	if !found && (!b.HasTotalCount || b.TotalCount != 0) {
		r.Err = service.Fault(fault.Contract, "bill_list",
			"{service} sent a bill in which no list of orders can be found. Compare the day in the merchant back office, and tell support.", nil)
		return BillReply{Reply: r}
	}
	for _, row := range rows {
		b.Items = append(b.Items, decodeBillItem(row, zone))
	}
	return b
}

// billRows is the first list that holds something; an empty or null one still
// counts as found.
func billRows(fields, nested map[string]json.RawMessage) (rows []json.RawMessage, found bool) {
	look := func(raw json.RawMessage, ok bool) bool {
		var list wire.List[json.RawMessage]
		if !ok || json.Unmarshal(raw, &list) != nil {
			return false
		}
		rows, found = list, true
		return len(rows) > 0
	}
	for _, from := range []map[string]json.RawMessage{fields, nested} {
		for _, name := range billLists {
			raw, ok := from[name]
			if look(raw, ok) {
				return rows, true
			}
		}
	}
	if raw, ok := fields["data"]; ok && nested == nil {
		look(raw, ok)
	}
	return rows, found
}

func decodeBillItem(raw json.RawMessage, zone *time.Location) BillItem {
	fields, err := wire.Fields(raw)
	f := reader{fields: fields, err: err}
	item := BillItem{
		OutTradeNo:       f.text("outTradeNo"),
		TransactionID:    f.text("transactionId"),
		OutTransactionID: f.text("outTransactionId"),
		RefundNo:         f.text("refundNo"),
		PayType:          f.text("payType"),
		OrderStatus:      f.text("orderStatus"),
		PayTime:          f.time(zone, "payTime"),
	}
	item.Total, item.HasTotal = f.yuan("totalAmount")
	item.Receipt, item.HasReceipt = f.yuan("receiptAmount")
	item.Refund, item.HasRefund = f.yuan("refundAmount")
	if item.OutTradeNo+item.TransactionID+item.OutTransactionID == "" {
		f.fail(errors.New("a row without any order number"))
	}
	if f.err != nil {
		item.Err = service.Fault(fault.Contract, "bill_row",
			"A row of {service}'s bill cannot be read. Compare this order in the merchant back office.", f.err)
	}
	return item
}

// page is data, where that is an object: a list there is the bill itself.
func page(raw json.RawMessage) (map[string]json.RawMessage, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return nil, nil
	}
	return wire.Fields(raw)
}
