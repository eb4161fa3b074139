package contracttest

import (
	"strings"
	"testing"

	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/zvcms"
)

// TestZvcmsVerdicts goes through every pair of verdicts: only status true and a
// code of nought, on both levels, is a success.
func TestZvcmsVerdicts(t *testing.T) {
	t.Parallel()
	good := []object{obj("status", true, "code", number("0")), obj("status", "true", "code", "0"), obj("status", number("1"), "code", number("0")),
		obj("status", "TRUE", "code", "0")}
	bad := []object{obj("status", true, "code", "异常编码"), obj("status", false, "code", "系统错误编码"), obj("status", true, "code", number("1")),
		obj("status", "false", "code", "0"), obj("status", true, "code", "200010"), obj("status", true, "code", number("-1")),
		obj("status", true, "code", "0x0"), obj("status", true, "code", "PROCESSING")}
	try := func(t *testing.T, outer, inner object, want bool) {
		t.Helper()
		z, c := newMembers(t, "v2")
		z.behave(manner{shape: func(v any) any {
			o := v.(object)
			data := o.get("data").(object)
			for _, m := range inner {
				data = data.with(m.name, m.value)
			}
			for _, m := range outer {
				o = o.with(m.name, m.value)
			}
			return o.with("data", data)
		}}, "")
		r := c.Consume(t.Context(), spend)
		if r.Err != nil || r.Delivery != zvcms.Answered || !r.HasInner {
			t.Errorf("%s around %s: %+v", render(outer), render(inner), r.Reply)
		}
		if ok := r.Outer.OK() && r.Inner.OK(); ok != want {
			t.Errorf("%s around %s: success %v", render(outer), render(inner), ok)
		}
	}
	for _, one := range good {
		for _, other := range good {
			try(t, one, other, true)
		}
		for _, other := range bad {
			try(t, one, other, false)
			try(t, other, one, false)
		}
	}
}

// TestZvcmsNoVerdict answers with what is no verdict: nothing may be concluded.
func TestZvcmsNoVerdict(t *testing.T) {
	t.Parallel()
	for name, shape := range map[string]func(any) any{
		"no status":         func(v any) any { return v.(object).without("status") },
		"no code":           func(v any) any { return v.(object).without("code") },
		"status null":       func(v any) any { return v.(object).with("status", nil) },
		"code null":         func(v any) any { return v.(object).with("code", nil) },
		"status in words":   func(v any) any { return v.(object).with("status", "成功") },
		"status a list":     func(v any) any { return v.(object).with("status", list{true}) },
		"code an object":    func(v any) any { return v.(object).with("code", obj("code", number("0"))) },
		"status twice":      twice("status", false),
		"code twice":        twice("code", number("500")),
		"data twice":        twice("data", nil),
		"names in capitals": renamed(strings.ToUpper),
		"a list of one":     func(v any) any { return list{v} },
	} {
		for _, version := range zvVersions {
			for _, action := range []string{"consume", "reverse", "member", "coupons"} {
				t.Run(name+"/"+version+"/"+action, func(t *testing.T) {
					tryZvcms(t, version, action, manner{shape: shape}, both(fails(fault.Contract, "")))
				})
			}
		}
	}
}

// TestZvcmsInsideTwice gives a field inside data twice.
func TestZvcmsInsideTwice(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"status", "code", "bizId", "total_amount"} {
		t.Run(name, func(t *testing.T) {
			m := manner{shape: func(v any) any {
				o := v.(object)
				return o.with("data", append(o.get("data").(object), member{name, "1"}))
			}}
			tryZvcms(t, "v2", "consume", m, both(fails(fault.Contract, "unreadable")))
		})
	}
}

