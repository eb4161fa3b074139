package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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

// The most characters of HQ's texts. What is longer is no name but a slip, and
// fits no receipt.
const (
	maxName = 200
	maxWord = 64 // code, class, unit
)

// refuse names the product, because a manager has to find it at HQ.
func (o Offer) refuse(code, why string, kv ...string) error {
	kv = append(kv, "name", excerpt(o.Name, maxName), "id", strconv.FormatInt(o.ProductID, 10), "number", excerpt(o.Code, maxWord))
	return fault.New(fault.Invalid, code, "Product {id} {number} {name}: "+why+" Correct it at HQ and sync again.", kv...)
}

// Accept turns an offer into a product or says why it cannot be sold.
func Accept(o Offer) (Product, error) {
	name, number, class, unit := plain(o.Name), plain(o.Code), plain(o.Class), plain(o.Unit)
	bad := func(code, why string, kv ...string) (Product, error) { return Product{}, o.refuse(code, why, kv...) }
	if o.Err != nil {
		return bad("catalog.unreadable", "{why}", "why", excerpt(o.Err.Error(), maxName))
	}
	if o.ProductID <= 0 {
		return bad("catalog.no_id", "it has no product id.")
	}
	if name == "" {
		return bad("catalog.no_name", "it has no name.")
	}
	for _, text := range []struct {
		field, is string
		most      int
	}{{"productName", name, maxName}, {"productCode", number, maxWord}, {"productClass", class, maxWord}, {"productUnit", unit, maxWord}} {
		if n := utf8.RuneCountInString(text.is); n > text.most {
			return bad("catalog.too_long", "its {field} has {length} characters, and at most {most} are taken.",
				"field", text.field, "length", strconv.Itoa(n), "most", strconv.Itoa(text.most))
		}
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
		return bad("catalog.bad_pricing", "its pricing type {type} is unknown.", "type", excerpt(o.Pricing, maxWord))
	}
	return Product{
		ID: o.ID, ShopID: o.ShopID, ProductID: o.ProductID,
		Code: number, Name: name, Class: class, Unit: unit,
		Price: list, MemberPrice: member, Pricing: pricing, Sort: o.Sort, Images: o.Images,
	}, nil
}

// plain is a text fit for a screen, a receipt and a printer's command stream:
// control characters are blanks, blanks do not run, and what is not seen but
// turns the text around or fills it is dropped.
func plain(s string) string {
	if isPlain(s) {
		return s
	}
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(seen, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}

// isPlain spares nearly every text of a large shop the copy.
func isPlain(s string) bool {
	blank := true // none at the start
	for _, r := range s {
		if r != ' ' && (unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)) || r == ' ' && blank {
			return false
		}
		blank = r == ' '
	}
	return !blank || s == ""
}

// excerpt is plain text of at most so many characters, for a message.
func excerpt(s string, most int) string {
	s = plain(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
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
