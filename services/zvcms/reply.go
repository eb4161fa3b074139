package zvcms

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
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

// Verdict is a pair of status and code as one level of a reply has it. The
// pages write status as a flag or as "true", and code as a number, as "0", or
// in words (vendor page 620).
type Verdict struct {
	Status    bool   // only with HasStatus
	HasStatus bool   // status was there and could be read
	Code      string // as text, redacted; "" if absent
}

// OK reports success as the gateway means it: status true and a code that is
// numerically 0. The page's sample of an error has status true and a code in
// words, so neither is enough alone; a missing status or code is never OK.
func (v Verdict) OK() bool {
	n, ok := v.number()
	return v.HasStatus && v.Status && ok && n.IsZero()
}

// KeyOrClock reports the two codes for a token, timestamp or nonce that was not
// accepted: 110004 and 110007, known from independent clients. The key or this
// machine's clock is to be looked at, and the business saw nothing of the call.
func (v Verdict) KeyOrClock() bool {
	n, ok := v.number()
	return ok && (n.Equal(decimal.New(110004, 0)) || n.Equal(decimal.New(110007, 0)))
}

func (v Verdict) number() (decimal.Decimal, bool) {
	n, err := wire.ParseDecimal(v.Code)
	return n, err == nil
}

// Reply is everything one call brought, for a judge. The client draws no
// conclusion: not from a Verdict, and not from the lack of anything.
//
// When Err is not nil, no field decides anything in the customer's favour or
// against; the fields are kept for the record. What was sent is told by
// Delivery alone, never by the kind of Err: Invalid and Internal come with
// NotSent, and so does Refused where the reversal is off; Unreachable with
// NotSent, and where a question had no answer or HTTP 408, 429 or 5xx; Unknown
// where a deed had none or a status that leaves it open; Credentials with 401
// and 403, or with NotSent when our key could not be read; Contract with a reply
// that is no envelope or has an unreadable field; Refused with any other HTTP
// 4xx. A refusal in the envelope is no Err.
type Reply struct {
	Delivery   Delivery
	HTTPStatus int // 0 unless Answered

	Outer    Verdict // of the envelope
	Inner    Verdict // inside data, where the consume repeats it; only with HasInner
	HasInner bool

	Message string // the gateway's sentence, for a person: the inner one's where that decides
	BizID   string // of a consume or reversal, as the gateway returns it: a reversal must name this one
	TraceID string // version 3, for the vendor's support

	Err error
}

// decodeReply reads the envelope and, for a deed, what all deeds have inside.
func decodeReply(body []byte, effect wire.Effect) (Reply, json.RawMessage) {
	r := Reply{Delivery: Answered}
	fields, err := wire.Fields(body)
	if err != nil {
		r.Err = service.NotJSON(err)
		return r, nil
	}
	f := reader{fields: fields}
	r.Outer = f.verdict()
	words := reader{fields: fields} // words decide nothing, so that none of them can break a reply
	r.Message, r.TraceID = wire.Redact(words.text("message")), words.text("traceId")
	r.Err = r.complain(f.err)
	data := fields["data"]
	r.inside(data, effect)
	return r, data
}

// complain is what makes the whole reply unusable as evidence.
func (r Reply) complain(field error) error {
	switch {
	case field != nil:
		return service.NotJSON(field)
	case !r.Outer.HasStatus || r.Outer.Code == "":
		return service.Fault(fault.Contract, "envelope",
			"{service} answered with neither success nor failure. Check the address in Settings; if it is right, tell support.", nil)
	}
	return nil
}

// inside reads the verdict that page 620 repeats inside data. A deed is judged
// by any part of it that is there. A question has it only when it is whole:
// there status or code may be those of a coupon.
func (r *Reply) inside(data json.RawMessage, effect wire.Effect) {
	if !isObject(data) {
		return
	}
	fields, err := wire.Fields(data)
	if err != nil {
		r.fail(err)
		return
	}
	f := reader{fields: fields}
	switch effect {
	case wire.Writes:
		r.HasInner = f.given("status") || f.given("code")
		r.BizID = f.text("bizId")
	case wire.Reads:
		r.HasInner = f.given("status") && f.given("code") && f.given("message")
	}
	if r.HasInner {
		r.Inner = f.verdict()
		words := reader{fields: fields}
		if said := wire.Redact(words.text("message")); said != "" && (r.Outer.OK() || r.Message == "") {
			r.Message = said
		}
	}
	r.fail(f.err)
}

// fail keeps the first reason why the reply cannot be relied on.
func (r *Reply) fail(field error) {
	if r.Err == nil && field != nil {
		r.Err = service.NotJSON(field)
	}
}

func isObject(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }

// verdict reads status and code of one level.
func (f *reader) verdict() Verdict {
	v := Verdict{Code: wire.Redact(strings.TrimSpace(f.text("code")))}
	var status wire.Bool
	if f.into(&status, "status") {
		v.Status, v.HasStatus = bool(status), true
	}
	return v
}
