package pricing

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"cashier/services/fault"
)

// Set changes this shop's price of one product. A price HQ has already is not
// sent. The error is for what was not sent at all, and for an audit trail that
// did not take the outcome; Result then says what is known.
func (s *Service) Set(ctx context.Context, product int64, w Want) (Result, error) {
	before, err := s.p.HQ.Price(ctx, product)
	if err != nil {
		return Result{ProductID: product, Outcome: NotSent, Err: err}, err
	}
	c := &change{before: before, want: w}
	if c.prepare(); c.result.Outcome != "" {
		if c.result.Outcome == NotSent {
			return c.result, c.result.Err
		}
		return c.result, nil
	}
	err = s.run(ctx, []*change{c},
		func(ctx context.Context) error { return s.p.HQ.Change(ctx, []Row{c.sent}) },
		func(ctx context.Context) (map[int64]Row, error) {
			now, err := s.p.HQ.Price(ctx, product)
			if fault.KindOf(err) == fault.Refused {
				return nil, nil // the row is gone
			}
			return map[int64]Row{now.ProductID: now}, err
		}, func(c *change) int64 { return c.before.ProductID })
	return c.result, err
}

// SetIn sets one price of a product in several shops at once, each of which
// must have it; otherwise nothing is sent. HQ would take a missing member price
// for 0, so that Invalid is the answer to a Want without one.
func (s *Service) SetIn(ctx context.Context, product int64, shops []int64, w Want) ([]Result, error) {
	if !w.HasMember || len(shops) == 0 {
		return nil, fault.New(fault.Invalid, "price.member_missing", "One price for several shops needs the shops and a member price as well: HQ would take a missing one for 0.")
	}
	before, err := s.inShops(ctx, product)
	if err != nil {
		return nil, err
	}
	var all []*change
	for _, id := range shops {
		row, ok := before[id]
		if !ok {
			return nil, fault.New(fault.Invalid, "price.no_shop",
				"Shop {shop} does not have product {product}; nothing was changed. Choose among the shops that have it.",
				"shop", strconv.FormatInt(id, 10), "product", strconv.FormatInt(product, 10))
		}
		c := &change{before: row, want: w}
		c.prepare()
		all = append(all, c)
	}
	if !slices.ContainsFunc(all, func(c *change) bool { return c.result.Outcome == "" }) {
		return results(all), nil
	}
	// HQ sets them all in one call, those that have the price already too.
	err = s.run(ctx, all,
		func(ctx context.Context) error { return s.p.HQ.ChangeIn(ctx, product, shops, w.Price, w.Member) },
		func(ctx context.Context) (map[int64]Row, error) { return s.inShops(ctx, product) },
		func(c *change) int64 { return c.before.ShopID })
	return results(all), err
}

func (s *Service) inShops(ctx context.Context, product int64) (map[int64]Row, error) {
	rows, err := s.p.HQ.PricesIn(ctx, product)
	by := make(map[int64]Row, len(rows))
	for _, r := range rows {
		by[r.ShopID] = r
	}
	return by, err
}

// change is one price on its way.
type change struct {
	before, sent Row
	want         Want
	now          *Row // as HQ had it when it was read last
	result       Result
}

// prepare makes the row to send, and the result where there is nothing to send.
func (c *change) prepare() {
	var err error
	c.sent, err = c.want.over(c.before)
	c.result = result(c.before, c.sent)
	switch {
	case err != nil:
		c.result.conclude(NotSent, err)
	case samePrices(c.before, c.sent):
		c.result.conclude(Same, nil)
	}
}

// run writes down, sends, reads and judges. From the sending on it heeds no
// cancelling: a change whose outcome nobody reads helps nobody.
func (s *Service) run(ctx context.Context, all []*change, send func(context.Context) error, read func(context.Context) (map[int64]Row, error), key func(*change) int64) error {
	on := make([]*Result, len(all))
	for i, c := range all {
		on[i] = &c.result
	}
	if err := s.announce(ctx, on); err != nil {
		return refuse(on, err)
	}
	work := context.WithoutCancel(ctx)
	release := s.hold(all)
	defer release()
	sent := send(work)
	if notSent(sent) {
		err := refuse(on, sent)
		_ = s.record(work, on) // what stopped the change is the news
		return err
	}
	if !s.look(work, all, sent, read, key) && (sent == nil || undecided(sent)) {
		pause(work, s.p.Settle)
		s.look(work, all, sent, read, key)
	}
	return errors.Join(s.follow(work, all), s.record(work, on))
}

// ours reports a change of this shop.
func (s *Service) ours(c *change) bool { return c.before.ShopID == s.p.Shop || c.before.ShopID == 0 }

func (s *Service) hold(all []*change) (release func()) {
	var products []int64
	for _, c := range all {
		if s.ours(c) {
			products = append(products, c.before.ProductID)
		}
	}
	if s.p.Cache == nil || len(products) == 0 {
		return func() {}
	}
	return s.p.Cache.Hold(products)
}

// follow puts in force here what HQ has now.
func (s *Service) follow(ctx context.Context, all []*change) error {
	var rows []Row
	for _, c := range all {
		if c.now != nil && s.ours(c) && (c.result.Outcome == Changed || c.result.Outcome == Same) {
			rows = append(rows, *c.now)
		}
	}
	if s.p.Cache == nil || len(rows) == 0 {
		return nil
	}
	return s.p.Cache.Priced(ctx, s.p.By.Name, "", rows)
}

// look reads HQ and judges; settled says that every price is there.
func (s *Service) look(ctx context.Context, all []*change, sent error, read func(context.Context) (map[int64]Row, error), key func(*change) int64) (settled bool) {
	now, err := read(ctx)
	settled = true
	for _, c := range all {
		var row *Row
		if found, ok := now[key(c)]; ok {
			row = &found
		}
		c.now = row
		c.result.conclude(judge(c.before, c.sent, row, err, sent))
		if c.result.Outcome == Changed && samePrices(c.before, c.sent) {
			c.result.Outcome = Same
		}
		settled = settled && c.result.Err == nil
	}
	return settled
}

func refuse(all []*Result, why error) error {
	for _, r := range all {
		r.conclude(NotSent, why)
	}
	return why
}

func results(all []*change) []Result {
	list := make([]Result, len(all))
	for i, c := range all {
		list[i] = c.result
	}
	return list
}

// pause waits for HQ, not for a decision: the price is read again whatever the
// clock says.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
