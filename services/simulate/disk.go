package simulate

import (
	"context"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// disk stands before a store: it fills up, fails after it has written, and is
// where the power goes, before or after each write. What was written it tells
// the auditor.
type disk struct {
	checkout.Store
	w         *world
	fullUntil checkout.Instant
}

// write carries out one transaction.
func (k *disk) write(what string, do func() error, note func()) error {
	w := k.w
	k.yield()
	now := w.tasks.mono
	if !w.bank.calm {
		w.mayCrash(what + ", before it is written")
		if now >= k.fullUntil && w.draw.Fault(50) {
			k.fullUntil = after(now, time.Duration(1+w.draw.N(40))*time.Second)
			w.say("the disk is full until %v", time.Duration(k.fullUntil))
		}
		if now < k.fullUntil {
			return fault.New(fault.Internal, "disk.full", "The disk is full; make room.")
		}
	}
	if err := do(); err != nil {
		w.say("the books refuse: %s: %v", what, err)
		return err
	}
	w.event(what)
	note()
	k.yield()
	if !w.bank.calm {
		w.mayCrash(what + ", after it was written")
		if w.draw.Fault(60) {
			w.say("the disk says it failed, and has written")
			return fault.New(fault.Internal, "disk.io", "The disk reported an error.")
		}
	}
	return nil
}

func (k *disk) Freeze(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	return k.write("freeze "+s.ID, func() error { return k.Store.Freeze(ctx, s, events, entries, a) },
		func() {
			k.w.books.froze(s, events, entries)
			k.w.books.secret(a.Detail)
		})
}

func (k *disk) Sell(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (no string, err error) {
	err = k.write("sell "+s.ID, func() error {
		no, err = k.Store.Sell(ctx, s, events, entries, a)
		return err
	}, func() {
		open := s
		open.State = checkout.Tendering
		k.w.books.froze(open, events, nil)
		k.w.books.receipt(s.ID, no)
		k.w.books.moved(s.ID, checkout.Complete, nil, entries)
		k.w.books.completedBy(s.ID, a)
	})
	return no, err
}

func (k *disk) AddLegs(ctx context.Context, legs []checkout.Leg, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	return k.write("add legs to "+legs[0].SaleID, func() error { return k.Store.AddLegs(ctx, legs, events, entries, a) },
		func() { k.w.books.addedLegs(legs, events, entries) })
}

func (k *disk) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	sale, l := k.w.books.leg(e.LegID)
	err := k.write(string(e.State)+" "+a.Subject+" "+e.Reason.Code, func() error { return k.Store.Advance(ctx, e, entries, a) },
		func() {
			if sale, l = k.w.books.leg(e.LegID); sale != nil && (l.Seq != e.Seq || l.State != e.State) { // the same event again is no event
				k.w.books.moved(sale.ID, "", []checkout.LegEvent{e}, entries)
			}
			k.w.books.secret(a.Detail)
		})
	if err == nil && e.State == checkout.Sent && l != nil {
		k.w.books.line.heard(l.Key).permit = true
		k.w.mayClose()
	}
	if sale != nil {
		k.overtaken(sale, err)
	}
	return err
}

// overtaken notes that another hand, or a disk that lied, was quicker: whoever
// was refused begins with the leg as after a start.
func (k *disk) overtaken(a *audited, err error) {
	if code := fault.CodeOf(err); code == "leg.state_changed" || code == "sale.state_changed" {
		for _, l := range a.Legs {
			k.w.books.anew(l.Key)
		}
	}
}

func (k *disk) Complete(ctx context.Context, s checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (no string, err error) {
	var events []checkout.LegEvent
	if last != nil {
		events = []checkout.LegEvent{*last}
	}
	err = k.write("complete "+s.ID, func() error {
		no, err = k.Store.Complete(ctx, s, last, entries, a)
		return err
	}, func() {
		k.w.books.receipt(s.ID, no)
		k.w.books.moved(s.ID, checkout.Complete, events, entries)
		k.w.books.completedBy(s.ID, a)
	})
	if sale := k.w.books.sale(s.ID); sale != nil {
		k.overtaken(sale, err)
	}
	return no, err
}

func (k *disk) Close(ctx context.Context, s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	err := k.write(string(s.State)+" "+s.ID+" "+s.Reason, func() error { return k.Store.Close(ctx, s, events, entries, a) },
		func() { k.w.books.moved(s.ID, s.State, events, entries) })
	if sale := k.w.books.sale(s.ID); sale != nil {
		k.overtaken(sale, err)
	}
	return err
}

func (k *disk) Watch(ctx context.Context, before, next checkout.Watch, entries []checkout.Entry, a checkout.Act) error {
	return k.write(a.What+" "+a.Subject, func() error { return k.Store.Watch(ctx, before, next, entries, a) },
		func() { k.w.books.watched(before, next, entries) })
}

func (k *disk) Note(ctx context.Context, a checkout.Act) error {
	if a.What == "leg.alarm" { // said in the log as well, whatever becomes of the write
		k.w.books.alarmed(a.Subject)
	}
	k.w.books.secret(a.Detail)
	return k.write(a.What+" "+a.Subject, func() error { return k.Store.Note(ctx, a) }, func() {})
}

func (k *disk) yield() {
	if k.w.tasks.current != nil && !k.w.bank.calm && k.w.draw.One(3) {
		k.w.tasks.sleep(time.Duration(k.w.draw.N(50)) * time.Millisecond)
	}
}

func (k *disk) Sale(ctx context.Context, id string) (checkout.Sale, error) {
	k.yield()
	s, err := k.Store.Sale(ctx, id)
	k.yield()
	return s, err
}

func (k *disk) SaleByKey(ctx context.Context, key string) (checkout.Sale, error) {
	k.yield()
	s, err := k.Store.SaleByKey(ctx, key)
	k.yield()
	return s, err
}

func (k *disk) OpenSales(ctx context.Context) ([]checkout.Sale, error) {
	k.yield()
	s, err := k.Store.OpenSales(ctx)
	k.yield()
	return s, err
}
