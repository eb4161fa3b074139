package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"

	"cashier/services/shopdata"
)

// keeper is a stand-in whose state can be kept.
type keeper interface {
	State() ([]byte, error)
	Restore([]byte) error
}

type section struct {
	name string
	keeper
}

// document is the state file.
type document struct {
	Version  int                        `json:"version"`
	ShopID   int64                      `json:"shopId"`
	ShopName string                     `json:"shopName"`
	Sections map[string]json.RawMessage `json:"sections"`
}

const version = 1

var errInUse = errors.New("in use by another process")

// store writes the state file. Changes are gathered: while one writing is under
// way the next ones wait together for the following one, so that a money action
// is on disk before its reply without a file for each.
type store struct {
	path string
	log  *slog.Logger
	lock *flock.Flock

	mu       sync.Mutex
	news     *sync.Cond
	doc      document
	sections []section
	stale    map[string]bool // sections that changed since they were last encoded
	asked    uint64          // changes so far
	saved    uint64          // changes a finished writing covered
	closing  bool
	failed   error
	done     chan struct{}
}

func newStore(path string, log *slog.Logger) *store {
	st := &store{path: path, log: log, stale: make(map[string]bool)}
	st.news = sync.NewCond(&st.mu)
	return st
}

// open reads the file, if there is one, into the sections and starts writing.
func (st *store) open(shop *shopdata.Shop, sections []section) error {
	st.doc = document{version, shop.ShopID, shop.ShopName, make(map[string]json.RawMessage)}
	st.sections = sections
	if st.path == "" {
		return nil
	}
	st.lock = flock.New(st.path + ".lock")
	if got, err := st.lock.TryLock(); err != nil {
		return err
	} else if !got {
		return errInUse
	}
	if err := st.load(); err != nil {
		_ = st.lock.Unlock() // the error that matters is the load's
		return err
	}
	for _, sec := range sections {
		st.stale[sec.name] = true
	}
	st.done = make(chan struct{})
	go st.run()
	return nil
}

func (st *store) load() error {
	b, err := os.ReadFile(st.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var doc document
	if err := json.Unmarshal(b, &doc); err != nil {
		return fmt.Errorf("not a state file: %w", err)
	}
	if doc.Version != version {
		return fmt.Errorf("it is of version %d, this program writes version %d", doc.Version, version)
	}
	if doc.ShopID != st.doc.ShopID {
		return fmt.Errorf("it belongs to shop %d (%s), not to shop %d", doc.ShopID, doc.ShopName, st.doc.ShopID)
	}
	for _, sec := range st.sections {
		if len(doc.Sections[sec.name]) == 0 {
			return fmt.Errorf("%s is missing in it", sec.name)
		}
		if err := sec.Restore(doc.Sections[sec.name]); err != nil {
			return err
		}
	}
	return nil
}

// changed is the OnChange of one stand-in; with money it returns once the
// change is on disk.
func (st *store) changed(name string) func(money bool) {
	return func(money bool) {
		if st.path == "" {
			return
		}
		st.mu.Lock()
		defer st.mu.Unlock()
		st.stale[name] = true
		st.asked++
		mine := st.asked
		st.news.Broadcast()
		for money && st.saved < mine {
			st.news.Wait()
		}
	}
}

func (st *store) run() {
	defer close(st.done)
	st.mu.Lock()
	defer st.mu.Unlock()
	for {
		for st.asked == st.saved && !st.closing {
			st.news.Wait()
		}
		if st.asked == st.saved {
			return
		}
		target, stale := st.asked, st.stale
		st.stale = make(map[string]bool)
		st.mu.Unlock()
		err := st.write(stale)
		st.mu.Lock()
		if err != nil {
			// The gateway goes on: what the till is told must not depend on
			// this machine's disk.
			st.log.Error("the state was not saved", "file", st.path, "error", err)
			for name := range stale {
				st.stale[name] = true
			}
		}
		st.failed, st.saved = err, target
		st.news.Broadcast()
	}
}

func (st *store) write(stale map[string]bool) error {
	for _, sec := range st.sections {
		if !stale[sec.name] {
			continue
		}
		b, err := sec.State()
		if err != nil {
			return err
		}
		st.doc.Sections[sec.name] = b
	}
	b, err := json.Marshal(st.doc)
	if err != nil {
		return err
	}
	return replace(st.path, b)
}

// replace puts a whole new file in the place of the old one, so that whoever
// reads sees either.
func replace(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the first error says what is wrong
	}
	return err
}

// close saves what is not saved and lets the file go.
func (st *store) close() error {
	if st.done == nil {
		return nil
	}
	st.mu.Lock()
	st.asked++ // the last state is always written, also when nothing changed
	st.closing = true
	st.news.Broadcast()
	st.mu.Unlock()
	<-st.done
	return errors.Join(st.failed, st.lock.Unlock())
}
