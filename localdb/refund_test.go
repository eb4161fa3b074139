package localdb

import (
	"strings"
	"testing"

	"cashier/services/checkout"
	"cashier/services/money"
)

// soldByCode is a complete sale of two cartons of milk, paid by code.
func (s *shop) soldByCode() checkout.Sale {
	s.Helper()
	sale := s.sale(milk)
	l := s.leg(sale, checkout.ClassCode, sale.Total)
	e := s.step(l, checkout.Intent)
	sale.Legs = []checkout.Leg{s.fold(l, e)}
	s.ok(s.Freeze(s.Context(), sale, []checkout.LegEvent{e}, nil, s.act("sale.freeze", sale.ID)))
	l = s.advance(sale.Legs[0], checkout.Sent)
	last := s.step(l, checkout.Paid)
	no, err := s.Complete(s.Context(), sale, &last, []checkout.Entry{paid(l), sold(sale)}, s.act("sale.complete", sale.ID))
	s.ok(err)
	got, err := s.Sale(s.Context(), sale.ID)
	s.ok(err)
	if got.ReceiptNo != no {
		s.Fatalf("%+v", got)
	}
	return got
}

// refund is a refund of one carton, not yet recorded.
func (s *shop) refund(of checkout.Sale, class checkout.Class) (checkout.Sale, []checkout.LegEvent) {
	line := milk
	line.Qty, line.Amount, line.Of = 1, milk.Amount/2, 1
	r := s.sale(line)
	r.Kind, r.Of, r.CartID = checkout.Refund, of.ID, ""
	l := s.leg(r, class, line.Amount)
	l.Of, l.Tendered, l.Method = of.Legs[0].Key, 0, "code"
	e := s.step(l, checkout.Intent)
	r.Legs = []checkout.Leg{s.fold(l, e)}
	return r, []checkout.LegEvent{e}
}

// given are the entries of a refund, written out anew.
func given(r checkout.Sale, account checkout.Account) []checkout.Entry {
	return []checkout.Entry{
		{SaleID: r.ID, LegID: r.Legs[0].ID, Kind: "paid", Postings: []checkout.Posting{{Account: "customer", Amount: r.Total}, {Account: account, Amount: -r.Total}}},
		{SaleID: r.ID, Kind: "complete", Postings: []checkout.Posting{{Account: "refunds", Amount: r.Total}, {Account: "customer", Amount: -r.Total}}},
	}
}

// giveBack records a refund of one carton whole.
func (s *shop) giveBack(of checkout.Sale) checkout.Sale {
	s.Helper()
	r, events := s.refund(of, checkout.ClassRefund)
	s.ok(s.Freeze(s.Context(), r, events, nil, s.act("sale.refund", r.ID)))
	l := s.advance(r.Legs[0], checkout.Sent)
	last := s.step(l, checkout.Paid)
	_, err := s.Complete(s.Context(), r, &last, given(r, "clearing:liantuofu"), s.act("sale.complete", r.ID))
	s.ok(err)
	got, err := s.Sale(s.Context(), r.ID)
	s.ok(err)
	return got
}

func TestARefundComesBackWhole(t *testing.T) {
	s := newShop(t)
	of := s.soldByCode()
	first, second := s.giveBack(of), s.giveBack(of)
	if first.Of != of.ID || first.Lines[0].Of != 1 || first.Legs[0].Of != of.Legs[0].Key || first.ReceiptNo >= second.ReceiptNo || first.State != checkout.Complete {
		t.Errorf("%+v", first)
	}
	all, err := s.Refunds(t.Context(), of.ID)
	s.ok(err)
	if len(all) != 2 || all[0].ID != first.ID || all[1].ID != second.ID {
		t.Errorf("%+v", all)
	}
	if by, err := s.SaleByReceipt(t.Context(), second.ReceiptNo); err != nil || by.ID != second.ID {
		t.Errorf("%v %+v", err, by)
	}
	_, err = s.SaleByReceipt(t.Context(), "nothing")
	refused(t, err, "sale.unknown")
	if all, err := s.Refunds(t.Context(), first.ID); err != nil || len(all) != 0 {
		t.Errorf("%v %+v", err, all)
	}
	s.reopen()
	s.want(first)
	s.verified()
}

