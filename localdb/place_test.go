package localdb

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cashier/services/checkout"
)

// A ledger that vanished is no new till.
func TestALostLedgerIsNotANewTill(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"missing": os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"hollow": func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			db := raw(t, path)
			_, err := db.Exec(`PRAGMA user_version = 1`) // a database without a table
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.sell()
			s.ok(s.Shut())
			s.Ledger = &Ledger{}
			s.ok(lose(s.path))
			before, _ := os.ReadFile(s.path)
			_, err := Open(t.Context(), Params{Path: s.path, Now: at(noon), Existing: true})
			refused(t, err, "ledger.lost")
			if !strings.Contains(err.Error(), "backups") {
				t.Errorf("does not say what to do: %v", err)
			}
			if after, _ := os.ReadFile(s.path); string(after) != string(before) {
				t.Error("the file was touched")
			}
			s.open(Params{}) // without that knowledge it is a first start
		})
	}
	s := newShop(t)
	s.ok(s.Shut())
	s.open(Params{Existing: true})
}

// SQLite would go on writing into a file without a name.
func TestAReplacedLedgerTakesNothing(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("an open file can be neither moved nor deleted here")
	}
	for name, lose := range map[string]func(*shop) error{
		"file deleted":  func(s *shop) error { return os.Remove(s.path) },
		"folder moved":  func(s *shop) error { return os.Rename(filepath.Dir(s.path), filepath.Dir(s.path)+" old") },
		"file replaced": func(s *shop) error { return os.WriteFile(s.path+".new", nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.sell()
			s.ok(lose(s))
			if name == "file replaced" {
				s.ok(os.Rename(s.path+".new", s.path))
			}
			sale, ev, en := s.cashSale(milk)
			no, err := s.Sell(t.Context(), sale, ev, en, s.act("sale.complete", sale.ID))
			refused(t, err, "disk.replaced")
			if no != "" {
				t.Errorf("receipt %s", no)
			}
		})
	}
	s := newShop(t)
	s.ok(os.Rename(s.path, s.path+".away"))
	refused(t, s.Note(t.Context(), checkout.Act{What: "note"}), "disk.replaced")
	s.ok(os.Rename(s.path+".away", s.path))
	s.sell() // the same file in its place again
	s.verified()
}

func TestBooksRememberTheirVault(t *testing.T) {
	s := newShop(t)
	if mark, err := s.VaultMark(t.Context()); mark != "" || err != nil {
		t.Fatalf("%q, %v", mark, err)
	}
	s.ok(s.BindVault(t.Context(), "0011223344556677", s.act("vault.bound", "0011223344556677")))
	s.reopen()
	if mark, err := s.VaultMark(t.Context()); mark != "0011223344556677" || err != nil {
		t.Errorf("%q, %v", mark, err)
	}
	s.verified()
}

// Reading must not speak of steps that were not recorded.
func TestReadingSpeaksOfReading(t *testing.T) {
	for want, cause := range map[string]error{
		"disk.full": syscall.ENOSPC, "disk.readonly": syscall.EROFS, "disk.io": syscall.EIO, "disk.unexpected": fmt.Errorf("surprise"),
	} {
		err := saidReading(&fs.PathError{Op: "read", Path: "p", Err: cause}, filepath.Join(t.TempDir(), "ledger.db"))
		refused(t, err, want)
		if strings.Contains(err.Error(), notRecorded) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// SQLite calls a disk that is full or write-protected an I/O error or a file
// that cannot be opened; the disk itself knows better.
func TestProbeNamesTheDisk(t *testing.T) {
	if got := probe(t.TempDir()); got != "" {
		t.Errorf("a good disk: %q", got)
	}
	if got := probe(filepath.Join(t.TempDir(), "nowhere")); got != "" {
		t.Errorf("no folder: %q", got)
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if f, err := os.CreateTemp(dir, "x"); err == nil {
		_ = f.Close()
		t.Skip("this user may write everywhere")
	}
	if got := probe(dir); got != codeReadOnly {
		t.Errorf("write-protected: %q", got)
	}
}
