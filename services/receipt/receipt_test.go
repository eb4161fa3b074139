package receipt_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/receipt"
)

var update = flag.Bool("update", false, "write the golden files anew; look at each before it is kept")

var shanghai = time.FixedZone("CST", 8*3600)

func params(lang string) receipt.Params {
	return receipt.Params{
		Shop: "鲜果园", Head: []string{"人民路 88 号", "电话 021-5555 0100"}, Foot: []string{"谢谢惠顾，欢迎再来"}, Zone: shanghai, Lang: lang,
	}
}

func sale(kind checkout.Kind) checkout.Sale {
	return checkout.Sale{
		ID: "01jd", Kind: kind, TillID: "K7M2QX", Epoch: 1, State: checkout.Complete, ReceiptNo: "K7M2QX-1-000123",
		Actor: access.Actor{Name: "王芳"}, ClosedAt: time.Date(2026, 11, 22, 2, 32, 5, 0, time.UTC),
	}
}

func fen(f money.Fen) *money.Fen { return &f }

// shopping is a sale with every kind of line and tender.
func shopping() (checkout.Sale, receipt.Params) {
	s := sale(checkout.Goods)
	s.Total = 17390
	s.Lines = []checkout.Line{
		{Name: "红富士苹果", Unit: "斤", Pricing: catalog.ByWeight, ListPrice: 598, Price: 598, Grams: 735, UnitGrams: 500, Amount: 879},
		{Name: "散装核桃", Unit: "公斤", Pricing: catalog.ByWeight, ListPrice: 4599, Price: 3999, Grams: 1250, UnitGrams: 1000, Amount: 4999},
		{Name: "虫草花", Unit: "两", Pricing: catalog.ByWeight, ListPrice: 1580, Price: 1580, Grams: 50, UnitGrams: 50, Amount: 1580},
		{Name: "帝王蟹礼盒（加拿大进口，活冻，净重约一千二百克，附冰袋）", Unit: "盒", Pricing: catalog.CountThenWeigh, ListPrice: 8800, Price: 8800, Qty: 1, Grams: 1213, Amount: 8800},
		{Name: "Sparkling water 500 ml", Unit: "瓶", Pricing: catalog.ByCount, ListPrice: 400, Price: 350, Qty: 3, Amount: 1050},
		{Name: "洗车", Unit: "次", Pricing: catalog.ByCount, ListPrice: 100, Price: 100, Qty: 1, Amount: 100},
	}
	s.Legs = []checkout.Leg{
		{ID: "l1", Key: "K7M2QX-1-a", Class: checkout.ClassRecorded, Method: checkout.MethodCash, State: checkout.Paid, Amount: 5000, Tendered: 10000},
		{ID: "l2", Key: "K7M2QX1000123b", Class: checkout.ClassCode, Method: checkout.MethodCode, State: checkout.Rejected, Amount: 9000},
		{ID: "l3", Key: "K7M2QX1000123c", Class: checkout.ClassCode, Method: checkout.MethodCode, State: checkout.Paid, Amount: 7390, ProviderNo: "4200002345202611221234567890"},
		{ID: "l4", Key: "K7M2QX-1-d", Class: checkout.ClassRecorded, Method: checkout.MethodOther, State: checkout.Paid, Amount: 1000, Reason: checkout.Reason{Message: "门口静态码"}},
		{ID: "l5", Key: "K7M2QX-1-e", Class: checkout.ClassMember, Method: "member", State: checkout.Paid, Amount: 3900, CardLast4: "8801", Count: 120, ProviderNo: "88123"},
		{ID: "l6", Key: "K7M2QX-1-f", Class: checkout.ClassCard, Method: "card", State: checkout.Paid, Amount: 100, CardLast4: "4024", Count: 1, Before: 10},
	}
	p := receipt.Params{
		Adjustments: []receipt.Adjustment{{Name: "整单优惠", Amount: -15}, {Name: "抹零", Amount: -3}},
		Notes: map[string]receipt.Note{
			"l5": {Principal: fen(3000), Gift: fen(900)},
			"l6": {Name: "洗车10次卡", Until: "2027-01-31"},
		},
		Invoice: "https://example.com/invoice?n=K7M2QX-1-000123",
	}
	return s, p
}

func cash() checkout.Sale {
	s := sale(checkout.Goods)
	s.Total = 500
	s.Lines = []checkout.Line{{Name: "香蕉", Unit: "个", Pricing: catalog.ByCount, ListPrice: 500, Price: 500, Qty: 1, Amount: 500}}
	s.Legs = []checkout.Leg{{ID: "l1", Class: checkout.ClassRecorded, Method: checkout.MethodCash, State: checkout.Paid, Amount: 500, Tendered: 500}}
	return s
}

