package checkout

import (
	"strings"

	"github.com/shopspring/decimal"

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
// Its judgement is the table's alone.
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
	success = "SUCCESS"
	failed  = "FAILED"
)

// judge reads the answer to a call: the row of the table that fits.
func judge(op Op, l *Leg, a *Answer) Row {
	switch op {
	case OpPay:
		return ruling(payRows, l, a)
	case OpPrecreate:
		return judgePrecreate(l, a)
	case OpTake:
		return ruling(takeRows(l), l, a)
	case OpRefund:
		return ruling(refundRows, l, a)
	case OpRefundQuery:
		return ruling(refundQueryRows, l, a)
	case OpQuery, OpReverse, OpEvidence:
	}
	return ruling(queryRows, l, a)
}

// judgePrecreate reads the answer to the order of a QR code. Without the code
// nobody can pay; that it was made says nothing about money.
func judgePrecreate(l *Leg, a *Answer) Row {
	r := ruling(payRows, l, a)
	switch {
	case r.verdict != paid && r.verdict != claimed:
	case a.QR == "":
		r.verdict, r.Reason = unclear, "unreadable"
	default:
		r.verdict, r.Reason = paying, "user_paying"
	}
	return r
}

// judgeQuery reads the answer to a query.
func judgeQuery(l Leg, a Answer) verdict { return ruling(queryRows, &l, &a).verdict }

// ruling is the row of an answer about a leg. The law's "first" is the answer to
// the only call of a key; it comes while the leg is SENT. Once anything else has
// been asked about the key, a row that holds for the first answer alone decides
// nothing: a query does.
func ruling(table []Row, l *Leg, a *Answer) Row {
	i := 0
	for !table[i].on(l, a) { // the last row fits everything
		i++
	}
	r := table[i]
	if r.First && l.State != Sent {
		r.verdict, r.Reason, r.Hint = unclear, "unreadable", ""
	}
	return r
}

// when is what an answer must be for a row to fit.
type when func(*Leg, *Answer) bool

func always(*Leg, *Answer) bool { return true }

func that(is func(*Answer) bool) when { return func(_ *Leg, a *Answer) bool { return is(a) } }

func not(w when) when { return func(l *Leg, a *Answer) bool { return !w(l, a) } }

func all(ws []when, l *Leg, a *Answer) bool {
	for _, w := range ws {
		if !w(l, a) {
			return false
		}
	}
	return true
}

func succeeds(and ...when) when {
	return func(l *Leg, a *Answer) bool { return a.Verdict == success && all(and, l, a) }
}

func fails(and ...when) when {
	return func(l *Leg, a *Answer) bool { return a.Verdict == failed && all(and, l, a) }
}

func http(from, to int) when {
	return that(func(a *Answer) bool { return from <= a.HTTP && a.HTTP <= to })
}

func order(s OrderState) when { return that(func(a *Answer) bool { return a.Order == s }) }

// numbered is a code of that number, however it is written: 0, "0", 0.0.
func numbered(n string) when { return that(func(a *Answer) bool { return same(a.Code, n) }) }

// spelt and begins read a code in whatever case, with or without underscores:
// the wallets write USERPAYING, the gateway USER_PAYING.
func spelt(code string) when { return that(func(a *Answer) bool { return plain(a.Code) == code }) }

func begins(code string) when {
	return that(func(a *Answer) bool { return strings.HasPrefix(plain(a.Code), code) })
}

func says(words string) when {
	return that(func(a *Answer) bool { return strings.Contains(a.Message, words) })
}

func neverLeft(a *Answer) bool { return a.Delivery == NotSent }

func cameBack(a *Answer) bool { return a.Delivery == Answered }

func forged(_ *Leg, a *Answer) bool { return a.Signature == Forged }

func otherKey(l *Leg, a *Answer) bool { return a.Key != "" && a.Key != l.Key }

func otherAmount(l *Leg, a *Answer) bool { return a.HasAmount && a.Amount != l.Amount }

// nameless lacks what a query has to prove: whose order it is, and how much.
func nameless(_ *Leg, a *Answer) bool { return a.Key == "" || !a.HasAmount }

// proven is the proof of class K1: our key, our amount, a paid order, and a
// signature. What is merely absent is confirmed by a query.
func proven(l *Leg, a *Answer) bool {
	return a.Order == OrderPaid && a.Code == "" && !nameless(l, a) && a.Signature == Signed
}

// orderMissing recognises "no such order". The vendor publishes no list of
// sub-codes, so the known spellings are matched and anything else is merely
// answered.
func orderMissing(a *Answer) bool {
	code := plain(a.Code)
	return strings.Contains(code, "NOTEXIST") || strings.Contains(code, "NOTFOUND") ||
		strings.Contains(a.Message, "不存在") && (strings.Contains(a.Message, "订单") || strings.Contains(a.Message, "交易"))
}

// keyRefused recognises that the gateway does not accept our signature. Its own
// signature then looks wrong to us as well, because the keys differ; that must
// not freeze the counter.
func keyRefused(a *Answer) bool { return strings.Contains(strings.ToUpper(a.Code), "SIGN") }

func plain(code string) string { return strings.ReplaceAll(strings.ToUpper(code), "_", "") }

// same reports one code in two spellings of it, be it a number or a name.
func same(a, b string) bool {
	if a == b {
		return true
	}
	if whole(a) && whole(b) {
		return false // each is its number's only spelling without a sign or a point
	}
	m, ok := number(a)
	n, also := number(b)
	return ok && also && m.Equal(n)
}

// whole reports the plain spelling of a whole number, which most codes are.
func whole(code string) bool {
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' || i == 0 && code[0] == '0' {
			return false
		}
	}
	return code != ""
}

// number reads a code that is a number. A foreign text may be of any length,
// and it is read once for each row: what no code is as long as, is none.
func number(code string) (decimal.Decimal, bool) {
	code = strings.TrimSpace(code)
	if len(code) > 64 || code == "" || !strings.ContainsRune("0123456789+-.", rune(code[0])) {
		return decimal.Decimal{}, false
	}
	n, err := decimal.NewFromString(code)
	return n, err == nil
}

// RefundAsked is what two queries about one refund say together. done shows only
// refunds that are done, so SUCCESS in it is proof; a refund it does not know may
// be under way, which all shows as well (returnRefundType=1, vendor page
// 658056893477643) and may call a SUCCESS too. all is asked only then.
func RefundAsked(done Answer, all func() Answer) Answer {
	if done.Delivery != Answered || done.HTTP != 200 || done.Verdict != failed || keyRefused(&done) || !orderMissing(&done) {
		return done
	}
	a := all()
	if a.Delivery == Answered && a.HTTP == 200 && a.Verdict == success {
		a.Verdict, a.Code = failed, "REFUNDING"
	}
	return a
}
