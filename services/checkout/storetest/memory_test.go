package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cashier/localdb"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/simulate"
)

var errFull = fault.New(fault.Internal, "disk.full", "The disk is full.")

func TestMemoryPassesThePointsOfTheLedger(t *testing.T) {
	if d := diff(localdb.Points(), simulate.Points()); d != "" {
		t.Errorf("(-ledger +memory)\n%s", d)
	}
	seen := map[string]bool{}
	m := simulate.NewMemory(till)
	m.Hook = func(point string) error {
		seen[point] = true
		return nil
	}
	acknowledgedSurvives(newBench(t, openedMemory(m)))
	for _, p := range simulate.Points() {
		if !seen[p] {
			t.Errorf("%s is listed but never passed", p)
		}
		delete(seen, p)
	}
	for p := range seen {
		t.Errorf("%s is passed but not listed", p)
	}
}

// A disk that refuses keeps nothing of the step, one that lies all of it; a
// till that dies leaves the same, and the books go on.
func TestMemoryFailsWhereItIsTold(t *testing.T) {
	for _, point := range simulate.Points() {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s dies=%t", point, dies), func(t *testing.T) {
				m := simulate.NewMemory(till)
				text := func() string { return fmt.Sprintf("%+v", newBench(t, openedMemory(m)).snapshot()) }
				step, recorded := strings.CutSuffix(point, ".after")
				step = strings.TrimSuffix(step, ".before")
				var before, after string
				m.Hook = func(p string) error {
					switch p {
					case step + ".before":
						before, after = text(), ""
					case step + ".after":
						after = text()
					}
					if p != point {
						return nil
					}
					m.Hook = nil // it happens once
					if dies {
						panic(p)
					}
					return errFull
				}
				p := &probe{TB: t}
				p.runs(func() { acknowledgedSurvives(newBench(p, openedMemory(m))) })
				if m.Hook != nil {
					t.Fatal("never came to the point")
				}
				if !p.failed || !dies && !strings.Contains(p.said, "disk.full") {
					t.Errorf("the caller was not told: %q", p.said)
				}
				want := before
				if recorded {
					want = after
				}
				if got := text(); got != want || before == after {
					t.Errorf("recorded: want %t\nbefore %s\nafter  %s\ngot    %s", recorded, before, after, got)
				}
				again := newBench(t, openedMemory(m))
				again.n = 1000 // past the ids of the till that is gone
				again.sell()
			})
		}
	}
}

// What a disk recorded and denied is there for the caller who looks, once.
func TestMemoryThatLies(t *testing.T) {
	m := simulate.NewMemory(till)
	b := newBench(t, openedMemory(m))
	lie := func(at string) {
		m.Hook = func(p string) error {
			if p != at {
				return nil
			}
			m.Hook = nil
			return errFull
		}
	}
	lie("sell.after")
	sale, events, entries := b.cashSale(milk)
	no, err := b.Sell(t.Context(), sale, events, entries, b.act("sale.complete", sale.ID))
	b.refused(err, "disk.full")
	if no != "" {
		t.Errorf("receipt %s came with a failure", no)
	}
	sale.ReceiptNo = "K7M2QX-2-000001"
	b.want(sale)
	if next := b.sell(); next.ReceiptNo != "K7M2QX-2-000002" {
		t.Errorf("next receipt %s", next.ReceiptNo)
	}

	_, leg := b.freeze(checkout.ClassCode)
	leg = b.advance(leg, checkout.Sent)
	lie("advance.PAID.after")
	e, act := b.event(leg, checkout.Paid), b.act("leg.PAID", leg.Key)
	b.refused(b.Advance(t.Context(), e, moved(leg, checkout.Paid), act), "disk.full")
	b.untouched(func() { b.ok(b.Advance(t.Context(), e, moved(leg, checkout.Paid), act)) })

	surprise := errors.New("surprise")
	m.Hook = func(string) error { return surprise }
	err = b.Note(t.Context(), act)
	if b.refused(err, "disk.io"); !errors.Is(err, surprise) {
		t.Errorf("%v lost its cause", err)
	}
	m.Hook = nil
}

