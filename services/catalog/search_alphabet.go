package catalog

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/width"
)

// glyph is a character as the search sees it: two that differ in width or case
// only are one. A shop's names use a few thousand.
type glyph uint16

const (
	gap    glyph = iota // between a name and a code; no character
	blank               // a character that does not count; never in a cell
	other               // a character beyond the 65,533rd different one; matches nothing
	glyphs              // the first glyph of a character
)

// alphabet gives characters their glyphs as names come along.
type alphabet struct {
	glyphs    map[rune]glyph // by character as written, and as folded
	spoken    []bool         // by glyph: it has a reading
	voices    []*voice       // by glyph
	syllables []syllable
	at        map[string]int // in syllables
}

// syllable is one reading and the glyphs that have it.
type syllable struct {
	letters string // pinyin without tones, or one letter or digit
	digits  string // the same on the keys of a telephone
	glyphs  []glyph
}

func newAlphabet() *alphabet {
	return &alphabet{glyphs: map[rune]glyph{}, spoken: make([]bool, glyphs), voices: make([]*voice, glyphs), at: map[string]int{}}
}

func (a *alphabet) clone() *alphabet {
	c := &alphabet{glyphs: maps.Clone(a.glyphs), spoken: slices.Clone(a.spoken), voices: slices.Clone(a.voices), syllables: slices.Clone(a.syllables), at: maps.Clone(a.at)}
	for i, s := range c.syllables {
		c.syllables[i].glyphs = slices.Clip(s.glyphs) // so that the next one is written elsewhere
	}
	return c
}

// write appends the glyphs of s.
func (a *alphabet) write(cells []glyph, s string) []glyph {
	for _, r := range s {
		g, met := a.glyphs[r]
		if !met {
			g = a.meet(r)
		}
		if g != blank {
			cells = append(cells, g)
		}
	}
	return cells
}

func (a *alphabet) meet(r rune) glyph {
	f, counts := fold(r)
	g, met := a.glyphs[f]
	switch {
	case !counts:
		g = blank
	case met:
	case len(a.spoken) > math.MaxUint16:
		g = other
	default:
		g = glyph(len(a.spoken))
		spoken := readings(f)
		a.spoken = append(a.spoken, len(spoken) > 0)
		a.voices = append(a.voices, newVoice(spoken))
		for _, s := range spoken {
			a.read(g, s)
		}
		a.glyphs[f] = g
	}
	a.glyphs[r] = g
	return g
}

func (a *alphabet) read(g glyph, letters string) {
	at, known := a.at[letters]
	if !known {
		at = len(a.syllables)
		a.at[letters] = at
		a.syllables = append(a.syllables, syllable{letters: letters, digits: onPhone(letters)})
	}
	a.syllables[at].glyphs = append(a.syllables[at].glyphs, g)
}

// fold takes away what people do not type: width, case, the dots of ü, which
// keyboards write v. Blanks and apostrophes do not count: they divide
// syllables.
func fold(r rune) (rune, bool) {
	if f := width.LookupRune(r).Folded(); f != 0 {
		r = f
	}
	r = unicode.ToLower(r)
	switch {
	case r == 'ü':
		return 'v', true
	case unicode.IsSpace(r), r == '\'', r == '’':
		return 0, false
	}
	return r, true
}

var everyReading = pinyin.Args{Style: pinyin.Normal, Heteronym: true}

// readings are all a folded character can be spelled by: 重 is zhong, chong and
// tong. The dictionary's few that no keyboard can type (ê, m̀) are left out.
func readings(r rune) []string {
	if typed(r) {
		return []string{string(r)}
	}
	if !unicode.Is(unicode.Han, r) {
		return nil
	}
	return slices.DeleteFunc(pinyin.SinglePinyin(r, everyReading), func(s string) bool {
		return s == "" || len(s) > longestReading || strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' })
	})
}

// longestReading is that of 双, shuang.
const longestReading = 6

// typed reports whether a folded character is one that readings are made of.
func typed(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }

// phoneKey is the digit a letter lies on (ITU-T E.161); digits are themselves.
func phoneKey(letter byte) byte {
	if letter <= '9' {
		return letter
	}
	return "22233344455566677778889999"[letter-'a']
}

func onPhone(letters string) string {
	digits := []byte(letters)
	for i, letter := range digits {
		digits[i] = phoneKey(letter)
	}
	return string(digits)
}
