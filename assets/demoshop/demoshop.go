package demoshop

import (
	"embed"
	"io/fs"
)

//go:embed shop.json pictures/*.png
var embedded embed.FS

// FS is the embedded shop: shop.json and pictures/*.png. It is read-only.
func FS() fs.FS { return embedded }

// product is one row of shop.json's products; the field order is the file's.
type product struct {
	ProductID   int64    `json:"productId"`
	ProductCode string   `json:"productCode"`
	BarCode     string   `json:"barCode"`
	ProductName string   `json:"productName"`
	ClassID     int      `json:"classId"`
	ProductUnit string   `json:"productUnit"`
	Price       string   `json:"price"`
	MemberPrice string   `json:"memberPrice"`
	PricingType int      `json:"pricingType"`
	Sort        int      `json:"sort"`
	StockQty    string   `json:"stockQty"`
	CostPrice   string   `json:"costPrice"`
	Images      []string `json:"images"`
}
