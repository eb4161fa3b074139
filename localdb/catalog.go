package localdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"cashier/services/catalog"
	"cashier/services/fault"
)

// CatalogParams of a Catalog.
type CatalogParams struct {
	Path string           // of catalog.db; its folder is made where it is missing
	Now  func() time.Time // for names of files set aside
	Warn func(error)      // told when a damaged or newer cache was set aside

	migrations fs.FS            // other ones in tests
	tune       func(url.Values) // other settings of the writer in tests
}

// Catalog is HQ's product list as last synced, on catalog.db. A file that
// cannot be used is renamed to catalog.db.bad-TIME and made anew, empty.
type Catalog struct {
	p        CatalogParams
	readOnly bool

	mu    sync.RWMutex // held for writing only while the file is replaced
	write *sql.DB
	read  *sql.DB
}

var _ catalog.Store = (*Catalog)(nil)

const (
	putProductSQL = `INSERT INTO products (product_id, row_id, shop_id, code, name, class, unit, price, member_price, pricing, sort, images, removed_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
		ON CONFLICT (product_id) DO UPDATE SET row_id = excluded.row_id, shop_id = excluded.shop_id, code = excluded.code, name = excluded.name,
			class = excluded.class, unit = excluded.unit, price = excluded.price, member_price = excluded.member_price,
			pricing = excluded.pricing, sort = excluded.sort, images = excluded.images, removed_ms = NULL`
	removeProductSQL = `UPDATE products SET removed_ms = ? WHERE product_id = ? AND removed_ms IS NULL`
	syncedSQL        = `INSERT INTO sync_state (one, synced_ms) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET synced_ms = excluded.synced_ms`
	productsSQL      = `SELECT product_id, row_id, shop_id, code, name, class, unit, price, member_price, pricing, sort, images
		FROM products WHERE removed_ms IS NULL ORDER BY product_id`
)

// OpenCatalog opens the cache for reading and syncing.
func OpenCatalog(ctx context.Context, p CatalogParams) (*Catalog, error) {
	if p.Path == "" || p.Now == nil {
		return nil, errors.New("localdb: Path and Now are required")
	}
	if p.Warn == nil {
		p.Warn = func(error) {}
	}
	if p.migrations == nil {
		p.migrations = catalogMigrations()
	}
	c := &Catalog{p: p}
	err := c.start(ctx)
	// No start but that of a damaged file contradicts itself.
	if code := fault.CodeOf(said(err, p.Path)); c.unusable(err) || code == codeUnexpected || code == codeRefused {
		var warning error
		if warning, err = c.replace(ctx, err); err == nil {
			p.Warn(warning)
		}
	}
	if err != nil {
		return nil, errors.Join(said(err, p.Path), c.Shut())
	}
	return c, nil
}

// OpenCatalogRead opens the cache for reading beside a running till. It sets
// nothing aside. A missing cache is a fault with code catalog.missing.
func OpenCatalogRead(ctx context.Context, path string) (*Catalog, error) {
	has, err := inspect(ctx, path)
	if err != nil {
		return nil, saidReading(err, path)
	}
	knows, err := newest(catalogMigrations())
	switch {
	case err != nil:
		return nil, err
	case has == 0:
		return nil, fault.New(fault.Invalid, "catalog.missing", "No prices have been synced to {path} yet. Sync first.", "path", path)
	case has != knows:
		return nil, fault.New(fault.Refused, "catalog.other_version", "{path} was written by another version of this program. Start the till once, then try again.", "path", path)
	}
	c := &Catalog{p: CatalogParams{Path: path}, readOnly: true}
	if c.read, err = open(path, reader(), readers); err != nil {
		return nil, err
	}
	return c, nil
}

// errCacheNewer is a cache this program cannot read.
var errCacheNewer = errors.New("the cache was written by a newer version")

// unusable reports whether only a new file helps. Statements that are right fail
// by themselves only where the file lacks a table or a column.
func (c *Catalog) unusable(err error) bool {
	return fault.CodeOf(said(err, c.p.Path)) == codeCorrupt || sqliteCode(err) == sqlite3.SQLITE_ERROR ||
		errors.Is(err, errForeign) || errors.Is(err, errCacheNewer) || errors.Is(err, errBadRow)
}

func (c *Catalog) start(ctx context.Context) error {
	if err := prepare(c.p.Path); err != nil {
		return err
	}
	knows, err := newest(c.p.migrations)
	if err != nil {
		return err
	}
	has, err := inspectOwn(ctx, c.p.Path)
	switch {
	case err != nil:
		return err
	case has > knows:
		return errCacheNewer
	}
	m := catalogWriter()
	if c.p.tune != nil {
		c.p.tune(m.params)
	}
	if c.write, err = open(c.p.Path, m, 1); err != nil {
		return err
	}
	if has < knows {
		if err := migrate(ctx, c.write, c.p.migrations); err != nil {
			return err
		}
	}
	c.read, err = open(c.p.Path, reader(), readers)
	if err != nil {
		return err
	}
	return c.read.PingContext(ctx)
}

