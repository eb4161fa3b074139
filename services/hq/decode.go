package hq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"cashier/services/fault"
	"cashier/services/wire"
)

func (c *Client) pageArgs(q ListQuery) []wire.Arg {
	size, index := q.PageSize, int64(q.PageIndex)
	if size <= 0 {
		size = defaultPageSize
	}
	if !c.p.ZeroBasedPages {
		index++
	}
	return []wire.Arg{
		{Name: "keyword", Value: q.Keyword}, {Name: "pageIndex", Value: whole(index)},
		{Name: "pageSize", Value: whole(int64(size))}, {Name: "productClassId", Value: whole(q.ClassID)},
	}
}

func pageOf[T any](ctx context.Context, c *Client, action string, q ListQuery) (Page[T], error) {
	var page Page[T]
	err := c.get(ctx, action, c.pageArgs(q), func(b []byte) (err error) {
		page, err = decodePage[T](b)
		return err
	})
	return page, err
}

func listOf[T any](ctx context.Context, c *Client, action string, args ...wire.Arg) ([]T, error) {
	var list []T
	err := c.get(ctx, action, args, func(b []byte) (err error) {
		list, err = decodeList[T](b)
		return err
	})
	return list, err
}

func (c *Client) product(ctx context.Context, action string, args ...wire.Arg) (Product, error) {
	var p Product
	err := c.get(ctx, action, args, func(b []byte) (err error) {
		p, err = decodeProduct(b)
		return err
	})
	return p, err
}

// decodePage reads a page, or the result object HQ refuses with.
func decodePage[T any](b []byte) (Page[T], error) {
	var w struct {
		Data       *wire.List[json.RawMessage] `json:"data"`
		PageIndex  wire.Int                    `json:"pageIndex"`
		PageSize   wire.Int                    `json:"pageSize"`
		SumData    lenient[T]                  `json:"sumData"`
		TotalCount *wire.Int                   `json:"totalCount"`
		Status     *wire.Text                  `json:"status"`
	}
	err := json.Unmarshal(b, &w)
	if err != nil {
		err = json.Unmarshal(quoteNumbers(b), &w)
	}
	if err == nil {
		err = once(b, false) // a row spoils itself alone
	}
	if err != nil {
		return Page[T]{}, service.NotJSON(err)
	}
	if w.Data == nil && w.TotalCount == nil {
		return Page[T]{}, instead(b, w.Status != nil)
	}
	page := Page[T]{Sum: w.SumData.value, PageIndex: w.PageIndex, PageSize: w.PageSize}
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
	err := json.Unmarshal(b, &list)
	if err == nil {
		err = once(b, true)
	}
	if err != nil {
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
	err := json.Unmarshal(b, &w)
	if err == nil {
		err = once(b, true)
	}
	if err != nil {
		return Product{}, service.NotJSON(err)
	}
	if w.ID == 0 && w.ProductID == 0 {
		return Product{}, instead(b, w.Status != nil)
	}
	return w.Product, nil
}

// once refuses a field given twice: two prices are no price.
func once(b []byte, deep bool) error {
	if name, twice := wire.FieldTwice(b, deep); twice {
		return fmt.Errorf("the field %s is given twice", name)
	}
	return nil
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
	if r.notLoggedIn(effect) {
		return errNotLoggedIn
	}
	return r.fault(effect)
}
