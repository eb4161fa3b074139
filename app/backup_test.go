package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
)

func sellForCash(t *testing.T, till *Till) checkout.Sale {
	t.Helper()
	cart := checkout.Cart{ID: newID(), Lines: []checkout.Line{{Name: "牛奶", Unit: "盒", Pricing: catalog.ByCount, Price: 550, Qty: 2, Amount: 1100}}}
	s, err := till.Desk.Start(t.Context(), till.Actor(), cart, checkout.Tender{Cash: 2000})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The day's backup is made once, and not on the day a till begins.
func TestOneBackupADay(t *testing.T) {
	dir := t.TempDir()
	for start, want := range []int{0, 1, 1} {
		till := open(t, Params{Dir: dir})
		sellForCash(t, till)
		till.Close()
		if all, err := till.Backups(); err != nil || len(all) != want {
			t.Errorf("after start %d: %d backups, want %d (%v)", start+1, len(all), want, err)
		}
	}
}

// A backup that a person has just made is not rotated away by the day's own.
func TestABackupMadeByHandIsTheDays(t *testing.T) {
	nine := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var seconds atomic.Int64 // each look at the clock is a second later
	p := Params{Dir: t.TempDir(), Now: func() time.Time { return nine.Add(time.Duration(seconds.Add(1)) * time.Second) }}
	till := open(t, p)
	sellForCash(t, till)
	till.Close()
	till = open(t, p)
	made, err := till.Backup(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	till.Close()
	if all, err := till.Backups(); err != nil || len(all) != 1 || all[0].Path != made.Path {
		t.Errorf("%v, %v, want %s", all, err, made.Path)
	}
}

func lightOf(t *testing.T, till *Till, name string) Check {
	t.Helper()
	for _, c := range till.Doctor(t.Context()) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %s", name)
	return Check{}
}

// A second journal that cannot be written is said at the start and by doctor;
// the till sells, and what it missed is added when it can be.
func TestAJournalThatIsNotThere(t *testing.T) {
	base := t.TempDir()
	stick := filepath.Join(base, "stick")
	p := Params{Dir: filepath.Join(base, "till"), Settings: map[string]string{"journal.dir": filepath.Join(stick, "journal")}}
	till := open(t, p)
	if len(till.Warnings) != 1 || fault.CodeOf(till.Warnings[0]) != "journal.missing" || fault.CodeOf(till.JournalError()) != "journal.missing" {
		t.Errorf("%v", till.Warnings)
	}
	sellForCash(t, till)
	if c := lightOf(t, till, "journal"); c.State != Red {
		t.Errorf("%+v", c)
	}
	till.Close()
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	till = open(t, p)
	if len(till.Warnings) != 0 {
		t.Errorf("%v", till.Warnings)
	}
	if found, err := till.VerifyBooks(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
	// The temporary folder is on one disk, which a person should know.
	if c := lightOf(t, till, "journal"); c.State != Amber || !strings.Contains(c.Reason, "journal.dir") {
		t.Errorf("%+v", c)
	}
}

func TestSameDisk(t *testing.T) {
	if same, err := sameDisk(t.TempDir(), t.TempDir()); err != nil || !same {
		t.Errorf("%t, %v", same, err)
	}
	if _, err := sameDisk(t.TempDir(), filepath.Join(t.TempDir(), "gone")); err == nil && os.PathSeparator == '/' {
		t.Error("a folder that is not there")
	}
}

// Damaged books name the way back; it brings everything, keeps what was there,
// and takes no payment code before a person has looked at the bill.
func TestDamagedBooksNameTheWayBack(t *testing.T) {
	dir := t.TempDir()
	p := Params{Dir: dir, Settings: map[string]string{"liantuofu.app_id": "A", "liantuofu.merchant_code": "M"}, Secrets: map[string]string{"liantuofu.key": "k"}}
	till := open(t, p)
	sellForCash(t, till)
	b, err := till.Backup(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	last := sellForCash(t, till)
	id := till.Ledger.Till().ID
	if _, err := Restore(t.Context(), Params{Dir: dir, Program: "test"}, RestoreParams{File: b.Path, By: till.Actor()}); fault.CodeOf(err) != "lock.held" {
		t.Errorf("restored under a running till: %v", err)
	}
	till.Close()
	if err := os.WriteFile(filepath.Join(dir, "ledger.db"), []byte("no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Params{Dir: dir, Program: "test", Passphrase: "test"})
	if fault.CodeOf(err) != "ledger.damaged" || !strings.Contains(err.Error(), "cashierctl restore "+b.Path) {
		t.Fatalf("%v", err)
	}
	nobody := access.Actor{Role: access.Cashier}
	if _, err := Restore(t.Context(), Params{Dir: dir}, RestoreParams{File: b.Path, By: nobody}); fault.KindOf(err) != fault.Denied {
		t.Errorf("by a cashier: %v", err)
	}
	r, err := Restore(t.Context(), Params{Dir: dir, Program: "test"}, RestoreParams{File: b.Path, By: MachineActor("test")})
	if err != nil || r.Replayed != 1 || r.Till.ID != id || r.Till.Epoch != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if raw, err := os.ReadFile(r.Aside); err != nil || string(raw) != "no database at all" {
		t.Errorf("what was there is not kept: %q, %v", raw, err)
	}
	till = open(t, p)
	if s, err := till.Ledger.Sale(t.Context(), last.ID); err != nil || s.ReceiptNo != last.ReceiptNo {
		t.Errorf("%+v, %v", s, err)
	}
	if err := till.PayError(); fault.CodeOf(err) != "restore.unreconciled" {
		t.Errorf("%v", err)
	}
	asked := &countingCodes{}
	gate := onceReconciled{asked, till.Unreconciled}
	if a := gate.Pay(t.Context(), checkout.PayCall{}); a.Delivery != checkout.NotSent || asked.pays != 0 {
		t.Errorf("%+v, %d sent", a, asked.pays)
	}
	for _, c := range []struct {
		by   access.Actor
		why  string
		want string
	}{{nobody, "x", "access.denied"}, {till.Actor(), " ", "resolve.no_reason"}, {till.Actor(), "bill read by hand", ""}, {till.Actor(), "again", "restore.nothing_to_confirm"}} {
		if err := till.ConfirmReconciled(t.Context(), c.by, c.why); fault.CodeOf(err) != c.want {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := errors.Join(till.PayError(), till.Reconciled(t.Context(), "nothing to do")); err != nil {
		t.Error(err)
	}
	if gate.Pay(t.Context(), checkout.PayCall{}); asked.pays != 1 {
		t.Errorf("%d sent", asked.pays)
	}
	if found, err := till.VerifyBooks(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

type countingCodes struct {
	checkout.CodeGateway
	pays int
}

func (c *countingCodes) Pay(context.Context, checkout.PayCall) checkout.Answer {
	c.pays++
	return checkout.Answer{Delivery: checkout.NotSent}
}

// A new computer: nothing but the backup and the stick.
func TestRestoreIntoAnEmptyFolder(t *testing.T) {
	base := t.TempDir()
	stick := filepath.Join(base, "stick")
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	till := open(t, Params{Dir: filepath.Join(base, "old"), Settings: map[string]string{"journal.dir": filepath.Join(stick, "journal")}})
	b, err := till.Backup(t.Context(), stick)
	if err != nil {
		t.Fatal(err)
	}
	s := sellForCash(t, till)
	id := till.Ledger.Till().ID
	till.Close()
	fresh := filepath.Join(base, "new", "till")
	r, err := Restore(t.Context(), Params{Dir: fresh, Program: "test"}, RestoreParams{File: b.Path, Journal: filepath.Join(stick, "journal"), By: MachineActor("test")})
	if err != nil || r.Aside != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	again := open(t, Params{Dir: fresh})
	if got, err := again.Ledger.Sale(t.Context(), s.ID); err != nil || got.ReceiptNo != s.ReceiptNo || again.Ledger.Till().ID != id {
		t.Errorf("%+v, %v", got, err)
	}
	if raw, err := os.ReadFile(filepath.Join(fresh, "till.id")); err != nil || string(raw) != id+"\n" {
		t.Errorf("%q, %v", raw, err)
	}
}

// A clock that was years ahead for a day leaves a backup from the future. It
// keeps neither the days' own from being made nor a better one from being named.
func TestABackupFromTheFuture(t *testing.T) {
	dir := t.TempDir()
	clock := time.Now()
	p := Params{Dir: dir, Now: func() time.Time { return clock }}
	day := func(years int) {
		clock = clock.AddDate(years, 0, 1)
		till := open(t, p)
		sellForCash(t, till)
		till.Close()
	}
	day(0)
	day(10)
	day(-10)
	day(0)
	day(0)
	till := open(t, p)
	all, err := till.Backups()
	if err != nil || len(all) != 4 {
		t.Fatalf("%d backups, want one of each day but the first: %v", len(all), err)
	}
	if c := till.checkBackups(); c.State != Green || !strings.Contains(c.Reason, clock.In(till.Zone).Format(time.DateOnly)) {
		t.Errorf("%+v", c)
	}
	till.Close()
	good, ok := localdb.NewestGood(t.Context(), filepath.Join(dir, "backups"))
	if !ok {
		t.Fatal("no good backup")
	}
	if in, _, err := localdb.CheckBackup(t.Context(), good.Path); err != nil || in.Sales != 5 {
		t.Errorf("%s is not the newest: %+v, %v", good.Path, in, err)
	}
	clock = clock.AddDate(0, 0, 30)
	till = open(t, p)
	if c := till.checkBackups(); c.State == Green {
		t.Errorf("the newest is a month old: %+v", c)
	}
}

// Prices that were synced by a clock years ahead are not fresh for years.
func TestPricesFromTheFuture(t *testing.T) {
	dir := t.TempDir()
	ahead := time.Now().AddDate(10, 0, 0)
	db, err := localdb.OpenCatalog(t.Context(), localdb.CatalogParams{Path: filepath.Join(dir, "catalog.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Apply(t.Context(), catalog.Change{At: ahead, Put: []catalog.Product{{ProductID: 1, Code: "1", Name: "x", Price: 1}}})
	if err = errors.Join(err, db.Shut()); err != nil {
		t.Fatal(err)
	}
	if c := lightOf(t, open(t, Params{Dir: dir}), "prices"); c.State != Amber {
		t.Errorf("%+v", c)
	}
}
