package widgets_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/ui/widgets"
)

// source has thumbnails and notes what it is asked. What begins with "far" is
// fetched, with "none" is not there, with "down" cannot be had now. hold keeps
// every fetch until it is closed.
type source struct {
	hold chan struct{}

	mu      sync.Mutex
	near    []string
	far     []string
	up      bool
	reading sync.Mutex // held: the disk hangs
}

func (s *source) Cached(ref string) (image.Image, bool) {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.near = append(s.near, ref)
	if strings.HasPrefix(ref, "near") {
		return image.NewRGBA(image.Rect(0, 0, 160, 160)), true
	}
	return nil, false
}

func (s *source) Fetch(ctx context.Context, ref string) (image.Image, error) {
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.far = append(s.far, ref)
	switch {
	case strings.HasPrefix(ref, "none"):
		return nil, nil
	case strings.HasPrefix(ref, "down") && !s.up:
		return nil, errors.New("later")
	}
	return image.NewRGBA(image.Rect(0, 0, 80, 160)), nil
}

func (s *source) fetched() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.far)
}

// atOnce is a screen that does at once what it is given, one after the other.
func atOnce() func(func()) {
	var mu sync.Mutex
	return func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
	}
}

// wall notes what each place of a screen shows.
type wall struct {
	mu    sync.Mutex
	shows map[int]string
}

func (w *wall) show(p *widgets.Pictures, place int, ref string) bool {
	_, there := p.Get(place, ref, func(image.Image) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.shows[place] = ref
	})
	return there
}

func pictures(t *testing.T, s *source) (*widgets.Pictures, *wall) {
	p := widgets.NewPictures(s, atOnce())
	t.Cleanup(p.Close)
	return p, &wall{shows: map[int]string{}}
}

func TestPicturesArriveOnceAndStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		p, w := pictures(t, s)
		for i, ref := range []string{"near", "far", "none", "far", ""} {
			w.show(p, i, ref)
		}
		synctest.Wait()
		if len(w.shows) != 3 || w.shows[0] != "near" || w.shows[1] != "far" || w.shows[3] != "far" {
			t.Error(w.shows)
		}
		for i, ref := range []string{"near", "far", "none", ""} {
			if !w.show(p, 10+i, ref) {
				t.Errorf("%q is asked for again", ref)
			}
		}
		if got := s.fetched(); len(got) != 2 {
			t.Errorf("fetched %v", got)
		}
		p.Forget()
		if w.show(p, 2, "none") || !w.show(p, 1, "far") {
			t.Error("after a sync what is missing is asked for again, and nothing else")
		}
		synctest.Wait()
		p.Close()
	})
}

// The last one asked for comes first, and what has scrolled away never.
func TestPicturesOnTheScreenComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{hold: make(chan struct{})}
		p, w := pictures(t, s)
		for page := range 100 { // a fast scroll past a hundred screens
			for place := range 12 {
				w.show(p, place, fmt.Sprintf("far %d/%d", page, place))
			}
			synctest.Wait()
		}
		close(s.hold)
		synctest.Wait()
		got := s.fetched()
		if len(got) > 12+3 { // three were on their way at the beginning
			t.Errorf("%d were fetched", len(got))
		}
		var last []string
		for _, ref := range got {
			if strings.HasPrefix(ref, "far 99/") {
				last = append(last, ref)
			}
		}
		if len(last) != 12 || len(w.shows) != 12 {
			t.Errorf("%d of the last screen, %d shown", len(last), len(w.shows))
		}
		for place, ref := range w.shows {
			if ref != fmt.Sprintf("far 99/%d", place) {
				t.Errorf("place %d shows %s", place, ref)
			}
		}
		p.Close()
	})
}

// A picture that comes after its tile has been given another product is not
// shown there.
func TestLatePictureIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{hold: make(chan struct{})}
		p, w := pictures(t, s)
		w.show(p, 1, "far a")
		synctest.Wait()
		w.show(p, 1, "")
		close(s.hold)
		synctest.Wait()
		if len(w.shows) != 0 {
			t.Error(w.shows)
		}
		if !w.show(p, 2, "far a") {
			t.Error("it was fetched for nothing")
		}
		p.Close()
	})
}

// A disk that hangs and a network that does not answer hold up neither the
// screen nor each other.
func TestPicturesNeverHoldUpTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{hold: make(chan struct{})}
		p, w := pictures(t, s)
		for i := range 20 {
			w.show(p, i, fmt.Sprint("far", i))
		}
		synctest.Wait()
		w.show(p, 100, "near") // every fetcher hangs
		synctest.Wait()
		if w.shows[100] != "near" {
			t.Error("the disk waits for the network")
		}
		s.reading.Lock()
		began := time.Now()
		for i := range 10_000 {
			w.show(p, i%50, fmt.Sprint("near", i))
		}
		if time.Since(began) != 0 { // virtual time moves only when all wait
			t.Error("the screen waited")
		}
		s.reading.Unlock()
		close(s.hold)
		synctest.Wait()
		p.Close()
	})
}

// What cannot be had now is tried again while it is shown, and only then.
func TestPicturesComeWhenTheNetworkIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		p, w := pictures(t, s)
		w.show(p, 1, "down a")
		w.show(p, 2, "down b")
		synctest.Wait()
		w.show(p, 2, "near")
		time.Sleep(time.Minute)
		if got := s.fetched(); len(got) < 4 || len(got) > 6 || slices.Contains(got[2:], "down b") {
			t.Errorf("tried %v", got)
		}
		s.mu.Lock()
		s.up = true
		s.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if w.shows[1] != "down a" {
			t.Error(w.shows)
		}
		p.Close()
	})
}

// Only some decoded pictures are kept: the ones last used.
func TestPicturesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		p, w := pictures(t, s)
		for i := range 1000 {
			w.show(p, 1, fmt.Sprint("near", i))
			synctest.Wait()
			w.show(p, 2, "near0") // used all the time
			synctest.Wait()
		}
		kept := 0
		for i := range 1000 {
			if w.show(p, 3, fmt.Sprint("near", i)) {
				kept++
			}
			w.show(p, 3, "")
		}
		if most := (8 << 20) / (4 * 160 * 160); kept < most*9/10 || kept > most {
			t.Errorf("%d are kept, room is for %d", kept, most)
		}
		if !w.show(p, 3, "near0") {
			t.Error("what was used all the time is gone")
		}
		p.Close()
	})
}
