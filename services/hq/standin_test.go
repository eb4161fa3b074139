package hq

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/services/fault"
	"cashier/services/hq/hqtest"
	"cashier/services/shopdata"
	"cashier/services/wire"
)

// desk is a client that speaks with the stand-in, which was written from the
// same pages by other hands.
func desk(t *testing.T, tweak func(*hqtest.Params)) (*hqtest.Server, *Client, *shopdata.Shop) {
	t.Helper()
	folder := os.DirFS("../shopdata/testdata/shop")
	shop, err := shopdata.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	p := hqtest.Params{
		Shop: shop, Pictures: folder,
		Now: func() time.Time { return time.Date(2026, 5, 1, 2, 3, 4, 0, time.UTC) },
	}
	if tweak != nil {
		tweak(&p)
	}
	s, err := hqtest.New(p)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	owner := shop.Owner()
	return s, dial(t, Params{
		BaseURL: srv.URL, Tenant: shop.Tenant, Login: owner.Login, ShopID: shop.ShopID, Backoff: time.Millisecond,
		Password: func() (string, error) { return owner.Password, nil },
	}), shop
}

// sure is the value of a call that must not fail.
func sure[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestStandInStockAndClasses(t *testing.T) {
	for _, odd := range []bool{false, true} {
		_, c, shop := desk(t, func(p *hqtest.Params) { p.StatusAsString, p.PricingTypeAsString = odd, odd })
		stock := sure[Page[Stock]](t)(c.StockList(t.Context(), ListQuery{PageSize: 1000}))
		if int(stock.TotalCount) != len(shop.Products) || len(stock.Data) != len(shop.Products) || len(stock.Unreadable) != 0 {
			t.Fatalf("%d rows of %d, %v", len(stock.Data), stock.TotalCount, stock.Unreadable)
		}
		for _, row := range stock.Data {
			i := slices.IndexFunc(shop.Products, func(p shopdata.Product) bool { return p.ProductID == int64(row.ProductID) })
			if p := shop.Products[i]; !row.Qty.Equal(p.StockQty) || !row.CostPrice.Equal(p.CostPrice) || string(row.ProductName) != p.ProductName {
				t.Errorf("%+v is not %+v", row, p)
			}
		}
		classes := sure[[]Class](t)(c.Classes(t.Context(), 1, 60, nil))
		sold := map[int64]int64{}
		for _, p := range shop.Products {
			sold[p.ClassID]++
		}
		for _, class := range classes {
			i := slices.IndexFunc(shop.Classes, func(k shopdata.Class) bool { return k.ID == class.ID })
			if i < 0 || shop.Classes[i].Name != class.Name || sold[class.ID] != class.Products {
				t.Errorf("%+v", class)
			}
			rows := sure[[]Stock](t)(c.StockListByClass(t.Context(), whole(class.ID)))
			if int64(len(rows)) != class.Products {
				t.Errorf("%+v has %d rows", class, len(rows))
			}
		}
		if len(classes) != len(sold) {
			t.Errorf("%d classes, not %d", len(classes), len(sold))
		}
	}
}

func TestStandInShopsAndAssortment(t *testing.T) {
	s, c, shop := desk(t, nil)
	id := shop.Products[0].ProductID
	row := sure[Product](t)(c.GetByProductID(t.Context(), id))
	row.Price, row.MemberPrice = yuan("3.21"), yuan("3.2")
	if err := c.ChangePrice(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	shops := sure[[]Shop](t)(c.ShopList(t.Context(), id))
	i := slices.IndexFunc(shops, func(one Shop) bool { return int64(one.ID) == shop.ShopID })
	if i < 0 || len(shops[i].Products) != 1 || !shops[i].Products[0].Price.Equal(yuan("3.21").Decimal) {
		t.Fatalf("%+v", shops)
	}
	logs := shops[i].PriceLogs
	if last := logs[len(logs)-1]; !last.NewPrice.Equal(yuan("3.21").Decimal) ||
		!last.CreateTime.Equal(time.Date(2026, 5, 1, 10, 3, 4, 0, wire.China)) {
		t.Errorf("%+v", last)
	}

	if err := c.Delete(t.Context(), []int64{int64(row.ID)}); err != nil {
		t.Fatal(err)
	}
	if _, _, listed := s.Price(shop.ShopID, id); listed {
		t.Error("it is still on sale")
	}
	add := Assignment{ShopIDs: []int64{shop.ShopID}, ProductIDs: []int64{id}}
	if err := c.AddProducts(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	if _, _, listed := s.Price(shop.ShopID, id); !listed {
		t.Error("it is not on sale again")
	}
	if err := c.DeleteAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := sure[Page[Product]](t)(c.List(t.Context(), ListQuery{})); left.TotalCount != 0 {
		t.Errorf("%d left", left.TotalCount)
	}
	class := shop.Products[0].ClassID
	if err := c.AddProductsByClass(t.Context(), Assignment{ShopIDs: []int64{shop.ShopID}, ClassID: class}); err != nil {
		t.Fatal(err)
	}
	if back := sure[[]Product](t)(c.ListByClass(t.Context(), whole(class))); len(back) == 0 {
		t.Error("the class is not on sale again")
	}
	before := s.Resets()
	if err := c.ResetDownload(t.Context()); err != nil || s.Resets() != before+1 {
		t.Errorf("%v, %d resets", err, s.Resets()-before)
	}
}

func TestStandInConfigs(t *testing.T) {
	s, c, _ := desk(t, nil)
	if err := c.SaveAppConfig(t.Context(), "wx-new", "zZ-secret"); err != nil {
		t.Fatal(err)
	}
	if a := sure[AppConfig](t)(c.AppConfig(t.Context())); a != (AppConfig{AppID: "wx-new", HasSecret: true}) {
		t.Errorf("%+v", a)
	}
	p := sure[MemberCardPage](t)(c.MemberCardPage(t.Context()))
	p.Phone, p.Description = "020-1234", "须知 <&>"
	if err := c.SaveMemberCardPage(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if got := sure[MemberCardPage](t)(c.MemberCardPage(t.Context())); got != p {
		t.Errorf("%+v", got)
	}
	s.EndSessions()
	if err := c.SaveMemberCardPage(t.Context(), p); err != nil {
		t.Error(err)
	}
	for _, name := range []string{ActionAppConfig, ActionShopList} {
		said, err := c.Call(t.Context(), name, map[string][]wire.Arg{ActionShopList: {{Name: "productId", Value: "1"}}}[name])
		if err != nil || said.HTTPStatus != 200 || strings.Contains(said.Body, "zZ-secret") || strings.Contains(said.Body, "standin-app") {
			t.Errorf("%+v, %v", said, err)
		}
	}
}

// Whatever goes wrong on the way back, nobody may say that it was done or not:
// the stand-in has done it in some of these cases and not in the others.
func TestStandInSpoilsTheAnswerOfADeed(t *testing.T) {
	for _, spoil := range []string{
		"lost-reply", "request-lost", "500", "500:done", "html", "html:done", "garbage", "truncated", "truncated:1",
		"empty", "huge", "status:777", "status:777:done", "status:1003", "status:500:done",
	} {
		t.Run(spoil, func(t *testing.T) {
			s, c, shop := desk(t, nil)
			id := shop.Products[0].ProductID
			row := sure[Product](t)(c.GetByProductID(t.Context(), id))
			if err := s.SetFaults("changeprice=" + spoil); err != nil {
				t.Fatal(err)
			}
			row.Price = yuan("9.87")
			if err := c.ChangePrice(t.Context(), row); fault.KindOf(err) != fault.Unknown {
				t.Errorf("%v (kind %d)", err, fault.KindOf(err))
			}
		})
	}
	s, c, shop := desk(t, nil)
	if err := s.SetFaults("changeprice=status:1001"); err != nil {
		t.Fatal(err)
	}
	row := sure[Product](t)(c.GetByProductID(t.Context(), shop.Products[0].ProductID))
	if err := c.ChangePrice(t.Context(), row); fault.KindOf(err) != fault.Refused {
		t.Error(err)
	}
}
