package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"cashier/app"
	"cashier/services/fault"
	"cashier/services/pricing"
)

// priceRow is one price at one shop, before and after.
type priceRow struct {
	ProductID   int64           `json:"productId"`
	Code        string          `json:"productCode"`
	Name        string          `json:"productName"`
	ShopID      int64           `json:"shopId"`
	Was         string          `json:"was"`
	WasMember   string          `json:"wasMember"`
	Price       string          `json:"price"`
	MemberPrice string          `json:"memberPrice"`
	Result      pricing.Outcome `json:"result"`
	Reason      string          `json:"reason,omitempty"`
	Batch       string          `json:"batch,omitempty"` // its id
	Row         int             `json:"row,omitempty"`   // of the batch
	Now         string          `json:"now,omitempty"`   // what HQ has in a conflict
	NowMember   string          `json:"nowMember,omitempty"`
	Warnings    []string        `json:"warnings,omitempty"` // of the guards, in a dry run
}

func priceView(r pricing.Result) priceRow {
	v := priceRow{
		ProductID: r.ProductID, Code: r.Code, Name: r.Name, ShopID: r.ShopID,
		Was: pricing.Yuan(r.Was), WasMember: pricing.Yuan(r.WasMember), Price: pricing.Yuan(r.Price), MemberPrice: pricing.Yuan(r.Member), Result: r.Outcome,
	}
	if r.Err != nil {
		v.Reason = r.Err.Error()
	}
	return v
}

// priceResults prints what became of each price. failed is why the whole ended
// early, or why an outcome is not in the audit trail.
func (c *call) priceResults(results []pricing.Result, failed error) (int, error) {
	views := []priceRow{}
	for _, r := range results {
		views = append(views, priceView(r))
	}
	return c.priceViews(views, failed)
}

func (c *call) priceViews(views []priceRow, failed error) (int, error) {
	code := Done
	for _, r := range views {
		switch r.Result {
		case pricing.Unknown:
			code = Unresolved
		case pricing.Unchanged, pricing.NotSent, pricing.Conflict:
			code = max(code, RefusedExit)
		case pricing.Changed, pricing.Same, pricing.WouldChange, pricing.Planned:
		}
	}
	if failed != nil {
		fmt.Fprintln(c.Err, "cashierctl: "+failed.Error())
		code = max(code, RefusedExit)
	}
	return c.report(code, views, func(w io.Writer) {
		for _, r := range views {
			if r.Row > 0 {
				fmt.Fprintf(w, "%d  ", r.Row)
			}
			fmt.Fprintf(w, "%s  %s  shop %d  %s → %s  member %s → %s  %s %s%s\n", r.Code, r.Name, r.ShopID, r.Was, r.Price, r.WasMember, r.MemberPrice, r.Result, r.Reason, strings.Join(r.Warnings, " "))
		}
	})
}

// pricing opens the till for whoever may change prices.
func (c *call) pricing(ctx context.Context) (*app.Till, *pricing.Service, error) {
	t, err := c.write(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := t.Pricing(time.Second / time.Duration(max(1, c.options.TimerDiv)))
	if err != nil {
		t.Close()
		return nil, nil, err
	}
	return t, s, nil
}

func priceSet(ctx context.Context, c *call) (int, error) {
	set := newFlags("price set")
	product := set.Int64("product", 0, "")
	price, member := set.String("price", "", ""), set.String("member", "", "")
	var shops ids
	set.Var(&shops, "shop", "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if *product <= 0 || *price == "" {
		return 0, usage("price set takes --product ID and --price P")
	}
	want, err := pricing.ParseWant(*price, *member)
	if err != nil {
		return 0, usage("%v", err)
	}
	if len(shops) > 0 && !want.HasMember {
		return 0, usage("one price for several shops needs --member as well: HQ would take a missing one for 0")
	}
	t, prices, err := c.pricing(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	var results []pricing.Result
	if len(shops) > 0 {
		results, err = prices.SetIn(ctx, *product, shops, want)
	} else {
		var one pricing.Result
		one, err = prices.Set(ctx, *product, want)
		results = []pricing.Result{one}
	}
	if err != nil && !anySent(results) {
		return 0, err
	}
	return c.priceResults(results, err)
}

// anySent reports that HQ has heard of one of them.
func anySent(results []pricing.Result) bool {
	for _, r := range results {
		switch r.Outcome {
		case pricing.Changed, pricing.Unchanged, pricing.Unknown:
			return true
		case pricing.Same, pricing.NotSent, pricing.WouldChange, pricing.Conflict, pricing.Planned:
		}
	}
	return false
}

// maxImport bounds a file that is read whole.
const maxImport = 32 << 20

func readImport(name string) ([]byte, error) {
	unreadable := func(err error, why string) error {
		return fault.Wrap(err, fault.Invalid, "import.unreadable", "{file} cannot be read: {why}.", "file", name, "why", why)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, unreadable(err, err.Error())
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, maxImport+1))
	if err != nil || len(raw) > maxImport {
		return nil, unreadable(err, "it is too large, or the disk failed")
	}
	return raw, nil
}
