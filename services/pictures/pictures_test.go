package pictures

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cashier/services/fault"
)

// shelf is a source that counts what it is asked.
type shelf struct {
	mu     sync.Mutex
	asked  map[string]int
	order  []string
	valid  []Validator
	answer func(ref string, have Validator) (Picture, error)
}

func newShelf(answer func(ref string, have Validator) (Picture, error)) *shelf {
	return &shelf{asked: map[string]int{}, answer: answer}
}

func (s *shelf) Picture(_ context.Context, ref string, have Validator) (Picture, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[ref]++
	s.order, s.valid = append(s.order, ref), append(s.valid, have)
	return s.answer(ref, have)
}

func (s *shelf) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order)
}

func gives(raw []byte) func(string, Validator) (Picture, error) {
	return func(string, Validator) (Picture, error) { return Picture{Body: raw}, nil }
}

func refuses(kind fault.Kind) func(string, Validator) (Picture, error) {
	return func(string, Validator) (Picture, error) { return Picture{}, fault.New(kind, "hq.x", "No.") }
}

func serve(t testing.TB, dir string, c *clock, src Source) *Service {
	t.Helper()
	s, err := New(Params{Dir: dir, Limit: 8 << 20, Of: "https://hq.example.com/", Source: src, Now: c.now, PerMinute: 600})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFetchedOnce(t *testing.T) {
	src := newShelf(gives(asJPEG(t, photo(400, 300, 7))))
	dir, c := t.TempDir(), newClock()
	s := serve(t, dir, c, src)
	if thumb, known := s.Cached("a"); known || thumb != nil {
		t.Fatal("known before it was fetched")
	}
	first, err := s.Fetch(t.Context(), "a")
	if err != nil || first.Bounds().Size() != image.Pt(160, 120) {
		t.Fatal(first, err)
	}
	s = serve(t, dir, c, src) // the till was closed
	again, known := s.Cached("a")
	if !known || again.Bounds() != first.Bounds() {
		t.Fatal("not on disk")
	}
	for _, at := range []image.Point{{3, 3}, {80, 60}, {155, 115}} { // a JPEG of the same picture
		r1, g1, b1, _ := first.At(at.X, at.Y).RGBA()
		r2, g2, b2, _ := again.At(at.X, at.Y).RGBA()
		for _, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2)} {
			if d > 0x3000 || d < -0x3000 {
				t.Errorf("%v is another picture's", at)
			}
		}
	}
	if src.total() != 1 {
		t.Errorf("asked %d times", src.total())
	}
	other, err := New(Params{Dir: dir, Limit: 8 << 20, Of: "https://other.example.com/", Source: src, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if _, known := other.Cached("a"); known {
		t.Error("another HQ's picture of that name was given")
	}
}

func TestDamagedFileIsFetchedAgain(t *testing.T) {
	src := newShelf(gives(asPNG(t, plain(9, 9, color.Black))))
	dir, c := t.TempDir(), newClock()
	s := serve(t, dir, c, src)
	if _, err := s.Fetch(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"+extension))
	if len(files) != 1 {
		t.Fatal(files)
	}
	raw, _ := os.ReadFile(files[0])
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(files[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, known := s.Cached("a"); known {
		t.Error("a damaged file was taken")
	}
	if thumb, err := s.Fetch(t.Context(), "a"); thumb == nil || err != nil || src.total() != 2 {
		t.Error(err, src.total())
	}
}

// What is not there is asked for again after an hour, eight hours, and so on,
// also over a restart.
func TestMissingIsRemembered(t *testing.T) {
	for name, answer := range map[string]func(string, Validator) (Picture, error){
		"404": refuses(fault.Contract), "403": refuses(fault.Credentials), "no picture": gives([]byte("<html>")),
		"bomb": gives(zeros()),
	} {
		src := newShelf(answer)
		dir, c := t.TempDir(), newClock()
		for try, until := range []time.Duration{time.Hour, 8 * time.Hour, 64 * time.Hour, 168 * time.Hour, 168 * time.Hour} {
			s := serve(t, dir, c, src)
			if thumb, known := s.Cached("a"); known || thumb != nil {
				t.Errorf("%s, try %d: known", name, try)
			}
			if thumb, err := s.Fetch(t.Context(), "a"); thumb != nil || err != nil {
				t.Errorf("%s: %v", name, err)
			}
			c.forward(until - time.Second)
			if thumb, known := serve(t, dir, c, src).Cached("a"); !known || thumb != nil {
				t.Errorf("%s, try %d: not known as missing", name, try)
			}
			c.forward(2 * time.Second)
		}
		if src.total() != 5 {
			t.Errorf("%s: asked %d times", name, src.total())
		}
	}
}

// An address that may not be asked is no news of the picture: a setting can
// change that.
func TestNotAllowedIsNotKept(t *testing.T) {
	src := newShelf(refuses(fault.Invalid))
	dir, c := t.TempDir(), newClock()
	s := serve(t, dir, c, src)
	if thumb, err := s.Fetch(t.Context(), "https://x.example.com/a"); thumb != nil || err != nil {
		t.Error(thumb, err)
	}
	if n, _ := s.Kept(); n != 0 {
		t.Error("it is kept")
	}
}

// A host that is down is asked twice, and then now and then, however many
// pictures are wanted of it. Others are not held up.
func TestHostThatIsDownCostsNothing(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	up := false
	src := newShelf(func(ref string, _ Validator) (Picture, error) {
		if hostOf(ref) == "img.example.com" && !up {
			return Picture{}, fault.New(fault.Unreachable, "hq.unreachable", "No.")
		}
		return Picture{Body: good}, nil
	})
	c := newClock()
	s := serve(t, t.TempDir(), c, src)
	ask := func(i int) error {
		_, err := s.Fetch(t.Context(), fmt.Sprintf("https://IMG.example.com/%d", i))
		return err
	}
	for i := range 1000 {
		if err := ask(i); !errors.Is(err, ErrLater) {
			t.Fatal(err)
		}
	}
	if src.total() != quiet {
		t.Errorf("asked %d times", src.total())
	}
	if _, err := s.Fetch(t.Context(), "/own.png"); err != nil {
		t.Error(err)
	}
	before := src.total()
	for i := range 24 * 60 * 60 { // a day, one wanted each second
		_ = ask(1000 + i)
		c.forward(time.Second)
	}
	if n := src.total() - before; n < 200 || n > 24*12+20 {
		t.Errorf("asked %d times in a day", n)
	}
	up = true
	c.forward(longWait)
	for i := range 50 {
		if err := ask(200_000 + i); err != nil {
			t.Fatal("it is up again", err)
		}
	}
}

// One picture that a host fails over does not speak for the others.
func TestOneBadPicture(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	src := newShelf(func(ref string, _ Validator) (Picture, error) {
		if ref == "/bad" {
			return Picture{}, fault.New(fault.Unreachable, "hq.server", "No.")
		}
		return Picture{Body: good}, nil
	})
	s := serve(t, t.TempDir(), newClock(), src)
	for i := range 20 {
		_, _ = s.Fetch(t.Context(), "/bad")
		if _, err := s.Fetch(t.Context(), fmt.Sprint("/good", i)); err != nil {
			t.Fatal(err)
		}
	}
	if src.asked["/bad"] != 1 {
		t.Errorf("the bad one was asked for %d times", src.asked["/bad"])
	}
}

// catalogue is a list of references as Run reads them.
func catalogue(n int, ref func(i int) string) func(int) (string, bool) {
	return func(i int) (string, bool) {
		if i >= n {
			return "", false
		}
		return ref(i), true
	}
}

func numbered(i int) string { return fmt.Sprintf("/p%03d", i) }

// background runs s in virtual time for a while.
func background(t *testing.T, s *Service, d time.Duration, at func(int) (string, bool)) {
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(ctx, at) })
	time.Sleep(d)
	stop()
	wg.Wait()
}

func live(t testing.TB, dir string, src Source, perMinute int, busy func() bool) *Service {
	s, err := New(Params{Dir: dir, Limit: 8 << 20, Source: src, Now: time.Now, PerMinute: perMinute, Busy: busy})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBackgroundKeepsItsPaceAndGoesOn(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		src := newShelf(gives(good))
		at := catalogue(200, numbered)
		background(t, live(t, dir, src, 60, nil), time.Minute+time.Millisecond, at)
		if n := src.total(); n < 59 || n > 61 {
			t.Errorf("%d in a minute", n)
		}
		background(t, live(t, dir, src, 60, nil), 10*time.Minute, at) // the till was closed meanwhile
		if src.total() != 200 {
			t.Errorf("%d of 200 asked for", src.total())
		}
		for i, ref := range src.order {
			if ref != numbered(i) {
				t.Fatalf("%s came as number %d", ref, i)
			}
		}
		background(t, live(t, dir, src, 60, nil), 24*time.Hour, at)
		if src.total() != 200 {
			t.Error("what is there was asked for again")
		}
		// After the time a thumbnail is fresh each is asked for once more.
		time.Sleep(fresh)
		background(t, live(t, dir, src, 60, nil), 24*time.Hour, at)
		if src.total() != 400 {
			t.Errorf("%d questions after a week", src.total())
		}
	})
}

func TestBackgroundWaits(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		src := newShelf(gives(good))
		paying := true
		s := live(t, dir, src, 600, func() bool { return paying })
		background(t, s, time.Hour, catalogue(10, numbered))
		if src.total() != 0 {
			t.Errorf("%d asked for during a payment", src.total())
		}
		paying = false
		s.front.Add(1)
		background(t, s, time.Hour, catalogue(10, numbered))
		if src.total() != 0 {
			t.Errorf("%d asked for while the screen waits", src.total())
		}
		s.front.Add(-1)
		background(t, s, time.Minute, catalogue(10, numbered))
		if src.total() != 10 {
			t.Errorf("%d asked for", src.total())
		}
		off := live(t, t.TempDir(), src, 0, nil)
		background(t, off, 24*time.Hour, catalogue(10, numbered))
		if src.total() != 10 {
			t.Error("fetched in the background though it is off")
		}
	})
}

