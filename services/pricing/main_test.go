package pricing

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.uber.org/goleak"

	"cashier/services/fault"
	"cashier/services/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is an HQ in memory. A change goes through behave, which says how much
// of it is done and what is answered.
type office struct {
	rows   map[int64]map[int64]Row // by shop, then product; shop 1 is this one
	behave func(apply func()) error
	read   func() error // before each reading; nil: none fails
	sent   [][]Row
	shops  [][]int64
	reads  int
	notes  []string
	note   func(what, subject string) error
}

var (
	errSilent  = fault.New(fault.Unknown, "hq.silent", "no answer")
	errRefused = fault.New(fault.Refused, "hq.refused", "no")
	errUnsent  = fault.New(fault.Unreachable, "hq.unreachable", "not there")
)

func yes(apply func()) error { apply(); return nil }

// newOffice has products 1..n in shop 1, at 10.00 and 9.00.
func newOffice(n int64) *office {
	o := &office{rows: map[int64]map[int64]Row{1: {}}, behave: yes}
	for id := int64(1); id <= n; id++ {
		o.rows[1][id] = row(1, id, "10.00", "9.00")
	}
	return o
}

func row(shop, product int64, price, member string) Row {
	r := Row{ShopID: shop, ProductID: product, Code: fmt.Sprint("c", product), Name: "梨", Doc: product}
	if price != "" {
		r.Price = decimal.NewNullDecimal(decimal.RequireFromString(price))
	}
	if member != "" {
		r.Member = decimal.NewNullDecimal(decimal.RequireFromString(member))
	}
	return r
}

func (o *office) service() *Service {
	return New(Params{HQ: o, Settle: time.Microsecond, Note: func(_ context.Context, what, subject, detail string) error {
		if o.note != nil {
			if err := o.note(what, subject); err != nil {
				return err
			}
		}
		o.notes = append(o.notes, what+" | "+subject+" | "+detail)
		return nil
	}})
}

func (o *office) reading() error {
	o.reads++
	if o.read == nil {
		return nil
	}
	return o.read()
}

func (o *office) Price(_ context.Context, product int64) (Row, error) {
	if err := o.reading(); err != nil {
		return Row{}, err
	}
	r, ok := o.rows[1][product]
	if !ok {
		return Row{}, fault.New(fault.Refused, "hq.not_found", "none")
	}
	return r, nil
}

func (o *office) Prices(_ context.Context, products []int64) ([]Row, error) {
	if err := o.reading(); err != nil {
		return nil, err
	}
	var found []Row
	for _, id := range products {
		if r, ok := o.rows[1][id]; ok {
			found = append(found, r)
		}
	}
	return found, nil
}

func (o *office) PricesIn(_ context.Context, product int64) ([]Row, error) {
	if err := o.reading(); err != nil {
		return nil, err
	}
	var found []Row
	for _, shop := range o.rows {
		if r, ok := shop[product]; ok {
			found = append(found, r)
		}
	}
	return found, nil
}

func (o *office) Change(ctx context.Context, rows []Row) error {
	if ctx.Err() != nil {
		return errors.New("a change was begun and given up")
	}
	o.sent = append(o.sent, rows)
	return o.behave(func() {
		for _, r := range rows {
			o.rows[1][r.ProductID] = r
		}
	})
}

func (o *office) ChangeIn(_ context.Context, product int64, shops []int64, price, member money.Fen) error {
	o.shops = append(o.shops, shops)
	return o.behave(func() {
		for _, id := range shops {
			o.rows[id][product] = row(id, product, price.Yuan(), member.Yuan())
		}
	})
}

func want(t testing.TB, price, member string) Want {
	t.Helper()
	w, err := ParseWant(price, member)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
