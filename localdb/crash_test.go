package localdb

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cashier/services/checkout"
)

const (
	crashPoint  = "LOCALDB_TEST_CRASH_POINT"
	crashLedger = "LOCALDB_TEST_CRASH_LEDGER"
)

// TestKilledAtEveryPoint kills a till at each named point and looks at what it
// left: before the commit nothing of the step, after it all of it.
func TestKilledAtEveryPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process for each point")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range Points() {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ledger.db")
			child := exec.Command(self, "-test.run=^TestCrashingTill$")
			child.Env = append(os.Environ(), crashPoint+"="+point, crashLedger+"="+path)
			out, err := child.CombinedOutput()
			if err == nil || !strings.HasSuffix(string(out), "at "+point+"\n") {
				t.Fatalf("the till did not stop at the point: %v\n%s", err, out)
			}
			s := openShop(t, Params{Path: path})
			s.verified()
			name, durable := strings.CutSuffix(point, ".after")
			name = strings.TrimSuffix(name, ".before")
			query := `SELECT what FROM audit WHERE what = '` + name + `'`
			switch name {
			case pointCart:
				query = `SELECT id FROM carts`
			case pointUploadBegin:
				query = `SELECT seq FROM uploads WHERE open = 1`
			case pointUploadSettle:
				query = `SELECT seq FROM uploads WHERE status <> 0`
			}
			if got := len(texts(t, raw(t, path), query)) > 0; got != durable {
				t.Errorf("recorded: %t, want %t", got, durable)
			}
			s.n = 1000 // past the ids of the till that is gone
			s.sell()
			s.verified()
		})
	}
}

// TestCrashingTill is the process that is killed.
func TestCrashingTill(t *testing.T) {
	point := os.Getenv(crashPoint)
	if point == "" {
		t.Skip("run by TestKilledAtEveryPoint")
	}
	s := openShop(t, Params{Path: os.Getenv(crashLedger), Hook: func(p string) {
		if p != point {
			return
		}
		fmt.Printf("at %s\n", p)
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // the kill is on its way
	}})
	s.everyPoint()
	t.Fatal("never came to " + point)
}

// watches passes the point of a watch, of a sale that was refused.
func (s *shop) watches() {
	ctx := s.Context()
	sale := s.sale(milk)
	leg := s.leg(sale, checkout.ClassCode, sale.Total)
	e := s.step(leg, checkout.Intent)
	sale.Legs = []checkout.Leg{leg}
	s.ok(s.Freeze(ctx, sale, []checkout.LegEvent{e}, nil, s.act(pointFreeze, sale.ID)))
	leg = s.fold(leg, e)
	for _, state := range []checkout.State{checkout.Sent, checkout.Rejected} {
		e := s.step(leg, state)
		e.Reason.Code = "refused"
		s.ok(s.Advance(ctx, e, nil, s.act(pointAdvance+"."+string(state), leg.Key)))
		leg = s.fold(leg, e)
	}
	open, err := s.Watches(ctx)
	s.ok(err)
	if len(open) != 1 || open[0].Leg.Key != leg.Key || open[0].State != checkout.Watching {
		s.Fatalf("a refused leg is not watched: %+v", open)
	}
	w := open[0]
	w.State, w.Booked = checkout.LateMoney, leg.Amount
	s.ok(s.Watch(ctx, open[0], w, []checkout.Entry{{SaleID: sale.ID, LegID: leg.ID, Kind: "late", Postings: []checkout.Posting{
		{Account: checkout.AccLiantuofu, Amount: leg.Amount}, {Account: checkout.AccUnresolved, Amount: -leg.Amount},
	}}}, s.act(pointWatch, leg.Key)))
}

// everyPoint passes every point, each step audited under its point's name.
func (s *shop) everyPoint() {
	ctx := s.Context()
	s.ok(s.SaveCart(ctx, checkout.Cart{ID: "c", Lines: []checkout.Line{milk}}))
	s.ok(s.Note(ctx, s.act(pointNote, "")))
	s.watches()
	sale, ev, en := s.cashSale(milk)
	_, err := s.Sell(ctx, sale, ev, en, s.act(pointSell, sale.ID))
	s.ok(err)
	s.refusedUpload(sale.ID)
	_, err = s.AcceptUploads(ctx, sale.ID, s.act(pointUploadDecide, sale.ID))
	s.ok(err)

	freeze := func() (checkout.Sale, checkout.Leg) {
		sale := s.sale(milk)
		leg := s.leg(sale, checkout.ClassCode, sale.Total)
		e := s.step(leg, checkout.Intent)
		sale.Legs = []checkout.Leg{leg}
		s.ok(s.Freeze(ctx, sale, []checkout.LegEvent{e}, nil, s.act(pointFreeze, sale.ID)))
		return sale, s.fold(leg, e)
	}
	walk := func(leg checkout.Leg, states ...checkout.State) checkout.Leg {
		for _, state := range states {
			e := s.step(leg, state)
			var entries []checkout.Entry
			if state == checkout.Paid {
				entries = []checkout.Entry{paid(leg)}
			}
			s.ok(s.Advance(ctx, e, entries, s.act(pointAdvance+"."+string(state), leg.Key)))
			leg = s.fold(leg, e)
		}
		return leg
	}
	_, leg := freeze()
	walk(leg, checkout.Sent, checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Manual, checkout.Paid)

	gone, leg := freeze()
	walk(leg, checkout.Sent, checkout.Unknown, checkout.Reversing, checkout.Reversed)
	gone.State = checkout.Unsettled
	s.ok(s.Close(ctx, gone, nil, nil, s.act(pointClose+".UNSETTLED", gone.ID)))
	gone.State = checkout.Compensating
	s.ok(s.Close(ctx, gone, nil, nil, s.act(pointClose+".COMPENSATING", gone.ID)))
	gone.State = checkout.Voided
	s.ok(s.Close(ctx, gone, nil, nil, s.act(pointClose+".VOIDED", gone.ID)))

	other, leg := freeze()
	walk(leg, checkout.Rejected)
	second := s.leg(other, checkout.ClassCode, other.Total)
	second.No = 2
	e := s.step(second, checkout.Intent)
	s.ok(s.AddLegs(ctx, []checkout.Leg{second}, []checkout.LegEvent{e}, nil, s.act(pointAddLegs, other.ID)))
	second = walk(s.fold(second, e), checkout.Sent)
	last := s.step(second, checkout.Paid)
	_, err = s.Complete(ctx, other, &last, []checkout.Entry{paid(second), sold(other)}, s.act(pointComplete, other.ID))
	s.ok(err)
}

// TestPointsAreTheWholeList keeps the list and the program together.
func TestPointsAreTheWholeList(t *testing.T) {
	seen := map[string]bool{}
	s := openShop(t, Params{Hook: func(p string) { seen[p] = true }})
	s.everyPoint()
	for _, p := range Points() {
		if !seen[p] {
			t.Errorf("%s is listed but never passed", p)
		}
		delete(seen, p)
	}
	for p := range seen {
		t.Errorf("%s is passed but not listed", p)
	}
	if ps := Points(); len(ps) != len(slices.Compact(slices.Sorted(slices.Values(ps)))) {
		t.Error("a point is listed twice")
	}
	s.verified()
}
