//go:build unix && !race

package localdb

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cashier/services/checkout"
)

// faultTimes reads how often to break something; `make faulttest` raises it.
func faultTimes(name string, few int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return few
}

// day is a run of sales on a recorded disk. Checkpoints, which in production
// come every thousand sales, come every few.
type day struct {
	*kept
	tape   *tape
	sync   string // of the writer, "" as in production
	random *rand.Rand
	out    atomic.Bool // the stick of the second journal is pulled out
}

func recordDay(t *testing.T, synchronous string, sales int) *day {
	t.Helper()
	base := imageFolder(t)
	d := &day{tape: newTape(t), sync: synchronous, random: rand.New(rand.NewPCG(4, uint64(sales)))}
	d.kept = &kept{
		shop: &shop{TB: t, path: filepath.Join(base, "till", "ledger.db"), clock: noon},
		dir:  filepath.Join(base, "stick", "journal"), told: make(chan error, 10_000),
	}
	d.wall.Store(noon.UnixMilli())
	d.extra = func(p *Params) {
		p.openJournal = func(path string) (appender, error) {
			if d.out.Load() {
				return nil, os.ErrNotExist
			}
			return d.tape.openTaped(path)
		}
		p.Hook = func(point string) { d.tape.passed(point, d.dir) }
	}
	d.ok(os.MkdirAll(filepath.Dir(d.dir), 0o700))
	// The till makes the file by itself before SQLite opens it.
	d.tape.add(op{kind: opCreate, path: d.path})
	d.begin()
	for i := range sales {
		d.out.Store(i%9 > 5) // back again it gets several lines at once
		d.something()
		switch {
		case i%17 == 16:
			d.leave()
			d.begin()
		case i%11 == 10:
			d.checkpoint([]string{"PASSIVE", "FULL", "RESTART", "TRUNCATE"}[d.random.IntN(4)])
		}
	}
	d.out.Store(false)
	d.leave()
	d.tape.stop(t)
	return d
}

// begin opens the till and, for the control, weakens it.
func (d *day) begin() {
	d.Helper()
	d.start()
	_, err := d.write.ExecContext(d.Context(), `PRAGMA wal_autocheckpoint = 25`)
	d.ok(err)
	if d.sync != "" {
		_, err = d.write.ExecContext(d.Context(), `PRAGMA synchronous = `+d.sync)
		d.ok(err)
	}
}

func (d *day) checkpoint(how string) {
	d.Helper()
	_, err := d.write.ExecContext(d.Context(), `PRAGMA wal_checkpoint(`+how+`)`)
	d.ok(err)
}

// something is what a counter does: mostly sales, some of them by code, some
// that come to nothing.
func (d *day) something() {
	d.Helper()
	switch d.random.IntN(6) {
	case 0, 1, 2:
		s := d.sell()
		d.tape.add(op{kind: opSold, sale: acked{s.ID, s.ReceiptNo}})
	case 3:
		s, leg := d.freeze(checkout.ClassCode)
		leg = d.advance(leg, checkout.Sent)
		last := d.step(leg, checkout.Paid)
		no, err := d.Complete(d.Context(), s, &last, []checkout.Entry{paid(leg), sold(s)}, d.act("sale.complete", s.ID))
		d.ok(err)
		d.tape.add(op{kind: opSold, sale: acked{s.ID, no}})
	case 4:
		_, leg := d.freeze(checkout.ClassCode)
		leg = d.advance(leg, checkout.Sent)
		leg = d.advance(leg, checkout.Unknown)
		d.advance(d.advance(leg, checkout.Reversing), checkout.Reversed)
	case 5:
		d.ok(d.SaveCart(d.Context(), checkout.Cart{ID: d.id("open"), Lines: []checkout.Line{milk, apple}}))
	}
}

// cutResult counts what the images of a tape showed.
type cutResult struct{ images, short, lost atomic.Int64 }

// cuts makes so many images of power cuts over the whole tape and opens each
// as a till does after one. bad is told what is wrong with an image.
func (d *day) cuts(n int, bad func(image string, why error)) *cutResult {
	d.Helper()
	type cut struct {
		name  string
		files map[string][]byte
		steps int
		sold  []acked
	}
	work := make(chan cut)
	var r cutResult
	var wg sync.WaitGroup
	base := imageFolder(d)
	for range 2 {
		wg.Go(func() {
			for c := range work {
				r.images.Add(1)
				short, lost, err := d.after(filepath.Join(base, c.name), c.files, c.steps, c.sold)
				if short > 0 {
					r.short.Add(1)
				}
				r.lost.Add(int64(lost))
				if err != nil {
					bad(c.name, err)
				}
			}
		})
	}
	ops := d.tape.ops
	now := newDisk()
	for i, o := range ops {
		now.take(o)
		// As many cuts as are due by now: evenly over the tape, the rest twice.
		for k := n * i / len(ops); k < n*(i+1)/len(ops); k++ {
			random := rand.New(rand.NewPCG(uint64(i), uint64(k)))
			work <- cut{fmt.Sprintf("op%d-%d", i, k), now.image(random), now.steps, now.sold[:len(now.sold):len(now.sold)]}
		}
	}
	close(work)
	wg.Wait()
	return &r
}

