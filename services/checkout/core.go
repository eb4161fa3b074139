package checkout

import (
	"fmt"
	"strings"
	"time"

	"cashier/services/access"
	"cashier/services/fault"
)

// This file is the law of a sale and of each of its legs: from where they stand
// and one thing that happened to where they stand next and the one thing to do
// now. It does no I/O, starts nothing, and has no clock. The desk carries out
// what it says; so does the simulator. Two values hold it all: a Course is the
// law of one sale, and hands its open leg to a Machine, the law of one leg.
//
// One sale, followed through: it is frozen with the legs of its plan, each at
// INTENT, and Begin is fed. Course.drive gives it to the machine of its first open
// leg, whose proceed asks to Record SENT; Recorded, it asks to Call OpPay. Replied
// leads to payReplied, and from there to Record PAID, or through queries and
// reversals. Course.advance makes the last PAID complete the sale in the same
// transaction. When the machine is Done, Course.next takes up the next leg, drops
// what is not begun any more, or brings the sale to its end.

// Course is the law of one sale. It is a value, as a Machine is: a copy of it goes
// its own way.
type Course struct {
	Sale   Sale
	timers Timers
	till   access.Actor // the till itself, for what nobody asked for

	leg       Machine // of the leg under way
	on        bool    // there is one
	out       bool    // a call of it is out
	quit      bool    // the cashier wants out; no further leg is begun
	closing   bool    // the till is being closed; likewise, and what was sent stays as it is
	front     bool    // a cashier waits at the counter for this sale
	frontEnds Instant
	aside     bool // it has held the counter for long enough
}

// NewCourse is the course of a sale as the books have it. front says that a
// cashier waits for it at the counter.
func NewCourse(s Sale, t Timers, till access.Actor, front bool, now Now) Course {
	c := Course{Sale: s, timers: t, till: till, front: front, frontEnds: Never}
	if front {
		c.frontEnds = now.after(t.Front)
	}
	return c
}

// Step takes one input and says what to do.
func (c *Course) Step(in Input, now Now) Effect {
	c.quit = c.quit || in.Cancel || in.Kind == CancelAsked
	in.Cancel = c.quit
	c.closing = c.closing || in.Closing
	in.Closing = c.closing
	var e Effect
	switch in.Kind {
	case Begin, Resume:
		e = c.take(in.Kind, now)
	case Recorded:
		if in.ReceiptNo != "" {
			c.Sale.ReceiptNo = in.ReceiptNo
		}
		e = c.recorded(&in, now)
	case Due:
		if c.front && now.Mono >= c.frontEnds {
			e = c.setAside(now)
			break
		}
		e = c.recorded(&in, now)
	case Replied:
		c.out = false
		e = c.drive(&in, now)
	case Undo, CancelAsked, Unwritten:
		e = c.drive(&in, now)
	case Hurry:
		e = c.recorded(&in, now)
	}
	return e
}

// Leg is the leg under way, if there is one.
func (c *Course) Leg() (Leg, bool) { return c.leg.Leg, c.on }

// At is the course with the sale as the books have it.
func (c Course) At(s Sale) Course {
	c.Sale = s
	if l, ok := s.leg(func(l Leg) bool { return l.ID == c.leg.Leg.ID }); ok {
		c.leg.Leg = l
	}
	return c
}

// take begins, or takes up again, the leg that is open.
func (c *Course) take(how InputKind, now Now) Effect {
	l, open := c.Sale.OpenLeg()
	if !open {
		return c.next(now)
	}
	return c.lead(l, how, now)
}

func (c *Course) lead(l Leg, how InputKind, now Now) Effect {
	c.leg, c.on = NewMachine(l, c.timers), true
	return c.drive(&Input{Kind: how, Cancel: c.quit, Closing: c.closing}, now)
}

// recorded goes on where the write or the wait interrupted.
func (c *Course) recorded(in *Input, now Now) Effect {
	switch {
	case c.out:
		return Effect{Kind: Await, Until: c.frontEnds}
	case c.on:
		return c.drive(in, now)
	}
	return c.next(now)
}

