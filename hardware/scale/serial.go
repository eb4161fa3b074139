package scale

import (
	"cmp"
	"context"
	"sync"
	"time"

	"cashier/hardware/serialport"
	"cashier/services/fault"
)

// Times of a connection.
const (
	DefaultSilence = time.Second // without a frame a scale that was online is lost
	patience       = 2 * time.Second
	reopenAfter    = 10 * time.Second // of silence: the adapter may be what hangs
	readWait       = 50 * time.Millisecond
	askEvery       = 150 * time.Millisecond
	answerWithin   = 400 * time.Millisecond
	tellEvery      = 100 * time.Millisecond // news of a moving weight
)

// Params are what a scale needs.
type Params struct {
	Port     string            // "" leaves the scale off
	Protocol string            // a name of Protocols; required unless Port is ""
	Unit     string            // of a protocol that tells none: kg, g, 斤, 两; "" is kg
	Baud     int               // 0 is the protocol's own
	Opener   serialport.Opener // nil is serialport.System
	Clock    serialport.Clock  // nil is the machine's
	Rand     func(int64) int64 // jitter of the reconnection; nil is math/rand

	Silence time.Duration // 0 is DefaultSilence
	Hold    time.Duration // how long a weight must be repeated; 0 is DefaultHold, longer for a protocol without a sign of rest

	// OnNews, if set, is called on the scale's goroutine at every change; while a
	// weight moves, ten times a second at most. It must return soon and must not
	// call Close.
	OnNews func(News)
	// OnBytes, if set, sees what came from the line, on the same goroutine. It
	// must not keep the slice.
	OnBytes func([]byte)
}

// Serial is a scale on a serial port.
type Serial struct {
	params     Params
	protocol   Protocol
	supervisor *serialport.Supervisor
	cancel     context.CancelFunc
	done       chan struct{}

	mu       sync.Mutex
	news     News
	counters Counters
	conn     serialport.Conn // nil while there is none

	// Used on the scale's goroutine only.
	decoder *Decoder
	settle  settler
	told    News
	toldAt  time.Time
	asked   time.Time
	waiting bool // for the answer to what was asked
}

var _ Scale = (*Serial)(nil)

// Start starts a scale on a goroutine of its own, which ends with ctx or by
// Close. A port that is not there yet is no error: it is looked for. It fails
// with "scale.protocol", "scale.unit" or "serial.settings".
func Start(ctx context.Context, p Params) (*Serial, error) {
	s := &Serial{params: p, done: make(chan struct{})}
	if s.params.Clock == nil {
		s.params.Clock = serialport.SystemClock{}
	}
	if s.params.Opener == nil {
		s.params.Opener = serialport.System{Clock: p.Clock}
	}
	s.params.Silence = cmp.Or(p.Silence, DefaultSilence)
	line, err := s.choose()
	if err != nil {
		return nil, err
	}
	s.supervisor, err = serialport.NewSupervisor(serialport.SupervisorParams{
		Opener: s.params.Opener, Port: line, Serve: s.serve, OnStatus: s.status, Clock: s.params.Clock, Rand: p.Rand,
	})
	if err != nil {
		return nil, err
	}
	s.news.Since = s.params.Clock.Now()
	ctx, s.cancel = context.WithCancel(ctx)
	go func() {
		defer close(s.done)
		s.supervisor.Run(ctx)
	}()
	return s, nil
}

// choose finds the protocol and with it how the line is set.
func (s *Serial) choose() (serialport.Params, error) {
	p := s.params
	if p.Port == "" {
		return serialport.Params{}, nil
	}
	var err error
	if s.protocol, err = Find(p.Protocol); err != nil {
		return serialport.Params{}, err
	}
	if p.Unit != "" {
		if _, err := (amount{digits: 1}).grams(p.Unit); err != nil {
			return serialport.Params{}, err
		}
	}
	hold := DefaultHold
	if s.protocol.Flagless {
		hold = flaglessHold
	}
	s.decoder = s.protocol.NewDecoder(p.Unit)
	s.settle.hold = cmp.Or(p.Hold, hold)
	line := s.protocol.Line
	line.Port, line.ReadTimeout = p.Port, readWait
	line.Baud = cmp.Or(p.Baud, line.Baud)
	return line, nil
}

// Latest is how the scale stands; see News.
func (s *Serial) Latest() News {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news
}

// Counters is what happened since the start.
func (s *Serial) Counters() Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counters
}

// Close stops the scale and waits until its goroutine has ended. It never fails.
func (s *Serial) Close() error {
	s.cancel()
	<-s.done
	return nil
}

// Tare tells the scale to take off what lies on it; see Scale.
func (s *Serial) Tare(ctx context.Context) error { return s.command(ctx, s.protocol.tare, "tare") }

// Zero tells the scale to zero; see Scale.
func (s *Serial) Zero(ctx context.Context) error { return s.command(ctx, s.protocol.zero, "zero") }

