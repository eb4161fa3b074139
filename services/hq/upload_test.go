package hq

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"cashier/services/fault"
	"cashier/services/hq/hqtest"
	"cashier/services/wire"
)

func TestRowsThatAreNotSent(t *testing.T) {
	o := newOffice(t, func(_ http.ResponseWriter, r *http.Request) { t.Error("sent", r.URL) })
	c := o.client(t)
	for name, spoil := range map[string]func(*BillPayment){
		"no number": func(p *BillPayment) { p.Code = "" }, "no type": func(p *BillPayment) { p.PaymentType = 0 },
		"type 11": func(p *BillPayment) { p.PaymentType = 11 }, "no amount": func(p *BillPayment) { p.Money = wire.Decimal{} },
		"never paid": func(p *BillPayment) { p.PayTime = Time{} }, "never made": func(p *BillPayment) { p.CreateTime = Time{} },
	} {
		row := cashPaid
		spoil(&row)
		if _, err := c.PaymentRows([]BillPayment{cashPaid, row}); fault.CodeOf(err) != "hq.bill_row" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, spoil := range map[string]func(*BillSale){
		"no number": func(s *BillSale) { s.Code = "" }, "no product": func(s *BillSale) { s.ProductID = 0 },
		"no price": func(s *BillSale) { s.Price = wire.Decimal{} }, "no amount": func(s *BillSale) { s.Money = wire.Decimal{} },
		"no quantity": func(s *BillSale) { s.Quantity = wire.Decimal{} }, "never made": func(s *BillSale) { s.CreateTime = Time{} },
	} {
		row := appleSold
		spoil(&row)
		if _, err := c.SaleRows([]BillSale{row}); fault.CodeOf(err) != "hq.bill_row" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, none := range []BillRows{nil, BillRows(`[]`), BillRows(`{}`), BillRows(`[1,`)} {
		if err := c.UploadPayments(t.Context(), none); fault.CodeOf(err) != "hq.bill_rows" {
			t.Errorf("%s: %v", none, err)
		}
		if err := c.UploadSales(t.Context(), none); fault.CodeOf(err) != "hq.bill_rows" {
			t.Errorf("%s: %v", none, err)
		}
	}
}

// Nothing between the rows and the wire may change a byte of them.
func TestRowsAreSentAsTheyWereWritten(t *testing.T) {
	var got []string
	o := newOffice(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, record(t, r).body)
		says(done)(w, r)
	})
	c := o.client(t)
	odd := cashPaid
	odd.UserName, odd.RandomCode = `梅 <&> "\u2028" `+"\u2028", strings.Repeat("长", 300)
	rows := sure[BillRows](t)(c.PaymentRows([]BillPayment{odd, cashPaid}))
	for range 2 {
		if err := c.UploadPayments(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 2 || got[0] != string(rows) || got[1] != string(rows) {
		t.Errorf("%q is not %q", got, rows)
	}
	if again := sure[BillRows](t)(c.PaymentRows([]BillPayment{odd, cashPaid})); string(again) != string(rows) {
		t.Errorf("%q, then %q", rows, again)
	}
}

func TestTheQuantityHasTheNameOfTheSettings(t *testing.T) {
	o := newOffice(t, says(done))
	p := o.params()
	p.QuantityName = `数 "量"`
	c := dial(t, p)
	rows := sure[BillRows](t)(c.SaleRows([]BillSale{appleSold}))
	read, ok := document(t, string(rows)).([]any)
	if !ok || len(read) != 1 {
		t.Fatalf("%s", rows)
	}
	row, _ := read[0].(map[string]any)
	if row[`数 "量"`] != json.Number("1.462") || row["qty"] != nil || row["price"] != json.Number("6.99") {
		t.Errorf("%s", rows)
	}
	args := []wire.Arg{
		{Name: "code", Value: "A"}, {Name: "productId", Value: "3"}, {Name: `数 "量"`, Value: "1"},
		{Name: "price", Value: "1"}, {Name: "money", Value: "1"}, {Name: "createTime", Value: "2026-03-08 20:00:02"},
	}
	if err := c.Check(ActionUploadSales, args); err != nil {
		t.Error(err)
	}
	args[4].Value = "0.005"
	if err := c.Check(ActionUploadSales, args); fault.CodeOf(err) != "hq.argument_value" {
		t.Errorf("half a fen: %v", err)
	}
}

// Against the stand-in: stored once, and every repetition is told by its code.
func TestStandInBills(t *testing.T) {
	s, c, _ := desk(t, nil)
	payments := sure[BillRows](t)(c.PaymentRows([]BillPayment{cashPaid}))
	lines := sure[BillRows](t)(c.SaleRows([]BillSale{appleSold}))
	for name, send := range map[string]func() error{
		"billpaymentupload": func() error { return c.UploadPayments(t.Context(), payments) },
		"billsaleupload":    func() error { return c.UploadSales(t.Context(), lines) },
	} {
		if err := s.SetFaults(name + "=lost-reply#1"); err != nil {
			t.Fatal(err)
		}
		if err := send(); fault.KindOf(err) != fault.Unknown {
			t.Errorf("%s, its reply lost: %v", name, err)
		}
		var said *StatusError
		if err := send(); !errors.As(err, &said) || said.Status != StatusDuplicateSerial {
			t.Errorf("%s again: %v", name, err)
		}
	}
	b := s.Bills()
	if len(b.Payments) != 1 || len(b.Sales) != 1 || "["+string(b.Payments[0].Rows[0])+"]" != string(payments) || "["+string(b.Sales[0].Rows[0])+"]" != string(lines) {
		t.Errorf("%+v", b)
	}
	if err := s.SetQuirks(hqtest.Quirks{QuantityName: "quantity"}); err != nil {
		t.Fatal(err)
	}
	other := appleSold
	other.Code, other.CreateTime = "B", Time{soldAt.Add(time.Minute)}
	if err := c.UploadSales(t.Context(), sure[BillRows](t)(c.SaleRows([]BillSale{other}))); err == nil {
		t.Error("an unknown quantity was taken")
	}
}
