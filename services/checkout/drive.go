package checkout

import (
	"context"
	"fmt"
	"time"

	"cashier/services/fault"
)

// follow works on a sale until nothing automatic is left. front says that a
// cashier waits for it at the counter; how is what begins its first leg.
func (d *Desk) follow(s Sale, secrets map[string]string, how InputKind, front bool) *job {
	j := &job{
		sale: s, front: front, deadline: d.p.Clock.Now().after(d.p.Timers.Front),
		changed: make(chan struct{}), cancel: make(chan struct{}), looked: make(chan struct{}),
		running: true, secrets: secrets,
	}
	d.mu.Lock()
	if old := d.jobs[s.ID]; old != nil && how != Begin && old.isRunning() {
		d.mu.Unlock()
		return old // one leg, one hand
	}
	d.jobs[s.ID] = j
	d.mu.Unlock()
	if how != Begin { // what was read before this job had the sale may be old
		if now, err := d.p.Store.Sale(context.WithoutCancel(d.ctx), s.ID); err == nil {
			j.sale = now
		}
	}
	l, ok := j.sale.OpenLeg()
	if !ok && j.sale.State == Compensating {
		l, ok = j.sale.undoable()
		how = Undo
	}
	if !ok {
		d.leave(j)
		return j
	}
	d.wg.Go(func() { d.work(j, l, how) })
	if front {
		d.wg.Go(func() { d.freeTheFront(j) })
	}
	return j
}

// work carries a sale through its legs: one after another forward, and back
// again where it is given up. What was planned behind a leg that came to
// nothing is dropped: nothing of it was sent.
func (d *Desk) work(j *job, l Leg, how InputKind) {
	defer d.leave(j)
	for {
		if !d.drive(j, NewMachine(l, d.p.Timers), how) {
			return
		}
		j.mu.Lock()
		s, front := j.sale, j.front
		j.mu.Unlock()
		before, _ := s.leg(func(x Leg) bool { return x.ID == l.ID })
		next, planned := s.planned()
		switch {
		case planned && before.State == Paid && front && !fired(j.cancel) && d.ctx.Err() == nil:
			l, how = next, Begin
		case planned:
			dropped, ok := d.drop(j, next)
			if !ok {
				return
			}
			l, how = dropped, Begin // it is over, and what follows it goes the same way
		default:
			back, ok := s.undoable()
			if s.State != Compensating || !ok {
				return
			}
			l, how = back, Undo
		}
	}
}

// drop rejects a leg that was planned and is not begun any more.
func (d *Desk) drop(j *job, l Leg) (Leg, bool) {
	e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: Rejected, At: d.p.Clock.Now().Wall, Reason: Reason{Code: "not_begun"}}
	l, err := l.Apply(e)
	return l, err == nil && d.persist(j, l, e)
}

// drive carries out what the machine of a leg decides, one effect at a time. It
// reports whether the leg is as far as it comes by itself.
func (d *Desk) drive(j *job, m Machine, how InputKind) bool {
	if m.Leg.State.Final() && how != Undo {
		return true
	}
	cancel := j.cancel
	in := Input{Kind: how}
	for {
		if fired(cancel) {
			in.Cancel, cancel = true, nil // asked once; a nil channel never fires
		}
		in.Cancel = in.Cancel || d.ctx.Err() != nil // a closing till tries nothing anew
		var e Effect
		m, e = m.Step(in, d.p.Clock.Now())
		if e.Alarm {
			d.alarm(m.Leg)
		}
		switch e.Kind {
		case Done:
			return true
		case Record:
			if !d.persist(j, m.Leg, e.Event) {
				return false
			}
			in = Input{Kind: Recorded}
		case Call:
			if d.ctx.Err() != nil && e.Op != OpPay && e.Op != OpTake {
				return false
			}
			in = Input{Kind: Replied, Op: e.Op, Answer: d.call(m.Leg, e.Op, j.secrets[m.Leg.ID])}
		case Wait:
			j.sawOnce()
			if in = d.wait(cancel, e.Until); in.Kind == CancelAsked {
				cancel = nil
			}
			if d.ctx.Err() != nil {
				return false
			}
		}
	}
}

