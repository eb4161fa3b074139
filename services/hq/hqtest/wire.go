package hqtest

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"cashier/services/money"
	"cashier/services/shopdata"
)

// productRow is P of HQ help page shopproduct.
type productRow struct {
	ShopID          int64       `json:"shopId"`
	ShopName        string      `json:"shopName"`
	ProductID       int64       `json:"productId"`
	ProductCode     string      `json:"productCode"`
	ProductName     string      `json:"productName"`
	ProductClass    string      `json:"productClass"`
	ProductUnit     string      `json:"productUnit"`
	Price           json.Number `json:"price"`
	MemberPrice     json.Number `json:"memberPrice"`
	PricingType     any         `json:"pricingType"` // the page says string, its sample is a number
	PricingTypeName string      `json:"pricingTypeName"`
	Sort            int         `json:"sort"`
	Images          []string    `json:"images"`
	ID              int64       `json:"id"`
}

// stockRow is S of the same page.
type stockRow struct {
	ShopID       int64       `json:"shopId"`
	ShopName     string      `json:"shopName"`
	ProductID    int64       `json:"productId"`
	ProductName  string      `json:"productName"`
	ProductCode  string      `json:"productCode"`
	ProductClass string      `json:"productClass"`
	ProductUnit  string      `json:"productUnit"`
	Qty          json.Number `json:"qty"`
	CostPrice    json.Number `json:"costPrice"`
	CostMoney    json.Number `json:"costMoney"`
	LastPrice    json.Number `json:"lastPrice"`
	BoxQty       json.Number `json:"boxQty"`
	Length       int         `json:"length"`
	Images       []string    `json:"images"`
	ID           int64       `json:"id"`
}

type page[T any] struct {
	Data       []T `json:"data"`
	PageIndex  int `json:"pageIndex"`
	PageSize   int `json:"pageSize"`
	SumData    T   `json:"sumData"`
	TotalCount int `json:"totalCount"`
}

// shopRow, deviceRow and priceLog are what getshoplist nests.
type shopRow struct {
	Name      string       `json:"name"`
	Code      string       `json:"code"`
	AppKey    string       `json:"appKey"`
	AppSecret string       `json:"appSecret"`
	Address   string       `json:"address"`
	LbsPoint  string       `json:"lbsPoint"`
	ShopArea  json.Number  `json:"shopArea"`
	ImagePath string       `json:"imagePath"`
	Devices   []deviceRow  `json:"devices"`
	Products  []productRow `json:"shopProducts"`
	PriceLogs []priceLog   `json:"shopProductPriceLogs"`
	TenantID  int64        `json:"tenantId"`
	ID        int64        `json:"id"`
}

type deviceRow struct {
	ShopID    int64  `json:"shopId"`
	ShopName  string `json:"shopName"`
	StallID   int64  `json:"stallId"`
	StallName string `json:"stallName"`
	IP        string `json:"ip"`
	Code      string `json:"code"`
	Mac       string `json:"mac"`
	TimeStamp int64  `json:"timeStamp"`
	InUse     bool   `json:"inUse"`
	TypeID    int64  `json:"deviceTypeId"`
	TypeName  string `json:"deviceTypeName"`
	ID        int64  `json:"id"`
}

type priceLog struct {
	ShopID         int64       `json:"shopId"`
	ProductID      int64       `json:"productId"`
	ProductCode    string      `json:"productCode"`
	ProductName    string      `json:"productName"`
	ProductClass   string      `json:"productClass"`
	OldPrice       json.Number `json:"oldPrice"`
	OldMemberPrice json.Number `json:"oldMemberPrice"`
	NewPrice       json.Number `json:"newPrice"`
	NewMemberPrice json.Number `json:"newMemberPrice"`
	CreateTime     string      `json:"createTime"` // China time, no zone, as in the page's sample
	UserID         int         `json:"userId"`
	UserName       string      `json:"userName"`
	ID             int64       `json:"id"`
}

// number writes an amount as the page's samples do: 8.0, 5.98.
func number(f money.Fen) json.Number {
	text := f.Yuan()
	return json.Number(strings.TrimSuffix(text, "0"))
}

func decimalNumber(d decimal.Decimal) json.Number {
	text := d.String()
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return json.Number(text)
}

func (s *Server) productRow(sh *shop, l *listing) productRow {
	p := l.product
	row := productRow{
		ShopID: sh.id, ShopName: sh.name, ProductID: p.ProductID, ProductCode: p.ProductCode, ProductName: p.ProductName,
		ProductClass: s.classes[p.ClassID], ProductUnit: p.ProductUnit, Price: number(l.price), MemberPrice: number(l.member),
		PricingType: int(p.PricingType), PricingTypeName: p.PricingType.Name(), Sort: p.Sort, Images: images(p), ID: rowID(sh.id, p.ProductID),
	}
	if s.p.PricingTypeAsString {
		row.PricingType = strconv.Itoa(int(p.PricingType))
	}
	return row
}

func (s *Server) stockRow(sh *shop, l *listing) stockRow {
	p := l.product
	return stockRow{
		ShopID: sh.id, ShopName: sh.name, ProductID: p.ProductID, ProductCode: p.ProductCode, ProductName: p.ProductName,
		ProductClass: s.classes[p.ClassID], ProductUnit: p.ProductUnit, Qty: decimalNumber(p.StockQty),
		CostPrice: decimalNumber(p.CostPrice), CostMoney: decimalNumber(p.StockQty.Mul(p.CostPrice).Round(2)),
		LastPrice: decimalNumber(p.CostPrice), BoxQty: "0.0", Length: utf8.RuneCountInString(p.ProductName),
		Images: images(p), ID: rowID(sh.id, p.ProductID),
	}
}

// images are absolute paths on this server.
func images(p *shopdata.Product) []string {
	paths := make([]string, len(p.Images))
	for i, img := range p.Images {
		paths[i] = "/" + img
	}
	return paths
}

// zeroProduct and zeroStock fill sumData, which the page shows as a row.
func zeroProduct() productRow {
	return productRow{Price: "0.0", MemberPrice: "0.0", PricingType: 0, Images: []string{}}
}

func zeroStock() stockRow {
	return stockRow{
		Qty: "0.0", CostPrice: "0.0", CostMoney: "0.0", LastPrice: "0.0", BoxQty: "0.0", Images: []string{},
	}
}
