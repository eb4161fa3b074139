package checkout

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"cashier/services/fault"
	"cashier/services/money"
)

// A provider can charge a customer after it refused, and after nobody knew of
// the order; and it can give back after it refused that. So a leg that ended
// without its provider's proof is watched: once it may be reversed it is cancelled,
// and it is asked about again later. Money that turns up is booked and given back;
// what cannot be given back is a person's.

// WatchState is where a watch stands.
type WatchState string

// The states of a watch.
const (
	Watching   WatchState = "WATCHING"
	LateMoney  WatchState = "LATE_MONEY" // the provider holds money for a leg that is over; it is being given back
	LateHeld   WatchState = "HELD"       // it does not give it back, or gave it back itself: a person's
	LateKept   WatchState = "KEPT"       // a person has settled it, and it stays with whoever has it
	LateSquare WatchState = "SQUARED"    // a person has settled it in cash with the customer
	WatchOver  WatchState = "OVER"
)

// WatchStates lists them.
func WatchStates() []WatchState {
	return []WatchState{Watching, LateMoney, LateHeld, LateKept, LateSquare, WatchOver}
}

// Watch looks after a leg that is over.
type Watch struct {
	Leg    Leg
	State  WatchState
	Step   int       // looks done; of late money, tries to give it back that left the till
	Due    time.Time // of the next look
	Booked money.Fen // late money on the books
	Since  time.Time // when the late money was found; zero before
}

// looks are when a leg that is over is looked at, counted from its end. The
// first one waits until it may be cancelled.
var looks = []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute}

// WatchOf is the watch a leg needs when it has just ended; ok is false where
// the provider itself proved that it holds nothing, or gave nothing back.
func WatchOf(l Leg) (w Watch, ok bool) {
	if l.Class != ClassCode && l.Class != ClassRefund || !l.SentOnce {
		return Watch{}, false
	}
	switch l.Reason.Code {
	case "refused", "credentials", "by_hand":
		ok = l.State == Rejected || l.State == Reversed
	case "never_arrived":
		ok = l.State == Reversed
	}
	if !ok {
		return Watch{}, false
	}
	return Watch{Leg: l, State: Watching, Due: l.ChangedAt.Add(looks[0])}, true
}

// settled reports that a person has said how late money ended that has not gone
// back where it came from.
func (w Watch) settled() bool { return w.State == LateKept || w.State == LateSquare }

// automatic reports that the till still has something to do, or to ask. What
// went back by a refund it cannot fetch again.
func (w Watch) automatic() bool {
	return w.State == Watching || w.State == LateMoney || w.State == LateHeld && w.Leg.Class == ClassCode
}

// saw is the watch after a look whose query was judged v. A look that came early,
// because somebody asked or because a wall clock says that it is due, may find
// money; that it found none counts for nothing.
func (w Watch) saw(v verdict, early bool) Watch {
	switch {
	case v == closed, v == refunded:
		w.State = WatchOver
	case w.State == LateHeld:
		if v == paid { // of another amount before, it was not booked
			w.Booked = w.Leg.Amount
		}
		return w
	case v == paid, v == mismatch:
		w = w.found(v)
	case w.State == LateMoney:
	case early:
		return w
	case v == unclear, v == claimed, v == paying: // nobody was asked, or it can still be paid: the same look again
		w.Due = w.Due.Add(looks[1])
		return w
	default:
		if w.Step++; w.Step >= len(looks) {
			w.State = WatchOver
		}
	}
	w.Due = w.Due.Add(w.pause(looks))
	return w
}

// found is the watch when money has moved after all. Of another amount than ours
// nothing is booked: a person has to say what it is.
func (w Watch) found(v verdict) Watch {
	if w.State != LateMoney {
		w.State, w.Step = LateMoney, 0
	}
	if w.Leg.Class == ClassRefund {
		w.State = LateHeld
	}
	if v == paid {
		w.Booked = w.Leg.Amount
	}
	return w
}

// pause is how long to wait for the next look. Late money is looked at in the
// rhythm of the second one.
func (w Watch) pause(looks []time.Duration) time.Duration {
	switch {
	case w.State == LateMoney:
		return looks[1]
	case w.State != Watching:
		return 0
	case w.Step == 0:
		return looks[0]
	}
	return looks[w.Step] - looks[w.Step-1]
}

// entries book late money, and its return by the provider.
func (w Watch) entries(before Watch) []Entry {
	switch {
	case w.Booked != before.Booked:
		return w.move("late", AccUnresolved, AccLiantuofu, w.Booked-before.Booked)
	case w.State == WatchOver:
		return w.move("returned", AccLiantuofu, AccUnresolved, w.Booked)
	}
	return nil
}

