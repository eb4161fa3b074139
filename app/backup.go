package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cashier/app/settings"
	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/scancode"
)

const (
	backupsFolder = "backups"
	// The day's backup waits until the first sales are over; a program that
	// ends sooner makes it then, and does not hold up its end for longer.
	backupPause = 20 * time.Second
	backupHurry = 10 * time.Second
	// Without a backup for so long, a person should know.
	backupStale  = 2 * 24 * time.Hour
	backupMissed = 7 * 24 * time.Hour
	// journalWait is how long a start waits to be able to say that the second
	// journal cannot be written.
	journalWait = 500 * time.Millisecond
)

// journalDir is the folder of the second journal.
func (t *Till) journalDir() string {
	dir := t.Settings.Get("journal.dir")
	switch {
	case dir == "":
		return t.file("journal")
	case filepath.IsAbs(dir):
		return dir
	}
	return t.file(dir)
}

// journalIs writes into the log why the second journal is not written.
func (t *Till) journalIs(err error) {
	if err != nil {
		t.Log.Error("the second journal is not written", "err", err)
		return
	}
	t.Log.Info("the second journal is written again")
}

func (t *Till) lookAtJournal(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, journalWait)
	defer stop()
	t.warn(t.Ledger.AwaitJournal(ctx).Err)
}

// JournalError is why the second journal is not being written, nil if it is.
func (t *Till) JournalError() error { return t.Ledger.Journal().Err }

// VerifyBooks checks the books and the second journal and returns what it finds.
func (t *Till) VerifyBooks(ctx context.Context) ([]localdb.Finding, error) {
	found, err := t.Ledger.Verify(ctx)
	if err != nil {
		return nil, err
	}
	more, err := t.Ledger.VerifyJournal(ctx, t.journalDir())
	return append(found, more...), err
}

// Backup copies the books into dir, or for "" to the till's own backups, and
// checks the copy. The till goes on selling meanwhile.
func (t *Till) Backup(ctx context.Context, dir string) (localdb.Backup, error) {
	b, err := t.Ledger.Backup(ctx, dir)
	if err == nil && dir == "" {
		err = localdb.Rotate(t.file(backupsFolder), t.Zone)
	}
	return b, err
}

// Backups lists the till's own backups, newest first.
func (t *Till) Backups() ([]localdb.Backup, error) { return localdb.Backups(t.file(backupsFolder)) }

// backedUpToday reports a backup of this day. One with a later date is of a day
// on which the clock was wrong.
func (t *Till) backedUpToday() bool {
	all, err := t.Backups()
	today := t.now().In(t.Zone).Format(time.DateOnly)
	return err == nil && slices.ContainsFunc(all, func(b localdb.Backup) bool { return b.At.In(t.Zone).Format(time.DateOnly) == today })
}

// keepBackups makes the day's backup, beside whatever else goes on.
func (t *Till) keepBackups() {
	if t.backedUpToday() {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	closing, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		pause := time.NewTimer(backupPause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-closing:
		}
		if t.backedUpToday() { // by a person, meanwhile; that one must not be rotated away
			return
		}
		if _, err := t.Backup(ctx, ""); err != nil {
			t.Log.Error("the day's backup was not made", "err", err)
		}
	}()
	t.onClose(func() error {
		close(closing)
		hurry := time.AfterFunc(backupHurry, stop)
		defer hurry.Stop()
		<-done
		stop()
		return nil
	})
}

// withBackup names the way back where the books are damaged: also so much that
// the file of a till that has sold does not look like one.
func (t *Till) withBackup(ctx context.Context, err error) error {
	switch had, _ := t.hadLedger(); fault.CodeOf(err) {
	case "disk.corrupt":
	case "ledger.foreign":
		if !had {
			return err
		}
	default:
		return err
	}
	b, ok := localdb.NewestGood(ctx, t.file(backupsFolder))
	if !ok {
		return err
	}
	return fault.Wrap(err, fault.Internal, "ledger.damaged", "{path} is damaged and was left as it is. The newest good backup is of {time}: close every program that uses the folder and run `cashierctl restore {backup}`. What was sold since comes back from the second journal.",
		"path", t.file(ledgerFile), "backup", b.Path, "time", b.At.In(t.Zone).Format(time.DateTime))
}

