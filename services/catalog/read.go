package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"cashier/services/fault"
)

// errMoving leaves the cache as it was, like every fault of a reading.
var errMoving = fault.New(fault.Contract, "catalog.moving", "HQ's list kept changing while it was read. The prices here are unchanged; sync again in a minute.")

// What ends the reading of a list without end.
const (
	maxPages = 10_000
	maxRows  = 1_000_000 // ten times a very large shop
	lowPages = 100       // of the size asked for: as much as a total of one page may hide
)

// row is a row of one of HQ's lists.
type row[T any] interface {
	key() int64    // HQ's product id; 0 or less where it gives none
	label() string // for a person to find it
	same(T) bool   // nothing that matters differs
	twice() T      // it, marked as listed more than once and not alike
}

// reader reads one of HQ's lists to its end.
type reader[T row[T]] struct {
	page     func(ctx context.Context, index, size int) answer[T]
	size     int
	progress Progress
	asked    int // pages asked for, in all readings
	resumed  int // pages of an earlier reading that were taken up
	endless  bool

	// doubt reports whether rows of several pages would change something: then
	// they must be read twice alike.
	doubt func(rows []T) bool

	// What an earlier reading had come to, and whoever keeps what this one
	// comes to; nil for none. Only a first reading goes on from an earlier one.
	resume func(ctx context.Context) (pages [][]T, total int)
	keep   func(ctx context.Context, index int, rows []T, total int)
}

// answer is a page as it was delivered.
type answer[T any] struct {
	n, total int        // rows of this page; in all
	judge    func() []T // the rows; it may take its time
	err      error
}

// reading is HQ's list as read from its first page on, as far as that went.
type reading[T row[T]] struct {
	rows  []T // without what a page lists twice alike
	seen  map[int64]bool
	count int // as delivered
	pages int
	asked int // for each page
	size  int // of the first page
	total int // as the first page gives it
	other int // as a later page gives it; only with endMoved
	end   ending
	again T // what showed on a second page; only with endRepeated
}

// ending is why a reading stopped.
type ending uint8

const (
	endComplete ending = iota // as many rows as HQ's total
	endEmpty                  // an empty page, at another number of rows
	endMoved                  // the total changed on the way
	endRepeated               // a product of an earlier page came again
	endSamePage               // the second page is the first one
	endEndless                // far more rows than the total, or than any shop has
)

// all reads every page. HQ's list may move while it is read: an item then
// shows twice or is missed, or the total changes. Such a reading is thrown away
// and done again, three times at most. Two readings alike in a row have not
// moved: then HQ itself is odd, and settle decides.
//
// A reading that adds up may still be of two lists: a product that goes while
// another comes leaves the total as it was, and prices that are changed together
// may lie on both sides of the page being read. So what would change anything is
// read twice alike as well: then HQ had exactly that list at one moment. Where
// only data keeps changing, the products staying the same, the third reading
// counts, or a busy HQ would never be heard.
func (rd *reader[T]) all(ctx context.Context) ([]T, error) {
	var last reading[T]
	steady := false
	for n := range 3 {
		r, err := rd.once(ctx, n == 0)
		switch {
		case err != nil:
			return nil, err
		case r.end == endEndless:
			rd.endless = true // once is enough
			return r.settle()
		case r.end == endComplete && (r.count <= r.size || !rd.doubt(r.rows)):
			return r.rows, nil
		case n > 0 && r.same(last):
			return r.settle()
		}
		steady = n > 0 && r.end == endComplete && last.end == endComplete && slices.EqualFunc(r.rows, last.rows, func(a, b T) bool { return a.key() == b.key() })
		last = r
	}
	if steady {
		return last.rows, nil
	}
	return nil, errMoving
}

