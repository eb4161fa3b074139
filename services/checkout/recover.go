package checkout

import (
	"context"
	"time"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/scancode"
)

// lookWait bounds how long a start waits for the first look at what an
// earlier process left behind; the work goes on in the background.
const lookWait = 3 * time.Second

// Recovered says what a start found.
type Recovered struct {
	Found int // sales that were not over
	Open  int // of these, how many still are after the first look
}

// Recover takes up every sale an earlier process left open: what was never
// sent is rejected, what may have been sent is asked for at once, what is
// fully paid is completed, what is not paid is voided. It returns after the
// first look; whatever is still open is followed in the background. A sale that
// waits at this desk's counter for another tender is somebody's, and stays.
func (d *Desk) Recover(ctx context.Context) (Recovered, error) {
	sales, err := d.p.Store.OpenSales(ctx)
	if err != nil {
		return Recovered{}, err
	}
	r := Recovered{Found: len(sales)}
	var jobs []*job
	for _, s := range sales {
		if j := d.job(s.ID); j != nil && (j.isAlive() || j.atCounter()) {
			continue
		}
		open, isOpen := s.OpenLeg()
		_, back := s.undoable()
		switch {
		case isOpen && !d.canAsk(open), s.State == Compensating && back && !d.hasGateway(ClassCode):
			continue
		case isOpen, s.State == Compensating && back:
			jobs = append(jobs, d.follow(s, nil, Resume, false))
			continue
		}
		c := d.course(s)
		e := c.Step(Input{Kind: Resume}, d.p.Scheduler.Now())
		if _, err := d.bring(ctx, c, e); err != nil {
			d.p.Log.Error("a sale could not be brought to its end; tried again until it is", "sale", s.ID, "err", err)
			d.follow(s, nil, Resume, false)
		}
	}
	if err := d.takeUpWatches(ctx); err != nil {
		return r, err
	}
	until := d.p.Scheduler.Now().after(lookWait)
	for _, j := range jobs {
		d.p.Scheduler.Wait(ctx, until, j.looked)
	}
	left, err := d.p.Store.OpenSales(ctx)
	r.Open = len(left)
	return r, err
}

// canAsk reports whether this process can find anything out about a leg. One
// without the gateway or its key leaves the leg as it is for one that has them.
func (d *Desk) canAsk(l Leg) bool {
	neverSent := l.State == Intent && !l.SentOnce // nothing to ask
	return neverSent || d.hasGateway(l.Class)
}

// Wait blocks until a sale is over, set aside, or in need of another tender.
// It returns the sale as it then is, and the error that kept its payment from
// being begun, if there was one.
func (d *Desk) Wait(ctx context.Context, saleID string) (Sale, error) {
	for {
		j := d.job(saleID)
		if j == nil {
			return d.p.Store.Sale(ctx, saleID)
		}
		j.mu.Lock()
		s, err, running, aside, changed := j.sale, j.err, j.running, j.aside, j.changed
		j.mu.Unlock()
		if err != nil || !running || aside {
			return s, err
		}
		if !d.p.Scheduler.Wait(ctx, Never, changed) {
			return s, ctx.Err()
		}
	}
}

// Settle works on every open leg until nothing automatic is left or ctx ends,
// and returns what is still open.
func (d *Desk) Settle(ctx context.Context) ([]Leg, error) {
	if _, err := d.Recover(ctx); err != nil {
		return nil, err
	}
	for _, j := range d.running() {
		d.done(ctx, j)
	}
	d.calm(ctx)
	return d.Unresolved(context.WithoutCancel(ctx))
}

func (d *Desk) running() []*job {
	d.mu.Lock()
	defer d.mu.Unlock()
	jobs := make([]*job, 0, len(d.jobs))
	for _, j := range d.jobs {
		jobs = append(jobs, j)
	}
	return jobs
}

// Unresolved lists the legs whose outcome is not known, oldest first.
func (d *Desk) Unresolved(ctx context.Context) ([]Leg, error) {
	sales, err := d.p.Store.OpenSales(ctx)
	if err != nil {
		return nil, err
	}
	watches, err := d.p.Store.Watches(ctx)
	if err != nil {
		return nil, err
	}
	var legs []Leg
	for _, s := range sales {
		for _, l := range s.Legs {
			switch {
			case l.State.Open():
				legs = append(legs, l)
			case l.stays() && s.partlyPaid():
				l.Reason = Reason{Code: s.partly()}
				legs = append(legs, l)
			}
		}
	}
	for _, w := range watches {
		if l := w.Leg.Now([]Watch{w}); l.Late() {
			legs = append(legs, l)
		}
	}
	return legs, nil
}

// Sale finds a sale by its id.
func (d *Desk) Sale(ctx context.Context, id string) (Sale, error) { return d.p.Store.Sale(ctx, id) }

