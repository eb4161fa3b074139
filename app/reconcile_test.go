package app

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/app/demo"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/liantuofu/liantuofutest"
	"cashier/services/reconcile"
	"cashier/services/wire"
)

func TestRowsOfTheBill(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	broken := errors.New("an amount in words")
	for name, c := range map[string]struct {
		item liantuofu.BillItem
		want reconcile.Row
		why  error
		code string
	}{
		"an order": {item: liantuofu.BillItem{
			OutTradeNo: "T01-1-000001", TransactionID: "LTF1", OutTransactionID: "4200001", Total: 1230, HasTotal: true,
			Receipt: 1200, HasReceipt: true, Refund: 400, HasRefund: true, OrderStatus: " success", PayTime: at,
		}, want: reconcile.Row{Key: "T01-1-000001", Amount: 1230, Refunded: 400, State: checkout.OrderPaid, ProviderNo: "LTF1", At: at}},
		"the wallet's number alone": {
			item: liantuofu.BillItem{OutTransactionID: "4200001", Total: 1, HasTotal: true},
			want: reconcile.Row{Amount: 1, ProviderNo: "4200001"},
		},
		"a refund, whose total is the order's": {
			item: liantuofu.BillItem{OutTradeNo: "T01-1-000001", RefundNo: "r1", Total: 1230, HasTotal: true, Refund: 400, HasRefund: true, OrderStatus: "REFUND"},
			want: reconcile.Row{Key: "T01-1-000001", RefundNo: "r1", Amount: 400, State: checkout.OrderRefunded},
		},
		"an order without amount": {
			item: liantuofu.BillItem{OutTradeNo: "T01-1-000001", OrderStatus: "SUCCESS"},
			want: reconcile.Row{Key: "T01-1-000001", State: checkout.OrderPaid}, code: "reconcile.row",
		},
		"a refund without amount": {
			item: liantuofu.BillItem{OutTradeNo: "T01-1-000001", RefundNo: "r1", Total: 1230, HasTotal: true},
			want: reconcile.Row{Key: "T01-1-000001", RefundNo: "r1"}, code: "reconcile.row",
		},
		"unreadable": {
			item: liantuofu.BillItem{OutTradeNo: "T01-1-000001", Err: broken},
			want: reconcile.Row{Key: "T01-1-000001"}, why: broken,
		},
	} {
		got := billRow(c.item)
		if c.why != nil && !errors.Is(got.Unreadable, c.why) || fault.CodeOf(got.Unreadable) != c.code || (got.Unreadable == nil) != (c.why == nil && c.code == "") {
			t.Errorf("%s: %v", name, got.Unreadable)
		}
		got.Unreadable = nil
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhetherAnotherPageFollows(t *testing.T) {
	rows := func(n int) []liantuofu.BillItem { return make([]liantuofu.BillItem, n) }
	for name, c := range map[string]struct {
		reply liantuofu.BillReply
		page  int
		want  bool
	}{
		"first of two pages":            {liantuofu.BillReply{Items: rows(100), Pages: 2, HasPages: true}, 1, true},
		"last of two pages":             {liantuofu.BillReply{Items: rows(3), Pages: 2, HasPages: true}, 2, false},
		"by count, more":                {liantuofu.BillReply{Items: rows(100), TotalCount: 101, HasTotalCount: true}, 1, true},
		"by count, all":                 {liantuofu.BillReply{Items: rows(100), TotalCount: 100, HasTotalCount: true}, 1, false},
		"by count, from shorter pages":  {liantuofu.BillReply{Items: rows(50), TotalCount: 100, HasTotalCount: true}, 1, true},
		"by count, from longer pages":   {liantuofu.BillReply{Items: rows(150), TotalCount: 150, HasTotalCount: true}, 1, true},
		"no numbers":                    {liantuofu.BillReply{Items: rows(3)}, 1, true},
		"no numbers and no rows":        {liantuofu.BillReply{}, 1, false},
		"no rows, whatever the numbers": {liantuofu.BillReply{Pages: 9, HasPages: true, TotalCount: 900, HasTotalCount: true}, 2, false},
	} {
		if got := hasMore(c.reply, c.page); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A merchant's bill of several pages, wherever the provider puts its rows.
func TestABillOfManyPages(t *testing.T) {
	const orders = 2*billPage + 1
	for _, nesting := range []liantuofutest.Nesting{liantuofutest.BillOrderDetails, liantuofutest.BillItems, liantuofutest.BillDataList, liantuofutest.BillData} {
		servers, err := demo.Start(context.Background(), demo.Params{Liantuofu: func(p *liantuofutest.Params) { p.BillNesting = nesting }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = servers.Close() })
		e := servers.Endpoints()
		till := open(t, Params{Dir: t.TempDir(), Settings: map[string]string{
			"liantuofu.url": e.Liantuofu, "liantuofu.app_id": e.AppID, "liantuofu.merchant_code": e.MerchantCode,
		}, Secrets: map[string]string{"liantuofu.key": e.Key}})
		c, err := till.Liantuofu()
		if err != nil {
			t.Fatal(err)
		}
		for n := range orders {
			r := c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: fmt.Sprintf("other1-1-%06d", n), Total: 1, AuthCode: wire.Secret(fmt.Sprintf("13%016d", n))})
			if r.Code != liantuofu.CodeSuccess {
				t.Fatalf("%+v", r)
			}
		}
		now := time.Now()
		got, err := till.Reconcile(t.Context(), now.Add(-24*time.Hour), now.Add(24*time.Hour))
		if err != nil || got.Elsewhere != orders || len(got.Findings) != 0 {
			t.Errorf("nesting %d: %d elsewhere of %d, %d findings, %v", nesting, got.Elsewhere, orders, len(got.Findings), err)
		}
	}
}

func TestReconcileWithoutWhatItNeeds(t *testing.T) {
	now := time.Now()
	till := open(t, Params{Dir: t.TempDir()})
	if _, err := till.Reconcile(t.Context(), now.Add(-time.Hour), now); fault.CodeOf(err) != "liantuofu.not_set_up" {
		t.Errorf("%v", err)
	}
	settings := map[string]string{"liantuofu.app_id": "EW_N0000000001", "liantuofu.merchant_code": "EW_N0000000002", "liantuofu.url": "http://127.0.0.1:1/open/"}
	reader, err := OpenRead(t.Context(), Params{Dir: t.TempDir(), Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Reconcile(t.Context(), now.Add(-time.Hour), now); fault.CodeOf(err) != "reconcile.no_books" {
		t.Errorf("%v", err)
	}
	till = open(t, Params{Dir: t.TempDir(), Settings: settings, Secrets: map[string]string{"liantuofu.key": "test-key-0001"}})
	if _, err := till.Reconcile(t.Context(), now, now.Add(-time.Hour)); fault.CodeOf(err) != "reconcile.window" {
		t.Errorf("%v", err)
	}
	if _, err := till.Reconcile(t.Context(), now.Add(-time.Hour), now); fault.KindOf(err) != fault.Unreachable {
		t.Errorf("%v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := till.Reconcile(ctx, now.Add(-time.Hour), now); err == nil {
		t.Error("a bill was read after everybody had left")
	}
}
