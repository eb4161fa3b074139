package app

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cashier/app/settings"
	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/scancode"
)

// openStaff reads who works here. Where that cannot be read nothing opens: who
// cannot be asked must not be passed over.
func (t *Till) openStaff(ctx context.Context) (err error) {
	if t.Ledger == nil {
		return nil
	}
	t.Staff, err = access.New(ctx, t.staffParams(t.Ledger))
	return err
}

func (t *Till) staffParams(store access.Store) access.Params {
	return access.Params{
		Store: store, Program: t.p.Program, Now: t.now, Uptime: t.uptime,
		Keys: func() (access.Keys, error) {
			if t.sealer == nil {
				return nil, t.noVault
			}
			return t.sealer, nil
		},
		BadgeAlone: func() bool { return t.Settings != nil && !t.Settings.Bool("staff.badge_pin") },
	}
}

func (t *Till) uptime() time.Duration {
	if t.p.Uptime != nil {
		return t.p.Uptime()
	}
	return uptime()
}

// Staffed reports whether people have to sign in here.
func (t *Till) Staffed() bool { return t.Staff != nil && t.Staff.SetUp() }

// Actor is who acts: whoever has signed in, nobody where there are staff and
// none of them has, and until there are any the machine's user as owner.
func (t *Till) Actor() access.Actor {
	if !t.Staffed() {
		return MachineActor(t.p.Program)
	}
	t.mu.Lock()
	who := t.who
	t.mu.Unlock()
	return t.Staff.Actor(who)
}

// SignIn lets a person act from now on.
func (t *Till) SignIn(ctx context.Context, id, pin string) (access.Actor, error) {
	return t.signed(t.Staff.SignIn(ctx, id, pin))
}

// SignInByBadge is SignIn by the code of a badge.
func (t *Till) SignInByBadge(ctx context.Context, code string) (access.Actor, error) {
	return t.signed(t.Staff.SignInByBadge(ctx, code))
}

func (t *Till) signed(a access.Actor, err error) (access.Actor, error) {
	if err == nil {
		t.mu.Lock()
		t.who = a.ID
		t.mu.Unlock()
	}
	return a, err
}

// SetOwnPIN gives whoever has signed in another PIN.
func (t *Till) SetOwnPIN(ctx context.Context, pin string) error {
	by := t.Actor()
	_, err := t.Staff.SetPIN(ctx, by, by.ID, pin)
	return err
}

// SignOut lets nobody act until somebody signs in.
func (t *Till) SignOut() {
	t.mu.Lock()
	t.who = ""
	t.mu.Unlock()
}

// People are who can sign in.
func (t *Till) People() []access.Person {
	return slices.DeleteFunc(t.Staff.List(), func(p access.Person) bool { return !p.Active || !p.HasPIN })
}

// Badge is whose badge this is.
func (t *Till) Badge(code string) (access.Person, error) { return t.Staff.Badge(code) }

// Approvers are who may approve an act of asker's that takes this right.
func (t *Till) Approvers(asker access.Actor, r access.Right) []access.Person {
	return t.Staff.Approvers(asker, r)
}

// Approve is asker with somebody else's approval of one act.
func (t *Till) Approve(ctx context.Context, asker access.Actor, id, pin string, r access.Right, subject string) (access.Actor, error) {
	return t.Staff.Approve(ctx, asker, id, pin, r, subject)
}

// LockAfter is after how long without a touch the window locks; 0: never.
func (t *Till) LockAfter() time.Duration {
	return time.Duration(t.Settings.Int("staff.lock_minutes")) * time.Minute
}

// VaultLost reports that the books belong to another vault than the one that
// opened: then no PIN can be checked, and only the machine's user is left to say
// that it is lost for good.
func (t *Till) VaultLost() bool { return fault.CodeOf(t.noVault) == codeOtherVault }

// badgePrefix is what staff badges begin with, "" for none where the setting
// could be taken for something else.
func (t *Till) badgePrefix() string {
	prefix := strings.TrimSpace(t.Settings.Get("staff.badge_prefix"))
	if err := scancode.CheckBadgePrefix(prefix); err != nil {
		t.warn(err)
		return ""
	}
	return prefix
}