// Unreconciled is why payment codes are not taken, and nothing is given back, on
// restored books: they do not know what was given back since.
func (t *Till) Unreconciled(ctx context.Context) error {
	if t.Ledger == nil {
		return nil
	}
	since, err := t.Ledger.Unreconciled(ctx)
	if err != nil || since.IsZero() {
		return err
	}
	return fault.New(fault.Refused, "restore.unreconciled", "These books were restored on {time}, and nobody has compared them with the providers' bills since. Until then payment codes and cards are not taken, and nothing is given back: run `cashierctl reconcile`, or, if a manager has compared them otherwise, `cashierctl restore --confirm-reconciled --reason TEXT`. Sales in cash work.",
		"time", since.In(t.Zone).Format(time.DateTime))
}

// onceReconciled takes no payment code, and gives none back, before the books
// have been reconciled. It goes on asking and cancelling for those taken before.
type onceReconciled struct {
	checkout.CodeGateway
	why func(context.Context) error
}

func (g onceReconciled) Pay(ctx context.Context, c checkout.PayCall) checkout.Answer {
	if err := g.why(ctx); err != nil {
		return checkout.Answer{Delivery: checkout.NotSent, Message: err.Error()}
	}
	return g.CodeGateway.Pay(ctx, c)
}

// Refund gives nothing back for payments that restored books may know too little
// of.
func (g onceReconciled) Refund(ctx context.Context, c checkout.RefundCall) checkout.Answer {
	if err := g.why(ctx); err != nil {
		return checkout.Answer{Delivery: checkout.NotSent, OurFault: true, Message: err.Error()}
	}
	return g.CodeGateway.Refund(ctx, c)
}

// Reconciled records that the books have been compared with the providers'
// bills since they were restored, and how. Payment codes are taken again. On
// books that were not restored it does nothing.
func (t *Till) Reconciled(ctx context.Context, how string) error {
	itself := access.Actor{ID: "till:" + t.Ledger.Till().ID, Name: "till", Program: t.p.Program}
	return t.noteReconciled(ctx, itself, how)
}

// ConfirmReconciled is Reconciled by a person, on that person's word.
func (t *Till) ConfirmReconciled(ctx context.Context, by access.Actor, why string) error {
	if err := by.Demand(access.Resolve); err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return fault.New(fault.Invalid, "resolve.no_reason", "Say why: the reason stays in the audit trail.")
	}
	if since, err := t.Ledger.Unreconciled(ctx); err != nil || since.IsZero() {
		return errors.Join(err, fault.New(fault.Invalid, "restore.nothing_to_confirm", "These books were not restored, or have been reconciled since; nothing was changed."))
	}
	return t.noteReconciled(ctx, by, why)
}

func (t *Till) noteReconciled(ctx context.Context, by access.Actor, how string) error {
	since, err := t.Ledger.Unreconciled(ctx)
	if err != nil || since.IsZero() {
		return err
	}
	return t.Ledger.Reconciled(ctx, checkout.Act{Actor: by, What: "till.reconciled", Subject: t.Ledger.Till().ID, Detail: scancode.MaskText(how), At: t.now()})
}

// RestoreParams of Restore.
type RestoreParams struct {
	File      string
	Journal   string // folder of the second journal; "" is the till's own
	NoJournal bool   // replay none: what was sold since the backup is lost
	By        access.Actor
}

