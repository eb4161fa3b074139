package localdb

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// full is a file on a disk that takes so many bytes more.
type full struct {
	*os.File
	room *atomic.Int64
}

func (f full) Write(p []byte) (int, error) {
	if left := f.room.Add(-int64(len(p))); left < 0 {
		n, err := f.File.Write(p[:max(0, int64(len(p))+left)])
		return n, errors.Join(err, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC})
	}
	return f.File.Write(p)
}

func TestAFullStick(t *testing.T) {
	var room atomic.Int64
	room.Store(1 << 30)
	k := keeping(t, func(p *Params) {
		p.openJournal = func(path string) (appender, error) {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
			return full{f, &room}, err
		}
	})
	k.sell()
	k.again()
	room.Store(700) // half a line
	k.sell()
	refused(t, <-k.told, "journal.unwritable")
	k.sell()
	k.leave()
	k.finds("the till adds what is missing")
	room.Store(1 << 30)
	k.start()
	k.leave()
	k.agrees()
}

// The same on a real disk that is full.
func TestARealFullStick(t *testing.T) {
	base := t.TempDir()
	stick := filepath.Join(base, "stick")
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", stick).CombinedOutput(); err != nil {
		t.Skipf("only root can make a small disk: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", stick).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	ballast := filepath.Join(stick, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	k := keepingAt(t, filepath.Join(base, "till", "ledger.db"), filepath.Join(stick, "journal"), nil)
	for i := 0; len(k.told) == 0; i++ {
		if i > 500 {
			t.Fatal("the stick never filled")
		}
		k.sell()
	}
	refused(t, <-k.told, "journal.unwritable")
	k.sell()
	k.leave()
	k.finds("the till adds what is missing")
	k.ok(os.Remove(ballast))
	k.start()
	k.leave()
	for len(k.told) > 0 {
		<-k.told
	}
	if s := k.findings(); len(s) > 0 && !strings.Contains(s[0].Message, "the till adds") {
		t.Errorf("%+v", s)
	}
}

// A disk that loses power in the middle of a write may have written its end and
// not its beginning. The last line feed comes when the rest is safe, so such
// lines are known and written again; without that sign they are damage.
func TestATearWithinSeveralLines(t *testing.T) {
	k := keeping(t, nil)
	for range 6 {
		k.sell()
	}
	k.leave()
	whole, err := os.ReadFile(k.file())
	k.ok(err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	third := len(lines[0]) + len(lines[1])
	for name, c := range map[string]struct {
		from, to int // zeroed
		mended   bool
		feed     bool
	}{
		"the third line":    {third + 100, third + 612, true, false},
		"a line feed":       {third - 1, third, true, false},
		"all but the first": {len(lines[0]), len(whole) - 600, true, false},
		"everything":        {0, len(whole) - 600, true, false},
		"with its end":      {len(whole) - 700, len(whole) - 188, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			torn := bytes.Clone(whole)
			clear(torn[c.from:c.to])
			if !c.feed {
				torn = torn[:len(torn)-1]
			}
			k.ok(os.WriteFile(k.file(), torn, 0o600))
			k.start()
			state := k.AwaitJournal(t.Context())
			k.leave()
			now, err := os.ReadFile(k.file())
			k.ok(err)
			if mended := state.Err == nil && bytes.Equal(now, whole); mended != c.mended {
				t.Errorf("mended: %t, %v", mended, state.Err)
			}
			if !c.mended && !bytes.Equal(now, torn) {
				t.Error("damage was written over")
			}
		})
	}
	k.ok(os.WriteFile(k.file(), whole, 0o600))
	k.agrees()
}

const (
	journalCrash = "LOCALDB_TEST_JOURNAL_CRASH"
	journalDir   = "LOCALDB_TEST_JOURNAL_DIR"
)

// half writes the first part of what it is given and dies.
type half struct{ *os.File }

func (h half) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte("\n")) && bytes.Contains(p, []byte(`"sale":`)) {
		_, _ = h.File.Write(p[:len(p)/2])
		die()
	}
	return h.File.Write(p)
}

func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {}
}

// TestKilledWhileWritingTheJournal kills a till at each point of a line.
func TestKilledWhileWritingTheJournal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range append(JournalPoints(), "half") {
		t.Run(point, func(t *testing.T) {
			base := t.TempDir()
			path, dir := filepath.Join(base, "ledger.db"), filepath.Join(base, "journal")
			cmd := exec.Command(self, "-test.run=^TestTillKilledWhileWritingTheJournal$")
			cmd.Env = append(os.Environ(), journalCrash+"="+point, crashLedger+"="+path, journalDir+"="+dir)
			if out, err := cmd.CombinedOutput(); err == nil || strings.Contains(string(out), "FAIL") {
				t.Fatalf("it lived: %s", out)
			}
			k := keepingAt(t, path, dir, nil)
			sales, err := k.Sales(t.Context(), time.Time{}, 0)
			k.ok(err)
			if len(sales) == 0 {
				t.Error("the sale is gone")
			}
			k.n = 100
			k.sell()
			k.leave()
			k.agrees()
			k.verified2()
		})
	}
}

// TestTillKilledWhileWritingTheJournal is the process that is killed.
func TestTillKilledWhileWritingTheJournal(t *testing.T) {
	point := os.Getenv(journalCrash)
	if point == "" {
		t.Skip("run by TestKilledWhileWritingTheJournal")
	}
	var sold atomic.Bool
	k := keepingAt(t, os.Getenv(crashLedger), os.Getenv(journalDir), func(p *Params) {
		p.Hook = func(at string) {
			if at == point && sold.Load() {
				die()
			}
		}
		if point == "half" {
			p.openJournal = func(path string) (appender, error) {
				f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
				return half{f}, err
			}
		}
	})
	k.AwaitJournal(t.Context())
	sold.Store(true)
	k.sell()
	k.leave()
	t.Fatal("FAIL: never came to " + point)
}
