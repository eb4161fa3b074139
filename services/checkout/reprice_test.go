package checkout

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/catalog"
	"cashier/services/money"
)

func TestRepriced(t *testing.T) {
	cola := catalog.Product{ProductID: 1, Name: "可乐", Unit: "瓶", Price: 350, MemberPrice: 300}
	apple := catalog.Product{ProductID: 2, Name: "苹果", Unit: "斤", Price: 598, Pricing: catalog.ByWeight}
	cart, err := Cart{ID: "c"}.Add(cola, Measure{Qty: 3}, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	if cart, err = cart.Add(apple, Measure{Grams: 750}, Rules{}); err != nil {
		t.Fatal(err)
	}
	member, err := cart.ForMember(true)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cart    Cart
		change  func(cola, apple *catalog.Product)
		gone    int64
		total   money.Fen
		changes []PriceChange
	}{
		"as it was":                {cart, func(_, _ *catalog.Product) {}, 0, 1947, nil},
		"dearer":                   {cart, func(c, _ *catalog.Product) { c.Price = 400 }, 0, 2097, []PriceChange{{0, 350, 400}}},
		"by weight, cheaper":       {cart, func(_, a *catalog.Product) { a.Price = 398 }, 0, 1647, []PriceChange{{1, 598, 398}}},
		"for members alone":        {cart, func(c, _ *catalog.Product) { c.MemberPrice = 100 }, 0, 1947, nil},
		"for this member":          {member, func(c, _ *catalog.Product) { c.MemberPrice = 100 }, 0, 1197, []PriceChange{{0, 300, 100}}},
		"no member price any more": {member, func(c, _ *catalog.Product) { c.MemberPrice = 0 }, 0, 1947, []PriceChange{{0, 300, 350}}},
		"not listed any more":      {cart, func(c, _ *catalog.Product) { c.Price = 400 }, 1, 1947, nil},
		"by the kilo by now":       {cart, func(_, a *catalog.Product) { a.Price, a.Unit = 1196, "kg" }, 0, 1947, nil},
		"by the piece by now":      {cart, func(_, a *catalog.Product) { a.Price, a.Pricing = 200, catalog.ByCount }, 0, 1947, nil},
	} {
		nowCola, nowApple := cola, apple
		c.change(&nowCola, &nowApple)
		before := c.cart.Total()
		got, changes, err := c.cart.Repriced(func(id int64) (catalog.Product, bool) {
			return map[int64]catalog.Product{1: nowCola, 2: nowApple}[id], id != c.gone
		})
		if err != nil || got.Total() != c.total || !reflect.DeepEqual(changes, c.changes) {
			t.Errorf("%s: %v %+v %v, want %v %+v", name, got.Total(), changes, err, c.total, c.changes)
		}
		if c.cart.Total() != before {
			t.Errorf("%s: the cart itself has changed", name)
		}
	}
}

// A price nobody can charge leaves the cart as it is.
func TestRepricedBeyondAllMoney(t *testing.T) {
	p := catalog.Product{ProductID: 1, Name: "钢琴", Unit: "台", Price: 100}
	cart, err := Cart{}.Add(p, Measure{Qty: 9999}, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	p.Price = money.MaxFen
	if got, changes, err := cart.Repriced(func(int64) (catalog.Product, bool) { return p, true }); err == nil || changes != nil || !reflect.DeepEqual(got, cart) {
		t.Errorf("%+v %+v %v", got, changes, err)
	}
}

// A cart at the prices of now is the cart that would be rung up now.
func TestRepricedIsRungUpAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(0, 100_000)
		old, now := Cart{}, Cart{}
		list := map[int64]catalog.Product{}
		for id := range rapid.Int64Range(1, 6).Draw(t, "lines") {
			p := catalog.Product{ProductID: id, Unit: "斤", Pricing: catalog.ByWeight, Price: money.Fen(price.Draw(t, "old")), MemberPrice: money.Fen(price.Draw(t, "member"))}
			by := Measure{Grams: money.Grams(rapid.Int64Range(1, 5000).Draw(t, "grams"))}
			old = must(t, old, p, by)
			p.Price, p.MemberPrice = money.Fen(price.Draw(t, "new")), money.Fen(price.Draw(t, "new member"))
			now, list[id] = must(t, now, p, by), p
		}
		member := rapid.Bool().Draw(t, "a member")
		old, _ = old.ForMember(member)
		now, _ = now.ForMember(member)
		got, changes, err := old.Repriced(func(id int64) (catalog.Product, bool) { p, ok := list[id]; return p, ok })
		if err != nil || !reflect.DeepEqual(got, now) {
			t.Fatalf("%+v %v, want %+v", got, err, now)
		}
		for i := range now.Lines {
			said := false
			for _, c := range changes {
				said = said || c == PriceChange{i, old.Lines[i].Price, now.Lines[i].Price}
			}
			if said != (old.Lines[i].Price != now.Lines[i].Price) {
				t.Fatalf("line %d: %+v", i, changes)
			}
		}
	})
}

func must(t *rapid.T, c Cart, p catalog.Product, m Measure) Cart {
	t.Helper()
	c, err := c.Add(p, m, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
