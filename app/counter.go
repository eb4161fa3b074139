package app

import (
	"context"

	"cashier/services/access"
	"cashier/services/checkout"
)

// Counter is the desk as the window has it: what takes more than the right to
// sell is asked for here, by the act and its subject, where an approval counts.
// What the desk itself then asks for goes with it.
type Counter struct{ *checkout.Desk }

// Counter is the till's desk for its window.
func (t *Till) Counter() Counter { return Counter{t.Desk} }

// Void gives a sale up. One that was set aside is not any cashier's any more.
func (c Counter) Void(ctx context.Context, by access.Actor, saleID, reason string) (checkout.Sale, error) {
	s, err := c.Sale(ctx, saleID)
	if err == nil && s.State == checkout.Unsettled {
		by, err = by.Let(access.Void, saleID, access.Sell)
	}
	if err != nil {
		return checkout.Sale{}, err
	}
	return c.Desk.Void(ctx, by, saleID, reason)
}

// Resolve settles a payment by hand.
func (c Counter) Resolve(ctx context.Context, by access.Actor, key string, as checkout.State, why string) (checkout.Sale, error) {
	by, err := by.Let(access.Resolve, key, access.Resolve)
	if err != nil {
		return checkout.Sale{}, err
	}
	return c.Desk.Resolve(ctx, by, key, as, why)
}

// ResolveInCash settles a payment that was squared in cash.
func (c Counter) ResolveInCash(ctx context.Context, by access.Actor, key, why string) (checkout.Sale, error) {
	by, err := by.Let(access.Resolve, key, access.Resolve)
	if err != nil {
		return checkout.Sale{}, err
	}
	return c.Desk.ResolveInCash(ctx, by, key, why)
}

// RefundRest gives the rest of a refund.
func (c Counter) RefundRest(ctx context.Context, by access.Actor, saleID string, cash bool, why string) (checkout.Sale, error) {
	by, err := by.Let(access.Refund, saleID, access.Resolve)
	if err != nil {
		return checkout.Sale{}, err
	}
	return c.Desk.RefundRest(ctx, by, saleID, cash, why)
}
