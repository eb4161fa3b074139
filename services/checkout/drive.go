package checkout

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cashier/services/access"
	"cashier/services/fault"
)

// follow works on the open leg of a sale until nothing automatic is left.
// front says that a cashier waits for it at the counter.
func (d *Desk) follow(s Sale, secret string, how InputKind, front bool) *job {
	l, open := s.OpenLeg()
	now := d.p.Clock.Now()
	j := &job{
		sale: s, front: front, deadline: now.after(d.p.Timers.Front),
		changed: make(chan struct{}), cancel: make(chan struct{}), looked: make(chan struct{}),
		running: open,
	}
	d.mu.Lock()
	d.jobs[s.ID] = j
	d.mu.Unlock()
	if !open {
		close(j.looked)
		return j
	}
	d.wg.Go(func() { d.drive(j, NewMachine(l, d.p.Timers), how, secret) })
	if front {
		d.wg.Go(func() { d.freeTheFront(j) })
	}
	return j
}

// drive carries out what the machine decides, one effect at a time.
func (d *Desk) drive(j *job, m Machine, how InputKind, secret string) {
	defer d.leave(j)
	cancel := j.cancel
	in := Input{Kind: how}
	for d.ctx.Err() == nil {
		var e Effect
		m, e = m.Step(in, d.p.Clock.Now())
		if e.Alarm {
			d.alarm(m.Leg)
		}
		switch e.Kind {
		case Done:
			return
		case Record:
			if !d.persist(j, m.Leg, e.Event) {
				return
			}
			in = Input{Kind: Recorded}
		case Call:
			a := d.call(m.Leg, e.Op, secret)
			in = Input{Kind: Replied, Op: e.Op, Answer: a}
		case Wait:
			j.sawOnce()
			if in = d.wait(cancel, e.Until); in.Kind == CancelAsked {
				cancel = nil // asked once; a nil channel never fires
			}
		}
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

// call asks a provider. The desk's own context bounds it, not a caller's: a
// pay that has begun is never abandoned because a window was closed.
func (d *Desk) call(l Leg, op Op, secret string) Answer {
	ctx := d.ctx
	if l.Class == ClassCard && d.p.Cards == nil || l.Class == ClassCode && d.p.Codes == nil {
		return Answer{Delivery: NotSent, Message: errNoGateway().Error()}
	}
	switch op {
	case OpPay:
		return d.p.Codes.Pay(ctx, PayCall{Key: l.Key, Amount: l.Amount, Code: secret, Subject: "商品"})
	case OpRedeem:
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
	j.update(func() { j.running = false })
	if s := j.sale; s.State == Complete || s.State == Voided {
		d.mu.Lock()
		delete(d.jobs, s.ID)
		d.mu.Unlock()
	}
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

// abandon rejects a leg that was never sent, as soon as the disk takes it.
// It reports false: there is nothing more to drive.
func (d *Desk) abandon(j *job, legID string) bool {
	j.mu.Lock()
	l := j.sale.Legs[slices.IndexFunc(j.sale.Legs, func(l Leg) bool { return l.ID == legID })]
	j.mu.Unlock()
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
	s, front := j.sale.withLeg(l), j.front
	j.mu.Unlock()
	ctx := context.WithoutCancel(d.ctx)
	var err error
	switch {
	case e.State == Paid && s.Settled():
		if s, err = d.finish(ctx, s, &e, paidEntries(l)); fault.CodeOf(err) == codeStateChanged {
			s, err = d.alreadyOver(ctx, s.ID, err)
		}
	default:
		err = d.p.Store.Advance(ctx, e, movedEntries(l), d.act(d.itself(), "leg."+string(e.State), l.Key, e.Reason.Code))
		if err == nil {
			j.update(func() { j.sale = s })
			if e.State == Manual || !front {
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

// alreadyOver is the sale as recorded, where an earlier write took effect
// although the disk reported that it had failed.
func (d *Desk) alreadyOver(ctx context.Context, saleID string, why error) (Sale, error) {
	s, err := d.p.Store.Sale(ctx, saleID)
	if err == nil && s.State != Complete {
		err = why
	}
	return s, err
}

// afterwards is what becomes of a sale nobody waits for, or nobody can help:
// complete, voided, or set aside with its open leg.
func (d *Desk) afterwards(ctx context.Context, s Sale) (Sale, error) {
	l, open := s.OpenLeg()
	switch {
	case s.State != Tendering && s.State != Unsettled:
		return s, nil
	case s.Settled():
		return d.finish(ctx, s, nil, nil)
	case open && l.State == Manual && s.State == Tendering:
		return d.unsettle(ctx, s)
	case !open:
		return d.void(ctx, s, d.itself())
	}
	return s, nil
}

// finish ends a sale as COMPLETE: one transaction with its last leg.
func (d *Desk) finish(ctx context.Context, s Sale, last *LegEvent, entries []Entry) (Sale, error) {
	done := s
	done.State, done.ClosedAt, done.Reason = Complete, d.p.Clock.Now().Wall, ""
	no, err := d.p.Store.Complete(ctx, done, last, append(entries, completeEntries(done)...), d.act(s.Actor, "sale.complete", s.ID, s.Total.String()))
	if err != nil {
		return s, err
	}
	done.ReceiptNo = no
	return done, nil
}

func (d *Desk) sell(ctx context.Context, s Sale, events []LegEvent, entries []Entry) (Sale, error) {
	s.State, s.ClosedAt = Complete, s.OpenedAt
	no, err := d.p.Store.Sell(ctx, s, events, entries, d.act(s.Actor, "sale.complete", s.ID, s.Total.String()))
	if err != nil {
		return Sale{}, err
	}
	s.ReceiptNo = no
	d.p.OnUpdate(Update{Sale: s})
	return s, nil
}

func (d *Desk) unsettle(ctx context.Context, s Sale) (Sale, error) {
	s.State = Unsettled
	if l, open := s.OpenLeg(); open {
		s.Reason = l.Reason.Code
	}
	return s, d.p.Store.Close(ctx, s, nil, nil, d.act(d.itself(), "sale.unsettled", s.ID, s.Reason))
}

// void books counted cash back and ends the sale without money kept.
func (d *Desk) void(ctx context.Context, s Sale, by access.Actor) (Sale, error) {
	now := d.p.Clock.Now().Wall
	var events []LegEvent
	var entries []Entry
	for _, l := range s.Legs {
		if l.State != Paid {
			continue
		}
		if l.Class != ClassRecorded {
			return s, errPaidLeg(l)
		}
		e := LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: Reversed, At: now, Reason: Reason{Code: "handed_back"}}
		back, err := l.Apply(e)
		if err != nil {
			return s, err
		}
		s = s.withLeg(back)
		events, entries = append(events, e), append(entries, reversedEntries(l)...)
	}
	s.State, s.ClosedAt = Voided, now
	if err := d.p.Store.Close(ctx, s, events, entries, d.act(by, "sale.void", s.ID, s.Reason)); err != nil {
		return s, err
	}
	return s, nil
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
		if d.ctx.Err() != nil {
			return
		}
		d.setAside(j)
		return
	}
}

func (d *Desk) setAside(j *job) {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	s := j.sale
	_, open := s.OpenLeg()
	j.mu.Unlock()
	if !open || s.State != Tendering {
		return
	}
	aside, err := d.unsettle(context.WithoutCancel(d.ctx), s)
	if err != nil {
		d.p.Log.Error("a sale could not be set aside", "sale", s.ID, "err", err)
	}
	j.update(func() { j.front, j.sale = false, aside })
	d.tell(j)
}

func (d *Desk) alarm(l Leg) {
	d.p.Log.Error("the provider's books and ours differ", "outTradeNo", l.Key, "state", string(l.State), "reason", l.Reason.Code)
	a := d.act(d.itself(), "leg.alarm", l.Key, l.Reason.Code+" "+l.Reason.Message)
	if err := d.p.Store.Note(context.WithoutCancel(d.ctx), a); err != nil {
		d.p.Log.Error("an alarm could not be written", "outTradeNo", l.Key, "err", err)
	}
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
