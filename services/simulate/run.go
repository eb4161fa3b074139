package simulate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"cashier/services/checkout"
)

// Tier is how much of the till a schedule runs.
type Tier string

// The tiers.
const (
	TierCore     Tier = "core"     // the law alone: services/checkout/core.go
	TierServices Tier = "services" // the real desk over a simulated world
)

// mostEvents bounds the search for a shorter story: one that never ends is long.
const mostEvents = 5_000_000

// Every schedule has at least this much in it.
const (
	leastEvents = 20
	leastFaults = 3
)

// Options say what to run.
type Options struct {
	Tier    Tier
	Seeds   uint64
	First   uint64 // the first seed
	Workers int    // 0: one for each core
	Wrong   Mutant
	// Stopped says that no further schedule is begun; nil goes through all.
	Stopped func() bool
	// Open gives empty books for an epoch; nil keeps them in memory.
	Open func(epoch int64) (Books, error)

	crew *crew // of the goroutine that runs the schedule; nil hires one
}

// sparing is the collector's target while schedules run: they leave much behind
// and hold next to nothing, so that the usual one would collect without end.
const sparing = 1600

// Books are what a till of the second tier sells on.
type Books struct {
	Store checkout.Store
	Till  checkout.Till
	// Reopen opens them as a new process would, after the power was cut.
	Reopen func() (checkout.Store, error)
	// Close ends them. With audit it says what is wrong with them.
	Close func(audit bool) error
}

func inMemory(epoch int64) (Books, error) {
	m := NewMemory(checkout.Till{ID: "SMLATR", Epoch: epoch})
	return Books{
		Store: m, Till: m.Till(),
		Reopen: func() (checkout.Store, error) { return m, nil },
		Close:  func(bool) error { return nil },
	}, nil
}

// Report is what came of it.
type Report struct {
	Tier     Tier          `json:"tier"`
	Seeds    uint64        `json:"seeds"`
	Sales    uint64        `json:"sales"`
	Events   uint64        `json:"events"`
	Faults   uint64        `json:"faults"`
	Crashes  uint64        `json:"crashes"`
	Broken   uint64        `json:"violations"`
	Digest   string        `json:"digest"` // of everything that happened; the same seeds give the same
	Took     time.Duration `json:"tookNs"`
	PerCore  float64       `json:"perSecondAndCore"` //nolint:forbidigo // a figure of speed
	Failure  *Failure      `json:"failure,omitempty"`
	Coverage *Coverage     `json:"-"`
}

// Failure is the first seed that broke an invariant.
type Failure struct {
	Seed      uint64 `json:"seed"`
	Invariant int    `json:"invariant"` // 0: the till panicked
	Why       string `json:"why"`
	Choices   int    `json:"choices"` // of the shortest story found
	Story     string `json:"story"`
}

// String says what is broken, and how.
func (f *Failure) String() string { return (&Broken{f.Invariant, f.Why}).Error() }

// outcome is one schedule's.
type outcome struct {
	err                            error
	events, faults, crashes, sales int
	digest                         uint64
	choices                        []uint16
}

// Run goes through the seeds. The error is of the simulator itself; what it found
// is in the report. It stops at the first broken invariant.
func Run(o Options, now func() time.Duration) (Report, error) {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(sparing))
	began := now()
	r := Report{Tier: o.Tier, Coverage: newCoverage(o.Tier)}
	var mu sync.Mutex
	var next atomic.Uint64
	var digest uint64
	var broken error
	var group sync.WaitGroup
	for range o.Workers {
		group.Go(func() {
			o, seen := o, newCoverage(o.Tier)
			o.crew = &crew{}
			defer o.crew.dismiss()
			var sum Report
			var mixed uint64
			for {
				i := next.Add(1) - 1
				if i >= o.Seeds || o.Stopped != nil && o.Stopped() {
					break
				}
				seed := o.First + i
				out := schedule(o, seeded(seed), seen, nil)
				sum.Seeds++
				sum.Events += uint64(out.events)
				sum.Faults += uint64(out.faults)
				sum.Crashes += uint64(out.crashes)
				sum.Sales += uint64(out.sales)
				mixed ^= (out.digest ^ seed) * 0x9e3779b97f4a7c15
				if out.err != nil && o.Wrong.notices(out.err) {
					next.Store(o.Seeds)
					mu.Lock()
					r.Broken++
					if f, err := failure(o, seed, out); err != nil {
						broken = err
					} else if r.Failure == nil || f.Seed < r.Failure.Seed {
						r.Failure = f
					}
					mu.Unlock()
				}
			}
			mu.Lock()
			defer mu.Unlock()
			r.Seeds += sum.Seeds
			r.Events += sum.Events
			r.Faults += sum.Faults
			r.Crashes += sum.Crashes
			r.Sales += sum.Sales
			digest ^= mixed
			r.Coverage.add(seen)
		})
	}
	group.Wait()
	r.Digest = fmt.Sprintf("%016x", digest)
	r.Took = now() - began
	if s := r.Took.Seconds(); s > 0 {
		r.PerCore = float64(r.Seeds) / s / float64(o.Workers) //nolint:forbidigo // a figure of speed
	}
	return r, broken
}