// drive gives an input to the machine of the leg under way and makes its effect
// one of the sale.
func (c *Course) drive(in *Input, now Now) Effect {
	before := c.leg.Leg
	e := c.leg.step(in, now)
	switch e.Kind {
	case Record:
		write := c.advance(before, c.leg.Leg, e.Event, now)
		write.Alarm, write.Why = e.Alarm, e.Why
		return write
	case Call:
		c.out, e.Until = true, c.frontEnds
	case Wait:
		if e.Idle { // a person's now: the sale need not wait for that
			if end := c.next(now); end.Kind != Done {
				return end
			}
		}
		if c.front && now.Mono >= c.frontEnds {
			return c.setAside(now)
		}
		e.Until = min(e.Until, c.frontEnds)
	case Done:
		c.on = false
		return c.next(now)
	case Await:
	}
	return e
}

// advance writes one step of a leg. The step that settles the sale completes it
// in the same transaction.
func (c *Course) advance(before, after Leg, e LegEvent, now Now) Effect {
	s, entries := c.Sale.withLeg(after), movedEntries(before, after)
	if e.State == Paid && s.Settled() && s.State != Compensating {
		return c.finish(s, []LegEvent{e}, entries, now)
	}
	act := c.act("leg."+string(e.State), after.Key, e.Reason.Code, now)
	return c.write(Write{Kind: Advance, Sale: s, Events: []LegEvent{e}, Entries: entries, Act: act})
}

func (c *Course) write(w Write) Effect {
	c.Sale = w.Sale
	return Effect{Kind: Record, Write: &w}
}

func (c *Course) act(what, subject, detail string, now Now) Act {
	return Act{Actor: c.till, What: what, Subject: subject, Detail: detail, At: now.Wall}
}

// next is what becomes of a sale when none of its legs is under way.
func (c *Course) next(now Now) Effect {
	s := c.Sale
	planned, waits := s.planned()
	back, undoable := s.undoable()
	open, isOpen := s.OpenLeg()
	waitedFor := c.front && s.Kind == Goods && s.State != Compensating // somebody can offer another tender
	switch {
	case s.over():
	case waits && c.front && !c.quit && !c.closing && s.proven(planned):
		return c.lead(planned, Begin, now)
	case waits: // nothing of it was sent
		return c.drop(planned, now)
	case s.State == Compensating && isOpen:
	case s.State == Compensating && undoable:
		return c.lead(back, Undo, now)
	case s.State == Compensating:
		return c.void(now)
	case s.Settled():
		return c.finish(s, nil, nil, now)
	case isOpen:
		if open.State == Manual && s.State == Tendering {
			return c.unsettle(open.Reason.Code, now)
		}
	case s.partlyPaid():
		if !waitedFor && s.State == Tendering {
			return c.unsettle(s.partly(), now)
		}
	case !waitedFor:
		return c.void(now)
	}
	return Effect{Kind: Done}
}

// drop rejects a leg that was planned and is not begun any more.
func (c *Course) drop(l Leg, now Now) Effect {
	e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: Rejected, At: now.Wall, Reason: Reason{Code: "not_begun"}}
	return c.advance(l, mustApply(l, e), e, now)
}

// finish ends a sale as COMPLETE.
func (c *Course) finish(s Sale, last []LegEvent, entries []Entry, now Now) Effect {
	s.State, s.ClosedAt, s.Reason = Complete, now.Wall, ""
	act := c.act("sale.complete", s.ID, s.Total.String(), now)
	act.Actor = s.Actor
	return c.write(Write{Kind: Finish, Sale: s, Events: last, Entries: append(entries, completeEntries(s)...), Act: act})
}

// setAside frees the counter: the leg goes on in the background.
func (c *Course) setAside(now Now) Effect {
	c.front, c.aside, c.frontEnds = false, true, Never
	if open, ok := c.Sale.OpenLeg(); ok && c.Sale.State == Tendering {
		return c.unsettle(open.Reason.Code, now)
	}
	return c.recorded(&Input{Kind: Due, Cancel: c.quit}, now)
}

func (c *Course) unsettle(why string, now Now) Effect {
	s := c.Sale
	s.State, s.Reason = Unsettled, why
	return c.write(Write{Kind: EndOrPark, Sale: s, Act: c.act("sale.unsettled", s.ID, why, now)})
}

// GiveUp ends a sale because a person wants it, or begins to take back what a
// provider took for it. What cannot be taken back keeps it from ending.
func (c *Course) GiveUp(by access.Actor, why string, now Now) (Effect, error) {
	s := c.Sale
	s.Reason = why
	if l, oneWay := s.leg(func(l Leg) bool { return l.State == Paid && l.oneWay() }); oneWay {
		return Effect{}, errPaidLeg(l)
	}
	if _, ok := s.undoable(); ok {
		s.State = Compensating
		return c.write(Write{Kind: EndOrPark, Sale: s, Act: Act{Actor: by, What: "sale.compensate", Subject: s.ID, Detail: why, At: now.Wall}}), nil
	}
	w, err := voided(s, by, now)
	if err != nil {
		return Effect{}, err
	}
	return c.write(w), nil
}

