package pricing

import (
	"context"
	"errors"
	"slices"
	"time"

	"cashier/services/access"
	"cashier/services/fault"
)

// Send begins a batch, or goes on with it, until every row is known or asks a
// person; also before it is due, for whoever calls it means now. Rows that an
// earlier run left on their way, and unknown ones, are asked about, not sent.
//
// ctx is heeded between chunks: it then returns Refused with code
// "price.batch_paused", and what is left is sent by the next Send, or taken back
// by Cancel. Where the cause of ctx's end is ErrStopped, a person wants it so:
// RunDue then leaves the batch alone too. Where HQ cannot be reached the rows stay planned and its fault is
// returned. Busy with code "price.batch_busy" where another batch is being sent.
// progress, which may be nil, is called after each chunk.
func (b *Batches) Send(ctx context.Context, by access.Actor, id string, progress func(Progress)) (Batch, error) {
	if err := by.Demand(access.Prices); err != nil {
		return Batch{}, err
	}
	if !b.sending.TryLock() {
		return Batch{}, fault.New(fault.Busy, "price.batch_busy", "Another batch of prices is being sent. Wait for it, or cancel it.")
	}
	defer b.sending.Unlock()
	batch, err := b.p.Store.Batch(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	r := &run{Batches: b, batch: batch, by: by, progress: progress, started: b.p.Now()}
	failed := r.all(ctx)
	batch, err = b.p.Store.Batch(context.WithoutCancel(ctx), id)
	return batch, errors.Join(failed, err)
}

// ErrStopped is the cause with which a person's word ends the context of Send.
var ErrStopped = errors.New("stopped by a person")

// run is one sending of a batch.
type run struct {
	*Batches
	batch    Batch
	by       access.Actor
	progress func(Progress)
	started  time.Time
	done     int // of this run
}

func (r *run) all(ctx context.Context) error {
	if r.batch.State == BatchDone || r.batch.State == BatchCancelled {
		return nil
	}
	if r.batch.State == BatchWaiting {
		if err := r.begin(ctx); err != nil {
			return err
		}
	}
	if err := r.recheck(ctx); err != nil {
		return err
	}
	for {
		if ctx.Err() != nil {
			return r.pause(ctx)
		}
		rows, err := r.p.Store.BatchRows(ctx, r.batch.ID, Chunk, RowPlanned)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return r.close(context.WithoutCancel(ctx))
		}
		err = r.chunk(ctx, company(rows, r.p.Shop))
		if err != nil && fault.CodeOf(err) != "price.batch_moved" { // cancelled meanwhile: look again
			return err
		}
	}
}

// pause ends a sending between two calls.
func (r *run) pause(ctx context.Context) error {
	paused := fault.New(fault.Refused, "price.batch_paused", "Batch “{name}” was stopped between two calls to HQ; nothing is half done. Send it to go on, or cancel the rest.", "name", r.batch.Name)
	if !errors.Is(context.Cause(ctx), ErrStopped) {
		return paused
	}
	work := context.WithoutCancel(ctx)
	left, err := r.p.Store.BatchRows(work, r.batch.ID, 1, RowPlanned)
	if err == nil && len(left) == 0 {
		return r.close(work)
	}
	if err == nil {
		err = r.p.Store.TakeStep(work, Step{Batch: r.batch.ID, To: BatchWaiting, At: r.p.Now(), Acts: []Act{{r.by, "price.batch.stop", r.batch.ID, r.batch.Name}}})
	}
	return errors.Join(paused, err)
}

// begin says in the trail when a batch was really begun.
func (r *run) begin(ctx context.Context) error {
	at := r.p.Now()
	detail := r.batch.Name
	if late := at.Sub(r.batch.Due); late > Punctual && !r.batch.Stopped() {
		detail += ", late by " + late.Round(time.Minute).String()
	}
	return r.p.Store.TakeStep(ctx, Step{Batch: r.batch.ID, To: BatchOpen, At: at, Acts: []Act{{r.by, "price.batch.begin", r.batch.ID, detail}}})
}

// close ends a batch of which no row is left; otherwise it stays open.
func (r *run) close(ctx context.Context) error {
	rows, err := r.p.Store.BatchRows(ctx, r.batch.ID, 1, unsettled...)
	if err != nil || len(rows) > 0 {
		return err
	}
	return r.p.Store.TakeStep(ctx, Step{Batch: r.batch.ID, To: BatchDone, At: r.p.Now(), Acts: []Act{{r.by, "price.batch.end", r.batch.ID, r.batch.Name}}})
}

