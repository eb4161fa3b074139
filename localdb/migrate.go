package localdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pressly/goose/v3"

	"cashier/services/fault"
)

//go:embed migrations
var embedded embed.FS

func ledgerMigrations() fs.FS { return sub("migrations/ledger") }

func catalogMigrations() fs.FS { return sub("migrations/catalog") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(embedded, dir)
	if err != nil {
		panic("localdb: " + err.Error()) // the name is a constant of this file
	}
	return f
}

// newest is the highest version in a folder of migrations.
func newest(migrations fs.FS) (int64, error) {
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return 0, err
	}
	var top int64
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, err
		}
		top = max(top, v)
	}
	if top == 0 {
		return 0, errors.New("localdb: no migrations")
	}
	return top, nil
}

// errForeign is a database that is not ours.
var errForeign = errors.New("a database without this program's record of migrations")

// version is which migration a database is at; 0 for an empty one.
func version(ctx context.Context, db *sql.DB) (int64, error) {
	var tables, ours int64
	const count = `SELECT count(*), coalesce(sum(name = 'goose_db_version'), 0) FROM sqlite_schema WHERE type = 'table'`
	if err := db.QueryRowContext(ctx, count).Scan(&tables, &ours); err != nil {
		return 0, err
	}
	switch {
	case tables == 0:
		return 0, nil
	case ours == 0:
		return 0, errForeign
	}
	var v int64
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1`).Scan(&v)
	return v, err
}

// inspect reads the version of the file without changing a byte of it.
func inspect(ctx context.Context, path string) (int64, error) {
	if has, err := exists(path); err != nil || !has {
		return 0, err
	}
	if oddHeader(path) {
		return 0, errDamaged(errOddHeader, path, "")
	}
	db, err := open(path, inspector(), 1)
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	return version(ctx, db)
}

// inspectOwn is inspect for whoever may write the file: a transaction that a
// power cut stopped is first taken back, which is SQLite's own doing.
func inspectOwn(ctx context.Context, path string) (int64, error) {
	v, err := inspect(ctx, path)
	if !unfinished(err) {
		return v, err
	}
	db, err := open(path, mode{params: common("mode", "rw")}, 1)
	if err != nil {
		return 0, err
	}
	_, err = version(ctx, db)
	if err := errors.Join(err, db.Close()); err != nil {
		return 0, err
	}
	return inspect(ctx, path)
}

// errNewer refuses a database that a later program has written.
func errNewer(path string, has, knows int64) error {
	return fault.New(fault.Refused, "ledger.newer",
		"{path} was written by a newer version of this program (data version {has}; this program knows {knows}). Nothing was changed. Install the newer version again.",
		"path", path, "has", strconv.FormatInt(has, 10), "knows", strconv.FormatInt(knows, 10))
}

// migrate runs what is missing, each migration with its record in one
// transaction.
func migrate(ctx context.Context, db *sql.DB, migrations fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// backup writes a copy of the database at path into dir, and proves that it can
// be read back. The copy is marked, so that a till started on it knows that it
// was restored. at is written in the copy's name.
func backup(ctx context.Context, path, dir string, from int64, at time.Time) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", said(err, dir)
	}
	name := filepath.Join(dir, Backup{Version: from, At: at}.name())
	part := name + partSuffix
	if err := removeIfThere(part); err != nil {
		return "", said(err, part)
	}
	err := copyInto(ctx, path, part)
	if err == nil {
		err = finishCopy(ctx, part, at)
	}
	if err == nil {
		err = syncFile(part)
	}
	if err == nil {
		err = os.Rename(part, name)
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return "", errors.Join(said(err, name), removeIfThere(part), removeIfThere(part+"-journal"))
	}
	return name, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func copyInto(ctx context.Context, from, to string) error {
	db, err := open(from, mode{params: common("mode", "ro")}, 1)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return os.Chmod(to, 0o600)
}

// finishCopy marks a copy and checks every page of it.
func finishCopy(ctx context.Context, path string, at time.Time) error {
	db, err := open(path, mode{params: common("mode", "rw", "_synchronous", "FULL")}, 1)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, `UPDATE meta SET copied_ms = ?`, at.UnixMilli()); err != nil {
		return err
	}
	problems, err := integrity(ctx, db)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fault.New(fault.Internal, codeCorrupt, "The backup {path} could not be read back: {problem}. Nothing was changed; check the disk and call support.", "path", path, "problem", problems[0])
	}
	return nil
}

// integrity is SQLite's own check of every page; empty when all is well.
func integrity(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `PRAGMA integrity_check`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var problems []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			problems = append(problems, line)
		}
	}
	return problems, rows.Err()
}
