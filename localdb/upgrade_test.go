package localdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"cashier/services/fault"
)

// with is this program's migrations and more.
func with(t *testing.T, more map[string]string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	names, err := fs.Glob(ledgerMigrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(ledgerMigrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: b}
	}
	for name, text := range more {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func TestUpgradeKeepsABackup(t *testing.T) {
	s := newShop(t)
	sale := s.sell()
	till := s.Till()
	s.ok(s.Shut())
	if _, err := os.Stat(filepath.Join(filepath.Dir(s.path), "backups")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a new till has backups: %v", err)
	}
	s.open(Params{migrations: with(t, map[string]string{"90001_more.sql": "-- +goose Up\nCREATE TABLE more (x INTEGER) STRICT;\n"})})
	s.want(sale)
	s.ok(s.Shut())
	s.Ledger = &Ledger{}
	version, err := newest(ledgerMigrations())
	s.ok(err)
	kept, err := filepath.Glob(filepath.Join(filepath.Dir(s.path), "backups", "*"))
	if err != nil || len(kept) != 1 || filepath.Base(kept[0]) != fmt.Sprintf("ledger-%d-%s.db", version, stamp(s.clock)) {
		t.Fatalf("backups %q, %v", kept, err)
	}
	// This program, which does not know the second migration, is too old now …
	_, err = Open(t.Context(), Params{Path: s.path, Now: at(noon)})
	refused(t, err, "ledger.newer")
	// … and the backup is a till of its own, in a new epoch.
	back := openShop(t, Params{Path: kept[0]})
	if got := back.Till(); got.ID != till.ID || got.Epoch != till.Epoch+1 {
		t.Errorf("restored as %+v", got)
	}
	back.want(sale)
	back.n = 100
	if next := back.sell(); next.ReceiptNo != till.ID+"-2-000001" {
		t.Errorf("receipt %s", next.ReceiptNo)
	}
	back.verified()
	back.reopen()
	if back.Till().Epoch != 2 {
		t.Errorf("epoch %d after another start", back.Till().Epoch)
	}
}

func TestFailedUpgradeChangesNothing(t *testing.T) {
	s := newShop(t)
	sale := s.sell()
	before := dump(t, s.path)
	s.ok(s.Shut())
	_, err := Open(t.Context(), Params{Path: s.path, Now: at(noon), migrations: with(t, map[string]string{
		"90001_half.sql": "-- +goose Up\nCREATE TABLE more (x INTEGER) STRICT;\nINSERT INTO more VALUES ('no number');\n",
	})})
	refused(t, err, "ledger.migration")
	if !strings.Contains(err.Error(), "backups") {
		t.Errorf("the backup is not named: %v", err)
	}
	if dump(t, s.path) != before {
		t.Error("half a migration stayed")
	}
	s.open(Params{})
	s.want(sale)
	s.verified()
}

func TestNoBackupNoUpgrade(t *testing.T) {
	s := newShop(t)
	s.sell()
	before := dump(t, s.path)
	s.ok(s.Shut())
	s.ok(os.WriteFile(filepath.Join(filepath.Dir(s.path), "backups"), nil, 0o600)) // where the folder should be
	_, err := Open(t.Context(), Params{Path: s.path, Now: at(noon), migrations: with(t, map[string]string{"90001_more.sql": "-- +goose Up\nCREATE TABLE more (x INTEGER) STRICT;\n"})})
	refused(t, err, "disk.io")
	if dump(t, s.path) != before {
		t.Error("migrated without a backup")
	}
	s.open(Params{})
}

func TestBackupWhileSelling(t *testing.T) {
	s := newShop(t)
	s.sell()
	kept, err := s.Backup(t.Context(), "")
	path := kept.Path
	s.ok(err)
	last := s.sell()
	back, err := OpenRead(t.Context(), path)
	if fault.CodeOf(err) != "disk.unsafe" {
		// A backup is a plain file, not a running till's: reading it as one is refused.
		t.Errorf("read as a till: %v, %v", back, err)
	}
	if n := texts(t, raw(t, path), `SELECT count(*) FROM sales`); n[0] != "1" {
		t.Errorf("%s sales in the backup", n[0])
	}
	s.want(last)
	s.verified()
}