func refund() checkout.Sale {
	s := sale(checkout.Refund)
	s.Total, s.Of = 500, "01jc"
	s.Lines = []checkout.Line{{Name: "香蕉", Unit: "个", Pricing: catalog.ByCount, ListPrice: 500, Price: 500, Qty: 1, Amount: 500, Of: 1}}
	s.Legs = []checkout.Leg{
		{ID: "l1", Key: "R1", Class: checkout.ClassRefund, Method: "refund", State: checkout.Paid, Amount: 300, ProviderNo: "5000"},
		{ID: "l2", Key: "R2", Class: checkout.ClassRefund, Method: "refund", State: checkout.Rejected, Kept: true, Amount: 200},
	}
	return s
}

func redemption() checkout.Sale {
	s := sale(checkout.Redemption)
	s.Lines = []checkout.Line{{Name: "洗车10次卡", Times: 2}}
	s.Legs = []checkout.Leg{{ID: "l1", Key: "K7M2QX-1-f", Class: checkout.ClassCard, Method: "card", State: checkout.Paid, CardLast4: "4024", Count: 2, Before: -1}}
	return s
}

// The golden files are read by a person before they are kept; here they only
// stay as they are. Each is checked to fit its paper.
func TestGolden(t *testing.T) {
	whole, extras := shopping()
	for name, c := range map[string]struct {
		sale checkout.Sale
		set  func(*receipt.Params)
	}{
		"whole": {whole, func(p *receipt.Params) {
			p.Adjustments, p.Notes, p.Invoice = extras.Adjustments, extras.Notes, extras.Invoice
		}},
		"cash":       {cash(), nil},
		"reprint":    {cash(), func(p *receipt.Params) { p.Reprint = true }},
		"refund":     {refund(), func(p *receipt.Params) { p.OfNo = "K7M2QX-1-000119" }},
		"redemption": {redemption(), func(p *receipt.Params) { p.Head, p.Foot, p.Shop = nil, nil, "" }},
	} {
		for _, lang := range []string{receipt.Chinese, receipt.English} {
			for paper, columns := range map[string]int{"58": receipt.Narrow, "80": receipt.Wide} {
				t.Run(name+" "+lang+" "+paper, func(t *testing.T) {
					p := params(lang)
					if c.set != nil {
						c.set(&p)
					}
					doc, err := receipt.New(c.sale, p)
					if err != nil {
						t.Fatal(err)
					}
					fits(t, doc, columns)
					golden(t, name+"."+lang+"."+paper+".txt", doc.Text(columns))
				})
			}
		}
	}
}

func fits(t *testing.T, doc receipt.Doc, columns int) {
	t.Helper()
	for _, r := range doc.Rows(columns) {
		room := columns
		if r.Big {
			room /= 2
		}
		if got := receipt.Cells(r.Text); got > room {
			t.Errorf("%d of %d columns: %q", got, room, r.Text)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// What is not paid has no receipt, whatever else is true of it.
func TestOnlyFinishedSales(t *testing.T) {
	for _, state := range []checkout.SaleState{checkout.Tendering, checkout.Voided, checkout.Unsettled, checkout.Compensating, ""} {
		s := cash()
		s.State = state
		if _, err := receipt.New(s, params("zh")); fault.CodeOf(err) != "receipt.not_complete" {
			t.Errorf("%s: %v", state, err)
		}
	}
}

// A rejected tender is not on the paper, an unknown number of times left is not
// guessed, and prices beside the price are exact.
func TestWhatIsSaid(t *testing.T) {
	whole, p := shopping()
	doc, err := receipt.New(whole, p)
	if err != nil {
		t.Fatal(err)
	}
	text := doc.Text(receipt.Wide)
	for _, want := range []string{
		"11.96/公斤", "19.995/斤", "158.00/斤  316.00/公斤", "原价 45.99", "剩余", "9 次", "本金", "30.00", "赠送", "9.00", "2027-01-31",
		"4200002345202611221234567890", "门口静态码", "抹零", "-0.03", "173.90", "找零", "50.00",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q", want)
		}
	}
	if strings.Contains(text, "90.00") {
		t.Error("a rejected payment is on the receipt")
	}
	doc, err = receipt.New(redemption(), receipt.Params{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(doc.Text(receipt.Wide), "剩余") {
		t.Error("times left were guessed")
	}
}
