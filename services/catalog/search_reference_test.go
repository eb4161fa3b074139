package catalog_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/width"

	"cashier/services/catalog"
)

// reference finds as Find does, slowly and as its documentation has it: every
// spelling of every product is tried. products are in HQ's order.
type reference struct {
	products []catalog.Product
	taught   map[string]int64
	sold     map[int64]int
}

const (
	refExact = iota
	refPrefix
	refInitials
	refFull
	refMixed
	refKeypad
	refInside
	refWithin
	refNone
)

func (r reference) find(query string, limit int) (ids []int64) {
	ranks := map[int64]int{}
	for _, p := range r.products {
		if rank := r.rank(query, p); rank < refNone {
			ranks[p.ProductID] = rank
			ids = append(ids, p.ProductID)
		}
	}
	slices.SortStableFunc(ids, func(a, b int64) int {
		return cmp.Or(ranks[a]-ranks[b], r.sold[b]-r.sold[a])
	})
	return ids[:min(len(ids), max(limit, 0))]
}

func (r reference) rank(query string, p catalog.Product) int {
	q := refFold(query)
	if runes := []rune(q); len(runes) > 63 {
		q = string(runes[:63])
	}
	if q == "" {
		return refNone
	}
	name, codes := refFold(p.Name), []string{refFold(p.Code)}
	for code, id := range r.taught {
		if id == p.ProductID {
			codes = append(codes, refFold(code))
		}
	}
	written := append(slices.Clone(codes), name)
	switch {
	case slices.Contains(codes, q):
		return refExact
	case slices.ContainsFunc(written, func(s string) bool { return strings.HasPrefix(s, q) }):
		return refPrefix
	}
	spelled := refSpelled(q, refReadings(name))
	if spelled < refInside {
		return spelled
	}
	if slices.ContainsFunc(written, func(s string) bool { return strings.Contains(s, q) }) {
		return refInside
	}
	return spelled
}

var (
	onlyTyped  = regexp.MustCompile(`^[a-z0-9]+$`)
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
	onlyPinyin = regexp.MustCompile(`^[a-z]{1,6}$`)
)

// way is one way to type a character of this reading.
type way func(reading string) []string

func initials(s string) []string { return []string{s[:1]} }
func full(s string) []string     { return []string{s} }
func mixed(s string) []string {
	if strings.HasPrefix(s, "zh") || strings.HasPrefix(s, "ch") || strings.HasPrefix(s, "sh") {
		return []string{s, s[:1], s[:2]}
	}
	return []string{s, s[:1]}
}

func onKeys(w way) way {
	return func(s string) (digits []string) {
		for _, typed := range w(s) {
			digits = append(digits, refKeys(typed))
		}
		return digits
	}
}

func refSpelled(q string, name [][]string) int {
	if !onlyTyped.MatchString(q) {
		return refNone
	}
	anywhere := mixed
	if onlyDigits.MatchString(q) {
		if begins(q, name, onKeys(initials)) || begins(q, name, onKeys(full)) {
			return refKeypad
		}
		anywhere = onKeys(mixed)
	} else {
		for i, w := range []way{initials, full, mixed} {
			if begins(q, name, w) {
				return refInitials + i
			}
		}
	}
	for i := range name {
		if begins(q, name[i:], anywhere) {
			return refWithin
		}
	}
	return refNone
}

// begins reports whether the name, typed in some way, begins with q.
func begins(q string, name [][]string, w way) bool {
	if len(name) == 0 {
		return false
	}
	for _, reading := range name[0] {
		for _, typed := range w(reading) {
			if strings.HasPrefix(typed, q) {
				return true
			}
			if rest, ok := strings.CutPrefix(q, typed); ok && begins(rest, name[1:], w) {
				return true
			}
		}
	}
	return false
}

// refReadings are those of each character that has any.
func refReadings(name string) (readings [][]string) {
	for _, r := range name {
		if onlyTyped.MatchString(string(r)) {
			readings = append(readings, []string{string(r)})
			continue
		}
		var of []string
		for _, s := range pinyin.SinglePinyin(r, pinyin.Args{Style: pinyin.Normal, Heteronym: true}) {
			if onlyPinyin.MatchString(s) {
				of = append(of, s)
			}
		}
		if of != nil && unicode.Is(unicode.Han, r) {
			readings = append(readings, of)
		}
	}
	return readings
}

func refFold(s string) string {
	s = strings.ToLower(width.Fold.String(strings.ToValidUTF8(s, "\uFFFD")))
	s = strings.Join(strings.Fields(s), "")
	return strings.NewReplacer("'", "", "’", "", "ü", "v").Replace(s)
}

func refKeys(letters string) string {
	for digit, on := range map[string]string{"2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz"} {
		for _, letter := range on {
			letters = strings.ReplaceAll(letters, string(letter), digit)
		}
	}
	return letters
}
