package liantuofu

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

// The names of the actions, which are also their paths below the base address.
const (
	actPay         = "pay"
	actQuery       = "pay/query"
	actPrecreate   = "precreate"
	actCancel      = "cancel"
	actClose       = "close"
	actRefund      = "refundV2"
	actRefundQuery = "refund/queryV2"
	actBill        = "bill"
	actMember      = "member/get"
	actCardDetail  = "timescard/userTimesCardDetail"
	actCardConsume = "timescard/userTimesCardConsume"
)

// Actions is the contract as data, a fresh copy each time. Required fields are
// those a caller must give; appId, random and sign are always the client's own,
// and merchantCode and its like are filled in when they are left out.
//
// Sources: vendor pages 651360832965895 (pay), 658025876912528 (pay/query),
// 633518936832858 (precreate), 658043997851596 (cancel), 658047849212386
// (close), 658055638128508 (refundV2), 658056893477643 (refund/queryV2),
// 664141832203351 (bill), 1573818719557973 (member/get) and 1903991122669748
// (userTimesCardConsume). The card's detail, and payType, operatorId and
// outTradeNo of a bill, are known from independent clients only.
func Actions() []wire.Action {
	return []wire.Action{
		deed(actPay, "outTradeNo* totalAmount* authCode* merchantCode subject discountAmount goodsDetail orderRemark operatorId deviceInfo subAppId orderSource"),
		question(actQuery, "outTradeNo outTransactionId merchantCode showType"),
		deed(actPrecreate, "outTradeNo* totalAmount* channel* tradeType merchantCode subject orderRemark operatorId notifyUrl openId subAppId returnUrl"),
		deed(actCancel, "outTradeNo* merchantCode reason operatorId"),
		deed(actClose, "outTradeNo* merchantCode reason operatorId"),
		// The vendor reads a missing refundAmount as "all of it": nobody may
		// give everything back by leaving something out.
		deed(actRefund, "outTradeNo outTransactionId refundNo* refundAmount* merchantCode operatorId"),
		question(actRefundQuery, "refundNo* merchantCode returnRefundType"),
		question(actBill, "billBeginTime* billEndTime* merchantCode pageNumber pageSize orderStatus payType operatorId outTradeNo"),
		question(actMember, "mobile authPayCode shopNo memberCardNo physicalCardUid memberId openId"),
		question(actCardDetail, "cardNo*"),
		deed(actCardConsume, "cardNo* count* consumeSource consumeMerchantCode consumeEmployeeId remark"),
	}
}

func deed(name, fields string) wire.Action {
	a := question(name, fields)
	a.Effect, a.Guarded = wire.Writes, true
	return a
}

// question reads its fields from their names; a star marks a required one.
func question(name, fields string) wire.Action {
	a := wire.Action{Name: name, Method: http.MethodPost, Path: name, Effect: wire.Reads, Body: wire.Flat}
	for f := range strings.FieldsSeq(fields) {
		field, required := strings.CutSuffix(f, "*")
		code := field == "authCode" || field == "authPayCode"
		a.Fields = append(a.Fields, wire.Field{Name: field, Type: types[field], Required: required, Secret: code, Single: code})
	}
	return a
}

// types are those of the vendor's tables; every other field is text.
var types = map[string]wire.Type{
	"totalAmount": wire.Number, "discountAmount": wire.Number, "refundAmount": wire.Number,
	"count": wire.Whole, "consumeSource": wire.Whole, "consumeEmployeeId": wire.Whole,
	"pageNumber": wire.Whole, "pageSize": wire.Whole,
}

// rules are the vendor's on single fields, so that a slip is said here instead
// of by a refusal that might have been about money.
var rules = map[string]func(string) bool{
	"outTradeNo": wire.IsNumber, "refundNo": wire.IsNumber,
	"totalAmount": amount, "discountAmount": amount, "refundAmount": amount,
	"count": between(1, 1_000_000), "pageNumber": between(1, 1_000_000), "pageSize": between(1, maxPageSize),
	"channel":       oneOf("WXPAY", "ALIPAY", "MPAY", "UNIONPAY", "BESTPAY", "CASH"),
	"tradeType":     oneOf("NATIVE", "JSAPI", "MINIAPP"),
	"consumeSource": oneOf("0", "1", "2"),
	"billBeginTime": stamp, "billEndTime": stamp,
}

func find(name string) (wire.Action, error) {
	all := Actions()
	for _, a := range all {
		if a.Name == name {
			return a, nil
		}
	}
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	return wire.Action{}, service.Fault(fault.Invalid, "action_unknown",
		"{service} has no action “{action}”. It has: {names}.", nil,
		"action", wire.Redact(name), "names", strings.Join(names, ", "))
}

// fill adds what the settings and the kind of this program already say, where
// the caller has not said it.
func (c *Client) fill(a wire.Action, params map[string]string) {
	known := map[string]string{
		"merchantCode":        c.p.MerchantCode,
		"consumeMerchantCode": c.p.MerchantCode,
		"consumeSource":       c.p.ConsumeSource,
		"consumeEmployeeId":   c.p.EmployeeID,
		"orderSource":         "3", // ordered through the API
		"tradeType":           "NATIVE",
		"returnRefundType":    "1", // refunds in progress too
		"pageNumber":          "1",
		"pageSize":            strconv.Itoa(defaultPageSize),
	}
	if params["authPayCode"] != "" {
		known["shopNo"] = c.p.MerchantCode // as the vendor's own client does
	}
	for _, f := range a.Fields {
		if value := known[f.Name]; params[f.Name] == "" && value != "" {
			params[f.Name] = value
		}
	}
}

// check applies Required and rules to what is about to be sent.
func check(a wire.Action, params map[string]string) error {
	for _, f := range a.Fields {
		value := params[f.Name]
		rule := rules[f.Name]
		if value == "" && f.Required || value != "" && rule != nil && !rule(value) {
			return invalidField(f.Name)
		}
	}
	return nil
}

func amount(s string) bool {
	fen, err := money.ParseFen(s)
	return err == nil && fen > 0
}

// stamp is the shape yyyyMMddHHmmss.
func stamp(s string) bool { return len(s) == len(timeLayout) && isDigits(s) }

func between(least, most int64) func(string) bool {
	return func(s string) bool {
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && isDigits(s) && n >= least && n <= most
	}
}

func oneOf(values ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(values, s) }
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
