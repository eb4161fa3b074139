package checkout

import (
	"fmt"
	"strings"
	"time"
)

// Instant is monotonic time since an arbitrary point of this process. The
// wall clock never decides about money.
type Instant time.Duration

// Now is both clocks at once: Mono decides, Wall is only written down.
type Now struct {
	Mono Instant
	Wall time.Time
}

// Timers are the waits of the payment path.
type Timers struct {
	FirstQuery   time.Duration   // from the pay's unclear answer to the first query
	QueryEvery   time.Duration   // between queries
	QueryAtLeast time.Duration   // the provider allows no faster rhythm
	Window       time.Duration   // how long the customer may take
	ReverseAfter time.Duration   // no reversal earlier after the pay, or after this start
	Backoff      []time.Duration // between reversals; the last one repeats
	ManualAfter  int             // reversals that prove nothing, then a person
	Front        time.Duration   // how long a leg may hold the front screen
	Looks        []time.Duration // at a leg that is over without proof, counted from its end
}

// DefaultTimers follow the wallets' own rules: query no faster than every 2 s,
// reverse no earlier than 15 s after the pay.
func DefaultTimers() Timers {
	s := time.Second
	return Timers{
		FirstQuery: 5 * s, QueryEvery: 3 * s, QueryAtLeast: 2 * s, Window: 45 * s, ReverseAfter: 15 * s,
		Backoff:     []time.Duration{1 * s, 2 * s, 4 * s, 8 * s, 15 * s, 30 * s, 60 * s},
		ManualAfter: 12, Front: 90 * s, Looks: looks,
	}
}

// Scaled shortens every wait by the same factor, for crash tests.
func (t Timers) Scaled(div int) Timers {
	d := time.Duration(div)
	t.FirstQuery, t.QueryEvery, t.QueryAtLeast = t.FirstQuery/d, t.QueryEvery/d, t.QueryAtLeast/d
	t.Window, t.ReverseAfter, t.Front = t.Window/d, t.ReverseAfter/d, t.Front/d
	t.Backoff, t.Looks = divided(t.Backoff, d), divided(t.Looks, d)
	return t
}

func divided(waits []time.Duration, by time.Duration) []time.Duration {
	out := make([]time.Duration, len(waits))
	for i, w := range waits {
		out[i] = w / by
	}
	return out
}

// Op is a call to a provider.
type Op uint8

// The calls.
const (
	OpPay      Op = iota + 1 // the one pay of the key
	OpTake                   // the one consume of a card or an account
	OpQuery                  // pay/query by our key
	OpReverse                // cancel by our key
	OpEvidence               // read the card or account again, after silence
)

// InputKind is what happened.
type InputKind uint8

// The inputs of the machine.
const (
	Begin       InputKind = iota + 1 // a fresh leg, its INTENT durable
	Undo                             // a paid leg, to be taken back: its sale is given up
	Resume                           // this process found the leg at its start
	Recorded                         // the event asked for is durable
	Replied                          // the call asked for returned Answer
	Due                              // the wait is over
	CancelAsked                      // the cashier pressed 取消收款
)

// Input is one thing that happened.
type Input struct {
	Kind   InputKind
	Op     Op     // with Replied
	Answer Answer // with Replied
	Cancel bool   // CancelAsked came while something else was going on
}

// EffectKind is what is to be done.
type EffectKind uint8

// The effects. Exactly one follows each input.
const (
	Done   EffectKind = iota // nothing is left that can be done automatically
	Record                   // make Event durable, then feed Recorded
	Call                     // call Op, then feed Replied
	Wait                     // until Until, then feed Due; CancelAsked may come first
)

// Effect is the one thing to do now.
type Effect struct {
	Kind  EffectKind
	Event LegEvent // with Record
	Op    Op       // with Call
	Until Instant  // with Wait
	Alarm bool     // a person should know: the provider's books and ours differ
}