// The store asks the law itself, whatever its caller believes.
func TestTheStoreRefusesARefundTooMuch(t *testing.T) {
	s := newShop(t)
	of := s.soldByCode()
	s.giveBack(of)
	r, events := s.refund(of, checkout.ClassRefund) // the second carton, on its way
	s.ok(s.Freeze(t.Context(), r, events, nil, s.act("sale.refund", r.ID)))
	before := dump(t, s.path)
	more, moreEvents := s.refund(of, checkout.ClassRefund)
	refused(t, s.Freeze(t.Context(), more, moreEvents, nil, s.act("sale.refund", more.ID)), "refund.too_much")

	cash, cashEvents := s.refund(of, checkout.ClassRecorded)
	e := s.step(cash.Legs[0], checkout.Paid)
	cash.Legs[0] = s.fold(cash.Legs[0], e)
	cash.State = checkout.Complete
	_, err := s.Sell(t.Context(), cash, append(cashEvents, e), given(cash, "drawer"), s.act("sale.refund", cash.ID))
	refused(t, err, "refund.too_much")

	other := s.soldByCode()
	strange, strangeEvents := s.refund(of, checkout.ClassRefund)
	strange.Of = other.ID
	refused(t, s.Freeze(t.Context(), strange, strangeEvents, nil, s.act("sale.refund", strange.ID)), "refund.bad_leg")
	nobody, nobodysEvents := s.refund(of, checkout.ClassRefund)
	nobody.Of = "nobody"
	refused(t, s.Freeze(t.Context(), nobody, nobodysEvents, nil, s.act("sale.refund", nobody.ID)), "sale.unknown")

	// The one on its way is refused: its carton is left, but for the sale it is of.
	l := s.advance(s.advance(r.Legs[0], checkout.Sent), checkout.Rejected)
	again := s.leg(r, checkout.ClassRefund, l.Amount+1)
	again.No, again.Of, again.Method = 2, l.Of, "code"
	e = s.step(again, checkout.Intent)
	refused(t, s.AddLegs(t.Context(), []checkout.Leg{again}, []checkout.LegEvent{e}, nil, s.act("sale.refund", r.ID)), "refund.too_much")
	again.Amount--
	s.ok(s.AddLegs(t.Context(), []checkout.Leg{again}, []checkout.LegEvent{e}, nil, s.act("sale.refund", r.ID)))
	if strings.Count(before, "\n") >= strings.Count(dump(t, s.path), "\n") {
		t.Error("nothing was recorded")
	}
	s.verified()
}

// A refund of which the books say the wrong thing is no refund.
func TestARefundsEntriesAreHeldAgainstItsLegs(t *testing.T) {
	s := newShop(t)
	of := s.soldByCode()
	r, events := s.refund(of, checkout.ClassRefund)
	s.ok(s.Freeze(t.Context(), r, events, nil, s.act("sale.refund", r.ID)))
	l := s.advance(r.Legs[0], checkout.Sent)
	last := s.step(l, checkout.Paid)
	turned := given(r, "clearing:liantuofu") // as if it were a sale
	for _, e := range turned {
		for i := range e.Postings {
			e.Postings[i].Amount *= -1
		}
	}
	_, err := s.Complete(t.Context(), r, &last, turned, s.act("sale.complete", r.ID))
	refused(t, err, "ledger.defect")
	_, err = s.Complete(t.Context(), r, &last, given(r, "clearing:liantuofu")[:1], s.act("sale.complete", r.ID))
	refused(t, err, "ledger.defect")
	_, err = s.Complete(t.Context(), r, &last, given(r, "clearing:liantuofu"), s.act("sale.complete", r.ID))
	s.ok(err)
	s.verified()
}

