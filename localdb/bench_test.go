package localdb

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cashier/services/catalog"
	"cashier/services/checkout"
)

// BenchmarkSell is a whole cash sale of two lines: sale, lines, leg, events,
// entries, receipt, audit. Compare it with BenchmarkBareCommit of the same
// run: the disk decides both.
func BenchmarkSell(b *testing.B) {
	s := newShop(b)
	took := timing{B: b}
	for b.Loop() {
		sale, events, entries := s.cashSale(milk, apple)
		took.start()
		if _, err := s.Sell(b.Context(), sale, events, entries, s.act("sale.complete", sale.ID)); err != nil {
			b.Fatal(err)
		}
		took.stop()
	}
	took.report()
}

// timing reports the median and the 99th percentile beside the mean.
type timing struct {
	*testing.B
	began time.Time
	each  []time.Duration
}

func (t *timing) start() { t.began = time.Now() }

func (t *timing) stop() { t.each = append(t.each, time.Since(t.began)) }

func (t *timing) report() {
	slices.Sort(t.each)
	t.ReportMetric(float64(t.each[len(t.each)/2].Microseconds()), "p50-µs")
	t.ReportMetric(float64(t.each[len(t.each)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkCodeSale is the three commits of a sale by payment code.
func BenchmarkCodeSale(b *testing.B) {
	s := newShop(b)
	for b.Loop() {
		sale, leg := s.freeze(checkout.ClassCode)
		leg = s.advance(leg, checkout.Sent)
		last := s.step(leg, checkout.Paid)
		if _, err := s.Complete(b.Context(), sale, &last, []checkout.Entry{paid(leg), sold(sale)}, s.act("sale.complete", sale.ID)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareCommit is the floor: one row, one FULL commit, same settings.
func BenchmarkBareCommit(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bare.db")
	if err := prepare(path); err != nil {
		b.Fatal(err)
	}
	db, err := open(path, ledgerWriter(), 1)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE bare (id INTEGER PRIMARY KEY, x INTEGER NOT NULL) STRICT`); err != nil {
		b.Fatal(err)
	}
	insert, err := db.Prepare(`INSERT INTO bare (x) VALUES (?)`)
	if err != nil {
		b.Fatal(err)
	}
	defer insert.Close()
	took := timing{B: b}
	for b.Loop() {
		took.start()
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Stmt(insert).Exec(7); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
		took.stop()
	}
	took.report()
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

// BenchmarkSellJournaled is BenchmarkSell with a second journal on the same
// disk, sold as fast as the disk takes it: the journal is written all the while.
func BenchmarkSellJournaled(b *testing.B) {
	k := keeping(b, nil)
	took := timing{B: b}
	for b.Loop() {
		sale, events, entries := k.cashSale(milk, apple)
		took.start()
		if _, err := k.Sell(b.Context(), sale, events, entries, k.act("sale.complete", sale.ID)); err != nil {
			b.Fatal(err)
		}
		took.stop()
	}
	took.report()
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
			took := timing{B: b}
			for b.Loop() {
				sale, events, entries := k.cashSale(milk, apple)
				time.Sleep(5 * time.Millisecond)
				took.start()
				if _, err := k.Sell(b.Context(), sale, events, entries, k.act("sale.complete", sale.ID)); err != nil {
					b.Fatal(err)
				}
				took.stop()
			}
			took.report()
		})
	}
}
