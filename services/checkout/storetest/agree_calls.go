package storetest

import (
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"cashier/services/checkout"
	"cashier/services/money"
)

// call is what one transition is given. Each is drawn in order first and then,
// now and then, spoilt.
type call struct {
	sale    checkout.Sale
	legs    []checkout.Leg // further legs; a new sale has its own
	events  []checkout.LegEvent
	entries []checkout.Entry
	act     checkout.Act
}

// newSale is a sale of up to three legs.
func (d *driver) newSale() *call {
	c := &call{sale: d.sale([][]checkout.Line{{milk}, {milk, apple}, nil}[rapid.IntRange(0, 2).Draw(d.T, "goods")]...)}
	if rapid.IntRange(0, 4).Draw(d.T, "opened late") == 4 {
		c.sale.OpenedAt = d.sometime()
	}
	if rapid.IntRange(0, 4).Draw(d.T, "cart") == 4 {
		c.sale.CartID = d.anyCart()
	}
	rest := c.sale.Total
	for n := rapid.IntRange(0, 3).Draw(d.T, "legs"); n > 0; n-- {
		amount := rest
		if n > 1 {
			amount = rest / 2
		}
		rest -= amount
		l := d.leg(c.sale, d.anyClass(), amount)
		c.sale.Legs = append(c.sale.Legs, d.begin(c, l))
	}
	if c.sale.Total == 0 && len(c.sale.Legs) > 0 {
		c.sale.Kind = rapid.SampledFrom([]checkout.Kind{checkout.Goods, checkout.Redemption, checkout.Consumption}).Draw(d.T, "kind")
	}
	return c
}

// begin gives a new leg its first events; cash is counted at once.
func (d *driver) begin(c *call, l checkout.Leg) checkout.Leg {
	if l.Class == checkout.ClassRecorded {
		l, events := d.counted(l)
		c.events = append(c.events, events...)
		if l.Amount > 0 {
			c.entries = append(c.entries, paid(l))
		}
		return l
	}
	e := d.event(l, checkout.Intent)
	c.events = append(c.events, e)
	return fold(l, e)
}

func (d *driver) freeze() {
	c := d.newSale()
	d.spoil(c, "sale", "legs")
	d.step("freeze", c, c.sale.ID, func(s checkout.Store) (any, error) {
		return nil, s.Freeze(context.Background(), c.sale, c.events, c.entries, c.act)
	})
}

func (d *driver) sell() {
	c := &call{}
	c.sale, c.events, c.entries = d.cashSale(milk)
	if rapid.IntRange(0, 3).Draw(d.T, "otherwise") == 3 {
		c = d.newSale() // mostly not paid yet
		c.entries = append(c.entries, sold(c.sale))
	}
	d.spoil(c, "sale", "legs")
	d.step("sell", c, c.sale.ID, func(s checkout.Store) (any, error) {
		return s.Sell(context.Background(), c.sale, c.events, c.entries, c.act)
	})
}

func (d *driver) addLegs() {
	c := &call{sale: d.anySale()}
	for n := rapid.IntRange(1, 2).Draw(d.T, "legs"); n > 0; n-- {
		l := d.leg(c.sale, d.anyClass(), max(0, c.sale.Due()/money.Fen(n)))
		l = d.begin(c, l)
		c.legs = append(c.legs, l)
		c.sale.Legs = append(slices.Clip(c.sale.Legs), l)
	}
	d.spoil(c, "legs")
	d.step("add legs", c, c.sale.ID, func(s checkout.Store) (any, error) {
		return nil, s.AddLegs(context.Background(), c.legs, c.events, c.entries, c.act)
	})
}

// next draws a leg's next state, as a rule one that the law allows.
func (d *driver) next(l checkout.Leg) checkout.State {
	allowed := slices.Clone(follows[l.State])
	if own := ownWay[l.State]; own != "" && l.Class == checkout.ClassRecorded {
		allowed = append(allowed, own)
	}
	if len(allowed) == 0 || rapid.IntRange(0, 12).Draw(d.T, "lawless") == 12 {
		allowed = states
	}
	return rapid.SampledFrom(allowed).Draw(d.T, "state")
}

