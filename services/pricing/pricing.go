package pricing

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// Chunk is how many prices go to HQ in one call: it answers once for all, and the
// page of changeprices (HQ help page shopproduct) names no bound.
const Chunk = 100

// Row is a product's prices in one shop as HQ has them, in yuan per unit. Doc is
// HQ's own row, handed back as it came: a change sends the whole of it.
type Row struct {
	ShopID    int64
	ProductID int64
	Code      string // 货号
	Name      string
	Price     decimal.NullDecimal
	Member    decimal.NullDecimal
	Doc       any
}

// HQ is what is needed of HQ. Its faults are those of package fault: of a
// change, Invalid and Unreachable prove that nothing was sent, and Unknown leaves
// open whether it was done.
type HQ interface {
	// Price is this shop's row of a product; Refused where it has none.
	Price(ctx context.Context, product int64) (Row, error)
	// Prices are this shop's rows of the products, without those it lacks.
	Prices(ctx context.Context, products []int64) ([]Row, error)
	// PricesIn are the rows of every shop that has the product.
	PricesIn(ctx context.Context, product int64) ([]Row, error)
	// Change sends rows of this shop with new prices in them, one call for all.
	Change(ctx context.Context, rows []Row) error
	// ChangeIn sets one price of a product in several shops, one call for all.
	ChangeIn(ctx context.Context, product int64, shops []int64, price, member money.Fen) error
}

// Params of a Service. HQ and Note are required.
type Params struct {
	HQ   HQ
	Note func(ctx context.Context, what, subject, detail string) error // the audit trail
	// Settle is how long HQ is given before a price that is not there yet is
	// looked for once more; zero: 1 s.
	Settle time.Duration
	// Shop is this shop's number at HQ, for drafts.
	Shop int64
	// Cache, where there is one, follows at once.
	Cache Cache
	// By is who acts, for the price history.
	By access.Actor
}

// Service changes prices. It is safe for concurrent use if HQ and Note are.
type Service struct{ p Params }

// New makes a Service.
func New(p Params) *Service {
	if p.Settle <= 0 {
		p.Settle = time.Second
	}
	return &Service{p}
}

// Want is a price to be. Without HasMember the member price stays as it is.
type Want struct {
	Price     money.Fen
	Member    money.Fen
	HasMember bool
}

// ParseWant reads a price and a member price in yuan; "" is no member price.
func ParseWant(price, member string) (w Want, err error) {
	if w.Price, err = money.ParseFen(price); err != nil || w.Price <= 0 {
		return Want{}, fmt.Errorf("%q is no price: yuan with at most two decimals, more than 0", price)
	}
	if member == "" {
		return w, nil
	}
	if w.Member, err = money.ParseFen(member); err != nil || w.Member < 0 {
		return Want{}, fmt.Errorf("%q is no member price: yuan with at most two decimals", member)
	}
	w.HasMember = true
	return w, nil
}

// over is the row with the new prices in it: what is sent, and what HQ is to
// have afterwards. Invalid where the member price that would go along is none
// that a till can charge.
func (w Want) over(r Row) (Row, error) {
	r.Price = yuan(w.Price)
	if w.HasMember {
		r.Member = yuan(w.Member)
		return r, nil
	}
	if fen, err := money.FenFromDecimal(r.Member.Decimal); err != nil || fen < 0 {
		return r, fault.New(fault.Invalid, "price.member_fen",
			"HQ has {member} as the member price of {code} {name}, which is not a whole fen; nothing was sent for it. Give its member price as well.",
			"code", r.Code, "name", r.Name, "member", r.Member.Decimal.String())
	}
	return r, nil
}

func yuan(f money.Fen) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.New(int64(f), -2))
}

// Outcome is what became of one price.
type Outcome string

// The outcomes.
const (
	Changed     Outcome = "changed"      // HQ has it
	Same        Outcome = "same"         // HQ had it before
	Unchanged   Outcome = "unchanged"    // HQ still has the old one, and nothing is under way
	Unknown     Outcome = "unknown"      // nobody can tell; look again
	NotSent     Outcome = "not sent"     // HQ has not heard of it
	WouldChange Outcome = "would change" // of a dry run
	Conflict    Outcome = "conflict"     // of a batch: HQ's price is not the one that was shown
	Planned     Outcome = "planned"      // of a batch: it has yet to be sent
)

// Result is one price at one shop, before and after. Err says why it is not
// Changed, Same or WouldChange. Of a product that HQ could not be asked about
// only ProductID is known.
type Result struct {
	ProductID, ShopID int64
	Code, Name        string
	Was, WasMember    decimal.NullDecimal
	Price, Member     decimal.NullDecimal // to be
	Outcome           Outcome
	Err               error
}

// result is what is known before anything is sent.
func result(before, after Row) Result {
	return Result{
		ProductID: before.ProductID, ShopID: before.ShopID, Code: before.Code, Name: before.Name,
		Was: before.Price, WasMember: before.Member, Price: after.Price, Member: after.Member,
	}
}

func (r *Result) conclude(o Outcome, why error) { r.Outcome, r.Err = o, why }

func (r *Result) subject() string { return fmt.Sprintf("%s %s shop %d", r.Code, r.Name, r.ShopID) }

func (r *Result) detail() string {
	return fmt.Sprintf("%s → %s, member %s → %s", Yuan(r.Was), Yuan(r.Price), Yuan(r.WasMember), Yuan(r.Member))
}

// Yuan is a price as a person reads it: with two decimals, or with all where
// HQ has more. An absent one is 0.00, as HQ takes it.
func Yuan(d decimal.NullDecimal) string {
	if !d.Decimal.Equal(d.Decimal.Truncate(2)) {
		return d.Decimal.String()
	}
	return d.Decimal.StringFixed(2)
}

// announce writes down what is about to be sent.
func (s *Service) announce(ctx context.Context, results []*Result) error {
	for _, r := range results {
		if err := s.p.Note(ctx, "hq.price", r.subject(), r.detail()); err != nil {
			return err
		}
	}
	return nil
}

// record writes down what came of it.
func (s *Service) record(ctx context.Context, results []*Result) error {
	for _, r := range results {
		detail := string(r.Outcome)
		if r.Err != nil {
			detail += ": " + r.Err.Error()
		}
		if err := s.p.Note(ctx, "hq.price.result", r.subject(), detail); err != nil {
			return err
		}
	}
	return nil
}
