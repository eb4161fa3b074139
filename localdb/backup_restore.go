package localdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// RestoreParams of Restore.
type RestoreParams struct {
	Path    string // of ledger.db; no till may be using it
	From    string // the backup
	Journal string // folder of the second journal; "" replays none
	Till    string // whose folder it is; "" where nobody knows
	Now     func() time.Time
	By      checkout.Act // who, and why in Detail; What and Subject are set here
	Hook    func(point string)
}

// Restored is what a restore did.
type Restored struct {
	Till     checkout.Till // with its new epoch
	Backup   Contents
	Replayed int      // sales that came, or came further, from the journal
	Left     []string // sales in the journal that could not be brought in: a receipt number before theirs is missing
	Aside    string   // where the former books are now; "" where there were none
}

const (
	restoringSuffix = ".restoring"
	asideSuffix     = ".before-restore-"
)

// Restore puts a copy of a backup in the place of the ledger, brought up to the
// second journal, in an epoch of its own. The books that were there are
// renamed, never deleted. Until the very last step nothing is changed, and
// everything can be done again: what has been replayed is not replayed twice,
// and the epoch is above every one that anything here knows of.
//
// Faults: those of CheckBackup; restore.other_till, restore.contradiction;
// journal.missing, journal.damaged, journal.other_till.
func Restore(ctx context.Context, p RestoreParams) (r Restored, err error) {
	if p.Hook == nil {
		p.Hook = func(string) {}
	}
	var found []Finding
	if r.Backup, found, err = CheckBackup(ctx, p.From); err != nil {
		return r, err
	}
	if len(found) > 0 {
		return r, errBadBackup(p.From, found)
	}
	if p.Till != "" && r.Backup.Till.ID != p.Till {
		return r, fault.New(fault.Refused, "restore.other_till", "{path} is a backup of till {theirs}; this folder belongs to till {ours}. Nothing was changed.", "path", p.From, "theirs", r.Backup.Till.ID, "ours", p.Till)
	}
	var end journalEnd
	if p.Journal != "" {
		if end, err = wholeJournal(p.Journal, r.Backup.Till.ID); err != nil {
			return r, err
		}
	}
	part := p.Path + restoringSuffix
	if err := removeDatabase(part); err != nil {
		return r, said(err, part)
	}
	if err := p.build(ctx, part, end, &r); err != nil {
		return r, errors.Join(said(err, p.Path), removeDatabase(part))
	}
	p.Hook(pointRestore + ".built")
	r.Aside, err = p.swap(part)
	return r, said(err, p.Path)
}

// wholeJournal checks every line of a till's journal. One that is not there, or
// is another till's, is refused: the sales in it would be lost without a word.
func wholeJournal(dir, till string) (journalEnd, error) {
	files, others, err := journalFiles(dir, till)
	switch {
	case err != nil:
		return journalEnd{}, saidJournal(err, dir)
	case len(files) == 0 && len(others) > 0:
		return journalEnd{}, errOtherTill(dir, strings.Join(others, ", "), till)
	case len(files) == 0:
		return journalEnd{}, saidJournal(fs.ErrNotExist, filepath.Join(dir, journalFile(till, "…")))
	}
	end, err := endOfJournal(dir, till)
	if err != nil {
		return end, err
	}
	return end, walkJournal(dir, till, 0, func(l journalLine) error {
		if len(l.bad) > 0 {
			return errDamagedJournal(errors.New(l.bad[0]), l.file, strconv.Itoa(l.no)+".")
		}
		return nil
	})
}

// build makes the new books in a file of their own.
func (p RestoreParams) build(ctx context.Context, part string, end journalEnd, r *Restored) error {
	epoch := max(r.Backup.Till.Epoch, end.rec.Epoch, highestEpoch(ctx, p.Path, r.Backup.Till.ID)) + 1
	if err := copyInto(ctx, p.From, part); err != nil {
		return err
	}
	if err := modernize(ctx, part); err != nil {
		return err
	}
	l, err := Open(ctx, Params{Path: part, Now: p.Now, Hook: p.Hook})
	if err != nil {
		return err
	}
	err = l.restore(ctx, p, epoch, end, r)
	if err == nil {
		var found []Finding
		if found, err = l.Verify(ctx); err == nil && len(found) > 0 {
			err = errBadBackup(p.From, found)
		}
	}
	r.Till = checkout.Till{ID: r.Backup.Till.ID, Epoch: epoch}
	if err := errors.Join(err, l.Shut()); err != nil {
		return err
	}
	return syncFile(part)
}

