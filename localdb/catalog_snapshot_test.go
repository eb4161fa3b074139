package localdb

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/money"
)

func byID(ps []catalog.Product) []catalog.Product {
	ps = slices.Clone(ps)
	slices.SortFunc(ps, func(a, b catalog.Product) int { return int(a.ProductID - b.ProductID) })
	return ps
}

// rowsOf are the products as the rows have them: a second reading takes no
// snapshot's word.
func rowsOf(t testing.TB, c *Catalog) []catalog.Product {
	t.Helper()
	if _, err := c.Products(t.Context()); err != nil {
		t.Fatal(detail(err))
	}
	ps, err := c.Products(t.Context())
	if err != nil {
		t.Fatal(detail(err))
	}
	return ps
}

// shutNow closes a catalogue, with what it has still to write.
func shutNow(t testing.TB, c *Catalog) {
	t.Helper()
	if err := c.Shut(); err != nil {
		t.Fatal(detail(err))
	}
}

func snapshotted(t testing.TB, path string) *Catalog {
	t.Helper()
	c, err := OpenCatalog(t.Context(), CatalogParams{Path: path, Now: at(noon), snapshotFrom: 1, Warn: func(err error) { t.Errorf("set aside: %v", err) }})
	if err != nil {
		t.Fatal(detail(err))
	}
	return c
}

func anyProduct(t *rapid.T, id int64) catalog.Product {
	word := rapid.SampledFrom([]string{"", "乳品", "水果", "日用", "a\x00b"})
	return catalog.Product{
		ID: rapid.Int64().Draw(t, "row"), ShopID: 3, ProductID: id, Code: rapid.StringN(0, 8, 20).Draw(t, "code"),
		Name: rapid.StringN(1, 12, 40).Draw(t, "name"), Class: word.Draw(t, "class"), Unit: word.Draw(t, "unit"),
		Price: money.Fen(rapid.Int64Range(0, 1<<40).Draw(t, "price")), MemberPrice: money.Fen(rapid.Int64Range(0, 900).Draw(t, "member")),
		Pricing: catalog.Pricing(rapid.IntRange(0, 2).Draw(t, "pricing")), Sort: rapid.Int64Range(-5, 5).Draw(t, "sort"),
		Images: rapid.SliceOfN(rapid.StringN(0, 6, 20), 0, 3).Draw(t, "images"),
	}
}

// Whatever was synced, and whatever a crash, a power cut or a hand has left of the
// snapshot or of the cache, a start has just the products that the rows have.
func TestASnapshotNeverDiffersFromTheRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "catalog.db")
		snapshot := filepath.Join(dir, "catalog.snapshot")
		var oldSnapshots, oldCaches [][]byte
		for step := range rapid.IntRange(1, 6).Draw(rt, "starts") {
			c := snapshotted(t, path)
			got, err := c.Products(t.Context())
			if err != nil {
				rt.Fatal(detail(err))
			}
			if d := cmp.Diff(byID(rowsOf(t, c)), byID(got), cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("start %d (-rows +start):\n%s", step, d)
			}
			for range rapid.IntRange(0, 3).Draw(rt, "syncs") {
				ch := catalog.Change{At: noon.Add(time.Duration(step) * time.Minute)}
				ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 8), 0, 5, rapid.ID[int64]).Draw(rt, "put")
				for _, id := range ids {
					ch.Put = append(ch.Put, anyProduct(rt, id))
				}
				ch.Remove = rapid.SliceOfNDistinct(rapid.Int64Range(9, 12), 0, 2, rapid.ID[int64]).Draw(rt, "remove")
				if _, err := c.Apply(t.Context(), ch); err != nil {
					rt.Fatal(detail(err))
				}
			}
			shutNow(t, c)
			raw, err := os.ReadFile(snapshot)
			if err == nil {
				oldSnapshots = append(oldSnapshots, raw)
			}
			cache, err := os.ReadFile(path)
			if err != nil {
				rt.Fatal(err)
			}
			oldCaches = append(oldCaches, cache)
			spoil(rt, snapshot, path, raw, oldSnapshots, oldCaches)
		}
	})
}

// spoil does to the files what may happen to them between two starts.
func spoil(rt *rapid.T, snapshot, path string, raw []byte, oldSnapshots, oldCaches [][]byte) {
	write := func(name string, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			rt.Fatal(err)
		}
	}
	switch rapid.IntRange(0, 5).Draw(rt, "happens") {
	case 0: // killed before it was written
		_ = os.Remove(snapshot) // it may never have been there
	case 1: // an older one is put back
		if len(oldSnapshots) > 0 {
			write(snapshot, rapid.SampledFrom(oldSnapshots).Draw(rt, "older snapshot"))
		}
	case 2: // the cache is that of an earlier day
		write(path, rapid.SampledFrom(oldCaches).Draw(rt, "older cache"))
	case 3: // a byte is another
		if len(raw) > 0 {
			b := bytes.Clone(raw)
			b[rapid.IntRange(0, len(b)-1).Draw(rt, "at")] ^= byte(rapid.IntRange(1, 255).Draw(rt, "by"))
			write(snapshot, b)
		}
	case 4: // it was cut off
		if len(raw) > 0 {
			write(snapshot, raw[:rapid.IntRange(0, len(raw)-1).Draw(rt, "length")])
		}
	}
}

