package storetest

import (
	"fmt"
	"time"

	"cashier/services/checkout"
	"cashier/services/simulate"
)

func voidBooksCashBack(b *bench) {
	sale, cash := b.mixed()
	back := b.event(cash, checkout.Reversed)
	sale.State, sale.Reason, sale.ClosedAt = checkout.Voided, "顾客不要了", b.tick()
	b.ok(b.Close(b.Context(), sale, []checkout.LegEvent{back}, []checkout.Entry{reversed(cash)}, b.act("sale.void", sale.ID)))
	sale.Legs[0] = fold(cash, back)
	b.want(sale)
	b.untouched(func() {
		for _, state := range []checkout.SaleState{checkout.Voided, checkout.Unsettled, checkout.Compensating} {
			b.refused(b.close(sale, state), "sale.state_changed")
		}
		_, err := b.complete(sale)
		b.refused(err, "sale.state_changed")
		more, events := b.counted(b.leg(sale, checkout.ClassRecorded, 1100))
		b.refused(b.AddLegs(b.Context(), []checkout.Leg{more}, events, []checkout.Entry{paid(more)}, b.act("sale.tender", sale.ID)), "sale.state_changed")
		b.refused(b.Advance(b.Context(), b.event(sale.Legs[1], checkout.Manual), nil, b.act("leg.MANUAL", "")), "sale.state_changed")
		last := back // even what is there already is not said to a sale that is over
		b.refused(b.Advance(b.Context(), last, nil, b.act("leg.REVERSED", "")), "sale.state_changed")
	})
	b.reopen()
	b.want(sale)
}

func unsettledEndsLater(b *bench) {
	sale, leg := b.freeze(checkout.ClassCode)
	leg = b.advance(leg, checkout.Sent, checkout.Unknown)
	aside := sale
	aside.State, aside.Reason, aside.ClosedAt = checkout.Unsettled, "silent", b.tick()
	b.ok(b.Close(b.Context(), aside, nil, nil, b.act("sale.unsettled", sale.ID)))
	aside.Legs, aside.ClosedAt = []checkout.Leg{leg}, time.Time{} // set aside is no end
	b.want(aside)
	cash := b.leg(sale, checkout.ClassRecorded, sale.Total)
	b.untouched(func() {
		b.refused(b.close(aside, checkout.Unsettled), "sale.state_changed")
		b.refused(b.AddLegs(b.Context(), []checkout.Leg{cash}, []checkout.LegEvent{b.event(cash, checkout.Intent)}, nil, b.act("sale.tender", sale.ID)), "sale.state_changed")
	})
	b.reopen()
	open, err := b.OpenSales(b.Context())
	b.ok(err)
	b.same([]checkout.Sale{aside}, open)
	last := b.event(leg, checkout.Paid)
	_, err = b.Complete(b.Context(), sale, &last, []checkout.Entry{paid(leg), sold(sale)}, b.act("sale.complete", sale.ID))
	b.ok(err)
	got, err := b.Sale(b.Context(), sale.ID)
	b.ok(err)
	if got.Reason != "" || got.State != checkout.Complete {
		b.Errorf("%+v", got)
	}
	if open, err = b.OpenSales(b.Context()); err != nil || len(open) != 0 {
		b.Errorf("still open: %v, %v", open, err)
	}

	// Further legs may be added to a sale that was set aside.
	sale, leg = b.freeze(checkout.ClassCode)
	sale.Legs[0] = b.advance(leg, checkout.Rejected)
	b.ok(b.close(sale, checkout.Unsettled))
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, sale.Total))
	b.ok(b.AddLegs(b.Context(), []checkout.Leg{cash}, events, []checkout.Entry{paid(cash)}, b.act("sale.tender", sale.ID)))
	_, err = b.complete(sale)
	b.ok(err)
}

// A sale is taken back only when nothing of it is under way, and one that is
// being taken back is not completed.
func nothingIsTakenBackUnderAPayment(b *bench) {
	sale, leg := b.freeze(checkout.ClassCode)
	for _, state := range []checkout.State{checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Manual} {
		b.refused(b.close(sale, checkout.Compensating), "sale.state_changed")
		leg = b.advance(leg, state)
	}
	b.refused(b.close(sale, checkout.Compensating), "sale.state_changed")
	leg = b.advance(leg, checkout.Paid)
	b.ok(b.close(sale, checkout.Compensating))
	b.untouched(func() {
		_, err := b.complete(sale)
		b.refused(err, "sale.state_changed")
		more := b.leg(checkout.Sale{ID: sale.ID, Legs: []checkout.Leg{leg}}, checkout.ClassCode, 1)
		b.refused(b.AddLegs(b.Context(), []checkout.Leg{more}, []checkout.LegEvent{b.event(more, checkout.Intent)}, nil, b.act("sale.tender", sale.ID)), "sale.state_changed")
		b.refused(b.close(sale, checkout.Compensating), "sale.state_changed")
	})
}

