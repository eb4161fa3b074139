package simulate

import (
	"fmt"
	"io"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/money"
)

// lawOnly is one schedule of the first tier: the law of services/checkout/core.go
// alone, carried out in a loop instead of by the desk. What it writes goes to the
// auditor, what it asks goes over the same line to the same bank.
type lawOnly struct {
	draw    *Draw
	bank    bank
	line    line
	books   books
	seen    *Coverage
	timers  checkout.Timers
	mono    checkout.Instant
	born    checkout.Instant
	wall    time.Time
	events  int
	crashes int
	sales   int
	digest  uint64
	story   io.Writer

	course checkout.Course
	stored checkout.Sale // what a crash leaves

	out     bool // a call is out; its answer comes at
	at      checkout.Instant
	replied checkout.Input
}

// maxSteps is more than a sale takes through two days without a network.
const maxSteps = 200_000

var lawTimers = checkout.DefaultTimers()

func runCore(d *Draw, seen *Coverage, story io.Writer) (ended outcome) {
	l := &lawOnly{draw: d, seen: seen, timers: lawTimers, story: story, wall: time.Unix(1_770_000_000, 0).UTC(), digest: 14695981039346656037}
	l.bank = bank{draw: d, now: func() checkout.Instant { return l.mono }}
	l.line = line{draw: d, bank: &l.bank}
	l.books = books{bank: &l.bank, line: &l.line}
	out := func() outcome {
		o := outcome{events: l.events, faults: d.faults, crashes: l.crashes, sales: l.sales, digest: l.digest, choices: d.made}
		if l.books.bad != nil {
			o.err = l.books.bad
		}
		return o
	}
	defer func() {
		if r := recover(); r != nil {
			l.books.bad = nil
			l.books.broken(0, "the till panicked: %v", r)
			ended = out()
		}
	}()
	for n := 0; n < 25 && l.books.bad == nil && (n == 0 || !d.spent() && (l.events < leastEvents || d.faults < leastFaults)); n++ {
		l.sell()
	}
	if l.books.bad == nil {
		l.mono = after(l.mono, time.Hour)
		l.bank.calm = true
		l.books.quiet(func(leg checkout.Leg) bool {
			_, watched := checkout.WatchOf(leg)
			return watched
		})
	}
	return out()
}

func (l *lawOnly) now() checkout.Now {
	return checkout.Now{Mono: l.mono - l.born, Wall: l.wall.Add(time.Duration(l.mono))}
}

func (l *lawOnly) say(format string, args ...any) {
	if l.story != nil {
		fmt.Fprintf(l.story, "%12v  %s\n", time.Duration(l.mono).Round(time.Millisecond), fmt.Sprintf(format, args...))
	}
}

func (l *lawOnly) event(a, b int) {
	l.events++
	l.digest = (l.digest ^ uint64(a)<<32 ^ uint64(b) ^ uint64(l.mono)<<16) * 1099511628211
}

// freeze makes a sale with the legs of some plan.
func (l *lawOnly) freeze() checkout.Sale {
	plans := [...][]checkout.Class{
		{checkout.ClassCode},
		{checkout.ClassRecorded, checkout.ClassCode},
		{checkout.ClassCode, checkout.ClassCard},
		{checkout.ClassRecorded, checkout.ClassCode, checkout.ClassMember},
		{checkout.ClassCard},
		{checkout.ClassMember},
		{checkout.ClassRefund},
		{checkout.ClassRefund, checkout.ClassRecorded},
		{back, back},
		{settled},
	}
	plan := plans[l.draw.Pick(6, 2, 2, 1, 1, 1, 2, 1, 1, 1)]
	l.sales++
	s := checkout.Sale{ID: id(l.sales, 0), Kind: checkout.Goods, State: checkout.Tendering, Total: money.Fen(100 * len(plan)), OpenedAt: l.now().Wall, Actor: cashier}
	var entries []checkout.Entry
	events := make([]checkout.LegEvent, 0, 2*len(plan))
	s.Legs = make([]checkout.Leg, 0, len(plan))
	for i, class := range plan {
		g := checkout.Leg{ID: id(l.sales, i+1), Key: id(l.sales, i+1), SaleID: s.ID, No: i + 1, Class: class, Amount: 100, Before: -1}
		if class == checkout.ClassCode && l.draw.One(5) {
			g.Method = checkout.MethodQR
		}
		steps := []checkout.State{checkout.Intent}
		l.special(&s, &g, &steps, &entries)
		if g.Class == checkout.ClassRecorded && s.Kind == checkout.Goods {
			steps = []checkout.State{checkout.Intent, checkout.Paid}
			entries = append(entries, checkout.Entry{SaleID: s.ID, Kind: "paid", Postings: []checkout.Posting{{Account: checkout.AccDrawer, Amount: 100}, {Account: checkout.AccCustomer, Amount: -100}}})
		}
		for n, state := range steps {
			e := checkout.LegEvent{LegID: g.ID, Seq: n + 1, State: state, At: s.OpenedAt}
			g, _ = g.Apply(e)
			events = append(events, e)
		}
		if class == checkout.ClassRefund { // something to give back
			g.Of, s.Kind = "o"+g.Key, checkout.Refund
			l.bank.orders = append(l.bank.orders, &order{key: g.Of, amount: 500, charged: true, paysAt: never, backAt: never, stubborn: l.draw.One(20)})
			if l.books.forgotten == nil {
				l.books.forgotten = map[string]bool{}
			}
			l.books.forgotten[g.Of] = true
		}
		s.Legs = append(s.Legs, g)
	}
	l.books.froze(s, events, entries)
	return s
}

