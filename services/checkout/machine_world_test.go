package checkout

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bank is a gateway that knows what it really did and tells as much of it as
// the test draws. Money moves only inside it.
type bank struct {
	t        *rapid.T
	charged  bool
	refunded bool
	closed   bool
	exists   bool
	pays     int
}

func (b *bank) holds() bool { return b.charged && !b.refunded }

func (b *bank) state() OrderState {
	switch {
	case b.refunded:
		return OrderRefunded
	case b.charged:
		return OrderPaid
	case b.closed:
		return OrderClosed
	}
	return OrderNotPaid
}

func (b *bank) about(l Leg) Answer {
	a := ok(b.state())
	a.Key = l.Key
	return a
}

// garble loses or spoils an answer that was truthful.
func (b *bank) garble(a Answer) Answer {
	switch rapid.SampledFrom([]string{"fine", "fine", "fine", "lost", "500", "html", "unsigned", "forged", "bare"}).Draw(b.t, "answer") {
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

func (b *bank) pay(l Leg) Answer {
	switch rapid.SampledFrom([]string{"charge", "ask", "refuse", "swallow", "unreachable"}).Draw(b.t, "pay") {
	case "unreachable":
		return Answer{Delivery: NotSent, Message: "connection refused"}
	case "swallow":
		b.pays++
		return Answer{Delivery: Silent}
	case "refuse":
		b.pays++
		b.exists, b.closed = rapid.Bool().Draw(b.t, "kept"), true
		return b.garble(no("AUTH_CODE_INVALID", "付款码已过期"))
	case "ask":
		b.pays++
		b.exists = true
		return b.garble(no("USER_PAYING", ""))
	}
	b.pays++
	b.exists, b.charged = true, true
	return b.garble(b.about(l))
}

// think lets the customer act between two calls.
func (b *bank) think() {
	if b.exists && !b.charged && !b.closed && rapid.IntRange(0, 5).Draw(b.t, "customer") == 0 {
		b.charged = true
	}
}

func (b *bank) query(l Leg) Answer {
	if !b.exists {
		return b.garble(no("ORDER_NOT_EXIST", "订单不存在"))
	}
	return b.garble(b.about(l))
}

func (b *bank) reverse(l Leg) Answer {
	if rapid.IntRange(0, 3).Draw(b.t, "reverse refused") == 0 {
		return b.garble(no("SYSTEM_ERROR", "请稍后再试"))
	}
	if !b.exists {
		return b.garble(no("ORDER_NOT_EXIST", "订单不存在"))
	}
	if b.charged {
		b.refunded = true
	}
	b.closed = true
	return b.garble(Answer{Delivery: Answered, HTTP: 200, Verdict: success})
}

// world drives one leg through a hostile gateway, crashes and impatience, and
// checks the law after every step.
type world struct {
	t         *rapid.T
	bank      *bank
	now       Now
	disk      Leg // what would survive a crash
	paidAt    Instant
	startedAt Instant
	asked     bool
	queried   Instant
	everAsked bool
	crashes   int
}

// crashed draws a power cut, a few times in a leg's life.
func (w *world) crashed(chance int, when string) bool {
	if w.crashes >= 6 || rapid.IntRange(0, chance).Draw(w.t, when) != 0 {
		return false
	}
	w.crashes++
	return true
}

func (w *world) run() {
	m := NewMachine(w.disk, DefaultTimers())
	in := Input{Kind: Begin}
	for step := 0; step < 400; step++ {
		if w.crashed(40, "crash") {
			w.now.Mono += Instant(time.Duration(rapid.IntRange(0, 30).Draw(w.t, "down")) * time.Second)
			w.startedAt, w.everAsked = w.now.Mono, false
			m, in = NewMachine(w.disk, DefaultTimers()), Input{Kind: Resume}
		}
		w.bank.think()
		e := m.Step(in, w.now)
		switch e.Kind {
		case Done:
			w.check(m.Leg)
			return
		case Record:
			folded, err := w.disk.Apply(e.Event)
			if err != nil {
				w.t.Fatalf("the law's own table refuses: %v", err)
			}
			if w.crashed(60, "crash before commit") {
				w.startedAt, w.everAsked = w.now.Mono, false
				m, in = NewMachine(w.disk, DefaultTimers()), Input{Kind: Resume}
				continue
			}
			w.disk = folded
			in = Input{Kind: Recorded}
		case Wait:
			if e.Idle {
				w.check(m.Leg)
				return
			}
			if e.Until <= w.now.Mono {
				w.t.Fatalf("a wait until %v at %v never ends", e.Until, w.now.Mono)
			}
			if rapid.IntRange(0, 10).Draw(w.t, "impatient") == 0 {
				in = Input{Kind: CancelAsked}
				continue
			}
			w.now.Mono, in = e.Until, Input{Kind: Due}
		case Call:
			in = Input{Kind: Replied, Op: e.Op, Answer: w.call(e.Op)}
			w.now.Mono += Instant(time.Duration(rapid.IntRange(0, 20_000).Draw(w.t, "ms")) * time.Millisecond)
		}
	}
	w.t.Fatalf("400 steps and still %s", m.Leg.State)
}

func (w *world) call(op Op) Answer {
	switch op {
	case OpPay:
		if w.disk.State != Sent {
			w.t.Fatalf("a pay left before SENT was durable: %s", w.disk.State)
		}
		w.paidAt, w.asked = w.now.Mono, true
		a := w.bank.pay(w.disk)
		if w.bank.pays > 1 {
			w.t.Fatal("one key paid twice")
		}
		return a
	case OpQuery:
		if w.everAsked && w.now.Mono-w.queried < Instant(2*time.Second) {
			w.t.Fatal("queries under 2 s apart")
		}
		w.queried, w.everAsked = w.now.Mono, true
		return w.bank.query(w.disk)
	case OpReverse:
		if since := w.now.Mono - max(w.paidAt, w.startedAt); since < Instant(15*time.Second) {
			w.t.Fatalf("reversed %v after the pay or this start", time.Duration(since))
		}
		if w.disk.State != Reversing {
			w.t.Fatalf("a reversal left in state %s", w.disk.State)
		}
		return w.bank.reverse(w.disk)
	}
	w.t.Fatalf("unexpected call %d", op)
	return Answer{}
}

func (w *world) check(l Leg) {
	if l.State != w.disk.State {
		w.t.Fatalf("memory says %s, disk %s", l.State, w.disk.State)
	}
	holds := w.bank.holds()
	switch l.State {
	case Paid:
		if !holds {
			w.t.Fatal("PAID, and the bank holds nothing")
		}
	case Rejected, Reversed:
		if holds {
			w.t.Fatalf("%s (%s), and the bank holds the money", l.State, l.Reason.Code)
		}
		if w.bank.exists && !w.bank.closed && !w.bank.charged {
			w.t.Fatalf("%s (%s), and the customer can still pay", l.State, l.Reason.Code)
		}
	case Manual:
	default:
		w.t.Fatalf("done in state %s", l.State)
	}
}

func TestNoScheduleLosesOrDoublesMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := testLeg.Apply(LegEvent{LegID: testLeg.ID, Seq: 1, State: Intent})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, bank: &bank{t: t}, disk: l}
		w.run()
	})
}
