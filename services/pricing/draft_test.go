package pricing

import (
	"context"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/fault"
	"cashier/services/money"
)

func fen(t testing.TB, s string) money.Fen {
	t.Helper()
	f, err := money.ParseFen(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The expected prices were worked out by hand.
func TestAdjustment(t *testing.T) {
	for _, c := range []struct {
		a        Adjustment
		was, now string
	}{
		{Adjustment{Percent: -500}, "10.00", "9.50"},
		{Adjustment{Percent: -500}, "5.98", "5.68"}, // 5.681
		{Adjustment{Percent: 334}, "0.15", "0.16"},  // 0.15501
		{Adjustment{Percent: 333}, "0.15", "0.15"},  // 0.154995
		{Adjustment{Percent: 250}, "9.80", "10.05"}, // 10.045
		{Adjustment{Add: -150}, "10.00", "8.50"},
		{Adjustment{Add: -150}, "1.00", "-0.50"}, // the guards name it
		{Adjustment{Ending: To9}, "10.00", "9.90"},
		{Adjustment{Ending: To9}, "10.40", "10.90"}, // as near to 9.90: up
		{Adjustment{Ending: To9}, "10.39", "9.90"},
		{Adjustment{Ending: To9}, "10.90", "10.90"},
		{Adjustment{Ending: To9, Direction: Up}, "10.91", "11.90"},
		{Adjustment{Ending: To9, Direction: Down}, "10.89", "9.90"},
		{Adjustment{Ending: To9, Direction: Down}, "0.30", "0.90"}, // the lowest there is
		{Adjustment{Ending: To0}, "0.30", "1.00"},
		{Adjustment{Ending: To0}, "12.49", "12.00"},
		{Adjustment{Ending: To0}, "12.50", "13.00"},
		{Adjustment{Ending: To5}, "12.00", "12.50"},
		{Adjustment{Ending: To5, Direction: Down}, "12.00", "11.50"},
		{Adjustment{Ending: To5}, "0.00", "0.00"},
		{Adjustment{Percent: -500, Add: 10, Ending: To9, Direction: Up}, "20.00", "19.90"},
	} {
		want := fen(t, c.now)
		if got, err := c.a.Apply(fen(t, c.was)); err != nil || got != want {
			t.Errorf("%+v of %s: %s, %v; want %s", c.a, c.was, got.Yuan(), err, want.Yuan())
		}
	}
	if _, err := (Adjustment{Percent: 100 * wholePercent}).Apply(money.MaxFen); err == nil {
		t.Error("a price beyond all bounds")
	}
	for _, bad := range []Adjustment{{}, {Percent: -wholePercent}, {Ending: ".7"}, {Ending: To9, Direction: "sideways"}, {Percent: 101 * wholePercent}} {
		if _, err := (Draft{}).Adjust(nil, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for text, want := range map[string]int64{"-5": -500, "+7.5%": 750, "0.25": 25} {
		if got, err := ParsePercent(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "5.555", "five", "1e2"} {
		if _, err := ParsePercent(bad); err == nil {
			t.Errorf("%q is no percentage", bad)
		}
	}
}

// An ending is kept, a price never moves by a yuan or more for it, never down
// past its direction, never to 0, and twice is once.
func TestEndingPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom([]Ending{To0, To5, To9}).Draw(t, "ending")
		d := rapid.SampledFrom([]Direction{"", Nearest, Up, Down}).Draw(t, "direction")
		f := money.Fen(rapid.Int64Range(1, 1_000_00).Draw(t, "price"))
		got := e.of(f, d)
		want := map[Ending]money.Fen{To0: 0, To5: 50, To9: 90}[e]
		lowest := want
		if lowest == 0 {
			lowest = 100
		}
		switch {
		case got%100 != want || got < lowest:
			t.Fatalf("%s of %s is %s", e, f, got)
		case got-f >= 100 || f-got >= 100:
			t.Fatalf("%s moved to %s", f, got)
		case d == Up && got < f, d == Down && got > f && got != lowest:
			t.Fatalf("%s went the wrong way to %s", f, got)
		case (d == "" || d == Nearest) && got != lowest && (got-f > 50 || f-got > 50):
			t.Fatalf("%s is not nearest to %s", got, f)
		case e.of(got, d) != got:
			t.Fatal("twice is not once")
		}
	})
}

// A percentage in integer fen is the exact one, rounded half up.
func TestPercentIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Int64Range(0, 1_000_000_00).Draw(t, "price")
		p := rapid.Int64Range(-9_999, 20_000).Draw(t, "percent")
		got, err := Adjustment{Percent: p}.Apply(money.Fen(f))
		if err != nil {
			t.Fatal(err)
		}
		twice := 2*int64(got)*10_000 - 2*f*(10_000+p) // twice the error, in ten-thousandths of a fen
		if twice > 10_000 || twice <= -10_000 {
			t.Fatalf("%d by %d is %d", f, p, got)
		}
	})
}