// Leg finds a leg by its key. One whose money moved although it is over says so
// as its reason.
func (d *Desk) Leg(ctx context.Context, key string) (Leg, error) {
	s, err := d.p.Store.SaleByKey(ctx, key)
	if err != nil {
		return Leg{}, err
	}
	l, _ := s.leg(func(l Leg) bool { return l.Key == key })
	if !l.State.Final() || !l.SentOnce {
		return l, nil
	}
	watches, err := d.p.Store.Watches(ctx)
	return l.Now(watches), err
}

// Query looks at one leg now. An open leg is taken up as at a start, which
// asks the provider at once; where the till is at it already, it is asked as soon
// as the provider allows, whatever the rhythm; one that is over or left to a person is asked
// about as well, and what the provider proves is recorded.
func (d *Desk) Query(ctx context.Context, key string) (Leg, error) {
	s, err := d.p.Store.SaleByKey(ctx, key)
	if err != nil {
		return Leg{}, err
	}
	l, _ := s.leg(func(l Leg) bool { return l.Key == key })
	switch {
	case l.State.Final() || l.State == Manual:
		switch {
		case l.Class == ClassCode && l.SentOnce:
			err = d.askAgain(ctx, s, l)
		case l.Class == ClassRefund && l.SentOnce:
			err = d.askRefund(ctx, s, l)
		}
	case !d.canAsk(l):
		err = NotSetUp(l.Class)
	default:
		j := d.job(s.ID)
		if j == nil || !j.isAlive() {
			d.p.Scheduler.Wait(ctx, Never, d.follow(s, nil, Resume, false).looked)
			break
		}
		d.p.Scheduler.Wait(ctx, Never, j.lookNow())
	}
	if err != nil {
		return Leg{}, err
	}
	return d.Leg(ctx, key)
}

// GiveUp gives up the open payment with this key, 取消收款, and waits until that
// is proven, a person is needed, or ctx ends. A payment that is proven before
// its reversal begins still counts as paid.
func (d *Desk) GiveUp(ctx context.Context, by access.Actor, key string) (Leg, error) {
	if err := by.Demand(access.Sell); err != nil {
		return Leg{}, err
	}
	s, err := d.p.Store.SaleByKey(ctx, key)
	if err != nil {
		return Leg{}, err
	}
	l, _ := s.leg(func(l Leg) bool { return l.Key == key })
	switch {
	case l.State.Final():
		return Leg{}, fault.New(fault.Invalid, "pay.over", "Payment {key} is {state}; only one that is still open can be given up.", "key", key, "state", string(l.State))
	case l.State == Manual:
		return Leg{}, fault.New(fault.Invalid, "pay.manual", "Payment {key} is left to a person: settle it by hand.", "key", key)
	case l.Class.oneWay():
		return Leg{}, fault.New(fault.Refused, "pay.one_way", "Payment {key} cannot be taken back: its provider has no way to do so.", "key", key)
	case !d.hasGateway(l.Class):
		return Leg{}, NotSetUp(l.Class)
	}
	j := d.follow(s, nil, Resume, false)
	d.Cancel(s.ID)
	d.done(ctx, j)
	return d.Leg(context.WithoutCancel(ctx), key)
}

// Resolve settles by hand a leg nobody can ask about any more: a person with
// the right says, with a reason, whether it was paid. Late money that the provider
// keeps is settled as REVERSED, when it went back, or as PAID, when it stays.
func (d *Desk) Resolve(ctx context.Context, by access.Actor, key string, as State, why string) (Sale, error) {
	if err := demandResolve(by, why); err != nil {
		return Sale{}, err
	}
	s, err := d.p.Store.SaleByKey(ctx, key)
	if err != nil {
		return Sale{}, err
	}
	l, _ := s.leg(func(l Leg) bool { return l.Key == key })
	if l.State != Manual {
		return d.settleLate(ctx, by, key, as, false, why)
	}
	return d.conclude(ctx, by, s, l, as, Reason{Code: "by_hand", Message: scancode.MaskText(why)})
}

// conclude ends a MANUAL leg and, where that settles it, its sale.
func (d *Desk) conclude(ctx context.Context, by access.Actor, s Sale, l Leg, as State, why Reason) (Sale, error) {
	c := d.course(s)
	e, err := c.Decide(by, l, as, why, d.p.Scheduler.Now())
	if err != nil {
		return Sale{}, err
	}
	return d.bring(ctx, c, e)
}

func errPaidLeg(l Leg) error {
	if l.Of != "" {
		return fault.New(fault.Refused, "refund.given", "{amount} has gone back to the customer ({key}), so the refund cannot be dropped: give the rest of it.", "key", l.Key, "amount", l.Amount.String())
	}
	return fault.New(fault.Refused, "sale.paid_leg", "Payment {key} of {amount} is paid; the sale cannot be dropped without giving it back.", "key", l.Key, "amount", l.Amount.String())
}
