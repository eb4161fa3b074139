package displaysim

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"

	"cashier/hardware/serialport/pty"
)

// Screen is what the customer sees. Safe for concurrent use.
type Screen struct {
	mu      sync.Mutex
	buf     []byte
	text    string
	lamps   string
	changed chan struct{}
}

// NewScreen is a dark screen.
func NewScreen() *Screen { return &Screen{lamps: "0000", changed: make(chan struct{})} }

// Text is the digits that are lit, and which of the four lamps are, as 0100.
func (s *Screen) Text() (text, lamps string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text, s.lamps
}

// Changed is closed when something more was shown than when it was asked for.
func (s *Screen) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Feed takes bytes from the cable. What it does not know it passes over.
func (s *Screen) Feed(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf = append(s.buf, b...)
	for len(s.buf) > 0 {
		n := s.step(s.buf)
		if n == 0 {
			break
		}
		s.buf = s.buf[n:]
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Screen) step(b []byte) int {
	switch b[0] {
	case 0x0c:
		s.text = ""
	case 0x02:
		if len(b) < 6 {
			return 0
		}
		if b[1] == 'L' {
			s.lamps = string(b[2:6])
			return 6
		}
	case 0x1b:
		return s.show(b)
	}
	return 1
}

// show is ESC Q A digits CR; ESC @ clears.
func (s *Screen) show(b []byte) int {
	const longest = 20
	if len(b) < 2 {
		return 0
	}
	if b[1] == '@' {
		s.text = ""
		return 2
	}
	if b[1] != 'Q' {
		return 1
	}
	end := bytes.IndexByte(b, '\r')
	switch {
	case end < 0 && len(b) < longest:
		return 0
	case end < 3 || end > longest || b[2] != 'A' || len(bytes.Trim(b[3:end], "0123456789.-")) > 0:
		return 1
	}
	s.text = string(b[3:end])
	return end + 1
}

// Sim is a Screen at the end of a cable.
type Sim struct {
	*Screen
	pair    *pty.Pair
	running sync.WaitGroup
}

// New plugs a display in at dir/ttyUSB3, making dir if it is not there.
func New(dir string) (*Sim, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	pair, err := pty.Open(filepath.Join(dir, "ttyUSB3"))
	if err != nil {
		return nil, err
	}
	s := &Sim{Screen: NewScreen(), pair: pair}
	s.running.Go(s.listen)
	return s, nil
}

// Path is the port to set at the till. It stays the same over Replug.
func (s *Sim) Path() string { return s.pair.Path() }

// Unplug pulls the cable.
func (s *Sim) Unplug() error {
	err := s.pair.Unplug()
	s.running.Wait()
	return err
}

// Replug puts the display back at the same path.
func (s *Sim) Replug() error {
	if err := s.pair.Replug(); err != nil {
		return err
	}
	s.running.Go(s.listen)
	return nil
}

// Close unplugs the display for good.
func (s *Sim) Close() error { return s.Unplug() }

func (s *Sim) listen() {
	buf := make([]byte, 256)
	for {
		n, err := s.pair.Read(buf)
		if err != nil {
			return
		}
		s.Feed(buf[:n])
	}
}
