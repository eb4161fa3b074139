package simulate

import (
	"time"

	"cashier/services/checkout"
)

// line is the network between a till and its providers: it loses requests and
// replies, delays them, and spoils what was said.
type line struct {
	draw *Draw
	bank *bank
	sent []*sent
	born checkout.Instant // of the process that asks

	downUntil checkout.Instant // nothing can be reached
}

// sent is what left the till for one key.
type sent struct {
	key   string
	deeds int              // pays or consumes whose bytes were written
	at    checkout.Instant // of the last of them, true time
	asked bool             // a query was answered truly since then
	held  bool             // and the bank held the money
	heard
}

func (n *line) of(key string) *sent {
	for _, s := range n.sent {
		if s.key == key {
			return s
		}
	}
	s := &sent{key: key}
	n.sent = append(n.sent, s)
	return s
}

// deed notes that the bytes of a pay or consume leave the till.
func (n *line) deed(key string) {
	s := n.of(key)
	s.deeds++
	s.at, s.asked, s.held = n.bank.now(), false, false
}

// query asks the bank, and remembers what was true.
func (n *line) query(key string) checkout.Answer {
	a := n.bank.query(key)
	s := n.of(key)
	o := n.bank.order(key)
	s.asked, s.held = true, o != nil && o.shownAt <= n.bank.now() && o.holds() > 0
	return a
}

// fate is what becomes of one call.
type fate struct {
	unsent bool
	lost   bool          // the request never arrives
	late   time.Duration // the request arrives when nobody waits any more
	there  time.Duration
	back   time.Duration
	spoilt int
	twice  bool // the network delivers it twice, and brings the second answer
}

// Ways to spoil an answer that was truthful; 0 is none.
const (
	spoiltLost = iota + 1
	spoilt500
	spoiltHTML
	spoiltUnsigned
	spoiltForged
	spoiltBare
	spoiltAmount
	spoiltKey
	spoilt429
	spoilt703
	spoiltSystem
	spoilt401
	spoilts
)

const replyTimeout = 20 * time.Second

func (n *line) fate(op checkout.Op) fate {
	f := fate{there: 50 * time.Millisecond, back: 50 * time.Millisecond}
	if n.bank.calm {
		return f
	}
	if n.bank.now() < n.downUntil {
		f.unsent = true
		return f
	}
	if now := n.bank.now(); now >= n.downUntil && n.draw.Fault(150) {
		n.downUntil = after(now, n.outage(op))
	}
	switch n.draw.Pick(12, 1, 1, 1, 6, 2, 1) {
	case 1:
		n.draw.faults++
		f.unsent = true
	case 2:
		n.draw.faults++
		f.lost, f.back = true, replyTimeout
	case 3:
		n.draw.faults++
		f.back = replyTimeout
		switch op {
		case checkout.OpPay: // found by the watch's last look at the latest
			f.late = replyTimeout + time.Duration(n.draw.N(1500))*time.Second
		case checkout.OpRefund: // while it is still asked for again
			f.late = replyTimeout + time.Duration(n.draw.N(180))*time.Second
		default:
			f.lost = true
		}
	case 4:
		n.draw.faults++
		f.spoilt = 1 + n.draw.N(spoilts-1)
		if !spoils(op, f.spoilt) {
			f.spoilt = spoiltLost
		}
	case 6:
		n.draw.faults++
		f.twice = op == checkout.OpPay || op == checkout.OpRefund
	case 5: // slow both ways: others act in between
		f.there, f.back = time.Duration(n.draw.N(9000))*time.Millisecond, time.Duration(n.draw.N(9000))*time.Millisecond
	}
	return f
}

// outage is how long nothing can be reached: minutes, and now and then a day and a
// half, while a payment is being taken back.
func (n *line) outage(op checkout.Op) time.Duration {
	if op == checkout.OpReverse && n.draw.One(5) {
		return 36 * time.Hour
	}
	return time.Duration(1+n.draw.N(600)) * time.Second
}

// dead reports an outage of hours. The power stays on through it: a start would
// begin the day of a leg anew.
func (n *line) dead() bool { return n.downUntil > after(n.bank.now(), time.Hour) }

// spoils reports that an answer may be spoilt in this way: a no is a no where
// nobody can be asked again.
func spoils(op checkout.Op, how int) bool {
	switch op {
	case checkout.OpTake:
		return how <= spoiltForged || how == spoiltAmount
	case checkout.OpRefund, checkout.OpRefundQuery:
		return how != spoilt401
	default:
		return true
	}
}

// spoil makes of an answer what arrives of it.
func spoil(a checkout.Answer, how int) checkout.Answer {
	switch how {
	case spoiltLost:
		return checkout.Answer{}
	case spoilt500:
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 500}
	case spoiltHTML:
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 200}
	case spoilt401:
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 401}
	case spoilt429:
		return checkout.Answer{Delivery: checkout.Answered, HTTP: 429}
	case spoiltUnsigned:
		a.Signature = checkout.Unsigned
	case spoiltForged: // somebody in between says it was paid
		a.Verdict, a.Order, a.Signature, a.Code = "SUCCESS", checkout.OrderPaid, checkout.Forged, ""
	case spoiltBare:
		a.Key, a.HasAmount = "", false
	case spoiltAmount:
		if a.HasAmount {
			a.Amount++
		}
	case spoiltKey:
		if a.Key != "" {
			a.Key += "x"
		}
	case spoilt703:
		return no("703", "支付结果未知")
	case spoiltSystem:
		return no("SYSTEMERROR", "系统错误")
	}
	return a
}
