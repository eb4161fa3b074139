package checkout_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// blind does not see the refunds there are: what a desk reads may be old by the
// time it writes.
type blind struct{ checkout.Store }

func (blind) Refunds(context.Context, string) ([]checkout.Sale, error) { return nil, nil }

func TestTwoRefundsAtTheSameMoment(t *testing.T) {
	for name, c := range map[string]struct {
		q    checkout.RefundRequest
		code string
	}{
		"of all, by the code": {checkout.RefundRequest{All: true}, "refund.too_much"},
		"of all, in cash":     {checkout.RefundRequest{All: true, Cash: true}, "refund.too_much"},
		"of one line":         {checkout.RefundRequest{Returns: []checkout.Return{{Line: 1, Qty: 2}}}, "refund.too_much"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir, &p.gateway, func(st checkout.Store) checkout.Store { return blind{st} })
				defer s.close()
				c.q.SaleID, c.q.Reason = s.ring(checkout.Tender{Code: code1}).ID, "x"
				var wg sync.WaitGroup
				codes := make([]string, 4)
				for i := range codes {
					wg.Go(func() {
						_, err := s.desk.Refund(context.Background(), owner, c.q)
						codes[i] = fault.CodeOf(err)
					})
				}
				wg.Wait()
				slices.Sort(codes)
				if fmt.Sprint(codes) != fmt.Sprint([]string{"", c.code, c.code, c.code}) {
					t.Errorf("%q", codes)
				}
				if _, err := s.desk.Settle(t.Context()); err != nil {
					t.Error(err)
				}
				if all, err := s.ledger.Refunds(t.Context(), c.q.SaleID); err != nil || len(all) != 1 || p.gaveBack("")+all[0].HandOut() != 1000 {
					t.Errorf("%v %+v", err, all)
				}
				s.sound()
			})
		})
	}
}
