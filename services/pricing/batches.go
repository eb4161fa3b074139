package pricing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/money"
)

// MaxBatch bounds the rows of one batch; no shop has more products.
const MaxBatch = 50_000

// BatchParams of Batches. HQ, Store, Shop, Now and NewID are required.
type BatchParams struct {
	HQ    HQ
	Store BatchStore
	Cache Cache // nil: nothing follows
	Shop  int64 // this shop's number at HQ
	Now   func() time.Time
	NewID func() string // rising with time
	Zone  *time.Location

	// Settle is as in Params. Quiet is how long after a row was sent, or marked as
	// such, an old price at HQ still leaves open whether it will change; zero:
	// two minutes, more than any call to HQ lasts.
	Settle, Quiet time.Duration
	// Wait waits for HQ; nil: by the machine's clock.
	Wait func(context.Context, time.Duration)
	// Warn is told what does not stop a batch: a cache that did not follow.
	Warn func(error)
}

// Batches plans, sends, cancels and undoes batches of prices. It is safe for
// concurrent use; one batch is sent at a time.
type Batches struct {
	p       BatchParams
	sending sync.Mutex
}

// NewBatches makes them.
func NewBatches(p BatchParams) (*Batches, error) {
	if p.HQ == nil || p.Store == nil || p.Shop <= 0 || p.Now == nil || p.NewID == nil {
		return nil, errors.New("pricing: HQ, Store, Shop, Now and NewID are required")
	}
	if p.Settle <= 0 {
		p.Settle = time.Second
	}
	if p.Quiet <= 0 {
		p.Quiet = 2 * time.Minute
	}
	if p.Wait == nil {
		p.Wait = pause
	}
	if p.Warn == nil {
		p.Warn = func(error) {}
	}
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	if p.Cache == nil {
		p.Cache = noCache{}
	}
	return &Batches{p: p}, nil
}

// noCache follows nothing.
type noCache struct{}

func (noCache) Hold([]int64) func()                                 { return func() {} }
func (noCache) Priced(context.Context, string, string, []Row) error { return nil }

// Plan is what a batch is made of. Due may be zero: now.
type Plan struct {
	Name  string
	Due   time.Time
	Draft Draft
	Rules Rules
}

// Plan writes a batch down; nothing is sent by it. Rows that a guard blocks stay
// in it as blocked, those that change nothing as same. Where the name is empty,
// it is named after the time.
func (b *Batches) Plan(ctx context.Context, by access.Actor, p Plan) (Batch, error) {
	if err := by.Demand(access.Prices); err != nil {
		return Batch{}, err
	}
	if len(p.Draft.Lines) > MaxBatch {
		return Batch{}, fault.New(fault.Invalid, "price.batch_large", "A batch takes {most} prices at most, and these are {n}. Make several of them.", "most", strconv.Itoa(MaxBatch), "n", strconv.Itoa(len(p.Draft.Lines)))
	}
	at := b.p.Now()
	preview := p.Draft.Preview(p.Rules)
	rows := make([]BatchRow, len(preview.Lines))
	for i, l := range preview.Lines {
		rows[i] = b.rowOf(i+1, l, at)
	}
	return b.add(ctx, by, Batch{Name: p.Name, Due: p.Due}, at, rows)
}

func (b *Batches) rowOf(no int, l PreviewLine, at time.Time) BatchRow {
	price, badPrice := money.FenFromDecimal(l.Price.Decimal)
	member, badMember := money.FenFromDecimal(l.Member.Decimal)
	r := BatchRow{
		No: no, ProductID: l.ProductID, ShopID: cmp.Or(l.ShopID, b.p.Shop), Code: l.Code, Name: l.Name,
		Was: l.Was, WasMember: l.WasMember, Price: max(price, 0), Member: max(member, 0), State: RowPlanned, At: at,
	}
	switch {
	case l.Blocked():
		r.State, r.Why = RowBlocked, l.Why()
	case l.Same():
		r.State = RowSame
	case badPrice != nil || badMember != nil: // the guards have it; never send what they missed
		r.State, r.Why = RowBlocked, l.uncharged()
	}
	return r
}

