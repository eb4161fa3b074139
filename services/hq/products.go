package hq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"cashier/services/fault"
	"cashier/services/wire"
)

const defaultPageSize = 100

// List is one page of the shop's products (getlist). Asking beyond the last
// page gives an empty page. Rows that cannot be read are set aside by name in
// Page.Unreadable; the other calls refuse a reply with such a row whole.
func (c *Client) List(ctx context.Context, q ListQuery) (Page[Product], error) {
	size := q.PageSize
	if size <= 0 {
		size = defaultPageSize
	}
	index := q.PageIndex + 1
	if c.p.ZeroBasedPages {
		index = q.PageIndex
	}
	// All five go along even when empty: ASP.NET takes a missing number for a
	// missing action.
	query := c.shop()
	query.Set("keyword", q.Keyword)
	query.Set("pageIndex", strconv.Itoa(index))
	query.Set("pageSize", strconv.Itoa(size))
	query.Set("productClassId", strconv.FormatInt(q.ClassID, 10))
	var page Page[Product]
	err := c.get(ctx, ActionGetList, query, func(b []byte) (err error) {
		page, err = decodePage[Product](b)
		return err
	})
	return page, err
}

// Get is the product with the id of its shop row. Refused with code
// "hq.not_found" if there is none.
func (c *Client) Get(ctx context.Context, id int64) (Product, error) {
	return c.product(ctx, ActionGet, url.Values{"id": {strconv.FormatInt(id, 10)}})
}

// GetByProductID is the shop's row of a product. Refused with code
// "hq.not_found" if there is none.
func (c *Client) GetByProductID(ctx context.Context, productID int64) (Product, error) {
	query := c.shop()
	query.Set("productId", strconv.FormatInt(productID, 10))
	return c.product(ctx, ActionGetByProductID, query)
}

// ListByClass is every product of a class. Here HQ takes the class id as text.
func (c *Client) ListByClass(ctx context.Context, classID string) ([]Product, error) {
	query := c.shop()
	query.Set("productClassId", classID)
	return c.products(ctx, ActionGetListByClass, query)
}

// ListByProductIDs is the shop's rows of the products; HQ leaves out those it
// does not have. No ids, no request.
func (c *Client) ListByProductIDs(ctx context.Context, productIDs []int64) ([]Product, error) {
	if len(productIDs) == 0 {
		return nil, nil
	}
	ids := make([]string, len(productIDs))
	for i, id := range productIDs {
		ids[i] = strconv.FormatInt(id, 10)
	}
	query := c.shop()
	query.Set("productIds", strings.Join(ids, ","))
	return c.products(ctx, ActionGetListByProducts, query)
}

// ChangePrice sets price and member price of one shop row. The row is sent as
// HQ told it, with the new prices in it.
func (c *Client) ChangePrice(ctx context.Context, p Product) error {
	if err := priced(p); err != nil {
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
		if err := priced(p); err != nil {
			return err
		}
	}
	return c.post(ctx, ActionChangePrices, ps)
}

// UnifyChangePrice sets one price for a product in several shops.
func (c *Client) UnifyChangePrice(ctx context.Context, u UnifiedPrice) error {
	if len(u.ShopIDs) == 0 || u.ProductID <= 0 || !u.Price.Present {
		return noPrice(strconv.FormatInt(u.ProductID, 10))
	}
	return c.post(ctx, ActionUnifyChangePrice, struct {
		ShopIDs     []int64      `json:"shopIds"`
		ProductID   int64        `json:"productId"`
		Price       wire.Decimal `json:"price"`
		MemberPrice wire.Decimal `json:"memberPrice,omitzero"`
		ID          int64        `json:"id"` // in the contract, meaningless here
	}{u.ShopIDs, u.ProductID, u.Price, u.MemberPrice, 0})
}

// priced refuses a row that would set a price nobody named: HQ would read the
// missing number as 0.
func priced(p Product) error {
	if p.ID == 0 || !p.Price.Present {
		return noPrice(string(p.ProductName))
	}
	return nil
}

