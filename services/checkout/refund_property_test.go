package checkout_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// stories is how many are played in one run: each takes a disk, and seconds of it
// under the race detector. CHECKOUT_STORIES raises it, with -rapid.checks.
func stories() int {
	if n, err := strconv.Atoi(os.Getenv("CHECKOUT_STORIES")); err == nil {
		return n
	}
	return 25
}

// story is a sale and what is done to give it back.
type story struct {
	lines   []goods
	tenders int // which of them pay
	steps   []attempt
}

type goods struct {
	price   money.Fen
	units   int64 // pieces, or grams
	weighed bool
}

// attempt is one refund, what its provider does, and perhaps a power cut.
type attempt struct {
	what   int      // 0: all, 1: a payment, else lines
	parts  []int64  // of each line, or of a payment in parts[0], in percent
	cash   bool     // from the drawer
	moods  []string // of the provider, call by call
	writes int64    // the power fails at this one; 0: never
	whole  bool     // and that one is durable
	rest   int      // what a person does with the rest: 1 in cash, 2 as it was paid
}

func anyStory() *rapid.Generator[story] {
	moods := []string{"", "", "under way", "reply lost", "request lost", "refused", "unreachable"}
	return rapid.Custom(func(t *rapid.T) story {
		s := story{tenders: rapid.IntRange(0, 3).Draw(t, "tenders")}
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			g := goods{money.Fen(rapid.IntRange(3, 333).Draw(t, "price")), rapid.Int64Range(1, 7).Draw(t, "pieces"), rapid.Bool().Draw(t, "weighed")}
			if g.weighed {
				g.units = rapid.Int64Range(200, 2_000).Draw(t, "grams")
			}
			s.lines = append(s.lines, g)
		}
		for range rapid.IntRange(1, 4).Draw(t, "refunds") {
			a := attempt{
				what: rapid.IntRange(0, 3).Draw(t, "what"), parts: rapid.SliceOfN(rapid.Int64Range(0, 110), 3, 3).Draw(t, "parts"),
				cash:  rapid.IntRange(0, 2).Draw(t, "cash") == 0,
				moods: rapid.SliceOfN(rapid.SampledFrom(moods), 0, 3).Draw(t, "moods"), rest: rapid.IntRange(0, 2).Draw(t, "rest"),
			}
			if rapid.IntRange(0, 2).Draw(t, "cut") == 0 {
				a.writes, a.whole = rapid.Int64Range(1, 8).Draw(t, "writes"), rapid.Bool().Draw(t, "durable")
			}
			s.steps = append(s.steps, a)
		}
		return s
	})
}

// Any sequence of refunds, by line, by payment, in cash, with a provider that
// refuses, is slow or loses what it says, and with power cuts: no payment and no
// line gives back more than it was, what the books say is what went back, and
// they balance.
func TestNoSequenceOfRefundsGivesBackTooMuch(t *testing.T) {
	root, n, failed := t.TempDir(), 0, false
	rapid.Check(t, func(rt *rapid.T) {
		what := anyStory().Draw(rt, "story")
		if n++; n > stories() && !failed {
			return
		}
		dir := filepath.Join(root, strconv.Itoa(n))
		err := os.Mkdir(dir, 0o700)
		if err == nil {
			synctest.Test(t, func(t *testing.T) { err = what.happens(t, dir) })
		}
		if err != nil {
			failed = true // and from now on every story counts, to find the shortest
			rt.Fatal(err)
		}
	})
}

// scene is a story under way.
type scene struct {
	*shop
	p    *provider
	w    *power
	sale checkout.Sale
}

func (s story) happens(t *testing.T, dir string) error {
	c := &scene{p: newProvider(), w: &power{}}
	c.w.left.Store(-1)
	c.p.cutOff(c.w)
	c.shop = open(t, dir, &c.p.gateway, func(st checkout.Store) checkout.Store { c.w.Store = st; return c.w })
	defer func() { c.close() }()
	if err := c.ringUp(s); err != nil {
		return err
	}
	for _, a := range s.steps {
		if err := c.try(a); err != nil {
			return err
		}
		if err := c.law(); err != nil {
			return err
		}
	}
	c.finishRefunds(c.sale.ID)
	if err := c.law(); err != nil {
		return err
	}
	_, err := c.desk.Refund(t.Context(), owner, checkout.RefundRequest{SaleID: c.sale.ID, All: true, Cash: true, Reason: "the rest"})
	if err := ordinary(err); err != nil {
		return err
	}
	return c.law()
}

// ordinary lets through what a person may be told.
func ordinary(err error) error {
	if kind := fault.KindOf(err); err == nil || kind == fault.Refused || kind == fault.Invalid {
		return nil
	}
	return err
}

