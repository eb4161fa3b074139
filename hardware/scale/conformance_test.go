package scale_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"cashier/hardware/scale"
	"cashier/hardware/scale/scalesim"
	"cashier/hardware/serialport/memport"
	"cashier/services/fault"
	"cashier/services/money"
)

// bench is what the suite needs of a simulated scale.
type bench interface {
	Put(money.Grams)
	Move(bool)
	Overload(bool)
	Mute(bool)
	Pounds(bool)
	Write(raw []byte) error
	Unplug() error
	Replug() error
}

// rig is a scale under test with what stands on the counter.
type rig struct {
	bench
	protocol scale.Protocol
	params   scale.Params
	news     <-chan scale.News
}

// conformance is what a scale of any protocol on any port must do.
var conformance = map[string]func(t *testing.T, r *rig){
	"a load settles, once": func(t *testing.T, r *rig) {
		start(t, r)
		r.Put(1234)
		n := await(t, r, "1234 g", sells(1234))
		if n.Load != 1 || n.Link != scale.Online {
			t.Errorf("%+v", n)
		}
		r.Put(0)
		await(t, r, "an empty platform", func(n scale.News) bool { return n.Ready })
		r.Put(500)
		if n := await(t, r, "500 g", sells(500)); n.Load != 2 {
			t.Errorf("the second thing is number %d", n.Load)
		}
		r.Put(750) // more, without the platform having been empty
		if n := await(t, r, "750 g", sells(750)); n.Load != 2 {
			t.Errorf("what was added to it is number %d", n.Load)
		}
	},
	"a moving weight is not sold by": func(t *testing.T, r *rig) {
		s := start(t, r)
		r.Put(1000)
		r.Move(true)
		await(t, r, "any reading", func(n scale.News) bool { return n.Link == scale.Online })
		if s.Latest().Settled {
			t.Error("settled while moving")
		}
		r.Move(false)
		await(t, r, "1000 g at rest", sells(1000))
	},
	"an empty platform and a lifted one are not sold by": func(t *testing.T, r *rig) {
		start(t, r)
		await(t, r, "an empty platform", empty)
		r.Put(-200)
		await(t, r, "below zero", func(n scale.News) bool { return n.Reading.Under && !n.Settled })
	},
	"more than it can weigh": func(t *testing.T, r *rig) {
		if r.protocol.Name == "yaohua" || r.protocol.Name == "yaohua-eq" || r.protocol.Name == "yaohua-eq2" {
			t.Skip("the protocol has no sign for it")
		}
		start(t, r)
		r.Put(1000)
		await(t, r, "1000 g", sells(1000))
		r.Overload(true)
		n := await(t, r, "overload", func(n scale.News) bool { return n.Reading.Over })
		if n.Settled || n.Reading.Net != 0 {
			t.Errorf("%+v", n)
		}
		r.Overload(false)
		await(t, r, "1000 g again", sells(1000))
	},
	"one that falls silent is lost, and found again": func(t *testing.T, r *rig) {
		s := start(t, r)
		r.Put(1000)
		await(t, r, "1000 g", sells(1000))
		r.Mute(true)
		n := await(t, r, "the loss", func(n scale.News) bool { return n.Link == scale.Lost })
		if fault.CodeOf(n.Err) != "scale.quiet" || n.Settled || n.Reading != (scale.Reading{}) {
			t.Errorf("%+v", n)
		}
		if l := s.Latest(); l.Settled || l.Link != scale.Lost {
			t.Errorf("latest %+v", l)
		}
		r.Mute(false)
		await(t, r, "1000 g again", sells(1000))
		if c := s.Counters(); c.Losses != 1 || c.Frames == 0 {
			t.Errorf("%+v", c)
		}
	},
	"the cable comes out": func(t *testing.T, r *rig) {
		start(t, r)
		r.Put(1000)
		await(t, r, "1000 g", sells(1000))
		for range 2 {
			must(t, r.Unplug())
			n := await(t, r, "the loss", func(n scale.News) bool { return n.Link == scale.Lost })
			if n.Err == nil || n.Settled {
				t.Errorf("%+v", n)
			}
			must(t, r.Replug())
			await(t, r, "1000 g again", sells(1000))
		}
	},
	"a scale that is switched on later is found": func(t *testing.T, r *rig) {
		must(t, r.Unplug())
		s := start(t, r)
		await(t, r, "the search", func(n scale.News) bool {
			return n.Link == scale.Searching && fault.CodeOf(n.Err) == "serial.missing"
		})
		if err := s.Tare(t.Context()); fault.CodeOf(err) != "scale.away" {
			t.Errorf("tare: %v", err)
		}
		must(t, r.Replug())
		r.Put(300)
		await(t, r, "300 g", sells(300))
	},
	"a port where no such scale speaks": func(t *testing.T, r *rig) {
		r.Mute(true)
		start(t, r)
		must(t, r.Write([]byte("hello\r\nthis is a modem\r\n")))
		n := await(t, r, "that nothing is understood", func(n scale.News) bool { return n.Link == scale.Silent })
		if fault.CodeOf(n.Err) != "scale.silent" {
			t.Errorf("%+v", n)
		}
		r.Mute(false)
		r.Put(300)
		await(t, r, "300 g", sells(300))
	},
	"noise never makes a weight": func(t *testing.T, r *rig) {
		start(t, r)
		r.Put(1000)
		await(t, r, "1000 g", sells(1000))
		random := rand.New(rand.NewPCG(1, 2))
		for range 40 {
			noise := make([]byte, random.IntN(60))
			for i := range noise {
				noise[i] = byte(random.Uint32())
			}
			must(t, r.Write(noise))
			select {
			case n := <-r.news:
				if n.Settled && n.Reading.Net != 1000 {
					t.Fatalf("sells %+v", n)
				}
			default:
			}
		}
		r.Put(2000)
		for n := range r.news {
			if n.Settled && n.Reading.Net == 2000 {
				return
			}
			if n.Settled && n.Reading.Net != 1000 {
				t.Fatalf("sells %+v", n)
			}
		}
	},
	"tare and zero": func(t *testing.T, r *rig) {
		s := start(t, r)
		r.Put(200)
		await(t, r, "200 g", sells(200))
		if !r.protocol.CanTare() {
			for _, err := range []error{s.Tare(t.Context()), s.Zero(t.Context())} {
				if fault.CodeOf(err) != "scale.no_command" {
					t.Errorf("got %v", err)
				}
			}
			return
		}
		must(t, s.Tare(t.Context()))
		await(t, r, "nothing but the tare", func(n scale.News) bool { return n.Link == scale.Online && n.Reading.Net == 0 && n.Reading.Stable })
		r.Put(700)
		await(t, r, "500 g net", sells(500))
		must(t, s.Zero(t.Context()))
		await(t, r, "zero", empty)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Tare(gone); err == nil {
			t.Error("a command that was given up was sent")
		}
	},
	"pounds are refused": func(t *testing.T, r *rig) {
		if r.protocol.Unitless {
			t.Skip("the protocol tells no unit")
		}
		r.Pounds(true)
		start(t, r)
		r.Put(1000)
		n := await(t, r, "the fault", func(n scale.News) bool { return n.Err != nil && n.Link == scale.Online })
		if fault.CodeOf(n.Err) != "scale.unit" || n.Settled || n.Reading.Net != 0 {
			t.Errorf("%+v", n)
		}
		r.Pounds(false)
		await(t, r, "1000 g", sells(1000))
	},
	"the end of its context stops it": func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(t.Context())
		s := startIn(ctx, t, r)
		r.Put(1000)
		await(t, r, "1000 g", sells(1000))
		cancel()
		await(t, r, "off", func(n scale.News) bool { return n.Link == scale.Off })
		must(t, s.Close())
	},
}

