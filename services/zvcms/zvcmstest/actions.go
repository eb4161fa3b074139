package zvcmstest

import (
	"encoding/json"
	"time"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// call is an action with its parameters read.
type call struct {
	name    string // in fault texts
	scanned string // the number whose tail chooses a fault
	run     func(standin.Fault) answer
}

// route finds the action; its run is nil when the parameters cannot be read.
func (s *Server) route(q request) (c call, known bool) {
	switch {
	case q.Action == ActionConsume:
		return prepare("member-consume", q.Params, s.runConsume), true
	case q.Action == ActionMember:
		return prepare("member-info", q.Params, s.memberInfo), true
	case q.Action == ActionCoupons:
		return prepare("coupon-status", q.Params, s.couponStatus), true
	case s.p.ReverseAction != "" && q.Action == s.p.ReverseAction:
		return prepare("member-reverse", q.Params, s.reverse), true
	}
	return call{}, false
}

// params is what an action reads out of Params.
type params interface{ scanned() string }

func prepare[T any, P interface {
	*T
	params
}](name string, raw json.RawMessage, run func(P, standin.Fault) answer) call {
	p := P(new(T))
	if json.Unmarshal(raw, p) != nil {
		return call{name: name}
	}
	return call{name, p.scanned(), func(f standin.Fault) answer { return run(p, f) }}
}

type memberParams struct {
	Identifier text `json:"identifierNumber"`
	Type       text `json:"type"`
}

func (m *memberParams) scanned() string { return string(m.Identifier) }

// memberInfo knows types 1 (member number), 2 (mobile) and 3 (card number).
// As on page 726 it says who the member is, not what is in the account.
func (s *Server) memberInfo(q *memberParams, _ standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := string(q.Identifier)
	if id == "" {
		return refuse(codeParams, "identifierNumber不能为空")
	}
	for _, customer := range s.order {
		m := s.members[customer].about
		hit := false
		switch q.Type {
		case "1":
			hit = m.CustomerID == id
		case "2":
			hit = m.Mobile == id
		case "3":
			hit = m.CardNo == id
		case "4", "5", "6":
		default:
			return refuse(codeParams, "type错误")
		}
		if hit {
			return ok(map[string]any{
				"username": m.Name, "mobile": m.Mobile, "memberLevel": 1, "memberLevelName": "普通会员", "gender": 0,
				"customerId": m.CustomerID, "cardNo": m.CardNo, "cardName": "会员卡", "isPassword": 2, "giftCardList": []any{},
			})
		}
	}
	return refuse(codeMember, "查询的信息不存在")
}

type couponParams struct {
	CustomerID text `json:"customerId"`
	UseStatus  text `json:"useStatus"`
	CardID     text `json:"cardId"`
}

func (c *couponParams) scanned() string { return string(c.CustomerID) }

// couponStatus gives one coupon as an object when cardId is asked for, and
// otherwise a list; page 492 shows only the former.
func (s *Server) couponStatus(q *couponParams, _ standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[string(q.CustomerID)]
	if m == nil {
		return refuse(codeMember, "会员不存在")
	}
	status, isWhole := q.UseStatus.whole()
	if !isWhole {
		return refuse(codeParams, "useStatus格式错误")
	}
	list := []map[string]any{}
	for _, c := range m.about.Coupons {
		k := s.coupons[c.CardID]
		if q.CardID != "" && string(q.CardID) != k.CardID || q.UseStatus != "" && int64(k.UseStatus) != status {
			continue
		}
		list = append(list, map[string]any{
			"cardId": k.CardID, "couponId": k.id, "couponType": "0", "title": k.Title, "templateId": k.id,
			"beginAt": "2020-01-01 00:00:00", "endAt": "2099-12-31 23:59:59", "useStatus": k.UseStatus,
			"customerId": m.CustomerID, "createdAt": time.Date(2020, 1, 1, 0, 0, 0, 0, shopdata.China).Format(time.DateTime),
		})
	}
	if q.CardID == "" {
		return ok(list)
	}
	if len(list) == 0 {
		return refuse(codeCoupon, "查询的信息不存在")
	}
	return ok(list[0])
}

type reverseParams struct {
	BizID      text `json:"bizId"`
	CustomerID text `json:"customerId"`
}

func (r *reverseParams) scanned() string { return string(r.CustomerID) }

// reverse takes a consume back by the bizId it returned; again is a success
// that moves nothing.
func (s *Server) reverse(q *reverseParams, f standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.consume[string(q.BizID)]
	if d == nil || d.CustomerID != string(q.CustomerID) {
		return refuse(codeBizID, "业务标识不存在")
	}
	a := ok(map[string]any{"bizId": d.BizID})
	a.inner, a.innerOK = true, true
	if d.Reversed || f.Kind == standin.Lies {
		return a
	}
	d.Reversed, a.changed = true, true
	if m := s.members[d.CustomerID]; m != nil {
		m.Recharge += d.Recharge
		m.Gift += d.Gift
		m.Points += d.Points
	}
	for _, id := range d.Coupons {
		s.coupons[id].UseStatus = 0
	}
	for i := len(s.charges) - 1; i >= 0; i-- {
		// Where a bizId may come twice, it names the last consume.
		if c := &s.charges[i]; c.Kind == "member" && c.Key == d.BizID {
			c.State = standin.Reversed
			break
		}
	}
	s.charges = append(s.charges, standin.Charge{
		Gateway: "zvcms", Kind: "member-reverse", Key: "reverse-" + d.BizID, Of: d.BizID, Account: d.CustomerID,
		Amount: (d.Recharge + d.Gift).Yuan(), Points: d.Points, Coupons: d.Coupons,
		State: standin.Done, At: s.p.Now(), Last4: standin.Last4(d.CustomerID),
	})
	return a
}
