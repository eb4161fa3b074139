package checkout

import "slices"

// This file is the table "Codes → action" of docs/money.md, row by row. What an
// answer means for the money is decided here and nowhere else: the judges look
// it up, the machine carries it out.

// Contract is whose answer a row is about.
type Contract string

// The contracts. FromHQ are the result codes of HQ: no action of ours is
// answered with those about money yet, but Liantuofu's FAILED may carry one as
// its sub-code.
const (
	FromHQ     Contract = "hq"
	FromPay    Contract = "liantuofu pay"
	FromQuery  Contract = "liantuofu query"
	FromCard   Contract = "times card"
	FromMember Contract = "zvcms"

	FromRefund      Contract = "liantuofu refund"
	FromRefundQuery Contract = "liantuofu refund query"
)

// Row is what one answer means.
type Row struct {
	Contract Contract
	Code     string // a code, a status, or the name the page gives it
	First    bool   // holds for the answer to the only call of its key; later, a query decides
	Reason   string // Reason.Code of the leg; "" where it keeps its own or needs none
	Alarm    bool   // a person is told, beside the cashier
	Hint     string // what the cashier tells the customer: the text hint.… ; "" without
	Source   string // who says so

	on      when
	verdict verdict
}

// Rule is the row of a code of that contract, as docs/money.md spells it; a
// number may be written in any way. Without a row nothing is known: whoever
// asked for a side effect has to find out what became of it.
func Rule(from Contract, code string) (Row, bool) {
	i := slices.IndexFunc(codes, func(r Row) bool { return r.Contract == from && same(r.Code, code) })
	if i < 0 {
		return Row{}, false
	}
	return codes[i], true
}

// Hint is the text code, below "hint.", of what the cashier tells the customer
// about a payment code that was refused; "" where there is nothing better than
// the provider's own words.
func Hint(l Leg) string {
	if l.Class != ClassCode || l.State != Rejected || l.Reason.Code != "refused" {
		return ""
	}
	r, _ := Rule(FromHQ, l.Reason.RawCode)
	return r.Hint
}

// Who says so.
const (
	byTill   = "docs/money.md" // the till's own law
	byHQ     = "HQ help page weixin, field status"
	byPay    = "vendor page 651360832965895"
	byQuery  = "vendor page 658025876912528"
	byStates = "vendor page 8127290827364715"
	byMini   = "the vendor's own mini-program"
	byWeChat = "pay.weixin.qq.com/doc/v2/merchant/4011937125"
	byCard   = "vendor page 1903991122669748"
	byMember = "vendor page doc2/article 620"
	byRefund = "vendor page 658055638128508"
	byAfter  = "vendor page 658056893477643"
	byOthers = "independent clients of zvcms"
)

// codes is the whole table. Within a contract the first row that fits counts,
// and the last one fits everything.
var codes = slices.Concat(payRows, queryRows, refundRows, refundQueryRows, cardRows, memberRows)

// hqRows are HQ's result codes: what they mean as the answer to a payment.
var hqRows = rows(FromHQ, byHQ, []Row{
	{Code: "200", verdict: claimed, Reason: "unconfirmed"}, // of a payment: paid only on proof
	{Code: "500", verdict: unclear, Reason: "unreadable"},
	{Code: "601", verdict: refused, Reason: "refused", Hint: "card_unusable"}, // 卡不可用
	{Code: "602", verdict: refused, Reason: "refused", Hint: "card_missing"},  // 卡不存在
	{Code: "603", verdict: refused, Reason: "refused", Hint: "card_lost"},     // 卡挂失
	{Code: "604", verdict: refused, Reason: "refused", Hint: "card_void"},     // 卡作废
	{Code: "605", verdict: refused, Reason: "refused", Hint: "balance_short"}, // 卡余额不足
	{Code: "606", verdict: refused, First: true, Reason: "refused", Hint: "refresh_code"},
	{Code: "607", verdict: refused, Reason: "refused", Hint: "points_short"}, // 积分不足
	{Code: "608", verdict: refused, Reason: "refused", Hint: "change_gift"},  // 礼品不可用
	{Code: "701", verdict: claimed, Reason: "unconfirmed"},                   // 支付成功
	{Code: "702", verdict: unclear, Reason: "unreadable"},                    // the confirmation failed, not the payment
	{Code: "703", verdict: unclear, Reason: "unreadable"},                    // 支付状态未知
	{Code: "704", verdict: refused, First: true, Reason: "refused", Hint: "refresh_code"},
	{Code: "801", verdict: duplicate, Reason: "unconfirmed"}, // 流水号重复
	{Code: "901", verdict: refused, Reason: "refused", Hint: "day_open"},
	{Code: "902", verdict: refused, Reason: "refused", Hint: "day_closing"},
	{Code: "903", verdict: refused, Reason: "refused", Hint: "day_interrupted"},
	{Code: "904", verdict: refused, Reason: "refused", Hint: "day_closed"},
	{Code: "905", verdict: refused, Reason: "refused", Hint: "day_changed"},
	{Code: "1001", verdict: refused, Reason: "refused", Hint: "cannot_buy"},
	{Code: "1002", verdict: refused, Reason: "refused", Hint: "sold_out"},
	{Code: "1003", verdict: unclear, Reason: "unreadable"}, // 支付超时
})

