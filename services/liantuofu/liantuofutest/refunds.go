package liantuofutest

import (
	"time"

	"cashier/services/money"
	"cashier/services/shopdata/standin"
)

// refund is one refundNo.
type refund struct {
	RefundNo   string    `json:"refundNo"`
	OutTradeNo string    `json:"outTradeNo"`
	Amount     money.Fen `json:"amount"`
	Operator   string    `json:"operator,omitempty"`
	At         time.Time `json:"at"`
	Queries    int       `json:"queries,omitempty"` // until it is done
	Pending    bool      `json:"pending,omitempty"`
}

// mostRefunds is the vendor's limit of partial refunds of one order.
const mostRefunds = 50

// refund gives back all or part of a paid order. The same refundNo for the same
// thing returns the first answer and moves nothing.
func (s *Server) refund(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleLate()
	switch c.fault.Kind {
	case standin.Refused:
		return change(failed(subBusiness, "退款失败"), true)
	case standin.Lies:
		return success("outTradeNo", c.form["outTradeNo"], "refundNo", c.form["refundNo"])
	}
	o := s.find(c.form)
	if o == nil || o.Hidden {
		return change(notFound(), true)
	}
	amount := o.receipt() - o.Refunded
	if a := c.form["refundAmount"]; a != "" {
		var err error
		if amount, err = money.ParseFen(a); err != nil || amount <= 0 {
			return failed(subParameter, "refundAmount格式错误")
		}
	}
	if old := s.refunds[c.form["refundNo"]]; old != nil {
		return s.sameRefund(old, o, amount, c.form["refundAmount"] == "")
	}
	if why := s.refusesRefund(o, amount); why != "" {
		return change(failed(subBusiness, why), true)
	}
	r := &refund{RefundNo: c.form["refundNo"], OutTradeNo: o.OutTradeNo, Amount: amount, Operator: c.form["operatorId"], At: s.p.Now()}
	s.refunds[r.RefundNo] = r
	if c.fault.Kind == standin.Refunding {
		r.Pending, r.Queries = true, c.fault.N
		return change(failed(subRefunding, "退款中"), true)
	}
	s.giveBack(o, "refund", r.RefundNo, amount)
	return change(s.refundFields(r), true)
}

func (s *Server) refusesRefund(o *order, amount money.Fen) string {
	count := 0
	for _, r := range s.refunds {
		if r.OutTradeNo == o.OutTradeNo {
			count++
		}
	}
	switch {
	case o.Status != stPaid:
		return "订单状态不允许退款"
	case amount <= 0 || amount > o.receipt()-o.Refunded-s.pending(o):
		return "退款金额超过可退金额"
	case count >= mostRefunds:
		return "超过部分退款次数"
	}
	return ""
}

// pending is what refunds in progress will still give back.
func (s *Server) pending(o *order) (sum money.Fen) {
	for _, r := range s.refunds {
		if r.Pending && r.OutTradeNo == o.OutTradeNo {
			sum += r.Amount
		}
	}
	return sum
}

func (s *Server) sameRefund(old *refund, o *order, amount money.Fen, full bool) result {
	if old.OutTradeNo != o.OutTradeNo || (!full && old.Amount != amount) {
		return failed(subParameter, "退款单号已存在")
	}
	if old.Pending {
		return failed(subRefunding, "退款中")
	}
	return s.refundFields(old)
}

func (s *Server) refundFields(r *refund) result {
	return success("appId", s.p.AppID, "merchantCode", s.p.MerchantCode, "outTradeNo", r.OutTradeNo,
		"refundNo", r.RefundNo, "refundAmount", r.Amount.Yuan(), "refundFee", r.Amount.Yuan(), "time", stamp(r.At))
}

// inProgress is what a query says of a refund that is not done. The page (vendor
// page 658056893477643) has REFUNDING, and returnRefundType for seeing refunds in
// progress; what a query without it says of one is not there.
func (s *Server) inProgress(r *refund, asked bool) result {
	switch {
	case !s.p.RefundingIsHidden:
		return failed(subRefunding, "退款中")
	case asked:
		return s.refundFields(r)
	}
	return failed(subNotFound, "退款单不存在")
}

// refundQuery tells about one refund; each call brings a pending one nearer.
func (s *Server) refundQuery(c call) result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleLate()
	if c.fault.Kind == standin.Refused {
		return failed(subBusiness, "查询失败")
	}
	r := s.refunds[c.form["refundNo"]]
	if r == nil {
		return change(failed(subNotFound, "退款单不存在"), true)
	}
	if r.Pending {
		if r.Queries > 0 {
			r.Queries--
			return change(s.inProgress(r, c.form["returnRefundType"] == "1"), false)
		}
		r.Pending = false
		s.giveBack(s.orders[r.OutTradeNo], "refund", r.RefundNo, r.Amount)
	}
	res := s.refundFields(r)
	if r.Operator != "" {
		res.fields["operatorId"] = r.Operator
	}
	return change(res, true)
}
