package printer

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// QueueParams of a Queue. Device and Store are required.
type QueueParams struct {
	Device Device
	Store  Store
	Clock  serialport.Clock // nil is the machine's
	// Patience is how long a job may wait for its printer: later the customer is
	// gone and a heap of papers helps nobody. 0 is 5 minutes.
	Patience time.Duration
	// Within bounds the printing of one job; 0 is a minute.
	Within time.Duration
	// OnJob, if set, is called on the queue's goroutine at every change of a job.
	// It must return soon and must not call Close.
	OnJob func(Job)
}

// most is how many jobs are kept in memory, and how many may wait.
const most = 200

// pauses between tries of a job: a printer that refuses is not hammered.
var pauses = [...]time.Duration{3 * time.Second, 5 * time.Second, 8 * time.Second, 15 * time.Second}

// grace is how long a till that is being closed lets a paper come to its end.
const grace = 5 * time.Second

// Queue prints jobs in the order in which they were added, each at most once.
type Queue struct {
	p      QueueParams
	cancel context.CancelFunc
	done   chan struct{}
	wake   chan struct{}

	mu    sync.Mutex
	jobs  []Job // the oldest first
	fresh []Job // not yet in the store
}

// StartQueue starts a queue on a goroutine of its own, which ends with ctx or by
// Close. What an earlier run left waiting goes on; what it left printing has
// failed, since nobody knows how far it got.
func StartQueue(ctx context.Context, p QueueParams) (*Queue, error) {
	if p.Device == nil || p.Store == nil {
		return nil, fault.New(fault.Internal, "printer.incomplete", "The printer's driver was put together wrongly. Call support.")
	}
	if p.Clock == nil {
		p.Clock = serialport.SystemClock{}
	}
	p.Patience, p.Within = cmp.Or(p.Patience, 5*time.Minute), cmp.Or(p.Within, time.Minute)
	q := &Queue{p: p, done: make(chan struct{}), wake: make(chan struct{}, 1)}
	ctx, q.cancel = context.WithCancel(ctx)
	go func() {
		defer close(q.done)
		q.recall(ctx)
		q.run(ctx)
	}()
	return q, nil
}

// Add queues a job and returns at once, whatever the printer does. A job whose id
// is known already is not added again.
func (q *Queue) Add(j Job) {
	now := q.p.Clock.Now()
	j.State, j.At, j.ChangedAt = Waiting, now, now
	q.mu.Lock()
	if !slices.ContainsFunc(q.jobs, func(o Job) bool { return o.ID == j.ID }) {
		q.jobs, q.fresh = append(q.jobs, j), append(q.fresh, j)
	}
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Jobs are the latest jobs, the oldest first.
func (q *Queue) Jobs() []Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.jobs)
}

// Close stops the queue. What waits is printed after the next start, if that is
// soon.
func (q *Queue) Close() error {
	q.cancel()
	<-q.done
	return nil
}

// recall takes up what an earlier run left behind, before what was added since.
func (q *Queue) recall(ctx context.Context) {
	kept, err := q.p.Store.Jobs(ctx)
	if err != nil {
		return // without its past a queue prints what comes
	}
	q.mu.Lock()
	known := map[string]bool{}
	for _, j := range q.jobs {
		known[j.ID] = true
	}
	kept = slices.DeleteFunc(kept, func(j Job) bool { return known[j.ID] })
	q.jobs = append(kept, q.jobs...)
	q.mu.Unlock()
	for _, j := range kept {
		if j.State == Printing {
			q.fail(ctx, j, fault.New(fault.Unknown, "printer.interrupted",
				"The till was switched off while this was printed. Look at the paper, and reprint if it is not whole."))
		}
	}
}

func (q *Queue) run(ctx context.Context) {
	defer q.record(ctx)
	for try := 0; ctx.Err() == nil; {
		q.record(ctx)
		j, ok := q.next(ctx)
		if !ok {
			select {
			case <-q.wake:
			case <-ctx.Done():
			}
			continue
		}
		if q.print(ctx, j) {
			try = 0
			continue
		}
		select {
		case <-q.p.Clock.After(pauses[min(try, len(pauses)-1)]):
		case <-ctx.Done():
		}
		try++
	}
}

