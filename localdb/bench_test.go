package localdb

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cashier/services/catalog"
	"cashier/services/checkout"
)

// timing is how long each of many turns took.
type timing []time.Duration

func (t *timing) take(b *testing.B, turn func() error) {
	b.Helper()
	began := time.Now()
	err := turn()
	*t = append(*t, time.Since(began))
	if err != nil {
		b.Fatal(err)
	}
}

// at is a percentile, in microseconds.
func (t timing) at(percent int) float64 {
	slices.Sort(t)
	return float64(t[(len(t)-1)*percent/100].Microseconds())
}

// BenchmarkComplete is the commit that ends a sale, by turns with the floor: a
// bare commit of one row, with the same settings on the same disk. A sale by
// payment code has two commits before it; a cash sale is this one alone.
func BenchmarkComplete(b *testing.B) {
	for name, end := range map[string]func(s *shop, complete func(func() error)){
		"code": func(s *shop, complete func(func() error)) {
			sale, leg := s.freeze(checkout.ClassCode)
			leg = s.advance(leg, checkout.Sent)
			last := s.step(leg, checkout.Paid)
			complete(func() error {
				_, err := s.Complete(b.Context(), sale, &last, []checkout.Entry{paid(leg), sold(sale)}, s.act("sale.complete", sale.ID))
				return err
			})
		},
		"cash": func(s *shop, complete func(func() error)) {
			sale, events, entries := s.cashSale(milk, apple)
			complete(func() error {
				_, err := s.Sell(b.Context(), sale, events, entries, s.act("sale.complete", sale.ID))
				return err
			})
		},
	} {
		b.Run(name, func(b *testing.B) {
			s, bare := newShop(b), newBareTable(b)
			var sale, floor timing
			for b.Loop() {
				end(s, func(complete func() error) { sale.take(b, complete) })
				floor.take(b, bare)
			}
			b.ReportMetric(sale.at(50), "p50-µs")
			b.ReportMetric(sale.at(99), "p99-µs")
			b.ReportMetric(floor.at(99), "bare-p99-µs")
			b.ReportMetric(sale.at(99)/floor.at(99), "p99-ratio")
		})
	}
}

// newBareTable makes a table of its own; the function writes one row of it for good.
func newBareTable(b *testing.B) func() error {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bare.db")
	if err := prepare(path); err != nil {
		b.Fatal(err)
	}
	db, err := open(path, ledgerWriter(), 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(`CREATE TABLE bare (id INTEGER PRIMARY KEY, x INTEGER NOT NULL) STRICT`); err != nil {
		b.Fatal(err)
	}
	insert, err := db.Prepare(`INSERT INTO bare (x) VALUES (?)`)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = insert.Close() })
	return func() error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		if _, err := tx.Stmt(insert).Exec(7); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}
}

func BenchmarkCatalogApply10000(b *testing.B) {
	c := openCatalog(b, CatalogParams{})
	ch := catalog.Change{At: noon}
	for i := range int64(10_000) {
		ch.Put = append(ch.Put, product(i+1, "商品"))
	}
	for b.Loop() {
		c.must(b, 10_000, ch)
	}
}

func BenchmarkCatalogProducts10000(b *testing.B) {
	c := openCatalog(b, CatalogParams{})
	ch := catalog.Change{At: noon}
	for i := range int64(10_000) {
		ch.Put = append(ch.Put, product(i+1, "商品"))
	}
	c.must(b, 10_000, ch)
	for b.Loop() {
		if got, err := c.Products(b.Context()); err != nil || len(got) != 10_000 {
			b.Fatal(len(got), err)
		}
	}
}

// report gives the median and the 99th percentile beside the mean.
func (t timing) report(b *testing.B) {
	b.ReportMetric(t.at(50), "p50-µs")
	b.ReportMetric(t.at(99), "p99-µs")
}

// BenchmarkSellJournaled is a cash sale with a second journal on the same
// disk, sold as fast as the disk takes it: the journal is written all the while.
func BenchmarkSellJournaled(b *testing.B) {
	k := keeping(b, nil)
	var took timing
	for b.Loop() {
		sale, events, entries := k.cashSale(milk, apple)
		took.take(b, func() error {
			_, err := k.Sell(b.Context(), sale, events, entries, k.act("sale.complete", sale.ID))
			return err
		})
	}
	took.report(b)
}

// BenchmarkSellAtACounter is a sale every few milliseconds, without and with a
// second journal: faster than any cashier, and the journal keeps up.
func BenchmarkSellAtACounter(b *testing.B) {
	for _, journaled := range []bool{false, true} {
		b.Run(map[bool]string{false: "alone", true: "journaled"}[journaled], func(b *testing.B) {
			k := keeping(b, func(p *Params) {
				if !journaled {
					p.Journal = ""
				}
			})
			var took timing
			for b.Loop() {
				sale, events, entries := k.cashSale(milk, apple)
				time.Sleep(5 * time.Millisecond)
				took.take(b, func() error {
					_, err := k.Sell(b.Context(), sale, events, entries, k.act("sale.complete", sale.ID))
					return err
				})
			}
			took.report(b)
		})
	}
}
