package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"cashier/app"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// repeated collects a flag given several times.
type repeated []string

func (r *repeated) String() string     { return strings.Join(*r, " ") }
func (r *repeated) Set(v string) error { *r = append(*r, v); return nil }

func saleRing(ctx context.Context, c *call) (int, error) {
	set := newFlags("sale ring")
	var lines, tenders repeated
	set.Var(&lines, "line", "")
	set.Var(&tenders, "tender", "")
	member := set.Bool("member-price", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if len(lines) == 0 || len(tenders) == 0 {
		return 0, usage("a sale needs at least one --line and one --tender")
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	cart := checkout.Cart{Member: *member}
	for _, l := range lines {
		if cart, err = addLine(t, cart, l); err != nil {
			return 0, err
		}
	}
	plan, err := c.parseTenders(ctx, t, cart, tenders)
	if err != nil {
		return 0, err
	}
	s, err := t.Desk.Start(ctx, t.Actor(), cart, plan...)
	if err != nil {
		return 0, err
	}
	return c.ending(ctx, t, s)
}

// saleTender goes on with a sale that is not paid in full.
func saleTender(ctx context.Context, c *call) (int, error) {
	set := newFlags("sale tender")
	var tenders repeated
	set.Var(&tenders, "tender", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	if len(tenders) == 0 {
		return 0, usage("sale tender takes at least one --tender")
	}
	t, before, err := c.open(ctx, false)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	s, err := t.Ledger.Sale(ctx, words[0])
	if err != nil {
		return 0, err
	}
	if err := c.sayOthers(ctx, t, before, s.ID); err != nil {
		return 0, err
	}
	plan, err := c.parseTenders(ctx, t, s.Cart(), tenders)
	if err != nil {
		return 0, err
	}
	if s, err = t.Desk.Tender(ctx, t.Actor(), s.ID, plan...); err != nil {
		return 0, err
	}
	if s, err = t.Desk.Wait(ctx, s.ID); err != nil && !errors.Is(err, context.Canceled) {
		return 0, err
	}
	return c.sale(s) // what is paid stays: giving up is said, not assumed
}

// saleVoid gives a sale up that is not paid in full.
func saleVoid(ctx context.Context, c *call) (int, error) {
	set := newFlags("sale void")
	why := set.String("reason", "", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	if *why == "" {
		return 0, usage("sale void takes --reason TEXT")
	}
	t, before, err := c.open(ctx, false)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if err := c.sayOthers(ctx, t, before, words[0]); err != nil {
		return 0, err
	}
	s, err := c.giveUp(ctx, t, words[0], *why)
	if err != nil {
		return 0, err
	}
	code := Done
	if s.State != checkout.Voided {
		code = Unresolved
	}
	return c.report(code, saleView(s), func(w io.Writer) { writeSale(w, s) })
}

// sayOthers says what of an earlier process has come to its end, but for the
// sale that the command is about.
func (c *call) sayOthers(ctx context.Context, t *app.Till, before []checkout.Sale, but string) error {
	return c.sayClosed(ctx, t, slices.DeleteFunc(before, func(s checkout.Sale) bool { return s.ID == but }))
}

// ending waits for a sale, drops it where its payment was refused, and prints it.
func (c *call) ending(ctx context.Context, t *app.Till, s checkout.Sale) (int, error) {
	s, err := t.Desk.Wait(ctx, s.ID)
	if err != nil && !errors.Is(err, context.Canceled) {
		return 0, err
	}
	if _, open := s.OpenLeg(); !open && s.State == checkout.Tendering {
		if s, err = c.giveUp(ctx, t, s.ID, "payment refused"); err != nil {
			return 0, err
		}
	}
	return c.sale(s)
}

// giveUp drops a sale and waits until what was paid is taken back.
func (c *call) giveUp(ctx context.Context, t *app.Till, saleID, why string) (checkout.Sale, error) {
	s, err := t.Desk.Void(context.WithoutCancel(ctx), t.Actor(), saleID, why)
	if err != nil || s.State != checkout.Compensating {
		return s, err
	}
	fmt.Fprintln(c.Err, "cashierctl: What was paid is being given back; this takes a quarter of a minute at least.")
	limited, stop := context.WithTimeout(ctx, cancelWait)
	defer stop()
	s, err = t.Desk.Wait(limited, s.ID)
	if limited.Err() != nil {
		err = nil // it goes on at the next start
	}
	return s, err
}

func (c *call) sale(s checkout.Sale) (int, error) {
	return c.report(c.say(s), saleView(s), func(w io.Writer) { writeSale(w, s) })
}

// say tells a person what a sale asks of him, and returns its exit code.
func (c *call) say(s checkout.Sale) int {
	code, words := saleExit(s), handOutWords(s)
	if code != Done {
		words = saleWords(s)
	}
	if words != "" {
		fmt.Fprintln(c.Err, "cashierctl: "+words)
	}
	return code
}

// addLine reads CODE, CODE*QTY or CODE@KG.
func addLine(t *app.Till, cart checkout.Cart, text string) (checkout.Cart, error) {
	code, m := text, checkout.Measure{}
	if at, kg, ok := strings.Cut(text, "@"); ok {
		g, err := money.ParseKG(kg)
		if err != nil {
			return cart, usage("--line %s: after @ stands a weight in kg with at most three decimals", text)
		}
		code, m.Grams = at, g
	}
	if at, qty, ok := strings.Cut(code, "*"); ok {
		n, err := strconv.ParseInt(qty, 10, 64)
		if err != nil || n < 1 {
			return cart, usage("--line %s: after * stands a whole number of pieces", text)
		}
		code, m.Qty = at, n
	}
	p, err := oneProduct(t.Catalog.Index(), code)
	if err != nil {
		return cart, err
	}
	if m.Qty == 0 && p.Pricing != catalog.ByWeight {
		m.Qty = 1
	}
	return cart.Add(p, m, t.Rules())
}

func oneProduct(ix *catalog.Index, code string) (catalog.Product, error) {
	switch found := ix.ByCode(code); len(found) {
	case 1:
		return found[0], nil
	case 0:
		return catalog.Product{}, fault.New(fault.Invalid, "product.unknown", "No product has the code {code}. Look it up with `cashierctl product find`, or sync the prices.", "code", code)
	default:
		return catalog.Product{}, fault.New(fault.Invalid, "product.ambiguous", "{n} products have the code {code}; have it corrected at HQ.", "n", strconv.Itoa(len(found)), "code", code)
	}
}

func redeemTimesCard(ctx context.Context, c *call) (int, error) {
	set := newFlags("redeem times-card")
	count := set.Int64("count", 1, "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if err := t.PayError(); err != nil {
		return 0, err
	}
	v, err := t.Redeem.Look(ctx, words[0])
	if err != nil {
		return 0, err
	}
	s, err := t.Redeem.Redeem(ctx, t.Actor(), v, *count)
	if err != nil {
		return 0, err
	}
	return c.ending(ctx, t, s)
}

func payStatus(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("pay status"), 1)
	if err != nil {
		return 0, err
	}
	t, err := c.readBooks(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	s, err := t.Ledger.SaleByKey(ctx, words[0])
	if err != nil {
		return 0, err
	}
	watches, err := t.Ledger.Watches(ctx)
	if err != nil {
		return 0, err
	}
	return c.leg(legByKey(s, words[0]).Now(watches))
}

func legByKey(s checkout.Sale, key string) checkout.Leg {
	for _, l := range s.Legs {
		if l.Key == key {
			return l
		}
	}
	return checkout.Leg{Key: key}
}

func payQuery(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("pay query"), 1)
	if err != nil {
		return 0, err
	}
	t, before, err := c.open(ctx, true)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	l, err := t.Desk.Query(ctx, words[0])
	if err != nil {
		return 0, err
	}
	if err := c.sayClosed(ctx, t, before); err != nil {
		return 0, err
	}
	return c.leg(l)
}

func (c *call) leg(l checkout.Leg) (int, error) {
	code := Done
	if l.State.Open() || l.LeftOver() {
		code = Unresolved
	}
	return c.report(code, legView(l), func(w io.Writer) { writeLeg(w, l) })
}

// cancelWait is how long a till waits for a payment to be given up; the rest
// goes on at the next start.
const cancelWait = 90 * time.Second

func payCancel(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("pay cancel"), 1)
	if err != nil {
		return 0, err
	}
	t, before, err := c.open(ctx, true)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	limited, stop := context.WithTimeout(ctx, cancelWait)
	defer stop()
	l, err := t.Desk.GiveUp(limited, t.Actor(), words[0])
	if err != nil {
		return 0, err
	}
	if err := c.sayClosed(ctx, t, before); err != nil {
		return 0, err
	}
	if l.State == checkout.Paid {
		fmt.Fprintf(c.Err, "cashierctl: %s was paid before it could be given up, and stays paid.\n", l.Key)
		return c.report(RefusedExit, legView(l), func(w io.Writer) { writeLeg(w, l) })
	}
	return c.leg(l)
}

func payResolve(ctx context.Context, c *call) (int, error) {
	set := newFlags("pay resolve")
	as, why, cash := set.String("as", "", ""), set.String("reason", "", ""), set.Bool("cash", false, "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	if *cash && *as != "" {
		return 0, usage("pay resolve takes --as STATE or --cash, not both")
	}
	t, before, err := c.open(ctx, true)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	resolve := func() (checkout.Sale, error) {
		return t.Desk.Resolve(ctx, t.Actor(), words[0], checkout.State(strings.ToUpper(*as)), *why)
	}
	if *cash {
		resolve = func() (checkout.Sale, error) { return t.Desk.ResolveInCash(ctx, t.Actor(), words[0], *why) }
	}
	s, err := resolve()
	if err != nil {
		return 0, err
	}
	if err := c.sayClosed(ctx, t, before); err != nil {
		return 0, err
	}
	return c.leg(legByKey(s, words[0]))
}

func settle(ctx context.Context, c *call) (int, error) {
	set := newFlags("settle")
	wait := set.Duration("wait", 90*time.Second, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *wait < 0 {
		return 0, usage("--wait is how long to work on it, 0s or more")
	}
	t, before, err := c.open(ctx, false)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	open, err := settleFor(ctx, t, *wait)
	if err != nil {
		return 0, err
	}
	closed, err := closedOf(ctx, t, before)
	if err != nil {
		return 0, err
	}
	code := Done
	if len(open) > 0 {
		code = Unresolved
	}
	return c.report(code, settledView(open, closed), func(w io.Writer) { writeSettled(w, open, closed) })
}

// settleFor works on the open payments for that long. The time limits the
// work, not the reading of what is left.
func settleFor(ctx context.Context, t *app.Till, wait time.Duration) ([]checkout.Leg, error) {
	limited, stop := context.WithTimeout(ctx, wait)
	defer stop()
	if limited.Err() == nil {
		open, err := t.Desk.Settle(limited)
		if err == nil || limited.Err() == nil {
			return open, err
		}
	}
	return t.Desk.Unresolved(context.WithoutCancel(ctx))
}

var _ flag.Value = (*repeated)(nil)
