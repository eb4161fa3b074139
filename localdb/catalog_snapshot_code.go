package localdb

import (
	"encoding/binary"
	"errors"

	"cashier/services/catalog"
	"cashier/services/money"
)

// A list of products is: how many products there are, how many images in all,
// and how many words; the length of each word; for each product its numbers and
// the lengths of its texts; and then all texts in one piece, the words first. A
// word is a class or a unit, of which a shop has few. Numbers are varints of
// encoding/binary. What is read shares the one piece: a hundred thousand
// products cost a handful of allocations.
type productEncoder struct {
	products, images int
	numbers          []byte
	words            map[string]uint64
	wordLengths      []byte
	wordText, text   []byte
}

func newProductEncoder(n int) *productEncoder {
	return &productEncoder{words: map[string]uint64{}, numbers: make([]byte, 0, 32*n), text: make([]byte, 0, 96*n)}
}

func (e *productEncoder) add(p *catalog.Product) {
	e.products++
	for _, n := range []int64{p.ProductID, p.ID, p.ShopID, int64(p.Price), int64(p.MemberPrice), p.Sort} {
		e.numbers = binary.AppendVarint(e.numbers, n)
	}
	e.count(uint64(p.Pricing), e.word(p.Class), e.word(p.Unit))
	e.write(p.Code, p.Name)
	e.count(uint64(len(p.Images)))
	e.write(p.Images...)
	e.images += len(p.Images)
}

func (e *productEncoder) count(ns ...uint64) {
	for _, n := range ns {
		e.numbers = binary.AppendUvarint(e.numbers, n)
	}
}

func (e *productEncoder) write(texts ...string) {
	for _, s := range texts {
		e.count(uint64(len(s)))
		e.text = append(e.text, s...)
	}
}

func (e *productEncoder) word(s string) uint64 {
	n, ok := e.words[s]
	if !ok {
		n = uint64(len(e.words))
		e.words[s] = n
		e.wordLengths = binary.AppendUvarint(e.wordLengths, uint64(len(s)))
		e.wordText = append(e.wordText, s...)
	}
	return n
}

func (e *productEncoder) bytes() []byte {
	out := make([]byte, 0, len(e.numbers)+len(e.wordLengths)+len(e.wordText)+len(e.text)+4*binary.MaxVarintLen64)
	out = binary.AppendUvarint(out, uint64(e.products))
	out = binary.AppendUvarint(out, uint64(e.images))
	out = binary.AppendUvarint(out, uint64(len(e.words)))
	out = binary.AppendUvarint(out, uint64(len(e.wordLengths)+len(e.numbers)))
	for _, part := range [][]byte{e.wordLengths, e.numbers, e.wordText, e.text} {
		out = append(out, part...)
	}
	return out
}

var errProducts = errors.New("localdb: this is no list of products")

// productDecoder reads what a productEncoder wrote. After the first thing that
// cannot be, everything reads as zero and bad is set.
type productDecoder struct {
	numbers []byte
	text    string
	bad     bool
}

func (d *productDecoder) uint() uint64 {
	n, size := binary.Uvarint(d.numbers)
	if size <= 0 {
		d.bad, d.numbers = true, nil
		return 0
	}
	d.numbers = d.numbers[size:]
	return n
}

func (d *productDecoder) int() int64 {
	n, size := binary.Varint(d.numbers)
	if size <= 0 {
		d.bad, d.numbers = true, nil
		return 0
	}
	d.numbers = d.numbers[size:]
	return n
}

// most is a count of things of which each takes at least a byte.
func (d *productDecoder) most() int {
	n := d.uint()
	if n > uint64(len(d.numbers)) {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *productDecoder) string() string {
	n := d.uint()
	if n > uint64(len(d.text)) {
		d.bad = true
		return ""
	}
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

// decodeProducts is total: it gives a list or errProducts, whatever raw is.
func decodeProducts(raw []byte) ([]catalog.Product, error) {
	d := &productDecoder{numbers: raw}
	count, images, words := d.most(), d.most(), d.most()
	size := d.most()
	if d.bad || count > size || words > size || images > size {
		return nil, errProducts
	}
	d.numbers, d.text = d.numbers[:size], string(d.numbers[size:])
	lengths := make([]uint64, words)
	for i := range lengths {
		lengths[i] = d.uint()
	}
	known := make([]string, words)
	for i, n := range lengths {
		if n > uint64(len(d.text)) {
			return nil, errProducts
		}
		known[i], d.text = d.text[:n], d.text[n:]
	}
	products := make([]catalog.Product, count)
	all := make([]string, images)
	for i := range products {
		if all = d.product(&products[i], known, all); d.bad {
			return nil, errProducts
		}
	}
	if len(d.numbers) > 0 || len(d.text) > 0 || len(all) > 0 {
		return nil, errProducts
	}
	return products, nil
}

// product reads one product, and takes its images from the front of room.
func (d *productDecoder) product(p *catalog.Product, words, room []string) (rest []string) {
	p.ProductID, p.ID, p.ShopID = d.int(), d.int(), d.int()
	p.Price, p.MemberPrice, p.Sort = money.Fen(d.int()), money.Fen(d.int()), d.int()
	pricing, class, unit := d.uint(), d.uint(), d.uint()
	if pricing > uint64(catalog.CountThenWeigh) || class >= uint64(len(words)) || unit >= uint64(len(words)) || p.Price < 0 || p.MemberPrice < 0 {
		d.bad = true
		return room
	}
	p.Pricing, p.Class, p.Unit = catalog.Pricing(pricing), words[class], words[unit]
	p.Code, p.Name = d.string(), d.string()
	n := d.uint()
	if n > uint64(len(room)) {
		d.bad = true
		return room
	}
	if n > 0 {
		p.Images = room[:n:n]
		for i := range p.Images {
			p.Images[i] = d.string()
		}
	}
	return room[n:]
}
