package pictures

import (
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"cashier/services/fault"
)

// Validator is what a server said with a picture, so that it can be asked
// whether it has changed.
type Validator struct{ ETag, Modified string }

// Picture is what a Source answers.
type Picture struct {
	Body      []byte
	Valid     Validator
	Unchanged bool // it is as it was when Valid was given; there is no Body
}

// Source asks whoever serves a picture. It blocks, at most some seconds, and
// gives at most 2 MiB. Its errors are faults: Unreachable means that it may be
// there another time, Invalid that nobody was asked because this address may
// not be, every other that there is no such picture.
type Source interface {
	Picture(ctx context.Context, ref string, have Validator) (Picture, error)
}

// Params of a Service. Dir, Source and Now are required.
type Params struct {
	Dir    string
	Limit  int64  // bytes on disk; 0: nothing is kept there
	Of     string // whose pictures these are: HQ's address. Another HQ's are never shown
	Source Source
	Now    func() time.Time
	Free   func() (int64, error) // optional: bytes free on the disk of Dir

	// PerMinute is how many pictures are fetched in the background at most; 0:
	// only those that the screen asks for, and of these what has grown old.
	PerMinute int
	Busy      func() bool // optional: the till has better things to do
}

// ErrLater is that a picture cannot be had now, and perhaps soon.
var ErrLater = errors.New("pictures: not now")

// errNobody is that a picture's address is not one that may be asked.
var errNobody = errors.New("pictures: not from there")

// Service has the thumbnails of the till. It is safe for concurrent use.
type Service struct {
	p      Params
	folder *folder
	hosts  *hosts
	front  atomic.Int32  // pictures being fetched for the screen
	kick   chan struct{} // there is work for Run
	asked  bool          // Run's own: its last picture was one that somebody was asked for

	mu   sync.Mutex
	busy map[key]chan struct{} // being fetched; closed when done
	old  map[key]string        // shown though old: to be asked for again
}

// New makes a Service. It touches no disk and no network yet.
func New(p Params) (*Service, error) {
	if p.Dir == "" || p.Source == nil || p.Now == nil {
		return nil, errors.New("pictures: Dir, Source and Now are required")
	}
	if p.Busy == nil {
		p.Busy = func() bool { return false }
	}
	return &Service{
		p: p, folder: newFolder(p.Dir, p.Limit, p.Now, p.Free), hosts: newHosts(p.Now),
		kick: make(chan struct{}, 1), busy: map[key]chan struct{}{}, old: map[key]string{},
	}, nil
}

func (s *Service) key(ref string) key { return sha256.Sum256([]byte(s.p.Of + "\x00" + ref)) }

// Cached is what the disk has. known with no thumbnail means that there is no
// such picture. One that is old is given all the same, and asked for again in
// the background.
func (s *Service) Cached(ref string) (thumb image.Image, known bool) {
	k := s.key(ref)
	r, ok := s.folder.get(k)
	if !ok {
		return nil, false
	}
	stale := !s.p.Now().Before(r.due())
	if r.none() {
		return nil, !stale
	}
	rgba, err := unpack(r.thumb)
	if err != nil {
		s.folder.drop(k)
		return nil, false
	}
	if stale {
		s.again(k, ref)
	}
	return rgba, true
}

// Fetch asks for a picture that Cached does not know. No thumbnail and no error
// means that there is none; ErrLater that it may be there another time.
func (s *Service) Fetch(ctx context.Context, ref string) (image.Image, error) {
	s.front.Add(1)
	defer s.front.Add(-1)
	k := s.key(ref)
	release, first, err := s.enter(ctx, k)
	if err != nil {
		return nil, err
	}
	defer release()
	if !first {
		if thumb, known := s.Cached(ref); known {
			return thumb, nil
		}
	}
	rgba, err := s.fetch(ctx, k, ref)
	switch {
	case errors.Is(err, errNobody):
		return nil, nil
	case rgba == nil:
		return nil, err
	}
	return rgba, nil
}

// enter waits until nobody else fetches the same picture; first says that
// nobody did.
func (s *Service) enter(ctx context.Context, k key) (release func(), first bool, err error) {
	for first = true; ; first = false {
		s.mu.Lock()
		other, taken := s.busy[k]
		if !taken {
			mine := make(chan struct{})
			s.busy[k] = mine
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				delete(s.busy, k)
				s.mu.Unlock()
				close(mine)
			}, first, nil
		}
		s.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// fetch asks the source, and keeps what it says. A picture that is there and
// cannot be asked for now stays.
func (s *Service) fetch(ctx context.Context, k key, ref string) (*image.RGBA, error) {
	host := hostOf(ref)
	if !s.hosts.ask(host, k) {
		return nil, ErrLater
	}
	had, ok := s.folder.get(k)
	if !ok {
		had = record{key: k}
	}
	got, err := s.p.Source.Picture(ctx, ref, had.valid)
	switch kind := fault.KindOf(err); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil:
		s.hosts.answered(host, k)
		return s.keep(had, got), nil
	case kind == fault.Invalid:
		return nil, errNobody // not kept: it costs nothing to find this out again
	case kind == fault.Unreachable, kind == fault.Internal, kind == fault.Unknown, kind == fault.Busy:
		s.hosts.failed(host, k)
		return nil, ErrLater
	}
	s.hosts.answered(host, k)
	s.folder.put(missing(had, s.p.Now()))
	return nil, nil
}

// keep makes what came small and puts it into the folder; nil where it is no
// picture after all.
func (s *Service) keep(had record, got Picture) *image.RGBA {
	now := s.p.Now()
	if got.Unchanged && !had.none() {
		if rgba, err := unpack(had.thumb); err == nil {
			had.fetched = now
			s.folder.put(had)
			return rgba
		}
	}
	thumb, err := Thumbnail(got.Body)
	if err != nil {
		s.folder.put(missing(had, now))
		return nil
	}
	packed, err := pack(thumb)
	if err == nil {
		s.folder.put(record{key: had.key, fetched: now, valid: got.Valid, thumb: packed})
	}
	return thumb
}

func missing(had record, now time.Time) record {
	return record{key: had.key, fetched: now, tries: min(had.tries, 100) + 1}
}

const (
	// fresh is how long a thumbnail is taken for what HQ has. HQ may put another
	// picture under the same name; from then on it is asked, where the server
	// allows with If-None-Match, so that an unchanged one costs no picture.
	fresh = 7 * 24 * time.Hour
	// A picture that is not there is asked for again after an hour, then after
	// ever more, so that a broken link in ten thousand products costs little.
	firstMiss = time.Hour
	longMiss  = 7 * 24 * time.Hour
)

// due is when a picture is worth asking for again. That of a catalogue fetched
// in one go is spread over a day.
func (r record) due() time.Time {
	if r.none() {
		return r.fetched.Add(wait(firstMiss, longMiss, 3*int(max(r.tries, 1)-1)))
	}
	return r.fetched.Add(fresh + time.Duration(r.key[0])*24*time.Hour/256)
}

// again notes a picture for Run.
func (s *Service) again(k key, ref string) {
	s.mu.Lock()
	if len(s.old) < mostResting {
		s.old[k] = ref
	}
	s.mu.Unlock()
	s.Wake()
}

// Wake tells Run that there may be new pictures, after a sync.
func (s *Service) Wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Kept is how many pictures the folder knows, those included that do not
// exist, and the bytes they take on disk.
func (s *Service) Kept() (files int, bytes int64) { return s.folder.size() }