// The file refuses the same to any program.
func TestTheFileRefusesWhatNoRefundMayBe(t *testing.T) {
	s := newShop(t)
	of := s.soldByCode()
	back := s.giveBack(of)
	_, waiting := s.freeze(checkout.ClassCode)
	other := s.soldByCode()
	db := raw(t, s.path)
	sale := func(id, kind, of string) string {
		return `INSERT INTO sales SELECT '` + id + `', '` + kind + `', till_id, epoch, shift_id, business_date, actor_id, actor_name, actor_role, actor_program, '', 'TENDERING', total, opened_ms, NULL, '', ` + of + ` FROM sales WHERE id = '` + back.ID + `'`
	}
	leg := func(saleID, class, of string, amount money.Fen) string {
		return `INSERT INTO legs SELECT 'new', '` + saleID + `', 9, 'new', '` + class + `', method, provider, ` + strings.ReplaceAll(amount.Yuan(), ".", "") + `, 0, 0, '', '', '', -1, '', 'INTENT', 1, 0, '` + of + `' FROM legs WHERE id = '` + back.Legs[0].ID + `'`
	}
	for name, c := range map[string]struct{ do, says string }{
		"a refund of nothing":            {sale("x", "refund", "NULL"), "CHECK"},
		"a sale of another":              {sale("x", "sale", "'"+of.ID+"'"), "CHECK"},
		"a refund of nobody":             {sale("x", "refund", "'nobody'"), "only a complete sale"},
		"a refund of an open sale":       {sale("x", "refund", "'"+waiting.SaleID+"'"), "only a complete sale"},
		"a refund of a refund":           {sale("x", "refund", "'"+back.ID+"'"), "only a complete sale"},
		"another sale given back":        {`UPDATE sales SET of_sale = NULL WHERE of_sale IS NOT NULL`, "never changed"},
		"another payment given back":     {`UPDATE legs SET of_key = 'x' WHERE of_key <> ''`, "never changed"},
		"a line given back anew":         {`UPDATE sale_lines SET of_line = 0`, "never changed"},
		"a payment that gives in a sale": {leg(waiting.SaleID, "C0", of.Legs[0].Key, 1), "payments of its sale"},
		"a refund that is paid":          {leg(back.ID, "K1", "", 1), "payments of its sale"},
		"another sale's payment":         {leg(back.ID, "R1", other.Legs[0].Key, 1), "payments of its sale"},
		"a refund of no payment":         {leg(back.ID, "R1", "", 1), ""},
		"too much of a payment":          {leg(back.ID, "R1", of.Legs[0].Key, of.Total-back.Total+1), "more than it took"},
	} {
		if _, err := db.Exec(c.do); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := db.Exec(leg(back.ID, "R1", of.Legs[0].Key, of.Total-back.Total)); err != nil {
		t.Errorf("what is left: %v", err)
	}
}

// Each rule of a refund, broken once behind the program's back.
func TestVerifyFindsABrokenRefund(t *testing.T) {
	for name, c := range map[string]struct{ do, check, says string }{
		"more of a line":            {`UPDATE sale_lines SET qty = 3 WHERE of_line = 1`, "refund", "is left to give back"},
		"a line it does not have":   {`UPDATE sale_lines SET of_line = 7 WHERE of_line = 1`, "refund", "not those of its sale"},
		"of another payment":        {`UPDATE legs SET of_key = 'x' WHERE of_key <> ''`, "refund", "cannot be given back"},
		"more than was paid":        {`UPDATE legs SET amount = 500 WHERE of_key = ''; UPDATE sales SET total = 500 WHERE kind = 'sale'`, "refund", "more than is left"},
		"of a sale that is not one": {`UPDATE sales SET kind = 'redemption' WHERE kind = 'sale'`, "refund", "Only a sale of goods"},
		"of an open sale":           {`UPDATE sales SET state = 'UNSETTLED', closed_ms = NULL WHERE kind = 'sale'`, "refund", "only a complete one"},
		"of a sale that is gone":    {`UPDATE sales SET of_sale = 'gone' WHERE kind = 'refund'`, "foreign-key", "has no sales"},
		"booked as a sale":          {`UPDATE postings SET amount = -amount WHERE sale_id = (SELECT id FROM sales WHERE kind = 'refund')`, "entry", "the books say"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.giveBack(s.soldByCode())
			s.verified()
			db := raw(t, s.path)
			unlock(t, db)
			if _, err := db.Exec(c.do); err != nil {
				t.Fatal(err)
			}
			found, err := s.Verify(t.Context())
			s.ok(err)
			for _, f := range found {
				if f.Check == c.check && f.Subject != "" && strings.Contains(f.Message, c.says) {
					return
				}
			}
			t.Errorf("not found; found %+v", found)
		})
	}
}

// Refunds that were resent under their number are no second sending.
func TestARefundMayBeSentAgain(t *testing.T) {
	s := newShop(t)
	of := s.soldByCode()
	r, events := s.refund(of, checkout.ClassRefund)
	s.ok(s.Freeze(t.Context(), r, events, nil, s.act("sale.refund", r.ID)))
	l := s.advance(s.advance(s.advance(r.Legs[0], checkout.Sent), checkout.Unknown), checkout.Sent)
	if l.Attempts != 2 {
		t.Errorf("%+v", l)
	}
	s.reopen()
	s.verified()
}
