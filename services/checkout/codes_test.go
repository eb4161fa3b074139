package checkout

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// rowTest is one row of the page docs/money.md, section "Codes → action",
// written out by hand: what is said, and what it has to mean.
type rowTest struct {
	code   string
	said   Answer
	means  verdict
	state  State // of a SENT leg
	later  verdict
	reason string
	alarm  bool
	hint   string
}

// only marks a row that holds for the answer to the only call of a key; asked
// later, it is unclear. Of all others later is what it is at once.
func only(r rowTest) rowTest { r.later = unclear; return r }

func at(r rowTest) rowTest { r.later = r.means; return r }

// hqSaid is a refusal that carries one of HQ's codes.
func hqSaid(code string) Answer { return no(code, "") }

func cardYes() Answer { return Answer{Delivery: Answered, HTTP: 200, Verdict: success} }

func took(change func(*Answer)) Answer { return with(yes(sentLeg), change) }

// zvcmsNo is an answer without the marks of a charge.
func zvcmsNo(verdict, code string) Answer {
	return took(func(a *Answer) { bare(a); a.Verdict, a.Code = verdict, code })
}

var theCall = []rowTest{
	at(rowTest{code: "not sent", said: Answer{Delivery: NotSent}, means: notSent, state: Intent, reason: "unreachable"}),
	at(rowTest{code: "silent", said: Answer{Delivery: Silent}, means: unclear, state: Unknown, reason: "silent"}),
	at(rowTest{code: "401", said: status(401), means: refused, state: Rejected, reason: "credentials", alarm: true}),
	at(rowTest{code: "403", said: status(403), means: refused, state: Rejected, reason: "credentials", alarm: true}),
	at(rowTest{code: "408", said: status(408), means: unclear, state: Unknown, reason: "unreadable"}),
	at(rowTest{code: "409", said: status(409), means: unclear, state: Unknown, reason: "unreadable"}),
	at(rowTest{code: "429", said: status(429), means: unclear, state: Unknown, reason: "unreadable"}),
	at(rowTest{code: "3xx", said: status(302), means: unclear, state: Unknown, reason: "unreadable"}),
	at(rowTest{code: "5xx", said: status(502), means: unclear, state: Unknown, reason: "unreadable"}),
}

