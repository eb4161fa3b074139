package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"cashier/app"
	"cashier/services/catalog"
	"cashier/services/fault"
)

type setAsideJSON struct {
	ProductID int64  `json:"productId"`
	Code      string `json:"productCode"`
	Name      string `json:"productName"`
	Held      bool   `json:"held"` // a manager may accept it
	Reason    string `json:"reason"`
}

func setAsideViews(list []catalog.Rejection) []setAsideJSON {
	views := []setAsideJSON{}
	for _, x := range list {
		views = append(views, setAsideJSON{x.Offer.ProductID, x.Offer.Code, x.Offer.Name, x.Held, x.Reason.Error()})
	}
	return views
}

// progress says once a second how far a reading is, unless a document is asked for.
func (c *call) progress() catalog.Progress {
	if c.json {
		return nil
	}
	begun := time.Now()
	said := begun
	return func(read, total int) {
		now := time.Now()
		if now.Sub(said) < time.Second {
			return
		}
		said = now
		fmt.Fprintf(c.Err, "%d of %d products read, %d a second\n", read, total, int(float64(read)/now.Sub(begun).Seconds()))
	}
}

func syncPrices(ctx context.Context, c *call) (int, error) {
	set := newFlags("sync")
	full := set.Bool("full", false, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	return c.synced(ctx, func(t *app.Till) (catalog.Report, error) {
		if *full {
			return t.SyncFull(ctx, c.progress())
		}
		return t.Catalog.Sync(ctx, false, c.progress())
	})
}

func syncAccept(ctx context.Context, c *call) (int, error) {
	set := newFlags("sync accept")
	var products ids
	set.Var(&products, "product", "")
	all := set.Bool("all", false, "")
	why := set.String("reason", "", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *all == (len(products) > 0) {
		return 0, usage("sync accept takes --product ID … or --all, one of the two")
	}
	return c.synced(ctx, func(t *app.Till) (catalog.Report, error) { return t.AcceptPrices(ctx, products, *why, c.progress()) })
}

// synced runs a sync and prints its report. After history_late the prices are in
// force.
func (c *call) synced(ctx context.Context, run func(*app.Till) (catalog.Report, error)) (int, error) {
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	r, err := run(t)
	rejected := setAsideViews(r.Rejected)
	for _, x := range rejected {
		fmt.Fprintln(c.Err, "cashierctl: "+x.Reason)
	}
	code := Done
	switch {
	case fault.CodeOf(err) == "catalog.history_late":
		code = c.complain(err)
	case err != nil:
		return 0, stopped(err, r.RowsWritten > 0)
	}
	return c.report(code, map[string]any{
		"products": r.Products, "added": r.Added, "changed": r.Changed, "removed": r.Removed, "unchanged": r.Unchanged, "held": r.Held,
		"rowsWritten": r.RowsWritten, "pages": r.Pages, "durationMs": r.Duration.Milliseconds(), "rejected": rejected, "sync": r.No,
	}, func(w io.Writer) {
		fmt.Fprintf(w, "%d products: %d added, %d changed, %d removed, %d unchanged, %d set aside (%d held); %d rows written, %d pages, %s\n",
			r.Products, r.Added, r.Changed, r.Removed, r.Unchanged, len(r.Rejected), r.Held, r.RowsWritten, r.Pages, r.Duration.Round(time.Millisecond))
	})
}

// stopped is err, or where a person stopped the sync that: HQ is not to blame.
// What is not yet in force is never in part.
func stopped(err error, partly bool) error {
	switch {
	case !errors.Is(err, context.Canceled):
		return err
	case partly:
		return fault.Wrap(err, fault.Refused, "sync.cancelled", "The sync was cancelled while HQ's list was read once more. What had been read before is in force; sync again for what HQ has changed since.")
	}
	return fault.Wrap(err, fault.Refused, "sync.cancelled", "The sync was cancelled; nothing changed.")
}

func syncHeld(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("sync held"), 0); err != nil {
		return 0, err
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	type delivery struct {
		At        string `json:"at"`
		Known     int    `json:"known"`
		Delivered int    `json:"delivered"`
		Removed   int    `json:"removed"`
	}
	out := struct {
		Delivery *delivery      `json:"delivery"`
		Products []setAsideJSON `json:"products"`
	}{Products: setAsideViews(t.Catalog.SetAside())}
	if d, held := t.Catalog.Held(); held {
		out.Delivery = &delivery{d.At.In(t.Zone).Format(time.RFC3339), d.Known, d.Delivered, d.Removed}
	}
	return Done, c.print(out, func(w io.Writer) {
		if d := out.Delivery; d != nil {
			fmt.Fprintf(w, "%s: HQ listed %d products, which would remove %d of %d; nothing of it was applied\n", d.At, d.Delivered, d.Removed, d.Known)
		}
		for _, x := range out.Products {
			fmt.Fprintln(w, x.Reason)
		}
		fmt.Fprintf(w, "%d products set aside\n", len(out.Products))
	})
}

func syncStock(ctx context.Context, c *call) (int, error) {
	if _, err := c.flags(newFlags("sync stock"), 0); err != nil {
		return 0, err
	}
	t, err := c.write(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	if _, err := t.HQ(); err != nil {
		return 0, err
	}
	r, err := t.Catalog.SyncStock(ctx, c.progress())
	if err != nil {
		return 0, stopped(err, false)
	}
	return Done, c.print(map[string]any{
		"products": r.Products, "changed": r.Changed, "removed": r.Removed, "rejected": r.Rejected,
		"rowsWritten": r.RowsWritten, "pages": r.Pages, "durationMs": r.Duration.Milliseconds(),
	}, func(w io.Writer) {
		fmt.Fprintf(w, "stock of %d products: %d changed, %d no longer listed, %d unreadable; %d rows written, %d pages, %s\n",
			r.Products, r.Changed, r.Removed, r.Rejected, r.RowsWritten, r.Pages, r.Duration.Round(time.Millisecond))
	})
}

// priceEntryJSON is one entry of the price history. Prices are "" where the
// product was not, or is no longer, sold.
type priceEntryJSON struct {
	ProductID   int64  `json:"productId"`
	Code        string `json:"productCode"`
	Name        string `json:"productName"`
	Was         string `json:"was"`
	WasMember   string `json:"wasMember"`
	Price       string `json:"price"`
	MemberPrice string `json:"memberPrice"`
	At          string `json:"at"`
	Sync        int64  `json:"sync"`
	By          string `json:"by,omitempty"`
	Why         string `json:"why,omitempty"`
}

func priceHistory(ctx context.Context, c *call) (int, error) {
	set := newFlags("price history")
	product, since := set.String("product", "", ""), set.String("since", "", "")
	limit := set.Int("limit", 100, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *limit < 0 || *product != "" && *since != "" {
		return 0, usage("price history takes --product or --since, and --limit N; 0 is all")
	}
	t, err := c.readBooks(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	entries, err := priceEntries(ctx, t, *product, *since, *limit)
	if err != nil {
		return 0, err
	}
	views := []priceEntryJSON{}
	for _, e := range entries {
		v := priceEntryJSON{ProductID: e.ProductID, Code: e.Code, Name: e.Name, At: e.At.In(t.Zone).Format(time.RFC3339), Sync: e.SyncNo, By: e.By, Why: e.Why}
		v.Was, v.WasMember = pricesView(e.Was)
		v.Price, v.MemberPrice = pricesView(e.Now)
		views = append(views, v)
	}
	return Done, c.print(views, func(w io.Writer) {
		for _, v := range views {
			fmt.Fprintf(w, "%s  %d %s %s  %s → %s  member %s → %s  sync %d %s %s\n", v.At, v.ProductID, v.Code, v.Name,
				orNone(v.Was), orNone(v.Price), orNone(v.WasMember), orNone(v.MemberPrice), v.Sync, v.By, v.Why)
		}
	})
}

func priceEntries(ctx context.Context, t *app.Till, product, since string, limit int) ([]catalog.PriceEntry, error) {
	if product == "" {
		from, err := parseSince(since, t.Zone)
		if err != nil {
			return nil, err
		}
		return t.Ledger.PricesSince(ctx, from, limit)
	}
	id, err := historyID(t, product)
	if err != nil {
		return nil, err
	}
	return t.Ledger.PricesOf(ctx, id, limit)
}

// historyID also takes the id of a product that is no longer sold.
func historyID(t *app.Till, word string) (int64, error) {
	p, err := showProduct(t.Catalog.Index(), word)
	if err == nil {
		return p.ProductID, nil
	}
	var gone ids
	if gone.Set(word) == nil && len(gone) == 1 {
		return gone[0], nil
	}
	return 0, err
}

func pricesView(p catalog.Prices) (price, member string) {
	if !p.Listed {
		return "", ""
	}
	return p.Price.Yuan(), p.Member.Yuan()
}

func orNone(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
