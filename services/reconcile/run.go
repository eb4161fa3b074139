package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

const (
	// maxWindow keeps a slip in a year from asking for the bill of decades.
	maxDays   = 366
	maxWindow = maxDays * 24 * time.Hour
	// lookback is how long before the window a sale may have been frozen whose
	// payment falls into it. One that took longer is found by its key, from the
	// bill, or among the open sales.
	lookback = 48 * time.Hour
)

// Books are this till's sales; checkout.Store has them all.
type Books interface {
	// Sales lists sales opened at or after since; a limit of 0 is none.
	Sales(ctx context.Context, since time.Time, limit int) ([]checkout.Sale, error)
	// OpenSales lists the sales that are not over, whenever they were opened.
	OpenSales(ctx context.Context) ([]checkout.Sale, error)
	// SaleByKey finds the sale of a payment; a fault with code leg.unknown if
	// there is none.
	SaleByKey(ctx context.Context, key string) (checkout.Sale, error)
	// Refunds lists the refunds of a sale.
	Refunds(ctx context.Context, saleID string) ([]checkout.Sale, error)
	// Watches lists the watches that are not over.
	Watches(ctx context.Context) ([]checkout.Watch, error)
}

// Params of a Run. All are required.
type Params struct {
	Bill  Bill
	Books Books
}

// Run reads the bill and the books of a window and compares them. It changes
// nothing on either side, and may run beside a till that sells.
//
// Faults: Invalid reconcile.window, Contract reconcile.moving and
// reconcile.endless, and those of the bill and the books.
func Run(ctx context.Context, p Params, w Window) (Report, error) {
	switch {
	case p.Bill == nil || p.Books == nil || w.Till == "":
		return Report{}, errors.New("reconcile: Bill, Books and the till's id are required")
	case !w.From.Before(w.To) || w.To.Sub(w.From) > maxWindow:
		return Report{}, fault.New(fault.Invalid, "reconcile.window",
			"A reconciliation is about one day or more, up to {max}; the first day comes before the last.", "max", strconv.Itoa(maxDays))
	}
	before, err := legs(ctx, p.Books, w)
	if err != nil {
		return Report{}, err
	}
	rows, err := read(ctx, p.Bill, w)
	if err != nil {
		return Report{}, err
	}
	after, err := legs(ctx, p.Books, w)
	if err != nil {
		return Report{}, err
	}
	still, moving := split(before, after)
	var quiet []Row
	for _, r := range rows {
		_, moves := moving[r.Key]
		_, refundMoves := moving[r.RefundNo]
		if !moves && !refundMoves {
			quiet = append(quiet, r)
		}
	}
	if err := addByKey(ctx, p.Books, quiet, still, w); err != nil {
		return Report{}, err
	}
	watches, err := p.Books.Watches(ctx)
	if err != nil {
		return Report{}, err
	}
	booked(still, watches)
	report := Compare(quiet, values(still), w)
	report.leftToAPerson(watches)
	for _, l := range moving {
		if w.holds(l.IntentAt) {
			report.InMotion++
		}
	}
	return report, nil
}

// booked makes a leg stand where its late money stands on the books: what a person
// has left with whoever has it counts as paid, and a refund that went back although
// it was refused as given.
func booked(legs map[string]checkout.Leg, watches []checkout.Watch) {
	for _, w := range watches {
		l, known := legs[w.Leg.Key]
		given := w.State == checkout.LateHeld && l.Class == checkout.ClassRefund
		if known && l.State.Final() && (given || w.Booked > 0 && (w.State == checkout.LateKept || w.State == checkout.LateSquare)) {
			l.State = checkout.Paid
			legs[w.Leg.Key] = l
		}
	}
}

// leftToAPerson says of late money that the till could not give back who does.
func (r *Report) leftToAPerson(watches []checkout.Watch) {
	for i, f := range r.Findings {
		held := slices.ContainsFunc(watches, func(w checkout.Watch) bool { return w.Leg.Key == f.Key && w.State == checkout.LateHeld })
		if held && f.Kind == LateMoney && f.Remedy == GiveBack {
			r.Findings[i].Remedy = ResolveLate
		}
	}
}

// legs are those that the bill of the window may have, by key.
func legs(ctx context.Context, b Books, w Window) (map[string]checkout.Leg, error) {
	sales, err := b.Sales(ctx, w.From.Add(-lookback), 0)
	if err != nil {
		return nil, err
	}
	open, err := b.OpenSales(ctx)
	if err != nil {
		return nil, err
	}
	var all []checkout.Leg
	for _, s := range append(sales, open...) {
		all = append(all, s.Legs...)
	}
	return billed(all), nil
}

// billed are the legs a bill can have, refunds among them, by key.
func billed(legs []checkout.Leg) map[string]checkout.Leg {
	byKey := codeLegs(legs)
	maps.Copy(byKey, refundLegs(legs))
	return byKey
}

// split tells the legs that stayed as they were from those that changed or
// came: the bill was read at a moment in between, so it may have either. A
// payment that is just being given back has changed with it.
func split(before, after map[string]checkout.Leg) (still, moving map[string]checkout.Leg) {
	still, moving = make(map[string]checkout.Leg, len(after)), make(map[string]checkout.Leg)
	for key, l := range after {
		if was, ok := before[key]; ok && was.Seq == l.Seq {
			still[key] = l
		} else {
			moving[key] = l
		}
	}
	for key, l := range before {
		if _, ok := after[key]; !ok {
			moving[key] = l
		}
	}
	for _, l := range maps.Clone(moving) {
		if paid, ok := still[l.Of]; ok {
			moving[l.Of] = paid
			delete(still, l.Of)
		}
	}
	return still, moving
}

// addByKey looks up the payments and refunds of rows whose sale lies too far
// back, and of such a payment everything that was given back.
func addByKey(ctx context.Context, b Books, rows []Row, known map[string]checkout.Leg, w Window) error {
	missing := make(map[string]bool)
	for _, r := range rows {
		for _, key := range []string{r.Key, r.RefundNo} {
			if _, ok := known[key]; ok || missing[key] || !w.owns(key) {
				continue
			}
			s, err := b.SaleByKey(ctx, key)
			switch {
			case fault.CodeOf(err) == "leg.unknown":
				missing[key] = true
				continue
			case err != nil:
				return err
			}
			if err := addSale(ctx, b, s, key, known); err != nil {
				return err
			}
		}
	}
	return nil
}

func addSale(ctx context.Context, b Books, s checkout.Sale, key string, known map[string]checkout.Leg) error {
	l, ok := billed(s.Legs)[key]
	if !ok {
		return nil
	}
	known[key] = l
	refunds, err := b.Refunds(ctx, s.ID)
	for _, r := range refunds {
		maps.Copy(known, refundLegs(r.Legs))
	}
	return err
}

func values(byKey map[string]checkout.Leg) []checkout.Leg {
	all := make([]checkout.Leg, 0, len(byKey))
	for _, l := range byKey {
		all = append(all, l)
	}
	return all
}
