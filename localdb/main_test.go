package localdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	noon = time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	mei  = access.Actor{ID: "7", Name: "梅", Role: access.Cashier, Program: "cashier"}
)

// shop is a ledger on a real disk and what a desk would make for it, written
// out anew rather than asked of package checkout.
type shop struct {
	testing.TB
	*Ledger
	path  string
	n     int
	clock time.Time
}

func newShop(t testing.TB) *shop { return openShop(t, Params{}) }

func openShop(t testing.TB, p Params) *shop {
	t.Helper()
	if p.Path == "" {
		p.Path = filepath.Join(t.TempDir(), "till", "ledger.db")
	}
	s := &shop{TB: t, path: p.Path, clock: noon}
	s.open(p)
	t.Cleanup(func() {
		if err := s.Shut(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *shop) open(p Params) {
	s.Helper()
	p.Path, p.Now = s.path, func() time.Time { return s.clock }
	l, err := Open(s.Context(), p)
	if err != nil {
		s.Fatalf("open: %s", detail(err))
	}
	s.Ledger = l
}

func (s *shop) reopen() {
	s.Helper()
	s.ok(s.Shut())
	s.open(Params{})
}

func (s *shop) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(detail(err))
	}
}

func detail(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Detail()
	}
	return err.Error()
}

// tick is the next moment, with nanoseconds that a disk of milliseconds drops.
func (s *shop) tick() time.Time {
	s.clock = s.clock.Add(1234567 * time.Nanosecond)
	return s.clock
}

func (s *shop) id(kind string) string {
	s.n++
	return fmt.Sprintf("%s-%s-%04d", kind, s.Till().ID, s.n)
}

func (s *shop) act(what, subject string) checkout.Act {
	return checkout.Act{Actor: mei, What: what, Subject: subject, Detail: "说明 \"x\"", At: s.tick()}
}

func (s *shop) sale(lines ...checkout.Line) checkout.Sale {
	sale := checkout.Sale{
		ID: s.id("sale"), Kind: checkout.Goods, TillID: s.Till().ID, Epoch: s.Till().Epoch, ShiftID: "早班",
		BusinessDate: "2026-03-08", Actor: mei, CartID: s.id("cart"), State: checkout.Tendering, Lines: lines, OpenedAt: s.tick(),
	}
	for _, l := range lines {
		sale.Total += l.Amount
	}
	return sale
}

var (
	milk = checkout.Line{
		ProductID: 41, Code: "6901", Name: "牛奶", Class: "乳品", Unit: "盒", Pricing: catalog.ByCount,
		ListPrice: 550, MemberPrice: 500, Price: 550, Qty: 2, Amount: 1100,
	}
	apple = checkout.Line{
		ProductID: 9, Code: "PG", Name: "苹果", Class: "水果", Unit: "斤", Pricing: catalog.ByWeight,
		ListPrice: 699, Price: 699, Grams: 731, UnitGrams: 500, Amount: 1022,
	}
)

func (s *shop) leg(sale checkout.Sale, class checkout.Class, amount money.Fen) checkout.Leg {
	id := s.id("leg")
	l := checkout.Leg{
		ID: id, SaleID: sale.ID, No: len(sale.Legs) + 1, Key: s.Till().ID + "-1-" + id, Class: class,
		Method: map[checkout.Class]string{checkout.ClassRecorded: "cash", checkout.ClassCode: "code", checkout.ClassCard: "card"}[class],
		Amount: amount, Before: -1, Provider: "liantuofu",
	}
	switch class {
	case checkout.ClassRecorded:
		l.Provider, l.Tendered = "till", amount+50
	case checkout.ClassCode:
		l.CodeDigest, l.RequestHash = "digest of "+id, "hash of "+id
	case checkout.ClassCard:
		l.Count, l.Before, l.SealedCard, l.CardLast4 = 2, 10, "sealed "+id, "8801"
	}
	return l
}

// step is the leg's next event.
func (s *shop) step(l checkout.Leg, state checkout.State) checkout.LegEvent {
	e := checkout.LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: state, At: s.tick()}
	switch state {
	case checkout.Paid:
		e.ProviderNo, e.PaidAt = "4200"+l.ID, "20260308120000"
	case checkout.Unknown, checkout.Rejected, checkout.Manual:
		e.Reason = checkout.Reason{Code: "silent", RawCode: "SYSTEMERROR", Message: "系统超时"}
	default:
	}
	return e
}

func (s *shop) fold(l checkout.Leg, events ...checkout.LegEvent) checkout.Leg {
	s.Helper()
	for _, e := range events {
		next, err := l.Apply(e)
		if err != nil {
			s.Fatal(err)
		}
		l = next
	}
	return l
}

