package simulate

import (
	"fmt"

	"cashier/services/checkout"
	"cashier/services/money"
)

// books is the auditor: it folds every durable write for itself, compares it
// with what really happened at the bank, and says which invariant of the payment
// path a write has broken. It trusts neither the desk nor the store.
type books struct {
	bank      *bank
	line      *line
	sales     []*audited
	next      map[string]int64 // receipt counters by till and epoch
	accounts  map[checkout.Account]money.Fen
	bad       *Broken
	forgotten map[string]bool // keys of books that were lost
	offers    []offer
	late      map[string]late // by key: money that moved for a leg that was over
	closing   bool            // the till is being closed in an orderly way
	count     func(class checkout.Class, from, to checkout.State)
}

// audited is one sale as its writes say.
type audited struct {
	checkout.Sale
	customer money.Fen // the customer's account
	issued   bool      // its receipt number
	change   money.Fen // to hand back, by what was handed over
	wantsOut bool      // somebody has pressed cancel
}

// Broken is an invariant that does not hold.
type Broken struct {
	Invariant int // its number in the list of docs/money.md; 0: the till panicked
	Why       string
}

func (b *Broken) Error() string {
	if b.Invariant == 0 {
		return b.Why
	}
	return fmt.Sprintf("invariant %d: %s", b.Invariant, b.Why)
}

func (b *books) broken(invariant int, format string, args ...any) {
	if b.bad == nil {
		b.bad = &Broken{invariant, fmt.Sprintf(format, args...)}
	}
}

func (b *books) sale(id string) *audited {
	for _, s := range b.sales {
		if s.ID == id {
			return s
		}
	}
	return nil
}

func (b *books) leg(id string) (*audited, *checkout.Leg) {
	for _, s := range b.sales {
		for i := range s.Legs {
			if s.Legs[i].ID == id {
				return s, &s.Legs[i]
			}
		}
	}
	return nil, nil
}

func (b *books) byKey(key string) *checkout.Leg {
	for _, s := range b.sales {
		for i := range s.Legs {
			if s.Legs[i].Key == key {
				return &s.Legs[i]
			}
		}
	}
	return nil
}

// froze notes a new sale. Its legs are as their first events left them.
func (b *books) froze(s checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry) {
	if b.sale(s.ID) != nil {
		b.broken(2, "sale %s was recorded twice", s.ID)
		return
	}
	a := &audited{Sale: s}
	a.Legs = append([]checkout.Leg(nil), s.Legs...)
	b.sales = append(b.sales, a)
	b.whole(a)
	b.added(a, a.Legs, events, entries)
}

func (b *books) addedLegs(legs []checkout.Leg, events []checkout.LegEvent, entries []checkout.Entry) {
	if a := b.sale(legs[0].SaleID); a != nil {
		a.Legs = append(a.Legs, legs...)
		b.added(a, legs, events, entries)
	}
}

func (b *books) added(a *audited, legs []checkout.Leg, events []checkout.LegEvent, entries []checkout.Entry) {
	for i := range legs {
		l := &legs[i]
		b.line.of(l.Key).begun = b.bank.now()
		b.written(l)
		if l.State == checkout.Paid {
			b.handedOut(a, *l)
		}
	}
	for _, e := range events {
		if e.Seq == 1 && b.count != nil {
			_, l := b.leg(e.LegID)
			b.count(l.Class, "", checkout.Intent)
		}
	}
	b.counted(a, legs)
	if a.Kind == checkout.Refund {
		b.refunded(a)
	}
	b.posted(a, entries)
	b.check(a)
}

// moved notes events, entries and perhaps a new state of a sale.
func (b *books) moved(saleID string, to checkout.SaleState, events []checkout.LegEvent, entries []checkout.Entry) {
	a := b.sale(saleID)
	if a == nil {
		b.broken(3, "sale %s moves and was never recorded", saleID)
		return
	}
	for _, e := range events {
		b.event(a, e)
	}
	if to != "" {
		if a.State == checkout.Complete || a.State == checkout.Voided {
			b.broken(8, "sale %s is %s and becomes %s", saleID, a.State, to)
		}
		if a.State == checkout.Compensating && to == checkout.Complete {
			b.broken(5, "sale %s was given up and is COMPLETE", saleID)
		}
		a.State = to
	}
	b.posted(a, entries)
	b.check(a)
}

