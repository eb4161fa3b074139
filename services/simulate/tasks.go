package simulate

import (
	"context"
	"time"

	"cashier/services/checkout"
)

// Tasks is a checkout.Scheduler on which one task runs at a time, in virtual
// time, in an order that the draw decides. It needs no lock and never waits.
type Tasks struct {
	draw    *Draw
	mono    checkout.Instant // true time since the schedule began
	born    checkout.Instant // of the process: its own clock counts from here
	wall    time.Time        // what the machine's clock says at mono 0
	running []*task
	current *task
	cut     bool // the power has gone
	steps   int
	crew    *crew
}

// task is what a hand does until it waits.
type task struct {
	*hand
	until  checkout.Instant
	wake   <-chan struct{}
	ctx    context.Context
	woken  bool
	parked bool
	begun  bool
}

func newTasks(d *Draw, c *crew) *Tasks {
	return &Tasks{draw: d, crew: c, wall: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
}

// Now implements checkout.Scheduler.
func (t *Tasks) Now() checkout.Now {
	return checkout.Now{Mono: t.mono - t.born, Wall: t.wall.Add(time.Duration(t.mono))}
}

// Go implements checkout.Scheduler.
func (t *Tasks) Go(f func()) { t.running = append(t.running, &task{hand: t.crew.hire(f)}) }

// Wait implements checkout.Scheduler.
func (t *Tasks) Wait(ctx context.Context, until checkout.Instant, wake <-chan struct{}) bool {
	if t.cut { // what is unwound waits for nothing
		panic(powerCut{})
	}
	k := t.current
	if until != checkout.Never {
		until += t.born
	}
	k.until, k.wake, k.ctx, k.parked, k.woken = until, wake, ctx, true, false
	k.yield(struct{}{})
	if t.cut {
		panic(powerCut{})
	}
	return k.woken
}

// sleep lets virtual time pass for the task that runs.
func (t *Tasks) sleep(d time.Duration) {
	t.Wait(context.Background(), t.mono-t.born+checkout.Instant(d), nil)
}

// Cut takes the power away from everything, the task that runs included.
func (t *Tasks) Cut() {
	t.cut = true
	panic(powerCut{})
}

// run lets tasks go on until none can before the horizon, or the power is cut.
// It returns what a task panicked with.
func (t *Tasks) run(horizon checkout.Instant) any {
	for !t.cut {
		if t.steps++; t.steps > maxTaskSteps {
			return livelock{}
		}
		k, soonest := t.choose()
		if k == nil {
			if soonest > horizon {
				t.mono = max(t.mono, horizon)
				return nil
			}
			t.mono = max(t.mono, soonest)
			continue
		}
		if broken := t.let(k); broken != nil {
			return broken
		}
	}
	var broken any
	for len(t.running) > 0 { // what is unwound may begin something: that ends as well
		k := t.running[0]
		if t.running = t.running[1:]; k.begun {
			t.current = k
			k.resume()
		}
		if broken == nil {
			broken = k.broken
		}
		t.crew.free(k.hand)
	}
	t.current, t.running, t.cut = nil, nil, false
	return broken
}

// maxTaskSteps is far more than a schedule takes that comes to an end.
const maxTaskSteps = 2_000_000

// livelock is what a schedule ends with that does not.
type livelock struct{}

func (livelock) String() string { return "the till never comes to rest" }

// let runs one task until it waits or ends.
func (t *Tasks) let(k *task) any {
	t.current, k.begun = k, true
	k.resume()
	t.current = nil
	broken := k.broken
	if k.over {
		t.crew.free(k.hand)
		for i, x := range t.running {
			if x == k {
				t.running = append(t.running[:i], t.running[i+1:]...)
				break
			}
		}
	}
	return broken
}

// choose picks one of the tasks that can go on, or says when the next one can.
func (t *Tasks) choose() (*task, checkout.Instant) {
	soonest := checkout.Never
	var ready [8]*task
	n := 0
	for _, k := range t.running {
		if !t.ready(k) {
			soonest = min(soonest, k.until)
		} else if n < len(ready) {
			ready[n] = k
			n++
		}
	}
	switch n {
	case 0:
		return nil, soonest
	case 1:
		ready[0].parked = false
		return ready[0], 0
	}
	k := ready[t.draw.N(n)]
	k.parked = false
	return k, 0
}

func (t *Tasks) ready(k *task) bool {
	switch {
	case !k.parked, k.woken: // new, or woken and not yet chosen
		return true
	case k.until <= t.mono:
		return true
	}
	select {
	case <-k.wake:
		k.woken = true
		return true
	default:
	}
	return k.ctx.Err() != nil
}
