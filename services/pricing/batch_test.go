package pricing_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cashier/localdb"
	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
	"cashier/services/pricing"
)

var mei = access.Actor{ID: "7", Name: "梅", Role: access.Manager, Program: "cashier"}

// desk is a manager's desk on real books, beside an HQ in memory.
type desk struct {
	t      testing.TB
	hq     pricing.Office
	path   string
	ledger *localdb.Ledger
	b      *pricing.Batches
	now    time.Time
	ids    int
	hook   func(string)
	cache  *cache
}

// cache is what sells: it notes what it is told.
type cache struct {
	mu   sync.Mutex
	held int
	told []string
	fail error
}

func (c *cache) Hold([]int64) func() {
	c.held++
	return func() { c.held-- }
}

func (c *cache) Priced(_ context.Context, by, why string, rows []pricing.Row) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range rows {
		c.told = append(c.told, fmt.Sprintf("%d %s %s %s", r.ProductID, pricing.Yuan(r.Price), by, why))
	}
	return c.fail
}

func newDesk(t testing.TB, products int64) *desk {
	t.Helper()
	d := &desk{t: t, hq: pricing.NewOffice(products), path: filepath.Join(folder(t), "ledger.db"), now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), cache: &cache{}}
	d.open()
	t.Cleanup(func() { d.shut() })
	return d
}