// Machine is the law of one leg. It is a value: Step returns the next machine
// and leaves the old one as it was.
type Machine struct {
	Leg    Leg
	timers Timers

	queryAt     Instant // no query before
	lastQuery   Instant
	asked       bool    // lastQuery is set
	reverseAt   Instant // no reversal before
	windowEnd   Instant // then reverse
	called      bool    // the one pay or consume has been asked for
	cancel      bool    // the cashier wants out
	look        bool    // one query at once, whatever the rhythm
	onlyLook    *Reason // that query decides an explicit refusal
	known       bool    // the provider knew the key before this pay (801)
	reverse     bool    // the recorded reversal has yet to be called
	acked       bool    // the last reverse call was answered
	unsent      int     // reversals recorded of which provably nothing left
	unreachable *Reason // tried often enough
	providerNo  string  // of the last answer that named one
	missing     int     // consecutive "no such order" after answered reversals
	alarm       bool
}

// NewMachine is the machine of a leg in whatever state its events left it.
func NewMachine(l Leg, t Timers) Machine { return Machine{Leg: l, timers: t} }

// Step takes one input and says what to do.
func (m Machine) Step(in Input, now Now) (Machine, Effect) {
	m.alarm = false
	m.cancel = m.cancel || in.Cancel
	var e Effect
	switch in.Kind {
	case Resume:
		e = m.resume(now)
	case Undo:
		e = m.takeBack(now)
	case Replied:
		e = m.replied(in, now)
	case CancelAsked:
		m.cancel = true
		e = m.proceed(now)
	case Begin, Recorded, Due:
		e = m.proceed(now)
	}
	e.Alarm = m.alarm
	return m, e
}

// resume decides what a process does with a leg an earlier one left behind.
// No reversal within ReverseAfter of this start: how long ago the pay was
// cannot be known from a wall clock.
func (m *Machine) resume(now Now) Effect {
	m.reverseAt = now.after(m.timers.ReverseAfter)
	m.windowEnd = m.reverseAt
	m.unsent = m.Leg.Reversals // nobody remembers which of them left
	switch m.Leg.State {
	case Intent:
		if !m.Leg.SentOnce {
			return m.record(now, Rejected, Reason{Code: "never_sent", Message: "The till stopped before anything was sent."})
		}
	case Sent, Pending:
		m.look = true
		return m.record(now, Unknown, Reason{Code: "restarted", Message: "The till stopped before the answer came."})
	case Unknown, Reversing:
		m.look = true
	case Paid, Reversed, Rejected, Manual:
	}
	return m.proceed(now)
}

// takeBack begins to reverse a paid leg. How long ago it was paid is not asked:
// it waits as long as after a pay.
func (m *Machine) takeBack(now Now) Effect {
	if m.Leg.State != Paid || m.Leg.Class != ClassCode {
		return m.proceed(now)
	}
	m.reverseAt = now.after(m.timers.ReverseAfter)
	m.reverse = true
	return m.record(now, Reversing, Reason{Code: "taken_back"})
}

// proceed does what the state calls for.
func (m *Machine) proceed(now Now) Effect {
	switch m.Leg.State {
	case Intent:
		if m.unreachable != nil {
			return m.record(now, Rejected, *m.unreachable)
		}
		if m.cancel {
			return m.record(now, Rejected, Reason{Code: "cancelled", Message: "Cancelled before anything was sent."})
		}
		return m.record(now, Sent, Reason{})
	case Sent:
		if m.called {
			return m.query(now)
		}
		m.called = true
		m.reverseAt = now.after(m.timers.ReverseAfter)
		m.windowEnd = now.after(m.timers.Window)
		if m.Leg.Class.silent() {
			return Effect{Kind: Call, Op: OpTake}
		}
		return Effect{Kind: Call, Op: OpPay}
	case Pending, Unknown:
		if m.Leg.Class.silent() {
			return Effect{Kind: Call, Op: OpEvidence}
		}
		return m.findOut(now)
	case Reversing:
		return m.undo(now)
	case Paid, Reversed, Rejected, Manual:
	}
	return Effect{Kind: Done}
}

// findOut queries in its rhythm until the window closes or the cashier gives
// up, then reverses.
func (m *Machine) findOut(now Now) Effect {
	giveUp := m.windowEnd
	if m.cancel {
		giveUp = m.reverseAt
	}
	giveUp = max(giveUp, m.reverseAt)
	switch {
	case m.look, !m.asked && now.Mono >= m.queryAt:
		return m.query(now)
	case m.asked && now.Mono >= giveUp: // queries that take long must not put it off
		m.reverse = true
		return m.record(now, Reversing, Reason{Code: "gave_up", Message: m.Leg.Reason.Message})
	case now.Mono >= m.queryAt:
		return m.query(now)
	case !m.asked:
		return Effect{Kind: Wait, Until: m.queryAt}
	}
	return Effect{Kind: Wait, Until: min(m.queryAt, giveUp)}
}

