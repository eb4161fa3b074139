package localdb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// kept is a shop whose ledger keeps a second journal. Its clock may be read
// from the journal's goroutine.
type kept struct {
	*shop
	dir    string
	wall   atomic.Int64 // unix ms
	told   chan error
	extra  func(*Params)
	mu     sync.Mutex
	closed bool
}

func keeping(t testing.TB, extra func(*Params)) *kept {
	t.Helper()
	base := t.TempDir()
	return keepingAt(t, filepath.Join(base, "till", "ledger.db"), filepath.Join(base, "stick", "journal"), extra)
}

func keepingAt(t testing.TB, path, dir string, extra func(*Params)) *kept {
	t.Helper()
	k := &kept{shop: &shop{TB: t, path: path, clock: noon}, dir: dir, told: make(chan error, 100), extra: extra}
	k.wall.Store(noon.UnixMilli())
	k.ok(os.MkdirAll(filepath.Dir(dir), 0o700))
	k.start()
	t.Cleanup(func() { k.leave() })
	return k
}

func (k *kept) start() {
	k.Helper()
	p := Params{Path: k.path, Journal: k.dir, OnJournal: func(err error) { k.told <- err }, Now: func() time.Time { return time.UnixMilli(k.wall.Load()) }}
	if k.extra != nil {
		k.extra(&p)
	}
	l, err := Open(k.Context(), p)
	if err != nil {
		k.Fatalf("open: %s", detail(err))
	}
	k.Ledger, k.closed = l, false
}

// leave shuts the till, which writes the rest of the journal.
func (k *kept) leave() {
	k.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.closed {
		k.closed = true
		k.ok(k.Shut())
	}
}

func (k *kept) again() {
	k.Helper()
	k.leave()
	k.start()
}

// text is every file of the journal, by name.
func (k *kept) text() map[string]string {
	k.Helper()
	all := map[string]string{}
	names, err := filepath.Glob(filepath.Join(k.dir, "*"))
	k.ok(err)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		k.ok(err)
		all[filepath.Base(name)] = string(raw)
	}
	return all
}

// file is the journal's only file.
func (k *kept) file() string {
	k.Helper()
	names, err := filepath.Glob(filepath.Join(k.dir, "*"))
	k.ok(err)
	if len(names) != 1 {
		k.Fatalf("files %q", names)
	}
	return names[0]
}

// journal checks the journal from beside the till, as cashierctl does.
func (k *kept) findings() []Finding {
	k.Helper()
	l, err := OpenRead(k.Context(), k.path)
	k.ok(err)
	defer l.Shut()
	found, err := l.VerifyJournal(k.Context(), k.dir)
	k.ok(err)
	return found
}

func (k *kept) agrees() {
	k.Helper()
	for _, f := range k.findings() {
		k.Errorf("%s %s: %s", f.Check, f.Subject, f.Message)
	}
}

func (k *kept) finds(what string) {
	k.Helper()
	found := k.findings()
	if !slices.ContainsFunc(found, func(f Finding) bool { return strings.Contains(f.Subject+" "+f.Message, what) }) {
		k.Errorf("%q is not among the findings: %+v", what, found)
	}
}

const (
	vectorStart  = "384fb96be45ce5e931323db5ebe7bf9399d9efd5f8a490925dbbd8e4c2c67fe8"
	vectorFirst  = "5c2a4abf76898b140c8b3002dcf35aed45d5219dbd8b12294175a366d93d989d"
	vectorSecond = "69fbd46c16007b8efa5fe32ac58be94073fdaec75035576df1ae54df25026268"
)

// The hashes were computed with another language's hashlib from the format that
// docs/data.md describes.
func TestJournalVectors(t *testing.T) {
	if got := journalStart("K7M2QX"); got != vectorStart {
		t.Errorf("start %s", got)
	}
	first := record{Prev: vectorStart, Seq: 1, At: 1772971200000, Till: "K7M2QX", Epoch: 1, Step: 1}
	line, hash, err := first.line()
	if err != nil || hash != vectorFirst {
		t.Errorf("%s, %v", hash, err)
	}
	if want := `{"hash":"` + vectorFirst + `","prev":"` + vectorStart + `","seq":1,"at":1772971200000,"till":"K7M2QX","epoch":1,"step":1,"audit":0,"auditHash":""}` + "\n"; string(line) != want {
		t.Errorf("%s", line)
	}
	second := record{Prev: hash, Seq: 2, At: 1772971200001, Till: "K7M2QX", Epoch: 1, Step: 2, Audit: 3, AuditHash: "ab", Sale: &saleRecord{
		ID: "s-1", Kind: "sale", Till: "K7M2QX", Epoch: 1, BusinessDate: "2026-03-08", ActorID: "7", ActorName: "梅", ActorRole: "cashier",
		Program: "cashier", State: "COMPLETE", Total: 1100, Opened: 1772971199000, Closed: 1772971200000,
	}}
	if _, hash, err := second.line(); err != nil || hash != vectorSecond {
		t.Errorf("%s, %v", hash, err)
	}
}

