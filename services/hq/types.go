package hq

import "cashier/services/wire"

// Pricing types of a Product (HQ help page shopproduct, pricingType).
const (
	PricingCount       = "0" // 计数: price per piece
	PricingWeigh       = "1" // 计重: price per unit of weight
	PricingCountWeight = "2" // 计数取重: counted, then weighed
)

// Product is a product of a shop as HQ tells it (HQ help page shopproduct). No
// field is documented as required, so any may be missing; an absent price is
// told from a price of 0 by Decimal.Present.
type Product struct {
	ID              wire.Int     `json:"id"` // of the row shop × product
	ShopID          wire.Int     `json:"shopId"`
	ShopName        wire.Text    `json:"shopName"`
	ProductID       wire.Int     `json:"productId"`
	ProductCode     wire.Text    `json:"productCode"` // 货号
	ProductName     wire.Text    `json:"productName"`
	ProductClass    wire.Text    `json:"productClass"` // a name; requests take an id
	ProductUnit     wire.Text    `json:"productUnit"`
	Price           wire.Decimal `json:"price,omitzero"`       // yuan per unit
	MemberPrice     wire.Decimal `json:"memberPrice,omitzero"` // yuan per unit
	PricingType     wire.Text    `json:"pricingType"`          // "0", "1", "2"; "" if not said
	PricingTypeName wire.Text    `json:"pricingTypeName"`
	Sort            wire.Int     `json:"sort"`
	Images          Pictures     `json:"images"` // paths or URLs, for Client.Picture
}

// Page is one page of a list. PageIndex is HQ's own number, which may or may
// not be the one asked for. TotalCount is 0 where HQ gives none.
type Page[T any] struct {
	Data       []T
	Unreadable []Unreadable // rows of this page that are not in Data
	Sum        T            // HQ's sumData: totals in the shape of a row; zero if absent or unreadable
	PageIndex  wire.Int
	PageSize   wire.Int
	TotalCount wire.Int
}

// ListQuery chooses a page of products or stock. The zero value is the first page of
// everything, of HQ's default size.
type ListQuery struct {
	Keyword   string
	PageIndex int // counted from 0, whatever HQ's own base is
	PageSize  int // 0: 100
	ClassID   int64
}

// UnifiedPrice is one price for a product in several shops.
type UnifiedPrice struct {
	ShopIDs     []int64
	ProductID   int64
	Price       wire.Decimal // yuan per unit
	MemberPrice wire.Decimal // yuan per unit; absent: not sent
}
