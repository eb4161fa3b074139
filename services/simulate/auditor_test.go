package simulate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/money"
)

// audit is an auditor with the books of one complete sale over 3.00: two pieces
// over 2.00 and 300 g over 1.00, paid 1.00 in cash, of 1.20, and 2.00 by code.
func audit(t *testing.T) (*books, *checkout.Instant) {
	t.Helper()
	now := new(checkout.Instant)
	bk := &bank{draw: seeded(1), now: func() checkout.Instant { return *now }, calm: true}
	b := &books{bank: bk, line: &line{draw: bk.draw, bank: bk}, next: map[string]int64{}}
	s := checkout.Sale{
		ID: "S1", Kind: checkout.Goods, State: checkout.Complete, Total: 300, CartID: "c1", Actor: access.Actor{ID: "anna"},
		Lines: []checkout.Line{{Qty: 2, Amount: 200}, {Grams: 300, UnitGrams: 500, Amount: 100}},
		Legs: []checkout.Leg{
			{ID: "L1", Key: "K-1", SaleID: "S1", No: 1, Class: checkout.ClassRecorded, Method: checkout.MethodCash, Amount: 100, Tendered: 120, State: checkout.Paid, Seq: 2},
			{ID: "L2", Key: "K-2", SaleID: "S1", No: 2, Class: checkout.ClassCode, Amount: 200, State: checkout.Paid, Seq: 3, SentOnce: true, Attempts: 1, RequestHash: digest("K-2|2.00|x"), CodeDigest: digest("x")},
		},
	}
	b.sales = []*audited{{Sale: s, issued: true, change: 20}}
	b.offers = []offer{{of: "c1", cash: 120, due: 100}}
	return b, now
}

// bringing is a refund of that sale.
func bringing(id string, total money.Fen, lines []checkout.Line, legs ...checkout.Leg) *audited {
	for i := range legs {
		legs[i].ID, legs[i].Key, legs[i].SaleID, legs[i].No = id+legs[i].Of, id+legs[i].Of, id, i+1
	}
	return &audited{Sale: checkout.Sale{ID: id, Kind: checkout.Refund, Of: "S1", State: checkout.Tendering, Total: total, Lines: lines, Legs: legs}}
}

func gives(of string, amount money.Fen, as checkout.State) checkout.Leg {
	return checkout.Leg{Of: of, Class: checkout.ClassRefund, Amount: amount, State: as}
}

func pieces(of int, qty int64, amount money.Fen) []checkout.Line {
	return []checkout.Line{{Of: of, Qty: qty, Amount: amount}}
}

