package checkout

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"cashier/services/fault"
)

// follow works on a sale until nothing automatic is left. front says that a
// cashier waits for it at the counter; how is what begins it.
func (d *Desk) follow(s Sale, secrets map[string]string, how InputKind, front bool) *job {
	j := &job{
		sale: s, changed: make(chan struct{}), nudge: make(chan struct{}, 1), looked: make(chan struct{}),
		running: true, alive: true, secrets: secrets, front: front,
	}
	d.mu.Lock()
	old := d.jobs[s.ID]
	if old != nil && how != Begin && old.isAlive() {
		d.mu.Unlock()
		return old // one sale, one hand
	}
	d.jobs[s.ID] = j
	d.mu.Unlock()
	if old != nil { // a recovery found the sale before whoever began it was at it
		old.retire()
	}
	if how != Begin { // what was read before this job had the sale may be old
		if now, err := d.p.Store.Sale(context.WithoutCancel(d.ctx), s.ID); err == nil {
			j.update(func() { j.sale = now })
		}
	}
	c := NewCourse(j.Sale(), d.p.Timers, d.itself(), front, d.p.Scheduler.Now())
	d.spawn(func() { d.carry(j, c, Input{Kind: how}) })
	return j
}

// carry does what the course of a sale decides, one effect at a time.
func (d *Desk) carry(j *job, c Course, in Input) {
	defer d.leave(j)
	var out *call
	var hurried, answered bool // a look was asked for, and has been taken
	for {
		if j.isRetired() {
			return
		}
		answered = hurried && (answered || in.Kind == Replied && (in.Op == OpQuery || in.Op == OpRefundQuery))
		hurried = hurried || in.Kind == Hurry
		in.Cancel, in.Closing = in.Cancel || j.wantsOut(), d.ctx.Err() != nil
		e := c.Step(in, d.p.Scheduler.Now())
		if e.Alarm {
			d.alarm(c.leg.Leg, e.Why)
		}
		if c.aside && e.Kind != Record { // with a write, once that is durable
			j.update(func() { j.aside = true })
		}
		switch e.Kind {
		case Done:
			return
		case Record:
			var on bool
			if c, in, on = d.persist(j, c, *e.Write); !on {
				return
			}
		case Call:
			if d.ctx.Err() != nil && !e.Op.deed() {
				return
			}
			out = d.ask(j, c.leg.Leg, e.Op)
			in = d.await(out, e.Until)
		case Await:
			in = d.await(out, e.Until)
		case Wait:
			if answered {
				hurried, answered = false, false
				j.answered()
			}
			if in = d.wait(j, c, e); d.ctx.Err() != nil {
				return
			}
		}
	}
}

// call is a call to a provider that is out.
type call struct {
	op     Op
	done   chan struct{} // closed once answer is there
	answer Answer
}

// ask calls a provider beside the task of the job, which has a counter to free
// in time.
func (d *Desk) ask(j *job, l Leg, op Op) *call {
	out := &call{op: op, done: make(chan struct{})}
	d.spawn(func() {
		defer close(out.done)
		out.answer = d.call(l, op, j.secrets[l.ID])
		if out.answer.QR != "" {
			j.update(func() { j.qr = out.answer.QR })
		}
	})
	return out
}

func (d *Desk) await(out *call, until Instant) Input {
	if d.p.Scheduler.Wait(context.WithoutCancel(d.ctx), until, out.done) {
		return Input{Kind: Replied, Op: out.op, Answer: out.answer}
	}
	return Input{Kind: Due}
}

// wait lets the effect's time pass. A cashier who wants out is heard once.
func (d *Desk) wait(j *job, c Course, e Effect) Input {
	j.sawOnce()
	if e.Idle {
		j.update(func() { j.running = false })
	}
	heard := c.quit
	for {
		woken := d.p.Scheduler.Wait(d.ctx, e.Until, j.nudge)
		switch {
		case !woken, j.isRetired():
			return Input{Kind: Due}
		case !heard && j.wantsOut():
			return Input{Kind: CancelAsked}
		case j.hurried():
			return Input{Kind: Hurry}
		}
	}
}

