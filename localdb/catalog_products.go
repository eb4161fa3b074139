package localdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"cashier/services/catalog"
	"cashier/services/fault"
)

const (
	putProductSQL = `INSERT INTO products (product_id, row_id, shop_id, code, name, class, unit, price, member_price, pricing, sort, images, removed_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
		ON CONFLICT (product_id) DO UPDATE SET row_id = excluded.row_id, shop_id = excluded.shop_id, code = excluded.code, name = excluded.name,
			class = excluded.class, unit = excluded.unit, price = excluded.price, member_price = excluded.member_price,
			pricing = excluded.pricing, sort = excluded.sort, images = excluded.images, removed_ms = NULL`
	removeProductSQL = `UPDATE products SET removed_ms = ? WHERE product_id = ? AND removed_ms IS NULL`
	syncedSQL        = `INSERT INTO sync_state (one, synced_ms) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET synced_ms = excluded.synced_ms`
	markSQL          = `UPDATE sync_state SET no = ?, changed_ms = ?, changed_by = ?, changed_why = ?`
	productsSQL      = `SELECT product_id, row_id, shop_id, code, name, class, unit, price, member_price, pricing, sort, images
		FROM products WHERE removed_ms IS NULL ORDER BY product_id`
)

// Products implements catalog.Store. A cache found damaged is set aside and
// reads as empty.
func (c *Catalog) Products(ctx context.Context) ([]catalog.Product, error) {
	first := !c.doubted.Swap(true)
	return reading(ctx, c, func(ctx context.Context, db *sql.DB) ([]catalog.Product, error) {
		if first {
			var revision string
			if _, err := one(ctx, db, revisionSQL, &revision); err != nil {
				return nil, err
			}
			if products, ok := c.fromSnapshot(revision); ok {
				return products, nil
			}
			c.keeper.wake()
		}
		return readProducts(ctx, db)
	})
}

// errBadRow is a row that no sync could have written.
var errBadRow = errors.New("a row of the cache makes no sense")

func readProducts(ctx context.Context, db *sql.DB) ([]catalog.Product, error) {
	rows, err := db.QueryContext(ctx, productsSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var products []catalog.Product
	// A shop has a few dozen classes and units and many thousand products.
	words := make(map[string]string)
	shared := func(s string) string {
		if w, ok := words[s]; ok {
			return w
		}
		words[s] = s
		return s
	}
	for rows.Next() {
		p, err := scanProduct(rows)
		if err != nil {
			return nil, err
		}
		// They are read in the order in which they lie in the file: a page that is
		// there twice, or at another's place, shows.
		if n := len(products); n > 0 && products[n-1].ProductID >= p.ProductID {
			return nil, errBadRow
		}
		p.Class, p.Unit = shared(p.Class), shared(p.Unit)
		products = append(products, p)
	}
	return products, rows.Err()
}

// SyncedAt implements catalog.Store.
func (c *Catalog) SyncedAt(ctx context.Context) (time.Time, error) {
	return reading(ctx, c, func(ctx context.Context, db *sql.DB) (time.Time, error) {
		var at int64
		found, err := one(ctx, db, `SELECT synced_ms FROM sync_state`, &at)
		if err != nil || !found {
			return time.Time{}, err
		}
		return fromMS(at), nil
	})
}

// one reads one row, if there is one. A row of other types than were written is
// errBadRow.
func one(ctx context.Context, db *sql.DB, query string, into ...any) (bool, error) {
	err := db.QueryRowContext(ctx, query).Scan(into...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil && sqliteCode(err) == 0 && ctx.Err() == nil:
		return false, errors.Join(errBadRow, err)
	}
	return err == nil, err
}

// Apply implements catalog.Store. rows counts products put and products newly
// removed. A cache found damaged is set aside; the change is then refused with
// code catalog.set_aside, because half a list of prices is worse than none.
func (c *Catalog) Apply(ctx context.Context, ch catalog.Change) (rows int, err error) {
	if c.readOnly {
		return 0, errCatalogReadOnly
	}
	c.mu.RLock()
	seen := c.read
	rows, err = apply(ctx, c.write, ch)
	if sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT && c.fits(ctx, ch) {
		err = errors.Join(errBadRow, err)
	}
	if err == nil && rows > 0 {
		c.keep(ctx)
		c.keeper.wake()
	}
	c.mu.RUnlock()
	if err == nil {
		return rows, nil
	}
	return 0, c.healAfter(ctx, seen, err)
}

// keep makes a change outlast a power cut before the price history speaks of it,
// and keeps the WAL and the file short. It waits for no reader; what it leaves
// comes with the next one.
func (c *Catalog) keep(ctx context.Context) {
	_, _ = c.write.ExecContext(context.WithoutCancel(ctx), `PRAGMA wal_checkpoint(PASSIVE)`)
	c.shrink(ctx)
}

// tooFree is how many pages of a file may be free (32 MB) before it is written
// anew without them: what was staged of a large list is many more.
const tooFree = 8192

// shrink gives a large file's free pages back where they are most of it. The
// caller holds mu.
func (c *Catalog) shrink(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	var free, all int
	err := errors.Join(c.write.QueryRowContext(ctx, `PRAGMA freelist_count`).Scan(&free), c.write.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&all))
	if err != nil || free < tooFree || free < all/2 {
		return
	}
	_, _ = c.write.ExecContext(ctx, `VACUUM`)
	_, _ = c.write.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
}

