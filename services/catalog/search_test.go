package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/catalog"
)

func found(ix *catalog.Index, query string, limit int) (ids []int64) {
	for _, p := range ix.Find(query, limit) {
		ids = append(ids, p.ProductID)
	}
	return ids
}

func TestFindTakesWhatPeopleType(t *testing.T) {
	for _, c := range []struct{ name, queries string }{
		{"红富士苹果", "红富士 富士 果 hongfushi hfs hfspg hongfs hfushi hongfush fushi fspg ping pg HFS ｈｆｓ 466437 437 43774 74644"},
		{"重庆火锅底料", "cqhg chongqing cq zhongqing zqhg chongqhg 火锅 hg 2744 24664"},
		{"五粮液 行家版", "hangjia xingjia hj xj wlyhjb wlyxj wuly"},
		{"可乐", "kl kele ky keyue kel 535 55"},
		{"长白山人参", "cbs zbs changbaishan cbsrs cbsrc zhangb"},
		{"中国劲酒", "zg zhg zhguo zhongg zhongguo zgjj 94664486 94"},
		{"绿茶", "lvcha lv LÜ lü lc lvc 582"},
		{"女儿红", "nverhong nü'er neh n'e'h"},
		{"西安凉皮", "xi'an xian xa xalp xanlp"},
		{"蘋果汁", "pingguozhi pgz 蘋果"},
		{"ＡＢＣ牛奶 ２５０ｍｌ", "abc ABC牛奶 abcnn abcniunai nn250ml 牛奶250 250ML abcnn2 66250"},
		{"Lay's 乐事", "lays lay’s laysls"},
		{"【特价】双汇火腿肠", "特价 tj tejia shhtc shuanghui 双汇"},
	} {
		ix := catalog.NewIndex([]catalog.Product{
			{ProductID: 1, Name: "丂", Code: "x"}, // 丂 is kao, qiao or yu
			{ProductID: 2, Name: c.name, Code: "Ab-10023"},
		})
		for query := range strings.FieldsSeq(c.queries + " Ab-10023 ab-1 10023 B-1") {
			if got := found(ix, query, 10); !slices.Equal(got, []int64{2}) {
				t.Errorf("%s by %q: %v", c.name, query, got)
			}
		}
	}
}

func TestFindTakesNothingElse(t *testing.T) {
	ix := catalog.NewIndex([]catalog.Product{{ProductID: 1, Name: "红富士苹果", Code: "10001"}})
	for _, query := range []string{
		"", " ", "'", "ongfu", "hongfushipingguo1", "hshi", "hfsg", "苹红", "红苹", "hong富", "0001 1", "2", "10 0011", "4664381", "\xff", "%", strings.Repeat("h", 70),
	} {
		if got := found(ix, query, 10); got != nil {
			t.Errorf("%q: %v", query, got)
		}
	}
	if got := found(ix, "hfs", 0); got != nil {
		t.Error("no limit, no products")
	}
	if got := found(ix, "hfs", -1); got != nil {
		t.Error("a limit below 0")
	}
	if got := found(catalog.NewIndex(nil), "hfs", 10); got != nil {
		t.Error("an empty shop")
	}
}

func TestRanksThenSalesThenHQ(t *testing.T) {
	names := []string{"小白菜bc", "bc酱", "白菜", "本草", "bcd", "白菜", "白茶盒"}
	var ps []catalog.Product
	for i, n := range names {
		ps = append(ps, catalog.Product{ProductID: int64(i + 1), Name: n, Sort: int64(i)})
	}
	ix := catalog.NewIndex(ps).WithBarcodes(map[string]int64{"bc": 7})
	if got, want := found(ix, "bc", 10), []int64{7, 2, 5, 3, 4, 6, 1}; !slices.Equal(got, want) {
		t.Errorf("HQ's order: %v, want %v", got, want)
	}
	sold := ix.WithSales(map[int64]int{6: 2, 4: 3, 5: 1, 1: 100, 99: 5})
	if got, want := found(sold, "bc", 10), []int64{7, 5, 2, 4, 6, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("by sales: %v, want %v", got, want)
	}
	if got, want := found(sold, "bc", 3), []int64{7, 5, 2}; !slices.Equal(got, want) {
		t.Errorf("the best three: %v, want %v", got, want)
	}
	if got, want := found(ix, "bc", 10), []int64{7, 2, 5, 3, 4, 6, 1}; !slices.Equal(got, want) {
		t.Errorf("the index without sales has changed: %v, want %v", got, want)
	}
}

