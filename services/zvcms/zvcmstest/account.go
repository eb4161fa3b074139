package zvcmstest

import (
	"time"

	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// writeOffParams are known as far as bizId and orderNo, which a public client
// requires; the coupons are assumed to come as in page 620.
type writeOffParams struct {
	BizID      text `json:"bizId"`
	OrderNo    text `json:"orderNo"`
	CustomerID text `json:"customerId"`
	Coupons    list `json:"couponsCardList"`
	Type       text `json:"type"`
}

func (w *writeOffParams) scanned() string {
	return (&consumeParams{CustomerID: w.CustomerID, Coupons: w.Coupons}).scanned()
}

// writeOff consumes coupons and nothing else.
func (s *Server) writeOff(w *writeOffParams, f standin.Fault) answer {
	switch {
	case w.OrderNo == "":
		return refuse(codeParams, "orderNo不能为空")
	case len(w.Coupons) == 0:
		return refuse(codeParams, "couponsCardList不能为空")
	}
	c := &consumeParams{BizID: w.BizID, CustomerID: w.CustomerID, Coupons: w.Coupons, Type: w.Type}
	if w.CustomerID != "" {
		c.PayPassword = text(s.p.PayPasswords[string(w.CustomerID)]) // a password guards money, and there is no field for it
	}
	done, a := s.once(c, basket{way: byWriteOff, orderNo: string(w.OrderNo)})
	if done != nil {
		a = s.consumedAnswer(done, f, a.changed)
	}
	return a
}

// decreaseParams are assumed after the query that names them: bizId,
// customerId, amount and orderNo.
type decreaseParams struct {
	BizID       text `json:"bizId"`
	CustomerID  text `json:"customerId"`
	Amount      text `json:"amount"`
	OrderNo     text `json:"orderNo"`
	PayPassword text `json:"payPassword"`
}

func (d *decreaseParams) scanned() string { return string(d.CustomerID) }

// decrease takes balance and nothing else.
func (s *Server) decrease(q *decreaseParams, f standin.Fault) answer {
	if q.Amount == "" {
		return refuse(codeParams, "amount不能为空")
	}
	c := &consumeParams{BizID: q.BizID, CustomerID: q.CustomerID, Amount: q.Amount, PayPassword: q.PayPassword}
	done, a := s.once(c, basket{way: byDecrease, orderNo: string(q.OrderNo)})
	if done != nil {
		a = s.consumedAnswer(done, f, a.changed)
	}
	return a
}

// decreaseQuery tells what a bizId took off a balance. Public clients document
// it for decreaseBalance; whether it also finds a consume is a switch.
func (s *Server) decreaseQuery(q *reverseParams, f standin.Fault) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.consume[string(q.BizID)]
	if d == nil {
		d = s.byBiz[string(q.BizID)] // a reply that was lost named the gateway's own bizId
	}
	known := d != nil && (d.Way == byDecrease || d.Way == byConsume && s.p.QueryFindsConsume)
	if !known || d.CustomerID != string(q.CustomerID) || d.Reversed {
		return refuse(codeBizID, "业务标识不存在")
	}
	biz, amount := d.BizID, d.Recharge+d.Gift
	switch f.Kind {
	case standin.WrongKey:
		biz += "0"
	case standin.WrongAmount:
		amount++
	}
	return ok(map[string]any{
		"amount": number(amount), "bizId": biz, "customerId": d.CustomerID, "orderNo": d.OrderNo,
		"changeTime": d.At.In(shopdata.China).Format(time.DateTime),
	})
}
