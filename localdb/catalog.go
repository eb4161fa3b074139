package localdb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"sync"
	"sync/atomic"
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

	migrations fs.FS // other ones in tests
	// snapshotFrom is from how many products on a snapshot is kept.
	snapshotFrom int
	tune         func(url.Values) // other settings of the writer in tests
}

// Catalog is HQ's product list as last synced, on catalog.db. A file that
// cannot be used is renamed to catalog.db.bad-TIME and made anew, empty.
type Catalog struct {
	p        CatalogParams
	readOnly bool

	mu    sync.RWMutex // held for writing only while the file is replaced
	write *sql.DB
	read  *sql.DB

	// Only the first reading takes the snapshot's word: whoever reads once more
	// doubts what is in memory.
	doubted atomic.Bool
	keeper  *snapshotKeeper // nil: only for reading
}

var _ catalog.Keeper = (*Catalog)(nil)

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
	if p.snapshotFrom == 0 {
		p.snapshotFrom = worthSnapshot
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
	c.keeper = newSnapshotKeeper(c)
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

// reading reads from the cache. One found damaged is set aside and read anew,
// empty.
func reading[T any](ctx context.Context, c *Catalog, read func(context.Context, *sql.DB) (T, error)) (T, error) {
	once := func() (T, *sql.DB, error) {
		c.mu.RLock()
		defer c.mu.RUnlock()
		v, err := read(ctx, c.read)
		return v, c.read, err
	}
	v, seen, err := once()
	if err == nil {
		return v, nil
	}
	if healed, err := c.heal(ctx, seen, err); !healed {
		var none T
		return none, err
	}
	v, _, err = once()
	return v, saidReading(err, c.p.Path)
}

// Shut closes the file.
func (c *Catalog) Shut() error {
	c.keeper.end()
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