func (b *Batches) add(ctx context.Context, by access.Actor, batch Batch, at time.Time, rows []BatchRow) (Batch, error) {
	sendable := slices.ContainsFunc(rows, func(r BatchRow) bool { return r.State == RowPlanned })
	if !sendable {
		return Batch{}, fault.New(fault.Invalid, "price.batch_empty", "None of these prices is to be sent: HQ has them already, or a guard blocks them.")
	}
	batch.ID, batch.By, batch.MadeAt, batch.State = b.p.NewID(), by, at, BatchWaiting
	if batch.Name = strings.Join(strings.Fields(batch.Name), " "); batch.Name == "" {
		batch.Name = at.In(b.p.Zone).Format("2006-01-02 15:04")
	}
	if batch.Due.IsZero() {
		batch.Due = at
	}
	detail := fmt.Sprintf("%s: %d prices, due %s, rows %s", batch.Name, len(rows), batch.Due.In(b.p.Zone).Format(time.RFC3339), digest(rows))
	if batch.UndoOf != "" {
		detail += ", undoes " + batch.UndoOf
	}
	if err := b.p.Store.AddBatch(ctx, batch, rows, []Act{{by, "price.batch", batch.ID, detail}}); err != nil {
		return Batch{}, err
	}
	return b.p.Store.Batch(ctx, batch.ID)
}