var rowTests = map[Contract][]rowTest{
	FromHQ: {
		at(rowTest{code: "200", said: hqSaid("200"), means: claimed, state: Sent, reason: "unconfirmed"}),
		at(rowTest{code: "500", said: hqSaid("500"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "601", said: hqSaid("601"), means: refused, state: Rejected, reason: "refused", hint: "card_unusable"}),
		at(rowTest{code: "602", said: hqSaid("602"), means: refused, state: Rejected, reason: "refused", hint: "card_missing"}),
		at(rowTest{code: "603", said: hqSaid("603"), means: refused, state: Rejected, reason: "refused", hint: "card_lost"}),
		at(rowTest{code: "604", said: hqSaid("604"), means: refused, state: Rejected, reason: "refused", hint: "card_void"}),
		at(rowTest{code: "605", said: hqSaid("605"), means: refused, state: Rejected, reason: "refused", hint: "balance_short"}),
		only(rowTest{code: "606", said: hqSaid("606"), means: refused, state: Rejected, reason: "refused", hint: "refresh_code"}),
		at(rowTest{code: "607", said: hqSaid("607"), means: refused, state: Rejected, reason: "refused", hint: "points_short"}),
		at(rowTest{code: "608", said: hqSaid("608"), means: refused, state: Rejected, reason: "refused", hint: "change_gift"}),
		at(rowTest{code: "701", said: hqSaid("701"), means: claimed, state: Sent, reason: "unconfirmed"}),
		at(rowTest{code: "702", said: hqSaid("702"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "703", said: hqSaid("703"), means: unclear, state: Unknown, reason: "unreadable"}),
		only(rowTest{code: "704", said: hqSaid("704"), means: refused, state: Rejected, reason: "refused", hint: "refresh_code"}),
		at(rowTest{code: "801", said: hqSaid("801"), means: duplicate, state: Sent, reason: "unconfirmed"}),
		at(rowTest{code: "901", said: hqSaid("901"), means: refused, state: Rejected, reason: "refused", hint: "day_open"}),
		at(rowTest{code: "902", said: hqSaid("902"), means: refused, state: Rejected, reason: "refused", hint: "day_closing"}),
		at(rowTest{code: "903", said: hqSaid("903"), means: refused, state: Rejected, reason: "refused", hint: "day_interrupted"}),
		at(rowTest{code: "904", said: hqSaid("904"), means: refused, state: Rejected, reason: "refused", hint: "day_closed"}),
		at(rowTest{code: "905", said: hqSaid("905"), means: refused, state: Rejected, reason: "refused", hint: "day_changed"}),
		at(rowTest{code: "1001", said: hqSaid("1001"), means: refused, state: Rejected, reason: "refused", hint: "cannot_buy"}),
		at(rowTest{code: "1002", said: hqSaid("1002"), means: refused, state: Rejected, reason: "refused", hint: "sold_out"}),
		at(rowTest{code: "1003", said: hqSaid("1003"), means: unclear, state: Unknown, reason: "unreadable"}),
	},
	FromPay: slices.Concat(theCall, []rowTest{
		at(rowTest{code: "4xx", said: status(404), means: refused, state: Rejected, reason: "refused"}),
		at(rowTest{code: "other status", said: status(204), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "SUCCESS, forged", said: with(ok(OrderPaid), func(a *Answer) { a.Signature = Forged }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "SUCCESS, other key", said: with(ok(OrderPaid), func(a *Answer) { a.Key = "T-1-k2" }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS, other amount", said: with(ok(OrderPaid), func(a *Answer) { a.Amount = 1231 }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS, unproven", said: with(ok(OrderPaid), func(a *Answer) { a.Signature = Unsigned }), means: claimed, state: Sent, reason: "unconfirmed"}),
		at(rowTest{code: "SUCCESS", said: ok(OrderPaid), means: paid, state: Paid}),
		at(rowTest{code: "USER_PAYING", said: no("USER_PAYING", "需要用户输入密码"), means: paying, state: Pending, reason: "user_paying"}),
		at(rowTest{code: "订单已存在", said: no("PARAMETER_ERROR", "订单已存在，请重新下单"), means: duplicate, state: Sent, reason: "unconfirmed"}),
		at(rowTest{code: "SIGN…", said: no("SIGN_ERROR", "签名错误"), means: refused, state: Rejected, reason: "credentials", alarm: true}),
		at(rowTest{code: "SYSTEMERROR", said: no("SYSTEM_ERROR", "系统繁忙"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "BANKERROR", said: no("BANKERROR", "银行系统异常"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "WAIT…", said: no("WAIT_BUYER_PAY", "等待用户付款"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "FAILED, other key", said: with(no("X", "no"), func(a *Answer) { a.Key = "T-1-k2" }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "FAILED, forged", said: with(no("606", "no"), func(a *Answer) { a.Signature = Forged }), means: unclear, state: Unknown, reason: "unreadable"}),
		only(rowTest{code: "FAILED", said: no("NOTENOUGH", "余额不足"), means: refused, state: Rejected, reason: "refused"}),
		at(rowTest{code: "unreadable", said: status(200), means: unclear, state: Unknown, reason: "unreadable"}),
	}),
	FromQuery: {
		at(rowTest{code: "silent", said: Answer{Delivery: Silent}, means: unclear, state: Unknown}),
		at(rowTest{code: "401", said: status(401), means: answered, alarm: true}),
		at(rowTest{code: "403", said: status(403), means: answered, alarm: true}),
		at(rowTest{code: "other status", said: status(500), means: unclear, state: Unknown}),
		at(rowTest{code: "SIGN…", said: with(no("SIGN_ERROR", ""), func(a *Answer) { a.Signature = Forged }), means: answered, alarm: true}),
		at(rowTest{code: "forged", said: with(ok(OrderPaid), func(a *Answer) { a.Signature = Forged }), means: unclear, state: Unknown}),
		at(rowTest{code: "other key", said: with(ok(OrderPaid), func(a *Answer) { a.Key = "T-1-k2" }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS, unproven", said: with(ok(OrderPaid), func(a *Answer) { a.HasAmount = false }), means: claimed, state: Sent}),
		at(rowTest{code: "SUCCESS, other amount", said: with(ok(OrderPaid), func(a *Answer) { a.Amount = 1229 }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS", said: ok(OrderPaid), means: paid, state: Paid}),
		at(rowTest{code: "NOTPAY", said: ok(OrderNotPaid), means: unpaid}),
		at(rowTest{code: "CLOSED", said: ok(OrderClosed), means: closed, state: Rejected, reason: "closed"}),
		at(rowTest{code: "REFUND", said: ok(OrderRefunded), means: refunded, state: Reversed, reason: "refunded"}),
		at(rowTest{code: "REVOKED", said: ok(OrderRevoked), means: refunded, state: Reversed, reason: "refunded"}),
		at(rowTest{code: "other state", said: ok("PAYERROR"), means: answered}),
		at(rowTest{code: "USER_PAYING", said: no("USER_PAYING", ""), means: paying, state: Pending, reason: "user_paying"}),
		at(rowTest{code: "ORDER_NOT_EXIST", said: no("ORDER_NOT_EXIST", ""), means: missing}),
		at(rowTest{code: "SYSTEMERROR", said: no("SYSTEM_ERROR", ""), means: unclear, state: Unknown}),
		at(rowTest{code: "BANKERROR", said: no("BANKERROR", ""), means: unclear, state: Unknown}),
		at(rowTest{code: "500", said: hqSaid("500"), means: unclear, state: Unknown}),
		at(rowTest{code: "702", said: hqSaid("702"), means: unclear, state: Unknown}),
		at(rowTest{code: "703", said: hqSaid("703"), means: unclear, state: Unknown}),
		at(rowTest{code: "1003", said: hqSaid("1003"), means: unclear, state: Unknown}),
		at(rowTest{code: "FAILED", said: no("606", "付款码超时"), means: answered}),
		at(rowTest{code: "unreadable", said: status(200), means: unclear, state: Unknown}),
	},
	FromRefund: slices.Concat(theCall, []rowTest{
		at(rowTest{code: "4xx", said: status(404), means: refused, state: Rejected, reason: "refused"}),
		at(rowTest{code: "other status", said: status(204), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "SIGN…", said: no("SIGN_ERROR", ""), means: refused, state: Rejected, reason: "credentials", alarm: true}),
		at(rowTest{code: "forged", said: with(given(), func(a *Answer) { a.Signature = Forged }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "other key", said: with(given(), func(a *Answer) { a.Key = "T-1-k2" }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "other amount", said: with(given(), func(a *Answer) { a.Amount = 1229 }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS", said: given(), means: claimed, state: Sent, reason: "unconfirmed"}),
		at(rowTest{code: "REFUNDING", said: no("REFUNDING", "退款中"), means: paying, state: Pending, reason: "refunding"}),
		at(rowTest{code: "SYSTEMERROR", said: no("SYSTEM_ERROR", ""), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "BANKERROR", said: no("BANKERROR", ""), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "500", said: hqSaid("500"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "702", said: hqSaid("702"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "703", said: hqSaid("703"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "1003", said: hqSaid("1003"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "FAILED", said: no("X", "余额不足"), means: refused, state: Rejected, reason: "refused"}),
		at(rowTest{code: "unreadable", said: status(200), means: unclear, state: Unknown, reason: "unreadable"}),
	}),
	FromRefundQuery: {
		at(rowTest{code: "silent", said: Answer{Delivery: Silent}, means: unclear, state: Unknown}),
		at(rowTest{code: "401", said: status(401), means: answered, alarm: true}),
		at(rowTest{code: "403", said: status(403), means: answered, alarm: true}),
		at(rowTest{code: "other status", said: status(500), means: unclear, state: Unknown}),
		at(rowTest{code: "SIGN…", said: no("SIGN_ERROR", ""), means: answered, alarm: true}),
		at(rowTest{code: "forged", said: with(given(), func(a *Answer) { a.Signature = Forged }), means: unclear, state: Unknown}),
		at(rowTest{code: "SUCCESS, unproven", said: with(given(), func(a *Answer) { a.Key = "" }), means: claimed, state: Sent}),
		at(rowTest{code: "other key", said: with(given(), func(a *Answer) { a.Key = "T-1-k2" }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS, other amount", said: with(given(), func(a *Answer) { a.Amount = 1229 }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "SUCCESS", said: given(), means: paid, state: Paid}),
		at(rowTest{code: "REFUNDING", said: no("REFUNDING", ""), means: paying, state: Pending, reason: "refunding"}),
		at(rowTest{code: "ORDER_NOT_EXIST", said: no("", "订单不存在"), means: missing}),
		at(rowTest{code: "SYSTEMERROR", said: no("SYSTEM_ERROR", ""), means: unclear, state: Unknown}),
		at(rowTest{code: "BANKERROR", said: no("BANKERROR", ""), means: unclear, state: Unknown}),
		at(rowTest{code: "500", said: hqSaid("500"), means: unclear, state: Unknown}),
		at(rowTest{code: "702", said: hqSaid("702"), means: unclear, state: Unknown}),
		at(rowTest{code: "703", said: hqSaid("703"), means: unclear, state: Unknown}),
		at(rowTest{code: "1003", said: hqSaid("1003"), means: unclear, state: Unknown}),
		at(rowTest{code: "FAILED", said: no("X", ""), means: answered}),
		at(rowTest{code: "unreadable", said: status(200), means: unclear, state: Unknown}),
	},
	FromCard: slices.Concat(theCall, []rowTest{
		at(rowTest{code: "other status", said: status(404), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "SIGN…", said: no("SIGN_ERROR", ""), means: refused, state: Rejected, reason: "credentials", alarm: true}),
		at(rowTest{code: "forged", said: with(cardYes(), func(a *Answer) { a.Signature = Forged }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "SUCCESS", said: cardYes(), means: paid, state: Paid}),
		only(rowTest{code: "FAILED", said: no("", "剩余次数不足"), means: refused, state: Rejected, reason: "refused"}),
		at(rowTest{code: "unreadable", said: status(200), means: unclear, state: Unknown, reason: "unreadable"}),
	}),
	FromMember: slices.Concat(theCall, []rowTest{
		at(rowTest{code: "other status", said: status(404), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "unreadable", said: status(200), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "yes inside alone", said: took(func(a *Answer) { a.Verdict, a.Code = "false", "110004" }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "110004", said: zvcmsNo("false", "110004"), means: refused, state: Rejected, reason: "credentials", alarm: true}),
		at(rowTest{code: "110007", said: zvcmsNo("false", "110007"), means: refused, state: Rejected, reason: "credentials", alarm: true}),
		at(rowTest{code: "status false", said: zvcmsNo("false", "999999"), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "no code", said: zvcmsNo("true", ""), means: unclear, state: Unknown, reason: "unreadable"}),
		only(rowTest{code: "code ≠ 0", said: zvcmsNo("true", "200605"), means: refused, state: Rejected, reason: "refused"}),
		at(rowTest{code: "inner no", said: took(func(a *Answer) { a.Inner = &Inner{"true", "5"} }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "no bizId", said: took(func(a *Answer) { a.ProviderNo = "" }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "no sums", said: took(func(a *Answer) { a.HasAmount = false }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "coupon lacking", said: took(func(a *Answer) { a.Lacks = true }), means: unclear, state: Unknown, reason: "unreadable"}),
		at(rowTest{code: "other amount", said: took(func(a *Answer) { a.Amount = 1229 }), means: mismatch, state: Unknown, reason: "mismatch", alarm: true}),
		at(rowTest{code: "code 0", said: took(func(*Answer) {}), means: paid, state: Paid}),
	}),
}

// eachRow runs f once for each row, as a test named after it.
func eachRow(t *testing.T, f func(t *testing.T, of Contract, r rowTest)) {
	for of, tests := range rowTests {
		for _, r := range tests {
			name := r.code
			if of != FromHQ {
				name = string(of) + ": " + r.code
			}
			t.Run(name, func(t *testing.T) { f(t, of, r) })
		}
	}
}

func asked(of Contract) (table []Row, op Op, class Class) {
	switch of {
	case FromQuery:
		return queryRows, OpQuery, ClassCode
	case FromCard:
		return cardRows, OpTake, ClassCard
	case FromMember:
		return memberRows, OpTake, ClassMember
	case FromRefund:
		return refundRows, OpRefund, ClassRefund
	case FromRefundQuery:
		return refundQueryRows, OpRefundQuery, ClassRefund
	case FromHQ, FromPay:
	}
	return payRows, OpPay, ClassCode
}

// comesTo is where an answer brings a leg: SENT one whose only call it answers, in
// doubt one that was asked about. SENT means that one query decides first; that of a
// refusal is a formality.
func comesTo(l Leg, op Op, a Answer) State {
	if op == OpQuery || op == OpRefundQuery {
		l.State = Unknown
	}
	m := NewMachine(l, DefaultTimers())
	m.called, m.asked, m.windowEnd = true, l.State == Unknown, Never
	e := m.Step(Input{Kind: Replied, Op: op, Answer: a}, Now{})
	if e.Kind == Call && m.onlyLook != nil {
		return Rejected
	}
	return m.Leg.State
}

func TestCodes(t *testing.T) {
	eachRow(t, func(t *testing.T, of Contract, want rowTest) {
		table, op, class := asked(of)
		l := sentLeg
		l.Class = class
		r := ruling(table, &l, &want.said)
		if r.Contract != of || r.Code != want.code {
			t.Fatalf("another row fits: %s %s", r.Contract, r.Code)
		}
		judged := judge(op, &l, &want.said).verdict
		if judged != want.means {
			t.Errorf("judged %d, want %d", judged, want.means)
		}
		if r.Reason != want.reason || r.Alarm != want.alarm || r.Hint != want.hint || r.Source == "" {
			t.Errorf("%+v", r)
		}
		if got, state := comesTo(l, op, want.said), want.state; got != state && (state != "" && state != Sent || got != Unknown) {
			t.Errorf("the leg comes to %s, want %s", got, state)
		}
		l.State = Unknown
		if later := ruling(table, &l, &want.said).verdict; later != want.later || r.First != (want.later != want.means) {
			t.Errorf("asked later: %d, want %d (first: %v)", later, want.later, r.First)
		}
		if named, ok := Rule(of, want.code); !ok || named.Contract != of || named.Code != want.code {
			t.Errorf("by its name: %+v", named)
		}
	})
}

func TestEveryRowOfTheTableHasATest(t *testing.T) {
	type row struct {
		of   Contract
		code string
	}
	tested := map[row]int{}
	for of, tests := range rowTests {
		for _, r := range tests {
			tested[row{of, r.code}]++
		}
	}
	for _, r := range codes {
		if n := tested[row{r.Contract, r.Code}]; n != 1 {
			t.Errorf("%s %s: %d tests", r.Contract, r.Code, n)
		}
		delete(tested, row{r.Contract, r.Code})
	}
	for r := range tested {
		t.Errorf("%s %s: tested, and not in the table", r.of, r.code)
	}
}

// The rows of the page, in its order, in its words. Each is found below the
// contracts that can give it.
func TestEveryRowOfThePageIsInTheTable(t *testing.T) {
	calls := []Contract{FromPay, FromCard, FromMember}
	hq := []Contract{FromHQ}
	for _, row := range []struct {
		page string
		of   []Contract
		code string
	}{
		{"200", hq, "200"},
		{"500", hq, "500"},
		{"5xx", calls, "5xx"},
		{"timeout", calls, "silent"},
		{"reset", calls, "silent"},
		{"bad JSON", calls, "unreadable"},
		{"other key", []Contract{FromPay}, "SUCCESS, other key"},
		{"other key, of a query", []Contract{FromQuery}, "other key"},
		{"other amount", []Contract{FromPay, FromQuery}, "SUCCESS, other amount"},
		{"other amount, of an account", []Contract{FromMember}, "other amount"},
		{"unknown code", []Contract{FromPay}, "FAILED"},
		{"401", calls, "401"}, {"403", calls, "403"},
		{"408", calls, "408"}, {"409", calls, "409"}, {"429", calls, "429"}, {"3xx", calls, "3xx"},
		{"other 4xx", []Contract{FromPay}, "4xx"},
		{"other 4xx, nothing to query", []Contract{FromCard, FromMember}, "other status"},
		{"601", hq, "601"}, {"602", hq, "602"}, {"603", hq, "603"}, {"604", hq, "604"},
		{"605", hq, "605"}, {"607", hq, "607"},
		{"606", hq, "606"}, {"704", hq, "704"},
		{"608", hq, "608"},
		{"701", hq, "701"}, {"702", hq, "702"}, {"703", hq, "703"}, {"1003", hq, "1003"},
		{"801", hq, "801"},
		{"901", hq, "901"}, {"902", hq, "902"}, {"903", hq, "903"}, {"904", hq, "904"}, {"905", hq, "905"},
		{"1001", hq, "1001"}, {"1002", hq, "1002"},
		{"Liantuofu SUCCESS", []Contract{FromPay, FromQuery}, "SUCCESS"},
		{"Liantuofu SUCCESS without proof", []Contract{FromPay, FromQuery}, "SUCCESS, unproven"},
		{"Liantuofu USER_PAYING", []Contract{FromPay, FromQuery}, "USER_PAYING"},
		{"Liantuofu 订单已存在", []Contract{FromPay}, "订单已存在"},
		{"Liantuofu other FAILED", []Contract{FromPay, FromQuery}, "FAILED"},
		{"times card SUCCESS", []Contract{FromCard}, "SUCCESS"},
		{"times card FAILED", []Contract{FromCard}, "FAILED"},
		{"times card silence", []Contract{FromCard}, "silent"},
		{"zvcms yes", []Contract{FromMember}, "code 0"},
		{"zvcms true, another code", []Contract{FromMember}, "code ≠ 0"},
		{"zvcms 110004", []Contract{FromMember}, "110004"}, {"zvcms 110007", []Contract{FromMember}, "110007"},
		{"zvcms other false", []Contract{FromMember}, "status false"},
		{"zvcms silence", []Contract{FromMember}, "silent"},
	} {
		for _, of := range row.of {
			if _, ok := Rule(of, row.code); !ok {
				t.Errorf("%s: no row %s %s", row.page, of, row.code)
			}
		}
	}
}

// The project's own page has every row, by its name.
func TestTheTableStandsInTheDocument(t *testing.T) {
	page, err := os.ReadFile("../../docs/money.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## Codes → action\n")
	section, _, ended := strings.Cut(section, "\n## ")
	if !found || !ended {
		t.Fatal("no section on codes")
	}
	for _, r := range codes {
		if !strings.Contains(section, "`"+r.Code+"`") {
			t.Errorf("%s %s is not in docs/money.md", r.Contract, r.Code)
		}
	}
}

// The machine does with each answer to the one call what its row says, and gives
// the leg the row's reason.
func TestTheMachineFollowsTheTable(t *testing.T) {
	eachRow(t, func(t *testing.T, of Contract, r rowTest) {
		_, op, class := asked(of)
		if op == OpQuery || op == OpRefundQuery {
			return // there the machine's state has a say as well
		}
		s := begin(t, class)
		s.sent(map[Op]string{OpPay: "pay", OpTake: "take", OpRefund: "refund"}[op])
		in := Input{Kind: Replied, Op: op, Answer: r.said}
		end, asking := r.state, false
		if op != OpTake && (r.means == refused || r.state == Sent) { // money decides, not words
			asking = true
			look, none := "call query", Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderNotPaid)}
			if op == OpRefund {
				look, none = "call refund query", Input{Kind: Replied, Op: OpRefundQuery, Answer: no("", "订单不存在")}
			}
			if e := s.step(in, look); e.Alarm != r.alarm {
				t.Errorf("alarm: %v", e.Alarm)
			}
			in = none
			if r.state == Sent {
				end = Unknown
			}
		}
		e := s.step(in, "record "+string(end))
		if e.Event.Reason.Code != r.reason {
			t.Errorf("reason %q, want %q", e.Event.Reason.Code, r.reason)
		}
		if !asking && e.Alarm != r.alarm {
			t.Errorf("alarm: %v", e.Alarm)
		}
		if got := Hint(s.m.Leg); got != r.hint {
			t.Errorf("hint %q, want %q", got, r.hint)
		}
	})
}

func TestRuleOfNothing(t *testing.T) {
	for _, c := range []struct {
		of   Contract
		code string
	}{
		{FromHQ, ""}, {FromHQ, "600"}, {FromHQ, "6 06"}, {FromHQ, "SUCCESS"}, {FromPay, "606"}, {FromMember, "606"}, {"", "606"},
	} {
		if r, ok := Rule(c.of, c.code); ok {
			t.Errorf("%q %q: %+v", c.of, c.code, r)
		}
	}
	for _, code := range []string{"606", " 606", "0606", "606.0", "6.06e2"} {
		if r, ok := Rule(FromHQ, code); !ok || r.Code != "606" {
			t.Errorf("%q: %+v", code, r)
		}
	}
}

// A hint is for a payment code that was refused by one of HQ's codes, and for
// nothing else: zvcms and the times cards number their refusals themselves.
func TestHint(t *testing.T) {
	l := Leg{Class: ClassCode, State: Rejected, Reason: Reason{Code: "refused", RawCode: "704"}}
	if got := Hint(l); got != "refresh_code" {
		t.Errorf("%q", got)
	}
	for name, change := range map[string]func(*Leg){
		"an account":       func(l *Leg) { l.Class = ClassMember },
		"a times card":     func(l *Leg) { l.Class = ClassCard },
		"not over":         func(l *Leg) { l.State = Unknown },
		"another reason":   func(l *Leg) { l.Reason.Code = "credentials" },
		"the wallet's own": func(l *Leg) { l.Reason.RawCode = "AUTH_CODE_INVALID" },
		"no code":          func(l *Leg) { l.Reason.RawCode = "" },
	} {
		x := l
		change(&x)
		if got := Hint(x); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
