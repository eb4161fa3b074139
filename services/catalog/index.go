package catalog

import (
	"cmp"
	"slices"
)

// Index finds products in memory. It never changes: With, WithBarcodes and
// WithSales give another one that shares with it whatever they leave alone, so
// a reader may keep one as long as it likes and whoever owns the current one
// swaps a pointer.
//
// Ids, codes, classes and the order are ready at once. What Find searches is
// made by the first Find or, to spare that one the wait, by Prepare.
type Index struct {
	products []Product // in HQ's order
	places   *places
	barcodes *barcodes
	sales    map[int64]int // by product id
	sold     []uint32      // the same by place; nil: nothing was sold yet
	keys     *lazyKeys
}

// Class is a product class with the number of products in it.
type Class struct {
	Name  string
	Count int
}

// places says where in the order a product stands.
type places struct {
	byID    map[int64]int32
	byCode  map[string]int32 // the first of those with the code
	alike   []int32          // by place: the next one with the same code, 0 for none
	classes []Class
	inClass map[string][]int32
}

// NewIndex orders the products as HQ does (sort, then code, then id). Product
// ids are unique.
func NewIndex(products []Product) *Index {
	ps := ordered(products)
	return &Index{products: ps, places: newPlaces(ps), barcodes: &barcodes{}, keys: &lazyKeys{}}
}

func byHQ(a, b *Product) int {
	if a.Sort != b.Sort { // as good as always
		return cmp.Compare(a.Sort, b.Sort)
	}
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.ProductID, b.ProductID))
}

// ordered copies the products into HQ's order. A product is too large to be
// moved about while sorting.
func ordered(products []Product) []Product {
	if inOrder(products) {
		return slices.Clone(products)
	}
	order := make([]*Product, len(products))
	for i := range products {
		order[i] = &products[i]
	}
	slices.SortFunc(order, byHQ)
	out := make([]Product, len(order))
	for i, p := range order {
		out[i] = *p
	}
	return out
}

func inOrder(products []Product) bool {
	for i := 1; i < len(products); i++ {
		if byHQ(&products[i-1], &products[i]) > 0 {
			return false
		}
	}
	return true
}

func newPlaces(products []Product) *places {
	p := &places{
		byID:    make(map[int64]int32, len(products)),
		byCode:  make(map[string]int32, len(products)),
		alike:   make([]int32, len(products)),
		inClass: make(map[string][]int32),
	}
	for i := len(products) - 1; i >= 0; i-- { // backwards, so that the first of those alike comes to lie in byCode
		p.byID[products[i].ProductID] = int32(i)
		if code := products[i].Code; code != "" {
			p.alike[i] = p.byCode[code]
			p.byCode[code] = int32(i)
		}
	}
	for i := range products {
		name := products[i].Class
		if p.inClass[name] == nil {
			p.classes = append(p.classes, Class{Name: name})
		}
		p.inClass[name] = append(p.inClass[name], int32(i))
	}
	for i, c := range p.classes {
		p.classes[i].Count = len(p.inClass[c.Name])
	}
	return p
}

// Len is how many products the shop sells.
func (ix *Index) Len() int { return len(ix.products) }

// All is every product in HQ's order. The caller must not change it.
func (ix *Index) All() []Product { return ix.products }

// Classes are in the order in which their first product appears. The caller
// must not change them.
func (ix *Index) Classes() []Class { return ix.places.classes }

// Class is every product of a class, "" for all, in HQ's order. The caller must
// not change it.
func (ix *Index) Class(name string) []Product {
	at := ix.places.inClass[name]
	if name == "" || len(at) == len(ix.products) {
		return ix.products
	}
	return ix.gather(at)
}

func (ix *Index) gather(at []int32) []Product {
	out := make([]Product, len(at))
	for i, n := range at {
		out[i] = ix.products[n]
	}
	return out
}

// ByProductID finds by HQ's product id.
func (ix *Index) ByProductID(id int64) (Product, bool) {
	i, ok := ix.places.byID[id]
	if !ok {
		return Product{}, false
	}
	return ix.products[i], true
}

// ByCode is every product with exactly this 货号, and after them the one that
// was taught it as its barcode: usually one product, more where HQ has given a
// number twice or gives one that was taught for another product.
func (ix *Index) ByCode(code string) []Product {
	var at []int32
	for i, ok := ix.places.byCode[code]; ok; ok = i > 0 {
		at = append(at, i)
		i = ix.places.alike[i]
	}
	if id, ok := ix.barcodes.product[code]; ok {
		if i, sold := ix.places.byID[id]; sold && !slices.Contains(at, i) {
			at = append(at, i)
		}
	}
	return ix.gather(at)
}

// Prepare makes what Find searches. It may run beside any other use of the
// index; more than once does no harm.
func (ix *Index) Prepare() { ix.searchKeys() }
