package checkout

import (
	"context"
	"slices"
	"time"

	"cashier/services/fault"
	"cashier/services/money"
)

// A provider can charge a customer after it refused, and after nobody knew of
// the order. So a leg that ended without its provider's proof is watched: once
// it may be reversed it is cancelled, and it is asked about again later. Money
// that turns up is given back and booked, and a person is told.

// WatchState is where a watch stands.
type WatchState string

// The states of a watch.
const (
	Watching  WatchState = "WATCHING"
	LateMoney WatchState = "LATE_MONEY" // the provider holds money for a leg that is over; it is being given back
	WatchOver WatchState = "OVER"
)

// Watch looks after a leg that is over.
type Watch struct {
	Leg    Leg
	State  WatchState
	Step   int       // looks done
	Due    time.Time // of the next look
	Booked money.Fen // late money on the books
}

// looks are when a leg that is over is looked at, counted from its end. The
// first one waits until it may be cancelled.
var looks = []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute}

// WatchOf is the watch a leg needs when it has just ended; ok is false where
// the provider itself proved that it holds nothing.
func WatchOf(l Leg) (w Watch, ok bool) {
	if l.Class != ClassCode || !l.SentOnce {
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

// saw is the watch after a look whose query was judged v. A look that came early,
// because somebody asked or because a wall clock says that it is due, may find
// money; that it found none counts for nothing.
func (w Watch) saw(v verdict, early bool) Watch {
	switch {
	case v == closed, v == refunded:
		w.State = WatchOver
	case v == paid:
		w.State, w.Booked = LateMoney, w.Leg.Amount
	case v == mismatch:
		w.State = LateMoney
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

// pause is how long to wait for the next look. Late money is looked at in the
// rhythm of the second one.
func (w Watch) pause(looks []time.Duration) time.Duration {
	switch {
	case w.State == WatchOver:
		return 0
	case w.State == LateMoney:
		return looks[1]
	case w.Step == 0:
		return looks[0]
	}
	return looks[w.Step] - looks[w.Step-1]
}

// entries book money that arrived late, and its return.
func (w Watch) entries(before Watch) []Entry {
	switch {
	case w.Booked != before.Booked:
		return transfer(w.Leg.SaleID, w.Leg.ID, "late", AccLiantuofu, AccUnresolved, w.Booked-before.Booked)
	case w.State == WatchOver:
		return transfer(w.Leg.SaleID, w.Leg.ID, "returned", AccUnresolved, AccLiantuofu, w.Booked)
	}
	return nil
}

// urgent reports whether a person who settles should wait for this watch.
func (w Watch) urgent() bool {
	return w.State == LateMoney || (w.State == Watching && w.Step == 0)
}

// watcher is a watch this process is working on. Nobody else records it.
type watcher struct {
	calm  chan struct{} // closed when nothing urgent is left
	nudge chan struct{} // asks for a look at once
}

// watch follows a watch to its end. Nothing is cancelled within ReverseAfter of
// this process taking it up, because how long ago the pay was cannot be known
// from a wall clock.
func (d *Desk) watch(w Watch) {
	d.mu.Lock()
	if _, running := d.watches[w.Leg.ID]; running || d.p.Codes == nil {
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
	for w.State != WatchOver {
		if !w.urgent() {
			me.settle()
		}
		if d.p.Scheduler.Wait(d.ctx, at, me.nudge) {
			d.p.Scheduler.Wait(d.ctx, soonest, nil)
		}
		if d.ctx.Err() != nil {
			return
		}
		before, early := w, d.p.Scheduler.Now().Mono < full
		if w = d.look(w, early); d.ctx.Err() != nil {
			return
		}
		if at = full; early && w.State == Watching {
			continue
		}
		pause := w.pause(d.p.Timers.Looks)
		if w.Step == before.Step && w.State == Watching {
			pause = d.p.Timers.Looks[1]
		}
		full = d.p.Scheduler.Now().after(pause)
		at = full
	}
}

// look asks, cancels what is not proven dead, and asks again.
func (d *Desk) look(w Watch, early bool) Watch {
	v := judgeQuery(w.Leg, d.p.Codes.Query(d.ctx, w.Leg.Key))
	if v == paid || v == mismatch {
		if w = d.seen(w, v, early); w.State == WatchOver { // it was written, and the disk said that it was not
			return w
		}
	}
	if v != closed && v != refunded {
		d.p.Codes.Reverse(d.ctx, w.Leg.Key)
		d.p.Scheduler.Wait(d.ctx, d.p.Scheduler.Now().after(d.p.Timers.QueryAtLeast), nil)
		v = judgeQuery(w.Leg, d.p.Codes.Query(d.ctx, w.Leg.Key))
	}
	if d.ctx.Err() != nil {
		return w
	}
	return d.seen(w, v, early)
}

// seen records what a look found. What cannot be written is found again by the
// next look.
func (d *Desk) seen(w Watch, v verdict, early bool) Watch {
	next := w.saw(v, early)
	if next == w {
		return w
	}
	what := "watch.look"
	if next.State != w.State {
		what = "watch." + string(next.State)
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
	return next
}

// reread is the watch as the books have it.
func (d *Desk) reread(w Watch) Watch {
	open, err := d.p.Store.Watches(context.WithoutCancel(d.ctx))
	if err != nil {
		return w
	}
	if i := slices.IndexFunc(open, func(x Watch) bool { return x.Leg.ID == w.Leg.ID }); i >= 0 {
		return open[i]
	}
	w.State = WatchOver
	return w
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

// late begins to give back money found for a leg that is over, or hurries the
// watch that is already at it.
func (d *Desk) late(ctx context.Context, l Leg, v verdict) error {
	d.mu.Lock()
	running := d.watches[l.ID]
	d.mu.Unlock()
	if running != nil {
		select {
		case running.nudge <- struct{}{}:
		default:
		}
		return nil
	}
	open, err := d.p.Store.Watches(ctx)
	if err != nil {
		return err
	}
	w := Watch{Leg: l, State: WatchOver, Due: d.p.Scheduler.Now().Wall}
	if i := slices.IndexFunc(open, func(w Watch) bool { return w.Leg.ID == l.ID }); i >= 0 {
		w = open[i]
	}
	d.watch(d.seen(w, v, false))
	return nil
}
