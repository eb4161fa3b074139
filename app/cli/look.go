package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"cashier/app"
	"cashier/services/catalog"
	"cashier/services/fault"
)

func productFind(ctx context.Context, c *call) (int, error) {
	set := newFlags("product find")
	limit := set.Int("limit", 20, "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	found := t.Catalog.Index().Find(words[0], *limit)
	views := make([]productJSON, len(found))
	for i, p := range found {
		views[i] = productView(p)
	}
	return Done, c.print(views, func(w io.Writer) {
		for _, p := range found {
			writeProduct(w, p)
		}
	})
}

func productShow(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("product show"), 1)
	if err != nil {
		return 0, err
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	p, err := showProduct(t.Catalog.Index(), words[0])
	if err != nil {
		return 0, err
	}
	view := productView(p)
	if q, known := t.Catalog.Stock(p.ProductID); known {
		view.Stock = &q
	}
	return Done, c.print(view, func(w io.Writer) {
		writeProduct(w, p)
		if view.Stock != nil {
			fmt.Fprintf(w, "stock %s %s at %s\n", *view.Stock, p.Unit, t.Catalog.StockAt().In(t.Zone).Format(time.DateTime))
		}
	})
}

// showProduct takes HQ's product id or, failing that, the 货号.
func showProduct(ix *catalog.Index, word string) (catalog.Product, error) {
	if id, err := strconv.ParseInt(word, 10, 64); err == nil {
		if p, ok := ix.ByProductID(id); ok {
			return p, nil
		}
	}
	return oneProduct(ix, word)
}

func journalList(ctx context.Context, c *call) (int, error) {
	set := newFlags("journal list")
	since := set.String("since", "", "")
	limit := set.Int("limit", 0, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *limit < 0 {
		return 0, usage("--limit is a number of sales; 0 is all of them")
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	from, err := parseSince(*since, t.Zone)
	if err != nil {
		return 0, err
	}
	views, cut, err := journal(ctx, t, from, *limit)
	if err != nil {
		return 0, err
	}
	list := map[string]any{"sales": views}
	if cut {
		list["truncated"] = true
		fmt.Fprintf(c.Err, "cashierctl: Only the newest %d sales are shown; there are more.\n", *limit)
	}
	return Done, c.print(list, func(w io.Writer) {
		for _, v := range views {
			fmt.Fprintf(w, "%s  %s  %s  %s  %s\n", v.At, v.SaleID, v.State, v.Total.Yuan(), v.ReceiptNo)
		}
	})
}

// journal is the newest sales, all of them where limit is 0, and whether there
// are more.
func journal(ctx context.Context, t *app.Till, from time.Time, limit int) (views []saleJSON, cut bool, err error) {
	views = []saleJSON{}
	if t.Ledger == nil {
		return views, false, nil
	}
	ask := limit
	if limit > 0 && limit < math.MaxInt {
		ask++ // one more shows that there is more
	}
	sales, err := t.Ledger.Sales(ctx, from, ask)
	if err != nil {
		return nil, false, err
	}
	if limit > 0 && len(sales) > limit {
		sales, cut = sales[:limit], true
	}
	for _, s := range sales {
		views = append(views, saleView(s))
	}
	return views, cut, nil
}

// parseSince reads an RFC 3339 time, a day, or how long ago ("2h").
func parseSince(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return time.Now().Add(-d), nil
	}
	return time.Time{}, usage("--since is a day (2026-01-31), a time (2026-01-31T08:00:00+08:00) or how long ago (2h)")
}

func journalShow(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("journal show"), 1)
	if err != nil {
		return 0, err
	}
	t, err := c.readBooks(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	s, err := t.Ledger.Sale(ctx, words[0])
	if fault.CodeOf(err) == "sale.unknown" {
		s, err = t.Ledger.SaleByKey(ctx, words[0])
	}
	if fault.CodeOf(err) == "leg.unknown" {
		err = fault.New(fault.Invalid, "journal.unknown", "There is no sale and no payment {id} on this till; `cashierctl journal list` shows what there is.", "id", words[0])
	}
	if err != nil {
		return 0, err
	}
	return Done, c.print(saleDetail(s), func(w io.Writer) {
		writeSale(w, s)
		for _, l := range s.Lines {
			fmt.Fprintf(w, "  %s  %s  %s\n", l.Code, l.Name, l.Amount.Yuan())
		}
	})
}

func verify(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("verify"), 0); err != nil {
		return 0, err
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	type finding struct {
		Check   string `json:"check"`
		Subject string `json:"subject"`
		Message string `json:"message"`
	}
	broken := []finding{}
	if t.Ledger != nil {
		found, err := t.VerifyBooks(ctx)
		if err != nil {
			return 0, err
		}
		for _, f := range found {
			broken = append(broken, finding{f.Check, f.Subject, f.Message})
		}
	}
	err = c.print(map[string]any{"ok": len(broken) == 0, "broken": broken}, func(w io.Writer) {
		for _, f := range broken {
			fmt.Fprintf(w, "%s  %s  %s\n", f.Check, f.Subject, f.Message)
		}
		fmt.Fprintf(w, "%d broken\n", len(broken))
	})
	if err == nil && len(broken) > 0 {
		return RefusedExit, nil
	}
	return Done, err
}