func noPrice(product string) error {
	return service.Fault(fault.Invalid, "price_missing",
		"The change of “{product}” lacks a shop, a product or a price; nothing was sent. Read the product again and enter its price.", nil, "product", clip(product))
}

func (c *Client) shop() url.Values {
	return url.Values{"shopId": {strconv.FormatInt(c.p.ShopID, 10)}}
}

func (c *Client) product(ctx context.Context, action string, query url.Values) (Product, error) {
	var p Product
	err := c.get(ctx, action, query, func(b []byte) (err error) {
		p, err = decodeProduct(b)
		return err
	})
	return p, err
}

func (c *Client) products(ctx context.Context, action string, query url.Values) ([]Product, error) {
	var list []Product
	err := c.get(ctx, action, query, func(b []byte) (err error) {
		list, err = decodeList[Product](b)
		return err
	})
	return list, err
}

// decodePage reads a page, or the result object HQ refuses with.
func decodePage[T any](b []byte) (Page[T], error) {
	var w struct {
		Data       *wire.List[json.RawMessage] `json:"data"`
		PageIndex  wire.Int                    `json:"pageIndex"`
		PageSize   wire.Int                    `json:"pageSize"`
		TotalCount *wire.Int                   `json:"totalCount"`
		Status     *wire.Text                  `json:"status"`
	}
	err := json.Unmarshal(b, &w)
	if err != nil {
		err = json.Unmarshal(quoteNumbers(b), &w)
	}
	if err != nil {
		return Page[T]{}, service.NotJSON(err)
	}
	if w.Data == nil && w.TotalCount == nil {
		return Page[T]{}, instead(b, w.Status != nil)
	}
	page := Page[T]{PageIndex: w.PageIndex, PageSize: w.PageSize}
	if w.Data != nil {
		page.Data, page.Unreadable = decodeRows[T](*w.Data)
	}
	if len(page.Data)+len(page.Unreadable) == 0 {
		// The shell of a page around a refusal is not an empty shop.
		if err := refusal(b); err != nil {
			return Page[T]{}, err
		}
	}
	if w.TotalCount != nil {
		page.TotalCount = *w.TotalCount
	}
	return page, nil
}

func decodeList[T any](b []byte) ([]T, error) {
	if bytes.HasPrefix(b, []byte("{")) {
		return nil, instead(b, true)
	}
	var list wire.List[T]
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, service.NotJSON(err)
	}
	return list, nil
}

func decodeProduct(b []byte) (Product, error) {
	if string(b) == "null" {
		return Product{}, service.Fault(fault.Refused, "not_found",
			"HQ does not have this product in this shop. Synchronise the prices, then look for it again.", nil)
	}
	var w struct {
		Product
		Status *wire.Text `json:"status"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return Product{}, service.NotJSON(err)
	}
	if w.ID == 0 && w.ProductID == 0 {
		return Product{}, instead(b, w.Status != nil)
	}
	return w.Product, nil
}

// instead is the fault for an object that is not what was asked for.
func instead(b []byte, hasStatus bool) error {
	if hasStatus {
		if err := decodeResult(wire.Reads, b); err != nil {
			return err
		}
	}
	return service.NotJSON(errors.New("neither the data asked for nor a refusal"))
}

// refusal is the fault of a status that speaks of one, nil for anything else.
func refusal(b []byte) error {
	var r Result
	if err := json.Unmarshal(b, &r); err == nil && r.Status >= 400 {
		return decodeResult(wire.Reads, b)
	}
	return nil
}

// decodeResult is nil for status 200. An unreadable answer to a deed is of
// kind Unknown: HQ may have done it.
func decodeResult(effect wire.Effect, b []byte) error {
	var r Result
	if err := json.Unmarshal(b, &r); err != nil {
		if effect == wire.Writes {
			return service.Silent(wire.Writes, err)
		}
		return service.NotJSON(err)
	}
	if r.notLoggedIn() {
		return errNotLoggedIn
	}
	return r.fault(effect)
}
