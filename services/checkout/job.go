package checkout

import "sync"

// job is a sale the desk is working on. One task carries it out; what others
// see of it is behind mu.
type job struct {
	mu      sync.Mutex
	sale    Sale
	aside   bool              // it has held the counter for long enough
	changed chan struct{}     // closed and replaced at every change
	running bool              // something automatic is left that is worth waiting for
	alive   bool              // its task has not ended
	cancel  bool              // the cashier wants out of the open leg
	retired bool              // a person has decided; the task has nothing more to do
	nudge   chan struct{}     // wakes the task to look at cancel and retired
	secrets map[string]string // by leg id; gone with the job
	looked  chan struct{}     // closed when a recovered leg has been looked at once
	qr      string            // what the customer scans to pay the open leg
	err     error             // why the open leg could not be begun
	front   bool              // it was begun at the counter
	hurry   bool              // somebody wants to know now
	fresh   chan struct{}     // closed by the next look that nobody had before; nil where nobody waits
	trouble error
}

func (j *job) Sale() Sale {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.sale
}

func (j *job) isAlive() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.alive
}

func (j *job) isRetired() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.retired
}

// retire ends the work on the job: another hand has the sale.
func (j *job) retire() {
	j.mu.Lock()
	j.retired = true
	j.mu.Unlock()
	j.wake()
}

func (j *job) wantsOut() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.cancel
}

// sentBefore reports that an earlier try of the leg may have left the till.
func (j *job) sentBefore(legID string) bool {
	l, _ := j.Sale().leg(func(l Leg) bool { return l.ID == legID })
	return l.SentOnce
}

// atCounter reports that a customer stands before a sale that needs another tender.
func (j *job) atCounter() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.front && !j.aside && !j.retired && j.sale.Kind == Goods && j.sale.State == Tendering
}

// lookNow asks for a look at once. What it returns is closed when that has been
// taken, or none will come.
func (j *job) lookNow() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fresh == nil {
		j.fresh = make(chan struct{})
	}
	fresh := j.fresh
	if !j.alive {
		close(j.fresh)
		j.fresh = nil
		return fresh
	}
	j.hurry = true
	j.wake()
	return fresh
}

// hurried takes up what lookNow asks for.
func (j *job) hurried() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	was := j.hurry
	j.hurry = false
	return was
}

// answered tells who waits that the provider was asked.
func (j *job) answered() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fresh != nil && (!j.hurry || !j.alive) {
		close(j.fresh)
		j.fresh = nil
	}
}

func (j *job) wake() {
	select {
	case j.nudge <- struct{}{}:
	default:
	}
}

func (j *job) sawOnce() {
	j.mu.Lock()
	defer j.mu.Unlock()
	select {
	case <-j.looked:
	default:
		close(j.looked)
	}
}

// update changes the job and wakes whoever waits for it.
func (j *job) update(change func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change()
	close(j.changed)
	j.changed = make(chan struct{})
}