// deed reports a call that moves money. It is made even by a till that is being
// closed: once SENT is on disk it is carried out, and its answer recorded.
func (o Op) deed() bool { return o == OpPay || o == OpTake || o == OpRefund || o == OpPrecreate }

// call asks a provider.
func (d *Desk) call(l Leg, op Op, secret string) Answer {
	ctx := d.ctx
	if op.deed() { // bounded by its transport alone
		ctx = context.WithoutCancel(ctx)
	}
	if !d.hasGateway(l.Class) {
		return Answer{Delivery: NotSent, Message: NotSetUp(l.Class).Error()}
	}
	if l.Class == ClassMember {
		return d.callMember(ctx, l, op, secret)
	}
	switch op {
	case OpPay:
		return d.p.Codes.Pay(ctx, PayCall{Key: l.Key, Amount: l.Amount, Code: secret, Subject: subject})
	case OpPrecreate:
		return d.p.Codes.Precreate(ctx, PayCall{Key: l.Key, Amount: l.Amount, Subject: subject})
	case OpTake:
		return d.p.Cards.Redeem(ctx, RedeemCall{Card: secret, Count: l.Count, Remark: l.Key})
	case OpQuery:
		return d.p.Codes.Query(ctx, l.Key)
	case OpReverse:
		return d.p.Codes.Reverse(ctx, l.Key)
	case OpRefund:
		return d.p.Codes.Refund(ctx, RefundCall{Key: l.Key, Of: l.Of, Amount: l.Amount})
	case OpRefundQuery:
		return d.p.Codes.RefundQuery(ctx, l.Key)
	case OpEvidence:
		no, err := d.p.Secrets.Unseal(l.SealedCard)
		if err != nil {
			return Answer{Message: err.Error()}
		}
		_, a := d.p.Cards.Card(ctx, no)
		return a
	}
	panic(fmt.Sprintf("checkout: unknown call %d", op))
}

// subject is what a customer reads in the wallet.
const subject = "商品"

// commit hands a write to the store, whole.
func (d *Desk) commit(ctx context.Context, w Write) (receiptNo string, err error) {
	switch w.Kind {
	case Advance:
		return "", d.p.Store.Advance(ctx, w.Events[0], w.Entries, w.Act)
	case Finish:
		var last *LegEvent
		if len(w.Events) > 0 {
			last = &w.Events[0]
		}
		return d.p.Store.Complete(ctx, w.Sale, last, w.Entries, w.Act)
	case EndOrPark:
		return "", d.p.Store.Close(ctx, w.Sale, w.Events, w.Entries, w.Act)
	}
	panic(fmt.Sprintf("checkout: unknown write %d", w.Kind))
}

