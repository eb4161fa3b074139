package localdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cashier/services/checkout"
	"cashier/services/fault"
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

func TestSellComesBackWhole(t *testing.T) {
	s := newShop(t)
	first, second := s.sell(), s.sell()
	for i, sale := range []checkout.Sale{first, second} {
		if want := fmt.Sprintf("%s-1-%06d", s.Till().ID, i+1); sale.ReceiptNo != want {
			t.Errorf("receipt %q, want %q", sale.ReceiptNo, want)
		}
	}
	s.reopen()
	s.want(first)
	s.want(second)
	all, err := s.Sales(t.Context(), time.Time{}, 0)
	s.ok(err)
	if len(all) != 2 || all[0].ID != second.ID {
		t.Errorf("newest first: %d sales", len(all))
	}
	some, err := s.Sales(t.Context(), second.OpenedAt, 5)
	s.ok(err)
	if len(some) != 1 || some[0].ID != second.ID {
		t.Errorf("since: %d sales", len(some))
	}
	if one, err := s.Sales(t.Context(), time.Time{}, 1); err != nil || len(one) != 1 || len(one[0].Lines) != 2 {
		t.Errorf("limit 1: %v, %v", one, err)
	}
	s.verified()
}

func TestFreeSaleNeedsNoLeg(t *testing.T) {
	s := newShop(t)
	gift := milk
	gift.Price, gift.Amount = 0, 0
	sale := s.sale(gift)
	no, err := s.Sell(t.Context(), sale, nil, nil, s.act("sale.complete", sale.ID))
	s.ok(err)
	got, err := s.Sale(t.Context(), sale.ID)
	s.ok(err)
	if got.ReceiptNo != no || got.State != checkout.Complete {
		t.Errorf("%+v", got)
	}
	s.verified()
}

func TestCodeSaleIsThreeCommits(t *testing.T) {
	var points []string
	s := openShop(t, Params{Hook: func(p string) { points = append(points, p) }})
	sale, leg := s.freeze(checkout.ClassCode)
	s.want(sale)
	used := func(want bool) {
		t.Helper()
		if got, err := s.CodeUsed(t.Context(), leg.CodeDigest); err != nil || got != want {
			t.Errorf("code used: %t, %v", got, err)
		}
	}
	used(false)
	leg = s.advance(leg, checkout.Sent)
	used(true)
	last := s.step(leg, checkout.Paid)
	leg = s.fold(leg, last)
	sale.ClosedAt = s.tick()
	no, err := s.Complete(t.Context(), sale, &last, []checkout.Entry{paid(leg), sold(sale)}, s.act("sale.complete", sale.ID))
	s.ok(err)
	sale.State, sale.ReceiptNo, sale.Legs = checkout.Complete, no, []checkout.Leg{leg}
	s.want(sale)
	byKey, err := s.SaleByKey(t.Context(), leg.Key)
	s.ok(err)
	if byKey.ID != sale.ID {
		t.Errorf("by key: %s", byKey.ID)
	}
	want := []string{"freeze.before", "freeze.after", "advance.SENT.before", "advance.SENT.after", "complete.before", "complete.after"}
	if d := cmp.Diff(want, points); d != "" {
		t.Error(d)
	}
	if got, err := s.CodeUsed(t.Context(), ""); got || err != nil {
		t.Errorf("an empty digest is in use: %v", err)
	}
	s.verified()
}

// A code that provably never left may be used again.
func TestUnsentCodeIsFree(t *testing.T) {
	s := newShop(t)
	_, leg := s.freeze(checkout.ClassCode)
	leg = s.advance(leg, checkout.Sent)
	s.advance(leg, checkout.Intent)
	if used, err := s.CodeUsed(t.Context(), leg.CodeDigest); used || err != nil {
		t.Errorf("used %t, %v", used, err)
	}
	s.verified()
}

