package checkout_test

import (
	"sync"

	"cashier/services/checkout"
	"cashier/services/money"
)

// provider is one that keeps its own account of payments and of what it gave
// back under which number; how it answers is up to the test.
type provider struct {
	gateway
	book    sync.Mutex
	paid    map[string]money.Fen // by outTradeNo
	given   map[string]checkout.RefundCall
	pending map[string]int // queries until it is done
	// what the next refunds do; "" gives back and says so
	moods []string
}

func newProvider(moods ...string) *provider {
	p := &provider{paid: map[string]money.Fen{}, given: map[string]checkout.RefundCall{}, pending: map[string]int{}, moods: moods}
	p.pay = func(c checkout.PayCall) checkout.Answer {
		p.book.Lock()
		defer p.book.Unlock()
		p.paid[c.Key] = c.Amount
		return paidAnswer(c.Key, c.Amount)
	}
	p.query = func(key string, _ int) checkout.Answer {
		p.book.Lock()
		defer p.book.Unlock()
		if amount, known := p.paid[key]; known {
			return paidAnswer(key, amount)
		}
		return failedAnswer("ORDER_NOT_EXIST", "订单不存在")
	}
	p.reverse = func(string) checkout.Answer { return failedAnswer("ORDER_NOT_EXIST", "订单不存在") }
	p.refund, p.refundQuery = p.giveBack, p.asked
	p.redeem = func(checkout.RedeemCall) checkout.Answer {
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS"}
	}
	return p
}

func (p *provider) mood() string {
	if len(p.moods) == 0 {
		return ""
	}
	m := p.moods[0]
	p.moods = p.moods[1:]
	return m
}

func (p *provider) giveBack(c checkout.RefundCall) checkout.Answer {
	p.book.Lock()
	defer p.book.Unlock()
	mood := p.mood()
	switch mood {
	case "unreachable":
		return checkout.Answer{Delivery: checkout.NotSent, Message: "no route"}
	case "request lost":
		return checkout.Answer{Delivery: checkout.Silent}
	case "refused":
		return failedAnswer("BUSINESS", "商户余额不足")
	}
	if old, known := p.given[c.Key]; known {
		if old != c {
			return failedAnswer("PARAMETER_ERROR", "退款单号已存在")
		}
		return refundAnswer(c)
	}
	if p.back(c.Of)+c.Amount > p.paid[c.Of] {
		return failedAnswer("BUSINESS", "退款金额超过可退金额")
	}
	p.given[c.Key] = c
	switch mood {
	case "reply lost":
		return checkout.Answer{Delivery: checkout.Silent}
	case "under way":
		p.pending[c.Key] = 2
		return failedAnswer("REFUNDING", "退款中")
	}
	return refundAnswer(c)
}

func (p *provider) asked(key string, _ int) checkout.Answer {
	p.book.Lock()
	defer p.book.Unlock()
	c, known := p.given[key]
	switch {
	case !known:
		return failedAnswer("ORDER_NOT_EXIST", "订单不存在")
	case p.pending[key] > 0:
		p.pending[key]--
		return failedAnswer("REFUNDING", "退款中")
	}
	return refundAnswer(c)
}

func refundAnswer(c checkout.RefundCall) checkout.Answer {
	return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Key: c.Key, Amount: c.Amount, HasAmount: true, ProviderNo: "R-" + c.Key, Signature: checkout.Signed}
}

// back is what went back of a payment; the caller has the book.
func (p *provider) back(of string) (sum money.Fen) {
	for _, c := range p.given {
		if of == "" || c.Of == of {
			sum += c.Amount
		}
	}
	return sum
}

func (p *provider) gaveBack(of string) money.Fen {
	p.book.Lock()
	defer p.book.Unlock()
	return p.back(of)
}

// refunded waits for a refund to come to its end.
func (s *shop) refunded(q checkout.RefundRequest) checkout.Sale {
	s.t.Helper()
	if q.Reason == "" {
		q.Reason = "坏了"
	}
	r, err := s.desk.Refund(s.t.Context(), owner, q)
	if err != nil {
		s.t.Fatal(err)
	}
	if r, err = s.desk.Wait(s.t.Context(), r.ID); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// twoCodes is a sale of ten yuan that two codes paid, 6.00 and 4.00.
func (s *shop) twoCodes(p *provider) checkout.Sale {
	s.t.Helper()
	redeem := p.redeem
	p.redeem = func(checkout.RedeemCall) checkout.Answer { return noTimes }
	sale := s.ring(checkout.Tender{Code: code1}, card(400))
	p.redeem = redeem
	sale, err := s.desk.Tender(s.t.Context(), owner, sale.ID, checkout.Tender{Code: code2})
	if err != nil {
		s.t.Fatal(err)
	}
	if sale, err = s.desk.Wait(s.t.Context(), sale.ID); err != nil || sale.State != checkout.Complete {
		s.t.Fatalf("%v %+v", err, sale)
	}
	return sale
}
