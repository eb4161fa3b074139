package cli

import (
	"context"
	"fmt"

	"cashier/app"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/zvcms"
)

func consume(ctx context.Context, c *call) (int, error) {
	set := newFlags("consume")
	customer := set.String("customer", "", "")
	amount := set.String("amount", "", "")
	points := set.Int64("points", 0, "")
	var coupons, codes repeated
	set.Var(&coupons, "coupon", "")
	set.Var(&codes, "code", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	r := checkout.ConsumeRequest{Points: *points, Account: checkout.MemberAccount{Customer: *customer, Coupons: coupons}}
	if len(codes) > 0 {
		if len(coupons) > 0 {
			return 0, usage("--coupon names coupons by id, --code by what was scanned; use one of them")
		}
		r.Account.Coupons, r.Account.Scanned = codes, true
	}
	if *amount != "" {
		f, err := money.ParseFen(*amount)
		if err != nil || f <= 0 {
			return 0, usage("--amount is an amount in yuan with at most two decimals, more than 0")
		}
		r.Amount = f
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if err := t.MemberError(); err != nil {
		return 0, err
	}
	if r.Password, err = c.payPassword(ctx, t, r); err != nil {
		return 0, err
	}
	s, err := t.Desk.Consume(ctx, t.Actor(), r)
	if err != nil {
		return 0, err
	}
	return c.ending(ctx, t, s)
}

// payPassword asks for the member's password where the account wants one. What
// cannot be found out is left to the gateway, which refuses without it.
func (c *call) payPassword(ctx context.Context, t *app.Till, r checkout.ConsumeRequest) (string, error) {
	client, err := t.Zvcms()
	if err != nil || r.Account.Customer == "" || r.Amount == 0 {
		return "", err
	}
	m := client.Member(ctx, zvcms.MemberQuery{Identifier: r.Account.Customer, Type: 1})
	wanted := m.Err == nil && m.HasNeedsPassword && m.NeedsPassword && m.CustomerID == r.Account.Customer
	if !wanted {
		return "", nil
	}
	fmt.Fprintln(c.Err, "cashierctl: The member's account wants its password: one line from standard input.")
	password, err := c.line()
	if err == nil && password == "" {
		err = fault.New(fault.Refused, "consume.no_password", "The member's account wants its password; nothing was taken. Let the member enter it.")
	}
	return password, err
}
