package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"cashier/app"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// saleRefund gives goods of a finished sale back, or the rest of a refund that
// was begun.
func saleRefund(ctx context.Context, c *call) (int, error) {
	set := newFlags("sale refund")
	var lines repeated
	set.Var(&lines, "line", "")
	q := checkout.RefundRequest{}
	set.BoolVar(&q.All, "all", false, "")
	set.BoolVar(&q.Cash, "cash", false, "")
	set.StringVar(&q.Reason, "reason", "", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	switch {
	case strings.TrimSpace(q.Reason) == "":
		return 0, usage("sale refund takes --reason TEXT")
	case q.All == (len(lines) > 0):
		return 0, usage("sale refund takes --line N[*QTY|@KG] …, or --all")
	}
	for _, text := range lines {
		r, err := parseReturn(text)
		if err != nil {
			return 0, err
		}
		q.Returns = append(q.Returns, r)
	}
	t, before, err := c.open(ctx, false)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	of, err := finishedSale(ctx, t, words[0])
	if err != nil {
		return 0, err
	}
	if err := c.sayOthers(ctx, t, before, of.ID); err != nil {
		return 0, err
	}
	q.SaleID = of.ID
	s, err := c.refund(ctx, t, of, q)
	if err != nil {
		return 0, err
	}
	return c.sale(s)
}

// payRefund gives money of one payment back and prints the leg that did.
func payRefund(ctx context.Context, c *call) (int, error) {
	set := newFlags("pay refund")
	amount := set.String("amount", "", "")
	why := set.String("reason", "refund by cashierctl", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	q := checkout.RefundRequest{Key: words[0], Reason: *why}
	if *amount != "" {
		if q.Amount, err = money.ParseFen(*amount); err != nil || q.Amount <= 0 {
			return 0, usage("--amount is an amount in yuan with at most two decimals, more than nothing")
		}
	}
	if strings.TrimSpace(*why) == "" {
		return 0, usage("--reason is why it is given back")
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	s, err := c.refund(ctx, t, checkout.Sale{}, q)
	if err != nil {
		return 0, err
	}
	code, l := c.say(s), s.Legs[0]
	return c.report(code, legView(l), func(w io.Writer) { writeLeg(w, l) })
}

// refund begins a refund, or goes on with of where that is one, and waits for
// its end.
func (c *call) refund(ctx context.Context, t *app.Till, of checkout.Sale, q checkout.RefundRequest) (checkout.Sale, error) {
	if err := t.Unreconciled(ctx); err != nil {
		return checkout.Sale{}, err
	}
	begin := func() (checkout.Sale, error) { return t.Desk.Refund(ctx, t.Actor(), q) }
	if of.Kind == checkout.Refund {
		if !q.All {
			return checkout.Sale{}, usage("%s is a refund that was begun: --all gives the rest of it", of.ID)
		}
		begin = func() (checkout.Sale, error) { return t.Desk.RefundRest(ctx, t.Actor(), of.ID, q.Cash, q.Reason) }
		if !q.Cash {
			if err := t.PayError(); err != nil {
				return checkout.Sale{}, err
			}
		}
	} else {
		plan, err := t.Desk.PlanRefund(ctx, t.Actor(), q)
		if err == nil && slices.ContainsFunc(plan.Legs, func(l checkout.Leg) bool { return l.Class == checkout.ClassRefund }) {
			err = t.PayError()
		}
		if err != nil {
			return checkout.Sale{}, err
		}
	}
	s, err := begin()
	if err != nil {
		return checkout.Sale{}, err
	}
	if s, err = t.Desk.Wait(ctx, s.ID); errors.Is(err, context.Canceled) {
		err = nil // it goes on at the next start
	}
	return s, err
}

// finishedSale is found by its id or by its receipt's number.
func finishedSale(ctx context.Context, t *app.Till, word string) (checkout.Sale, error) {
	s, err := t.Ledger.Sale(ctx, word)
	if fault.CodeOf(err) == "sale.unknown" {
		s, err = t.Ledger.SaleByReceipt(ctx, word)
	}
	return s, err
}

// parseReturn reads N, N*QTY or N@KG.
func parseReturn(text string) (r checkout.Return, err error) {
	no, qty, counted := strings.Cut(text, "*")
	no, kg, weighed := strings.Cut(no, "@")
	if counted {
		if r.Qty, err = strconv.ParseInt(qty, 10, 64); err != nil || r.Qty < 1 {
			return r, usage("--line %s: after * stands a whole number of pieces", text)
		}
	}
	if weighed {
		if r.Grams, err = money.ParseKG(kg); err != nil || r.Grams == 0 {
			return r, usage("--line %s: after @ stands a weight in kg with at most three decimals", text)
		}
	}
	if r.Line, err = strconv.Atoi(no); err != nil || r.Line < 1 {
		return r, usage("--line %s: a line's number on the receipt, from 1", text)
	}
	return r, nil
}
