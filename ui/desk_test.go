package ui_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/pricing"
	"cashier/ui"
	"cashier/ui/prices"
)

// office is HQ and the batches of prices in memory.
type office struct {
	mu      sync.Mutex
	shop    *shop
	plans   []prices.Plan
	batches []pricing.Batch
	rows    map[string][]pricing.BatchRow
	read    prices.Sheet
	files   []string
	written []catalog.Product
	done    []string // what was decided, cancelled, undone
	moved   map[int64]money.Fen
	held    []prices.Held
	busy    error      // of each sending
	slow    chan error // HQ answers a rehearsal when told to; nil: at once
}

func newOffice(s *shop) *office {
	return &office{shop: s, rows: map[string][]pricing.BatchRow{}, moved: map[int64]money.Fen{}}
}

func fen(f money.Fen) decimal.NullDecimal { return decimal.NewNullDecimal(decimal.New(int64(f), -2)) }

func (o *office) Facts(context.Context) (map[int64]prices.Fact, error) {
	return map[int64]prices.Fact{
		1: {Cost: fen(210), Stock: 120_0000, Stocked: true, Changed: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)},
		2: {Cost: fen(205), Stock: 8_0000, Stocked: true}, 3: {Cost: fen(90), Stocked: true},
		4: {Cost: fen(355), Stock: 86_5000, Stocked: true, Changed: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)},
	}, nil
}

func (o *office) History(_ context.Context, id int64, _ int) ([]catalog.PriceEntry, error) {
	if id != 1 {
		return nil, nil
	}
	entry := func(was, now money.Fen, day int, by string) catalog.PriceEntry {
		return catalog.PriceEntry{At: time.Date(2026, 10, day, 9, 0, 0, 0, time.UTC), By: by, PriceChange: catalog.PriceChange{
			ProductID: id, Was: catalog.Prices{Listed: was > 0, Price: was}, Now: catalog.Prices{Listed: true, Price: now}}}
	}
	return []catalog.PriceEntry{entry(320, 350, 28, "王店长"), entry(380, 320, 20, "国庆特价"), entry(350, 380, 9, "王店长"), entry(0, 350, 1, "")}, nil
}

func (o *office) Held() []prices.Held {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held
}

// acts are what was decided, cancelled, undone, in order.
func (o *office) acts() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.done)
}

func (o *office) Accept(_ context.Context, why string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done, o.held = append(o.done, "accept "+why), nil
	return nil
}

func (o *office) Here(list []pricing.Wanted) pricing.Draft {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.draft(list, nil, func(int, int) {})
}

func (o *office) Rehearse(ctx context.Context, list []pricing.Wanted, progress func(done, of int)) (pricing.Draft, error) {
	if o.slow != nil {
		select {
		case err := <-o.slow:
			if err != nil {
				return pricing.Draft{}, err
			}
		case <-ctx.Done():
			return pricing.Draft{}, ctx.Err()
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.draft(list, o.moved, progress), nil
}

// draft is a list beside the shop's prices, of which some have moved at HQ.
func (o *office) draft(list []pricing.Wanted, moved map[int64]money.Fen, progress func(done, of int)) pricing.Draft {
	facts, _ := o.Facts(context.Background())
	var d pricing.Draft
	for i, w := range list {
		at := slices.IndexFunc(o.shop.products, func(p catalog.Product) bool { return p.ProductID == w.ProductID })
		if at < 0 {
			d.Lines = append(d.Lines, pricing.Line{ProductID: w.ProductID, Code: w.Code, Gone: true})
			continue
		}
		p := o.shop.products[at]
		was := p.Price
		if f, ok := moved[p.ProductID]; ok {
			was = f
		}
		l := pricing.LineOf(pricing.Row{ProductID: p.ProductID, Code: p.Code, Name: p.Name, Price: fen(was), Member: fen(p.MemberPrice)})
		l.Class, l.Cost = p.Class, facts[p.ProductID].Cost
		if w.Price.Valid {
			l.Price = w.Price
		}
		if w.Member.Valid {
			l.Member = w.Member
		}
		d.Lines = append(d.Lines, l)
		progress(i+1, len(list))
	}
	return d
}

func (o *office) Rules() pricing.Rules { return pricing.Rules{} }

func (o *office) Plan(_ context.Context, p prices.Plan) (pricing.Batch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.plans = append(o.plans, p)
	b := pricing.Batch{ID: fmt.Sprint("b", len(o.plans)), Name: p.Name, State: pricing.BatchWaiting, By: access.Actor{Name: "王店长"}, MadeAt: time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC), Due: p.Due, Count: map[pricing.RowState]int{}}
	for i, l := range p.Draft.Preview(p.Rules).Lines {
		r := pricing.BatchRow{No: i + 1, ProductID: l.ProductID, Code: l.Code, Name: l.Name, Was: l.Was, WasMember: l.WasMember, State: pricing.RowPlanned}
		r.Price, _ = money.FenFromDecimal(l.Price.Decimal)
		if l.Blocked() {
			r.State, r.Why = pricing.RowBlocked, l.Why()
		}
		o.rows[b.ID] = append(o.rows[b.ID], r)
		b.Count[r.State]++
	}
	o.batches = append([]pricing.Batch{b}, o.batches...)
	return b, nil
}

func (o *office) Send(_ context.Context, id string, progress func(pricing.Progress)) (pricing.Batch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy != nil {
		return pricing.Batch{}, o.busy
	}
	i := slices.IndexFunc(o.batches, func(b pricing.Batch) bool { return b.ID == id })
	b := &o.batches[i]
	b.State, b.Count = pricing.BatchDone, map[pricing.RowState]int{}
	for j := range o.rows[id] {
		if r := &o.rows[id][j]; r.State == pricing.RowPlanned {
			r.State = pricing.RowChanged
		}
		b.Count[o.rows[id][j].State]++
	}
	progress(pricing.Progress{Done: len(o.rows[id]), Of: len(o.rows[id])})
	return *b, nil
}

func (o *office) said(what, id string) (pricing.Batch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = append(o.done, what+" "+id)
	return o.batches[slices.IndexFunc(o.batches, func(b pricing.Batch) bool { return b.ID == id })], nil
}

func (o *office) Cancel(_ context.Context, id string) (pricing.Batch, error) {
	return o.said("cancel", id)
}

func (o *office) Undo(_ context.Context, id, _ string) (pricing.Batch, error) {
	return o.said("undo", id)
}

func (o *office) Resolve(_ context.Context, id string, _ []int, d pricing.Decision) (pricing.Batch, error) {
	return o.said(string(d), id)
}

func (o *office) Batches(context.Context, int) ([]pricing.Batch, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.batches), nil
}

