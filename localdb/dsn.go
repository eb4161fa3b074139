package localdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"

	"cashier/services/fault"
)

// pragma is a setting as SQLite reports it back.
type pragma struct{ query, want string }

// mode is how a file is opened: what is asked of SQLite, and what it must then
// report. SQLite ignores a parameter it does not know, and a disk may refuse
// WAL without an error, so asking is not enough.
type mode struct {
	params url.Values
	expect []pragma
}

const (
	busyTimeout = "5000" // ms
	// Folding the WAL back costs some milliseconds, in the commit that crosses
	// this many pages (16 MB): at a thousand, the default, one sale in seventy
	// would pay for it.
	checkpointPages = "4000"
	// A first sync writes tens of megabytes at once; the WAL need not keep them.
	walLimit = "4194304"
)

// common applies to every connection.
func common(extra ...string) url.Values {
	v := url.Values{
		"_busy_timeout": {busyTimeout},
		"_foreign_keys": {"1"},
		"_dqs":          {"0"},
		"_error_rc":     {"1"},
	}
	for i := 0; i+1 < len(extra); i += 2 {
		v.Set(extra[i], extra[i+1])
	}
	return v
}

func expect(extra ...pragma) []pragma {
	return append([]pragma{
		{"PRAGMA busy_timeout", busyTimeout},
		{"PRAGMA foreign_keys", "1"},
		{"PRAGMA journal_mode", "wal"},
	}, extra...)
}

// ledgerWriter syncs at every commit; its transactions take the write lock at
// once, because a lock asked for halfway can only be refused.
func ledgerWriter() mode {
	return mode{
		params: common("mode", "rw", "_txlock", "immediate", "_journal_mode", "WAL", "_synchronous", "FULL", "_defensive", "1",
			"_pragma", "wal_autocheckpoint("+checkpointPages+")"),
		expect: expect(pragma{"PRAGMA synchronous", "2"}, pragma{"PRAGMA query_only", "0"}, pragma{"PRAGMA wal_autocheckpoint", checkpointPages}),
	}
}

// catalogWriter may lose the last commits in a power cut, never the file: a
// sync brings them back.
func catalogWriter() mode {
	return mode{
		params: common("mode", "rw", "_txlock", "immediate", "_journal_mode", "WAL", "_synchronous", "NORMAL", "_defensive", "1",
			"_pragma", "journal_size_limit("+walLimit+")"),
		expect: expect(pragma{"PRAGMA synchronous", "1"}, pragma{"PRAGMA query_only", "0"}),
	}
}

func reader() mode {
	return mode{
		params: common("mode", "ro", "_query_only", "1"),
		expect: expect(pragma{"PRAGMA query_only", "1"}),
	}
}

// inspector reads a file of which nothing is known yet.
func inspector() mode { return mode{params: common("mode", "ro", "_query_only", "1")} }

// dsn makes a URI of a path: in it ?, # and % would otherwise end the path or
// begin an escape.
func dsn(path string, params url.Values) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "disk.path", "The data folder {path} cannot be used; choose another one with --data.", "path", path)
	}
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/… on Windows
	}
	uri := url.URL{Scheme: "file", Path: slashed, RawQuery: params.Encode()}
	return uri.String(), nil
}

// open prepares a pool; the file is first touched when a connection is needed.
func open(path string, m mode, connections int) (*sql.DB, error) {
	name, err := dsn(path, m.params)
	if err != nil {
		return nil, err
	}
	inner, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "disk.path", "The data folder {path} cannot be used; choose another one with --data.", "path", path)
	}
	db := sql.OpenDB(connector{Connector: inner, expect: m.expect})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// connector hands out a connection only after reading its settings back.
type connector struct {
	driver.Connector
	expect []pragma
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range c.expect {
		got, err := readBack(ctx, conn, p.query)
		if err == nil && got != p.want {
			err = fault.New(fault.Internal, "disk.unsafe",
				"The disk does not keep data the way money needs it ({setting} is {got}, not {want}). Nothing was recorded. Put the data folder on a local disk of this computer.",
				"setting", strings.TrimPrefix(p.query, "PRAGMA "), "got", got, "want", p.want)
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

func readBack(ctx context.Context, conn driver.Conn, query string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", fmt.Errorf("%T cannot query", conn)
	}
	rows, err := q.QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	row := make([]driver.Value, len(rows.Columns()))
	switch err := rows.Next(row); {
	case errors.Is(err, io.EOF), err == nil && len(row) == 0:
		return "", nil
	case err != nil:
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}
