package catalog

import (
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// keys are what the products are searched by, in HQ's order. They never change
// once made.
type keys struct {
	letters  *alphabet
	cells    []glyph  // each product's name, then its codes, each after a gap
	ends     []uint32 // of product i: its name's at 2i+1, its codes' at 2i+2
	sketches []sketch
}

func newKeys(products []Product, b *barcodes) *keys {
	runes := 0
	for i := range products {
		runes += utf8.RuneCountInString(products[i].Name) + 1 + len(products[i].Code)
	}
	k := roomFor(newAlphabet(), len(products), runes)
	for i := range products {
		k.add(&products[i], b)
	}
	return k.trimmed()
}

func roomFor(a *alphabet, products, cells int) *keys {
	return &keys{
		letters:  a,
		cells:    make([]glyph, 0, cells),
		ends:     make([]uint32, 1, 2*products+1),
		sketches: make([]sketch, 0, products),
	}
}

// trimmed gives back the room that turned out too much.
func (k *keys) trimmed() *keys {
	if cap(k.cells) > len(k.cells)*9/8 {
		k.cells = slices.Clone(k.cells)
	}
	return k
}

func (k *keys) add(p *Product, b *barcodes) {
	from := len(k.cells)
	k.cells = k.letters.write(k.cells, p.Name)
	name := len(k.cells)
	if p.Code != "" {
		k.cells = k.letters.write(append(k.cells, gap), p.Code)
	}
	for _, code := range b.of[p.ProductID] {
		k.cells = k.letters.write(append(k.cells, gap), code)
	}
	k.ends = append(k.ends, uint32(name), uint32(len(k.cells)))
	k.sketches = append(k.sketches, newSketch(k.letters, k.cells[from:name], k.cells[name:]))
}

// edited copies the keys and spells only what is put.
func (k *keys) edited(es []edit, b *barcodes) *keys {
	next := roomFor(k.letters.clone(), len(k.sketches)+len(es), len(k.cells)+32*len(es))
	walk(es, len(k.sketches), func(from, to int) {
		start := k.ends[2*from]
		shift := uint32(len(next.cells)) - start
		next.cells = append(next.cells, k.cells[start:k.ends[2*to]]...)
		next.sketches = append(next.sketches, k.sketches[from:to]...)
		for _, end := range k.ends[2*from+1 : 2*to+1] {
			next.ends = append(next.ends, end+shift)
		}
	}, func(p *Product) { next.add(p, b) })
	return next.trimmed()
}

// of is what product i is searched by. Each of its codes follows a gap.
func (k *keys) of(i int) (name, codes []glyph) {
	end := k.ends[2*i+1]
	return k.cells[k.ends[2*i]:end], k.cells[end:k.ends[2*i+2]]
}

// lazyKeys are made once, by whoever needs them first.
type lazyKeys struct {
	once sync.Once
	made atomic.Pointer[keys]
}

func (ix *Index) searchKeys() *keys {
	l := ix.keys
	if k := l.made.Load(); k != nil {
		return k
	}
	l.once.Do(func() { l.made.Store(newKeys(ix.products, ix.barcodes)) })
	return l.made.Load()
}

// edited goes on from keys that are made. Ones that are not are left to be made
// whole by whoever needs them.
func (l *lazyKeys) edited(es []edit, b *barcodes) *lazyKeys {
	next := &lazyKeys{}
	if k := l.made.Load(); k != nil {
		next.made.Store(k.edited(es, b))
	}
	return next
}
