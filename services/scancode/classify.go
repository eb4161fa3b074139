package scancode

import (
	"slices"

	"cashier/services/fault"
)

// GoodsLookup finds products by code.
type GoodsLookup interface {
	// ByCode is the number of products whose barcode or 货号 is exactly code. It
	// must answer from memory: it is called on every scan.
	ByCode(code string) int
}

// LabelTemplates reads the shop's own labels.
type LabelTemplates interface {
	// Read takes a code apart by the first template it fits, check digit
	// included; ok is false when it fits none.
	Read(code string) (content LabelContent, ok bool)
}

// Params are what a Reader needs.
type Params struct {
	Goods    GoodsLookup    // required
	Labels   LabelTemplates // nil: the shop prints no labels
	Patterns []Pattern      // nil: DefaultPatterns
	// PayScreenOnly turns off paying straight from the sale screen: there a
	// payment code opens the pay screen and is charged only when scanned on it.
	PayScreenOnly bool
	// Badges is what every staff badge begins with (see CheckBadgePrefix); "" for
	// no badges.
	Badges string
}

// Reader reads codes. It is immutable and safe for concurrent use.
type Reader struct {
	goods         GoodsLookup
	labels        LabelTemplates
	patterns      []Pattern
	payScreenOnly bool
	badges        string
}

// New checks the patterns (see CheckPatterns) and refuses Params without Goods
// ("scan.no_goods").
func New(p Params) (*Reader, error) {
	if p.Goods == nil {
		return nil, fault.New(fault.Internal, "scan.no_goods", "The scanner has no product list to look in. Restart the till; if that does not help, call support.")
	}
	if p.Patterns == nil {
		p.Patterns = DefaultPatterns()
	}
	if err := CheckPatterns(p.Patterns); err != nil {
		return nil, err
	}
	if err := CheckBadgePrefix(p.Badges); err != nil {
		return nil, err
	}
	return &Reader{
		goods:         p.Goods,
		labels:        p.Labels,
		patterns:      slices.Clone(p.Patterns),
		payScreenOnly: p.PayScreenOnly,
		badges:        p.Badges,
	}, nil
}

// Read says what a code is, whatever the screen.
func (r *Reader) Read(raw string) Reading {
	code, sym := clean(raw)
	base := Reading{Code: code, Symbology: sym}
	if f := flaw(code); f != Sound {
		base.Kind, base.Flaw = Rejected, f
		return base
	}
	if n := r.goods.ByCode(code); n > 0 {
		base.Kind, base.Products = Goods, n
		return base
	}

	if r.badge(code) {
		base.Kind = Badge
		return base
	}

	label, isLabel := r.label(base)
	pattern, isPattern := r.pattern(base)
	switch {
	case isLabel && isPattern:
		base.Kind, base.Readings = Ambiguous, []Reading{label, pattern}
		return base
	case isPattern:
		return pattern
	default:
		return label // Unknown when no template fits or no product has its PLU
	}
}

// label reads base by the shop's templates. A label of a product nobody has is
// no reading: it must not stand in the way of a payment code that looks alike.
func (r *Reader) label(base Reading) (Reading, bool) {
	if r.labels == nil {
		return base, false
	}
	content, ok := r.labels.Read(base.Code)
	if !ok {
		return base, false
	}
	base.Label = content
	if n := r.goods.ByCode(content.PLU); n > 0 {
		base.Kind, base.Products = Label, n
		return base, true
	}
	return base, false
}

func (r *Reader) pattern(base Reading) (Reading, bool) {
	for _, p := range r.patterns {
		if p.Fits(base.Code) {
			base.Kind, base.Pattern, base.Wallet = p.Kind, p.Name, p.Wallet
			return base, true
		}
	}
	return base, false
}
