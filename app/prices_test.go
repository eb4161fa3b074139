package app

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cashier/assets/demoshop"
	"cashier/services/fault"
	"cashier/services/hq/hqtest"
	"cashier/services/money"
	"cashier/services/pricing"
	"cashier/services/shopdata"
)

// prices is a manager's desk whose HQ is the stand-in, behind real HTTP.
type prices struct {
	*Till
	t      *testing.T
	office *hqtest.Server
	shop   *shopdata.Shop
	p      Params
	mu     sync.Mutex
	clock  time.Time
}

func (p *prices) at() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock
}

func (p *prices) goOn(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock = p.clock.Add(d)
}

func newPrices(t *testing.T) *prices {
	t.Helper()
	shop, err := shopdata.Load(demoshop.FS())
	if err != nil {
		t.Fatal(err)
	}
	p := &prices{t: t, shop: shop, clock: time.Now()}
	if p.office, err = hqtest.New(hqtest.Params{Shop: shop}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(p.office)
	t.Cleanup(srv.Close)
	owner := shop.Owner()
	p.p = Params{
		Dir: t.TempDir(), Now: p.at, Secrets: map[string]string{"hq.password": owner.Password},
		Settings: map[string]string{"hq.url": srv.URL, "hq.tenant": shop.Tenant, "hq.login": owner.Login, "hq.shop_id": fmt.Sprint(shop.ShopID)},
	}
	p.Till = open(t, p.p)
	if _, err := p.Catalog.Sync(t.Context(), false, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *prices) desk() *pricing.Batches {
	p.t.Helper()
	b, err := p.Batches(time.Millisecond)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// plan wants the first products of the shop one yuan dearer.
func (p *prices) plan(n int, due time.Time) pricing.Batch {
	p.t.Helper()
	s, err := p.Pricing(time.Millisecond)
	if err != nil {
		p.t.Fatal(err)
	}
	var list []pricing.Wanted
	for _, product := range p.Catalog.Index().All()[:n] {
		list = append(list, pricing.Wanted{ProductID: product.ProductID})
	}
	draft, err := s.Rehearse(p.t.Context(), list, p.FillLines, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if draft, err = draft.Adjust(nil, pricing.Adjustment{Add: 100}); err != nil {
		p.t.Fatal(err)
	}
	b, err := p.desk().Plan(p.t.Context(), p.Actor(), pricing.Plan{Name: "春季调价", Due: due, Draft: draft})
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

func TestABatchIsInTheCacheAndInTheHistory(t *testing.T) {
	p := newPrices(t)
	first := p.Catalog.Index().All()[0]
	b := p.plan(120, time.Time{})
	if b, err := p.desk().Send(t.Context(), p.Actor(), b.ID, nil); err != nil || b.State != pricing.BatchDone || b.Count[pricing.RowChanged] != 120 {
		t.Fatalf("%+v, %v", b, err)
	}
	now, _ := p.Catalog.Index().ByProductID(first.ProductID)
	if now.Price != first.Price+100 || now.MemberPrice != first.MemberPrice {
		t.Errorf("%+v", now)
	}
	entries := func() int {
		list, err := p.Ledger.PricesOf(t.Context(), first.ProductID, 0)
		if err != nil || list[0].Why != "春季调价" || list[0].By != p.Actor().Name || list[0].Now.Price != now.Price {
			t.Errorf("%+v, %v", list, err)
		}
		return len(list)
	}
	n := entries()
	if r, err := p.Catalog.Sync(t.Context(), false, nil); err != nil || r.Changed != 0 || entries() != n {
		t.Errorf("%+v, %v", r, err)
	}
	noted, err := p.Ledger.Noted(t.Context(), "hq.price.result", fmt.Sprintf("%s %s shop %d", first.Code, first.Name, p.shop.ShopID))
	if err != nil || !noted {
		t.Error("not in the audit trail", err)
	}
	if found, err := p.Ledger.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

// Each minute what is due is sent; a till that was off makes up for it.
func TestPricesAreSentWhenTheyAreDue(t *testing.T) {
	p := newPrices(t)
	due := p.at().Add(time.Hour)
	b := p.plan(5, due)
	minute, ran := make(chan time.Time), make(chan pricing.Ran, 4) // a round under way may see the clock that is set on
	ctx, stop := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { p.runPrices(ctx, minute, nil, func(r pricing.Ran) { ran <- r }) })
	minute <- time.Time{}
	minute <- time.Time{} // taken only when the round before is over
	if got, _ := p.Ledger.Batch(t.Context(), b.ID); got.State != pricing.BatchWaiting {
		t.Errorf("%+v", got)
	}
	p.goOn(time.Hour)
	minute <- time.Time{}
	if r := <-ran; r.Err != nil || r.Batch.State != pricing.BatchDone || r.Words() != nil {
		t.Errorf("%+v", r)
	}
	later := p.plan(5, p.at().Add(time.Hour))
	stop()
	work.Wait()
	p.Close()
	p.goOn(3 * time.Hour)
	p.Till = open(t, p.p)
	ctx, stop = context.WithCancel(t.Context())
	work.Go(func() { p.runPrices(ctx, minute, nil, func(r pricing.Ran) { ran <- r }) })
	r := <-ran
	if r.Err != nil || r.Batch.ID != later.ID || r.Batch.State != pricing.BatchDone || fault.CodeOf(r.Words()) != "price.batch_late" {
		t.Errorf("%+v", r)
	}
	stop()
	work.Wait()
}

// The faults of the stand-in, over real HTTP: what the rows say is what HQ has.
func TestRowsTellTheTruthOverHTTP(t *testing.T) {
	for _, c := range []struct{ faults, want string }{
		{"changeprices=lost-reply", "changed"},
		{"changeprices=lies", "unchanged"},
		{"changeprices=request-lost", "unknown"},
		{"changeprices=500", "unknown"},
		{"changeprices=500:done", "changed"},
		{"changeprices=status:905", "unchanged"},
		{"changeprices=garbage:undone", "unknown"},
	} {
		p := newPrices(t)
		b := p.plan(3, time.Time{})
		if err := p.office.SetFaults(c.faults); err != nil {
			t.Fatal(err)
		}
		b, err := p.desk().Send(t.Context(), p.Actor(), b.ID, nil)
		if err != nil || b.Count[pricing.RowState(c.want)] != 3 {
			t.Errorf("%s: %v, %v", c.faults, b.Count, err)
		}
		if err := p.office.SetFaults(""); err != nil {
			t.Fatal(err)
		}
		p.goOn(3 * time.Minute)
		b, err = p.desk().Send(t.Context(), p.Actor(), b.ID, nil)
		if settled := strings.Replace(c.want, "unknown", "unchanged", 1); err != nil || b.State != pricing.BatchDone || b.Count[pricing.RowState(settled)] != 3 {
			t.Errorf("%s, later: %v, %v", c.faults, b.Count, err)
		}
	}
}

func TestCostsAndUnits(t *testing.T) {
	p := newPrices(t)
	costs, err := p.Costs(t.Context())
	if err != nil || len(costs) < 100 {
		t.Fatalf("%d costs, %v", len(costs), err)
	}
	product := p.Catalog.Index().All()[0]
	lines := []pricing.Line{{ProductID: product.ProductID}, {ProductID: 999_999_999}}
	if err := p.FillLines(t.Context(), lines); err != nil || lines[0].Class != product.Class || lines[0].Code != product.Code || !lines[0].Cost.Valid || lines[1].Cost.Valid {
		t.Errorf("%+v, %v", lines, err)
	}
	if err := p.office.SetFaults("getstockproductlist=500"); err != nil {
		t.Fatal(err)
	}
	if err := p.FillLines(t.Context(), lines); fault.CodeOf(err) != "price.no_costs" {
		t.Error(err)
	}
}

// The till's own copy makes the same draft as HQ, where the two are in step.
func TestADraftWithoutHQ(t *testing.T) {
	p := newPrices(t)
	list := []pricing.Wanted{{ProductID: 999_999_999, FileRow: 2}, {ProductID: p.Catalog.Index().All()[0].ProductID, ShopID: 424_242}}
	for i, product := range p.Catalog.Index().All() {
		list = append(list, pricing.Wanted{ProductID: product.ProductID, FileRow: i + 3})
	}
	s, err := p.Pricing(0)
	if err != nil {
		t.Fatal(err)
	}
	there, err := s.Rehearse(t.Context(), list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	here := p.DraftHere(list)
	for i, l := range here.Lines {
		h := there.Lines[i]
		if l.Gone != h.Gone || l.ShopID != h.ShopID || l.ProductID != h.ProductID || l.FileRow != h.FileRow || !l.Gone && (l.Code != h.Code || !l.Was.Decimal.Equal(h.Was.Decimal) || !l.WasMember.Decimal.Equal(h.WasMember.Decimal)) {
			t.Fatalf("%+v, HQ says %+v", l, h)
		}
	}
	if !here.Lines[0].Gone || !here.Lines[1].Gone || here.Lines[2].Gone {
		t.Errorf("%+v", here.Lines[:3])
	}
}

// What columns mean is remembered by the set of their names.
func TestColumnsAreRemembered(t *testing.T) {
	p := newPrices(t)
	raw := []byte("自编码,售价,活动价\n" + p.Catalog.Index().All()[0].Code + ",1,2.50\n")
	read := func(given pricing.Columns) (pricing.List, error) { return p.ReadPriceList(t.Context(), raw, given) }
	if _, err := read(nil); fault.CodeOf(err) != "import.bad_row" {
		t.Error(err)
	}
	for _, given := range []pricing.Columns{{pricing.FieldCode: "自编码", pricing.FieldPrice: "活动价"}, nil, {pricing.FieldPrice: "售价"}} {
		want := money.Fen(250)
		if given[pricing.FieldPrice] == "售价" {
			want = 100
		}
		list, err := read(given)
		if err != nil || len(list.Wanted) != 1 {
			t.Fatal(list, err)
		}
		if got, err := money.FenFromDecimal(list.Wanted[0].Price.Decimal); err != nil || got != want {
			t.Errorf("%v: %s, %v", given, got, err)
		}
	}
}
