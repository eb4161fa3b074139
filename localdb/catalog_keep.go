package localdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"cashier/services/catalog"
)

// leave writes what a sync leaves besides the products.
func leave(ctx context.Context, tx *sql.Tx, ch catalog.Change) error {
	run := func(query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}
	// An empty table is left as it is: nothing of the file is written.
	err := run(`DELETE FROM staged`)
	if !ch.PricesOnly {
		err = errors.Join(err, run(syncedSQL, ms(ch.At)), run(`DELETE FROM held`))
	}
	if err != nil {
		return err
	}
	if ch.Mark.No > 0 {
		if err := run(markSQL, ch.Mark.No, ms(ch.Mark.At), ch.Mark.By, ch.Mark.Why); err != nil {
			return err
		}
	}
	if !ch.NewSetAside {
		return nil
	}
	if err := run(`DELETE FROM set_aside`); err != nil {
		return err
	}
	for i, a := range ch.SetAside {
		doc, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if err := run(`INSERT INTO set_aside (no, doc) VALUES (?, ?)`, i+1, string(doc)); err != nil {
			return err
		}
	}
	return nil
}

// State implements catalog.Keeper.
func (c *Catalog) State(ctx context.Context) (catalog.State, error) {
	return reading(ctx, c, func(ctx context.Context, db *sql.DB) (s catalog.State, err error) {
		var changed, at int64
		found, err := one(ctx, db, `SELECT no, changed_ms, changed_by, changed_why FROM sync_state`, &s.Mark.No, &changed, &s.Mark.By, &s.Mark.Why)
		if err != nil {
			return s, err
		}
		if found && s.Mark.No > 0 {
			s.Mark.At = fromMS(changed)
		}
		d := &s.Held
		if found, err = one(ctx, db, `SELECT at_ms, known, delivered, removed FROM held`, &at, &d.Known, &d.Delivered, &d.Removed); err != nil {
			return s, err
		}
		if found {
			d.At = fromMS(at)
		}
		s.SetAside, err = readSetAside(ctx, db)
		return s, err
	})
}

func readSetAside(ctx context.Context, db *sql.DB) (list []catalog.SetAside, err error) {
	rows, err := db.QueryContext(ctx, `SELECT doc FROM set_aside ORDER BY no`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var doc []byte
		var a catalog.SetAside
		if err := rows.Scan(&doc); err != nil {
			return nil, errors.Join(errBadRow, err)
		}
		if err := json.Unmarshal(doc, &a); err != nil {
			return nil, errors.Join(errBadRow, err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// Hold implements catalog.Keeper.
func (c *Catalog) Hold(ctx context.Context, d catalog.HeldDelivery) error {
	return c.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO held (one, at_ms, known, delivered, removed) VALUES (1, ?, ?, ?, ?)
			ON CONFLICT (one) DO UPDATE SET at_ms = excluded.at_ms, known = excluded.known, delivered = excluded.delivered, removed = excluded.removed`,
			ms(d.At), d.Known, d.Delivered, d.Removed)
		return err
	})
}

// Stage implements catalog.Keeper.
func (c *Catalog) Stage(ctx context.Context, from int, s catalog.Staged) error {
	err := c.change(ctx, func(tx *sql.Tx) error {
		var has int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM staged`).Scan(&has); err != nil {
			return err
		}
		if has != from-1 || from == 1 {
			if _, err := tx.ExecContext(ctx, `DELETE FROM staged`); err != nil || from > 1 {
				return err
			}
		}
		for i, doc := range s.Pages {
			_, err := tx.ExecContext(ctx, `INSERT INTO staged (page, began_ms, size, total, doc) VALUES (?, ?, ?, ?, ?)`, from+i, ms(s.Began), s.Size, s.Total, string(doc))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && len(s.Pages) == 0 {
		c.mu.RLock()
		defer c.mu.RUnlock()
		c.shrink(ctx)
	}
	return err
}

// Staged implements catalog.Keeper. It mends nothing: what cannot be read was
// only worth time.
func (c *Catalog) Staged(ctx context.Context) (s catalog.Staged, err error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	rows, err := c.read.QueryContext(ctx, `SELECT began_ms, size, total, doc FROM staged ORDER BY page`)
	if err != nil {
		return s, said(err, c.p.Path)
	}
	defer rows.Close()
	for rows.Next() {
		var began int64
		var doc []byte
		if err := rows.Scan(&began, &s.Size, &s.Total, &doc); err != nil {
			return catalog.Staged{}, said(err, c.p.Path)
		}
		s.Began, s.Pages = fromMS(began), append(s.Pages, doc)
	}
	return s, said(rows.Err(), c.p.Path)
}

// change is one transaction beside the products.
func (c *Catalog) change(ctx context.Context, f func(*sql.Tx) error) error {
	if c.readOnly {
		return errCatalogReadOnly
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return said(err, c.p.Path)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return said(err, c.p.Path)
	}
	return said(tx.Commit(), c.p.Path)
}

// Stock implements catalog.Keeper.
func (c *Catalog) Stock(ctx context.Context) (map[int64]catalog.Qty, time.Time, error) {
	type found struct {
		qty map[int64]catalog.Qty
		at  time.Time
	}
	f, err := reading(ctx, c, func(ctx context.Context, db *sql.DB) (f found, err error) {
		var at int64
		if has, err := one(ctx, db, `SELECT at_ms FROM stock_state`, &at); err != nil || !has {
			return f, err
		}
		f.at, f.qty = fromMS(at), map[int64]catalog.Qty{}
		rows, err := db.QueryContext(ctx, `SELECT product_id, qty FROM stock`)
		if err != nil {
			return f, err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var q catalog.Qty
			if err := rows.Scan(&id, &q); err != nil {
				return f, errors.Join(errBadRow, err)
			}
			f.qty[id] = q
		}
		return f, rows.Err()
	})
	return f.qty, f.at, err
}

// PutStock implements catalog.Keeper. rows counts products.
func (c *Catalog) PutStock(ctx context.Context, ch catalog.StockChange) (rows int, err error) {
	c.mu.RLock()
	seen := c.read
	c.mu.RUnlock()
	err = c.change(ctx, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, `INSERT INTO stock (product_id, qty) VALUES (?, ?) ON CONFLICT (product_id) DO UPDATE SET qty = excluded.qty`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, s := range ch.Put {
			if _, err := put.ExecContext(ctx, s.ProductID, s.Qty); err != nil {
				return err
			}
		}
		for _, id := range ch.Remove {
			if _, err := tx.ExecContext(ctx, `DELETE FROM stock WHERE product_id = ?`, id); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO stock_state (one, at_ms) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at_ms = excluded.at_ms`, ms(ch.At))
		return err
	})
	if err != nil {
		return 0, c.healAfter(ctx, seen, err)
	}
	return len(ch.Put) + len(ch.Remove), nil
}