// forget begins anew: the books were lost.
func (b *books) forget() {
	for _, s := range b.sales {
		for _, l := range s.Legs {
			if b.forgotten == nil {
				b.forgotten = map[string]bool{}
			}
			b.forgotten[l.Key] = true
		}
	}
	b.sales, b.accounts, b.offers, b.late = nil, nil, nil, nil
}

// watched notes what a watch has put on the books.
func (b *books) watched(before, next checkout.Watch, entries []checkout.Entry) {
	a := b.sale(next.Leg.SaleID)
	if a == nil {
		b.broken(3, "the watch of %s is of no sale", next.Leg.Key)
		return
	}
	b.posted(a, entries)
	b.strayed(next, entries)
	b.kept(before, next)
}

func (b *books) event(a *audited, e checkout.LegEvent) {
	_, l := b.leg(e.LegID)
	if l == nil {
		b.broken(3, "an event of leg %s, which was never recorded", e.LegID)
		return
	}
	before := l.State
	after, err := l.Apply(e)
	if err != nil {
		b.broken(8, "%v", err)
		return
	}
	*l = after
	if b.count != nil {
		b.count(l.Class, before, l.State)
	}
	b.pace(l, before)
	b.worried(l)
	b.unwanted(a, l)
	b.secret(e.Reason.Message)
	switch l.State {
	case checkout.Paid:
		b.proven(*l)
		b.handedOut(a, *l)
	case checkout.Rejected, checkout.Reversed:
		b.line.of(l.Key).ended = b.bank.now()
		b.disproven(*l)
		if l.Of != "" && before == checkout.Paid {
			b.broken(8, "%s went to the customer, and is booked back", l.Key)
		}
	case checkout.Sent:
		b.forward(a, *l)
	case checkout.Intent, checkout.Pending, checkout.Unknown, checkout.Reversing, checkout.Manual:
	}
}

// handedOut: cash goes back when all else that goes back is proven.
func (b *books) handedOut(a *audited, l checkout.Leg) {
	if l.Class != checkout.ClassRecorded || l.Of == "" {
		return
	}
	for _, x := range a.Legs {
		if x.ID != l.ID && !x.State.Final() && x.Class != checkout.ClassRecorded {
			b.broken(7, "cash of %s is handed out while %s is %s", a.ID, x.Key, x.State)
		}
	}
}

// proven: PAID only on the proof of its class.
func (b *books) proven(l checkout.Leg) {
	if l.Reason.Code == "by_hand" {
		return
	}
	switch l.Class {
	case checkout.ClassCode:
		if o := b.bank.order(l.Key); o == nil || o.holds() != l.Amount {
			b.broken(9, "%s is PAID with %s, and the bank does not hold that", l.Key, l.Amount)
		}
	case checkout.ClassCard, checkout.ClassMember:
		if k := b.bank.taken(l.Key); k == nil || k.times != 1 {
			b.broken(9, "%s is PAID, and nothing was taken", l.Key)
		}
	case checkout.ClassRefund:
		if r := b.refund(l.Key); r == nil || r.amount != l.Amount {
			b.broken(9, "%s is PAID, and the bank gave nothing back", l.Key)
		}
	case checkout.ClassRecorded:
	}
}

func (b *books) refund(key string) *refund {
	for _, o := range b.bank.orders {
		for i := range o.refunds {
			if o.refunds[i].key == key {
				return &o.refunds[i]
			}
		}
	}
	return nil
}

// disproven: REJECTED and REVERSED only when nothing left, or when the last true
// answer to a query said that the bank holds nothing.
func (b *books) disproven(l checkout.Leg) {
	s := b.line.of(l.Key)
	switch {
	case l.Reason.Code == "by_hand", l.Class == checkout.ClassRecorded:
	case l.Class == checkout.ClassCard || l.Class == checkout.ClassMember:
		if k := b.bank.taken(l.Key); k != nil && k.times > 0 {
			b.broken(9, "%s is %s, and the card was charged", l.Key, l.State)
		}
	case l.Class == checkout.ClassRefund:
		if r := b.refund(l.Key); r != nil {
			b.broken(9, "%s is %s, and the bank gives back", l.Key, l.State)
		}
	case s.deeds == 0:
	case !s.asked:
		b.broken(5, "%s is %s after it was sent, and nobody asked the bank", l.Key, l.State)
	case s.held && !s.deaf:
		b.broken(5, "%s is %s, and at the last query the bank held the money", l.Key, l.State)
	default:
		b.heardOf(l, s)
	}
}

