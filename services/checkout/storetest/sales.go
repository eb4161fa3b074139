package storetest

import (
	"fmt"
	"reflect"
	"time"

	"cashier/services/checkout"
	"cashier/services/simulate"
)

func sellComesBackWhole(b *bench) {
	first, second := b.sell(), b.sell()
	for i, sale := range []checkout.Sale{first, second} {
		if want := fmt.Sprintf("%s-%d-%06d", b.Till.ID, b.Till.Epoch, i+1); sale.ReceiptNo != want {
			b.Errorf("receipt %q, want %q", sale.ReceiptNo, want)
		}
	}
	b.want(first)
	b.want(second)
	b.reopen()
	b.want(first)
	b.want(second)
}

// everyFieldComesBack also finds a field that was added to a sale, a line or a
// leg and is not kept.
func everyFieldComesBack(b *bench) {
	line := checkout.Line{Amount: 1100}
	fill(&line)
	sale := b.sale(line, line)
	fill(&sale)
	sale.ReceiptNo, sale.Of = "", "" // a refund's alone
	leg := b.leg(sale, checkout.ClassCode, sale.Total)
	fill(&leg)
	leg.State, leg.Booked, leg.SentOnce, leg.Attempts, leg.Reversals, leg.Seq = "", false, false, 0, 0, 0
	leg.ProviderNo, leg.PaidAt, leg.Of, leg.Kept = "", "", "", false
	event := b.event(leg, checkout.Intent)
	fill(&event)
	fill(&event.Reason)
	leg = fold(leg, event)
	sale.Legs = []checkout.Leg{leg}
	b.ok(b.Freeze(b.Context(), sale, []checkout.LegEvent{event}, nil, b.act("sale.freeze", sale.ID)))
	b.reopen()
	b.want(sale)
	b.same([]checkout.LegEvent{event}, b.books().Events)

	cart := checkout.Cart{Lines: []checkout.Line{line, {Name: "x"}, line}}
	fill(&cart)
	for i := range cart.Lines {
		cart.Lines[i].Of = 0 // a refund's alone, and that is no cart
	}
	b.ok(b.SaveCart(b.Context(), cart))
	b.reopen()
	got, err := b.LoadCart(b.Context())
	b.ok(err)
	b.same(cart, got)
}

// fill gives each plain field that is not set yet a value of its own.
func fill(v any) {
	s := reflect.ValueOf(v).Elem()
	for i := range s.NumField() {
		f, name := s.Field(i), s.Type().Field(i).Name
		if !f.IsZero() {
			continue
		}
		switch {
		case f.Kind() == reflect.String:
			f.SetString(name + ` 'ü"\ <&>` + "\u2028" + `梅`)
		case f.CanInt():
			f.SetInt(int64(1000 + i))
		case f.CanUint():
			f.SetUint(1)
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		}
	}
}

// recordsWhatWasGiven: acts, events, entries and receipts, each once and in
// order.
func recordsWhatWasGiven(b *bench) {
	var want Books
	act := func(what, subject string) checkout.Act {
		a := b.act(what, subject)
		want.Acts = append(want.Acts, a)
		return a
	}
	post := func(at time.Time, entries ...checkout.Entry) {
		no := 0
		for _, e := range want.Entries {
			if e.SaleID == entries[0].SaleID {
				no = e.No
			}
		}
		for i, e := range entries {
			want.Entries = append(want.Entries, simulate.Posted{Entry: e, No: no + i + 1, At: at})
		}
	}
	ctx := b.Context()

	sale, events, entries := b.cashSale(milk)
	a := act("sale.complete", sale.ID)
	no, err := b.Sell(ctx, sale, events, entries, a)
	b.ok(err)
	want.Events = events
	post(a.At, entries...)
	want.Receipts = []simulate.Receipt{{No: no, SaleID: sale.ID, At: sale.ClosedAt}}

	b.ok(b.Note(ctx, act("drawer.open", "抽屉")))
	b.ok(b.SaveCart(ctx, checkout.Cart{ID: "c", Lines: []checkout.Line{milk}})) // nobody's act

	sale, leg, events := b.planned(checkout.ClassCode)
	b.ok(b.Freeze(ctx, sale, events, nil, act("sale.freeze", sale.ID)))
	sent := b.event(leg, checkout.Sent)
	b.ok(b.Advance(ctx, sent, nil, act("leg.SENT", leg.Key)))
	leg = fold(leg, sent)
	refused := b.event(leg, checkout.Rejected)
	refused.Reason.Code = "refused"
	b.ok(b.Advance(ctx, refused, nil, act("leg.REJECTED", leg.Key)))
	leg = fold(leg, refused)
	want.Events = append(want.Events, events[0], sent, refused)
	sale.Legs = []checkout.Leg{leg}

	w := b.onlyWatch()
	looked := w
	looked.Step, looked.Due = 1, b.tick()
	a = act("watch.look", leg.Key)
	b.ok(b.Watch(ctx, w, looked, []checkout.Entry{late(leg), returned(leg)}, a))
	post(a.At, late(leg), returned(leg))
	want.Watches = []checkout.Watch{{Leg: checkout.Leg{ID: leg.ID, SaleID: leg.SaleID}, State: checkout.Watching, Step: 1, Due: looked.Due}}

	cash, counted := b.counted(b.leg(sale, checkout.ClassRecorded, sale.Total))
	a = act("sale.tender", sale.ID)
	b.ok(b.AddLegs(ctx, []checkout.Leg{cash}, counted, []checkout.Entry{paid(cash)}, a))
	post(a.At, paid(cash))
	b.ok(b.Close(ctx, withState(sale, checkout.Unsettled), nil, nil, act("sale.unsettled", sale.ID)))
	sale.ClosedAt = b.tick()
	a = act("sale.complete", sale.ID)
	no, err = b.Complete(ctx, sale, nil, []checkout.Entry{sold(sale)}, a)
	b.ok(err)
	post(a.At, sold(sale))
	want.Events = append(want.Events, counted...)
	want.Receipts = append(want.Receipts, simulate.Receipt{No: no, SaleID: sale.ID, At: sale.ClosedAt})

	b.same(want, b.books())
	b.reopen()
	b.same(want, b.books())
}

