package localdb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// Params of a Ledger.
type Params struct {
	Path string             // of ledger.db; its folder is made where it is missing
	Now  func() time.Time   // for names of backups and the till's own records
	Hook func(point string) // called around each durable commit; nil in production

	// Existing says that there has been a till here: a ledger that is missing
	// or empty is then refused rather than begun anew.
	Existing bool

	// Journal is the folder of the second journal; "" for none. OnJournal is
	// told, from another goroutine, why it is not written, and nil when it is
	// again.
	Journal   string
	OnJournal func(error)

	migrations  fs.FS // other ones in tests
	openJournal func(string) (appender, error)
	tune        func(url.Values) // other settings of the writer in tests
}

// Ledger is the till's books on ledger.db. It has one writing connection, on
// which transitions queue up, and a pool for reading beside it.
type Ledger struct {
	path  string
	file  fs.FileInfo // the file that was opened
	now   func() time.Time
	hook  func(string)
	till  checkout.Till
	write *sql.DB // nil where opened for reading only
	read  *sql.DB
	stmts map[string]*sql.Stmt // on the writing connection, by their text

	journal *journal      // nil where none is kept
	uploads chan struct{} // holds one wake for whoever sends the upload queue
}

var _ checkout.Store = (*Ledger)(nil)

const readers = 4

// Open opens the ledger for selling, making it or bringing it up to date where
// needed. An existing file is copied to backups/ before its first migration.
// A damaged, foreign or newer file is refused and left exactly as it is.
func Open(ctx context.Context, p Params) (*Ledger, error) {
	if p.Path == "" || p.Now == nil {
		return nil, errors.New("localdb: Path and Now are required")
	}
	if p.Hook == nil {
		p.Hook = func(string) {}
	}
	if p.migrations == nil {
		p.migrations = ledgerMigrations()
	}
	if p.Existing {
		if err := stillThere(ctx, p.Path); err != nil {
			return nil, err
		}
	}
	if err := prepare(p.Path); err != nil {
		return nil, err
	}
	file, err := identify(p.Path)
	if err != nil {
		return nil, err
	}
	if err := upgrade(ctx, p); err != nil {
		return nil, err
	}
	l := &Ledger{path: p.Path, file: file, now: p.Now, hook: p.Hook, uploads: make(chan struct{}, 1)}
	if err := l.start(ctx, p); err != nil {
		return nil, errors.Join(said(err, p.Path), l.Shut())
	}
	if p.Journal != "" {
		l.keepJournal(p)
	}
	return l, nil
}

// stillThere refuses to take a lost ledger for a new till: its receipt numbers,
// open payments and used codes would be forgotten without a word.
func stillThere(ctx context.Context, path string) error {
	has, err := inspectLedger(ctx, path)
	if err == nil && has == 0 {
		return Lost(path)
	}
	return err
}

// Lost is the fault of a ledger that is missing or empty where there was one.
func Lost(path string) error {
	return fault.New(fault.Refused, "ledger.lost", "The books of this till are gone: {path} is missing or empty, although a till has sold here. Nothing was changed. Close every program that uses the folder, restore the newest file of {backups} with `cashierctl restore FILE`, and start again. If a new till is meant to begin here, delete the file till.id in that folder first.",
		"path", path, "backups", backupsBeside(path))
}

// upgrade brings the file to the newest version this program knows.
func upgrade(ctx context.Context, p Params) error {
	knows, err := newest(p.migrations)
	if err != nil {
		return err
	}
	has, err := inspectLedger(ctx, p.Path)
	switch {
	case err != nil:
		return err
	case has > knows:
		return errNewer(p.Path, has, knows)
	case has == knows:
		return nil
	}
	kept := "none"
	if has > 0 {
		if kept, err = backup(ctx, p.Path, backupsBeside(p.Path), has, p.Now()); err != nil {
			return err
		}
	}
	m := ledgerWriter()
	if p.tune != nil {
		p.tune(m.params)
	}
	db, err := open(p.Path, m, 1)
	if err != nil {
		return err
	}
	if err := errors.Join(migrate(ctx, db, p.migrations), db.Close()); err != nil {
		if diskCode(err) != "" || fault.CodeOf(err) != "" {
			return said(err, p.Path)
		}
		return fault.Wrap(err, fault.Internal, "ledger.migration",
			"{path} could not be brought up to date and stays as it was (backup: {backup}). Install the earlier version of the program to go on selling, and call support.", "path", p.Path, "backup", kept)
	}
	return nil
}

func inspectLedger(ctx context.Context, path string) (int64, error) {
	v, err := inspect(ctx, path)
	if errors.Is(err, errForeign) {
		return 0, fault.Wrap(err, fault.Invalid, "ledger.foreign", "{path} is not a till's ledger. Nothing was changed. Choose another data folder with --data.", "path", path)
	}
	return v, saidReading(err, path)
}

