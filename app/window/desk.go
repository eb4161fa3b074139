package window

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cashier/app"
	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/pricing"
	"cashier/ui"
	"cashier/ui/prices"
)

// desk is the till as the manager's desk asks it. What it does is on the word of
// whoever is signed in as it is asked.
type desk struct{ till *app.Till }

// mostList is how large a price list may be; the reader has limits of its own for
// what is packed inside.
const mostList = 32 << 20

// Facts joins HQ's costs, the stock and the history. What HQ cannot say now is
// left out, and the fault told beside the rest.
func (d desk) Facts(ctx context.Context) (map[int64]prices.Fact, error) {
	facts := map[int64]prices.Fact{}
	last, err := d.till.Ledger.PricesChanged(ctx, time.Time{}, 1<<31)
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(last) { // the newest comes first
		f := facts[e.ProductID]
		f.Changed = e.At
		facts[e.ProductID] = f
	}
	for _, p := range d.till.Catalog.Index().All() {
		if q, known := d.till.Catalog.Stock(p.ProductID); known {
			f := facts[p.ProductID]
			f.Stock, f.Stocked = q, true
			facts[p.ProductID] = f
		}
	}
	costs, err := d.till.Costs(ctx)
	for id, cost := range costs {
		f := facts[id]
		f.Cost = cost
		facts[id] = f
	}
	return facts, err
}

func (d desk) History(ctx context.Context, productID int64, limit int) ([]catalog.PriceEntry, error) {
	return d.till.Ledger.PricesOf(ctx, productID, limit)
}

func (d desk) Held() []prices.Held {
	var held []prices.Held
	for _, r := range d.till.Catalog.SetAside() {
		held = append(held, prices.Held{Code: r.Offer.Code, Name: r.Offer.Name, Why: r.Reason, Acceptable: r.Held})
	}
	return held
}

func (d desk) Accept(ctx context.Context, why string) error {
	_, err := d.till.AcceptPrices(ctx, nil, why, nil)
	return err
}

func (d desk) Here(list []pricing.Wanted) pricing.Draft { return d.till.DraftHere(list) }

func (d desk) Rehearse(ctx context.Context, list []pricing.Wanted, progress func(done, of int)) (pricing.Draft, error) {
	s, err := d.till.Pricing(0)
	if err != nil {
		return pricing.Draft{}, err
	}
	return s.Rehearse(ctx, list, d.till.FillLines, progress)
}

func (d desk) Rules() pricing.Rules { return pricing.Rules{} }

func (d desk) Plan(ctx context.Context, p prices.Plan) (pricing.Batch, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return pricing.Batch{}, err
	}
	return b.Plan(ctx, d.till.Actor(), pricing.Plan{Name: p.Name, Due: p.Due, Draft: p.Draft, Rules: p.Rules})
}

func (d desk) Send(ctx context.Context, id string, progress func(pricing.Progress)) (pricing.Batch, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return pricing.Batch{}, err
	}
	return b.Send(ctx, d.till.Actor(), id, progress)
}

func (d desk) Cancel(ctx context.Context, id string) (pricing.Batch, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return pricing.Batch{}, err
	}
	return b.Cancel(ctx, d.till.Actor(), id)
}

func (d desk) Undo(ctx context.Context, id, name string) (pricing.Batch, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return pricing.Batch{}, err
	}
	return b.Undo(ctx, d.till.Actor(), id, name)
}

func (d desk) Resolve(ctx context.Context, id string, rows []int, how pricing.Decision) (pricing.Batch, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return pricing.Batch{}, err
	}
	return b.Resolve(ctx, d.till.Actor(), id, rows, how)
}

func (d desk) Batches(ctx context.Context, limit int) ([]pricing.Batch, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return nil, err
	}
	return b.List(ctx, limit)
}

func (d desk) Batch(ctx context.Context, id string) (pricing.Batch, []pricing.BatchRow, error) {
	b, err := d.till.Batches(0)
	if err != nil {
		return pricing.Batch{}, nil, err
	}
	return b.Show(ctx, id)
}

func (d desk) Shops(ctx context.Context, productID int64) ([]prices.Shop, error) {
	list, err := d.till.ShopPrices(ctx, productID)
	var shops []prices.Shop
	for _, s := range list {
		shops = append(shops, prices.Shop{Name: s.Shop, Row: s.Row})
	}
	return shops, err
}