// Restore brings the books of a data folder back from a backup and the second
// journal. No till may be using the folder; its present books are kept under
// another name.
func Restore(ctx context.Context, p Params, r RestoreParams) (localdb.Restored, error) {
	if err := r.By.Demand(access.Restore); err != nil {
		return localdb.Restored{}, err
	}
	t := &Till{Dir: p.Dir, p: p}
	if err := t.openFolder(); err != nil {
		return localdb.Restored{}, err
	}
	release, err := lock(p.Dir, holderOf(p))
	if err != nil {
		return localdb.Restored{}, err
	}
	defer release()
	if err := t.openSettings(settings.Load); err != nil {
		return localdb.Restored{}, err
	}
	id, err := t.markedID()
	if err != nil {
		return localdb.Restored{}, err
	}
	journal := r.Journal
	switch {
	case r.NoJournal:
		journal = ""
	case journal == "":
		journal = t.journalDir()
	}
	done, err := localdb.Restore(ctx, localdb.RestoreParams{
		Path: t.file(ledgerFile), From: r.File, Journal: journal, Till: id, Now: t.now, Hook: p.Hook,
		By: checkout.Act{Actor: r.By, At: t.now()},
	})
	if err != nil {
		return done, err
	}
	if id == "" {
		if err := settings.WriteFile(t.file(markerFile), []byte(done.Till.ID+"\n")); err != nil {
			return done, errUnwritable(t.Dir, err)
		}
	}
	return done, t.journalRestored(ctx)
}

// journalRestored writes the new epoch into the second journal at once: were
// the books lost again before the next start, the journal would know it.
func (t *Till) journalRestored(ctx context.Context) error {
	l, err := localdb.Open(ctx, localdb.Params{Path: t.file(ledgerFile), Now: t.now, Existing: true, Journal: t.journalDir()})
	if err != nil {
		return err
	}
	return l.Shut()
}

// checkJournal holds the second journal against the books.
func (t *Till) checkJournal(ctx context.Context) Check {
	const name = "journal"
	if t.Ledger == nil {
		return said(name, Amber, "doctor.no_journal", "There are no books to hold the second journal against.")
	}
	dir := t.journalDir()
	found, err := t.Ledger.VerifyJournal(ctx, dir)
	switch {
	case err != nil:
		return bad(name, Red, err)
	case len(found) == 1:
		return Check{Name: name, State: Red, Reason: found[0].Subject + ": " + found[0].Message}
	case len(found) > 1:
		return Check{Name: name, State: Red, Reason: fmt.Sprintf("%d things are broken, first: %s: %s; `cashierctl verify` lists them", len(found), found[0].Subject, found[0].Message)}
	}
	if same, err := sameDisk(t.Dir, dir); err != nil || same {
		return said(name, Amber, "doctor.same_disk", "The second journal is on the disk of the books ({dir}) and would be lost with it: set journal.dir to a folder on another disk or a stick.", "dir", dir)
	}
	return Check{Name: name, State: Green, Reason: dir}
}

// checkBackups says how old the newest backup is.
func (t *Till) checkBackups() Check {
	const name = "backups"
	all, err := t.Backups()
	switch {
	case err != nil:
		return bad(name, Red, err)
	case len(all) == 0:
		return said(name, Amber, "doctor.no_backup", "There is no backup yet; the till makes one a day, and `cashierctl backup` makes one now.")
	}
	past := slices.IndexFunc(all, func(b localdb.Backup) bool { return t.age(b.At) >= 0 })
	if past < 0 {
		return said(name, Amber, "doctor.future_backup", "The backups are from the future ({time}): this machine's clock is or was wrong. Set it right and run `cashierctl backup`.", "time", all[0].At.In(t.Zone).Format(time.DateTime))
	}
	newest := all[past].At.In(t.Zone).Format(time.DateTime)
	switch age := t.age(all[past].At); {
	case age > backupMissed:
		return said(name, Red, "doctor.backup_missed", "The newest backup is of {time}: run `cashierctl backup` and read what it says.", "time", newest)
	case age > backupStale:
		return said(name, Amber, "doctor.backup_old", "The newest backup is of {time}; the till makes one at its next start.", "time", newest)
	}
	return Check{Name: name, State: Green, Reason: fmt.Sprintf("%d, the newest of %s", len(all), newest)}
}
