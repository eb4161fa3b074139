package checkout

import (
	"fmt"
	"testing"
	"time"
)

// script steps a machine by hand.
type script struct {
	t   *testing.T
	m   Machine
	now Now
}

func begin(t *testing.T, class Class) *script {
	l := testLeg
	l.Class, l.Count, l.Before = class, 1, 10
	l, err := l.Apply(LegEvent{LegID: l.ID, Seq: 1, State: Intent})
	if err != nil {
		t.Fatal(err)
	}
	return &script{t: t, m: NewMachine(l, DefaultTimers())}
}

func (s *script) step(in Input, want string) Effect {
	s.t.Helper()
	e := s.m.Step(in, s.now)
	got := ""
	switch e.Kind {
	case Done:
		got = "done"
	case Record:
		got = "record " + string(e.Event.State)
	case Call:
		got = "call " + map[Op]string{
			OpPay: "pay", OpPrecreate: "precreate", OpTake: "take", OpQuery: "query", OpReverse: "reverse",
			OpEvidence: "evidence", OpRefund: "refund", OpRefundQuery: "refund query",
		}[e.Op]
	case Wait:
		got = fmt.Sprintf("wait %v", time.Duration(e.Until-s.now.Mono))
		if e.Idle {
			got = "idle " + got[len("wait "):]
		}
		s.now.Mono = e.Until
	case Await:
	}
	if got != want {
		s.t.Fatalf("after %+v: %s, want %s", in, got, want)
	}
	return e
}

func (s *script) sent(op string) {
	s.t.Helper()
	s.step(Input{Kind: Begin}, "record SENT")
	s.step(Input{Kind: Recorded}, "call "+op)
}

func TestAPaidCode(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: ok(OrderPaid)}, "record PAID")
	s.step(Input{Kind: Recorded}, "done")
}

func TestAnUnsignedSuccessIsConfirmedByOneQuery(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	unsigned := with(ok(OrderPaid), func(a *Answer) { a.Signature = Unsigned })
	s.step(Input{Kind: Replied, Op: OpPay, Answer: unsigned}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: unsigned}, "record PAID")
}

func TestAnExpiredCodeFreesTheCounterAtOnce(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: no("AUTH_CODE_INVALID", "付款码已过期")}, "call query")
	e := s.step(Input{Kind: Replied, Op: OpQuery, Answer: no("ORDER_NOT_EXIST", "订单不存在")}, "record REJECTED")
	if e.Event.Reason.Message != "付款码已过期" {
		t.Errorf("the refusal's own words are what the cashier needs: %+v", e.Event.Reason)
	}
	s.step(Input{Kind: Recorded}, "done")
}

func TestARefusalThatChargedAfterAllIsPaid(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: no("DECLINED", "交易失败")}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "record PAID")
}

func TestALostReplyIsAskedAfterNeverRepeated(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "wait 5s")
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderNotPaid)}, "wait 3s")
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "record PAID")
}

func TestCancelReversesNoEarlierThan15Seconds(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: no("USER_PAYING", "")}, "record PENDING")
	s.step(Input{Kind: Recorded}, "wait 5s")
	s.step(Input{Kind: CancelAsked}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderNotPaid)}, "wait 3s")
	for range 2 {
		s.step(Input{Kind: Due}, "call query")
		s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderNotPaid)}, "wait 3s")
	}
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderNotPaid)}, "wait 1s")
	s.step(Input{Kind: Due}, "record REVERSING")
	s.step(Input{Kind: Recorded}, "call reverse")
	s.step(Input{Kind: Replied, Op: OpReverse, Answer: Answer{Delivery: Answered, HTTP: 200, Verdict: success}}, "wait 1s")
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderClosed)}, "record REVERSED")
}

func TestNothingSentIsTriedThreeTimesThenRejected(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	unreachable := Input{Kind: Replied, Op: OpPay, Answer: Answer{Delivery: NotSent}}
	for range 2 {
		s.step(unreachable, "record INTENT")
		s.step(Input{Kind: Recorded}, "record SENT")
		s.step(Input{Kind: Recorded}, "call pay")
	}
	s.step(unreachable, "record INTENT")
	s.step(Input{Kind: Recorded}, "record REJECTED")
	if s.m.Leg.SentOnce {
		t.Error("a code that never left counts as used")
	}
}

func TestCancelBetweenTriesSendsNoMore(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: Answer{Delivery: NotSent}, Cancel: true}, "record INTENT")
	s.step(Input{Kind: Recorded}, "record REJECTED")
}

func TestSlowQueriesDoNotPutOffTheReversal(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "wait 5s")
	in := Input{Kind: Due}
	for range 4 { // each takes as long as a silent gateway does
		s.step(in, "call query")
		s.now.Mono += Instant(20 * time.Second)
		in = Input{Kind: Replied, Op: OpQuery, Answer: Answer{Delivery: Silent}}
		if s.now.Mono >= Instant(45*time.Second) {
			break
		}
		s.step(in, "wait 3s")
		in = Input{Kind: Due}
	}
	s.step(in, "record REVERSING")
}

