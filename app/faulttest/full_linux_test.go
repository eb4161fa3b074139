package faulttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// ample is room enough for whatever is left to be done.
const ample = 64 << 20

// mostSales is how often a till rings before its disk must be full.
const mostSales = 60

// fullDisk is one run: a till whose disk has so many pages left.
type fullDisk struct {
	*till
	disk   *smallDisk // nil where a limit of the size of files stands for it
	no     int
	acked  map[string]string // receipts by sale
	refuse string            // code of the fault that ended it
	stuck  bool              // a payment could not be written down for a while
}

// fullDisks is what all the runs share.
type fullDisks struct {
	*bench
	template string // a till that has sold
	file     string // the program
	mounts   bool

	mu    sync.Mutex
	codes map[string]int // how often which fault was said
	stuck atomic.Int64
	sales atomic.Int64
}

// TestDiskFull sells on disks of every size in pages, from one on which the till
// does not even start, until each is full.
func TestDiskFull(t *testing.T) {
	mounts := mountable(t)
	if !mounts {
		if os.Getenv(inside) != "" {
			t.Fatal(notHere)
		}
		if inOwnNameSpaces(t) {
			return
		}
	}
	b := newBench(t)
	f := &fullDisks{bench: b, template: filepath.Join(t.TempDir(), "till"), file: b.program(), mounts: mounts, codes: map[string]int{}}
	how := "a tmpfs of every size"
	if !mounts {
		how = "NO DISK COULD BE MOUNTED HERE, so a limit on the size of each file stands for it"
	}
	t.Log("disks: " + how)
	first := &till{bench: b, name: "template", program: f.file, dir: f.template}
	first.setUp(nil)
	for range 3 {
		first.must("", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=50")
	}
	first.must("", "backup") // of today: no run makes one on its own

	sizes := times("FAULT_SIZES", 6)
	work := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for no := range work {
				t.Run(fmt.Sprint(no, " pages"), func(t *testing.T) { f.size(f.in(t), no) })
			}
		})
	}
	for i := range sizes {
		work <- i * 200 / sizes
	}
	close(work)
	wg.Wait()
	for i := 2; i < max(4, sizes/20); i++ {
		t.Run(fmt.Sprint("stick of ", i, " pages"), func(t *testing.T) { f.stick(f.in(t), i) })
	}
	if bank := f.charged(); len(bank) == 0 {
		t.Error("no payment code was ever charged")
	}
	t.Logf("%d sizes: %d sales acknowledged, all there; refusals by code %v; %d payments waited for room", sizes, f.sales.Load(), f.codes, f.stuck.Load())
}

// size is one till with so many pages left on its disk. The second journal of
// every other one is on another disk.
func (f *fullDisks) size(b *bench, no int) {
	dir := b.TempDir()
	l := &fullDisk{till: &till{bench: b, name: fmt.Sprintf("%d pages", no), program: f.file, dir: filepath.Join(dir, "till")}, no: no, acked: map[string]string{}}
	if f.mounts {
		l.disk = &smallDisk{dir: dir}
		l.ok(l.disk.mount(ample))
		defer l.disk.unmount(l)
	}
	l.ok(os.CopyFS(l.dir, os.DirFS(f.template)))
	if no%2 == 0 {
		l.must("", "config", "set", "journal.dir", filepath.Join(l.TempDir(), "journal"))
	}
	if f.mounts {
		taken, err := used(l.dir)
		l.ok(err)
		// Folders take a page of their own.
		l.ok(l.disk.makeRoom(taken + int64(no+4)*page))
	} else {
		info, err := os.Stat(filepath.Join(l.dir, "ledger.db"))
		l.ok(err)
		l.limit = info.Size() + int64(no-20)*page
	}
	for i := 0; l.refuse == ""; i++ {
		if i == mostSales {
			l.Errorf("%s: the disk never filled", l.name)
			break
		}
		l.ring(i)
	}
	l.readOnFull()
	l.room()
	l.compare()
	f.mu.Lock()
	f.codes[l.refuse]++
	f.mu.Unlock()
	f.sales.Add(int64(len(l.acked)))
	if l.stuck {
		f.stuck.Add(1)
	}
}

