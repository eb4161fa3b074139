package demoshop

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"cashier/services/shopdata"
)

// fingerprint of all names and bytes below a folder.
func fingerprint(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		h.Write([]byte(path + "\x00"))
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func generate(t *testing.T, products int, seed uint64) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	if err := Generate(dir, products, 0, seed); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestGenerateIsDeterministic(t *testing.T) {
	first := fingerprint(t, generate(t, 700, 7))
	if again := fingerprint(t, generate(t, 700, 7)); again != first {
		t.Error("the same number and seed gave another shop")
	}
	if other := fingerprint(t, generate(t, 700, 8)); other == first {
		t.Error("another seed gave the same shop")
	}
}

// A larger shop of the same seed begins with the smaller one, so that figures
// measured over N differ by N alone.
func TestGenerateGrows(t *testing.T) {
	small, large := read(t, os.DirFS(generate(t, 120, 3))), read(t, os.DirFS(generate(t, 900, 3)))
	if !slices.EqualFunc(small.Products, large.Products[:120], func(a, b product) bool {
		return a.ProductName == b.ProductName && a.BarCode == b.BarCode && a.Price == b.Price && a.Images[0] == b.Images[0]
	}) {
		t.Error("the first products differ")
	}
}

func TestGeneratedShop(t *testing.T) {
	const n = 20_000
	dir := generate(t, n, 42)
	b := read(t, os.DirFS(dir))
	if len(b.Products) != n {
		t.Fatalf("%d products", len(b.Products))
	}
	_, _, shelved := allKinds()
	checkProducts(t, b.Products, len(shelved))

	names, types, classes := map[string]bool{}, map[int]int{}, map[int]int{}
	member, length := 0, 0
	for _, p := range b.Products {
		names[p.ProductName] = true
		types[p.PricingType]++
		classes[p.ClassID]++
		length += utf8.RuneCountInString(p.ProductName)
		if p.MemberPrice != "0.00" {
			member++
		}
	}
	if len(names) != n {
		t.Errorf("%d names for %d products", len(names), n)
	}
	if len(types) != 3 || len(classes) != len(shelved) || len(shelved) < 40 || len(shelved) > 50 {
		t.Errorf("pricing types %v, classes %v", types, classes)
	}
	if share := member * 100 / n; share < 36 || share > 44 {
		t.Errorf("%d %% have a member price", share)
	}
	if mean := length / n; mean < 7 || mean > 16 {
		t.Errorf("a name has %d characters", mean)
	}
	files, err := os.ReadDir(filepath.Join(dir, "pictures"))
	if err != nil || len(files) < 100 || len(files) > 300 {
		t.Errorf("%d pictures (%v)", len(files), err)
	}
	if _, err := shopdata.Load(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
}

// Pictures drawn for a shop are as many as were asked for, no two alike, each a
// picture and each shown by a product that looks like it.
func TestGenerateDrawsPictures(t *testing.T) {
	for _, c := range []struct{ products, pictures, want int }{{12000, 10_000, 10_000}, {40, 1000, 40}, {500, 7, 7}, {2, 1, 1}} {
		dir := filepath.Join(t.TempDir(), "shop")
		if err := Generate(dir, c.products, c.pictures, 9); err != nil {
			t.Fatal(err)
		}
		used, alike := map[string]bool{}, map[string]string{}
		for _, p := range read(t, os.DirFS(dir)).Products {
			used[p.Images[0]] = true
		}
		files, err := fs.Glob(os.DirFS(dir), "pictures/*")
		if err != nil || len(files) != c.want || len(used) != c.want {
			t.Errorf("%+v: %d files, %d in use (%v)", c, len(files), len(used), err)
		}
		for _, name := range files {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil || img.Bounds().Dx() != drawnSide || img.Bounds().Dy() != drawnSide {
				t.Fatalf("%s: %v", name, err)
			}
			if r, g, b, _ := img.At(0, drawnSide-1).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff {
				t.Errorf("%s: its corner is %v, not paper", name, img.At(0, drawnSide-1))
			}
			if other := alike[string(raw)]; other != "" || !used[name] {
				t.Errorf("%s: like %q, in use %v", name, other, used[name])
			}
			alike[string(raw)] = name
		}
		if _, err := shopdata.Load(os.DirFS(dir)); err != nil {
			t.Error(err)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	full := t.TempDir()
	keep := filepath.Join(full, "keep.txt")
	if err := os.WriteFile(keep, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		dir      string
		products int
		pictures int
		want     error
	}{
		{"none", filepath.Join(t.TempDir(), "a"), 0, 0, ErrCount},
		{"negative", filepath.Join(t.TempDir(), "a"), -1, 0, ErrCount},
		{"too many", filepath.Join(t.TempDir(), "a"), MaxProducts + 1, 0, ErrCount},
		{"less than no pictures", filepath.Join(t.TempDir(), "a"), 10, -1, ErrPictures},
		{"too many pictures", filepath.Join(t.TempDir(), "a"), 10, MaxPictures + 1, ErrPictures},
		{"not empty", full, 10, 0, ErrNotEmpty},
	} {
		if err := Generate(c.dir, c.products, c.pictures, 1); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := Generate(keep, 10, 0, 1); err == nil {
		t.Error("a file was taken for a folder")
	}
	if b, err := os.ReadFile(keep); err != nil || string(b) != "mine" {
		t.Errorf("the file there before: %q, %v", b, err)
	}
	if left, err := os.ReadDir(full); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestGenerateFillsAnEmptyFolder(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "shop")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Generate(dir, 5, 0, 1); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, os.DirFS(dir)).Products); n != 5 {
		t.Errorf("%d products", n)
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Nothing half done stays when the disk gives up: below a file no folder can
// be made, and the working folder cannot be replaced once all is written.
func TestGenerateLeavesNothingBehind(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Generate(filepath.Join(file, "shop"), 5, 0, 1); err == nil {
		t.Error("wrote below a file")
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}

	t.Chdir(t.TempDir())
	if err := Generate(".", 5, 0, 1); err == nil {
		t.Error("replaced the working folder")
	}
	if left, err := os.ReadDir("."); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Any product of any seed can be sold, and no two of a seed share a barcode.
func TestProductsOfAnySeed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g, err := newGoods(rapid.Uint64().Draw(rt, "seed"), rapid.SampledFrom([]int{0, 1, 50, 1000}).Draw(rt, "shots"))
		if err != nil {
			rt.Fatal(err)
		}
		i := rapid.IntRange(0, MaxProducts-1).Draw(rt, "i")
		j := rapid.IntRange(0, MaxProducts-1).Draw(rt, "j")
		p, q := g.product(i), g.product(j)
		checkSale(rt.Errorf, &p)
		if barcode(i, g.seed) == barcode(j, g.seed) && i != j {
			rt.Errorf("products %d and %d share barcode %s", i, j, barcode(i, g.seed))
		}
		if (p.ProductCode == q.ProductCode) != (i == j) {
			rt.Errorf("products %d and %d: 货号 %s and %s", i, j, p.ProductCode, q.ProductCode)
		}
		if !validEAN13(barcode(i, g.seed)) {
			rt.Errorf("barcode %s", barcode(i, g.seed))
		}
		if i%len(g.kinds) == j%len(g.kinds) && i != j && p.ProductName == q.ProductName {
			rt.Errorf("products %d and %d are both called %s", i, j, p.ProductName)
		}
	})
}

// Every kind names goods whose picture exists, and can be told apart.
func TestKinds(t *testing.T) {
	g, err := newGoods(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	for _, k := range g.kinds {
		if k.low < 10 || k.high <= k.low || len(k.images) == 0 || k.unit == "" {
			t.Errorf("%s: %+v", k.words, k.kind)
		}
		for slot, p := range k.parts {
			if len(p) == 0 {
				t.Errorf("%s: part %d is empty", k.words, slot)
			}
		}
		for _, v := range k.parts[varietySlot] {
			if other, ok := owner[v]; ok {
				t.Errorf("%s is in two kinds: %s and %s", v, other, k.words)
			}
			owner[v] = k.words
		}
	}
}

func BenchmarkGenerate100k(b *testing.B) {
	for b.Loop() {
		if err := Generate(filepath.Join(b.TempDir(), "shop"), 100_000, 10_000, 42); err != nil {
			b.Fatal(err)
		}
	}
}
