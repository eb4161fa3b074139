package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

// paper is a bill whose rows may change with every page that is turned.
type paper struct {
	rows   func(turned int) []Row // the whole bill at that moment
	size   int
	counts bool // whether it says how many pages there are
	stuck  bool // it gives its first page for ever
	fresh  bool // each page has an order nobody has seen yet
	asked  []time.Time
	spans  []time.Duration
	fails  error
}

func (p *paper) Page(_ context.Context, from, to time.Time, page int) ([]Row, bool, error) {
	p.asked, p.spans = append(p.asked, from), append(p.spans, to.Sub(from))
	if p.fails != nil {
		return nil, false, p.fails
	}
	if p.fresh {
		return []Row{{Key: fmt.Sprint("other1-1-", len(p.asked))}}, true, nil
	}
	all := p.rows(len(p.asked))
	size := cmp.Or(p.size, 2)
	if p.stuck {
		page = 1
	}
	begin := min((page-1)*size, len(all))
	rows := all[begin:min(begin+size, len(all))]
	more := len(rows) > 0
	if p.counts {
		more = begin+size < len(all)
	}
	return rows, more, nil
}

func always(rows ...Row) func(int) []Row { return func(int) []Row { return rows } }

// shelf is a till's books.
type shelf struct {
	sales []checkout.Sale
	reads int
	asked []string // by key
	late  []checkout.Watch
	then  func(*shelf) // before the second reading of the books
}

func (s *shelf) Sales(_ context.Context, since time.Time, limit int) ([]checkout.Sale, error) {
	if s.reads++; s.reads == 2 && s.then != nil {
		s.then(s)
	}
	if limit != 0 {
		return nil, errors.New("a bill has no limit")
	}
	var all []checkout.Sale
	for _, x := range s.sales {
		if !x.OpenedAt.Before(since) {
			all = append(all, x)
		}
	}
	return all, nil
}

func (s *shelf) OpenSales(context.Context) ([]checkout.Sale, error) {
	var all []checkout.Sale
	for _, x := range s.sales {
		if x.State == checkout.Tendering || x.State == checkout.Unsettled {
			all = append(all, x)
		}
	}
	return all, nil
}

func (s *shelf) SaleByKey(_ context.Context, key string) (checkout.Sale, error) {
	s.asked = append(s.asked, key)
	for _, x := range s.sales {
		if slices.ContainsFunc(x.Legs, func(l checkout.Leg) bool { return l.Key == key }) {
			return x, nil
		}
	}
	return checkout.Sale{}, fault.New(fault.Invalid, "leg.unknown", "There is no such payment.")
}

func (s *shelf) Refunds(_ context.Context, saleID string) ([]checkout.Sale, error) {
	var all []checkout.Sale
	for _, x := range s.sales {
		if x.Of == saleID {
			all = append(all, x)
		}
	}
	return all, nil
}

func (s *shelf) Watches(context.Context) ([]checkout.Watch, error) { return s.late, nil }

func sold(legs ...checkout.Leg) checkout.Sale {
	return checkout.Sale{ID: legs[0].SaleID, State: checkout.Complete, OpenedAt: legs[0].IntentAt, Legs: legs}
}

func paidLeg(n int) checkout.Leg { return leg(fmt.Sprintf("k7m2qp-1-%04d", n), checkout.Paid, 100) }

func paidRow(n int) Row {
	return Row{Key: fmt.Sprintf("k7m2qp-1-%04d", n), State: checkout.OrderPaid, Amount: 100}
}

func run(t *testing.T, b *paper, s *shelf, w Window) (Report, error) {
	t.Helper()
	return Run(t.Context(), Params{Bill: b, Books: s}, w)
}

