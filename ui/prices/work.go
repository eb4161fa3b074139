package prices

import (
	"context"
	"errors"

	"cashier/services/fault"
	"cashier/services/pricing"
)

type ctx = context.Context

// work is what moves prices just now. There is one at a time.
type work struct {
	label     string
	done, of  int
	perSecond int
	stop      context.CancelFunc
	stopped   bool
}

func (w *Page) busy() bool { return w.work != nil }

// Busy reports whether a person has something under way here.
func (w *Page) Busy() bool { return w.busy() }

// run does blocking work and comes back with its end, on the screen's goroutine.
func (w *Page) run(label string, do func(ctx ctx, k *work) error, end func()) {
	w.runTo(label, do, func(k *work, err error) {
		if err != nil {
			w.failed(k, err)
			return
		}
		end()
	})
}

func (w *Page) failed(k *work, err error) {
	if k.stopped && errors.Is(err, context.Canceled) {
		w.p.Host.Inform(w.t.T("desk.stopped"))
		return
	}
	w.p.Host.Fault(err)
}

// runTo is run whose end also hears of a failure.
func (w *Page) runTo(label string, do func(ctx ctx, k *work) error, end func(k *work, err error)) {
	if w.busy() {
		w.p.Host.Warn(w.t.T("desk.busy"))
		return
	}
	k := &work{label: label}
	k.stop = func() { k.stopped = true } // before it has begun
	w.work = k
	w.side.paint()
	w.p.Host.Background(func(c ctx) {
		c, cancel := context.WithCancelCause(c)
		w.p.Host.Later(func() {
			k.stop = func() { k.stopped = true; cancel(pricing.ErrStopped); w.side.paint() }
			if k.stopped {
				k.stop()
			}
		})
		err := do(c, k)
		cancel(nil)
		w.p.Host.Later(func() {
			w.work = nil
			w.side.paint()
			end(k, err)
		})
	})
}

// tell shows how far work is; from any goroutine.
func (w *Page) tell(k *work, done, of, perSecond int) {
	w.p.Host.Later(func() {
		k.done, k.of, k.perSecond = done, of, perSecond
		w.side.paintWork()
	})
}

// rehearse holds what is to change against HQ. direct sends it at once where it
// is one price without anything to look at.
func (w *Page) rehearse(direct bool) {
	wanted := w.model.Wanted()
	if len(wanted) == 0 {
		w.p.Host.Warn(w.t.T("desk.nothing"))
		return
	}
	var draft pricing.Draft
	w.run(w.t.T("desk.rehearsing"), func(c ctx, k *work) (err error) {
		draft, err = w.p.Desk.Rehearse(c, wanted, func(done, of int) { w.tell(k, done, of, 0) })
		return err
	}, func() {
		rules := w.p.Desk.Rules()
		preview := draft.Preview(rules)
		if direct && w.plain(preview) {
			w.send(Plan{Name: w.nameOf(preview.Lines[0].Line), Draft: draft, Rules: rules})
			return
		}
		w.confirm(draft, rules)
	})
}

// plain reports one price that nobody needs to look at twice: HQ's is the one the
// table shows, and no guard has anything to say.
func (w *Page) plain(p pricing.Preview) bool {
	return len(p.Lines) == 1 && p.Changes == 1 && p.Warned == 0 && !w.moved(p.Lines[0].Line)
}

// moved reports that HQ has another price by now than the table shows.
func (w *Page) moved(l pricing.Line) bool {
	p, ok := w.p.Index().ByProductID(l.ProductID)
	here := ok && (l.ShopID == 0 || l.ShopID == p.ShopID)
	return here && (!l.Was.Decimal.Equal(yuan(&p.Price).Decimal) || !l.WasMember.Decimal.Equal(yuan(&p.MemberPrice).Decimal))
}

func (w *Page) nameOf(l pricing.Line) string {
	return l.Name + " " + pricing.Yuan(l.Was) + " → " + pricing.Yuan(l.Price)
}

