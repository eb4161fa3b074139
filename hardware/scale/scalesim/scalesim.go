package scalesim

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cashier/hardware/serialport/pty"
)

// every is how often a scale sends what it shows.
const every = 50 * time.Millisecond

// Sim is a Device at the end of a cable.
type Sim struct {
	*Device
	pair *pty.Pair

	mu      sync.Mutex // of plugging
	plugged bool
	stop    chan struct{}
	running sync.WaitGroup
}

// ErrProtocol is of a protocol that no simulated scale speaks.
var ErrProtocol = errors.New("scalesim: no such protocol")

// New plugs a scale in at dir/ttyUSB1, making dir if it is not there.
func New(dir, protocol string) (*Sim, error) {
	device := NewDevice(protocol)
	if device == nil {
		return nil, ErrProtocol
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	pair, err := pty.Open(filepath.Join(dir, "ttyUSB1"))
	if err != nil {
		return nil, err
	}
	s := &Sim{Device: device, pair: pair}
	s.begin()
	return s, nil
}

// Path is the port to set at the till. It stays the same over Replug.
func (s *Sim) Path() string { return s.pair.Path() }

// Write sends bytes as they are, for noise.
func (s *Sim) Write(raw []byte) error {
	_, err := s.pair.Write(raw)
	return err
}

// Unplug pulls the cable; what the till has not read yet is lost.
func (s *Sim) Unplug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.plugged {
		return nil
	}
	s.plugged = false
	close(s.stop)
	err := s.pair.Unplug()
	s.running.Wait()
	return err
}

// Replug puts the scale back at the same path.
func (s *Sim) Replug() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plugged {
		return nil
	}
	if err := s.pair.Replug(); err != nil {
		return err
	}
	s.begin()
	return nil
}

// Close unplugs the scale for good.
func (s *Sim) Close() error { return s.Unplug() }

// begin starts to speak and to listen; s.mu is held, or nobody else knows s.
func (s *Sim) begin() {
	s.plugged, s.stop = true, make(chan struct{})
	s.running.Go(s.listen)
	stop := s.stop
	s.running.Go(func() { s.speak(stop) })
}

func (s *Sim) speak(stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			if frame := s.Frame(); frame != nil {
				_ = s.Write(frame) // a till that does not listen misses it
			}
		}
	}
}

func (s *Sim) listen() {
	buf := make([]byte, 256)
	for {
		n, err := s.pair.Read(buf)
		if err != nil {
			return
		}
		if answer := s.Answer(buf[:n]); answer != nil {
			_ = s.Write(answer)
		}
	}
}
