package serialport

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"cashier/services/fault"
)

// Back-off of the search for a port. A port that stayed online for settled was
// a good one, so the search for it starts over fast.
const (
	firstDelay = 250 * time.Millisecond
	lastDelay  = 5 * time.Second
	settled    = 10 * time.Second
)

// SupervisorParams are what a Supervisor needs.
type SupervisorParams struct {
	Opener Opener // required
	Port   Params // an empty Port.Port leaves the device disabled
	// Serve uses the connection until it fails or ctx ends, and returns why.
	// It must not close it. Required.
	Serve func(ctx context.Context, conn Conn) error
	// OnStatus, if set, is called on the Supervisor's goroutine whenever the
	// state or the fault in the way changes. It must return soon.
	OnStatus func(Status)
	Clock    Clock               // nil is SystemClock
	Rand     func(n int64) int64 // uniform in [0, n); nil is math/rand
}

// Supervisor keeps one device connected.
type Supervisor struct {
	params SupervisorParams

	mu     sync.Mutex
	status Status
}

// NewSupervisor refuses missing dependencies and, unless the device is
// disabled, unusable port settings ("serial.settings").
func NewSupervisor(p SupervisorParams) (*Supervisor, error) {
	if p.Opener == nil || p.Serve == nil {
		return nil, fault.New(fault.Internal, "serial.incomplete", "The device driver was put together wrongly. Call support.")
	}
	if p.Port.Port != "" {
		if err := p.Port.Check(); err != nil {
			return nil, err
		}
	}
	if p.Clock == nil {
		p.Clock = SystemClock{}
	}
	if p.Rand == nil {
		p.Rand = rand.Int64N
	}
	return &Supervisor{params: p, status: Status{State: Disabled, Since: p.Clock.Now()}}, nil
}

// Status is how the device stands now; any goroutine may ask.
func (s *Supervisor) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Run searches, serves and searches again until ctx ends. It runs on the
// caller's goroutine, at most once, and has closed the port when it returns.
func (s *Supervisor) Run(ctx context.Context) {
	if s.params.Port.Port == "" {
		s.report(Disabled, nil)
		<-ctx.Done()
		return
	}
	defer s.report(Disabled, nil)
	s.report(Searching, nil)
	for delay := firstDelay; ctx.Err() == nil; delay = min(2*delay, lastDelay) {
		if s.attempt(ctx) >= settled {
			delay = firstDelay
		}
		if !s.pause(ctx, delay) {
			return
		}
	}
}

// attempt opens the port and serves it; it returns how long it was online.
func (s *Supervisor) attempt(ctx context.Context) time.Duration {
	conn, err := s.params.Opener.Open(ctx, s.params.Port)
	if err != nil {
		s.tried(ctx, err)
		return 0
	}
	s.report(Online, nil)
	began := s.params.Clock.Now()
	err = s.params.Serve(ctx, conn)
	online := s.params.Clock.Now().Sub(began)
	if cerr := conn.Close(); err == nil {
		err = cerr
	}
	if ctx.Err() == nil {
		s.report(Lost, err)
	}
	return online
}

// pause waits delay less up to a quarter, so that tills that lost a hub
// together do not knock together. It is false when ctx ended.
func (s *Supervisor) pause(ctx context.Context, delay time.Duration) bool {
	delay -= time.Duration(s.params.Rand(int64(delay / 4)))
	select {
	case <-ctx.Done():
		return false
	case <-s.params.Clock.After(delay):
		return true
	}
}

// tried notes a failed attempt to open. The screen hears of it only when the
// reason is a new one.
func (s *Supervisor) tried(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	known := s.status.Err != nil && fault.CodeOf(s.status.Err) == fault.CodeOf(err)
	s.status.Err = err
	s.status.Tries++
	status := s.status
	s.mu.Unlock()
	if !known {
		s.tell(status)
	}
}

func (s *Supervisor) report(state State, err error) {
	status := Status{State: state, Since: s.params.Clock.Now(), Err: err}
	s.mu.Lock()
	s.status = status
	s.mu.Unlock()
	s.tell(status)
}

func (s *Supervisor) tell(status Status) {
	if s.params.OnStatus != nil {
		s.params.OnStatus(status)
	}
}
