package hq

import (
	"context"

	"cashier/services/fault"
	"cashier/services/wire"
)

// Stock is what a shop has of a product as HQ books it (HQ help page
// shopproduct, action getstockproductlist). Quantities are in ProductUnit,
// amounts in yuan, both with up to four decimals; an absent one is told from 0
// by Decimal.Present.
type Stock struct {
	ID           wire.Int     `json:"id"`
	ShopID       wire.Int     `json:"shopId"`
	ShopName     wire.Text    `json:"shopName"`
	ProductID    wire.Int     `json:"productId"`
	ProductCode  wire.Text    `json:"productCode"`
	ProductName  wire.Text    `json:"productName"`
	ProductClass wire.Text    `json:"productClass"` // a name
	ProductUnit  wire.Text    `json:"productUnit"`
	Qty          wire.Decimal `json:"qty,omitzero"`       // below 0 when more was sold than booked in
	CostPrice    wire.Decimal `json:"costPrice,omitzero"` // yuan per unit
	CostMoney    wire.Decimal `json:"costMoney,omitzero"` // yuan
	LastPrice    wire.Decimal `json:"lastPrice,omitzero"` // of the last purchase, yuan per unit
	BoxQty       wire.Decimal `json:"boxQty,omitzero"`    // 箱数
	Length       wire.Int     `json:"length"`             // 品名长度, of the name
	Images       Pictures     `json:"images"`
}

// StockList is one page of what the shop has (getstockproductlist), with the
// rules of List.
func (c *Client) StockList(ctx context.Context, q ListQuery) (Page[Stock], error) {
	return pageOf[Stock](ctx, c, ActionStockList, q)
}

// StockListByClass is what the shop has of a class. Here HQ takes the class id
// as text.
func (c *Client) StockListByClass(ctx context.Context, classID string) ([]Stock, error) {
	return listOf[Stock](ctx, c, ActionStockListByClass, wire.Arg{Name: "productClassId", Value: classID})
}

// Assignment puts products on sale in shops.
type Assignment struct {
	ShopIDs    []int64
	ProductIDs []int64
	ClassID    int64
}

// AddProducts puts the products on sale in the shops (addproduct). ClassID may
// be 0. Invalid, and nothing is sent, without shops or products.
func (c *Client) AddProducts(ctx context.Context, a Assignment) error {
	if len(a.ProductIDs) == 0 || !a.sound() {
		return nothingToAdd()
	}
	return c.assign(ctx, ActionAddProduct, a)
}

// AddProductsByClass puts every product of the class on sale in the shops
// (addproductbyclass). Invalid, and nothing is sent, without shops or class.
func (c *Client) AddProductsByClass(ctx context.Context, a Assignment) error {
	if a.ClassID == 0 || !a.sound() {
		return nothingToAdd()
	}
	return c.assign(ctx, ActionAddProductByClass, a)
}

func (a Assignment) sound() bool {
	return len(a.ShopIDs) > 0 && positive(a.ShopIDs) && positive(a.ProductIDs) && a.ClassID >= 0
}

func nothingToAdd() error {
	return service.Fault(fault.Invalid, "assignment",
		"It does not say which products are to be sold in which shops; nothing was sent. Choose at least one shop, and products or a class.", nil)
}

func (c *Client) assign(ctx context.Context, action string, a Assignment) error {
	return c.post(ctx, action, struct {
		ShopIDs    []int64 `json:"shopIds"`
		ClassID    int64   `json:"productClassId"`
		ProductIDs []int64 `json:"productIds"`
		ID         int64   `json:"id"` // in the contract, meaningless here
	}{a.ShopIDs, a.ClassID, notNull(a.ProductIDs), 0})
}

// Delete takes rows off sale by the id of the row, which is Product.ID and not
// the product's (delete). HQ is not told the shop: the caller answers for the
// rows being its own. No ids, no request; Invalid for an id that is none.
func (c *Client) Delete(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if !positive(ids) {
		return service.Fault(fault.Invalid, "row_id", "One of the rows to delete has no number of HQ's; nothing was sent. Read the products again, then choose them anew.", nil)
	}
	return c.post(ctx, ActionDelete, ids)
}

// DeleteAll takes EVERY product of EVERY SHOP of the tenant off sale
// (deleteall). The contract has no shop filter, no selection and no way back:
// one call empties the tills of the whole chain. No sale needs it; a program
// that offers it must name what it does, ask a person who has the right, and
// write down who it was.
func (c *Client) DeleteAll(ctx context.Context) error {
	return c.post(ctx, ActionDeleteAll, struct{}{})
}

// ResetDownload makes HQ hand out the whole product list anew at the next
// download of every till of the tenant (resetdownload); it has no shop filter.
func (c *Client) ResetDownload(ctx context.Context) error {
	return c.post(ctx, ActionResetDownload, struct{}{})
}

func positive(ids []int64) bool {
	for _, id := range ids {
		if id <= 0 {
			return false
		}
	}
	return true
}

// notNull keeps an empty list a list: ASP.NET gives null to code that may not
// expect it.
func notNull(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}