// sampled is a cache with a snapshot of three products, closed.
func sampled(t *testing.T) (path string, raw []byte, want []catalog.Product) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "catalog.db")
	want = []catalog.Product{product(1, "牛奶"), product(2, "茶"), product(3, "米")}
	c := snapshotted(t, path)
	c.must(t, 3, catalog.Change{Put: want, At: noon})
	shutNow(t, c)
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), "catalog.snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	return path, raw, want
}

func TestASnapshotWithAnyOtherByteIsIgnored(t *testing.T) {
	_, raw, _ := sampled(t)
	revision := string(raw[len(snapshotMagic)+sha256.Size:][:32])
	if ps, err := openSnapshot(raw, revision); err != nil || len(ps) != 3 {
		t.Fatalf("as it was written: %d products, %v", len(ps), err)
	}
	for i := range raw {
		for _, by := range []byte{1, 0x80, 0xff} {
			b := bytes.Clone(raw)
			b[i] ^= by
			if _, err := openSnapshot(b, revision); err == nil {
				t.Fatalf("byte %d ^ %#x is believed", i, by)
			}
		}
		if _, err := openSnapshot(raw[:i], revision); err == nil {
			t.Fatalf("the first %d bytes are believed", i)
		}
	}
	for _, other := range []string{"", revision[:31], "0" + revision[1:31] + "x"} {
		if _, err := openSnapshot(raw, other); err == nil {
			t.Errorf("it is believed for revision %q", other)
		}
	}
}

// A start without a good snapshot reads the rows and leaves a good one; with one
// it does not look at the rows at all.
func TestASnapshotIsReadAndRebuilt(t *testing.T) {
	path, raw, want := sampled(t)
	snapshot := filepath.Join(filepath.Dir(path), "catalog.snapshot")
	if err := os.WriteFile(snapshot, []byte("cashier products 1\nnonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := snapshotted(t, path)
	stock(t, c, want...)
	shutNow(t, c)
	if again, err := os.ReadFile(snapshot); err != nil || !bytes.Equal(again, raw) {
		t.Fatalf("it was not written anew as it was: %v", err)
	}
	c = snapshotted(t, path)
	t.Cleanup(func() { shutNow(t, c) })
	// A change of a row without another revision, which no sync makes.
	if _, err := c.write.Exec(`UPDATE products SET price = 1 WHERE product_id = 1`); err != nil {
		t.Fatal(err)
	}
	if ps, err := c.Products(t.Context()); err != nil || byID(ps)[0].Price != want[0].Price {
		t.Errorf("the snapshot was not read: %v, %v", ps, err)
	}
	if ps, err := c.Products(t.Context()); err != nil || byID(ps)[0].Price != 1 {
		t.Errorf("a second reading must see the rows: %v, %v", ps, err)
	}
}

// Each change of products draws another revision, and nothing else does.
func TestEachChangeDrawsARevision(t *testing.T) {
	c := openCatalog(t, CatalogParams{})
	seen := map[string]bool{}
	revision := func() (r string) {
		t.Helper()
		if _, err := one(t.Context(), c.read, revisionSQL, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for i, ch := range []catalog.Change{
		{Put: []catalog.Product{product(1, "牛奶")}}, {Put: []catalog.Product{product(1, "牛奶")}}, {Remove: []int64{1}}, {Put: []catalog.Product{product(1, "牛奶")}},
	} {
		ch.At = noon
		c.must(t, 1, ch)
		r := revision()
		if len(r) != 32 || seen[r] {
			t.Errorf("change %d: revision %q", i, r)
		}
		seen[r] = true
		c.must(t, 0, catalog.Change{At: noon.Add(time.Minute)})
		if revision() != r {
			t.Error("a sync that brought nothing drew a revision")
		}
	}
}

func TestAShortListHasNoSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c, err := OpenCatalog(t.Context(), CatalogParams{Path: path, Now: at(noon)})
	if err != nil {
		t.Fatal(err)
	}
	c.must(t, 1, catalog.Change{Put: []catalog.Product{product(1, "牛奶")}, At: noon})
	shutNow(t, c)
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*snapshot*")); len(left) > 0 {
		t.Errorf("there is %v", left)
	}
}

func FuzzDecodeProducts(f *testing.F) {
	e := newProductEncoder(2)
	for i, name := range []string{"牛奶", "茶"} {
		p := product(int64(i+1), name)
		e.add(&p)
	}
	f.Add(e.bytes())
	f.Add(newProductEncoder(0).bytes())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		ps, err := decodeProducts(raw)
		if err != nil {
			return
		}
		e := newProductEncoder(len(ps))
		for i := range ps {
			e.add(&ps[i])
		}
		again, err := decodeProducts(e.bytes())
		if d := cmp.Diff(ps, again); err != nil || d != "" {
			t.Fatalf("%v (-once +twice):\n%s", err, d)
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	e := newProductEncoder(100_000)
	for i := range int64(100_000) {
		p := product(i+1, fmt.Sprintf("伊利高钙低脂牛奶%d", i))
		p.Images = []string{fmt.Sprintf("/img/%d.jpg", i)}
		e.add(&p)
	}
	const revision = "0123456789abcdef0123456789abcdef"
	raw := closeSnapshot(revision, e.bytes())
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openSnapshot(raw, revision); err != nil {
			b.Fatal(err)
		}
	}
}
