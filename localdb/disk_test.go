package localdb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// A full disk refuses the sale, keeps what is there, and sells again as soon
// as there is room.
func TestDiskFull(t *testing.T) {
	s := newShop(t)
	first := s.sell()
	s.ok(s.Shut())
	full := func(v url.Values) { v.Add("_pragma", "max_page_count(1)") } // as many as there are now
	s.open(Params{tune: full})
	var err error
	for i := 0; err == nil; i++ {
		if i == 10_000 {
			t.Fatal("the disk never filled")
		}
		sale, ev, en := s.cashSale(milk, apple)
		var no string
		if no, err = s.Sell(t.Context(), sale, ev, en, s.act("sale.complete", sale.ID)); err != nil && no != "" {
			t.Errorf("receipt %s of a sale that was not recorded", no)
		}
	}
	refused(t, err, "disk.full")
	if !strings.Contains(err.Error(), s.path) || fault.KindOf(err) != fault.Internal {
		t.Errorf("%v", err)
	}
	s.want(first)
	s.verified()
	s.reopen()
	s.verified()
	s.sell()
	s.verified()
}

func TestReadOnlyDisk(t *testing.T) {
	s := newShop(t)
	s.sell()
	before := dump(t, s.path)
	s.ok(s.Shut())
	s.open(Params{tune: func(v url.Values) { v.Set("mode", "ro") }})
	sale, ev, en := s.cashSale(milk)
	_, err := s.Sell(t.Context(), sale, ev, en, s.act("sale.complete", sale.ID))
	refused(t, err, "disk.readonly")
	if dump(t, s.path) != before {
		t.Error("something was recorded")
	}
}

// What the system says before SQLite is even asked.
func TestFolderThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Params{Path: filepath.Join(file, "till", "ledger.db"), Now: at(noon)})
	refused(t, err, "disk.io")
	_, err = Open(t.Context(), Params{Path: dir, Now: at(noon)})
	refused(t, err, "disk.io")
	if _, err = Open(t.Context(), Params{Path: file}); err == nil {
		t.Error("no clock")
	}
}

func TestSaidKnowsEveryDisk(t *testing.T) {
	for want, errs := range map[string][]error{
		"disk.full":       {syscall.ENOSPC, syscall.EDQUOT},
		"disk.readonly":   {fs.ErrPermission, syscall.EROFS, syscall.EACCES},
		"disk.io":         {syscall.EIO, fs.ErrNotExist},
		"disk.unexpected": {errors.New("surprise")},
	} {
		for _, err := range errs {
			got := said(fmt.Errorf("open: %w", &fs.PathError{Op: "open", Path: "p", Err: err}), "p")
			refused(t, got, want)
			if !errors.Is(got, err) {
				t.Errorf("%v lost its cause", got)
			}
		}
	}
	if said(nil, "p") != nil {
		t.Error("nothing is a fault")
	}
}

func TestLedgerIsReadableByItsOwnerOnly(t *testing.T) {
	s := newShop(t)
	s.sell()
	for path, want := range map[string]os.FileMode{s.path: 0o600, s.path + "-wal": 0o600, filepath.Dir(s.path): 0o700} {
		info, err := os.Stat(path)
		s.ok(err)
		if got := info.Mode().Perm(); os.PathSeparator == '/' && got != want {
			t.Errorf("%s: %o, want %o", path, got, want)
		}
	}
}

// Settings asked for and not obtained stop the till.
func TestSettingsAreReadBack(t *testing.T) {
	for name, tune := range map[string]func(url.Values){
		"foreign keys misspelt": func(v url.Values) { v.Del("_foreign_keys"); v.Set("_foreign_key", "1") },
		"wal misspelt":          func(v url.Values) { v.Set("_journal_mod", v.Get("_journal_mode")); v.Del("_journal_mode") },
		"sync too weak":         func(v url.Values) { v.Set("_synchronous", "NORMAL") },
		"timeout missing":       func(v url.Values) { v.Del("_busy_timeout") },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), Params{Path: filepath.Join(t.TempDir(), "ledger.db"), Now: at(noon), tune: tune})
			refused(t, err, "disk.unsafe")
		})
	}
}

// _txlock cannot be read back, so it is tried: once a transaction has begun,
// nobody else can write.
func TestWritersLockAtOnce(t *testing.T) {
	s := newShop(t)
	other := raw(t, s.path)
	if _, err := other.Exec(`PRAGMA busy_timeout = 0`); err != nil {
		t.Fatal(err)
	}
	s.ok(s.commit(t.Context(), "", func(*tx) error {
		_, err := other.Exec(`UPDATE carts SET member = 0`)
		if diskCode(err) != codeBusy {
			t.Errorf("another writer came in: %v", err)
		}
		refused(t, said(err, s.path), "disk.busy")
		return nil
	}))
}

