package pictures

import (
	"cmp"
	"encoding/hex"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	block     = 4096 // what a file takes on disk is counted in these
	extension = ".thumb"
	unnamed   = ".part" // of a file that is being written
	// touchAfter is how old the date of a file's last use may be.
	touchAfter = time.Hour
	// pauseAfter is how long nothing is written after the disk would not take it.
	pauseAfter = time.Minute
)

// name is the first half of a key: what the folder counts by.
type name [16]byte

// slot is what is known of a file without reading it. Dates are unix seconds.
type slot struct {
	blocks int32
	used   uint32
	due    uint32 // when it is worth asking for again; 0: not known yet
}

// folder keeps records as files, at most limit bytes of them. It is walked once,
// at its first use. The date of a file is that of its last use.
type folder struct {
	dir   string
	limit int64 // 0: nothing is kept
	now   func() time.Time
	free  func() (int64, error) // bytes free on its disk; nil: not asked

	mu     sync.Mutex
	walked bool
	have   map[name]slot
	total  int64
	retry  time.Time // nothing is written before
}

func newFolder(dir string, limit int64, now func() time.Time, free func() (int64, error)) *folder {
	return &folder{dir: dir, limit: limit, now: now, free: free, have: map[name]slot{}}
}

// walk finds what an earlier run left. The caller holds mu.
func (f *folder) walk() {
	if f.walked {
		return
	}
	f.walked = true
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return // there is none yet
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), unnamed) {
			_ = os.Remove(filepath.Join(f.dir, e.Name())) // the writer was killed
			continue
		}
		raw, err := hex.DecodeString(strings.TrimSuffix(e.Name(), extension))
		info, broken := e.Info()
		if err != nil || broken != nil || len(raw) != len(name{}) || !info.Mode().IsRegular() {
			continue // not ours
		}
		s := slot{blocks: blocksOf(info.Size()), used: min(seconds(info.ModTime()), seconds(f.now()))}
		f.have[name(raw)] = s
		f.total += s.bytes()
	}
	f.evict(0)
}

// get reads a record. A damaged one is thrown away.
func (f *folder) get(k key) (record, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.walk()
	n := name(k[:])
	s, ok := f.have[n]
	if !ok {
		return record{}, false
	}
	raw, err := os.ReadFile(f.path(n))
	if err != nil {
		f.forget(n, !errors.Is(err, fs.ErrNotExist))
		return record{}, false
	}
	r, err := decodeRecord(raw, k)
	if err != nil {
		f.forget(n, true)
		return record{}, false
	}
	now := f.now()
	if !r.none() && seconds(now) > s.used {
		if time.Duration(seconds(now)-s.used)*time.Second > touchAfter {
			_ = os.Chtimes(f.path(n), now, now) // a lost date costs a fetch at worst
		}
		s.used = seconds(now)
	}
	s.due = seconds(r.due())
	f.have[n] = s
	return r, true
}

// put keeps a record. First room is made for it, so that the folder is never
// above its limit by more than the file that is being written.
func (f *folder) put(r record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.walk()
	n, raw := name(r.key[:]), r.encode()
	s := slot{blocks: blocksOf(int64(len(raw))), used: seconds(f.now()), due: seconds(r.due())}
	f.forget(n, true)
	if s.bytes() > f.limit || f.now().Before(f.retry) {
		return
	}
	if f.evict(s.bytes()); f.total+s.bytes() > f.limit {
		return // what is there could not be deleted
	}
	if err := f.write(n, raw); err != nil {
		f.retry = f.now().Add(pauseAfter)
		return
	}
	f.have[n] = s
	f.total += s.bytes()
}

// write gives a file its name only when it is whole. It is not synced: what a
// power cut tears fails its checksum and is fetched again.
func (f *folder) write(n name, raw []byte) error {
	if err := f.roomOnDisk(); err != nil {
		return err
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	part := f.path(n) + unnamed
	err := os.WriteFile(part, raw, 0o600)
	if err == nil {
		_ = os.Chtimes(part, f.now(), f.now())
		err = os.Rename(part, f.path(n))
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return err
}

// reserve is what pictures leave free on the disk: the books need it more.
const reserve = 512 << 20

func (f *folder) roomOnDisk() error {
	if f.free == nil {
		return nil
	}
	if free, err := f.free(); err == nil && free < reserve {
		return errors.New("pictures: the disk is nearly full")
	}
	return nil
}

// due is when a picture is worth asking for again, the zero time if it is not
// known yet, ok is false where there is no such file.
func (f *folder) due(k key) (time.Time, bool) {
	f.mu.Lock()
	f.walk()
	s, ok := f.have[name(k[:])]
	f.mu.Unlock()
	if ok && s.due == 0 {
		r, ok := f.get(k)
		return r.due(), ok
	}
	return time.Unix(int64(s.due), 0), ok
}

// unread reports a file of an earlier run whose due date is not known yet.
func (f *folder) unread(k key) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.walk()
	s, ok := f.have[name(k[:])]
	return ok && s.due == 0
}

// postpone lets a picture be as it is for a while.
func (f *folder) postpone(k key, until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.have[name(k[:])]; ok {
		s.due = seconds(until)
		f.have[name(k[:])] = s
	}
}

func (f *folder) drop(k key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget(name(k[:]), true)
}

// filled is how much of the limit is taken, in percent.
func (f *folder) filled() int {
	files, total := f.size()
	switch {
	case f.limit <= 0:
		return 100
	case files == 0:
		return 0
	}
	return int(total * 100 / f.limit)
}

func (f *folder) size() (files int, total int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.walk()
	return len(f.have), f.total
}

// evict makes room for need bytes, the least recently used first, and a little
// more, so that the next ones need not sort again. The caller holds mu.
func (f *folder) evict(need int64) {
	if f.total+need <= f.limit {
		return
	}
	names := make([]name, 0, len(f.have))
	for n := range f.have {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b name) int {
		return cmp.Or(cmp.Compare(f.have[a].used, f.have[b].used), slices.Compare(a[:], b[:]))
	})
	for _, n := range names {
		if f.total+need <= f.limit-f.limit/20 {
			return
		}
		f.forget(n, true)
	}
}

func (f *folder) forget(n name, remove bool) {
	s, ok := f.have[n]
	if !ok {
		return
	}
	if remove {
		if err := os.Remove(f.path(n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // it is still there and still counts
		}
	}
	delete(f.have, n)
	f.total -= s.bytes()
}

func (f *folder) path(n name) string {
	return filepath.Join(f.dir, hex.EncodeToString(n[:])+extension)
}

func (s slot) bytes() int64 { return int64(s.blocks) * block }

func blocksOf(size int64) int32 {
	return int32(min((size+block-1)/block, math.MaxInt32))
}

// seconds are unix seconds, within what 32 bits hold.
func seconds(t time.Time) uint32 { return uint32(min(max(t.Unix(), 1), math.MaxUint32)) }
