package contracttest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/money"
	"cashier/services/zvcms"
)

// TestRepliesTwice sends every reply twice on its connection.
func TestRepliesTwice(t *testing.T) {
	t.Parallel()
	for _, d := range deals(t) {
		t.Run(d.name, func(t *testing.T) {
			d.server.behave(manner{send: func(conn net.Conn, r rawReply) {
				var text recorder
				byHand(func(*rawReply) {})(&text, r)
				_, _ = conn.Write(append(text.Bytes(), text.Bytes()...))
			}}, "")
			for range 3 {
				before := d.server.executed(d.route)
				if got := d.try(t, d.server.url); got.err != nil || !d.right(got) || d.deed && d.server.executed(d.route) != before+1 {
					t.Errorf("%v %v", got.facts, got.err)
				}
			}
		})
	}
}

// doubling is a network that delivers every request twice, and brings back the
// first or the second reply.
func doubling(t testing.TB, upstream string, second bool) string {
	t.Helper()
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		var replies []answered
		for range 2 {
			again := r.Clone(r.Context())
			again.Body = io.NopCloser(bytes.NewReader(body))
			got, err := deliver(upstream, again)
			if err != nil {
				t.Error(err)
				return
			}
			replies = append(replies, got)
		}
		back := replies[0]
		if second {
			back = replies[1]
		}
		w.Header().Set("Content-Type", back.contentType)
		w.WriteHeader(back.status)
		_, _ = w.Write(back.body)
	}))
	t.Cleanup(relay.Close)
	return relay.URL
}

// answered is a whole reply.
type answered struct {
	status      int
	contentType string
	body        []byte
}

