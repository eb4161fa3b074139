package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/fault"
)

// memory is a cache without a disk: reading HQ is what these tests are about.
type memory struct{ rows map[int64]catalog.Product }

func (m *memory) Products(context.Context) (out []catalog.Product, err error) {
	for _, p := range m.rows {
		out = append(out, p)
	}
	return out, nil
}

func (m *memory) Apply(_ context.Context, c catalog.Change) (int, error) {
	for _, p := range c.Put {
		m.rows[p.ProductID] = p
	}
	for _, id := range c.Remove {
		delete(m.rows, id)
	}
	return len(c.Put) + len(c.Remove), nil
}

func (m *memory) SyncedAt(context.Context) (time.Time, error) { return time.Time{}, nil }

// source answers a question for a page: index counts from 1.
type source func(index int) (catalog.Page, error)

func (s source) ProductPage(_ context.Context, index, _ int) (catalog.Page, error) { return s(index) }

const perPage = 10

// openSource is a catalogue that knows some products, over an HQ that is s.
func openSource(t testing.TB, s source, known ...catalog.Offer) *catalog.Catalog {
	t.Helper()
	m := &memory{rows: map[int64]catalog.Product{}}
	for _, o := range known {
		p, err := catalog.Accept(o)
		if err != nil {
			t.Fatal(err)
		}
		m.rows[p.ProductID] = p
	}
	c, err := catalog.Open(t.Context(), catalog.Params{Store: m, Source: s, PageSize: perPage, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// window is a page of a list as HQ would cut it.
func window(offers []catalog.Offer, page, total int) catalog.Page {
	from := min(max(page, 0)*perPage, len(offers))
	return catalog.Page{Offers: slices.Clone(offers[from:min(from+perPage, len(offers))]), Total: total}
}

func TestAnOddTotal(t *testing.T) {
	const listed = 25
	offers := many(listed)
	fault500 := errors.New("HTTP 500")
	for name, tt := range map[string]struct {
		hq   source
		code string // "": all products are accepted
		says string
	}{
		"right":               {func(i int) (catalog.Page, error) { return window(offers, i-1, listed), nil }, "", ""},
		"missing":             {func(i int) (catalog.Page, error) { return window(offers, i-1, 0), nil }, "", ""},
		"too low":             {func(i int) (catalog.Page, error) { return window(offers, i-1, 12), nil }, "", ""},
		"of two full pages":   {func(i int) (catalog.Page, error) { return window(offers, i-1, 20), nil }, "", ""},
		"of the first page":   {func(i int) (catalog.Page, error) { return window(offers, i-1, 10), nil }, "", ""},
		"too high":            {func(i int) (catalog.Page, error) { return window(offers, i-1, 28), nil }, "catalog.wrong_total", "28 products, but its pages list 25"},
		"of each page alone":  {func(i int) (catalog.Page, error) { p := window(offers, i-1, 0); p.Total = len(p.Offers); return p, nil }, "catalog.total_varies", "10 products on one page and 5 on another"},
		"pages from 0":        {func(i int) (catalog.Page, error) { return window(offers, i, listed), nil }, "catalog.page_base", "hq.page_base"},
		"one page, from 0":    {func(i int) (catalog.Page, error) { return window(offers[:7], i, 7), nil }, "catalog.page_base", "hq.page_base"},
		"pages from 1, not 0": {func(i int) (catalog.Page, error) { return window(offers, max(i-2, 0), listed), nil }, "catalog.page_base", "hq.page_base"},
		"page ignored":        {func(int) (catalog.Page, error) { return window(offers, 0, listed), nil }, "catalog.page_base", "hq.page_base"},
		"a product on two pages": {func(i int) (catalog.Page, error) {
			twice := append(slices.Clone(offers[:24]), offers[2])
			return window(twice, i-1, listed), nil
		}, "catalog.repeated", "商品3"},
	} {
		t.Run(name, func(t *testing.T) {
			c := openSource(t, tt.hq, offers[0])
			r, err := c.Sync(t.Context(), false, nil)
			if fault.CodeOf(err) != tt.code || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("%v after %d pages", err, r.Pages)
			}
			want := 1
			if tt.code == "" {
				want = listed
			}
			if c.Index().Len() != want {
				t.Errorf("%d products", c.Index().Len())
			}
		})
	}
	t.Run("a fault beyond the last page", func(t *testing.T) {
		c := openSource(t, func(i int) (catalog.Page, error) {
			if i > 2 {
				return catalog.Page{}, fault500
			}
			return window(offers[:20], i-1, 20), nil
		})
		if r, err := c.Sync(t.Context(), false, nil); err != nil || r.Products != 20 {
			t.Errorf("%+v %v", r, err)
		}
	})
	for _, total := range []int{0, 12, listed} {
		for _, page := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("a fault on page %d, of %d", page, total), func(t *testing.T) {
				c := openSource(t, func(i int) (catalog.Page, error) {
					if i == page {
						return catalog.Page{}, fault500
					}
					return window(offers, i-1, total), nil
				}, offers[0])
				if r, err := c.Sync(t.Context(), false, nil); !errors.Is(err, fault500) || c.Index().Len() != 1 {
					t.Errorf("%+v %v, %d products", r, err, c.Index().Len())
				}
			})
		}
	}
	t.Run("the last page again beyond it", func(t *testing.T) {
		c := openSource(t, func(i int) (catalog.Page, error) { return window(offers[:20], min(i-1, 1), 20), nil })
		if r, err := c.Sync(t.Context(), false, nil); err != nil || r.Products != 20 {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// Pages without end and without a usable id must end as well.
func TestAnEndlessListEnds(t *testing.T) {
	n := 0
	c := openSource(t, func(int) (catalog.Page, error) {
		n++
		return catalog.Page{Offers: []catalog.Offer{{Name: fmt.Sprint(n % 20_000)}}}, nil
	})
	if _, err := c.Sync(t.Context(), false, nil); fault.KindOf(err) != fault.Contract {
		t.Error(err)
	}
}

// HQ names few products and lists new ones for ever, in pages of its own size:
// that is seen after a page or two beyond what a total may be wrong by.
func TestAListFarBeyondItsTotalEndsEarly(t *testing.T) {
	for total, most := range map[int]int{20: 1, 200: 1, 5000: 6, 1 << 40: 502, 0: 502} {
		pages := 0
		c := openSource(t, func(i int) (catalog.Page, error) {
			if pages++; pages > most+1 { // the next one is asked for meanwhile
				return catalog.Page{}, errors.New("enough")
			}
			p := catalog.Page{Total: total, Offers: make([]catalog.Offer, 2000)}
			for k := range p.Offers {
				p.Offers[k].ProductID = int64(i*2000 + k + 1)
			}
			return p, nil
		}, offer(1, nil))
		_, err := c.Sync(t.Context(), false, nil)
		if fault.CodeOf(err) != "catalog.wrong_total" || c.Index().Len() != 1 {
			t.Errorf("of %d: %d pages, %v, %d products", total, pages, err, c.Index().Len())
		}
	}
}

func TestAProductTwiceOnOnePage(t *testing.T) {
	dearer := offer(3, func(o *catalog.Offer) { o.Price = decimal.New(9, 0) })
	for name, tt := range map[string]struct {
		again    catalog.Offer
		products int
		rejected int
	}{
		"alike":          {offer(3, nil), 5, 0},
		"alike in value": {offer(3, func(o *catalog.Offer) { o.Price = decimal.New(59800, -4) }), 5, 0},
		"dearer":         {dearer, 4, 2},
		"unreadable":     {offer(3, func(o *catalog.Offer) { o.Err = errors.New("price") }), 4, 2},
	} {
		t.Run(name, func(t *testing.T) {
			page := catalog.Page{Offers: append(many(5), tt.again), Total: 6}
			c := openSource(t, func(int) (catalog.Page, error) { return page, nil }, offer(3, nil))
			r, err := c.Sync(t.Context(), false, nil)
			if err != nil || r.Products != tt.products || len(r.Rejected) != tt.rejected || r.Removed != 0 {
				t.Fatalf("%+v %v", r, err)
			}
			if p, ok := c.Index().ByProductID(3); !ok || p.Price != 598 {
				t.Errorf("its last good price is gone: %+v", p)
			}
		})
	}
	c := openSource(t, func(int) (catalog.Page, error) {
		return catalog.Page{Offers: append(many(5), dearer), Total: 6}, nil
	})
	if r, err := c.Sync(t.Context(), false, nil); err != nil || len(r.Rejected) != 2 || fault.CodeOf(r.Rejected[0].Reason) != "catalog.listed_twice" {
		t.Errorf("%+v %v", r.Rejected, err)
	}
}

func TestAnUnreadableRowIsNamedAndKeepsItsPrice(t *testing.T) {
	odd := catalog.Offer{ProductID: 2, Code: "10002", Name: "香\r\n梨", Err: errors.New("HQ gives price as 面议.")}
	page := catalog.Page{Offers: []catalog.Offer{offer(1, nil), odd, offer(3, nil)}, Total: 3}
	c := openSource(t, func(int) (catalog.Page, error) { return page, nil }, offer(2, nil))
	r, err := c.Sync(t.Context(), false, nil)
	if err != nil || r.Products != 2 || len(r.Rejected) != 1 || c.Index().Len() != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	for _, part := range []string{"香 梨", "10002", "面议"} {
		if why := r.Rejected[0].Reason.Error(); !strings.Contains(why, part) {
			t.Errorf("%q does not name %q", why, part)
		}
	}
}

// A list that only lacks a product is read twice as well: a removal is a change.
func TestAProductThatIsMissingOnceIsNotRemoved(t *testing.T) {
	offers := many(25)
	first := true
	c := openSource(t, func(i int) (catalog.Page, error) {
		list := offers
		if first {
			list = append(slices.Clone(offers[:13]), offers[14:]...)
			first = i < 3
		}
		return window(list, i-1, len(list)), nil
	}, offers...)
	r, err := c.Sync(t.Context(), false, nil)
	if err != nil || r.Removed != 0 || r.Pages != 6 || c.Index().Len() != 25 {
		t.Errorf("%+v %v, %d products", r, err, c.Index().Len())
	}
}

// An empty list looks like a wrong shop id, however small the shop.
func TestAnEmptyListIsHeld(t *testing.T) {
	for _, known := range []int{1, 3, 19, 20, 200} {
		c := openSource(t, func(int) (catalog.Page, error) { return catalog.Page{}, nil }, many(known)...)
		if _, err := c.Sync(t.Context(), false, nil); fault.CodeOf(err) != "catalog.suspicious" || c.Index().Len() != known {
			t.Errorf("%d products: %v, %d left", known, err, c.Index().Len())
		}
		if r, err := c.Sync(t.Context(), true, nil); err != nil || r.Removed != known {
			t.Errorf("accepted by a person: %+v %v", r, err)
		}
	}
	c := openSource(t, func(int) (catalog.Page, error) { return catalog.Page{}, nil })
	if _, err := c.Sync(t.Context(), false, nil); err != nil {
		t.Errorf("a new shop: %v", err)
	}
}

func TestTextsAreFitForAPrinter(t *testing.T) {
	p, err := catalog.Accept(offer(1, func(o *catalog.Offer) {
		o.Name, o.Unit, o.Class = "\x07红\r\n 富士\x00\t苹果 ", "\x1b斤\n", "水\u0085果\x7f"
	}))
	if err != nil || p.Name != "红 富士 苹果" || p.Unit != "斤" || p.Class != "水 果" {
		t.Errorf("%q %q %q, %v", p.Name, p.Unit, p.Class, err)
	}
	p, err = catalog.Accept(offer(1, func(o *catalog.Offer) { o.Code, o.Name = "\x1b[2J1\n0\x00\u202e1 ", "苹\u200b果\ufeff\u202e 梨" }))
	if err != nil || p.Code != "[2J1 0 1" || p.Name != "苹果 梨" {
		t.Errorf("%q %q, %v", p.Code, p.Name, err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.String().Draw(rt, "name")
		p, err := catalog.Accept(offer(1, func(o *catalog.Offer) { o.Name = name }))
		if err != nil {
			return
		}
		again, err := catalog.Accept(offer(1, func(o *catalog.Offer) { o.Name = p.Name }))
		if err != nil || again.Name != p.Name || !printable(p.Name) || strings.Contains(p.Name, "  ") {
			rt.Fatalf("%q became %q, then %q", name, p.Name, again.Name)
		}
	})
}

// printable: no control character and none that is not seen.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) })
}

// Whatever HQ says of a product that is refused, a terminal shows it as text,
// and in one glance.
func TestWhatIsSetAsideIsFitForATerminal(t *testing.T) {
	const escape = "\x1b]0;x\x07\u202e\r\n"
	long := strings.Repeat("长", 100_000)
	for name, spoil := range map[string]func(*catalog.Offer){
		"pricing":         func(o *catalog.Offer) { o.Pricing = escape + "3" },
		"pricing, long":   func(o *catalog.Offer) { o.Pricing = long },
		"unreadable":      func(o *catalog.Offer) { o.Err = errors.New(escape + long) },
		"name, no price":  func(o *catalog.Offer) { o.Name, o.HasPrice = escape+long, false },
		"code, no name":   func(o *catalog.Offer) { o.Code, o.Name = escape+long, "" },
		"name":            func(o *catalog.Offer) { o.Name = long },
		"code and escape": func(o *catalog.Offer) { o.Code = long + escape },
	} {
		page := catalog.Page{Offers: []catalog.Offer{offer(1, spoil)}, Total: 1}
		r, err := openSource(t, func(int) (catalog.Page, error) { return page, nil }).Sync(t.Context(), false, nil)
		if err != nil || len(r.Rejected) != 1 {
			t.Fatalf("%s: %+v %v", name, r, err)
		}
		bad := r.Rejected[0]
		for _, said := range []string{bad.Reason.Error(), bad.Offer.Name, bad.Offer.Code} {
			if !printable(said) || len([]rune(said)) > 700 {
				t.Errorf("%s: %.100q, %d bytes", name, said, len(said))
			}
		}
	}
}

// A total that only ever counts its own page is HQ's slip: the pages themselves end.
func TestATotalOfOnePageHidesTheOthers(t *testing.T) {
	offers := many(100)
	c := openSource(t, func(i int) (catalog.Page, error) { return window(offers, i-1, 10), nil })
	if r, err := c.Sync(t.Context(), false, nil); err != nil || r.Products != 100 {
		t.Errorf("%+v %v", r, err)
	}
}
