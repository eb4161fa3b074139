package checkout

import (
	"testing"
	"time"

	"cashier/services/access"
)

// given is a refund's answer: its own number and sum.
func given() Answer {
	return Answer{Delivery: Answered, HTTP: 200, Verdict: success, Key: testLeg.Key, Amount: testLeg.Amount, HasAmount: true, Signature: Signed}
}

func TestARefundIsProvenByItsQuery(t *testing.T) {
	s := begin(t, ClassRefund)
	s.sent("refund")
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: given()}, "call refund query")
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: no("REFUNDING", "")}, "record PENDING")
	s.step(Input{Kind: Recorded}, "wait 3s")
	s.step(Input{Kind: Due}, "call refund query")
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: given()}, "record PAID")
}

func TestALostRefundIsAskedForAgainUnderItsNumber(t *testing.T) {
	s := begin(t, ClassRefund)
	s.sent("refund")
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "wait 5s")
	s.now.Mono += Instant(DefaultTimers().Window)
	s.step(Input{Kind: CancelAsked}, "call refund query") // nobody gets out of a refund that was sent
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: no("ORDER_NOT_EXIST", "订单不存在")}, "record SENT")
	s.step(Input{Kind: Recorded}, "call refund")
	// The provider refuses the second one because it has the first one.
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: no("REFUND_REPEAT", "已退款")}, "wait 2s")
	s.step(Input{Kind: Due}, "call refund query")
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: no("OTHER", "")}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "wait 3s")
	s.step(Input{Kind: Due}, "call refund query")
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: given()}, "record PAID")
}

func TestARefusedRefundIsRejected(t *testing.T) {
	s := begin(t, ClassRefund)
	s.sent("refund")
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: no("REFUND_AMT", "余额不足")}, "call refund query")
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: no("ORDER_NOT_EXIST", "订单不存在")}, "record REJECTED")
}

func TestARefundOfAnotherSumIsNoProof(t *testing.T) {
	s := begin(t, ClassRefund)
	s.sent("refund")
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: given()}, "call refund query")
	other := with(given(), func(a *Answer) { a.Amount++ })
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: other}, "record UNKNOWN")
}

func TestAPaymentIsNeverSentAgain(t *testing.T) {
	for class, want := range map[Class]bool{ClassRefund: true, ClassCode: false, ClassCard: false, ClassMember: false} {
		l := Leg{Class: class, State: Unknown, Seq: 3, Key: "k"}
		if _, err := l.Apply(LegEvent{Seq: 4, State: Sent}); (err == nil) != want {
			t.Errorf("%s: %v", class, err)
		}
	}
}

func TestAQRCodeIsPaidByAQueryAlone(t *testing.T) {
	s := begin(t, ClassCode)
	s.m.Leg.Method = MethodQR
	s.sent("precreate")
	shown := with(ok(""), func(a *Answer) { a.QR = "https://pay.example/1" })
	s.step(Input{Kind: Replied, Op: OpPrecreate, Answer: shown}, "record PENDING")
	s.step(Input{Kind: Recorded}, "wait 5s")
	for range 28 { // a customer takes out the phone: the whole time at the front
		s.step(Input{Kind: Due}, "call query")
		s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderNotPaid)}, "wait 3s")
	}
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "record PAID")
}

func TestAnOrderWithoutAQRCodeIsNotWaitedFor(t *testing.T) {
	s := begin(t, ClassCode)
	s.m.Leg.Method = MethodQR
	s.sent("precreate")
	s.step(Input{Kind: Replied, Op: OpPrecreate, Answer: ok("")}, "record UNKNOWN")
}

func TestALegLeftToAPersonIsAskedAboutEveryFiveMinutes(t *testing.T) {
	s := begin(t, ClassCode)
	s.m.Leg.State, s.m.Leg.SentOnce = Manual, true
	s.step(Input{Kind: Resume}, "idle 2s")
	s.step(Input{Kind: Due}, "call query")
	if e := s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "idle 5m0s"); !e.Alarm {
		t.Error("nobody is told that the provider holds the money")
	}
	s.step(Input{Kind: Due}, "call query")
	if e := s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderPaid)}, "idle 5m0s"); e.Alarm {
		t.Error("told again every five minutes")
	}
	s.step(Input{Kind: Due}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: ok(OrderRefunded)}, "record REVERSED")
}

