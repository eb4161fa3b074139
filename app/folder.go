package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cashier/app/settings"
	"cashier/app/vault"
	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/scancode"
)

const (
	ledgerFile = "ledger.db"
	// markerFile is made with the first ledger and holds the till's id. A
	// ledger that is missing beside it was lost.
	markerFile = "till.id"
)

func (t *Till) file(name string) string { return filepath.Join(t.Dir, name) }

func (t *Till) openFolder() error {
	if t.Dir == "" {
		return errors.New("app: a data folder is required")
	}
	if err := os.MkdirAll(t.Dir, 0o700); err != nil {
		return fault.Wrap(err, fault.Internal, "disk.unwritable", "The data folder {dir} cannot be made: {why}. Choose another with --data or check who may write there.", "dir", t.Dir, "why", err.Error())
	}
	return nil
}

// openSettings reads the settings with read, settings.Load or settings.Read.
// Settings that cannot be understood leave the defaults and a warning.
func (t *Till) openSettings(read func(dir string) (*settings.Settings, []error, error)) error {
	s, warnings, err := read(t.Dir)
	t.Settings = s
	if fault.CodeOf(err) == "settings.broken" && s != nil {
		warnings, err = append(warnings, err), nil
	}
	if err != nil {
		return err
	}
	for _, w := range warnings {
		t.warn(w)
	}
	for name, v := range t.p.Settings {
		if err := s.Override(name, v); err != nil {
			return err
		}
	}
	zone, err := time.LoadLocation(s.Get("shop.zone"))
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "settings.bad_zone", "The setting shop.zone names no time zone: {zone}. Use one such as Asia/Shanghai.", "zone", s.Get("shop.zone"))
	}
	t.Zone = zone
	return nil
}

// hadLedger reports whether a ledger was ever begun in this folder.
func (t *Till) hadLedger() (bool, error) {
	_, err := os.Stat(t.file(markerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, t.unreadable(err)
}

// markedID is the till that a folder belongs to, "" where none ever began.
func (t *Till) markedID() (string, error) {
	raw, err := os.ReadFile(t.file(markerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(raw)), t.unreadable(err)
}

func (t *Till) unreadable(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.Internal, "disk.unreadable", "The data folder {dir} cannot be read: {why}. Check who may read it.", "dir", t.Dir, "why", err.Error())
}

// openLedger opens the books, or begins them where there never were any.
func (t *Till) openLedger(ctx context.Context) error {
	had, err := t.hadLedger()
	if err != nil {
		return err
	}
	t.Ledger, err = localdb.Open(ctx, localdb.Params{
		Path: t.file(ledgerFile), Hook: t.p.Hook, Now: t.now, Existing: had, Journal: t.journalDir(), OnJournal: t.journalIs,
	})
	if err != nil {
		return t.withBackup(ctx, err)
	}
	t.onClose(t.Ledger.Shut)
	t.lookAtJournal(ctx)
	if had {
		t.keepBackups()
		return nil
	}
	if err := settings.WriteFile(t.file(markerFile), []byte(t.Ledger.Till().ID+"\n")); err != nil {
		return errUnwritable(t.Dir, err)
	}
	return nil
}

// openVault finds the vault. A till without one still sells for cash.
func (t *Till) openVault() {
	t.vault, t.noVault = vault.OpenAt(t.Dir, t.p.Passphrase, cmp.Or(t.p.VaultCost, vault.DefaultCost))
}

const codeOtherVault = "vault.other"

// sameVault refuses a vault whose key is not the one these books belong to: it
// would know none of the codes already used, and could read no card number.
func (t *Till) sameVault(ctx context.Context) (bound bool, err error) {
	belongs, err := t.Ledger.VaultMark(ctx)
	if err != nil || belongs == "" {
		return false, err
	}
	mark, err := t.vault.Mark()
	if err == nil && mark != belongs {
		err = fault.New(fault.Credentials, codeOtherVault,
			"This till's books belong to the vault with the mark {belongs}, not to {where} (mark {mark}). Payment codes and cards are not taken until it is back: restore the vault from the same time as the books, or start as you did before, with {env} or with the keyring. If it is lost for good: `cashierctl secret adopt`. Cash works without it.",
			"belongs", belongs, "mark", cmp.Or(mark, "none"), "where", t.vault.Where(), "env", vault.PassphraseEnv)
	}
	return true, err
}

// takeKey is the till's own key, made at the first start and bound to the books.
func (t *Till) takeKey(ctx context.Context) (*vault.Sealer, error) {
	bound, err := t.sameVault(ctx)
	if err != nil {
		return nil, err
	}
	s, err := t.vault.Sealer()
	if err != nil || bound {
		return s, err
	}
	itself := access.Actor{ID: "till:" + t.Ledger.Till().ID, Name: "till", Program: t.p.Program}
	if err := t.Ledger.BindVault(ctx, s.Mark(), checkout.Act{Actor: itself, What: "vault.bound", Subject: s.Mark(), At: t.now()}); err != nil {
		return nil, err
	}
	return s, nil
}

// AdoptVault binds the books to the vault that opened, where the one they
// belong to is lost for good. What that one sealed can never be read again, and
// every PIN has to be set anew; it holds from the next start.
func (t *Till) AdoptVault(ctx context.Context, by access.Actor, why string) error {
	if err := by.Demand(access.Resolve); err != nil {
		return err
	}
	switch {
	case t.vault == nil:
		return t.noVault
	case t.noVault == nil:
		return fault.New(fault.Invalid, "vault.not_lost", "The books belong to this vault already; nothing was changed.")
	case fault.CodeOf(t.noVault) != codeOtherVault:
		return t.noVault
	case strings.TrimSpace(why) == "":
		return fault.New(fault.Invalid, "resolve.no_reason", "Say why: the reason stays in the audit trail.")
	}
	s, err := t.vault.Sealer()
	if err != nil {
		return err
	}
	// First: a crash in between leaves books that can still be adopted, and not
	// staff whose PINs nobody can check.
	if err := t.Staff.KeysLost(ctx, by); err != nil {
		return err
	}
	return t.Ledger.BindVault(ctx, s.Mark(), checkout.Act{Actor: by, What: "vault.adopted", Subject: s.Mark(), Detail: scancode.MaskText(why), At: t.now()})
}
