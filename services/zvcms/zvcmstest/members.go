package zvcmstest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

type member struct {
	CustomerID string    `json:"customerId"`
	Recharge   money.Fen `json:"recharge"`
	Gift       money.Fen `json:"gift"`
	Points     int64     `json:"points"`
	about      shopdata.Member
}

type coupon struct {
	shopdata.Coupon
	id    int64 // couponId of the kind of coupon
	owner *member
}

// The days every coupon lasts, the shop's data having none.
const (
	couponBegins = "2020-01-01 00:00:00"
	couponEnds   = "2099-12-31 23:59:59"
)

type memberParams struct {
	Identifier text `json:"identifierNumber"`
	Type       text `json:"type"`

	// Only version 3 reads these.
	Phone  text `json:"phone"`
	CardNo text `json:"cardNo"`
	UserID text `json:"userId"`
}

func (m *memberParams) scanned() string { return string(m.Identifier) }

// find knows types 1 (member number), 2 (mobile) and 3 (card number); the
// shop's members have nothing that types 4 to 6 could name.
func (s *Server) find(id, kind text) (*member, *answer) {
	no := func(code int, why string) (*member, *answer) {
		a := refuse(code, why)
		return nil, &a
	}
	if id == "" {
		return no(codeParams, "identifierNumber不能为空")
	}
	if n, whole := kind.whole(); !whole || n < 1 || n > 6 {
		return no(codeParams, "type错误")
	}
	for _, customer := range s.order {
		m := s.members[customer]
		if kind == "1" && m.CustomerID == string(id) || kind == "2" && m.about.Mobile == string(id) ||
			kind == "3" && m.about.CardNo == string(id) {
			return m, nil
		}
	}
	return no(codeMember, "查询的信息不存在")
}

// memberInfo says who the member is, not what is in the account: so page 726.
func (s *Server) memberInfo(q *memberParams, _ standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, refusal := s.find(q.Identifier, q.Type)
	if refusal != nil {
		return *refusal
	}
	return ok(s.about(m))
}

func (s *Server) about(m *member) map[string]any {
	password := 2
	if s.p.PayPasswords[m.CustomerID] != "" {
		password = 1
	}
	return map[string]any{
		"username": m.about.Name, "mobile": m.about.Mobile, "memberLevel": 1, "memberLevelName": "普通会员", "gender": 0,
		"customerId": m.CustomerID, "cardNo": m.about.CardNo, "cardName": "会员卡", "isPassword": password, "giftCardList": []any{},
	}
}

// memberInfoV3 takes page 726's two fields or, as public clients send them,
// one of phone, cardNo and userId. MembersListed chooses what it answers.
func (s *Server) memberInfoV3(q *memberParams, _ standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, kind := q.Identifier, q.Type
	for _, other := range []struct{ id, kind text }{{q.Phone, "2"}, {q.CardNo, "3"}, {q.UserID, "1"}} {
		if id == "" && other.id != "" {
			id, kind = other.id, other.kind
		}
	}
	m, refusal := s.find(id, kind)
	switch {
	case s.p.MembersListed && refusal != nil && refusal.code == codeMember:
		return ok(map[string]any{"list": []any{}, "total": 0})
	case refusal != nil:
		return *refusal
	case !s.p.MembersListed:
		return ok(s.about(m))
	}
	row := map[string]any{
		"cardNo": m.about.CardNo, "customerId": m.CustomerID, "levelName": "普通会员",
		"mobilePhone": m.about.Mobile, "nickName": m.about.Name, "useStatus": 1,
	}
	return ok(map[string]any{"list": []any{row}, "total": 1})
}

type customerParams struct {
	CustomerID text `json:"customerId"`
}

func (c *customerParams) scanned() string { return string(c.CustomerID) }

// balance has its amounts as numbers, as public clients read them.
func (s *Server) balance(q *customerParams, f standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[string(q.CustomerID)]
	if m == nil {
		return refuse(codeMember, "会员不存在")
	}
	recharge := m.Recharge
	if f.Kind == standin.WrongAmount {
		recharge++
	}
	return ok(map[string]any{
		"customerId": m.CustomerID, "freezeBalance": number(0), "giftBalance": number(m.Gift),
		"rechargeBalance": number(recharge), "totalBalance": number(recharge + m.Gift),
	})
}

// number is an amount as a JSON number in yuan.
func number(f money.Fen) json.Number { return json.Number(f.Yuan()) }

type couponParams struct {
	CustomerID text `json:"customerId"`
	UseStatus  text `json:"useStatus"`
	CardID     text `json:"cardId"`
}

func (c *couponParams) scanned() string { return string(c.CustomerID) }

// couponsOf are the member's coupons that the parameters ask for.
func (s *Server) couponsOf(q *couponParams) ([]*coupon, *answer) {
	m := s.members[string(q.CustomerID)]
	status, isWhole := q.UseStatus.whole()
	switch {
	case m == nil:
		a := refuse(codeMember, "会员不存在")
		return nil, &a
	case !isWhole:
		a := refuse(codeParams, "useStatus格式错误")
		return nil, &a
	}
	var found []*coupon
	for _, c := range m.about.Coupons {
		k := s.coupons[c.CardID]
		if (q.CardID == "" || string(q.CardID) == k.CardID) && (q.UseStatus == "" || int64(k.UseStatus) == status) {
			found = append(found, k)
		}
	}
	return found, nil
}

// couponStatus gives one coupon as an object when cardId is asked for, and
// otherwise a list; page 492 shows only the former.
func (s *Server) couponStatus(q *couponParams, _ standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, refusal := s.couponsOf(q)
	if refusal != nil {
		return *refusal
	}
	list := []map[string]any{}
	for _, k := range found {
		list = append(list, map[string]any{
			"cardId": k.CardID, "couponId": k.id, "couponType": "0", "title": k.Title, "templateId": k.id,
			"beginAt": couponBegins, "endAt": couponEnds, "useStatus": k.UseStatus,
			"customerId": q.CustomerID, "createdAt": couponBegins,
		})
	}
	switch {
	case q.CardID == "":
		return ok(list)
	case len(list) == 0:
		return refuse(codeCoupon, "查询的信息不存在")
	}
	return ok(list[0])
}

// couponsV3 always lists, in the fields of public clients.
func (s *Server) couponsV3(q *couponParams, _ standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, refusal := s.couponsOf(q)
	if refusal != nil {
		return *refusal
	}
	list := []map[string]any{}
	for _, k := range found {
		list = append(list, map[string]any{
			"cardId": k.CardID, "couponNo": k.ScanCode(), "couponType": 0, "endTime": couponEnds,
			"templateId": strconv.FormatInt(k.id, 10), "templateName": k.Title, "useStatus": k.UseStatus,
		})
	}
	return ok(map[string]any{"list": list, "total": len(list)})
}

// couponCodes is couponsCardList of a reply, in the type the switches choose.
func (s *Server) couponCodes(ids []string) any {
	odd := func(id string) bool { return id == "" || id[0] == '0' || strings.Trim(id, "0123456789") != "" }
	switch {
	case len(ids) == 0 && s.p.NoCouponsAsText:
		return ""
	case s.p.CouponsAsNumbers && !slices.ContainsFunc(ids, odd):
		list := make([]json.Number, len(ids))
		for i, id := range ids {
			list[i] = json.Number(id)
		}
		return list
	}
	return append([]string{}, ids...)
}