// Decide ends a leg that was left to a person, as that person says.
func (c *Course) Decide(by access.Actor, l Leg, as State, why Reason, now Now) (Effect, error) {
	e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: as, At: now.Wall, Reason: why}
	after, err := l.Apply(e)
	if err != nil {
		return Effect{}, fault.Wrap(err, fault.Invalid, "resolve.bad_state", "A payment is settled by hand as PAID, REVERSED or REJECTED.")
	}
	ef := c.advance(l, after, e, now)
	ef.Write.Act.Actor = by
	if ef.Write.Kind == Advance {
		ef.Write.Act.What, ef.Write.Act.Detail = "leg.resolve", string(as)+": "+why.Message
	} else {
		ef.Write.Act.Detail += "; " + l.Key + " " + string(as) + ": " + why.Message
	}
	return ef, nil
}

// void ends a sale that keeps no money.
func (c *Course) void(now Now) Effect {
	w, err := voided(c.Sale, c.till, now)
	if err != nil { // paid by what nobody can take back: a person's
		return Effect{Kind: Done}
	}
	return c.write(w)
}

// voided books counted cash back and ends the sale.
func voided(s Sale, by access.Actor, now Now) (Write, error) {
	w := Write{Kind: EndOrPark, Act: Act{Actor: by, What: "sale.void", Subject: s.ID, Detail: s.Reason, At: now.Wall}}
	for _, l := range s.Legs {
		if l.stays() {
			return Write{}, errPaidLeg(l)
		}
		if l.State != Paid {
			continue
		}
		e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: Reversed, At: now.Wall, Reason: Reason{Code: "handed_back"}}
		s = s.withLeg(mustApply(l, e))
		w.Events, w.Entries = append(w.Events, e), append(w.Entries, reversedEntries(l)...)
	}
	s.State, s.ClosedAt = Voided, now.Wall
	w.Sale = s
	return w, nil
}

// Machine is the law of one leg.
type Machine struct {
	Leg    Leg
	timers Timers

	queryAt     Instant // no query before
	lastQuery   Instant
	asked       bool    // lastQuery is set
	reverseAt   Instant // no reversal before
	windowEnd   Instant // then reverse
	personAt    Instant // then a person
	called      bool    // the one pay or consume has been asked for
	cancel      bool    // the cashier wants out
	closing     bool    // the till is being closed
	look        bool    // one query at once, whatever the rhythm
	onlyLook    *Reason // that query decides an explicit refusal
	known       bool    // the provider knew the key before this pay (801)
	reverse     bool    // the recorded reversal has yet to be called
	acked       bool    // the last reverse call was answered
	unsent      int     // reversals recorded of which provably nothing left
	deaf        int     // consecutive queries of which provably nothing left
	unreachable *Reason // tried often enough
	providerNo  string  // of the last answer that named one
	missing     int     // consecutive "no such order" after answered reversals
	alarm       bool
	why         string // the alarm
	alarmed     bool   // of a leg left to a person: once is enough
	heard       Answer // the last one
}

// NewMachine is the machine of a leg in whatever state its events left it.
func NewMachine(l Leg, t Timers) Machine { return Machine{Leg: l, timers: t, personAt: Never} }

// Step takes one input and says what to do.
func (m *Machine) Step(in Input, now Now) Effect { return m.step(&in, now) }

func (m *Machine) step(in *Input, now Now) Effect {
	m.alarm = false
	m.cancel, m.closing = m.cancel || in.Cancel, m.closing || in.Closing
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
	case Unwritten:
		e = m.record(now, Rejected, Reason{Code: "never_sent", Message: "It could not be recorded, so it was not sent."})
	case Begin:
		m.personAt = now.after(m.timers.Automatic)
		e = m.proceed(now)
	case Hurry:
		m.look = true
		e = m.proceed(now)
	case Recorded, Due:
		e = m.proceed(now)
	}
	if e.Alarm = m.alarm; m.alarm {
		e.Why = m.why
	}
	return e
}

