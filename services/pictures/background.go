package pictures

import (
	"context"
	"errors"
	"time"
)

const (
	// look is how often it is looked whether the till is still busy.
	look = 250 * time.Millisecond
	// Between two rounds over the catalogue; sooner where something was left.
	rest      = time.Hour
	shortRest = 5 * time.Minute
	// enough is how full the folder is, in percent, when nothing more is fetched
	// on suspicion: what comes next would push out what was fetched before.
	enough = 90
	// oldPerMinute is the pace where PerMinute is 0.
	oldPerMinute = 60
	// gently is the pause before a file is read only for its date: on a slow disk
	// ten thousand of them in a row would hold up the books.
	gently = 20 * time.Millisecond
)

// Run fetches in the background until ctx ends: first what was shown though it
// is old, then every picture of the catalogue that is not there yet. at is the
// i-th product's reference ("" for none) and false past the last one; it is
// asked each time, so that no list is kept of what a sync has long replaced.
//
// It never hurries: at most PerMinute, one at a time, and none while the screen
// waits for one or the till is busy. What it had fetched when the till was
// closed is there the next time.
func (s *Service) Run(ctx context.Context, at func(i int) (ref string, ok bool)) {
	for ctx.Err() == nil {
		pause := rest
		if left := s.round(ctx, at); left {
			pause = shortRest
		}
		s.sleep(ctx, pause)
	}
}

// round goes over the catalogue once and reports whether something was left
// that may come soon.
func (s *Service) round(ctx context.Context, at func(i int) (string, bool)) (left bool) {
	left = s.refresh(ctx)
	if s.p.PerMinute <= 0 || s.folder.limit <= 0 {
		return left
	}
	for i := 0; ctx.Err() == nil; i++ {
		ref, ok := at(i)
		if !ok {
			return left
		}
		if ref == "" {
			continue
		}
		k := s.key(ref)
		if s.folder.unread(k) && !after(ctx, gently) {
			return left
		}
		due, had := s.folder.due(k)
		if had && s.p.Now().Before(due) {
			continue
		}
		if !had && s.folder.filled() >= enough {
			continue
		}
		if later := s.quietly(ctx, k, ref); later {
			left = true
		}
		if s.refresh(ctx) {
			left = true
		}
	}
	return left
}

// refresh asks again for what was shown though it is old.
func (s *Service) refresh(ctx context.Context) (left bool) {
	for ctx.Err() == nil {
		k, ref, ok := s.nextOld()
		if !ok {
			return left
		}
		if due, had := s.folder.due(k); had && s.p.Now().Before(due) {
			continue
		}
		if s.quietly(ctx, k, ref) {
			left = true
		}
	}
	return left
}

func (s *Service) nextOld() (key, string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, ref := range s.old {
		delete(s.old, k)
		return k, ref, true
	}
	return key{}, "", false
}

// quietly fetches one picture when there is nothing better to do, and reports
// whether it should be tried again soon. A host that is down is not waited for.
func (s *Service) quietly(ctx context.Context, k key, ref string) (later bool) {
	if !s.hosts.mayAsk(hostOf(ref), k) {
		return true
	}
	if !s.idle(ctx) {
		return true
	}
	release, first, err := s.enter(ctx, k)
	if err != nil {
		return true
	}
	defer release()
	if !first {
		return false // the screen has just had it fetched
	}
	_, err = s.fetch(ctx, k, ref)
	s.asked = !errors.Is(err, errNobody)
	if errors.Is(err, ErrLater) {
		s.folder.postpone(k, s.p.Now().Add(firstMiss))
		return true
	}
	return false
}

// idle waits for its turn, and until neither the screen nor a payment wants the
// line.
func (s *Service) idle(ctx context.Context) bool {
	pace := s.p.PerMinute
	if pace <= 0 {
		pace = oldPerMinute
	}
	wait := time.Minute / time.Duration(pace)
	if !s.asked {
		wait = 0 // nobody was bothered the last time
	}
	for {
		if !after(ctx, wait) {
			return false
		}
		if s.front.Load() == 0 && !s.p.Busy() {
			return true
		}
		wait = look
	}
}

func (s *Service) sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-s.kick:
	}
}

func after(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