// send plans a batch and, where it is due, sends it. Once it is written down it is
// the list of batches that has it, and no longer the table.
func (w *Page) send(plan Plan) {
	var batch pricing.Batch
	w.runTo(w.t.T("desk.sending"), func(c ctx, k *work) error {
		planned, err := w.p.Desk.Plan(c, plan)
		if batch = planned; err != nil || !plan.Due.IsZero() {
			return err
		}
		batch, err = w.sent(c, k, planned.ID)
		if batch.ID == "" {
			batch = planned
		}
		return err
	}, func(k *work, err error) {
		if batch.ID == "" {
			w.failed(k, err)
			return
		}
		w.model.Drop(plan.Draft)
		switch {
		case fault.CodeOf(err) == "price.batch_busy":
			w.p.Host.Warn(w.t.T("desk.queued", "name", batch.Name))
		case err == nil && !plan.Due.IsZero():
			w.p.Host.Inform(w.t.T("desk.planned", "name", batch.Name, "time", plan.Due.In(w.p.Zone).Format("01-02 15:04")))
		default:
			w.became(batch, k, err)
		}
		w.afterwards()
	})
}

// became says what became of a batch that was sent, or how far it came.
func (w *Page) became(b pricing.Batch, k *work, err error) {
	switch {
	case err == nil:
		w.came(b)
	case b.Stopped():
		w.p.Host.Warn(w.t.T("desk.paused", "name", b.Name, "n", b.Count[pricing.RowPlanned]))
		w.openBatch(b.ID)
	default:
		w.failed(k, err)
	}
}

// sendOn sends what there is of a batch that get comes by.
func (w *Page) sendOn(label string, get func(c ctx, k *work) (pricing.Batch, error)) {
	var batch pricing.Batch
	w.p.Host.Inform(label) // in the place of what was said of it before
	w.runTo(label, func(c ctx, k *work) (err error) {
		batch, err = get(c, k)
		return err
	}, func(k *work, err error) {
		w.became(batch, k, err)
		w.afterwards()
	})
}

func (w *Page) sent(c ctx, k *work, id string) (pricing.Batch, error) {
	return w.p.Desk.Send(c, id, func(p pricing.Progress) { w.tell(k, p.Done, p.Of, p.PerSecond) })
}

// came says what became of a batch.
func (w *Page) came(b pricing.Batch) {
	open := b.Count[pricing.RowConflict] + b.Count[pricing.RowUnknown] + b.Count[pricing.RowUnchanged]
	if open > 0 {
		w.p.Host.Warn(w.t.T("desk.asks", "name", b.Name, "n", open))
		w.openBatch(b.ID)
		return
	}
	w.p.Host.Inform(w.t.T("desk.sent", "name", b.Name, "n", b.Count[pricing.RowChanged]))
}

// afterwards shows what is in force by now.
func (w *Page) afterwards() {
	w.side.forget()
	if w.model.OnlyChanges() && w.model.Changes() == 0 {
		w.model.Only(false)
	}
	w.Reload()
	w.readFacts()
}

// Behind shows how far a batch is that goes on by itself, beside what a person
// does here.
func (w *Page) Behind(b pricing.Batch, p pricing.Progress) {
	w.behind = w.t.T("desk.behind", "name", b.Name, "done", p.Done, "of", p.Of)
	w.side.paint()
}

// Ran shows what is in force after a batch that was sent by itself; where the page
// is not up, Show does.
func (w *Page) Ran(up bool) {
	w.behind = ""
	if up {
		w.afterwards()
	}
}

// resume says that a batch of an earlier day asks for a person.
func (w *Page) resume() {
	w.p.Host.Background(func(c ctx) {
		list, err := w.p.Desk.Batches(c, 20)
		w.p.Host.Later(func() {
			if err != nil {
				w.p.Host.Fault(err)
				return
			}
			asks := 0
			for _, b := range list {
				if b.Count[pricing.RowConflict]+b.Count[pricing.RowUnknown] > 0 {
					asks++
				}
			}
			if asks > 0 && !w.busy() {
				w.p.Host.Warn(w.t.T("desk.batchesAsk", "n", asks))
			}
		})
	})
}
