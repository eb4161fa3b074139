package zvcms

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/wire"
)

func TestConsumeReply(t *testing.T) {
	data := func(fields string) string { return `{"status":true,"code":0,"data":{` + fields + `}}` }
	d := func(s string) wire.Decimal { return wire.NewDecimal(decimal.RequireFromString(s)) }
	tests := []struct {
		name, body string
		want       ConsumeReply
		code       string
	}{
		{
			name: "full",
			body: data(`"bizId":"ZM1","couponsCardList":["390962138708451328","9007199254740993"],"gift_amount":"10.00","recharge_amount":"0.00","total_amount":"10.00","change_gift_amount":"2.30","change_recharge_amount":"10.00","storeBalance":0,"shopBalance":12.30`),
			want: ConsumeReply{
				Coupons: []string{coupon, "9007199254740993"}, GiftAfter: 1000, HasGiftAfter: true, HasRechargeAfter: true, TotalAfter: 1000, HasTotalAfter: true,
				GiftTaken: 230, HasGiftTaken: true, RechargeTaken: 1000, HasRechargeTaken: true, StoreBalance: d("0"), ShopBalance: d("12.3"),
			},
		},
		{name: "coupons as numbers", body: data(`"couponsCardList":[390962138708451328,9007199254740993]`), want: ConsumeReply{Coupons: []string{coupon, "9007199254740993"}}},
		{name: "coupons blank", body: data(`"couponsCardList":""`)},
		{name: "coupons null", body: data(`"couponsCardList":null`)},
		{name: "coupons empty, with empty ones", body: data(`"couponsCardList":["",null]`)},
		{name: "amounts absent", body: data(`"gift_amount":"","recharge_amount":null,"storeBalance":"","shopBalance":null`)},
		{name: "amounts as numbers", body: data(`"gift_amount":8.299999999999999,"recharge_amount":1E1,"total_amount":"18.3000"`), want: ConsumeReply{GiftAfter: 830, HasGiftAfter: true, RechargeAfter: 1000, HasRechargeAfter: true, TotalAfter: 1830, HasTotalAfter: true}},
		{name: "in camelCase", body: data(`"giftAmount":"1","rechargeAmount":2,"totalAmount":"3.00","changeGiftAmount":"0.04","changeRechargeAmount":0.05`), want: ConsumeReply{GiftAfter: 100, HasGiftAfter: true, RechargeAfter: 200, HasRechargeAfter: true, TotalAfter: 300, HasTotalAfter: true, GiftTaken: 4, HasGiftTaken: true, RechargeTaken: 5, HasRechargeTaken: true}},
		{name: "no data", body: `{"status":true,"code":0}`},
		{name: "data in words", body: `{"status":true,"code":0,"data":"x"}`},
		{name: "unknown fields", body: data(`"new":{"a":[1]},"gift_amount":"1"`), want: ConsumeReply{GiftAfter: 100, HasGiftAfter: true}},

		{name: "finer than a fen", body: data(`"change_recharge_amount":"0.0149"`), code: "unreadable"},
		{name: "amount in words", body: data(`"change_recharge_amount":"12元"`), code: "unreadable"},
		{name: "monstrous amount", body: data(`"change_gift_amount":1e60`), code: "unreadable"},
		{name: "amount is an object", body: data(`"change_gift_amount":{}`), code: "unreadable"},
		{name: "given instead of taken", body: data(`"change_gift_amount":"-2.00","change_recharge_amount":"12.00"`), want: ConsumeReply{RechargeTaken: 1200, HasRechargeTaken: true}, code: "unreadable"},
		{name: "what is left is finer than a fen", body: data(`"total_amount":"90.125","change_gift_amount":"1.00"`), want: ConsumeReply{GiftTaken: 100, HasGiftTaken: true}},
		{name: "what is left is an object", body: data(`"total_amount":{},"gift_amount":"x"`)},
		{name: "what is left is below 0", body: data(`"recharge_amount":"-1.00"`), want: ConsumeReply{RechargeAfter: -100, HasRechargeAfter: true}},
		{name: "unreadable account", body: data(`"shopBalance":"x","storeBalance":[]`)},
		{name: "amount twice", body: data(`"gift_amount":"1","gift_amount":"2"`), code: "unreadable"},
		{name: "one coupon, as text", body: data(`"couponsCardList":"a"`), want: ConsumeReply{Coupons: []string{"a"}}},
		{name: "one coupon, as a number", body: data(`"couponsCardList":390962138708451328`), want: ConsumeReply{Coupons: []string{"390962138708451328"}}},
		{name: "coupons as an object", body: data(`"couponsCardList":{"a":1}`), code: "unreadable"},
		{name: "coupon is an object", body: data(`"couponsCardList":[{}]`), code: "unreadable"},
		{name: "the others are kept", body: data(`"change_gift_amount":"x","total_amount":"1.00"`), want: ConsumeReply{TotalAfter: 100, HasTotalAfter: true}, code: "unreadable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := consume(t, client(t, says(tt.body)))
			want := ""
			if tt.code != "" {
				want = "zvcms." + tt.code
			}
			if fault.CodeOf(got.Err) != want || tt.code != "" && fault.KindOf(got.Err) != fault.Contract {
				t.Errorf("err %v", got.Err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(ConsumeReply{}, "Reply")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every amount a till can have comes back the same, however it is written.
func TestEveryWritingOfAnAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := money.Fen(rapid.Int64Range(0, int64(money.MaxFen)).Draw(t, "fen"))
		yuan := want.Yuan()
		short := strings.TrimSuffix(strings.TrimRight(yuan, "0"), ".")
		form := rapid.SampledFrom([]string{`"` + yuan + `"`, yuan, short, `"` + short + `"`, yuan + "00", `" ` + yuan + ` "`}).Draw(t, "form")
		r := decodeConsume(decodeReply([]byte(`{"status":true,"code":0,"data":{"change_gift_amount":`+form+`}}`), wire.Writes))
		if r.Err != nil || !r.HasGiftTaken || r.GiftTaken != want {
			t.Fatalf("%s: %s, %v", form, r.GiftTaken, r.Err)
		}
	})
}

func TestNothingIsSentWithoutNeed(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") }, reversible)
	with := func(change func(*ConsumeRequest)) Reply {
		q := consumeAll()
		change(&q)
		return c.Consume(t.Context(), q).Reply
	}
	member := func(id string, kind int) Reply {
		return c.Member(t.Context(), MemberQuery{Identifier: id, Type: kind}).Reply
	}
	coupons := func(q CouponQuery) Reply { return c.Coupons(t.Context(), q).Reply }
	for name, got := range map[string]Reply{
		"bizId: short":              with(func(q *ConsumeRequest) { q.BizID = "short" }),
		"bizId: long":               with(func(q *ConsumeRequest) { q.BizID = strings.Repeat("x", 65) }),
		"bizId: blank inside":       with(func(q *ConsumeRequest) { q.BizID = "T01 1 000001" }),
		"bizId: other digits":       with(func(q *ConsumeRequest) { q.BizID = "T01-1-00000１" }),
		"bizId: none to reverse":    c.Reverse(t.Context(), "", customer),
		"bizId: control":            c.Reverse(t.Context(), "ZM\x011", customer),
		"amount: negative":          with(func(q *ConsumeRequest) { q.Amount = -1 }),
		"amount: too much":          with(func(q *ConsumeRequest) { q.Amount = money.MaxFen + 1 }),
		"amount: nothing at all":    with(func(q *ConsumeRequest) { q.Amount, q.Points, q.Coupons = 0, 0, nil }),
		"points: negative":          with(func(q *ConsumeRequest) { q.Points = -1 }),
		"couponsCardList: twice":    with(func(q *ConsumeRequest) { q.Coupons = []string{coupon, coupon} }),
		"couponsCardList: empty":    with(func(q *ConsumeRequest) { q.Coupons = []string{""} }),
		"couponsCardList: two":      with(func(q *ConsumeRequest) { q.Coupons = []string{"1,2"} }),
		"couponsCardList: blank":    with(func(q *ConsumeRequest) { q.Coupons = []string{"\u30001"} }),
		"couponsCardList: control":  with(func(q *ConsumeRequest) { q.Coupons = []string{"1\x1d2"} }),
		"couponsCardList: none":     with(func(q *ConsumeRequest) { q.Coupons, q.Scanned = nil, true }),
		"customerId: none":          with(func(q *ConsumeRequest) { q.CustomerID = "" }),
		"customerId: whose balance": with(func(q *ConsumeRequest) { q.CustomerID, q.Scanned, q.Points = "", true, 0 }),
		"customerId: whose points":  with(func(q *ConsumeRequest) { q.CustomerID, q.Scanned, q.Amount = "", true, 0 }),
		"customerId: control":       with(func(q *ConsumeRequest) { q.CustomerID = "7\r" }),
		"payPassword: control":      with(func(q *ConsumeRequest) { q.PayPassword = "1\n2" }),
		"productName: control":      with(func(q *ConsumeRequest) { q.ProductName = "a\x00" }),
		"reason: control":           with(func(q *ConsumeRequest) { q.Reason = "a\x7f" }),
		"remark: no text":           with(func(q *ConsumeRequest) { q.Remark = "a\xff" }),
		"deviceSn: control":         with(func(q *ConsumeRequest) { q.DeviceSN = "a\u0085" }),
		"identifierNumber: none":    member("", 1),
		"identifierNumber: control": member("1\x02", 1),
		"type: none":                member("1", 0),
		"type: seven":               member("1", 7),
		"customerId: whose coupons": coupons(CouponQuery{}),
		"useStatus: in words":       coupons(CouponQuery{CustomerID: customer, UseStatus: "used"}),
		"useStatus: negative":       coupons(CouponQuery{CustomerID: customer, UseStatus: "-1"}),
		"cardId: control":           coupons(CouponQuery{CustomerID: customer, CardID: "\t"}),
	} {
		field, _, _ := strings.Cut(name, ":")
		var f *fault.Error
		if got.Delivery != NotSent || !errors.As(got.Err, &f) || f.Kind != fault.Invalid || f.Args["field"] != field {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestReverseIsOffUntilItsActionIsNamed(t *testing.T) {
	c := client(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	got := c.Reverse(t.Context(), "ZM1", customer)
	if got.Delivery != NotSent || fault.CodeOf(got.Err) != "zvcms.reverse_off" || fault.KindOf(got.Err) != fault.Refused {
		t.Errorf("%+v", got)
	}
	named := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if fields, err := wire.Fields(body); err != nil || string(fields["Action"]) != `"crm.take.back"` {
			t.Errorf("%s", body)
		}
		_, _ = io.WriteString(w, success)
	}, func(p *Params) { p.ReverseAction = "crm.take.back" })
	if got := named.Reverse(t.Context(), "ZM1", ""); got.Err != nil || !got.Outer.OK() || !got.Inner.OK() {
		t.Errorf("%+v", got)
	}
}

// Neither our own printing nor the gateway's echo shows a password or a code
// that redeems.
func TestSecretsDoNotComeOut(t *testing.T) {
	q := scan()
	q.PayPassword, q.CustomerID = password, customer
	m := MemberQuery{Identifier: "8613912345", Type: 1}
	refused := func(what string) *Client {
		return client(t, says(`{"status":true,"code":200608,"message":"券不可用 `+what+` token `+testToken+` `+testKey+`","data":{"couponsCardList":[`+scanned+`,"`+coupon+`"]}}`))
	}
	got := refused(scanned+" "+password).Consume(t.Context(), q)
	who := refused(m.Identifier).Member(t.Context(), m)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sent", "request", q, "query", m, "reply", got)
	printed := fmt.Sprintf("%v %+v %#v %v %+v %#v %+v %+v %s", q, q, q, m, m, m, got, who.Message, log.String())
	for _, secret := range []string{scanned, password, "8613912345", testKey, "ySypL4"} {
		if strings.Contains(printed, secret) {
			t.Errorf("%s is in %s", secret, printed)
		}
	}
	if diff := cmp.Diff([]string{hidden, coupon}, got.Coupons); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(got.Message, "券") {
		t.Errorf("message %q", got.Message)
	}
	plain := client(t, says(`{"status":true,"code":0,"data":{"couponsCardList":[`+coupon+`]}}`))
	if got := consume(t, plain); len(got.Coupons) != 1 || got.Coupons[0] != coupon {
		t.Errorf("a coupon's id is no secret: %v", got.Coupons)
	}
}
