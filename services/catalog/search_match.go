package catalog

import (
	"math/bits"
	"slices"
	"strings"
)

// rank is how well a product matches, best first.
type rank uint8

const (
	rankExact    rank = iota // the whole 货号 or barcode
	rankPrefix               // the beginning of the name or of a code, as written
	rankInitials             // hfs: the name from its beginning, one letter a character
	rankFull                 // hongfush: from its beginning, syllables in full, the last as far as typed
	rankMixed                // hongfs, hfushi, zhg: from its beginning, some in full, some by initial
	rankKeypad               // 437 or 466437: initials or full, on the keys of a telephone
	rankInside               // somewhere in the name or in a code, as written
	rankWithin               // spelled in any of these ways from a later character on
	rankNone
)

// maxQuery is how many characters of a query count. Offsets into a query are
// the bits of a word.
const maxQuery = 63

// matcher is a query made ready for one set of keys.
//
// A name is spelled one character after another, and how far a query goes with
// each reading of each character is worked out before the first name is looked
// at. A name then costs a few look-ups per character, however many readings
// its characters have.
type matcher struct {
	text    []glyph // the query as written; nil where no product has one of its characters
	letters int     // how many letters and digits are spelled; 0 where the query holds anything else
	half    int     // inLetters, or onKeypad where all of them are digits
	spoken  []bool  // by glyph
	width   int     // how many glyphs there are
	needs   sketch  // what a product must have to match
	// What the glyph g takes of the query from offset k on, at [k*width+g]: bit
	// n-1 for n letters, done for all the rest of it.
	whole []uint8 // by a full reading
	mixed []uint8 // or by an initial (z and zh)
}

const done = 1 << 7

func newMatcher(a *alphabet, query string) *matcher {
	folded := make([]rune, 0, maxQuery)
	for _, r := range query {
		if f, counts := fold(r); counts && len(folded) < maxQuery {
			folded = append(folded, f)
		}
	}
	m := &matcher{spoken: a.spoken, width: len(a.spoken), text: make([]glyph, len(folded))}
	for i, r := range folded {
		g, met := a.glyphs[r]
		if !met || g < glyphs {
			m.text = nil
			break
		}
		m.text[i] = g
	}
	if !slices.ContainsFunc(folded, func(r rune) bool { return !typed(r) }) {
		m.spell(a, string(folded))
	}
	m.needs = newNeeds(m.text, string(folded[:m.letters]))
	return m
}

func (m *matcher) spell(a *alphabet, query string) {
	m.letters = len(query)
	if strings.Trim(query, "0123456789") == "" {
		m.half = onKeypad
	}
	m.whole = make([]uint8, m.letters*m.width)
	m.mixed = make([]uint8, m.letters*m.width)
	for _, s := range a.syllables {
		reading := s.letters
		if m.half == onKeypad {
			reading = s.digits
		}
		for k := range query {
			if query[k] != reading[0] {
				continue
			}
			whole, initial := take(query[k:], reading, s.letters)
			for _, g := range s.glyphs {
				at := k*m.width + int(g)
				m.whole[at] |= whole
				m.mixed[at] |= whole | initial
			}
		}
	}
}

// take is what one reading takes of the rest of a query, which begins alike.
func take(rest, reading, letters string) (whole, initial uint8) {
	switch {
	case strings.HasPrefix(reading, rest):
		whole = done
	case strings.HasPrefix(rest, reading):
		whole = 1 << (len(reading) - 1)
	}
	initial = 1
	if len(rest) > 1 && len(letters) > 1 && letters[1] == 'h' && rest[1] == reading[1] {
		initial |= 1 << 1
	}
	return whole, initial
}

// rank tells how well the query matches what a product is searched by, as far
// as its sketch allows for that. A match worse than worst need not be told from
// none.
func (m *matcher) rank(name, codes []glyph, written, spelled bool, worst rank) rank {
	best := rankNone
	if written && m.text != nil {
		best = m.written(name, codes, worst)
	}
	if spelled && best > rankPrefix && worst > rankPrefix {
		best = min(best, m.spelled(name, worst))
	}
	return best
}

func (m *matcher) written(name, codes []glyph, worst rank) rank {
	best := rankNone
	switch {
	case m.begins(name):
		best = rankPrefix
	case worst >= rankInside && m.inside(name):
		best = rankInside
	}
	for i, g := range codes {
		if g != m.text[0] || !m.begins(codes[i:]) {
			continue
		}
		end := i + len(m.text)
		switch {
		case codes[i-1] != gap:
			best = min(best, rankInside)
		case end == len(codes) || codes[end] == gap:
			return rankExact
		default:
			best = min(best, rankPrefix)
		}
	}
	return best
}

func (m *matcher) begins(cells []glyph) bool {
	return len(cells) >= len(m.text) && slices.Equal(cells[:len(m.text)], m.text)
}

func (m *matcher) inside(cells []glyph) bool {
	for i, g := range cells {
		if g == m.text[0] && m.begins(cells[i:]) {
			return true
		}
	}
	return false
}

func (m *matcher) spelled(name []glyph, worst rank) rank {
	const anywhere = 1 // offset 0: the query may begin with each character
	keypad := m.half == onKeypad
	if m.letters == 0 || keypad && worst < rankKeypad {
		return rankNone
	}
	best := rankNone
	if worst >= rankWithin {
		if !m.follow(name, m.mixed, anywhere) {
			return rankNone
		}
		best = rankWithin
	}
	switch {
	case keypad && (m.initials(name) || m.follow(name, m.whole, 0)):
		return rankKeypad
	case keypad:
		return best
	case m.initials(name):
		return rankInitials
	case m.follow(name, m.whole, 0):
		return rankFull
	case m.follow(name, m.mixed, 0):
		return rankMixed
	}
	return best
}

// follow goes along a name with the set of offsets that the query has got to,
// and again after each character. begin is added to each set.
func (m *matcher) follow(name []glyph, takes []uint8, begin uint64) bool {
	offsets := uint64(1)
	for _, g := range name {
		if takes[g] == 0 && offsets == 1 && begin == 1 || !m.spoken[g] {
			continue
		}
		next := begin
		for ; offsets != 0; offsets &= offsets - 1 {
			k := bits.TrailingZeros64(offsets)
			taken := takes[k*m.width+int(g)]
			if taken&done != 0 {
				return true
			}
			next |= uint64(taken) << (k + 1)
		}
		if offsets = next; offsets == 0 {
			break
		}
	}
	return false
}

func (m *matcher) initials(name []glyph) bool {
	k := 0
	for _, g := range name {
		switch {
		case !m.spoken[g]:
			continue
		case m.mixed[k*m.width+int(g)]&1 == 0:
			return false
		}
		if k++; k == m.letters {
			return true
		}
	}
	return false
}
