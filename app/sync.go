package app

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/fault"
)

// holdRules are what a delivery may not do without a manager.
func (t *Till) holdRules() catalog.Hold {
	return catalog.Hold{Removed: t.Settings.Int("sync.hold_removed"), Factor: t.Settings.Int("sync.hold_factor")}
}

// SyncFull reads everything from HQ anew and accepts whatever would be held, on
// the word of whoever acts.
func (t *Till) SyncFull(ctx context.Context, progress catalog.Progress) (catalog.Report, error) {
	by := t.Actor()
	if err := by.Demand(access.Prices); err != nil {
		return catalog.Report{}, err
	}
	if err := t.Note(ctx, "catalog.full", "", ""); err != nil {
		return catalog.Report{}, err
	}
	return t.Catalog.SyncWith(ctx, catalog.Options{Full: true, By: by.Name}, progress)
}

// AcceptPrices accepts the changes of price that are held of these products, or
// with none named of all, and syncs.
func (t *Till) AcceptPrices(ctx context.Context, products []int64, why string, progress catalog.Progress) (catalog.Report, error) {
	by := t.Actor()
	if err := by.Demand(access.Prices); err != nil {
		return catalog.Report{}, err
	}
	if strings.TrimSpace(why) == "" {
		return catalog.Report{}, fault.New(fault.Invalid, "resolve.no_reason", "Say why: the reason stays in the audit trail.")
	}
	var held []catalog.Rejection
	for _, r := range t.Catalog.SetAside() {
		if r.Held && (len(products) == 0 || slices.Contains(products, r.Offer.ProductID)) {
			held = append(held, r)
		}
	}
	if missing := max(1, len(products)) - len(held); missing > 0 {
		return catalog.Report{}, fault.New(fault.Invalid, "catalog.not_held", "Of these products {n} have no change of price that waits for a manager; nothing was accepted. `cashierctl sync held` shows what waits.", "n", strconv.Itoa(missing))
	}
	for _, r := range held {
		if err := t.Note(ctx, "catalog.accept", strconv.FormatInt(r.Offer.ProductID, 10), why+": "+r.Reason.Error()); err != nil {
			return catalog.Report{}, err
		}
	}
	return t.Catalog.SyncWith(ctx, catalog.Options{Accept: held, By: by.Name}, progress)
}

// RunSync keeps prices and stock in step with HQ until ctx ends or the till
// closes, which waits for it. synced is told of each sync of the prices.
func (t *Till) RunSync(ctx context.Context, synced func(catalog.Report)) {
	t.runSync(ctx, synced, rand.Float64)
}

func (t *Till) runSync(ctx context.Context, synced func(catalog.Report), random func() float64) {
	if t.hq == nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	over := make(chan struct{})
	defer close(over)
	if !t.onClose(func() error { stop(); <-over; return nil }) {
		return
	}
	run := func(setting string, last func() time.Time, do func(context.Context) error) {
		r := t.rounds(setting)
		r.last, r.do, r.random = last, do, random
		r.run(ctx)
	}
	var stock sync.WaitGroup
	stock.Go(func() {
		run("sync.stock_minutes", t.Catalog.StockAt, func(ctx context.Context) error {
			_, err := t.Catalog.SyncStock(ctx, nil)
			return err
		})
	})
	run("sync.every_minutes", t.Catalog.SyncedAt, func(ctx context.Context) error {
		report, err := t.Catalog.Sync(ctx, false, nil)
		if err == nil && ctx.Err() == nil {
			synced(report)
		}
		return err
	})
	stock.Wait()
}

func (t *Till) rounds(setting string) rounds {
	return rounds{
		every: func() time.Duration { return time.Duration(t.Settings.Int(setting)) * time.Minute },
		now:   t.now,
		failed: func(err error, next time.Duration) {
			t.Log.Warn("a sync in the background failed", "setting", setting, "err", err, "next", next.Round(time.Second))
		},
	}
}

const (
	atStart   = 20 * time.Second // the tills of a chain are switched on together
	lookAgain = time.Minute      // at a setting that says never, or for whoever syncs just now
	firstTry  = time.Minute      // after HQ could not be reached; then twice as long each time
	longest   = time.Hour        // between tries that fail for a reason a person has to mend
	jitter    = 0.1              // of every wait, either way
)

// rounds does something again and again, one at a time.
type rounds struct {
	every  func() time.Duration // below or at 0: not now
	last   func() time.Time     // when it was last done, by anybody; zero: never
	do     func(context.Context) error
	now    func() time.Time
	random func() float64 // from 0 to below 1
	failed func(err error, next time.Duration)
}

func (r rounds) run(ctx context.Context) {
	fails := 0
	for wait := r.first(); sleep(ctx, wait); {
		every := r.every()
		if every <= 0 {
			wait = lookAgain
			continue
		}
		if age := r.now().Sub(r.last()); fails == 0 && age >= 0 && age < every/2 {
			wait = r.blur(every - age) // somebody has asked for it meanwhile
			continue
		}
		err := r.do(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			fails, wait = 0, r.blur(every)
		case fault.KindOf(err) == fault.Busy:
			wait = r.blur(min(lookAgain, every))
		default:
			fails++
			wait = r.blur(backOff(err, fails, every))
			r.failed(err, wait)
		}
	}
}

// first is how long the first round waits: what was read before a restart is
// still good.
func (r rounds) first() time.Duration {
	age, every := r.now().Sub(r.last()), r.every()
	if age >= 0 && age < every {
		return r.blur(every - age)
	}
	return time.Duration(r.random() * float64(atStart))
}

// backOff tries again soon where the network or a moving list was at fault, and
// less and less often where a person has to do something.
func backOff(err error, fails int, every time.Duration) time.Duration {
	doubled := func(d time.Duration, times int) time.Duration { return d << min(times, 10) }
	switch fault.KindOf(err) {
	case fault.Unreachable, fault.Contract, fault.Unknown:
		return min(doubled(firstTry, fails-1), every)
	case fault.Internal, fault.Invalid, fault.Refused, fault.Denied, fault.Credentials, fault.Busy:
	}
	return min(doubled(every, fails), max(longest, every))
}

func (r rounds) blur(d time.Duration) time.Duration {
	return d + time.Duration((2*r.random()-1)*jitter*float64(d))
}

// sleep reports false where ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