// folder is in memory where the system has such a place: these tests are about
// what is written, and a durable write each time takes most of their time.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "cashier")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (d *desk) open() {
	d.t.Helper()
	l, err := localdb.Open(context.Background(), localdb.Params{Path: d.path, Now: func() time.Time { return d.now }, Hook: func(p string) {
		if d.hook != nil {
			d.hook(p)
		}
	}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.ledger = l
	d.b, err = pricing.NewBatches(pricing.BatchParams{
		HQ: d.hq, Store: l, Cache: d.cache, Shop: 1, Now: func() time.Time { return d.now },
		NewID: func() string { d.ids++; return fmt.Sprintf("b%06d", d.ids) },
		Wait:  func(context.Context, time.Duration) {},
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) shut() {
	if err := d.ledger.Shut(); err != nil {
		d.t.Error(err)
	}
}

func (d *desk) plan(draft pricing.Draft, due time.Time) pricing.Batch {
	d.t.Helper()
	b, err := d.b.Plan(context.Background(), mei, pricing.Plan{Name: "春季调价", Due: due, Draft: draft})
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *desk) send(id string) pricing.Batch {
	d.t.Helper()
	b, err := d.b.Send(context.Background(), mei, id, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

func (d *desk) states(id string) string {
	d.t.Helper()
	b, err := d.ledger.Batch(context.Background(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	words := []string{string(b.State)}
	for _, s := range pricing.RowStates() {
		if n := b.Count[s]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(words, ", ")
}

func (d *desk) want(id, states string) {
	d.t.Helper()
	if got := d.states(id); got != states {
		d.t.Errorf("batch %s: %s, want %s", id, got, states)
	}
}

// sound checks the books.
func (d *desk) sound() {
	d.t.Helper()
	found, err := d.ledger.Verify(context.Background())
	if err != nil || len(found) > 0 {
		d.t.Errorf("%v, %v", found, err)
	}
}

func fixed(f money.Fen) func(int64) money.Fen { return func(int64) money.Fen { return f } }

func TestABatchIsSentAndUndone(t *testing.T) {
	d := newDesk(t, 250)
	d.hq.Add(1, 3, "12.34", "9") // has it already
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 251, fixed(1234)), time.Time{})
	d.want(b.ID, "waiting, 249 planned, 1 same, 1 blocked")
	if len(d.hq.Calls()) != 0 || b.By != mei || b.Name != "春季调价" {
		t.Fatalf("%+v, %d calls", b, len(d.hq.Calls()))
	}
	var last pricing.Progress
	if _, err := d.b.Send(t.Context(), mei, b.ID, func(p pricing.Progress) { last = p }); err != nil {
		t.Fatal(err)
	}
	d.want(b.ID, "done, 249 changed, 1 same, 1 blocked")
	if len(d.hq.Calls()) != 3 || last.Done != 251 || last.Of != 251 || last.Changed != 249 || d.hq.Has(1, 250) != "12.34/9.00" {
		t.Errorf("%d calls, %+v, %s", len(d.hq.Calls()), last, d.hq.Has(1, 250))
	}
	if len(d.cache.told) != 249 || d.cache.told[0] != "1 12.34 梅 春季调价" || d.cache.held != 0 {
		t.Errorf("%d told, first %q, %d held", len(d.cache.told), d.cache.told[0], d.cache.held)
	}
	undo, err := d.b.Undo(t.Context(), mei, b.ID, "")
	if err != nil || undo.UndoOf != b.ID {
		t.Fatalf("%+v, %v", undo, err)
	}
	if _, err := d.b.Undo(t.Context(), mei, b.ID, ""); fault.CodeOf(err) != "price.batch_undoing" {
		t.Error(err)
	}
	d.send(undo.ID)
	d.want(undo.ID, "done, 249 changed")
	d.want(b.ID, "done, 1 same, 1 blocked, 249 undone")
	for id := int64(1); id <= 250; id++ {
		if was := map[bool]string{true: "12.34/9.00", false: "10.00/9.00"}[id == 3]; d.hq.Has(1, id) != was {
			t.Fatalf("product %d: %s", id, d.hq.Has(1, id))
		}
	}
	if first, err := d.ledger.Batch(t.Context(), b.ID); err != nil || first.UndoBy != undo.ID {
		t.Errorf("%+v, %v", first, err)
	}
	if _, err := d.b.Undo(t.Context(), mei, b.ID, ""); fault.CodeOf(err) != "price.batch_empty" {
		t.Error(err)
	}
	d.sound()
}

func TestWhoMay(t *testing.T) {
	d := newDesk(t, 2)
	draft := pricing.DraftOf(t, d.hq, 1, 2, fixed(1100))
	b := d.plan(draft, time.Time{})
	li := access.Actor{ID: "8", Name: "李", Role: access.Cashier}
	_, plan := d.b.Plan(t.Context(), li, pricing.Plan{Draft: draft})
	_, send := d.b.Send(t.Context(), li, b.ID, nil)
	_, stop := d.b.Cancel(t.Context(), li, b.ID)
	_, undo := d.b.Undo(t.Context(), li, b.ID, "")
	_, decide := d.b.Resolve(t.Context(), li, b.ID, nil, pricing.Keep)
	for i, err := range []error{plan, send, stop, undo, decide} {
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("%d: %v", i, err)
		}
	}
	d.want(b.ID, "waiting, 2 planned")
}

// HQ's price moved between the draft and the sending: it is not overwritten
// unless a person says so.
func TestAConflictAsks(t *testing.T) {
	d := newDesk(t, 4)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 4, fixed(1100)), time.Time{})
	d.hq.Add(1, 1, "8.00", "8.00")
	d.hq.Add(1, 2, "11.00", "9.00") // just what we want
	d.hq.Add(1, 3, "10.00", "8.50") // only the member price
	d.hq.Drop(4)
	d.send(b.ID)
	d.want(b.ID, "open, 1 same, 2 conflict, 1 blocked")
	if len(d.hq.Calls()) != 0 || d.hq.Has(1, 1) != "8.00/8.00" {
		t.Errorf("%v, %s", d.hq.Calls(), d.hq.Has(1, 1))
	}
	if ran, err := d.b.RunDue(t.Context(), nil); err != nil || len(ran) != 0 {
		t.Errorf("a batch that waits for a person was worked on: %+v, %v", ran, err)
	}
	if _, err := d.b.Resolve(t.Context(), mei, b.ID, []int{1, 2}, pricing.Apply); fault.CodeOf(err) != "price.batch_decided" {
		t.Error(err)
	}
	if _, err := d.b.Resolve(t.Context(), mei, b.ID, []int{3}, pricing.Keep); err != nil {
		t.Fatal(err)
	}
	d.want(b.ID, "open, 1 same, 1 conflict, 1 kept, 1 blocked")
	if _, err := d.b.Resolve(t.Context(), mei, b.ID, []int{1}, pricing.Apply); err != nil {
		t.Fatal(err)
	}
	d.send(b.ID)
	d.want(b.ID, "done, 1 changed, 1 same, 1 kept, 1 blocked")
	if d.hq.Has(1, 1) != "11.00/9.00" || d.hq.Has(1, 3) != "10.00/8.50" {
		t.Error(d.hq.Has(1, 1), d.hq.Has(1, 3))
	}
	undo, err := d.b.Undo(t.Context(), mei, b.ID, "zurück")
	if err != nil {
		t.Fatal(err)
	}
	if d.send(undo.ID); d.hq.Has(1, 1) != "8.00/8.00" { // what a person overwrote comes back
		t.Error(d.hq.Has(1, 1))
	}
	d.sound()
}

// What HQ refused in company is sent alone when a person has it applied.
func TestARefusedRowDoesNotSpoilTheOthers(t *testing.T) {
	d := newDesk(t, 5)
	d.hq.Behave(func(apply func()) error {
		calls := d.hq.Calls()
		for _, r := range calls[len(calls)-1] {
			if r.ProductID == 3 {
				return pricing.Refusal
			}
		}
		apply()
		return nil
	})
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 5, fixed(1100)), time.Time{})
	d.send(b.ID)
	d.want(b.ID, "done, 5 unchanged")
	if _, err := d.b.Resolve(t.Context(), mei, b.ID, nil, pricing.Apply); err != nil {
		t.Fatal(err)
	}
	d.send(b.ID)
	d.want(b.ID, "done, 4 changed, 1 unchanged")
	d.sound()
}

func TestCancel(t *testing.T) {
	d := newDesk(t, 250)
	before := d.plan(pricing.DraftOf(t, d.hq, 1, 2, fixed(1300)), d.now.Add(time.Hour))
	if _, err := d.b.Cancel(t.Context(), mei, before.ID); err != nil {
		t.Fatal(err)
	}
	d.want(before.ID, "cancelled, 2 cancelled")
	d.send(before.ID)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 250, fixed(1100)), time.Time{})
	d.hq.Behave(func(apply func()) error { // while the first chunk is at HQ
		if len(d.hq.Calls()) == 1 {
			if _, err := d.b.Cancel(t.Context(), mei, b.ID); err != nil {
				t.Error(err)
			}
		}
		apply()
		return nil
	})
	d.send(b.ID)
	d.want(b.ID, "done, 100 changed, 150 cancelled")
	if len(d.hq.Calls()) != 1 {
		t.Errorf("%d calls", len(d.hq.Calls()))
	}
	if _, err := d.b.Cancel(t.Context(), mei, b.ID); fault.CodeOf(err) != "price.batch_over" {
		t.Error(err)
	}
	d.sound()
}