func TestPagesAreReadUntilTwoReadingsAgree(t *testing.T) {
	five := []Row{paidRow(1), paidRow(2), paidRow(3), paidRow(4), paidRow(5)}
	foreign := func(n int) Row {
		return Row{Key: fmt.Sprintf("other1-1-%04d", n), State: checkout.OrderPaid, Amount: 1}
	}
	for name, c := range map[string]struct {
		bill  paper
		pages int // turned
		code  string
	}{
		"that stands still":            {paper{rows: always(five...), counts: true}, 6, ""},
		"that cannot count":            {paper{rows: always(five...)}, 8, ""},
		"on one page":                  {paper{rows: always(five...), size: 10, counts: true}, 2, ""},
		"that has each row twice":      {paper{rows: always(append(five, five...)...), size: 20}, 4, ""},
		"that ignores the page number": {paper{rows: always(five...), size: 5, stuck: true}, 4, ""},
		// While the second page is turned the first row is gone, and row 3 with
		// it falls between two pages.
		"that shifts once": {paper{counts: true, rows: func(turned int) []Row {
			if turned == 2 {
				return five[1:]
			}
			return five
		}}, 8, ""}, // 2 pages, then 3, then 3
		"that shifts in every reading": {paper{counts: true, rows: func(turned int) []Row {
			return five[turned%3:]
		}}, 0, "reconcile.moving"},
		"on which other tills go on selling": {paper{size: 100, counts: true, rows: func(turned int) []Row {
			return append(slices.Clone(five), foreign(turned), foreign(turned+100))
		}}, 2, ""},
		"whose amounts change": {paper{size: 100, counts: true, rows: func(turned int) []Row {
			rows := slices.Clone(five)
			rows[0].Refunded = money.Fen(turned)
			return rows
		}}, 3, "reconcile.moving"},
		"with a row in one reading that nobody can read": {paper{size: 100, counts: true, rows: func(turned int) []Row {
			if turned == 2 {
				return append(slices.Clone(five), Row{Unreadable: errRow})
			}
			return five
		}}, 3, ""},
		"without an end": {paper{fresh: true}, maxPages, "reconcile.endless"},
	} {
		t.Run(name, func(t *testing.T) {
			books := &shelf{}
			for n := 1; n <= 5; n++ {
				books.sales = append(books.sales, sold(paidLeg(n)))
			}
			r, err := run(t, &c.bill, books, march)
			if fault.CodeOf(err) != c.code || c.code != "" && fault.KindOf(err) != fault.Contract {
				t.Fatalf("%v, want %q", err, c.code)
			}
			if c.code == "" && (r.Matched != 5 || len(r.Findings) != 0) {
				t.Errorf("%+v", r)
			}
			if c.pages > 0 && len(c.bill.asked) != c.pages {
				t.Errorf("%d pages turned, want %d", len(c.bill.asked), c.pages)
			}
		})
	}
}

func TestTheBillIsAskedForWithItsMargins(t *testing.T) {
	for days, pieces := range map[int]int{1: 1, 28: 1, 29: 2, 31: 2, 60: 3, 366: 13} {
		w := march
		w.To = w.From.AddDate(0, 0, days)
		b := &paper{rows: always()}
		if _, err := run(t, b, &shelf{}, w); err != nil {
			t.Fatal(err)
		}
		if len(b.asked) != 2*pieces {
			t.Fatalf("%d days: %d questions", days, len(b.asked))
		}
		if first := b.asked[0]; !first.Equal(w.From.Add(-margin)) {
			t.Errorf("%d days: begins %s", days, first)
		}
		end := b.asked[0]
		for i := 0; i < len(b.asked); i += 2 {
			if !b.asked[i].Equal(end) || !b.asked[i+1].Equal(end) || b.spans[i] > maxSpan || b.spans[i] < time.Hour {
				t.Errorf("%d days: piece %d is %s long from %s, want from %s", days, i/2, b.spans[i], b.asked[i], end)
			}
			end = end.Add(b.spans[i])
		}
		if !end.Equal(w.To.Add(margin)) {
			t.Errorf("%d days: ends %s", days, end)
		}
	}
}