// payRows are the answers to the only pay of a key. A refusal by code takes one
// query; what is unclear is queried, then reversed.
var payRows = slices.Concat(
	transport(FromPay),
	rows(FromPay, byTill, []Row{
		{Code: "4xx", on: http(400, 499), verdict: refused, Reason: "refused"},
		{Code: "other status", on: not(http(200, 200)), verdict: unclear, Reason: "unreadable"},
		{Code: "SUCCESS, forged", on: succeeds(forged), verdict: unclear, Reason: "unreadable"},
		{Code: "SUCCESS, other key", on: succeeds(otherKey), verdict: mismatch, Reason: "mismatch", Alarm: true},
		{Code: "SUCCESS, other amount", on: succeeds(otherAmount), verdict: mismatch, Reason: "mismatch", Alarm: true},
		{Code: "SUCCESS, unproven", on: succeeds(not(proven)), verdict: claimed, Reason: "unconfirmed"},
	}),
	rows(FromPay, byPay, []Row{
		{Code: "SUCCESS", on: succeeds(), verdict: paid},
		{Code: "USER_PAYING", on: fails(spelt("USERPAYING")), verdict: paying, Reason: "user_paying"},
		{Code: "订单已存在", on: fails(says("订单已存在")), verdict: duplicate, Reason: "unconfirmed"},
		{Code: "SIGN…", on: fails(that(keyRefused)), verdict: refused, Reason: "credentials", Alarm: true},
	}),
	// A FAILED that is no refusal: the wallet behind the gateway does not know
	// itself. WeChat's SYSTEMERROR says "wait 5 s, query".
	rows(FromPay, byWeChat, []Row{
		{Code: "SYSTEMERROR", on: fails(spelt("SYSTEMERROR")), verdict: unclear, Reason: "unreadable"},
		{Code: "BANKERROR", on: fails(spelt("BANKERROR")), verdict: unclear, Reason: "unreadable"},
		{Code: "WAIT…", on: fails(begins("WAIT")), verdict: unclear, Reason: "unreadable"},
	}),
	rows(FromPay, byTill, []Row{
		{Code: "FAILED, other key", on: fails(otherKey), verdict: unclear, Reason: "unreadable"},
		{Code: "FAILED, forged", on: fails(forged), verdict: unclear, Reason: "unreadable"},
	}),
	hqRows,
	rows(FromPay, byTill, []Row{ // the explicit refusal, and what is no envelope
		{Code: "FAILED", on: fails(), verdict: refused, First: true, Reason: "refused"},
		{Code: "unreadable", on: always, verdict: unclear, Reason: "unreadable"},
	}),
)

// queryRows are the answers to a query. SUCCESS only means that the question was
// understood: the order's state decides.
var queryRows = slices.Concat(
	rows(FromQuery, byTill, []Row{
		{Code: "silent", on: not(that(cameBack)), verdict: unclear},
		{Code: "401", on: http(401, 401), verdict: answered, Alarm: true},
		{Code: "403", on: http(403, 403), verdict: answered, Alarm: true},
		{Code: "other status", on: not(http(200, 200)), verdict: unclear},
		{Code: "SIGN…", on: fails(that(keyRefused)), verdict: answered, Alarm: true},
		{Code: "forged", on: forged, verdict: unclear},
		{Code: "other key", on: succeeds(otherKey), verdict: mismatch, Reason: "mismatch", Alarm: true},
		{Code: "SUCCESS, unproven", on: succeeds(order(OrderPaid), nameless), verdict: claimed},
		{Code: "SUCCESS, other amount", on: succeeds(order(OrderPaid), otherAmount), verdict: mismatch, Reason: "mismatch", Alarm: true},
	}),
	rows(FromQuery, byStates, []Row{
		{Code: "SUCCESS", on: succeeds(order(OrderPaid)), verdict: paid},
		{Code: "NOTPAY", on: succeeds(order(OrderNotPaid)), verdict: unpaid},
		{Code: "CLOSED", on: succeeds(order(OrderClosed)), verdict: closed, Reason: "closed"},
		{Code: "REFUND", on: succeeds(order(OrderRefunded)), verdict: refunded, Reason: "refunded"},
		{Code: "REVOKED", on: succeeds(order(OrderRevoked)), verdict: refunded, Reason: "refunded", Source: byMini},
		{Code: "other state", on: succeeds(), verdict: answered, Source: byTill},
	}),
	rows(FromQuery, byQuery, []Row{
		{Code: "USER_PAYING", on: fails(spelt("USERPAYING")), verdict: paying, Reason: "user_paying"},
		{Code: "ORDER_NOT_EXIST", on: fails(that(orderMissing)), verdict: missing},
	}),
	unsure(FromQuery, ""),
	rows(FromQuery, byTill, []Row{
		{Code: "FAILED", on: fails(), verdict: answered},
		{Code: "unreadable", on: always, verdict: unclear},
	}),
)