// modernize brings a copy up to date, and lets it forget that it is one: its
// epoch is begun by the restore.
func modernize(ctx context.Context, path string) error {
	db, err := open(path, ledgerWriter(), 1)
	if err != nil {
		return err
	}
	if err = migrate(ctx, db, ledgerMigrations()); err == nil {
		_, err = db.ExecContext(ctx, `UPDATE meta SET copied_ms = NULL`)
	}
	return errors.Join(err, db.Close())
}

// highestEpoch is the highest epoch that the books in place, and those that
// earlier restores set aside, know of; 0 where none can be read.
func highestEpoch(ctx context.Context, path, till string) (top int64) {
	all, _ := filepath.Glob(globbed(path) + asideSuffix + "*")
	for _, file := range append(all, path) {
		l := &Ledger{path: file}
		var err error
		belongs := slices.ContainsFunc(companions, func(c string) bool { return strings.HasSuffix(file, c) })
		if has, err := exists(file); err != nil || !has || belongs {
			continue
		}
		if l.read, err = open(file, inspector(), 1); err != nil {
			continue
		}
		if l.loadTill(ctx) == nil && l.till.ID == till {
			top = max(top, l.till.Epoch)
		}
		_ = l.Shut()
	}
	return top
}

// globbed is a path in which a pattern's signs stand for themselves.
func globbed(path string) string {
	if filepath.Separator == '\\' {
		return path // Windows has no escape, and no such names but [
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// restore is one transaction: what the journal has, and the new epoch.
func (l *Ledger) restore(ctx context.Context, p RestoreParams, epoch int64, end journalEnd, r *Restored) error {
	return l.commit(ctx, pointRestore, func(t *tx) error {
		play, err := newReplay(t)
		if err != nil {
			return err
		}
		if end.begun() {
			if err := play.count(p.Journal, l.till.ID, end.rec.Seq); err != nil {
				return err
			}
			err := walkJournal(p.Journal, l.till.ID, end.rec.Seq, func(line journalLine) error {
				if len(line.bad) > 0 {
					return errDamagedJournal(errors.New(line.bad[0]), line.file, strconv.Itoa(line.no)+".")
				}
				return play.take(line.rec)
			})
			if err != nil {
				return err
			}
		}
		if err := play.end(); err != nil {
			return err
		}
		r.Replayed, r.Left = len(play.sales), slices.Sorted(maps.Keys(play.left))
		a := p.By
		a.What, a.Subject = "till.restored", filepath.Base(p.From)
		a.Detail = fmt.Sprintf("until %s; %d sales from the second journal, which ends at record %d %s", r.Backup.Until.UTC().Format(time.RFC3339), r.Replayed, end.rec.Seq, end.hash)
		return t.newEpoch(epoch, a)
	})
}

// swap puts the new books in place. The former ones go first and their
// companions after them, so that a crash in between never leaves books in place
// that have lost their newest pages: it leaves none, which a till refuses to
// start on, and restoring again goes on from there.
func (p RestoreParams) swap(part string) (aside string, err error) {
	name := freeName(p.Path + asideSuffix + stamp(p.Now()))
	for i, c := range append([]string{""}, companions...) {
		err := os.Rename(p.Path+c, name+c)
		switch {
		case err == nil && i == 0:
			aside = name
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return aside, err
		}
	}
	if err := syncFolder(filepath.Dir(p.Path)); err != nil {
		return aside, err
	}
	p.Hook(pointRestore + ".aside")
	if err := os.Rename(part, p.Path); err != nil {
		return aside, err
	}
	return aside, syncFolder(filepath.Dir(p.Path))
}

// removeDatabase removes a file that an earlier attempt left, with companions.
func removeDatabase(path string) error {
	errs := []error{removeIfThere(path)}
	for _, c := range companions {
		errs = append(errs, removeIfThere(path+c))
	}
	return errors.Join(errs...)
}
