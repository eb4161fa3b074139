package localdb

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A changed, a missing and a doubled line are found and named; the thousands
// of other ways are in bulk_journal_test.go.
func TestChangedLinesAreNamed(t *testing.T) {
	k := keeping(t, nil)
	for range 4 {
		k.sell()
	}
	k.leave()
	whole, err := os.ReadFile(k.file())
	k.ok(err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	changed := bytes.Clone(lines[2])
	changed[len(changed)/2] ^= 2
	for name, c := range map[string]struct {
		text [][]byte
		at   string
	}{
		"changed": {slices.Concat(lines[:2], [][]byte{changed}, lines[3:]), ":3 "},
		"missing": {slices.Delete(slices.Clone(lines), 2, 3), ":3 "},
		"doubled": {slices.Insert(slices.Clone(lines), 2, lines[1]), ":3 "},
		"cut off": {slices.Concat(lines[:4], [][]byte{lines[4][:100]}), "the till adds"},
	} {
		k.ok(os.WriteFile(k.file(), bytes.Join(c.text, nil), 0o600))
		t.Log(name)
		k.finds(c.at)
	}
}

// A line changed by somebody who also mends its hash, and every one after it,
// still contradicts the books.
func TestRewrittenJournalContradictsTheBooks(t *testing.T) {
	k := keeping(t, nil)
	for range 3 {
		k.sell()
	}
	k.leave()
	for name, change := range map[string]func(*record){
		"total":     func(r *record) { r.Sale.Total-- },
		"line":      func(r *record) { r.Sale.Lines[0].Name = "豆奶" },
		"event":     func(r *record) { r.Sale.Legs[0].Events[1].At++ },
		"posting":   func(r *record) { r.Sale.Entries[0].Postings[0].Amount++ },
		"receipt":   func(r *record) { r.Sale.Receipt.Counter += 5 },
		"sale":      func(r *record) { r.Sale.ID = "another" },
		"audit row": func(r *record) { r.AuditHash = strings.Repeat("0", 64) },
	} {
		t.Run(name, func(t *testing.T) {
			file := k.file()
			whole, err := os.ReadFile(file)
			k.ok(err)
			defer os.WriteFile(file, whole, 0o600)
			var text []byte
			prev := journalStart(k.Till().ID)
			for i, line := range bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n")) {
				r, _, err := readRecord(line)
				k.ok(err)
				if i == 2 {
					change(&r)
				}
				r.Prev = prev
				own, hash, err := r.line()
				k.ok(err)
				text, prev = append(text, own...), hash
			}
			k.ok(os.WriteFile(file, text, 0o600))
			if found := k.findings(); len(found) == 0 {
				t.Error("not found")
			}
		})
	}
	k.agrees()
}

// Months have files of their own; a clock that is set back does not break the
// order.
func TestMonths(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	k.leave()
	for _, at := range []time.Time{noon.AddDate(0, 1, 0), noon, noon.AddDate(0, 2, 0)} {
		k.wall.Store(at.UnixMilli())
		k.start()
		k.sell()
		k.leave()
	}
	var names []string
	for name, text := range k.text() {
		names = append(names, fmt.Sprint(name[len(name)-13:], strings.Count(text, "\n")))
	}
	slices.Sort(names)
	if want := []string{"2026-03.jsonl2", "2026-04.jsonl2", "2026-05.jsonl1"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	k.agrees()
}

// Two tills may share a stick.
func TestTwoTillsOneStick(t *testing.T) {
	one := keeping(t, nil)
	two := keepingAt(t, filepath.Join(t.TempDir(), "ledger.db"), one.dir, nil)
	one.sell()
	two.sell()
	one.leave()
	two.leave()
	one.agrees()
	two.agrees()
	if len(one.text()) != 2 {
		t.Errorf("%d files", len(one.text()))
	}
}

// An old copy of the data folder is known by the journal: by verify, and by the
// next start, which gives no key and no receipt number again.
func TestAnOldCopyIsFound(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	k.leave()
	old, err := os.ReadFile(k.path)
	k.ok(err)
	k.start()
	lost := k.sell()
	k.leave()
	k.ok(os.WriteFile(k.path, old, 0o600))
	k.finds(lost.ID)
	k.start()
	if till := k.Till(); till.Epoch != 2 {
		t.Fatalf("epoch %d", till.Epoch)
	}
	if since, err := k.Unreconciled(t.Context()); err != nil || since.IsZero() {
		t.Errorf("nobody is told: %v, %v", since, err)
	}
	if s := k.sell(); s.ReceiptNo == lost.ReceiptNo || !strings.Contains(s.ReceiptNo, "-2-") {
		t.Errorf("receipt %s, after %s", s.ReceiptNo, lost.ReceiptNo)
	}
	k.leave()
	k.finds(lost.ID)
	k.verified2()
}

// Somebody who rewrites the end of the audit trail, chain and all, is found by
// the journal alone.
func TestARewrittenAuditTailIsFound(t *testing.T) {
	k := keeping(t, nil)
	for range 4 {
		k.sell()
	}
	k.leave()
	db := raw(t, k.path)
	unlock(t, db)
	var r auditRow
	var prev []byte
	row := db.QueryRow(`SELECT seq, at_ms, actor_id, actor_name, actor_role, actor_program, what, subject, detail, prev_hash FROM audit ORDER BY seq DESC LIMIT 1`)
	k.ok(row.Scan(&r.seq, &r.at, &r.actor, &r.name, &r.role, &r.program, &r.what, &r.subject, &r.detail, &prev))
	r.name = "somebody else"
	_, err := db.Exec(`UPDATE audit SET actor_name = ?1, hash = ?2 WHERE seq = ?3`, r.name, r.chain(prev), r.seq)
	k.ok(err)
	_, err = db.Exec(`UPDATE audit_head SET hash = ?`, r.chain(prev))
	k.ok(err)
	k.ok(db.Close())
	k.verified2()
	k.finds("audit row 4 is another one")
}
