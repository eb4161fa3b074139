package contracttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/wire"
	"cashier/services/zvcms"
)

// TestContract runs the suite against every target there is.
func TestContract(t *testing.T) {
	for _, x := range targets(t) {
		t.Run(x.name, func(t *testing.T) { suite(t, x) })
	}
}

// suite is what every implementation of the contracts has to pass, with the
// parts that the target has.
func suite(t *testing.T, x target) {
	if x.hq != nil {
		t.Run("HQ", func(t *testing.T) { suiteHQ(t, x) })
	}
	if x.liantuofu != nil {
		t.Run("Liantuofu", func(t *testing.T) { suiteLiantuofu(t, x) })
	}
	if x.zvcms != nil {
		t.Run("zvcms", func(t *testing.T) { suiteZvcms(t, x) })
	}
}

func suiteHQ(t *testing.T, x target) {
	c, err := hq.New(*x.hq)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(detail(err))
	}
	t.Run("a stranger may not in", func(t *testing.T) {
		p := *x.hq
		p.Login = "nobody-" + uuid.NewString()[:8]
		c, err := hq.New(p)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.List(t.Context(), hq.ListQuery{}); fault.KindOf(err) != fault.Credentials {
			t.Errorf("%v", err)
		}
	})
	t.Run("products", func(t *testing.T) { suiteProducts(t, x, c) })
	t.Run("stock", func(t *testing.T) { suiteStock(t, x, c) })
	t.Run("shops", func(t *testing.T) { suiteShops(t, x, c) })
	t.Run("mini-program", func(t *testing.T) {
		if _, err := c.AppConfig(t.Context()); err != nil {
			t.Error(detail(err))
		}
		page, err := c.MemberCardPage(t.Context())
		if err != nil {
			t.Fatal(detail(err))
		}
		if x.deeds {
			suiteCardPage(t, c, page)
		}
	})
	if x.deeds {
		t.Run("prices", func(t *testing.T) { suitePrices(t, x, c) })
	}
}

func someProducts(t *testing.T, c *hq.Client) []hq.Product {
	t.Helper()
	page, err := c.List(t.Context(), hq.ListQuery{PageSize: 2})
	if err != nil {
		t.Fatal(detail(err))
	}
	if len(page.Data) == 0 || len(page.Data) > 2 || int(page.TotalCount) < len(page.Data) || len(page.Unreadable) != 0 {
		t.Fatalf("%d rows of %d, %d unreadable", len(page.Data), page.TotalCount, len(page.Unreadable))
	}
	return page.Data
}

func suiteProducts(t *testing.T, x target, c *hq.Client) {
	ctx := t.Context()
	rows := someProducts(t, c)
	var ids []int64
	for _, p := range rows {
		ids = append(ids, int64(p.ProductID))
		if p.ID == 0 || p.ProductID == 0 || p.ProductName == "" || !p.Price.Present {
			t.Errorf("a row lacks something: %+v", p)
		}
		byRow, err := c.Get(ctx, int64(p.ID))
		if err != nil || byRow.ProductID != p.ProductID || !byRow.Price.Equal(p.Price.Decimal) {
			t.Errorf("by row %d: %+v %v", p.ID, byRow, err)
		}
		byProduct, err := c.GetByProductID(ctx, int64(p.ProductID))
		if err != nil || byProduct.ID != p.ID || !byProduct.Price.Equal(p.Price.Decimal) {
			t.Errorf("by product %d: %+v %v", p.ProductID, byProduct, err)
		}
	}
	some, err := c.ListByProductIDs(ctx, ids)
	if err != nil || len(some) != len(ids) {
		t.Errorf("by ids %v: %d rows, %v", ids, len(some), err)
	}
	if beyond, err := c.List(ctx, hq.ListQuery{PageIndex: 1_000_000, PageSize: 2}); err != nil || len(beyond.Data) != 0 {
		t.Errorf("beyond the last page: %d rows, %v", len(beyond.Data), err)
	}
	if p, err := c.Get(ctx, 999_999_999_999); err == nil {
		t.Errorf("a product that is not there: %+v", p)
	}
	if x.class != "" {
		if rows, err := c.ListByClass(ctx, x.class); err != nil || len(rows) == 0 {
			t.Errorf("class %s: %d rows, %v", x.class, len(rows), err)
		}
	}
}