// What a step cannot do is refused before the disk is asked.
func TestMemoryAsksTheDiskLast(t *testing.T) {
	m := simulate.NewMemory(till)
	b := newBench(t, openedMemory(m))
	sale, _ := b.freeze(checkout.ClassCode)
	m.Hook = func(p string) error {
		t.Errorf("came to %s", p)
		return errFull
	}
	_, err := b.complete(sale)
	b.refused(err, "ledger.defect")
	b.refused(b.close(sale, checkout.Compensating), "sale.state_changed")
}

// An entry or a watch belongs to a leg of its own sale.
func TestMemoryKeepsSalesApart(t *testing.T) {
	b := newBench(t, Memory(till))
	one, first := b.freeze(checkout.ClassCode)
	_, second := b.freeze(checkout.ClassCode)
	strange := transfer(one.ID, second.ID, "strange", "drawer", "sales", 1)
	w := checkout.Watch{Leg: checkout.Leg{ID: second.ID, SaleID: one.ID}, State: checkout.WatchOver}
	b.untouched(func() {
		b.refused(b.Advance(t.Context(), b.event(first, checkout.Sent), []checkout.Entry{strange}, b.act("leg", "")), "ledger.refused")
		b.refused(b.Watch(t.Context(), w, w, nil, b.act("watch", "")), "ledger.refused")
	})
}

func TestMemoryShowsWhatItHolds(t *testing.T) {
	m := simulate.NewMemory(till)
	b := newBench(t, openedMemory(m))
	sale := b.sell()
	_, leg, w := b.watched()
	after := w
	after.State, after.Booked = checkout.LateMoney, leg.Amount
	b.ok(b.Watch(t.Context(), w, after, []checkout.Entry{late(leg)}, b.act("watch", leg.Key)))
	for account, want := range map[checkout.Account]int64{
		checkout.AccDrawer: 2122, checkout.AccSales: -2122, checkout.AccCustomer: 0, checkout.AccLiantuofu: 2122, checkout.AccUnresolved: -2122, checkout.AccZvcms: 0,
	} {
		if got := m.Balance(account); int64(got) != want {
			t.Errorf("%s stands at %s", account, got)
		}
	}
	// In the order in which it happened, not by name.
	var order []string
	for e := range m.Entries() {
		order = append(order, e.Kind)
	}
	b.same([]string{"paid", "complete", "late"}, order)
	order = nil
	for e := range m.Events() {
		order = append(order, string(e.State))
	}
	b.same([]string{"INTENT", "PAID", "INTENT", "SENT", "REJECTED"}, order)
	b.same([]checkout.Watch{after}, slices.Collect(m.AllWatches()))
	for range m.Entries() {
		break // a look may end early
	}
	for range m.AllWatches() {
		break
	}
	if m.Till() != till || sale.TillID != m.Till().ID {
		t.Errorf("%+v", m.Till())
	}
}

// BenchmarkMemory is a sale by code as a simulator makes it: three steps that
// record, and a look after each. Each of the six is one call.
func BenchmarkMemory(b *testing.B) {
	x := newBench(b, Memory(till))
	ctx := b.Context()
	sale, leg, events := x.planned(checkout.ClassCode)
	sent := x.event(leg, checkout.Sent)
	gone := fold(leg, sent)
	last := x.event(gone, checkout.Paid)
	entries, act := []checkout.Entry{paid(gone), sold(sale)}, x.act("act", sale.ID)
	hook := func(string) error { return nil }
	var err error
	look := func() {
		if err == nil {
			_, err = x.Sale(ctx, sale.ID)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		m := simulate.NewMemory(till)
		m.Hook, x.Store = hook, m
		err = x.Freeze(ctx, sale, events, nil, act)
		look()
		if err == nil {
			err = x.Advance(ctx, sent, nil, act)
		}
		look()
		if err == nil {
			_, err = x.Complete(ctx, sale, &last, entries, act)
		}
		look()
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(6*b.N), "ns/call")
}