// One connection is not enough: every one the pool opens is checked.
func TestEveryConnectionIsChecked(t *testing.T) {
	s := newShop(t)
	m := reader()
	m.params.Del("_query_only")
	db, err := open(s.path, m, 2)
	s.ok(err)
	defer db.Close()
	refused(t, db.PingContext(t.Context()), "disk.unsafe")
}

var oddNames = []string{
	"plain", "with space", "收银台 一号", "what?mode=memory", "a#b", "100%", "%41%00", "a&b=c;d+e", "'quoted'\"", "file:x", "日本語／Ω", "..x", "~", "[a]", "-v",
}

func TestOddPaths(t *testing.T) {
	for _, name := range oddNames {
		t.Run(name, func(t *testing.T) { tryPath(t, t.TempDir(), name) })
	}
}

// tryPath sees that a folder of this name, and no other, holds the ledger.
func tryPath(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, name, name+".db")
	l, err := Open(t.Context(), Params{Path: path, Now: at(noon)})
	if err != nil {
		t.Fatal(detail(err))
	}
	till := l.Till()
	copied, err := l.Backup(t.Context(), "")
	if err != nil {
		t.Fatal(detail(err))
	}
	if err := l.Shut(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenRead(t.Context(), path)
	if err != nil {
		t.Fatal(detail(err))
	}
	if again.Till() != till {
		t.Errorf("another till: %+v", again.Till())
	}
	if err := again.Shut(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("nothing at %q: %v", path, err)
	}
	if filepath.Dir(filepath.Dir(copied.Path)) != filepath.Dir(path) {
		t.Errorf("backup at %q", copied.Path)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("other files: %v, %v", entries, err)
	}
}

func FuzzPath(f *testing.F) {
	for _, name := range oddNames {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		dir := t.TempDir()
		if filepath.Base(name) != name || name == "." || name == ".." || len(name) > 200 || os.Mkdir(filepath.Join(dir, name), 0o700) != nil {
			t.Skip("no name of a file")
		}
		tryPath(t, dir, name)
	})
}

func TestOpenRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	_, err := OpenRead(t.Context(), path)
	refused(t, err, "ledger.missing")
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("reading left %v, %v", entries, err)
	}
	// After a till that was shut down, and after one that was not.
	s := openShop(t, Params{Path: path})
	sale := s.sell()
	for range 2 {
		l, err := OpenRead(t.Context(), path)
		s.ok(err)
		if got, err := l.Sale(t.Context(), sale.ID); err != nil || got.ReceiptNo != sale.ReceiptNo {
			t.Errorf("%+v, %v", got, err)
		}
		if found, err := l.Verify(t.Context()); err != nil || len(found) != 0 {
			t.Errorf("%v, %v", found, err)
		}
		s.ok(l.Shut())
		s.reopen()
	}
}

// A till that lost power leaves a WAL behind; a reader must see what is in it.
func TestReaderAfterAPowerCut(t *testing.T) {
	s := newShop(t)
	sale := s.sell()
	cut := t.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(s.path + suffix)
		s.ok(err)
		s.ok(os.WriteFile(filepath.Join(cut, "ledger.db"+suffix), b, 0o600))
	}
	l, err := OpenRead(t.Context(), filepath.Join(cut, "ledger.db"))
	s.ok(err)
	defer l.Shut()
	if got, err := l.Sale(t.Context(), sale.ID); err != nil || got.ReceiptNo != sale.ReceiptNo {
		t.Errorf("%+v, %v", got, err)
	}
}