func TestTheAuditorNoticesEachWrong(t *testing.T) {
	code := func(b *books) *checkout.Leg { return &b.sales[0].Legs[1] }
	for name, c := range map[string]struct {
		breaks int // 0: nothing is wrong
		do     func(b *books, now *checkout.Instant)
	}{
		"cash that nobody handed over": {4, func(b *books, _ *checkout.Instant) {
			b.counted(b.sales[0], []checkout.Leg{{Class: checkout.ClassRecorded, Method: checkout.MethodCash, Amount: 100, Tendered: 240}})
		}},
		"cash as handed over": {0, func(b *books, _ *checkout.Instant) { b.counted(b.sales[0], b.sales[0].Legs) }},
		"the change":          {0, func(b *books, _ *checkout.Instant) { b.told(b.sales[0].Sale) }},
		"other change": {4, func(b *books, _ *checkout.Instant) {
			s := b.sales[0].Sale
			s.Legs = append([]checkout.Leg(nil), s.Legs...)
			s.Legs[0].Tendered = 240
			b.told(s)
		}},
		"lines that come to another sum": {4, func(b *books, _ *checkout.Instant) {
			b.sales[0].Total = 299
			b.whole(b.sales[0])
		}},
		"a payment given back": {0, func(b *books, _ *checkout.Instant) {
			tried(b, bringing("R", 200, nil, gives("K-2", 200, checkout.Sent)))
		}},
		"more than a payment": {4, func(b *books, _ *checkout.Instant) {
			tried(b, bringing("R", 150, nil, gives("K-2", 150, checkout.Unknown)), bringing("Q", 60, nil, gives("K-2", 60, checkout.Intent)))
		}},
		"more than a sale": {4, func(b *books, _ *checkout.Instant) {
			tried(b, bringing("R", 300, nil, gives("K-2", 200, checkout.Rejected)), bringing("Q", 1, nil, gives("K-2", 1, checkout.Intent)))
		}},
		"what is not paid": {4, func(b *books, _ *checkout.Instant) {
			code(b).State = checkout.Reversed
			tried(b, bringing("R", 10, nil, gives("K-2", 10, checkout.Intent)))
		}},
		"a line twice": {4, func(b *books, _ *checkout.Instant) {
			tried(b, bringing("R", 0, pieces(1, 2, 0)), bringing("Q", 0, pieces(1, 1, 0)))
		}},
		"a share rounded up": {4, func(b *books, _ *checkout.Instant) { tried(b, bringing("R", 101, pieces(1, 1, 101))) }},
		"its share": {0, func(b *books, _ *checkout.Instant) {
			tried(b, bringing("R", 100, pieces(1, 1, 100), gives("K-2", 100, checkout.Sent)))
		}},
		"another payment than was said": {4, func(b *books, _ *checkout.Instant) {
			b.asWanted(checkout.RefundRequest{Key: "K-1"}, bringing("R", 1, nil, gives("K-2", 1, checkout.Intent)).Sale)
		}},
		"goods of no line": {4, func(b *books, _ *checkout.Instant) {
			b.asWanted(checkout.RefundRequest{All: true}, bringing("R", 1, pieces(0, 1, 1)).Sale)
		}},
		"another request than was recorded": {2, func(b *books, _ *checkout.Instant) { b.hashed("K-2", "K-2|4.00|x") }},
		"the recorded request":              {0, func(b *books, _ *checkout.Instant) { b.hashed("K-2", "K-2|2.00|x") }},
		"a code that was not noted":         {2, func(b *books, _ *checkout.Instant) { b.coded("K-2", "y") }},
		"a code twice": {2, func(b *books, _ *checkout.Instant) {
			b.line.of("K-0").code = "x"
			b.coded("K-2", "x")
		}},
		"more times than recorded": {2, func(b *books, _ *checkout.Instant) { b.takes("K-2", 1) }},
		"a call without its SENT":  {3, func(b *books, _ *checkout.Instant) { b.mayCall("K-2") }},
		"a SENT without its call": {3, func(b *books, _ *checkout.Instant) {
			b.line.heard("K-2").permit = true
			b.closed()
		}},
		"a second pay": {2, func(b *books, _ *checkout.Instant) {
			b.line.deed("K-2")
			b.mayCall("K-2")
		}},
		"asked too soon": {12, func(b *books, now *checkout.Instant) {
			code(b).State = checkout.Unknown
			b.asks("K-2")
			*now = after(*now, 1999*time.Millisecond)
			b.asks("K-2")
		}},
		"asked in time": {0, func(b *books, now *checkout.Instant) {
			code(b).State = checkout.Unknown
			b.asks("K-2")
			*now = after(*now, 2*time.Second)
			b.asks("K-2")
		}},
		"a day by itself": {11, func(b *books, now *checkout.Instant) {
			code(b).State = checkout.Reversing
			*now = after(*now, 25*time.Hour)
			b.pace(code(b), checkout.Reversing)
		}},
		"a person too early": {11, func(b *books, _ *checkout.Instant) {
			code(b).State, code(b).Reversals, code(b).Reason.Code = checkout.Manual, 11, "not_reversed"
			b.pace(code(b), checkout.Reversing)
		}},
		"a thirteenth reversal": {11, func(b *books, now *checkout.Instant) {
			code(b).State = checkout.Reversing
			for range 13 {
				*now = after(*now, time.Minute)
				b.reverses("K-2", 0, *now)
			}
		}},
		"an alarm that was not raised": {9, func(b *books, _ *checkout.Instant) {
			code(b).Reason.Code = "mismatch"
			b.worried(code(b))
		}},
		"given up by nobody": {6, func(b *books, _ *checkout.Instant) {
			b.unwanted(b.sales[0], &checkout.Leg{State: checkout.Rejected, Reason: checkout.Reason{Code: "cancelled"}})
		}},
		"the till as the cashier": {13, func(b *books, _ *checkout.Instant) {
			b.completedBy("S1", checkout.Act{Actor: access.Actor{ID: "till"}})
		}},
		"a code at rest": {14, func(b *books, _ *checkout.Instant) { b.secret("the code was " + codes + "12345") }},
		"cash that went out, booked back": {8, func(b *books, _ *checkout.Instant) {
			b.sales = append(b.sales, bringing("R", 10, nil, checkout.Leg{Of: "K-1", Class: checkout.ClassRecorded, Amount: 10, State: checkout.Paid}))
			b.event(b.sales[1], checkout.LegEvent{LegID: "RK-1", Seq: 1, State: checkout.Reversed})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b, now := audit(t)
			c.do(b, now)
			switch {
			case b.bad == nil && c.breaks != 0:
				t.Errorf("invariant %d is not missed", c.breaks)
			case b.bad != nil && b.bad.Invariant != c.breaks:
				t.Error(b.bad)
			}
		})
	}
}

