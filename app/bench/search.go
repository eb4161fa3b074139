package bench

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/mozillazg/go-pinyin"

	"cashier/localdb"
	"cashier/services/catalog"
)

// shown is how many products the shelf shows of a search.
const shown = 120

// search measures one keystroke: everything that is typed up to there is looked
// for anew.
func (r *run) search(ctx context.Context) error {
	r.says("searching")
	ix := r.till.Catalog.Index()
	typed := keystrokes(ix, r.p.Seed, r.p.effort.keystrokes)
	var ours series
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, q := range typed {
		start := time.Now()
		ix.Find(q, shown)
		ours.add(time.Since(start))
	}
	runtime.ReadMemStats(&after)
	peer, err := r.like(ctx, typed)
	if err != nil {
		return err
	}
	const against = "SQL LIKE on the same rows"
	r.found(Figure{Goal: "P2", What: "one search keystroke, p99", Value: ours.percentile(99), Unit: "ms", Floor: peer.percentile(99), Against: against}, atMost, 5)
	r.found(Figure{Goal: "P2", What: "one search keystroke, median", Value: ours.median(), Unit: "ms", Floor: peer.median(), Against: against}, faster, 10)
	bytes := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(typed))
	r.found(Figure{Goal: "P2", What: "allocated by one keystroke", Value: bytes / 1024, Unit: "KiB"}, noGoal, 0)
	return nil
}

// like asks SQLite the same, as often as there is time for.
func (r *run) like(ctx context.Context, typed []string) (series, error) {
	db, err := localdb.OpenCatalogRead(ctx, filepath.Join(r.tillDir(), "catalog.db"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Shut() }() // only read from
	var out series
	begin := time.Now()
	for i := 0; i < min(len(typed), r.p.effort.likes) && time.Since(begin) < r.p.effort.likesFor; i++ {
		start := time.Now()
		if _, err := db.Like(ctx, typed[i*len(typed)/r.p.effort.likes%len(typed)], shown); err != nil {
			return nil, err
		}
		out.add(time.Since(start))
	}
	return out, nil
}

// keystrokes are what stands in the search box while people type the names,
// initials, pinyin, keypad digits and numbers of products: n of them.
func keystrokes(ix *catalog.Index, seed uint64, n int) []string {
	pick := rand.New(rand.NewPCG(seed, 2))
	all := ix.All()
	var out []string
	for len(out) < n {
		p := all[pick.IntN(len(all))]
		name := []rune(p.Name)
		var word string
		switch pick.IntN(5) {
		case 0:
			from := pick.IntN(len(name))
			word = string(name[from:min(len(name), from+4)])
		case 1:
			word = spelled(name, true)
		case 2:
			word = spelled(name[:min(len(name), 3)], false)
		case 3:
			word = keypad(spelled(name, true))
		default:
			word = p.Code
		}
		for i := range []rune(word) {
			out = append(out, string([]rune(word)[:i+1]))
		}
	}
	pick.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:n]
}

// spelled is a name in pinyin, of which initials take the first letters.
func spelled(name []rune, initials bool) string {
	var b strings.Builder
	for _, syllable := range pinyin.LazyPinyin(string(name), pinyin.NewArgs()) {
		if initials {
			syllable = syllable[:1]
		}
		b.WriteString(syllable)
	}
	return b.String()
}

// keypad are the digits that bear the letters on a telephone.
func keypad(letters string) string {
	const digits = "22233344455566677778889999"
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return rune(digits[r-'a'])
	}, letters)
}