// move takes late money from one account to another; what went back too late
// moves the other way.
func (w Watch) move(kind string, from, to Account, amount money.Fen) []Entry {
	if w.Leg.Class == ClassRefund {
		from, to = to, from
	}
	return transfer(w.Leg.SaleID, w.Leg.ID, kind, to, from, amount)
}

// urgent reports whether a person who settles should wait for this watch: money is
// on its way back, or has yet to be cancelled.
func (w Watch) urgent() bool {
	return w.State == LateMoney || w.State == Watching && w.Step == 0 && w.Leg.Class == ClassCode
}

// watcher is a watch this process is working on. Nobody else records it, but for
// the person who settles it.
type watcher struct {
	calm    chan struct{} // closed when nothing urgent is left
	nudge   chan struct{} // asks for a look at once
	retired atomic.Bool   // a person has settled it
}

func (m *watcher) wake() {
	select {
	case m.nudge <- struct{}{}:
	default:
	}
}

// watch follows a watch to its end. Nothing is cancelled within ReverseAfter of
// this process taking it up, because how long ago the pay was cannot be known
// from a wall clock.
func (d *Desk) watch(w Watch) {
	d.mu.Lock()
	if _, running := d.watches[w.Leg.ID]; running || d.p.Codes == nil || !w.automatic() {
		d.mu.Unlock()
		return
	}
	me := &watcher{calm: make(chan struct{}), nudge: make(chan struct{}, 1)}
	d.watches[w.Leg.ID] = me
	d.mu.Unlock()
	d.spawn(func() {
		d.follows(w, me)
		d.mu.Lock()
		delete(d.watches, w.Leg.ID)
		d.mu.Unlock()
		me.settle()
	})
}

func (m *watcher) settle() {
	select {
	case <-m.calm:
	default:
		close(m.calm)
	}
}

func (d *Desk) follows(w Watch, me *watcher) {
	now := d.p.Scheduler.Now()
	soonest := now.after(d.p.Timers.ReverseAfter)
	full := now.after(max(w.pause(d.p.Timers.Looks), d.p.Timers.ReverseAfter))
	at := min(full, now.after(max(w.Due.Sub(now.Wall), d.p.Timers.ReverseAfter)))
	person := d.personAt(w, now)
	for w.automatic() {
		if !w.urgent() {
			me.settle()
		}
		if d.p.Scheduler.Wait(d.ctx, at, me.nudge) {
			d.p.Scheduler.Wait(d.ctx, soonest, nil)
		}
		if d.ctx.Err() != nil || me.retired.Load() {
			return
		}
		before, early := w, d.p.Scheduler.Now().Mono < full
		if w = d.look(w, early, person); d.ctx.Err() != nil {
			return
		}
		now = d.p.Scheduler.Now()
		if w.State == LateMoney && before.State != LateMoney {
			person = d.personAt(w, now)
		}
		if at = full; early && w.State == Watching {
			continue
		}
		pause := w.pause(d.p.Timers.Looks)
		switch {
		case w.State == LateHeld:
			pause = d.p.Timers.AskManual
		case w.Step == before.Step && w.State == Watching:
			pause = d.p.Timers.Looks[1]
		}
		full = now.after(pause)
		at = full
	}
}

// personAt is when late money that will not go back becomes a person's. As with
// legs, no wall clock alone brings that about.
func (d *Desk) personAt(w Watch, now Now) Instant {
	t := d.p.Timers.Automatic
	if w.State != LateMoney {
		return Never
	}
	return now.after(max(t-max(0, now.Wall.Sub(w.Since)), t/96))
}

// look asks, cancels what is not proven dead, and asks again. What is left to a
// person, or went back, is only asked about.
func (d *Desk) look(w Watch, early bool, person Instant) Watch {
	v := d.asks(w)
	if w.State == Watching && (v == paid || v == mismatch) {
		w = d.keep(w, w.saw(v, early))
	}
	switch {
	case w.State == WatchOver: // it was written, and the disk said that it was not
		return w
	case d.ctx.Err() != nil:
		return w
	case v == closed, v == refunded, w.State == LateHeld, w.Leg.Class == ClassRefund:
		return d.keep(w, w.saw(v, early))
	case w.State == LateMoney && (w.Step >= d.p.Timers.ManualAfter || d.p.Scheduler.Now().Mono >= person):
		held := w
		held.State = LateHeld
		return d.keep(w, held)
	}
	next := w
	a := d.p.Codes.Reverse(d.ctx, w.Leg.Key)
	if w.State == LateMoney && a.Delivery != NotSent {
		next.Step++
	}
	d.p.Scheduler.Wait(d.ctx, d.p.Scheduler.Now().after(d.p.Timers.QueryAtLeast), nil)
	v = d.asks(w)
	if d.ctx.Err() != nil {
		return w
	}
	return d.keep(w, next.saw(v, early))
}

