package app

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/hq"
	"cashier/services/liantuofu"
	"cashier/services/money"
	"cashier/services/pricing"
	"cashier/services/scancode"
	"cashier/services/wire"
	"cashier/services/zvcms"
)

// HQ is the client of HQ, or why there is none.
func (t *Till) HQ() (*hq.Client, error) {
	if t.hq == nil {
		return nil, t.hqErr
	}
	return t.hq, nil
}

// Liantuofu is the client of the payment gateway, or why there is none.
func (t *Till) Liantuofu() (*liantuofu.Client, error) {
	if t.pay == nil {
		return nil, t.payErr
	}
	return t.pay, nil
}

// Zvcms is the client of the member gateway, or why there is none.
func (t *Till) Zvcms() (*zvcms.Client, error) {
	if t.member == nil {
		return nil, t.memberErr
	}
	return t.member, nil
}

// Note writes into the audit trail what a person did outside of a sale. The
// detail is one line without secrets.
func (t *Till) Note(ctx context.Context, what, subject, detail string) error {
	return t.noteAs(ctx, t.Actor(), what, subject, detail)
}

func (t *Till) noteAs(ctx context.Context, by access.Actor, what, subject, detail string) error {
	return t.Ledger.Note(ctx, checkout.Act{Actor: by, What: what, Subject: scancode.MaskText(subject), Detail: scancode.MaskText(detail), At: t.now()})
}

// Pricing changes prices at HQ for whoever acts; settle is how long HQ is given
// before a price that is not there yet is looked for again (zero: 1 s). Denied
// without the right, or why there is no HQ.
func (t *Till) Pricing(settle time.Duration) (*pricing.Service, error) {
	c, err := t.HQ()
	if err == nil {
		err = t.Actor().Demand(access.Prices)
	}
	if err != nil {
		return nil, err
	}
	return pricing.New(pricing.Params{HQ: priceList{c}, Note: t.Note, Settle: settle, Shop: t.Settings.Int("hq.shop_id"), Cache: priceCache{t.Catalog}, By: t.Actor()}), nil
}

// priceList puts HQ's rows into the words of package pricing, and back.
type priceList struct{ c *hq.Client }

func (l priceList) Price(ctx context.Context, product int64) (pricing.Row, error) {
	p, err := l.c.GetByProductID(ctx, product)
	return priceRow(p), err
}

func (l priceList) Prices(ctx context.Context, products []int64) ([]pricing.Row, error) {
	found, err := l.c.ListByProductIDs(ctx, products)
	rows := make([]pricing.Row, len(found))
	for i, p := range found {
		rows[i] = priceRow(p)
	}
	return rows, err
}

func (l priceList) PricesIn(ctx context.Context, product int64) ([]pricing.Row, error) {
	shops, err := l.c.ShopList(ctx, product)
	var rows []pricing.Row
	for _, s := range shops {
		for _, p := range s.Products {
			if int64(p.ProductID) == product {
				row := priceRow(p)
				row.ShopID = int64(s.ID) // the shop's own list: a row need not name its shop
				rows = append(rows, row)
			}
		}
	}
	return rows, err
}

func (l priceList) Change(ctx context.Context, rows []pricing.Row) error {
	products := make([]hq.Product, len(rows))
	for i, r := range rows {
		p, ok := r.Doc.(hq.Product)
		if !ok {
			return fault.New(fault.Internal, "price.row", "A price could not be sent back as HQ told it. Tell support.")
		}
		p.Price, p.MemberPrice = amount(r.Price), amount(r.Member)
		products[i] = p
	}
	if len(products) == 1 {
		return l.c.ChangePrice(ctx, products[0])
	}
	return l.c.ChangePrices(ctx, products)
}

func (l priceList) ChangeIn(ctx context.Context, product int64, shops []int64, price, member money.Fen) error {
	return l.c.UnifyChangePrice(ctx, hq.UnifiedPrice{ShopIDs: shops, ProductID: product, Price: yuan(price), MemberPrice: yuan(member)})
}

func priceRow(p hq.Product) pricing.Row {
	return pricing.Row{
		ShopID: int64(p.ShopID), ProductID: int64(p.ProductID), Code: string(p.ProductCode), Name: string(p.ProductName),
		Price: optional(p.Price), Member: optional(p.MemberPrice), Doc: p,
	}
}

func optional(d wire.Decimal) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: d.Decimal, Valid: d.Present}
}

func amount(d decimal.NullDecimal) wire.Decimal {
	return wire.Decimal{Decimal: d.Decimal, Present: d.Valid}
}

// yuan is an amount as HQ's documents write it.
func yuan(f money.Fen) wire.Decimal {
	return wire.NewDecimal(decimal.New(int64(f), -2))
}
