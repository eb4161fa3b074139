package checkout

import (
	"testing"
	"testing/quick"

	"pgregory.net/rapid"

	"cashier/services/fault"
	"cashier/services/money"
)

// finished is a complete sale of ten yuan of apples, four pieces, and of pears,
// 735 g for ¥5.00, paid by 9.00 by code, 4.00 in cash and 2.00 off a card.
func finished() Sale {
	leg := func(key string, class Class, method string, amount money.Fen) Leg {
		return Leg{Key: key, Class: class, Method: method, Amount: amount, State: Paid}
	}
	return Sale{
		ID: "s", Kind: Goods, State: Complete, Total: 1500,
		Lines: []Line{
			{Name: "苹果", Unit: "个", Qty: 4, Price: 250, Amount: 1000},
			{Name: "梨", Unit: "斤", Grams: 735, UnitGrams: 500, Price: 340, Amount: 500},
		},
		Legs: []Leg{leg("cash", ClassRecorded, MethodCash, 400), leg("code", ClassCode, MethodCode, 900), leg("card", ClassCard, "card", 200)},
	}
}

// drafted is a refund of the sale as the desk would record it.
func drafted(of Sale, others []Sale, q RefundRequest) (Sale, error) {
	r := givenOf(of, others)
	what := r.returned
	if q.Key != "" {
		what = r.money
	}
	lines, err := what(q)
	if err != nil {
		return Sale{}, err
	}
	s := Sale{ID: "r", Kind: Refund, Of: of.ID, State: Complete, Lines: lines, Total: total(lines)}
	parts, err := r.tenders(s.Total, q.Key, q.Cash)
	if err != nil {
		return Sale{}, err
	}
	for _, p := range parts {
		s.Legs = append(s.Legs, Leg{Class: p.class, Method: p.method, Amount: p.amount, Of: p.of, State: Paid})
	}
	return s, CheckRefund(of, others, s)
}

type back struct {
	class  Class
	of     string
	amount money.Fen
}

func TestWhatGoesBackAndHow(t *testing.T) {
	for name, c := range map[string]struct {
		q    RefundRequest
		want []back
	}{
		"a piece, by the code":     {RefundRequest{Returns: []Return{{Line: 1, Qty: 1}}}, []back{{ClassRefund, "code", 250}}},
		"a weight, rounded down":   {RefundRequest{Returns: []Return{{Line: 2, Grams: 500}}}, []back{{ClassRefund, "code", 340}}}, // 500×500/735 = 340.1
		"a whole line, then cash":  {RefundRequest{Returns: []Return{{Line: 1}}}, []back{{ClassRefund, "code", 900}, {ClassRecorded, "cash", 100}}},
		"both lines of 13.00":      {RefundRequest{Returns: []Return{{Line: 1, Qty: 3}, {Line: 2}}}, []back{{ClassRefund, "code", 900}, {ClassRecorded, "cash", 350}}},
		"in cash, cash first":      {RefundRequest{Returns: []Return{{Line: 1, Qty: 3}}, Cash: true}, []back{{ClassRecorded, "cash", 400}, {ClassRecorded, "code", 350}}},
		"all of it in cash":        {RefundRequest{All: true, Cash: true}, []back{{ClassRecorded, "cash", 400}, {ClassRecorded, "code", 900}, {ClassRecorded, "card", 200}}},
		"a payment, whole":         {RefundRequest{Key: "code"}, []back{{ClassRefund, "code", 900}}},
		"a payment, in part":       {RefundRequest{Key: "code", Amount: 1}, []back{{ClassRefund, "code", 1}}},
		"cash by its key":          {RefundRequest{Key: "cash"}, []back{{ClassRecorded, "cash", 400}}},
		"a payment by code, cash":  {RefundRequest{Key: "code", Cash: true}, []back{{ClassRecorded, "code", 900}}},
		"a card's payment in cash": {RefundRequest{Key: "card", Cash: true}, []back{{ClassRecorded, "card", 200}}},
	} {
		s, err := drafted(finished(), nil, c.q)
		if err != nil || len(s.Legs) != len(c.want) {
			t.Errorf("%s: %v %+v", name, err, s.Legs)
			continue
		}
		for i, w := range c.want {
			if l := s.Legs[i]; l.Class != w.class || l.Of != w.of || l.Amount != w.amount {
				t.Errorf("%s: leg %d is %+v, want %+v", name, i, l, w)
			}
		}
	}
}

