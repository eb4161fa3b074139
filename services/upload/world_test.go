package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cashier/services/checkout"
	"cashier/services/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a store without a disk. It refuses what a ledger refuses, and dies
// where it is told to.
type memory struct {
	mu    sync.Mutex
	items []Item
	added chan struct{}
	die   func(point string) // panics with power for a power cut
}

type powerCut struct{}

func newMemory() *memory {
	return &memory{added: make(chan struct{}, 1), die: func(string) {}}
}

// complete is what the ledger does when a sale is complete.
func (m *memory) complete(s checkout.Sale) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range Parts() {
		m.items = append(m.items, Item{Seq: int64(len(m.items) + 1), Sale: s, Part: p, State: Waiting})
	}
	select {
	case m.added <- struct{}{}:
	default:
	}
}

func (m *memory) UploadsAdded() <-chan struct{} { return m.added }

func (m *memory) UploadFront(_ context.Context, now time.Time, limit int) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var front []Item
	for _, i := range m.items {
		if i.State == Waiting && !i.Due.After(now) && len(front) < limit {
			front = append(front, i)
		}
	}
	return front, nil
}

// write makes one change durable, or, after a power cut before it, nothing.
func (m *memory) write(point string, change func(items []Item) error) error {
	m.die(point + ".before")
	m.mu.Lock()
	items := slices.Clone(m.items)
	err := change(items)
	if err == nil {
		m.items = items
	}
	m.mu.Unlock()
	if err == nil {
		m.die(point + ".after")
	}
	return err
}

func (m *memory) BeginUpload(ctx context.Context, attempts []Attempt, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Unreachable, "disk.stopped", "Stopped.")
	}
	return m.write("begin", func(items []Item) error {
		for _, a := range attempts {
			i := &items[a.Seq-1]
			sum := sha256.Sum256(a.Body)
			hash := hex.EncodeToString(sum[:])
			if i.State != Waiting || i.Open && i.Hash != "" && i.Hash != hash {
				return fmt.Errorf("item %d is sent otherwise than before", a.Seq)
			}
			i.Open, i.Tries, i.Body, i.Hash, i.ChangedAt = true, i.Tries+1, a.Body, hash, at
		}
		return nil
	})
}

func (m *memory) SettleUpload(ctx context.Context, outcomes []Outcome, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Unreachable, "disk.stopped", "Stopped.")
	}
	return m.write("settle", func(items []Item) error {
		for _, o := range outcomes {
			i := &items[o.Seq-1]
			if i.State == Done || o.State == Done && o.Open {
				return fmt.Errorf("item %d is done", o.Seq)
			}
			i.State, i.Open, i.Tries, i.Unclear, i.Due, i.Status, i.Words, i.ChangedAt = o.State, o.Open, o.Tries, o.Unclear, o.Due, o.Status, o.Words, at
		}
		return nil
	})
}

func (m *memory) states() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	for _, i := range m.items {
		fmt.Fprintf(&b, "%s ", i.State)
	}
	return strings.TrimSpace(b.String())
}

func (m *memory) item(seq int) Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.items[seq-1]
}

// office is an HQ that knows serial numbers. reply says what goes wrong with a
// request; it may store nothing, all, or what is new.
type office struct {
	mu       sync.Mutex
	have     map[Part]map[string]string // serial → its rows
	order    map[Part][]string
	requests []string
	apart    bool   // a serial that is there keeps only its own bill out
	device   string // in every row: a setting that can be changed
	reply    func(n int, codes []string) *reply
	bad      map[string]Answer // an answer for whatever holds this serial
}

type reply struct {
	answer Answer
	stored bool
}

func newOffice() *office {
	return &office{have: map[Part]map[string]string{Payments: {}, Sales: {}}, order: map[Part][]string{}, bad: map[string]Answer{}, device: "POS1"}
}

type row struct {
	Code   string `json:"code"`
	Device string `json:"device"`
	What   string `json:"what"`
}

func (o *office) Encode(part Part, b Bill) ([]byte, int, error) {
	rows := []row{}
	if part == Payments {
		for _, p := range b.Payments {
			rows = append(rows, row{b.Serial, o.device, fmt.Sprint(p.Type, p.Money)})
		}
	} else {
		for _, l := range b.Lines {
			rows = append(rows, row{b.Serial, o.device, fmt.Sprint(l.ProductID, l.Quantity, l.Money)})
		}
	}
	if strings.Contains(b.Serial, "unwritable") {
		return nil, 0, fault.New(fault.Invalid, "hq.bill_row", "It cannot be written.")
	}
	body, err := json.Marshal(rows)
	return body, len(rows), err
}

