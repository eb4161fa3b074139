package simulate

import (
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// heard is what the till did and was told about one key, as it arrived, spoilt or
// not. The auditor holds the till's conclusions against it: what nobody was told,
// nobody may believe.
type heard struct {
	life     checkout.Instant // the start of the process that the rest is about
	over     bool             // told, at any time, that the order is closed or given back
	acked    bool             // the last reverse call was answered
	missing  int              // times in a row that there was no such order, behind an answered reversal
	queried  bool             // a query left, at
	queryAt  checkout.Instant
	reversed int  // reversals that left since the till began to reverse
	permit   bool // SENT is durable, and its call has not been made

	alarms int // that a person should look at it
	begun  checkout.Instant
	ended  checkout.Instant
	saidAt checkout.Instant // the last answer to a query that said something of the order
	said   bool
	isPaid bool // and it said that all that was asked for is paid, or given back

	deaf      bool   // the last query was not heard, for our key: the watch covers it
	otherwise bool   // it was once said to be over another sum
	code      string // the payment code that left under this key
}

// heard is what was heard of a key. A process that starts anew remembers nothing
// of what it was told.
func (n *line) heard(key string) *sent {
	s := n.of(key)
	if s.life != n.born {
		s.life, s.acked, s.missing, s.queried, s.reversed, s.permit = n.born, false, 0, false, 0, false
	}
	return s
}

// tells notes an answer that reaches the till.
func (n *line) tells(op checkout.Op, key string, worth money.Fen, a checkout.Answer) {
	s := n.heard(key)
	whole := a.Delivery == checkout.Answered && a.HTTP == 200
	missing := whole && a.Code == "ORDER_NOT_EXIST"
	switch op {
	case checkout.OpReverse:
		s.acked = whole && (a.Verdict == "SUCCESS" || missing)
		return
	case checkout.OpQuery, checkout.OpRefundQuery:
	default:
		return
	}
	s.deaf = a.HTTP == 401
	about := whole && a.Verdict == "SUCCESS" && a.Signature != checkout.Forged && (a.Key == "" || a.Key == key)
	switch {
	case missing && s.acked:
		s.missing++
	case !missing:
		s.missing = 0
	}
	s.over = s.over || about && (a.Order == checkout.OrderClosed || a.Order == checkout.OrderRefunded || a.Order == checkout.OrderRevoked)
	exact := a.Key == key && a.HasAmount && a.Amount == worth
	s.isPaid = about && exact && (a.Order == checkout.OrderPaid || op == checkout.OpRefundQuery)
	s.otherwise = s.otherwise || about && a.HasAmount && a.Amount != worth
	if about || missing {
		s.said, s.saidAt = true, n.bank.now()
	}
}

// asks notes that the till asks about a key: no faster than every 2 s while it
// works on it.
func (b *books) asks(key string) {
	s, now := b.line.heard(key), b.bank.now()
	l := b.byKey(key)
	if l != nil && s.queried && automatic(l.State) {
		if d := time.Duration(now - s.queryAt); d < 2*time.Second {
			b.broken(12, "%s is asked about again after %v", key, d)
		}
	}
	s.queried, s.queryAt = true, now
}

// anew forgets the rhythm of a leg: another hand has it, and looks at once.
func (b *books) anew(key string) {
	s := b.line.heard(key)
	s.queried, s.reversed = false, 0
}

func automatic(s checkout.State) bool {
	switch s {
	case checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Reversing:
		return true
	case checkout.Intent, checkout.Paid, checkout.Reversed, checkout.Rejected, checkout.Manual:
	}
	return false
}

// The limits of docs/money.md.
const (
	tries      = 12             // then a person
	byItself   = 24 * time.Hour // then a person
	leastAlone = 15 * time.Minute
	lastLook   = 30 * time.Minute
	soon       = 5 * time.Minute // what a call that is out, or a slow disk, may add
)

// pace: nothing is automatic for more than a day, and nothing is left to a person
// before all was tried that can be.
func (b *books) pace(l *checkout.Leg, before checkout.State) {
	s, now := b.line.heard(l.Key), b.bank.now()
	if before == checkout.Paid {
		s.begun = now
	}
	if before != checkout.Reversing {
		s.reversed = 0
	}
	alone := time.Duration(now - max(s.begun, b.line.born))
	switch {
	case automatic(l.State) && alone > byItself+soon:
		b.broken(11, "%s is %s by itself for %v", l.Key, l.State, alone)
	case l.State != checkout.Manual || alone >= leastAlone:
	case l.Reason.Code == "not_reversed" && l.Reversals < tries,
		l.Reason.Code == "not_refunded" && l.Attempts < tries:
		b.broken(11, "%s is left to a person after %v, %d requests and %d reversals", l.Key, alone, l.Attempts, l.Reversals)
	}
}

// heardOf: what ends a payment as not taken was said to the till: that the order
// is closed or given back, or twice in a row, behind a reversal that was answered,
// that there is none.
func (b *books) heardOf(l checkout.Leg, s *sent) {
	switch l.Reason.Code {
	case "closed", "refunded", "reversed":
		if !s.over {
			b.broken(5, "%s is %s as %s, and nobody said so", l.Key, l.State, l.Reason.Code)
		}
	case "never_arrived":
		if s.missing < 2 {
			b.broken(5, "%s is %s, on %d answers behind an answered reversal that there is no such order", l.Key, l.State, s.missing)
		}
	case "refused", "credentials":
	default:
		b.broken(5, "%s left the till and is %s: %s", l.Key, l.State, l.Reason.Code)
	}
}

// worried: what differs from the books, and a key that is not accepted, a person
// hears of before it is written down.
func (b *books) worried(l *checkout.Leg) {
	if c := l.Reason.Code; (c == "mismatch" || c == "credentials") && b.line.of(l.Key).alarms == 0 {
		b.broken(9, "%s is %s for %s, and nobody was told", l.Key, l.State, c)
	}
}

// alarmed notes that a person was told about a key.
func (b *books) alarmed(key string) { b.line.of(key).alarms++ }

// unwanted: nobody gives up for a customer who did not want to.
func (b *books) unwanted(a *audited, l *checkout.Leg) {
	if l.State == checkout.Rejected && l.Reason.Code == "cancelled" && !a.wantsOut && !b.closing {
		b.broken(6, "%s is given up, and nobody wanted that", l.Key)
	}
}

// looked: what ended without its provider's proof was asked about half an hour
// later, or its provider said meanwhile that it holds nothing.
func (b *books) looked(l checkout.Leg) {
	s := b.line.of(l.Key)
	unproven := l.State == checkout.Rejected || l.State == checkout.Reversed && l.Reason.Code != "refunded" && l.Reason.Code != "reversed"
	if l.Class != checkout.ClassCode || !unproven || s.deeds == 0 || s.over {
		return
	}
	if d := time.Duration(s.saidAt - s.ended); !s.said || d < lastLook {
		b.broken(9, "%s is %s (%s), and the last that was heard of it is from %v after that", l.Key, l.State, l.Reason.Code, d)
	}
}

// mayCall: a call is made by whoever knows that its SENT is durable, once.
func (b *books) mayCall(key string) {
	s := b.line.heard(key)
	if l := b.byKey(key); l != nil && l.Class != checkout.ClassRefund && s.deeds > 0 {
		b.broken(2, "%s was sent twice", key)
	}
	if !s.permit {
		b.broken(3, "a call for %s is made, and whoever makes it has not recorded it", key)
	}
	s.permit = false
}

// closed: an orderly end carries out what is recorded as sent.
func (b *books) closed() {
	for _, s := range b.line.sent {
		if s.life == b.line.born && s.permit {
			b.broken(3, "the till was closed with %s SENT and never asked for", s.key)
		}
	}
}

// hashed: a request is the one that was recorded.
func (b *books) hashed(key, request string) {
	if l := b.byKey(key); l != nil && l.RequestHash != digest(request) {
		b.broken(2, "%s leaves as another request than was recorded", key)
	}
}

// takes: what is taken of a card or an account is what was recorded.
func (b *books) takes(key string, count int64) {
	if l := b.byKey(key); l != nil && l.Count != count {
		b.broken(2, "%d are taken for %s, and the books say %d", count, key, l.Count)
	}
}

// coded: a payment code leaves once.
func (b *books) coded(key, code string) {
	if l := b.byKey(key); l != nil && l.CodeDigest != digest(code) {
		b.broken(2, "%s leaves with a payment code that is not noted", key)
	}
	for _, s := range b.line.sent {
		if s.key != key && s.code == code && !b.forgotten[s.key] {
			b.broken(2, "the payment code of %s leaves again under %s", s.key, key)
		}
	}
	b.line.of(key).code = code
}

// secret: nothing that is written down shows what must not be read.
func (b *books) secret(written string) {
	if len(written) < 8 {
		return
	}
	for _, s := range secrets {
		if strings.Contains(written, s) {
			b.broken(14, "%q is written down: it shows what is secret", written)
		}
	}
}

// leaves: no byte before its INTENT and attempt are durable, and one deed for
// each key.
func (b *books) leaves(key string, amount money.Fen) {
	l := b.byKey(key)
	switch {
	case l == nil:
		b.broken(3, "a call for %s left, and the books do not know it", key)
	case l.State != checkout.Sent:
		b.broken(3, "a call for %s left while it was %s", key, l.State)
	case amount != l.Amount:
		b.broken(2, "%s was sent with %s, and the books say %s", key, amount, l.Amount)
	case l.Class != checkout.ClassRefund && b.line.of(key).deeds > 0:
		b.broken(2, "%s was sent twice", key)
	}
}

// reverses: no reversal within 15 s of the pay, or of this start, by true time.
func (b *books) reverses(key string, born, now checkout.Instant) {
	since := max(b.line.of(key).at, born)
	if d := time.Duration(now - since); d < 15*time.Second && b.line.of(key).deeds > 0 {
		b.broken(12, "%s was reversed after %v", key, d)
	}
	if l := b.byKey(key); l != nil && l.State == checkout.Reversing {
		s := b.line.heard(key)
		if s.reversed++; s.reversed > tries {
			b.broken(11, "%s is reversed for the %dth time, and no person has it", key, s.reversed)
		}
	}
}