// refundRows are the answers to a refund, whose Key and Amount are its own number
// and sum. SUCCESS says only that it was accepted: its query proves it. The same
// number again is the same refund.
var refundRows = slices.Concat(
	transport(FromRefund),
	rows(FromRefund, byTill, []Row{
		{Code: "4xx", on: http(400, 499), verdict: refused, Reason: "refused"},
		{Code: "other status", on: not(http(200, 200)), verdict: unclear, Reason: "unreadable"},
		{Code: "SIGN…", on: fails(that(keyRefused)), verdict: refused, Reason: "credentials", Alarm: true},
		{Code: "forged", on: forged, verdict: unclear, Reason: "unreadable"},
		{Code: "other key", on: succeeds(otherKey), verdict: mismatch, Reason: "mismatch", Alarm: true},
		{Code: "other amount", on: succeeds(otherAmount), verdict: mismatch, Reason: "mismatch", Alarm: true},
	}),
	rows(FromRefund, byRefund, []Row{
		{Code: "SUCCESS", on: succeeds(), verdict: claimed, Reason: "unconfirmed"},
		{Code: "REFUNDING", on: fails(spelt("REFUNDING")), verdict: paying, Reason: "refunding"},
	}),
	unsure(FromRefund, "unreadable"),
	rows(FromRefund, byRefund, []Row{
		{Code: "FAILED", on: fails(), verdict: refused, Reason: "refused"},
		{Code: "unreadable", on: always, verdict: unclear, Reason: "unreadable", Source: byTill},
	}),
)

// refundQueryRows are the answers to a refund's query: proof is its number with
// its sum.
var refundQueryRows = slices.Concat(
	rows(FromRefundQuery, byTill, []Row{
		{Code: "silent", on: not(that(cameBack)), verdict: unclear},
		{Code: "401", on: http(401, 401), verdict: answered, Alarm: true},
		{Code: "403", on: http(403, 403), verdict: answered, Alarm: true},
		{Code: "other status", on: not(http(200, 200)), verdict: unclear},
		{Code: "SIGN…", on: fails(that(keyRefused)), verdict: answered, Alarm: true},
		{Code: "forged", on: forged, verdict: unclear},
		{Code: "SUCCESS, unproven", on: succeeds(nameless), verdict: claimed},
		{Code: "other key", on: succeeds(otherKey), verdict: mismatch, Reason: "mismatch", Alarm: true},
		{Code: "SUCCESS, other amount", on: succeeds(otherAmount), verdict: mismatch, Reason: "mismatch", Alarm: true},
	}),
	rows(FromRefundQuery, byAfter, []Row{
		{Code: "SUCCESS", on: succeeds(), verdict: paid},
		{Code: "REFUNDING", on: fails(spelt("REFUNDING")), verdict: paying, Reason: "refunding", Source: byRefund},
		{Code: "ORDER_NOT_EXIST", on: fails(that(orderMissing)), verdict: missing},
	}),
	unsure(FromRefundQuery, ""),
	rows(FromRefundQuery, byTill, []Row{
		{Code: "FAILED", on: fails(), verdict: answered},
		{Code: "unreadable", on: always, verdict: unclear, Source: byTill},
	}),
)

// cardRows are the answers to the only consume of a times card. Nothing can be
// queried: what is unclear goes to a person with evidence and is never resent.
var cardRows = slices.Concat(
	transport(FromCard),
	rows(FromCard, byTill, []Row{
		{Code: "other status", on: not(http(200, 200)), verdict: unclear, Reason: "unreadable"},
		{Code: "SIGN…", on: fails(that(keyRefused)), verdict: refused, Reason: "credentials", Alarm: true},
		{Code: "forged", on: forged, verdict: unclear, Reason: "unreadable"},
	}),
	rows(FromCard, byCard, []Row{
		{Code: "SUCCESS", on: succeeds(), verdict: paid},
		{Code: "FAILED", on: fails(), verdict: refused, First: true, Reason: "refused"},
		{Code: "unreadable", on: always, verdict: unclear, Reason: "unreadable", Source: byTill},
	}),
)