// Each kind of sale is in the journal, and the chain can be checked with
// nothing but JSON and SHA-256.
func TestJournalHoldsWhatMustNotBeLost(t *testing.T) {
	k := keeping(t, nil)
	k.everyPoint()
	k.leave()
	k.agrees()
	ends := map[string]string{}
	raw, err := os.ReadFile(k.file())
	k.ok(err)
	sum := sha256.Sum256([]byte("cashier journal 1 " + k.Till().ID))
	prev := hex.EncodeToString(sum[:])
	for i, line := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n") {
		var r struct {
			Hash, Prev string
			Seq        int
			Sale       *struct {
				ID, State string
				Legs      []struct{ Events []struct{ State string } }
			}
		}
		k.ok(json.Unmarshal([]byte(line), &r))
		if sum := sha256.Sum256([]byte(line[75:])); r.Hash != hex.EncodeToString(sum[:]) || r.Prev != prev || r.Seq != i+1 {
			t.Errorf("line %d does not continue: %s", i+1, line)
		}
		if prev = r.Hash; r.Sale != nil {
			ends[r.Sale.ID] = r.Sale.State
		}
	}
	l, err := OpenRead(t.Context(), k.path)
	k.ok(err)
	defer l.Shut()
	sales, err := l.Sales(t.Context(), time.Time{}, 0)
	k.ok(err)
	n := 0
	for _, s := range sales {
		_, open := s.OpenLeg()
		if s.State != checkout.Tendering || open {
			n++
			if ends[s.ID] != string(s.State) {
				t.Errorf("%s is %s, the journal says %q", s.ID, s.State, ends[s.ID])
			}
		}
	}
	if n < 3 {
		t.Errorf("only %d sales", n)
	}
}

// A leg whose outcome is unknown is written down when it becomes so, not each
// time it is asked about.
func TestUnresolvedLegsAreWrittenOnce(t *testing.T) {
	k := keeping(t, nil)
	_, leg := k.freeze(checkout.ClassCode)
	leg = k.advance(leg, checkout.Sent)
	for range 5 {
		leg = k.advance(leg, checkout.Unknown)
	}
	k.again()
	if n := strings.Count(k.text()[filepath.Base(k.file())], "\n"); n != 2 {
		t.Errorf("%d lines, want the beginning and the leg", n)
	}
	k.agrees()
	leg = k.advance(leg, checkout.Manual)
	k.advance(leg, checkout.Rejected)
	k.again()
	if n := strings.Count(k.text()[filepath.Base(k.file())], "\n"); n != 4 {
		t.Errorf("%d lines", n)
	}
	k.agrees()
}

// Wherever a power cut stops the writing of a line, the next start completes
// the journal to what it would have been.
func TestATornLineIsMended(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	k.again()
	k.sell()
	k.leave()
	whole, err := os.ReadFile(k.file())
	k.ok(err)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	step := max(1, (len(whole)-last)/25)
	for cut := last; cut < len(whole); cut += step {
		k.ok(os.WriteFile(k.file(), whole[:cut], 0o600))
		k.start()
		k.leave()
		if now, err := os.ReadFile(k.file()); err != nil || !bytes.Equal(now, whole) {
			t.Fatalf("cut at %d of %d: %s, %v", cut, len(whole), now, err)
		}
	}
	k.agrees()
	// Nothing but a fragment, and nothing at all.
	for _, begin := range [][]byte{whole[:40], {}} {
		k.ok(os.WriteFile(k.file(), begin, 0o600))
		k.start()
		k.leave()
		if now, err := os.ReadFile(k.file()); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("not written anew: %s, %v", now, err)
		}
	}
}

// A pulled-out stick stops no sale; back again, it gets what it missed. So does
// another one, and one that comes back after that.
func TestAStickThatIsPulledOut(t *testing.T) {
	k := keeping(t, nil)
	k.sell()
	k.again()
	out := filepath.Join(filepath.Dir(filepath.Dir(k.dir)), "pocket")
	k.ok(os.Rename(filepath.Dir(k.dir), out))
	k.sell()
	refused(t, <-k.told, "journal.missing")
	k.sell()
	k.leave()
	k.finds("is not there")
	k.start()
	if s := k.AwaitJournal(t.Context()); fault.CodeOf(s.Err) != "journal.missing" || s.Behind == 0 {
		t.Errorf("%+v", s)
	}
	refused(t, <-k.told, "journal.missing")
	k.ok(os.Rename(out, filepath.Dir(k.dir)))
	k.sell()
	if err := <-k.told; err != nil {
		t.Errorf("told %v", err)
	}
	k.leave()
	k.agrees()
	// Another stick gets everything.
	k.ok(os.Rename(filepath.Dir(k.dir), out))
	k.ok(os.Mkdir(filepath.Dir(k.dir), 0o700))
	k.start()
	k.sell()
	k.leave()
	k.agrees()
	// The first one has missed one sale.
	k.ok(os.RemoveAll(filepath.Dir(k.dir)))
	k.ok(os.Rename(out, filepath.Dir(k.dir)))
	k.finds("the till adds what is missing")
	k.start()
	k.leave()
	k.agrees()
	k.verified2()
}

