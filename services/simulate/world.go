package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/money"
)

// world is one schedule of the second tier: the real desk, on a store, over a
// bank, a line, a disk, a clock and a power supply that do their worst.
type world struct {
	draw  *Draw
	tasks *Tasks
	bank  *bank
	line  *line
	books *books
	disk  *disk
	desk  *checkout.Desk
	wrong Mutant

	open    func(epoch int64) (Books, error)
	kept    Books
	till    checkout.Till
	ids     int
	events  int
	crashes int
	starts  int
	sold    int
	closed  bool     // in an orderly way, in this life
	shown   []string // payment codes
	goods   []string // complete sales
	digest  uint64
	story   io.Writer // nil tells nothing
}

const maxCrashes = 5

func (w *world) say(format string, args ...any) {
	if w.story != nil {
		fmt.Fprintf(w.story, "%12v  %s\n", time.Duration(w.tasks.mono).Round(time.Millisecond), fmt.Sprintf(format, args...))
	}
}

// event counts what happened, and mixes it into the schedule's digest.
func (w *world) event(what string) {
	w.events++
	for i := range len(what) {
		w.digest = (w.digest ^ uint64(what[i])) * 1099511628211 // FNV-1a
	}
	w.digest = (w.digest ^ uint64(w.tasks.mono)) * 1099511628211
	w.say("%s", what)
}

func (w *world) heard(what, key string, a checkout.Answer) {
	w.event(what + " " + key + " answered")
	if w.story != nil {
		w.say("    %d %s %s %s %s %s", a.HTTP, a.Verdict, a.Code, a.Key, a.Amount, a.Order)
	}
}

func (w *world) worth(key string) money.Fen {
	if l := w.books.byKey(key); l != nil {
		return l.Amount
	}
	return 0
}

func (w *world) mayCrash(where string) {
	if w.crashes < maxCrashes && w.draw.Fault(40) {
		w.crashes++
		w.event("power cut: " + where)
		w.tasks.Cut()
	}
	if w.draw.Fault(80) {
		w.jump()
	}
}

// jump moves the wall clock by up to ten years.
func (w *world) jump() {
	years := w.draw.N(21) - 10
	w.tasks.wall = w.tasks.wall.AddDate(years, 0, w.draw.N(30))
	w.say("the wall clock jumps to %s", w.tasks.Now().Wall.Format(time.DateOnly))
}

// mayClose closes the till in an orderly way, now and then, and at the worst moment.
func (w *world) mayClose() {
	if w.bank.calm || w.books.closing || !w.draw.Fault(60) {
		return
	}
	w.books.closing = true
	w.tasks.Go(func() {
		w.event("the till is closed")
		w.desk.Close()
		w.books.closed()
		w.closed = true
		w.tasks.Cut()
	})
	w.tasks.sleep(time.Millisecond)
}

// boot starts the program on the books as they are.
func (w *world) boot() error {
	if w.starts++; w.starts > 1 {
		store, err := w.kept.Reopen()
		if err != nil {
			return err
		}
		w.disk.Store = store
	}
	w.tasks.born, w.line.born = w.tasks.mono, w.tasks.mono
	w.closed, w.books.closing = false, false
	g := w.gateways()
	desk, err := checkout.New(checkout.Params{
		Store: w.mutantStore(w.disk), Codes: g.codes, Cards: gateway{w}, Members: gateway{w}, Secrets: vault{},
		Scheduler: w.mutantClock(w.tasks), Timers: w.timers(), Till: w.till, Zone: time.UTC, Program: "simulate",
		NewID: func() string { w.ids++; return strconv.Itoa(w.ids) },
		Log:   slog.New(slog.DiscardHandler), OnUpdate: func(u checkout.Update) { w.books.told(u.Sale) },
	})
	w.desk = desk
	w.event("the till starts")
	return err
}

// run is one schedule: the till is used, and cut off, and started again, until
// enough has gone wrong; then everything comes to rest.
func (w *world) run(least, faults int) (err error) {
	if err := w.renew(1); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.stop()
			err = errors.Join(err, w.kept.Close(false))
		}
	}()
	for {
		calm := w.bank.calm
		if err := w.boot(); err != nil {
			return err
		}
		done := false
		w.tasks.Go(func() {
			w.use(least, faults, calm)
			done = true
		})
		horizon := after(w.tasks.mono, 30*24*time.Hour)
		if calm {
			horizon = after(w.tasks.mono, time.Hour)
		}
		cutoff := false
		for !done && w.books.bad == nil && w.tasks.mono < horizon {
			crashes := w.crashes
			if broken := w.tasks.run(after(w.tasks.mono, time.Minute)); broken != nil {
				return gaveUp(broken)
			}
			if w.crashes > crashes || w.closed {
				cutoff = true
				break
			}
		}
		switch {
		case w.books.bad != nil:
			return w.books.bad
		case calm:
			if broken := w.tasks.run(horizon); broken != nil {
				return gaveUp(broken)
			}
			return w.rest()
		case done && !cutoff && w.draw.One(2):
			w.bank.calm = true
			w.say("calm, and no restart")
			if broken := w.tasks.run(after(w.tasks.mono, 3*time.Hour)); broken != nil {
				return gaveUp(broken)
			}
			if w.books.bad != nil {
				return w.books.bad
			}
			return w.rest()
		case done:
			w.bank.calm = true
		}
		w.stop()
		w.down()
	}
}

// gaveUp is a till that ends otherwise than by itself.
func gaveUp(how any) error {
	if stuck, ok := how.(livelock); ok {
		return &Broken{11, stuck.String()}
	}
	return &Broken{0, fmt.Sprintf("the till panicked: %v", how)}
}

// stop takes the power from what still runs.
func (w *world) stop() {
	w.tasks.cut = true
	w.tasks.run(0)
}

// down is the time between two starts.
func (w *world) down() {
	w.tasks.mono = after(w.tasks.mono, time.Duration(w.draw.N(600))*time.Second)
	if !w.bank.calm && w.draw.Fault(10) {
		w.jump()
	}
	if !w.bank.calm && w.draw.Fault(20) {
		w.say("the books are lost; a backup from before the first sale is restored")
		if err := w.renew(w.till.Epoch + 1); err != nil {
			w.books.broken(15, "the books cannot be restored: %v", err)
		}
	}
}

// renew gives the till empty books in a new epoch. Its ids begin anew: that keys
// stay unique is the epoch's merit alone.
func (w *world) renew(epoch int64) error {
	if w.wrong == KeyWithoutEpoch {
		epoch = 1
	}
	kept, err := w.open(epoch)
	if err != nil {
		return err
	}
	if w.kept.Close != nil {
		if err := w.kept.Close(false); err != nil {
			return err
		}
	}
	w.kept, w.till, w.ids = kept, kept.Till, 0
	w.goods = nil
	w.disk = &disk{Store: kept.Store, w: w, fullUntil: w.tasks.mono}
	w.books.forget()
	return nil
}

// rest is what must hold in the end.
func (w *world) rest() error {
	w.books.quiet(func(checkout.Leg) bool { return false })
	open, err := w.disk.Watches(context.Background())
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.State == checkout.LateHeld || o.State == checkout.LateKept || o.State == checkout.LateSquare {
			continue // a person's
		}
		w.books.broken(11, "%s is watched for ever: %s", o.Leg.Key, o.State)
	}
	w.stop()
	if err := w.kept.Close(true); err != nil {
		w.books.broken(13, "%v", err)
	}
	if w.books.bad != nil {
		return w.books.bad
	}
	return nil
}

var staff = access.MachineOwner("simulate", "simulate")