// imageFolder is a folder in memory where there is one: what survives is decided
// by the tape, and waiting for a real disk decides nothing more.
func imageFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "power-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// after opens what a power cut left. short is how many transitions that had been
// reported as done are missing, lost how many such sales.
func (d *day) after(dir string, files map[string][]byte, steps int, sold []acked) (short, lost int, err error) {
	defer os.RemoveAll(dir)
	ledger, journal := filepath.Join(dir, "till", "ledger.db"), filepath.Join(dir, "stick", "journal")
	moved := strings.NewReplacer(filepath.Dir(d.path), filepath.Dir(ledger), d.dir, journal)
	for _, folder := range []string{filepath.Dir(ledger), journal} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return 0, 0, err
		}
	}
	for path, b := range files {
		if err := os.WriteFile(moved.Replace(path), b, 0o600); err != nil {
			return 0, 0, err
		}
	}
	// What was shared memory is not written at all, or anyhow.
	if err := os.WriteFile(ledger+"-shm", []byte("what the disk happened to hold"), 0o600); err != nil {
		return 0, 0, err
	}
	ctx := d.Context()
	l, err := Open(ctx, Params{Path: ledger, Journal: journal, Now: at(noon.Add(time.Hour)), Existing: len(sold) > 0})
	if err != nil {
		return 0, 0, fmt.Errorf("does not open: %s", detail(err))
	}
	defer func() {
		if e := l.Shut(); err == nil && e != nil {
			err = fmt.Errorf("shutting: %s", detail(e))
		}
	}()
	j := l.AwaitJournal(ctx)
	if j.Err != nil && d.sync == "" { // the control's books may be behind their journal
		return 0, 0, fmt.Errorf("the second journal: %s", detail(j.Err))
	}
	var seq int
	if err := l.read.QueryRowContext(ctx, `SELECT seq FROM audit_head`).Scan(&seq); err != nil {
		return 0, 0, err
	}
	short = max(0, steps-seq)
	for _, s := range sold {
		if got, err := l.Sale(ctx, s.id); err != nil || got.State != checkout.Complete || got.ReceiptNo != s.receipt {
			lost++
		}
	}
	found, err := l.Verify(ctx)
	if err == nil && d.sync == "" {
		var more []Finding
		more, err = l.VerifyJournal(ctx, journal)
		found = append(found, more...)
		if err == nil && l.Till().Epoch != 1 {
			err = fmt.Errorf("a power cut was taken for a restored copy: %+v", l.Till())
		}
	}
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%d findings, first %+v", len(found), found[0])
	}
	if err == nil && seq > steps+1 && d.sync == "" {
		err = fmt.Errorf("%d transitions where %d were begun", seq, steps+1)
	}
	return short, lost, err
}

// A power cut at any write leaves books that open, are whole, and have every
// sale and every step of a payment that had been reported as done.
func TestBulkPowerCutsLoseNothing(t *testing.T) {
	sales, images := faultTimes("FAULT_SALES", 30), faultTimes("FAULT_CUTS", 60)
	d := recordDay(t, "", sales)
	r := d.cuts(images, func(image string, why error) { t.Errorf("%s: %v", image, why) })
	if r.short.Load() > 0 || r.lost.Load() > 0 {
		t.Errorf("%d of %d images are short of a step, %d sales lost", r.short.Load(), r.images.Load(), r.lost.Load())
	}
	t.Logf("%d images of power cuts over %d writes, syncs and names: nothing lost", r.images.Load(), len(d.tape.ops))
}

// The control: without a sync at each commit the same images do lose sales. A
// test that did not see that would see nothing.
func TestBulkPowerCutsLoseWithoutSync(t *testing.T) {
	sales, images := faultTimes("FAULT_SALES", 30), faultTimes("FAULT_CUTS", 60)
	d := recordDay(t, "NORMAL", sales)
	r := d.cuts(images, func(image string, why error) { t.Errorf("%s: %v", image, why) })
	if r.lost.Load() == 0 || r.short.Load() == 0 {
		t.Fatalf("%d images lost nothing although nothing was synced: the test is blind", r.images.Load())
	}
	t.Logf("%d of %d images are short of a step, %d sales lost", r.short.Load(), r.images.Load(), r.lost.Load())
}
