package reconcile

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

const (
	// margin is how far beyond the window the bill is read: the provider dates
	// an order by its own clock, and by when it was made or when it was paid.
	margin = 30 * time.Minute
	// maxSpan stays below the 30 days that vendor page 664141832203351 allows,
	// by more than a change of summer time can add.
	maxSpan     = 29 * 24 * time.Hour
	maxReadings = 3
	maxPages    = 2000
)

// Row is one row of a bill: an order, or with a RefundNo a refund of the order
// with that Key.
type Row struct {
	Key        string // outTradeNo; "" for an order that was not made through the interface
	RefundNo   string
	Amount     money.Fen           // of the order; of a refund, what it gave back
	Refunded   money.Fen           // of an order: what was given back of it, 0 where the bill does not say
	State      checkout.OrderState // of the order
	ProviderNo string
	At         time.Time // zero where the bill does not say; nothing is decided by it
	Unreadable error     // why one of the other fields may be missing; nil where all were read
}

// content is a Row as something that can be compared.
type content struct {
	key, refund, state, number, broken string
	amount, refunded                   money.Fen
	at                                 int64
}

func (r Row) content() content {
	c := content{key: r.Key, refund: r.RefundNo, state: string(r.State), number: r.ProviderNo, amount: r.Amount, refunded: r.Refunded}
	if !r.At.IsZero() {
		c.at = r.At.UnixNano()
	}
	if r.Unreadable != nil {
		c.broken = "unreadable: " + r.Unreadable.Error()
	}
	return c
}

// compare puts rows into an order that depends on nothing but what they say.
func (c content) compare(o content) int {
	return cmp.Or(
		strings.Compare(c.key, o.key), strings.Compare(c.refund, o.refund), strings.Compare(c.number, o.number),
		strings.Compare(c.state, o.state), strings.Compare(c.broken, o.broken),
		cmp.Compare(c.amount, o.amount), cmp.Compare(c.refunded, o.refunded), cmp.Compare(c.at, o.at),
	)
}

// distinct are the rows without those that repeat another one, in an order of
// their own.
func distinct(rows []Row) []Row {
	all := slices.Clone(rows)
	slices.SortFunc(all, func(a, b Row) int { return a.content().compare(b.content()) })
	return slices.CompactFunc(all, func(a, b Row) bool { return a.content() == b.content() })
}

// Bill is a provider's bill, page by page.
type Bill interface {
	// Page is one page, counted from 1, of what lies between from and to, at
	// most 30 days. more says that another page may follow; a Bill that cannot
	// tell says so for every page that holds a row. Every error is a fault;
	// one of kind Unreachable means that nobody answered.
	Page(ctx context.Context, from, to time.Time, page int) (rows []Row, more bool, err error)
}

// read reads the bill of a window and its margins.
func read(ctx context.Context, b Bill, w Window) ([]Row, error) {
	from, to := w.From.Add(-margin), w.To.Add(margin)
	pieces := int64((to.Sub(from) + maxSpan - 1) / maxSpan)
	var all []Row
	for begin := from; pieces > 0; pieces-- {
		end := begin.Add(to.Sub(begin) / time.Duration(pieces))
		rows, err := readSteady(ctx, b, begin, end, w)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		begin = end
	}
	return distinct(all), nil
}

// readSteady reads until two whole readings agree: while pages are turned,
// rows come and shift, and one reading may have skipped some.
func readSteady(ctx context.Context, b Bill, from, to time.Time, w Window) ([]Row, error) {
	var before [][]content
	for range maxReadings {
		rows, err := readOnce(ctx, b, from, to)
		if err != nil {
			return nil, err
		}
		now := concerning(rows, w)
		if slices.ContainsFunc(before, func(was []content) bool { return slices.Equal(was, now) }) {
			return rows, nil
		}
		before = append(before, now)
	}
	return nil, fault.New(fault.Contract, "reconcile.moving",
		"The bill kept changing while it was read, so nothing was compared. Try again in a quiet minute, or for a day that is over.")
}

// concerning is what two readings must agree about: the rows that are or may be
// this till's. Other tills go on selling.
func concerning(rows []Row, w Window) []content {
	var all []content
	for _, r := range rows {
		if r.Key == "" || w.owns(r.Key) {
			all = append(all, r.content())
		}
	}
	slices.SortFunc(all, content.compare)
	return all
}

// readOnce turns the pages once. A page without a new row ends the reading: so
// does a server that cannot count, or that gives the same page for ever.
func readOnce(ctx context.Context, b Bill, from, to time.Time) ([]Row, error) {
	seen := make(map[content]bool)
	var all []Row
	for page := 1; page <= maxPages; page++ {
		rows, more, err := b.Page(ctx, from, to, page)
		if err != nil {
			return nil, err
		}
		known := len(all)
		for _, r := range rows {
			if c := r.content(); !seen[c] {
				seen[c] = true
				all = append(all, r)
			}
		}
		if !more || len(all) == known {
			return all, nil
		}
	}
	return nil, fault.New(fault.Contract, "reconcile.endless",
		"The bill did not end after {pages} pages, so nothing was compared. Ask for fewer days; if it is only one, tell support.", "pages", strconv.Itoa(maxPages))
}
