package pricing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cashier/services/access"
	"cashier/services/fault"
)

// ShelfRow is a product's row in this shop, by which HQ takes it off sale.
type ShelfRow struct {
	RowID, ProductID int64
	Code, Name       string
}

// Shelves is what HQ lets be done to what shops sell. Its faults are as those of
// HQ.
type Shelves interface {
	AddProducts(ctx context.Context, shops, products []int64) error
	AddClass(ctx context.Context, shops []int64, class int64) error
	// ShelfRows are this shop's rows of the products, without those it lacks.
	ShelfRows(ctx context.Context, products []int64) ([]ShelfRow, error)
	RemoveRows(ctx context.Context, rows []int64) error
}

// Assortment puts products on sale in shops and takes them off. Each act is in
// the audit trail before it is done; HQ's answer counts, and a sync brings it
// here.
type Assortment struct {
	HQ   Shelves
	Note func(ctx context.Context, by access.Actor, what, subject, detail string) error
}

// Add puts products on sale in these shops; those that are already stay as they
// are.
func (a Assortment) Add(ctx context.Context, by access.Actor, shops, products []int64) error {
	what := fmt.Sprintf("products %v to shops %v", products, shops)
	return a.do(ctx, by, "hq.product.add", what, "", func() error { return a.HQ.AddProducts(ctx, shops, products) })
}

// AddClass puts every product of a class, by HQ's id, on sale in these shops.
func (a Assortment) AddClass(ctx context.Context, by access.Actor, shops []int64, class int64) error {
	what := fmt.Sprintf("class %d to shops %v", class, shops)
	return a.do(ctx, by, "hq.product.add", what, "", func() error { return a.HQ.AddClass(ctx, shops, class) })
}

// Removal is what is about to be taken off sale in this shop, for a person to
// confirm by name. It is made by PlanRemoval.
type Removal struct{ Rows []ShelfRow }

// String names the products.
func (r Removal) String() string {
	list := make([]string, len(r.Rows))
	for i, row := range r.Rows {
		list[i] = row.Code + " " + row.Name
	}
	return strings.Join(list, ", ")
}

// PlanRemoval finds HQ's rows of the products; nothing is changed. Invalid where
// this shop does not have all of them.
func (a Assortment) PlanRemoval(ctx context.Context, by access.Actor, products []int64) (Removal, error) {
	if err := by.Demand(access.Prices); err != nil {
		return Removal{}, err
	}
	found, err := a.HQ.ShelfRows(ctx, products)
	if err != nil {
		return Removal{}, err
	}
	found = slices.DeleteFunc(found, func(r ShelfRow) bool { return !slices.Contains(products, r.ProductID) })
	if len(found) != len(products) {
		return Removal{}, fault.New(fault.Invalid, "product.not_here", "HQ has {n} of these {of} products in this shop; nothing was removed. Check the ids.", "n", strconv.Itoa(len(found)), "of", strconv.Itoa(len(products)))
	}
	return Removal{found}, nil
}

// Remove takes off sale what a person has confirmed.
func (a Assortment) Remove(ctx context.Context, by access.Actor, r Removal) error {
	var rows, products []int64
	for _, row := range r.Rows {
		rows, products = append(rows, row.RowID), append(products, row.ProductID)
	}
	return a.do(ctx, by, "hq.product.remove", fmt.Sprint(products), r.String(), func() error { return a.HQ.RemoveRows(ctx, rows) })
}

func (a Assortment) do(ctx context.Context, by access.Actor, what, subject, detail string, deed func() error) error {
	if err := by.Demand(access.Prices); err != nil {
		return err
	}
	if err := a.Note(ctx, by, what, subject, detail); err != nil {
		return err
	}
	return deed()
}
