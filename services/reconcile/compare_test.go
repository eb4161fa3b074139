package reconcile

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/checkout"
	"cashier/services/money"
)

var (
	china = time.FixedZone("CST", 8*60*60)
	day   = time.Date(2026, 3, 1, 0, 0, 0, 0, china)
	march = Window{From: day, To: day.Add(24 * time.Hour), Till: "k7m2qp"}

	errRow = errors.New("no amount")
)

const key = "k7m2qp-1-01hq0000000000000000000001"

// leg is a payment by code that was sent at noon of the window.
func leg(key string, state checkout.State, amount money.Fen) checkout.Leg {
	return checkout.Leg{
		Key: key, SaleID: "sale of " + key, Class: checkout.ClassCode, Provider: "liantuofu", State: state,
		Amount: amount, SentOnce: true, IntentAt: day.Add(12 * time.Hour), Seq: 3,
	}
}

func order1(state checkout.OrderState, amount, refunded money.Fen) Row {
	return Row{Key: key, State: state, Amount: amount, Refunded: refunded, ProviderNo: "LTF1", At: day.Add(12 * time.Hour)}
}

func refund1(no string, amount money.Fen) Row {
	return Row{Key: key, RefundNo: no, State: checkout.OrderRefunded, Amount: amount}
}

// Each state of ours against everything the bill can say of the order.
func TestOnePayment(t *testing.T) {
	type answers struct{ held, other, partly, back, short, closed, notPaid, none, strange Finding }
	agree := Finding{}
	is := func(k Kind, remedy Remedy) Finding { return Finding{Kind: k, Remedy: remedy} }
	undone := answers{
		held: is(LateMoney, GiveBack), other: is(LateMoney, GiveBack), partly: is(LateMoney, GiveBack), back: agree,
		short: is(AmountDiffers, CompareAmounts), closed: agree, notPaid: agree, none: agree, strange: is(UnknownState, LookUp),
	}
	working := answers{}
	for _, f := range []*Finding{
		&working.held, &working.other, &working.partly, &working.back, &working.short, &working.closed, &working.notPaid, &working.none, &working.strange,
	} {
		*f = is(Open, Settle)
	}
	for state, want := range map[checkout.State]answers{
		checkout.Paid: {
			held: agree, other: is(AmountDiffers, CompareAmounts), partly: is(GivenBack, FindRefund), back: is(GivenBack, FindRefund),
			short: is(GivenBack, FindRefund), closed: is(NotPaid, AskProvider), notPaid: is(NotPaid, AskProvider),
			none: is(OnlyOurs, AskProvider), strange: is(UnknownState, LookUp),
		},
		checkout.Reversed: undone, checkout.Rejected: undone,
		checkout.Manual: {
			held: is(Open, ResolvePaid), other: is(Open, CompareAmounts), partly: is(Open, LookUp), back: is(Open, ResolveUndone),
			short: is(Open, CompareAmounts), closed: is(Open, ResolveNever), notPaid: is(Open, ResolveNever), none: is(Open, ResolveNever), strange: is(Open, LookUp),
		},
		checkout.Intent: working, checkout.Sent: working, checkout.Pending: working, checkout.Unknown: working, checkout.Reversing: working,
	} {
		for name, c := range map[string]struct {
			rows []Row
			want Finding
		}{
			"held":                    {[]Row{order1(checkout.OrderPaid, 1230, 0)}, want.held},
			"another amount":          {[]Row{order1(checkout.OrderPaid, 1231, 0)}, want.other},
			"part by its own row":     {[]Row{order1(checkout.OrderPaid, 1230, 400)}, want.partly},
			"part by refunds":         {[]Row{order1(checkout.OrderPaid, 1230, 0), refund1("r1", 300), refund1("r2", 100)}, want.partly},
			"part, called REFUND":     {[]Row{order1(checkout.OrderRefunded, 1230, 400)}, want.partly},
			"part, refund alone":      {[]Row{refund1("r1", 400)}, want.partly},
			"all, by state":           {[]Row{order1(checkout.OrderRefunded, 1230, 0)}, want.back},
			"all, by state and row":   {[]Row{order1(checkout.OrderRefunded, 1230, 1230)}, want.back},
			"all, told by both":       {[]Row{order1(checkout.OrderRefunded, 1230, 1230), refund1("r1", 1230)}, want.back},
			"all, still SUCCESS":      {[]Row{order1(checkout.OrderPaid, 1230, 1230)}, want.back},
			"all, refunds alone":      {[]Row{refund1("r1", 830), refund1("r2", 400)}, want.back},
			"revoked":                 {[]Row{order1(checkout.OrderRevoked, 1230, 0)}, want.back},
			"all of another amount":   {[]Row{order1(checkout.OrderRefunded, 1220, 1220)}, want.short},
			"more than there was":     {[]Row{order1(checkout.OrderRefunded, 1230, 1240)}, want.short},
			"closed":                  {[]Row{order1(checkout.OrderClosed, 1230, 0)}, want.closed},
			"closed, without amount":  {[]Row{order1(checkout.OrderClosed, 0, 0)}, want.closed},
			"failed":                  {[]Row{order1(payError, 1230, 0)}, want.closed},
			"not paid":                {[]Row{order1(checkout.OrderNotPaid, 1230, 0)}, want.notPaid},
			"not on the bill":         {nil, want.none},
			"no state":                {[]Row{order1("", 1230, 0)}, want.strange},
			"a state nobody knows":    {[]Row{order1("SETTLING", 1230, 0)}, want.strange},
			"closed, yet given back":  {[]Row{order1(checkout.OrderClosed, 1230, 10)}, want.strange},
			"the same row, thrice":    {[]Row{order1(checkout.OrderPaid, 1230, 0), order1(checkout.OrderPaid, 1230, 0), order1(checkout.OrderPaid, 1230, 0)}, want.held},
			"the same refund, twice":  {[]Row{order1(checkout.OrderPaid, 1230, 0), refund1("r1", 400), refund1("r1", 400)}, want.partly},
			"two rows that differ":    {[]Row{order1(checkout.OrderPaid, 1230, 0), order1(checkout.OrderClosed, 1230, 0)}, is(Contradictory, LookUp)},
			"two refunds that differ": {[]Row{order1(checkout.OrderPaid, 1230, 0), refund1("r1", 400), refund1("r1", 500)}, is(Contradictory, LookUp)},
			"unreadable":              {[]Row{{Key: key, Unreadable: errRow}}, is(Unreadable, LookUp)},
			"unreadable beside":       {[]Row{order1(checkout.OrderPaid, 1230, 0), {Key: key, Unreadable: errRow}}, is(Unreadable, LookUp)},
		} {
			r := Compare(c.rows, []checkout.Leg{leg(key, state, 1230)}, march)
			switch {
			case c.want.Kind == "":
				paid := money.Fen(0)
				if state == checkout.Paid {
					paid = 1230
				}
				if len(r.Findings) != 0 || r.Matched != 1 || r.MatchedAmount != paid {
					t.Errorf("%s, %s: %+v", state, name, r)
				}
			case len(r.Findings) != 1 || r.Findings[0].Kind != c.want.Kind || r.Findings[0].Remedy != c.want.Remedy || r.Matched != 0:
				t.Errorf("%s, %s: %+v, want %s %s", state, name, r, c.want.Kind, c.want.Remedy)
			}
		}
	}
}

