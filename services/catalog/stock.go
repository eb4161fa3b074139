package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
)

// Qty is a quantity in ten-thousandths of a product's unit, as fine as HQ books
// stock. Below 0 more was sold than booked in.
type Qty int64

const qtyDigits = 4

// String is the quantity without idle zeros: "12", "0.5", "-3.25".
func (q Qty) String() string {
	sign, n := "", uint64(q)
	if q < 0 {
		sign, n = "-", -n
	}
	frac := strings.TrimRight(fmt.Sprintf("%0*d", qtyDigits, n%10_000), "0")
	if frac != "" {
		frac = "." + frac
	}
	return sign + strconv.FormatUint(n/10_000, 10) + frac
}

// MarshalText writes it as in String.
func (q Qty) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// qtyFrom refuses what is finer, or beyond a million million.
func qtyFrom(d decimal.Decimal) (Qty, bool) {
	n := d.Shift(qtyDigits)
	if !n.IsInteger() || n.Abs().GreaterThan(decimal.New(1, 16)) {
		return 0, false
	}
	return Qty(n.IntPart()), true
}

// StockOffer is a row of HQ's stock list. One with Err could not be read.
type StockOffer struct {
	ProductID  int64
	Code, Name string
	Qty        decimal.Decimal
	HasQty     bool
	Err        error
}

// StockPage is one page of HQ's stock list.
type StockPage struct {
	Offers []StockOffer
	Total  int
}

// StockSource is HQ's stock list, with the rules of Source.
type StockSource interface {
	StockPage(ctx context.Context, index, size int) (StockPage, error)
}

// StockChange is what reading the stock changes in the cache.
type StockChange struct {
	Put    []StockRow
	Remove []int64
	At     time.Time // when HQ was asked
}

// StockRow is the stock of one product.
type StockRow struct {
	ProductID int64
	Qty       Qty
}

// StockReport is what reading the stock did. Of rejected rows nothing is known.
type StockReport struct {
	Products, Changed, Removed, Rejected int
	RowsWritten, Pages                   int
	Duration                             time.Duration
}

// stock is a snapshot; the map never changes.
type stock struct {
	qty map[int64]Qty
	at  time.Time
}

// Stock is what HQ last said the shop has of a product. It is a hint for a
// person: it never keeps anything from being sold.
func (c *Catalog) Stock(productID int64) (q Qty, known bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	q, known = c.stock.qty[productID]
	return q, known
}

// StockAt is from when the stock is; zero means never.
func (c *Catalog) StockAt() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.stock.at
}

// ReadStock reads the stock as last known, where Open has left it. A hundred
// thousand rows take longer than the products, and no first sale needs them.
func (c *Catalog) ReadStock(ctx context.Context) error {
	c.stockMu.Lock()
	defer c.stockMu.Unlock()
	if !c.stockLate {
		return nil
	}
	qty, at, err := c.keeper.Stock(ctx)
	if err != nil {
		return err
	}
	c.stockLate = false
	c.changed(func() { c.stock = stock{qty, at} })
	return nil
}

// stockOf is the stock that the store has, none while that is left to ReadStock.
func (c *Catalog) stockOf(ctx context.Context) (s stock, err error) {
	c.stockMu.Lock()
	defer c.stockMu.Unlock()
	if !c.stockLate {
		s.qty, s.at, err = c.keeper.Stock(ctx)
	}
	return s, err
}

// stocked is a row of the stock list. Only its quantity matters.
type stocked struct {
	id   int64
	name string
	qty  Qty
	ok   bool
}

func (s stocked) key() int64          { return s.id }
func (s stocked) label() string       { return s.name }
func (s stocked) same(t stocked) bool { return s.id == t.id && s.qty == t.qty && s.ok == t.ok }
func (s stocked) twice() stocked      { return stocked{id: s.id, name: s.name} }

// SyncStock reads HQ's whole stock list and keeps what differs. It has the
// faults of SyncWith that speak of a list which does not add up, and
// catalog.no_stock (Invalid) where there is no list or no place for it.
func (c *Catalog) SyncStock(ctx context.Context, progress Progress) (r StockReport, err error) {
	if c.stocks == nil || c.keeper == nil {
		return r, fault.New(fault.Invalid, "catalog.no_stock", "The stock cannot be read here: HQ is not set up.")
	}
	if !c.syncing.TryLock() {
		return r, errRunning
	}
	defer c.syncing.Unlock()
	if progress == nil {
		progress = func(int, int) {}
	}
	start := c.now()
	if err := c.ReadStock(ctx); err != nil {
		return r, err
	}
	rd := reader[stocked]{size: c.pageSize, progress: progress, doubt: func([]stocked) bool { return false }, page: c.stockPage}
	rows, err := rd.all(ctx)
	if err != nil {
		return r, err
	}
	c.mu.RLock()
	old := c.stock.qty
	c.mu.RUnlock()
	now, change := stockChange(old, rows, &r)
	change.At, r.Pages = start, rd.asked
	if r.RowsWritten, err = c.keeper.PutStock(ctx, change); err != nil {
		if fault.CodeOf(err) == "catalog.set_aside" {
			_ = c.reload(ctx) // the store is another one now, and empty
		}
		return r, err
	}
	c.changed(func() { c.stock = stock{now, start} })
	r.Duration = c.now().Sub(start)
	return r, nil
}

func (c *Catalog) stockPage(ctx context.Context, index, size int) answer[stocked] {
	page, err := c.stocks.StockPage(ctx, index, size)
	return answer[stocked]{len(page.Offers), page.Total, page.rows, err}
}

func (p StockPage) rows() []stocked {
	rows := make([]stocked, len(p.Offers))
	for i, o := range p.Offers {
		rows[i] = stocked{id: o.ProductID, name: o.Name}
		if o.Err == nil && o.HasQty && o.ProductID > 0 {
			rows[i].qty, rows[i].ok = qtyFrom(o.Qty)
		}
	}
	return rows
}

func stockChange(old map[int64]Qty, rows []stocked, r *StockReport) (now map[int64]Qty, ch StockChange) {
	now = make(map[int64]Qty, len(rows))
	for _, s := range rows {
		if !s.ok {
			r.Rejected++
			continue
		}
		now[s.id] = s.qty
		if was, had := old[s.id]; !had || was != s.qty {
			ch.Put = append(ch.Put, StockRow{s.id, s.qty})
		}
	}
	for id := range old {
		if _, has := now[id]; !has {
			ch.Remove = append(ch.Remove, id)
		}
	}
	slices.Sort(ch.Remove)
	r.Products, r.Changed, r.Removed = len(now), len(ch.Put), len(ch.Remove)
	return now, ch
}
