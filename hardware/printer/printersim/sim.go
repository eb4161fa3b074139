package printersim

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"

	"cashier/hardware/serialport/pty"
)

// Sim is a Machine at the end of a cable.
type Sim struct {
	*Machine
	target string

	mu      sync.Mutex
	jammed  chan struct{} // open while it reads nothing; nil while it reads
	peer    io.Writer     // who is answered
	end     cable
	running sync.WaitGroup
}

// cable is what a printer hangs on.
type cable interface {
	out() error // the cable comes out, or the power goes
	back(serve func(io.ReadWriter)) error
}

// NewTCP switches a network printer on, on a free port of this machine.
func NewTCP() (*Sim, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	return start("tcp:"+address, &network{address: address})
}

// NewPTY plugs a printer in at dir/ttyUSB2, making dir if it is not there. kind
// is how the till is to take it: serial, or usb for a device file.
func NewPTY(dir, kind string) (*Sim, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	pair, err := pty.Open(filepath.Join(dir, "ttyUSB2"))
	if err != nil {
		return nil, err
	}
	if err := pair.Unplug(); err != nil {
		return nil, err
	}
	return start(kind+":"+pair.Path(), &line{pair: pair})
}

func start(target string, end cable) (*Sim, error) {
	s := &Sim{Machine: NewMachine(), target: target, end: end}
	if err := s.Return(); err != nil {
		return nil, err
	}
	return s, nil
}

// Target is what to set at the till. It stays the same over Return.
func (s *Sim) Target() string { return s.target }

// Jam makes the printer take no more bytes, or go on with what waits.
func (s *Sim) Jam(jammed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case jammed && s.jammed == nil:
		s.jammed = make(chan struct{})
	case !jammed && s.jammed != nil:
		close(s.jammed)
		s.jammed = nil
	}
}

// PaperOut takes the roll out, or puts a new one in: what waited is printed.
func (s *Sim) PaperOut(out bool) { s.say(s.Machine.PaperOut(out)) }

// OpenCover opens the cover or closes it.
func (s *Sim) OpenCover(open bool) { s.say(s.Machine.OpenCover(open)) }

// Break jams the knife, or mends it.
func (s *Sim) Break(broken bool) { s.say(s.Machine.Break(broken)) }

// say answers late, to whoever asked last.
func (s *Sim) say(answer []byte) {
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	if peer != nil && len(answer) > 0 {
		_, _ = peer.Write(answer) // nobody may be there any more
	}
}

// Vanish pulls the cable, in the middle of whatever it does.
func (s *Sim) Vanish() error {
	s.Jam(false)
	err := s.end.out()
	s.running.Wait()
	s.lose()
	return err
}

// Return puts it back.
func (s *Sim) Return() error {
	return s.end.back(func(c io.ReadWriter) {
		s.running.Go(func() { s.serve(c) })
	})
}

// Close switches it off for good.
func (s *Sim) Close() error { return s.Vanish() }

func (s *Sim) serve(c io.ReadWriter) {
	s.mu.Lock()
	s.peer = c
	s.mu.Unlock()
	buf := make([]byte, 1024)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		jammed := s.jammed
		s.mu.Unlock()
		if jammed != nil {
			<-jammed
		}
		if answer := s.Feed(buf[:n]); len(answer) > 0 {
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	}
}

// line is a serial port or a device file.
type line struct{ pair *pty.Pair }

func (l *line) out() error { return l.pair.Unplug() }

func (l *line) back(serve func(io.ReadWriter)) error {
	if err := l.pair.Replug(); err != nil {
		return err
	}
	serve(l.pair)
	return nil
}

// network is an address that takes one connection at a time, as printers do.
type network struct {
	address string

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	running  sync.WaitGroup
}

func (n *network) back(serve func(io.ReadWriter)) error {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", n.address)
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.listener, n.conns = l, map[net.Conn]bool{}
	n.mu.Unlock()
	n.running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			n.conns[c] = true
			n.mu.Unlock()
			serve(c)
		}
	})
	return nil
}

// out resets every connection: what is on its way is lost.
func (n *network) out() error {
	n.mu.Lock()
	l := n.listener
	n.listener = nil
	n.mu.Unlock()
	if l == nil {
		return nil
	}
	err := l.Close()
	n.running.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		if t, ok := c.(*net.TCPConn); ok {
			err = errors.Join(err, t.SetLinger(0))
		}
		err = errors.Join(err, c.Close())
	}
	n.conns = nil
	return err
}
