package hqtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/money"
)

// everything that a caller can see of a server, action by action.
func everything(t rapid.TB, s *Server) map[string]string {
	t.Helper()
	seen := map[string]string{"resets": fmt.Sprint(s.Resets())}
	ask := func(name string, args map[string][]string) {
		a := actions[slices.IndexFunc(actions, func(a action) bool { return a.name == name })]
		b, err := json.Marshal(a.run(s, call{args: args}).v)
		if err != nil {
			t.Fatal(err)
		}
		seen[fmt.Sprint(name, args)] = string(b)
	}
	for _, shop := range []string{"1", "2"} {
		ask("getlist", map[string][]string{"shopId": {shop}, "pageSize": {"100"}})
		ask("getstockproductlist", map[string][]string{"shopId": {shop}, "pageSize": {"100"}})
	}
	for _, id := range []string{"1001", "1002", "1003", "2001", "2002", "3001"} {
		ask("getshoplist", map[string][]string{"productId": {id}})
	}
	ask("getappconfig", nil)
	ask("getmembercardconfig", nil)
	bills, err := json.Marshal(s.Bills())
	if err != nil {
		t.Fatal(err)
	}
	seen["bills"] = string(bills)
	return seen
}

// A restored server answers as the one whose state it got, whatever was done,
// and whatever it had been through itself.
func TestStateRoundTrip(t *testing.T) {
	shop := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		s, err := New(Params{Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 15).Draw(t, "steps") {
			step(t, s)
		}
		state, err := s.State()
		if err != nil {
			t.Fatal(err)
		}
		back, err := New(Params{Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(t, "before") {
			step(t, back)
		}
		if err := back.Restore(state); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(everything(t, s), everything(t, back)); d != "" {
			t.Fatal(d)
		}
		if again, err := back.State(); err != nil || string(again) != string(state) {
			t.Fatalf("%s\n%s\n%v", state, again, err)
		}
	})
}

func step(t *rapid.T, s *Server) {
	sh := rapid.SampledFrom([]int64{1, 2}).Draw(t, "shop")
	p := rapid.SampledFrom([]int64{1001, 1002, 1003, 2001, 2002, 3001}).Draw(t, "product")
	fen := money.Fen(rapid.Int64Range(0, 9999).Draw(t, "fen"))
	body := func(format string, args ...any) call { return call{body: fmt.Appendf(nil, format, args...)} }
	switch rapid.IntRange(0, 11).Draw(t, "do") {
	case 0:
		s.SetPrice(sh, p, fen, 0)
	case 1:
		s.SetStock(sh, p, decimal.New(int64(fen)-500, -4))
	case 2:
		s.remove(body("[%d]", Quirks{}.rowID(sh, p)))
	case 3:
		s.addProduct(body(`{"shopIds":[%d],"productIds":[%d]}`, sh, p))
	case 4:
		s.addProductByClass(body(`{"shopIds":[1,2],"productClassId":%d}`, sh))
	case 5:
		s.removeAll(call{})
	case 6:
		s.unifyChangePrice(body(`{"shopIds":[1,2],"productId":%d,"price":%s}`, p, fen.Yuan()))
	case 7:
		s.resetDownload(call{})
	case 8:
		s.saveApp(body(`{"appID":"wx%d","appSecret":"s%d"}`, p, fen))
	case 9:
		s.saveCard(body(`{"phone":"%d","logoUrl":"l%d","backgroundUrl":"b","prerogative":"p","description":"d"}`, p, fen))
	case 10:
		s.uploadPayments(body(`[{"code":"%d","paymentType":1,"money":%s,"payTime":"2026-05-01 10:00:00","createTime":"2026-05-01 10:00:00"}]`, p, fen.Yuan()))
	case 11:
		s.uploadSales(body(`[{"code":"%d","productId":%d,"qty":1,"price":%s,"money":1,"createTime":"2026-05-01 10:00:00"}]`, fen, p, fen.Yuan()))
	}
}

func TestStockIsSetAndShown(t *testing.T) {
	b := setup(t, nil)
	if !b.s.SetStock(2, 1001, decimal.RequireFromString("-3.1234")) {
		t.Fatal("SetStock")
	}
	rows := get[[]stockRow](b, "getstockproductlistbyclass?productClassId=1&shopId=2")
	if rows[0].Qty != "-3.1234" || rows[0].CostMoney != "-9.99" {
		t.Errorf("%+v", rows[0])
	}
	if rows := get[[]stockRow](b, "getstockproductlistbyclass?productClassId=1&shopId=1"); rows[0].Qty != "100.5" {
		t.Errorf("the other shop has %s", rows[0].Qty)
	}
	for _, bad := range []string{"1.00001", "1000000000000", "1e9999"} {
		if b.s.SetStock(2, 1001, decimal.RequireFromString(bad)) {
			t.Errorf("accepted %s", bad)
		}
	}
}

// A state of before there was stock, and one that nobody wrote.
func TestRestoreOthers(t *testing.T) {
	s, err := New(Params{Shop: catalogue(t)})
	if err != nil {
		t.Fatal(err)
	}
	old := `{"shops":[{"shopId":1,"prices":{"1001":["6.00","5.00"],"9":["1.00","0.00"]},"gone":[1002,9]},{"shopId":7}],"logs":null,"logSeq":3,"resets":2}`
	if err := s.Restore([]byte(old)); err != nil {
		t.Fatal(err)
	}
	p, m, ok := s.Price(1, 1001)
	_, _, sold := s.Price(1, 1002)
	if p != 6_00 || m != 5_00 || !ok || sold || s.Resets() != 2 || s.app.AppID == "" {
		t.Errorf("%s %s %v %v, %+v", p, m, ok, sold, s.app)
	}
	before := everything(t, s)
	for name, bad := range map[string]string{
		"half":     `{`,
		"price":    `{"shops":[{"shopId":1,"prices":{"1001":["-1.00","0.00"]}}]}`,
		"too much": `{"shops":[{"shopId":1,"prices":{"1001":["1.00","100000000.01"]}}]}`,
		"stock":    `{"shops":[{"shopId":1,"stock":{"1001":"0.00001"}}]}`,
	} {
		if s.Restore([]byte(bad)) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if d := cmp.Diff(before, everything(t, s)); d != "" {
		t.Errorf("a refused state changed something: %s", d)
	}
}

// A branch may have prices of its own, and the catalogue more than the shops
// sell.
func TestCatalogueAndBranches(t *testing.T) {
	p := newPlay(t)
	price := func(shop, product int64) string {
		price, member, ok := p.s.Price(shop, product)
		if !ok {
			return "not on sale"
		}
		return price.Yuan() + " " + member.Yuan()
	}
	got := func() string {
		return strings.Join([]string{price(1, 1001), price(2, 1001), price(1, 3001), price(2, 3001)}, ", ")
	}
	if want := "5.98 4.98, 6.28 6.18, not on sale, not on sale"; got() != want {
		t.Errorf("%s", got())
	}
	p.call(t.Context(), actionNamed(t, "addproduct"), examples["addproduct"])
	if want := "5.98 4.98, 6.28 6.18, 12.90 11.90, 1.11 0.00"; got() != want {
		t.Errorf("%s", got())
	}
	p.call(t.Context(), actionNamed(t, "unifychangeprice"), examples["unifychangeprice"])
	if want := "6.50 6.00, 6.50 6.00, 12.90 11.90, 1.11 0.00"; got() != want {
		t.Errorf("%s", got())
	}
	r := p.call(t.Context(), actionNamed(t, "unifychangeprice"), request{body: `{"shopIds":[1,9],"productId":1001,"price":1}`})
	if !strings.Contains(string(r.body), "500") || price(1, 1001) != "6.50 6.00" {
		t.Errorf("%s %s", r.body, price(1, 1001))
	}
}

func FuzzRestore(f *testing.F) {
	f.Add([]byte(`{"shops":[{"shopId":1,"prices":{"1001":["6.00","5.00"]},"stock":{"1001":"-1.5"},"gone":[1002]}],"logs":[],"logSeq":3,"resets":2,"app":{"appID":"a"},"card":{"id":7}}`))
	f.Add([]byte(`{"shops":[{"shopId":1,"stock":{"1001":"1e10000"}}]}`))
	f.Add([]byte(`{"logs":[{"oldPrice":1e5,"newPrice":null}]}`))
	shop := catalogue(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := New(Params{Shop: shop})
		if err != nil {
			t.Fatal(err)
		}
		if s.Restore(b) != nil {
			return
		}
		once, err := s.State()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Restore(once); err != nil {
			t.Fatal(err)
		}
		if twice, err := s.State(); err != nil || string(twice) != string(once) {
			t.Fatalf("%s\n%s\n%v", once, twice, err)
		}
	})
}
