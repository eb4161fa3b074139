package liantuofu

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

// Delivery says how far a call came.
type Delivery = wire.Delivery

// The deliveries.
const (
	Silent   = wire.Silent
	NotSent  = wire.NotSent
	Answered = wire.Answered
)

// Values of Reply.Code (the envelope of every vendor page), whatever case the
// gateway writes them in.
const (
	CodeSuccess = "SUCCESS"
	CodeFailed  = "FAILED"
)

// Sub-codes seen on the vendor's pages. The full list is not published, so any
// other one leaves a payment open until it has been queried.
const (
	SubUserPaying     = "USER_PAYING"     // the customer is entering a password
	SubParameterError = "PARAMETER_ERROR" // also 订单已存在，请重新下单: the number was used before
	SubRefunding      = "REFUNDING"       // not known yet
	SubLoginError     = "LOGIN_ERROR"
)

// Values of Reply.OrderStatus (vendor page 8127290827364715). The last two are
// not on the page; the vendor's own mini-program knows them.
const (
	OrderSuccess  = "SUCCESS"
	OrderNotPay   = "NOTPAY"
	OrderRefund   = "REFUND"
	OrderClosed   = "CLOSED"
	OrderRevoked  = "REVOKED"
	OrderPayError = "PAYERROR"
)

// Reply is everything one call brought, for a judge. The client draws no
// conclusion: not from Code, and not from the lack of anything.
//
// When Err is not nil, no field decides anything in the customer's favour or
// against; the fields are kept for the record. What was sent is told by
// Delivery alone, never by the kind of Err: Invalid and Internal come with
// NotSent; Unreachable with NotSent, and where a question had no answer or HTTP
// 408, 429 or 5xx; Unknown where a deed had none or a status that leaves it
// open; Credentials with 401 and 403, or with NotSent when our key could not be
// read; Contract with a reply that is no envelope, an unreadable amount or a
// wrong signature; Refused with any other HTTP 4xx.
type Reply struct {
	Delivery   Delivery
	HTTPStatus int // 0 unless Answered

	Code    string // CodeSuccess, CodeFailed; "" when the reply was not an envelope
	Msg     string // the gateway's sentence, for a person
	SubCode string // in upper case
	SubMsg  string

	OutTradeNo       string // our number, as the gateway repeats it
	TransactionID    string // Liantuofu's number
	OutTransactionID string // the wallet's number

	Total      money.Fen // totalAmount; only with HasTotal
	HasTotal   bool
	Receipt    money.Fen // receiptAmount: what the merchant gets; only with HasReceipt
	HasReceipt bool

	RefundNo  string
	Refund    money.Fen // refundAmount; only with HasRefund
	HasRefund bool

	PayType     string
	OrderStatus string
	PayTime     time.Time // payTime, or time of a refund, in the shop's zone; zero if absent or unreadable

	Signature Signature
	Err       error
}

// decodeReply reads the envelope and the fields that any of our calls has.
func decodeReply(body []byte, key string, zone *time.Location) (Reply, map[string]json.RawMessage) {
	r := Reply{Delivery: Answered}
	fields, err := wire.Fields(body)
	if err != nil {
		r.Err = service.NotJSON(err)
		return r, nil
	}
	f := reader{fields: fields}
	r.Code, r.Msg = upper(f.text("code")), wire.Redact(f.text("msg"))
	r.SubCode, r.SubMsg = upper(f.text("subCode")), wire.Redact(f.text("subMsg"))
	r.OutTradeNo = f.text("outTradeNo")
	r.TransactionID = f.text("transactionId")
	r.OutTransactionID = f.text("outTransactionId")
	r.Total, r.HasTotal = f.yuan("totalAmount")
	r.Receipt, r.HasReceipt = f.yuan("receiptAmount")
	r.RefundNo = f.text("refundNo")
	r.Refund, r.HasRefund = f.yuan("refundAmount")
	r.PayType, r.OrderStatus = f.text("payType"), f.text("orderStatus")
	r.PayTime = f.time(zone, "payTime", "time")
	r.Signature = verify(fields, key)
	r.Err = r.complain(f.err)
	return r, fields
}