// StaffedFolder reports whether people have to sign in to act in a data folder.
// It changes nothing in it.
func StaffedFolder(ctx context.Context, dir string) (bool, error) {
	list, err := localdb.StaffOf(ctx, filepath.Join(dir, ledgerFile))
	return staffed(list), err
}

func staffed(list []access.Record) bool {
	for _, r := range list {
		if r.Active && r.PIN != "" {
			return true
		}
	}
	return false
}

// OpenBooks takes the data folder and opens its books and its vault alone, for
// somebody to sign in: for settings, secrets, a restore. It opens with settings
// that would keep the till from selling, since those are what is to be mended.
func OpenBooks(ctx context.Context, p Params) (t *Till, err error) {
	t = &Till{Dir: p.Dir, p: p, Zone: time.Local}
	defer func() {
		if err != nil {
			t.Close()
			t = nil
		}
	}()
	release, err := lock(p.Dir, holderOf(p))
	if err != nil {
		return t, err
	}
	t.onClose(func() error { release(); return nil })
	if err := t.openSettings(settings.Load); err != nil {
		t.warn(err)
		if t.Settings == nil {
			return t, err
		}
	}
	log, closeLog := openLog(t.Dir)
	t.Log = log
	t.onClose(closeLog)
	if err := t.openLedger(ctx); err != nil {
		return t, err
	}
	if t.openVault(); t.noVault == nil {
		t.sealer, t.noVault = t.takeKey(ctx)
	}
	err = t.openStaff(ctx)
	return t, err
}

// Restorer is the person who restores: one of the staff of the present books,
// or, where these cannot be read, of the backup. The PIN is asked for where there
// are staff and id names one of them.
func Restorer(ctx context.Context, p Params, file, id string, pin func() (string, error)) (access.Actor, error) {
	present, err := localdb.StaffOf(ctx, filepath.Join(p.Dir, ledgerFile))
	if err == nil && len(present) > 0 {
		return restorerOf(ctx, p, present, id, pin)
	}
	kept, backupErr := localdb.StaffOf(ctx, file)
	switch {
	case backupErr != nil:
		return access.Actor{}, backupErr
	case !staffed(kept):
		return MachineActor(p.Program), nil
	case id == "":
		return access.Nobody(p.Program), nil
	}
	digits, err := pin()
	if err != nil {
		return access.Actor{}, err
	}
	t := &Till{Dir: p.Dir, p: p}
	t.openVault()
	if t.noVault == nil {
		t.sealer, t.noVault = t.vault.Sealer()
	}
	s, err := access.New(ctx, t.staffParams(&readStaff{list: kept}))
	if err != nil {
		return access.Actor{}, err
	}
	return s.SignIn(ctx, id, digits)
}

func restorerOf(ctx context.Context, p Params, present []access.Record, id string, pin func() (string, error)) (access.Actor, error) {
	switch {
	case !staffed(present):
		return MachineActor(p.Program), nil
	case id == "":
		return access.Nobody(p.Program), nil
	}
	t, err := OpenBooks(ctx, p)
	if err != nil {
		return access.Actor{}, err
	}
	defer t.Close()
	digits, err := pin()
	if err != nil {
		return access.Actor{}, err
	}
	return t.SignIn(ctx, id, digits)
}

// readStaff are the staff of a backup, in which nothing is written: wrong PINs
// count until the process ends.
type readStaff struct{ list []access.Record }

func (r *readStaff) Staff(context.Context) ([]access.Record, error) { return r.list, nil }
func (r *readStaff) AddStaff(context.Context, access.Record, access.Act) error {
	return errBackupRead
}
func (r *readStaff) SetStaff(context.Context, access.Record, access.Act) error {
	return errBackupRead
}
func (r *readStaff) SetTries(context.Context, int64, access.Tries, *access.Act) error { return nil }

var errBackupRead = fault.New(fault.Refused, "ledger.read_only", "These books were opened for reading only; nothing was recorded.")
