package localdb

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/checkout"
)

// sameSale compares what was handed in with what came back, to the millisecond.
var sameSale = cmp.Options{
	cmp.Comparer(func(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }),
	cmpopts.EquateEmpty(),
}

func (s *shop) want(want checkout.Sale) {
	s.Helper()
	got, err := s.Sale(s.Context(), want.ID)
	s.ok(err)
	if d := cmp.Diff(want, got, sameSale); d != "" {
		s.Fatalf("sale (-want +got):\n%s", d)
	}
}

func TestNewTillKeepsItsName(t *testing.T) {
	s := newShop(t)
	till := s.Till()
	if len(till.ID) != 6 || till.Epoch != 1 || strings.Trim(till.ID, tillAlphabet) != "" {
		t.Fatalf("till %+v", till)
	}
	s.reopen()
	if s.Till() != till {
		t.Fatalf("till %+v became %+v", till, s.Till())
	}
	s.verified()
}

// mixed is a sale with cash counted and a code that was refused.
func (s *shop) mixed() (checkout.Sale, checkout.Leg) {
	s.Helper()
	sale := s.sale(milk)
	cash, code := s.leg(sale, checkout.ClassRecorded, 100), s.leg(sale, checkout.ClassCode, sale.Total-100)
	code.No = 2
	c1 := s.step(cash, checkout.Intent)
	c2 := s.step(s.fold(cash, c1), checkout.Paid)
	k1 := s.step(code, checkout.Intent)
	sale.Legs = []checkout.Leg{s.fold(cash, c1, c2), s.fold(code, k1)}
	s.ok(s.Freeze(s.Context(), sale, []checkout.LegEvent{c1, c2, k1}, []checkout.Entry{paid(cash)}, s.act("sale.freeze", sale.ID)))
	sale.Legs[1] = s.advance(sale.Legs[1], checkout.Rejected)
	s.want(sale)
	return sale, sale.Legs[0]
}

// What Store promises is in the suite (store_test.go); these are the file's own.

func TestCodeSaleIsThreeCommits(t *testing.T) {
	var points []string
	s := openShop(t, Params{Hook: func(p string) { points = append(points, p) }})
	sale, leg := s.freeze(checkout.ClassCode)
	leg = s.advance(leg, checkout.Sent)
	last := s.step(leg, checkout.Paid)
	_, err := s.Complete(t.Context(), sale, &last, []checkout.Entry{paid(leg), sold(sale)}, s.act("sale.complete", sale.ID))
	s.ok(err)
	want := []string{"freeze.before", "freeze.after", "advance.SENT.before", "advance.SENT.after", "complete.before", "complete.after"}
	if d := cmp.Diff(want, points); d != "" {
		t.Error(d)
	}
	s.verified()
}

// A step that fails at its very end has written into every table by then; all
// of it is taken back, in the tables that no Store shows as well.
func TestARefusedStepLeavesTheFileAlone(t *testing.T) {
	s := newShop(t)
	s.sell()
	open, leg := s.freeze(checkout.ClassCode)
	leg = s.advance(leg, checkout.Sent)
	before := dump(t, s.path)
	short, ev, en := s.cashSale(milk)
	short.Total++
	_, err := s.Sell(t.Context(), short, ev, en, s.act("sale.complete", short.ID))
	refused(t, err, "ledger.defect")
	last := s.step(leg, checkout.Paid)
	_, err = s.Complete(t.Context(), open, &last, []checkout.Entry{paid(leg)}, s.act("sale.complete", open.ID))
	refused(t, err, "ledger.defect")
	refused(t, s.Advance(t.Context(), last, nil, s.act("leg.PAID", leg.Key)), "ledger.defect")
	if dump(t, s.path) != before {
		t.Error("something was recorded")
	}
	s.verified()
}
