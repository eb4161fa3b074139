package window

import (
	"context"
	"errors"
	"log"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"cashier/app/settings"
	"cashier/services/checkout"
	"cashier/services/fault"
)

func TestSize(t *testing.T) {
	tests := []struct {
		in   string
		w, h float32
		full bool
		ok   bool
	}{
		{"", 1366, 768, false, true},
		{"1920x1080", 1920, 1080, false, true},
		{"full", 1366, 768, true, true},
		{"300x200", 0, 0, false, false},
		{"1366", 0, 0, false, false},
		{"ax9", 0, 0, false, false},
		{"99999x99999", 0, 0, false, false},
	}
	for _, tt := range tests {
		w, h, full, err := size(tt.in)
		if (err == nil) != tt.ok || tt.ok && (w != tt.w || h != tt.h || full != tt.full) {
			t.Errorf("%q gives %v×%v %v %v", tt.in, w, h, full, err)
		}
	}
}

func TestDemoHasAFolderOfItsOwn(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	own, err := folder(Params{})
	if err != nil {
		t.Fatal(err)
	}
	demo, err := folder(Params{Demo: true})
	if err != nil || demo == own || filepath.Dir(demo) != filepath.Dir(own) {
		t.Errorf("demo in %s, the till in %s, %v", demo, own, err)
	}
	if given, err := folder(Params{Dir: own, Demo: true}); err != nil || given != own {
		t.Errorf("--data %s gives %s, %v", own, given, err)
	}
}

func TestScriptNeedsTheDemo(t *testing.T) {
	var out strings.Builder
	if code := Run(t.Context(), Params{Script: t.TempDir(), Dir: t.TempDir(), Lang: "en", Out: &out, Err: &out}); code != 2 {
		t.Errorf("exit %d: %s", code, out.String())
	}
}

func TestHub(t *testing.T) {
	var h hub[int]
	var a, b []int
	h.tell(1)
	stop := h.Subscribe(func(n int) { a = append(a, n) })
	h.Watch(func(n int) { b = append(b, n) })
	h.tell(2)
	stop()
	h.tell(3)
	if !slices.Equal(a, []int{2}) || !slices.Equal(b, []int{1, 2, 3}) {
		t.Errorf("heard %v and %v", a, b)
	}
}

// disk remembers the carts written to it.
type disk struct {
	mu    sync.Mutex
	ids   []string
	err   error
	block chan struct{}
}

func (d *disk) write(_ context.Context, c checkout.Cart) error {
	if d.block != nil {
		<-d.block
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ids = append(d.ids, c.ID)
	return d.err
}

// The last cart wins, none is written twice, and Flush returns only when what
// was saved before it is on disk.
func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{block: make(chan struct{})}
		k := newKeeper(d.write, func(error) {})
		k.Save(checkout.Cart{ID: "1"})
		synctest.Wait() // the first is being written
		for _, id := range []string{"2", "3", "4"} {
			k.Save(checkout.Cart{ID: id})
		}
		close(d.block)
		if err := k.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.ids, []string{"1", "4"}) {
			t.Errorf("written: %v", d.ids)
		}
		k.Save(checkout.Cart{ID: "5"})
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.ids, []string{"1", "4", "5"}) {
			t.Errorf("written: %v", d.ids)
		}
	})
}

func TestKeeperSaysWhatWentWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{err: fault.New(fault.Internal, "disk.unwritable", "The disk is full.")}
		var said []error
		k := newKeeper(d.write, func(err error) { said = append(said, err) })
		k.Save(checkout.Cart{ID: "1"})
		synctest.Wait()
		if len(said) != 1 {
			t.Errorf("said %v", said)
		}
		k.Save(checkout.Cart{ID: "2"})
		if err := k.Flush(t.Context()); err == nil {
			synctest.Wait()
			if len(said) != 2 {
				t.Error("the second failure was lost")
			}
		}
		if err := k.Close(); err != nil && !errors.Is(err, d.err) {
			t.Error(err)
		}
	})
}

func TestSecondStartRaisesTheFirst(t *testing.T) {
	dir := t.TempDir()
	if raise(t.Context(), dir) {
		t.Fatal("raised where nobody is")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	raised := make(chan struct{}, 8)
	done := make(chan struct{})
	go func() { defer close(done); answer(l, "the word", func() { raised <- struct{}{} }) }()
	write := func(token string) {
		raw := `{"address":"` + l.Addr().String() + `","token":"` + token + `"}`
		if err := settings.WriteFile(filepath.Join(dir, doorFile), []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	write("another word")
	if raise(t.Context(), dir) || len(raised) != 0 {
		t.Error("raised without the word")
	}
	write("the word")
	if !raise(t.Context(), dir) || len(raised) != 1 {
		t.Error("not raised with the word")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
	if raise(t.Context(), dir) {
		t.Error("raised by a window that is gone")
	}
}

// What the toolkit only logs is said once, in plain words; the rest is kept
// from the person.
func TestToolkitThatCannotOpenAWindow(t *testing.T) {
	var said strings.Builder
	var noted []string
	w := watchToolkit(&said, "en", func(line string) { noted = append(noted, line) })
	defer w.end(nil)
	log.Print("Fyne error:  failed to watch theme settings")
	if said.Len() != 0 || w.failed {
		t.Fatalf("said %q", said.String())
	}
	log.Print("Fyne error:  window creation error")
	log.Print("Fyne error:  window creation error")
	if n := strings.Count(said.String(), "OpenGL"); n != 1 || !w.end("NotInitialized") || len(noted) != 3 {
		t.Errorf("said %d times, noted %q", n, noted)
	}
}

func TestPlainWords(t *testing.T) {
	zh, en := plain("zh", errNoScreen()), plain("en", errNoScreen())
	if !strings.Contains(zh, "OpenGL") || !strings.Contains(en, "OpenGL") || zh == en {
		t.Errorf("%q\n%q", zh, en)
	}
}
