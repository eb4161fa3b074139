package localdb

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// The lines of a cart go with it.
func TestACartLeavesNoLines(t *testing.T) {
	s := newShop(t)
	s.ok(s.SaveCart(t.Context(), checkout.Cart{ID: "c1", Lines: []checkout.Line{milk, apple}}))
	sale, ev, en := s.cashSale(milk)
	s.ok(s.SaveCart(t.Context(), checkout.Cart{ID: sale.CartID, Lines: sale.Lines}))
	_, err := s.Sell(t.Context(), sale, ev, en, s.act("sale.complete", sale.ID))
	s.ok(err)
	if n := texts(t, raw(t, s.path), `SELECT count(*) FROM cart_lines`); n[0] != "0" {
		t.Errorf("%s lines of no cart", n[0])
	}
}

func TestReadersBesideTheWriter(t *testing.T) {
	s := newShop(t)
	beside, err := OpenRead(t.Context(), s.path)
	s.ok(err)
	defer beside.Shut()
	if beside.Till() != s.Till() {
		t.Errorf("till %+v", beside.Till())
	}
	const sales = 60
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, l := range []*Ledger{s.Ledger, beside, beside} {
		wg.Go(func() {
			for last := 0; ; {
				got, err := l.Sales(context.Background(), time.Time{}, 0)
				if err != nil || len(got) < last {
					t.Errorf("%d sales after %d: %v", len(got), last, err)
					return
				}
				for _, sale := range got {
					if !sale.Settled() || sale.ReceiptNo == "" || len(sale.Lines) != 2 {
						t.Errorf("half a sale: %+v", sale)
					}
				}
				if last = len(got); last == sales {
					return
				}
				select {
				case <-done:
					if t.Failed() {
						return
					}
				default:
				}
			}
		})
	}
	for range sales {
		s.sell()
	}
	close(done)
	wg.Wait()
	refused(t, beside.Note(t.Context(), checkout.Act{}), "ledger.read_only")
	if _, err := beside.Backup(t.Context(), ""); fault.CodeOf(err) != "ledger.read_only" {
		t.Errorf("backup by a reader: %v", err)
	}
	s.verified()
}

func TestWritersQueueUp(t *testing.T) {
	s := newShop(t)
	const tellers, each = 4, 10
	type job struct {
		sale    checkout.Sale
		events  []checkout.LegEvent
		entries []checkout.Entry
	}
	jobs := make(chan job, tellers*each)
	for range tellers * each {
		sale, ev, en := s.cashSale(milk)
		jobs <- job{sale, ev, en}
	}
	close(jobs)
	var wg sync.WaitGroup
	for range tellers {
		wg.Go(func() {
			for j := range jobs {
				if _, err := s.Sell(context.Background(), j.sale, j.events, j.entries, checkout.Act{What: "sale.complete", Subject: j.sale.ID, At: noon}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.verified()
}

// However many sales there are, these questions are answered from an index.
func TestQuestionsOfTheCounterUseIndexes(t *testing.T) {
	s := newShop(t)
	inner, err := raw(t, s.path).Begin()
	s.ok(err)
	defer inner.Rollback()
	plan := &tx{ctx: t.Context(), inner: inner}
	for query, args := range map[string][]any{
		saleByIDSQL: {""}, saleByKeySQL: {""}, openSalesSQL: {}, salesSQL: {0, 1}, saleOfLegSQL: {""}, codeUsedSQL: {""},
		linesOfSQL: {"[]"}, legsOfSQL: {"[]"}, eventsOfSQL: {"[]"}, postedSQL: {"[]"},
		nextReceiptSQL: {"", 1}, lastEntrySQL: {""}, openCartSQL: {}, cartLinesSQL: {""},
	} {
		s.ok(plan.each(func(rows *sql.Rows) error {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				return err
			}
			small := step == "SCAN c" || step == "SCAN CONSTANT ROW" || strings.HasPrefix(step, "SCAN json_each") || strings.Contains(step, "USING INDEX sales_open")
			if strings.HasPrefix(step, "SCAN") && !small || strings.HasSuffix(step, "FOR ORDER BY") {
				t.Errorf("%s\n%s", step, query)
			}
			return nil
		}, `EXPLAIN QUERY PLAN `+query, args...))
	}
}