// healAfter is heal after a change, which is lost with the cache.
func (c *Catalog) healAfter(ctx context.Context, seen *sql.DB, cause error) error {
	healed, err := c.heal(ctx, seen, cause)
	if healed {
		err = fault.Wrap(cause, fault.Internal, "catalog.set_aside", "The price cache was damaged and has been set aside. Sync the prices again.")
	}
	return err
}

var errCatalogReadOnly = fault.New(fault.Refused, "catalog.read_only", "The price cache was opened for reading only; nothing was changed.")

// fits reports whether a new cache would take a change that this one refuses: then
// what refuses it is damage.
func (c *Catalog) fits(ctx context.Context, ch catalog.Change) bool {
	dir, err := os.MkdirTemp(filepath.Dir(c.p.Path), "catalog-*")
	if err != nil {
		return false
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fresh := &Catalog{p: c.p}
	fresh.p.Path = filepath.Join(dir, "catalog.db")
	defer func() { _ = fresh.Shut() }()
	if fresh.start(ctx) != nil {
		return false
	}
	_, err = apply(ctx, fresh.write, ch)
	return err == nil
}

func apply(ctx context.Context, db *sql.DB, ch catalog.Change) (int, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	if err := putProducts(ctx, tx, ch.Put); err != nil {
		return 0, err
	}
	removed, err := removeProducts(ctx, tx, ch)
	if err != nil {
		return 0, err
	}
	if err := leave(ctx, tx, ch); err != nil {
		return 0, err
	}
	if len(ch.Put)+removed > 0 {
		// New rows in a damaged file may be as lost as the old ones.
		if err := sound(ctx, tx); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, newRevisionSQL); err != nil {
			return 0, err
		}
	}
	return len(ch.Put) + removed, tx.Commit()
}

// sound has SQLite look at every page and every row for a first mistake.
func sound(ctx context.Context, tx *sql.Tx) error {
	var first string
	err := tx.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&first)
	if err == nil && first != "ok" {
		err = fmt.Errorf("%w: %s", errBadRow, first)
	}
	return err
}

func putProducts(ctx context.Context, tx *sql.Tx, products []catalog.Product) error {
	put, err := tx.PrepareContext(ctx, putProductSQL)
	if err != nil {
		return err
	}
	defer put.Close()
	for _, p := range products {
		images := []byte("[]")
		if len(p.Images) > 0 {
			if images, err = json.Marshal(p.Images); err != nil {
				return err
			}
		}
		_, err := put.ExecContext(ctx, p.ProductID, p.ID, p.ShopID, p.Code, p.Name, p.Class, p.Unit, p.Price, p.MemberPrice, p.Pricing, p.Sort, string(images))
		if err != nil {
			return err
		}
	}
	return nil
}

func removeProducts(ctx context.Context, tx *sql.Tx, ch catalog.Change) (int, error) {
	remove, err := tx.PrepareContext(ctx, removeProductSQL)
	if err != nil {
		return 0, err
	}
	defer remove.Close()
	var removed int64
	for _, id := range ch.Remove {
		result, err := remove.ExecContext(ctx, ms(ch.At), id)
		if err != nil {
			return 0, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		removed += n
	}
	return int(removed), nil
}