// asks the provider what became of a leg that is over.
func (d *Desk) asks(w Watch) verdict {
	if w.Leg.Class == ClassRefund {
		a := d.p.Codes.RefundQuery(d.ctx, w.Leg.Key)
		return judge(OpRefundQuery, &w.Leg, &a).verdict
	}
	return judgeQuery(w.Leg, d.p.Codes.Query(d.ctx, w.Leg.Key))
}

// keep records what a look found. What cannot be written is found again by the
// next look.
func (d *Desk) keep(w, next Watch) Watch {
	if next == w {
		return w
	}
	what := "watch.look"
	if next.State != w.State {
		what = "watch." + string(next.State)
	}
	if next.Since.IsZero() && (next.State == LateMoney || next.State == LateHeld) {
		next.Since = d.p.Scheduler.Now().Wall
	}
	if next.State == LateMoney && w.State != LateMoney {
		d.p.Log.Error("money arrived for a payment that was given up; it is being given back", "outTradeNo", w.Leg.Key)
	}
	err := d.p.Store.Watch(context.WithoutCancel(d.ctx), w, next, next.entries(w), d.act(d.itself(), what, w.Leg.Key, w.Leg.Amount.String()))
	switch {
	case fault.CodeOf(err) == codeWatchChanged: // or it was written, and the disk said that it was not
		return d.reread(w)
	case err != nil:
		d.p.Log.Error("a watch could not be written", "outTradeNo", w.Leg.Key, "err", err)
		return w
	}
	if next.State == LateHeld && w.State != LateHeld {
		d.alarm(w.Leg, next.reason().Code)
	}
	return next
}

// reread is the watch as the books have it.
func (d *Desk) reread(w Watch) Watch {
	now, err := d.watchOf(context.WithoutCancel(d.ctx), w.Leg)
	if err != nil {
		return w
	}
	return now
}

// watchOf is the watch of a leg, one that is over where it has none.
func (d *Desk) watchOf(ctx context.Context, l Leg) (Watch, error) {
	open, err := d.p.Store.Watches(ctx)
	if i := slices.IndexFunc(open, func(x Watch) bool { return x.Leg.ID == l.ID }); i >= 0 {
		return open[i], err
	}
	return Watch{Leg: l, State: WatchOver, Due: d.p.Scheduler.Now().Wall}, err
}

// takeUpWatches goes on with what an earlier process was watching.
func (d *Desk) takeUpWatches(ctx context.Context) error {
	watches, err := d.p.Store.Watches(ctx)
	for _, w := range watches {
		d.watch(w)
	}
	return err
}

// calm waits until no watch is urgent or ctx ends.
func (d *Desk) calm(ctx context.Context) {
	d.mu.Lock()
	all := make([]*watcher, 0, len(d.watches))
	for _, w := range d.watches {
		all = append(all, w)
	}
	d.mu.Unlock()
	for _, w := range all {
		if !d.p.Scheduler.Wait(ctx, Never, w.calm) {
			return
		}
	}
}

// askAgain looks at a payment code's leg that is over or left to a person. A
// provider that holds money for a leg without any is late money; one that
// proves that it holds none ends a MANUAL leg.
func (d *Desk) askAgain(ctx context.Context, s Sale, l Leg) error {
	if d.p.Codes == nil {
		return NotSetUp(ClassCode)
	}
	v := judgeQuery(l, d.p.Codes.Query(ctx, l.Key))
	switch {
	case (l.State == Rejected || l.State == Reversed) && (v == paid || v == mismatch):
		return d.late(ctx, l, v)
	case l.State == Manual && (v == closed || v == refunded):
		_, err := d.conclude(ctx, d.itself(), s, l, Reversed, Reason{Code: "reversed", Message: "The provider proves that it holds nothing."})
		return err
	case l.State == Paid && (v == closed || v == refunded), l.State == Manual && v == paid:
		d.alarm(l, "mismatch")
	default:
	}
	return nil
}

// late records money found to have moved for a leg that is over, before whoever
// asked is told, and hurries the watch that is at it, or begins one.
func (d *Desk) late(ctx context.Context, l Leg, v verdict) error {
	w, err := d.watchOf(ctx, l)
	if err != nil || w.settled() {
		return err // a person has settled it
	}
	if w.State != LateMoney {
		w = d.keep(w, w.saw(v, false))
	}
	d.mu.Lock()
	running := d.watches[l.ID]
	d.mu.Unlock()
	if running != nil {
		running.wake()
		return nil
	}
	d.watch(w)
	return nil
}
