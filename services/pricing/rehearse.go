package pricing

import (
	"cmp"
	"context"

	"github.com/shopspring/decimal"
)

// Wanted is one price of a list: which product, in which shop, and what it is to
// cost. What is not Valid stays as HQ has it.
type Wanted struct {
	ProductID int64
	ShopID    int64 // 0: this shop
	Code      string
	Price     decimal.NullDecimal
	Member    decimal.NullDecimal
	FileRow   int
}

// Fill adds to a draft's lines what HQ's price list does not say: class, unit
// and cost. It is called once with all lines; an error of it ends the rehearsal.
type Fill func(ctx context.Context, lines []Line) error

// Rehearse reads what HQ has now of the wanted prices, Chunk products at a time,
// and makes a draft of both. Nothing is changed. progress and fill may be nil.
func (s *Service) Rehearse(ctx context.Context, list []Wanted, fill Fill, progress func(done, of int)) (Draft, error) {
	d := Draft{Lines: make([]Line, 0, len(list))}
	for from := 0; from < len(list); from += Chunk {
		some := list[from:min(from+Chunk, len(list))]
		lines, err := s.rehearse(ctx, some)
		if err != nil {
			return Draft{}, err
		}
		d.Lines = append(d.Lines, lines...)
		if progress != nil {
			progress(len(d.Lines), len(list))
		}
	}
	if fill != nil {
		if err := fill(ctx, d.Lines); err != nil {
			return Draft{}, err
		}
	}
	return d, nil
}

func (s *Service) rehearse(ctx context.Context, some []Wanted) ([]Line, error) {
	at := make([]place, len(some))
	for i, w := range some {
		at[i] = place{cmp.Or(w.ShopID, s.p.Shop), w.ProductID}
	}
	has, err := readPlaces(ctx, s.p.HQ, s.p.Shop, at)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(some))
	for i, w := range some {
		row, ok := has[at[i]]
		l := LineOf(row)
		if !ok {
			l = Line{ProductID: w.ProductID, Code: w.Code, Gone: true}
		}
		l.FileRow, l.ShopID = w.FileRow, at[i].shop
		if w.Price.Valid {
			l.Price = w.Price
		}
		if w.Member.Valid {
			l.Member = w.Member
		}
		lines[i] = l
	}
	return lines, nil
}

// readPlaces is what HQ has at these places; own is this shop's number in them.
// Places of this shop are read in one call, those of others product by product.
func readPlaces(ctx context.Context, hq HQ, own int64, at []place) (map[place]Row, error) {
	has := make(map[place]Row, len(at))
	var here []int64
	asked := map[int64]bool{}
	for _, p := range at {
		switch {
		case p.product <= 0:
		case p.shop == own:
			here = append(here, p.product)
		case !asked[p.product]:
			asked[p.product] = true
			rows, err := hq.PricesIn(ctx, p.product)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				if r.ShopID != own {
					has[place{r.ShopID, r.ProductID}] = r
				}
			}
		}
	}
	if len(here) == 0 {
		return has, nil
	}
	rows, err := hq.Prices(ctx, here)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		has[place{own, r.ProductID}] = r
	}
	return has, nil
}
