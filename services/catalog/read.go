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

// maxPages ends the reading of a list without end.
const maxPages = 10_000

// reading is HQ's list as read from its first page on, as far as that went.
type reading struct {
	offers []Offer // without what a page lists twice alike
	rows   int     // as delivered
	pages  int
	asked  int // for each page
	size   int // of the first page
	total  int // as the first page gives it
	other  int // as a later page gives it; only with endMoved
	end    ending
	again  Offer // what showed on a second page; only with endRepeated
}

// ending is why a reading stopped.
type ending uint8

const (
	endComplete ending = iota // as many rows as HQ's total
	endEmpty                  // an empty page, at another number of rows
	endMoved                  // the total changed on the way
	endRepeated               // a product of an earlier page came again
	endSamePage               // the second page is the first one
	endEndless
)

// readAll reads every page. HQ's list may move while it is read: an item then
// shows twice or is missed, or the total changes. Such a reading is thrown away
// and done again, three times at most. Two readings alike in a row have not
// moved: then HQ itself is odd, and settle decides.
func (c *Catalog) readAll(ctx context.Context, progress Progress) (offers []Offer, pages int, err error) {
	var last reading
	for n := range 3 {
		r, err := c.readOnce(ctx, progress)
		pages += r.pages
		switch {
		case err != nil:
			return nil, pages, err
		case r.end == endComplete:
			return r.offers, pages, nil
		case n > 0 && r.same(last):
			offers, err = r.settle()
			return offers, pages, err
		}
		last = r
	}
	return nil, pages, errMoving
}

func (c *Catalog) readOnce(ctx context.Context, progress Progress) (reading, error) {
	r := reading{total: -1, asked: c.pageSize}
	seen := make(map[int64]bool)
	for index := 1; index <= maxPages; index++ {
		page, err := c.source.ProductPage(ctx, index, c.pageSize)
		r.pages++
		switch {
		case err != nil && r.rows == r.total && ctx.Err() == nil:
			return r, nil // some servers have a fault beyond the last page
		case err != nil:
			return r, fmt.Errorf("page %d: %w", index, err)
		}
		if r.total < 0 {
			r.total, r.size = page.Total, len(page.Offers)
		}
		if page.Total != r.total && len(page.Offers) > 0 {
			r.other, r.end = page.Total, endMoved
			return r, nil
		}
		stopped := r.add(page.Offers, seen)
		progress(r.rows, max(r.rows, r.total))
		if stopped {
			return r, nil
		}
	}
	r.end = endEndless
	return r, nil
}

// add takes in the next page and reports whether it was the last. A full page
// that makes up the total is not: a total that only counts its own page would
// pass for the whole list.
func (r *reading) add(page []Offer, seen map[int64]bool) (stopped bool) {
	if r.ends(page, seen) {
		return true
	}
	for _, o := range page {
		seen[o.ProductID] = true
	}
	r.rows += len(page)
	r.offers = append(r.offers, once(page)...)
	r.end = endComplete
	return r.rows == r.total && len(page) < r.asked
}

// ends sees a page that brings nothing new, or not only what is new.
func (r *reading) ends(page []Offer, seen map[int64]bool) bool {
	repeated := func(o Offer) bool { return o.ProductID > 0 && seen[o.ProductID] }
	at := slices.IndexFunc(page, repeated)
	switch {
	case len(page) == 0:
		r.end = endEmpty
	case r.pages == 2 && alike(r.offers, once(page)):
		r.end = endSamePage
	case at >= 0:
		r.again, r.end = page[at], endRepeated
	default:
		return false
	}
	fresh := slices.ContainsFunc(page, func(o Offer) bool { return !repeated(o) })
	if r.rows == r.total && !fresh {
		r.end = endComplete // servers that give the last page again beyond it
	}
	return true
}

// once keeps the first of what a page lists several times alike. Where they
// differ nobody can say which holds, so that all of them are marked.
func once(page []Offer) []Offer {
	at := make(map[int64]int, len(page))
	out := make([]Offer, 0, len(page))
	for _, o := range page {
		i, had := at[o.ProductID]
		switch {
		case o.ProductID <= 0 || !had:
			at[o.ProductID] = len(out)
		case out[i].same(o):
			continue
		default:
			out[i].twice, o.twice = true, true
		}
		out = append(out, o)
	}
	return out
}

func alike(a, b []Offer) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].same(b[i]) {
			return false
		}
	}
	return true
}

func (r reading) same(q reading) bool {
	return r.end == q.end && r.total == q.total && r.rows == q.rows && alike(r.offers, q.offers)
}

// settle decides on a list that is odd and stays so. A total that is missing or
// too low is HQ's slip where the pages themselves end; a total above what they
// give may mean that products were missed, and the missed would be removed.
func (r reading) settle() ([]Offer, error) {
	said, listed := strconv.Itoa(r.total), strconv.Itoa(r.rows)
	missed := r.total - r.rows
	switch {
	case r.end == endEmpty && missed < 0:
		return r.offers, nil
	case r.end == endSamePage, r.end == endEmpty && (r.rows == 0 || missed == r.asked || missed == r.size):
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
			"id", strconv.FormatInt(r.again.ProductID, 10), "name", plain(r.again.Name), "total", said)
	}
	return nil, fault.New(fault.Contract, "catalog.wrong_total",
		"HQ's totalCount is wrong: it says {total} products, but its pages list {listed}. The prices here are unchanged; check hq.page_base and hq.page_size, and tell HQ's support.",
		"total", said, "listed", listed)
}
