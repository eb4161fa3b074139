package simulate

import (
	"context"
	"errors"
	"time"

	"cashier/services/checkout"
)

// Mutant is a wrong policy. Each is tried to show that the invariants would
// notice it. They are made at the desk's doors, so that nothing of them is in
// the desk itself.
type Mutant int

// The wrong policies, in the order of docs/money.md.
const (
	None             Mutant = iota
	NotFoundIsFailed        // "no such order" is taken as proof that nothing was charged
	TrustReverse            // a reversal is believed because its call said SUCCESS
	NoLateWatch             // what ended without proof is not looked at again
	PayAgain                // a pay that timed out is sent again
	IntentAfterSend         // the books are written after the call
	OneWayFirst             // what cannot be taken back goes first
	NewKeyOn801             // a known order number is answered with a new one
	WallClock               // the 15 s before a reversal go by the wall clock
	UnknownIsFailed         // 703 is taken as a failure
	AnySuccessIsPaid        // whatever says SUCCESS is paid
	TornComplete            // COMPLETE and its receipt in two transactions
	KeyWithoutEpoch         // keys do not carry the epoch
)

var mutantNames = map[Mutant]string{
	NotFoundIsFailed: "NOT_FOUND = failed", TrustReverse: "trust the reverse's answer", NoLateWatch: "no late watch",
	PayAgain: "pay again on timeout", IntentAfterSend: "INTENT after send", OneWayFirst: "irreversible leg first",
	NewKeyOn801: "new key on 801", WallClock: "reversal timed by wall clock", UnknownIsFailed: "703 = failed",
	AnySuccessIsPaid: "unsigned or wrong-amount SUCCESS = PAID", TornComplete: "COMPLETE not in one transaction",
	KeyWithoutEpoch: "key without epoch after a restore",
}

var mutantBreaks = map[Mutant]int{
	NotFoundIsFailed: 5, TrustReverse: 5, NoLateWatch: 9, PayAgain: 2, IntentAfterSend: 3, OneWayFirst: 6, NewKeyOn801: 3,
	WallClock: 12, UnknownIsFailed: 5, AnySuccessIsPaid: 9, TornComplete: 7, KeyWithoutEpoch: 2,
}

func (m Mutant) String() string { return mutantNames[m] }

type gateways struct{ codes checkout.CodeGateway }

func (w *world) gateways() gateways {
	g := gateway{w}
	switch w.wrong {
	case NotFoundIsFailed, TrustReverse, PayAgain, NewKeyOn801, UnknownIsFailed, AnySuccessIsPaid, NoLateWatch:
		return gateways{&wrongGateway{gateway: g, wrong: w.wrong}}
	case None, IntentAfterSend, OneWayFirst, WallClock, TornComplete, KeyWithoutEpoch:
	}
	return gateways{g}
}

// wrongGateway lets the desk believe what the wrong policy would.
type wrongGateway struct {
	gateway
	wrong    Mutant
	believed []string // keys it takes as closed
}

func (g *wrongGateway) Pay(ctx context.Context, c checkout.PayCall) checkout.Answer {
	a := g.gateway.Pay(ctx, c)
	switch {
	case g.wrong == PayAgain && a.Delivery == checkout.Silent:
		return g.gateway.Pay(ctx, c)
	case g.wrong == NewKeyOn801 && a.Delivery == checkout.Silent: // asked again, and known: a new number
		again := c
		again.Key += "-2"
		a = g.gateway.Pay(ctx, again)
		a.Key = c.Key
		return a
	case g.wrong == UnknownIsFailed && a.Code == "703":
		g.believed = append(g.believed, c.Key)
	}
	return g.believe(c.Key, a)
}

func (g *wrongGateway) Query(ctx context.Context, key string) checkout.Answer {
	for _, k := range g.believed {
		if k == key {
			return orderClosed(key)
		}
	}
	if g.wrong == NoLateWatch && g.over(key) {
		return orderClosed(key) // nobody asks
	}
	a := g.gateway.Query(ctx, key)
	if a.Code == "ORDER_NOT_EXIST" && g.wrong == NotFoundIsFailed {
		return orderClosed(key)
	}
	return g.believe(key, a)
}

// over reports that only a watch still asks about the key.
func (g *wrongGateway) over(key string) bool {
	l := g.w.books.byKey(key)
	return l != nil && l.State.Final()
}

func (g *wrongGateway) Reverse(ctx context.Context, key string) checkout.Answer {
	if g.wrong == NoLateWatch && g.over(key) {
		return checkout.Answer{}
	}
	a := g.gateway.Reverse(ctx, key)
	if g.wrong == TrustReverse && a.Verdict == "SUCCESS" {
		g.believed = append(g.believed, key)
	}
	return a
}

