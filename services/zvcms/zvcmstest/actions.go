package zvcmstest

import (
	"encoding/json"

	"cashier/services/shopdata/standin"
)

// The actions of version 2 on the wire.
const (
	ActionConsume = "communal.user.consume"
	ActionMember  = "communal.user.gether-customer-info"
	ActionCoupons = "user.coupon-new-status"
)

// The routes of version 3 below PathV3. Those of consume and its reversal are
// the vendor's; the others are known from public clients.
const (
	RouteConsume       = "crm/customer/customerConsume"
	RouteReverse       = "crm/customer/consumeReverse"
	RouteMember        = "crm/customer/allCustomerInfo"
	RouteBalance       = "crm/customer/getCustomerBalance"
	RouteCoupons       = "crm/coupon/getCustomerCoupons"
	RouteWriteOff      = "crm/coupon/writeOffCoupon"
	RouteCouponReverse = "crm/coupon/couponReverse"
	RouteDecrease      = "crm/account/decreaseBalance"
	RouteDecreaseBack  = "crm/account/decreaseBalanceReverse"
	RouteDecreaseQuery = "crm/account/getDecreaseBalanceBiz"
)

// call is an action with its parameters read.
type call struct {
	name    string // in fault texts
	scanned string // the number whose tail chooses a fault
	run     func(standin.Fault) answer
}

// route finds the action; its run is nil when the parameters cannot be read.
func (s *Server) route(q request) (c call, known bool) {
	if q.v3 {
		return s.routeV3(q)
	}
	switch {
	case q.Action == ActionConsume:
		return prepare("member-consume", q.Params, s.runConsume), true
	case q.Action == ActionMember:
		return prepare("member-info", q.Params, s.memberInfo), true
	case q.Action == ActionCoupons:
		return prepare("coupon-status", q.Params, s.couponStatus), true
	case s.p.ReverseAction != "" && q.Action == s.p.ReverseAction:
		return prepare("member-reverse", q.Params, s.reverser(byConsume)), true
	}
	return call{}, false
}

func (s *Server) routeV3(q request) (c call, known bool) {
	switch q.Action {
	case RouteConsume:
		return prepare("member-consume", q.Params, s.runConsumeV3), true
	case RouteReverse:
		return prepare("member-reverse", q.Params, s.reverser(byConsume)), true
	case RouteMember:
		return prepare("member-info", q.Params, s.memberInfoV3), true
	case RouteBalance:
		return prepare("balance", q.Params, s.balance), true
	case RouteCoupons:
		return prepare("coupon-status", q.Params, s.couponsV3), true
	case RouteWriteOff:
		return prepare("coupon-writeoff", q.Params, s.writeOff), true
	case RouteCouponReverse:
		return prepare("coupon-reverse", q.Params, s.reverser(byWriteOff)), true
	case RouteDecrease:
		return prepare("balance-decrease", q.Params, s.decrease), true
	case RouteDecreaseBack:
		return prepare("balance-reverse", q.Params, s.reverser(byDecrease)), true
	case RouteDecreaseQuery:
		return prepare("decrease-query", q.Params, s.decreaseQuery), true
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
	if exact(raw, p) != nil {
		return call{name: name}
	}
	return call{name, p.scanned(), func(f standin.Fault) answer { return run(p, f) }}
}

type reverseParams struct {
	BizID      text `json:"bizId"`
	CustomerID text `json:"customerId"`
}

func (r *reverseParams) scanned() string { return string(r.CustomerID) }

// reverser takes back what was consumed in one way, by the bizId it returned;
// again is a success that moves nothing.
func (s *Server) reverser(w way) func(*reverseParams, standin.Fault) answer {
	return func(q *reverseParams, f standin.Fault) answer {
		s.mu.Lock()
		defer s.mu.Unlock()
		d := s.consume[string(q.BizID)]
		if d == nil || d.Way != w || d.CustomerID != string(q.CustomerID) {
			return refuse(codeBizID, "业务标识不存在")
		}
		a := ok(map[string]any{"bizId": d.BizID})
		a.inner, a.innerOK = true, true
		if d.Reversed || f.Kind == standin.Lies {
			return a
		}
		s.takeBack(d)
		a.changed = true
		return a
	}
}

func (s *Server) takeBack(d *consumed) {
	d.Reversed = true
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
}