// Stopping is not cancelling: the rest waits for the next Send.
func TestStopping(t *testing.T) {
	d := newDesk(t, 250)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 250, fixed(1100)), time.Time{})
	ctx, stop := context.WithCancel(t.Context())
	d.hq.Behave(func(apply func()) error { stop(); apply(); return nil })
	if _, err := d.b.Send(ctx, mei, b.ID, nil); fault.CodeOf(err) != "price.batch_paused" {
		t.Error(err)
	}
	d.want(b.ID, "open, 150 planned, 100 changed")
	if _, err := d.b.Undo(t.Context(), mei, b.ID, ""); fault.CodeOf(err) != "price.batch_open" {
		t.Error(err)
	}
	d.send(b.ID)
	d.want(b.ID, "done, 250 changed")
}

// What a person stops goes on when a person says so: not by itself, and not at the
// next start either.
func TestStoppedByAPerson(t *testing.T) {
	d := newDesk(t, 250)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 250, fixed(1100)), time.Time{})
	ctx, stop := context.WithCancelCause(t.Context())
	d.hq.Behave(func(apply func()) error { stop(pricing.ErrStopped); apply(); return nil })
	got, err := d.b.Send(ctx, mei, b.ID, nil)
	if fault.CodeOf(err) != "price.batch_paused" || !got.Stopped() {
		t.Errorf("%+v, %v", got, err)
	}
	d.want(b.ID, "waiting, 150 planned, 100 changed")
	d.shut()
	d.open()
	d.now = d.now.Add(time.Hour)
	if ran, err := d.b.RunDue(t.Context(), nil); err != nil || len(ran) != 0 || len(d.hq.Calls()) != 1 {
		t.Errorf("%+v, %v, %d calls", ran, err, len(d.hq.Calls()))
	}
	if done := d.send(b.ID); done.Stopped() || done.Begun != got.Begun {
		t.Errorf("%+v", done)
	}
	d.want(b.ID, "done, 250 changed")
	d.sound()
}

