package zvcms

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/fault"
)

func TestMember(t *testing.T) {
	wang := MemberReply{
		CustomerID: "390962138708451329", Name: "王", Mobile: "13800000011", Level: "1", LevelName: "普通会员",
		CardNo: "9007199254740993", CardName: "会员卡", HasNeedsPassword: true,
	}
	const page = `"username":"王","mobile":13800000011,"memberLevel":1,"memberLevelName":"普通会员","gender":0,"customerId":390962138708451329,"cardNo":9007199254740993,"cardName":"会员卡","isPassword":2,"giftCardList":[{"a":1}]`
	locked := wang
	locked.NeedsPassword = true
	tests := []struct {
		name, data string
		want       MemberReply
		code       string
	}{
		{name: "as on the page", data: `{` + page + `}`, want: wang},
		{name: "with a password", data: `{` + page[:len(page)-len(`"isPassword":2,"giftCardList":[{"a":1}]`)] + `"isPassword":"1"}`, want: locked},
		{name: "in a list", data: `[{` + page + `}]`, want: wang},
		{name: "in a list with null", data: `[null,{` + page + `}]`, want: wang},
		{name: "version 3", data: `{"list":[{"customerId":"7","nickName":"王","mobilePhone":"13800000011","levelName":"金","level":2}],"total":1}`, want: MemberReply{CustomerID: "7", Name: "王", Mobile: "13800000011", LevelName: "金", Level: "2"}},
		{name: "verdict repeated inside", data: `{"status":"true","code":"0","message":"操作成功","customerId":"7"}`, want: MemberReply{CustomerID: "7"}},
		{name: "password not said", data: `{"customerId":"7","isPassword":""}`, want: MemberReply{CustomerID: "7"}},
		{name: "nobody, null", data: `null`},
		{name: "nobody, blank", data: `""`},
		{name: "nobody, list", data: `[]`},
		{name: "nobody, list inside", data: `{"list":null,"total":0}`},
		{name: "several", data: `[{"customerId":"7"},{"customerId":"8"}]`, code: "zvcms.unreadable"},
		{name: "in words", data: `"x"`, code: "zvcms.unreadable"},
		{name: "field twice", data: `{"customerId":"7","customerId":"8"}`, code: "zvcms.unreadable"},
		{name: "id is an object", data: `{"customerId":{}}`, code: "zvcms.unreadable"},
		{name: "list of numbers", data: `[7]`, code: "zvcms.unreadable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, says(`{"status":true,"code":0,"message":"","data":`+tt.data+`}`))
			got := c.Member(t.Context(), MemberQuery{Identifier: "13800000011", Type: 2})
			if fault.CodeOf(got.Err) != tt.code || !got.Outer.OK() {
				t.Errorf("%+v", got.Reply)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(MemberReply{}, "Reply")); diff != "" {
				t.Error(diff)
			}
		})
	}
	refused := client(t, says(`{"status":true,"code":"异常编码","message":"查询的信息不存在"}`)).Member(t.Context(), MemberQuery{Identifier: "9", Type: 1})
	if refused.Err != nil || refused.Outer.OK() || refused.Message != "查询的信息不存在" || refused.CustomerID != "" {
		t.Errorf("%+v", refused)
	}
}

func TestCoupons(t *testing.T) {
	const page = `{"cardId":390962138708451328,"couponId":"1","couponType":"0","title":"满减","templateId":2,"beginAt":"2020-01-01 00:00:00","endAt":"2099-12-31 23:59:59","useStatus":"0"}`
	one := Coupon{
		CardID: coupon, CouponID: "1", Type: "0", Title: "满减", TemplateID: "2",
		BeginAt: "2020-01-01 00:00:00", EndAt: "2099-12-31 23:59:59", HasUseStatus: true,
	}
	tests := []struct {
		name, data string
		want       []Coupon
		code       string
	}{
		{name: "one object", data: page, want: []Coupon{one}},
		{name: "a list", data: `[` + page + `,{"cardId":"2","useStatus":6}]`, want: []Coupon{one, {CardID: "2", UseStatus: 6, HasUseStatus: true}}},
		{name: "version 3", data: `{"list":[{"cardId":"2","couponNo":"N","couponType":1,"endTime":"2099-12-31","templateId":"3","templateName":"满减","useStatus":1}],"total":1}`,
			want: []Coupon{{CardID: "2", Type: "1", Title: "满减", TemplateID: "3", EndAt: "2099-12-31", UseStatus: 1, HasUseStatus: true}}},
		{name: "status not said", data: `[{"cardId":"2","useStatus":null}]`, want: []Coupon{{CardID: "2"}}},
		{name: "none, list", data: `[]`},
		{name: "none, null", data: `null`},
		{name: "none, blank", data: `""`},
		{name: "none, object", data: `{}`},
		{name: "none, only a verdict", data: `{"status":true,"code":0,"message":"x"}`},
		{name: "a coupon's own code is no verdict", data: `{"cardId":"2","status":2,"code":"ABC"}`, want: []Coupon{{CardID: "2"}}},
		{name: "status in words", data: `[` + page + `,{"cardId":"2","useStatus":"used"}]`, want: []Coupon{one, {CardID: "2"}}, code: "zvcms.unreadable"},
		{name: "field twice", data: `[{"cardId":"1","cardId":"2"}]`, code: "zvcms.unreadable"},
		{name: "in words", data: `"x"`, code: "zvcms.unreadable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := client(t, says(`{"status":true,"code":0,"data":`+tt.data+`}`)).Coupons(t.Context(), CouponQuery{CustomerID: customer})
			if fault.CodeOf(got.Err) != tt.code || !got.Outer.OK() {
				t.Errorf("%+v", got.Reply)
			}
			if diff := cmp.Diff(tt.want, got.Coupons); diff != "" {
				t.Error(diff)
			}
		})
	}
}