func tried(b *books, refunds ...*audited) {
	for _, r := range refunds {
		b.sales = append(b.sales, r)
		b.refunded(r)
	}
}

// What ends a payment as not taken was said to the till.
func TestTheAuditorKnowsWhatTheTillWasTold(t *testing.T) {
	gone := no("ORDER_NOT_EXIST", "订单不存在")
	closed := yes()
	closed.Key, closed.Order = "K-2", checkout.OrderClosed
	type said struct {
		op checkout.Op
		a  checkout.Answer
	}
	reversed := said{checkout.OpReverse, yes()}
	silence := said{checkout.OpReverse, checkout.Answer{}}
	missing := said{checkout.OpQuery, gone}
	other := said{checkout.OpQuery, checkout.Answer{}}
	for name, c := range map[string]struct {
		reason string
		told   []said
		fine   bool
	}{
		"closed":                       {"closed", []said{{checkout.OpQuery, closed}}, true},
		"nobody said so":               {"closed", []said{missing}, false},
		"twice behind a reversal":      {"never_arrived", []said{reversed, missing, missing}, true},
		"once":                         {"never_arrived", []said{reversed, missing}, false},
		"not behind one":               {"never_arrived", []said{silence, missing, missing}, false},
		"not in a row":                 {"never_arrived", []said{reversed, missing, other, missing}, false},
		"a reason that is none at all": {"cancelled", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := audit(t)
			for _, s := range c.told {
				b.line.tells(s.op, "K-2", 200, s.a)
			}
			b.heardOf(checkout.Leg{Key: "K-2", State: checkout.Reversed, Reason: checkout.Reason{Code: c.reason}}, b.line.of("K-2"))
			if (b.bad == nil) != c.fine {
				t.Error(b.bad)
			}
		})
	}
}

// A till that panics, or never comes to rest, is a failure with its seed and its
// story like any other.
func TestAPanicIsAFailure(t *testing.T) {
	var b *Broken
	if out := schedule(Options{Tier: TierCore}, seeded(1), nil, nil); !errors.As(out.err, &b) || b.Invariant != 0 || !strings.Contains(b.Error(), "panicked") {
		t.Errorf("%v", out.err)
	}
	if err := gaveUp(livelock{}); !errors.As(err, &b) || b.Invariant != 11 {
		t.Error(err)
	}
	tasks := newTasks(seeded(1), &crew{})
	tasks.Go(func() {
		for {
			tasks.sleep(0)
		}
	})
	if got := tasks.run(after(0, time.Second)); got != (livelock{}) {
		t.Errorf("%v", got)
	}
}

// A hand that was freed carries out the next task, also after a power cut.
func TestHandsAreUsedAgain(t *testing.T) {
	c := &crew{}
	tasks := newTasks(seeded(1), c)
	ended, unwound := 0, 0
	for range 3 {
		tasks.Go(func() { ended++ })
		tasks.Go(func() {
			defer func() { unwound++ }()
			tasks.sleep(time.Hour)
			t.Error("it goes on without power")
		})
		if got := tasks.run(after(tasks.mono, time.Minute)); got != nil {
			t.Fatal(got)
		}
		tasks.cut = true
		tasks.run(0)
	}
	if ended != 3 || unwound != 3 || len(c.idle) != 2 {
		t.Errorf("%d ended, %d unwound, %d hands", ended, unwound, len(c.idle))
	}
	c.dismiss()
}
