package simulate

import (
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// bank is the providers as they really are: what they did, whatever they say of
// it. It is hostile within what wallets have been seen to do. Money moves only
// here, and only the invariants look at the truth.
type bank struct {
	draw   *Draw
	now    func() checkout.Instant
	orders []*order
	cards  []*taken
	calm   bool // nothing goes wrong any more
}

// order is one payment by code at the bank.
type order struct {
	key      string
	amount   money.Fen // charged, when it is
	pays     int       // requests whose bytes arrived or may have
	sentAt   checkout.Instant
	arrives  checkout.Instant // the request; until then nobody knows the order
	shownAt  checkout.Instant // from then on queries find it
	paysAt   checkout.Instant // the customer confirms; Never
	refusing bool             // it said no at first
	charged  bool
	backAt   checkout.Instant // a reversal takes effect; Never
	closed   bool
	refunded bool
	stubborn bool // nobody gets anything back, for as long as the world is bad
	refunds  []refund
}

// refund is one refund of an order.
type refund struct {
	key     string
	amount  money.Fen
	arrives checkout.Instant // until then nobody knows of it
	doneAt  checkout.Instant
	times   int
	held    bool // by a proxy, which says nothing of use meanwhile
}

// taken is one consume of a card or an account.
type taken struct {
	key   string
	times int // how often it was really taken
	calls int
}

const never = checkout.Never

func after(t checkout.Instant, d time.Duration) checkout.Instant { return t + checkout.Instant(d) }

// order finds an order, with everything that has happened to it by now.
func (b *bank) order(key string) *order {
	for _, o := range b.orders {
		if o.key == key {
			o.settle(b.now())
			return o
		}
	}
	return nil
}

// settle lets happen what is due.
func (o *order) settle(now checkout.Instant) {
	if !o.charged && !o.closed && o.arrives <= now && o.paysAt <= now && o.paysAt <= o.backAt {
		o.charged = true
	}
	if o.backAt <= now {
		o.backAt, o.closed, o.refunded = never, true, o.refunded || o.charged
	}
}

// holds is the money the bank has of an order.
func (o *order) holds() money.Fen {
	if !o.charged || o.refunded {
		return 0
	}
	rest := o.amount
	for _, r := range o.refunds {
		rest -= r.amount * money.Fen(r.times)
	}
	return rest
}

func (o *order) state() checkout.OrderState {
	switch {
	case o.refunded:
		return checkout.OrderRefunded
	case o.charged:
		return checkout.OrderPaid
	case o.closed:
		return checkout.OrderClosed
	}
	return checkout.OrderNotPaid
}

// pay takes the only pay of a key, which arrives after a delay that may be long.
// A second one is refused, as every wallet does by the order's number.
func (b *bank) pay(key string, amount money.Fen, delay time.Duration) checkout.Answer {
	now := b.now()
	if o := b.order(key); o != nil {
		o.pays++
		return no("PARAMETER_ERROR", "订单已存在，请重新下单")
	}
	o := &order{key: key, amount: amount, pays: 1, sentAt: now, arrives: after(now, delay), paysAt: never, backAt: never}
	o.shownAt, o.stubborn = o.arrives, b.draw.One(20)
	b.orders = append(b.orders, o)
	if b.draw.One(4) { // copies of the books lag behind
		o.shownAt = after(o.arrives, time.Duration(1+b.draw.N(6))*time.Second)
	}
	if b.calm {
		o.paysAt = o.arrives
		return b.about(o)
	}
	switch b.draw.Pick(6, 4, 3, 2, 1) {
	case 0:
		o.paysAt = o.arrives
	case 1: // the customer is asked
		b.draw.faults++
		if !b.draw.One(3) {
			o.paysAt = after(o.arrives, time.Duration(1+b.draw.N(240))*time.Second)
		}
		o.settle(now)
		return no("USER_PAYING", "")
	case 2: // an explicit refusal that holds
		b.draw.faults++
		o.refusing, o.closed = true, true
		if b.draw.One(2) { // it keeps no order
			o.shownAt = never
		}
		return no("AUTH_CODE_INVALID", "付款码已过期")
	case 3: // a refusal that charges all the same
		b.draw.faults++
		o.refusing, o.paysAt = true, after(o.arrives, time.Duration(b.draw.N(1+[...]int{9, 1200}[b.draw.N(2)]))*time.Second)
		return no("DECLINED", "交易失败")
	case 4: // another sum than was asked for
		b.draw.faults++
		o.amount, o.paysAt = amount+100, o.arrives
	}
	o.settle(now)
	return b.about(o)
}

// precreate makes a QR code that the customer may pay by at any moment.
func (b *bank) precreate(key string, amount money.Fen, delay time.Duration) checkout.Answer {
	now := b.now()
	if o := b.order(key); o != nil {
		o.pays++
		return no("PARAMETER_ERROR", "订单已存在，请重新下单")
	}
	o := &order{key: key, amount: amount, pays: 1, sentAt: now, arrives: after(now, delay), shownAt: after(now, delay), paysAt: never, backAt: never}
	b.orders = append(b.orders, o)
	if b.calm || !b.draw.One(3) {
		o.paysAt = after(o.arrives, time.Duration(1+b.draw.N(120))*time.Second)
	}
	a := yes()
	a.QR = "https://qr.example/" + key
	return a
}

// about is the truth of an order, well said.
func (b *bank) about(o *order) checkout.Answer {
	a := yes()
	a.Key, a.Amount, a.HasAmount, a.Order, a.ProviderNo = o.key, o.amount, true, o.state(), "T"+o.key
	return a
}

func (b *bank) query(key string) checkout.Answer {
	o := b.order(key)
	if o == nil || o.shownAt > b.now() {
		return no("ORDER_NOT_EXIST", "订单不存在")
	}
	if o.paysAt != never && !o.charged && !o.closed && !o.refusing && b.draw.One(2) {
		return no("USER_PAYING", "")
	}
	return b.about(o)
}

func (b *bank) reverse(key string) checkout.Answer {
	o := b.order(key)
	now := b.now()
	switch {
	case !b.calm && (o != nil && o.stubborn || b.draw.Fault(6)):
		return no("SYSTEM_ERROR", "请稍后再试")
	case o == nil || o.arrives > now:
		return no("ORDER_NOT_EXIST", "订单不存在")
	case !b.calm && b.draw.Fault(12):
		return yes() // says so, and does nothing
	case !b.calm && b.draw.Fault(8):
		o.backAt = min(o.backAt, after(now, time.Duration(1+b.draw.N(8))*time.Second))
	default:
		o.backAt = now
	}
	o.settle(now)
	return yes()
}

// refund gives back under a number of its own, once. A request may arrive long
// after it was sent; one that comes again before that is refused.
func (b *bank) refund(key, of string, amount money.Fen, delay time.Duration) checkout.Answer {
	o, now := b.order(of), b.now()
	if o == nil {
		return no("ORDER_NOT_EXIST", "订单不存在")
	}
	for i := range o.refunds {
		switch {
		case o.refunds[i].key != key:
		case o.refunds[i].held && o.refunds[i].arrives > now:
			return no("SYSTEM_ERROR", "请稍后再试")
		case o.refunds[i].arrives > now:
			return no("REFUND_REFUSED", "可退金额不足")
		default:
			return b.aboutRefund(&o.refunds[i])
		}
	}
	switch {
	case !b.calm && (o.stubborn && b.draw.One(2) || b.draw.Fault(25)) && amount <= o.holds(): // a proxy holds the request, and lets it go when nobody waits any more
		at := after(now, time.Duration(1+b.draw.N(2400))*time.Second)
		o.refunds = append(o.refunds, refund{key: key, amount: amount, arrives: at, doneAt: at, times: 1, held: true})
		return no("SYSTEM_ERROR", "请稍后再试")
	case !b.calm && (o.stubborn || b.draw.Fault(6)):
		return no("SYSTEM_ERROR", "请稍后再试")
	case amount > o.holds(), !b.calm && b.draw.Fault(8):
		return no("REFUND_REFUSED", "余额不足")
	}
	o.refunds = append(o.refunds, refund{key: key, amount: amount, arrives: after(now, delay), doneAt: after(now, delay), times: 1})
	r := &o.refunds[len(o.refunds)-1]
	if !b.calm && b.draw.Fault(3) {
		r.doneAt = after(r.arrives, time.Duration(1+b.draw.N(300))*time.Second)
	}
	return b.aboutRefund(r)
}

// holding reports that a proxy holds a refund back.
func (b *bank) holding() bool {
	for _, o := range b.orders {
		for _, r := range o.refunds {
			if r.held && r.arrives > b.now() {
				return true
			}
		}
	}
	return false
}

// gave reports that a refund has arrived.
func (b *bank) gave(key string) bool {
	for _, o := range b.orders {
		for _, r := range o.refunds {
			if r.key == key && r.arrives <= b.now() {
				return true
			}
		}
	}
	return false
}

func (b *bank) aboutRefund(r *refund) checkout.Answer {
	if r.doneAt > b.now() {
		return no("REFUNDING", "退款中")
	}
	a := yes()
	a.Key, a.Amount, a.HasAmount = r.key, r.amount, true
	return a
}

func (b *bank) refundQuery(key string) checkout.Answer {
	for _, o := range b.orders {
		for i := range o.refunds {
			if o.refunds[i].key == key && o.refunds[i].arrives <= b.now() {
				return b.aboutRefund(&o.refunds[i])
			}
		}
	}
	return no("ORDER_NOT_EXIST", "订单不存在")
}

// take consumes from a card or an account, each time it is asked, unless it
// refuses.
func (b *bank) take(key string) bool {
	k := b.taken(key)
	if k == nil {
		k = &taken{key: key}
		b.cards = append(b.cards, k)
	}
	k.calls++
	if !b.calm && b.draw.Fault(5) {
		return false
	}
	k.times++
	return true
}

func (b *bank) taken(key string) *taken {
	for _, k := range b.cards {
		if k.key == key {
			return k
		}
	}
	return nil
}

func yes() checkout.Answer {
	return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "SUCCESS", Signature: checkout.Signed}
}

func no(code, message string) checkout.Answer {
	return checkout.Answer{Delivery: checkout.Answered, HTTP: 200, Verdict: "FAILED", Code: code, Message: message, Signature: checkout.Signed}
}
