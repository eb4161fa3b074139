package checkout

import (
	"strings"

	"cashier/services/money"
)

// Delivery is how far a request got, as the transport can prove it.
type Delivery uint8

// The deliveries. Silent is the default: what is not known is unknown.
const (
	Silent   Delivery = iota // it may have been sent; no usable answer came back
	NotSent                  // provably not one byte left the till
	Answered                 // an HTTP answer came back
)

// Signature is what the provider's signature on an answer proves.
type Signature uint8

// The signatures.
const (
	Unsigned Signature = iota
	Signed             // present and correct
	Forged             // present and wrong
)

// OrderState is Liantuofu's state of an order.
type OrderState string

// The order states of Liantuofu's query page.
const (
	OrderPaid     OrderState = "SUCCESS"
	OrderNotPaid  OrderState = "NOTPAY"
	OrderRefunded OrderState = "REFUND"
	OrderRevoked  OrderState = "REVOKED" // 已撤销: not on that page, but in the vendor's own client
	OrderClosed   OrderState = "CLOSED"
)

// Answer is what a gateway said, in neutral words and without any judgement.
// Its judgement is this file's alone.
type Answer struct {
	Delivery   Delivery
	HTTP       int    // status of the HTTP answer
	Verdict    string // SUCCESS, FAILED, or whatever stood there; "" if no envelope could be read
	Code       string // the provider's sub-code
	Inner      *Inner // zvcms alone: the second envelope inside the first
	Message    string // the provider's words, or what the transport has to say
	Key        string // the key the answer is about; "" where it names none
	Amount     money.Fen
	HasAmount  bool
	Order      OrderState
	ProviderNo string
	PaidAt     string
	Signature  Signature
	QR         string // of a precreate: what the customer scans
	Lacks      bool   // it names fewer coupons than were asked for
	OurFault   bool   // with NotSent: nothing will be sent until a person mends it
	Remaining  int64  // times left on a card; only where HasRemaining
	HasRemains bool
}

// Inner is the envelope that zvcms repeats inside its data.
type Inner struct{ Verdict, Code string }

// verdict is what an answer means for the leg that asked.
type verdict uint8

const (
	unclear   verdict = iota // nothing is known: ask again
	paid                     // proven
	claimed                  // says paid, but the proof is not complete: confirm by a query
	paying                   // the customer is at it
	refused                  // an explicit no
	duplicate                // the provider knows this key already
	notSent                  // provably nothing left
	unpaid                   // the order exists and is not paid
	closed                   // the order can never be paid
	refunded                 // the order was paid and has been given back
	missing                  // the provider does not know the order
	mismatch                 // another key or amount than ours: alarm
	answered                 // a clear answer that settles nothing
)

const (
	success    = "SUCCESS"
	failed     = "FAILED"
	userPaying = "USER_PAYING"
)

// judgePay reads the answer to the only pay of a key.
func judgePay(l Leg, a Answer) verdict {
	if v, done := judgeTransport(a); done {
		return v
	}
	switch a.Verdict {
	case success:
		return judgeSuccess(l, a)
	case failed:
		switch {
		case a.Code == userPaying:
			return paying
		case strings.Contains(a.Message, "订单已存在"):
			return duplicate
		case keyRefused(a):
			return refused
		case walletUnsure(a):
			return unclear
		case a.Key != "" && a.Key != l.Key, a.Signature == Forged:
			return unclear
		}
		return refused
	}
	return unclear
}

// judgeTransport settles what the HTTP status alone settles. 401 and 403 and
// the other refusals of a request as such go the way of an explicit refusal:
// one query, then rejected. 408, 409, 429, redirects and server errors say
// nothing about the money.
func judgeTransport(a Answer) (verdict, bool) {
	switch {
	case a.Delivery == NotSent:
		return notSent, true
	case a.Delivery != Answered:
		return unclear, true
	case a.HTTP == 200:
		return 0, false
	case a.HTTP == 408, a.HTTP == 409, a.HTTP == 429:
		return unclear, true
	case a.HTTP >= 400 && a.HTTP < 500:
		return refused, true
	}
	return unclear, true
}

// judgeSuccess demands the proof of class K1: our key, our amount, a paid
// order, and a signature. What is merely absent is confirmed by a query; what
// contradicts is a mismatch.
func judgeSuccess(l Leg, a Answer) verdict {
	switch {
	case a.Signature == Forged:
		return unclear
	case a.Key != "" && a.Key != l.Key, a.HasAmount && a.Amount != l.Amount:
		return mismatch
	case a.Order != OrderPaid, a.Code != "", a.Key == "", !a.HasAmount, a.Signature != Signed:
		return claimed
	}
	return paid
}

// judgeQuery reads the answer to a query. code=SUCCESS only means that the
// query worked; the order's state decides.
func judgeQuery(l Leg, a Answer) verdict {
	switch {
	case a.Delivery != Answered:
		return unclear
	case a.HTTP == 401, a.HTTP == 403, a.HTTP == 200 && a.Verdict == failed && keyRefused(a):
		return answered
	case a.HTTP != 200, a.Signature == Forged:
		return unclear
	}
	switch a.Verdict {
	case success:
		return judgeOrder(l, a)
	case failed:
		switch {
		case a.Code == userPaying:
			return paying
		case orderMissing(a):
			return missing
		}
		return answered
	}
	return unclear
}

func judgeOrder(l Leg, a Answer) verdict {
	if a.Key != "" && a.Key != l.Key {
		return mismatch
	}
	switch a.Order {
	case OrderPaid:
		switch {
		case a.Key == "" || !a.HasAmount:
			return answered // says paid, proves nothing
		case a.Amount != l.Amount:
			return mismatch
		}
		return paid
	case OrderNotPaid:
		return unpaid
	case OrderClosed:
		return closed
	case OrderRefunded, OrderRevoked:
		return refunded
	}
	return answered
}

// orderMissing recognises "no such order". The vendor publishes no list of
// sub-codes, so the known spellings are matched and anything else is merely
// answered.
func orderMissing(a Answer) bool {
	code := strings.ReplaceAll(strings.ToUpper(a.Code), "_", "")
	return strings.Contains(code, "NOTEXIST") || strings.Contains(code, "NOTFOUND") ||
		strings.Contains(a.Message, "不存在") && (strings.Contains(a.Message, "订单") || strings.Contains(a.Message, "交易"))
}

// keyRefused recognises that the gateway does not accept our signature. Its own
// signature then looks wrong to us as well, because the keys differ; that must
// not freeze the counter.
func keyRefused(a Answer) bool { return strings.Contains(strings.ToUpper(a.Code), "SIGN") }

// walletUnsure recognises a FAILED that is no refusal: the wallet behind the
// gateway does not know itself. WeChat's SYSTEMERROR says "wait 5 s, query"
// (pay.weixin.qq.com/doc/v2/merchant/4011937125).
func walletUnsure(a Answer) bool {
	code := strings.ReplaceAll(strings.ToUpper(a.Code), "_", "")
	return code == "SYSTEMERROR" || code == "BANKERROR" || strings.HasPrefix(code, "WAIT")
}