// A finding carries what a person needs to see of both sides.
func TestAFindingShowsBothSides(t *testing.T) {
	got := Compare([]Row{order1(checkout.OrderPaid, 1230, 0), refund1("r1", 400)}, []checkout.Leg{leg(key, checkout.Paid, 1230)}, march)
	want := Report{From: march.From, To: march.To, Findings: []Finding{{
		Kind: GivenBack, Remedy: FindRefund, Key: key,
		Ours:   &Ours{SaleID: "sale of " + key, State: checkout.Paid, Amount: 1230},
		Theirs: &Theirs{State: checkout.OrderPaid, Amount: 1230, GivenBack: 400, ProviderNo: "LTF1"},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRowsWithoutAPaymentOfOurs(t *testing.T) {
	row := func(key string, state checkout.OrderState) Row { return Row{Key: key, State: state, Amount: 500} }
	for name, c := range map[string]struct {
		row       Row
		want      Kind
		remedy    Remedy
		elsewhere int
	}{
		"charged":                    {row("k7m2qp-1-x0000001", checkout.OrderPaid), OnlyTheirs, FindSale, 0},
		"charged in another epoch":   {row("k7m2qp-12-x0000001", checkout.OrderPaid), OnlyTheirs, FindSale, 0},
		"in a state nobody knows":    {row("k7m2qp-1-x0000001", "?"), OnlyTheirs, FindSale, 0},
		"never paid":                 {row("k7m2qp-1-x0000001", checkout.OrderNotPaid), OnlyTheirs, FindCaller, 0},
		"given back":                 {row("k7m2qp-1-x0000001", checkout.OrderRefunded), OnlyTheirs, FindCaller, 0},
		"a refund alone":             {Row{Key: "k7m2qp-1-x0000001", RefundNo: "r1", Amount: 500}, OnlyTheirs, FindCaller, 0},
		"unreadable, with our key":   {Row{Key: "k7m2qp-1-x0000001", Unreadable: errRow}, OnlyTheirs, FindSale, 0},
		"unreadable, with no key":    {Row{ProviderNo: "LTF9", Unreadable: errRow}, Unreadable, LookUp, 0},
		"unreadable, with a foreign": {Row{Key: "k7m2qr-1-x0000001", Unreadable: errRow}, "", "", 1},
		"another till":               {row("k7m2qr-1-x0000001", checkout.OrderPaid), "", "", 1},
		"a till with a longer name":  {row("k7m2qpp-1-x0000001", checkout.OrderPaid), "", "", 1},
		"no epoch":                   {row("k7m2qp-x-00000001", checkout.OrderPaid), "", "", 1},
		"an empty epoch":             {row("k7m2qp--000000001", checkout.OrderPaid), "", "", 1},
		"the till's name alone":      {row("k7m2qp-1", checkout.OrderPaid), "", "", 1},
		"another program":            {row("20260301120000001", checkout.OrderPaid), "", "", 1},
		"a printed QR code":          {Row{ProviderNo: "LTF9", State: checkout.OrderPaid, Amount: 500}, "", "", 1},
	} {
		r := Compare([]Row{c.row, c.row}, nil, march)
		switch {
		case r.Elsewhere != c.elsewhere || r.Matched != 0:
			t.Errorf("%s: %+v", name, r)
		case c.want == "" && len(r.Findings) == 0:
		case len(r.Findings) != 1 || r.Findings[0].Kind != c.want || r.Findings[0].Remedy != c.remedy || r.Findings[0].Ours != nil:
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}

// A row whose key cannot be read is still this payment's, by the provider's
// own number.
func TestARowIsFoundByTheProvidersNumber(t *testing.T) {
	l := leg(key, checkout.Paid, 1230)
	l.ProviderNo = "LTF1"
	r := Compare([]Row{{ProviderNo: "LTF1", Unreadable: errRow}}, []checkout.Leg{l}, march)
	if len(r.Findings) != 1 || r.Findings[0].Kind != Unreadable || r.Findings[0].Key != key {
		t.Errorf("%+v", r)
	}
}

// Neither number is no number: such a row belongs to nobody yet.
func TestARowWithoutAnyNumber(t *testing.T) {
	r := Compare([]Row{{Unreadable: errRow}}, []checkout.Leg{leg(key, checkout.Paid, 1230)}, march)
	if len(r.Findings) != 2 || r.Findings[0].Kind != OnlyOurs || r.Findings[1].Kind != Unreadable || r.Findings[1].Key != "" {
		t.Errorf("%+v", r)
	}
}

// As long as the bill contradicts itself, money may be held.
func TestAnUnknownOrderIsOnlyHarmlessWhenTheBillSaysSo(t *testing.T) {
	closed := order1(checkout.OrderClosed, 1230, 0)
	for name, rows := range map[string][]Row{
		"closed and paid":       {closed, order1(checkout.OrderPaid, 1230, 0)},
		"closed and unreadable": {closed, {Key: key, Unreadable: errRow}},
	} {
		r := Compare(rows, nil, march)
		if len(r.Findings) != 1 || r.Findings[0].Kind != OnlyTheirs || r.Findings[0].Remedy != FindSale {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// The window decides what must be on the bill; what is on it is compared
// whenever it began.
func TestTheEdgesOfTheWindow(t *testing.T) {
	held, back := order1(checkout.OrderPaid, 1230, 0), refund1("r1", 1230)
	for name, c := range map[string]struct {
		at      time.Time
		state   checkout.State
		rows    []Row
		want    Kind
		matched int
	}{
		"at its first moment, missing":         {march.From, checkout.Paid, nil, OnlyOurs, 0},
		"before it, missing":                   {march.From.Add(-time.Millisecond), checkout.Paid, nil, "", 0},
		"at its last moment, missing":          {march.To.Add(-time.Millisecond), checkout.Paid, nil, OnlyOurs, 0},
		"after it, missing":                    {march.To, checkout.Paid, nil, "", 0},
		"at its last moment, billed after":     {march.To.Add(-time.Second), checkout.Paid, []Row{held}, "", 1},
		"begun before, billed within":          {march.From.Add(-time.Second), checkout.Paid, []Row{held}, "", 0},
		"begun last week, given back within":   {march.From.AddDate(0, 0, -7), checkout.Paid, []Row{back}, GivenBack, 0},
		"begun last week, late money within":   {march.From.AddDate(0, 0, -7), checkout.Rejected, []Row{held}, LateMoney, 0},
		"begun last week, open and not billed": {march.From.AddDate(0, 0, -7), checkout.Manual, nil, "", 0},
	} {
		l := leg(key, c.state, 1230)
		l.IntentAt = c.at
		r := Compare(c.rows, []checkout.Leg{l}, march)
		if r.Matched != c.matched || (c.want == "") != (len(r.Findings) == 0) || c.want != "" && r.Findings[0].Kind != c.want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestOnlyPaymentsByCodeAtLiantuofuAreCompared(t *testing.T) {
	var legs []checkout.Leg
	for i, c := range []checkout.Class{checkout.ClassRecorded, checkout.ClassMember, checkout.ClassCard, checkout.ClassCode} {
		l := leg(fmt.Sprintf("k7m2qp-1-%d", i), checkout.Paid, 100)
		l.Class = c
		if c == checkout.ClassCode {
			l.Provider = "another"
		}
		legs = append(legs, l)
	}
	if r := Compare(nil, legs, march); len(r.Findings) != 0 || r.Matched != 0 {
		t.Errorf("%+v", r)
	}
}

// What was never sent is nothing the till itself would ever ask about.
func TestMoneyForWhatWasNeverSent(t *testing.T) {
	l := leg(key, checkout.Rejected, 1230)
	l.SentOnce = false
	r := Compare([]Row{order1(checkout.OrderPaid, 1230, 0)}, []checkout.Leg{l}, march)
	if len(r.Findings) != 1 || r.Findings[0].Kind != LateMoney || r.Findings[0].Remedy != LookUp {
		t.Errorf("%+v", r)
	}
}
