package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/money"
)

// Pricing is how a product is sold (HQ: pricingType).
type Pricing uint8

// The three pricing types of HQ's shopproduct page.
const (
	ByCount        Pricing = 0 // 计数: pieces
	ByWeight       Pricing = 1 // 计重: net weight
	CountThenWeigh Pricing = 2 // 计数取重: pieces, and the weight is taken as well
)

// String is HQ's own name for the pricing type.
func (p Pricing) String() string {
	switch p {
	case ByCount:
		return "计数"
	case ByWeight:
		return "计重"
	case CountThenWeigh:
		return "计数取重"
	}
	return fmt.Sprintf("pricingType %d", uint8(p))
}

// Product is one product of this shop, validated: it has a name and an id, its
// prices are whole fen, its pricing type is known. Prices are per Unit.
type Product struct {
	ID          int64 // HQ's row id
	ShopID      int64
	ProductID   int64 // HQ's product id, stable across shops
	Code        string
	Name        string
	Class       string
	Unit        string
	Price       money.Fen
	MemberPrice money.Fen // 0: none
	Pricing     Pricing
	Sort        int64
	Images      []string // as HQ gives them: absolute URLs or paths on HQ's host
}

// Equal reports whether a sync has nothing to write for this product.
func (p Product) Equal(q Product) bool {
	return p.ID == q.ID && p.ShopID == q.ShopID && p.ProductID == q.ProductID &&
		p.Code == q.Code && p.Name == q.Name && p.Class == q.Class && p.Unit == q.Unit &&
		p.Price == q.Price && p.MemberPrice == q.MemberPrice && p.Pricing == q.Pricing &&
		p.Sort == q.Sort && slices.Equal(p.Images, q.Images)
}

// PriceFor is the price charged: the member price only for a member, only
// where there is one, and never when it is above the ordinary price. A member
// price of 0 means none; it never gives goods away.
func (p Product) PriceFor(member bool) money.Fen {
	if member && p.MemberPrice > 0 && p.MemberPrice < p.Price {
		return p.MemberPrice
	}
	return p.Price
}

// UnitGrams is what one Unit weighs; ok is false where the unit is no weight.
func (p Product) UnitGrams() (money.Grams, bool) { return money.UnitGrams(p.Unit) }

// Offer is a product as HQ delivered it, before anyone has looked at it. One
// with Err could not be read: of the other fields, what could be told is set.
type Offer struct {
	ID, ShopID, ProductID int64
	Code, Name            string
	Class, Unit           string
	Price, MemberPrice    decimal.Decimal
	HasPrice              bool // HQ gave a price at all; 0 is a price
	Pricing               string
	Sort                  int64
	Images                []string
	Err                   error
}

// refuse names the product, because a manager has to find it at HQ.
func (o Offer) refuse(code, why string, kv ...string) error {
	kv = append(kv, "name", plain(o.Name), "id", strconv.FormatInt(o.ProductID, 10), "number", plain(o.Code))
	return fault.New(fault.Invalid, code, "Product {id} {number} {name}: "+why+" Correct it at HQ and sync again.", kv...)
}

// Accept turns an offer into a product or says why it cannot be sold.
func Accept(o Offer) (Product, error) {
	name := plain(o.Name)
	bad := func(code, why string, kv ...string) (Product, error) { return Product{}, o.refuse(code, why, kv...) }
	if o.Err != nil {
		return bad("catalog.unreadable", "{why}", "why", o.Err.Error())
	}
	if o.ProductID <= 0 {
		return bad("catalog.no_id", "it has no product id.")
	}
	if name == "" {
		return bad("catalog.no_name", "it has no name.")
	}
	if !o.HasPrice {
		return bad("catalog.no_price", "it has no price.")
	}
	list, err := toFen(o.Price)
	if err != nil {
		return bad("catalog.bad_price", "its price {price} cannot be charged.", "price", o.Price.String())
	}
	member, err := toFen(o.MemberPrice)
	if err != nil {
		return bad("catalog.bad_member_price", "its member price {price} cannot be charged.", "price", o.MemberPrice.String())
	}
	pricing, ok := parsePricing(o.Pricing)
	if !ok {
		return bad("catalog.bad_pricing", "its pricing type {type} is unknown.", "type", o.Pricing)
	}
	return Product{
		ID: o.ID, ShopID: o.ShopID, ProductID: o.ProductID,
		Code: strings.TrimSpace(o.Code), Name: name,
		Class: plain(o.Class), Unit: plain(o.Unit),
		Price: list, MemberPrice: member, Pricing: pricing, Sort: o.Sort, Images: o.Images,
	}, nil
}

// plain is a text fit for a screen, a receipt and a printer's command stream:
// control characters are blanks, and blanks do not run.
func plain(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}

// isPlain spares nearly every text of a large shop the copy.
func isPlain(s string) bool {
	blank := true // none at the start
	for _, r := range s {
		if r != ' ' && (unicode.IsControl(r) || unicode.IsSpace(r)) || r == ' ' && blank {
			return false
		}
		blank = r == ' '
	}
	return !blank || s == ""
}

func toFen(d decimal.Decimal) (money.Fen, error) {
	f, err := money.FenFromDecimal(d)
	if err == nil && f < 0 {
		err = fmt.Errorf("%s is negative", d)
	}
	return f, err
}

func parsePricing(s string) (Pricing, bool) {
	switch strings.TrimSpace(s) {
	case "0":
		return ByCount, true
	case "1":
		return ByWeight, true
	case "2":
		return CountThenWeigh, true
	}
	return 0, false
}