var side = map[checkout.Class]checkout.Account{
	checkout.ClassRecorded: "drawer", checkout.ClassCode: "clearing:liantuofu", checkout.ClassCard: "entitlements",
}

func paid(l checkout.Leg) checkout.Entry {
	return checkout.Entry{SaleID: l.SaleID, LegID: l.ID, Kind: "paid", Postings: []checkout.Posting{
		{Account: side[l.Class], Amount: l.Amount}, {Account: "customer", Amount: -l.Amount},
	}}
}

func reversed(l checkout.Leg) checkout.Entry {
	return checkout.Entry{SaleID: l.SaleID, LegID: l.ID, Kind: "reversed", Postings: []checkout.Posting{
		{Account: "customer", Amount: l.Amount}, {Account: side[l.Class], Amount: -l.Amount},
	}}
}

func sold(s checkout.Sale) checkout.Entry {
	return checkout.Entry{SaleID: s.ID, Kind: "complete", Postings: []checkout.Posting{
		{Account: "customer", Amount: s.Total}, {Account: "sales", Amount: -s.Total},
	}}
}

// cashSale is everything Sell needs.
func (s *shop) cashSale(lines ...checkout.Line) (checkout.Sale, []checkout.LegEvent, []checkout.Entry) {
	sale := s.sale(lines...)
	l := s.leg(sale, checkout.ClassRecorded, sale.Total)
	e1 := s.step(l, checkout.Intent)
	l = s.fold(l, e1)
	e2 := s.step(l, checkout.Paid)
	l = s.fold(l, e2)
	sale.Legs, sale.State, sale.ClosedAt = []checkout.Leg{l}, checkout.Complete, s.tick()
	return sale, []checkout.LegEvent{e1, e2}, []checkout.Entry{paid(l), sold(sale)}
}

func (s *shop) sell() checkout.Sale {
	s.Helper()
	sale, events, entries := s.cashSale(milk, apple)
	no, err := s.Sell(s.Context(), sale, events, entries, s.act("sale.complete", sale.ID))
	s.ok(err)
	sale.ReceiptNo = no
	return sale
}

// freeze records a sale that waits for one code or card, and returns both.
func (s *shop) freeze(class checkout.Class) (checkout.Sale, checkout.Leg) {
	s.Helper()
	sale := s.sale(milk, apple)
	amount := sale.Total
	if class == checkout.ClassCard {
		sale.Kind, sale.Total, amount = checkout.Redemption, 0, 0
		sale.Lines = []checkout.Line{{Name: "洗车", Unit: "次", Times: 2}}
	}
	l := s.leg(sale, class, amount)
	e := s.step(l, checkout.Intent)
	l = s.fold(l, e)
	sale.Legs = []checkout.Leg{l}
	s.ok(s.Freeze(s.Context(), sale, []checkout.LegEvent{e}, nil, s.act("sale.freeze", sale.ID)))
	return sale, l
}

func (s *shop) advance(l checkout.Leg, state checkout.State, entries ...checkout.Entry) checkout.Leg {
	s.Helper()
	e := s.step(l, state)
	s.ok(s.Advance(s.Context(), e, entries, s.act("leg."+string(state), l.Key)))
	return s.fold(l, e)
}

// raw is the file without any of this package in between.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	name, err := dsn(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// dump is everything in the file, to see that nothing changed.
func dump(t testing.TB, path string) string {
	t.Helper()
	db := raw(t, path)
	defer db.Close()
	var b strings.Builder
	for _, table := range texts(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`) {
		columns := texts(t, db, `SELECT 'quote("' || name || '")' FROM pragma_table_info(?)`, table)
		rows := texts(t, db, `SELECT concat_ws('|', `+strings.Join(columns, ",")+`) FROM `+table)
		slices.Sort(rows)
		fmt.Fprintf(&b, "%s\n%s\n", table, strings.Join(rows, "\n"))
	}
	return b.String()
}

func texts(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// refused checks the code of an error and that a person can read it.
func refused(t testing.TB, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("got %q (%v), want a fault %q", fault.CodeOf(err), err, code)
	}
	if m := err.Error(); strings.Contains(m, "{") || !strings.HasSuffix(m, ".") {
		t.Errorf("not a finished sentence: %s", m)
	}
}

func (s *shop) verified() {
	s.Helper()
	found, err := s.Verify(s.Context())
	s.ok(err)
	for _, f := range found {
		s.Errorf("%s %s: %s", f.Check, f.Subject, f.Message)
	}
}
