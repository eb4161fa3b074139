package app

import (
	"cmp"
	"context"
	"slices"

	"cashier/services/pricing"
)

// ShopPrice is a shop of the chain and what it takes for a product.
type ShopPrice struct {
	pricing.Row
	Shop string // its name; "" where HQ gives none
}

// ShopPrices are the shops that have a product, by name.
func (t *Till) ShopPrices(ctx context.Context, product int64) ([]ShopPrice, error) {
	c, err := t.HQ()
	if err != nil {
		return nil, err
	}
	shops, err := c.ShopList(ctx, product)
	if err != nil {
		return nil, err
	}
	var list []ShopPrice
	for _, s := range shops {
		for _, p := range s.Products {
			if int64(p.ProductID) != product {
				continue
			}
			row := priceRow(p)
			row.ShopID = int64(s.ID) // the shop's own list: a row need not name its shop
			list = append(list, ShopPrice{row, string(cmp.Or(s.Name, p.ShopName))})
		}
	}
	slices.SortStableFunc(list, func(a, b ShopPrice) int { return cmp.Or(cmp.Compare(a.Shop, b.Shop), cmp.Compare(a.ShopID, b.ShopID)) })
	return list, nil
}