func (d desk) Add(ctx context.Context, products []int64, class int64, shops []int64) error {
	a, err := d.till.Assortment()
	if err != nil {
		return err
	}
	if len(shops) == 0 {
		shops = []int64{d.till.Settings.Int("hq.shop_id")}
	}
	if class > 0 {
		return a.AddClass(ctx, d.till.Actor(), shops, class)
	}
	return a.Add(ctx, d.till.Actor(), shops, products)
}

func (d desk) PlanRemoval(ctx context.Context, products []int64) (pricing.Removal, error) {
	a, err := d.till.Assortment()
	if err != nil {
		return pricing.Removal{}, err
	}
	return a.PlanRemoval(ctx, d.till.Actor(), products)
}

func (d desk) Remove(ctx context.Context, r pricing.Removal) error {
	a, err := d.till.Assortment()
	if err != nil {
		return err
	}
	return a.Remove(ctx, d.till.Actor(), r)
}

func (d desk) Read(ctx context.Context, file string) (prices.Sheet, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil || info.IsDir():
		return prices.Sheet{}, fault.New(fault.Invalid, "import.no_file", "There is no file {file} that can be read. Check the path.", "file", file)
	case info.Size() > mostList:
		return prices.Sheet{}, fault.New(fault.Invalid, "import.large_file", "{file} is larger than any price list; nothing was read.", "file", file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return prices.Sheet{}, fault.Wrap(err, fault.Invalid, "import.no_file", "There is no file {file} that can be read. Check the path.", "file", file)
	}
	list, err := d.till.ReadPriceList(ctx, raw, nil)
	if err != nil {
		return prices.Sheet{}, err
	}
	sheet := prices.Sheet{Wanted: list.Wanted}
	for _, p := range list.Problems {
		sheet.Bad = append(sheet.Bad, p.Why)
	}
	return sheet, nil
}

// Write writes beside and renames, so that a list that is there is not lost to one
// that could not be written.
func (d desk) Write(_ context.Context, file string, products []catalog.Product) error {
	failed := func(err error) error {
		return fault.Wrap(err, fault.Invalid, "export.not_written", "{file} could not be written: {why}. Choose another folder.", "file", file, "why", err.Error())
	}
	rows := make([]pricing.ListRow, len(products))
	for i, p := range products {
		rows[i] = pricing.ListRow{ProductID: p.ProductID, Code: p.Code, Name: p.Name, Class: p.Class, Unit: p.Unit, Price: p.Price, Member: p.MemberPrice}
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".prices-*")
	if err != nil {
		return failed(err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // renamed by then, or of no use to anybody
	err = pricing.WriteList(f, rows, !strings.EqualFold(filepath.Ext(file), ".csv"))
	if bad := f.Close(); err == nil {
		err = bad
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}

// Files looks where people leave files: what they downloaded, and the desktop.
func (d desk) Files() (lists []string, folder string) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, d.till.Dir
	}
	folder = home
	type found struct {
		path string
		at   time.Time
	}
	var all []found
	for _, name := range []string{"Desktop", "桌面", "Downloads", "下载", "Documents", "文档"} {
		dir := filepath.Join(home, name)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		if folder == home {
			folder = dir
		}
		for _, e := range entries {
			ext := strings.ToLower(filepath.Ext(e.Name()))
			if ext != ".xlsx" && ext != ".csv" || e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~$") {
				continue
			}
			if info, err := e.Info(); err == nil {
				all = append(all, found{filepath.Join(dir, e.Name()), info.ModTime()})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return b.at.Compare(a.at) })
	for _, f := range all {
		lists = append(lists, f.path)
	}
	return lists, folder
}

// desk is nil where there is no HQ to send prices to.
func (r *rig) desk() prices.Desk {
	if r.till.Settings.Get("hq.url") == "" {
		return nil
	}
	return desk{r.till}
}

// runPrices sends what is due, and has the screen say what a person should know
// of it.
func (r *rig) runPrices(ctx context.Context) {
	tell := func(f func(*ui.Shell)) {
		r.again.screen(func() {
			if r.shell != nil {
				f(r.shell)
			}
		})
	}
	r.till.RunPrices(ctx,
		func(b pricing.Batch, p pricing.Progress) { tell(func(s *ui.Shell) { s.PricesFar(b, p) }) },
		func(ran pricing.Ran) { tell(func(s *ui.Shell) { s.PricesRan(ran) }) })
}
