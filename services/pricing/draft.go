package pricing

import (
	"slices"

	"github.com/shopspring/decimal"

	"cashier/services/fault"
	"cashier/services/money"
)

// Line is one price of a draft: a product in one shop, what HQ has, and what it
// is to have. Amounts are yuan per unit.
type Line struct {
	ProductID, ShopID int64
	Code, Name, Class string

	// Gone: HQ does not have the product in this shop. NoUnit: it is sold by
	// weight in a unit whose weight nobody knows.
	Gone, NoUnit bool

	Was, WasMember decimal.NullDecimal // as HQ had them when the draft was made
	Price, Member  decimal.NullDecimal // to be
	Cost           decimal.NullDecimal // from HQ's stock list; absent: not known
	FileRow        int                 // of the file it was read from; 0: of none
}

// Same reports a line that changes nothing. HQ takes a missing member price
// for 0.
func (l Line) Same() bool {
	return samePrices(Row{Price: l.Was, Member: l.WasMember}, Row{Price: l.Price, Member: l.Member})
}

// Margin is what is left of the price after the cost, in hundredths of a percent
// of the price, rounded half up; ok is false where either is not known.
func (l Line) Margin() (basisPoints int64, ok bool) { return margin(l.Price, l.Cost) }

// WasMargin is Margin at HQ's price.
func (l Line) WasMargin() (basisPoints int64, ok bool) { return margin(l.Was, l.Cost) }

func margin(price, cost decimal.NullDecimal) (int64, bool) {
	if !cost.Valid || !price.Valid || !price.Decimal.IsPositive() {
		return 0, false
	}
	m := price.Decimal.Sub(cost.Decimal).Shift(4).DivRound(price.Decimal, 0)
	return m.IntPart(), m.BigInt().IsInt64()
}

// Draft is a rehearsal: prices to be, beside those that are, of which HQ knows
// nothing yet. It is a value: what changes it returns another one.
type Draft struct{ Lines []Line }

// LineOf begins a line that changes nothing.
func LineOf(r Row) Line {
	return Line{
		ProductID: r.ProductID, ShopID: r.ShopID, Code: r.Code, Name: r.Name,
		Was: r.Price, WasMember: r.Member, Price: r.Price, Member: r.Member,
	}
}

// each is the draft with the chosen lines changed; choose may be nil for all.
func (d Draft) each(choose func(Line) bool, change func(*Line) error) (Draft, error) {
	next := Draft{slices.Clone(d.Lines)}
	for i := range next.Lines {
		if choose != nil && !choose(next.Lines[i]) {
			continue
		}
		if err := change(&next.Lines[i]); err != nil {
			return d, err
		}
	}
	return next, nil
}

// Set is the draft with one price for the chosen lines.
func (d Draft) Set(choose func(Line) bool, w Want) Draft {
	next, _ := d.each(choose, func(l *Line) error {
		l.Price = yuan(w.Price)
		if w.HasMember {
			l.Member = yuan(w.Member)
		}
		return nil
	})
	return next
}

// Adjust is the draft with the chosen lines at HQ's prices adjusted, so that
// adjusting twice does not add up. A line whose price is no whole fen stays as it
// is: there is no telling what was meant. The error is Invalid where an
// adjustment says nothing, and too large an amount.
func (d Draft) Adjust(choose func(Line) bool, a Adjustment) (Draft, error) {
	if err := a.check(); err != nil {
		return d, err
	}
	return d.each(choose, func(l *Line) error {
		list, err := a.over(l.Was)
		if err != nil {
			return err
		}
		l.Price = list
		if a.Member && l.WasMember.Valid && l.WasMember.Decimal.IsPositive() {
			l.Member, err = a.over(l.WasMember)
		}
		return err
	})
}

// over is HQ's price adjusted.
func (a Adjustment) over(was decimal.NullDecimal) (decimal.NullDecimal, error) {
	fen, err := money.FenFromDecimal(was.Decimal)
	if err != nil || !was.Valid {
		return was, nil //nolint:nilerr // what is no price stays as it is, and the guards name it
	}
	if fen, err = a.Apply(fen); err != nil {
		return was, fault.Wrap(err, fault.Invalid, "price.adjust_large", "Adjusted so, a price of {price} becomes too large. Choose another adjustment.", "price", Yuan(was))
	}
	return yuan(fen), nil
}

// OfClass chooses the lines of a class, for Set and Adjust.
func OfClass(class string) func(Line) bool { return func(l Line) bool { return l.Class == class } }

// OfProducts chooses the lines of these products.
func OfProducts(ids ...int64) func(Line) bool {
	return func(l Line) bool { return slices.Contains(ids, l.ProductID) }
}

// PreviewLine is a line with what the guards say of it.
type PreviewLine struct {
	Line
	Findings []Finding
}

// Blocked reports a line that will not be sent.
func (l PreviewLine) Blocked() bool {
	return slices.ContainsFunc(l.Findings, func(f Finding) bool { return f.Severity == Block })
}

// Why is the first finding that blocks, or else the first.
func (l PreviewLine) Why() *fault.Error {
	for _, f := range l.Findings {
		if f.Severity == Block {
			return f.Why
		}
	}
	if len(l.Findings) > 0 {
		return l.Findings[0].Why
	}
	return nil
}

// Preview is a draft as a person looks at it before anything is sent. A line
// counts once: as blocked, same or change; warned counts lines that would be
// sent with a warning.
type Preview struct {
	Lines                          []PreviewLine
	Changes, Same, Blocked, Warned int
}

// Preview holds the draft against the guards.
func (d Draft) Preview(r Rules) Preview {
	p := Preview{Lines: make([]PreviewLine, len(d.Lines))}
	twice := d.twice()
	for i, l := range d.Lines {
		line := PreviewLine{Line: l}
		if twice[placeOf(l)] {
			line.Findings = append(line.Findings, Finding{Block, fault.New(fault.Invalid, "price.guard_duplicate", "{code} {name} is in the list more than once. Leave one of them.", "code", l.Code, "name", l.Name)})
		}
		line.Findings = append(line.Findings, r.judge(l)...)
		p.Lines[i] = line
		switch {
		case line.Blocked():
			p.Blocked++
		case l.Same():
			p.Same++
		default:
			p.Changes++
			if len(line.Findings) > 0 {
				p.Warned++
			}
		}
	}
	return p
}

// place is where a price is: no two lines of a draft may set the same.
type place struct{ shop, product int64 }

func placeOf(l Line) place { return place{l.ShopID, l.ProductID} }

func (d Draft) twice() map[place]bool {
	seen, twice := make(map[place]bool, len(d.Lines)), map[place]bool{}
	for _, l := range d.Lines {
		at := placeOf(l)
		if seen[at] && l.ProductID != 0 {
			twice[at] = true
		}
		seen[at] = true
	}
	return twice
}