// persist makes a write durable. Before a byte has left, a disk that does not
// take it ends the attempt; afterwards it is tried again until it is written,
// because the money has moved whether the disk likes it or not.
func (d *Desk) persist(j *job, c Course, w Write) (Course, Input, bool) {
	ctx := context.WithoutCancel(d.ctx)
	sends := len(w.Events) > 0 && w.Events[0].State == Sent
	for {
		no, err := d.commit(ctx, w)
		if err == nil {
			done := Input{Kind: Recorded, ReceiptNo: no}
			j.update(func() {
				j.sale, j.trouble, j.aside = w.Sale, nil, j.aside || c.aside
				j.sale.ReceiptNo = cmp.Or(no, j.sale.ReceiptNo)
			})
			d.watchWhatEnded(w)
			d.tell(j)
			return c, done, true
		}
		if j.isRetired() {
			return c, Input{}, false
		}
		if moved(err) {
			s, stands := d.adopt(j, w)
			if stands && !sends {
				return c.At(s), Input{Kind: Recorded}, true
			}
			// Whoever has not recorded the send himself may not send. Whatever the
			// books have come to, this hand goes on with it as a new start would.
			if sends {
				j.update(func() { j.err = err })
			}
			return NewCourse(s, d.p.Timers, d.itself(), false, d.p.Scheduler.Now()), Input{Kind: Resume}, true
		}
		if sends && !j.sentBefore(w.Events[0].LegID) {
			d.p.Log.Error("a payment was not begun: its record could not be written", "outTradeNo", c.leg.Leg.Key, "err", err)
			j.update(func() { j.err = err })
			// Its SENT may be on disk although the disk reported a failure.
			if stored, err := d.p.Store.Sale(ctx, w.Sale.ID); err == nil {
				return c.At(stored), Input{Kind: Unwritten}, true
			}
			return c.At(j.Sale()), Input{Kind: Unwritten}, true
		}
		d.p.Log.Error("an outcome could not be written; trying again", "sale", w.Sale.ID, "what", w.Act.What, "err", err)
		free := c.aside || d.p.Scheduler.Now().Mono >= c.frontEnds
		j.update(func() { j.trouble, j.aside = err, j.aside || free })
		d.tell(j)
		d.p.Scheduler.Wait(d.ctx, d.p.Scheduler.Now().after(time.Second), nil)
		if d.ctx.Err() != nil {
			return c, Input{}, false
		}
	}
}

// watchWhatEnded looks after the legs that a write ended without proof.
func (d *Desk) watchWhatEnded(w Write) {
	for _, e := range w.Events {
		l, _ := w.Sale.leg(func(l Leg) bool { return l.ID == e.LegID })
		if watch, ok := WatchOf(l); ok {
			d.watch(watch)
		}
	}
}

// moved reports that the books have gone beyond a step: either an earlier
// write took effect although the disk reported that it had failed, or another
// hand was quicker.
func moved(err error) bool {
	code := fault.CodeOf(err)
	return code == codeStateChanged || code == codeLegChanged
}

// adopt takes the sale as the books have it. It reports whether they stand where
// the write would have brought them, so that the work can go on.
func (d *Desk) adopt(j *job, w Write) (Sale, bool) {
	s, err := d.p.Store.Sale(context.WithoutCancel(d.ctx), w.Sale.ID)
	if err != nil {
		d.p.Log.Error("a sale that has moved on could not be read", "sale", w.Sale.ID, "err", err)
		return w.Sale, false
	}
	j.update(func() { j.sale, j.trouble = s, nil })
	d.tell(j)
	if len(w.Events) == 0 || w.Kind != Advance {
		return s, s.State == w.Sale.State
	}
	e := w.Events[0]
	l, _ := s.leg(func(l Leg) bool { return l.ID == e.LegID })
	return s, l.Seq == e.Seq && l.State == e.State
}

// bring carries a sale on for the person who waits for it, as far as that needs
// nobody else. Only the first write may be refused him; what follows from it is
// gone on with in the background.
func (d *Desk) bring(ctx context.Context, c Course, e Effect) (Sale, error) {
	s := c.Sale
	before := s
	for first := true; e.Kind == Record; first = false {
		no, err := d.commit(ctx, *e.Write)
		switch {
		case err != nil && first && !d.stands(ctx, *e.Write):
			return before, err
		case err != nil:
			d.p.Log.Error("a sale could not be brought to its end at once", "sale", s.ID, "err", err)
			d.watchWhatEnded(*e.Write)
			d.retire(s.ID)
			d.follow(s, nil, Resume, false)
			return s, nil
		}
		if first {
			d.retire(s.ID)
		}
		d.watchWhatEnded(*e.Write)
		s = e.Write.Sale
		s.ReceiptNo = cmp.Or(no, s.ReceiptNo)
		e = c.Step(Input{Kind: Recorded, ReceiptNo: no}, d.p.Scheduler.Now())
	}
	if e.Kind != Done {
		d.follow(s, nil, Resume, false)
	}
	d.ended(s)
	return s, nil
}

