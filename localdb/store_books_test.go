package localdb

import (
	"context"
	"database/sql"

	"cashier/services/checkout"
	"cashier/services/checkout/storetest"
	"cashier/services/simulate"
)

// readBooks reads what a Store does not show from the file itself, by statements
// that are not the ledger's.
func readBooks(ctx context.Context, path string) (b storetest.Books, err error) {
	name, err := dsn(path, nil)
	if err != nil {
		return b, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return b, err
	}
	defer db.Close()
	each := func(scan func(*sql.Rows) error, query string) {
		if err != nil {
			return
		}
		var rows *sql.Rows
		if rows, err = db.QueryContext(ctx, query); err != nil {
			return
		}
		defer rows.Close()
		for err == nil && rows.Next() {
			err = scan(rows)
		}
		if err == nil {
			err = rows.Err()
		}
	}
	var at int64
	each(func(r *sql.Rows) error {
		var a checkout.Act
		err := r.Scan(&at, &a.Actor.ID, &a.Actor.Name, &a.Actor.Role, &a.Actor.Program, &a.What, &a.Subject, &a.Detail)
		a.At = fromMS(at)
		b.Acts = append(b.Acts, a)
		return err
	}, `SELECT at_ms, actor_id, actor_name, actor_role, actor_program, what, subject, detail FROM audit ORDER BY seq`)
	each(func(r *sql.Rows) error {
		var e checkout.LegEvent
		err := r.Scan(&e.LegID, &e.Seq, &e.State, &at, &e.Reason.Code, &e.Reason.RawCode, &e.Reason.Message, &e.ProviderNo, &e.PaidAt)
		e.At = fromMS(at)
		b.Events = append(b.Events, e)
		return err
	}, `SELECT leg_id, seq, state, at_ms, reason_code, raw_code, message, provider_no, paid_at FROM leg_events ORDER BY leg_id, seq`)
	each(func(r *sql.Rows) error {
		var e simulate.Posted
		var p checkout.Posting
		var no int
		if err := r.Scan(&e.SaleID, &e.No, &e.LegID, &e.Kind, &at, &no, &p.Account, &p.Amount); err != nil {
			return err
		}
		if no == 1 {
			e.At = fromMS(at)
			b.Entries = append(b.Entries, e)
		}
		last := &b.Entries[len(b.Entries)-1]
		last.Postings = append(last.Postings, p)
		return nil
	}, `SELECT e.sale_id, e.no, coalesce(e.leg_id, ''), e.kind, e.at_ms, p.no, p.account, p.amount
		FROM entries e JOIN postings p ON p.sale_id = e.sale_id AND p.entry_no = e.no ORDER BY e.sale_id, e.no, p.no`)
	each(func(r *sql.Rows) error {
		var n simulate.Receipt
		err := r.Scan(&n.No, &n.SaleID, &at)
		n.At = fromMS(at)
		b.Receipts = append(b.Receipts, n)
		return err
	}, `SELECT no, sale_id, at_ms FROM receipts ORDER BY epoch, counter`)
	each(func(r *sql.Rows) error {
		var w checkout.Watch
		var since int64
		err := r.Scan(&w.Leg.ID, &w.Leg.SaleID, &w.State, &w.Step, &at, &w.Booked, &since)
		if w.Due = fromMS(at); since != 0 {
			w.Since = fromMS(since)
		}
		b.Watches = append(b.Watches, w)
		return err
	}, `SELECT leg_id, sale_id, state, step, due_ms, booked, coalesce(since_ms, 0) FROM watches ORDER BY leg_id`)
	return b, err
}