// record makes what was added durable, so that a restart does not lose it. A
// disk that does not take it is met again before the first byte is sent.
func (q *Queue) record(ctx context.Context) {
	q.mu.Lock()
	fresh := q.fresh
	q.fresh = nil
	q.mu.Unlock()
	for _, j := range fresh {
		_ = q.keep(ctx, j)
	}
}

// next is the oldest job that waits. What has waited too long, or is one of too
// many, fails on the way.
func (q *Queue) next(ctx context.Context) (Job, bool) {
	q.mu.Lock()
	var waiting []Job
	for _, j := range q.jobs {
		if j.State == Waiting {
			waiting = append(waiting, j)
		}
	}
	q.mu.Unlock()
	for i, j := range waiting {
		age := q.p.Clock.Now().Sub(j.At)
		switch {
		case age >= q.p.Patience || age < -q.p.Patience:
			q.fail(ctx, j, fault.New(fault.Unreachable, "printer.late",
				"The printer was not ready in time, so this was not printed. Reprint it if it is wanted."))
		case len(waiting)-i > most:
			q.fail(ctx, j, fault.New(fault.Busy, "printer.too_many",
				"Too many papers wait for the printer, so this was not printed. Reprint it if it is wanted."))
		default:
			return j, true
		}
	}
	return Job{}, false
}

// print tries a job once; false means that the printer is not ready.
func (q *Queue) print(ctx context.Context, j Job) bool {
	waits := j
	j.State, j.Tries = Printing, j.Tries+1
	j.Code, j.Reason = "", ""
	// Recorded before a byte leaves: a till that is switched off now must not
	// print it again.
	if err := q.keep(ctx, j); err != nil {
		q.put(because(waits, fault.Wrap(err, fault.Internal, "printer.unwritten",
			"The disk does not take what is to be printed, so nothing was sent to the printer.")))
		return false
	}
	outcome, err := q.device(ctx, j)
	switch outcome {
	case Sent, Confirmed:
		j.State, j.Confirmed = Printed, outcome == Confirmed
		_ = q.keep(ctx, j) // not kept, it counts as interrupted at the next start
		return true
	case Nothing:
		j.State = Waiting
		_ = q.keep(ctx, because(j, err))
		return false
	default:
		q.fail(ctx, j, err)
		return true
	}
}

// device prints within the time a job has. A till that is closed lets go of the
// paper in the printer only after grace.
func (q *Queue) device(ctx context.Context, j Job) (Outcome, error) {
	printing, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.p.Within)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-q.p.Clock.After(grace):
			cancel()
		case <-printing.Done():
		}
	})()
	return q.p.Device.Print(printing, j.Doc)
}

func (q *Queue) fail(ctx context.Context, j Job, err error) {
	j.State = Failed
	_ = q.keep(ctx, because(j, err)) // not kept, it fails again at the next start
}

func because(j Job, err error) Job {
	j.Code, j.Reason = cmp.Or(fault.CodeOf(err), "internal"), ""
	if err != nil {
		j.Reason = err.Error()
	}
	return j
}

// keep makes a change of a job durable and known. What is being printed when
// the till stops is written down all the same.
func (q *Queue) keep(ctx context.Context, j Job) error {
	j.ChangedAt = q.p.Clock.Now()
	if err := q.p.Store.Save(context.WithoutCancel(ctx), j); err != nil {
		if j.State != Printing {
			q.put(j)
		}
		return err
	}
	q.put(j)
	return nil
}

// put replaces a job in memory, and forgets the oldest that are over.
func (q *Queue) put(j Job) {
	q.mu.Lock()
	if i := slices.IndexFunc(q.jobs, func(o Job) bool { return o.ID == j.ID }); i >= 0 {
		q.jobs[i] = j
	}
	for i := 0; len(q.jobs) > most && i < len(q.jobs); {
		if !q.jobs[i].State.Over() {
			i++
			continue
		}
		q.jobs = slices.Delete(q.jobs, i, i+1)
	}
	q.mu.Unlock()
	if q.p.OnJob != nil {
		q.p.OnJob(j)
	}
}