// digest ties the rows of a batch to the audit trail: SHA-256, in hex, of a line
// per row of shop, product, old and new prices.
func digest(rows []BatchRow) string {
	h := sha256.New()
	for _, r := range rows {
		_, _ = fmt.Fprintf(h, "%d %d %s %s %s %s\n", r.ShopID, r.ProductID, Yuan(r.Was), Yuan(r.WasMember), r.Price.Yuan(), r.Member.Yuan())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Cancel takes back what has not been sent. What is on its way stays what it is,
// and what has been changed stays changed: Undo brings that back.
func (b *Batches) Cancel(ctx context.Context, by access.Actor, id string) (Batch, error) {
	if err := by.Demand(access.Prices); err != nil {
		return Batch{}, err
	}
	for {
		err := b.cancel(ctx, by, id)
		if fault.CodeOf(err) != "price.batch_moved" { // a chunk has left meanwhile
			if err != nil {
				return Batch{}, err
			}
			return b.p.Store.Batch(ctx, id)
		}
	}
}

func (b *Batches) cancel(ctx context.Context, by access.Actor, id string) error {
	batch, err := b.p.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	rows, err := b.p.Store.BatchRows(ctx, id, 0, RowPlanned)
	if err != nil {
		return err
	}
	if len(rows) == 0 || batch.State == BatchDone || batch.State == BatchCancelled {
		return fault.New(fault.Invalid, "price.batch_over", "Nothing of batch “{name}” waits to be sent any more. Undo brings changed prices back.", "name", batch.Name)
	}
	at := b.p.Now()
	step := Step{Batch: id, At: at, Acts: []Act{{by, "price.batch.cancel", id, fmt.Sprintf("%s: %d prices not sent", batch.Name, len(rows))}}}
	for _, r := range rows {
		step.Moves = append(step.Moves, moved(r, RowCancelled, nil, at))
	}
	switch {
	case batch.Begun.IsZero():
		step.To = BatchCancelled
	case batch.Count[RowSent]+batch.Count[RowUnknown]+batch.Count[RowConflict] == 0:
		step.To = BatchDone
	}
	return b.p.Store.TakeStep(ctx, step)
}

func moved(r BatchRow, to RowState, why *fault.Error, at time.Time) Move {
	m := Move{From: r.State, Row: r}
	m.Row.State, m.Row.Why, m.Row.At = to, why, at
	return m
}

// Decision is a person's, about a row that asks.
type Decision string

// The decisions.
const (
	Keep  Decision = "keep"  // what HQ has
	Apply Decision = "apply" // our price, over what HQ has now
)

// Resolve decides rows in conflict, unknown or unchanged, by their numbers, or
// all of them where none is given. An applied row is planned anew, over the price
// that HQ had when it was asked last, for the next Send; one that was sent before
// goes in a call of its own. Invalid, and nothing is decided, where one of the rows does not ask.
func (b *Batches) Resolve(ctx context.Context, by access.Actor, id string, numbers []int, d Decision) (Batch, error) {
	if err := by.Demand(access.Prices); err != nil {
		return Batch{}, err
	}
	batch, err := b.p.Store.Batch(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	rows, err := b.p.Store.BatchRows(ctx, id, 0, RowConflict, RowUnknown, RowUnchanged)
	if err != nil {
		return Batch{}, err
	}
	if len(numbers) > 0 {
		rows = slices.DeleteFunc(rows, func(r BatchRow) bool { return !slices.Contains(numbers, r.No) })
	}
	if len(rows) == 0 || len(rows) < len(numbers) {
		return Batch{}, fault.New(fault.Invalid, "price.batch_decided", "Not all of these rows of batch “{name}” ask for a decision; nothing was decided. Look at the batch again.", "name", batch.Name)
	}
	at := b.p.Now()
	step := Step{Batch: id, At: at}
	for _, r := range rows {
		m := r.decided(d, at)
		step.Moves = append(step.Moves, m)
		step.Acts = append(step.Acts, Act{by, "price.batch." + string(d), subjectOf(r), id + ": " + detailOf(m.Row)})
	}
	if d == Apply && batch.State != BatchWaiting {
		step.To = BatchOpen
	} else if batch.left()+batch.Count[RowConflict]-countIn(rows, RowConflict, RowUnknown) == 0 && batch.State == BatchOpen {
		step.To = BatchDone
	}
	if err := b.p.Store.TakeStep(ctx, step); err != nil {
		return Batch{}, err
	}
	return b.p.Store.Batch(ctx, id)
}

func countIn(rows []BatchRow, states ...RowState) (n int) {
	for _, r := range rows {
		if slices.Contains(states, r.State) {
			n++
		}
	}
	return n
}

func (r BatchRow) decided(d Decision, at time.Time) Move {
	if d == Keep {
		return moved(r, RowKept, r.Why, at)
	}
	m := moved(r, RowPlanned, nil, at)
	if r.State == RowConflict {
		m.Row.Was, m.Row.WasMember = r.Now, r.NowMember
	}
	return m
}

func subjectOf(r BatchRow) string { return fmt.Sprintf("%s %s shop %d", r.Code, r.Name, r.ShopID) }

func detailOf(r BatchRow) string {
	res := result(r.before(), r.after())
	return res.detail()
}

// Undo plans a batch that brings back the old price of everything a batch has
// changed; Send sends it. A price that HQ has changed since is a conflict then.
// Refused while the batch, or an undo of it, is not over.
func (b *Batches) Undo(ctx context.Context, by access.Actor, id, name string) (Batch, error) {
	if err := by.Demand(access.Prices); err != nil {
		return Batch{}, err
	}
	batch, err := b.p.Store.Batch(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	if batch.Count[RowPlanned]+batch.Count[RowSent] > 0 {
		return Batch{}, fault.New(fault.Refused, "price.batch_open", "Batch “{name}” is not sent to the end. Send the rest or cancel it, then undo it.", "name", batch.Name)
	}
	if batch.UndoBy != "" {
		undo, err := b.p.Store.Batch(ctx, batch.UndoBy)
		if err != nil {
			return Batch{}, err
		}
		if undo.State == BatchWaiting || undo.State == BatchOpen {
			return Batch{}, fault.New(fault.Refused, "price.batch_undoing", "Batch “{name}” is being undone by {undo}. Bring that one to its end first.", "name", batch.Name, "undo", undo.ID)
		}
	}
	rows, err := b.p.Store.BatchRows(ctx, id, 0, RowChanged)
	if err != nil {
		return Batch{}, err
	}
	var d Draft
	for _, r := range rows {
		l := LineOf(r.after())
		l.Price, l.Member = r.Was, decimal.NewNullDecimal(orZero(r.WasMember))
		d.Lines = append(d.Lines, l)
	}
	at := b.p.Now()
	// What was in force before needs no guard but that a till can charge it.
	preview := d.Preview(Rules{Factor: 1})
	back := make([]BatchRow, len(preview.Lines))
	for i, l := range preview.Lines {
		back[i] = b.rowOf(i+1, l, at)
	}
	return b.add(ctx, by, Batch{Name: cmp.Or(name, "↩ "+batch.Name), UndoOf: id}, at, back)
}

// List is the newest batches; a limit of 0 or less is none.
func (b *Batches) List(ctx context.Context, limit int) ([]Batch, error) {
	return b.p.Store.Batches(ctx, limit)
}

// Show is a batch with its rows.
func (b *Batches) Show(ctx context.Context, id string) (Batch, []BatchRow, error) {
	batch, err := b.p.Store.Batch(ctx, id)
	if err != nil {
		return Batch{}, nil, err
	}
	rows, err := b.p.Store.BatchRows(ctx, id, 0)
	return batch, rows, err
}
