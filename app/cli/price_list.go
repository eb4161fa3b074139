package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"cashier/app"
	"cashier/services/fault"
	"cashier/services/pricing"
)

// texts collects a flag given several times.
type texts []string

func (t *texts) String() string     { return strings.Join(*t, " ") }
func (t *texts) Set(v string) error { *t = append(*t, v); return nil }

// planFlags are those of every command that plans a batch.
type planFlags struct {
	dry      *bool
	name, at *string
	allow    texts
}

// mostProblems is how many wrong rows of a file are named.
const mostProblems = 20

func priceImport(ctx context.Context, c *call) (int, error) {
	set := newFlags("price import")
	p := planFlags{dry: set.Bool("dry-run", false, ""), name: set.String("name", "", ""), at: set.String("at", "", "")}
	set.Var(&p.allow, "allow", "")
	var pairs texts
	set.Var(&pairs, "map", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	given, err := pricing.ParseColumns(pairs)
	if err != nil {
		return 0, usage("%v", err)
	}
	raw, err := readImport(words[0])
	if err != nil {
		return 0, err
	}
	t, prices, err := c.pricing(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	list, err := t.ReadPriceList(ctx, raw, given)
	if err != nil {
		return 0, err
	}
	if wrong := c.problems(list); wrong != nil && (!*p.dry || len(list.Wanted) == 0) {
		return 0, wrong
	}
	draft, err := c.rehearse(ctx, t, prices, list.Wanted)
	if err != nil {
		return 0, err
	}
	if *p.name == "" {
		*p.name = filepath.Base(words[0])
	}
	code, err := c.plan(ctx, t, p, draft)
	if err == nil && len(list.Problems) > 0 {
		code = max(code, RefusedExit)
	}
	return code, err
}

// problems names the rows of a file that cannot be used, and is the first.
func (c *call) problems(list pricing.List) error {
	if len(list.Problems) == 0 {
		return nil
	}
	for _, p := range list.Problems[1:min(len(list.Problems), mostProblems)] {
		fmt.Fprintln(c.Err, "cashierctl: "+p.Why.Message)
	}
	if more := len(list.Problems) - mostProblems; more > 0 {
		fmt.Fprintf(c.Err, "cashierctl: and %d more such lines\n", more)
	}
	return list.Problems[0].Why
}

// rehearse reads what HQ has. Costs that cannot be read are missed, not waited
// for.
func (c *call) rehearse(ctx context.Context, t *app.Till, prices *pricing.Service, list []pricing.Wanted) (pricing.Draft, error) {
	fill := func(ctx context.Context, lines []pricing.Line) error {
		err := t.FillLines(ctx, lines)
		if fault.CodeOf(err) == "price.no_costs" {
			fmt.Fprintln(c.Err, "cashierctl: "+err.Error())
			return nil
		}
		return err
	}
	return prices.Rehearse(ctx, list, fill, func(done, of int) {
		if !c.json && of > pricing.Chunk {
			fmt.Fprintf(c.Err, "%d of %d prices read\n", done, of)
		}
	})
}

// plan shows a rehearsal, or writes it down as a batch and sends what is due.
func (c *call) plan(ctx context.Context, t *app.Till, p planFlags, draft pricing.Draft) (int, error) {
	due, err := parseAt(*p.at, time.Now().In(t.Zone))
	if err != nil {
		return 0, err
	}
	rules := pricing.Rules{Allow: p.allow}
	for _, code := range p.allow {
		if !slices.Contains(pricing.Overridable(), code) {
			return 0, usage("--allow takes %s", strings.Join(pricing.Overridable(), " or "))
		}
	}
	preview := draft.Preview(rules)
	if *p.dry || preview.Changes == 0 {
		return c.priceViews(previewViews(preview), nil)
	}
	c.warned(preview)
	batches, err := c.batches(t)
	if err != nil {
		return 0, err
	}
	batch, err := batches.Plan(ctx, t.Actor(), pricing.Plan{Name: *p.name, Due: due, Draft: draft, Rules: rules})
	if err != nil {
		return 0, err
	}
	if !due.IsZero() && due.After(time.Now()) {
		fmt.Fprintf(c.Err, "cashierctl: batch %s “%s” is sent at %s by the running till; `cashierctl price batch cancel %s` takes it back\n", batch.ID, batch.Name, due.In(t.Zone).Format(time.RFC3339), batch.ID)
		return c.batchRows(ctx, batches, batch.ID, nil)
	}
	return c.sendBatch(ctx, t, batches, batch.ID)
}

func (c *call) warned(p pricing.Preview) {
	for _, l := range p.Lines {
		for _, f := range l.Findings {
			if f.Severity == pricing.Warn {
				fmt.Fprintln(c.Err, "cashierctl: "+f.Why.Message)
			}
		}
	}
}

func previewViews(p pricing.Preview) []priceRow {
	views := []priceRow{}
	for _, l := range p.Lines {
		v := priceRow{
			ProductID: l.ProductID, Code: l.Code, Name: l.Name, ShopID: l.ShopID, Was: pricing.Yuan(l.Was), WasMember: pricing.Yuan(l.WasMember),
			Price: pricing.Yuan(l.Price), MemberPrice: pricing.Yuan(l.Member), Result: pricing.WouldChange,
		}
		switch {
		case l.Blocked():
			v.Result, v.Reason = pricing.NotSent, l.Why().Message
		case l.Same():
			v.Result = pricing.Same
		default:
			for _, f := range l.Findings {
				v.Warnings = append(v.Warnings, f.Why.Message)
			}
		}
		views = append(views, v)
	}
	return views
}

// parseAt reads a moment to come: RFC 3339, a date with a time, or a time of day,
// which is its next one.
func parseAt(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return time.Time{}, usage("--at takes a time such as 2026-12-01T06:00, or 06:00 for the next one: not %q", text)
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, clock.Hour(), clock.Minute(), 0, 0, now.Location())
	}
	return at, nil
}