// replace sets the file aside, begins an empty one, and returns what a person
// should know of it. The caller holds mu or is alone.
func (c *Catalog) replace(ctx context.Context, why error) (warning, err error) {
	if err := c.shut(); err != nil {
		return nil, err
	}
	bad, err := setAside(c.p.Path, c.p.Now())
	if err != nil {
		return nil, err
	}
	warning = fault.Wrap(why, fault.Internal, "catalog.set_aside", "The price cache could not be used and was set aside as {file}. Sync the prices again before selling.", "file", bad)
	return warning, c.start(ctx)
}

// heal replaces the cache once after err, met on the pool seen, and says
// whether there is a healthy one now.
func (c *Catalog) heal(ctx context.Context, seen *sql.DB, err error) (bool, error) {
	// A query cut short can look like a row that makes no sense.
	if !c.unusable(err) || c.readOnly || ctx.Err() != nil {
		return false, said(err, c.p.Path)
	}
	c.mu.Lock()
	if c.read != seen {
		c.mu.Unlock()
		return true, nil // somebody else has replaced it
	}
	warning, err := c.replace(ctx, err)
	c.mu.Unlock()
	if err != nil {
		return false, said(err, c.p.Path)
	}
	c.p.Warn(warning)
	return true, nil
}

// Products implements catalog.Store. A cache found damaged is set aside and
// reads as empty.
func (c *Catalog) Products(ctx context.Context) ([]catalog.Product, error) {
	products, seen, err := c.products(ctx)
	if err == nil {
		return products, nil
	}
	if healed, err := c.heal(ctx, seen, err); !healed {
		return nil, err
	}
	products, _, err = c.products(ctx)
	return products, saidReading(err, c.p.Path)
}

func (c *Catalog) products(ctx context.Context) ([]catalog.Product, *sql.DB, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	products, err := readProducts(ctx, c.read)
	return products, c.read, err
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
		var p catalog.Product
		var images string
		err := rows.Scan(&p.ProductID, &p.ID, &p.ShopID, &p.Code, &p.Name, &p.Class, &p.Unit, &p.Price, &p.MemberPrice, &p.Pricing, &p.Sort, &images)
		if err != nil {
			return nil, errors.Join(errBadRow, err)
		}
		if images != "[]" {
			if err := json.Unmarshal([]byte(images), &p.Images); err != nil {
				return nil, errors.Join(errBadRow, err)
			}
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
	at, seen, err := c.syncedAt(ctx)
	if err == nil {
		return at, nil
	}
	if healed, err := c.heal(ctx, seen, err); !healed {
		return time.Time{}, err
	}
	at, _, err = c.syncedAt(ctx)
	return at, saidReading(err, c.p.Path)
}

func (c *Catalog) syncedAt(ctx context.Context) (time.Time, *sql.DB, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var at int64
	err := c.read.QueryRowContext(ctx, `SELECT synced_ms FROM sync_state`).Scan(&at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return time.Time{}, c.read, nil
	case err != nil && sqliteCode(err) == 0 && ctx.Err() == nil: // read, and no time
		return time.Time{}, c.read, errors.Join(errBadRow, err)
	case err != nil:
		return time.Time{}, c.read, err
	}
	return fromMS(at), c.read, nil
}

// Apply implements catalog.Store. rows counts products put and products newly
// removed. A cache found damaged is set aside; the change is then refused with
// code catalog.set_aside, because half a list of prices is worse than none.
func (c *Catalog) Apply(ctx context.Context, ch catalog.Change) (rows int, err error) {
	if c.readOnly {
		return 0, fault.New(fault.Refused, "catalog.read_only", "The price cache was opened for reading only; nothing was changed.")
	}
	c.mu.RLock()
	seen := c.read
	rows, err = apply(ctx, c.write, ch)
	if sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT && c.fits(ctx, ch) {
		err = errors.Join(errBadRow, err)
	}
	c.mu.RUnlock()
	if err == nil {
		return rows, nil
	}
	cause := err
	healed, err := c.heal(ctx, seen, err)
	if healed {
		err = fault.Wrap(cause, fault.Internal, "catalog.set_aside", "The price cache was damaged and has been set aside. Sync the prices again.")
	}
	return 0, err
}

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
	if _, err := tx.ExecContext(ctx, syncedSQL, ms(ch.At)); err != nil {
		return 0, err
	}
	if len(ch.Put)+removed > 0 {
		// New rows in a damaged file may be as lost as the old ones.
		if err := sound(ctx, tx); err != nil {
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

// Shut closes the file.
func (c *Catalog) Shut() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return said(c.shut(), c.p.Path)
}

func (c *Catalog) shut() error {
	var errs []error
	for _, db := range []*sql.DB{c.read, c.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
