package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"cashier/app"
	"cashier/services/fault"
	"cashier/services/hq"
)

func stockList(ctx context.Context, c *call) (int, error) {
	set := newFlags("stock list")
	class, keyword := set.String("class", "", ""), set.String("keyword", "", "")
	limit := set.Int("limit", 100, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *limit < 1 || (*class != "" && *keyword != "") {
		return 0, usage("stock list takes --class or --keyword, and --limit of 1 or more")
	}
	t, client, err := c.readHQ(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	stock, bad, err := readStock(ctx, t, client, *class, *keyword, *limit)
	if err != nil {
		return 0, err
	}
	for _, u := range bad {
		fmt.Fprintf(c.Err, "cashierctl: %s %s: %s\n", u.ProductCode, u.ProductName, u.Err)
	}
	return Done, c.print(stock, func(w io.Writer) {
		for _, s := range stock {
			fmt.Fprintf(w, "%d  %s  %s  %s %s  cost %s  last %s\n", s.ProductID, s.ProductCode, s.ProductName, s.Qty, s.ProductUnit, s.CostPrice, s.LastPrice)
		}
	})
}

func readStock(ctx context.Context, t *app.Till, client *hq.Client, class, keyword string, limit int) ([]hq.Stock, []hq.Unreadable, error) {
	stock := []hq.Stock{}
	if class != "" {
		id, err := classID(t, class)
		if err != nil {
			return nil, nil, err
		}
		rows, err := client.StockListByClass(ctx, strconv.FormatInt(id, 10))
		return append(stock, rows[:min(limit, len(rows))]...), nil, err
	}
	all := stockPages{seen: map[stockKey]bool{}}
	for page := 0; len(all.rows) < limit; page++ {
		p, err := client.StockList(ctx, hq.ListQuery{Keyword: keyword, PageIndex: page, PageSize: min(limit, 200)})
		if err != nil {
			return nil, nil, err
		}
		more, err := all.add(p)
		if err != nil {
			return nil, nil, err
		}
		if !more {
			break
		}
	}
	return append(stock, all.rows[:min(limit, len(all.rows))]...), all.bad, nil
}

// stockPages are the pages so far. HQ may give fewer rows a page than it was
// asked for, so that a short page is no end; and each page must bring something
// new, so that there is one.
type stockPages struct {
	rows  []hq.Stock
	bad   []hq.Unreadable
	read  int64
	pages int
	seen  map[stockKey]bool
}

type stockKey struct {
	id, product int64
	code, name  string
}

// mostStockPages is more than any shop fills.
const mostStockPages = 2_000

func (s *stockPages) add(p hq.Page[hq.Stock]) (more bool, err error) {
	fresh := 0
	note := func(k stockKey) {
		if !s.seen[k] {
			s.seen[k] = true
			fresh++
		}
	}
	for _, r := range p.Data {
		note(stockKey{int64(r.ID), int64(r.ProductID), string(r.ProductCode), string(r.ProductName)})
	}
	for _, u := range p.Unreadable {
		note(stockKey{0, u.ProductID, u.ProductCode, u.ProductName})
	}
	rows := len(p.Data) + len(p.Unreadable)
	s.pages++
	if rows > 0 && fresh == 0 || s.pages > mostStockPages {
		return false, fault.New(fault.Contract, "hq.stock_repeated", "HQ gives the same page of stock again and again, so its list cannot be read to the end. Check hq.page_base, and tell support.")
	}
	s.rows, s.bad = append(s.rows, p.Data...), append(s.bad, p.Unreadable...)
	s.read += int64(rows)
	return rows > 0 && (p.TotalCount == 0 || s.read < int64(p.TotalCount)), nil
}