func sells(g money.Grams) func(scale.News) bool {
	return func(n scale.News) bool { return n.Settled && n.Reading.Net == g }
}

func empty(n scale.News) bool {
	return n.Link == scale.Online && n.Reading.Zero && n.Reading.Stable && !n.Settled
}

// inVain guards against a test that would wait for ever.
const inVain = 30 * time.Second

func await(t *testing.T, r *rig, what string, is func(scale.News) bool) scale.News {
	t.Helper()
	guard := time.After(inVain)
	for {
		select {
		case n := <-r.news:
			if n.Settled && (n.Link != scale.Online || !n.Reading.Stable || n.Reading.Over || n.Reading.Net <= 0 || n.Err != nil) {
				t.Fatalf("sold by: %+v", n)
			}
			if is(n) {
				return n
			}
		case <-guard:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func start(t *testing.T, r *rig) *scale.Serial {
	t.Helper()
	return startIn(t.Context(), t, r)
}

func startIn(ctx context.Context, t *testing.T, r *rig) *scale.Serial {
	t.Helper()
	news := make(chan scale.News, 4096)
	r.news = news
	r.params.Protocol = r.protocol.Name
	r.params.OnNews = func(n scale.News) { news <- n }
	s, err := scale.Start(ctx, r.params)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// memBench is a simulated scale at a cable in memory, spoken for by a goroutine
// that lives in the test's virtual time.
type memBench struct {
	*scalesim.Device
	port *memport.Port
	stop chan struct{}
}

func (b memBench) Write(raw []byte) error { return b.port.Send(raw) }
func (b memBench) Unplug() error          { b.port.Unplug(); return nil }
func (b memBench) Replug() error          { b.port.Replug(); return nil }

func (b memBench) run() {
	const listen, speak = 10 * time.Millisecond, 5
	heard := 0
	for turn := 0; ; turn++ {
		select {
		case <-b.stop:
			return
		case <-time.After(listen):
		}
		written := b.port.Written()
		if answer := b.Answer(written[heard:]); answer != nil {
			_ = b.port.Send(answer) // unplugged
		}
		heard = len(written)
		if frame := b.Frame(); frame != nil && turn%speak == 0 {
			_ = b.port.Send(frame)
		}
	}
}

func TestSerialInMemory(t *testing.T) {
	for _, p := range scale.Protocols() {
		for name, check := range conformance {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := memBench{scalesim.NewDevice(p.Name), memport.New(), make(chan struct{})}
					go b.run()
					defer close(b.stop)
					check(t, &rig{bench: b, protocol: p, params: scale.Params{Port: "mem", Opener: b.port}})
				})
			})
		}
	}
}

