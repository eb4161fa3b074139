package storetest

import (
	"strings"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// bench is a store under test with what a desk would do to it.
type bench struct {
	testing.TB
	Opened
	*maker
}

func newBench(t testing.TB, o Opened) *bench {
	return &bench{TB: t, Opened: o, maker: newMaker(o.Till)}
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s: %v", fault.CodeOf(err), err)
	}
}

// kinds say what each refusal means.
var kinds = map[string]fault.Kind{
	"leg.state_changed":  fault.Refused,
	"leg.unknown":        fault.Invalid,
	"ledger.defect":      fault.Internal,
	"ledger.refused":     fault.Internal,
	"sale.cart_sold":     fault.Refused,
	"sale.state_changed": fault.Refused,
	"sale.unknown":       fault.Invalid,
	"watch.changed":      fault.Refused,
	"disk.full":          fault.Internal,
	"disk.io":            fault.Internal,
	"disk.stopped":       fault.Unreachable,
}

// refused checks the code and kind of an error and that a person can read it.
func (b *bench) refused(err error, code string) {
	b.Helper()
	if err == nil {
		b.Fatalf("allowed, want a fault %q", code)
	}
	if fault.CodeOf(err) != code {
		b.Fatalf("got %q (%v), want a fault %q", fault.CodeOf(err), err, code)
	}
	if kind, known := kinds[code]; !known || fault.KindOf(err) != kind {
		b.Errorf("%s is a fault of kind %d, want %d", code, fault.KindOf(err), kind)
	}
	if m := err.Error(); strings.Contains(m, "{") || !strings.HasSuffix(m, ".") {
		b.Errorf("not a finished sentence: %s", m)
	}
}

func (b *bench) same(want, got any) {
	b.Helper()
	if d := diff(want, got); d != "" {
		b.Fatalf("(-want +got)\n%s", d)
	}
}

func (b *bench) snapshot() snapshot {
	b.Helper()
	s, err := look(b.Context(), b.Opened)
	b.ok(err)
	return s
}

func (b *bench) books() Books {
	b.Helper()
	books, err := b.Books()
	b.ok(err)
	return books
}

// untouched runs f, which must leave everything as it is.
func (b *bench) untouched(f func()) {
	b.Helper()
	before := b.snapshot()
	f()
	if d := diff(before, b.snapshot()); d != "" {
		b.Fatalf("something was recorded (-before +after)\n%s", d)
	}
}

// reopen cuts the power.
func (b *bench) reopen() {
	b.Helper()
	was := b.Opened
	b.Opened = was.Reopen()
	was.Shut()
	if b.Till != was.Till {
		b.Fatalf("till %+v became %+v", was.Till, b.Till)
	}
}

// want reads a sale back.
func (b *bench) want(sale checkout.Sale) {
	b.Helper()
	got, err := b.Sale(b.Context(), sale.ID)
	b.ok(err)
	b.same(sale, got)
}

// sell records a cash sale and returns it as it then stands.
func (b *bench) sell() checkout.Sale {
	b.Helper()
	sale, events, entries := b.cashSale(milk, apple)
	no, err := b.Sell(b.Context(), sale, events, entries, b.act("sale.complete", sale.ID))
	b.ok(err)
	sale.ReceiptNo = no
	return sale
}

// freeze records a sale that waits for one leg, and returns both.
func (b *bench) freeze(class checkout.Class) (checkout.Sale, checkout.Leg) {
	b.Helper()
	sale, l, events := b.planned(class)
	b.ok(b.Freeze(b.Context(), sale, events, nil, b.act("sale.freeze", sale.ID)))
	return sale, l
}

// advance takes a leg through states, each with the entries that belong to it.
func (b *bench) advance(l checkout.Leg, states ...checkout.State) checkout.Leg {
	b.Helper()
	for _, state := range states {
		l = b.advanceBy(l, b.event(l, state))
	}
	return l
}

func (b *bench) advanceBy(l checkout.Leg, e checkout.LegEvent) checkout.Leg {
	b.Helper()
	b.ok(b.Advance(b.Context(), e, moved(l, e.State), b.act("leg."+string(e.State), l.Key)))
	return fold(l, e)
}

// close closes a sale as state, without events.
func (b *bench) close(sale checkout.Sale, state checkout.SaleState) error {
	sale.State, sale.ClosedAt = state, time.Time{}
	return b.Close(b.Context(), sale, nil, nil, b.act("sale.close", sale.ID))
}

// complete ends a sale whose money is there, without a last event.
func (b *bench) complete(sale checkout.Sale) (string, error) {
	return b.Complete(b.Context(), sale, nil, []checkout.Entry{sold(sale)}, b.act("sale.complete", sale.ID))
}

// mixed is a sale with cash counted and a code that was refused.
func (b *bench) mixed() (checkout.Sale, checkout.Leg) {
	b.Helper()
	sale := b.sale(milk)
	cash, events := b.counted(b.leg(sale, checkout.ClassRecorded, 100))
	sale.Legs = []checkout.Leg{cash}
	code := b.leg(sale, checkout.ClassCode, sale.Total-100)
	e := b.event(code, checkout.Intent)
	sale.Legs = append(sale.Legs, fold(code, e))
	b.ok(b.Freeze(b.Context(), sale, append(events, e), []checkout.Entry{paid(cash)}, b.act("sale.freeze", sale.ID)))
	sale.Legs[1] = b.advance(sale.Legs[1], checkout.Rejected)
	b.want(sale)
	return sale, cash
}