// schedule runs one schedule.
func schedule(o Options, d *Draw, seen *Coverage, story io.Writer) outcome {
	if o.Tier == TierCore {
		return runCore(d, seen, story)
	}
	if o.crew == nil {
		o.crew = &crew{}
		defer o.crew.dismiss()
	}
	w := newWorld(o, d, seen, story)
	err := w.run(leastEvents, leastFaults)
	return outcome{err, w.events, d.faults, w.crashes, w.sold, w.digest, d.made}
}

func newWorld(o Options, d *Draw, seen *Coverage, story io.Writer) *world {
	t := newTasks(d, o.crew)
	b := &bank{draw: d, now: func() checkout.Instant { return t.mono }}
	n := &line{draw: d, bank: b}
	w := &world{
		draw: d, tasks: t, bank: b, line: n, story: story, wrong: o.Wrong, digest: 14695981039346656037,
		books: &books{bank: b, line: n, next: map[string]int64{}, count: seen.moved},
		open:  inMemory,
	}
	if o.Open != nil {
		w.open = o.Open
	}
	return w
}

// failure finds the shortest story of a failing seed and tells it.
func failure(o Options, seed uint64, out outcome) (*Failure, error) {
	var bad *Broken
	if !errors.As(out.err, &bad) {
		return nil, fmt.Errorf("seed %d: %w", seed, out.err)
	}
	played := 0
	short := shrink(out.choices, func(choices []uint16) bool {
		if played > mostEvents {
			return false
		}
		var again *Broken
		out := schedule(o, replayed(choices), newCoverage(o.Tier), nil)
		played += out.events
		return errors.As(out.err, &again) && again.Invariant == bad.Invariant
	})
	var story bytes.Buffer
	last := schedule(o, replayed(short), newCoverage(o.Tier), &story)
	if errors.As(last.err, &bad) {
		fmt.Fprintf(&story, "%14s%v\n", "", bad)
	}
	return &Failure{Seed: seed, Invariant: bad.Invariant, Why: bad.Why, Choices: len(short), Story: story.String()}, nil
}

// Tell replays one seed and writes its story.
func Tell(o Options, seed uint64, to io.Writer) (digest string, err error) {
	out := schedule(o, seeded(seed), newCoverage(o.Tier), to)
	return fmt.Sprintf("%016x", out.digest), out.err
}

// shrink makes the choices of a failing schedule fewer and more harmless as long
// as it still fails.
func shrink(choices []uint16, fails func([]uint16) bool) []uint16 {
	best, tries := trim(choices), 0
	try := func(c []uint16) bool {
		c = trim(c)
		if tries++; tries > 3000 || !fails(c) {
			return false
		}
		best = c
		return true
	}
	for improved := true; improved && tries <= 3000; {
		improved = false
		for size := max(1, len(best)/2); size >= 1; size /= 2 {
			for at := 0; at < len(best); {
				end := min(at+size, len(best))
				without := append(append([]uint16(nil), best[:at]...), best[end:]...)
				harmless := append([]uint16(nil), best...)
				clear(harmless[at:end])
				switch {
				case try(without), !same(harmless, best) && try(harmless):
					improved = true
				default:
					at += size
				}
			}
		}
	}
	return best
}

func same(a, b []uint16) bool { return string16(a) == string16(b) }

func string16(c []uint16) string { return fmt.Sprint(c) }

// trim leaves out the harmless end.
func trim(c []uint16) []uint16 {
	for len(c) > 0 && c[len(c)-1] == 0 {
		c = c[:len(c)-1]
	}
	return c
}