// memberRows are the answers to the only consume of a member's account. A yes is
// a yes in both envelopes, with a bizId and the sums that left the account;
// zvcms documents a refusal as status true with another code, and status false
// as a fault of its own.
//
// The client knows 110004 and 110007 as well, and may not import this table: it
// asks a question again with a new nonce. What they mean for money, this says.
var memberRows = slices.Concat(
	transport(FromMember),
	rows(FromMember, byTill, []Row{
		{Code: "other status", on: not(http(200, 200)), verdict: unclear, Reason: "unreadable"},
		{Code: "unreadable", on: that(noEnvelope), verdict: unclear, Reason: "unreadable"},
		{Code: "yes inside alone", on: that(yesInsideAlone), verdict: unclear, Reason: "unreadable"}, // nobody says which holds
	}),
	rows(FromMember, byOthers, []Row{ // before the business saw it
		{Code: "110004", on: numbered("110004"), verdict: refused, Reason: "credentials", Alarm: true},
		{Code: "110007", on: numbered("110007"), verdict: refused, Reason: "credentials", Alarm: true},
	}),
	rows(FromMember, byMember, []Row{
		{Code: "status false", on: not(that(outerTrue)), verdict: unclear, Reason: "unreadable"},
		{Code: "no code", on: that(noCode), verdict: unclear, Reason: "unreadable"},
		{Code: "code ≠ 0", on: not(that(outerYes)), verdict: refused, First: true, Reason: "refused"},
		{Code: "inner no", on: not(that(innerAgrees)), verdict: unclear, Reason: "unreadable"},
		{Code: "no bizId", on: not(that(numberGiven)), verdict: unclear, Reason: "unreadable"},
		{Code: "no sums", on: sumless, verdict: unclear, Reason: "unreadable"},
		{Code: "coupon lacking", on: that(lacking), verdict: unclear, Reason: "unreadable"},
		{Code: "other amount", on: otherAmount, verdict: mismatch, Reason: "mismatch", Alarm: true},
		{Code: "code 0", on: always, verdict: paid},
	}),
)

// transport is what the call itself settles, whoever was asked for money: what
// provably never left, silence, and what HTTP says. 408, 409, 429, redirects and
// server errors say nothing about the money.
func transport(of Contract) []Row {
	return rows(of, byTill, []Row{
		{Code: "not sent", on: that(neverLeft), verdict: notSent, Reason: "unreachable"},
		{Code: "silent", on: not(that(cameBack)), verdict: unclear, Reason: "silent"},
		{Code: "401", on: http(401, 401), verdict: refused, Reason: "credentials", Alarm: true},
		{Code: "403", on: http(403, 403), verdict: refused, Reason: "credentials", Alarm: true},
		{Code: "408", on: http(408, 408), verdict: unclear, Reason: "unreadable"},
		{Code: "409", on: http(409, 409), verdict: unclear, Reason: "unreadable"},
		{Code: "429", on: http(429, 429), verdict: unclear, Reason: "unreadable"},
		{Code: "3xx", on: http(300, 399), verdict: unclear, Reason: "unreadable"},
		{Code: "5xx", on: http(500, 599), verdict: unclear, Reason: "unreadable"},
	})
}

// unsure is a FAILED that is no refusal: the wallet, or HQ, does not know itself.
// WeChat's SYSTEMERROR says "wait 5 s, query".
func unsure(of Contract, reason string) []Row {
	list := rows(of, byWeChat, []Row{
		{Code: "SYSTEMERROR", on: fails(spelt("SYSTEMERROR")), verdict: unclear, Reason: reason},
		{Code: "BANKERROR", on: fails(spelt("BANKERROR")), verdict: unclear, Reason: reason},
	})
	for _, code := range []string{"500", "702", "703", "1003"} {
		list = append(list, rows(of, byHQ, []Row{{Code: code, verdict: unclear, Reason: reason}})...)
	}
	return list
}

// rows completes the rows of one contract. A code of HQ counts as the sub-code
// of a FAILED.
func rows(of Contract, source string, list []Row) []Row {
	for i := range list {
		r := &list[i]
		r.Contract = of
		if r.Source == "" {
			r.Source = source
		}
		if r.on == nil {
			r.on = fails(numbered(r.Code))
		}
	}
	return list
}