// Without a network no reversal counts, and yet a day of them is enough.
func TestNothingStaysAutomaticForMoreThanADay(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: Answer{}}, "record UNKNOWN")
	in, steps := Input{Kind: Recorded}, 0
	for s.m.Leg.State != Manual {
		e := s.m.Step(in, s.now)
		switch e.Kind {
		case Call:
			in = Input{Kind: Replied, Op: e.Op, Answer: Answer{Delivery: NotSent}}
		case Wait:
			s.now.Mono, in = e.Until, Input{Kind: Due}
		default:
			in = Input{Kind: Recorded}
		}
		if steps++; steps > 100_000 {
			t.Fatal("never ends")
		}
	}
	if d := time.Duration(s.now.Mono); d < 24*time.Hour || d > 24*time.Hour+2*time.Minute {
		t.Errorf("left to a person after %v", d)
	}
}

// A wall clock that jumped years ahead leaves time for what can be done.
func TestAJumpOfTheWallClockHandsNothingToAPerson(t *testing.T) {
	s := begin(t, ClassCode)
	s.m.Leg.State, s.m.Leg.SentOnce, s.m.Leg.IntentAt = Reversing, true, time.UnixMilli(0)
	s.now.Wall = time.UnixMilli(0).AddDate(10, 0, 0)
	s.step(Input{Kind: Resume}, "call query")
	s.step(Input{Kind: Replied, Op: OpQuery, Answer: Answer{}}, "wait 15s")
	s.step(Input{Kind: Due}, "record REVERSING")
}

// sale is one of ten yuan with these legs, frozen.
func frozen(legs ...Leg) Sale {
	s := Sale{ID: "s", Kind: Goods, State: Tendering, Total: 1000}
	for i, l := range legs {
		l.ID, l.SaleID, l.No, l.Key = string(rune('a'+i)), "s", i+1, "key-"+string(rune('a'+i))
		if l.State == "" {
			l = mustApply(l, LegEvent{Seq: 1, State: Intent})
		}
		s.Legs = append(s.Legs, l)
	}
	return s
}

// A course frees the counter while a call is out, and the leg goes on.
func TestTheCounterIsFreeAfterNinetySeconds(t *testing.T) {
	var now Now
	c := NewCourse(frozen(Leg{Class: ClassCode, Amount: 1000}), DefaultTimers(), access.Actor{}, true, now)
	expect := func(in Input, kind EffectKind) Effect {
		t.Helper()
		e := c.Step(in, now)
		if e.Kind != kind {
			t.Fatalf("after %d: %+v, want %d", in.Kind, e, kind)
		}
		return e
	}
	expect(Input{Kind: Begin}, Record)
	e := expect(Input{Kind: Recorded}, Call)
	if e.Op != OpPay || e.Until != Instant(90*time.Second) {
		t.Fatalf("%+v", e)
	}
	now.Mono = e.Until
	if w := expect(Input{Kind: Due}, Record).Write; w.Kind != EndOrPark || w.Sale.State != Unsettled {
		t.Fatalf("%+v", w)
	}
	expect(Input{Kind: Recorded}, Await)
	a := ok(OrderPaid)
	a.Key, a.Amount = "key-a", 1000
	if w := expect(Input{Kind: Replied, Op: OpPay, Answer: a}, Record).Write; w.Kind != Finish || w.Sale.State != Complete {
		t.Fatalf("%+v", w)
	}
	expect(Input{Kind: Recorded, ReceiptNo: "R"}, Done)
	if c.Sale.ReceiptNo != "R" {
		t.Error("the receipt's number is lost")
	}
}

// A refusal is believed only when the query that follows it knows something.
func TestARefusalIsNotBelievedWhileTheQueryKnowsNothing(t *testing.T) {
	for name, said := range map[string]Answer{
		"system error":    no("SYSTEM_ERROR", ""),
		"703":             no("703", "支付结果未知"),
		"paid, no key":    with(ok(OrderPaid), func(a *Answer) { a.Key = "" }),
		"paid, no amount": with(ok(OrderPaid), func(a *Answer) { a.HasAmount = false }),
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, ClassCode)
			s.sent("pay")
			s.step(Input{Kind: Replied, Op: OpPay, Answer: no("DECLINED", "交易失败")}, "call query")
			s.step(Input{Kind: Replied, Op: OpQuery, Answer: said}, "record UNKNOWN")
		})
	}
}

