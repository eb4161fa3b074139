package catalog

import (
	"cmp"
	"slices"
	"strconv"

	"cashier/services/fault"
	"cashier/services/money"
)

// Hold says what a delivery may not do before a manager has looked at it. The
// zero value is DefaultHold.
type Hold struct {
	Removed int64 // percent of the products that go at once
	Factor  int64 // how many times dearer or cheaper one product becomes; 1: any
}

// DefaultHold lets half of the products go, and a price change less than
// eightfold: a decimal point in the wrong place is ten.
func DefaultHold() Hold { return Hold{Removed: 50, Factor: 8} }

// fewProducts is a shop so small that half of it may well go in one day.
const fewProducts = 20

// empties reports a delivery that would empty the shop: a wrong shop id or an
// HQ in trouble looks just like that. All with nothing in their place is never
// right, however few they are.
func (h Hold) empties(known, delivered, removed int) bool {
	return known > 0 && delivered == 0 || known >= fewProducts && int64(removed)*100 > int64(known)*h.Removed
}

// jumps reports a price so much higher or lower that it is more likely a slip.
func (h Hold) jumps(was, now Product) bool {
	far := func(a, b money.Fen) bool { // b ≥ a·f or b·f ≤ a, whatever the size of f
		f := money.Fen(h.Factor)
		return f > 1 && a > 0 && (b/f >= a || b <= a/f)
	}
	return far(was.Price, now.Price) || far(was.PriceFor(true), now.PriceFor(true))
}

func (h Hold) orDefault() Hold {
	d := DefaultHold()
	return Hold{Removed: min(cmp.Or(max(h.Removed, 0), d.Removed), 100), Factor: cmp.Or(max(h.Factor, 0), d.Factor)}
}

// Rejection is a product HQ delivered that cannot be sold so, and why. Held ones
// a manager may accept (Options.Accept); the others HQ has to correct.
type Rejection struct {
	Offer  Offer
	Reason error
	Held   bool
}

// delivered is a row of HQ's product list, judged as it arrives. Where the cache
// has just the same, p is the cache's own: a large list that has not changed
// then takes next to no memory.
type delivered struct {
	p   *Product   // nil: refused
	bad *Rejection // nil: accepted
}

func (d delivered) key() int64 {
	if d.p != nil {
		return d.p.ProductID
	}
	return d.bad.Offer.ProductID
}

func (d delivered) label() string {
	if d.p != nil {
		return d.p.Name
	}
	return d.bad.Offer.Name
}

func (d delivered) same(e delivered) bool {
	if d.p == nil || e.p == nil {
		return d.p == nil && e.p == nil && d.bad.Reason.Error() == e.bad.Reason.Error()
	}
	return d.p == e.p || d.p.Equal(*e.p)
}

func (d delivered) twice() delivered {
	o := Offer{ProductID: d.key(), Name: d.label()}
	if d.p != nil {
		o.Code = d.p.Code
	} else {
		o.Code = d.bad.Offer.Code
	}
	return delivered{bad: &Rejection{Offer: o, Reason: o.refuse("catalog.listed_twice", "HQ lists it more than once, with different data.")}}
}

// known is what the cache has, by product id.
type known map[int64]*Product

func knownOf(products []Product) known {
	k := make(known, len(products))
	for i := range products {
		k[products[i].ProductID] = &products[i]
	}
	return k
}

func (k known) judge(o Offer) delivered {
	p, err := Accept(o)
	if err != nil {
		o.Code, o.Name = excerpt(o.Code, maxWord), excerpt(o.Name, maxName)
		return delivered{bad: &Rejection{Offer: o, Reason: err}}
	}
	if old := k[p.ProductID]; old != nil && old.Equal(p) {
		return delivered{p: old}
	}
	return delivered{p: &p}
}

func (k known) judged(offers []Offer) []delivered {
	rows := make([]delivered, len(offers))
	for i, o := range offers {
		rows[i] = k.judge(o)
	}
	return rows
}

// changes reports whether rows are another list than the cache has. What is
// refused changes nothing; while it is, the product that the cache has stays.
func (k known) changes(rows []delivered) bool {
	listed := 0
	for _, d := range rows {
		old := k[d.key()]
		if d.p != nil && d.p != old {
			return true
		}
		if old != nil {
			listed++
		}
	}
	return listed < len(k)
}

// hasNew reports a product that the cache does not have.
func (k known) hasNew(rows []delivered) bool {
	return slices.ContainsFunc(rows, func(d delivered) bool { return d.p != nil && k[d.p.ProductID] == nil })
}

// compare is what the rows change, and the report on it. Products that the cache
// does not have are held against what they last cost.
func (k known) compare(rows []delivered, last map[int64]Prices, h Hold, o Options) (r Report, ch Change) {
	listed := make(map[int64]bool, len(rows))
	reject := func(bad Rejection) { r.Rejected = append(r.Rejected, bad) }
	for _, d := range rows {
		listed[d.key()] = true
		if d.bad != nil {
			reject(*d.bad)
			continue
		}
		old := k[d.p.ProductID]
		was := last[d.p.ProductID]
		switch {
		case old == nil && was.Listed && h.jumps(was.product(), *d.p) && !o.accepts(heldOff(was.product(), *d.p)):
			reject(heldOff(was.product(), *d.p))
			r.Held++
			continue
		case old == nil:
			r.Added++
		case d.p == old:
			r.Unchanged++
		case h.jumps(*old, *d.p) && !o.accepts(held(*old, *d.p)):
			reject(held(*old, *d.p))
			r.Held++
			continue
		default:
			r.Changed++
		}
		r.Products++
		if o.Full || d.p != old {
			ch.Put = append(ch.Put, *d.p)
		}
	}
	for id := range k {
		if !listed[id] {
			ch.Remove = append(ch.Remove, id)
		}
	}
	slices.Sort(ch.Remove)
	r.Removed = len(ch.Remove)
	return r, ch
}

func held(was, now Product) Rejection {
	return jump(was, now, "catalog.price_jump",
		"Product {id} {number} {name}: HQ changes its price from {was} to {now}, for members from {wasMember} to {nowMember}. The old price stays until a manager accepts the new one with `cashierctl sync accept`, or HQ corrects it.")
}

// heldOff is held for a product that is not sold here now.
func heldOff(was, now Product) Rejection {
	return jump(was, now, "catalog.price_jump_back",
		"Product {id} {number} {name}: it last cost {was}, for members {wasMember}, and HQ lists it again at {now}, for members {nowMember}. It is not sold until a manager accepts the new price with `cashierctl sync accept`, or HQ corrects it.")
}

func jump(was, now Product, code, says string) Rejection {
	return Rejection{
		Offer: Offer{ID: now.ID, ShopID: now.ShopID, ProductID: now.ProductID, Code: now.Code, Name: now.Name},
		Reason: fault.New(fault.Invalid, code, says,
			"id", strconv.FormatInt(now.ProductID, 10), "number", now.Code, "name", now.Name, "was", was.Price.Yuan(), "now", now.Price.Yuan(),
			"wasMember", was.PriceFor(true).Yuan(), "nowMember", now.PriceFor(true).Yuan()),
		Held: true,
	}
}

// sameRejections compares what a person would read.
func sameRejections(a, b []Rejection) bool {
	return slices.EqualFunc(a, b, func(x, y Rejection) bool {
		return x.Held == y.Held && x.Offer.ProductID == y.Offer.ProductID && x.Reason.Error() == y.Reason.Error()
	})
}
