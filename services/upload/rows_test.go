package upload

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

var (
	eight = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	dec   = decimal.RequireFromString
)

// sold is a complete sale of everything the till can sell, paid in every way.
func sold() checkout.Sale {
	return checkout.Sale{
		ID: "01jsale", Kind: checkout.Goods, State: checkout.Complete, ReceiptNo: "7HX2KQ-1-000042", ClosedAt: eight,
		Actor: access.Actor{ID: "7", Name: "梅"}, Total: 5000,
		Lines: []checkout.Line{
			{ProductID: 41, Pricing: catalog.ByCount, Price: 550, Qty: 2, Amount: 1100},
			{ProductID: 9, Pricing: catalog.ByWeight, Price: 699, Grams: 731, UnitGrams: 500, Amount: 1022},
			{ProductID: 10, Pricing: catalog.CountThenWeigh, Price: 1200, Qty: 3, Grams: 1233, UnitGrams: 1000, Amount: 1480},
			{ProductID: 11, Pricing: catalog.CountThenWeigh, Price: 466, Qty: 3, Grams: 1233, Amount: 1398},
			{ProductID: 12, Name: "洗车", Times: 2},
			{Name: "会员积分", Times: 100},
		},
		Legs: []checkout.Leg{
			{Class: checkout.ClassRecorded, Method: "cash", Amount: 1000, Tendered: 1500, State: checkout.Paid, ChangedAt: eight.Add(-3 * time.Second)},
			{Class: checkout.ClassCode, Method: "code", Amount: 700, State: checkout.Rejected},
			{Class: checkout.ClassCode, Method: "code", Amount: 700, State: checkout.Reversed},
			{Class: checkout.ClassCode, Method: "code", Amount: 1500, State: checkout.Paid, ChangedAt: eight.Add(-2 * time.Second)},
			{Class: checkout.ClassMember, Method: "member", Amount: 1500, State: checkout.Paid, ChangedAt: eight.Add(-time.Second)},
			{Class: checkout.ClassCard, Method: "card", Amount: 1000, Count: 2, State: checkout.Paid, ChangedAt: eight},
		},
	}
}

