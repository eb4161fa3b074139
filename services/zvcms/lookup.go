package zvcms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"cashier/services/wire"
)

// MemberQuery asks who somebody is.
type MemberQuery struct {
	Identifier string // may be a code from the customer's phone, so it is never printed
	Type       int    // 1 code or id, 2 mobile, 3 card number, 4 Alipay user, 5 WeChat openid, 6 unionid
}

// String hides the identifier.
func (q MemberQuery) String() string { return fmt.Sprintf("member by type %d", q.Type) }

// GoString is String, for %#v.
func (q MemberQuery) GoString() string { return q.String() }

// LogValue is String, for slog.
func (q MemberQuery) LogValue() slog.Value { return slog.StringValue(q.String()) }

// MemberReply is a Reply with who the member is. It says nothing of balance or
// points, nor does vendor page 726; gender and giftCardList are read past.
type MemberReply struct {
	Reply
	CustomerID       string // "" if the gateway named nobody
	Name, Mobile     string
	Level, LevelName string
	CardNo, CardName string
	NeedsPassword    bool // isPassword: 1 on, 2 off; only with HasNeedsPassword
	HasNeedsPassword bool
}

// Member asks who somebody is (vendor page 726; version 3 allCustomerInfo, whose
// fields are assumed the same and known in part from independent clients).
func (c *Client) Member(ctx context.Context, q MemberQuery) MemberReply {
	switch {
	case q.Identifier == "":
		return MemberReply{Reply: invalid("identifierNumber")}
	case q.Type < 1 || q.Type > 6:
		return MemberReply{Reply: invalid("type")}
	}
	r, data, _ := c.ask(ctx, ActionMember, []wire.Arg{
		{Name: "identifierNumber", Value: q.Identifier}, {Name: "type", Value: strconv.Itoa(q.Type)},
	})
	r.Message = secrets{q.Identifier}.hide(r.Message)
	return decodeMember(r, data)
}

var errSeveral = errors.New("several members for one question")

// decodeMember takes one member. Of several none is taken: a till must not
// guess whose balance it is about to use.
func decodeMember(r Reply, data json.RawMessage) MemberReply {
	all, err := rows(data)
	if len(all) > 1 {
		err = errSeveral
	}
	if err != nil || len(all) == 0 {
		r.fail(err)
		return MemberReply{Reply: r}
	}
	f := reader{fields: all[0]}
	m := MemberReply{
		CustomerID: f.text("customerId"),
		Name:       f.text("username", "nickName"),
		Mobile:     f.text("mobile", "mobilePhone"),
		Level:      f.text("memberLevel", "level"),
		LevelName:  f.text("memberLevelName", "levelName"),
		CardNo:     f.text("cardNo"),
		CardName:   f.text("cardName"),
	}
	switch f.text("isPassword") {
	case "1":
		m.NeedsPassword, m.HasNeedsPassword = true, true
	case "2":
		m.HasNeedsPassword = true
	}
	r.fail(f.err)
	m.Reply = r
	return m
}

// CouponQuery asks for a member's coupons.
type CouponQuery struct {
	CustomerID string
	CardID     string // "": all
	UseStatus  string // "": any; otherwise one of Coupon.UseStatus
}

// Coupon is one coupon of a member. CardID is what a consume takes.
type Coupon struct {
	CardID, CouponID, Type, Title, TemplateID string
	BeginAt, EndAt                            string // as written, such as "2026-12-31 23:59:59", in the shop's zone
	UseStatus                                 int64  // 0 unused or given back, 1 used, 2 frozen, 6 expired, 7 deleted; only with HasUseStatus
	HasUseStatus                              bool
}

// CouponsReply is a Reply with the coupons it lists.
type CouponsReply struct {
	Reply
	Coupons []Coupon
}

// Coupons asks for a member's coupons (vendor page 492; version 3
// getCustomerCoupons, known from independent clients, whose couponNo may redeem
// the coupon and is not taken over). The page shows one coupon as an object; a
// list is read as well.
func (c *Client) Coupons(ctx context.Context, q CouponQuery) CouponsReply {
	if q.CustomerID == "" {
		return CouponsReply{Reply: invalid("customerId")}
	}
	args := []wire.Arg{{Name: "customerId", Value: q.CustomerID}}
	if q.UseStatus != "" {
		if _, err := strconv.ParseUint(q.UseStatus, 10, 8); err != nil {
			return CouponsReply{Reply: invalid("useStatus")}
		}
		args = append(args, wire.Arg{Name: "useStatus", Value: q.UseStatus})
	}
	if q.CardID != "" {
		args = append(args, wire.Arg{Name: "cardId", Value: q.CardID})
	}
	r, data, _ := c.ask(ctx, ActionCoupons, args)
	return decodeCoupons(r, data)
}

// decodeCoupons keeps what can be named: an object without any number is no
// coupon but an empty answer.
func decodeCoupons(r Reply, data json.RawMessage) CouponsReply {
	all, err := rows(data)
	r.fail(err)
	var coupons []Coupon
	for _, fields := range all {
		f := reader{fields: fields}
		k := Coupon{
			CardID:     f.text("cardId"),
			CouponID:   f.text("couponId"),
			Type:       f.text("couponType"),
			Title:      f.text("title", "templateName"),
			TemplateID: f.text("templateId"),
			BeginAt:    f.text("beginAt", "beginTime"),
			EndAt:      f.text("endAt", "endTime"),
		}
		k.UseStatus, k.HasUseStatus = f.whole("useStatus")
		r.fail(f.err)
		if k.CardID != "" || k.CouponID != "" {
			coupons = append(coupons, k)
		}
	}
	return CouponsReply{Reply: r, Coupons: coupons}
}