func (k *kept) verified2() {
	k.Helper()
	l, err := OpenRead(k.Context(), k.path)
	k.ok(err)
	defer l.Shut()
	found, err := l.Verify(k.Context())
	k.ok(err)
	if len(found) > 0 {
		k.Errorf("%+v", found)
	}
}

// Books from before there was a journal come into it whole.
func TestHistoryComesIntoTheJournal(t *testing.T) {
	now := keeping(t, nil)
	now.everyPoint()
	now.leave()
	path := filepath.Join(t.TempDir(), "ledger.db")
	now.ok(prepare(path))
	m := ledgerWriter()
	m.params.Del("_foreign_keys")
	db, err := open(path, mode{params: m.params}, 1)
	now.ok(err)
	now.ok(migrate(t.Context(), db, before(t, 4)))
	for _, name := range texts(t, db, `SELECT name FROM sqlite_schema WHERE type = 'trigger'`) {
		_, err := db.Exec(`DROP TRIGGER ` + name)
		now.ok(err)
	}
	_, err = db.Exec(`ATTACH ? AS new`, now.path)
	now.ok(err)
	for _, table := range strings.Fields("sales sale_lines legs leg_events entries postings receipts audit audit_head watches") {
		then := strings.Join(texts(t, db, `SELECT name FROM pragma_table_info(?, 'main')`, table), ", ")
		_, err := db.Exec(`INSERT INTO ` + table + ` SELECT ` + then + ` FROM new.` + table)
		now.ok(err)
	}
	_, err = db.Exec(`INSERT INTO meta SELECT one, till_id, epoch, created_ms, copied_ms, vault_mark FROM new.meta`)
	now.ok(err)
	now.ok(db.Close())
	// As a backup from then it meets a journal that has the same and more.
	more := Params{Path: now.path, Journal: now.dir, Now: at(noon)}
	l, err := Open(t.Context(), more)
	now.ok(err)
	now.Ledger, now.n = l, 700
	last := now.sell()
	now.ok(l.Shut())
	restored := filepath.Join(t.TempDir(), "ledger.db")
	r, err := Restore(t.Context(), RestoreParams{Path: restored, From: path, Journal: now.dir, Now: at(noon)})
	if err != nil || r.Backup.Version != 3 || r.Replayed != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if was, is := moneyIn(t, now.path), moneyIn(t, restored); was != is || !strings.Contains(is, last.ID) {
		t.Errorf("other books:\n%s\nwere:\n%s", is, was)
	}
	k := keepingAt(t, path, filepath.Join(t.TempDir(), "journal"), nil)
	k.n = 500
	k.sell()
	k.leave()
	k.agrees()
	k.verified2()
	if n := strings.Count(k.text()[filepath.Base(k.file())], `"sale":`); n < 5 {
		t.Errorf("%d sales in the journal", n)
	}
}

// before is this program's migrations up to a version.
func before(t *testing.T, version int) fstest.MapFS {
	t.Helper()
	all := with(t, nil)
	m := fstest.MapFS{}
	for name, f := range all.(fstest.MapFS) {
		if name < fmt.Sprintf("%05d", version) {
			m[name] = f
		}
	}
	return m
}

func FuzzReadRecord(f *testing.F) {
	r := record{Prev: journalStart("K7M2QX"), Seq: 1, Till: "K7M2QX", Epoch: 1, Step: 2, Sale: &saleRecord{ID: "s", Lines: []lineRecord{{Name: "牛奶"}}, Receipt: &receiptNo{Counter: 1}}}
	line, _, err := r.line()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line[:len(line)-1])
	f.Add([]byte(`{"hash":"`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, hash, err := readRecord(line)
		if err != nil {
			return
		}
		sum := sha256.Sum256(line[75:])
		if hash != hex.EncodeToString(sum[:]) {
			t.Errorf("accepted with the hash %s", hash)
		}
		if again, _, err := r.line(); err != nil {
			t.Errorf("%+v: %v", r, err)
		} else if _, _, err := readRecord(again[:len(again)-1]); err != nil {
			t.Errorf("%s: %v", again, err)
		}
	})
}

func FuzzJournalFile(f *testing.F) {
	r := record{Prev: journalStart("K7M2QX"), Seq: 1, Till: "K7M2QX", Epoch: 1, Step: 1}
	line, _, err := r.line()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add(append(bytes.Clone(line), line[:50]...))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, journalFile("K7M2QX", "2026-03")), text, 0o600); err != nil {
			t.Fatal(err)
		}
		good := 0
		err := walkJournal(dir, "K7M2QX", 0, func(l journalLine) error {
			if len(l.bad) == 0 {
				good++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		end, err := endOfJournal(dir, "K7M2QX")
		if err == nil && end.begun() && good == 0 && end.rec.Seq == 1 {
			t.Errorf("an end without a good line: %+v", end)
		}
		if err == nil && end.size > int64(len(text)) {
			t.Errorf("ends at %d of %d", end.size, len(text))
		}
	})
}