// resume decides what a process does with a leg an earlier one left behind.
// No reversal within ReverseAfter of this start: how long ago the pay was
// cannot be known from a wall clock. Nor does that clock alone hand the leg to
// a person: a jump of it leaves time for all that can be done automatically.
func (m *Machine) resume(now Now) Effect {
	m.reverseAt = now.after(m.timers.ReverseAfter)
	m.windowEnd = m.reverseAt
	age := max(0, now.Wall.Sub(m.Leg.IntentAt))
	m.personAt = now.after(max(m.timers.Automatic-age, m.timers.Automatic/96)) // 15 min of a day
	m.unsent = m.Leg.Reversals                                                 // nobody remembers which of them left
	m.queryAt = now.Mono
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
	case Manual:
		m.queryAt = now.after(m.timers.QueryAtLeast)
	case Paid, Reversed, Rejected:
	}
	return m.proceed(now)
}

// takeBack begins to reverse a paid leg. How long ago it was paid is not asked:
// it waits as long as after a pay.
func (m *Machine) takeBack(now Now) Effect {
	if m.Leg.State != Paid || m.Leg.Class != ClassCode {
		return m.proceed(now)
	}
	m.reverseAt, m.personAt = now.after(m.timers.ReverseAfter), now.after(m.timers.Automatic)
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
		if m.cancel || m.closing {
			return m.record(now, Rejected, Reason{Code: "cancelled", Message: "Cancelled before anything was sent."})
		}
		if m.Leg.Class == ClassRecorded { // of a refund: all that goes back before it is proven
			return m.paid(now, &Answer{})
		}
		return m.record(now, Sent, Reason{})
	case Sent:
		if m.called {
			return m.query(now)
		}
		m.called = true
		m.reverseAt = now.after(m.timers.ReverseAfter)
		m.windowEnd = now.after(m.timers.Window)
		return Effect{Kind: Call, Op: m.deed(now)}
	case Pending, Unknown:
		if m.Leg.Class.silent() {
			return Effect{Kind: Call, Op: OpEvidence}
		}
		return m.findOut(now)
	case Reversing:
		return m.undo(now)
	case Manual:
		return m.askOn(now)
	case Paid, Reversed, Rejected:
	}
	return Effect{Kind: Done}
}

// deed is the call that moves the money of a leg.
func (m *Machine) deed(now Now) Op {
	switch m.Leg.Class {
	case ClassCode:
		if m.Leg.Method == MethodQR {
			m.windowEnd = now.after(m.timers.Front)
			return OpPrecreate
		}
		return OpPay
	case ClassRefund:
		m.windowEnd = now.after(m.timers.FirstQuery + m.backoff(m.Leg.Attempts))
		return OpRefund
	case ClassCard, ClassMember, ClassRecorded:
	}
	return OpTake
}

// findOut queries in its rhythm until the window closes or the cashier gives
// up; then a payment is reversed, and a refund asked for again by its number.
func (m *Machine) findOut(now Now) Effect {
	giveUp := m.windowEnd
	if m.cancel && m.Leg.Class != ClassRefund {
		giveUp = m.reverseAt
	}
	giveUp = max(giveUp, m.reverseAt)
	switch {
	case m.look, !m.asked && now.Mono >= m.queryAt:
		return m.query(now)
	case m.asked && now.Mono >= giveUp && !m.cutOff(now): // queries that take long must not put it off
		if m.Leg.Class == ClassRefund {
			return m.again(now)
		}
		m.reverse = true
		return m.record(now, Reversing, Reason{Code: "gave_up", Message: m.Leg.Reason.Message})
	case now.Mono >= m.queryAt:
		return m.query(now)
	case !m.asked || now.Mono >= giveUp:
		return Effect{Kind: Wait, Until: m.queryAt}
	}
	return Effect{Kind: Wait, Until: min(m.queryAt, giveUp)}
}

// again repeats a refund under its number, which makes it the same refund,
// unless the provider has it already or it was tried often enough.
func (m *Machine) again(now Now) Effect {
	switch {
	case m.Leg.Attempts-m.unsent >= m.timers.ManualAfter, now.Mono >= m.personAt:
		return m.record(now, Manual, Reason{Code: "not_refunded", RawCode: m.Leg.Reason.RawCode, Message: m.Leg.Reason.Message})
	case m.Leg.State == Pending: // it is at it; only ask on
		m.windowEnd = now.after(m.timers.Window)
		return m.findOut(now)
	}
	m.called = false
	return m.record(now, Sent, m.Leg.Reason)
}

