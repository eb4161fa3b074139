package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/money"
)

func offer(id int64, change func(*catalog.Offer)) catalog.Offer {
	o := catalog.Offer{
		ID: id + 1000, ShopID: 1, ProductID: id, Code: fmt.Sprint(10000 + id), Name: fmt.Sprintf("商品%d", id),
		Class: "水果", Unit: "斤", Price: decimal.New(598, -2), HasPrice: true, Pricing: "1", Sort: id,
	}
	if change != nil {
		change(&o)
	}
	return o
}

func TestAccept(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*catalog.Offer)
		code   string
	}{
		"good":                {nil, ""},
		"free":                {func(o *catalog.Offer) { o.Price = decimal.Zero }, ""},
		"trailing zeros":      {func(o *catalog.Offer) { o.Price = decimal.New(80000, -4) }, ""},
		"no price":            {func(o *catalog.Offer) { o.HasPrice = false }, "catalog.no_price"},
		"negative price":      {func(o *catalog.Offer) { o.Price = decimal.New(-1, -2) }, "catalog.bad_price"},
		"a tenth of a fen":    {func(o *catalog.Offer) { o.Price = decimal.New(5985, -3) }, "catalog.bad_price"},
		"astronomic":          {func(o *catalog.Offer) { o.Price = decimal.New(1, 12) }, "catalog.bad_price"},
		"member price a fen/": {func(o *catalog.Offer) { o.MemberPrice = decimal.New(1, -3) }, "catalog.bad_member_price"},
		"unknown pricing":     {func(o *catalog.Offer) { o.Pricing = "3" }, "catalog.bad_pricing"},
		"no pricing":          {func(o *catalog.Offer) { o.Pricing = "" }, "catalog.bad_pricing"},
		"no name":             {func(o *catalog.Offer) { o.Name = " \t" }, "catalog.no_name"},
		"no id":               {func(o *catalog.Offer) { o.ProductID = 0 }, "catalog.no_id"},
		"not readable":        {func(o *catalog.Offer) { o.Err = errors.New("price is 面议") }, "catalog.unreadable"},
		"a long name":         {func(o *catalog.Offer) { o.Name = strings.Repeat("果", 201) }, "catalog.too_long"},
		"the longest name":    {func(o *catalog.Offer) { o.Name = strings.Repeat("果", 200) }, ""},
		"a long code":         {func(o *catalog.Offer) { o.Code = strings.Repeat("6", 65) }, "catalog.too_long"},
		"the longest code":    {func(o *catalog.Offer) { o.Code = strings.Repeat("6", 64) + "\n" }, ""},
		"a long class":        {func(o *catalog.Offer) { o.Class = strings.Repeat("类", 65) }, "catalog.too_long"},
		"a long unit":         {func(o *catalog.Offer) { o.Unit = strings.Repeat("斤", 65) }, "catalog.too_long"},
		"no width":            {func(o *catalog.Offer) { o.Name = "\u200b" }, "catalog.no_name"},
		"only a mark":         {func(o *catalog.Offer) { o.Name = "\ufeff \u2060" }, "catalog.no_name"},
		"only a direction":    {func(o *catalog.Offer) { o.Name = "\u202e" }, "catalog.no_name"},
		"only control":        {func(o *catalog.Offer) { o.Name = "\r\n\x00" }, "catalog.no_name"},
	} {
		_, err := catalog.Accept(offer(7, c.change))
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func TestMemberPriceNeverMakesGoodsCheaperByMistake(t *testing.T) {
	for _, c := range []struct {
		price, member money.Fen
		want          money.Fen
	}{{1000, 800, 800}, {1000, 0, 1000}, {1000, 1200, 1000}, {1000, 1000, 1000}, {0, 500, 0}, {1000, -5, 1000}} {
		p := catalog.Product{Price: c.price, MemberPrice: c.member}
		if got := p.PriceFor(true); got != c.want {
			t.Errorf("price %d member %d: %d, want %d", c.price, c.member, got, c.want)
		}
		if p.PriceFor(false) != c.price {
			t.Error("a member price for everybody")
		}
	}
}

// hq is a head office whose list can move while it is read.
type hq struct {
	offers []catalog.Offer
	before func(index int) error // called before each page
	lie    int                   // added to the total
}

func (h *hq) ProductPage(_ context.Context, index, size int) (catalog.Page, error) {
	if h.before != nil {
		if err := h.before(index); err != nil {
			return catalog.Page{}, err
		}
	}
	from := min((index-1)*size, len(h.offers))
	to := min(from+size, len(h.offers))
	return catalog.Page{Offers: slices.Clone(h.offers[from:to]), Total: len(h.offers) + h.lie}, nil
}

func openCatalog(t testing.TB, dir string, h *hq, page int) *catalog.Catalog {
	t.Helper()
	db, err := localdb.OpenCatalog(context.Background(), localdb.CatalogParams{Path: filepath.Join(dir, "catalog.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Shut() })
	c, err := catalog.Open(context.Background(), catalog.Params{Store: db, Source: h, PageSize: page, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func many(n int) (offers []catalog.Offer) {
	for i := range n {
		offers = append(offers, offer(int64(i+1), nil))
	}
	return offers
}

func TestSyncWritesOnlyWhatChanged(t *testing.T) {
	h := &hq{offers: many(25)}
	dir := t.TempDir()
	c := openCatalog(t, dir, h, 10)
	r, err := c.Sync(t.Context(), false, nil)
	if err != nil || r.Added != 25 || r.RowsWritten != 25 || r.Pages != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	if r, err = c.Sync(t.Context(), false, nil); err != nil || r.RowsWritten != 0 || r.Unchanged != 25 {
		t.Fatalf("nothing changed: %+v %v", r, err)
	}
	h.offers[3].Price = decimal.New(1, 0)
	h.offers = append(h.offers[:20], offer(99, nil))
	if r, err = c.Sync(t.Context(), false, nil); err != nil || r.RowsWritten != 7 || r.Changed != 1 || r.Removed != 5 || r.Added != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	again := openCatalog(t, dir, h, 10)
	if again.Index().Len() != 21 || again.SyncedAt().IsZero() {
		t.Errorf("after a restart: %d products, %v", again.Index().Len(), again.SyncedAt())
	}
}

func TestAMovingListIsReadAgainOrRefusedWhole(t *testing.T) {
	h := &hq{offers: many(30)}
	c := openCatalog(t, t.TempDir(), h, 10)
	moves := 1
	h.before = func(index int) error {
		if index == 2 && moves > 0 { // the first item goes to the end: 11 would be missed
			moves--
			h.offers = append(h.offers[1:], h.offers[0])
		}
		return nil
	}
	if r, err := c.Sync(t.Context(), false, nil); err != nil || r.Products != 30 || r.Pages <= 3 {
		t.Fatalf("%+v %v", r, err)
	}
	moves = 1000
	h.offers[0].Price = decimal.New(9, 0)
	if _, err := c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "catalog.moving" {
		t.Fatalf("an endlessly moving list: %v", err)
	}
	if p, _ := c.Index().ByProductID(h.offers[0].ProductID); p.Price == 900 {
		t.Error("half a list was applied")
	}
}

func TestFaultsLeaveTheCacheAsItWas(t *testing.T) {
	h := &hq{offers: many(30)}
	c := openCatalog(t, t.TempDir(), h, 10)
	if _, err := c.Sync(t.Context(), false, nil); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("500 in the middle")
	for name, spoil := range map[string]func(){
		"a fault on page 2": func() {
			h.before = func(i int) error {
				if i == 2 {
					return boom
				}
				return nil
			}
		},
		"a total that lies": func() { h.lie = 5 },
		"an empty list":     func() { h.offers = nil },
		"another shop":      func() { h.offers = many(3) },
	} {
		good := slices.Clone(h.offers)
		spoil()
		if _, err := c.Sync(t.Context(), false, nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if c.Index().Len() != 30 {
			t.Errorf("%s: %d products left", name, c.Index().Len())
		}
		h.offers, h.before, h.lie = good, nil, 0
	}
	h.offers = many(3)
	if r, err := c.Sync(t.Context(), true, nil); err != nil || r.Products != 3 {
		t.Errorf("accepted by a person: %+v %v", r, err)
	}
}

func TestABadRowIsSetAsideAndKeepsItsLastGoodPrice(t *testing.T) {
	h := &hq{offers: many(5)}
	c := openCatalog(t, t.TempDir(), h, 10)
	if _, err := c.Sync(t.Context(), false, nil); err != nil {
		t.Fatal(err)
	}
	h.offers[2].Price = decimal.New(-1, 0)
	h.offers[4].Price = decimal.New(7, 0)
	r, err := c.Sync(t.Context(), false, nil)
	if err != nil || len(r.Rejected) != 1 || r.Changed != 1 || r.RowsWritten != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if p, ok := c.Index().ByProductID(3); !ok || p.Price != 598 {
		t.Errorf("%+v", p)
	}
}

// Random histories of HQ: the cache always ends equal to it, and only changed
// rows are written.
func TestTheCacheFollowsHQ(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		h := &hq{}
		c := openCatalog(t, filepath.Join(dir, fmt.Sprint(n)), h, rapid.IntRange(1, 7).Draw(rt, "page"))
		for range rapid.IntRange(1, 5).Draw(rt, "syncs") {
			before := map[int64]catalog.Product{}
			for _, p := range c.Index().All() {
				before[p.ProductID] = p
			}
			ids := rapid.SliceOfNDistinct(rapid.Int64Range(1, 15), 0, 15, rapid.ID[int64]).Draw(rt, "ids")
			h.offers = nil
			for _, id := range ids {
				fen := rapid.Int64Range(0, 3).Draw(rt, "fen")
				h.offers = append(h.offers, offer(id, func(o *catalog.Offer) { o.Price = decimal.New(fen, -2) }))
			}
			r, err := c.Sync(context.Background(), true, nil)
			if err != nil {
				rt.Fatal(err)
			}
			if c.Index().Len() != len(ids) {
				rt.Fatalf("%d products, HQ has %d", c.Index().Len(), len(ids))
			}
			for _, o := range h.offers {
				want, _ := catalog.Accept(o)
				if got, ok := c.Index().ByProductID(o.ProductID); !ok || !got.Equal(want) {
					rt.Fatalf("%+v, want %+v", got, want)
				}
			}
			if r.Added+r.Changed+r.Unchanged != len(ids) || r.Removed != len(before)-r.Changed-r.Unchanged {
				rt.Fatalf("the report does not add up: %+v", r)
			}
			again, err := c.Sync(context.Background(), false, nil)
			if err != nil || again.RowsWritten != 0 {
				rt.Fatalf("unchanged, yet: %+v %v", again, err)
			}
		}
	})
}

func TestFind(t *testing.T) {
	names := []string{"红富士苹果", "阳光玫瑰葡萄", "苹果醋500ml", "可口可乐330ml", "五常大米5kg", "ＡＢＣ牛奶", "青苹果"}
	var ps []catalog.Product
	for i, n := range names {
		ps = append(ps, catalog.Product{ProductID: int64(i + 1), Code: fmt.Sprint(10001 + i), Name: n, Sort: int64(i)})
	}
	ix := catalog.NewIndex(ps)
	for _, c := range []struct {
		q    string
		want []int64
	}{
		{"苹果", []int64{3, 1, 7}},
		{"pingguo", []int64{3, 1, 7}},
		{"pg", []int64{3, 1, 7}},
		{"PG", []int64{3, 1, 7}},
		{"hfs", []int64{1}},
		{"hong fu", []int64{1}},
		{"10002", []int64{2}},
		{"1000", []int64{1, 2, 3, 4, 5, 6, 7}},
		{"ａｂｃ", []int64{6}},
		{"abcnn", []int64{6}},
		{"kkkl", []int64{4}},
		{"没有", nil},
		{"", nil},
		{"   ", nil},
	} {
		var got []int64
		for _, p := range ix.Find(c.q, 10) {
			got = append(got, p.ProductID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("Find(%q) = %v, want %v", c.q, got, c.want)
		}
	}
	if got := ix.Find("1000", 2); len(got) != 2 {
		t.Errorf("limit: %d", len(got))
	}
}

// What sells most comes first among equals, before and after a sync.
func TestWhatSellsIsFoundFirst(t *testing.T) {
	h := &hq{offers: many(5)}
	c := openCatalog(t, t.TempDir(), h, 10)
	if _, err := c.Sync(t.Context(), false, nil); err != nil {
		t.Fatal(err)
	}
	first := func() int64 { return c.Index().Find("商品", 1)[0].ProductID }
	if first() != 1 {
		t.Fatalf("without sales product %d comes first", first())
	}
	c.Sold(map[int64]int{4: 3, 2: 1})
	if first() != 4 {
		t.Errorf("product %d comes first, not what sells most", first())
	}
	h.offers[0].Price = decimal.New(7, 0)
	if r, err := c.Sync(t.Context(), false, nil); err != nil || r.Changed != 1 || first() != 4 {
		t.Errorf("after a sync product %d comes first: %+v %v", first(), r, err)
	}
	if _, err := c.Sync(t.Context(), true, nil); err != nil || first() != 4 {
		t.Errorf("after a full sync product %d comes first: %v", first(), err)
	}
}