// ringUp pays by code; by cash and code; by cash, code and card; or by cash and card.
func (c *scene) ringUp(s story) error {
	var cart checkout.Cart
	var err error
	for i, g := range s.lines {
		p := catalog.Product{ProductID: int64(i + 1), Code: strconv.Itoa(i), Name: "品", Unit: "个", Price: g.price}
		m := checkout.Measure{Qty: g.units}
		if g.weighed {
			p.Unit, p.Pricing, m = "斤", catalog.ByWeight, checkout.Measure{Grams: money.Grams(g.units)}
		}
		if cart, err = cart.Add(p, m, checkout.Rules{}); err != nil {
			return err
		}
	}
	third := cart.Total() / 3
	tenders := []checkout.Tender{{Code: code1}}
	switch {
	case third == 0 || s.tenders == 0:
	case s.tenders == 1:
		tenders = append(tenders, checkout.Tender{Cash: third})
	case s.tenders == 2:
		tenders = append(tenders, checkout.Tender{Cash: third}, card(third))
	default:
		tenders = []checkout.Tender{{Cash: cart.Total() - third}, card(third)}
	}
	c.sale, err = c.desk.Start(c.t.Context(), owner, cart, tenders...)
	if err == nil {
		c.sale, err = c.desk.Wait(c.t.Context(), c.sale.ID)
	}
	if err == nil && c.sale.State != checkout.Complete {
		err = fmt.Errorf("not sold: %+v", c.sale)
	}
	return err
}

func (c *scene) try(a attempt) error {
	c.p.moods = a.moods
	if a.writes > 0 {
		c.w.durable.Store(a.whole)
		c.w.left.Store(a.writes)
	}
	r, err := c.desk.Refund(c.t.Context(), owner, c.request(a))
	if !c.w.cut.Load() && ordinary(err) != nil {
		return err
	}
	if err == nil { // without power a desk would go on trying for ever
		ctx, stop := context.WithTimeout(c.t.Context(), 20*time.Minute)
		_, _ = c.desk.Settle(ctx)
		stop()
	}
	if a.writes > 0 {
		c.shop = c.restart(&c.p.gateway, c.w)
	}
	c.p.moods = nil
	if _, err := c.desk.Settle(c.t.Context()); err != nil {
		return err
	}
	if r.ID == "" || a.rest == 0 {
		return nil
	}
	_, err = c.desk.RefundRest(c.t.Context(), owner, r.ID, a.rest == 1, "x") // most have none
	if err := ordinary(err); err != nil {
		return err
	}
	_, err = c.desk.Settle(c.t.Context())
	return err
}

func (c *scene) request(a attempt) checkout.RefundRequest {
	q := checkout.RefundRequest{SaleID: c.sale.ID, Cash: a.cash, Reason: "x"}
	switch a.what {
	case 0:
		q.All = true
	case 1:
		l := c.sale.Legs[int(a.parts[1])%len(c.sale.Legs)]
		q.Key, q.Amount = l.Key, l.Amount*money.Fen(a.parts[0])/100
	default:
		for i, l := range c.sale.Lines {
			x := checkout.Return{Line: i + 1, Qty: l.Qty * a.parts[i] / 100}
			if l.UnitGrams > 0 {
				x.Grams = l.Grams * money.Grams(a.parts[i]) / 100
			}
			q.Returns = append(q.Returns, x)
		}
	}
	return q
}

// law holds what went back against what was paid.
func (c *scene) law() error {
	c.refundsOf(c.p, c.sale.ID)
	all, err := c.ledger.Refunds(c.t.Context(), c.sale.ID)
	if err != nil {
		return err
	}
	legs, lines, whole := map[string]money.Fen{}, map[int]money.Fen{}, money.Fen(0)
	for _, r := range all {
		if r.State == checkout.Voided {
			continue
		}
		whole += r.Total
		for _, l := range r.Lines {
			lines[l.Of] += l.Amount
		}
		for _, l := range r.Legs {
			if l.State == checkout.Paid {
				legs[l.Of] += l.Amount
			}
		}
	}
	if whole > c.sale.Total {
		return fmt.Errorf("%s of a sale of %s", whole, c.sale.Total)
	}
	for _, l := range c.sale.Legs {
		if legs[l.Key] > l.Amount || c.p.gaveBack(l.Key) > c.p.paid[l.Key] {
			return fmt.Errorf("%s gave %s back, the provider %s", l.Amount, legs[l.Key], c.p.gaveBack(l.Key))
		}
	}
	for i, l := range c.sale.Lines {
		if lines[i+1] > l.Amount {
			return fmt.Errorf("line %d of %s gave %s back", i+1, l.Amount, lines[i+1])
		}
	}
	if found, err := c.ledger.Verify(c.t.Context()); err != nil || len(found) > 0 {
		return fmt.Errorf("%w %+v", err, found)
	}
	return nil
}
