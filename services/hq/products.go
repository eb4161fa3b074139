package hq

import (
	"context"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

const defaultPageSize = 100

// List is one page of the shop's products (getlist). Asking beyond the last
// page gives an empty page. Rows that cannot be read are set aside by name in
// Page.Unreadable; the other calls refuse a reply with such a row whole.
func (c *Client) List(ctx context.Context, q ListQuery) (Page[Product], error) {
	return pageOf[Product](ctx, c, ActionGetList, q)
}

// Get is the product with the id of its shop row. Refused with code
// "hq.not_found" if there is none.
func (c *Client) Get(ctx context.Context, id int64) (Product, error) {
	p, err := c.product(ctx, ActionGet, wire.Arg{Name: "id", Value: whole(id)})
	return p, another(err, int64(p.ID), id)
}

// another refuses what was not asked for: a price change sends the row back.
func another(err error, got, asked int64) error {
	if err != nil || got == asked {
		return err
	}
	return service.Fault(fault.Contract, "another_product",
		"HQ was asked about product {asked} and answered about {got}. Tell support; nothing was changed.", nil, "asked", whole(asked), "got", whole(got))
}

// GetByProductID is the shop's row of a product. Refused with code
// "hq.not_found" if there is none.
func (c *Client) GetByProductID(ctx context.Context, productID int64) (Product, error) {
	p, err := c.product(ctx, ActionGetByProductID, wire.Arg{Name: "productId", Value: whole(productID)})
	return p, another(err, int64(p.ProductID), productID)
}

// ListByClass is every product of a class. Here HQ takes the class id as text.
func (c *Client) ListByClass(ctx context.Context, classID string) ([]Product, error) {
	return listOf[Product](ctx, c, ActionGetListByClass, wire.Arg{Name: "productClassId", Value: classID})
}

// ListByProductIDs is the shop's rows of the products; HQ leaves out those it
// does not have. No ids, no request.
func (c *Client) ListByProductIDs(ctx context.Context, productIDs []int64) ([]Product, error) {
	if len(productIDs) == 0 {
		return nil, nil
	}
	ids := make([]string, len(productIDs))
	for i, id := range productIDs {
		ids[i] = whole(id)
	}
	return listOf[Product](ctx, c, ActionGetListByProducts, wire.Arg{Name: "productIds", Value: strings.Join(ids, ",")})
}

// ChangePrice sets price and member price of one row of this shop. The row is
// sent as HQ told it, with the new prices in it. Invalid, and nothing is sent,
// for a row that HQ says is another shop's: use UnifyChangePrice for several.
func (c *Client) ChangePrice(ctx context.Context, p Product) error {
	if err := c.changeable(p); err != nil {
		return err
	}
	return c.post(ctx, ActionChangePrice, p)
}

// ChangePrices is ChangePrice for several rows in one call. HQ answers once for
// all: after a fault of kind Refused or Unknown, any of them may have changed,
// so they must be read again. No products, no request.
func (c *Client) ChangePrices(ctx context.Context, ps []Product) error {
	if len(ps) == 0 {
		return nil
	}
	for _, p := range ps {
		if err := c.changeable(p); err != nil {
			return err
		}
	}
	return c.post(ctx, ActionChangePrices, ps)
}

// UnifyChangePrice sets one price for a product in several shops.
func (c *Client) UnifyChangePrice(ctx context.Context, u UnifiedPrice) error {
	if len(u.ShopIDs) == 0 || u.ProductID <= 0 || !u.Price.Present {
		return noPrice(whole(u.ProductID))
	}
	return c.post(ctx, ActionUnifyChangePrice, struct {
		ShopIDs     []int64      `json:"shopIds"`
		ProductID   int64        `json:"productId"`
		Price       wire.Decimal `json:"price"`
		MemberPrice wire.Decimal `json:"memberPrice,omitzero"`
		ID          int64        `json:"id"` // in the contract, meaningless here
	}{u.ShopIDs, u.ProductID, u.Price, u.MemberPrice, 0})
}

// changeable refuses a row of another shop, and one that would set a price
// nobody named: HQ would read the missing number as 0.
func (c *Client) changeable(p Product) error {
	if p.ID == 0 || !p.Price.Present {
		return noPrice(string(p.ProductName))
	}
	if shop := int64(p.ShopID); shop != 0 && shop != c.p.ShopID {
		return service.Fault(fault.Invalid, "other_shop",
			"“{product}” is a row of shop {shop}, but this till is set up for shop {own}; nothing was sent. Read the product again, and check the shop number in Settings.",
			nil, "product", clip(string(p.ProductName)), "shop", whole(shop), "own", whole(c.p.ShopID))
	}
	return nil
}

func noPrice(product string) error {
	return service.Fault(fault.Invalid, "price_missing",
		"The change of “{product}” lacks a shop, a product or a price; nothing was sent. Read the product again and enter its price.", nil, "product", clip(product))
}
