package hqtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/money"
	"cashier/services/shopdata"
	"cashier/services/shopdata/standin"
)

// Bill is what was uploaded under one serial number, row by row as it came.
type Bill struct {
	Code string            `json:"code"`
	Rows []json.RawMessage `json:"rows"`
}

// Bills are what tills have uploaded, in the order in which it came.
type Bills struct {
	Payments []Bill `json:"payments"` // of billpaymentupload
	Sales    []Bill `json:"sales"`    // of billsaleupload
}

func (b Bills) clone() Bills { return Bills{slices.Clone(b.Payments), slices.Clone(b.Sales)} }

// Bills are what was uploaded so far.
func (s *Server) Bills() Bills {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.bills.clone()
}

// billRow is what both kinds of rows have, and what is looked at in them. The
// money of a return is positive like any other (assumed: isReturn says the rest).
type billRow struct {
	Code        string           `json:"code"`
	Money       *decimal.Decimal `json:"money"`
	CreateTime  string           `json:"createTime"`
	PayTime     string           `json:"payTime"`
	PaymentType json.RawMessage  `json:"paymentType"` // the page says string, its sample is a number
	ProductID   int64            `json:"productId"`
	Price       *decimal.Decimal `json:"price"`
}

func (r billRow) wrong() bool {
	return r.Code == "" || !isMoney(r.Money) || !isTime(r.CreateTime)
}

// wrongPayment takes the types 1 to 10 of HQ help page shopupload.
func (r billRow) wrongPayment() bool {
	var text string
	if json.Unmarshal(r.PaymentType, &text) != nil {
		text = string(r.PaymentType)
	}
	n, err := strconv.Atoi(text)
	return r.wrong() || err != nil || n < 1 || n > 10 || !isTime(r.PayTime)
}

func (r billRow) wrongSale(quantity *decimal.Decimal) bool {
	return r.wrong() || r.ProductID <= 0 || !isMoney(r.Price) || quantity == nil || quantity.IsNegative()
}

func isMoney(d *decimal.Decimal) bool {
	if d == nil || d.IsNegative() {
		return false
	}
	_, err := money.FenFromDecimal(*d)
	return err == nil
}

func isTime(text string) bool {
	_, err := time.ParseInLocation(time.DateTime, text, shopdata.China)
	return err == nil
}

func (s *Server) uploadPayments(c call) outcome {
	return s.upload(c, &s.bills.Payments, func(raw json.RawMessage) (string, bool) {
		var r billRow
		err := json.Unmarshal(raw, &r)
		return r.Code, err == nil && !r.wrongPayment()
	})
}

func (s *Server) uploadSales(c call) outcome {
	name := s.Quirks().quantityName()
	return s.upload(c, &s.bills.Sales, func(raw json.RawMessage) (string, bool) {
		var r billRow
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &r) != nil || json.Unmarshal(raw, &fields) != nil {
			return "", false
		}
		var quantity *decimal.Decimal
		if json.Unmarshal(fields[name], &quantity) != nil {
			return "", false
		}
		return r.Code, !r.wrongSale(quantity)
	})
}

// quantityName is qty as in the stock rows of page shopproduct: the public copy
// of page shopupload breaks off after the q.
func (q Quirks) quantityName() string {
	if q.QuantityName == "" {
		return "qty"
	}
	return q.QuantityName
}

// upload stores the bills of one request, or, when it has one of their serial
// numbers already, none of them and says 801. What HQ does then with the others
// is not documented; the quirk billsApart stores those.
func (s *Server) upload(c call, book *[]Bill, read func(json.RawMessage) (code string, ok bool)) outcome {
	var rows []json.RawMessage
	if json.Unmarshal(c.body, &rows) != nil || len(rows) == 0 {
		return s.refuse("请求格式错误")
	}
	var came []Bill
	for _, raw := range rows {
		code, ok := read(raw)
		if !ok {
			return s.refuse("参数错误")
		}
		i := slices.IndexFunc(came, func(b Bill) bool { return b.Code == code })
		if i < 0 {
			came, i = append(came, Bill{Code: code}), len(came)
		}
		came[i].Rows = append(came[i].Rows, slices.Clone(raw))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := slices.DeleteFunc(slices.Clone(came), func(b Bill) bool {
		return slices.ContainsFunc(*book, func(have Bill) bool { return have.Code == b.Code })
	})
	repeated := len(fresh) < len(came)
	if !repeated || s.Quirks().BillsApart {
		*book = append(*book, fresh...)
	}
	if !repeated {
		return s.done()
	}
	said := s.coded(801)
	said.changed = s.Quirks().BillsApart && len(fresh) > 0
	return said
}

func (s *Server) benchBills(w http.ResponseWriter, _ *http.Request) {
	standin.WriteJSON(w, http.StatusOK, s.Bills())
}
