package localdb

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

const (
	backupPrefix = "ledger-"
	backupSuffix = ".db"
	partSuffix   = ".part"

	// How many backups are kept: the newest of each of so many days, and of
	// each of so many months.
	keepDays   = 14
	keepMonths = 6
)

// backupsBeside is the folder of the backups of the ledger at path.
func backupsBeside(path string) string { return filepath.Join(filepath.Dir(path), "backups") }

// Backup is a copy of a ledger, as its name tells.
type Backup struct {
	Path    string
	At      time.Time
	Version int64 // of the data
	Size    int64
}

func (b Backup) name() string {
	return backupPrefix + strconv.FormatInt(b.Version, 10) + "-" + stamp(b.At) + backupSuffix
}

// Backups lists the backups in a folder, newest first; none where there is no
// such folder.
func Backups(dir string) ([]Backup, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, saidReading(err, dir)
	}
	var all []Backup
	for _, e := range entries {
		b, ok := readBackupName(e.Name())
		if !ok {
			continue
		}
		if info, err := e.Info(); err == nil {
			b.Size = info.Size()
		}
		b.Path = filepath.Join(dir, e.Name())
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b Backup) int { return b.At.Compare(a.At) })
	return all, nil
}

func readBackupName(name string) (b Backup, ok bool) {
	rest, isDB := strings.CutSuffix(name, backupSuffix)
	rest, ours := strings.CutPrefix(rest, backupPrefix)
	version, at, dashed := strings.Cut(rest, "-")
	if !isDB || !ours || !dashed {
		return Backup{}, false
	}
	var errV, errAt error
	b.Version, errV = strconv.ParseInt(version, 10, 64)
	b.At, errAt = time.Parse(stampLayout, at)
	return b, errV == nil && errAt == nil && b.name() == name
}

// Contents is what a backup holds.
type Contents struct {
	Till    checkout.Till // of the books that were copied
	Version int64
	Sales   int64
	Until   time.Time // the newest audit row; zero where there is none
}

// Backup copies the ledger into dir, or, for "", to backups/ beside it, opens
// the copy and checks it like the books themselves. The till goes on selling
// meanwhile. Only a copy without any finding stays.
func (l *Ledger) Backup(ctx context.Context, dir string) (Backup, error) {
	if l.write == nil {
		return Backup{}, errReadOnly
	}
	v, err := version(ctx, l.read)
	if err != nil {
		return Backup{}, l.say(err)
	}
	if dir == "" {
		dir = backupsBeside(l.path)
	}
	path, err := backup(ctx, l.path, dir, v, l.now())
	if err != nil {
		return Backup{}, err
	}
	_, found, err := CheckBackup(ctx, path)
	if err == nil && len(found) > 0 {
		err = errBadBackup(path, found)
	}
	if err != nil {
		return Backup{}, errors.Join(err, removeIfThere(path))
	}
	all, err := Backups(dir)
	i := slices.IndexFunc(all, func(b Backup) bool { return b.Path == path })
	if err != nil || i < 0 {
		return Backup{Path: path, At: l.now(), Version: v}, err
	}
	return all[i], nil
}

func errBadBackup(path string, found []Finding) error {
	return fault.New(fault.Internal, "backup.bad", "The backup {path} is not as books must be: {n} things are broken, first {what}. It is not used. `cashierctl verify` says whether the books themselves are.",
		"path", path, "n", strconv.Itoa(len(found)), "what", found[0].Check+" "+found[0].Subject+": "+found[0].Message)
}

// CheckBackup opens a copy of a ledger without changing it and checks it: every
// page, and, where this program wrote it, everything Verify does.
func CheckBackup(ctx context.Context, path string) (Contents, []Finding, error) {
	var c Contents
	v, err := inspectLedger(ctx, path, inspect)
	if err != nil {
		return c, nil, err
	}
	knows, err := newest(ledgerMigrations())
	switch {
	case err != nil:
		return c, nil, err
	case v == 0:
		return c, nil, fault.New(fault.Invalid, "backup.empty", "{path} is no backup of a till: it is missing or empty.", "path", path)
	case v > knows:
		return c, nil, errNewer(path, v, knows)
	}
	l := &Ledger{path: path}
	if l.read, err = open(path, inspector(), 1); err != nil {
		return c, nil, err
	}
	defer func() { _ = l.Shut() }()
	if c, err = l.contents(ctx); err != nil {
		return c, nil, l.say(err)
	}
	c.Version = v
	if v == knows {
		found, err := l.Verify(ctx)
		return c, found, err
	}
	var f findings
	problems, err := integrity(ctx, l.read)
	if err = f.damaged("integrity", err); err != nil {
		return c, nil, l.say(err)
	}
	for _, p := range problems {
		f.add("integrity", path, "%s", p)
	}
	return c, f, nil
}

func (l *Ledger) contents(ctx context.Context) (c Contents, err error) {
	if err := l.loadTill(ctx); err != nil {
		return c, err
	}
	c.Till = l.till
	var until int64
	err = l.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM sales), coalesce((SELECT at_ms FROM audit ORDER BY seq DESC LIMIT 1), 0)`).Scan(&c.Sales, &until)
	if until > 0 {
		c.Until = fromMS(until)
	}
	return c, err
}

// NewestGood is the newest backup in a folder that passes every check: the one
// with the latest books, whatever the clock said when it was made.
func NewestGood(ctx context.Context, dir string) (Backup, bool) {
	all, err := Backups(dir)
	if err != nil {
		return Backup{}, false
	}
	reach := make(map[string][2]int64, len(all))
	for _, b := range all {
		reach[b.Path] = reached(ctx, b.Path)
	}
	slices.SortStableFunc(all, func(a, b Backup) int {
		x, y := reach[a.Path], reach[b.Path]
		return slices.Compare(y[:], x[:])
	})
	for _, b := range all {
		if _, found, err := CheckBackup(ctx, b.Path); err == nil && len(found) == 0 {
			return b, true
		}
	}
	return Backup{}, false
}

// reached is the epoch and the newest audit row of a ledger, zeros where they
// cannot be read.
func reached(ctx context.Context, path string) (at [2]int64) {
	db, err := open(path, inspector(), 1)
	if err != nil {
		return at
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(ctx, `SELECT epoch, (SELECT seq FROM audit_head) FROM meta`).Scan(&at[0], &at[1])
	if err != nil {
		return [2]int64{}
	}
	return at
}

// Rotate deletes backups nobody will miss: it keeps the newest of each of the
// last 14 days that have one, of each of the last 6 months, and of each data
// version, which is what going back to an older program needs. Days and months
// are those of the shop's zone.
func Rotate(dir string, zone *time.Location) error {
	all, err := Backups(dir)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, by := range []struct {
		layout string
		most   int
	}{{time.DateOnly, keepDays}, {"2006-01", keepMonths}} {
		seen := map[string]bool{}
		for _, b := range all {
			if period := b.At.In(zone).Format(by.layout); !seen[period] && len(seen) < by.most {
				seen[period], keep[b.Path] = true, true
			}
		}
	}
	versions := map[int64]bool{}
	var errs []error
	for _, b := range all {
		if !versions[b.Version] {
			versions[b.Version], keep[b.Path] = true, true
		}
		if !keep[b.Path] {
			errs = append(errs, said(os.Remove(b.Path), b.Path))
		}
	}
	return errors.Join(errs...)
}