// What a person has seen to be paid is given back by a person, that way or in
// cash, and only cash comes out of the drawer.
func TestWhatWasSeenToBePaidIsGivenBackByAPerson(t *testing.T) {
	of := finished()
	of.Legs[0].Method = MethodOther
	q := RefundRequest{Returns: []Return{{Line: 1}, {Line: 2, Grams: 147}}}
	s, err := drafted(of, nil, q)
	if err != nil || len(s.Legs) != 2 || s.Legs[1].Method != MethodOther || s.HandOut() != 0 || s.GiveOtherwise() != 200 {
		t.Errorf("%v %+v", err, s)
	}
	if e := paidEntries(s.Legs[1])[0]; e.Postings[0] != (Posting{AccCustomer, 200}) || e.Postings[1] != (Posting{AccRecorded, -200}) {
		t.Errorf("%+v", e)
	}
	q.Cash = true
	if s, err = drafted(of, nil, q); err != nil || s.HandOut() != 1100 || s.GiveOtherwise() != 0 || s.Legs[0].Of != "cash" {
		t.Errorf("%v %+v", err, s)
	}
}

func TestWhatIsNotGivenBack(t *testing.T) {
	other := func(change func(*Sale)) Sale {
		s := finished()
		change(&s)
		return s
	}
	half := Sale{ID: "h", Kind: Refund, Of: "s", State: Complete, Total: 500, Lines: []Line{{Of: 1, Qty: 2, Amount: 500}}, Legs: []Leg{{Class: ClassRefund, Of: "code", Amount: 500, State: Paid}}}
	for name, c := range map[string]struct {
		of     Sale
		others []Sale
		q      RefundRequest
		code   string
	}{
		"nothing said":           {finished(), nil, RefundRequest{}, "refund.nothing_said"},
		"all, and a line":        {finished(), nil, RefundRequest{All: true, Returns: []Return{{Line: 1}}}, "refund.nothing_said"},
		"no such line":           {finished(), nil, RefundRequest{Returns: []Return{{Line: 3}}}, "refund.no_line"},
		"line 0":                 {finished(), nil, RefundRequest{Returns: []Return{{}}}, "refund.no_line"},
		"a line twice":           {finished(), nil, RefundRequest{Returns: []Return{{Line: 1, Qty: 1}, {Line: 1, Qty: 1}}}, "refund.line_twice"},
		"pieces of a weight":     {finished(), nil, RefundRequest{Returns: []Return{{Line: 2, Qty: 1}}}, "refund.measure"},
		"the weight of pieces":   {finished(), nil, RefundRequest{Returns: []Return{{Line: 1, Grams: 1}}}, "refund.measure"},
		"less than nothing":      {finished(), nil, RefundRequest{Returns: []Return{{Line: 1, Qty: -1}}}, "refund.measure"},
		"more pieces":            {finished(), nil, RefundRequest{Returns: []Return{{Line: 1, Qty: 5}}}, "refund.line_left"},
		"more weight":            {finished(), nil, RefundRequest{Returns: []Return{{Line: 2, Grams: 736}}}, "refund.line_left"},
		"pieces that are back":   {finished(), []Sale{half}, RefundRequest{Returns: []Return{{Line: 1, Qty: 3}}}, "refund.line_left"},
		"a gram worth nothing":   {other(func(s *Sale) { s.Lines[1].Amount, s.Total = 0, 1000 }), nil, RefundRequest{Returns: []Return{{Line: 2, Grams: 1}}}, "refund.nothing_left"},
		"what a card paid":       {finished(), nil, RefundRequest{All: true}, "refund.one_way"},
		"a card's payment":       {finished(), nil, RefundRequest{Key: "card"}, "refund.one_way"},
		"more than a payment":    {finished(), nil, RefundRequest{Key: "code", Amount: 901}, "refund.too_much"},
		"more than is left":      {finished(), []Sale{half}, RefundRequest{Key: "code", Amount: 401}, "refund.too_much"},
		"a payment twice":        {finished(), []Sale{{Kind: Refund, State: Complete, Total: 900, Legs: []Leg{{Class: ClassRefund, Of: "code", Amount: 900, State: Paid}}}}, RefundRequest{Key: "code"}, "refund.nothing_left"},
		"one on its way":         {finished(), []Sale{{Kind: Refund, State: Unsettled, Total: 900, Legs: []Leg{{Class: ClassRefund, Of: "code", Amount: 900, State: Unknown}}}}, RefundRequest{Key: "code", Amount: 1}, "refund.too_much"},
		"spoken for":             {finished(), []Sale{{Kind: Refund, State: Unsettled, Total: 1500, Legs: []Leg{{Class: ClassRefund, Of: "code", Amount: 900, State: Rejected}}}}, RefundRequest{Key: "code", Amount: 1}, "refund.too_much"},
		"less than a fen":        {finished(), nil, RefundRequest{Key: "code", Amount: -1}, "refund.amount_range"},
		"more than there is":     {finished(), nil, RefundRequest{Key: "code", Amount: money.MaxFen + 1}, "refund.amount_range"},
		"another sale's payment": {finished(), nil, RefundRequest{Key: "else"}, "refund.bad_leg"},
		"what was not paid":      {other(func(s *Sale) { s.Legs[1].State = Rejected }), nil, RefundRequest{Key: "code"}, "refund.not_paid"},
		"an open sale":           {other(func(s *Sale) { s.State = Unsettled }), nil, RefundRequest{Key: "code"}, "refund.not_complete"},
		"a void sale":            {other(func(s *Sale) { s.State = Voided }), nil, RefundRequest{Key: "code"}, "refund.not_complete"},
		"a redemption":           {other(func(s *Sale) { s.Kind = Redemption }), nil, RefundRequest{Key: "code"}, "refund.not_goods"},
		"a refund":               {other(func(s *Sale) { s.Kind = Refund }), nil, RefundRequest{Key: "code"}, "refund.not_goods"},
	} {
		s, err := drafted(c.of, c.others, c.q)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s (%+v)", name, err, c.code, s)
		}
	}
}