func deliver(upstream string, r *http.Request) (answered, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(upstream, "http://"))
	if err != nil {
		return answered{}, err
	}
	defer func() { _ = conn.Close() }()
	if err := r.Write(conn); err != nil {
		return answered{}, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return answered{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return answered{resp.StatusCode, resp.Header.Get("Content-Type"), body}, err
}

// TestRequestsTwice lets every request reach the server twice. What the client
// says, then and when it looks it up, is what the server really did.
func TestRequestsTwice(t *testing.T) {
	t.Parallel()
	for _, second := range []bool{false, true} {
		t.Run(fmt.Sprintf("pay, second reply %v", second), func(t *testing.T) { payTwice(t, second) })
		t.Run(fmt.Sprintf("refund, second reply %v", second), func(t *testing.T) { refundTwice(t, second) })
		t.Run(fmt.Sprintf("card, second reply %v", second), func(t *testing.T) { cardTwice(t, second) })
		t.Run(fmt.Sprintf("price, second reply %v", second), func(t *testing.T) { priceTwice(t, second) })
		t.Run(fmt.Sprintf("bill, second reply %v", second), func(t *testing.T) { billTwice(t, second) })
		for _, version := range zvVersions {
			for _, idempotent := range []bool{false, true} {
				t.Run(fmt.Sprintf("member %s, second reply %v, idempotent %v", version, second, idempotent), func(t *testing.T) {
					memberTwice(t, version, second, idempotent)
				})
			}
		}
	}
}

func payTwice(t *testing.T, second bool) {
	g := newGateway(t)
	r := ltfClient(t, doubling(t, g.url, second)+"/open/").Pay(t.Context(),
		liantuofu.PayRequest{OutTradeNo: newNo, Total: 990, AuthCode: codeRich})
	// 订单已存在 after our own number is not a refusal, and must be
	// recognisable as what it is.
	wantCode, wantSub := liantuofu.CodeSuccess, ""
	if second {
		wantCode, wantSub = liantuofu.CodeFailed, liantuofu.SubParameterError
	}
	if r.Err != nil || r.Code != wantCode || r.SubCode != wantSub || second && !strings.Contains(r.SubMsg, "订单已存在") {
		t.Errorf("%+v", r)
	}
	if q := ltfClient(t, g.url+"/open/").Query(t.Context(), newNo); q.OrderStatus != liantuofu.OrderSuccess || q.Total != 990 || g.taken() != 990 {
		t.Errorf("the query says %+v, taken %d", q, g.taken())
	}
}

func refundTwice(t *testing.T, second bool) {
	g := newGateway(t)
	g.put(paidNo, 1230, true)
	r := ltfClient(t, doubling(t, g.url, second)+"/open/").RefundV2(t.Context(),
		liantuofu.RefundRequest{OutTradeNo: paidNo, RefundNo: "BACK-0001", Amount: 130})
	if r.Err != nil || r.Code != liantuofu.CodeSuccess || r.Refund != 130 || g.taken() != 1100 {
		t.Errorf("%+v, left %d", r, g.taken())
	}
}

func cardTwice(t *testing.T, second bool) {
	g := newGateway(t)
	r := ltfClient(t, doubling(t, g.url, second)+"/open/").CardConsume(t.Context(), liantuofu.CardConsumeRequest{CardNo: washCard, Count: 2})
	d := ltfClient(t, g.url+"/open/").CardDetail(t.Context(), washCard)
	if r.Err != nil || r.Code != liantuofu.CodeSuccess || g.left(washCard) != 6 || d.Remaining != 6 || !d.HasRemaining {
		t.Errorf("%+v, %+v, left %d", r, d, g.left(washCard))
	}
}

func priceTwice(t *testing.T, second bool) {
	h := newHeadOffice(t)
	direct := hqClient(t, h.url)
	if err := direct.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := hq.New(hq.Params{BaseURL: doubling(t, h.url, second), ShopID: hqShopID, Headers: map[string]string{"Cookie": hqCookie + "=" + h.current()}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.ChangePrice(t.Context(), hq.Product{ID: 11, ShopID: 7, ProductID: 101, Price: price("7.77"), MemberPrice: price("7.07")})
	if p, lookup := direct.Get(t.Context(), 11); err != nil || lookup != nil || p.Price.String() != "7.77" || h.price("11") != "7.77" {
		t.Errorf("%v %v: %v, the server has %s", err, lookup, p.Price, h.price("11"))
	}
}

// billTwice: a bill that arrives twice is stored once, and the second answer
// says that it was there.
func billTwice(t *testing.T, second bool) {
	h := newHeadOffice(t)
	if err := hqClient(t, h.url).Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := hq.New(hq.Params{BaseURL: doubling(t, h.url, second), ShopID: hqShopID, Headers: map[string]string{"Cookie": hqCookie + "=" + h.current()}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for route, err := range map[string]error{
		uploadRoute + "billpaymentupload": uploadPayments(t.Context(), c, "T3-1-000008"),
		uploadRoute + "billsaleupload":    uploadSales(t.Context(), c, "T3-1-000008"),
	} {
		var said *hq.StatusError
		there := errors.As(err, &said) && said.Status == hq.StatusDuplicateSerial
		if there != second || (err == nil) == second || h.executed(route) != 1 {
			t.Errorf("%s: %v, stored %d times", route, err, h.executed(route))
		}
	}
}

func memberTwice(t *testing.T, version string, second, idempotent bool) {
	z := newMemberService(t, version == "v3")
	z.idempotent = idempotent
	before := z.total()
	r := zvClient(t, doubling(t, z.url, second), version, nil).Consume(t.Context(), zvcms.ConsumeRequest{BizID: bizID, CustomerID: zvCustomer, Amount: 1000})
	times := int64(2)
	if idempotent {
		times = 1
	}
	if r.Err != nil || !r.Outer.OK() || before-z.total() != 1000*times {
		t.Errorf("%+v, taken %d", r, before-z.total())
	}
	if second && r.TotalAfter != money.Fen(z.total()) {
		t.Errorf("the client says %v is left, the server %d", r.TotalAfter, z.total())
	}
}
