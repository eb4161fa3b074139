package upload

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"cashier/services/fault"
)

// Params of a Sender. Store, HQ and Now are required. Zero durations mean
// back-off 2 s doubling to 5 min, and a look at the queue every 10 min.
type Params struct {
	Store Store
	HQ    HQ
	Rules Rules
	Now   func() time.Time

	Backoff    time.Duration
	MaxBackoff time.Duration
	Recheck    time.Duration // when nothing wakes Run
	OnHeld     func(error)   // told by Run why the queue stands still, and nil when it moves again
}

// Report is what one go through the queue came to, in items.
type Report struct {
	Done    int // HQ has them now
	Already int // of these, HQ had them from a request whose answer was lost
	Empty   int // of these, nothing of them is HQ's business
	Parked  int // HQ said no
	Aside   int // HQ gives neither yes nor no; those behind them go first
}

// Sender brings the queue to HQ, in order. It is safe for concurrent use.
type Sender struct {
	p Params

	mu   sync.Mutex // one request at a time
	last string     // code of why the queue stood still
}

// The bounds of one request.
const (
	maxRows = 200 // a sale with more goes alone
	window  = 40  // items looked at
)

// New makes a sender.
func New(p Params) (*Sender, error) {
	if p.Store == nil || p.HQ == nil || p.Now == nil {
		return nil, errors.New("upload: Store, HQ and Now are required")
	}
	if p.Backoff <= 0 {
		p.Backoff = 2 * time.Second
	}
	if p.MaxBackoff <= 0 {
		p.MaxBackoff = 5 * time.Minute
	}
	p.MaxBackoff = max(p.MaxBackoff, 2*p.Backoff)
	if p.Recheck <= 0 {
		p.Recheck = 10 * time.Minute
	}
	return &Sender{p: p}, nil
}

// Flush sends what waits and is due, and tries three times where HQ cannot be
// reached or does not say yes or no. The report holds also with an error, which
// is why the rest waits on.
func (s *Sender) Flush(ctx context.Context) (Report, error) {
	const tries = 3
	var sum Report
	again := s.policy(tries, func(err error) bool { return fault.KindOf(err) == fault.Unreachable })
	err := failsafe.With(again).WithContext(ctx).Run(func() error { return s.pass(ctx, &sum) })
	return sum, stopped(err)
}

// Run sends until ctx ends, whenever something is put into the queue.
func (s *Sender) Run(ctx context.Context) {
	always := s.policy(-1, func(error) bool { return ctx.Err() == nil })
	for ctx.Err() == nil {
		_ = failsafe.With(always).WithContext(ctx).Run(func() error {
			err := s.pass(ctx, new(Report))
			s.tell(ctx, err)
			return err
		})
		look := time.NewTimer(s.p.Recheck)
		select {
		case <-s.p.Store.UploadsAdded():
		case <-look.C:
		case <-ctx.Done():
		}
		look.Stop()
	}
}

func (s *Sender) policy(tries int, worth func(error) bool) retrypolicy.RetryPolicy[any] {
	return retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return err != nil && worth(err) }).
		WithMaxAttempts(tries).
		WithBackoff(s.p.Backoff, s.p.MaxBackoff).
		WithJitterFactor(.25).
		ReturnLastFailure().
		Build()
}

func (s *Sender) tell(ctx context.Context, err error) {
	code := fault.CodeOf(err)
	if s.p.OnHeld == nil || ctx.Err() != nil || code == s.last {
		return
	}
	s.last = code
	s.p.OnHeld(err)
}

// stopped words the end of ctx between two tries.
func stopped(err error) error {
	if err == nil || fault.CodeOf(err) != "" {
		return err
	}
	return fault.Wrap(err, fault.Unreachable, "upload.stopped", "The upload to HQ was stopped; what waits is sent another time.")
}

// pass goes through the queue until nothing is due, or until HQ is the reason
// to stop.
func (s *Sender) pass(ctx context.Context, sum *Report) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return stopped(err)
		}
		front, err := s.p.Store.UploadFront(ctx, s.p.Now(), window)
		if err != nil || len(front) == 0 {
			return err
		}
		batch, settled := s.pack(front)
		if len(settled) > 0 {
			if err := s.settle(ctx, settled, sum); err != nil {
				return err
			}
			sum.Empty += count(settled, Done)
			continue
		}
		if err := s.deliver(ctx, batch, sum); err != nil {
			return err
		}
	}
}

