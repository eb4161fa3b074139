package catalog_test

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"cashier/assets/demoshop"
	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/shopdata"
)

var million = flag.Bool("million", false, "search a shop of 1,000,000 products as well")

func sizes() []int {
	ns := []int{1_000, 10_000, 100_000}
	if *million {
		ns = append(ns, 1_000_000)
	}
	return ns
}

var (
	shopMu    sync.Mutex
	shopGoods []catalog.Product
)

// shopOf is a generated shop of n products, each shop the beginning of a
// larger one; every third product has a barcode that was taught.
func shopOf(tb testing.TB, n int) ([]catalog.Product, map[string]int64) {
	tb.Helper()
	shopMu.Lock()
	defer shopMu.Unlock()
	if len(shopGoods) < n {
		shopGoods = generate(tb, n)
	}
	goods := slices.Clone(shopGoods[:n])
	taught := make(map[string]int64, n/3)
	for i := 0; i < n; i += 3 {
		taught[strconv.FormatInt(6900000000000+int64(i)*7919, 10)] = goods[i].ProductID
	}
	return goods, taught
}

func generate(tb testing.TB, n int) []catalog.Product {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "shop")
	if err := demoshop.Generate(dir, n, 0, 1); err != nil {
		tb.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "shop.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var shop struct {
		Classes  []shopdata.Class
		Products []shopdata.Product
	}
	if err := json.Unmarshal(raw, &shop); err != nil {
		tb.Fatal(err)
	}
	class := map[int64]string{}
	for _, c := range shop.Classes {
		class[c.ID] = c.Name
	}
	goods := make([]catalog.Product, len(shop.Products))
	for i, p := range shop.Products {
		goods[i] = catalog.Product{
			ID: p.ProductID, ShopID: 1, ProductID: p.ProductID, Code: p.ProductCode, Name: p.ProductName,
			Class: class[p.ClassID], Unit: p.ProductUnit, Price: p.Price, MemberPrice: p.MemberPrice,
			Pricing: catalog.Pricing(p.PricingType), Sort: int64(p.Sort),
		}
	}
	return goods
}

// typing are what cashiers type, one keystroke after another: in characters, by
// initials, in full, mixed, on the number pad, by 货号, by barcode, and in vain.
var typing = []string{
	"红富士苹果", "牛奶", "可乐", "特小凤西瓜", "500g", "有机",
	"hfspg", "pg", "nn", "kkkl", "ygmgpt", "cqhg",
	"hongfushi", "pingguo", "niunai", "xihongshi", "zhurou",
	"hongfs", "hfushi", "niun", "zhg",
	"466437474", "74", "66", "64864", "437",
	"10001", "57312", "99999", "690000", "6900000000000",
	"没有这个", "zzzz", "000000",
}

func keystrokes() (queries []string) {
	for _, word := range typing {
		r := []rune(word)
		for i := range r {
			queries = append(queries, string(r[:i+1]))
		}
	}
	return queries
}

// stopwatch collects what each keystroke takes, over and over.
type stopwatch map[string][]time.Duration

func (w stopwatch) time(query string, find func(string)) {
	start := time.Now()
	find(query)
	w[query] = append(w[query], time.Since(start))
}

// report gives the percentiles of all that was timed, and quiet ones, of the
// fastest time of each keystroke: what it takes while no other program of the
// machine is in between. sum is that of the quiet ones.
func (w stopwatch) report(b *testing.B, unit string) (sum time.Duration) {
	var all, quiet []time.Duration
	for _, took := range w {
		all = append(all, took...)
		quiet = append(quiet, slices.Min(took))
		sum += slices.Min(took)
	}
	for name, times := range map[string][]time.Duration{"": all, "quiet-": quiet} {
		slices.Sort(times)
		for _, percent := range []int{50, 99} {
			b.ReportMetric(float64(times[len(times)*percent/100].Microseconds()), fmt.Sprintf("%sp%d-µs%s", name, percent, unit))
		}
	}
	return sum
}

const shelf = 120 // as many as the shelf shows

// tillOf is an index with everything in it that Find looks at.
func tillOf(b *testing.B, n int) *catalog.Index {
	b.Helper()
	goods, taught := shopOf(b, n)
	sold := map[int64]int{}
	for i := 0; i < n; i += 17 {
		sold[goods[i].ProductID] = i * 31 % 997
	}
	ix := catalog.NewIndex(goods).WithBarcodes(taught).WithSales(sold)
	ix.Prepare()
	return ix
}

// BenchmarkFind is one keystroke in the till.
func BenchmarkFind(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ix, queries, watch := tillOf(b, n), keystrokes(), stopwatch{}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				watch.time(queries[i%len(queries)], func(q string) { ix.Find(q, shelf) })
			}
			watch.report(b, "")
		})
	}
}

