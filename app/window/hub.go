package window

import (
	"context"
	"sync"

	"cashier/hardware/scanner"
	"cashier/hardware/serialport"
	"cashier/services/checkout"
	"cashier/ui"
)

// hub hands one kind of news on to whoever subscribed.
type hub[T any] struct {
	// keep says that what is told while nobody listens is for the first who does.
	keep bool

	mu   sync.Mutex
	kept []T
	next int
	subs map[int]func(T)
	last *T
}

// Subscribe calls f with what was kept and each further piece of news until
// stop.
func (h *hub[T]) Subscribe(f func(T)) (stop func()) {
	h.mu.Lock()
	if h.subs == nil {
		h.subs = map[int]func(T){}
	}
	id := h.next
	h.next++
	h.subs[id] = f
	kept := h.kept
	h.kept = nil
	h.mu.Unlock()
	for _, news := range kept {
		f(news)
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, id)
	}
}

// Watch is Subscribe that begins with the last news there was.
func (h *hub[T]) Watch(f func(T)) (stop func()) {
	stop = h.Subscribe(f)
	h.mu.Lock()
	last := h.last
	h.mu.Unlock()
	if last != nil {
		f(*last)
	}
	return stop
}

func (h *hub[T]) tell(news T) {
	h.mu.Lock()
	h.last = &news
	if h.keep && len(h.subs) == 0 {
		h.kept = append(h.kept, news)
	}
	subs := make([]func(T), 0, len(h.subs))
	for _, f := range h.subs {
		subs = append(subs, f)
	}
	h.mu.Unlock()
	for _, f := range subs {
		f(news)
	}
}

// scanners is the counter's scanner, told to the screen.
type scanners struct {
	scans  hub[ui.Scan]
	status hub[ui.ScannerStatus]
	serial *scanner.Serial
	done   chan struct{}
}

// startScanner opens the scanner's port and keeps it found. An empty port
// leaves the scanner off.
func startScanner(ctx context.Context, port string, baud int) (*scanners, error) {
	s := &scanners{done: make(chan struct{})}
	serial, err := scanner.Start(ctx, scanner.Params{
		Device:   "counter",
		Port:     serialport.Params{Port: port, Baud: baud},
		OnStatus: func(st serialport.Status) { s.status.tell(statusOf(st.State)) },
	})
	if err != nil {
		return nil, err
	}
	s.serial = serial
	go func() {
		defer close(s.done)
		for scan := range serial.Scans() {
			s.scans.tell(ui.Scan{Code: scan.Code, Rejected: scan.Err, Raw: scan.Raw})
		}
	}()
	return s, nil
}

func statusOf(st serialport.State) ui.ScannerStatus {
	switch st {
	case serialport.Online:
		return ui.ScannerOnline
	case serialport.Lost:
		return ui.ScannerLost
	case serialport.Disabled:
		return ui.ScannerOff
	default:
		return ui.ScannerSearching
	}
}

func (s *scanners) Close() error {
	err := s.serial.Close()
	<-s.done
	return err
}

// keeper keeps the open cart: the last one given, written beside the screen.
type keeper struct {
	write func(context.Context, checkout.Cart) error
	onErr func(error)

	mu      sync.Mutex
	waiting *checkout.Cart
	writing sync.Mutex // one write at a time, in the order of Save
	wake    chan struct{}
	stop    chan struct{}
	done    chan struct{}
}

func newKeeper(write func(context.Context, checkout.Cart) error, onErr func(error)) *keeper {
	k := &keeper{write: write, onErr: onErr, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go k.run()
	return k
}

// Save keeps a cart soon.
func (k *keeper) Save(c checkout.Cart) {
	k.mu.Lock()
	k.waiting = &c
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Flush writes what waits, now.
func (k *keeper) Flush(ctx context.Context) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	k.mu.Lock()
	c := k.waiting
	k.waiting = nil
	k.mu.Unlock()
	if c == nil {
		return nil
	}
	return k.write(ctx, *c)
}

func (k *keeper) run() {
	defer close(k.done)
	for {
		select {
		case <-k.wake:
			if err := k.Flush(context.Background()); err != nil {
				k.onErr(err)
			}
		case <-k.stop:
			return
		}
	}
}

// Close writes what waits and ends.
func (k *keeper) Close() error {
	close(k.stop)
	<-k.done
	return k.Flush(context.Background())
}