// A row on the bound of two pieces is in both.
func TestARowOnTheBoundOfTwoPiecesCountsOnce(t *testing.T) {
	w := march
	w.To = w.From.AddDate(0, 0, 40)
	r, err := run(t, &paper{rows: always(paidRow(1))}, &shelf{sales: []checkout.Sale{sold(paidLeg(1))}}, w)
	if err != nil || r.Matched != 1 || len(r.Findings) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWindows(t *testing.T) {
	for name, w := range map[string]Window{
		"backwards": {From: march.To, To: march.From, Till: march.Till},
		"empty":     {From: march.From, To: march.From, Till: march.Till},
		"too long":  {From: march.From, To: march.From.AddDate(0, 0, 367), Till: march.Till},
	} {
		b := &paper{rows: always()}
		if _, err := run(t, b, &shelf{}, w); fault.CodeOf(err) != "reconcile.window" || fault.KindOf(err) != fault.Invalid || len(b.asked) > 0 {
			t.Errorf("%s: %v, %d questions", name, err, len(b.asked))
		}
	}
	for name, p := range map[string]Params{"no bill": {Books: &shelf{}}, "no books": {Bill: &paper{}}} {
		if _, err := Run(t.Context(), p, march); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := run(t, &paper{}, &shelf{}, Window{From: march.From, To: march.To}); err == nil {
		t.Error("no till is accepted")
	}
}

func TestABillThatCannotBeHad(t *testing.T) {
	down := fault.New(fault.Unreachable, "liantuofu.unreachable", "It cannot be reached.")
	_, err := run(t, &paper{fails: down}, &shelf{}, march)
	if !errors.Is(err, down) {
		t.Errorf("%v", err)
	}
}

// The till goes on selling while the bill is read: what changed meanwhile is
// neither found wrong nor called right.
func TestATillThatGoesOnSelling(t *testing.T) {
	pending := paidLeg(2)
	pending.State, pending.Seq = checkout.Pending, 2
	undone := paidLeg(4)
	open := sold(undone)
	open.State, open.OpenedAt = checkout.Unsettled, march.From.AddDate(0, 0, -9)
	books := &shelf{sales: []checkout.Sale{sold(paidLeg(1)), sold(pending), open}, then: func(s *shelf) {
		done := paidLeg(2)
		done.Seq++
		s.sales[1] = sold(done)
		s.sales = append(s.sales, sold(paidLeg(3)))
		s.sales[2].State, s.sales[2].Legs[0].Seq = checkout.Complete, 9
	}}
	// One that changed is billed, one is not, and the one that came is.
	r, err := run(t, &paper{rows: always(paidRow(1), paidRow(2), paidRow(3))}, books, march)
	if err != nil || r.Matched != 1 || r.InMotion != 3 || len(r.Findings) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// A payment whose sale was frozen before the window is known all the same: the
// day before, by its key, or among the open sales. Nobody looks for another
// till's.
func TestSalesFromBeforeTheWindow(t *testing.T) {
	old := sold(paidLeg(1))
	old.OpenedAt = march.From.AddDate(0, 0, -30)
	waiting := sold(leg("k7m2qp-1-0002", checkout.Manual, 100))
	waiting.OpenedAt, waiting.State = old.OpenedAt, checkout.Unsettled
	yesterday := sold(paidLeg(3))
	yesterday.OpenedAt = march.From.Add(-time.Hour)
	books := &shelf{sales: []checkout.Sale{old, waiting, yesterday}}
	r, err := run(t, &paper{rows: always(paidRow(1), paidRow(7), Row{Key: "other1-1-0001", Amount: 1})}, books, march)
	if err != nil || r.Matched != 1 || r.Elsewhere != 1 || len(r.Findings) != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, want := range []struct {
		kind Kind
		key  string
	}{{OnlyTheirs, "k7m2qp-1-0007"}, {OnlyOurs, "k7m2qp-1-0003"}, {Open, "k7m2qp-1-0002"}} {
		if f := r.Findings[i]; f.Kind != want.kind || f.Key != want.key {
			t.Errorf("%+v, want %+v", f, want)
		}
	}
	slices.Sort(books.asked)
	if !slices.Equal(books.asked, []string{"k7m2qp-1-0001", "k7m2qp-1-0007"}) {
		t.Errorf("asked for %v", books.asked)
	}
}

// brokenBooks fail in one of their questions.
type brokenBooks struct {
	shelf
	at string
}

var errDisk = fault.New(fault.Internal, "disk.broken", "The disk is broken.")

func (b *brokenBooks) Sales(ctx context.Context, since time.Time, limit int) ([]checkout.Sale, error) {
	if b.at == "sales" || b.at == "sales again" && b.reads == 1 {
		return nil, errDisk
	}
	return b.shelf.Sales(ctx, since, limit)
}

func (b *brokenBooks) OpenSales(ctx context.Context) ([]checkout.Sale, error) {
	if b.at == "open sales" {
		return nil, errDisk
	}
	return b.shelf.OpenSales(ctx)
}

func (b *brokenBooks) SaleByKey(context.Context, string) (checkout.Sale, error) {
	return checkout.Sale{}, errDisk
}

func TestBooksThatCannotBeReadAreNotEmptyBooks(t *testing.T) {
	for _, at := range []string{"sales", "sales again", "open sales", "by key"} {
		_, err := Run(t.Context(), Params{Bill: &paper{rows: always(paidRow(1))}, Books: &brokenBooks{at: at}}, march)
		if !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// What a watch has found, and a person settled, is on the books: the bill agrees
// where it says the same.
func TestLateMoneyOnTheBill(t *testing.T) {
	undone := leg(key, checkout.Rejected, 1230)
	undone.SentOnce = true
	paid := leg(key, checkout.Paid, 1230)
	back := refundLeg("r1", checkout.Rejected, 400)
	back.SentOnce = true
	held, gone := order1(checkout.OrderPaid, 1230, 0), order1(checkout.OrderRefunded, 1230, 1230)
	part := []Row{order1(checkout.OrderPaid, 1230, 400), backRow("r1", 400)}
	for name, c := range map[string]struct {
		legs  []checkout.Leg
		late  checkout.WatchState
		rows  []Row
		kind  Kind
		wants Remedy
	}{
		"being given back":                     {[]checkout.Leg{undone}, checkout.LateMoney, []Row{held}, LateMoney, GiveBack},
		"a person's":                           {[]checkout.Leg{undone}, checkout.LateHeld, []Row{held}, LateMoney, ResolveLate},
		"a person's, and gone meanwhile":       {[]checkout.Leg{undone}, checkout.LateHeld, []Row{gone}, "", ""},
		"kept":                                 {[]checkout.Leg{undone}, checkout.LateKept, []Row{held}, "", ""},
		"kept, and given back there":           {[]checkout.Leg{undone}, checkout.LateKept, []Row{gone}, GivenBack, FindRefund},
		"a refund that was refused, given":     {[]checkout.Leg{paid, back}, checkout.LateHeld, part, "", ""},
		"that refund, settled":                 {[]checkout.Leg{paid, back}, checkout.LateKept, part, "", ""},
		"that refund, undone":                  {[]checkout.Leg{paid, back}, checkout.LateKept, []Row{held}, RefundMissing, AskRefund},
		"that refund, and nobody knows so yet": {[]checkout.Leg{paid, back}, checkout.Watching, part, GivenBack, FindRefund},
	} {
		t.Run(name, func(t *testing.T) {
			books := &shelf{late: []checkout.Watch{{Leg: c.legs[len(c.legs)-1], State: c.late, Booked: c.legs[len(c.legs)-1].Amount}}}
			for _, l := range c.legs {
				s := sold(l)
				if l.Class == checkout.ClassRefund {
					s.Of = c.legs[0].SaleID
				}
				books.sales = append(books.sales, s)
			}
			r, err := run(t, &paper{rows: always(c.rows...), size: 10, counts: true}, books, march)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.kind == "" && len(r.Findings) == 0:
			case len(r.Findings) != 1 || r.Findings[0].Kind != c.kind || r.Findings[0].Remedy != c.wants:
				t.Errorf("%+v, want %s %s", r.Findings, c.kind, c.wants)
			}
		})
	}
}