func TestOfflineReversalsDoNotCountAfterARestart(t *testing.T) {
	l := testLeg
	for i, state := range []State{Intent, Sent, Unknown} {
		l, _ = l.Apply(LegEvent{Seq: i + 1, State: state})
	}
	for range 20 {
		l, _ = l.Apply(LegEvent{Seq: l.Seq + 1, State: Reversing})
	}
	s := &script{t: t, m: NewMachine(l, DefaultTimers())}
	s.step(Input{Kind: Resume}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "wait 1m0s")
	s.step(Input{Kind: Due}, "record REVERSING")
}

func TestAWrongAmountAlarmsAndIsGivenBack(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	wrong := with(ok(OrderPaid), func(a *Answer) { a.Amount = 1 })
	if e := s.step(Input{Kind: Replied, Op: OpPay, Answer: wrong}, "record UNKNOWN"); !e.Alarm {
		t.Error("no alarm")
	}
	s.now.Mono += Instant(60 * time.Second)
	s.step(Input{Kind: Recorded}, "call query")
	if e := s.step(Input{Kind: Replied, Op: OpQuery, Answer: wrong}, "record REVERSING"); !e.Alarm {
		t.Error("no alarm at the query")
	}
}

func TestAKnownKeyIsAdoptedOrGivenToAPerson(t *testing.T) {
	known := Input{Kind: Replied, Op: OpPay, Answer: no("PARAMETER_ERROR", "订单已存在，请重新下单")}
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(known, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "record PAID")

	s = begin(t, ClassCode)
	s.sent("pay")
	s.step(known, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: with(ok(OrderPaid), func(a *Answer) { a.Amount = 1 })}, "record MANUAL")
}

func TestASilentCardIsNeverAskedTwice(t *testing.T) {
	s := begin(t, ClassCard)
	s.sent("take")
	s.step(Input{Kind: Replied, Op: OpTake, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "call evidence")
	e := s.step(Input{Kind: Replied, Op: OpEvidence, Answer: Answer{Delivery: Answered, HTTP: 200, Verdict: success, Remaining: 9, HasRemains: true}}, "record MANUAL")
	if r := e.Event.Reason; r.Code != CodeCardUnknown || r.Message != "9" {
		t.Errorf("evidence: %+v", r)
	}
	s.step(Input{Kind: Recorded}, "done")
}

func TestResume(t *testing.T) {
	for _, c := range []struct {
		class Class
		past  []State
		want  string
	}{
		{ClassCode, []State{Intent}, "record REJECTED"},
		{ClassCode, []State{Intent, Sent, Intent}, "record REJECTED"},
		{ClassCode, []State{Intent, Sent}, "record UNKNOWN"},
		{ClassCode, []State{Intent, Sent, Pending}, "record UNKNOWN"},
		{ClassCode, []State{Intent, Sent, Unknown}, "call query"},
		{ClassCode, []State{Intent, Sent, Unknown, Reversing}, "call query"},
		{ClassCode, []State{Intent, Sent, Paid}, "done"},
		{ClassCode, []State{Intent, Sent, Manual}, "idle 2s"},
		{ClassCard, []State{Intent, Sent, Manual}, "done"},
		{ClassCard, []State{Intent, Sent}, "record UNKNOWN"},
		{ClassCard, []State{Intent, Sent, Unknown}, "call evidence"},
	} {
		l := testLeg
		l.Class = c.class
		for i, state := range c.past {
			var err error
			if l, err = l.Apply(LegEvent{Seq: i + 1, State: state}); err != nil {
				t.Fatal(err)
			}
		}
		s := &script{t: t, m: NewMachine(l, DefaultTimers())}
		s.step(Input{Kind: Resume}, c.want)
	}
}

func TestFinalStatesNeverChange(t *testing.T) {
	for _, final := range []State{Rejected, Reversed} {
		l := Leg{State: final, Class: ClassCode}
		for _, state := range []State{Intent, Sent, Pending, Unknown, Paid, Reversing, Reversed, Rejected, Manual} {
			if _, err := l.Apply(LegEvent{Seq: 1, State: state}); err == nil {
				t.Errorf("%s → %s was allowed", final, state)
			}
		}
	}
}

func TestAnOrderNobodyKnowsIsOverOnlyAfterTwoLooksAndIsWatched(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.now.Mono += Instant(60 * time.Second)
	unknown := no("ORDER_NOT_EXIST", "订单不存在")
	s.step(Input{Kind: Recorded}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: unknown}, "record REVERSING")
	s.step(Input{Kind: Recorded}, "call reverse")
	s.step(Input{Kind: Replied, Op: OpReverse, Answer: Answer{Delivery: Silent}}, "wait 2s")
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: unknown}, "wait 1s") // the reverse itself was not answered: proves nothing
	s.step(Input{Kind: Due}, "record REVERSING")
	s.step(Input{Kind: Recorded}, "call reverse")
	s.step(Input{Kind: Replied, Op: OpReverse, Answer: unknown}, "wait 1s")
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: unknown}, "wait 2s")
	s.step(Input{Kind: Due}, "record REVERSING")
	s.step(Input{Kind: Recorded}, "call reverse")
	s.step(Input{Kind: Replied, Op: OpReverse, Answer: unknown}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: unknown}, "record REVERSED")
	if w, ok := WatchOf(s.m.Leg); !ok || w.State != Watching {
		t.Error("an order that may still turn up is not watched")
	}
}