// ring is one sale: by cash or by a code that is paid at once, charged without
// an answer, or paid after a while. Many lines make many pages.
func (l *fullDisk) ring(i int) {
	args := []string{"sale", "ring"}
	for range 100 {
		args = append(args, "--line", "10001@0.01")
	}
	tender := []string{"cash=500", "code=" + l.code("0001"), "code=" + l.code("9004"), "cash=500", "code=" + l.code("9002")}[(i+l.no)%5]
	r := l.watched("", "cannot be written down", l.waiting, append(args, "--tender", tender)...)
	var doc struct {
		sale
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
		l.Errorf("%s: ring %d: exit %d without a document: %v\n%s%s", l.name, i, r.code, err, r.out, r.err)
		l.refuse = "none"
		return
	}
	switch {
	case r.code == 0 && doc.State == "COMPLETE" && doc.ReceiptNo != "":
		l.acked[doc.SaleID] = doc.ReceiptNo
		if l.stuck { // there is room now
			l.refuse = "(waited)"
		}
	case r.code == 3 && doc.SaleID != "" && strings.Contains(r.err, "cashierctl settle"):
		l.refuse = "(unresolved)"
	case r.code == 1 && doc.Error.Code != "":
		l.clear(doc.Error.Code, doc.Error.Message)
		l.refuse = doc.Error.Code
	default:
		l.Errorf("%s: ring %d: exit %d\n%s%s", l.name, i, r.code, r.out, r.err)
		l.refuse = "none"
	}
}

// waiting is what a person does who is told that a payment cannot be written
// down: every other one makes room, the rest stop the program.
func (l *fullDisk) waiting(p *os.Process) {
	l.stuck = true
	if l.no%4 < 2 {
		l.room()
		return
	}
	_ = p.Signal(syscall.SIGINT) // gone already is as good
}

// clear sees that a refusal says what is wrong and what to do.
func (l *fullDisk) clear(code, message string) {
	l.Helper()
	full := code == "disk.full" || code == "disk.unwritable" && strings.Contains(message, "Free space on the disk")
	if l.disk == nil && (code == "disk.io" || strings.Contains(message, "file too large")) {
		full = true // that is what a limit looks like from within
	}
	if !full || !strings.Contains(strings.ToLower(message), "free") && l.disk != nil {
		l.Errorf("%s: %s: %s", l.name, code, message)
	}
}

// readOnFull asks for the list of sales on the full disk.
func (l *fullDisk) readOnFull() {
	r := l.run("", "journal", "list")
	if r.code == 0 {
		return
	}
	var doc struct {
		Error struct{ Code, Message string }
	}
	l.ok(json.Unmarshal([]byte(r.out), &doc))
	l.clear(doc.Error.Code, doc.Error.Message)
}

func (l *fullDisk) room() {
	l.limit = 0
	if l.disk != nil {
		l.ok(l.disk.makeRoom(ample))
	}
}

// compare settles, and holds the books against the receipts that were given and
// against the gateway.
func (l *fullDisk) compare() {
	l.must("", "settle", "--wait", "60s")
	l.must("", "verify") // with the second journal
	sales := l.books()
	there := map[string]string{}
	keys := map[string]bool{}
	for _, s := range sales {
		if s.State == "COMPLETE" {
			there[s.SaleID] = s.ReceiptNo
		}
		for _, leg := range s.Legs {
			keys[leg.Key] = true
		}
	}
	for id, no := range l.acked {
		if there[id] != no {
			l.Errorf("%s: sale %s had receipt %s, the books say %q", l.name, id, no, there[id])
		}
	}
	l.agree(l.name, sales, l.charged())
	l.must("", "sale", "ring", "--line", "10001@1.25", "--tender", "cash=50")
}

// stick is a till whose second journal alone is on a full disk: nothing is
// refused, and the journal gets what it lacks.
func (f *fullDisks) stick(b *bench, no int) {
	if !f.mounts {
		b.Log("the second journal's own disk is not filled: nothing could be mounted")
		return
	}
	d := &smallDisk{dir: b.TempDir()}
	b.ok(d.mount(int64(no) * page))
	defer d.unmount(b)
	l := &till{bench: b, name: fmt.Sprintf("stick of %d pages", no), program: f.file, dir: filepath.Join(b.TempDir(), "till")}
	b.ok(os.CopyFS(l.dir, os.DirFS(f.template)))
	l.must("", "config", "set", "journal.dir", filepath.Join(d.dir, "journal"))
	said := false
	for range 4 + 3*no {
		r := l.run("", "sale", "ring", "--line", "10001@1.25", "--tender", "code="+l.code("0001"))
		if r.code != 0 {
			b.Fatalf("%s: exit %d\n%s%s", l.name, r.code, r.out, r.err)
		}
		said = said || strings.Contains(r.err, "Selling goes on; free space there")
	}
	if !said {
		b.Errorf("%s: never said", l.name)
	}
	b.ok(d.makeRoom(ample))
	l.must("", "settle")
	l.must("", "verify")
	b.agree(l.name, l.books(), b.charged())
}