func suiteStock(t *testing.T, x target, c *hq.Client) {
	page, err := c.StockList(t.Context(), hq.ListQuery{PageSize: 2})
	if err != nil || len(page.Data) == 0 || len(page.Unreadable) != 0 {
		t.Fatalf("%+v %v", page, err)
	}
	for _, s := range page.Data {
		if s.ProductID == 0 || s.ProductName == "" || !s.Qty.Present {
			t.Errorf("a row lacks something: %+v", s)
		}
	}
	if x.class != "" {
		if rows, err := c.StockListByClass(t.Context(), x.class); err != nil || len(rows) == 0 {
			t.Errorf("class %s: %d rows, %v", x.class, len(rows), err)
		}
	}
}

func suiteShops(t *testing.T, x target, c *hq.Client) {
	product := someProducts(t, c)[0]
	shops, err := c.ShopList(t.Context(), int64(product.ProductID))
	if err != nil {
		t.Fatal(detail(err))
	}
	ours := false
	for _, s := range shops {
		ours = ours || int64(s.ID) == x.hq.ShopID
	}
	if !ours {
		t.Errorf("our shop is not among %d", len(shops))
	}
}

func suiteCardPage(t *testing.T, c *hq.Client, page hq.MemberCardPage) {
	if err := c.SaveMemberCardPage(t.Context(), page); err != nil {
		t.Fatal(detail(err))
	}
	if again, err := c.MemberCardPage(t.Context()); err != nil || again != page {
		t.Errorf("saved %+v, read %+v %v", page, again, err)
	}
}

// suitePrices writes prices back as they are; a real shop is left as it was.
func suitePrices(t *testing.T, x target, c *hq.Client) {
	ctx := t.Context()
	rows := someProducts(t, c)
	one := rows[0]
	unified := hq.UnifiedPrice{ShopIDs: []int64{x.hq.ShopID}, ProductID: int64(one.ProductID), Price: one.Price, MemberPrice: one.MemberPrice}
	for name, err := range map[string]error{"one": c.ChangePrice(ctx, one), "several": c.ChangePrices(ctx, rows), "unified": c.UnifyChangePrice(ctx, unified)} {
		if err != nil {
			t.Errorf("%s: %v", name, detail(err))
		}
	}
	if again, err := c.Get(ctx, int64(one.ID)); err != nil || !again.Price.Equal(one.Price.Decimal) || !again.MemberPrice.Equal(one.MemberPrice.Decimal) {
		t.Errorf("it was %v, it is %+v %v", one.Price, again, err)
	}
}

func suiteLiantuofu(t *testing.T, x target) {
	c, err := liantuofu.New(*x.liantuofu)
	if err != nil {
		t.Fatal(err)
	}
	ctx, unknown := t.Context(), tradeNo("none")
	t.Run("what is not there", func(t *testing.T) {
		for name, r := range map[string]liantuofu.Reply{"order": c.Query(ctx, unknown), "refund": c.RefundQueryV2(ctx, unknown)} {
			if r.Delivery != liantuofu.Answered || r.Err != nil || r.Code != liantuofu.CodeFailed || r.OrderStatus == liantuofu.OrderSuccess {
				t.Errorf("%s: %+v", name, r)
			}
		}
		if r := c.CardDetail(ctx, "910000000000000000"); r.HasRemaining || r.Delivery != liantuofu.Answered {
			t.Errorf("card: %+v", r)
		}
		if r := c.Member(ctx, liantuofu.MemberQuery{Code: "10000000000"}); r.Code == liantuofu.CodeSuccess || r.Delivery != liantuofu.Answered {
			t.Errorf("member: %+v", r)
		}
	})
	t.Run("wrong key", func(t *testing.T) {
		p := *x.liantuofu
		p.Key = text("not the key")
		c, err := liantuofu.New(p)
		if err != nil {
			t.Fatal(err)
		}
		if r := c.Query(ctx, unknown); r.Delivery != liantuofu.Answered || r.Err == nil && r.Code == liantuofu.CodeSuccess {
			t.Errorf("%+v", r)
		}
	})
	t.Run("bill", func(t *testing.T) {
		now := time.Now()
		if r := c.Bill(ctx, liantuofu.BillQuery{From: now.Add(-24 * time.Hour), To: now, Page: 1, Size: 10}); r.Err != nil || r.Code != liantuofu.CodeSuccess {
			t.Errorf("%+v", r)
		}
	})
	if x.card != "" {
		t.Run("card", func(t *testing.T) { suiteCard(t, x, c) })
	}
	if x.deeds {
		t.Run("code shown", func(t *testing.T) { suitePrecreate(t, c) })
		if x.authCode != "" {
			t.Run("there and back", func(t *testing.T) { suitePay(t, x, c) })
		}
	}
}