// BenchmarkLike is the floor: the same keystrokes in SQL on the same rows, which
// finds nothing by pinyin. Both take turns, so that the ratio holds on a busy
// machine.
func BenchmarkLike(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ix, queries := tillOf(b, n), keystrokes()
			find, err := tableOf(b, ix.All()).Prepare(`SELECT product_id FROM products WHERE name LIKE ?1 OR code LIKE ?1 ORDER BY sort, code, product_id LIMIT ?2`)
			if err != nil {
				b.Fatal(err)
			}
			defer find.Close()
			sql, ours := stopwatch{}, stopwatch{}
			for i := 0; b.Loop(); i++ {
				q := queries[i%len(queries)]
				sql.time(q, func(q string) { like(b, find, q) })
				ours.time(q, func(q string) { ix.Find(q, shelf) })
			}
			sum := sql.report(b, "")
			b.ReportMetric(float64(sum)/float64(ours.report(b, "-Find")), "×Find")
		})
	}
}

// tableOf is the till's own cache of the goods.
func tableOf(b *testing.B, goods []catalog.Product) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "catalog.db")
	cache, err := localdb.OpenCatalog(b.Context(), localdb.CatalogParams{Path: path, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := cache.Apply(b.Context(), catalog.Change{Put: goods, At: time.Now()}); err != nil {
		b.Fatal(err)
	}
	if err := cache.Shut(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?_pragma=cache_size(-65536)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

func like(b *testing.B, find *sql.Stmt, query string) {
	escaped := strings.NewReplacer("%", "", "_", "").Replace(query)
	rows, err := find.Query("%"+escaped+"%", shelf)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var id int64
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// quietly reports the fastest time as well.
func quietly(b *testing.B, f func()) {
	fastest := time.Hour
	for b.Loop() {
		start := time.Now()
		f()
		fastest = min(fastest, time.Since(start))
	}
	b.ReportMetric(float64(fastest.Microseconds()), "quiet-µs")
}

// BenchmarkNewIndex is what a start waits for; BenchmarkPrepare is done while
// the first customer unpacks.
func BenchmarkNewIndex(b *testing.B) {
	for _, n := range sizes() {
		goods, _ := shopOf(b, n)
		for _, order := range []string{"in order", "in none"} {
			b.Run(fmt.Sprintf("%s/%d", order, n), func(b *testing.B) {
				b.ReportAllocs()
				quietly(b, func() { catalog.NewIndex(goods) })
			})
			slices.SortFunc(goods, func(p, q catalog.Product) int { return strings.Compare(p.Name, q.Name) })
		}
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, n := range sizes() {
		goods, taught := shopOf(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			plain := catalog.NewIndex(goods)
			b.ReportAllocs()
			quietly(b, func() { plain.WithBarcodes(taught).Prepare() })
		})
	}
}

// BenchmarkWith is one changed product of many. A copy of the products is the
// floor.
func BenchmarkWith(b *testing.B) {
	for name, change := range map[string]func(p *catalog.Product) catalog.Change{
		"price": func(p *catalog.Product) catalog.Change {
			p.Price += 10
			return catalog.Change{Put: []catalog.Product{*p}}
		},
		"name": func(p *catalog.Product) catalog.Change {
			p.Name += "新"
			return catalog.Change{Put: []catalog.Product{*p}}
		},
		"gone": func(p *catalog.Product) catalog.Change { return catalog.Change{Remove: []int64{p.ProductID}} },
	} {
		for _, n := range sizes() {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				goods, taught := shopOf(b, n)
				ix := catalog.NewIndex(goods).WithBarcodes(taught)
				ix.Prepare()
				p := goods[n/2]
				ch := change(&p)
				var with, floor []time.Duration
				b.ReportAllocs()
				for b.Loop() {
					start := time.Now()
					ix.With(ch)
					between := time.Now()
					runtime.KeepAlive(slices.Clone(goods))
					with, floor = append(with, between.Sub(start)), append(floor, time.Since(between))
				}
				b.ReportMetric(float64(slices.Min(with).Microseconds()), "quiet-µs")
				b.ReportMetric(float64(slices.Min(floor).Microseconds()), "quiet-µs-copy")
			})
		}
	}
}

// BenchmarkClass is a class switch.
func BenchmarkClass(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			goods, _ := shopOf(b, n)
			ix := catalog.NewIndex(goods)
			classes := ix.Classes()
			i := 0
			b.ReportAllocs()
			quietly(b, func() { ix.Class(classes[i%len(classes)].Name); i++ })
		})
	}
}

// BenchmarkMemory reports what an index holds beyond the products themselves,
// its texts and its own ordered copy of them.
func BenchmarkMemory(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			goods, taught := shopOf(b, n)
			var ix *catalog.Index
			before := live()
			for b.Loop() {
				ix = catalog.NewIndex(goods).WithBarcodes(taught).WithSales(map[int64]int{goods[0].ProductID: 1})
				ix.Prepare()
			}
			held := live() - before - uint64(n)*uint64(unsafe.Sizeof(goods[0]))
			b.ReportMetric(float64(held)/float64(n), "B/product")
			b.ReportMetric(float64(held)/1e6, "MB")
			runtime.KeepAlive(ix)
			runtime.KeepAlive(goods)
		})
	}
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
