//go:build !race

package catalog_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite" // looks into the file as another program would
	"pgregory.net/rapid"

	"cashier/localdb"
	"cashier/services/catalog"
	"cashier/services/fault"
)

// crash is a process that ends where it stands.
type crash struct{}

// fuse ends the process at the n-th point from now; 0: never. Once it is dead
// nothing more happens in it.
type fuse struct {
	n    int
	dead bool
}

func (f *fuse) burnt() bool {
	if f.n > 0 {
		f.n--
		f.dead = f.dead || f.n == 0
	}
	return f.dead
}

func (f *fuse) point() {
	if f.burnt() {
		panic(crash{})
	}
}

// mortal is a cache whose process may die before and after each transaction.
type mortal struct {
	*localdb.Catalog
	*fuse
	applied func()
}

func (m mortal) Apply(ctx context.Context, c catalog.Change) (int, error) {
	m.point()
	defer m.point()
	rows, err := m.Catalog.Apply(ctx, c)
	if err == nil {
		m.applied() // a sync that goes on from an earlier one applies twice
	}
	return rows, err
}

func (m mortal) Stage(ctx context.Context, from int, s catalog.Staged) error {
	m.point()
	defer m.point()
	return m.Catalog.Stage(ctx, from, s)
}

func (m mortal) Hold(ctx context.Context, d catalog.HeldDelivery) error {
	m.point()
	defer m.point()
	return m.Catalog.Hold(ctx, d)
}

// world is an HQ whose list moves while it is read, and a till that dies.
type world struct {
	*rapid.T
	dir   string
	lives int
	fuse  fuse
	clock time.Time

	office map[int64]int64 // product id → fen
	order  []int64
	whole  map[string]bool // every list HQ ever had as a whole, and what was allowed of a list that never stood still
	ever   map[string]bool // every "id=fen" HQ ever had
	moved  int             // times, since the sync began
	deeds  []uint64        // the moves before the next pages; 0: none
	fails  int             // the page that fails; 0: none

	db     *localdb.Catalog
	ledger *localdb.Ledger
	c      *catalog.Catalog

	shown map[int64][]string // what the cache has had of each product, in order
	wrong string             // found where a test cannot be ended
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v: %v", err, errors.Unwrap(err))
	}
}

func (w *world) now() time.Time {
	w.clock = w.clock.Add(1500 * time.Millisecond)
	return w.clock
}

func sign[V any](m map[int64]V) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%d=%v", id, m[id]))
	}
	return fmt.Sprint(out)
}

// stands notes the list that HQ has now.
func (w *world) stands() {
	w.whole[sign(w.office)] = true
	for id, fen := range w.office {
		w.ever[fmt.Sprintf("%d=%d", id, fen)] = true
	}
}

// move changes HQ's list once: several prices together, a product that comes, one
// that goes, one that comes while another goes, another order.
func (w *world) move(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	fen := func() int64 { return 100 + r.Int64N(600) } // never eight times another
	drop := func() {
		if len(w.order) > 1 {
			i := r.IntN(len(w.order))
			delete(w.office, w.order[i])
			w.order = slices.Delete(w.order, i, i+1)
		}
	}
	put := func() {
		n := 1 + r.Int64N(14)
		if _, has := w.office[n]; !has {
			w.order = slices.Insert(w.order, r.IntN(len(w.order)+1), n)
		}
		w.office[n] = fen()
	}
	switch r.IntN(5) {
	case 0:
		for _, n := range w.order {
			w.office[n] = fen()
		}
	case 1:
		put()
	case 2:
		drop()
	case 3:
		drop()
		put()
	case 4:
		r.Shuffle(len(w.order), func(i, j int) { w.order[i], w.order[j] = w.order[j], w.order[i] })
	}
	w.moved++
	w.stands()
}

func (w *world) seed() uint64 { return rapid.Uint64().Draw(w.T, "move") }

// ProductPage implements catalog.Source.
func (w *world) ProductPage(ctx context.Context, index, size int) (catalog.Page, error) {
	if w.fuse.burnt() {
		return catalog.Page{}, errCrashed
	}
	if len(w.deeds) > 0 {
		if w.deeds[0] != 0 {
			w.move(w.deeds[0])
		}
		w.deeds = w.deeds[1:]
	}
	w.check(w.seen(false)) // whoever reads in the middle of a sync
	if index == w.fails {
		w.fails = 0
		return catalog.Page{}, fault.New(fault.Unreachable, "hq.down", "HTTP 500")
	}
	from := min((index-1)*size, len(w.order))
	var page []catalog.Offer
	for _, n := range w.order[from:min(from+size, len(w.order))] {
		page = append(page, offer(n, func(o *catalog.Offer) { o.Price, o.Sort = decimal.New(w.office[n], -2), 1 }))
	}
	return catalog.Page{Offers: page, Total: len(w.order)}, nil
}

