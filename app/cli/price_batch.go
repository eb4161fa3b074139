package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"cashier/app"
	"cashier/services/pricing"
)

// batchJSON is a batch without its rows.
type batchJSON struct {
	ID     string                   `json:"id"`
	Name   string                   `json:"name"`
	State  pricing.BatchState       `json:"state"`
	By     string                   `json:"by"`
	Made   string                   `json:"made"`
	Due    string                   `json:"due"`
	Begun  string                   `json:"begun,omitempty"`
	Ended  string                   `json:"ended,omitempty"`
	UndoOf string                   `json:"undoOf,omitempty"`
	UndoBy string                   `json:"undoBy,omitempty"`
	Rows   int                      `json:"rows"`
	Count  map[pricing.RowState]int `json:"count"`
}

func batchView(b pricing.Batch, zone *time.Location) batchJSON {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(time.RFC3339)
	}
	return batchJSON{
		ID: b.ID, Name: b.Name, State: b.State, By: b.By.Name, Made: at(b.MadeAt), Due: at(b.Due), Begun: at(b.Begun), Ended: at(b.Ended),
		UndoOf: b.UndoOf, UndoBy: b.UndoBy, Rows: b.Rows(), Count: b.Count,
	}
}

func (b batchJSON) write(w io.Writer) {
	fmt.Fprintf(w, "%s  %s  %s  due %s  by %s  %d rows", b.ID, b.Name, b.State, b.Due, b.By, b.Rows)
	for _, s := range pricing.RowStates() {
		if n := b.Count[s]; n > 0 {
			fmt.Fprintf(w, "  %d %s", n, s)
		}
	}
	if b.UndoOf != "" {
		fmt.Fprintf(w, "  undoes %s", b.UndoOf)
	}
	if b.UndoBy != "" {
		fmt.Fprintf(w, "  undone by %s", b.UndoBy)
	}
	fmt.Fprintln(w)
}

func (c *call) batches(t *app.Till) (*pricing.Batches, error) {
	return t.Batches(time.Second / time.Duration(max(1, c.options.TimerDiv)))
}

// rowViews are the rows of a batch, in the shape of a single change.
func rowViews(batch string, rows []pricing.BatchRow) []priceRow {
	views := []priceRow{}
	for _, r := range rows {
		v := priceView(r.Result())
		v.Batch, v.Row = batch, r.No
		if r.State == pricing.RowConflict {
			v.Now, v.NowMember = pricing.Yuan(r.Now), pricing.Yuan(r.NowMember)
		}
		views = append(views, v)
	}
	return views
}

// sendBatch sends what is left of a batch, with progress, and shows its rows.
func (c *call) sendBatch(ctx context.Context, t *app.Till, b *pricing.Batches, id string) (int, error) {
	_, err := b.Send(ctx, t.Actor(), id, func(p pricing.Progress) {
		if !c.json && p.Of > pricing.Chunk {
			fmt.Fprintf(c.Err, "%d of %d prices, %d a second\n", p.Done, p.Of, p.PerSecond)
		}
	})
	batch, readErr := t.Ledger.Batch(context.WithoutCancel(ctx), id)
	if readErr != nil {
		return 0, readErr
	}
	if err != nil && batch.Count[pricing.RowPlanned] == batch.Rows()-batch.Count[pricing.RowBlocked]-batch.Count[pricing.RowSame] {
		fmt.Fprintf(c.Err, "cashierctl: nothing of batch %s was sent; `cashierctl price batch send %s` sends it, and the running till tries each minute\n", id, id)
		return 0, err
	}
	return c.batchRows(ctx, b, id, err)
}

func (c *call) batchRows(ctx context.Context, b *pricing.Batches, id string, failed error) (int, error) {
	batch, rows, err := b.Show(context.WithoutCancel(ctx), id)
	if err != nil {
		return 0, err
	}
	if n := batch.Count[pricing.RowConflict] + batch.Count[pricing.RowUnchanged]; n > 0 {
		fmt.Fprintf(c.Err, "cashierctl: %d prices ask for a decision: `cashierctl price batch resolve %s --row N --keep|--apply`\n", n, id)
	}
	return c.priceViews(rowViews(id, rows), failed)
}

