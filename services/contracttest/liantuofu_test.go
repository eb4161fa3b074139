package contracttest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cashier/services/fault"
	"cashier/services/liantuofu"
	"cashier/services/money"
)

const (
	paidNo, openNo, newNo = "PAID-0001", "OPEN-0001", "NEW-00001"
	washCard              = "914095353294404024"
)

func ltfClient(t testing.TB, url string) *liantuofu.Client {
	t.Helper()
	c, err := liantuofu.New(liantuofu.Params{
		BaseURL: url, AppID: ltfAppID, MerchantCode: ltfMerchant, EmployeeID: "11",
		Key: func() (string, error) { return ltfKey, nil }, Reply: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newTill is a gateway with an order that is paid, one that is not, and a
// client of it.
func newTill(t testing.TB) (*gateway, *liantuofu.Client) {
	g := newGateway(t)
	g.put(paidNo, 1230, true)
	g.put(openNo, 4560, false)
	return g, ltfClient(t, g.url+"/open/")
}

// hear is a reply in the words of all clients. FAILED is a fault here, because
// none of the questions below may end in it.
func hear(r liantuofu.Reply, f facts) heard {
	h := heard{facts: f, err: r.Err, sent: r.Delivery != liantuofu.NotSent}
	if r.Err == nil && r.Code != liantuofu.CodeSuccess {
		h.err = fault.New(fault.Refused, "liantuofu."+strings.ToLower(r.SubCode), r.Code+" "+r.SubMsg+r.Msg)
	}
	return h
}

// replyNames are the fields every reply may have and the client gives.
var replyNames = []string{"outtradeno", "transactionid", "outtransactionid", "totalamount", "receiptamount",
	"refundno", "refundamount", "paytype", "orderstatus", "paytime", "time"}

func replyFacts(r liantuofu.Reply) facts {
	f := facts{}
	f.text(".outtradeno", r.OutTradeNo)
	f.text(".transactionid", r.TransactionID)
	f.text(".outtransactionid", r.OutTransactionID)
	f.yuan(".totalamount", r.Total, r.HasTotal)
	f.yuan(".receiptamount", r.Receipt, r.HasReceipt)
	f.text(".refundno", r.RefundNo)
	f.yuan(".refundamount", r.Refund, r.HasRefund)
	f.text(".paytype", r.PayType)
	f.text(".orderstatus", r.OrderStatus)
	if r.RefundNo != "" {
		f.at(".time", r.PayTime)
	} else {
		f.at(".paytime", r.PayTime)
	}
	return f
}

func (f facts) yuan(path string, v money.Fen, given bool) {
	if given {
		f.text(path, v.Yuan())
	}
}

// at writes a time as the gateway does, in China's zone.
func (f facts) at(path string, v time.Time) {
	if !v.IsZero() {
		f.text(path, v.In(time.FixedZone("", 8*60*60)).Format("20060102150405"))
	}
}

// ltfActions are all the client has. Each leaves from newTill's orders.
func ltfActions(t testing.TB, g *gateway, c *liantuofu.Client) []action {
	return append(ltfReads(t, g, c), ltfDeeds(t, g, c)...)
}

func ltfDeeds(t testing.TB, g *gateway, c *liantuofu.Client) []action {
	ctx := t.Context()
	deed := func(route string, do func() liantuofu.Reply, held func() facts) action {
		return action{name: route, route: route, deed: true, held: held, try: func() heard {
			r := do()
			return hear(r, replyFacts(r))
		}}
	}
	order := func(no string) func() facts { return func() facts { return factsOf(g.doc(no)).only(replyNames...) } }
	nothing := func() facts { return facts{} }
	return []action{
		deed("pay", func() liantuofu.Reply {
			return c.Pay(ctx, liantuofu.PayRequest{OutTradeNo: newNo, Total: 990, AuthCode: codeRich, Subject: "蔬菜 3 件", OperatorID: "11"})
		}, order(newNo)),
		deed("refundV2", func() liantuofu.Reply {
			return c.RefundV2(ctx, liantuofu.RefundRequest{OutTradeNo: paidNo, RefundNo: "BACK-0001", Amount: 130})
		}, func() facts { return factsOf(obj(refundDoc(&refund{"BACK-0001", paidNo, 130})...)).only(replyNames...) }),
		deed("cancel", func() liantuofu.Reply { return c.Cancel(ctx, paidNo, "顾客取消") }, nothing),
		deed("close", func() liantuofu.Reply { return c.Close(ctx, openNo, "超时") }, nothing),
		deed("timescard/userTimesCardConsume", func() liantuofu.Reply {
			return c.CardConsume(ctx, liantuofu.CardConsumeRequest{CardNo: washCard, Count: 3, Remark: "小票 88"})
		}, nothing),
		{name: "precreate", route: "precreate", deed: true,
			held: func() facts { return facts{".outtradeno": newNo, ".qrcode": "https://qr.example.com/bax03?x=1&y=二"} },
			try: func() heard {
				r := c.Precreate(ctx, liantuofu.PrecreateRequest{OutTradeNo: newNo, Total: 990, Channel: "WXPAY", Subject: "蔬菜"})
				f := replyFacts(r.Reply)
				f.text(".qrcode", r.QRCode)
				return hear(r.Reply, f)
			}},
	}
}

func ltfReads(t testing.TB, g *gateway, c *liantuofu.Client) []action {
	ctx := t.Context()
	return []action{
		{name: "pay/query", route: "pay/query", held: func() facts { return factsOf(g.doc(paidNo)).only(replyNames...) },
			try: func() heard {
				r := c.Query(ctx, paidNo)
				return hear(r, replyFacts(r))
			}},
		{name: "refund/queryV2", route: "refund/queryV2",
			ready: func(t *testing.T) {
				if r := c.RefundV2(ctx, liantuofu.RefundRequest{OutTradeNo: paidNo, RefundNo: "BACK-0002", Amount: 30}); r.Err != nil {
					t.Fatal(r.Err)
				}
			},
			held: func() facts { return factsOf(obj(refundDoc(&refund{"BACK-0002", paidNo, 30})...)).only(replyNames...) },
			try: func() heard {
				r := c.RefundQueryV2(ctx, "BACK-0002")
				return hear(r, replyFacts(r))
			}},
		{name: "timescard/userTimesCardDetail", route: "timescard/userTimesCardDetail",
			held: func() facts {
				return facts{".cardno": washCard, ".cardname": "洗车十次卡", ".membername": "王小明", ".membermobile": "13800001111",
					".enddate": "2026-12-31 23:59:59", ".suplustimes": "10"}
			},
			try: func() heard {
				r := c.CardDetail(ctx, washCard)
				return hear(r.Reply, cardFacts(r))
			}},
		{name: "bill", route: "bill",
			held: func() facts {
				return factsOf(obj("totalCount", number("2"), "items", list{g.doc(openNo), g.doc(paidNo)})).only(append(replyNames, "totalcount")...)
			},
			try: func() heard {
				from := time.Date(2026, 1, 15, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
				r := c.Bill(ctx, liantuofu.BillQuery{From: from, To: from.Add(24 * time.Hour), Page: 1, Size: 20})
				return hear(r.Reply, billFacts(r))
			}},
		{name: "member/get", route: "member/get",
			held: func() facts {
				return facts{".memberid": "390962138708451328", ".memberno": "801234567890123456", ".name": "王小明", ".mobile": "13800001111",
					".level": "金卡", ".balance": "35.2", ".points": "120", ".coupons": "2"}
			},
			try: func() heard {
				r := c.Member(ctx, liantuofu.MemberQuery{Code: "13800001111"})
				return hear(r.Reply, memberFacts(r))
			}},
	}
}

func cardFacts(r liantuofu.CardReply) facts {
	f := facts{}
	f.text(".cardno", r.CardNo)
	f.text(".cardname", r.CardName)
	f.text(".membername", r.MemberName)
	f.text(".membermobile", r.MemberMobile)
	f.text(".enddate", r.EndDate)
	if r.HasRemaining {
		f.add(".suplustimes", number(itoa(r.Remaining)))
	}
	return f
}

func memberFacts(r liantuofu.MemberReply) facts {
	f := facts{}
	f.text(".memberid", r.MemberID)
	f.text(".memberno", r.CardNo)
	f.text(".name", r.Name)
	f.text(".mobile", r.Mobile)
	f.text(".level", r.Level)
	f.yuan(".balance", r.Balance, r.HasBalance)
	if r.HasPoints {
		f.text(".points", itoa(r.Points))
	}
	if r.HasCoupons {
		f.text(".coupons", itoa(r.Coupons))
	}
	return f
}

func billFacts(r liantuofu.BillReply) facts {
	f := facts{}
	if r.HasTotalCount {
		f.text(".totalcount", itoa(r.TotalCount))
	}
	for i, item := range r.Items {
		row := replyFacts(liantuofu.Reply{OutTradeNo: item.OutTradeNo, TransactionID: item.TransactionID, OutTransactionID: item.OutTransactionID,
			Total: item.Total, HasTotal: item.HasTotal, Receipt: item.Receipt, HasReceipt: item.HasReceipt,
			PayType: item.PayType, OrderStatus: item.OrderStatus, PayTime: item.PayTime})
		for path, v := range row {
			f[".items["+itoa(int64(i))+"]"+path] = v
		}
		if item.Err != nil {
			f[".items["+itoa(int64(i))+"].err"] = item.Err.Error()
		}
	}
	return f
}

func TestLiantuofu(t *testing.T) {
	t.Parallel()
	for _, q := range quirks() {
		t.Run(q.name, func(t *testing.T) {
			for i, name := range ltfNames(t) {
				if q.tries(i) {
					t.Run(name, func(t *testing.T) { tryLiantuofu(t, name, q.manner(t), q.gateways) })
				}
			}
		})
	}
}

func ltfNames(t *testing.T) []string {
	var names []string
	g, c := newTill(t)
	for _, a := range ltfActions(t, g, c) {
		names = append(names, a.name)
	}
	return names
}

// tryLiantuofu tries one manner on one action of a fresh gateway.
func tryLiantuofu(t *testing.T, name string, m manner, e expected) {
	t.Helper()
	g, c := newTill(t)
	for _, a := range ltfActions(t, g, c) {
		if a.name != name {
			continue
		}
		if a.ready != nil {
			a.ready(t)
		}
		before := g.executed(a.route)
		g.behave(m, a.route)
		a.check(t, &g.stranger, before, a.try(), a.want(e))
	}
}

// TestLiantuofuSigns signs replies in every way there is.
func TestLiantuofuSigns(t *testing.T) {
	t.Parallel()
	upper := func(v any) any {
		o := signed(v, ltfKey).(object)
		return o.with("sign", strings.ToUpper(o.get("sign").(string)))
	}
	wrong := both(fails(fault.Contract, "signature"))
	for name, one := range map[string]struct {
		seal func(any) any
		e    expected
	}{
		"absent":         {func(v any) any { return v.(object).without("sign") }, expected{}},
		"empty":          {func(v any) any { return v.(object).with("sign", "") }, expected{}},
		"null":           {func(v any) any { return v.(object).with("sign", nil) }, expected{}},
		"lower case":     {nil, expected{}},
		"upper case":     {upper, expected{}},
		"of another key": {func(v any) any { return signed(v, "another key") }, wrong},
		"wrong":          {func(v any) any { return v.(object).with("sign", strings.Repeat("0", 32)) }, wrong},
		"a word":         {func(v any) any { return v.(object).with("sign", "true") }, wrong},
		"of another amount": {func(v any) any {
			return signed(v.(object).with("totalAmount", "0.01"), ltfKey).(object).with("totalAmount", "990.00")
		}, wrong},
	} {
		for _, route := range ltfNames(t) {
			t.Run(name+"/"+route, func(t *testing.T) {
				g, c := newTill(t)
				for _, a := range ltfActions(t, g, c) {
					if a.name == route {
						if a.ready != nil {
							a.ready(t)
						}
						before := g.executed(route)
						g.signing = one.seal
						a.check(t, &g.stranger, before, a.try(), a.want(one.e))
					}
				}
			})
		}
	}
}

// TestLiantuofuRefusesItself sends nothing that the gateway's rules forbid.
func TestLiantuofuRefusesItself(t *testing.T) {
	g, c := newTill(t)
	asked := len(g.asked)
	for name, r := range map[string]liantuofu.Reply{
		"short number": c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: "1234567", Total: 1, AuthCode: codeRich}),
		"no money":     c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: newNo, AuthCode: codeRich}),
		"negative":     c.RefundV2(t.Context(), liantuofu.RefundRequest{OutTradeNo: paidNo, RefundNo: "BACK-0009", Amount: -1}),
		"no count":     c.CardConsume(t.Context(), liantuofu.CardConsumeRequest{CardNo: washCard}),
		"ampersand":    c.Cancel(t.Context(), paidNo, "a&totalAmount=1"),
	} {
		if r.Delivery != liantuofu.NotSent || fault.KindOf(r.Err) != fault.Invalid {
			t.Errorf("%s: %v %v", name, r.Delivery, r.Err)
		}
	}
	if len(g.asked) != asked {
		t.Errorf("%d requests were sent", len(g.asked)-asked)
	}
}

// TestLiantuofuWrongKey is what a mistyped key leads to: no success, and
// nothing taken.
func TestLiantuofuWrongKey(t *testing.T) {
	g := newGateway(t)
	c, err := liantuofu.New(liantuofu.Params{BaseURL: g.url + "/open/", AppID: ltfAppID, MerchantCode: ltfMerchant,
		Key: func() (string, error) { return "mistyped", nil }})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Pay(t.Context(), liantuofu.PayRequest{OutTradeNo: newNo, Total: 990, AuthCode: codeRich})
	if r.Err == nil && r.Code == liantuofu.CodeSuccess || g.taken() != 0 || r.HTTPStatus != http.StatusOK {
		t.Errorf("%+v, taken %d", r, g.taken())
	}
}