func withState(s checkout.Sale, state checkout.SaleState) checkout.Sale {
	s.State = state
	return s
}

func freeSaleNeedsNoLeg(b *bench) {
	gift := milk
	gift.Price, gift.Amount = 0, 0
	sale := b.sale(gift)
	no, err := b.Sell(b.Context(), sale, nil, nil, b.act("sale.complete", sale.ID))
	b.ok(err)
	got, err := b.Sale(b.Context(), sale.ID)
	b.ok(err)
	if no == "" || got.ReceiptNo != no || got.State != checkout.Complete {
		b.Errorf("receipt %q: %+v", no, got)
	}
}

func codeSale(b *bench) {
	sale, leg := b.freeze(checkout.ClassCode)
	b.want(sale)
	leg = b.advance(leg, checkout.Sent)
	sale.Legs = []checkout.Leg{leg}
	b.want(sale)
	last := b.event(leg, checkout.Paid)
	leg = fold(leg, last)
	sale.ClosedAt = b.tick()
	no, err := b.Complete(b.Context(), sale, &last, []checkout.Entry{paid(leg), sold(sale)}, b.act("sale.complete", sale.ID))
	b.ok(err)
	sale.State, sale.ReceiptNo, sale.Legs = checkout.Complete, no, []checkout.Leg{leg}
	b.want(sale)
	byKey, err := b.SaleByKey(b.Context(), leg.Key)
	b.ok(err)
	b.same(sale, byKey)
	b.reopen()
	b.want(sale)
}

func oneWayTenders(b *bench) {
	for _, class := range []checkout.Class{checkout.ClassCard, checkout.ClassMember} {
		sale, leg := b.freeze(class)
		_, err := b.Complete(b.Context(), sale, nil, nil, b.act("sale.complete", sale.ID))
		b.refused(err, "ledger.defect") // of no money, and nothing was taken yet
		leg = b.advance(leg, checkout.Sent)
		last := b.event(leg, checkout.Paid)
		no, err := b.Complete(b.Context(), sale, &last, nil, b.act("sale.complete", sale.ID))
		b.ok(err)
		sale.State, sale.ReceiptNo, sale.Legs, sale.ClosedAt = checkout.Complete, no, []checkout.Leg{fold(leg, last)}, b.clock
		b.want(sale)
	}
}

func anotherTender(b *bench) {
	sale, leg := b.freeze(checkout.ClassCode)
	leg = b.advance(leg, checkout.Sent, checkout.Rejected)
	sale.Legs = []checkout.Leg{leg}
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, sale.Total))
	b.ok(b.AddLegs(b.Context(), []checkout.Leg{cash}, events, []checkout.Entry{paid(cash)}, b.act("sale.tender", sale.ID)))
	sale.Legs = append(sale.Legs, cash)
	b.want(sale)
	no, err := b.complete(sale)
	b.ok(err)
	got, err := b.Sale(b.Context(), sale.ID)
	b.ok(err)
	if got.ReceiptNo != no || got.State != checkout.Complete || got.Change() != 50 || got.ClosedAt.IsZero() {
		b.Errorf("%+v", got)
	}
}