func line(was, member, price, memberTo, cost string) Line {
	l := LineOf(row(1, 1, was, member))
	l.Price, l.Member = row(1, 1, price, memberTo).Price, row(1, 1, price, memberTo).Member
	l.Cost = row(1, 1, cost, "").Price
	return l
}

func TestGuards(t *testing.T) {
	unit := line("10", "9", "11", "9", "")
	unit.NoUnit = true
	gone := Line{ProductID: 7, Gone: true}
	for name, c := range map[string]struct {
		line Line
		want string
	}{
		"as it should be":           {line("10", "9", "11", "9.5", "5"), ""},
		"ten times":                 {line("10", "9", "100", "9", ""), "block price.guard_dearer"},
		"a fen less":                {line("10", "9", "99.99", "9", ""), ""},
		"a tenth":                   {line("10", "0", "1", "0", ""), "block price.guard_cheaper"},
		"the member price ten":      {line("100", "9", "101", "90", ""), "block price.guard_dearer"},
		"the member price a tenth":  {line("100", "90", "99", "9", ""), "block price.guard_cheaper"},
		"from no member price":      {line("10", "0", "10", "9", ""), ""},
		"from no price":             {line("", "", "10", "", ""), ""},
		"member above":              {line("10", "9", "8", "9", ""), "warn price.guard_member"},
		"below cost":                {line("10", "0", "8", "0", "8.0001"), "warn price.guard_cost"},
		"member below cost":         {line("10", "9", "9.5", "7", "8"), "warn price.guard_member_cost"},
		"at cost":                   {line("10", "0", "8", "0", "8"), ""},
		"zero":                      {line("10", "9", "0", "9", ""), "block price.guard_zero"},
		"negative":                  {line("10", "9", "-1", "9", ""), "block price.guard_zero"},
		"negative for members":      {line("10", "9", "10", "-1", ""), "block price.guard_negative"},
		"half a fen":                {line("10", "9", "9.005", "9", ""), "block price.guard_fen"},
		"half a fen for members":    {line("10", "9", "9.5", "8.805", ""), "block price.guard_member_fen"},
		"HQ's own half fen":         {line("10", "8.805", "10", "8.805", ""), ""},
		"too much":                  {line("10", "9", "100000000.01", "9", ""), "block price.guard_fen"},
		"none":                      {line("10", "9", "", "9", ""), "block price.guard_none"},
		"no unit":                   {unit, "warn price.guard_unit"},
		"unknown":                   {gone, "block price.guard_unknown"},
		"below cost, and unchanged": {line("8", "0", "8", "0", "9"), ""},
	} {
		var got []string
		for _, f := range (Draft{[]Line{c.line}}).Preview(Rules{}).Lines[0].Findings {
			got = append(got, string(f.Severity)+" "+f.Code())
			if f.Why.Message == "" || strings.Contains(f.Why.Message, "{") {
				t.Errorf("%s: says %q", name, f.Why.Message)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

func TestPreview(t *testing.T) {
	same, dear, low := line("10", "9", "10", "9", ""), line("10", "9", "100", "9", ""), line("10", "9", "8", "9", "")
	for i, l := range []*Line{&same, &dear, &low} {
		l.ProductID = int64(i + 1)
	}
	twice := line("10", "9", "12", "9", "")
	twice.ProductID = 9
	elsewhere := twice
	elsewhere.ShopID = 2
	d := Draft{[]Line{same, dear, low, twice, twice, elsewhere}}
	p := d.Preview(Rules{})
	if p.Same != 1 || p.Blocked != 3 || p.Changes != 2 || p.Warned != 1 || p.Lines[3].Why().Code != "price.guard_duplicate" || p.Lines[5].Blocked() {
		t.Errorf("%+v", p)
	}
	allowed := d.Preview(Rules{Allow: []string{"price.guard_dearer", "price.guard_duplicate"}})
	if allowed.Blocked != 2 || allowed.Warned != 2 {
		t.Errorf("what may be allowed is not, or more: %+v", allowed)
	}
	if high := d.Preview(Rules{Factor: 11}); high.Blocked != 2 {
		t.Errorf("%+v", high)
	}
	if none := d.Preview(Rules{Factor: 1}); none.Blocked != 2 {
		t.Errorf("%+v", none)
	}
	m := line("10", "9", "12.50", "9", "10")
	if got, ok := m.Margin(); !ok || got != 20_00 {
		t.Error(got)
	}
	if was, ok := m.WasMargin(); !ok || was != 0 {
		t.Error(was)
	}
	if _, ok := (Line{}).Margin(); ok {
		t.Error("a margin of nothing")
	}
}

func TestDraftIsAValue(t *testing.T) {
	a, b := line("10", "9", "10", "9", ""), line("20", "0", "20", "0", "")
	b.ProductID, b.Class = 2, "水果"
	odd := line("10.005", "", "10.005", "", "")
	odd.ProductID = 3
	d := Draft{[]Line{a, b, odd}}
	down := Adjustment{Percent: -1000, Member: true}
	once, err := d.Adjust(nil, down)
	if err != nil {
		t.Fatal(err)
	}
	again, err := once.Adjust(nil, down)
	if err != nil || Yuan(again.Lines[0].Price) != "9.00" || Yuan(again.Lines[0].Member) != "8.10" {
		t.Errorf("%v %+v", err, again.Lines[0])
	}
	if Yuan(d.Lines[0].Price) != "10.00" || !again.Lines[2].Same() || again.Lines[1].Member.Decimal.IsPositive() {
		t.Errorf("%+v, %+v", d.Lines, again.Lines)
	}
	fruit := d.Set(OfClass("水果"), want(t, "15", "14"))
	if !fruit.Lines[0].Same() || Yuan(fruit.Lines[1].Price) != "15.00" || Yuan(fruit.Lines[1].Member) != "14.00" {
		t.Errorf("%+v", fruit.Lines)
	}
	if one := d.Set(OfProducts(1), want(t, "15", "")); one.Lines[0].Same() || Yuan(one.Lines[0].Member) != "9.00" || !one.Lines[1].Same() {
		t.Errorf("%+v", one.Lines)
	}
	large := Draft{[]Line{line("99999999", "", "1", "", "")}}
	if _, err := large.Adjust(nil, Adjustment{Percent: 10_000_00}); fault.CodeOf(err) != "price.adjust_large" {
		t.Error(err)
	}
}

func TestRehearse(t *testing.T) {
	o := newOffice(205)
	o.rows[2] = map[int64]Row{1: row(2, 1, "8", "7")}
	var list []Wanted
	for id := int64(1); id <= 206; id++ {
		list = append(list, Wanted{ProductID: id, Code: "x", Price: yuan(1100), FileRow: int(id) + 1})
	}
	list = append(list, Wanted{ProductID: 1, ShopID: 2, Member: yuan(650)})
	s := New(Params{HQ: o, Shop: 1})
	var told []int
	d, err := s.Rehearse(t.Context(), list, func(_ context.Context, lines []Line) error { lines[0].Class = "水果"; return nil }, func(done, _ int) { told = append(told, done) })
	if err != nil || len(d.Lines) != 207 || len(told) != 3 || told[2] != 207 || d.Lines[0].Class != "水果" {
		t.Fatalf("%v, %d lines, %v", err, len(d.Lines), told)
	}
	if l := d.Lines[1]; l.ShopID != 1 || Yuan(l.Was) != "10.00" || Yuan(l.Price) != "11.00" || Yuan(l.Member) != "9.00" || l.FileRow != 3 {
		t.Errorf("%+v", l)
	}
	if l := d.Lines[205]; !l.Gone || l.Code != "x" {
		t.Errorf("%+v", l)
	}
	if l := d.Lines[206]; l.ShopID != 2 || Yuan(l.Price) != "8.00" || Yuan(l.Member) != "6.50" {
		t.Errorf("%+v", l)
	}
	o.read = func() error { return errUnsent }
	if _, err := s.Rehearse(t.Context(), list, nil, nil); err == nil {
		t.Error("a draft of nothing")
	}
}

// 5,000 rows are previewed within a second; this takes some milliseconds.
func BenchmarkPreview5000(b *testing.B) {
	d := Draft{}
	for id := int64(1); id <= 5000; id++ {
		l := LineOf(row(1, id, "10.00", "9.00"))
		l.Cost = decimal.NewNullDecimal(decimal.New(id%12, 0))
		d.Lines = append(d.Lines, l)
	}
	for b.Loop() {
		next, err := d.Adjust(nil, Adjustment{Percent: -500, Ending: To9, Member: true})
		if err != nil || next.Preview(Rules{}).Changes == 0 {
			b.Fatal(err)
		}
	}
}