func (g *wrongGateway) believe(key string, a checkout.Answer) checkout.Answer {
	if g.wrong != AnySuccessIsPaid || a.Verdict != "SUCCESS" || a.Order != checkout.OrderPaid {
		return a
	}
	if l := g.w.books.byKey(key); l != nil {
		a.Key, a.Amount, a.HasAmount, a.Signature = key, l.Amount, true, checkout.Signed
	}
	return a
}

func orderClosed(key string) checkout.Answer {
	a := yes()
	a.Key, a.Order = key, checkout.OrderClosed
	return a
}

func (w *world) timers() checkout.Timers { return checkout.DefaultTimers() }

func (w *world) mutantClock(t *Tasks) checkout.Scheduler {
	if w.wrong == WallClock {
		return wallClock{t}
	}
	return t
}

// wallClock takes the wall clock for the one that decides.
type wallClock struct{ *Tasks }

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (c wallClock) Now() checkout.Now {
	n := c.Tasks.Now()
	n.Mono = checkout.Instant(n.Wall.Sub(epoch))
	return n
}

// Wait ends when the wall clock says so.
func (c wallClock) Wait(ctx context.Context, until checkout.Instant, wake <-chan struct{}) bool {
	if until != checkout.Never {
		wall := checkout.Instant(c.Tasks.Now().Wall.Sub(epoch))
		until = c.Tasks.Now().Mono + max(0, until-wall)
	}
	return c.Tasks.Wait(ctx, until, wake)
}

func (w *world) mutantStore(d *disk) checkout.Store {
	switch w.wrong {
	case IntentAfterSend, OneWayFirst, TornComplete:
		return &wrongStore{disk: d, wrong: w.wrong}
	case None, NotFoundIsFailed, TrustReverse, NoLateWatch, PayAgain, NewKeyOn801, WallClock, UnknownIsFailed, AnySuccessIsPaid, KeyWithoutEpoch:
	}
	return d
}

// wrongStore writes late, in the wrong order, or in two steps.
type wrongStore struct {
	*disk
	wrong Mutant
	late  []func() error
}

func (s *wrongStore) Freeze(ctx context.Context, sale checkout.Sale, events []checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if n := len(sale.Legs); s.wrong == OneWayFirst && n > 1 && sale.Legs[n-1].Class != checkout.ClassCode {
		// The legs are the desk's own: it goes through them in this order.
		sale.Legs[n-1], sale.Legs[n-2] = sale.Legs[n-2], sale.Legs[n-1]
	}
	return s.disk.Freeze(ctx, sale, events, entries, a)
}

func (s *wrongStore) Advance(ctx context.Context, e checkout.LegEvent, entries []checkout.Entry, a checkout.Act) error {
	if s.wrong == IntentAfterSend && e.State == checkout.Sent {
		s.late = append(s.late, func() error { return s.disk.Advance(ctx, e, entries, a) })
		return nil
	}
	for _, write := range s.late {
		if err := write(); err != nil {
			return err
		}
	}
	s.late = nil
	return s.disk.Advance(ctx, e, entries, a)
}

func (s *wrongStore) Complete(ctx context.Context, sale checkout.Sale, last *checkout.LegEvent, entries []checkout.Entry, a checkout.Act) (string, error) {
	if s.wrong != TornComplete {
		return s.disk.Complete(ctx, sale, last, entries, a)
	}
	// The state in one transaction; the receipt number in the next, if there is one.
	var events []checkout.LegEvent
	if last != nil {
		events = append(events, *last)
	}
	torn := func() { s.w.books.moved(sale.ID, checkout.Complete, events, entries) }
	if err := s.write("COMPLETE "+sale.ID+", its number to follow", func() error { return nil }, torn); err != nil {
		return "", err
	}
	return s.disk.Complete(ctx, sale, last, entries, a)
}

// Mutants lists the wrong policies.
func Mutants() []Mutant {
	all := make([]Mutant, 0, len(mutantNames))
	for m := NotFoundIsFailed; m <= KeyWithoutEpoch; m++ {
		all = append(all, m)
	}
	return all
}

// Breaks is the invariant of docs/money.md that has to notice the policy.
func (m Mutant) Breaks() int { return mutantBreaks[m] }

// notices reports that a schedule ended as it has to: for a wrong policy only by
// the invariant that is there for it.
func (m Mutant) notices(err error) bool {
	var b *Broken
	return m == None || !errors.As(err, &b) || b.Invariant == m.Breaks()
}