// A file that cannot be used is refused and left byte for byte.
func TestUnusableLedgerIsLeftAlone(t *testing.T) {
	foreign := func(t *testing.T, path string) {
		if _, err := raw(t, path).Exec(`CREATE TABLE theirs (x)`); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		code string
		make func(*testing.T, string)
	}{
		"not a database": {"disk.corrupt", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("牛奶"), 2000), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		"somebody else's": {"ledger.foreign", foreign},
		"newer": {"ledger.newer", func(t *testing.T, path string) {
			s := openShop(t, Params{Path: path})
			s.sell()
			s.ok(s.Shut())
			if _, err := raw(t, path).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
				t.Fatal(err)
			}
			s.Ledger = &Ledger{}
		}},
		"a column is missing":     {"disk.corrupt", changed("is_applied", "is_applieq")},
		"a format yet to be made": {"disk.corrupt", changed("SQLite format 3\x00\x10\x00\x02", "SQLite format 3\x00\x10\x00\x09")},
		"a format not to be read": {"disk.corrupt", changed("SQLite format 3\x00\x10\x00\x02\x02", "SQLite format 3\x00\x10\x00\x02\x09")},
		"first page torn": {"disk.corrupt", func(t *testing.T, path string) {
			s := openShop(t, Params{Path: path})
			s.ok(s.Shut())
			s.Ledger = &Ledger{}
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			s.ok(err)
			_, err = f.WriteAt(make([]byte, 3900), 100)
			s.ok(err)
			s.ok(f.Close())
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			c.make(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Open(t.Context(), Params{Path: path, Now: at(noon)})
			refused(t, err, c.code)
			_, err = OpenRead(t.Context(), path)
			refused(t, err, c.code)
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was touched (%v)", err)
			}
		})
	}
}

// changed opens a shop that sells, and leaves its file with every a in it made b.
func changed(a, b string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		s := openShop(t, Params{Path: path})
		s.sell()
		s.ok(s.Shut())
		s.Ledger = &Ledger{}
		whole, err := os.ReadFile(path)
		s.ok(err)
		s.ok(os.WriteFile(path, bytes.ReplaceAll(whole, []byte(a), []byte(b)), 0o600))
	}
}

// The books of a till that lost power are a file and its WAL. A till that cannot
// start on them writes the one into the other as little as it changes either.
func TestRefusalLeavesTheWALAlone(t *testing.T) {
	s := newShop(t)
	for range 5 {
		s.sell()
	}
	cut := filepath.Join(t.TempDir(), "ledger.db")
	before := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(s.path + suffix)
		s.ok(err)
		b = bytes.ReplaceAll(b, []byte("audit_head"), []byte("audit_heaq")) // frames of the WAL that have it are no longer valid
		before[suffix] = b
		s.ok(os.WriteFile(cut+suffix, b, 0o600))
	}
	_, err := Open(t.Context(), Params{Path: cut, Now: at(noon), Existing: true})
	refused(t, err, "disk.corrupt")
	for suffix, b := range before {
		if now, err := os.ReadFile(cut + suffix); err != nil || !bytes.Equal(now, b) {
			t.Errorf("ledger.db%s was changed: %d bytes, were %d (%v)", suffix, len(now), len(b), err)
		}
	}
}

// Random damage is either found or harmless; nothing panics, and nothing is
// thrown away.
func TestDamagedPages(t *testing.T) {
	s := newShop(t)
	for range 20 {
		s.sell()
	}
	s.ok(s.Shut())
	whole, err := os.ReadFile(s.path)
	s.ok(err)
	s.Ledger = &Ledger{}
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for i := range 80 {
		bad := bytes.Clone(whole)
		from := random.IntN(len(bad))
		for j := from; j < min(len(bad), from+1+random.IntN(600)); j++ {
			bad[j] = byte(random.Uint32())
		}
		path := filepath.Join(t.TempDir(), "ledger.db")
		s.ok(os.WriteFile(path, bad, 0o600))
		l, err := Open(t.Context(), Params{Path: path, Now: at(noon)})
		if err == nil {
			var rules []Finding
			if rules, err = l.Verify(t.Context()); len(rules) > 0 {
				found++
			}
			if _, listErr := l.Sales(t.Context(), time.Time{}, 0); listErr != nil && fault.CodeOf(listErr) == "" {
				t.Errorf("%d: no fault: %v", i, listErr)
			}
			s.ok(l.Shut())
		}
		if err != nil {
			found++
			if fault.CodeOf(err) == "" {
				t.Errorf("%d: no fault: %v", i, err)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Size() < int64(len(bad)) {
			t.Errorf("%d: the file is gone or cut: %v", i, err)
		}
	}
	// Much of the damage falls on unused space or inside a name.
	if found < 15 {
		t.Errorf("only %d of 80 damaged files were noticed", found)
	}
}

// A commit that the process does not survive is either there or not.
func TestPanicBeforeCommit(t *testing.T) {
	s := newShop(t)
	s.hook = func(p string) {
		if p == "note.before" {
			panic(p)
		}
	}
	before := dump(t, s.path)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_ = s.Note(t.Context(), checkout.Act{What: "note"})
	}()
	if dump(t, s.path) != before {
		t.Error("recorded")
	}
	s.sell() // the writer is free again
}