func tradeNo(purpose string) string { return purpose + "-" + uuid.NewString() }

func suiteCard(t *testing.T, x target, c *liantuofu.Client) {
	ctx := t.Context()
	before := c.CardDetail(ctx, x.card)
	if before.Err != nil || before.Code != liantuofu.CodeSuccess || !before.HasRemaining {
		t.Fatalf("%+v", before)
	}
	if !x.cardWorks {
		return
	}
	if r := c.CardConsume(ctx, liantuofu.CardConsumeRequest{CardNo: x.card, Count: 1, Remark: "suite"}); r.Err != nil || r.Code != liantuofu.CodeSuccess {
		t.Errorf("one time: %+v", r)
	}
	if r := c.CardConsume(ctx, liantuofu.CardConsumeRequest{CardNo: x.card, Count: 1000}); r.Err != nil || r.Code != liantuofu.CodeFailed || r.Msg+r.SubMsg == "" {
		t.Errorf("more than there is: %+v", r)
	}
	if after := c.CardDetail(ctx, x.card); after.Remaining != before.Remaining-1 {
		t.Errorf("%d times before, %d after", before.Remaining, after.Remaining)
	}
}

func suitePrecreate(t *testing.T, c *liantuofu.Client) {
	ctx, no := t.Context(), tradeNo("code")
	r := c.Precreate(ctx, liantuofu.PrecreateRequest{OutTradeNo: no, Total: 1, Channel: "WXPAY", Subject: "测试"})
	if r.Err != nil || r.Code != liantuofu.CodeSuccess || r.QRCode == "" {
		t.Fatalf("%+v", r)
	}
	if q := c.Query(ctx, no); q.Err != nil || q.Code == liantuofu.CodeSuccess && q.OrderStatus != liantuofu.OrderNotPay {
		t.Errorf("nobody has paid: %+v", q)
	}
	if r := c.Close(ctx, no, "suite"); r.Err != nil || r.Code != liantuofu.CodeSuccess {
		t.Errorf("close: %+v", r)
	}
	if q := c.Query(ctx, no); q.Err != nil || q.OrderStatus == liantuofu.OrderSuccess {
		t.Errorf("after the close: %+v", q)
	}
}

func suitePay(t *testing.T, x target, c *liantuofu.Client) {
	ctx, no := t.Context(), tradeNo("pay")
	r := c.Pay(ctx, liantuofu.PayRequest{OutTradeNo: no, Total: 1, AuthCode: wire.Secret(x.authCode), Subject: "测试"})
	if r.Delivery != liantuofu.Answered {
		t.Fatalf("%+v", r)
	}
	q := c.Query(ctx, no)
	for range 20 { // a customer who types a password takes a while
		if q.OrderStatus == liantuofu.OrderSuccess {
			break
		}
		select {
		case <-time.After(3 * time.Second):
			q = c.Query(ctx, no)
		case <-ctx.Done():
			return
		}
	}
	if q.Err != nil || q.OrderStatus != liantuofu.OrderSuccess || q.Total != 1 || q.OutTradeNo != no || q.TransactionID == "" {
		t.Fatalf("%+v", q)
	}
	if again := c.Pay(ctx, liantuofu.PayRequest{OutTradeNo: no, Total: 1, AuthCode: wire.Secret(x.authCode)}); again.Err == nil && again.Code == liantuofu.CodeSuccess {
		t.Errorf("the same number paid twice: %+v", again)
	}
	back := liantuofu.RefundRequest{OutTradeNo: no, RefundNo: tradeNo("back"), Amount: 1}
	if r := c.RefundV2(ctx, back); r.Err != nil || r.Code != liantuofu.CodeSuccess || r.HasRefund && r.Refund != 1 {
		t.Errorf("refund: %+v", r)
	}
	if r := c.RefundQueryV2(ctx, back.RefundNo); r.Err != nil || r.HasRefund && r.Refund != 1 {
		t.Errorf("refund query: %+v", r)
	}
}