func batchList(ctx context.Context, c *call) (int, error) {
	set := newFlags("price batch list")
	limit := set.Int("limit", 100, "")
	if _, err := c.flags(set, 0); err != nil {
		return 0, err
	}
	t, err := c.readBooks(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	list, err := t.Ledger.Batches(ctx, *limit)
	if err != nil {
		return 0, err
	}
	views := []batchJSON{}
	for _, b := range list {
		views = append(views, batchView(b, t.Zone))
	}
	return Done, c.print(map[string]any{"batches": views}, func(w io.Writer) {
		for _, v := range views {
			v.write(w)
		}
	})
}

func batchShow(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("price batch show"), 1)
	if err != nil {
		return 0, err
	}
	t, err := c.readBooks(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	batch, err := t.Ledger.Batch(ctx, words[0])
	if err != nil {
		return 0, err
	}
	rows, err := t.Ledger.BatchRows(ctx, batch.ID, 0)
	if err != nil {
		return 0, err
	}
	type row struct {
		priceRow
		State pricing.RowState `json:"state"`
	}
	doc := struct {
		batchJSON
		List []row `json:"list"`
	}{batchJSON: batchView(batch, t.Zone), List: []row{}}
	for i, v := range rowViews("", rows) {
		doc.List = append(doc.List, row{v, rows[i].State})
	}
	return Done, c.print(doc, func(w io.Writer) {
		doc.write(w)
		for _, r := range doc.List {
			fmt.Fprintf(w, "%4d  %s  %s  shop %d  %s → %s  member %s → %s  %s %s\n", r.Row, r.Code, r.Name, r.ShopID, r.Was, r.Price, r.WasMember, r.MemberPrice, r.State, r.Reason)
		}
	})
}

// withBatch opens the till for whoever may change prices; words[0] is a batch.
func (c *call) withBatch(ctx context.Context, do func(*app.Till, *pricing.Batches) (int, error)) (int, error) {
	t, _, err := c.pricing(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	b, err := c.batches(t)
	if err != nil {
		return 0, err
	}
	return do(t, b)
}

func batchSend(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("price batch send"), 1)
	if err != nil {
		return 0, err
	}
	return c.withBatch(ctx, func(t *app.Till, b *pricing.Batches) (int, error) {
		if _, err := t.Ledger.Batch(ctx, words[0]); err != nil {
			return 0, err
		}
		return c.sendBatch(ctx, t, b, words[0])
	})
}

func batchCancel(ctx context.Context, c *call) (int, error) {
	words, err := c.flags(newFlags("price batch cancel"), 1)
	if err != nil {
		return 0, err
	}
	return c.withBatch(ctx, func(t *app.Till, b *pricing.Batches) (int, error) {
		batch, err := b.Cancel(ctx, t.Actor(), words[0])
		if err != nil {
			return 0, err
		}
		v := batchView(batch, t.Zone)
		return Done, c.print(v, v.write)
	})
}

func batchUndo(ctx context.Context, c *call) (int, error) {
	set := newFlags("price batch undo")
	name := set.String("name", "", "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	return c.withBatch(ctx, func(t *app.Till, b *pricing.Batches) (int, error) {
		undo, err := b.Undo(ctx, t.Actor(), words[0], *name)
		if err != nil {
			return 0, err
		}
		return c.sendBatch(ctx, t, b, undo.ID)
	})
}

// numbers collects the numbers of rows.
type numbers []int

func (n *numbers) String() string { return fmt.Sprint([]int(*n)) }

func (n *numbers) Set(v string) error {
	no, err := strconv.Atoi(v)
	if err != nil || no < 1 {
		return fmt.Errorf("%q is no row", v)
	}
	*n = append(*n, no)
	return nil
}

func batchResolve(ctx context.Context, c *call) (int, error) {
	set := newFlags("price batch resolve")
	var rows numbers
	set.Var(&rows, "row", "")
	all, keep, apply := set.Bool("all", false, ""), set.Bool("keep", false, ""), set.Bool("apply", false, "")
	words, err := c.flags(set, 1)
	if err != nil {
		return 0, err
	}
	if *keep == *apply || *all == (len(rows) > 0) {
		return 0, usage("price batch resolve takes --row N … or --all, and --keep or --apply")
	}
	return c.withBatch(ctx, func(t *app.Till, b *pricing.Batches) (int, error) {
		decision := pricing.Keep
		if *apply {
			decision = pricing.Apply
		}
		if _, err := b.Resolve(ctx, t.Actor(), words[0], rows, decision); err != nil {
			return 0, err
		}
		if decision == pricing.Keep {
			return c.batchRows(ctx, b, words[0], nil)
		}
		return c.sendBatch(ctx, t, b, words[0])
	})
}