// Whoever stops a batch as its last prices leave has not stopped it.
func TestStoppedTooLate(t *testing.T) {
	d := newDesk(t, 3)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 3, fixed(1100)), time.Time{})
	ctx, stop := context.WithCancelCause(t.Context())
	d.hq.Behave(func(apply func()) error { stop(pricing.ErrStopped); apply(); return nil })
	if _, err := d.b.Send(ctx, mei, b.ID, nil); err != nil {
		t.Error(err)
	}
	d.want(b.ID, "done, 3 changed")
	d.sound()
}

// What is stopped can be taken back; then it is over.
func TestStoppedAndCancelled(t *testing.T) {
	d := newDesk(t, 250)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 250, fixed(1100)), time.Time{})
	ctx, stop := context.WithCancelCause(t.Context())
	d.hq.Behave(func(apply func()) error { stop(pricing.ErrStopped); apply(); return nil })
	_, _ = d.b.Send(ctx, mei, b.ID, nil)
	if _, err := d.b.Cancel(t.Context(), mei, b.ID); err != nil {
		t.Fatal(err)
	}
	d.want(b.ID, "done, 100 changed, 150 cancelled")
	d.sound()
}

// Whoever watches hears how far a batch is that goes on by itself.
func TestDueTellsHowFar(t *testing.T) {
	d := newDesk(t, 250)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 250, fixed(1100)), time.Time{})
	ctx, stop := context.WithCancel(t.Context())
	d.hq.Behave(func(apply func()) error { stop(); apply(); return nil }) // the window was closed
	_, _ = d.b.Send(ctx, mei, b.ID, nil)
	d.hq.Behave(func(apply func()) error { apply(); return nil })
	var far []int
	ran, err := d.b.RunDue(t.Context(), func(of pricing.Batch, p pricing.Progress) {
		if of.ID == b.ID {
			far = append(far, p.Done)
		}
	})
	if err != nil || len(ran) != 1 || !ran[0].Again || ran[0].Asks() != 0 || !slices.Equal(far, []int{200, 250}) {
		t.Errorf("%+v, %v, %v", ran, err, far)
	}
}

func TestHQIsAway(t *testing.T) {
	d := newDesk(t, 150)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 150, fixed(1100)), time.Time{})
	d.hq.Reading(func() error { return pricing.Unsent })
	if _, err := d.b.Send(t.Context(), mei, b.ID, nil); !errors.Is(err, pricing.Unsent) {
		t.Error(err)
	}
	d.hq.Reading(nil)
	d.hq.Behave(func(func()) error { return pricing.Unsent })
	if _, err := d.b.Send(t.Context(), mei, b.ID, nil); !errors.Is(err, pricing.Unsent) {
		t.Error(err)
	}
	d.want(b.ID, "open, 150 planned")
	d.hq.Behave(func(apply func()) error { apply(); return pricing.Silent }) // done, and the answer is lost
	d.cache.fail = errors.New("the disk is full")                            // that stops no batch
	d.send(b.ID)
	d.want(b.ID, "done, 150 changed")
	d.sound()
}

// A row whose answer was lost, and which HQ does not have, stays unknown until
// the time in which it could arrive is over.
func TestUnknownIsAskedAbout(t *testing.T) {
	d := newDesk(t, 3)
	var late func()
	d.hq.Behave(func(apply func()) error { late = apply; return pricing.Silent })
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 3, fixed(1100)), time.Time{})
	d.send(b.ID)
	d.want(b.ID, "open, 3 unknown")
	d.now = d.now.Add(time.Minute)
	d.send(b.ID)
	d.want(b.ID, "open, 3 unknown")
	late()
	d.hq.Add(1, 2, "10.00", "9.00") // and somebody brought one back
	d.send(b.ID)
	d.want(b.ID, "open, 2 changed, 1 unknown")
	d.now = d.now.Add(2 * time.Minute)
	if ran, err := d.b.RunDue(t.Context(), nil); err != nil || len(ran) != 1 || ran[0].Err != nil {
		t.Errorf("%+v, %v", ran, err)
	}
	d.want(b.ID, "done, 2 changed, 1 unchanged")
	if len(d.hq.Calls()) != 1 {
		t.Errorf("%d calls", len(d.hq.Calls()))
	}
	d.sound()
}