func fired(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (j *job) sawOnce() {
	j.mu.Lock()
	defer j.mu.Unlock()
	select {
	case <-j.looked:
	default:
		close(j.looked)
	}
}

// call asks a provider. The one pay or consume is bounded by its transport
// alone: once SENT is on disk it is carried out, and its answer recorded, even
// while the till is being closed.
func (d *Desk) call(l Leg, op Op, secret string) Answer {
	ctx := d.ctx
	if op == OpPay || op == OpTake {
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
		return d.p.Codes.Pay(ctx, PayCall{Key: l.Key, Amount: l.Amount, Code: secret, Subject: "商品"})
	case OpTake:
		return d.p.Cards.Redeem(ctx, RedeemCall{Card: secret, Count: l.Count, Remark: l.Key})
	case OpQuery:
		return d.p.Codes.Query(ctx, l.Key)
	case OpReverse:
		return d.p.Codes.Reverse(ctx, l.Key)
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

func (d *Desk) wait(cancel <-chan struct{}, until Instant) Input {
	ctx, stop := context.WithCancel(d.ctx)
	defer stop()
	select {
	case <-cancel:
		return Input{Kind: CancelAsked}
	case <-d.p.Clock.At(ctx, until):
		return Input{Kind: Due}
	}
}

// leave ends the work on a job. A sale that is over is forgotten; the store
// has it.
func (d *Desk) leave(j *job) {
	j.sawOnce()
	var s Sale
	j.update(func() { j.running, s = false, j.sale })
	if s.over() {
		d.forget(s.ID)
	}
}

// forget drops what is known of a sale that is over; the store has it.
func (d *Desk) forget(saleID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.jobs, saleID)
}

// ended forgets a sale that is over and tells of it.
func (d *Desk) ended(s Sale) {
	if s.over() {
		d.forget(s.ID)
	}
	d.p.OnUpdate(Update{Sale: s})
}

// persist makes one event durable, together with the end of the sale where it
// is the last thing missing. Before a byte has left, a disk that does not take
// it ends the attempt; afterwards it is tried again until it is written,
// because the money has moved whether the disk likes it or not.
func (d *Desk) persist(j *job, l Leg, e LegEvent) bool {
	for {
		err := d.write(j, l, e)
		if err == nil {
			j.update(func() { j.trouble = nil })
			d.tell(j)
			return true
		}
		if moved(err) {
			// Whoever has not recorded the send himself may not send.
			if stands := d.adopt(j, e); e.State != Sent {
				return stands
			}
			j.update(func() { j.err = err })
			return false
		}
		if e.State == Sent {
			d.p.Log.Error("a payment was not begun: its record could not be written", "outTradeNo", l.Key, "err", err)
			j.update(func() { j.err = err })
			return d.abandon(j, l.ID)
		}
		d.p.Log.Error("an outcome could not be written; trying again", "outTradeNo", l.Key, "state", string(e.State), "err", err)
		j.update(func() { j.trouble = err })
		d.tell(j)
		select {
		case <-d.ctx.Done():
			return false
		case <-d.p.Clock.At(d.ctx, d.p.Clock.Now().after(time.Second)):
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

// adopt takes the sale as the books have it. It reports whether the leg stands
// where e would have brought it, so that its work can go on.
func (d *Desk) adopt(j *job, e LegEvent) bool {
	j.mu.Lock()
	id := j.sale.ID
	j.mu.Unlock()
	s, err := d.p.Store.Sale(context.WithoutCancel(d.ctx), id)
	if err != nil {
		d.p.Log.Error("a sale that has moved on could not be read", "sale", id, "err", err)
		return false
	}
	j.update(func() { j.sale, j.trouble = s, nil })
	d.tell(j)
	l, _ := s.leg(func(l Leg) bool { return l.ID == e.LegID })
	return l.Seq == e.Seq && l.State == e.State
}

// abandon rejects a leg that was never sent, as soon as the disk takes it.
// It reports false: there is nothing more to drive.
func (d *Desk) abandon(j *job, legID string) bool {
	j.mu.Lock()
	s := j.sale
	j.mu.Unlock()
	if stored, err := d.p.Store.Sale(context.WithoutCancel(d.ctx), s.ID); err == nil {
		s = stored // its SENT may be on disk although the disk reported a failure
	}
	l, ok := s.leg(func(l Leg) bool { return l.ID == legID })
	if !ok {
		return false
	}
	e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: Rejected, At: d.p.Clock.Now().Wall, Reason: Reason{Code: "never_sent", Message: "It could not be recorded, so it was not sent."}}
	if l, err := l.Apply(e); err == nil {
		d.persist(j, l, e)
	}
	return false
}

func (d *Desk) write(j *job, l Leg, e LegEvent) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	before, _ := j.sale.leg(func(x Leg) bool { return x.ID == l.ID })
	s, front := j.sale.withLeg(l), j.front
	j.mu.Unlock()
	ctx := context.WithoutCancel(d.ctx)
	var err error
	switch {
	case e.State == Paid && s.Settled() && s.State != Compensating:
		s, err = d.finish(ctx, s, &e, movedEntries(before, l))
	default:
		err = d.p.Store.Advance(ctx, e, movedEntries(before, l), d.act(d.itself(), "leg."+string(e.State), l.Key, e.Reason.Code))
		if err == nil {
			j.update(func() { j.sale = s })
			// Nothing else can pay for what is no sale of goods.
			if e.State == Manual || !front || s.Kind != Goods || s.State == Compensating {
				s, err = d.afterwards(ctx, s)
			}
		}
	}
	if err != nil {
		return err
	}
	j.update(func() { j.sale = s })
	if w, ok := WatchOf(l); ok {
		d.watch(w)
	}
	return nil
}

// freeTheFront sets a sale aside when its payment has held the front screen
// for too long: the till is free again, the leg goes on in the background.
func (d *Desk) freeTheFront(j *job) {
	ctx, stop := context.WithCancel(d.ctx)
	defer stop()
	at := d.p.Clock.At(ctx, j.deadline)
	for {
		j.mu.Lock()
		changed, running := j.changed, j.running
		j.mu.Unlock()
		if !running {
			return
		}
		select {
		case <-changed:
			continue
		case <-at:
		}
		for d.ctx.Err() == nil && !d.setAside(j) {
			<-d.p.Clock.At(d.ctx, d.p.Clock.Now().after(time.Second))
		}
		return
	}
}

// setAside frees the front. It reports whether the books know of it.
func (d *Desk) setAside(j *job) bool {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	s := j.sale
	_, open := s.OpenLeg()
	j.mu.Unlock()
	if !open {
		return true
	}
	if s.State != Tendering { // on record as set aside already
		j.update(func() { j.front, j.aside = false, true })
		return true
	}
	aside, err := d.unsettle(context.WithoutCancel(d.ctx), s)
	if err != nil && !moved(err) {
		d.p.Log.Error("a sale could not be set aside", "sale", s.ID, "err", err)
		j.update(func() { j.front, j.aside = false, true })
		return false
	}
	j.update(func() { j.front, j.aside, j.sale = false, true, aside })
	d.tell(j)
	return true
}

func (d *Desk) alarm(l Leg) {
	d.p.Log.Error("the provider's books and ours differ", "outTradeNo", l.Key, "state", string(l.State), "reason", l.Reason.Code)
	a := d.act(d.itself(), "leg.alarm", l.Key, l.Reason.Code+" "+l.Reason.Message)
	if err := d.p.Store.Note(context.WithoutCancel(d.ctx), a); err != nil {
		d.p.Log.Error("an alarm could not be written", "outTradeNo", l.Key, "err", err)
	}
}

func (j *job) isRunning() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.running
}

func (d *Desk) job(saleID string) *job {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.jobs[saleID]
}

// update changes the job and wakes whoever waits for it.
func (j *job) update(change func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change()
	close(j.changed)
	j.changed = make(chan struct{})
}

func (d *Desk) tell(j *job) {
	j.mu.Lock()
	u := Update{Sale: j.sale, Trouble: j.trouble}
	j.mu.Unlock()
	d.p.OnUpdate(u)
}