func (s *Serial) command(ctx context.Context, bytes []byte, what string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	switch {
	case conn == nil:
		return awayFault()
	case bytes == nil:
		return commandFault(what)
	}
	_, err := conn.Write(bytes)
	return err
}

// status hears of the port. Opening it is no news: a scale is found when it
// speaks.
func (s *Serial) status(st serialport.Status) {
	switch st.State {
	case serialport.Disabled:
		s.stand(Off, nil)
	case serialport.Searching:
		s.stand(Searching, cmp.Or(st.Err, awayFault()))
	case serialport.Lost:
		s.gone(cmp.Or(st.Err, quietFault()))
	case serialport.Online:
	}
}

// gone is a connection that ended, or that nothing comes from any more.
func (s *Serial) gone(err error) {
	link := s.Latest().Link
	switch {
	case link == Online, link == Lost:
		s.stand(Lost, err)
	case fault.CodeOf(err) == codeSilent:
		s.stand(Silent, err)
	default:
		s.stand(Searching, err)
	}
}

// serve reads one connection until it is gone.
func (s *Serial) serve(ctx context.Context, conn serialport.Conn) error {
	s.setConn(conn)
	defer s.setConn(nil)
	defer s.decoder.Reset()
	s.settle.interrupt()
	heard := s.params.Clock.Now()
	s.asked, s.waiting = time.Time{}, false
	buf := make([]byte, 512)
	for ctx.Err() == nil {
		if err := s.ask(conn); err != nil {
			return err
		}
		n, err := conn.Read(buf)
		now := s.params.Clock.Now()
		if n > 0 {
			understood, werr := s.take(conn, buf[:n], now)
			if understood {
				heard = now
			}
			if werr != nil {
				return werr
			}
		}
		if err != nil {
			return err
		}
		if err := s.silence(now.Sub(heard)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Serial) setConn(conn serialport.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = conn
}

// ask asks a polled scale for its weight when it is time to.
func (s *Serial) ask(conn serialport.Conn) error {
	if !s.protocol.Polled {
		return nil
	}
	now := s.params.Clock.Now()
	since := now.Sub(s.asked)
	if since < askEvery || s.waiting && since < answerWithin {
		return nil
	}
	s.asked, s.waiting = now, true
	_, err := conn.Write(s.protocol.ask)
	return err
}

// silence says what it means that nothing was understood for so long.
func (s *Serial) silence(long time.Duration) error {
	switch link := s.Latest().Link; {
	case link == Online && long >= s.params.Silence:
		s.settle.interrupt()
		s.gone(quietFault())
	case link == Searching && long >= patience:
		s.gone(silentFault(s.params.Port, s.protocol.Name))
	}
	if long >= reopenAfter {
		return s.Latest().Err
	}
	return nil
}

// take decodes what was read. It reports whether any of it was understood.
func (s *Serial) take(conn serialport.Conn, b []byte, now time.Time) (understood bool, err error) {
	if s.params.OnBytes != nil {
		s.params.OnBytes(b)
	}
	for _, f := range s.decoder.Feed(b) {
		s.count(f)
		if f.Ready {
			if _, err := conn.Write(s.protocol.more); err != nil {
				return understood, err
			}
			continue
		}
		understood, s.waiting = true, false
		s.weigh(f, now)
	}
	return understood, nil
}

func (s *Serial) count(f Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.Frames++
	s.counters.Noise += uint64(f.Noise)
}

// weigh makes news of a frame.
func (s *Serial) weigh(f Frame, now time.Time) {
	news := s.Latest()
	if news.Link != Online {
		news.Link, news.Since = Online, now
	}
	news.Err, news.Reading, news.Settled = f.Err, f.Reading, false
	if f.Err != nil {
		s.settle.interrupt()
	} else {
		news.Settled = s.settle.add(f.Reading, f.Noise > 0, now)
	}
	news.Load, news.Ready = s.settle.loads, !s.settle.waiting
	s.tell(news, now)
}

func (s *Serial) stand(link Link, err error) {
	now := s.params.Clock.Now()
	news := News{Link: link, Since: now, Err: err, Load: s.Latest().Load}
	s.mu.Lock()
	if s.news.Link == link {
		news.Since = s.news.Since
	} else if link == Lost {
		s.counters.Losses++
	}
	s.mu.Unlock()
	s.settle.interrupt()
	s.tell(news, now)
}

// tell makes news the latest, and has it heard where it differs from what was
// heard last. Only the number of a moving weight may wait for the next frame.
func (s *Serial) tell(news News, now time.Time) {
	s.mu.Lock()
	s.news = news
	s.mu.Unlock()
	moving := news.Link == Online && s.told.Link == Online && !news.Settled && !s.told.Settled
	if news.same(s.told) || moving && now.Sub(s.toldAt) < tellEvery {
		return
	}
	s.told, s.toldAt = news, now
	if s.params.OnNews != nil {
		s.params.OnNews(news)
	}
}
