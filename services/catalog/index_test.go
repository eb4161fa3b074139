package catalog_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/catalog"
)

func TestByCodeGives货号First(t *testing.T) {
	ix := catalog.NewIndex([]catalog.Product{
		{ProductID: 1, Code: "10001", Name: "甲", Sort: 3},
		{ProductID: 2, Code: "10002", Name: "乙", Sort: 2},
		{ProductID: 3, Code: "10001", Name: "丙", Sort: 1},
		{ProductID: 4, Code: "", Name: "丁"},
	}).WithBarcodes(map[string]int64{"6901": 1, "10001": 2, "10002": 2, "": 4, "6999": 77})
	for code, want := range map[string][]int64{
		"10001": {3, 1, 2}, "10002": {2}, "6901": {1}, "6999": nil, "": {4}, "1000": nil, "nothing": nil,
	} {
		if got := ids(ix.ByCode(code)); !slices.Equal(got, want) {
			t.Errorf("ByCode(%q) = %v, want %v", code, got, want)
		}
	}
	if got := found(ix, "690", 9); !slices.Equal(got, []int64{1}) {
		t.Errorf("a taught barcode is searched for: %v", got)
	}
	came := ix.With(catalog.Change{Put: []catalog.Product{{ProductID: 77, Name: "戊"}}})
	if got := ids(came.ByCode("6999")); !slices.Equal(got, []int64{77}) {
		t.Errorf("a barcode that waited for its product: %v", got)
	}
	if got := ids(ix.WithBarcodes(nil).ByCode("6901")); got != nil {
		t.Errorf("forgotten: %v", got)
	}
}

func ids(ps []catalog.Product) (out []int64) {
	for _, p := range ps {
		out = append(out, p.ProductID)
	}
	return out
}

func TestClasses(t *testing.T) {
	ix := catalog.NewIndex([]catalog.Product{
		{ProductID: 1, Class: "蔬菜", Sort: 2}, {ProductID: 2, Class: "水果", Sort: 1}, {ProductID: 3, Class: "", Sort: 3}, {ProductID: 4, Class: "水果", Sort: 4},
	})
	if want := []catalog.Class{{Name: "水果", Count: 2}, {Name: "蔬菜", Count: 1}, {Name: "", Count: 1}}; !slices.Equal(ix.Classes(), want) {
		t.Errorf("%v", ix.Classes())
	}
	for class, want := range map[string][]int64{"水果": {2, 4}, "蔬菜": {1}, "": {2, 1, 3, 4}, "?": nil} {
		if got := ids(ix.Class(class)); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", class, got, want)
		}
	}
}

// Any history of changes ends in the index that a start would build.
func TestWithIsANewIndex(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := map[int64]catalog.Product{}
		ix := catalog.NewIndex(nil)
		var taught map[string]int64
		var sold map[int64]int
		for range rapid.IntRange(1, 10).Draw(rt, "changes") {
			if rapid.Bool().Draw(rt, "prepared") {
				ix.Prepare()
			}
			before, was := ix, slices.Clone(ix.All())
			switch rapid.IntRange(0, 5).Draw(rt, "kind") {
			case 0:
				taught = barcodesOf(rt)
				ix = ix.WithBarcodes(taught)
			case 1:
				sold = salesOf(rt)
				ix = ix.WithSales(sold)
			default:
				ch := change(rt, now)
				ix = ix.With(ch)
				for _, p := range ch.Put {
					now[p.ProductID] = p
				}
				for _, id := range ch.Remove {
					delete(now, id)
				}
			}
			if !reflect.DeepEqual(before.All(), was) {
				rt.Fatalf("the index before has changed: %v, was %v", before.All(), was)
			}
		}
		var ps []catalog.Product
		for _, p := range now {
			ps = append(ps, p)
		}
		fresh := catalog.NewIndex(ps).WithBarcodes(taught).WithSales(sold)
		compareIndexes(rt, ix, fresh)
		ref := reference{fresh.All(), taught, sold}
		queries := []string{query(rt, ps), query(rt, ps)}
		for _, p := range fresh.All() {
			queries = append(queries, p.Name, p.Code)
		}
		for _, q := range queries {
			if got, want := found(ix, q, 10), ref.find(q, 10); !slices.Equal(got, want) {
				rt.Fatalf("Find(%q) = %v, want %v", q, got, want)
			}
		}
	})
}

