package zvcmstest

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// consumeParams are the fields of page 620 that mean something here; the rest
// is read past, also usePassword, whose values the page does not say.
type consumeParams struct {
	BizID       text `json:"bizId"`
	CustomerID  text `json:"customerId"`
	Coupons     list `json:"couponsCardList"`
	Type        text `json:"type"`
	Amount      text `json:"amount"`
	Points      text `json:"points"`
	PayPassword text `json:"payPassword"`
}

// list is an array, or "" for none: the page's table has the one and its sample
// the other.
type list []text

func (l *list) UnmarshalJSON(b []byte) error {
	if string(b) == `""` {
		return nil
	}
	var items []text
	err := json.Unmarshal(b, &items)
	*l = items
	return err
}

func (c *consumeParams) scanned() string {
	if c.CustomerID == "" && len(c.Coupons) > 0 {
		return string(c.Coupons[0])
	}
	return string(c.CustomerID)
}

// way is the action something was consumed by. Each has its own reversal.
type way string

const (
	byConsume  way = ""
	byWriteOff way = "writeoff"
	byDecrease way = "decrease"
)

// consumed is one carried-out consume.
type consumed struct {
	BizID       string    `json:"bizId"` // as returned
	Asked       string    `json:"asked"` // as requested
	Way         way       `json:"way,omitempty"`
	CustomerID  string    `json:"customerId,omitempty"`
	OrderNo     string    `json:"orderNo,omitempty"`
	Recharge    money.Fen `json:"recharge"`
	Gift        money.Fen `json:"gift"`
	Points      int64     `json:"points,omitempty"`
	Coupons     []string  `json:"coupons,omitempty"` // cardIds
	AfterCharge money.Fen `json:"afterRecharge"`
	AfterGift   money.Fen `json:"afterGift"`
	Reversed    bool      `json:"reversed,omitempty"`
	At          time.Time `json:"at"`
}

// basket is a consume that has been checked and can be carried out.
type basket struct {
	way     way
	orderNo string
	m       *member // nil for coupons scanned without a customer
	amount  money.Fen
	points  int64
	coupons []*coupon
}

func (s *Server) runConsume(c *consumeParams, f standin.Fault) answer {
	done, a := s.once(c, basket{way: byConsume})
	if done != nil {
		a = s.consumedAnswer(done, f, a.changed)
	}
	return a
}

// runConsumeV3 is assumed to take and answer page 620's fields; CamelData is
// the other guess.
func (s *Server) runConsumeV3(c *consumeParams, f standin.Fault) answer {
	a := s.runConsume(c, f)
	data, given := a.data.(map[string]any)
	if !given || !s.p.CamelData {
		return a
	}
	for snake, camel := range map[string]string{
		"gift_amount": "giftAmount", "recharge_amount": "rechargeAmount", "total_amount": "totalAmount",
		"change_gift_amount": "changeGiftAmount", "change_recharge_amount": "changeRechargeAmount",
	} {
		data[camel] = data[snake]
		delete(data, snake)
	}
	return a
}

// once carries a consume out, or finds the one that a repeated bizId names. A
// refusal comes with a nil consumed; otherwise only changed of the answer
// counts.
func (s *Server) once(c *consumeParams, b basket) (*consumed, answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.BizID == "" {
		return nil, refuse(codeParams, "bizId不能为空")
	}
	if first := s.byBiz[string(c.BizID)]; first != nil {
		switch s.p.RepeatedBizID {
		case RepeatAnswers:
			return first, answer{}
		case RepeatRefused:
			return nil, refuse(codeRepeated, "业务标识重复")
		}
	}
	if bad := s.check620(c, &b); bad != nil {
		return nil, *bad
	}
	return s.take(string(c.BizID), b), answer{changed: true}
}

