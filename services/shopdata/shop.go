package shopdata

import (
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/money"
)

// Shop is the whole content of shop.json. Amounts are yuan strings ("5.98").
type Shop struct {
	ShopID   int64    `json:"shopId"`
	ShopName string   `json:"shopName"`
	Tenant   string   `json:"tenant"` // the enterprise name used to log in to HQ
	Branches []Branch `json:"branches,omitempty"`

	Staff      []Staff     `json:"staff"`
	Classes    []Class     `json:"classes"`
	Products   []Product   `json:"products"`
	TimesCards []TimesCard `json:"timesCards,omitempty"`
	Members    []Member    `json:"members,omitempty"`
	Wallets    []Wallet    `json:"wallets,omitempty"`
}

// Branch is another shop of the same tenant. At first it sells the same
// products, at the same prices but for its own.
type Branch struct {
	ShopID   int64         `json:"shopId"`
	ShopName string        `json:"shopName"`
	Prices   []BranchPrice `json:"prices,omitempty"`
}

// BranchPrice is what a product costs in one branch to begin with.
type BranchPrice struct {
	ProductID   int64     `json:"productId"`
	Price       money.Fen `json:"price"`
	MemberPrice money.Fen `json:"memberPrice"` // 0 means there is none
}

// Role is what a member of staff may do in the till.
type Role string

// The roles, from least to most.
const (
	RoleCashier Role = "cashier"
	RoleStaff   Role = "staff"
	RoleManager Role = "manager"
	RoleOwner   Role = "owner"
)

// Staff is one person with an account at HQ.
type Staff struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Role     Role   `json:"role"`
}

// Class is a class of products (商品分类).
type Class struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Sort int    `json:"sort,omitempty"`
}

// PricingType says what a price is for.
type PricingType int

// The pricing types of HQ help page shopproduct.
const (
	ByCount           PricingType = 0 // 计数
	ByWeight          PricingType = 1 // 计重
	ByCountThenWeight PricingType = 2 // 计数取重
)

// Name is the text HQ shows for the type.
func (p PricingType) Name() string {
	switch p {
	case ByCount:
		return "计数"
	case ByWeight:
		return "计重"
	case ByCountThenWeight:
		return "计数取重"
	}
	return ""
}

// Product is one product of the tenant with the price every shop starts from.
type Product struct {
	ProductID   int64           `json:"productId"`
	ProductCode string          `json:"productCode"`        // 货号
	BarCode     string          `json:"barCode,omitempty"`  // not part of what HQ's price pages give
	ProductName string          `json:"productName"`        //
	ClassID     int64           `json:"classId"`            //
	ProductUnit string          `json:"productUnit"`        // what the price is per: 斤, 个
	Price       money.Fen       `json:"price"`              //
	MemberPrice money.Fen       `json:"memberPrice"`        // 0 means there is none
	PricingType PricingType     `json:"pricingType"`        //
	Sort        int             `json:"sort,omitempty"`     //
	StockQty    decimal.Decimal `json:"stockQty,omitzero"`  // in productUnit
	CostPrice   decimal.Decimal `json:"costPrice,omitzero"` // yuan, four decimals
	Images      []string        `json:"images,omitempty"`   // paths inside the folder: pictures/apple.png
	Unlisted    bool            `json:"unlisted,omitempty"` // in the tenant's catalogue, at first on sale nowhere
}

// TimesCard is a card with a number of visits left (次卡).
type TimesCard struct {
	CardNo       string `json:"cardNo"`
	CardName     string `json:"cardName"`
	MemberName   string `json:"memberName"`
	MemberMobile string `json:"memberMobile"`
	EndDate      string `json:"endDate"` // "2027-12-31 23:59:59" or "2027-12-31", China time, inclusive
	Remaining    int64  `json:"remaining"`
}

// Expires is the last moment of the card. A date alone lasts until the end of
// that day; "" never ends, and so gives the zero time.
func (c TimesCard) Expires() (time.Time, error) {
	if c.EndDate == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateTime, c.EndDate, China); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, c.EndDate, China)
	if err != nil {
		return time.Time{}, err
	}
	return t.Add(24*time.Hour - time.Second), nil
}

// China is the one zone of the country. It is fixed so that nothing depends on
// the time zone files of the machine; there has been no summer time since 1991.
var China = time.FixedZone("CST", 8*60*60)

// Member is a customer with money, points and coupons at the member gateway.
type Member struct {
	CustomerID string    `json:"customerId"`
	Name       string    `json:"name"`
	Mobile     string    `json:"mobile"`
	CardNo     string    `json:"cardNo"`
	Recharge   money.Fen `json:"recharge"` // 本金
	Gift       money.Fen `json:"gift"`     // 赠送
	Points     int64     `json:"points"`
	Coupons    []Coupon  `json:"coupons,omitempty"`
}

// Coupon is one coupon in a member's hands.
type Coupon struct {
	CardID    string    `json:"cardId"`
	Code      string    `json:"code,omitempty"` // what a scanner reads; the cardId when empty
	Title     string    `json:"title"`
	Amount    money.Fen `json:"amount"`
	UseStatus int       `json:"useStatus"` // 0 unused, 1 used, 2 frozen, 6 expired, 7 deleted
}

// ScanCode is what a scanner reads from the coupon.
func (c Coupon) ScanCode() string {
	if c.Code != "" {
		return c.Code
	}
	return c.CardID
}

// Wallet is a customer's phone: a payment code names it by its characters 3 to 6.
type Wallet struct {
	ID      string    `json:"id"` // four digits
	Name    string    `json:"name"`
	Balance money.Fen `json:"balance"`
}

// Owner is the account with the most rights; a loaded shop has at least one
// account.
func (s *Shop) Owner() Staff {
	rank := map[Role]int{RoleCashier: 1, RoleStaff: 2, RoleManager: 3, RoleOwner: 4}
	var best Staff
	for _, p := range s.Staff {
		if rank[p.Role] > rank[best.Role] {
			best = p
		}
	}
	return best
}
