package hq

import (
	"context"
	"encoding/json"
	"time"

	"cashier/services/wire"
)

// Shop is a shop that sells a product, as HQ tells it (HQ help page
// shopproduct, action getshoplist). HQ also sends the shop's appKey and
// appSecret; they are dropped while reading and kept nowhere.
type Shop struct {
	ID        wire.Int     `json:"id"`
	Name      wire.Text    `json:"name"`
	Code      wire.Text    `json:"code"`
	Address   wire.Text    `json:"address"`
	LBSPoint  wire.Text    `json:"lbsPoint"`          // coordinates; the page's table writes lBSPoint
	Area      wire.Decimal `json:"shopArea,omitzero"` // m², presumably: the page says 面积
	ImagePath wire.Text    `json:"imagePath"`
	TenantID  wire.Int     `json:"tenantId"`
	Devices   []Device     `json:"devices"`
	Products  []Product    `json:"shopProducts"`         // the product in this shop
	PriceLogs []PriceLog   `json:"shopProductPriceLogs"` // its price changes in this shop
}

// Device is a till or scale of a shop.
type Device struct {
	ID             wire.Int  `json:"id"`
	ShopID         wire.Int  `json:"shopId"`
	ShopName       wire.Text `json:"shopName"`
	StallID        wire.Int  `json:"stallId"`
	StallName      wire.Text `json:"stallName"`
	IP             wire.Text `json:"ip"` // the page's table writes iP
	Code           wire.Text `json:"code"`
	MAC            wire.Text `json:"mac"`
	TimeStamp      wire.Int  `json:"timeStamp"` // HQ's version counter; its unit is not documented
	InUse          wire.Bool `json:"inUse"`
	DeviceTypeID   wire.Int  `json:"deviceTypeId"`
	DeviceTypeName wire.Text `json:"deviceTypeName"`
}

// PriceLog is one price change of a product in a shop; prices are yuan per unit.
// In JSON, CreateTime has the page's form "2006-01-02 15:04:05", in its own
// zone; by itself such a text is read as China's time, by a Client in
// Params.Zone.
type PriceLog struct {
	ID             wire.Int     `json:"id"`
	ShopID         wire.Int     `json:"shopId"`
	ProductID      wire.Int     `json:"productId"`
	ProductCode    wire.Text    `json:"productCode"`
	ProductName    wire.Text    `json:"productName"`
	ProductClass   wire.Text    `json:"productClass"`
	OldPrice       wire.Decimal `json:"oldPrice,omitzero"`
	OldMemberPrice wire.Decimal `json:"oldMemberPrice,omitzero"`
	NewPrice       wire.Decimal `json:"newPrice,omitzero"`
	NewMemberPrice wire.Decimal `json:"newMemberPrice,omitzero"`
	CreateTime     time.Time    `json:"createTime"` // zero if HQ gives none
	UserID         wire.Int     `json:"userId"`
	UserName       wire.Text    `json:"userName"`
}

// ShopList is the shops that sell a product, each with the product's row and
// its price history there. An unknown product is an empty list.
func (c *Client) ShopList(ctx context.Context, productID int64) ([]Shop, error) {
	var shops []Shop
	err := c.get(ctx, ActionShopList, []wire.Arg{{Name: "productId", Value: whole(productID)}}, func(b []byte) (err error) {
		shops, err = decodeShops(b, c.p.Zone)
		return err
	})
	return shops, err
}

// The documents are Shop and PriceLog as they stand on the wire: with lists
// that may be null or "", and times that lack a zone.
type (
	plainLog PriceLog
	logDoc   struct {
		plainLog
		CreateTime wire.Text `json:"createTime"`
	}
	shopDoc struct {
		Shop
		Devices   wire.List[Device]  `json:"devices"`
		Products  wire.List[Product] `json:"shopProducts"`
		PriceLogs wire.List[logDoc]  `json:"shopProductPriceLogs"`
	}
)

func decodeShops(b []byte, zone *time.Location) ([]Shop, error) {
	docs, err := decodeList[shopDoc](b)
	if err != nil || docs == nil {
		return nil, err
	}
	shops := make([]Shop, len(docs))
	for i, doc := range docs {
		s := doc.Shop
		s.Devices, s.Products = doc.Devices, doc.Products
		s.PriceLogs = make([]PriceLog, len(doc.PriceLogs))
		for j, d := range doc.PriceLogs {
			if s.PriceLogs[j], err = d.log(zone); err != nil {
				return nil, service.NotJSON(err)
			}
		}
		shops[i] = s
	}
	return shops, nil
}

func (d logDoc) log(zone *time.Location) (PriceLog, error) {
	at, err := wire.ParseTime(string(d.CreateTime), zone)
	if err != nil {
		return PriceLog{}, err
	}
	if zone == nil {
		zone = wire.China
	}
	if !at.IsZero() {
		at = at.In(zone)
	}
	l := PriceLog(d.plainLog)
	l.CreateTime = at
	return l, nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *PriceLog) UnmarshalJSON(b []byte) error {
	var doc logDoc
	if err := json.Unmarshal(b, &doc); err != nil {
		return err
	}
	read, err := doc.log(nil)
	if err == nil {
		*l = read
	}
	return err
}

// MarshalJSON implements json.Marshaler.
func (l PriceLog) MarshalJSON() ([]byte, error) {
	doc := logDoc{plainLog: plainLog(l)}
	if !l.CreateTime.IsZero() {
		doc.CreateTime = wire.Text(l.CreateTime.Format(time.DateTime))
	}
	return json.Marshal(doc)
}