func TestSeveralShops(t *testing.T) {
	d := newDesk(t, 2)
	for shop := int64(2); shop <= 4; shop++ {
		d.hq.Add(shop, 1, "10.00", "9.00")
	}
	var list []pricing.Wanted
	for shop := int64(1); shop <= 5; shop++ {
		list = append(list, pricing.Wanted{ProductID: 1, ShopID: shop})
	}
	draft, err := pricing.New(pricing.Params{HQ: d.hq, Shop: 1}).Rehearse(t.Context(), list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := pricing.ParseWant("9.90", "")
	draft = draft.Set(nil, w)
	draft.Lines[3].Member = draft.Lines[3].Price // shop 4 has its own member price
	b := d.plan(draft, time.Time{})
	d.send(b.ID)
	d.want(b.ID, "done, 4 changed, 1 blocked")
	if got := fmt.Sprint(d.hq.ShopCalls(), len(d.hq.Calls())); got != "[[2 3] [4]] 1" {
		t.Error(got)
	}
	if d.hq.Has(2, 1) != "9.90/9.00" || d.hq.Has(4, 1) != "9.90/9.90" || d.hq.Has(1, 1) != "9.90/9.00" {
		t.Error(d.hq.Has(2, 1), d.hq.Has(4, 1), d.hq.Has(1, 1))
	}
	if len(d.cache.told) != 1 { // other shops are not this till's
		t.Error(d.cache.told)
	}
}

// A later batch is applied once: across restarts, missed times, and a clock that
// jumps.
func TestEffectiveTime(t *testing.T) {
	d := newDesk(t, 3)
	due := d.now.Add(time.Hour)
	b := d.plan(pricing.DraftOf(t, d.hq, 1, 3, fixed(1100)), due)
	other := d.plan(pricing.DraftOf(t, d.hq, 1, 3, fixed(1200)), due.Add(time.Hour))
	run := func() []pricing.Ran {
		t.Helper()
		ran, err := d.b.RunDue(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return ran
	}
	if ran := run(); len(ran) != 0 {
		t.Errorf("%+v", ran)
	}
	d.shut()
	d.now = due.Add(20 * time.Minute) // the till was off
	d.open()
	ran := run()
	if len(ran) != 1 || ran[0].Err != nil || ran[0].Late != 20*time.Minute || fault.CodeOf(ran[0].Words()) != "price.batch_late" {
		t.Errorf("%+v", ran)
	}
	d.want(b.ID, "done, 3 changed")
	d.now = due.AddDate(-1, 0, 0) // the clock is set back a year, and again forward
	if len(run()) != 0 {
		t.Error("a batch ran a year before it was due")
	}
	d.now = due.Add(25 * time.Minute)
	if len(run()) != 0 || len(d.hq.Calls()) != 1 {
		t.Errorf("%d calls", len(d.hq.Calls()))
	}
	d.now = due.Add(time.Hour)
	if ran := run(); len(ran) != 1 || ran[0].Words() != nil {
		t.Errorf("%+v", ran)
	}
	// It showed 10.00 as HQ's price, and the batch before it made it 11.00.
	d.want(other.ID, "open, 3 conflict")
	d.sound()
}

func TestBatchesAreComplete(t *testing.T) {
	if _, err := pricing.NewBatches(pricing.BatchParams{}); err == nil {
		t.Error("batches without an HQ")
	}
	d := newDesk(t, 1)
	if _, err := d.b.Plan(t.Context(), mei, pricing.Plan{Draft: pricing.DraftOf(t, d.hq, 1, 1, fixed(1000))}); fault.CodeOf(err) != "price.batch_empty" {
		t.Error(err)
	}
	if _, err := d.b.Plan(t.Context(), mei, pricing.Plan{Draft: pricing.Draft{Lines: make([]pricing.Line, pricing.MaxBatch+1)}}); fault.CodeOf(err) != "price.batch_large" {
		t.Error(err)
	}
	if _, err := d.b.Send(t.Context(), mei, "nothing", nil); fault.CodeOf(err) != "price.batch_unknown" {
		t.Error(err)
	}
}