// givenUp takes a sale back to its end: the code's money by its provider, the
// cash by hand.
func givenUp(b *bench) {
	sale := b.sale(milk)
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, 100))
	sale.Legs = []checkout.Leg{cash}
	code := b.leg(sale, checkout.ClassCode, 500)
	e := b.event(code, checkout.Intent)
	code = fold(code, e)
	sale.Legs = append(sale.Legs, code)
	b.ok(b.Freeze(b.Context(), sale, append(events, e), []checkout.Entry{paid(cash)}, b.act("sale.freeze", sale.ID)))
	code = b.advance(code, checkout.Sent, checkout.Paid)
	sale.State, sale.Reason = checkout.Compensating, "given_up"
	b.ok(b.Close(b.Context(), sale, nil, nil, b.act("sale.compensate", sale.ID)))
	sale.Legs = []checkout.Leg{cash, code}
	b.want(sale)
	void := func() error {
		back := b.event(cash, checkout.Reversed)
		s := sale
		s.State, s.ClosedAt = checkout.Voided, b.tick()
		return b.Close(b.Context(), s, []checkout.LegEvent{back}, []checkout.Entry{reversed(cash)}, b.act("sale.void", sale.ID))
	}
	b.refused(void(), "ledger.defect") // the provider still has it
	code = b.advance(code, checkout.Reversing)
	b.refused(void(), "ledger.defect")
	b.reopen()
	b.advance(code, checkout.Reversing, checkout.Reversed)
	b.ok(void())
	got, err := b.Sale(b.Context(), sale.ID)
	b.ok(err)
	if got.State != checkout.Voided || got.Paid() != 0 || got.Legs[1].Reversals != 2 || got.ReceiptNo != "" {
		b.Errorf("%+v", got)
	}
}

func oneReceipt(b *bench) {
	sale, events, entries := b.cashSale(milk)
	first, err := b.Sell(b.Context(), sale, events, entries, b.act("sale.complete", sale.ID))
	b.ok(err)
	b.untouched(func() {
		_, err = b.complete(sale)
		b.refused(err, "sale.state_changed")
		no, err := b.Sell(b.Context(), sale, events, entries, b.act("sale.complete", sale.ID))
		b.refused(err, "ledger.refused")
		if no != "" {
			b.Errorf("a number came with a refusal: %s", no)
		}
	})
	sale.ReceiptNo = first
	b.want(sale)
}

// receiptsWithoutGaps: whatever was refused in between took no number.
func receiptsWithoutGaps(b *bench) {
	var want []simulate.Receipt
	count := func(sale checkout.Sale, no string) {
		b.Helper()
		if expected := fmt.Sprintf("%s-%d-%06d", b.Till.ID, b.Till.Epoch, len(want)+1); no != expected {
			b.Fatalf("receipt %q, want %q", no, expected)
		}
		want = append(want, simulate.Receipt{No: no, SaleID: sale.ID})
	}
	for range 3 {
		sale := b.sell()
		count(sale, sale.ReceiptNo)

		bad, events, entries := b.cashSale(milk)
		bad.Total++
		no, err := b.Sell(b.Context(), bad, events, entries, b.act("sale.complete", bad.ID))
		b.refused(err, "ledger.defect")
		if no != "" {
			b.Errorf("a number came with a refusal: %s", no)
		}
		sale, leg := b.freeze(checkout.ClassCode)
		if no, err = b.complete(sale); no != "" {
			b.Errorf("a number came with a refusal: %s", no)
		}
		b.refused(err, "ledger.defect")
		b.advance(leg, checkout.Sent, checkout.Paid)
		b.reopen()
		no, err = b.complete(sale)
		b.ok(err)
		count(sale, no)

		void, leg := b.freeze(checkout.ClassCode)
		b.advance(leg, checkout.Rejected)
		b.ok(b.close(void, checkout.Voided))
	}
	got := b.books().Receipts
	for i := range got {
		got[i].At = time.Time{}
	}
	b.same(want, got)
}

// endsHaveATime: the sale's own, or that of the act.
func endsHaveATime(b *bench) {
	a := b.act("sale.end", "")
	closedAt := func(sale checkout.Sale, want time.Time) {
		b.Helper()
		got, err := b.Sale(b.Context(), sale.ID)
		b.ok(err)
		b.same(want, got.ClosedAt)
	}
	sale, events, entries := b.cashSale(milk)
	sale.ClosedAt = time.Time{}
	_, err := b.Sell(b.Context(), sale, events, entries, a)
	b.ok(err)
	closedAt(sale, a.At)

	sale, leg := b.freeze(checkout.ClassCode)
	b.advance(leg, checkout.Sent, checkout.Paid)
	_, err = b.Complete(b.Context(), sale, nil, []checkout.Entry{sold(sale)}, a)
	b.ok(err)
	closedAt(sale, a.At)

	for _, at := range []time.Time{{}, b.tick()} {
		sale, leg = b.freeze(checkout.ClassCode)
		b.advance(leg, checkout.Rejected)
		sale.State, sale.ClosedAt = checkout.Voided, at
		b.ok(b.Close(b.Context(), sale, nil, nil, a))
		if at.IsZero() {
			at = a.At
		}
		closedAt(sale, at)
	}

	// Without any time there is no end.
	a.At = time.Time{}
	sale, leg = b.freeze(checkout.ClassCode)
	b.advance(leg, checkout.Sent, checkout.Paid)
	gone, leg := b.freeze(checkout.ClassCode)
	b.advance(leg, checkout.Rejected)
	gone.State = checkout.Voided
	b.untouched(func() {
		_, err = b.Complete(b.Context(), sale, nil, []checkout.Entry{sold(sale)}, a)
		b.refused(err, "ledger.refused")
		b.refused(b.Close(b.Context(), gone, nil, nil, a), "ledger.refused")
		cash, events, entries := b.cashSale(milk)
		cash.ClosedAt = time.Time{}
		_, err = b.Sell(b.Context(), cash, events, entries, a)
		b.refused(err, "ledger.refused")
	})
}