// to is a leg's next event, with a reason that may begin a watch.
func (d *driver) to(l checkout.Leg, state checkout.State) checkout.LegEvent {
	e := d.event(l, state)
	e.Reason.Code = rapid.SampledFrom([]string{"refused", "", "by_hand", "credentials", "never_arrived", "silent"}).Draw(d.T, "reason")
	return e
}

func (d *driver) advance() {
	l := d.anyLeg()
	e := d.to(l, d.next(l))
	if rapid.IntRange(0, 9).Draw(d.T, "once more") == 9 {
		e.Seq, e.State, e.Reason, e.At = l.Seq, l.State, l.Reason, l.ChangedAt
	}
	c := &call{events: []checkout.LegEvent{e}, entries: moved(l, e.State), sale: checkout.Sale{ID: l.SaleID}}
	d.spoil(c)
	d.step("advance", c, l.SaleID, func(s checkout.Store) (any, error) {
		for _, e := range c.events {
			if err := s.Advance(context.Background(), e, c.entries, c.act); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func (d *driver) complete() {
	c := &call{sale: d.anySale()}
	if rapid.IntRange(0, 2).Draw(d.T, "pay first") > 0 {
		c.sale = d.pay(c.sale)
	}
	if l, open := c.sale.OpenLeg(); open && rapid.IntRange(0, 3).Draw(d.T, "last") > 0 {
		state := checkout.Paid
		if rapid.IntRange(0, 3).Draw(d.T, "otherwise") == 3 {
			state = d.next(l)
		}
		c.events, c.entries = []checkout.LegEvent{d.to(l, state)}, moved(l, state)
	}
	if c.sale.Total > 0 {
		c.entries = append(c.entries, sold(c.sale))
	}
	c.sale.ClosedAt = rapid.SampledFrom([]time.Time{{}, d.tick()}).Draw(d.T, "closed at")
	d.spoil(c)
	d.step("complete", c, c.sale.ID, func(s checkout.Store) (any, error) {
		var last *checkout.LegEvent
		if len(c.events) > 0 {
			last = &c.events[0]
		}
		return s.Complete(context.Background(), c.sale, last, c.entries, c.act)
	})
}

// pay does what is still to be done before a sale can be completed.
func (d *driver) pay(sale checkout.Sale) checkout.Sale {
	for _, l := range sale.Legs {
		for l.State.Open() {
			state := checkout.Paid
			switch l.State {
			case checkout.Intent:
				state = checkout.Sent
			case checkout.Reversing:
				state = checkout.Reversed
			default:
			}
			e := d.event(l, state)
			entries, act := moved(l, state), d.act("pay", l.Key)
			d.both("pay", e, func(s checkout.Store) (any, error) {
				return nil, s.Advance(context.Background(), e, entries, act)
			})
			l = fold(l, e)
		}
	}
	if s, err := d.memory.Sale(context.Background(), sale.ID); err == nil {
		sale = s
	}
	if sale.Due() > 0 {
		l, events := d.counted(d.leg(sale, checkout.ClassRecorded, sale.Due()))
		act := d.act("pay", l.Key)
		d.both("pay", l, func(s checkout.Store) (any, error) {
			return nil, s.AddLegs(context.Background(), []checkout.Leg{l}, events, []checkout.Entry{paid(l)}, act)
		})
	}
	return sale
}

// close ends a sale, or sets it aside; as a rule its cash is handed back.
func (d *driver) close() {
	c := &call{sale: d.anySale()}
	c.sale.State = rapid.SampledFrom([]checkout.SaleState{checkout.Voided, checkout.Voided, checkout.Unsettled, checkout.Compensating, checkout.Complete, checkout.Tendering, ""}).Draw(d.T, "as")
	c.sale.ClosedAt = rapid.SampledFrom([]time.Time{{}, d.tick()}).Draw(d.T, "closed at")
	if c.sale.State == checkout.Voided {
		for _, l := range c.sale.Legs {
			state := checkout.Rejected
			if l.State == checkout.Paid {
				state = checkout.Reversed
			}
			if slices.Contains(append(follows[l.State], ownWay[l.State]), state) {
				c.events, c.entries = append(c.events, d.to(l, state)), append(c.entries, moved(l, state)...)
			}
		}
	}
	d.spoil(c)
	d.step("close", c, c.sale.ID, func(s checkout.Store) (any, error) {
		return nil, s.Close(context.Background(), c.sale, c.events, c.entries, c.act)
	})
}

// watch moves a watch of which the caller may know only what was.
func (d *driver) watch() {
	watches := slices.Collect(d.memory.AllWatches())
	if len(watches) == 0 || rapid.IntRange(0, 5).Draw(d.T, "any leg") == 5 {
		watches = append(watches, checkout.Watch{Leg: d.anyLeg(), State: checkout.WatchOver})
	}
	before := rapid.SampledFrom(watches).Draw(d.T, "watch")
	l, after := before.Leg, before
	after.State = rapid.SampledFrom(checkout.WatchStates()).Draw(d.T, "watch state")
	after.Step += rapid.IntRange(0, 2).Draw(d.T, "steps")
	after.Due = d.sometime()
	if rapid.Bool().Draw(d.T, "found") {
		after.Since = d.sometime()
	}
	after.Booked = money.Fen(rapid.IntRange(0, 3).Draw(d.T, "booked"))
	switch rapid.IntRange(0, 12).Draw(d.T, "impossible") {
	case 10:
		after.State = ""
	case 11:
		after.Step = -1
	case 12:
		after.Booked = -1
	}
	if rapid.IntRange(0, 4).Draw(d.T, "stale") == 4 {
		before.Step++
	}
	c := &call{sale: checkout.Sale{ID: l.SaleID}}
	if l.Amount > 0 {
		c.entries = [][]checkout.Entry{nil, {late(l)}, {returned(l)}, {late(l), returned(l)}}[rapid.IntRange(0, 3).Draw(d.T, "booking")]
	}
	d.spoil(c)
	d.step("watch", []any{before, after, c}, l.SaleID, func(s checkout.Store) (any, error) {
		return nil, s.Watch(context.Background(), before, after, c.entries, c.act)
	})
}

func (d *driver) everySale() []checkout.Sale {
	all, err := d.memory.Sales(context.Background(), time.Time{}, 0)
	if err != nil {
		d.Fatal(err)
	}
	return all
}

// anySale is as a rule one that is open.
func (d *driver) anySale() checkout.Sale {
	open, err := d.memory.OpenSales(context.Background())
	if err != nil {
		d.Fatal(err)
	}
	switch all := d.everySale(); {
	case len(all) == 0 || rapid.IntRange(0, 30).Draw(d.T, "no sale") == 30:
		return d.sale(milk)
	case len(open) == 0 || rapid.IntRange(0, 7).Draw(d.T, "any sale") == 7:
		open = all
	}
	return rapid.SampledFrom(open).Draw(d.T, "sale")
}

// anyLeg is as a rule one that is open, of a sale that is.
func (d *driver) anyLeg() checkout.Leg {
	legs := d.anySale().Legs
	for range 3 {
		if len(legs) > 0 {
			break
		}
		legs = d.anySale().Legs
	}
	if len(legs) == 0 {
		return d.leg(checkout.Sale{ID: "nobody"}, checkout.ClassCode, 1)
	}
	l := rapid.SampledFrom(legs).Draw(d.T, "leg")
	if i := slices.IndexFunc(legs, func(l checkout.Leg) bool { return l.State.Open() }); i >= 0 && !l.State.Open() && rapid.IntRange(0, 3).Draw(d.T, "ended") > 0 {
		return legs[i]
	}
	return l
}

func (d *driver) anyClass() checkout.Class { return rapid.SampledFrom(classes).Draw(d.T, "class") }

// anyCart is the cart of a sale, a new one, or one without a name.
func (d *driver) anyCart() string {
	carts := []string{d.id("cart"), ""}
	for _, s := range d.everySale() {
		carts = append(carts, s.CartID)
	}
	return rapid.SampledFrom(carts).Draw(d.T, "cart id")
}

// sometime is a moment near those of the sales, at times the same one.
func (d *driver) sometime() time.Time {
	return newMaker(d.till).clock.Add(time.Duration(rapid.IntRange(0, 200).Draw(d.T, "moment")) * 500 * time.Microsecond)
}