// undo alternates reverse and query. Only the query proves a reversal.
func (m *Machine) undo(now Now) Effect {
	switch {
	case m.reverse:
		if now.Mono < m.reverseAt {
			return Effect{Kind: Wait, Until: m.reverseAt}
		}
		m.reverse = false
		return Effect{Kind: Call, Op: OpReverse}
	case m.look:
		return m.query(now)
	case m.Leg.Reversals-m.unsent >= m.timers.ManualAfter:
		return m.record(now, Manual, Reason{Code: "not_reversed", Message: fmt.Sprintf("%d reversals proved nothing.", m.Leg.Reversals)})
	case now.Mono < m.reverseAt:
		return Effect{Kind: Wait, Until: m.reverseAt}
	}
	m.reverse = true
	return m.record(now, Reversing, m.Leg.Reason)
}

func (m *Machine) query(now Now) Effect {
	if m.asked {
		if soonest := m.lastQuery + Instant(m.timers.QueryAtLeast); now.Mono < soonest {
			return Effect{Kind: Wait, Until: soonest}
		}
	}
	m.look, m.asked, m.lastQuery = false, true, now.Mono
	return Effect{Kind: Call, Op: OpQuery}
}

func (m *Machine) replied(in Input, now Now) Effect {
	a := in.Answer
	if a.ProviderNo != "" {
		m.providerNo = a.ProviderNo
	}
	switch in.Op {
	case OpPay:
		return m.payReplied(a, now)
	case OpTake:
		return m.takeReplied(a, now)
	case OpQuery:
		return m.queryReplied(a, now)
	case OpReverse:
		if a.Delivery == NotSent {
			m.unsent++ // an unplugged cable proves nothing about the provider
		}
		m.acked = a.Delivery == Answered && a.HTTP == 200 && (a.Verdict == success || orderMissing(a))
		m.look = true
		return m.proceed(now)
	case OpEvidence:
		return m.record(now, Manual, m.evidence(a))
	}
	return m.proceed(now)
}

func (m *Machine) payReplied(a Answer, now Now) Effect {
	m.queryAt = now.after(m.timers.FirstQuery)
	switch v := judgePay(m.Leg, a); v {
	case paid:
		return m.paid(now, a)
	case claimed, duplicate:
		m.known = v == duplicate
		return m.query(now)
	case paying:
		return m.record(now, Pending, reason("user_paying", a))
	case refused:
		r := refusal(a)
		m.onlyLook = &r
		return m.query(now)
	case notSent:
		return m.notSent(now, a)
	case mismatch:
		m.alarm = true
		return m.record(now, Unknown, reason("mismatch", a))
	default:
		return m.record(now, Unknown, unclearReason(a))
	}
}

func (m *Machine) takeReplied(a Answer, now Now) Effect {
	switch judgeTake(m.Leg, a) {
	case paid:
		return m.paid(now, a)
	case refused:
		return m.record(now, Rejected, refusal(a))
	case notSent:
		return m.notSent(now, a)
	case mismatch:
		m.alarm = true
		r := reason("mismatch", a)
		r.Message = strings.TrimSpace(a.Amount.Yuan() + " " + r.Message)
		return m.record(now, Unknown, r)
	default:
		return m.record(now, Unknown, unclearReason(a))
	}
}

// maxTries bounds how often a call that provably never left is tried again.
const maxTries = 3

func (m *Machine) notSent(now Now, a Answer) Effect {
	r := Reason{Code: "unreachable", Message: a.Message}
	if a.OurFault {
		r.Code = "not_sendable"
	}
	m.called = false
	if m.Leg.Attempts >= maxTries || m.cancel || a.OurFault {
		m.unreachable = &r
	}
	return m.record(now, Intent, r) // proven unsent, whatever comes next
}

