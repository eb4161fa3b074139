package localdb

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

const (
	putWatchSQL = `INSERT INTO watches (leg_id, sale_id, state, step, due_ms, booked, since_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (leg_id) DO UPDATE SET state = excluded.state, step = excluded.step, due_ms = excluded.due_ms, booked = excluded.booked, since_ms = excluded.since_ms`
	watchSQL       = `SELECT state, step, booked FROM watches WHERE leg_id = ?`
	openWatchesSQL = `SELECT leg_id, sale_id, state, step, due_ms, booked, coalesce(since_ms, 0) FROM watches WHERE state <> 'OVER' ORDER BY due_ms, leg_id`
)

// putWatch records how far a watch has come.
func (t *tx) putWatch(w checkout.Watch) error {
	return t.exec(putWatchSQL, w.Leg.ID, w.Leg.SaleID, w.State, w.Step, ms(w.Due), w.Booked, sinceOf(w))
}

func sinceOf(w checkout.Watch) sql.NullInt64 {
	if w.Since.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: ms(w.Since), Valid: true}
}

// Watch implements checkout.Store. A watch that is over, or that a leg never
// had, counts as the same.
func (l *Ledger) Watch(ctx context.Context, before, w checkout.Watch, entries []checkout.Entry, a checkout.Act) error {
	return l.commit(ctx, pointWatch, func(t *tx) error {
		sales, err := t.sales(false, saleByIDSQL, w.Leg.SaleID)
		switch {
		case err != nil:
			return err
		case len(sales) == 0:
			return unknownSale(w.Leg.SaleID)
		}
		if err := t.watchIs(before); err != nil {
			return err
		}
		if err := t.putWatch(w); err != nil {
			return err
		}
		if err := t.insertEntries(sales[0], entries, a.At); err != nil {
			return err
		}
		quiet := before.State == checkout.Watching && (w.State == checkout.Watching || w.State == checkout.WatchOver)
		if err := t.audit(a); err != nil || quiet && len(entries) == 0 {
			return err
		}
		return t.step(l.till.Epoch, w.Leg.SaleID)
	})
}

// watchIs refuses to go on from anything but what the caller saw.
func (t *tx) watchIs(w checkout.Watch) error {
	state, step, booked := checkout.WatchOver, 0, money.Fen(0)
	err := t.row(watchSQL, w.Leg.ID).Scan(&state, &step, &booked)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case state == checkout.WatchOver && w.State == checkout.WatchOver:
		return nil
	case state != w.State, step != w.Step, booked != w.Booked:
		return fault.New(fault.Refused, "watch.changed", "Another hand is looking after the payment {key}; nothing was recorded.", "key", w.Leg.Key)
	}
	return nil
}

// Watches implements checkout.Store.
func (l *Ledger) Watches(ctx context.Context) ([]checkout.Watch, error) {
	var watches []checkout.Watch
	err := l.view(ctx, func(t *tx) error {
		rows, err := t.query(openWatchesSQL)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var w checkout.Watch
			var due, since int64
			if err := rows.Scan(&w.Leg.ID, &w.Leg.SaleID, &w.State, &w.Step, &due, &w.Booked, &since); err != nil {
				return err
			}
			if w.Due = fromMS(due); since != 0 {
				w.Since = fromMS(since)
			}
			watches = append(watches, w)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	for i, w := range watches {
		s, err := l.Sale(ctx, w.Leg.SaleID)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(s.Legs, func(x checkout.Leg) bool { return x.ID == w.Leg.ID })
		if at < 0 {
			return nil, unknownLeg(w.Leg.ID)
		}
		watches[i].Leg = s.Legs[at]
	}
	return watches, nil
}

// watchBooks holds the watches against the entries: what is on the account of
// money taken for nothing sold, or given back too late, is what the watches have
// booked that nobody has settled.
func (f *findings) watchBooks(t *tx) error {
	var posted, booked money.Fen
	err := t.row(`SELECT coalesce(sum(amount), 0) FROM postings WHERE account = ?`, checkout.AccUnresolved).Scan(&posted)
	if err == nil {
		err = t.row(`SELECT coalesce(sum(CASE l.class WHEN 'R1' THEN -w.booked ELSE w.booked END), 0)
			FROM watches w JOIN legs l ON l.id = w.leg_id WHERE w.state NOT IN ('OVER', 'KEPT', 'SQUARED')`).Scan(&booked)
	}
	if err == nil && posted != -booked {
		f.add("watch", string(checkout.AccUnresolved), "the account stands at %s, the watches say %s", posted, -booked)
	}
	return err
}