func id(sale, leg int) string { return string([]byte{'S', byte('a' + sale), byte('0' + leg)}) }

var (
	self    = access.Actor{ID: "till"}
	cashier = access.Actor{ID: "cashier"}
)

// sell carries one sale to where nothing automatic is left, through whatever
// comes in between.
func (l *lawOnly) sell() {
	l.stored = l.freeze()
	l.course = checkout.NewCourse(l.stored, l.timers, self, true, l.now())
	in := checkout.Input{Kind: checkout.Begin}
	if l.stored.Settled() && l.draw.One(2) {
		in = l.decided()
	}
	l.out = false
	for steps := 0; l.books.bad == nil && in.Kind != 0; steps++ {
		if steps > maxSteps {
			l.books.broken(11, "sale %s never comes to an end", l.stored.ID)
		}
		if l.crashed() {
			in = l.restart()
		}
		l.cover(&in)
		e := l.course.Step(in, l.now())
		l.event(int(in.Kind)<<8|int(in.Op), int(e.Kind))
		if leg, on := l.course.Leg(); e.Alarm && on {
			l.books.alarmed(leg.Key)
		}
		switch {
		case e.Kind == checkout.Record:
			in = l.write(e.Write)
		case e.Kind == checkout.Call:
			l.call(e.Op)
			in = l.await(e.Until)
		case e.Kind == checkout.Await:
			in = l.await(e.Until)
		case e.Kind == checkout.Wait && (!e.Idle || l.draw.One(3)): // idle: nobody has come yet
			in = l.wait(e.Until)
		default:
			in = l.decided()
		}
	}
}

func (l *lawOnly) cover(in *checkout.Input) {
	leg, on := l.course.Leg()
	if in.Kind == checkout.Begin || in.Kind == checkout.Resume {
		leg, on = l.stored.OpenLeg()
	}
	if on {
		l.seen.heard(&leg, in)
	}
}

func (l *lawOnly) crashed() bool {
	if l.crashes < maxCrashes && !l.line.dead() && l.draw.Fault(50) {
		l.crashes++
		return true
	}
	return false
}

func (l *lawOnly) restart() checkout.Input {
	l.say("power cut")
	l.mono = after(l.mono, time.Duration(l.draw.N(600))*time.Second)
	l.born, l.out, l.line.born = l.mono, false, l.mono
	if l.draw.Fault(10) {
		l.wall = l.wall.AddDate(l.draw.N(21)-10, 0, 0)
	}
	l.course = checkout.NewCourse(l.stored, l.timers, self, false, l.now())
	return checkout.Input{Kind: checkout.Resume}
}

// write makes a write durable, or fails to.
func (l *lawOnly) write(w *checkout.Write) checkout.Input {
	if l.crashed() {
		return l.restart()
	}
	if l.draw.Fault(60) {
		l.say("the disk is full")
		if leg, _ := l.stored.OpenLeg(); len(w.Events) > 0 && w.Events[0].State == checkout.Sent && !leg.SentOnce {
			l.course = l.course.At(l.stored)
			return checkout.Input{Kind: checkout.Unwritten}
		}
		l.mono = after(l.mono, time.Second) // tried again until it is written
	}
	if l.story != nil {
		l.say("%s %s", w.Act.What, w.Act.Detail)
	}
	to := w.Sale.State
	if w.Kind == checkout.Advance {
		to = ""
	}
	if w.Kind == checkout.Finish {
		l.books.sale(w.Sale.ID).issued = true
		l.books.completedBy(w.Sale.ID, w.Act)
	}
	l.books.moved(w.Sale.ID, to, w.Events, w.Entries)
	l.stored = w.Sale
	return checkout.Input{Kind: checkout.Recorded}
}