func priceAdjust(ctx context.Context, c *call) (int, error) {
	set := newFlags("price adjust")
	p := planFlags{dry: set.Bool("dry-run", false, ""), name: set.String("name", "", ""), at: set.String("at", "", "")}
	set.Var(&p.allow, "allow", "")
	var products ids
	var classes texts
	set.Var(&products, "product", "")
	set.Var(&classes, "class", "")
	rule := ruleFlags{
		percent: set.String("percent", "", ""), add: set.String("add", "", ""), price: set.String("price", "", ""),
		member: set.String("member", "", ""), round: set.String("round", "", ""), direction: set.String("direction", "nearest", ""),
	}
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	if len(products)+len(classes) == 0 {
		return 0, usage("price adjust takes --product ID … or --class NAME …")
	}
	change, err := rule.change()
	if err != nil {
		return 0, err
	}
	t, prices, err := c.pricing(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	wanted, err := chosen(t, products, classes)
	if err != nil {
		return 0, err
	}
	draft, err := c.rehearse(ctx, t, prices, wanted)
	if err != nil {
		return 0, err
	}
	if draft, err = change(draft); err != nil {
		return 0, err
	}
	return c.plan(ctx, t, p, draft)
}

// chosen are products by id and by class, each once.
func chosen(t *app.Till, products ids, classes texts) ([]pricing.Wanted, error) {
	all := slices.Clone(products)
	for _, class := range classes {
		found := t.Catalog.Index().Class(class)
		if len(found) == 0 {
			return nil, fault.New(fault.Invalid, "price.class_unknown", "No product here is of class “{class}”. `cashierctl product find` shows classes, `cashierctl sync` brings them.", "class", class)
		}
		for _, p := range found {
			_ = all.Set(fmt.Sprint(p.ProductID))
		}
	}
	wanted := make([]pricing.Wanted, len(all))
	for i, id := range all {
		wanted[i] = pricing.Wanted{ProductID: id}
	}
	return wanted, nil
}

type ruleFlags struct{ percent, add, price, member, round, direction *string }

// change is what the flags do to a draft.
func (r ruleFlags) change() (func(pricing.Draft) (pricing.Draft, error), error) {
	if *r.price != "" {
		if *r.percent+*r.add+*r.round != "" {
			return nil, usage("--price stands alone, or with --member M")
		}
		w, err := pricing.ParseWant(*r.price, *r.member)
		if err != nil {
			return nil, usage("%v", err)
		}
		return func(d pricing.Draft) (pricing.Draft, error) { return d.Set(nil, w), nil }, nil
	}
	a := pricing.Adjustment{Ending: pricing.Ending(*r.round), Direction: pricing.Direction(*r.direction), Member: *r.member == "same"}
	if *r.member != "" && !a.Member {
		return nil, usage("--member M goes with --price; with --percent, --add and --round it is --member same")
	}
	var err error
	if *r.percent != "" {
		if a.Percent, err = pricing.ParsePercent(*r.percent); err != nil {
			return nil, usage("%v", err)
		}
	}
	if *r.add != "" {
		d, err := decimal.NewFromString(strings.TrimPrefix(*r.add, "+"))
		if err != nil {
			return nil, usage("%q is no amount in yuan", *r.add)
		}
		if err := a.Add.UnmarshalText([]byte(d.String())); err != nil {
			return nil, usage("%q is no amount in yuan", *r.add)
		}
	}
	if _, err := (pricing.Draft{}).Adjust(nil, a); err != nil {
		return nil, usage("%v", err)
	}
	return func(d pricing.Draft) (pricing.Draft, error) { return d.Adjust(nil, a) }, nil
}

func priceExport(ctx context.Context, c *call) (int, error) {
	set := newFlags("price export")
	class := set.String("class", "", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	t, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	rows := t.PriceList(*class)
	if len(rows) == 0 {
		return 0, fault.New(fault.Invalid, "price.nothing_to_export", "There is no product to export. Sync the prices first, or name another class.")
	}
	workbook := strings.EqualFold(filepath.Ext(words[0]), ".xlsx")
	var b bytes.Buffer
	if err := pricing.WriteList(&b, rows, workbook); err != nil {
		return 0, err
	}
	if err := os.WriteFile(words[0], b.Bytes(), 0o600); err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "export.failed", "{file} cannot be written: {why}.", "file", words[0], "why", err.Error())
	}
	return c.did("exported", fmt.Sprintf("%d prices to %s", len(rows), words[0]))
}
