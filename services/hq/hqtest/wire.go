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
	SumData    *T  `json:"sumData"`
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

// price is number, or what 64 binary digits leave of it: a little less, unless
// the fraction is a quarter, a half or none.
func (q Quirks) price(f money.Fen) json.Number {
	if !q.FloatTails || f%25 == 0 {
		return number(f)
	}
	integral, _, _ := strings.Cut(f.Yuan(), ".")
	last := decimal.New(1, int32(len(integral))-16)
	return json.Number(decimal.New(int64(f), -2).Sub(last).String())
}

func decimalNumber(d decimal.Decimal) json.Number {
	text := d.String()
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return json.Number(text)
}

func (s *Server) productRow(sh *shop, l *listing) productRow {
	p, q := l.product, s.Quirks()
	row := productRow{
		ShopID: sh.id, ShopName: sh.name, ProductID: p.ProductID, ProductCode: p.ProductCode, ProductName: p.ProductName,
		ProductClass: s.classes[p.ClassID], ProductUnit: p.ProductUnit, Price: q.price(l.price), MemberPrice: q.price(l.member),
		PricingType: int(p.PricingType), PricingTypeName: p.PricingType.Name(), Sort: p.Sort, Images: images(p), ID: q.rowID(sh.id, p.ProductID),
	}
	if q.PricingTypeAsString {
		row.PricingType = strconv.Itoa(int(p.PricingType))
	}
	return row
}

func (s *Server) stockRow(sh *shop, l *listing) stockRow {
	p, q := l.product, s.Quirks()
	row := stockRow{
		ShopID: sh.id, ShopName: sh.name, ProductID: p.ProductID, ProductCode: p.ProductCode, ProductName: p.ProductName,
		ProductClass: s.classes[p.ClassID], ProductUnit: p.ProductUnit, Qty: decimalNumber(l.stock),
		CostPrice: decimalNumber(p.CostPrice), CostMoney: decimalNumber(l.cost()),
		LastPrice: decimalNumber(p.CostPrice), BoxQty: "0.0", Length: utf8.RuneCountInString(p.ProductName),
		Images: images(p), ID: q.rowID(sh.id, p.ProductID),
	}
	if q.NullImages {
		row.Images = nil
	}
	return row
}

// cost is what the stock has cost, to the fen.
func (l *listing) cost() decimal.Decimal { return l.stock.Mul(l.product.CostPrice).Round(2) }

// images are absolute paths on this server.
func images(p *shopdata.Product) []string {
	paths := make([]string, len(p.Images))
	for i, img := range p.Images {
		paths[i] = "/" + img
	}
	return paths
}

// sumProducts is sumData of a price list: a row of nothing, since a sum of
// prices means nothing.
func (q Quirks) sumProducts() *productRow {
	if q.NullSum {
		return nil
	}
	return &productRow{Price: "0.0", MemberPrice: "0.0", PricingType: 0, Images: []string{}}
}

// sumStock is sumData of a stock list: a row with the sums that mean something.
func (q Quirks) sumStock(rows []*listing) *stockRow {
	if q.NullSum {
		return nil
	}
	var qty, cost decimal.Decimal
	for _, l := range rows {
		qty = qty.Add(l.stock)
		cost = cost.Add(l.cost())
	}
	return &stockRow{
		Qty: decimalNumber(qty), CostMoney: decimalNumber(cost),
		CostPrice: "0.0", LastPrice: "0.0", BoxQty: "0.0", Images: []string{},
	}
}
