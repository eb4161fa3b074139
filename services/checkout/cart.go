package checkout

import (
	"slices"
	"strconv"

	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/money"
)

// Line is one row of a cart, a sale and a receipt. It carries its own names
// and prices, so that an old receipt reads the same whatever HQ does later.
type Line struct {
	ProductID   int64           `json:"productId"`
	Code        string          `json:"code"`
	Name        string          `json:"name"`
	Class       string          `json:"class"`
	Unit        string          `json:"unit"`
	Pricing     catalog.Pricing `json:"pricing"`
	ListPrice   money.Fen       `json:"listPrice"`
	MemberPrice money.Fen       `json:"memberPrice"`
	Price       money.Fen       `json:"price"`           // charged, per Unit
	Qty         int64           `json:"qty"`             // pieces; 0 for a purely weighed line
	Grams       money.Grams     `json:"grams"`           // net weight; 0 for a counted line
	UnitGrams   money.Grams     `json:"unitGrams"`       // grams in one Unit, weighed lines only
	Amount      money.Fen       `json:"amount"`          // rounded once, here
	Times       int64           `json:"times,omitempty"` // redeemed from a times card; Amount is then 0
	Of          int             `json:"of,omitempty"`    // of a refund: the line of its sale it gives back, from 1; 0: money alone
}

// Cart is what the customer is buying. It is a value: each change returns a
// new cart, which makes undo a matter of keeping the old one.
type Cart struct {
	ID     string `json:"id"`
	Lines  []Line `json:"lines"`
	Member bool   `json:"member"` // member prices apply
}

// Limits of a line: beyond them a scan or a keystroke went wrong.
const (
	maxQty   = 9_999
	maxLines = 500
)

// Rules are the shop's own decisions about pricing.
type Rules struct {
	// CountWeigh is the price basis of 计数取重 products: "piece" (price ×
	// pieces, weight recorded), "weight" (price × weight) or "" (unset: such
	// a line is refused).
	CountWeigh string
}

// Measure is how much of a product: pieces, or grams, or both.
type Measure struct {
	Qty   int64
	Grams money.Grams
}

// Add puts a product into the cart. A counted product already in it grows
// where it stands; each weighing is a line of its own.
func (c Cart) Add(p catalog.Product, m Measure, rules Rules) (Cart, error) {
	if p.Pricing == catalog.ByCount && m.Grams == 0 {
		if i := slices.IndexFunc(c.Lines, func(l Line) bool {
			return l.ProductID == p.ProductID && l.Pricing == catalog.ByCount && l.ListPrice == p.Price && l.MemberPrice == p.MemberPrice
		}); i >= 0 {
			return c.SetQty(i, c.Lines[i].Qty+m.Qty)
		}
	}
	if len(c.Lines) >= maxLines {
		return c, fault.New(fault.Invalid, "cart.full", "A sale holds {max} lines at most; take payment for these first.", "max", strconv.Itoa(maxLines))
	}
	l, err := newLine(p, m, c.Member, rules)
	if err != nil {
		return c, err
	}
	c.Lines = append(slices.Clone(c.Lines), l)
	return c, nil
}

// Worth is what that many pieces of a counted product come to, for a card that
// pays for them.
func (c Cart) Worth(code string, pieces int64) (money.Fen, error) {
	var worth money.Fen
	left := pieces
	for _, l := range c.Lines {
		if l.Code == code && l.Grams == 0 {
			n := min(left, l.Qty)
			worth, left = worth+money.Fen(n)*l.Price, left-n
		}
	}
	if left > 0 {
		return 0, fault.New(fault.Invalid, "sale.card_without_line", "The card pays for {n} of product {code}, and the sale holds {have}; nothing was taken off it.", "n", strconv.FormatInt(pieces, 10), "code", code, "have", strconv.FormatInt(pieces-left, 10))
	}
	return worth, nil
}

func newLine(p catalog.Product, m Measure, member bool, rules Rules) (Line, error) {
	l := Line{
		ProductID: p.ProductID, Code: p.Code, Name: p.Name, Class: p.Class, Unit: p.Unit,
		Pricing: p.Pricing, ListPrice: p.Price, MemberPrice: p.MemberPrice,
		Price: p.PriceFor(member), Qty: m.Qty, Grams: m.Grams,
	}
	if err := l.check(rules); err != nil {
		return Line{}, err
	}
	err := l.reprice()
	return l, err
}