// A catalogue larger than the folder stops before it pushes out its own.
func TestBackgroundDoesNotFillTheFolder(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		src := newShelf(gives(good))
		s, err := New(Params{Dir: dir, Limit: 100 * block, Source: src, Now: time.Now, PerMinute: 6000})
		if err != nil {
			t.Fatal(err)
		}
		background(t, s, 6*time.Hour, catalogue(300, numbered))
		if n, _ := s.Kept(); n != enough || src.total() != enough {
			t.Errorf("%d kept of %d asked for", n, src.total())
		}
	})
}

func TestBackgroundWhileHQIsDown(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		src := newShelf(refuses(fault.Unreachable))
		background(t, live(t, dir, src, 600, nil), 24*time.Hour, catalogue(2000, numbered))
		if n := src.total(); n > 24*12+10 {
			t.Errorf("%d questions in a day to a host that is down", n)
		}
		if src.total() < 24*6 {
			t.Errorf("only %d questions: nobody would notice that it is up", src.total())
		}
	})
}

// A picture that HQ has replaced under the same name is shown a week later at
// the latest, and one that has not changed is not sent again.
func TestChangedPicture(t *testing.T) {
	black, white := asPNG(t, plain(9, 9, color.Black)), asPNG(t, plain(9, 9, color.White))
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		now, tag := black, `"1"`
		bodies := 0
		src := newShelf(nil)
		src.answer = func(_ string, have Validator) (Picture, error) {
			if have.ETag == tag {
				return Picture{Unchanged: true}, nil
			}
			bodies++
			return Picture{Body: now, Valid: Validator{ETag: tag}}, nil
		}
		s := live(t, dir, src, 600, nil)
		at := catalogue(1, numbered)
		red := func() uint32 {
			thumb, known := s.Cached(numbered(0))
			if !known || thumb == nil {
				t.Fatal("not there")
			}
			r, _, _, _ := thumb.At(4, 4).RGBA()
			return r
		}
		background(t, s, 9*24*time.Hour, at)
		if src.total() != 2 || bodies != 1 || red() != 0 {
			t.Errorf("%d questions, %d bodies", src.total(), bodies)
		}
		now, tag = white, `"2"`
		background(t, s, 9*24*time.Hour, at)
		if bodies != 2 || red() < 0xf000 {
			t.Errorf("%d bodies, still the old picture", bodies)
		}
		// HQ is down when it is old: it stays.
		src.answer = refuses(fault.Unreachable)
		background(t, s, 30*24*time.Hour, at)
		if red() < 0xf000 {
			t.Error("it is gone")
		}
		// HQ has it no longer: it goes.
		src.answer = refuses(fault.Contract)
		background(t, s, 24*time.Hour, at)
		if thumb, known := s.Cached(numbered(0)); thumb != nil || !known {
			t.Error("it is still shown")
		}
	})
}

// Without the background, what is shown though it is old is asked for again.
func TestOldIsRefreshedWhenShown(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		src := newShelf(gives(good))
		s := live(t, dir, src, 0, nil)
		if _, err := s.Fetch(t.Context(), "/a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * 24 * time.Hour)
		for range 3 {
			if thumb, _ := s.Cached("/a"); thumb == nil {
				t.Fatal("an old one is not shown")
			}
		}
		background(t, s, time.Hour, catalogue(0, nil))
		if src.total() != 2 {
			t.Errorf("%d questions", src.total())
		}
	})
}

// Two that want the same picture at once have it fetched once.
func TestTogetherFetchedOnce(t *testing.T) {
	good := asPNG(t, plain(9, 9, color.Black))
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		asked := make(chan struct{})
		src := newShelf(func(string, Validator) (Picture, error) {
			<-asked
			return Picture{Body: bytes.Clone(good)}, nil
		})
		s := live(t, dir, src, 0, nil)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if thumb, err := s.Fetch(t.Context(), "/a"); thumb == nil || err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(asked)
		wg.Wait()
		if src.total() != 1 {
			t.Errorf("fetched %d times", src.total())
		}
	})
}