// OpenRead opens the ledger for reading beside a running till. Its writing
// methods refuse. A missing ledger is a fault with code ledger.missing.
func OpenRead(ctx context.Context, path string) (*Ledger, error) {
	has, err := inspectLedger(ctx, path)
	if err != nil {
		return nil, err
	}
	knows, err := newest(ledgerMigrations())
	switch {
	case err != nil:
		return nil, err
	case has == 0:
		return nil, fault.New(fault.Invalid, "ledger.missing", "There is no till in {path} yet. Start the till once, or name its data folder with --data.", "path", path)
	case has > knows:
		return nil, errNewer(path, has, knows)
	case has < knows:
		return nil, fault.New(fault.Refused, "ledger.older", "{path} was written by an older version of this program. Start the till once to bring it up to date.", "path", path)
	}
	l := &Ledger{path: path}
	if l.read, err = open(path, reader(), readers); err != nil {
		return nil, err
	}
	if err := l.loadTill(ctx); err != nil {
		return nil, errors.Join(l.say(err), l.Shut())
	}
	return l, nil
}

func (l *Ledger) start(ctx context.Context, p Params) (err error) {
	m := ledgerWriter()
	if p.tune != nil {
		p.tune(m.params)
	}
	if l.write, err = open(l.path, m, 1); err != nil {
		return err
	}
	if l.read, err = open(l.path, reader(), readers); err != nil {
		return err
	}
	l.stmts = make(map[string]*sql.Stmt, len(prepared))
	for _, q := range prepared {
		st, err := l.write.PrepareContext(ctx, q)
		if err != nil {
			return err
		}
		l.stmts[q] = st
	}
	if err := l.begin(ctx, p.Journal); err != nil {
		return err
	}
	return l.loadTill(ctx)
}

// begin names a new till, and starts a new epoch on books that are a copy: one
// that says so, and one that the second journal knows to be old.
func (l *Ledger) begin(ctx context.Context, journal string) error {
	var copied sql.NullInt64
	var till checkout.Till
	err := l.write.QueryRowContext(ctx, `SELECT copied_ms, till_id, epoch FROM meta`).Scan(&copied, &till.ID, &till.Epoch)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return l.christen(ctx)
	case err != nil:
		return err
	}
	var end journalEnd
	if journal != "" {
		end, _ = peek(journal, till.ID) // why it cannot be read is said when it is written
	}
	why := "the second journal knows more than these books"
	if copied.Valid {
		why = "backup of " + fromMS(copied.Int64).UTC().Format(time.RFC3339)
	} else {
		ahead := false
		err := l.view(ctx, func(t *tx) (err error) {
			ahead, err = t.ahead(end, till.Epoch)
			return err
		})
		if err != nil || !ahead {
			return err
		}
	}
	return l.commit(ctx, "", func(t *tx) error {
		a := checkout.Act{What: "till.restored", Subject: l.path, Detail: why, At: l.now()}
		return t.newEpoch(max(till.Epoch, end.rec.Epoch)+1, a)
	})
}

// newEpoch begins an epoch in which no key and no receipt number of an earlier
// one can come again, in books that have yet to be compared with the bills.
func (t *tx) newEpoch(epoch int64, a checkout.Act) error {
	if err := t.exec(`UPDATE meta SET epoch = ?, copied_ms = NULL, unreconciled_ms = ?`, epoch, ms(a.At)); err != nil {
		return err
	}
	if err := t.audit(a); err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO epochs (epoch, audit_seq) SELECT ?, seq FROM audit_head`, epoch); err != nil {
		return err
	}
	if err := t.mayHaveSent(); err != nil {
		return err
	}
	return t.step(epoch, "")
}

func (l *Ledger) christen(ctx context.Context) error {
	return l.commit(ctx, "", func(t *tx) error {
		id, err := newTillID()
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO meta (one, till_id, epoch, created_ms) VALUES (1, ?, 1, ?)`, id, ms(l.now())); err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, ?)`, auditStart(id)); err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO epochs (epoch, audit_seq) VALUES (1, 0)`); err != nil {
			return err
		}
		return t.step(1, "")
	})
}

func (l *Ledger) loadTill(ctx context.Context) error {
	return l.read.QueryRowContext(ctx, `SELECT till_id, epoch FROM meta`).Scan(&l.till.ID, &l.till.Epoch)
}

// Unreconciled is when these books were restored, zero once they have been
// compared with the providers' bills since.
func (l *Ledger) Unreconciled(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := l.read.QueryRowContext(ctx, `SELECT unreconciled_ms FROM meta`).Scan(&at)
	if err != nil || !at.Valid {
		return time.Time{}, l.say(err)
	}
	return fromMS(at.Int64), nil
}

