package liantuofutest

import (
	"crypto/subtle"
	"strconv"
	"strings"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// memberGet finds one of the shop's members by exactly one of the four things
// that vendor page 1573818719557973 lets a shop type or scan into one box: the
// mobile, a payment code (of a wallet or of the member; only with shopNo), the
// number of the member's card, or the chip of a card; or by memberId, as public
// clients do. The shop's data has no phones and no chips: a payment code belongs
// to the member whose mobile ends in its characters 3 to 6, and a chip's number
// is the memberId.
//
// The figures are those of the shop's data and stand still: the money of this
// gateway is in wallets.
func (s *Server) memberGet(c call) result {
	var by, value string
	for _, name := range []string{"mobile", "authPayCode", "memberCardNo", "physicalCardUid", "memberId"} {
		if v := c.form[name]; v != "" {
			if by != "" {
				return failed(subParameter, "查询条件只能有一个")
			}
			by, value = name, v
		}
	}
	switch {
	case by == "":
		return failed(subParameter, "查询条件不能为空")
	case by == "authPayCode" && c.form["shopNo"] == "":
		return failed(subParameter, "shopNo不能为空")
	case by == "authPayCode" && channelOf(value) == "":
		return failed(subBusiness, "付款码无效")
	case c.fault.Kind == standin.ExpiredCode:
		return failed(subBusiness, "付款码已过期，请刷新后重试")
	case c.fault.Kind == standin.Refused:
		return failed(subBusiness, "查询失败")
	}
	for _, m := range s.p.Shop.Members {
		if isMember(m, by, value) {
			return s.memberReply(m)
		}
	}
	return failed(subNotFound, "会员不存在")
}

func isMember(m shopdata.Member, by, value string) bool {
	switch by {
	case "mobile":
		return m.Mobile == value
	case "authPayCode":
		return strings.HasSuffix(m.Mobile, value[2:6])
	case "memberCardNo":
		return m.CardNo == value
	}
	return m.CustomerID == value
}

// memberReply has the fields that public clients read, inside "member" as they
// find them, or on top.
func (s *Server) memberReply(m shopdata.Member) result {
	unused := 0
	for _, k := range m.Coupons {
		if k.UseStatus == 0 {
			unused++
		}
	}
	fields := map[string]any{
		"memberId": m.CustomerID, "memberCardNo": m.CardNo, "mobile": m.Mobile, "memberName": m.Name, "nickName": m.Name,
		"levelName": "普通会员", "totalBalance": (m.Recharge + m.Gift).Yuan(), "point": int(m.Points), "couponCount": unused,
	}
	r := success()
	if !s.p.MemberIsFlat {
		r.fields["member"] = fields
		return r
	}
	for name, v := range fields {
		r.fields[name] = v
	}
	return r
}

// login lets the shop's staff in with their accounts at HQ. The reply brings
// the key that everything else is signed with.
func (s *Server) login(c call) result {
	if c.fault.Kind == standin.Refused {
		return failed(subLogin, "登录失败")
	}
	for i, p := range s.p.Shop.Staff {
		right := subtle.ConstantTimeCompare([]byte(p.Password), []byte(c.form["passWord"])) == 1
		if p.Login != c.form["userName"] || !right {
			continue
		}
		r := success("merchantCode", s.p.MerchantCode, "merchantName", s.p.Shop.ShopName,
			"merchantId", strconv.FormatInt(s.p.Shop.ShopID, 10), "operatorId", strconv.Itoa(i+1), "operatorName", p.Name,
			"appId", s.p.AppID, "role", string(p.Role), "key", s.p.Key, "loginTime", stamp(s.p.Now()))
		r.fields["msg"] = "登陆成功" // so spelt on the vendor's pages
		return r
	}
	return failed(subLogin, "用户名或密码错误")
}
