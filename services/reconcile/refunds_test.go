package reconcile

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/checkout"
	"cashier/services/money"
)

// refundLeg is a refund of the payment key, asked for at one in the afternoon.
func refundLeg(no string, state checkout.State, amount money.Fen) checkout.Leg {
	l := leg("k7m2qp-1-"+no, state, amount)
	l.Class, l.Of, l.SaleID, l.IntentAt = checkout.ClassRefund, key, "refund "+no, day.Add(13*time.Hour)
	return l
}

func backRow(no string, amount money.Fen) Row {
	return Row{Key: key, RefundNo: "k7m2qp-1-" + no, State: checkout.OrderRefunded, Amount: amount, ProviderNo: "LTFR"}
}

// What the till gave back itself is no finding, however the bill shows it.
func TestTheTillsOwnRefunds(t *testing.T) {
	paid := leg(key, checkout.Paid, 1230)
	order := func(refunded money.Fen) Row { return order1(checkout.OrderPaid, 1230, refunded) }
	gone := func(refunded money.Fen) Row { return order1(checkout.OrderRefunded, 1230, refunded) }
	is := func(kinds ...string) []string { return kinds }
	const own, other = "k7m2qp-1-r1", "k7m2qp-1-r2"
	for name, c := range map[string]struct {
		rows  []Row
		given []checkout.Leg
		want  []string // kind, remedy and key of each finding
		match int      // refunds
	}{
		"in part, told by both":            {[]Row{order(400), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, nil, 1},
		"in part, told by its row":         {[]Row{order(0), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, nil, 1},
		"in part, told by the order":       {[]Row{order(400)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, nil, 1},
		"in part, the order called REFUND": {[]Row{gone(0)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, nil, 1},
		"the refund alone":                 {[]Row{backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, nil, 1},
		"twice":                            {[]Row{order(700), backRow("r1", 400), backRow("r2", 300)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400), refundLeg("r2", checkout.Paid, 300)}, nil, 2},
		"all of it":                        {[]Row{gone(1230), backRow("r1", 1230)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 1230)}, nil, 1},
		"without the payment's number":     {[]Row{order(0), {RefundNo: own, Amount: 400, State: checkout.OrderRefunded}}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, nil, 1},

		"not on the bill": {[]Row{order(0)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, is("refund_missing ask_refund " + own), 0},
		"one of two, the order says one": {
			[]Row{order(400), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400), refundLeg("r2", checkout.Paid, 400)},
			is("refund_missing ask_refund " + other), 1,
		},
		"another amount": {
			[]Row{order(0), backRow("r1", 300)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)},
			is("given_back find_refund "+key, "amount_differs compare_amounts "+own), 0,
		},
		"and somebody else's": {
			[]Row{order(500), backRow("r1", 400), refund1("office", 100)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)},
			is("given_back find_refund " + key), 1,
		},
		"more by the order's own row": {
			[]Row{order(500), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, is("given_back find_refund " + key), 1,
		},
		"cancelled as a whole": {
			[]Row{order1(checkout.OrderRevoked, 1230, 0)}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)},
			is("given_back find_refund "+key, "refund_missing ask_refund "+own), 0,
		},
		"refused here, given there": {
			[]Row{order(400), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Rejected, 400)}, is("given_back find_refund " + key), 0,
		},
		"refused on both sides":      {[]Row{order(0)}, []checkout.Leg{refundLeg("r1", checkout.Rejected, 400)}, nil, 0},
		"on its way, not there yet":  {[]Row{order(0)}, []checkout.Leg{refundLeg("r1", checkout.Unknown, 400)}, is("open settle " + own), 0},
		"on its way, there":          {[]Row{order(400), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Pending, 400)}, is("open settle " + own), 0},
		"a person's, there":          {[]Row{order(400), backRow("r1", 400)}, []checkout.Leg{refundLeg("r1", checkout.Manual, 400)}, is("open resolve_paid " + own), 0},
		"a person's, not there":      {[]Row{order(0)}, []checkout.Leg{refundLeg("r1", checkout.Manual, 400)}, is("open resolve_never " + own), 0},
		"a person's, another amount": {[]Row{order(300), backRow("r1", 300)}, []checkout.Leg{refundLeg("r1", checkout.Manual, 400)}, is("given_back find_refund "+key, "amount_differs compare_amounts "+own), 0},
		"a row that cannot be read":  {[]Row{order(0), {Key: key, RefundNo: own, Unreadable: errRow}}, []checkout.Leg{refundLeg("r1", checkout.Paid, 400)}, is("unreadable look_up " + key), 0},
	} {
		r := Compare(c.rows, append(c.given, paid), march)
		var got []string
		for _, f := range r.Findings {
			got = append(got, fmt.Sprint(f.Kind, " ", f.Remedy, " ", f.Key))
			if refund := f.Key != key; refund != (f.Of == key) || f.Ours == nil {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) || r.Refunds != c.match {
			t.Errorf("%s: %q and %d refunds, want %q and %d", name, got, r.Refunds, c.want, c.match)
		}
		if len(c.want) == 0 && (r.Matched != 1 || r.MatchedAmount != 1230) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// The window decides which refunds must be on the bill, as it does for payments.
func TestRefundsAndTheWindow(t *testing.T) {
	old := leg(key, checkout.Paid, 1230)
	old.IntentAt = day.AddDate(0, 0, -20)
	for name, c := range map[string]struct {
		at   time.Time
		rows []Row
		want int
	}{
		"within, there":          {day.Add(time.Hour), []Row{backRow("r1", 400)}, 0},
		"within, not there":      {day.Add(time.Hour), nil, 1},
		"before, not there":      {day.Add(-time.Hour), nil, 0},
		"after, not there":       {march.To, nil, 0},
		"before, another amount": {day.Add(-time.Hour), []Row{backRow("r1", 300)}, 2},
	} {
		l := refundLeg("r1", checkout.Paid, 400)
		l.IntentAt = c.at
		if r := Compare(c.rows, []checkout.Leg{old, l}, march); len(r.Findings) != c.want {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

// A refund of an old sale brings what was given back of that before.
func TestRefundsOfSalesFromBeforeTheWindow(t *testing.T) {
	paid := leg(key, checkout.Paid, 1230)
	paid.IntentAt = day.AddDate(0, 0, -30)
	sale := sold(paid)
	given := func(no string, at time.Time) checkout.Sale {
		l := refundLeg(no, checkout.Paid, 400)
		l.IntentAt = at
		s := sold(l)
		s.Kind, s.Of = checkout.Refund, sale.ID
		return s
	}
	books := &shelf{sales: []checkout.Sale{sale, given("r1", day.AddDate(0, 0, -10)), given("r2", day.Add(time.Hour))}}
	// The bill dates the order by its last change, and so has all of it.
	rows := always(order1(checkout.OrderPaid, 1230, 800), backRow("r2", 400))
	r, err := run(t, &paper{rows: rows}, books, march)
	if err != nil || len(r.Findings) != 0 || r.Refunds != 1 || r.Refunded != 400 || r.Elsewhere != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	// A late row of the first refund, and its order not on this bill.
	if r, err = run(t, &paper{rows: always(backRow("r1", 400), backRow("r2", 400))}, books, march); err != nil || len(r.Findings) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// While the bill is read the till gives back: neither that refund nor its payment
// is found wrong.
func TestATillThatGivesBackMeanwhile(t *testing.T) {
	paid := leg(key, checkout.Paid, 1230)
	books := &shelf{sales: []checkout.Sale{sold(paid)}, then: func(s *shelf) {
		r := sold(refundLeg("r1", checkout.Paid, 400))
		r.Of = s.sales[0].ID
		s.sales = append(s.sales, r)
	}}
	r, err := run(t, &paper{rows: always(order1(checkout.OrderPaid, 1230, 400), backRow("r1", 400))}, books, march)
	if err != nil || len(r.Findings) != 0 || r.InMotion != 2 || r.Matched != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// Where nothing is found, what the provider still holds is what the books took
// less what they gave back.
func TestNothingFoundMeansTheRefundsAgree(t *testing.T) {
	silent := 0
	rapid.Check(t, func(rt *rapid.T) {
		paid := leg(key, checkout.Paid, 6)
		legs, held := []checkout.Leg{paid}, paid.Amount
		rows := []Row{order1(rapid.SampledFrom([]checkout.OrderState{checkout.OrderPaid, checkout.OrderPaid, checkout.OrderRefunded}).Draw(rt, "state"), 6, 0)}
		var theirs, ours money.Fen
		for i := range 2 {
			no := fmt.Sprint("r", i)
			amount := money.Fen(rapid.IntRange(1, 3).Draw(rt, "fen"))
			if rapid.Bool().Draw(rt, "ours") {
				state := rapid.SampledFrom([]checkout.State{checkout.Paid, checkout.Paid, checkout.Rejected}).Draw(rt, "leg")
				legs = append(legs, refundLeg(no, state, amount))
				if state == checkout.Paid {
					ours += amount
				}
			}
			if rapid.Bool().Draw(rt, "theirs") {
				amount = max(1, amount+money.Fen(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(rt, "differs")))
				rows = append(rows, backRow(no, amount))
				theirs += amount
			}
		}
		// The order's row counts what has a row, unless it says nothing.
		if rapid.Bool().Draw(rt, "counts") {
			rows[0].Refunded = theirs
		}
		r := Compare(rows, legs, march)
		if len(r.Findings) > 0 || rows[0].State == checkout.OrderRefunded && rows[0].Refunded == 0 {
			return // of a REFUND that does not say how much, nobody can tell
		}
		silent++
		if held-theirs != r.MatchedAmount-r.Refunded || theirs != ours {
			rt.Fatalf("the provider holds %s, the books %s: %+v", held-theirs, r.MatchedAmount-r.Refunded, r)
		}
	})
	if silent == 0 {
		t.Error("every drawn day had a finding: nothing was tested")
	}
}
