package hq

import (
	"context"
	"encoding/json"
	"time"

	"cashier/services/fault"
	"cashier/services/wire"
)

// PaymentType is how a bill was paid (HQ help page shopupload, paymentType;
// documented as a string, sampled as a number).
type PaymentType int

// The documented payment types.
const (
	PayCash          PaymentType = 1  // 现金
	PayMemberCard    PaymentType = 2  // 会员卡
	PayWeChat        PaymentType = 3  // 微信
	PayAlipay        PaymentType = 4  // 支付宝
	PayDiscount      PaymentType = 5  // 优惠
	PayWeChatOffline PaymentType = 6  // 微信线下
	PayAlipayOffline PaymentType = 7  // 支付宝线下
	PayDong          PaymentType = 8  // 东付
	PayOther         PaymentType = 9  // 其他
	PayUnionPay      PaymentType = 10 // 银联
)

// Time is written as "2006-01-02 15:04:05" in its own zone, which HQ is not told.
type Time struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) { return json.Marshal(t.Format(time.DateTime)) }

// BillPayment is one payment of a bill (HQ help page shopupload, action
// billpaymentupload). Money is yuan.
type BillPayment struct {
	Code           string       `json:"code"`       // 流水号: a bill's, and that of all its rows
	RandomCode     string       `json:"randomCode"` // 随机单号
	StallID        int64        `json:"stallId"`
	DeviceCode     string       `json:"deviceCode"`
	PaymentType    PaymentType  `json:"paymentType"`
	IsReturn       bool         `json:"isReturn"`
	Money          wire.Decimal `json:"money"`
	MemberCardCode string       `json:"memberCardCode"`
	UserID         int64        `json:"userId"` // HQ's number of the cashier; 0 where it is not known
	UserName       string       `json:"userName"`
	PayTime        Time         `json:"payTime"`
	CreateTime     Time         `json:"createTime"`
	ID             int64        `json:"id"` // HQ's own; 0 in what is uploaded
}

// BillSale is one line of a bill (HQ help page shopupload, action
// billsaleupload). Price is yuan per unit of the product, Quantity is in that
// unit, Money is yuan.
//
// The public copy of the page names these fields and breaks off at the
// quantity, after its first letter, q: the rest of that name is a setting
// (Params.QuantityName), and fields behind it are not known.
type BillSale struct {
	Code       string       `json:"code"` // as in BillPayment
	DeviceCode string       `json:"deviceCode"`
	ProductID  int64        `json:"productId"`
	Quantity   wire.Decimal `json:"-"` // under Params.QuantityName
	Price      wire.Decimal `json:"price"`
	Money      wire.Decimal `json:"money"`
	IsReturn   bool         `json:"isReturn"`
	CreateTime Time         `json:"createTime"`
	ID         int64        `json:"id"`
}

// defaultQuantityName is that of the stock rows on HQ help page shopproduct.
const defaultQuantityName = "qty"

// BillRows are the rows of an upload as they go over the wire, a JSON array.
// They are made apart from being sent, so that whoever sends them again sends
// the same bytes.
type BillRows []byte

// PaymentRows writes payments as billpaymentupload takes them. Faults: Invalid
// for a row without serial number, time, type or amount.
func (c *Client) PaymentRows(rows []BillPayment) (BillRows, error) {
	for _, r := range rows {
		if r.Code == "" || !r.Money.Present || r.PaymentType < PayCash || r.PaymentType > PayUnionPay || r.PayTime.IsZero() || r.CreateTime.IsZero() {
			return nil, badRow(r.Code)
		}
	}
	return encoded(rows)
}

// SaleRows writes lines as billsaleupload takes them. Faults: as PaymentRows.
func (c *Client) SaleRows(rows []BillSale) (BillRows, error) {
	named := make([]json.RawMessage, len(rows))
	for i, r := range rows {
		if r.Code == "" || r.ProductID <= 0 || !r.Price.Present || !r.Money.Present || !r.Quantity.Present || r.CreateTime.IsZero() {
			return nil, badRow(r.Code)
		}
		row, err := encoded(r)
		if err != nil {
			return nil, err
		}
		quantity, err := encoded(map[string]wire.Decimal{c.p.quantityName(): r.Quantity})
		if err != nil {
			return nil, err
		}
		named[i] = append(append(row[:len(row)-1:len(row)-1], ','), quantity[1:]...)
	}
	return encoded(named)
}

func (p Params) quantityName() string {
	if p.QuantityName == "" {
		return defaultQuantityName
	}
	return p.QuantityName
}

func encoded(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, service.Fault(fault.Internal, "payload", "The request could not be written. Check the values.", err)
	}
	return b, nil
}

func badRow(code string) error {
	return service.Fault(fault.Invalid, "bill_row",
		"A row of bill “{bill}” lacks its number, time, product, type or amount; nothing was sent. Tell support.", nil, "bill", clip(code))
}

// UploadPayments hands in payments (billpaymentupload). HQ answers once for all
// rows; a serial number it has already is StatusDuplicateSerial in a
// *StatusError, and whether the other rows were then stored is not documented.
// After a fault of kind Unknown the same rows may be sent again: what is there
// already is told by that code, never stored twice (assumed from its name).
func (c *Client) UploadPayments(ctx context.Context, rows BillRows) error {
	return c.upload(ctx, ActionUploadPayments, rows)
}

// UploadSales hands in lines (billsaleupload), by the rules of UploadPayments.
func (c *Client) UploadSales(ctx context.Context, rows BillRows) error {
	return c.upload(ctx, ActionUploadSales, rows)
}

func (c *Client) upload(ctx context.Context, action string, rows BillRows) error {
	var some []json.RawMessage
	if err := json.Unmarshal(rows, &some); err != nil || len(some) == 0 {
		return service.Fault(fault.Invalid, "bill_rows", "There are no rows to upload to HQ; nothing was sent.", err)
	}
	return c.post(ctx, action, json.RawMessage(rows))
}

const uploadRoutes = "api/shop/shopupload/"

// uploads is a deed of HQ help page shopupload, whose routes are documented.
func uploads(name string, fields ...wire.Field) entry {
	e := does(name, wire.Listed, (*Client).newRow, fields...)
	e.Path = uploadRoutes + name
	return e
}

// newRow is what a row of an upload says of itself unless told otherwise.
func (c *Client) newRow() ([]wire.Arg, error) {
	return []wire.Arg{{Name: "id", Value: "0"}, {Name: "isReturn", Value: "false"}}, nil
}

func paymentFields() []wire.Field {
	return []wire.Field{
		must("code", wire.String), may("randomCode", wire.String), may("stallId", wire.Whole), may("deviceCode", wire.String),
		must("paymentType", wire.Whole), may("isReturn", wire.Flag), must("money", wire.Number), may("memberCardCode", wire.String),
		may("userId", wire.Whole), may("userName", wire.String), must("payTime", wire.String), must("createTime", wire.String), may("id", wire.Whole),
	}
}

func saleFields() []wire.Field {
	return []wire.Field{
		must("code", wire.String), may("deviceCode", wire.String), must("productId", wire.Whole), must(defaultQuantityName, wire.Number),
		must("price", wire.Number), must("money", wire.Number), may("isReturn", wire.Flag), must("createTime", wire.String), may("id", wire.Whole),
	}
}

// renamed is the contract's entry with the quantity under its own name.
func (p Params) renamed(e entry) entry {
	if e.Name != ActionUploadSales {
		return e
	}
	for i := range e.Fields {
		if e.Fields[i].Name == defaultQuantityName {
			e.Fields[i].Name = p.quantityName()
		}
	}
	return e
}