func (o *office) Batch(_ context.Context, id string) (pricing.Batch, []pricing.BatchRow, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.batches, func(b pricing.Batch) bool { return b.ID == id })
	return o.batches[i], slices.Clone(o.rows[id]), nil
}

func (o *office) Shops(context.Context, int64) ([]prices.Shop, error) {
	return []prices.Shop{
		{Name: "青禾鲜生 人民路店", Row: pricing.Row{ShopID: 1001, Price: fen(350)}},
		{Name: "青禾鲜生 解放路店", Row: pricing.Row{ShopID: 1002, Price: fen(360)}},
		{Name: "青禾鲜生 西湖店", Row: pricing.Row{ShopID: 1003, Price: fen(330)}},
	}, nil
}

func (o *office) Add(context.Context, []int64, int64, []int64) error { return nil }

func (o *office) PlanRemoval(_ context.Context, ids []int64) (pricing.Removal, error) {
	var r pricing.Removal
	for _, id := range ids {
		r.Rows = append(r.Rows, pricing.ShelfRow{RowID: id, ProductID: id, Code: "6901", Name: "可乐"})
	}
	return r, nil
}

func (o *office) Remove(_ context.Context, r pricing.Removal) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = append(o.done, "remove "+r.String())
	return nil
}

func (o *office) Read(context.Context, string) (prices.Sheet, error) { return o.read, nil }

func (o *office) Write(_ context.Context, _ string, products []catalog.Product) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written = products
	return nil
}

func (o *office) Files() ([]string, string) { return o.files, "/tmp" }

func (o *office) planned() []prices.Plan {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.plans)
}

// atDesk is a rig with the manager's desk open.
func atDesk(t *testing.T, changes ...change) (*rig, *office) {
	t.Helper()
	var o *office
	r := newRig(t, offers(), append([]change{func(p *ui.Params, r *rig) { o = newOffice(r.shop); p.Prices = o }}, changes...)...)
	r.shell.Key(fyne.KeyName("Control+P"))
	if r.shell.Screen() != ui.PricesScreen {
		t.Fatalf("End shows %s", r.shell.Screen())
	}
	return r, o
}

// lines types a text at a hand's pace.
func (r *rig) hand(s string) {
	for _, c := range s {
		r.now = r.now.Add(200 * time.Millisecond)
		r.typed(c)
	}
}

// awaits runs what comes for the screen until it is so.
func (r *rig) awaits(what string, is func() bool) {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for !is() {
		select {
		case f := <-r.queue:
			f()
		case <-limit:
			r.t.Fatal("this never came: " + what)
		}
	}
	r.settle()
}

func (r *rig) says(part string) func() bool {
	return func() bool { return strings.Contains(r.shell.Notice(), part) }
}

// One price is a search, the amount and Enter.
func TestOnePriceIsSentWithEnter(t *testing.T) {
	r, o := atDesk(t)
	r.hand("kl")
	r.key(fyne.KeyReturn)
	r.hand("3.80")
	r.key(fyne.KeyReturn)
	r.awaits("the price is sent", r.says("已在总部生效"))
	plan := o.planned()[0]
	if l := plan.Draft.Lines[0]; l.ProductID != 1 || !l.Price.Decimal.Equal(decimal.RequireFromString("3.80")) || !plan.Due.IsZero() {
		t.Errorf("sent %+v", plan)
	}
	if r.shell.Sheet() != "" {
		t.Errorf("the sheet %q is in the way", r.shell.Sheet())
	}
}

