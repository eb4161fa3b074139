//go:build !race

package catalog_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/fault"
)

// TestBulkHistories is random histories of HQ, read by a till that dies between
// any two writes.
func TestBulkHistories(t *testing.T) {
	template := t.TempDir()
	l, err := localdb.Open(t.Context(), localdb.Params{Path: filepath.Join(template, "ledger.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := localdb.OpenCatalog(t.Context(), localdb.CatalogParams{Path: filepath.Join(template, "catalog.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Shut(), c.Shut()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(template, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`CREATE TABLE writes (n INTEGER NOT NULL); INSERT INTO writes VALUES (0);
		CREATE TRIGGER wi AFTER INSERT ON products BEGIN UPDATE writes SET n = n + 1; END;
		CREATE TRIGGER wu AFTER UPDATE ON products BEGIN UPDATE writes SET n = n + 1; END;
		CREATE TRIGGER wd AFTER DELETE ON products BEGIN UPDATE writes SET n = n + 1; END;`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	base, n := t.TempDir(), 0
	outcomes := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := &world{
			T: rt, dir: filepath.Join(base, fmt.Sprint(n)), clock: time.UnixMilli(1_800_000_000_000), office: map[int64]int64{},
			whole: map[string]bool{}, ever: map[string]bool{}, shown: map[int64][]string{},
		}
		w.ok(os.CopyFS(w.path(""), os.DirFS(template)))
		w.born()
		defer func() { _, _ = w.db.Shut(), w.ledger.Shut(); _ = os.RemoveAll(w.dir) }()
		for id := range rapid.Int64Range(1, 14).Draw(rt, "goods") {
			w.order, w.office[id+1] = append(w.order, id+1), 100+id
		}
		w.stands()
		for range rapid.IntRange(1, 10).Draw(rt, "days") {
			outcomes[w.day()]++
		}
		w.quiet()
		w.replay()
	})
	t.Logf("%d histories: %v", n, outcomes)
	must := []string{"applied", "crashed", "hq.down", "cache lost"}
	if n >= 1000 { // six in a hundred, on average
		must = append(must, "gone on with", "catalog.moving")
	}
	for _, must := range must {
		if outcomes[must] == 0 {
			t.Errorf("never: %s in %v", must, outcomes)
		}
	}
}

// day is something that happens at HQ, and a sync in trouble.
func (w *world) day() string {
	for range rapid.IntRange(0, 2).Draw(w.T, "changes") {
		w.move(w.seed())
	}
	if rapid.IntRange(0, 9).Draw(w.T, "lost") == 0 {
		w.loseCache()
		return "cache lost"
	}
	for range rapid.IntRange(0, 20).Draw(w.T, "pages") {
		deed := uint64(0)
		if rapid.IntRange(0, 5).Draw(w.T, "moves") == 1 {
			deed = w.seed()
		}
		w.deeds = append(w.deeds, deed)
	}
	w.fails = rapid.SampledFrom([]int{0, 0, 0, 2, 4, 6}).Draw(w.T, "fails")
	w.fuse.n = rapid.SampledFrom([]int{0, 1}).Draw(w.T, "dies") * rapid.IntRange(1, 30).Draw(w.T, "at")
	r, err := w.sync(catalog.Options{})
	w.fuse, w.fails = fuse{}, 0
	switch {
	case errors.Is(err, errCrashed):
		return "crashed"
	case err != nil:
		return fault.CodeOf(err)
	}
	if r.Resumed > 0 {
		return "gone on with"
	}
	return "applied"
}

// loseCache takes the disposable file away.
func (w *world) loseCache() {
	w.dies()
	db, err := sql.Open("sqlite", w.path("catalog.db"))
	w.ok(err)
	_, err = db.Exec(`DELETE FROM products; DELETE FROM sync_state; DELETE FROM staged; DELETE FROM set_aside`)
	w.ok(errors.Join(err, db.Close()))
	w.born()
}

// quiet is a sync that nothing disturbs: then the cache has what HQ has.
func (w *world) quiet() {
	if _, err := w.sync(catalog.Options{}); err != nil {
		w.Fatal(err)
	}
	if got := fens(w.onDisk()); sign(got) != sign(w.office) {
		w.Fatalf("the cache has %s, HQ %s", sign(got), sign(w.office))
	}
	memory := map[int64]catalog.Product{}
	for _, p := range w.c.Index().All() {
		memory[p.ProductID] = p
	}
	if !maps.EqualFunc(memory, w.onDisk(), catalog.Product.Equal) {
		w.Fatal("memory and disk differ")
	}
	if r, err := w.sync(catalog.Options{}); err != nil || r.RowsWritten != 0 || r.No != 0 {
		w.Fatalf("nothing changed, and %+v %v", r, err)
	}
	if s, err := w.db.Staged(context.Background()); err != nil || len(s.Pages) > 0 {
		w.Fatalf("%d pages are still staged, %v", len(s.Pages), err)
	}
}

// replay holds the history, from its beginning, against what the cache has had.
func (w *world) replay() {
	entries, err := w.ledger.PricesSince(context.Background(), time.Time{}, 0)
	w.ok(err)
	slices.SortStableFunc(entries, func(a, b catalog.PriceEntry) int { return int(a.SyncNo - b.SyncNo) })
	now, had := map[int64]catalog.Prices{}, map[int64][]string{}
	for _, e := range entries {
		if e.Was != now[e.ProductID] {
			w.Fatalf("%+v does not go on from %+v", e, now[e.ProductID])
		}
		now[e.ProductID] = e.Now
		what := "-"
		if e.Now.Listed {
			what = fmt.Sprint(int64(e.Now.Price))
		}
		had[e.ProductID] = append(had[e.ProductID], what)
	}
	for id, p := range w.onDisk() {
		if now[id] != (catalog.Prices{Listed: true, Price: p.Price, Member: p.MemberPrice}) {
			w.Fatalf("replayed, product %d costs %+v, and here %s", id, now[id], p.Price)
		}
	}
	if !maps.EqualFunc(had, w.shown, slices.Equal[[]string]) {
		w.Fatalf("the history has %v, the cache had %v", had, w.shown)
	}
	if found, err := w.ledger.Verify(context.Background()); err != nil || len(found) > 0 {
		w.Fatalf("%v %v", found, err)
	}
}