// check620 refuses what page 620 forbids and what there is too little of, and
// fills the basket.
func (s *Server) check620(c *consumeParams, b *basket) *answer {
	no := func(code int, why string) *answer {
		a := refuse(code, why)
		return &a
	}
	var err error
	if c.Amount != "" {
		if b.amount, err = money.ParseFen(string(c.Amount)); err != nil || b.amount < 0 {
			return no(codeParams, "amount格式错误")
		}
	}
	points, isWhole := c.Points.whole()
	if !isWhole || points < 0 {
		return no(codeParams, "points格式错误")
	}
	b.points = points
	if b.amount == 0 && len(c.Coupons) == 0 && (points == 0 || s.p.PointsNeedCompany) {
		return no(codeParams, "amount和couponsCardList至少有一个存在")
	}
	scan := c.Type == "1"
	if c.CustomerID != "" {
		if b.m = s.members[string(c.CustomerID)]; b.m == nil {
			return no(codeMember, "会员不存在")
		}
		want := s.p.PayPasswords[b.m.CustomerID]
		if want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(c.PayPassword)) != 1 {
			return no(codePassword, "支付密码错误")
		}
	} else if !scan || b.amount > 0 || b.points > 0 {
		return no(codeParams, "customerId不能为空")
	}
	if bad := s.gather(c.Coupons, scan, b); bad != nil {
		return bad
	}
	if b.m != nil && b.m.Recharge+b.m.Gift < b.amount {
		return no(codeBalance, "余额不足")
	}
	if b.m != nil && b.m.Points < b.points {
		return no(codePoints, "积分不足")
	}
	return nil
}

// gather finds coupons by their cardIds, or by what a scanner reads off them.
func (s *Server) gather(ids list, scan bool, b *basket) *answer {
	for _, id := range ids {
		k := s.coupons[string(id)]
		if scan {
			k = s.byCode[string(id)]
		}
		var why string
		switch {
		case k == nil || (b.m != nil && k.owner != b.m):
			why = "优惠券不存在"
		case k.UseStatus != 0 || slices.Contains(b.coupons, k):
			why = "优惠券不可用"
		default:
			b.coupons = append(b.coupons, k)
			continue
		}
		a := refuse(codeCoupon, why)
		return &a
	}
	return nil
}

// take carries a basket out. The member's own money goes before the gift; the
// page does not say in which order.
func (s *Server) take(bizID string, b basket) *consumed {
	s.seq++
	d := &consumed{BizID: bizID, Asked: bizID, Way: b.way, OrderNo: b.orderNo, Points: b.points, At: s.p.Now()}
	if s.p.OwnBizID {
		d.BizID = fmt.Sprintf("ZM%012d", s.seq)
	}
	if b.m != nil {
		d.CustomerID = b.m.CustomerID
		d.Recharge = min(b.amount, b.m.Recharge)
		d.Gift = b.amount - d.Recharge
		b.m.Recharge -= d.Recharge
		b.m.Gift -= d.Gift
		b.m.Points -= b.points
		d.AfterCharge, d.AfterGift = b.m.Recharge, b.m.Gift
	}
	for _, k := range b.coupons {
		k.UseStatus = 1
		d.Coupons = append(d.Coupons, k.CardID)
	}
	s.log = append(s.log, d)
	s.consume[d.BizID] = d
	if s.byBiz[bizID] == nil {
		s.byBiz[bizID] = d
	}
	s.charges = append(s.charges, standin.Charge{
		Gateway: "zvcms", Kind: "member", Key: d.BizID, Account: d.CustomerID, Amount: b.amount.Yuan(),
		Points: d.Points, Coupons: d.Coupons, State: standin.Charged, At: d.At, Last4: standin.Last4(d.CustomerID),
	})
	return d
}

func (s *Server) consumedAnswer(d *consumed, f standin.Fault, changed bool) answer {
	biz, own := d.BizID, d.Recharge
	switch f.Kind {
	case standin.WrongKey:
		biz += "0"
	case standin.WrongAmount:
		own++
	}
	// storeBalance is booked by head office, shopBalance by the shop: the
	// page says no more, so the shop gets all of it.
	a := ok(map[string]any{
		"bizId": biz, "couponsCardList": s.couponCodes(d.Coupons),
		"gift_amount": d.AfterGift.Yuan(), "recharge_amount": d.AfterCharge.Yuan(),
		"total_amount":       (d.AfterGift + d.AfterCharge).Yuan(),
		"change_gift_amount": d.Gift.Yuan(), "change_recharge_amount": own.Yuan(),
		"storeBalance": number(0), "shopBalance": number(d.Recharge + d.Gift),
	})
	a.inner, a.innerOK, a.changed = true, true, changed
	return a
}