// legsOfAPlan: several legs are recorded at once; only then, while one of them
// is open, no more are added.
func legsOfAPlan(b *bench) {
	sale := b.sale(milk)
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, 100))
	sale.Legs = []checkout.Leg{cash}
	entries := []checkout.Entry{paid(cash)}
	for _, class := range []checkout.Class{checkout.ClassCode, checkout.ClassCard} {
		l := b.leg(sale, class, 500)
		e := b.event(l, checkout.Intent)
		sale.Legs, events = append(sale.Legs, fold(l, e)), append(events, e)
	}
	b.ok(b.Freeze(b.Context(), sale, events, entries, b.act("sale.freeze", sale.ID)))
	b.want(sale)
	more, counted := b.counted(b.leg(sale, checkout.ClassRecorded, 100))
	add := func() error {
		return b.AddLegs(b.Context(), []checkout.Leg{more}, counted, []checkout.Entry{paid(more)}, b.act("sale.tender", sale.ID))
	}
	b.refused(add(), "sale.state_changed")
	sale.Legs[1] = b.advance(sale.Legs[1], checkout.Sent, checkout.Paid)
	b.refused(add(), "sale.state_changed")
	sale.Legs[2] = b.advance(sale.Legs[2], checkout.Rejected)
	b.ok(add())
	sale.Legs = append(sale.Legs, more)
	b.want(sale)

	// Two at once; they are listed by their numbers, not in the order given.
	first := b.leg(sale, checkout.ClassRecorded, 100)
	second := b.leg(sale, checkout.ClassCode, 300)
	second.No++
	first, counted = b.counted(first)
	e := b.event(second, checkout.Intent)
	second = fold(second, e)
	b.ok(b.AddLegs(b.Context(), []checkout.Leg{second, first}, append(counted, e), []checkout.Entry{paid(first)}, b.act("sale.tender", sale.ID)))
	sale.Legs = append(sale.Legs, first, second)
	b.want(sale)
}

func salesInOrder(b *bench) {
	t0 := b.tick().Truncate(time.Millisecond)
	var ids []string
	for i, at := range []int{20_000, 10_000, 30_000, 10_000} { // microseconds; recorded out of order
		sale, _, events := b.planned(checkout.ClassCode)
		sale.OpenedAt = t0.Add(time.Duration(at+900-200*i) * time.Microsecond)
		b.ok(b.Freeze(b.Context(), sale, events, nil, b.act("sale.freeze", sale.ID)))
		ids = append(ids, sale.ID)
	}
	oldest := []string{ids[1], ids[3], ids[0], ids[2]} // two of one millisecond go by their ids
	list := func(sales []checkout.Sale, err error) []string {
		b.Helper()
		b.ok(err)
		var got []string
		for _, s := range sales {
			got = append(got, s.ID)
			b.want(s)
		}
		return got
	}
	ctx := b.Context()
	b.same(oldest, list(b.OpenSales(ctx)))
	newest := []string{ids[2], ids[0], ids[3], ids[1]}
	for _, c := range []struct {
		since time.Duration
		limit int
		want  []string
	}{
		{0, 0, newest},
		{0, -1, newest},
		{0, 9, newest},
		{0, 3, newest[:3]},
		{0, 1, newest[:1]},
		{20 * time.Millisecond, 0, newest[:2]},
		{20*time.Millisecond + 999*time.Microsecond, 0, newest[:2]}, // within the millisecond
		{21 * time.Millisecond, 0, newest[:1]},
		{10 * time.Millisecond, 3, newest[:3]},
		{time.Hour, 0, nil},
	} {
		b.same(c.want, list(b.Sales(ctx, t0.Add(c.since), c.limit)))
	}

	// What is over is no longer open, and still listed.
	leg, err := b.Sale(ctx, ids[3])
	b.ok(err)
	b.advance(leg.Legs[0], checkout.Rejected)
	b.ok(b.close(leg, checkout.Voided))
	b.sell()
	b.ok(b.close(checkout.Sale{ID: ids[0]}, checkout.Unsettled))
	b.same([]string{ids[1], ids[0], ids[2]}, list(b.OpenSales(ctx)))
	all, err := b.Sales(ctx, t0, 0)
	if b.ok(err); len(all) != 5 {
		b.Errorf("%d sales", len(all))
	}
}