// check refuses a measure that does not fit the way the product is sold.
func (l *Line) check(rules Rules) error {
	bad := func(code, message string, kv ...string) error {
		return fault.New(fault.Invalid, code, message, append(kv, "name", l.Name, "unit", l.Unit)...)
	}
	needWeight := func() error {
		grams, known := money.UnitGrams(l.Unit)
		if !known {
			return bad("cart.unknown_unit", "{name} is sold by weight but its unit “{unit}” is no weight, so it cannot be priced. Have the unit corrected at HQ (斤, 公斤, kg, 两, 克).")
		}
		if l.Grams <= 0 {
			return bad("cart.needs_weight", "{name} is sold by weight: weigh it and enter the weight.")
		}
		if l.Grams > money.MaxGrams {
			return bad("cart.weight_range", "{kg} kg of {name} is more than the till accepts; check the weight.", "kg", l.Grams.KG())
		}
		l.UnitGrams = grams
		return nil
	}
	needQty := func() error {
		if l.Qty < 1 || l.Qty > maxQty {
			return bad("cart.quantity_range", "A quantity is between 1 and {max}; check {name}.", "max", strconv.Itoa(maxQty))
		}
		return nil
	}
	switch l.Pricing {
	case catalog.ByCount:
		if l.Grams != 0 {
			return bad("cart.not_weighed", "{name} is sold by the piece: enter a quantity, not a weight.")
		}
		return needQty()
	case catalog.ByWeight:
		if l.Qty != 0 {
			return bad("cart.needs_weight", "{name} is sold by weight: weigh it and enter the weight.")
		}
		return needWeight()
	case catalog.CountThenWeigh:
		return l.checkCountWeigh(rules, bad, needQty, needWeight)
	}
	return bad("cart.unknown_pricing", "{name} cannot be sold: how it is priced is unknown. Sync the prices and try again.")
}

func (l *Line) checkCountWeigh(rules Rules, bad func(string, string, ...string) error, needQty, needWeight func() error) error {
	switch rules.CountWeigh {
	case "piece":
		return needQty()
	case "weight":
		if l.Qty == 0 {
			l.Qty = 1
		}
		if err := needQty(); err != nil {
			return err
		}
		return needWeight()
	}
	return bad("cart.count_weigh_unset", "{name} is counted and weighed (计数取重), and this shop has not said which of the two its price is for. Set pricing.count_weigh to piece or weight.")
}

// reprice computes the amount, rounding half up to the fen once.
func (l *Line) reprice() error {
	var err error
	if l.UnitGrams > 0 {
		l.Amount, err = money.ForWeight(l.Price, l.Grams, l.UnitGrams)
	} else {
		l.Amount, err = l.Price.Times(l.Qty)
	}
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cart.amount_range", "{name} comes to more than the till accepts; check the price and the quantity.", "name", l.Name)
	}
	return nil
}

// SetQty changes the pieces of line i; 0 removes it.
func (c Cart) SetQty(i int, qty int64) (Cart, error) {
	if i < 0 || i >= len(c.Lines) {
		return c, fault.New(fault.Invalid, "cart.no_line", "There is no such line in the cart.")
	}
	if qty == 0 {
		return c.Remove(i), nil
	}
	l := c.Lines[i]
	if l.Pricing == catalog.ByWeight {
		return c, fault.New(fault.Invalid, "cart.weighed_line", "{name} is sold by weight: remove the line and weigh it again.", "name", l.Name)
	}
	if qty < 1 || qty > maxQty {
		return c, fault.New(fault.Invalid, "cart.quantity_range", "A quantity is between 1 and {max}; check {name}.", "max", strconv.Itoa(maxQty), "name", l.Name)
	}
	l.Qty = qty
	if err := l.reprice(); err != nil {
		return c, err
	}
	c.Lines = slices.Clone(c.Lines)
	c.Lines[i] = l
	return c, nil
}

// Remove takes line i out.
func (c Cart) Remove(i int) Cart {
	if i >= 0 && i < len(c.Lines) {
		c.Lines = slices.Delete(slices.Clone(c.Lines), i, i+1)
	}
	return c
}

// ForMember applies or lifts member prices on every line.
func (c Cart) ForMember(member bool) (Cart, error) {
	c.Member = member
	c.Lines = slices.Clone(c.Lines)
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Price = catalog.Product{Price: l.ListPrice, MemberPrice: l.MemberPrice}.PriceFor(member)
		if err := l.reprice(); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Total is the sum of the lines' amounts.
func (c Cart) Total() money.Fen { return total(c.Lines) }

// Pieces counts what a customer would count: pieces, and one per weighing.
func (c Cart) Pieces() int64 {
	var n int64
	for _, l := range c.Lines {
		n += max(l.Qty, 1)
	}
	return n
}

func total(lines []Line) money.Fen {
	var t money.Fen
	for _, l := range lines {
		t += l.Amount
	}
	return t
}