func (w *world) onDisk() map[int64]catalog.Product {
	got, err := w.db.Products(context.Background())
	w.ok(err)
	m := map[int64]catalog.Product{}
	for _, p := range got {
		m[p.ProductID] = p
	}
	return m
}

func fens(products map[int64]catalog.Product) map[int64]int64 {
	m := map[int64]int64{}
	for id, p := range products {
		m[id] = int64(p.Price)
	}
	return m
}

// check keeps what is wrong until the test can be ended.
func (w *world) check(wrong string) {
	if w.wrong == "" {
		w.wrong = wrong
	}
}

// seen holds what is on the disk against everything HQ has ever had; ended, it
// is what a sync or a crash left.
func (w *world) seen(ended bool) (wrong string) {
	now := fens(w.onDisk())
	state := sign(now)
	if len(now) == 0 {
		return "" // never synced, or lost
	}
	if !w.whole[state] {
		for id, fen := range now {
			if !w.ever[fmt.Sprintf("%d=%d", id, fen)] {
				return fmt.Sprintf("product %d costs %d, which HQ never said", id, fen)
			}
		}
		if w.moved < 2 { // which three readings always outlast
			return fmt.Sprintf("half a list: %s, HQ had %v", state, slices.Sorted(maps.Keys(w.whole)))
		}
		w.whole[state] = true
	}
	if !ended {
		return ""
	}
	for id := range w.shown {
		if _, has := now[id]; !has {
			w.show(id, "-")
		}
	}
	for id, fen := range now {
		w.show(id, fmt.Sprint(fen))
	}
	return ""
}

func (w *world) show(id int64, what string) {
	had := w.shown[id]
	if len(had) == 0 || had[len(had)-1] != what {
		w.shown[id] = append(had, what)
	}
}

func (w *world) path(name string) string { return filepath.Join(w.dir, fmt.Sprint(w.lives), name) }

// born opens the till on its folder.
func (w *world) born() {
	ctx := context.Background()
	var err error
	w.ledger, err = localdb.Open(ctx, localdb.Params{Path: w.path("ledger.db"), Now: w.now, Hook: func(string) { w.fuse.point() }})
	w.ok(err)
	w.db, err = localdb.OpenCatalog(ctx, localdb.CatalogParams{Path: w.path("catalog.db"), Now: w.now, Warn: func(err error) { w.Fatal(err) }})
	w.ok(err)
	w.c, err = catalog.Open(ctx, catalog.Params{
		Store: mortal{w.db, &w.fuse, func() { w.check(w.seen(true)) }}, Source: w, History: w.ledger, PageSize: 2, Now: w.now, Warn: func(err error) { w.Fatal(err) },
	})
	w.ok(err)
}

// dies leaves the files as the process left them, open transactions and all.
func (w *world) dies() {
	w.fuse = fuse{}
	old := w.path("")
	w.lives++
	w.ok(os.CopyFS(w.path(""), os.DirFS(old)))
	w.ok(w.db.Shut())
	w.ok(w.ledger.Shut())
	w.ok(os.RemoveAll(old))
}

// mayDie runs f and reports whether it came to its end.
func (w *world) mayDie(f func()) (alive bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(crash); !is {
				panic(r)
			}
			alive = false
		}
	}()
	f()
	return true
}

// restart is a new process, which may die while it starts.
func (w *world) restart() {
	for {
		w.dies()
		if w.mayDie(w.born) {
			return
		}
	}
}

// writes is how many rows of products were really written.
func (w *world) writes() (n int) {
	db, err := sql.Open("sqlite", w.path("catalog.db"))
	w.ok(err)
	defer db.Close()
	w.ok(db.QueryRow(`SELECT n FROM writes`).Scan(&n))
	return n
}

func (w *world) sync(o catalog.Options) (r catalog.Report, err error) {
	before, wrote := w.onDisk(), w.writes()
	if w.moved = 0; len(before) == 0 {
		w.moved = 2 // a first list is taken as it comes
	}
	alive := w.mayDie(func() { r, err = w.c.SyncWith(context.Background(), o, nil) })
	w.deeds = nil
	if !alive || w.fuse.dead {
		w.restart()
		err = errCrashed
	}
	w.check(w.seen(true))
	if w.wrong != "" {
		w.Fatal(w.wrong)
	}
	if errors.Is(err, errCrashed) {
		return r, err
	}
	differ := 0
	after := w.onDisk()
	for id, p := range after {
		if q, had := before[id]; !had || !q.Equal(p) {
			differ++
		}
	}
	for id := range before {
		if _, has := after[id]; !has {
			differ++
		}
	}
	if n := w.writes() - wrote; n != r.RowsWritten || r.Resumed == 0 && n != differ {
		w.Fatalf("%d products differ, %d rows were written, and it says %d", differ, n, r.RowsWritten)
	}
	return r, err
}

var errCrashed = errors.New("crashed")