func TestABill(t *testing.T) {
	want := Bill{
		Serial: "7HX2KQ-1-000042", Random: "01jsale", Cashier: "梅", At: eight,
		Payments: []Payment{
			{1, 1000, eight.Add(-3 * time.Second)}, {9, 1500, eight.Add(-2 * time.Second)}, {2, 1500, eight.Add(-time.Second)}, {9, 1000, eight},
		},
		Lines: []Line{
			{41, 550, dec("2"), 1100}, {9, 699, dec("1.462"), 1022}, {10, 1200, dec("1.233"), 1480}, {11, 466, dec("3"), 1398}, {12, 0, dec("2"), 0},
		},
	}
	got, err := Build(sold(), Rules{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPaymentTypes(t *testing.T) {
	for name, tt := range map[string]struct {
		leg   checkout.Leg
		rules Rules
		want  PaymentType
	}{
		"cash":                              {checkout.Leg{Class: checkout.ClassRecorded, Method: "cash"}, Rules{}, 1},
		"another recorded tender":           {checkout.Leg{Class: checkout.ClassRecorded, Method: "voucher"}, Rules{}, 9},
		"a member's balance":                {checkout.Leg{Class: checkout.ClassMember, Method: "member"}, Rules{TimesCard: MemberCard}, 2},
		"a code of no known wallet":         {checkout.Leg{Class: checkout.ClassCode, Method: "code"}, Rules{TimesCard: MemberCard}, 9},
		"a code that is known to be a":      {checkout.Leg{Class: checkout.ClassCode, Method: "wechat"}, Rules{}, 3},
		"a code that is known to be b":      {checkout.Leg{Class: checkout.ClassCode, Method: "alipay"}, Rules{}, 4},
		"a code that is known to be c":      {checkout.Leg{Class: checkout.ClassCode, Method: "unionpay"}, Rules{}, 10},
		"a times card":                      {checkout.Leg{Class: checkout.ClassCard, Method: "card"}, Rules{}, 9},
		"a times card that is a shop's own": {checkout.Leg{Class: checkout.ClassCard, Method: "card"}, Rules{TimesCard: MemberCard}, 2},
		"a class nobody knows":              {checkout.Leg{Class: "K9"}, Rules{}, 9},
	} {
		if got := tt.rules.paymentType(tt.leg); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestOnlyACompleteSaleHasABill(t *testing.T) {
	for _, state := range []checkout.SaleState{checkout.Tendering, checkout.Unsettled, checkout.Compensating, checkout.Voided, ""} {
		s := sold()
		s.State = state
		if _, err := Build(s, Rules{}); fault.CodeOf(err) != "upload.defect" {
			t.Errorf("%s: %v", state, err)
		}
	}
	s := sold()
	s.ReceiptNo = ""
	if _, err := Build(s, Rules{}); fault.CodeOf(err) != "upload.defect" {
		t.Errorf("without a number: %v", err)
	}
}

func TestGoodsBroughtBack(t *testing.T) {
	s := sold()
	s.Kind = "refund"
	if b, err := Build(s, Rules{}); err != nil || !b.IsReturn {
		t.Errorf("%+v, %v", b, err)
	}
}

// Of any sale: what was paid comes to its total, and so do the goods; nothing
// that was not paid is reported; price × quantity is the amount to the fen.
func TestBillsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := checkout.Sale{ID: "s", Kind: checkout.Goods, State: checkout.Complete, ReceiptNo: "r", ClosedAt: eight}
		for range rapid.IntRange(1, 20).Draw(t, "lines") {
			l := checkout.Line{ProductID: rapid.Int64Range(1, 99).Draw(t, "product"), Price: money.Fen(rapid.Int64Range(0, 99_999).Draw(t, "price"))}
			var err error
			if rapid.Bool().Draw(t, "weighed") {
				l.UnitGrams = rapid.SampledFrom([]money.Grams{1, 50, 500, 1000}).Draw(t, "unit")
				l.Grams = money.Grams(rapid.Int64Range(1, 100_000).Draw(t, "grams"))
				l.Amount, err = money.ForWeight(l.Price, l.Grams, l.UnitGrams)
			} else {
				l.Qty = rapid.Int64Range(1, 9999).Draw(t, "qty")
				l.Amount, err = l.Price.Times(l.Qty)
			}
			if err != nil {
				t.Fatal(err)
			}
			s.Lines, s.Total = append(s.Lines, l), s.Total+l.Amount
		}
		left := s.Total
		for left > 0 {
			l := checkout.Leg{
				Class: rapid.SampledFrom([]checkout.Class{"C0", "K1", "K2", "K3"}).Draw(t, "class"), Method: "code",
				State:  rapid.SampledFrom([]checkout.State{checkout.Paid, checkout.Paid, checkout.Rejected, checkout.Reversed}).Draw(t, "state"),
				Amount: min(left, money.Fen(rapid.Int64Range(1, 1_000_000_00).Draw(t, "amount"))),
			}
			if l.State == checkout.Paid {
				left -= l.Amount
			}
			s.Legs = append(s.Legs, l)
		}
		b, err := Build(s, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		var paid, goods money.Fen
		for _, p := range b.Payments {
			paid += p.Money
		}
		for _, l := range b.Lines {
			goods += l.Money
			exact := decimal.NewFromInt(int64(l.Price)).Mul(l.Quantity).Round(0)
			if !exact.Equal(decimal.NewFromInt(int64(l.Money))) {
				t.Errorf("%s × %s is not %s", l.Price, l.Quantity, l.Money)
			}
		}
		if paid != s.Total || goods != s.Total {
			t.Errorf("%s paid for %s of goods: %s", paid, goods, s.Total)
		}
		again, _ := Build(s, Rules{})
		if d := cmp.Diff(b, again); d != "" {
			t.Error(d)
		}
	})
}
