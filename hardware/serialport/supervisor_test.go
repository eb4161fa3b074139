package serialport_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/hardware/serialport"
	"cashier/hardware/serialport/memport"
	"cashier/services/fault"
)

// stepClock passes every wait at once and remembers it.
type stepClock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
	after func(waits int)
}

func (c *stepClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stepClock) After(d time.Duration) <-chan time.Time {
	c.advance(d)
	c.mu.Lock()
	c.waits = append(c.waits, d)
	n := len(c.waits)
	c.mu.Unlock()
	if c.after != nil {
		c.after(n)
	}
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

func (c *stepClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type openerFunc func() (serialport.Conn, error)

func (f openerFunc) Open(context.Context, serialport.Params) (serialport.Conn, error) { return f() }

var errNone = fault.New(fault.Unreachable, "serial.missing", "none")

// TestBackoff drives the search through fourteen attempts: nothing there, then
// a port that lasts a moment, then one that lasts, then nothing again.
func TestBackoff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	clock := &stepClock{now: time.Unix(0, 0), after: func(n int) {
		if n == 14 {
			cancel()
		}
	}}
	port := memport.New()
	lasts := map[int]time.Duration{7: time.Second, 10: 10 * time.Second}
	attempt := 0
	s, err := serialport.NewSupervisor(serialport.SupervisorParams{
		Opener: openerFunc(func() (serialport.Conn, error) {
			if attempt++; lasts[attempt] == 0 {
				return nil, errNone
			}
			return port.Open(ctx, serialport.Params{Port: "mem"})
		}),
		Port: serialport.Params{Port: "mem"},
		Serve: func(context.Context, serialport.Conn) error {
			clock.advance(lasts[attempt])
			return memport.ErrUnplugged
		},
		Clock: clock,
		Rand:  func(int64) int64 { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Run(ctx)

	want := []time.Duration{
		250, 500, 1000, 2000, 4000, 5000, // searching
		5000, 5000, 5000, // a moment online is no reason to hurry
		250, 500, 1000, 2000, 4000, // ten seconds are
	}
	for i := range want {
		want[i] *= 1e6 // milliseconds
	}
	if diff := cmp.Diff(want, clock.waits); diff != "" {
		t.Error(diff)
	}
}

func TestJitterStaysWithinAQuarter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	clock := &stepClock{after: func(n int) {
		if n == 100 {
			cancel()
		}
	}}
	s, err := serialport.NewSupervisor(serialport.SupervisorParams{
		Opener: openerFunc(func() (serialport.Conn, error) { return nil, errNone }),
		Port:   serialport.Params{Port: "mem"},
		Serve:  func(context.Context, serialport.Conn) error { return nil },
		Clock:  clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Run(ctx)
	steady := clock.waits[5:]
	if low, high := slices.Min(steady), slices.Max(steady); low <= 3750*time.Millisecond || high > 5*time.Second || low == high {
		t.Errorf("steady waits from %v to %v", low, high)
	}
}

func TestSupervisorStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := memport.New()
		port.Unplug()
		statuses := make(chan serialport.Status, 16)
		s, err := serialport.NewSupervisor(serialport.SupervisorParams{
			Opener: port,
			Port:   serialport.Params{Port: "mem"},
			Serve: func(ctx context.Context, conn serialport.Conn) error {
				buf := make([]byte, 8)
				for ctx.Err() == nil {
					if _, err := conn.Read(buf); err != nil {
						return err
					}
				}
				return nil
			},
			OnStatus: func(st serialport.Status) { statuses <- st },
		})
		if err != nil {
			t.Fatal(err)
		}
		if st := s.Status(); st.State != serialport.Disabled {
			t.Errorf("before Run: %v", st.State)
		}
		expect := func(state serialport.State, code string) {
			t.Helper()
			if st := <-statuses; st.State != state || fault.CodeOf(st.Err) != code {
				t.Fatalf("%v, %q; want %v, %q", st.State, fault.CodeOf(st.Err), state, code)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.Run(ctx); close(ended) }()

		expect(serialport.Searching, "")
		expect(serialport.Searching, "serial.missing")
		time.Sleep(time.Minute)
		synctest.Wait()
		if st := s.Status(); st.Tries < 12 || time.Since(st.Since) != time.Minute {
			t.Errorf("after a minute: %d tries since %v", st.Tries, time.Since(st.Since))
		}
		if len(statuses) != 0 {
			t.Errorf("the same fault was told %d times more", len(statuses))
		}
		port.Refuse(fault.New(fault.Busy, "serial.busy", "busy"))
		expect(serialport.Searching, "serial.busy")
		port.Refuse(nil)
		port.Replug()
		expect(serialport.Online, "")
		port.Unplug()
		expect(serialport.Lost, "serial.gone")
		expect(serialport.Lost, "serial.missing")
		if n := port.Connections(); n != 0 {
			t.Errorf("%d connections to a lost device", n)
		}
		port.Replug()
		expect(serialport.Online, "")
		cancel()
		<-ended
		expect(serialport.Disabled, "")
		if n := port.Connections(); n != 0 {
			t.Errorf("%d connections after the end", n)
		}
		if len(statuses) != 0 {
			t.Errorf("%d statuses after the end", len(statuses))
		}
	})
}

func TestDisabledDeviceIsLeftAlone(t *testing.T) {
	var told []serialport.State
	s, err := serialport.NewSupervisor(serialport.SupervisorParams{
		Opener: openerFunc(func() (serialport.Conn, error) {
			t.Error("a disabled device was opened")
			return nil, errNone
		}),
		Serve:    func(context.Context, serialport.Conn) error { return nil },
		OnStatus: func(st serialport.Status) { told = append(told, st.State) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx)
	if !slices.Equal(told, []serialport.State{serialport.Disabled}) {
		t.Errorf("told %v", told)
	}
}

func TestSupervisorRefusesHalfAParcel(t *testing.T) {
	serve := func(context.Context, serialport.Conn) error { return nil }
	for _, p := range []serialport.SupervisorParams{
		{Serve: serve},
		{Opener: memport.New()},
		{Opener: memport.New(), Serve: serve, Port: serialport.Params{Port: "COM3", Baud: 1}},
	} {
		if _, err := serialport.NewSupervisor(p); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func TestFaultsStayReadable(t *testing.T) {
	_, err := serialport.System{}.Open(t.Context(), serialport.Params{Port: "no-such-port-here"})
	var f *fault.Error
	if !errors.As(err, &f) || f.Args["port"] != "no-such-port-here" || f.Cause == nil {
		t.Errorf("%#v", err)
	}
}
