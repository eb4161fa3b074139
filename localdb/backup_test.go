package localdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// money is everything in a ledger that is money: the rows that a restore must
// bring back as they were.
func moneyIn(t testing.TB, path string) string {
	t.Helper()
	var b strings.Builder
	keep := false
	for line := range strings.SplitSeq(dump(t, path), "\n") {
		if !strings.Contains(line, "|") {
			keep = slices.Contains([]string{"sales", "sale_lines", "legs", "leg_events", "entries", "postings", "receipts"}, line)
		}
		if keep {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func (k *kept) restoring(from string) RestoreParams {
	return RestoreParams{
		Path: k.path, From: from, Journal: k.dir, Till: k.Till().ID, Now: at(time.UnixMilli(k.wall.Load()).Add(time.Hour)),
		By: checkout.Act{Actor: mei, At: noon},
	}
}

// manySales is a day with a sale of every kind that the journal must hold.
func (k *kept) manySales() {
	k.Helper()
	k.sell()
	k.everyPoint()
	_, leg := k.freeze(checkout.ClassCode)
	k.advance(k.advance(leg, checkout.Sent), checkout.Unknown)
	_, card := k.freeze(checkout.ClassCard)
	k.advance(k.advance(card, checkout.Sent), checkout.Manual)
	k.sell()
}

// An old backup and the journal are the books as they were: the same sales,
// receipts and balances, and what was not known is still being found out.
func TestRestoreBringsEverythingBack(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	open, leg := k.freeze(checkout.ClassCode) // unknown at the backup, complete after it
	leg = k.advance(k.advance(leg, checkout.Sent), checkout.Unknown)
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	last := k.step(leg, checkout.Paid)
	_, err = k.Complete(t.Context(), open, &last, []checkout.Entry{paid(leg), sold(open)}, k.act("sale.complete", open.ID))
	k.ok(err)
	k.manySales()
	watches, err := k.Watches(t.Context())
	k.ok(err)
	k.leave()
	before := withoutUnrecorded(t, k, moneyIn(t, k.path))
	was := k.Till()

	for n := int64(1); n <= 2; n++ { // twice: nothing comes twice, and the epoch rises
		p := k.restoring(b.Path)
		r, err := Restore(t.Context(), p)
		if err != nil {
			t.Fatal(detail(err))
		}
		if r.Till.Epoch != was.Epoch+n || r.Till.ID != was.ID || r.Replayed == 0 {
			t.Errorf("%+v", r)
		}
		if now := moneyIn(t, k.path); now != before {
			t.Fatalf("other books:\n%s\nwere:\n%s", now, before)
		}
		if kept, err := inspect(t.Context(), r.Aside); err != nil || kept == 0 {
			t.Errorf("the former books are not kept at %q: %v", r.Aside, err)
		}
		k.verified2()
		k.wall.Add(time.Hour.Milliseconds())
	}
	k.start()
	if again, err := k.Watches(t.Context()); err != nil || len(again) != len(watches) {
		t.Errorf("%d watches, were %d: %v", len(again), len(watches), err)
	}
	if since, err := k.Unreconciled(t.Context()); err != nil || since.IsZero() {
		t.Errorf("reconciled: %v, %v", since, err)
	}
	k.n = 900
	if s := k.sell(); s.ReceiptNo != was.ID+"-3-000001" {
		t.Errorf("receipt %s", s.ReceiptNo)
	}
	k.ok(k.Reconciled(t.Context(), k.act("till.reconciled", "")))
	if since, err := k.Unreconciled(t.Context()); err != nil || !since.IsZero() {
		t.Errorf("not reconciled: %v, %v", since, err)
	}
	k.leave()
	k.verified2()
	k.agrees()
}

// withoutUnrecorded takes out what no journal holds: a sale whose money was on
// its way for the first time, of which nothing was known to be unknown.
func withoutUnrecorded(t *testing.T, k *kept, text string) string {
	t.Helper()
	db := raw(t, k.path)
	gone := texts(t, db, `SELECT s.id FROM sales s WHERE NOT EXISTS (SELECT 1 FROM journal_steps j WHERE j.sale_id = s.id)`)
	gone = append(gone, texts(t, db, `SELECT id FROM legs l WHERE NOT EXISTS (SELECT 1 FROM journal_steps j WHERE j.sale_id = l.sale_id)`)...)
	var left []string
	for line := range strings.SplitSeq(text, "\n") {
		if !slices.ContainsFunc(gone, func(id string) bool { return strings.Contains(line, "'"+id+"'") }) {
			left = append(left, line)
		}
	}
	db.Close()
	return strings.Join(left, "\n")
}

func TestRestoreRefuses(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	k.sell()
	k.leave()
	other := keeping(t, nil)
	other.sell()
	theirs, err := other.Backup(t.Context(), "")
	k.ok(err)
	other.leave()
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	whole, err := os.ReadFile(b.Path)
	k.ok(err)
	copy(whole[len(whole)/2:], bytes.Repeat([]byte{0x55}, 3000))
	k.ok(os.WriteFile(damaged, whole, 0o600))
	newer := filepath.Join(t.TempDir(), "newer.db")
	good, err := os.ReadFile(b.Path)
	k.ok(err)
	k.ok(os.WriteFile(newer, good, 0o600))
	db := raw(t, newer)
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	k.ok(err)
	k.ok(db.Close())
	journal, err := os.ReadFile(k.file())
	k.ok(err)
	before := dump(t, k.path)
	for name, c := range map[string]struct {
		code   string
		change func(*RestoreParams)
	}{
		"another till's backup":  {"restore.other_till", func(p *RestoreParams) { p.From = theirs.Path }},
		"another till's journal": {"journal.other_till", func(p *RestoreParams) { p.Journal = other.dir }},
		"no journal there":       {"journal.missing", func(p *RestoreParams) { p.Journal = t.TempDir() }},
		"no folder there":        {"journal.missing", func(p *RestoreParams) { p.Journal = filepath.Join(t.TempDir(), "gone") }},
		"nothing to restore":     {"backup.empty", func(p *RestoreParams) { p.From = filepath.Join(t.TempDir(), "gone.db") }},
		"no database":            {"disk.corrupt", func(p *RestoreParams) { p.From = k.file() }},
		"written by a newer":     {"ledger.newer", func(p *RestoreParams) { p.From = newer }},
		"a changed journal": {"journal.damaged", func(p *RestoreParams) {
			bad := bytes.Clone(journal)
			bad[len(bad)/2] ^= 1
			k.ok(os.WriteFile(k.file(), bad, 0o600))
		}},
		"a renamed journal of another till": {"journal.other_till", func(p *RestoreParams) {
			p.Journal = t.TempDir()
			raw, err := os.ReadFile(other.file())
			k.ok(err)
			k.ok(os.WriteFile(filepath.Join(p.Journal, filepath.Base(k.file())), raw, 0o600))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := k.restoring(b.Path)
			c.change(&p)
			_, err := Restore(t.Context(), p)
			refused(t, err, c.code)
			k.ok(os.WriteFile(k.file(), journal, 0o600))
			if dump(t, k.path) != before {
				t.Error("the books were touched")
			}
			if left, _ := filepath.Glob(k.path + ".*"); len(left) != 0 {
				t.Errorf("left %q", left)
			}
		})
	}
	p := k.restoring(damaged)
	if _, err := Restore(t.Context(), p); err == nil {
		t.Error("a damaged backup was restored")
	}
	p = k.restoring(b.Path)
	p.Journal = ""
	if r, err := Restore(t.Context(), p); err != nil || r.Replayed != 0 || r.Till.Epoch != 2 {
		t.Errorf("without the journal: %+v, %v", r, err)
	}
	k.finds("the books do not")
	// And what was left out can still be brought in.
	if r, err := Restore(t.Context(), k.restoring(b.Path)); err != nil || r.Replayed != 1 || r.Till.Epoch != 3 {
		t.Errorf("with it after all: %+v, %v", r, err)
	}
	k.start()
	k.leave()
	k.agrees()
}

// A journal that says something else of a sale than the backup is refused,
// however well its chain was mended.
func TestRestoreRefusesAContradiction(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	k.leave()
	whole, err := os.ReadFile(k.file())
	k.ok(err)
	lines := bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	r, _, err := readRecord(lines[1])
	k.ok(err)
	r.Sale.Legs[0].Amount++
	r.AuditHash = strings.Repeat("0", 64)
	line, _, err := r.line()
	k.ok(err)
	k.ok(os.WriteFile(k.file(), slices.Concat(lines[0], []byte("\n"), line), 0o600))
	_, err = Restore(t.Context(), k.restoring(b.Path))
	refused(t, err, "restore.contradiction")
}

// A journal torn in the middle of catching up can lack a receipt number before
// another one: that sale stays out and is named, everything else comes back.
func TestRestoreLeavesOutWhatDoesNotFollow(t *testing.T) {
	k := keeping(t, nil)
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	first := k.sell()
	second := k.soldByCode()
	refund, events := k.refund(second, checkout.ClassRefund) // has no number, and nothing to give back without its sale
	k.ok(k.Freeze(k.Context(), refund, events, nil, k.act("sale.refund", refund.ID)))
	k.advance(k.advance(refund.Legs[0], checkout.Sent), checkout.Unknown)
	k.leave()
	raw, err := os.ReadFile(k.file())
	k.ok(err)
	var text []byte
	prev, seq := journalStart(k.Till().ID), int64(0)
	for _, line := range bytes.Split(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n")) {
		r, _, err := readRecord(line)
		k.ok(err)
		if r.Sale != nil && r.Sale.ID == first.ID {
			continue
		}
		seq++
		r.Prev, r.Seq = prev, seq
		own, hash, err := r.line()
		k.ok(err)
		text, prev = append(text, own...), hash
	}
	k.ok(os.WriteFile(k.file(), text, 0o600))
	r, err := Restore(t.Context(), k.restoring(b.Path))
	if err != nil || r.Replayed != 0 || !slices.Equal(r.Left, slices.Sorted(slices.Values([]string{second.ID, refund.ID}))) {
		t.Errorf("%+v, %v", r, err)
	}
	k.verified2()
	k.finds(second.ID)
}

// TestKilledWhileRestoring kills a restore at each point; what it leaves is
// either the former books or none, and restoring again succeeds.
func TestKilledWhileRestoring(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range RestorePoints() {
		t.Run(point, func(t *testing.T) {
			k := keeping(t, nil)
			k.sell()
			b, err := k.Backup(t.Context(), "")
			k.ok(err)
			k.manySales()
			k.leave()
			before := withoutUnrecorded(t, k, moneyIn(t, k.path))
			cmd := exec.Command(self, "-test.run=^TestRestoreKilled$")
			cmd.Env = append(os.Environ(), journalCrash+"="+point, crashLedger+"="+k.path, journalDir+"="+k.dir, "LOCALDB_TEST_BACKUP="+b.Path)
			if out, err := cmd.CombinedOutput(); err == nil || strings.Contains(string(out), "FAIL") {
				t.Fatalf("it lived: %s", out)
			}
			_, err = os.Stat(k.path)
			if there := err == nil; there != (point != "restore.aside") {
				t.Errorf("books there: %t", there)
			}
			if l, err := Open(t.Context(), Params{Path: k.path, Now: at(noon), Existing: true}); point == "restore.aside" {
				refused(t, err, "ledger.lost")
			} else {
				k.ok(err)
				k.ok(l.Shut())
			}
			if _, err := Restore(t.Context(), k.restoring(b.Path)); err != nil {
				t.Fatal(detail(err))
			}
			if now := moneyIn(t, k.path); now != before {
				t.Errorf("other books:\n%s\nwere:\n%s", now, before)
			}
			k.verified2()
		})
	}
}

// TestRestoreKilled is the process that is killed.
func TestRestoreKilled(t *testing.T) {
	point := os.Getenv(journalCrash)
	if point == "" || os.Getenv("LOCALDB_TEST_BACKUP") == "" {
		t.Skip("run by TestKilledWhileRestoring")
	}
	_, err := Restore(t.Context(), RestoreParams{
		Path: os.Getenv(crashLedger), From: os.Getenv("LOCALDB_TEST_BACKUP"), Journal: os.Getenv(journalDir), Now: at(noon.Add(time.Hour)),
		Hook: func(at string) {
			if at == point {
				die()
			}
		},
	})
	t.Fatalf("FAIL: never came to %s: %v", point, err)
}

// A restored copy whose newest sale is damaged on disk later is found, and the
// newest backup that is good is named.
func TestNewestGoodBackup(t *testing.T) {
	k := keeping(t, nil)
	dir := filepath.Join(filepath.Dir(k.path), "backups")
	if _, ok := NewestGood(t.Context(), dir); ok {
		t.Error("a backup before there is one")
	}
	var made []Backup
	for range 3 {
		k.wall.Add(time.Minute.Milliseconds())
		k.sell()
		b, err := k.Backup(t.Context(), "")
		k.ok(err)
		made = append(made, b)
	}
	for i, spoil := range []func(string) error{
		func(path string) error { return os.Truncate(path, 5000) },
		func(path string) error { return os.WriteFile(path, nil, 0o600) },
	} {
		newest, ok := NewestGood(t.Context(), dir)
		if !ok || newest.Path != made[2-i].Path || newest.Size == 0 {
			t.Errorf("%+v, %t", newest, ok)
		}
		k.ok(spoil(newest.Path))
	}
	c, found, err := CheckBackup(t.Context(), made[0].Path)
	if err != nil || len(found) != 0 || c.Sales != 1 || c.Till.ID != k.Till().ID || c.Until.IsZero() {
		t.Errorf("%+v, %v, %v", c, found, err)
	}
	all, err := Backups(dir)
	if err != nil || len(all) != 3 || all[0].Path != made[2].Path {
		t.Errorf("%+v, %v", all, err)
	}
}

// A copy of books that are not as they must be is no backup.
func TestABackupOfBrokenBooksIsNotKept(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	db := raw(t, k.path)
	unlock(t, db)
	_, err := db.Exec(`UPDATE audit SET detail = 'x' WHERE seq = 1`)
	k.ok(err)
	dir := t.TempDir()
	_, err = k.Backup(t.Context(), dir)
	refused(t, err, "backup.bad")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// A backup that is called off leaves nothing.
func TestABackupThatIsCalledOff(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	dir := t.TempDir()
	if _, err := k.Backup(ctx, dir); err == nil {
		t.Error("made")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestRotate(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	dir := t.TempDir()
	place := func(version int64, at time.Time) string {
		name := Backup{Version: version, At: at}.name()
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	var want []string
	newest := time.Date(2026, 9, 30, 10, 0, 0, 0, shanghai)
	for day := range 250 {
		noon := newest.AddDate(0, 0, -day)
		place(4, noon.Add(-5*time.Hour))
		name := place(4, noon)
		lastOfMonth := noon.AddDate(0, 0, 1).Day() == 1
		if day < 14 || lastOfMonth && newest.Month()-noon.Month() < 6 {
			want = append(want, name)
		}
	}
	want = append(want, place(3, newest.AddDate(-1, 0, 0)))
	place(3, newest.AddDate(-2, 0, 0))
	other := []string{"ledger-4-20260930T020000Z.db.part", "notes.txt", "ledger-x-20260930T020000Z.db", "ledger-4-2026.db", "ledger-04-20260930T020000Z.db"}
	for _, name := range other {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Rotate(dir, shanghai); err != nil {
		t.Fatal(err)
	}
	var got []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want = append(want, other...)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("kept\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if err := Rotate(filepath.Join(dir, "none"), shanghai); err != nil {
		t.Error(err)
	}
}

// The tables that a restore relies on refuse to be changed.
func TestStepsAreKept(t *testing.T) {
	s := newShop(t)
	s.sell()
	db := raw(t, s.path)
	for _, q := range []string{
		`UPDATE journal_steps SET no = no + 10`, `DELETE FROM journal_steps`, `INSERT OR REPLACE INTO journal_steps SELECT * FROM journal_steps`,
		`UPDATE epochs SET audit_seq = 9`, `DELETE FROM epochs`, `INSERT OR REPLACE INTO epochs SELECT * FROM epochs`,
	} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("allowed: %s", q)
		}
	}
	s.verified()
}

// Books restored by hand, as earlier versions described it, are known as well.
func TestRestoredByHand(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	lost := k.sell()
	k.leave()
	raw, err := os.ReadFile(b.Path)
	k.ok(err)
	k.ok(removeDatabase(k.path))
	k.ok(os.WriteFile(k.path, raw, 0o600))
	k.start()
	if since, err := k.Unreconciled(t.Context()); err != nil || since.IsZero() || k.Till().Epoch != 2 {
		t.Errorf("%v, %v, %+v", since, err, k.Till())
	}
	k.sell()
	k.leave()
	k.finds(lost.ID)
	if _, err := os.Stat(k.path); errors.Is(err, fs.ErrNotExist) || fault.CodeOf(err) != "" {
		t.Error(err)
	}
	if got := fmt.Sprint(len(k.findings())); got != "1" {
		t.Errorf("%s findings", got)
	}
}