func (m *Machine) queryReplied(a Answer, now Now) Effect {
	v := judgeQuery(m.Leg, a)
	m.alarm = v == mismatch
	m.queryAt = now.after(m.timers.QueryEvery)
	switch m.Leg.State {
	case Sent:
		return m.firstLook(v, a, now)
	case Reversing:
		return m.reversalLook(v, a, now)
	case Pending, Unknown:
		return m.poll(v, a, now)
	case Intent, Paid, Reversed, Rejected, Manual:
	}
	return Effect{Kind: Done}
}

// firstLook is the one query straight after a pay that was refused, that
// claimed success without full proof, or whose key was already known.
func (m *Machine) firstLook(v verdict, a Answer, now Now) Effect {
	switch {
	case v == paid:
		return m.paid(now, a)
	case v == paying:
		m.onlyLook = nil
		return m.record(now, Pending, reason("user_paying", a))
	case v == mismatch && m.known:
		return m.record(now, Manual, reason("mismatch", a))
	case m.onlyLook != nil && v != unclear && v != mismatch:
		return m.record(now, Rejected, *m.onlyLook)
	case m.onlyLook != nil:
		return m.record(now, Unknown, *m.onlyLook)
	}
	return m.record(now, Unknown, reason("unconfirmed", a))
}

func (m *Machine) poll(v verdict, a Answer, now Now) Effect {
	switch v {
	case paid:
		return m.paid(now, a)
	case paying:
		if m.Leg.State != Pending {
			return m.record(now, Pending, reason("user_paying", a))
		}
	case closed:
		return m.record(now, Rejected, reason("closed", a))
	case refunded:
		return m.record(now, Reversed, reason("refunded", a))
	case mismatch:
		if m.Leg.Reason.Code != "mismatch" {
			return m.record(now, Unknown, reason("mismatch", a))
		}
	default:
	}
	return m.proceed(now)
}

// reversalLook reads the query that follows a reversal. "No such order" counts
// only after a reverse call that was answered, and only twice in a row: right
// after a silence it may merely be early.
func (m *Machine) reversalLook(v verdict, a Answer, now Now) Effect {
	switch v {
	case closed, refunded:
		return m.record(now, Reversed, reason("reversed", a))
	case missing:
		if m.acked {
			if m.missing++; m.missing >= 2 {
				return m.record(now, Reversed, reason("never_arrived", a))
			}
		}
	default:
		m.missing = 0
	}
	backoff := m.timers.Backoff[min(max(0, m.Leg.Reversals-1), len(m.timers.Backoff)-1)]
	m.reverseAt = max(m.reverseAt, now.after(backoff))
	return m.proceed(now)
}

func (m *Machine) paid(now Now, a Answer) Effect {
	e := m.event(now, Paid, Reason{})
	e.ProviderNo, e.PaidAt = a.ProviderNo, a.PaidAt
	return m.apply(e)
}

func (m *Machine) record(now Now, s State, r Reason) Effect { return m.apply(m.event(now, s, r)) }

func (m *Machine) event(now Now, s State, r Reason) LegEvent {
	e := LegEvent{LegID: m.Leg.ID, Seq: m.Leg.Seq + 1, State: s, At: now.Wall, Reason: r}
	if s == Unknown || s == Manual {
		e.ProviderNo = m.providerNo // whoever takes it back by hand needs it
	}
	return e
}

// apply folds the event the machine itself chose; the law's own table refusing
// it would be a defect of the machine, and no money may move on a defect.
func (m *Machine) apply(e LegEvent) Effect {
	l, err := m.Leg.Apply(e)
	if err != nil {
		panic("checkout: " + err.Error())
	}
	m.Leg = l
	return Effect{Kind: Record, Event: e}
}

func (n Now) after(d time.Duration) Instant { return n.Mono + Instant(d) }

func reason(code string, a Answer) Reason {
	return Reason{Code: code, RawCode: a.Code, Message: a.Message}
}

func refusal(a Answer) Reason {
	if a.HTTP == 401 || a.HTTP == 403 || keyRefused(a) || clockOrKey(a) {
		return reason("credentials", a)
	}
	return reason("refused", a)
}

func unclearReason(a Answer) Reason {
	if a.Delivery == Silent {
		return reason("silent", a)
	}
	return reason("unreadable", a)
}
