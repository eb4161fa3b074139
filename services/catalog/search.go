package catalog

import (
	"math"
	"slices"
)

// Find gives at most limit products, best first. It takes the characters of a
// name, its pinyin in full (hongfushi), by initials (hfs) or mixed (hongfs),
// the same on the keys of a telephone (466437, 437), a 货号 or a barcode, from
// their beginning or from any later character on. Every reading of a character
// counts. Width, case, blanks and apostrophes do not; nor does what follows 63
// characters.
//
// Among products that match equally well (see rank), the shop's own sales
// decide, then HQ's order. Typing on moves a product past another one only when
// it now matches better than that one.
//
// It allocates the result, about 20 bytes for each product of the limit, and 2
// bytes for each letter of the query times each different character in the
// shop's names: some 30 KB a keystroke for a shelf of 120.
func (ix *Index) Find(query string, limit int) []Product {
	limit = min(limit, len(ix.products))
	if limit <= 0 {
		return nil
	}
	k := ix.searchKeys()
	m := newMatcher(k.letters, query)
	if len(m.text) == 0 && m.letters == 0 {
		return nil
	}
	best := newBest(limit)
	for i := range ix.products {
		written, spelled := m.mayBeWritten(&k.sketches[i]), m.mayBeSpelled(&k.sketches[i])
		if !written && !spelled {
			continue
		}
		name, codes := k.of(i)
		sold := ix.soldAt(i)
		if r := m.rank(name, codes, written, spelled, best.worst(sold, i)); r < rankNone {
			best.add(score(r, sold, i))
		}
	}
	return ix.gather(best.places())
}

func (ix *Index) soldAt(i int) uint32 {
	if ix.sold == nil {
		return 0
	}
	return ix.sold[i]
}

// score makes one number of a match, the smaller the better: 4 bits of rank, 28
// of sales, 32 of place.
func score(r rank, sold uint32, place int) uint64 {
	const most = 1<<28 - 1
	return uint64(r)<<60 | uint64(most-min(sold, most))<<32 | uint64(place)
}

// best keeps the best few of many scores.
type best struct {
	limit int
	found []uint64 // the best so far are among them
	bar   uint64   // no score above it can be among the best any more
}

func newBest(limit int) *best { return &best{limit: limit, bar: math.MaxUint64} }

// worst is the last rank at which a product could still be among the best.
func (b *best) worst(sold uint32, place int) rank {
	r := rank(b.bar >> 60)
	if r > 0 && score(r, sold, place) > b.bar {
		r--
	}
	return r
}

func (b *best) add(score uint64) {
	if score > b.bar {
		return
	}
	if b.found = append(b.found, score); len(b.found) == 2*b.limit {
		b.cut()
	}
}

func (b *best) cut() {
	slices.Sort(b.found)
	if len(b.found) >= b.limit {
		b.found = b.found[:b.limit]
		b.bar = b.found[b.limit-1]
	}
}

func (b *best) places() []int32 {
	b.cut()
	at := make([]int32, len(b.found))
	for i, score := range b.found {
		at[i] = int32(score & math.MaxUint32)
	}
	return at
}
