package prices

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/services/pricing"
)

func goods() []catalog.Product {
	return []catalog.Product{
		{ProductID: 1, Code: "6901", Name: "可乐", Class: "饮料", Price: 350, MemberPrice: 300, Sort: 1},
		{ProductID: 2, Code: "6902", Name: "雪碧", Class: "饮料", Price: 320, Sort: 2},
		{ProductID: 3, Code: "2001", Name: "红富士苹果", Class: "水果", Price: 598, MemberPrice: 498, Sort: 3},
	}
}

func model(products []catalog.Product) *Model {
	ix := catalog.NewIndex(products)
	return NewModel(func() *catalog.Index { return ix })
}

func TestWhatIsToChange(t *testing.T) {
	m := model(goods())
	p, _ := m.Marked()
	m.Set(p, PriceColumn, 380)
	m.Set(p, MemberColumn, 320)
	if m.Changes() != 1 {
		t.Fatalf("%d products change, want 1", m.Changes())
	}
	got := m.Wanted()[0]
	if got.ProductID != 1 || got.Code != "6901" || got.Price.Decimal.String() != "3.8" || got.Member.Decimal.String() != "3.2" {
		t.Errorf("wanted %+v", got)
	}
	m.Set(p, PriceColumn, 350) // as it is
	if w := m.WantOf(1); w.Price != nil || w.Member == nil {
		t.Errorf("the price that is as it was still counts: %+v", w)
	}
	m.Set(p, MemberColumn, 300)
	if m.Changes() != 0 || len(m.Wanted()) != 0 {
		t.Errorf("%d changes are left of a product as it was", m.Changes())
	}
}

func TestOnlyWhatChanges(t *testing.T) {
	m := model(goods())
	m.Set(m.Rows()[2], PriceColumn, 600)
	m.Set(m.Rows()[0], PriceColumn, 360)
	m.Only(true)
	if len(m.Rows()) != 2 || m.Rows()[0].ProductID != 3 {
		t.Fatalf("listed %v", m.Rows())
	}
	m.Keep(3)
	if len(m.Rows()) != 1 || m.Rows()[0].ProductID != 1 {
		t.Errorf("after one was dropped: %v", m.Rows())
	}
	m.Clear()
	if m.OnlyChanges() || len(m.Rows()) != 3 {
		t.Errorf("nothing changes, and %d are listed", len(m.Rows()))
	}
}

func TestTheMarkStaysOnItsProduct(t *testing.T) {
	ix := catalog.NewIndex(goods())
	m := NewModel(func() *catalog.Index { return ix })
	m.MoveTo(1)
	ix = catalog.NewIndex(append([]catalog.Product{{ProductID: 9, Code: "1", Name: "新", Price: 100}}, goods()...))
	m.Reload()
	if p, _ := m.Marked(); p.ProductID != 2 {
		t.Errorf("the mark stands on %s", p.Name)
	}
	m.Search("没有这个")
	if _, ok := m.Marked(); ok || m.Mark() != -1 {
		t.Error("a product is marked where none is listed")
	}
}

func TestChosen(t *testing.T) {
	m := model(goods())
	m.Class("饮料")
	if n := len(m.Chosen()); n != 2 {
		t.Errorf("with none ticked %d are chosen, want those listed", n)
	}
	m.Tick(3)
	if c := m.Chosen(); len(c) != 1 || c[0].ProductID != 3 {
		t.Errorf("chosen %v, want the one that is ticked", c)
	}
	m.TickAll()
	if m.Ticks() != 3 {
		t.Errorf("%d ticked", m.Ticks())
	}
	m.TickAll()
	if m.Ticks() != 0 {
		t.Errorf("%d ticked after all were", m.Ticks())
	}
}

func TestAdjustIsOfWhatItCostsNow(t *testing.T) {
	m := model(goods())
	for range 2 { // twice does not add up
		if n, err := m.Adjust(pricing.Adjustment{Percent: 1000, Member: true}); n != 3 || err != nil {
			t.Fatal(n, err)
		}
	}
	if w := m.WantOf(1); *w.Price != 385 || *w.Member != 330 {
		t.Errorf("可乐 is to cost %v, member %v", *w.Price, *w.Member)
	}
	if w := m.WantOf(2); *w.Price != 352 || w.Member != nil {
		t.Errorf("雪碧 has no member price, and is to have %v", w.Member)
	}
}

func TestMargin(t *testing.T) {
	cost := decimal.NewNullDecimal(decimal.RequireFromString("2.5"))
	for _, c := range []struct {
		price money.Fen
		cost  decimal.NullDecimal
		want  int64
		ok    bool
	}{
		{500, cost, 500, true},
		{250, cost, 0, true},
		{200, cost, -250, true},
		{0, cost, 0, false},
		{500, decimal.NullDecimal{}, 0, false},
	} {
		if got, ok := Margin(c.price, c.cost); got != c.want || ok != c.ok {
			t.Errorf("%v over %v: %d %v, want %d %v", c.price, c.cost, got, ok, c.want, c.ok)
		}
	}
}

// Whatever is done, what is to change is what was last asked for, and never what
// the product costs already.
func TestAnyEditing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, all := model(goods()), goods()
		price, member := map[int64]money.Fen{}, map[int64]money.Fen{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			p := rapid.SampledFrom(all).Draw(t, "product")
			f := money.Fen(rapid.IntRange(298, 302).Draw(t, "fen"))
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				m.Set(p, PriceColumn, f)
				price[p.ProductID] = f
			case 2:
				m.Set(p, MemberColumn, f)
				member[p.ProductID] = f
			case 3:
				m.Keep(p.ProductID)
				delete(price, p.ProductID)
				delete(member, p.ProductID)
			case 4:
				m.Only(!m.OnlyChanges())
			}
		}
		for _, p := range all {
			w := m.WantOf(p.ProductID)
			f, set := price[p.ProductID]
			if want := set && f != p.Price; (w.Price != nil) != want || want && *w.Price != f {
				t.Fatalf("%s: price %v, want %v %v", p.Name, w.Price, f, want)
			}
			f, set = member[p.ProductID]
			if want := set && f != p.MemberPrice; (w.Member != nil) != want || want && *w.Member != f {
				t.Fatalf("%s: member price %v, want %v %v", p.Name, w.Member, f, want)
			}
		}
		if len(m.Wanted()) != m.Changes() {
			t.Fatalf("%d wanted of %d changes", len(m.Wanted()), m.Changes())
		}
	})
}