// TestZvcmsSamples are the replies of page 620, as they stand there.
func TestZvcmsSamples(t *testing.T) {
	for name, one := range map[string]struct {
		text string
		ok   bool
	}{
		"success":        {`{ "status": "true", "code": "0", "message": "说明", "data": { "status": "true", "code": "0", "message": "操作成功", "bizId": "", "couponsCardList": "", "gift_amount": "", "recharge_amount": "", "total_amount": "", "change_gift_amount": "", "change_recharge_amount": "", "storeBalance": "", "shopBalance": "" } }`, true},
		"business error": {`{ "status": true, "code": "异常编码,根据不同的业务返回编码", "message": "异常说明:查询的信息不存在" }`, false},
		"system error":   {`{ "status": false, "code": "系统错误编码:详见全局返回编码", "message": "系统错误说明" }`, false},
	} {
		z, c := newMembers(t, "v2")
		z.behave(manner{text: func([]byte) []byte { return []byte(one.text) }}, "")
		r := c.Consume(t.Context(), spend)
		ok := r.Outer.OK() && (!r.HasInner || r.Inner.OK())
		if r.Err != nil || ok != one.ok || r.HasTotalAfter || r.HasGiftTaken || len(r.Coupons) != 0 || r.Message == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestZvcmsLists writes the list of coupons in every way there is.
func TestZvcmsLists(t *testing.T) {
	for _, version := range zvVersions {
		for _, one := range []struct {
			written any
			want    string
		}{
			{nil, ""}, {"", ""}, {list{}, ""}, {list{nil}, ""}, {list{zvCoupon}, zvCoupon}, {list{number(zvCoupon)}, zvCoupon},
			{list{number("9007199254740993"), number("9007199254740992")}, "9007199254740993,9007199254740992"},
		} {
			z, c := newMembers(t, version)
			z.behave(manner{shape: replaced("couponsCardList", one.written)}, "")
			r := c.Consume(t.Context(), spend)
			if r.Err != nil || strings.Join(r.Coupons, ",") != one.want {
				t.Errorf("%s %s: %v %v", version, render(one.written), r.Coupons, r.Err)
			}
		}
		for _, empty := range []any{nil, "", list{}} {
			z, c := newMembers(t, version)
			z.behave(manner{shape: replaced("data", empty)}, "")
			if r := c.Coupons(t.Context(), zvcms.CouponQuery{CustomerID: zvCustomer}); r.Err != nil || len(r.Coupons) != 0 {
				t.Errorf("%s data %s: %+v", version, render(empty), r)
			}
		}
	}
}

// TestZvcmsAmounts writes what is left in every way; it is exact or it is none, and
// never turns what was taken into a broken reply.
func TestZvcmsAmounts(t *testing.T) {
	for written, want := range map[any]money.Fen{"92.50": 9250, number("92.5"): 9250, "92.5000": 9250, number("92.500000000000004"): 9250, "0.00": 0} {
		z, c := newMembers(t, "v2")
		z.behave(manner{shape: replaced("total_amount", written)}, "")
		if r := c.Consume(t.Context(), spend); r.Err != nil || !r.HasTotalAfter || r.TotalAfter != want {
			t.Errorf("%v: %v %v %v", written, r.TotalAfter, r.HasTotalAfter, r.Err)
		}
	}
	for _, written := range []any{"92.505", "九十二元", true, list{"1"}, "1e400"} {
		z, c := newMembers(t, "v2")
		z.behave(manner{shape: replaced("change_recharge_amount", written)}, "")
		if r := c.Consume(t.Context(), spend); fault.KindOf(r.Err) != fault.Contract || r.HasRechargeTaken {
			t.Errorf("taken %v: %v (%v) %v", written, r.RechargeTaken, r.HasRechargeTaken, r.Err)
		}
		z.behave(manner{shape: replaced("total_amount", written)}, "")
		if r := c.Consume(t.Context(), spend); r.Err != nil || r.HasTotalAfter || !r.HasGiftTaken && !r.HasRechargeTaken {
			t.Errorf("%v: %v (%v) %v", written, r.TotalAfter, r.HasTotalAfter, r.Err)
		}
	}
}

// TestZvcmsSeveralMembers must not choose whose balance is used.
func TestZvcmsSeveralMembers(t *testing.T) {
	z, c := newMembers(t, "v3")
	z.behave(manner{shape: replaced("data", list{zvMember, zvMember.with("customerId", number("9007199254740993"))})}, "")
	if r := c.Member(t.Context(), zvcms.MemberQuery{Identifier: "13800001111", Type: 2}); r.Err == nil || r.CustomerID != "" {
		t.Errorf("%+v", r)
	}
}
