package storetest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"cashier/services/checkout"
)

// spoil makes a call wrong in no, one or two respects; parts are what of it the
// transition reads besides events, entries and the act.
func (d *driver) spoil(c *call, parts ...string) {
	c.act = d.act("step", c.sale.ID)
	spoils := []func(*call){d.spoilEvents, d.spoilEntries, d.spoilAct}
	if slices.Contains(parts, "sale") {
		spoils = append(spoils, d.spoilSale)
	}
	if slices.Contains(parts, "legs") {
		spoils = append(spoils, d.spoilLegs)
	}
	for range max(0, rapid.IntRange(-4, 2).Draw(d.T, "spoilt")) {
		spoils[rapid.IntRange(0, len(spoils)-1).Draw(d.T, "part")](c)
	}
}

// one draws one of several ways.
func (d *driver) one(ways ...func()) { ways[rapid.IntRange(0, len(ways)-1).Draw(d.T, "way")]() }

func (d *driver) spoilAct(c *call) { c.act.At = time.Time{} }

func (d *driver) spoilSale(c *call) {
	s := &c.sale
	d.one(
		func() { s.ID = d.anySale().ID },
		func() { s.ID = "" },
		func() { s.TillID = "OTHER1" },
		func() { s.Epoch++ },
		func() { s.CartID = d.anyCart() },
		func() { s.Total = -1 },
		func() { s.Total++ },
		func() { s.BusinessDate = "2026-03-8 " },
		func() { s.ClosedAt = time.Time{} },
		func() { s.ClosedAt = d.tick() },
		func() { s.Kind = checkout.Redemption },
		func() { s.State = checkout.Unsettled },
		func() { s.ReceiptNo = "x" },
		func() { slices.Reverse(s.Legs) },
	)
}

func (d *driver) spoilLegs(c *call) {
	legs := c.sale.Legs
	if c.legs != nil {
		legs = c.legs
	}
	if len(legs) == 0 {
		return
	}
	l := &legs[rapid.IntRange(0, len(legs)-1).Draw(d.T, "leg")]
	d.one(
		func() { l.ID = d.anyLeg().ID },
		func() { l.ID = legs[0].ID },
		func() { l.Key = d.anyLeg().Key },
		func() { l.Key = legs[0].Key },
		func() { l.ID = "" },
		func() { l.Key = "" },
		func() { l.No = rapid.IntRange(0, 2).Draw(d.T, "no") },
		func() { l.Amount++ },
		func() { l.Amount = -1 },
		func() { l.Tendered = -1 },
		func() { l.Count = -1 },
		func() { l.SaleID = d.anySale().ID },
		func() { l.Seq = 0 },
		func() { l.Seq++ },
		func() { l.State = checkout.Sent },
		func() { l.Class = d.anyClass() },
		func() { l.CodeDigest = d.anyLeg().CodeDigest },
	)
}

func (d *driver) spoilEvents(c *call) {
	if len(c.events) == 0 {
		return
	}
	i := rapid.IntRange(0, len(c.events)-1).Draw(d.T, "event")
	e := &c.events[i]
	d.one(
		func() { c.events = slices.Delete(c.events, i, i+1) },
		func() { c.events = append(c.events, *e) },
		func() { e.Seq += rapid.IntRange(-1, 1).Draw(d.T, "seq") },
		func() { e.State = rapid.SampledFrom(states).Draw(d.T, "state") },
		func() { e.State = "BARGAIN" },
		func() { e.LegID = "nobody" },
		func() { e.LegID = d.anyLeg().ID },
		func() { e.At = d.sometime() },
		func() { slices.Reverse(c.events) },
	)
}

// spoilEntries leaves each entry to a leg of its own sale, or to none.
func (d *driver) spoilEntries(c *call) {
	if len(c.entries) == 0 {
		c.entries = []checkout.Entry{transfer(c.sale.ID, "", "surprise", "customer", "sales", 1)}
		return
	}
	i := rapid.IntRange(0, len(c.entries)-1).Draw(d.T, "entry")
	e := &c.entries[i]
	if len(e.Postings) < 2 { // it is spoilt already
		return
	}
	d.one(
		func() { c.entries = slices.Delete(c.entries, i, i+1) },
		func() { c.entries = append(c.entries, *e) },
		func() { e.SaleID = d.anySale().ID },
		func() { e.LegID = "" },
		func() { e.LegID = "nobody" },
		func() { e.Postings = nil },
		func() { e.Postings = e.Postings[:1] },
		func() { e.Postings = append(e.Postings, checkout.Posting{Account: "drawer"}) },
		func() { e.Postings[0].Account = "" },
		func() { e.Postings[0].Account = "elsewhere" },
		func() { e.Postings[0].Amount++ },
		func() { e.Postings[0].Amount, e.Postings[1].Amount = -e.Postings[0].Amount, -e.Postings[1].Amount },
		func() { slices.Reverse(c.entries) },
	)
}
