package liantuofu

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"cashier/services/liantuofu/liantuofutest"
	"cashier/services/shopdata"
	"cashier/services/wire"
)

// standIn is a gateway that shares no code with this client, and the client.
func standIn(t *testing.T, change func(*liantuofutest.Params)) (*liantuofutest.Server, *Client) {
	t.Helper()
	shop, err := shopdata.Load(os.DirFS("../shopdata/testdata/shop"))
	if err != nil {
		t.Fatal(err)
	}
	p := liantuofutest.Params{
		AppID: "EW_N0000000001", MerchantCode: "EW_N0000000002", Key: testKey, Shop: shop,
		Now: func() time.Time { return billDay.Add(9 * time.Hour) },
	}
	if change != nil {
		change(&p)
	}
	s, err := liantuofutest.New(p)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, clientAt(t, srv.URL+liantuofutest.Base)
}

// succeeded insists on an answered SUCCESS.
func succeeded(t *testing.T, what string, r Reply) Reply {
	t.Helper()
	if r.Err != nil || r.Delivery != Answered || r.Code != CodeSuccess {
		t.Fatalf("%s: %+v", what, r)
	}
	return r
}

// A QR order from its code to its refund and its rows in the bill, for every
// place the rows may lie and every way the replies may be signed.
func TestQROrderAgainstTheStandIn(t *testing.T) {
	for _, nesting := range []liantuofutest.Nesting{liantuofutest.BillOrderDetails, liantuofutest.BillItems, liantuofutest.BillDataList, liantuofutest.BillData} {
		for _, signing := range []liantuofutest.Signing{liantuofutest.SignAll, liantuofutest.SignPayments, liantuofutest.SignNone} {
			t.Run(fmt.Sprintf("nesting %d, signing %d", nesting, signing), func(t *testing.T) {
				s, c := standIn(t, func(p *liantuofutest.Params) { p.BillNesting, p.Signing = nesting, signing })
				qrOrder(t, s, c)
			})
		}
	}
}

func qrOrder(t *testing.T, s *liantuofutest.Server, c *Client) {
	t.Helper()
	const paid, given = "T01-1-000001", "T01-1-000002"
	for _, no := range []string{paid, given} {
		p := c.Precreate(t.Context(), PrecreateRequest{OutTradeNo: no, Total: 1230, Channel: "WXPAY", Subject: "苹果😀"})
		if succeeded(t, "precreate", p.Reply); p.QRCode == "" || p.OutTradeNo != no {
			t.Fatalf("%+v", p)
		}
	}
	if r := succeeded(t, "query", c.Query(t.Context(), paid)); r.OrderStatus != OrderNotPay {
		t.Errorf("%+v", r)
	}
	if err := s.PayQR(paid, "0001"); err != nil {
		t.Fatal(err)
	}
	if r := succeeded(t, "query", c.Query(t.Context(), paid)); r.OrderStatus != OrderSuccess || r.Total != 1230 || r.OutTradeNo != paid {
		t.Errorf("%+v", r)
	}
	if r := c.Close(t.Context(), paid, "超时"); r.Err != nil || r.Code != CodeFailed {
		t.Errorf("close of a paid order: %+v", r)
	}
	succeeded(t, "close", c.Close(t.Context(), given, "超时"))
	if r := succeeded(t, "query", c.Query(t.Context(), given)); r.OrderStatus != OrderClosed {
		t.Errorf("%+v", r)
	}
	if err := s.PayQR(given, "0001"); err == nil {
		t.Error("a closed order was paid")
	}
	succeeded(t, "refund", c.RefundV2(t.Context(), RefundRequest{OutTradeNo: paid, RefundNo: "T01-1-R00001", Amount: 230}))
	succeeded(t, "refund query", c.RefundQueryV2(t.Context(), "T01-1-R00001"))

	found := map[string]int{}
	q := BillQuery{From: billDay, To: billDay.Add(24 * time.Hour), Page: 1, Size: 1}
	for {
		b := c.Bill(t.Context(), q)
		succeeded(t, "bill", b.Reply)
		for _, item := range b.Items {
			if item.Err != nil {
				t.Errorf("%+v", item)
			}
			found[item.OutTradeNo+" "+item.RefundNo+" "+item.Total.Yuan()+" "+item.Refund.Yuan()]++
		}
		if q.Page++; !b.HasPages || int64(q.Page) > b.Pages {
			if !b.HasTotalCount || b.TotalCount != int64(len(found)) {
				t.Errorf("%d counted, %v found", b.TotalCount, found)
			}
			break
		}
	}
	for _, want := range []string{paid + "  12.30 2.30", given + "  12.30 0.00", paid + " T01-1-R00001 12.30 2.30"} {
		if found[want] != 1 {
			t.Errorf("%q is in the bill %d times: %v", want, found[want], found)
		}
	}
}

func TestMemberAgainstTheStandIn(t *testing.T) {
	for _, flat := range []bool{false, true} {
		var shop *shopdata.Shop
		_, c := standIn(t, func(p *liantuofutest.Params) { shop, p.MemberIsFlat = p.Shop, flat })
		for _, m := range shop.Members {
			// The stand-in takes a chip's number for the customer's.
			for _, code := range []string{m.Mobile, m.CardNo, m.CustomerID} {
				got := c.Member(t.Context(), MemberQuery{Code: code})
				if succeeded(t, "member", got.Reply); got.Mobile != m.Mobile || got.CardNo != m.CardNo || got.Name != m.Name || got.Balance != m.Recharge+m.Gift || !got.HasPoints {
					t.Errorf("flat %v: %+v", flat, got)
				}
			}
		}
		if got := c.Member(t.Context(), MemberQuery{Code: "19999999999"}); got.Err != nil || got.Code != CodeFailed {
			t.Errorf("%+v", got)
		}
	}
}

// Each action by its name passes the stand-in's check of signature and required
// fields: whatever it then says, it is not about those.
func TestCallAgainstTheStandIn(t *testing.T) {
	_, c := standIn(t, nil)
	for _, a := range Actions() {
		said, err := c.Call(t.Context(), a.Name, sendings[a.Name].args)
		if err != nil || said.HTTPStatus != 200 {
			t.Errorf("%s: %+v, %v", a.Name, said, err)
		}
		for _, bad := range []string{"SIGN_ERROR", "不能为空", "格式错误"} {
			if strings.Contains(said.Body, bad) {
				t.Errorf("%s: %s", a.Name, said.Body)
			}
		}
	}
	c.p.Key = func() (string, error) { return testKey + "x", nil }
	said, err := c.Call(t.Context(), actQuery, []wire.Arg{{Name: "outTradeNo", Value: "T01-1-000001"}})
	if err != nil || !strings.Contains(said.Body, "SIGN_ERROR") {
		t.Errorf("another key: %+v, %v", said, err)
	}
}
