package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/width"
)

// Index finds products in memory. It is built once from a snapshot of the
// cache and never changes.
type Index struct {
	products []Product // in HQ's order
	keys     []key     // beside products
	byID     map[int64]int
	byCode   map[string][]int
	classes  []Class
}

// Class is a product class with the number of products in it.
type Class struct {
	Name  string
	Count int
}

// key is what a product is searched by, all lower case.
type key struct{ name, full, initials, code string }

// NewIndex orders the products as HQ does (sort, then code, then id).
func NewIndex(products []Product) *Index {
	ps := slices.Clone(products)
	slices.SortStableFunc(ps, func(a, b Product) int {
		return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.Code, b.Code), cmp.Compare(a.ProductID, b.ProductID))
	})
	ix := &Index{
		products: ps,
		keys:     make([]key, len(ps)),
		byID:     make(map[int64]int, len(ps)),
		byCode:   make(map[string][]int, len(ps)),
	}
	class := map[string]int{}
	syllables := syllableCache{}
	for i, p := range ps {
		ix.byID[p.ProductID] = i
		if p.Code != "" {
			ix.byCode[p.Code] = append(ix.byCode[p.Code], i)
		}
		full, initials := syllables.spell(p.Name)
		ix.keys[i] = key{name: fold(p.Name), full: full, initials: initials, code: strings.ToLower(p.Code)}
		at, ok := class[p.Class]
		if !ok {
			at = len(ix.classes)
			class[p.Class] = at
			ix.classes = append(ix.classes, Class{Name: p.Class})
		}
		ix.classes[at].Count++
	}
	return ix
}

// Len is how many products the shop sells.
func (ix *Index) Len() int { return len(ix.products) }

// All is every product in HQ's order. The caller must not change it.
func (ix *Index) All() []Product { return ix.products }

// Classes are in the order in which their first product appears.
func (ix *Index) Classes() []Class { return ix.classes }

// Class is every product of a class, "" for all.
func (ix *Index) Class(name string) []Product {
	if name == "" {
		return ix.products
	}
	var out []Product
	for _, p := range ix.products {
		if p.Class == name {
			out = append(out, p)
		}
	}
	return out
}

// ByProductID finds by HQ's product id.
func (ix *Index) ByProductID(id int64) (Product, bool) {
	i, ok := ix.byID[id]
	if !ok {
		return Product{}, false
	}
	return ix.products[i], true
}

// ByCode is every product with exactly this 货号 or barcode: usually one, more
// where HQ has given a number twice.
func (ix *Index) ByCode(code string) []Product {
	at := ix.byCode[code]
	out := make([]Product, len(at))
	for i, n := range at {
		out[i] = ix.products[n]
	}
	return out
}

// Ranks of a match, best first.
const (
	rankCode = iota
	rankPrefix
	rankInitials
	rankInside
	rankNone
)

// Find searches name, full pinyin, pinyin initials and 货号 and returns at most
// limit products, best first, in HQ's order within a rank.
func (ix *Index) Find(query string, limit int) []Product {
	q := fold(query)
	if q == "" || limit <= 0 {
		return nil
	}
	spelled := strings.ReplaceAll(q, " ", "")
	var byRank [rankNone][]int
	for i := range ix.keys {
		if r := ix.keys[i].rank(q, spelled); r < rankNone && len(byRank[r]) < limit {
			byRank[r] = append(byRank[r], i)
		}
	}
	out := make([]Product, 0, min(limit, 64))
	for _, at := range byRank {
		for _, i := range at {
			if len(out) == limit {
				return out
			}
			out = append(out, ix.products[i])
		}
	}
	return out
}

func (k *key) rank(q, spelled string) int {
	switch {
	case k.code == q:
		return rankCode
	case strings.HasPrefix(k.name, q), k.code != "" && strings.HasPrefix(k.code, q):
		return rankPrefix
	case strings.HasPrefix(k.initials, spelled), strings.HasPrefix(k.full, spelled):
		return rankInitials
	case strings.Contains(k.name, q), strings.Contains(k.initials, spelled),
		strings.Contains(k.full, spelled), strings.Contains(k.code, q):
		return rankInside
	}
	return rankNone
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(width.Narrow.String(s))) }

// syllableCache spells each character once; a shop of 100,000 names uses a few
// thousand characters.
type syllableCache map[rune]string

var plainPinyin = pinyin.NewArgs()

func (c syllableCache) spell(name string) (full, initials string) {
	var f, in strings.Builder
	for _, r := range fold(name) {
		s, ok := c[r]
		if !ok {
			s = spellRune(r)
			c[r] = s
		}
		if s != "" {
			f.WriteString(s)
			in.WriteByte(s[0])
		}
	}
	return f.String(), in.String()
}

func spellRune(r rune) string {
	if unicode.Is(unicode.Han, r) {
		if p := pinyin.SinglePinyin(r, plainPinyin); len(p) > 0 {
			return p[0]
		}
		return ""
	}
	if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return string(r)
	}
	return ""
}