// forward: one leg at a time, and what cannot be taken back comes last.
func (b *books) forward(a *audited, l checkout.Leg) {
	var sum money.Fen
	for _, x := range a.Legs {
		if x.State.Open() || x.State == checkout.Paid {
			sum += x.Amount
		}
	}
	if l.Attempts == 1 && sum != a.Total {
		b.broken(6, "%s is sent, and with it %s would be paid of %s", l.Key, sum, a.Total)
	}
	for _, x := range a.Legs {
		switch {
		case x.ID == l.ID:
		case x.State == checkout.Sent, x.State == checkout.Pending, x.State == checkout.Unknown:
			b.broken(6, "%s is sent while %s is %s", l.Key, x.Key, x.State)
		case x.State == checkout.Intent && (l.Class == checkout.ClassCard || l.Class == checkout.ClassMember):
			b.broken(6, "%s cannot be taken back and is sent before %s", l.Key, x.Key)
		}
	}
}

func (b *books) posted(a *audited, entries []checkout.Entry) {
	for _, e := range entries {
		var sum money.Fen
		for _, p := range e.Postings {
			sum += p.Amount
			if p.Account == checkout.AccCustomer {
				a.customer += p.Amount
			}
			if b.accounts == nil {
				b.accounts = map[checkout.Account]money.Fen{}
			}
			b.accounts[p.Account] += p.Amount
		}
		if sum != 0 {
			b.broken(1, "the %s entry of %s is out by %s", e.Kind, a.ID, sum)
		}
	}
}

// check is what holds of a sale after every write.
func (b *books) check(a *audited) {
	switch a.State {
	case checkout.Complete:
		for _, l := range a.Legs {
			if !l.State.Final() {
				b.broken(4, "sale %s is COMPLETE while %s is %s", a.ID, l.Key, l.State)
			}
		}
		if a.Paid() != a.Total {
			b.broken(4, "sale %s is COMPLETE with %s paid of %s", a.ID, a.Paid(), a.Total)
		}
		if a.customer != 0 {
			b.broken(4, "sale %s is COMPLETE, and the customer's account ends at %s", a.ID, a.customer)
		}
		if !a.issued {
			b.broken(7, "sale %s is COMPLETE without a receipt number", a.ID)
		}
	case checkout.Voided:
		for _, l := range a.Legs {
			if l.State != checkout.Rejected && l.State != checkout.Reversed {
				b.broken(5, "sale %s is VOIDED while %s is %s", a.ID, l.Key, l.State)
			}
		}
		if a.customer != 0 {
			b.broken(5, "sale %s is VOIDED, and the customer's account ends at %s", a.ID, a.customer)
		}
	case checkout.Tendering, checkout.Unsettled, checkout.Compensating:
	}
}

// receipt notes a receipt number: TILL-EPOCH-NNNNNN, without gaps.
func (b *books) receipt(saleID, no string) {
	a := b.sale(saleID)
	if a == nil {
		return
	}
	if a.issued {
		b.broken(7, "sale %s has two receipt numbers", saleID)
	}
	a.issued = true
	var till string
	var epoch, n int64
	if _, err := fmt.Sscanf(no, "%6s-%d-%d", &till, &epoch, &n); err != nil {
		b.broken(7, "%q is no receipt number", no)
		return
	}
	series := fmt.Sprintf("%s-%d", till, epoch)
	if b.next[series]++; n != b.next[series] {
		b.broken(7, "receipt number %s follows number %d", no, b.next[series]-1)
	}
}

// told: what a screen, a drawer or a printer hears of is durable.
func (b *books) told(s checkout.Sale) {
	if s.State != checkout.Complete {
		return
	}
	a := b.sale(s.ID)
	if a == nil || a.State != checkout.Complete || !a.issued {
		b.broken(7, "sale %s was said to be complete before it was durable", s.ID)
		return
	}
	b.handsBack(a, s)
}

// completedBy: who sold is in the audit trail, and not the till.
func (b *books) completedBy(saleID string, act checkout.Act) {
	if a := b.sale(saleID); a != nil && act.Actor.ID != a.Actor.ID {
		b.broken(13, "sale %s of %s is said to be completed by %s", saleID, a.Actor.ID, act.Actor.ID)
	}
}

// written holds what is noted of a leg against what nobody may read.
func (b *books) written(l *checkout.Leg) {
	b.secret(l.CodeDigest)
	b.secret(l.RequestHash)
	b.secret(l.SealedCard)
	b.secret(l.CardLast4)
	b.secret(l.Reason.Message)
}
