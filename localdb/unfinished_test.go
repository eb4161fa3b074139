package localdb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cutWhileWriting makes to, a copy of from, as a power cut leaves it in the
// middle of a transaction outside WAL mode: changed pages in the file, and
// beside it the journal that takes them back.
func cutWhileWriting(t *testing.T, from, to string) {
	t.Helper()
	work := filepath.Join(t.TempDir(), "work.db")
	copyOver(t, from, work)
	db := raw(t, work)
	defer db.Close()
	for _, q := range []string{
		`PRAGMA journal_mode = DELETE`, `PRAGMA cache_size = 1`, `BEGIN IMMEDIATE`,
		`DROP TRIGGER audit_fixed`, `UPDATE audit SET detail = detail || hex(randomblob(600))`, `UPDATE meta SET created_ms = created_ms`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	copyOver(t, work, to)
	copyOver(t, work+"-journal", to+"-journal")
	if info, err := os.Stat(to + "-journal"); err != nil || info.Size() < 4096 {
		t.Fatalf("no journal: %v, %v", info, err)
	}
}

func copyOver(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Books put back by hand become a WAL file at their first start. A power cut in
// that moment is mended by the next one; who only reads is told so.
func TestCutWhileWritingOutsideWAL(t *testing.T) {
	k := keeping(t, nil)
	for range 10 {
		k.sell()
	}
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	k.leave()
	was := dump(t, b.Path)
	k.ok(removeDatabase(k.path))
	cutWhileWriting(t, b.Path, k.path)
	_, err = OpenRead(t.Context(), k.path)
	refused(t, err, "disk.unfinished")
	if has, err := inspectOwn(t.Context(), k.path); err != nil || has == 0 {
		t.Fatalf("%d, %v", has, err)
	}
	if dump(t, k.path) != was {
		t.Error("not as it was before the transaction")
	}
	k.start()
	k.verified()
	k.sell()
	k.leave()
	k.agrees()
}

// A journal belongs to the books it was written for. Restored ones must not
// find it beside them: SQLite would play it back into them.
func TestRestoreOverBooksCutWhileWriting(t *testing.T) {
	k := keeping(t, nil)
	for range 10 {
		k.sell()
	}
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	last := k.sell()
	k.leave()
	k.ok(removeDatabase(k.path))
	cutWhileWriting(t, b.Path, k.path)
	r, err := Restore(t.Context(), k.restoring(b.Path))
	if err != nil {
		t.Fatal(detail(err))
	}
	if _, err := os.Stat(r.Aside + "-journal"); err != nil {
		t.Errorf("what belongs to the former books did not go with them: %v", err)
	}
	k.start()
	k.verified()
	k.want(last)
	k.leave()
	if left, err := filepath.Glob(k.path + "-journal"); err != nil || len(left) > 0 {
		t.Errorf("%s, %v", strings.Join(left, " "), err)
	}
}