// stands reports that the books have a write although the disk said that it
// failed: then it is gone on with, or nobody would have the sale.
func (d *Desk) stands(ctx context.Context, w Write) bool {
	s, err := d.p.Store.Sale(context.WithoutCancel(ctx), w.Sale.ID)
	if err != nil {
		return false
	}
	for _, e := range w.Events {
		if l, _ := s.leg(func(l Leg) bool { return l.ID == e.LegID }); l.Seq != e.Seq || l.State != e.State {
			return false
		}
	}
	return w.Kind == Advance || s.State == w.Sale.State
}

// inDoubt takes up a sale whose first write may have taken effect although the
// disk said that it failed: nothing of it is sent.
func (d *Desk) inDoubt(ctx context.Context, saleID string, is func(Sale) bool) {
	if s, err := d.p.Store.Sale(context.WithoutCancel(ctx), saleID); err == nil && !s.over() && is(s) {
		d.follow(s, nil, Resume, false)
	}
}

// leave ends the work on a job. A sale that is over is forgotten; the store
// has it.
func (d *Desk) leave(j *job) {
	j.sawOnce()
	j.update(func() { j.running, j.alive = false, false })
	j.answered()
	if j.Sale().over() {
		d.forget(j)
	}
}

// retire takes a sale from the task that has it, because a person has decided.
func (d *Desk) retire(saleID string) {
	if j := d.job(saleID); j != nil {
		j.retire()
		d.forget(j)
	}
}

// forget drops what is known of a sale that is over; the store has it.
func (d *Desk) forget(j *job) {
	id := j.Sale().ID
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.jobs[id] == j {
		delete(d.jobs, id)
	}
}

// ended forgets a sale that is over and tells of it.
func (d *Desk) ended(s Sale) {
	if j := d.job(s.ID); j != nil && s.over() {
		d.forget(j)
	}
	d.p.OnUpdate(Update{Sale: s})
}

// alarm tells whoever looks after the till: the provider's books and ours differ,
// or it does not accept our key or clock.
func (d *Desk) alarm(l Leg, why string) {
	d.p.Log.Error("a payment needs somebody's attention", "outTradeNo", l.Key, "state", string(l.State), "why", why)
	a := d.act(d.itself(), "leg.alarm", l.Key, strings.TrimSpace(why+" "+l.Reason.Message))
	if err := d.p.Store.Note(context.WithoutCancel(d.ctx), a); err != nil {
		d.p.Log.Error("an alarm could not be written", "outTradeNo", l.Key, "err", err)
	}
}

// spawn runs a task that Close waits for.
func (d *Desk) spawn(task func()) {
	d.mu.Lock()
	d.tasks++
	d.mu.Unlock()
	d.p.Scheduler.Go(func() {
		defer func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.tasks--; d.tasks == 0 && d.drained != nil {
				close(d.drained)
				d.drained = nil
			}
		}()
		task()
	})
}

func (d *Desk) job(saleID string) *job {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.jobs[saleID]
}

func (d *Desk) tell(j *job) {
	j.mu.Lock()
	if open, _ := j.sale.OpenLeg(); open.State != Pending && open.State != Unknown || j.cancel || j.aside {
		j.qr = "" // nobody shall pay by it any more
	}
	u := Update{Sale: j.sale, QR: j.qr, Trouble: j.trouble}
	j.mu.Unlock()
	d.p.OnUpdate(u)
}

// done waits until nothing automatic is left of a job, or ctx ends.
func (d *Desk) done(ctx context.Context, j *job) {
	for {
		j.mu.Lock()
		running, changed := j.running, j.changed
		j.mu.Unlock()
		if !running || ctx.Err() != nil {
			return
		}
		d.p.Scheduler.Wait(ctx, Never, changed)
	}
}