// company is what goes to HQ in one call: rows of this shop that have never been
// sent, one that has, or one product at one price in several shops.
func company(rows []BatchRow, own int64) []BatchRow {
	first := rows[0]
	together := func(r BatchRow) bool { return r.ShopID == own && r.Sends == 0 }
	switch {
	case first.ShopID != own:
		together = func(r BatchRow) bool {
			return r.ShopID != own && r.ProductID == first.ProductID && r.Price == first.Price && r.Member == first.Member && r.Sends == first.Sends
		}
	case first.Sends > 0:
		return rows[:1]
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r BatchRow) bool { return !together(r) })
}

// chunk reads, marks, sends, reads again and settles.
func (r *run) chunk(ctx context.Context, rows []BatchRow) error {
	release := r.p.Cache.Hold(r.own(rows))
	defer release()
	has, err := r.read(ctx, rows)
	if err != nil {
		return err
	}
	at := r.p.Now()
	step := Step{Batch: r.batch.ID, At: at}
	var sent []BatchRow
	var docs []Row
	for _, row := range rows {
		m := row.offer(has, at)
		step.Moves = append(step.Moves, m)
		if m.Row.State == RowSent {
			sent = append(sent, m.Row)
			doc := has[row.place()]
			doc.Price, doc.Member = yuan(row.Price), yuan(row.Member)
			docs = append(docs, doc)
			step.Acts = append(step.Acts, Act{r.by, "hq.price", subjectOf(row), detailOf(row) + ", batch " + r.batch.ID})
		}
		step.Undone = append(step.Undone, r.undone(m.Row)...)
	}
	if err := r.p.Store.TakeStep(ctx, step); err != nil {
		return err
	}
	work := context.WithoutCancel(ctx) // a change whose outcome nobody reads helps nobody
	ended := slices.DeleteFunc(rowsOf(step.Moves), func(row BatchRow) bool { return row.State == RowSent })
	r.follow(work, ended, has)
	if len(sent) == 0 {
		r.tell(ended)
		return nil
	}
	answer := r.send(work, sent[0], docs)
	if notSent(answer) && fault.KindOf(answer) != fault.Invalid {
		return errors.Join(answer, r.unsend(work, sent))
	}
	settled, err := r.settle(work, sent, answer)
	r.tell(append(ended, settled...))
	return err
}

func rowsOf(moves []Move) []BatchRow {
	rows := make([]BatchRow, len(moves))
	for i, m := range moves {
		rows[i] = m.Row
	}
	return rows
}

func (r *run) own(rows []BatchRow) (products []int64) {
	for _, row := range rows {
		if row.ShopID == r.p.Shop {
			products = append(products, row.ProductID)
		}
	}
	return products
}

func (r *run) read(ctx context.Context, rows []BatchRow) (map[place]Row, error) {
	at := make([]place, len(rows))
	for i, row := range rows {
		at[i] = row.place()
	}
	return readPlaces(ctx, r.p.HQ, r.p.Shop, at)
}

// send is one call for rows that go together, of which like is one.
func (r *run) send(ctx context.Context, like BatchRow, docs []Row) error {
	if like.ShopID == r.p.Shop {
		return r.p.HQ.Change(ctx, docs)
	}
	shops := make([]int64, len(docs))
	for i, d := range docs {
		shops[i] = d.ShopID
	}
	return r.p.HQ.ChangeIn(ctx, like.ProductID, shops, like.Price, like.Member)
}

// unsend takes back the mark of rows of which HQ has provably not heard.
func (r *run) unsend(ctx context.Context, sent []BatchRow) error {
	step := Step{Batch: r.batch.ID, At: r.p.Now()}
	for _, row := range sent {
		m := moved(row, RowPlanned, nil, step.At)
		m.Row.Sends--
		step.Moves = append(step.Moves, m)
		step.Acts = append(step.Acts, Act{r.by, "hq.price.result", subjectOf(row), string(NotSent)})
	}
	return r.p.Store.TakeStep(ctx, step)
}

// settle reads what became of rows that were sent, once more a moment later
// where it is not there yet.
func (r *run) settle(ctx context.Context, sent []BatchRow, answer error) ([]BatchRow, error) {
	moves, has, all := r.look(ctx, sent, answer)
	if !all && (answer == nil || undecided(answer)) {
		r.p.Wait(ctx, r.p.Settle)
		moves, has, _ = r.look(ctx, sent, answer)
	}
	return rowsOf(moves), r.record(ctx, moves, has)
}