// goods are drawn from few characters, most of them with several readings, so
// that much matches, and in many ways.
func goods(t *rapid.T, most int) (ps []catalog.Product) {
	name := rapid.StringOfN(rapid.SampledFrom([]rune("重庆行长乐大米苹果红白可绿女番茄薄荷石榴嗯欸中双朝阿ABbＣ05５üé· '（")), 1, 7, -1)
	code := rapid.StringOfN(rapid.SampledFrom([]rune("0257aB")), 0, 4, -1)
	ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 30), 0, most, rapid.ID[int64]).Draw(t, "ids")
	for _, id := range ids {
		ps = append(ps, catalog.Product{
			ProductID: id, Name: name.Draw(t, "name"), Code: code.Draw(t, "code"), Sort: rapid.Int64Range(0, 2).Draw(t, "sort"),
			Class: rapid.SampledFrom([]string{"", "水果", "蔬菜"}).Draw(t, "class"), Price: 100,
		})
	}
	return ps
}

// query types a product from some character on as somebody might, and stops
// somewhere.
func query(t *rapid.T, ps []catalog.Product) string {
	if len(ps) == 0 || rapid.IntRange(0, 9).Draw(t, "anything") == 0 {
		return rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9]{1,4}`)).Draw(t, "query")
	}
	p := rapid.SampledFrom(ps).Draw(t, "of")
	text := rapid.SampledFrom([]string{p.Name, p.Name, p.Name, p.Code}).Draw(t, "text")
	way := rapid.SampledFrom([]way{initials, full, mixed, mixed, mixed}).Draw(t, "way")
	var typed strings.Builder
	for _, r := range []rune(text)[rapid.IntRange(0, max(0, len([]rune(text))-1)).Draw(t, "from"):] {
		of := refReadings(refFold(string(r)))
		if of == nil || rapid.IntRange(0, 9).Draw(t, "as written") == 0 {
			typed.WriteRune(r)
			continue
		}
		typed.WriteString(rapid.SampledFrom(way(rapid.SampledFrom(of[0]).Draw(t, "reading"))).Draw(t, "typed"))
	}
	q := []rune(typed.String())
	q = q[:rapid.IntRange(0, len(q)).Draw(t, "stop")]
	if rapid.IntRange(0, 2).Draw(t, "keypad") == 2 {
		return refKeys(string(q))
	}
	return string(q)
}

func barcodesOf(t *rapid.T) map[string]int64 {
	return rapid.MapOfN(rapid.StringMatching(`[0257a]{1,5}`), rapid.Int64Range(1, 30), 0, 6).Draw(t, "taught")
}

func salesOf(t *rapid.T) map[int64]int {
	return rapid.MapOfN(rapid.Int64Range(1, 30), rapid.IntRange(0, 3), 0, 20).Draw(t, "sold")
}

func TestFindIsTheReference(t *testing.T) {
	hits := map[int]int{}
	rapid.Check(t, func(rt *rapid.T) {
		taught, sold := barcodesOf(rt), salesOf(rt)
		ix := catalog.NewIndex(goods(rt, 20)).WithBarcodes(taught).WithSales(sold)
		ref := reference{ix.All(), taught, sold}
		for range 40 {
			q, limit := query(rt, ix.All()), rapid.SampledFrom([]int{1, 2, 5, 100}).Draw(rt, "limit")
			got, want := found(ix, q, limit), ref.find(q, limit)
			if !slices.Equal(got, want) {
				rt.Fatalf("Find(%q, %d) = %v, want %v", q, limit, got, want)
			}
			for _, id := range want {
				p, _ := ix.ByProductID(id)
				hits[ref.rank(q, p)]++
			}
		}
	})
	for r := refExact; r < refNone; r++ {
		if hits[r] == 0 {
			t.Errorf("nothing of rank %d was ever found: the test looks away", r)
		}
	}
}

func TestFindIsTheReferenceInAShop(t *testing.T) {
	ps, taught := shopOf(t, 200)
	sold := map[int64]int{}
	for i := 0; i < len(ps); i += 7 {
		sold[ps[i].ProductID] = i % 5
	}
	ix := catalog.NewIndex(ps).WithBarcodes(taught).WithSales(sold)
	ref := reference{ps, taught, sold}
	for _, q := range keystrokes() {
		if got, want := found(ix, q, 20), ref.find(q, 20); !slices.Equal(got, want) {
			t.Errorf("Find(%q) = %v, want %v", q, got, want)
		}
	}
}

// Whoever looks at the first product while typing must not find another one in
// its place without a reason.
func TestTheFirstStaysWhileTypingOn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sold := salesOf(rt)
		ix := catalog.NewIndex(goods(rt, 12)).WithSales(sold)
		ref := reference{products: ix.All(), sold: sold}
		word := []rune(query(rt, ix.All()))
		for i := 1; i < len(word); i++ {
			before, after := ix.Find(string(word[:i]), 1), ix.Find(string(word[:i+1]), 1)
			if len(after) == 0 {
				return
			}
			if len(before) == 0 && strings.Trim(string(word[:i]), " '’") == "" {
				continue
			}
			if len(before) == 0 {
				rt.Fatalf("%q finds what %q does not", string(word[:i+1]), string(word[:i]))
			}
			was, is := ref.rank(string(word[:i+1]), before[0]), ref.rank(string(word[:i+1]), after[0])
			if ref.rank(string(word[:i]), before[0]) == was && before[0].ProductID != after[0].ProductID && is >= was {
				rt.Fatalf("%q: %v, then %q: %v", string(word[:i]), before[0].Name, string(word[:i+1]), after[0].Name)
			}
		}
	})
}

func TestMoreCharactersThanThereAreGlyphs(t *testing.T) {
	var ps []catalog.Product
	for r := rune(0x4E00); len(ps) < 700; { // 70,000 different characters
		name := make([]rune, 0, 100)
		for ; len(name) < cap(name); r++ {
			if r < 0xD800 || r > 0xFFFF {
				name = append(name, r)
			}
		}
		ps = append(ps, catalog.Product{ProductID: int64(len(ps) + 1), Name: string(name), Code: fmt.Sprint(10000 + len(ps))})
	}
	ix := catalog.NewIndex(ps)
	for _, p := range []catalog.Product{ps[0], ps[699]} {
		if got := found(ix, p.Code, 9); len(got) != 1 || got[0] != p.ProductID {
			t.Errorf("%s: %v", p.Code, got)
		}
	}
	if got := found(ix, "一丁", 9); !slices.Equal(got, []int64{1}) {
		t.Errorf("the first characters: %v", got)
	}
	last := []rune(ps[699].Name)
	if got := found(ix, string(last[:2]), 9); got != nil {
		t.Errorf("the last characters have no glyph left: %v", got)
	}
}

func TestFindWhileOthersPrepare(t *testing.T) {
	ps, taught := shopOf(t, 2000)
	ix := catalog.NewIndex(ps)
	next := ix.WithBarcodes(taught).With(catalog.Change{Remove: []int64{ps[5].ProductID}})
	want := found(catalog.NewIndex(ps), "hfs", 50)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(ix.Prepare)
		wg.Go(func() {
			if got := found(ix, "hfs", 50); !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
		wg.Go(func() {
			if got := next.With(catalog.Change{Put: ps[5:6]}).Find(ps[5].Code, 1); len(got) != 1 {
				t.Error("not put back")
			}
		})
	}
	wg.Wait()
}

func FuzzFind(f *testing.F) {
	taught, sold := map[string]int64{"6901234567892": 2, "10001": 3, "20ml": 1}, map[int64]int{3: 5, 4: 1}
	ix := catalog.NewIndex([]catalog.Product{
		{ProductID: 1, Code: "10001", Name: "红富士苹果"},
		{ProductID: 2, Code: "10002", Name: "重庆火锅ＡＢ 520ml"},
		{ProductID: 3, Code: "ab-3", Name: "长白山绿豆 (2斤)"},
		{ProductID: 4, Code: "", Name: "Müller's 乐事㐀𠀀"},
	}).WithBarcodes(taught).WithSales(sold)
	ref := reference{ix.All(), taught, sold}
	for _, q := range []string{"pg", "苹", "\xff\x00", "１０", " ", "hongfs", "466437", "zhqhg", "lvd", "20ml", "mvllersls", "69", "cqhgab520", "𠀀"} {
		f.Add(q, 3)
	}
	f.Fuzz(func(t *testing.T, q string, limit int) {
		if got, want := found(ix, q, limit), ref.find(q, limit); !slices.Equal(got, want) {
			t.Fatalf("Find(%q, %d) = %v, want %v", q, limit, got, want)
		}
	})
}