// undo alternates reverse and query. Only the query proves a reversal.
func (m *Machine) undo(now Now) Effect {
	switch {
	case m.look:
		return m.query(now)
	case m.reverse:
		if now.Mono < m.reverseAt {
			return Effect{Kind: Wait, Until: m.reverseAt}
		}
		m.reverse = false
		return Effect{Kind: Call, Op: OpReverse}
	case m.Leg.Reversals-m.unsent >= m.timers.ManualAfter, now.Mono >= m.personAt:
		return m.record(now, Manual, Reason{Code: "not_reversed", Message: fmt.Sprintf("%d reversals proved nothing.", m.Leg.Reversals)})
	case now.Mono < m.reverseAt:
		return Effect{Kind: Wait, Until: m.reverseAt}
	case m.cutOff(now):
		if now.Mono < m.queryAt {
			return Effect{Kind: Wait, Until: m.queryAt}
		}
		return m.query(now)
	}
	m.reverse = true
	return m.record(now, Reversing, m.Leg.Reason)
}

// cutOff reports that the last query did not leave the till. Nor would a deed: it
// is not recorded again, minute after minute, before a query gets through.
func (m *Machine) cutOff(now Now) bool {
	return m.deaf > 0 && now.Mono < m.personAt && (m.Leg.State == Reversing || m.Leg.Class == ClassRefund)
}

// listen is the wait for the next query of a leg that is cut off.
func (m *Machine) listen() time.Duration {
	if m.deaf > m.timers.ManualAfter {
		return m.timers.AskManual
	}
	return m.backoff(m.deaf)
}

// askOn asks now and then about a leg that is left to a person: its provider may
// come to prove that it holds nothing.
func (m *Machine) askOn(now Now) Effect {
	if m.Leg.Class != ClassCode {
		return Effect{Kind: Done}
	}
	if now.Mono < m.queryAt {
		return Effect{Kind: Wait, Until: m.queryAt, Idle: true}
	}
	return m.query(now)
}

func (m *Machine) query(now Now) Effect {
	if m.asked {
		if soonest := m.lastQuery + Instant(m.timers.QueryAtLeast); now.Mono < soonest {
			return Effect{Kind: Wait, Until: soonest}
		}
	}
	m.look, m.asked, m.lastQuery = false, true, now.Mono
	if m.Leg.Class == ClassRefund {
		return Effect{Kind: Call, Op: OpRefundQuery}
	}
	return Effect{Kind: Call, Op: OpQuery}
}

