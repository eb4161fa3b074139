package liantuofutest

import (
	"encoding/json"
	"testing"
)

type memberDoc struct {
	Code, SubCode, Sign string
	Member              *struct {
		MemberID, MemberCardNo, Mobile, NickName, TotalBalance string
		Point, CouponCount                                     int
	}
	MemberID, TotalBalance string
	Point                  int
}

func TestMemberGet(t *testing.T) {
	b := setup(t, nil)
	for name, kv := range map[string][]string{
		"mobile":             {"mobile", "13800000011"},
		"payment code":       {"authPayCode", "130011000000001234", "shopNo", testMerchant},
		"member's code":      {"authPayCode", "810011000000001234", "shopNo", testMerchant},
		"card":               {"memberCardNo", "800000000000000011"},
		"chip":               {"physicalCardUid", "700000001"},
		"its own number":     {"memberId", "700000001"},
		"beside empty boxes": {"mobile", "13800000011", "authPayCode", "", "memberCardNo", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var m memberDoc
			b.read(&m, "member/get", kv...)
			if m.Code != "SUCCESS" || m.Member == nil || m.Member.MemberID != "700000001" || m.Member.NickName != "周会员" ||
				m.Member.TotalBalance != "120.00" || m.Member.Point != 300 || m.Member.CouponCount != 2 || m.Sign != "" {
				t.Errorf("%+v", m)
			}
		})
	}
	for name, c := range map[string]struct {
		sub string
		kv  []string
	}{
		"nothing":             {subParameter, nil},
		"two":                 {subParameter, []string{"mobile", "13800000011", "memberCardNo", "800000000000000011"}},
		"code without a shop": {subParameter, []string{"authPayCode", "130011000000001234"}},
		"another shop":        {subParameter, []string{"authPayCode", "130011000000001234", "shopNo", "EW_N9"}},
		"no payment code":     {subBusiness, []string{"authPayCode", "6901234567892", "shopNo", testMerchant}},
		"stranger":            {subNotFound, []string{"mobile", "13900000000"}},
		"card as mobile":      {subNotFound, []string{"mobile", "800000000000000011"}},
	} {
		t.Run(name, func(t *testing.T) { want(t, b.call("member/get", c.kv...), "code", "FAILED", "subCode", c.sub) })
	}
}

func TestMemberOnTopIsSigned(t *testing.T) {
	b := setup(t, func(p *Params) { p.MemberIsFlat = true })
	var m memberDoc
	var raw map[string]any
	_, body, err := b.raw(t.Context(), "member/get", "mobile", "13800000011")
	if err != nil || json.Unmarshal(body, &m) != nil || json.Unmarshal(body, &raw) != nil {
		t.Fatal(string(body), err)
	}
	// The signed text, written out by hand but for the key's hash.
	form := map[string]string{"code": "SUCCESS", "msg": "成功", "memberId": "700000001", "memberCardNo": "800000000000000011",
		"mobile": "13800000011", "memberName": "周会员", "nickName": "周会员", "levelName": "普通会员",
		"totalBalance": "120.00", "point": "300", "couponCount": "2"}
	if m.MemberID != "700000001" || m.Point != 300 || m.Member != nil || m.Sign != sign(form, testKey, false) || len(raw) != len(form)+1 {
		t.Errorf("%s", body)
	}
}

// A tail of what names the member chooses a fault; that of a payment code does
// not, being about the payment.
func TestMemberTails(t *testing.T) {
	b := setup(t, nil)
	if saw, _ := see(b.raw(t.Context(), "member/get", "memberCardNo", "800000000000009004")); saw != sawNothing {
		t.Error(saw)
	}
	want(t, b.call("member/get", "mobile", "13800009007"), "subMsg", "查询失败")
	var m memberDoc
	b.read(&m, "member/get", "authPayCode", "130011000000009004", "shopNo", testMerchant)
	if m.Member == nil || m.Member.MemberID != "700000001" {
		t.Errorf("%+v", m)
	}
}

func TestLogin(t *testing.T) {
	b := setup(t, nil)
	in := b.call("login", "userName", "boss", "passWord", "boss-pass")
	want(t, in, "code", "SUCCESS", "merchantCode", testMerchant, "merchantId", "1", "operatorId", "2", "operatorName", "李店长",
		"appId", testApp, "role", "owner", "key", testKey, "loginTime", "20260501100000", "sign", sign(in, testKey, false))
	if in["merchantName"] == "" {
		t.Error("no merchantName")
	}
	want(t, b.call("login", "userName", "boss", "passWord", "wang-pass"), "code", "FAILED", "subCode", subLogin)
	want(t, b.call("login", "userName", "nobody", "passWord", "x"), "code", "FAILED", "subCode", subLogin)
	want(t, b.call("login", "userName", "boss"), "code", "FAILED", "subCode", subParameter)
	bare := []string{"userName", "boss", "passWord", "boss-pass", "appId", "", "random", "", "sign", ""}
	want(t, b.call("login", bare...), "code", "FAILED")

	b = setup(t, func(p *Params) { p.LoginUnsigned = true })
	want(t, b.call("login", bare...), "code", "SUCCESS", "key", testKey)
	want(t, b.call("login", "userName", "boss", "passWord", "boss-pass"), "code", "SUCCESS")
	want(t, b.call("login", "userName", "boss", "passWord", "boss-pass", "sign", "x"), "subCode", subSign) // a wrong one is still wrong
	want(t, b.call("pay/query", "outTradeNo", "order-0001", "merchantCode", testMerchant, "sign", ""), "subCode", subSign)
}