// call sends a call off; its answer comes later.
func (l *lawOnly) call(op checkout.Op) {
	leg, _ := l.course.Leg()
	f := l.line.fate(op)
	if op == checkout.OpQuery || op == checkout.OpRefundQuery {
		l.books.asks(leg.Key)
	}
	deed := op == checkout.OpPay || op == checkout.OpPrecreate || op == checkout.OpTake || op == checkout.OpRefund
	var a checkout.Answer
	switch {
	case f.unsent:
		a.Delivery = checkout.NotSent
	default:
		if deed {
			l.books.leaves(leg.Key, leg.Amount)
			l.line.deed(leg.Key)
		}
		if op == checkout.OpReverse {
			l.books.reverses(leg.Key, l.born, l.mono)
		}
		if f.lost {
			break
		}
		l.mono = after(l.mono, f.there)
		a = l.asked(op, leg, f.late)
		if f.twice {
			a = l.asked(op, leg, f.late)
		}
		a = spoil(a, f.spoilt)
		if f.late > 0 {
			a = checkout.Answer{}
		}
	}
	if l.story != nil {
		l.say("%s: %d %s %s %s", ops[op], a.HTTP, a.Verdict, a.Code, a.Order)
	}
	l.out, l.at = true, after(l.mono, f.back)
	l.replied = checkout.Input{Kind: checkout.Replied, Op: op, Answer: a}
}

func (l *lawOnly) asked(op checkout.Op, leg checkout.Leg, late time.Duration) checkout.Answer {
	switch op {
	case checkout.OpPay:
		return l.bank.pay(leg.Key, leg.Amount, late)
	case checkout.OpPrecreate:
		return l.bank.precreate(leg.Key, leg.Amount, late)
	case checkout.OpQuery:
		return l.line.query(leg.Key)
	case checkout.OpReverse:
		return l.bank.reverse(leg.Key)
	case checkout.OpRefund:
		return l.bank.refund(leg.Key, leg.Of, leg.Amount, late)
	case checkout.OpRefundQuery:
		return l.bank.refundQuery(leg.Key)
	case checkout.OpTake:
		return taking(leg, l.bank.take(leg.Key))
	case checkout.OpEvidence:
	}
	return yes()
}

// taking is the answer of a card's or an account's gateway.
func taking(leg checkout.Leg, did bool) checkout.Answer {
	switch {
	case leg.Class == checkout.ClassCard && did:
		return yes()
	case leg.Class == checkout.ClassCard:
		return no("CARD", "次数不足")
	}
	a := yes()
	a.Verdict, a.Code = "true", "605"
	if did {
		a.Code, a.Inner = "0", &checkout.Inner{Verdict: "true", Code: "0"}
		a.ProviderNo, a.Amount, a.HasAmount = leg.Key, leg.Amount, true
	}
	return a
}

// await is the answer, or the end of the counter's patience before it.
func (l *lawOnly) await(until checkout.Instant) checkout.Input {
	if until != never && l.born+until < l.at {
		l.mono = max(l.mono, l.born+until)
		return checkout.Input{Kind: checkout.Due}
	}
	l.mono, l.out = max(l.mono, l.at), false
	if leg, on := l.course.Leg(); on {
		l.line.tells(l.replied.Op, leg.Key, leg.Amount, l.replied.Answer)
	}
	return l.replied
}

func (l *lawOnly) wait(until checkout.Instant) checkout.Input {
	due := l.born + until
	if l.draw.One(12) {
		l.mono += checkout.Instant(l.draw.N(1000)) * (due - l.mono) / 1000
		l.say("cancel")
		l.books.sale(l.stored.ID).wantsOut = true
		return checkout.Input{Kind: checkout.CancelAsked}
	}
	if due <= l.mono {
		l.books.broken(11, "a wait that never ends")
	}
	l.mono = due
	return checkout.Input{Kind: checkout.Due}
}

// decided is what a person does with a sale that waits for one: settles its leg
// truly, gives it up, or leaves it.
func (l *lawOnly) decided() checkout.Input {
	if s := l.course.Sale.State; s == checkout.Complete || s == checkout.Voided || l.draw.One(3) {
		return checkout.Input{}
	}
	l.course = checkout.NewCourse(l.stored, l.timers, self, false, l.now())
	var e checkout.Effect
	var err error
	if open, isOpen := l.stored.OpenLeg(); isOpen {
		as, sure := l.truth(open)
		if open.State != checkout.Manual || !sure {
			return checkout.Input{}
		}
		e, err = l.course.Decide(cashier, open, as, checkout.Reason{Code: "by_hand", Message: "asked the bank"}, l.now())
	} else {
		e, err = l.course.GiveUp(cashier, "given up", l.now())
	}
	if err != nil {
		return checkout.Input{}
	}
	return l.write(e.Write)
}

// truth is what a person finds out about a leg, unless the sum is another.
func (l *lawOnly) truth(g checkout.Leg) (checkout.State, bool) {
	if k := l.bank.taken(g.Key); k != nil && k.times > 0 {
		return checkout.Paid, true
	}
	if r := l.books.refund(g.Key); r != nil {
		return checkout.Paid, true
	}
	o := l.bank.order(g.Key)
	switch {
	case o == nil || o.holds() == 0:
		return checkout.Rejected, true
	case o.holds() == g.Amount:
		return checkout.Paid, true
	}
	return "", false
}