// Parcel is an item as it goes into a request.
type Parcel struct {
	Item Item
	Body []byte // a JSON array
	Rows int
}

// pack takes from the front what goes into one request: the first item, and if
// it is fresh, those of the same part that are fresh too. Items that need no
// request, or cannot be written, are settled instead.
func (s *Sender) pack(front []Item) (batch []Parcel, settled []Outcome) {
	rows := 0
	for _, item := range front {
		if item.Part != front[0].Part {
			continue
		}
		if len(batch) > 0 && !item.fresh() {
			break
		}
		p, err := s.wrap(item)
		if err != nil || p.Rows == 0 {
			if len(batch) > 0 {
				break // its turn comes
			}
			return nil, []Outcome{item.unsendable(err)}
		}
		if len(batch) > 0 && rows+p.Rows > maxRows {
			break
		}
		batch, rows = append(batch, p), rows+p.Rows
		if !item.fresh() {
			break
		}
	}
	return batch, nil
}

// wrap writes an item down. What may have arrived is never written anew.
func (s *Sender) wrap(item Item) (Parcel, error) {
	if item.Open && item.Body != nil {
		return Parcel{item, item.Body, 1}, nil
	}
	b, err := Build(item.Sale, s.p.Rules)
	if err != nil {
		return Parcel{}, err
	}
	body, rows, err := s.p.HQ.Encode(item.Part, b)
	return Parcel{item, body, rows}, err
}

func (i Item) unsendable(err error) Outcome {
	o := Outcome{Seq: i.Seq, State: Done, Tries: i.Tries, Unclear: i.Unclear}
	if err != nil {
		o.State, o.Open, o.Words = Parked, i.Open, err.Error()
	}
	return o
}

// deliver sends one request. That it is about to be sent is durable before a
// byte leaves; what became of it is recorded even if ctx has ended meanwhile.
func (s *Sender) deliver(ctx context.Context, batch []Parcel, sum *Report) error {
	attempts := make([]Attempt, len(batch))
	for i, p := range batch {
		attempts[i] = Attempt{p.Item.Seq, p.Body}
	}
	if err := s.p.Store.BeginUpload(ctx, attempts, s.p.Now()); err != nil {
		return err
	}
	a := s.p.HQ.Send(ctx, batch[0].Item.Part, join(batch))
	v, now := judge(a), s.p.Now()
	outcomes := make([]Outcome, len(batch))
	for i, p := range batch {
		outcomes[i] = p.Item.outcome(v, a, len(batch) == 1, now)
	}
	if err := s.settle(ctx, outcomes, sum); err != nil {
		return err
	}
	if v == already {
		sum.Already += count(outcomes, Done)
	}
	return held(v, a, outcomes[0])
}

func (s *Sender) settle(ctx context.Context, outcomes []Outcome, sum *Report) error {
	if err := s.p.Store.SettleUpload(context.WithoutCancel(ctx), outcomes, s.p.Now()); err != nil {
		return err
	}
	sum.Done += count(outcomes, Done)
	sum.Parked += count(outcomes, Parked)
	for _, o := range outcomes {
		if !o.Due.IsZero() {
			sum.Aside++
		}
	}
	return nil
}

func count(outcomes []Outcome, s State) (n int) {
	for _, o := range outcomes {
		if o.State == s {
			n++
		}
	}
	return n
}

// join makes one array of several. A request of one item is its bytes as kept.
func join(batch []Parcel) []byte {
	inner := make([][]byte, len(batch))
	for i, p := range batch {
		inner[i] = bytes.TrimSuffix(bytes.TrimPrefix(p.Body, []byte("[")), []byte("]"))
	}
	return append(append([]byte("["), bytes.Join(inner, []byte(","))...), ']')
}

// Preview is what the next requests of the first items would hold. Nothing is
// sent or recorded. Err of a parcel that cannot be written ends the list.
func (s *Sender) Preview(ctx context.Context, limit int) ([]Parcel, error) {
	front, err := s.p.Store.UploadFront(ctx, s.p.Now(), limit)
	parcels := make([]Parcel, 0, len(front))
	for _, item := range front {
		p, wrapErr := s.wrap(item)
		if wrapErr != nil {
			return parcels, wrapErr
		}
		parcels = append(parcels, p)
	}
	return parcels, err
}