// A product that changes its class alone leaves one shelf for the other, where it
// stands as in a new index.
func TestWithMovesAProductToItsNewClass(t *testing.T) {
	ps := []catalog.Product{
		{ProductID: 1, Code: "1", Name: "甲", Class: "蔬菜", Sort: 1}, {ProductID: 2, Code: "2", Name: "乙", Class: "水果", Sort: 2},
		{ProductID: 3, Code: "3", Name: "丙", Class: "蔬菜", Sort: 3},
	}
	ix := catalog.NewIndex(ps)
	moved := ps[0]
	moved.Class = "水果"
	next := ix.With(catalog.Change{Put: []catalog.Product{moved}})
	for class, want := range map[string][]int64{"水果": {1, 2}, "蔬菜": {3}} {
		if got := ids(next.Class(class)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", class, got, want)
		}
	}
	if want := []catalog.Class{{Name: "水果", Count: 2}, {Name: "蔬菜", Count: 1}}; !slices.Equal(next.Classes(), want) {
		t.Errorf("%v", next.Classes())
	}
	if got := ids(ix.Class("蔬菜")); !slices.Equal(got, []int64{1, 3}) {
		t.Errorf("the index before has changed: %v", got)
	}
	last := moved
	last.Class = "干货" // a class that nobody had
	if got := ids(next.With(catalog.Change{Put: []catalog.Product{last}}).Class("干货")); !slices.Equal(got, []int64{1}) {
		t.Errorf("a new class: %v", got)
	}
}

// change draws new products and old ones that are gone or have changed, one
// thing at a time or all at once.
func change(t *rapid.T, now map[int64]catalog.Product) (ch catalog.Change) {
	for _, p := range goods(t, 6) {
		if _, had := now[p.ProductID]; !had {
			ch.Put = append(ch.Put, p)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		p := now[id]
		switch rapid.SampledFrom([]string{"", "", "", "", "gone", "name", "class", "code", "sort", "price"}).Draw(t, "what") {
		case "":
			continue
		case "gone":
			ch.Remove = append(ch.Remove, id)
			continue
		case "name":
			p.Name = rapid.SampledFrom([]string{"大米", "红茶", "五粮液", "苹果醋"}).Draw(t, "name")
		case "class":
			p.Class += "一"
		case "code":
			p.Code = rapid.SampledFrom([]string{p.Code + "1", p.Code[:len(p.Code)/2]}).Draw(t, "code")
		case "sort":
			p.Sort += rapid.SampledFrom([]int64{-1, 1}).Draw(t, "by")
		case "price":
			p.Price++
		}
		ch.Put = append(ch.Put, p)
	}
	return ch
}

func compareIndexes(t *rapid.T, got, want *catalog.Index) {
	t.Helper()
	same := func(what string, g, w any) {
		t.Helper()
		if !reflect.DeepEqual(g, w) {
			t.Fatalf("%s: %+v, want %+v", what, g, w)
		}
	}
	same("all", append([]catalog.Product{}, got.All()...), append([]catalog.Product{}, want.All()...))
	same("classes", got.Classes(), want.Classes())
	for _, c := range want.Classes() {
		same("class "+c.Name, got.Class(c.Name), want.Class(c.Name))
	}
	for id := range int64(31) {
		p, ok := got.ByProductID(id)
		q, wantOK := want.ByProductID(id)
		same("by id", p, q)
		same("by id", ok, wantOK)
	}
	for _, p := range want.All() {
		same("by code "+p.Code, got.ByCode(p.Code), want.ByCode(p.Code))
	}
}

// Two changes of the same index teach it characters of the same reading, each in
// its own order.
func TestSiblingsShareNoNewCharacters(t *testing.T) {
	ix := catalog.NewIndex([]catalog.Product{{ProductID: 1, Name: "苹平瓶"}})
	ix.Prepare()
	put := func(name string) *catalog.Index {
		return ix.With(catalog.Change{Put: []catalog.Product{{ProductID: 2, Name: name}}})
	}
	one, two := put("萍"), put("花萍")
	if got := found(one, "ping", 9); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("萍: %v", got)
	}
	if got := found(two, "huaping", 9); !slices.Equal(got, []int64{2}) {
		t.Errorf("花萍: %v", got)
	}
}

func TestWithCopiesOnlyWhatItMust(t *testing.T) {
	ps, _ := shopOf(t, 5000)
	ix := catalog.NewIndex(ps)
	ix.Prepare()
	p := ps[77]
	p.Price++
	price := catalog.Change{Put: []catalog.Product{p}}
	if n := testing.AllocsPerRun(10, func() { ix.With(price) }); n > 10 {
		t.Errorf("one price: %v allocations", n)
	}
	p.Name = strings.Replace(p.Name, "大", "小", 1) + "新"
	name := catalog.Change{Put: []catalog.Product{p}}
	if n := testing.AllocsPerRun(10, func() { ix.With(name) }); n > 3000 {
		t.Errorf("one name: %v allocations", n)
	}
	if ix.With(catalog.Change{}) != ix || ix.With(catalog.Change{Remove: []int64{-1}}) != ix {
		t.Error("no change, another index")
	}
}