func said(kind fault.Kind, status int) Answer {
	return Answer{Err: fault.New(kind, "hq.x", "HQ says so."), Status: status, Words: "原因"}
}

var (
	silence    = Answer{Err: fault.New(fault.Unknown, "hq.silent", "No answer."), Unheard: true}
	notThere   = Answer{Err: fault.New(fault.Unreachable, "hq.unreachable", "Not reachable.")}
	duplicate  = said(fault.Unknown, 801)
	answeredNo = said(fault.Refused, 605)
)

func (o *office) Send(_ context.Context, part Part, body []byte) Answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	var rows []json.RawMessage
	if err := json.Unmarshal(body, &rows); err != nil || len(rows) == 0 {
		panic(fmt.Sprintf("%s: %v", body, err))
	}
	came := map[string]string{}
	var codes []string
	for _, raw := range rows {
		var r row
		if err := json.Unmarshal(raw, &r); err != nil {
			panic(err)
		}
		if came[r.Code] == "" {
			codes = append(codes, r.Code)
		}
		came[r.Code] += string(raw)
	}
	o.requests = append(o.requests, string(part)+" "+strings.Join(codes, ","))
	var wrong *reply
	if o.reply != nil {
		wrong = o.reply(len(o.requests), codes)
	}
	if wrong != nil && !wrong.stored {
		return wrong.answer
	}
	said := o.store(part, codes, came)
	if wrong != nil {
		return wrong.answer
	}
	return said
}

func (o *office) store(part Part, codes []string, came map[string]string) Answer {
	said := Answer{}
	for _, c := range codes {
		if a, ok := o.bad[c]; ok {
			said = a
		} else if o.have[part][c] != "" && said.Err == nil {
			said = duplicate
		}
	}
	if said.Err != nil && !o.apart {
		return said
	}
	for _, c := range codes {
		if _, bad := o.bad[c]; !bad && o.have[part][c] == "" {
			o.have[part][c] = came[c]
			o.order[part] = append(o.order[part], c)
		}
	}
	return said
}

// bench is a sender between the two, with a clock of its own.
type bench struct {
	*memory
	*office
	t      testing.TB
	clock  time.Time
	sender *Sender
}

func newBench(t testing.TB) *bench {
	b := &bench{memory: newMemory(), office: newOffice(), t: t, clock: eight}
	b.start()
	return b
}

func (b *bench) start() {
	s, err := New(Params{
		Store: b.memory, HQ: b.office, Now: func() time.Time { return b.clock },
		Backoff: time.Microsecond, MaxBackoff: 2 * time.Microsecond,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.sender = s
}

// sells completes a sale under a serial number.
func (b *bench) sells(serials ...string) {
	for _, serial := range serials {
		b.complete(checkout.Sale{
			ID: "id of " + serial, Kind: checkout.Goods, State: checkout.Complete, ReceiptNo: serial, ClosedAt: eight, Total: 100,
			Lines: []checkout.Line{{ProductID: 1, Price: 100, Qty: 1, Amount: 100}},
			Legs:  []checkout.Leg{{Class: checkout.ClassRecorded, Method: "cash", Amount: 100, State: checkout.Paid, ChangedAt: eight}},
		})
	}
}

func (b *bench) flush() (Report, error) { return b.sender.Flush(context.Background()) }

// flushed sends everything.
func (b *bench) flushed() Report {
	r, err := b.flush()
	if err != nil {
		b.t.Helper()
		b.t.Fatal(err)
	}
	return r
}

// killed runs until the power is cut, and reports whether it was.
func (b *bench) killed(f func()) (cut bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case powerCut:
			cut = true
			b.die = func(string) {}
			b.start()
		default:
			panic(r)
		}
	}()
	f()
	return false
}

func (b *bench) cutAt(point string) {
	b.die = func(p string) {
		if p == point {
			panic(powerCut{})
		}
	}
}

func (b *bench) atHQ(part Part) string { return strings.Join(b.order[part], " ") }

var errAny = errors.New("any")

// sameBytes holds what HQ has against what the queue says was sent.
func (b *bench) sameBytes() {
	b.t.Helper()
	for _, i := range b.items {
		have, there := b.have[i.Part][i.Sale.ReceiptNo]
		if i.State == Done && there && i.Tries > 0 && !bytes.Equal([]byte("["+strings.ReplaceAll(have, "}{", "},{")+"]"), i.Body) {
			b.t.Errorf("HQ has %s, the queue sent %s", have, i.Body)
		}
	}
}