// complain is what makes the whole reply unusable as evidence.
func (r Reply) complain(field error) error {
	switch {
	case field != nil:
		return service.NotJSON(field)
	case r.Code != CodeSuccess && r.Code != CodeFailed:
		return service.Fault(fault.Contract, "envelope",
			"{service} answered with neither success nor failure. Check the address in Settings; if it is right, tell support.", nil)
	case r.Signature == Invalid:
		return service.Fault(fault.Contract, "signature",
			"The answer of {service} does not carry our key's signature. Check the key in Settings, and that no program intercepts the network.", nil)
	}
	return nil
}

// upper is about ASCII only: Unicode has other letters whose capital is an S.
func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// reader takes fields out of an object and remembers the first that is not
// what it should be.
type reader struct {
	fields map[string]json.RawMessage
	err    error
}

// pick is a reader of the named fields, each from the first of the places where
// it is neither missing nor null. err is what went wrong on the way there.
func pick(err error, names []string, places ...map[string]json.RawMessage) reader {
	f := reader{fields: map[string]json.RawMessage{}, err: err}
	for _, name := range names {
		for _, place := range places {
			raw, ok := place[name]
			if _, have := f.fields[name]; ok && !have && string(raw) != "null" {
				f.fields[name] = raw
			}
		}
	}
	return f
}

// object is a JSON object, also when it stands alone in an array; nil for
// everything else.
func object(raw json.RawMessage) (map[string]json.RawMessage, error) {
	raw = bytes.TrimSpace(raw)
	if bytes.HasPrefix(raw, []byte("[")) {
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil || len(items) != 1 {
			return nil, err
		}
		raw = bytes.TrimSpace(items[0])
	}
	if !bytes.HasPrefix(raw, []byte("{")) {
		return nil, nil
	}
	return wire.Fields(raw)
}

func (f *reader) text(name string) string {
	raw, ok := f.fields[name]
	if !ok {
		return ""
	}
	var t wire.Text
	if err := json.Unmarshal(raw, &t); err != nil {
		f.fail(err)
	}
	return string(t)
}

// either is the first of the names with a text in it.
func (f *reader) either(names ...string) string {
	for _, name := range names {
		if s := f.text(name); s != "" {
			return s
		}
	}
	return ""
}

// yuan reads an amount exactly: the gateway's own decimals, never rounded.
func (f *reader) yuan(name string) (amount money.Fen, given bool) {
	s := f.text(name)
	if s == "" {
		return 0, false
	}
	d, err := wire.ParseDecimal(s)
	if err == nil {
		amount, err = money.FenFromDecimal(d)
	}
	if err != nil {
		f.fail(err)
		return 0, false
	}
	return amount, true
}

func (f *reader) count(name string) (n int64, given bool) {
	raw, ok := f.fields[name]
	if !ok || string(raw) == "null" || string(raw) == `""` {
		return 0, false
	}
	var v wire.Int
	if err := json.Unmarshal(raw, &v); err != nil {
		f.fail(err)
		return 0, false
	}
	return int64(v), true
}

// firstCount is the first of the names that holds a whole number of things.
func firstCount(fields map[string]json.RawMessage, names ...string) (n int64, given bool) {
	for _, name := range names {
		f := reader{fields: fields}
		if n, ok := f.count(name); ok && n >= 0 {
			return n, true
		}
	}
	return 0, false
}

// time is forgiving, because no decision hangs on a foreign clock.
func (f *reader) time(zone *time.Location, names ...string) time.Time {
	for _, name := range names {
		if t, err := wire.ParseTime(f.text(name), zone); err == nil && !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (f *reader) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}