func suiteZvcms(t *testing.T, x target) {
	c, err := zvcms.New(*x.zvcms)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	ok := func(r zvcms.Reply) bool { return r.Err == nil && r.Outer.OK() && (!r.HasInner || r.Inner.OK()) }
	t.Run("member", func(t *testing.T) {
		if m := c.Member(ctx, zvcms.MemberQuery{Identifier: x.customer, Type: 1}); !ok(m.Reply) || m.CustomerID == "" {
			t.Errorf("%+v", m)
		}
		if m := c.Member(ctx, zvcms.MemberQuery{Identifier: "10000000000", Type: 2}); m.CustomerID != "" || m.Delivery != zvcms.Answered {
			t.Errorf("nobody: %+v", m)
		}
	})
	t.Run("coupons", func(t *testing.T) {
		r := c.Coupons(ctx, zvcms.CouponQuery{CustomerID: x.customer})
		if !ok(r.Reply) {
			t.Fatalf("%+v", r)
		}
		for _, k := range r.Coupons {
			if k.CardID == "" || strings.ContainsAny(k.CardID, ".eE") || !k.HasUseStatus {
				t.Errorf("%+v", k)
			}
		}
	})
	t.Run("wrong key", func(t *testing.T) {
		p := *x.zvcms
		p.Key = text("not the key")
		c, err := zvcms.New(p)
		if err != nil {
			t.Fatal(err)
		}
		if m := c.Member(ctx, zvcms.MemberQuery{Identifier: x.customer, Type: 1}); ok(m.Reply) || m.CustomerID != "" || m.Delivery != zvcms.Answered {
			t.Errorf("%+v", m)
		}
	})
	if x.deeds && x.zvcms.ReverseAction != "" { // nothing is taken that cannot be given back
		t.Run("there and back", func(t *testing.T) { suiteConsume(t, x, c, ok) })
	}
}

func suiteConsume(t *testing.T, x target, c *zvcms.Client, ok func(zvcms.Reply) bool) {
	ctx := t.Context()
	spend := func(biz string) zvcms.ConsumeReply {
		return c.Consume(ctx, zvcms.ConsumeRequest{BizID: biz, CustomerID: x.customer, Amount: 1})
	}
	first := spend(tradeNo("biz"))
	if !ok(first.Reply) || !first.HasTotalAfter || first.BizID == "" || first.GiftTaken+first.RechargeTaken != 1 {
		t.Fatalf("%+v", first)
	}
	second := spend(tradeNo("biz"))
	if !ok(second.Reply) || second.TotalAfter != first.TotalAfter-1 {
		t.Errorf("%v was left, then %+v", first.TotalAfter, second)
	}
	for _, r := range []zvcms.ConsumeReply{first, second} {
		if back := c.Reverse(ctx, r.BizID, x.customer); !ok(back) {
			t.Errorf("reverse %s: %+v", r.BizID, back)
		}
	}
	third := spend(tradeNo("biz"))
	if third.TotalAfter != first.TotalAfter {
		t.Errorf("after giving back %v is left, want %v", third.TotalAfter, first.TotalAfter)
	}
	if back := c.Reverse(ctx, third.BizID, x.customer); !ok(back) {
		t.Errorf("reverse: %+v", back)
	}
	if r := c.Consume(ctx, zvcms.ConsumeRequest{BizID: tradeNo("biz"), CustomerID: x.customer, Amount: 99_000_000_00}); ok(r.Reply) {
		t.Errorf("more than there is: %s", fmt.Sprintf("%+v", r))
	}
}