// A weight that goes on moving is never sold by, however long that takes.
func TestMovingNeverSettles(t *testing.T) {
	for _, p := range scale.Protocols() {
		synctest.Test(t, func(t *testing.T) {
			b := memBench{scalesim.NewDevice(p.Name), memport.New(), make(chan struct{})}
			go b.run()
			defer close(b.stop)
			b.Put(1000)
			b.Move(true)
			r := &rig{bench: b, protocol: p, params: scale.Params{Port: "mem", Opener: b.port}}
			s := start(t, r)
			time.Sleep(time.Minute)
			if c := s.Counters(); s.Latest().Link != scale.Online || c.Frames < 100 {
				t.Errorf("%s: %+v, %+v", p.Name, s.Latest(), c)
			}
			for len(r.news) > 0 {
				if n := <-r.news; n.Settled || n.Load > 0 {
					t.Fatalf("%s: %+v", p.Name, n)
				}
			}
		})
	}
}

// TestTimes holds the times to the millisecond, which only virtual time can.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := scale.Find("os2")
		must(t, err)
		port := memport.New()
		d := scalesim.NewDevice("os2")
		r := &rig{protocol: p, params: scale.Params{Port: "mem", Opener: port}}
		s := start(t, r)
		d.Put(1000)
		begun := time.Now()
		for i := range 5 {
			must(t, port.Send(d.Frame()))
			synctest.Wait()
			if got, want := s.Latest().Settled, i == 4; got != want {
				t.Errorf("after %v settled is %t", time.Since(begun), got)
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(849 * time.Millisecond) // 949 ms of silence
		synctest.Wait()
		if l := s.Latest(); l.Link != scale.Online {
			t.Errorf("lost too early: %+v", l)
		}
		time.Sleep(101 * time.Millisecond)
		synctest.Wait()
		if l := s.Latest(); l.Link != scale.Lost || l.Settled {
			t.Errorf("after more than a second of silence: %+v", l)
		}
	})
}

func TestStartRefuses(t *testing.T) {
	port := memport.New()
	for want, p := range map[string]scale.Params{
		"scale.protocol":  {Port: "mem", Opener: port, Protocol: "dahua"},
		"scale.unit":      {Port: "mem", Opener: port, Protocol: "yaohua", Unit: "lb"},
		"serial.settings": {Port: "mem", Opener: port, Protocol: "os2", Baud: 1},
	} {
		if _, err := scale.Start(t.Context(), p); fault.CodeOf(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestScaleThatIsOff(t *testing.T) {
	s, err := scale.Start(t.Context(), scale.Params{})
	must(t, err)
	if l := s.Latest(); l.Link != scale.Off {
		t.Errorf("%+v", l)
	}
	must(t, s.Close())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