// Reconciled records that the books have been compared since they were restored.
func (l *Ledger) Reconciled(ctx context.Context, a checkout.Act) error {
	return l.commit(ctx, "", func(t *tx) error {
		if err := t.exec(`UPDATE meta SET unreconciled_ms = NULL`); err != nil {
			return err
		}
		return t.audit(a)
	})
}

// VaultMark is the fingerprint of the key these books belong to; "" where they
// have not been bound to one.
func (l *Ledger) VaultMark(ctx context.Context) (string, error) {
	var mark sql.NullString
	err := l.read.QueryRowContext(ctx, `SELECT vault_mark FROM meta`).Scan(&mark)
	return mark.String, l.say(err)
}

// BindVault keeps the fingerprint of the key these books belong to from now on.
func (l *Ledger) BindVault(ctx context.Context, mark string, a checkout.Act) error {
	return l.commit(ctx, "", func(t *tx) error {
		if err := t.exec(`UPDATE meta SET vault_mark = ?`, mark); err != nil {
			return err
		}
		return t.audit(a)
	})
}

// Till is which till these books belong to, and its epoch.
func (l *Ledger) Till() checkout.Till { return l.till }

// Shut closes the file. (Close is what ends a sale.)
func (l *Ledger) Shut() error {
	var errs []error
	l.journal.end()
	// The writer goes last: the last connection to leave folds the WAL back.
	for _, st := range l.stmts {
		errs = append(errs, st.Close())
	}
	for _, db := range []*sql.DB{l.read, l.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return said(errors.Join(errs...), l.path)
}

// say explains what went wrong in reading.
func (l *Ledger) say(err error) error { return saidReading(err, l.path) }

var errReadOnly = fault.New(fault.Refused, "ledger.read_only", "These books were opened for reading only; nothing was recorded.")

// commit runs f in one transaction and makes it durable. Once begun it does
// not stop for ctx: half a step is not known to anyone.
func (l *Ledger) commit(ctx context.Context, point string, f func(*tx) error) error {
	if l.write == nil {
		return errReadOnly
	}
	if err := ctx.Err(); err != nil {
		return said(err, l.path)
	}
	if err := l.inPlace(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	inner, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return said(err, l.path)
	}
	defer inner.Rollback()
	t := &tx{ctx: ctx, inner: inner, stmts: l.stmts}
	if err := f(t); err != nil {
		return said(err, l.path)
	}
	if point != "" {
		l.hook(point + ".before")
	}
	if err := inner.Commit(); err != nil {
		return said(err, l.path)
	}
	if point != "" {
		l.hook(point + ".after")
	}
	l.journal.wake()
	if t.queued {
		l.wakeUploads()
	}
	return nil
}

// inPlace refuses to write into a file that nobody will find again: SQLite goes
// on with the one it opened even when its folder has been deleted or replaced.
func (l *Ledger) inPlace() error {
	now, err := os.Stat(l.path)
	if err == nil && os.SameFile(now, l.file) {
		return nil
	}
	return fault.Wrap(err, fault.Internal, "disk.replaced", "The books were deleted, moved or replaced while the till was running: {path} is not the file it opened."+notRecorded+" Put the data folder back where it was, or restart the till.", "path", l.path)
}

// view runs f on one unchanging state of the books.
func (l *Ledger) view(ctx context.Context, f func(*tx) error) error {
	inner, err := l.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return l.say(err)
	}
	defer inner.Rollback()
	return l.say(f(&tx{ctx: ctx, inner: inner}))
}

// tx is a transaction that finds its statements already prepared.
type tx struct {
	ctx   context.Context
	inner *sql.Tx
	stmts map[string]*sql.Stmt

	queued bool // it put something into the upload queue
}

func (t *tx) exec(query string, args ...any) error {
	var err error
	if st := t.stmts[query]; st != nil {
		_, err = t.inner.StmtContext(t.ctx, st).ExecContext(t.ctx, args...)
	} else {
		_, err = t.inner.ExecContext(t.ctx, query, args...)
	}
	return err
}

func (t *tx) row(query string, args ...any) *sql.Row {
	if st := t.stmts[query]; st != nil {
		return t.inner.StmtContext(t.ctx, st).QueryRowContext(t.ctx, args...)
	}
	return t.inner.QueryRowContext(t.ctx, query, args...)
}

// each calls scan once per row.
func (t *tx) each(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := t.query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *tx) query(query string, args ...any) (*sql.Rows, error) {
	if st := t.stmts[query]; st != nil {
		return t.inner.StmtContext(t.ctx, st).QueryContext(t.ctx, args...)
	}
	return t.inner.QueryContext(t.ctx, query, args...)
}

func ms(t time.Time) int64 { return t.UnixMilli() }

func fromMS(n int64) time.Time { return time.UnixMilli(n) }
