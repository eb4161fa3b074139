package liantuofutest

import (
	"cashier/services/shopdata/standin"
)

// pay charges a customer's payment code. A number is spent by its first pay,
// whatever came of it; a code is spent once it reaches a wallet, also one with
// too little in it.
func (s *Server) pay(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.settleLate()
	o, refusal := s.newOrder(c.form)
	if refusal != nil {
		return change(*refusal, moved)
	}
	code := c.form["authCode"]
	o.Last4 = standin.Last4(code)
	o.PayType = channelOf(code)
	switch {
	case o.PayType == "":
		return change(failed(subBusiness, "付款码无效"), true)
	case c.fault.Kind == standin.ExpiredCode:
		return change(failed(subBusiness, "付款码已过期，请刷新后重试"), true)
	case c.fault.Kind == standin.Refused:
		return change(failed(subBusiness, "交易失败，请更换支付方式"), true)
	case s.used[hash(code)]:
		return change(failed(subBusiness, "付款码已使用，请刷新后重试"), true)
	}
	o.Wallet, o.CodeHash = code[2:6], hash(code)
	s.used[o.CodeHash] = true
	return change(s.settle(o, c.fault), true)
}

func change(r result, money bool) result {
	r.changed, r.money = true, money
	return r
}

// settle decides when and whether the money of a fresh order moves.
func (s *Server) settle(o *order, f standin.Fault) result {
	switch f.Kind {
	case standin.PayingThenPaid, standin.PayingForever:
		o.pays(f)
		return failed(subUserPaying, "用户支付中，需要输入密码")
	case standin.LateMoney:
		o.Hidden, o.ChargeAt = true, o.Created.Add(f.For)
		s.late = append(s.late, o)
		return success() // nobody gets to see it: the connection closes
	}
	if !s.charge(o) {
		return failed(subBusiness, "余额不足")
	}
	if f.Kind == standin.Duplicate {
		return failed(subParameter, duplicateOrder)
	}
	return success(s.fields(o, f)...)
}

// pays has the customer confirm as the fault says.
func (o *order) pays(f standin.Fault) {
	o.Paying, o.Queries = true, f.N
	if f.Kind == standin.PayingForever {
		o.Queries = forever
	}
}

// find looks an order up by either of the two numbers a request may give.
func (s *Server) find(form map[string]string) *order {
	if key := form["outTradeNo"]; key != "" {
		return s.orders[key]
	}
	if id := form["outTransactionId"]; id != "" {
		for _, o := range s.orders {
			if !o.PaidAt.IsZero() && o.outTransactionID() == id {
				return o
			}
		}
	}
	return nil
}

func notFound() result { return failed(subNotFound, "订单不存在") }

// query tells the state; each one also brings a customer who is still
// confirming a step nearer.
func (s *Server) query(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.settleLate()
	if c.form["outTradeNo"] == "" && c.form["outTransactionId"] == "" {
		return failed(subParameter, "outTradeNo不能为空")
	}
	o := s.find(c.form)
	if c.fault.Kind == standin.Refused {
		return failed(subBusiness, "查询失败")
	}
	if o == nil || o.Hidden {
		return result{fields: notFound().fields, changed: moved, money: moved}
	}
	if o.Paying && o.Queries != forever {
		if o.Queries > 0 {
			o.Queries--
		} else if s.charge(o) {
			moved = true
		} else {
			o.Paying = false
		}
	}
	r := success(s.fields(o, c.fault)...)
	r.changed, r.money = moved || o.Paying, moved
	return r
}

// cancel closes an unpaid order and gives a paid one back; repeated, it
// succeeds again; while a refund is in progress it is refused. The number of an
// order never seen is closed, so that a pay still under way with it fails:
// Alipay's page barcode_cn answers so, Liantuofu's pages do not say.
// CancelUnknownFails is the other way.
func (s *Server) cancel(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleLate()
	switch c.fault.Kind {
	case standin.Refused:
		return failed(subBusiness, "撤销失败，请稍后重试")
	case standin.Lies:
		return success()
	}
	key := c.form["outTradeNo"]
	o := s.orders[key]
	if o == nil || o.Hidden {
		return s.cancelUnseen(key, o)
	}
	switch o.Status {
	case stPaid:
		if s.pending(o) > 0 {
			return change(failed(subRefunding, "退款中"), true)
		}
		s.giveBack(o, "cancel", "cancel-"+key, o.receipt()-o.Refunded)
	case stNotPay:
		if o.Paying && s.p.CancelWaits {
			return failed(subUserPaying, "用户支付中，请稍后撤销")
		}
		o.Status, o.Paying = stClosed, false
	}
	return change(success(), true)
}

func (s *Server) cancelUnseen(key string, o *order) result {
	if s.p.CancelUnknownFails {
		return change(notFound(), true)
	}
	if !validKey(key) {
		return failed(subParameter, "outTradeNo格式错误")
	}
	if o == nil {
		s.seq++
		o = &order{OutTradeNo: key, Seq: s.seq, Created: s.p.Now()}
		s.orders[key] = o
	}
	o.Status, o.Hidden = stClosed, false
	return change(success(), true)
}