// A scan finds the product, and waits for its price; no cart grows.
func TestAScanOpensThePrice(t *testing.T) {
	r, o := atDesk(t)
	r.scan("6902")
	r.hand("3.1")
	r.key(fyne.KeyReturn)
	r.awaits("the price is sent", r.says("已在总部生效"))
	if l := o.planned()[0].Draft.Lines[0]; l.ProductID != 2 || l.Price.Decimal.String() != "3.1" {
		t.Errorf("sent %+v", l)
	}
	r.total("0")
}

// What a guard has to say of is looked at first, and so is a price that HQ has
// changed meanwhile.
func TestAPriceThatAsksIsNotSentAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		hq    money.Fen
	}{
		"ten times dearer": {typed: "38"},
		"below cost":       {typed: "2"},
		"moved at HQ":      {typed: "3.80", hq: 340},
	} {
		t.Run(name, func(t *testing.T) {
			r, o := atDesk(t)
			if c.hq > 0 {
				o.moved[1] = c.hq
			}
			r.hand("kl")
			r.key(fyne.KeyReturn)
			r.hand(c.typed)
			r.key(fyne.KeyReturn)
			r.awaits("the sheet", func() bool { return r.shell.Sheet() == "核对改价" })
			if len(o.planned()) != 0 {
				t.Error("it was sent unseen")
			}
		})
	}
}

// Several prices are collected with the arrow, checked and sent together, later.
func TestABatchForTonight(t *testing.T) {
	r, o := atDesk(t)
	r.key(fyne.KeyReturn)
	r.hand("3.60")
	r.key(fyne.KeyDown)
	r.hand("3.30")
	r.key(fyne.KeyRight)
	r.hand("3")
	r.key(fyne.KeyF12)
	r.awaits("the sheet", func() bool { return r.shell.Sheet() == "核对改价" })
	r.key(fyne.KeyF9)
	r.hand("22:00")
	r.key(fyne.KeyF12)
	r.awaits("it is planned", r.says("11-22 22:00"))
	plan := o.planned()[0]
	if len(plan.Draft.Lines) != 2 || !plan.Due.Equal(time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)) {
		t.Fatalf("planned %d lines for %v", len(plan.Draft.Lines), plan.Due)
	}
	if m := plan.Draft.Lines[1].Member.Decimal; m.String() != "3" {
		t.Errorf("the member price is to be %s", m)
	}
}

// A class is made 10 % cheaper with an ending, and undone.
func TestAClassCheaperAndBack(t *testing.T) {
	r, o := atDesk(t)
	r.key(fyne.KeyRight)
	r.key(fyne.KeyF7)
	r.hand("10")
	r.key(fyne.KeyF10)
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyF12)
	r.awaits("the sheet", func() bool { return r.shell.Sheet() == "核对改价" })
	r.key(fyne.KeyF12)
	r.awaits("it is sent", func() bool { return len(o.planned()) == 1 && r.shell.Sheet() == "" })
	for _, l := range o.planned()[0].Draft.Lines {
		if l.Class != "饮料" || l.Price.Decimal.Mod(decimal.NewFromInt(1)).Sign() != 0 {
			t.Errorf("%s of %s is to cost %s", l.Name, l.Class, l.Price.Decimal)
		}
	}
	r.awaits("it is over", r.says("已在总部生效"))
	r.key(fyne.KeyF6)
	r.awaits("the list", func() bool { r.key(fyne.KeyF7); return len(o.acts()) > 0 })
	if o.acts()[0] != "undo b1" {
		t.Errorf("done %v", o.acts())
	}
}

// What a sync held is accepted here, with a reason.
func TestWhatIsHeldIsAccepted(t *testing.T) {
	var o *office
	r := newRig(t, offers(), func(p *ui.Params, r *rig) {
		o = newOffice(r.shop)
		o.held = []prices.Held{{Code: "6901", Name: "可乐", Why: fault.New(fault.Invalid, "catalog.price_jump", "jump"), Acceptable: true}}
		p.Prices = o
	})
	r.key(fyne.KeyName("Control+P"))
	r.key(fyne.KeyHome)
	r.key(fyne.KeyReturn)
	if r.shell.Sheet() == "" || len(o.acts()) > 0 {
		t.Fatal("accepted without a reason")
	}
	r.hand("ok")
	r.key(fyne.KeyReturn)
	r.awaits("it is accepted", func() bool { return len(o.acts()) == 1 && !r.sees("待确认") })
	if o.acts()[0] != "accept ok" {
		t.Errorf("done %v", o.acts())
	}
}

func TestADeskOnlyForManagers(t *testing.T) {
	r := newRig(t, offers(), func(p *ui.Params, r *rig) {
		p.Prices = newOffice(r.shop)
		p.Actor = func() access.Actor { return access.Actor{ID: "2", Name: "林小雨", Role: access.Cashier} }
	})
	r.shell.Key(fyne.KeyName("Control+P"))
	if r.shell.Screen() != ui.SaleScreen || !r.says("林小雨")() {
		t.Errorf("a cashier stands at %s, told %q", r.shell.Screen(), r.shell.Notice())
	}
}
