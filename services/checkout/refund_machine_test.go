package checkout

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// giver is a provider of one refund that tells as little of it as it likes: a
// refund under way is not found where only those that are done are asked for, and
// reads as a success where all are.
type giver struct {
	t       *rapid.T
	known   bool // under its number
	queries int  // until it is done
}

func (g *giver) done() bool { return g.known && g.queries <= 0 }

func (g *giver) garble(a Answer) Answer {
	switch rapid.SampledFrom([]string{"fine", "fine", "fine", "lost", "500", "html", "unsigned", "forged", "bare"}).Draw(g.t, "answer") {
	case "lost":
		return Answer{Delivery: Silent}
	case "500":
		return status(500)
	case "html":
		return status(200)
	case "unsigned":
		a.Signature = Unsigned
	case "forged":
		a.Signature = Forged
	case "bare":
		a.Key, a.HasAmount = "", false
	}
	return a
}

func (g *giver) refund(l Leg) Answer {
	switch rapid.SampledFrom([]string{"do", "slow", "refuse", "swallow", "unreachable"}).Draw(g.t, "refund") {
	case "unreachable":
		return Answer{Delivery: NotSent, Message: "connection refused"}
	case "swallow":
		return Answer{Delivery: Silent}
	case "refuse":
		if g.known { // what it has it has, whatever it says to a second asking
			return g.garble(no("PARAMETER_ERROR", "退款单号已存在"))
		}
		return g.garble(no("BUSINESS", "商户余额不足"))
	case "slow":
		if !g.known {
			g.known, g.queries = true, rapid.IntRange(1, 60).Draw(g.t, "queries")
		}
		if !g.done() {
			return g.garble(no("REFUNDING", "退款中"))
		}
	}
	if g.known && !g.done() {
		return g.garble(no("REFUNDING", "退款中"))
	}
	g.known = true
	return g.garble(g.about(l))
}

func (g *giver) about(l Leg) Answer {
	return Answer{Delivery: Answered, HTTP: 200, Verdict: success, Key: l.Key, Amount: l.Amount, HasAmount: true, Signature: Signed}
}

func (g *giver) query(l Leg) Answer {
	if g.queries--; g.done() {
		return g.garble(g.about(l))
	}
	return RefundAsked(g.garble(no("ORDER_NOT_EXIST", "订单不存在")), func() Answer {
		if !g.known {
			return g.garble(no("ORDER_NOT_EXIST", "订单不存在"))
		}
		return g.garble(g.about(l))
	})
}

// Whatever the provider says, loses and does, and whenever the till stops: what
// the books call given was given, and what they call refused was not and is not
// under way, so that it may be given another way.
func TestNoScheduleGivesBackTwiceOrNever(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := testLeg
		l.Class, l.Of = ClassRefund, "payment"
		disk := mustApply(l, LegEvent{LegID: l.ID, Seq: 1, State: Intent})
		g := &giver{t: t}
		var now Now
		m, in := NewMachine(disk, DefaultTimers()), Input{Kind: Begin}
		crashes := 0
		for step := 0; ; step++ {
			if step > 20_000 {
				t.Fatalf("never ends: %s", m.Leg.State)
			}
			if crashes < 4 && rapid.IntRange(0, 30).Draw(t, "crash") == 0 {
				crashes++
				now.Mono += Instant(time.Minute)
				m, in = NewMachine(disk, DefaultTimers()), Input{Kind: Resume}
			}
			e := m.Step(in, now)
			switch e.Kind {
			case Done:
				end(t, m.Leg, disk, g)
				return
			case Record:
				disk = mustApply(disk, e.Event)
				in = Input{Kind: Recorded}
			case Wait:
				now.Mono, in = e.Until, Input{Kind: Due}
			case Call:
				a := g.query(disk)
				if e.Op == OpRefund {
					if disk.State != Sent {
						t.Fatalf("a refund left in state %s", disk.State)
					}
					a = g.refund(disk)
				}
				in = Input{Kind: Replied, Op: e.Op, Answer: a}
				now.Mono += Instant(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "ms")) * time.Millisecond)
			default:
				t.Fatalf("%+v", e)
			}
		}
	})
}

func end(t *rapid.T, l, disk Leg, g *giver) {
	switch {
	case l.State != disk.State:
		t.Fatalf("memory says %s, disk %s", l.State, disk.State)
	case l.State == Paid && !g.done():
		t.Fatal("PAID, and nothing went back")
	case l.State == Rejected && g.known:
		t.Fatalf("REJECTED (%s), and the provider has it", l.Reason.Code)
	case l.State != Paid && l.State != Rejected && l.State != Manual:
		t.Fatalf("done in state %s", l.State)
	}
}