func (rd *reader[T]) once(ctx context.Context, first bool) (reading[T], error) {
	r := reading[T]{total: -1, asked: rd.size, seen: make(map[int64]bool)}
	if first && rd.resume != nil {
		var err error
		if r, err = rd.goOn(ctx, r); err != nil {
			return r, err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	next := rd.ask(ctx, r.pages+1)
	defer func() { stop(); <-next }()
	for r.pages < maxPages {
		a := <-next
		switch {
		case a.err != nil && r.count == r.total && ctx.Err() == nil:
			return r, nil // some servers have a fault beyond the last page
		case a.err != nil:
			return r, a.err
		}
		// The next page is on its way while this one is looked at. Beyond the last
		// nothing is asked for before it must be.
		ahead := a.n > 0 && r.count+a.n < a.total
		if ahead {
			next = rd.ask(ctx, r.pages+2)
		}
		rows := a.judge()
		stopped := r.take(rows, a.total)
		rd.progress(r.count, max(r.count, r.total))
		if stopped {
			return r, nil
		}
		if rd.keep != nil {
			rd.keep(ctx, r.pages, rows, a.total)
		}
		if !ahead {
			next = rd.ask(ctx, r.pages+1)
		}
	}
	r.end = endEndless
	return r, nil
}

// ask gives the answer once, and is closed then.
func (rd *reader[T]) ask(ctx context.Context, index int) <-chan answer[T] {
	rd.asked++
	out := make(chan answer[T], 1)
	go func() {
		defer close(out)
		a := rd.page(ctx, index, rd.size)
		if a.err != nil {
			a.err = fmt.Errorf("page %d: %w", index, a.err)
		}
		out <- a
	}()
	return out
}

// goOn takes up an earlier reading if HQ's list has not moved since: the first
// and the last of its pages and the total must be as they were. A row that
// moved across its end shows on the last page, one that moved within it is read
// all the same. A price that changed in the middle is not seen: whoever goes on
// has to read once more.
func (rd *reader[T]) goOn(ctx context.Context, empty reading[T]) (reading[T], error) {
	pages, total := rd.resume(ctx)
	if len(pages) == 0 {
		return empty, nil
	}
	for _, index := range []int{1, len(pages)} {
		a := <-rd.ask(ctx, index)
		if a.err != nil {
			return empty, a.err
		}
		if a.total != total || !alike(a.judge(), pages[index-1]) {
			return empty, nil
		}
	}
	r := empty
	r.seen = make(map[int64]bool)
	for _, rows := range pages {
		if r.take(rows, total) {
			return empty, nil
		}
	}
	rd.resumed = len(pages)
	return r, nil
}

// take takes in the next page and reports whether it was the last.
func (r *reading[T]) take(rows []T, total int) (stopped bool) {
	r.pages++
	if r.total < 0 {
		r.total, r.size = total, len(rows)
	}
	if total != r.total && len(rows) > 0 {
		r.other, r.end = total, endMoved
		return true
	}
	return r.add(rows)
}

// add: a full page that makes up the total is not the last. A total that only
// counts its own page would pass for the whole list.
func (r *reading[T]) add(page []T) (stopped bool) {
	if r.ends(page) {
		return true
	}
	for _, o := range page {
		r.seen[o.key()] = true
	}
	r.count += len(page)
	if r.count > r.most() {
		r.end = endEndless
		return true
	}
	r.rows = append(r.rows, once(page)...)
	r.end = endComplete
	return r.count == r.total && len(page) < r.asked
}

// most is how many rows a list may have: a total may be too low, or of one page
// alone, but not by far.
func (r *reading[T]) most() int {
	if r.total <= 0 {
		return maxRows
	}
	return max(min(r.total, maxRows/2)*2+max(r.asked, r.size), lowPages*r.asked)
}

// ends sees a page that brings nothing new, or not only what is new.
func (r *reading[T]) ends(page []T) bool {
	repeated := func(o T) bool { return o.key() > 0 && r.seen[o.key()] }
	at := slices.IndexFunc(page, repeated)
	switch {
	case len(page) == 0:
		r.end = endEmpty
	case r.pages == 2 && alike(r.rows, once(page)):
		r.end = endSamePage
	case at >= 0:
		r.again, r.end = page[at], endRepeated
	default:
		return false
	}
	fresh := slices.ContainsFunc(page, func(o T) bool { return !repeated(o) })
	if r.count == r.total && !fresh {
		r.end = endComplete // servers that give the last page again beyond it
	}
	return true
}

// once keeps the first of what a page lists several times alike. Where they
// differ nobody can say which holds, so that all of them are marked.
func once[T row[T]](page []T) []T {
	at := make(map[int64]int, len(page))
	out := make([]T, 0, len(page))
	for _, o := range page {
		i, had := at[o.key()]
		switch {
		case o.key() <= 0 || !had:
			at[o.key()] = len(out)
		case out[i].same(o):
			continue
		default:
			out[i], o = out[i].twice(), o.twice()
		}
		out = append(out, o)
	}
	return out
}

func alike[T row[T]](a, b []T) bool {
	return slices.EqualFunc(a, b, func(p, q T) bool { return p.same(q) })
}

func (r reading[T]) same(q reading[T]) bool {
	return r.end == q.end && r.total == q.total && r.count == q.count && alike(r.rows, q.rows)
}

// settle decides on a list that is odd and stays so. A total that is missing or
// too low is HQ's slip where the pages themselves end; a total above what they
// give may mean that products were missed, and the missed would be removed.
func (r reading[T]) settle() ([]T, error) {
	said, listed := strconv.Itoa(r.total), strconv.Itoa(r.count)
	missed := r.total - r.count
	switch {
	case r.end == endComplete, r.end == endEmpty && missed < 0:
		return r.rows, nil
	case r.end == endSamePage, r.end == endEmpty && (r.count == 0 || missed == r.asked || missed == r.size):
		return nil, fault.New(fault.Contract, "catalog.page_base",
			"HQ's pages seem to be counted from another number than hq.page_base says: it names {total} products and {listed} could be read. The prices here are unchanged; set hq.page_base to 0 if it is 1, or to 1 if it is 0, then sync again.",
			"total", said, "listed", listed)
	case r.end == endMoved:
		return nil, fault.New(fault.Contract, "catalog.total_varies",
			"HQ's totalCount is wrong: it says {total} products on one page and {other} on another. The prices here are unchanged; set hq.page_size so large that one page holds all products, and tell HQ's support.",
			"total", said, "other", strconv.Itoa(r.other))
	case r.end == endRepeated:
		return nil, fault.New(fault.Contract, "catalog.repeated",
			"HQ lists product {id} {name} on more than one page, so others may be missing. The prices here are unchanged; correct it at HQ, or set hq.page_size so large that one page holds all {total} products, then sync again.",
			"id", strconv.FormatInt(r.again.key(), 10), "name", excerpt(r.again.label(), maxName), "total", said)
	}
	return nil, fault.New(fault.Contract, "catalog.wrong_total",
		"HQ's totalCount is wrong: it says {total} products, but its pages list {listed}. The prices here are unchanged; check hq.page_base and hq.page_size, and tell HQ's support.",
		"total", said, "listed", listed)
}
