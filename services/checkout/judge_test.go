package checkout

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/money"
)

var testLeg = Leg{ID: "l1", SaleID: "s1", Key: "T-1-k1", Class: ClassCode, Amount: 1230}

// sentLeg is testLeg while the answer to its only call is awaited.
var sentLeg = func() Leg { l := testLeg; l.State = Sent; return l }()

func ok(order OrderState) Answer {
	return Answer{Delivery: Answered, HTTP: 200, Verdict: success, Key: testLeg.Key, Amount: testLeg.Amount, HasAmount: true, Order: order, Signature: Signed}
}

func with(a Answer, change func(*Answer)) Answer { change(&a); return a }

func no(code, message string) Answer {
	return Answer{Delivery: Answered, HTTP: 200, Verdict: failed, Code: code, Message: message}
}

func status(n int) Answer { return Answer{Delivery: Answered, HTTP: n} }

func TestJudgePay(t *testing.T) {
	for name, c := range map[string]struct {
		a    Answer
		want verdict
	}{
		"paid":                     {ok(OrderPaid), paid},
		"no order state":           {ok(""), claimed},
		"success, still paying":    {with(ok(OrderPaid), func(a *Answer) { a.Code = "USER_PAYING" }), claimed},
		"the wallet is unsure":     {no("SYSTEM_ERROR", "系统繁忙"), unclear},
		"the buyer is waited for":  {no("WAIT_BUYER_PAY", "等待用户付款"), unclear},
		"unsigned":                 {with(ok(OrderPaid), func(a *Answer) { a.Signature = Unsigned }), claimed},
		"no key":                   {with(ok(OrderPaid), func(a *Answer) { a.Key = "" }), claimed},
		"no amount":                {with(ok(OrderPaid), func(a *Answer) { a.HasAmount = false }), claimed},
		"order not yet paid":       {ok(OrderNotPaid), claimed},
		"forged":                   {with(ok(OrderPaid), func(a *Answer) { a.Signature = Forged }), unclear},
		"wrong amount":             {with(ok(OrderPaid), func(a *Answer) { a.Amount++ }), mismatch},
		"wrong key":                {with(ok(OrderPaid), func(a *Answer) { a.Key = "other" }), mismatch},
		"customer is paying":       {no("USER_PAYING", "需要用户输入密码"), paying},
		"as the wallet writes it":  {no("USERPAYING", "需要用户输入密码"), paying},
		"known key":                {no("PARAMETER_ERROR", "订单已存在，请重新下单"), duplicate},
		"expired code":             {no("AUTH_CODE_ERROR", "付款码已过期"), refused},
		"too little":               {no("", "余额不足"), refused},
		"refusal of another key":   {with(no("X", "no"), func(a *Answer) { a.Key = "other" }), unclear},
		"forged refusal":           {with(no("X", "no"), func(a *Answer) { a.Signature = Forged }), unclear},
		"our key is wrong":         {with(no("SIGN_ERROR", "签名错误"), func(a *Answer) { a.Signature = Forged }), refused},
		"unknown verdict":          {with(ok(OrderPaid), func(a *Answer) { a.Verdict = "703" }), unclear},
		"generic 200":              {status(200), unclear},
		"401":                      {status(401), refused},
		"403":                      {status(403), refused},
		"404":                      {status(404), refused},
		"408":                      {status(408), unclear},
		"409":                      {status(409), unclear},
		"429":                      {status(429), unclear},
		"302":                      {status(302), unclear},
		"500":                      {status(500), unclear},
		"502":                      {status(502), unclear},
		"timeout":                  {Answer{Delivery: Silent}, unclear},
		"reset":                    {Answer{}, unclear},
		"nothing left the machine": {Answer{Delivery: NotSent}, notSent},
	} {
		if got := judgePay(sentLeg, c.a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestJudgeQuery(t *testing.T) {
	for name, c := range map[string]struct {
		a    Answer
		want verdict
	}{
		"paid":                {ok(OrderPaid), paid},
		"paid, unsigned":      {with(ok(OrderPaid), func(a *Answer) { a.Signature = Unsigned }), paid},
		"paid, no amount":     {with(ok(OrderPaid), func(a *Answer) { a.HasAmount = false }), claimed},
		"paid, no key":        {with(ok(OrderPaid), func(a *Answer) { a.Key = "" }), claimed},
		"paid, wrong amount":  {with(ok(OrderPaid), func(a *Answer) { a.Amount-- }), mismatch},
		"another key":         {with(ok(OrderPaid), func(a *Answer) { a.Key = "other" }), mismatch},
		"forged":              {with(ok(OrderPaid), func(a *Answer) { a.Signature = Forged }), unclear},
		"not paid":            {ok(OrderNotPaid), unpaid},
		"closed":              {ok(OrderClosed), closed},
		"refunded":            {ok(OrderRefunded), refunded},
		"revoked":             {ok(OrderRevoked), refunded},
		"unknown order state": {ok("WHATEVER"), answered},
		"no order state":      {ok(""), answered},
		"customer is paying":  {no("USER_PAYING", ""), paying},
		"no such order":       {no("ORDER_NOT_EXIST", ""), missing},
		"no such order, zh":   {no("", "订单不存在"), missing},
		"no such merchant":    {no("", "商户不存在"), answered},
		"some other failure":  {no("PARAMETER_ERROR", ""), answered},
		"it does not know":    {no("SYSTEM_ERROR", ""), unclear},
		"703":                 {no("703", ""), unclear},
		"our key is wrong":    {with(no("SIGN_ERROR", ""), func(a *Answer) { a.Signature = Forged }), answered},
		"401":                 {status(401), answered},
		"500":                 {status(500), unclear},
		"404":                 {status(404), unclear},
		"timeout":             {Answer{Delivery: Silent}, unclear},
		"not sent":            {Answer{Delivery: NotSent}, unclear},
	} {
		if got := judgeQuery(testLeg, c.a); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// right is the answer that proves the call's money.
func right(l Leg, op Op) Answer {
	switch {
	case op != OpTake:
		return ok(OrderPaid)
	case l.Class == ClassMember:
		return yes(l)
	}
	return cardYes()
}

// spoilt is a right answer with any of its parts changed, none and all included.
func spoilt(t *rapid.T, a Answer, l Leg) Answer {
	spoil := func(what string) bool { return rapid.IntRange(0, 5).Draw(t, "spoil "+what) == 0 }
	if spoil("delivery") {
		a.Delivery = rapid.SampledFrom([]Delivery{Silent, NotSent, 7}).Draw(t, "delivery")
	}
	if spoil("http") {
		a.HTTP = rapid.SampledFrom([]int{0, 204, 302, 401, 403, 404, 409, 429, 500, 599}).Draw(t, "http")
	}
	if spoil("verdict") {
		a.Verdict = rapid.SampledFrom([]string{success, "true", failed, "false", "", "200", "701"}).Draw(t, "verdict")
	}
	if spoil("code") {
		a.Code = rapid.SampledFrom([]string{"", "0", "0.0", "200", "606", "701", "801", "110004", "USER_PAYING", "SIGN_ERROR", "ORDER_NOT_EXIST", "1e9999"}).Draw(t, "code")
	}
	if spoil("message") {
		a.Message = rapid.SampledFrom([]string{"支付成功", "订单已存在", "订单不存在"}).Draw(t, "message")
	}
	if spoil("key") {
		a.Key = rapid.SampledFrom([]string{"", "T-9-k9"}).Draw(t, "key")
	}
	if spoil("amount") {
		a.Amount = rapid.SampledFrom([]money.Fen{0, l.Amount + 1, -l.Amount}).Draw(t, "amount")
	}
	if spoil("the amount's presence") {
		a.HasAmount = !a.HasAmount
	}
	if spoil("order") {
		a.Order = rapid.SampledFrom([]OrderState{OrderNotPaid, OrderRefunded, OrderClosed, "", "success"}).Draw(t, "order")
	}
	if spoil("provider's number") {
		a.ProviderNo = ""
	}
	if spoil("signature") {
		a.Signature = rapid.SampledFrom([]Signature{Unsigned, Forged, 9}).Draw(t, "signature")
	}
	if spoil("lacks") {
		a.Lacks = true
	}
	if spoil("inner") {
		a.Inner = &Inner{rapid.SampledFrom([]string{"true", "false", ""}).Draw(t, "inner"), rapid.SampledFrom([]string{"0", "5", ""}).Draw(t, "inner code")}
	}
	return a
}

// unearned says what is missing where a judge says paid; "" for nothing.
func unearned(l Leg, op Op, a Answer) string {
	switch {
	case a.Delivery != Answered || a.HTTP != 200:
		return "an answer"
	case op == OpTake && l.Class == ClassMember:
		switch {
		case a.Verdict != "true" || a.Inner != nil && a.Inner.Verdict != "true":
			return "a yes in every envelope"
		case a.ProviderNo == "" || a.Lacks:
			return "what was asked for"
		case a.Amount != l.Amount || !a.HasAmount:
			return "the amount"
		}
		return ""
	case a.Verdict != success:
		return "SUCCESS"
	case a.Signature == Forged:
		return "an honest signature"
	case op == OpTake:
		return "" // the page of a times card names neither key nor count in the answer
	case a.Key != l.Key:
		return "our key"
	case !a.HasAmount || a.Amount != l.Amount:
		return "our amount"
	case a.Order != OrderPaid:
		return "a paid order"
	case op == OpPay && a.Signature != Signed:
		return "a signature"
	}
	return ""
}

func judged(l Leg, op Op, a Answer) verdict {
	switch op {
	case OpPay:
		return judgePay(l, a)
	case OpTake:
		return judgeTake(l, a)
	default:
		return judgeQuery(l, a)
	}
}

// checkJudge: whatever is said, paid needs the whole proof, nothing is refused
// without an answer, and a server's own error decides nothing.
func checkJudge(t rapid.TB, l Leg, op Op, a Answer) {
	t.Helper()
	v := judged(l, op, a)
	if lacks := unearned(l, op, a); v == paid && lacks != "" {
		t.Fatalf("paid without %s: %+v", lacks, a)
	}
	if v == refused && a.Delivery != Answered {
		t.Fatalf("refused without an answer: %+v", a)
	}
	if (v == refused || v == claimed) && a.HTTP >= 500 {
		t.Fatalf("a server error decided: %+v", a)
	}
}

func TestNothingIsPaidWithoutItsProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := sentLeg
		l.State = rapid.SampledFrom([]State{Sent, Unknown, Pending, Reversing}).Draw(t, "state")
		op := rapid.SampledFrom([]Op{OpPay, OpQuery, OpTake}).Draw(t, "call")
		if op == OpTake {
			l.Class = rapid.SampledFrom([]Class{ClassCard, ClassMember}).Draw(t, "class")
		}
		a := right(l, op)
		if v := judged(l, op, a); v != paid {
			t.Fatalf("the whole proof is judged %d: %+v", v, a)
		}
		checkJudge(t, l, op, spoilt(t, a, l))
	})
}

func FuzzJudge(f *testing.F) {
	f.Add(uint8(OpPay), false, uint8(Answered), 200, success, "", "", testLeg.Key, int64(testLeg.Amount), true, "SUCCESS", "T1", uint8(Signed), "", "")
	f.Add(uint8(OpPay), false, uint8(Answered), 200, failed, "606", "付款码超时", "", int64(0), false, "", "", uint8(Unsigned), "", "")
	f.Add(uint8(OpQuery), false, uint8(Answered), 200, failed, "ORDER_NOT_EXIST", "订单不存在", "", int64(0), false, "", "", uint8(Unsigned), "", "")
	f.Add(uint8(OpTake), false, uint8(Answered), 200, success, "", "", "", int64(0), false, "", "", uint8(Unsigned), "", "")
	f.Add(uint8(OpTake), true, uint8(Answered), 200, "true", "0", "", "", int64(testLeg.Amount), true, "", "B1", uint8(Unsigned), "true", "0E0")
	f.Add(uint8(OpTake), true, uint8(Answered), 200, "false", "1e9999", "", "", int64(0), false, "", "", uint8(Unsigned), "", "")
	f.Fuzz(func(t *testing.T, op uint8, member bool, delivery uint8, http int, verdict, code, message, key string, amount int64, hasAmount bool, order, no string, signature uint8, inner, innerCode string) {
		l := sentLeg
		if member {
			l.Class = ClassMember
		}
		a := Answer{
			Delivery: Delivery(delivery), HTTP: http, Verdict: verdict, Code: code, Message: message, Key: key,
			Amount: money.Fen(amount), HasAmount: hasAmount, Order: OrderState(order), ProviderNo: no, Signature: Signature(signature),
		}
		if inner != "" || innerCode != "" {
			a.Inner = &Inner{inner, innerCode}
		}
		checkJudge(t, l, []Op{OpPay, OpQuery, OpTake}[op%3], a)
	})
}

// A code is foreign text, up to the megabytes a reply may have: a customer waits
// while it is read.
func TestALongCodeIsReadAtOnce(t *testing.T) {
	start := time.Now()
	if v := judgePay(sentLeg, no(strings.Repeat("9", 1<<20), "")); v != refused {
		t.Errorf("%d, want refused", v)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func judgePay(l Leg, a Answer) verdict  { return judge(OpPay, &l, &a).verdict }
func judgeTake(l Leg, a Answer) verdict { return judge(OpTake, &l, &a).verdict }
