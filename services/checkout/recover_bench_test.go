package checkout_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"cashier/localdb"
	"cashier/services/checkout"
)

// many copies one sale of a ledger n times, with everything that belongs to it.
const many = `
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= %[1]d) INSERT INTO sales
	SELECT s.id || '-' || i, kind, till_id, epoch, shift_id, business_date, actor_id, actor_name, actor_role, actor_program, '', state, total, opened_ms + i, closed_ms + i, reason, of_sale FROM n, sales s WHERE s.id = '%[2]s';
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= %[1]d) INSERT INTO sale_lines
	SELECT s.sale_id || '-' || i, no, product_id, code, name, class, unit, pricing, list_price, member_price, price, qty, grams, unit_grams, amount, times, of_line FROM n, sale_lines s;
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= %[1]d) INSERT INTO legs
	SELECT l.id || '-' || i, l.sale_id || '-' || i, no, key || '-' || i, class, method, provider, amount, tendered, times, code_digest, sealed_card, card_last4, times_before, request_hash, state, seq, sent, of_key FROM n, legs l;
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= %[1]d) INSERT INTO leg_events
	SELECT e.leg_id || '-' || i, seq, state, at_ms, reason_code, raw_code, message, provider_no, paid_at FROM n, leg_events e ORDER BY i, seq;
WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= %[1]d) INSERT INTO receipts
	SELECT till_id, epoch, i, printf('%%s-%%d-%%06d', till_id, epoch, i), r.sale_id || '-' || i, at_ms FROM n, receipts r;`

// BenchmarkRecovery is a start of the till with 200,000 sales in the books and 50
// payments on their way when the power went, to the first look at each of them.
func BenchmarkRecovery(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "ledger.db")
	open := func(g *gateway) (*localdb.Ledger, *checkout.Desk) {
		l, err := localdb.Open(b.Context(), localdb.Params{Path: path, Now: time.Now})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		d, err := checkout.New(checkout.Params{
			Store: l, Codes: g, Secrets: plainSecrets{}, Scheduler: bubble{time.Now()}, Timers: checkout.DefaultTimers(), Till: l.Till(),
			NewID: func() string { n++; return fmt.Sprintf("%d-%d", time.Now().UnixNano(), n) }, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			b.Fatal(err)
		}
		return l, d
	}
	shut := func(l *localdb.Ledger, d *checkout.Desk) {
		d.Close()
		if err := l.Shut(); err != nil {
			b.Fatal(err)
		}
	}
	paying := failedAnswer("USER_PAYING", "")
	g := &gateway{
		pay:   func(checkout.PayCall) checkout.Answer { return paying },
		query: func(string, int) checkout.Answer { return paying },
	}
	l, d := open(g)
	cart := checkout.Cart{Lines: []checkout.Line{{Name: "苹果", Qty: 1, Price: 500, ListPrice: 500, MemberPrice: 500, Amount: 500}}}
	sold, err := d.Start(b.Context(), owner, cart, checkout.Tender{Cash: 500})
	if err != nil {
		b.Fatal(err)
	}
	shut(l, d)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(fmt.Sprintf(many, 200_000, sold.ID)); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	l, d = open(g)
	for i := range 50 {
		if _, err := d.Start(b.Context(), owner, cart, checkout.Tender{Code: fmt.Sprintf("1345%014d", i)}); err != nil {
			b.Fatal(err)
		}
	}
	shut(l, d)
	for b.Loop() {
		l, d := open(g)
		r, err := d.Recover(context.WithoutCancel(b.Context()))
		if err != nil || r.Found < 45 || r.Open < 45 { // the last ones had not begun when the till was closed
			b.Fatalf("%+v %v", r, err)
		}
		b.StopTimer()
		shut(l, d)
		b.StartTimer()
	}
}
