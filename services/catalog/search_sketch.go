package catalog

import "math"

// sketch is what makes a keystroke fast: it tells at a glance, in one cache
// line, that a product cannot match, as most cannot. All of a query's bits must
// be among the product's. Different things share bits, so that the products
// left over have still to be looked at.
type sketch struct {
	written [2]uint64 // characters and pairs of neighbours, of the name and the codes
	spelled [2]pairs  // how the name can be spelled: in letters, and on a telephone
}

// pairs are neighbouring letters: hashed in letters. On a telephone there are
// only 100 pairs of digits; each has its bit, and the last word has those that
// the spelling can begin with, from any character on.
type pairs [3]uint64

const (
	inLetters = iota
	onKeypad
)

func newSketch(a *alphabet, name, codes []glyph) (s sketch) {
	s.write(name)
	s.write(codes)
	s.spell(a, name)
	return s
}

func (s *sketch) write(cells []glyph) {
	before := gap
	for _, g := range cells {
		if g != gap {
			s.markWritten(gap, g)
			s.markWritten(before, g)
		}
		before = g
	}
}

func (s *sketch) spell(a *alphabet, name []glyph) {
	before := &voice{}
	for _, g := range name {
		if !a.spoken[g] {
			continue
		}
		v := a.voices[g]
		for half := range s.spelled {
			for i, bits := range v.inside.spelled[half] {
				s.spelled[half][i] |= bits
			}
		}
		for _, y := range v.initials {
			for _, x := range before.ends {
				s.markSpelled(x, y)
			}
			for _, x := range before.initials {
				s.markBegun(x, y)
			}
		}
		before = v
	}
}

// voice is what a glyph brings to a sketch, whatever its neighbours are.
type voice struct {
	initials []byte // the first letters of its readings
	ends     []byte // the letters on which one may go on to the next character
	inside   sketch
}

func newVoice(readings []string) *voice {
	v := &voice{}
	for _, s := range readings {
		v.initials = append(v.initials, s[0])
		v.ends = append(v.ends, s[0], s[len(s)-1])
		for i := 1; i < len(s); i++ {
			v.inside.markSpelled(s[i-1], s[i])
		}
		if len(s) > 1 {
			v.inside.markBegun(s[0], s[1])
			if s[1] == 'h' {
				v.ends = append(v.ends, 'h')
			}
		}
	}
	return v
}

func (s *sketch) markWritten(a, b glyph) {
	h := mix(uint32(a), uint32(b)) >> (32 - 7)
	s.written[h>>6] |= 1 << (h & 63)
}

func (s *sketch) markSpelled(a, b byte) {
	h := uint64(mix(uint32(a), uint32(b))) * 192 >> 32
	s.spelled[inLetters][h>>6] |= 1 << (h & 63)
	k := (phoneKey(a)-'0')*10 + phoneKey(b) - '0'
	s.spelled[onKeypad][k>>6] |= 1 << (k & 63)
}

// markBegun has a bit for each pair of the eight keys that have letters; 0 and
// 1, with which few names begin, share them.
func (s *sketch) markBegun(a, b byte) {
	s.spelled[onKeypad][2] |= 1 << ((phoneKey(a)*8 + phoneKey(b)) & 63)
}

// mix is multiplicative hashing: the high bits are the good ones.
func mix(a, b uint32) uint32 { return (a*40503 + b) * 2654435769 }

// newNeeds is what a product must have for a query to match it: all there is, of
// what the query cannot match in.
func newNeeds(text []glyph, spelled string) (n sketch) {
	n.write(text)
	for i := 1; i < len(spelled); i++ {
		n.markSpelled(spelled[i-1], spelled[i])
	}
	if len(spelled) > 1 {
		n.markBegun(spelled[0], spelled[1])
	}
	if text == nil {
		n.written = [2]uint64{math.MaxUint64, math.MaxUint64}
	}
	if spelled == "" {
		n.spelled[inLetters] = pairs{math.MaxUint64, math.MaxUint64, math.MaxUint64}
	}
	return n
}

// mayBeWritten and mayBeSpelled are asked for every product, and small enough to
// be inlined.
func (m *matcher) mayBeWritten(s *sketch) bool {
	n := &m.needs.written
	return s.written[0]&n[0] == n[0] && s.written[1]&n[1] == n[1]
}

func (m *matcher) mayBeSpelled(s *sketch) bool {
	p, n := &s.spelled[m.half&1], &m.needs.spelled[m.half&1]
	return p[0]&n[0] == n[0] && p[1]&n[1] == n[1] && p[2]&n[2] == n[2]
}