// record puts what is known in force here, and then writes it down: a crash in
// between asks once more, and the cache knows already.
func (r *run) record(ctx context.Context, moves []Move, has map[place]Row) error {
	step := Step{Batch: r.batch.ID, At: r.p.Now(), Moves: moves}
	for _, m := range moves {
		detail := string(m.Row.State)
		if m.Row.Why != nil {
			detail += ": " + m.Row.Why.Message
		}
		step.Acts = append(step.Acts, Act{r.by, "hq.price.result", subjectOf(m.Row), detail})
		step.Undone = append(step.Undone, r.undone(m.Row)...)
	}
	r.follow(ctx, rowsOf(moves), has)
	return r.p.Store.TakeStep(ctx, step)
}

// undone is the place of a row that HQ has the old price of again.
func (r *run) undone(row BatchRow) []place {
	if r.batch.UndoOf == "" || row.State != RowChanged && row.State != RowSame {
		return nil
	}
	return []place{row.place()}
}

// look asks HQ and judges; all says that every row is changed.
func (r *run) look(ctx context.Context, sent []BatchRow, answer error) (moves []Move, has map[place]Row, all bool) {
	has, failed := r.read(ctx, sent)
	all = true
	for _, row := range sent {
		m := row.judged(has, failed, answer, r.p.Now())
		all = all && m.Row.State == RowChanged
		moves = append(moves, m)
	}
	return moves, has, all
}

// recheck asks about what an earlier run left on its way, and about what is not
// known yet.
func (r *run) recheck(ctx context.Context) error {
	rows, err := r.p.Store.BatchRows(ctx, r.batch.ID, 0, RowSent, RowUnknown)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(rows, Chunk) {
		if err := r.recheckSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) recheckSome(ctx context.Context, rows []BatchRow) error {
	release := r.p.Cache.Hold(r.own(rows))
	defer release()
	has, err := r.read(ctx, rows)
	if err != nil {
		return err
	}
	at := r.p.Now()
	var moves []Move
	for _, row := range rows {
		m := row.judged(has, nil, r.cutOff(row, at), at)
		if m.Row.State == RowUnknown && row.State == RowUnknown {
			continue // no news; its time counts on
		}
		moves = append(moves, m)
	}
	if len(moves) == 0 {
		return nil
	}
	work := context.WithoutCancel(ctx)
	if err := r.record(work, moves, has); err != nil {
		return err
	}
	r.tell(rowsOf(moves))
	return nil
}

// cutOff stands for the answer that nobody heard. A clock that was set meanwhile
// says nothing about the time since, and the call is long over either way.
func (r *run) cutOff(row BatchRow, at time.Time) error {
	if at.Sub(row.At).Abs() < r.p.Quiet {
		return fault.New(fault.Unknown, "price.batch_cut_off", "It is not known whether HQ has heard of it: the answer was lost. It is asked about again until that is known.")
	}
	return fault.New(fault.Refused, "price.batch_lost", "HQ still has the old price some minutes after this one was sent: it was lost on the way. Apply it to send it again, or keep HQ's.")
}

// follow puts in force here what HQ has of this shop's rows.
func (r *run) follow(ctx context.Context, rows []BatchRow, has map[place]Row) {
	var here []Row
	for _, row := range rows {
		now, ok := has[row.place()]
		if ok && row.ShopID == r.p.Shop && (row.State == RowChanged || row.State == RowSame) {
			here = append(here, now)
		}
	}
	if len(here) == 0 {
		return
	}
	if err := r.p.Cache.Priced(ctx, r.by.Name, r.batch.Name, here); err != nil {
		r.p.Warn(err)
	}
}

func (r *run) tell(rows []BatchRow) {
	r.done += len(rows)
	if r.progress == nil {
		return
	}
	batch, err := r.p.Store.Batch(context.Background(), r.batch.ID)
	if err != nil {
		return
	}
	p := Progress{Done: batch.Rows() - batch.left(), Of: batch.Rows(), Changed: batch.Count[RowChanged], Rows: rows}
	if took := r.p.Now().Sub(r.started); took > 0 {
		p.PerSecond = int(time.Duration(r.done) * time.Second / took)
	}
	r.progress(p)
}
