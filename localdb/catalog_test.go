package localdb

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/money"
)

func openCatalog(t testing.TB, p CatalogParams) *Catalog {
	t.Helper()
	if p.Path == "" {
		p.Path = filepath.Join(t.TempDir(), "till", "catalog.db")
	}
	p.Now = at(noon)
	if p.Warn == nil {
		p.Warn = func(err error) { t.Errorf("set aside: %v", err) }
	}
	c, err := OpenCatalog(t.Context(), p)
	if err != nil {
		t.Fatal(detail(err))
	}
	t.Cleanup(func() {
		if err := c.Shut(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func product(id int64, name string) catalog.Product {
	return catalog.Product{
		ID: id * 10, ShopID: 3, ProductID: id, Code: "69" + name, Name: name, Class: "乳品", Unit: "盒",
		Price: 550, MemberPrice: 500, Pricing: catalog.CountThenWeigh, Sort: -2, Images: []string{"/img/a b.png", "https://例子/<&>.jpg"},
	}
}

func stock(t testing.TB, c *Catalog, want ...catalog.Product) {
	t.Helper()
	got, err := c.Products(t.Context())
	if err != nil {
		t.Fatal(detail(err))
	}
	slices.SortFunc(want, func(a, b catalog.Product) int { return int(a.ProductID - b.ProductID) })
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("products (-want +got):\n%s", d)
	}
}

func (c *Catalog) must(t testing.TB, want int, ch catalog.Change) {
	t.Helper()
	rows, err := c.Apply(t.Context(), ch)
	if err != nil || rows != want {
		t.Fatalf("%d rows, %v; want %d", rows, err, want)
	}
	if got, err := c.SyncedAt(t.Context()); err != nil || !got.Equal(ch.At) {
		t.Errorf("synced %v, %v; want %v", got, err, ch.At)
	}
}

func TestCatalogAppliesChanges(t *testing.T) {
	c := openCatalog(t, CatalogParams{})
	stock(t, c)
	if at, err := c.SyncedAt(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("never synced: %v, %v", at, err)
	}
	milk, tea := product(1, "牛奶"), product(2, "茶")
	tea.Images = nil
	c.must(t, 2, catalog.Change{Put: []catalog.Product{tea, milk}, At: noon})
	stock(t, c, milk, tea)

	// Nothing changed: nothing written but the time.
	c.must(t, 0, catalog.Change{At: noon.Add(time.Hour)})

	milk.Price, milk.Images = 600, nil
	c.must(t, 2, catalog.Change{Put: []catalog.Product{milk}, Remove: []int64{2, 77}, At: noon.Add(2 * time.Hour)})
	stock(t, c, milk)
	if n := texts(t, raw(t, c.p.Path), `SELECT name FROM products WHERE removed_ms IS NOT NULL`); len(n) != 1 || n[0] != "茶" {
		t.Errorf("tombstones %q", n)
	}
	// Removed once is enough, and what comes back is sold again.
	c.must(t, 0, catalog.Change{Remove: []int64{2}, At: noon.Add(3 * time.Hour)})
	c.must(t, 1, catalog.Change{Put: []catalog.Product{tea}, At: noon.Add(4 * time.Hour)})
	stock(t, c, milk, tea)

	if err := c.Shut(); err != nil {
		t.Fatal(err)
	}
	again := openCatalog(t, CatalogParams{Path: c.p.Path})
	stock(t, again, milk, tea)
	if at, err := again.SyncedAt(t.Context()); err != nil || !at.Equal(noon.Add(4*time.Hour)) {
		t.Errorf("synced %v, %v", at, err)
	}
}

// What is put comes back, whatever HQ calls it.
func TestCatalogKeepsEveryField(t *testing.T) {
	c := openCatalog(t, CatalogParams{})
	fen := rapid.Map(rapid.Int64Range(0, int64(money.MaxFen)), func(n int64) money.Fen { return money.Fen(n) })
	rapid.Check(t, func(r *rapid.T) {
		p := catalog.Product{
			ID: rapid.Int64().Draw(r, "id"), ShopID: rapid.Int64().Draw(r, "shop"), ProductID: rapid.Int64Range(1, 1<<62).Draw(r, "product"),
			Code: rapid.String().Draw(r, "code"), Name: rapid.String().Draw(r, "name"), Class: rapid.String().Draw(r, "class"), Unit: rapid.String().Draw(r, "unit"),
			Price: fen.Draw(r, "price"), MemberPrice: fen.Draw(r, "member"), Pricing: catalog.Pricing(rapid.IntRange(0, 2).Draw(r, "pricing")),
			Sort: rapid.Int64().Draw(r, "sort"), Images: rapid.SliceOf(rapid.String()).Draw(r, "images"),
		}
		if rows, err := c.Apply(t.Context(), catalog.Change{Put: []catalog.Product{p}, At: noon}); rows != 1 || err != nil {
			r.Fatalf("%d, %v", rows, err)
		}
		got, err := c.Products(t.Context())
		if err != nil {
			r.Fatal(err)
		}
		if i := slices.IndexFunc(got, func(q catalog.Product) bool { return q.ProductID == p.ProductID }); i < 0 || !got[i].Equal(p) {
			r.Errorf("%+v is not among %+v", p, got)
		}
	})
}

// A sync is seen whole or not at all, and a failed one leaves no trace.
func TestCatalogChangesAtOnce(t *testing.T) {
	c := openCatalog(t, CatalogParams{})
	old := product(1, "牛奶")
	c.must(t, 1, catalog.Change{Put: []catalog.Product{old}, At: noon})
	bad := product(2, "茶")
	bad.Price = -1
	_, err := c.Apply(t.Context(), catalog.Change{Put: []catalog.Product{product(3, "米"), bad}, Remove: []int64{1}, At: noon.Add(time.Hour)})
	refused(t, err, "ledger.refused")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Apply(ctx, catalog.Change{Remove: []int64{1}, At: noon.Add(time.Hour)})
	refused(t, err, "disk.stopped")
	stock(t, c, old)
	if at, err := c.SyncedAt(t.Context()); err != nil || !at.Equal(noon) {
		t.Errorf("synced %v, %v", at, err)
	}
	_, err = c.Products(ctx)
	refused(t, err, "disk.stopped")

	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		for {
			got, err := c.Products(context.Background())
			if err != nil || len(got) != 1 && len(got) != 3 {
				t.Errorf("half a sync: %d products, %v", len(got), err)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for range 50 {
		c.must(t, 2, catalog.Change{Put: []catalog.Product{product(4, "面"), product(5, "油")}, At: noon})
		c.must(t, 2, catalog.Change{Remove: []int64{4, 5}, At: noon})
	}
	close(done)
	wg.Wait()
}

// Every way a cache can be unusable ends with an empty one, the old one kept
// under another name, and a word about it.
func TestUnusableCacheIsSetAside(t *testing.T) {
	sql := func(statement string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if _, err := raw(t, path).Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, spoil := range map[string]func(*testing.T, string){
		"newer":          sql(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`),
		"foreign":        sql(`DROP TABLE goose_db_version`),
		"not a database": func(t *testing.T, path string) { overwrite(t, path, 0, []byte(strings.Repeat("牛奶", 3000))) },
		"torn header":    func(t *testing.T, path string) { overwrite(t, path, 20, make([]byte, 3000)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := spoiled(t, spoil)
			var warned []error
			c := openCatalog(t, CatalogParams{Path: path, Warn: func(err error) { warned = append(warned, err) }})
			stock(t, c)
			if len(warned) != 1 {
				t.Fatalf("warned %v", warned)
			}
			refused(t, warned[0], "catalog.set_aside")
			kept, err := filepath.Glob(path + ".bad-*")
			if err != nil || len(kept) == 0 || !strings.Contains(warned[0].Error(), kept[0]) {
				t.Errorf("kept %q, %v; %v", kept, err, warned[0])
			}
			c.must(t, 1, catalog.Change{Put: []catalog.Product{product(1, "牛奶")}, At: noon})
			// A second time, at the same moment, under a name of its own.
			if err := c.Shut(); err != nil {
				t.Fatal(err)
			}
			spoil(t, path)
			stock(t, openCatalog(t, CatalogParams{Path: path, Warn: func(error) {}}))
			if _, err := os.Stat(kept[0] + "-2"); err != nil {
				t.Error(err)
			}
		})
	}
}

// spoiled is a cache with products, then with damage.
func spoiled(t *testing.T, spoil func(*testing.T, string)) string {
	t.Helper()
	c := openCatalog(t, CatalogParams{})
	ch := catalog.Change{At: noon}
	for i := range int64(300) {
		ch.Put = append(ch.Put, product(i+1, "商品"))
	}
	c.must(t, 300, ch)
	if err := c.Shut(); err != nil {
		t.Fatal(err)
	}
	if spoil != nil {
		spoil(t, c.p.Path)
	}
	return c.p.Path
}

func overwrite(t *testing.T, path string, at int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}

// Damage that shows only when the products are read is healed then.
func TestCacheHealsWhileOpen(t *testing.T) {
	// Past the first pages: every product's row is zeroed, the schema stands.
	leaves := func(t *testing.T, path string) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		overwrite(t, path, 6*4096, make([]byte, info.Size()-6*4096))
	}
	images := func(t *testing.T, path string) {
		if _, err := raw(t, path).Exec(`UPDATE products SET images = '{'`); err != nil {
			t.Fatal(err)
		}
	}
	for name, spoil := range map[string]func(*testing.T, string){"pages": leaves, "images": images} {
		t.Run(name, func(t *testing.T) {
			path := spoiled(t, spoil)
			warned := 0
			c := openCatalog(t, CatalogParams{Path: path, Warn: func(error) { warned++ }})
			if warned != 0 {
				t.Fatal("seen at once")
			}
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if got, err := c.Products(context.Background()); err != nil || len(got) != 0 {
						t.Errorf("%d products, %v", len(got), err)
					}
				})
			}
			wg.Wait()
			if warned != 1 {
				t.Errorf("warned %d times", warned)
			}
			if at, err := c.SyncedAt(t.Context()); err != nil || !at.IsZero() {
				t.Errorf("synced %v, %v", at, err)
			}
			c.must(t, 1, catalog.Change{Put: []catalog.Product{product(1, "牛奶")}, At: noon})
		})
	}
	t.Run("a change", func(t *testing.T) {
		c := openCatalog(t, CatalogParams{Path: spoiled(t, leaves), Warn: func(error) {}})
		ch := catalog.Change{At: noon}
		for i := range int64(300) {
			ch.Put = append(ch.Put, product(i+1, "商品"))
		}
		_, err := c.Apply(t.Context(), ch)
		refused(t, err, "catalog.set_aside")
		stock(t, c)
		if at, err := c.SyncedAt(t.Context()); err != nil || !at.IsZero() {
			t.Errorf("a change refused counts as a sync: %v, %v", at, err)
		}
	})
}

func TestCatalogBesideARunningTill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	_, err := OpenCatalogRead(t.Context(), path)
	refused(t, err, "catalog.missing")
	c := openCatalog(t, CatalogParams{Path: path})
	beside, err := OpenCatalogRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Shut()
	c.must(t, 1, catalog.Change{Put: []catalog.Product{product(1, "牛奶")}, At: noon})
	stock(t, beside, product(1, "牛奶"))
	_, err = beside.Apply(t.Context(), catalog.Change{At: noon})
	refused(t, err, "catalog.read_only")
	if _, err := raw(t, path).Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`); err != nil {
		t.Fatal(err)
	}
	_, err = OpenCatalogRead(t.Context(), path)
	refused(t, err, "catalog.other_version")
}

// A file that staging made large is small again once that is dropped or done
// with, beside a reader as well.
func TestCatalogGivesStagedRoomBack(t *testing.T) {
	milk := product(1, "牛奶")
	for name, done := range map[string]func(*testing.T, *Catalog) error{
		"dropped": func(t *testing.T, c *Catalog) error { return c.Stage(t.Context(), 1, catalog.Staged{}) },
		"applied": func(t *testing.T, c *Catalog) error {
			milk := milk
			milk.Price++
			_, err := c.Apply(t.Context(), catalog.Change{Put: []catalog.Product{milk}, At: noon})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCatalog(t, CatalogParams{})
			c.must(t, 1, catalog.Change{Put: []catalog.Product{milk}, At: noon})
			page := []byte(strings.Repeat("x", 1<<20))
			err := c.Stage(t.Context(), 1, catalog.Staged{Began: noon, Size: 10, Total: 480, Pages: slices.Repeat([][]byte{page}, 48)})
			if err != nil {
				t.Fatal(err)
			}
			if n := c.bytes(t); n < 40<<20 {
				t.Fatalf("%d bytes staged", n)
			}
			if err := done(t, c); err != nil {
				t.Fatal(err)
			}
			if n := c.bytes(t); n > 1<<20 {
				t.Errorf("%d bytes are left", n)
			}
			if left, err := c.Staged(t.Context()); err != nil || len(left.Pages) != 0 {
				t.Errorf("%d pages, %v", len(left.Pages), err)
			}
			if got, err := c.Products(t.Context()); err != nil || len(got) != 1 || got[0].Name != milk.Name {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func (c *Catalog) bytes(t *testing.T) int64 {
	t.Helper()
	if _, err := c.write.ExecContext(t.Context(), `PRAGMA wal_checkpoint(PASSIVE)`); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(c.p.Path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestCatalogDiskFaults(t *testing.T) {
	c := openCatalog(t, CatalogParams{tune: func(v url.Values) { v.Add("_pragma", "max_page_count(40)") }})
	ch := catalog.Change{At: noon}
	for i := range int64(5000) {
		ch.Put = append(ch.Put, product(i+1, "商品"))
	}
	_, err := c.Apply(t.Context(), ch)
	refused(t, err, "disk.full")
	stock(t, c)
	if _, err := OpenCatalog(t.Context(), CatalogParams{}); err == nil {
		t.Error("no path")
	}
	_, err = OpenCatalog(t.Context(), CatalogParams{Path: t.TempDir(), Now: at(noon)})
	refused(t, err, "disk.io")
	_, err = OpenCatalog(t.Context(), CatalogParams{Path: filepath.Join(t.TempDir(), "c.db"), Now: at(noon), tune: func(v url.Values) { v.Set("_synchronous", "OFF") }})
	if fault.CodeOf(err) != "disk.unsafe" {
		t.Errorf("synchronous=OFF: %v", err)
	}
}