func TestAnotherTenderAfterARefusal(t *testing.T) {
	s := newShop(t)
	sale, leg := s.freeze(checkout.ClassCode)
	leg = s.advance(leg, checkout.Sent)
	leg = s.advance(leg, checkout.Rejected)
	sale.Legs = []checkout.Leg{leg}
	cash := s.leg(sale, checkout.ClassRecorded, sale.Total)
	e1 := s.step(cash, checkout.Intent)
	e2 := s.step(s.fold(cash, e1), checkout.Paid)
	s.ok(s.AddLegs(t.Context(), []checkout.Leg{cash}, []checkout.LegEvent{e1, e2}, []checkout.Entry{paid(cash)}, s.act("sale.tender", sale.ID)))
	sale.Legs = append(sale.Legs, s.fold(cash, e1, e2))
	s.want(sale)
	no, err := s.Complete(t.Context(), sale, nil, []checkout.Entry{sold(sale)}, s.act("sale.complete", sale.ID))
	s.ok(err)
	got, err := s.Sale(t.Context(), sale.ID)
	s.ok(err)
	if got.ReceiptNo != no || got.State != checkout.Complete || got.Change() != 50 || got.ClosedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	s.verified()
}

func TestRedemption(t *testing.T) {
	s := newShop(t)
	sale, leg := s.freeze(checkout.ClassCard)
	leg = s.advance(leg, checkout.Sent)
	last := s.step(leg, checkout.Paid)
	no, err := s.Complete(t.Context(), sale, &last, nil, s.act("sale.complete", sale.ID))
	s.ok(err)
	sale.State, sale.ReceiptNo, sale.Legs, sale.ClosedAt = checkout.Complete, no, []checkout.Leg{s.fold(leg, last)}, s.clock
	s.want(sale)
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

func TestVoidBooksCashBack(t *testing.T) {
	s := newShop(t)
	sale, cash := s.mixed()
	back := s.step(cash, checkout.Reversed)
	sale.State, sale.Reason, sale.ClosedAt = checkout.Voided, "顾客不要了", s.tick()
	s.ok(s.Close(t.Context(), sale, []checkout.LegEvent{back}, []checkout.Entry{reversed(cash)}, s.act("sale.void", sale.ID)))
	sale.Legs[0] = s.fold(cash, back)
	s.want(sale)
	before := dump(t, s.path)
	refused(t, s.Close(t.Context(), sale, nil, nil, s.act("sale.void", sale.ID)), "sale.state_changed")
	_, err := s.Complete(t.Context(), sale, nil, nil, s.act("sale.complete", sale.ID))
	refused(t, err, "sale.state_changed")
	if after := dump(t, s.path); after != before {
		t.Error("a refused step left something behind")
	}
	s.verified()
}

func TestUnsettledEndsLater(t *testing.T) {
	s := newShop(t)
	sale, leg := s.freeze(checkout.ClassCode)
	leg = s.advance(s.advance(leg, checkout.Sent), checkout.Unknown)
	aside := sale
	aside.State, aside.Reason = checkout.Unsettled, "silent"
	s.ok(s.Close(t.Context(), aside, nil, nil, s.act("sale.unsettled", sale.ID)))
	refused(t, s.Close(t.Context(), aside, nil, nil, s.act("sale.unsettled", sale.ID)), "sale.state_changed")
	cash := s.leg(sale, checkout.ClassRecorded, sale.Total)
	refused(t, s.AddLegs(t.Context(), []checkout.Leg{cash}, []checkout.LegEvent{s.step(cash, checkout.Intent)}, nil, s.act("sale.tender", sale.ID)), "sale.state_changed")
	s.reopen()
	open, err := s.OpenSales(t.Context())
	s.ok(err)
	if len(open) != 1 || open[0].State != checkout.Unsettled || open[0].Legs[0].State != checkout.Unknown || !open[0].ClosedAt.IsZero() {
		t.Fatalf("open: %+v", open)
	}
	last := s.step(leg, checkout.Paid)
	done := sale
	done.Reason = ""
	_, err = s.Complete(t.Context(), done, &last, []checkout.Entry{paid(leg), sold(sale)}, s.act("sale.complete", sale.ID))
	s.ok(err)
	if open, err = s.OpenSales(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("still open: %v, %v", open, err)
	}
	s.verified()
}

// A sale is taken back only when nothing of it is under way, and one that is
// being taken back is not completed.
func TestNothingIsTakenBackUnderAPayment(t *testing.T) {
	s := newShop(t)
	sale, leg := s.freeze(checkout.ClassCode)
	leg = s.advance(leg, checkout.Sent)
	back := sale
	back.State = checkout.Compensating
	refused(t, s.Close(t.Context(), back, nil, nil, s.act("sale.compensate", sale.ID)), "sale.state_changed")
	leg = s.advance(leg, checkout.Unknown)
	refused(t, s.Close(t.Context(), back, nil, nil, s.act("sale.compensate", sale.ID)), "sale.state_changed")
	paidEvent := s.step(leg, checkout.Paid)
	s.ok(s.Advance(t.Context(), paidEvent, []checkout.Entry{paid(leg)}, s.act("leg.PAID", leg.Key)))
	s.ok(s.Close(t.Context(), back, nil, nil, s.act("sale.compensate", sale.ID)))
	_, err := s.Complete(t.Context(), sale, nil, []checkout.Entry{sold(sale)}, s.act("sale.complete", sale.ID))
	refused(t, err, "sale.state_changed")
	s.verified()
}

func TestCompleteGivesOneReceipt(t *testing.T) {
	s := newShop(t)
	sale, events, entries := s.cashSale(milk)
	first, err := s.Sell(t.Context(), sale, events, entries, s.act("sale.complete", sale.ID))
	s.ok(err)
	_, err = s.Complete(t.Context(), sale, nil, []checkout.Entry{sold(sale)}, s.act("sale.complete", sale.ID))
	refused(t, err, "sale.state_changed")
	if _, err := s.Sell(t.Context(), sale, events, entries, s.act("sale.complete", sale.ID)); err == nil {
		t.Error("sold twice")
	}
	got, err := s.Sale(t.Context(), sale.ID)
	s.ok(err)
	if got.ReceiptNo != first {
		t.Errorf("receipt %q became %q", first, got.ReceiptNo)
	}
	// The refused attempts took no number.
	if next := s.sell().ReceiptNo; !strings.HasSuffix(next, "-000002") {
		t.Errorf("next receipt %s", next)
	}
	s.verified()
}

func TestAdvanceTwiceIsOnce(t *testing.T) {
	s := newShop(t)
	_, leg := s.freeze(checkout.ClassCode)
	e := s.step(leg, checkout.Sent)
	a := s.act("leg.SENT", leg.Key)
	s.ok(s.Advance(t.Context(), e, nil, a))
	refused(t, s.Advance(t.Context(), e, nil, a), "leg.state_changed") // the permission to send is given once
	e = s.step(s.fold(leg, e), checkout.Unknown)
	s.ok(s.Advance(t.Context(), e, nil, a))
	before := dump(t, s.path)
	s.ok(s.Advance(t.Context(), e, nil, a))
	if dump(t, s.path) != before {
		t.Error("the second time was recorded")
	}
	e.At = e.At.Add(time.Second)
	refused(t, s.Advance(t.Context(), e, nil, a), "leg.state_changed")
	e.State = checkout.Rejected
	refused(t, s.Advance(t.Context(), e, nil, a), "leg.state_changed")
	s.verified()
}

// Everything the law forbids is refused whole, whoever asks.
func TestRefusals(t *testing.T) {
	type attempt func(*shop) error
	cases := map[string]struct {
		code string
		try  attempt
	}{
		"another till's sale": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			sale.TillID = "OTHER1"
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"another epoch's sale": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			sale.Epoch++
			return s.Freeze(s.Context(), sale, ev, en, s.act("x", ""))
		}},
		"leg without an event": {"ledger.defect", func(s *shop) error {
			sale := s.sale(milk)
			sale.Legs = []checkout.Leg{s.leg(sale, checkout.ClassCode, sale.Total)}
			return s.Freeze(s.Context(), sale, nil, nil, s.act("x", ""))
		}},
		"leg of another sale": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			sale.Legs[0].SaleID = "elsewhere"
			return s.Freeze(s.Context(), sale, ev, en, s.act("x", ""))
		}},
		"leg whose events say otherwise": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			return s.Freeze(s.Context(), sale, ev[:1], en[:1], s.act("x", ""))
		}},
		"event the law does not allow": {"leg.state_changed", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			ev[1].State = checkout.Reversed
			return s.Freeze(s.Context(), sale, ev, en, s.act("x", ""))
		}},
		"event of no leg": {"leg.unknown", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			ev[0].LegID = "nobody"
			return s.Freeze(s.Context(), sale, ev, en, s.act("x", ""))
		}},
		"a key twice": {"ledger.refused", func(s *shop) error {
			old := s.sell()
			sale, ev, en := s.cashSale(milk)
			sale.Legs[0].Key = old.Legs[0].Key
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"a cart twice": {"sale.cart_sold", func(s *shop) error {
			old := s.sell()
			sale, ev, en := s.cashSale(milk)
			sale.CartID = old.CartID
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"entry that does not balance": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			en[0].Postings[0].Amount++
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"entry without postings": {"ledger.refused", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			en[0].Postings = nil
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"entry of another sale": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			en[1].SaleID = s.sell().ID
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"cash paid but not posted": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			_, err := s.Sell(s.Context(), sale, ev, en[1:], s.act("x", ""))
			return err
		}},
		"cash posted twice": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			_, err := s.Sell(s.Context(), sale, ev, append(en, en[0]), s.act("x", ""))
			return err
		}},
		"goods not posted": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			_, err := s.Sell(s.Context(), sale, ev, en[:1], s.act("x", ""))
			return err
		}},
		"a fen short": {"ledger.defect", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			sale.Total++
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"complete with an open leg": {"ledger.defect", func(s *shop) error {
			sale, _ := s.freeze(checkout.ClassCode)
			_, err := s.Complete(s.Context(), sale, nil, []checkout.Entry{sold(sale)}, s.act("x", ""))
			return err
		}},
		"code paid but not posted": {"ledger.defect", func(s *shop) error {
			_, leg := s.freeze(checkout.ClassCode)
			leg = s.advance(leg, checkout.Sent)
			return s.Advance(s.Context(), s.step(leg, checkout.Paid), nil, s.act("x", ""))
		}},
		"posted but not paid": {"ledger.defect", func(s *shop) error {
			_, leg := s.freeze(checkout.ClassCode)
			return s.Advance(s.Context(), s.step(leg, checkout.Sent), []checkout.Entry{paid(leg)}, s.act("x", ""))
		}},
		"void with cash kept": {"ledger.defect", func(s *shop) error {
			sale, _ := s.mixed()
			sale.State = checkout.Voided
			return s.Close(s.Context(), sale, nil, nil, s.act("x", ""))
		}},
		"void with a leg unknown": {"ledger.defect", func(s *shop) error {
			sale, leg := s.freeze(checkout.ClassCode)
			s.advance(s.advance(leg, checkout.Sent), checkout.Unknown)
			sale.State = checkout.Voided
			return s.Close(s.Context(), sale, nil, nil, s.act("x", ""))
		}},
		"void and still book goods": {"ledger.defect", func(s *shop) error {
			sale, leg := s.freeze(checkout.ClassCode)
			s.advance(leg, checkout.Rejected)
			sale.State = checkout.Voided
			return s.Close(s.Context(), sale, nil, []checkout.Entry{sold(sale)}, s.act("x", ""))
		}},
		"close as complete": {"ledger.defect", func(s *shop) error {
			sale, _ := s.freeze(checkout.ClassCode)
			sale.State = checkout.Complete
			return s.Close(s.Context(), sale, nil, nil, s.act("x", ""))
		}},
		"no legs to add": {"ledger.defect", func(s *shop) error {
			return s.AddLegs(s.Context(), nil, nil, nil, s.act("x", ""))
		}},
		"business date in words": {"ledger.refused", func(s *shop) error {
			sale, ev, en := s.cashSale(milk)
			sale.BusinessDate = "today"
			_, err := s.Sell(s.Context(), sale, ev, en, s.act("x", ""))
			return err
		}},
		"unknown sale": {"sale.unknown", func(s *shop) error {
			_, err := s.Complete(s.Context(), checkout.Sale{ID: "nobody"}, nil, nil, s.act("x", ""))
			return err
		}},
		"unknown sale read": {"sale.unknown", func(s *shop) error {
			_, err := s.Sale(s.Context(), "nobody")
			return err
		}},
		"unknown leg": {"leg.unknown", func(s *shop) error {
			return s.Advance(s.Context(), checkout.LegEvent{LegID: "nobody", Seq: 1, State: checkout.Intent}, nil, s.act("x", ""))
		}},
		"unknown key": {"leg.unknown", func(s *shop) error {
			_, err := s.SaleByKey(s.Context(), "nobody")
			return err
		}},
		"a caller who has left": {"disk.stopped", func(s *shop) error {
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			sale, ev, en := s.cashSale(milk)
			_, err := s.Sell(ctx, sale, ev, en, s.act("x", ""))
			if !errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Unreachable {
				return errors.New("not said to be cancelled")
			}
			return err
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			var before string
			s.hook = func(point string) {
				if strings.HasSuffix(point, ".after") {
					before = dump(t, s.path)
				}
			}
			before = dump(t, s.path)
			refused(t, c.try(s), c.code)
			if dump(t, s.path) != before {
				t.Error("something was recorded")
			}
			s.verified()
		})
	}
}
