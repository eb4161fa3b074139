package pictures

import (
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	firstWait = 5 * time.Second
	longWait  = 5 * time.Minute
	// quiet is how many failures in a row mean that a host is down, and not
	// that it stumbles over one picture.
	quiet = 2
	// A picture whose host fails over it alone waits this long, doubling.
	firstRest = 30 * time.Second
	longRest  = time.Hour
	// mostResting bounds what is remembered of such pictures.
	mostResting = 4096
)

// hosts remembers who does not answer, so that a host that is down costs one
// question now and then, whatever is on the screen.
type hosts struct {
	now func() time.Time

	mu      sync.Mutex
	down    map[string]trouble
	resting map[key]trouble
}

type trouble struct {
	times int
	until time.Time
}

func newHosts(now func() time.Time) *hosts {
	return &hosts{now: now, down: map[string]trouble{}, resting: map[key]trouble{}}
}

// hostOf is where a reference leads, "" for HQ itself.
func hostOf(ref string) string {
	u, err := url.Parse(strings.ReplaceAll(strings.TrimSpace(ref), `\`, "/"))
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// ask reports whether a picture may be asked for now. Of a host that was down,
// one at a time may try.
func (h *hosts) ask(host string, k key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	if t, ok := h.resting[k]; ok && now.Before(t.until) {
		return false
	}
	t, ok := h.down[host]
	if !ok || t.times < quiet {
		return true
	}
	if now.Before(t.until) {
		return false
	}
	t.until = now.Add(wait(firstWait, longWait, t.times))
	h.down[host] = t
	return true
}

// mayAsk is ask without taking the turn.
func (h *hosts) mayAsk(host string, k key) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	if t, ok := h.resting[k]; ok && now.Before(t.until) {
		return false
	}
	t := h.down[host]
	return t.times < quiet || !now.Before(t.until)
}

// answered forgets what was held against a host.
func (h *hosts) answered(host string, k key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.down, host)
	delete(h.resting, k)
}

// failed notes that nothing came.
func (h *hosts) failed(host string, k key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	t := h.down[host]
	t.until = now.Add(wait(firstWait, longWait, t.times))
	t.times++
	h.down[host] = t
	if len(h.resting) >= mostResting {
		clear(h.resting)
	}
	r := h.resting[k]
	r.until = now.Add(wait(firstRest, longRest, r.times))
	r.times++
	h.resting[k] = r
}

// wait doubles with each failure.
func wait(first, most time.Duration, times int) time.Duration {
	return min(first<<min(times, 16), most)
}