// A wall clock that jumped must not use up the looks at a leg that is over.
func TestALookThatComesEarlyCountsOnlyIfItFindsMoney(t *testing.T) {
	w := Watch{Leg: testLeg, State: Watching, Step: 2}
	for _, v := range []verdict{missing, unpaid, unclear, answered} {
		if got := w.saw(v, true); got != w {
			t.Errorf("%d: %+v", v, got)
		}
	}
	if got := w.saw(missing, false); got.Step != 3 {
		t.Errorf("in time: %+v", got)
	}
	if got := w.saw(paid, true); got.State != LateMoney || got.Booked != testLeg.Amount {
		t.Errorf("money: %+v", got)
	}
	if got := w.saw(closed, true); got.State != WatchOver {
		t.Errorf("proof: %+v", got)
	}
}

// A query that is refused for our key or clock is told once, not every 3 seconds.
func TestAQueryThatIsNotAcceptedIsToldOnce(t *testing.T) {
	s := begin(t, ClassCode)
	s.sent("pay")
	s.step(Input{Kind: Replied, Op: OpPay, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "wait 5s")
	for n := range 3 {
		s.step(Input{Kind: Due}, "call query")
		if e := s.step(Input{Kind: Replied, Op: OpQuery, Answer: status(401)}, "wait 3s"); e.Alarm != (n == 0) || e.Alarm && e.Why != "credentials" {
			t.Errorf("query %d: alarm %t, %q", n+1, e.Alarm, e.Why)
		}
	}
}

// What a customer keeps of a refund that is not over is a part of it given: the
// refund is not void, and waits for whoever gives the rest.
func TestARefundOfWhichAPartIsKeptIsNotVoid(t *testing.T) {
	s := Sale{ID: "r", Kind: Refund, State: Tendering, Total: 1000, Legs: []Leg{
		{ID: "a", Key: "a", No: 1, Class: ClassRefund, Of: "pa", Amount: 600, State: Rejected, SentOnce: true, Kept: true},
		{ID: "b", Key: "b", No: 2, Class: ClassRefund, Of: "pb", Amount: 400, State: Rejected},
	}}
	c := NewCourse(s, DefaultTimers(), access.Actor{ID: "till"}, false, Now{})
	if e := c.Step(Input{Kind: Resume}, Now{}); e.Kind != Record || e.Write.Sale.State != Unsettled {
		t.Fatalf("%+v", e)
	}
	if e := c.Step(Input{Kind: Recorded}, Now{}); e.Kind != Done {
		t.Errorf("%+v", e)
	}
	if e, err := c.GiveUp(access.Actor{ID: "1"}, "x", Now{}); err == nil {
		t.Errorf("given up: %+v", e)
	}
}

// The first request may be on its way still, which is why the second is refused
// and the query knows nothing.
func TestARefusedSecondTryOfARefundProvesNothing(t *testing.T) {
	s := begin(t, ClassRefund)
	s.sent("refund")
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	s.step(Input{Kind: Recorded}, "wait 5s")
	s.step(Input{Kind: Due}, "call refund query")
	for _, next := range []string{"wait 3s", "wait 3s", "wait 3s", "wait 1s"} { // at 15 s it is asked for again
		s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: no("", "订单不存在")}, next)
		if next == "wait 3s" {
			s.step(Input{Kind: Due}, "call refund query")
		}
	}
	s.step(Input{Kind: Due}, "record SENT")
	s.step(Input{Kind: Recorded}, "call refund")
	s.step(Input{Kind: Replied, Op: OpRefund, Answer: no("X", "可退金额不足")}, "wait 1s")
	s.step(Input{Kind: Due}, "call refund query")
	s.step(Input{Kind: Replied, Op: OpRefundQuery, Answer: no("", "订单不存在")}, "record UNKNOWN")
}
