package liantuofu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"cashier/services/fault"
	"cashier/services/money"
)

// MemberQuery asks who a member is by whatever stands in the one box of the
// screen. A code can be used to pay, so that the whole query prints as ***.
type MemberQuery struct {
	Code   string // mobile, card number, payment code or a physical card's uid
	ShopNo string // of the shop, only sent with payment codes; "": Params.MerchantCode
}

// Format hides the code from every verb of fmt.
func (MemberQuery) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "***") }

// LogValue hides the code from slog.
func (MemberQuery) LogValue() slog.Value { return slog.StringValue("***") }

// MemberReply is a Reply with what the gateway knows of a member. Nothing of it
// is covered by the reply's signature when it came nested, as it does at the
// vendor's own clients: show it, and let no money depend on it.
type MemberReply struct {
	Reply
	MemberID string // memberId
	CardNo   string // memberCardNo
	Name     string // memberName, or else nickName
	Mobile   string
	Level    string // levelName

	Balance    money.Fen // totalBalance; only with HasBalance, which no reply with Err has
	HasBalance bool
	Points     int64 // point; only with HasPoints
	HasPoints  bool
	Coupons    int64 // couponCount; only with HasCoupons
	HasCoupons bool
}

// Member asks for a member (vendor page 1573818719557973), whose rule for one
// box is by length and first digits: 11 digits from 1 are a mobile; 18 digits
// from 1, 2 or 81 a payment code of a wallet or of the member; 18 digits from
// 80 a member card's number; all else is a physical card's uid.
//
// No member is FAILED. SUCCESS that names nobody has Err of kind Contract.
func (c *Client) Member(ctx context.Context, q MemberQuery) MemberReply {
	code := strings.TrimSpace(q.Code)
	if code == "" {
		return MemberReply{Reply: invalid("code")}
	}
	params := map[string]string{memberField(code): code}
	if params["authPayCode"] != "" {
		params["shopNo"] = q.ShopNo
	}
	r, fields := c.call(ctx, actMember, params)
	r.Msg, r.SubMsg = strings.ReplaceAll(r.Msg, code, "***"), strings.ReplaceAll(r.SubMsg, code, "***")
	return decodeMember(r, fields)
}

// memberField is the parameter a code travels in.
func memberField(code string) string {
	switch {
	case !isDigits(code):
	case len(code) == 11 && code[0] == '1':
		return "mobile"
	case len(code) == 18 && (code[0] == '1' || code[0] == '2' || code[:2] == "81"):
		return "authPayCode"
	case len(code) == 18 && code[:2] == "80":
		return "memberCardNo"
	}
	return "physicalCardUid"
}

// decodeMember reads the member where the vendor's own clients find it, under
// member, and in the other places such servers use: data.member, data, the top.
func decodeMember(r Reply, fields map[string]json.RawMessage) MemberReply {
	if r.Err != nil || r.Code != CodeSuccess {
		return MemberReply{Reply: r}
	}
	member, err := object(fields["member"])
	data, err2 := object(fields["data"])
	inner, err3 := object(data["member"])
	f := pick(errors.Join(err, err2, err3), []string{
		"memberId", "memberCardNo", "memberNo", "cardNo", "memberName", "nickName", "name", "mobile", "memberMobile",
		"levelName", "memberLevelName", "totalBalance", "balance", "point", "points", "couponCount",
	}, member, inner, data, fields)
	m := MemberReply{
		MemberID: f.text("memberId"),
		CardNo:   f.either("memberCardNo", "memberNo", "cardNo"),
		Name:     f.either("memberName", "nickName", "name"),
		Mobile:   f.either("mobile", "memberMobile"),
		Level:    f.either("levelName", "memberLevelName"),
	}
	if m.Balance, m.HasBalance = f.yuan("totalBalance"); !m.HasBalance {
		m.Balance, m.HasBalance = f.yuan("balance")
	}
	// Points and coupons are only shown; an odd one hides no member.
	m.Points, m.HasPoints = firstCount(f.fields, "point", "points")
	m.Coupons, m.HasCoupons = firstCount(f.fields, "couponCount")
	m.Reply = r
	switch {
	case f.err != nil:
		m.Err = service.NotJSON(f.err)
		m.Balance, m.HasBalance = 0, false
	case m.MemberID == "" && m.CardNo == "" && m.Mobile == "":
		m.Err = service.Fault(fault.Contract, "member_unnamed",
			"{service} says the member exists but not who it is. Look the member up another way, and tell support.", nil)
		m.Balance, m.HasBalance = 0, false
	}
	return m
}
