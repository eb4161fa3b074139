package simulate

import "iter"

// crew are coroutines that carry out one task after another: their stacks have
// grown already, and a schedule needs a dozen. A crew is one goroutine's.
type crew struct{ idle []*hand }

// hand is a coroutine.
type hand struct {
	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	do     func()
	over   bool // it has carried out what it was given
	broken any  // what that panicked with
}

// powerCut unwinds a task when the power goes.
type powerCut struct{}

// hire gives a task to a hand that has none.
func (c *crew) hire(do func()) *hand {
	var h *hand
	if n := len(c.idle); n > 0 {
		h, c.idle = c.idle[n-1], c.idle[:n-1]
	} else {
		h = &hand{}
		h.resume, h.stop = iter.Pull(func(yield func(struct{}) bool) {
			h.yield = yield
			for {
				h.carryOut()
				if !yield(struct{}{}) {
					return
				}
			}
		})
	}
	h.do, h.over, h.broken = do, false, nil
	return h
}

func (h *hand) carryOut() {
	defer func() {
		h.over, h.do = true, nil
		if r := recover(); r != nil && r != (powerCut{}) {
			h.broken = r
		}
	}()
	h.do()
}

// free takes back a hand whose task is over.
func (c *crew) free(h *hand) { c.idle = append(c.idle, h) }

// dismiss ends the coroutines.
func (c *crew) dismiss() {
	for _, h := range c.idle {
		h.stop()
	}
	c.idle = nil
}
