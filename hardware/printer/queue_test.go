package printer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/hardware/printer"
	"cashier/hardware/printer/printersim"
	"cashier/services/fault"
)

// shelf is a store in memory that outlives its queue.
type shelf struct {
	mu   sync.Mutex
	jobs []printer.Job
	full bool
}

func (s *shelf) Save(_ context.Context, j printer.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return errors.New("the disk is full")
	}
	if i := slices.IndexFunc(s.jobs, func(o printer.Job) bool { return o.ID == j.ID }); i >= 0 {
		s.jobs[i] = j
		return nil
	}
	s.jobs = append(s.jobs, j)
	return nil
}

func (s *shelf) Jobs(context.Context) ([]printer.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.jobs), nil
}

// device does what it is told, and remembers what it was sent.
type device struct {
	mu      sync.Mutex
	outcome func(job string) printer.Outcome
	sent    []string
	during  func()
}

func (d *device) Print(_ context.Context, job []byte) (printer.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.outcome(string(job))
	if out != printer.Nothing {
		d.sent = append(d.sent, string(job))
	}
	if d.during != nil {
		d.during()
	}
	switch out {
	case printer.Nothing:
		return out, fault.New(fault.Busy, "printer.no_paper", "no paper")
	case printer.Unknown:
		return out, fault.New(fault.Unknown, "printer.gone", "gone")
	default:
		return out, nil
	}
}

func always(o printer.Outcome) func(string) printer.Outcome {
	return func(string) printer.Outcome { return o }
}

func startQueue(t *testing.T, d printer.Device, s printer.Store) *printer.Queue {
	t.Helper()
	q, err := printer.StartQueue(t.Context(), printer.QueueParams{Device: d, Store: s})
	must(t, err)
	return q
}

func states(q *printer.Queue) string {
	out := ""
	for _, j := range q.Jobs() {
		out += fmt.Sprintf("%s %s %s;", j.ID, j.State, j.Code)
	}
	return out
}

func add(q *printer.Queue, ids ...string) {
	for _, id := range ids {
		q.Add(printer.Job{ID: id, Doc: []byte(id)})
	}
}

func TestQueue(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome func(string) printer.Outcome
		after   time.Duration
		want    string
		sent    []string
	}{
		"in order": {always(printer.Sent), 0, "a printed ;b printed ;c printed ;", []string{"a", "b", "c"}},
		"a printer that is not ready keeps them waiting": {always(printer.Nothing), time.Minute, "a waiting printer.no_paper;b waiting ;c waiting ;", nil},
		"but not for ever": {always(printer.Nothing), 6 * time.Minute, "a failed printer.late;b failed printer.late;c failed printer.late;", nil},
		"what may have left is not sent again": {func(job string) printer.Outcome {
			if job == "b" {
				return printer.Unknown
			}
			return printer.Confirmed
		}, time.Hour, "a printed ;b failed printer.gone;c printed ;", []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &device{outcome: tt.outcome}
				q := startQueue(t, d, &shelf{})
				add(q, "a", "b", "c", "a")
				time.Sleep(tt.after)
				synctest.Wait()
				if got := states(q); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				must(t, q.Close())
				if !slices.Equal(d.sent, tt.sent) {
					t.Errorf("sent %v, want %v", d.sent, tt.sent)
				}
			})
		})
	}
}

func TestQueueRetriesWhatNeverLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		d := &device{outcome: func(string) printer.Outcome {
			if tries++; tries < 4 {
				return printer.Nothing
			}
			return printer.Confirmed
		}}
		q := startQueue(t, d, &shelf{})
		add(q, "a")
		begun := time.Now()
		for states(q) != "a printed ;" {
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(begun).Round(time.Second); took != 16*time.Second {
			t.Errorf("after %v", took)
		}
		j := q.Jobs()[0]
		if j.Tries != 4 || !j.Confirmed || j.Reason != "" {
			t.Errorf("%+v", j)
		}
		must(t, q.Close())
	})
}

func TestQueueWithoutADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, s := &device{outcome: always(printer.Sent)}, &shelf{full: true}
		q := startQueue(t, d, s)
		add(q, "a")
		synctest.Wait()
		if got := states(q); got != "a waiting printer.unwritten;" || len(d.sent) > 0 {
			t.Errorf("%s, sent %v: what is not recorded must not be sent", got, d.sent)
		}
		s.mu.Lock()
		s.full = false
		s.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := states(q); got != "a printed ;" {
			t.Error(got)
		}
		must(t, q.Close())
	})
}

func TestQueueAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		s := &shelf{jobs: []printer.Job{
			{ID: "old", State: printer.Waiting, At: now.Add(-time.Hour), Doc: []byte("old")},
			{ID: "half", State: printer.Printing, At: now.Add(-time.Minute), Doc: []byte("half")},
			{ID: "done", State: printer.Printed, At: now.Add(-time.Minute), Doc: []byte("done")},
			{ID: "new", State: printer.Waiting, At: now.Add(-time.Minute), Doc: []byte("new")},
		}}
		d := &device{outcome: always(printer.Sent)}
		q := startQueue(t, d, s)
		synctest.Wait()
		if got, want := states(q), "old failed printer.late;half failed printer.interrupted;done printed ;new printed ;"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if !slices.Equal(d.sent, []string{"new"}) {
			t.Errorf("sent %v", d.sent)
		}
		must(t, q.Close())
	})
}

// What was added is kept though the till is closed before its turn.
func TestQueueKeepsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		d := &device{outcome: always(printer.Nothing)}
		q := startQueue(t, d, s)
		add(q, "a", "b")
		must(t, q.Close())
		d.outcome = always(printer.Sent)
		q = startQueue(t, d, s)
		synctest.Wait()
		if got := states(q); got != "a printed ;b printed ;" {
			t.Error(got)
		}
		must(t, q.Close())
	})
}

// Whatever the printer, the disk and the power do: no paper is sent twice.
func TestAtMostOnce(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random, person := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
			s, d := &shelf{}, &device{}
			var crash []printer.Job // what the disk held when the power went
			d.outcome = func(string) printer.Outcome {
				if crash != nil {
					return printer.Nothing // there is no power any more
				}
				return printer.Outcome(random.IntN(4))
			}
			d.during = func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.full = random.IntN(5) == 0
				if crash == nil && random.IntN(5) == 0 {
					crash = slices.Clone(s.jobs)
				}
			}
			for life := range 1 + person.IntN(4) {
				q, err := printer.StartQueue(context.Background(), printer.QueueParams{Device: d, Store: s})
				if err != nil {
					t.Fatal(err)
				}
				for i := range person.IntN(4) {
					add(q, fmt.Sprintf("%d-%d", life, i))
				}
				time.Sleep(time.Duration(person.IntN(601)) * time.Second)
				synctest.Wait()
				_ = q.Close()
				if s.full = false; crash != nil {
					s.jobs, crash = crash, nil
				}
			}
			slices.Sort(d.sent)
			if n := len(d.sent); n != len(slices.Compact(d.sent)) {
				t.Fatalf("seed %d, sent twice: %v", seed, d.sent)
			}
		})
	}
}

// A queue with a real printer: nothing of a sale waits for it.
func TestQueueAtAPrinter(t *testing.T) {
	sim, err := printersim.NewTCP()
	must(t, err)
	r := newRig(t, sim, true)
	changes := make(chan printer.Job, 100)
	q, err := printer.StartQueue(t.Context(), printer.QueueParams{Device: r.Printer, Store: &shelf{}, OnJob: func(j printer.Job) { changes <- j }})
	must(t, err)
	q.Add(printer.Job{ID: "a", Doc: printer.Render(doc(), printer.Paper{})})
	for j := range changes {
		if j.State == printer.Printed {
			break
		}
	}
	awaitPaper(t, sim, paper)
	must(t, q.Close())
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}