// A refund that was voided, and a payment of one that was refused, gave nothing.
func TestWhatCameToNothingIsLeft(t *testing.T) {
	voided := Sale{Kind: Refund, State: Voided, Total: 1500, Lines: []Line{{Of: 1, Qty: 4, Amount: 1000}, {Of: 2, Grams: 735, Amount: 500}}, Legs: []Leg{
		{Class: ClassRefund, Of: "code", Amount: 900, State: Rejected}, {Class: ClassRecorded, Of: "cash", Amount: 400, State: Reversed},
	}}
	if _, err := drafted(finished(), []Sale{voided}, RefundRequest{All: true, Cash: true}); err != nil {
		t.Error(err)
	}
}

// The books refuse what no desk would draft.
func TestTheBooksCheckARefundThemselves(t *testing.T) {
	good := func() Sale {
		s, err := drafted(finished(), nil, RefundRequest{Returns: []Return{{Line: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, c := range map[string]struct {
		spoil func(*Sale)
		code  string
	}{
		"as it is":                  {func(*Sale) {}, ""},
		"another payment":           {func(s *Sale) { s.Legs[0].Of = "else" }, "refund.bad_leg"},
		"no payment":                {func(s *Sale) { s.Legs[0].Of = "" }, "refund.bad_leg"},
		"cash by the provider":      {func(s *Sale) { s.Legs[1].Class = ClassRefund }, "refund.bad_leg"},
		"a customer who pays":       {func(s *Sale) { s.Legs[0].Class = ClassCode }, "refund.bad_leg"},
		"more by a payment":         {func(s *Sale) { s.Legs[0].Amount = 901 }, "refund.too_much"},
		"more than the refund":      {func(s *Sale) { s.Legs[1].Amount = 101 }, "refund.too_much"},
		"a line of another sale":    {func(s *Sale) { s.Lines[0].Of = 3 }, "refund.bad_lines"},
		"a line before the first":   {func(s *Sale) { s.Lines[0].Of = -1 }, "refund.bad_lines"},
		"lines that do not add up":  {func(s *Sale) { s.Lines[0].Amount-- }, "refund.bad_lines"},
		"more of a line":            {func(s *Sale) { s.Lines[0].Qty = 5 }, "refund.line_left"},
		"a line worth more than it": {func(s *Sale) { s.Lines[0].Amount++; s.Total++ }, "refund.line_left"},
	} {
		s := good()
		c.spoil(&s)
		if err := CheckRefund(finished(), nil, s); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

// However a line is brought back, its parts are worth the line to the fen, and
// none is worth more than its share and a fen.
func TestThePartsOfALineAreWorthTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Range(1, 9_999).Draw(t, "units")
		amount := money.Fen(rapid.Int64Range(0, 1_000_000).Draw(t, "amount"))
		line := Line{Name: "x", Qty: whole, Amount: amount}
		weighed := rapid.Bool().Draw(t, "weighed")
		if weighed {
			line = Line{Name: "x", Grams: money.Grams(whole), UnitGrams: 500, Amount: amount}
		}
		of := Sale{ID: "s", Kind: Goods, State: Complete, Total: amount, Lines: []Line{line}}
		var refunds []Sale
		for {
			r := givenOf(of, refunds)
			left := r.unitsLeft(0)
			if left == 0 {
				break
			}
			n := rapid.Int64Range(0, left).Draw(t, "back")
			x := Return{Line: 1, Qty: n}
			if weighed {
				x = Return{Line: 1, Grams: money.Grams(n)}
			}
			back, err := r.share(x)
			if err != nil {
				t.Fatal(err)
			}
			if back.Amount < 0 || r.lines[0].Amount+back.Amount > amount {
				t.Fatalf("%+v after %+v", back, r.lines[0])
			}
			state := Complete
			if rapid.IntRange(0, 3).Draw(t, "fails") == 0 && len(refunds) < 50 {
				state = Voided
			}
			refunds = append(refunds, Sale{Kind: Refund, State: state, Total: back.Amount, Lines: []Line{back}})
		}
		if got := givenOf(of, refunds).lines[0].Amount; got != amount {
			t.Fatalf("%s of %s", got, amount)
		}
	})
}

// Vectors of integer division, not from this code: 100 fen over 3 pieces.
func TestAPartIsRoundedDownFromTheLinesBeginning(t *testing.T) {
	of := Sale{ID: "s", Kind: Goods, State: Complete, Total: 100, Lines: []Line{{Qty: 3, Amount: 100}}}
	var refunds []Sale
	for i, want := range []money.Fen{33, 33, 34} {
		back, err := givenOf(of, refunds).share(Return{Line: 1, Qty: 1})
		if err != nil || back.Amount != want {
			t.Errorf("%d: %s, %v", i, back.Amount, err)
		}
		refunds = append(refunds, Sale{Kind: Refund, State: Complete, Total: back.Amount, Lines: []Line{back}})
	}
}

// What two queries say together: only what is done is proof, and what either
// shows is not missing.
func TestTwoQueriesOfOneRefund(t *testing.T) {
	l := Leg{Key: "R", Amount: 5, Class: ClassRefund}
	yes := Answer{Delivery: Answered, HTTP: 200, Verdict: success, Key: "R", Amount: 5, HasAmount: true, Signature: Signed}
	gone, under := no("ORDER_NOT_EXIST", "退款单不存在订单"), no("REFUNDING", "退款中")
	for name, c := range map[string]struct {
		done, all Answer
		want      verdict
		asks      bool
	}{
		"done":                           {yes, Answer{}, paid, false},
		"under way, and said so":         {under, Answer{}, paying, false},
		"under way, only in the second":  {gone, under, paying, true},
		"under way, and called SUCCESS":  {gone, yes, paying, true},
		"in neither":                     {gone, gone, missing, true},
		"the second is lost":             {gone, Answer{Delivery: Silent}, unclear, true},
		"the first is lost":              {Answer{Delivery: Silent}, yes, unclear, false},
		"the first is no answer":         {status(500), yes, unclear, false},
		"our key is refused":             {no("SIGN_ERROR", "订单不存在"), yes, answered, false},
		"refused for some other reason":  {no("BUSINESS", "查询失败"), yes, answered, false},
		"the second is of another state": {gone, no("BUSINESS", "查询失败"), answered, true},
	} {
		asked := false
		said := RefundAsked(c.done, func() Answer { asked = true; return c.all })
		got := judge(OpRefundQuery, &l, &said).verdict
		if got != c.want || asked != c.asks {
			t.Errorf("%s: %d asked %t, want %d %t", name, got, asked, c.want, c.asks)
		}
	}
}

// Whatever a leg gives back, its entry is that of a payment turned round.
func TestARefundsEntriesMirrorTheSales(t *testing.T) {
	mirrored := func(amount uint32, cash bool) bool {
		in := Leg{ID: "l", SaleID: "s", Class: ClassCode, Amount: money.Fen(amount) + 1}
		out := in
		if out.Class, out.Of = ClassRefund, "k"; cash {
			in.Class, out.Class = ClassRecorded, ClassRecorded
		}
		for _, pair := range [][2]Entry{{paidEntries(in)[0], paidEntries(out)[0]}, {reversedEntries(in)[0], reversedEntries(out)[0]}} {
			sum := map[Account]money.Fen{}
			for _, p := range append(pair[0].Postings, pair[1].Postings...) {
				sum[p.Account] += p.Amount
			}
			for _, n := range sum {
				if n != 0 {
					return false
				}
			}
			if pair[1].Postings[0].Amount <= 0 {
				return false // a debit comes first
			}
		}
		return true
	}
	if err := quick.Check(mirrored, nil); err != nil {
		t.Error(err)
	}
	e := completeEntries(Sale{ID: "s", Kind: Refund, Total: 7})[0]
	if e.Postings[0] != (Posting{AccRefunds, 7}) || e.Postings[1] != (Posting{AccCustomer, -7}) {
		t.Errorf("%+v", e)
	}
}
