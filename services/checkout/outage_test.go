package checkout

import (
	"testing"
	"time"
)

// cable is a gateway behind a cable that is out until mended.
type cable struct {
	m        Machine
	now      Now
	mended   Instant
	reversed bool
	records  int // written while it was out
	calls    int // tried while it was out
}

func (c *cable) answer(op Op) Answer {
	if c.now.Mono < c.mended {
		c.calls++
		return Answer{Delivery: NotSent, Message: "network is unreachable"}
	}
	a := ok(OrderPaid)
	switch {
	case op == OpReverse:
		c.reversed = true
		return Answer{Delivery: Answered, HTTP: 200, Verdict: success}
	case op == OpRefundQuery && !c.reversed:
		return no("ORDER_NOT_EXIST", "退款单不存在")
	case op == OpRefund:
		c.reversed = true
	case op == OpQuery && c.reversed:
		a.Order = OrderRefunded
	}
	return a
}

// run goes on until nothing automatic is left.
func (c *cable) run(in Input) {
	for range 100_000 {
		e := c.m.Step(in, c.now)
		switch e.Kind {
		case Record:
			if c.now.Mono < c.mended {
				c.records++
			}
			in = Input{Kind: Recorded}
		case Call:
			in = Input{Kind: Replied, Op: e.Op, Answer: c.answer(e.Op)}
		case Wait:
			if e.Idle {
				return
			}
			c.now.Mono, in = e.Until, Input{Kind: Due}
		case Await, Done:
			return
		}
	}
}

// tornAway is a leg by which money is to go back, just as the cable comes out.
func tornAway(t *testing.T, class Class, mended time.Duration) *cable {
	t.Helper()
	s := begin(t, class)
	s.step(Input{Kind: Begin}, "record SENT")
	if class == ClassRefund {
		s.step(Input{Kind: Recorded}, "call refund")
		s.step(Input{Kind: Replied, Op: OpRefund, Answer: Answer{Delivery: Silent}}, "record UNKNOWN")
	} else {
		s.step(Input{Kind: Recorded}, "call pay")
		s.step(Input{Kind: Replied, Op: OpPay, Answer: ok(OrderPaid)}, "record PAID")
	}
	return &cable{m: s.m, now: s.now, mended: s.now.Mono + Instant(mended)}
}

// While nothing leaves the till, it asks now and then and writes nothing: what it
// would record is a deed that cannot be done. As soon as it is heard it does it.
func TestACableThatIsOutForHours(t *testing.T) {
	for _, class := range []Class{ClassCode, ClassRefund} {
		t.Run(string(class), func(t *testing.T) {
			c := tornAway(t, class, 20*time.Hour)
			in := Input{Kind: Recorded}
			if class == ClassCode {
				in.Kind = Undo
			}
			c.run(in)
			if want := map[Class]State{ClassCode: Reversed, ClassRefund: Paid}[class]; c.m.Leg.State != want {
				t.Fatalf("it ends %s, want %s", c.m.Leg.State, want)
			}
			if c.records > 4 {
				t.Errorf("%d steps were recorded while nothing could be done", c.records)
			}
			if c.calls > 20*12+30 {
				t.Errorf("the till tried %d times in 20 h", c.calls)
			}
			if late := time.Duration(c.now.Mono - c.mended); late > 7*time.Minute {
				t.Errorf("it took %v after the cable was mended", late)
			}
		})
	}
}

// A day of it is enough: then it is a person's.
func TestACableThatIsOutForADay(t *testing.T) {
	for _, class := range []Class{ClassCode, ClassRefund} {
		c := tornAway(t, class, 48*time.Hour)
		in := Input{Kind: Recorded}
		if class == ClassCode {
			in.Kind = Undo
		}
		c.run(in)
		if c.m.Leg.State != Manual || time.Duration(c.now.Mono) > 25*time.Hour {
			t.Errorf("%s is %s after %v, want MANUAL after a day", class, c.m.Leg.State, time.Duration(c.now.Mono))
		}
	}
}