func (m *Machine) replied(in *Input, now Now) Effect {
	m.heard = in.Answer
	a := &m.heard
	if a.ProviderNo != "" {
		m.providerNo = a.ProviderNo
	}
	switch in.Op {
	case OpPay, OpPrecreate, OpRefund, OpTake:
		m.queryAt = now.after(m.timers.FirstQuery)
		return m.deedReplied(judge(in.Op, &m.Leg, a), a, now)
	case OpQuery, OpRefundQuery:
		return m.queryReplied(judge(in.Op, &m.Leg, a), a, now)
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

// deedReplied takes the answer to the call that moves the money, as its row in
// the table of codes says.
func (m *Machine) deedReplied(row Row, a *Answer, now Now) Effect {
	m.alarm, m.why = row.Alarm, row.Reason
	r := reason(row.Reason, a)
	switch row.verdict {
	case paid:
		return m.paid(now, a)
	case claimed, duplicate:
		m.known = row.verdict == duplicate
		return m.query(now)
	case paying:
		return m.record(now, Pending, r)
	case refused:
		if m.Leg.Class.silent() {
			return m.record(now, Rejected, r)
		}
		m.onlyLook = &r
		return m.query(now)
	case notSent:
		return m.notSent(now, a)
	case mismatch:
		if m.Leg.Class.silent() { // whoever decides has to know what was taken
			r.Message = strings.TrimSpace(a.Amount.Yuan() + " " + r.Message)
		}
		return m.record(now, Unknown, r)
	case unclear, unpaid, closed, refunded, missing, answered:
	}
	return m.record(now, Unknown, r)
}

// maxTries bounds how often a call that provably never left is tried again.
const maxTries = 3

func (m *Machine) notSent(now Now, a *Answer) Effect {
	r := Reason{Code: "unreachable", Message: a.Message}
	if a.OurFault {
		r.Code = "not_sendable"
	}
	if m.Leg.Class == ClassRefund && m.Leg.Attempts > 1 { // an earlier try may have arrived
		m.unsent++
		return m.record(now, Unknown, r)
	}
	m.called = false
	if m.Leg.Attempts >= maxTries || m.cancel || m.closing || a.OurFault || m.Leg.Class == ClassRefund {
		m.unreachable = &r
	}
	return m.record(now, Intent, r) // proven unsent, whatever comes next
}

func (m *Machine) queryReplied(row Row, a *Answer, now Now) Effect {
	v := row.verdict
	if m.alarm, m.why = row.Alarm, "mismatch"; v != mismatch {
		m.alarm, m.why = row.Alarm && !m.alarmed, "credentials" // once; it is asked every few seconds
		m.alarmed = m.alarmed || m.alarm
	}
	m.queryAt = now.after(m.timers.QueryEvery)
	if m.deaf++; a.Delivery != NotSent || a.OurFault {
		m.deaf = 0
	}
	if m.cutOff(now) {
		m.queryAt = now.after(m.listen())
	}
	if v == missing && m.Leg.Class == ClassRefund { // the next thing is to ask for it again
		m.queryAt = max(m.queryAt, m.windowEnd)
	}
	switch m.Leg.State {
	case Sent:
		return m.firstLook(v, a, now)
	case Reversing:
		return m.reversalLook(v, a, now)
	case Pending, Unknown:
		return m.poll(v, a, now)
	case Manual:
		return m.lookAtManual(v, a, now)
	case Intent, Paid, Reversed, Rejected:
	}
	return Effect{Kind: Done}
}

// firstLook is the one query straight after a deed that was refused, that
// claimed success without full proof, or whose key was already known.
func (m *Machine) firstLook(v verdict, a *Answer, now Now) Effect {
	switch {
	case v == paid:
		return m.paid(now, a)
	case v == paying:
		m.onlyLook = nil
		return m.record(now, Pending, m.underWay(a))
	case v == mismatch && m.known:
		return m.record(now, Manual, reason("mismatch", a))
	case m.onlyLook != nil && v != unclear && v != mismatch && v != claimed && !m.mayHaveArrived():
		return m.record(now, Rejected, *m.onlyLook)
	case m.onlyLook != nil:
		return m.record(now, Unknown, *m.onlyLook)
	}
	return m.record(now, Unknown, unconfirmed(a))
}

// underWay is why a leg waits for its provider or for the customer.
func (m *Machine) underWay(a *Answer) Reason {
	if m.Leg.Class == ClassRefund {
		return reason("refunding", a)
	}
	return reason("user_paying", a)
}

// mayHaveArrived reports that an earlier try under this refund's number could be
// what the provider refused the last one for.
func (m *Machine) mayHaveArrived() bool {
	return m.Leg.Class == ClassRefund && m.Leg.Attempts-m.unsent > 1
}

func (m *Machine) poll(v verdict, a *Answer, now Now) Effect {
	switch v {
	case paid:
		return m.paid(now, a)
	case paying:
		if m.Leg.State != Pending {
			return m.record(now, Pending, m.underWay(a))
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
func (m *Machine) reversalLook(v verdict, a *Answer, now Now) Effect {
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
	if !m.reverse { // one that is due is not put off because somebody asked meanwhile
		m.reverseAt = max(m.reverseAt, now.after(m.backoff(m.Leg.Reversals)))
	}
	return m.proceed(now)
}

// backoff is the wait after so many tries.
func (m *Machine) backoff(tries int) time.Duration {
	return m.timers.Backoff[min(max(0, tries-1), len(m.timers.Backoff)-1)]
}

// lookAtManual takes only the proof that the provider holds nothing: that it
// holds the money is for a person to weigh.
func (m *Machine) lookAtManual(v verdict, a *Answer, now Now) Effect {
	m.queryAt = now.after(m.timers.AskManual)
	if v == closed || v == refunded {
		return m.record(now, Reversed, reason("reversed", a))
	}
	if v == paid || v == mismatch {
		m.alarm, m.alarmed, m.why = !m.alarmed, true, "held"
	}
	return m.proceed(now)
}

func (m *Machine) paid(now Now, a *Answer) Effect {
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
	if s == Manual {
		m.queryAt = now.after(m.timers.AskManual)
	}
	return e
}

func (m *Machine) apply(e LegEvent) Effect {
	m.Leg = mustApply(m.Leg, e)
	return Effect{Kind: Record, Event: e}
}

// mustApply folds an event the law itself chose; its own table refusing it would
// be a defect, and no money may move on a defect.
func mustApply(l Leg, e LegEvent) Leg {
	after, err := l.Apply(e)
	if err != nil {
		panic("checkout: " + err.Error())
	}
	return after
}
