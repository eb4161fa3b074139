package storetest

import "cashier/services/checkout"

// refund is a refund in cash of the first line of a sale sold for cash.
func (m *maker) refund(of checkout.Sale) (checkout.Sale, []checkout.LegEvent, []checkout.Entry) {
	line := of.Lines[0]
	line.Of = 1
	sale := m.sale(line)
	sale.Kind, sale.Of, sale.CartID = checkout.Refund, of.ID, ""
	out := m.leg(sale, checkout.ClassRecorded, sale.Total)
	out.Of, out.Tendered = of.Legs[0].Key, 0
	l, events := m.counted(out)
	sale.Legs, sale.State, sale.ClosedAt = []checkout.Leg{l}, checkout.Complete, m.tick()
	return sale, events, []checkout.Entry{
		transfer(sale.ID, l.ID, "paid", "customer", "drawer", l.Amount),
		transfer(sale.ID, "", "complete", "refunds", "customer", l.Amount),
	}
}

// freezeRefund is a refund of a sale by code, as planned freezes a sale.
func (b *bench) freezeRefund() (checkout.Sale, checkout.Leg) {
	b.Helper()
	sale, took := b.freeze(checkout.ClassCode)
	took = b.advance(took, checkout.Sent, checkout.Paid)
	sale.Legs = []checkout.Leg{took}
	_, err := b.Complete(b.Context(), sale, nil, []checkout.Entry{sold(sale)}, b.act("sale.complete", sale.ID))
	b.ok(err)
	line := sale.Lines[0]
	line.Of = 1
	back := b.sale(line)
	back.Kind, back.Of, back.CartID = checkout.Refund, sale.ID, ""
	l := b.leg(back, checkout.ClassRefund, back.Total)
	l.Of, l.Method = took.Key, "refund"
	first := b.event(l, checkout.Intent)
	l = fold(l, first)
	back.Legs = []checkout.Leg{l}
	b.ok(b.Freeze(b.Context(), back, []checkout.LegEvent{first}, nil, b.act("sale.refund", back.ID)))
	return back, l
}

// refundComesBack also gives a line back twice, which no store may record.
func refundComesBack(b *bench) {
	sold := b.sell()
	back, events, entries := b.refund(sold)
	no, err := b.Sell(b.Context(), back, events, entries, b.act("sale.complete", back.ID))
	b.ok(err)
	back.ReceiptNo = no
	b.reopen()
	b.want(back)
	all, err := b.Refunds(b.Context(), sold.ID)
	b.ok(err)
	b.same([]checkout.Sale{back}, all)

	again, events, entries := b.refund(sold)
	_, err = b.Sell(b.Context(), again, events, entries, b.act("sale.complete", again.ID))
	b.refused(err, "refund.too_much")
	of := back
	of.Lines = back.Lines[:1]
	second, events, entries := b.refund(of)
	_, err = b.Sell(b.Context(), second, events, entries, b.act("sale.complete", second.ID))
	b.refused(err, "refund.not_goods")
	nobody := back
	nobody.ID = "nobody"
	third, events, entries := b.refund(nobody)
	_, err = b.Sell(b.Context(), third, events, entries, b.act("sale.complete", third.ID))
	b.refused(err, "sale.unknown")
	b.reopen()
	if all, err := b.Refunds(b.Context(), sold.ID); err != nil || len(all) != 1 {
		b.Errorf("%v, %d refunds", err, len(all))
	}
}
