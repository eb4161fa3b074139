package localdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cashier/services/checkout"
	"cashier/services/upload"
)

// queue is the items of the queue as "sale part state", in its order.
func (s *shop) queue() []string {
	s.Helper()
	items, err := s.Uploads(s.Context(), 0, upload.Waiting, upload.Done, upload.Parked)
	s.ok(err)
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = fmt.Sprintf("%s %s %s", item.Sale.ID, item.Part, item.State)
	}
	return list
}

func (s *shop) item(saleID string, part upload.Part) upload.Item {
	s.Helper()
	items, err := s.Uploads(s.Context(), 0, upload.Waiting, upload.Done, upload.Parked)
	s.ok(err)
	for _, i := range items {
		if i.Sale.ID == saleID && i.Part == part {
			return i
		}
	}
	s.Fatalf("%s %s is not in the queue", saleID, part)
	return upload.Item{}
}

// begun sends the payments of a sale as far as the record that they are sent.
func (s *shop) begun(saleID, body string) upload.Item {
	s.Helper()
	i := s.item(saleID, upload.Payments)
	s.ok(s.BeginUpload(s.Context(), []upload.Attempt{{Seq: i.Seq, Body: []byte(body)}}, s.tick()))
	return s.item(saleID, upload.Payments)
}

func (s *shop) settled(i upload.Item, o upload.Outcome) {
	s.Helper()
	o.Seq, o.Tries = i.Seq, i.Tries
	s.ok(s.SettleUpload(s.Context(), []upload.Outcome{o}, s.tick()))
}

// refusedUpload parks the payments of a sale.
func (s *shop) refusedUpload(saleID string) upload.Item {
	s.Helper()
	s.settled(s.begun(saleID, `[{"a":1}]`), upload.Outcome{State: upload.Parked, Status: 605, Words: "卡余额不足"})
	return s.item(saleID, upload.Payments)
}

// Whatever completes a sale queues it, in that order; nothing else does.
func TestCompleteSalesAreQueuedOnce(t *testing.T) {
	s := newShop(t)
	cash := s.sell()
	free := s.sale(checkout.Line{Name: "赠品", Unit: "个", Qty: 1})
	_, err := s.Sell(t.Context(), free, nil, nil, s.act("sale.complete", free.ID))
	s.ok(err)
	complete := func(class checkout.Class) checkout.Sale {
		sale, leg := s.freeze(class)
		leg = s.advance(leg, checkout.Sent)
		last := s.step(leg, checkout.Paid)
		var entries []checkout.Entry
		if leg.Amount > 0 {
			entries = []checkout.Entry{paid(leg), sold(sale)}
		}
		_, err := s.Complete(t.Context(), sale, &last, entries, s.act("sale.complete", sale.ID))
		s.ok(err)
		return sale
	}
	code, card := complete(checkout.ClassCode), complete(checkout.ClassCard)
	void, leg := s.freeze(checkout.ClassCode)
	s.advance(leg, checkout.Rejected)
	void.State = checkout.Voided
	s.ok(s.Close(t.Context(), void, nil, nil, s.act("sale.void", void.ID)))
	open, leg := s.freeze(checkout.ClassCode)
	s.advance(s.advance(leg, checkout.Sent), checkout.Unknown)
	open.State = checkout.Unsettled
	s.ok(s.Close(t.Context(), open, nil, nil, s.act("sale.aside", open.ID)))

	var want []string
	for _, sale := range []checkout.Sale{cash, free, code, card} {
		want = append(want, sale.ID+" payment WAITING", sale.ID+" sale WAITING")
	}
	if got := s.queue(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.reopen()
	if got := s.queue(); !slices.Equal(got, want) {
		t.Errorf("after a restart %q", got)
	}
	b, err := s.UploadBacklog(t.Context())
	if err != nil || b.Waiting != 8 || b.Parked+b.Done != 0 || ms(b.Oldest) != ms(cash.ClosedAt) {
		t.Errorf("%+v, %v", b, err)
	}
	s.verified()
}

func TestTheSenderIsWoken(t *testing.T) {
	s := newShop(t)
	woken := func() bool {
		select {
		case <-s.UploadsAdded():
			return true
		default:
			return false
		}
	}
	s.freeze(checkout.ClassCode)
	if woken() {
		t.Error("by a sale that is not complete")
	}
	sale := s.sell()
	s.sell() // two wakes are one, and nobody waits for the sender
	if !woken() || woken() {
		t.Error("not once by complete sales")
	}
	s.refusedUpload(sale.ID)
	if woken() {
		t.Error("by itself")
	}
	if _, err := s.RetryUploads(t.Context(), "", s.act("upload.retry", "")); err != nil || !woken() {
		t.Errorf("not by a person: %v", err)
	}
}

// What is recorded of a request is there after a power cut, whole.
func TestAnUploadIsRecorded(t *testing.T) {
	s := newShop(t)
	sale, next := s.sell(), s.sell()
	const body = `[{"code":"<&>"}]`
	sum := sha256.Sum256([]byte(body))
	i := s.begun(sale.ID, body)
	s.reopen()
	if got := s.item(sale.ID, upload.Payments); !got.Open || got.Tries != 1 || string(got.Body) != body || got.Hash != hex.EncodeToString(sum[:]) || got.State != upload.Waiting {
		t.Errorf("begun: %+v", got)
	}
	later := s.clock.Add(time.Hour)
	s.settled(i, upload.Outcome{State: upload.Waiting, Open: true, Unclear: 6, Due: later, Status: 703, Words: "未知"})
	front, err := s.UploadFront(t.Context(), s.clock, 10)
	if err != nil || len(front) != 3 || front[0].Part != upload.Sales || len(front[0].Sale.Lines) != 2 || len(front[0].Sale.Legs) != 1 || front[1].Sale.ID != next.ID {
		t.Errorf("not due: %+v, %v", front, err)
	}
	front, err = s.UploadFront(t.Context(), later, 1)
	if err != nil || len(front) != 1 || front[0].Seq != i.Seq || front[0].Unclear != 6 || front[0].Status != 703 || front[0].Words != "未知" || ms(front[0].Due) != ms(later) {
		t.Errorf("due: %+v, %v", front, err)
	}
	s.settled(i, upload.Outcome{State: upload.Done})
	if got := s.item(sale.ID, upload.Payments); got.Body != nil || got.Hash != hex.EncodeToString(sum[:]) || got.State != upload.Done {
		t.Errorf("done: %+v", got)
	}
	s.verified()
}

// The file itself refuses what would send a sale twice, or something else than
// was sent.
func TestUploadsRefuse(t *testing.T) {
	s := newShop(t)
	sale, other := s.sell(), s.sell()
	waiting, _ := s.freeze(checkout.ClassCode)
	i := s.begun(sale.ID, `[1]`)
	ctx := t.Context()
	refused(t, s.BeginUpload(ctx, []upload.Attempt{{Seq: i.Seq, Body: []byte(`[2]`)}}, noon), "ledger.refused")
	s.ok(s.BeginUpload(ctx, []upload.Attempt{{Seq: i.Seq, Body: []byte(`[1]`)}}, noon))
	s.settled(i, upload.Outcome{State: upload.Done})
	refused(t, s.BeginUpload(ctx, []upload.Attempt{{Seq: i.Seq, Body: []byte(`[1]`)}}, noon), "ledger.defect")
	refused(t, s.BeginUpload(ctx, []upload.Attempt{{Seq: 99, Body: []byte(`[1]`)}}, noon), "ledger.defect")
	refused(t, s.SettleUpload(ctx, []upload.Outcome{{Seq: i.Seq, State: upload.Waiting}}, noon), "ledger.refused")
	before := dump(t, s.path)
	db := raw(t, s.path)
	for _, do := range []string{
		`DELETE FROM uploads`, `UPDATE uploads SET state = 'WAITING' WHERE state = 'DONE'`, `UPDATE uploads SET sale_id = '` + other.ID + `'`,
		`UPDATE uploads SET part = 'sale'`, `UPDATE uploads SET seq = seq + 10`, `UPDATE uploads SET state = 'GONE' WHERE state = 'WAITING'`,
		`INSERT INTO uploads SELECT 50, sale_id, part, state, open, tries, unclear, body, hash, due_ms, status, words, changed_ms FROM uploads LIMIT 1`,
		`INSERT OR REPLACE INTO uploads SELECT seq, sale_id, part, 'WAITING', open, tries, unclear, body, hash, due_ms, status, words, changed_ms FROM uploads LIMIT 1`,
		`INSERT INTO uploads SELECT 50, '` + waiting.ID + `', part, state, open, tries, unclear, body, hash, due_ms, status, words, changed_ms FROM uploads LIMIT 1`,
	} {
		if _, err := db.ExecContext(ctx, do); err == nil {
			t.Errorf("went through: %s", do)
		}
	}
	db.Close()
	if dump(t, s.path) != before {
		t.Error("something changed")
	}
	// Once the answer is known and a no, it may be written anew.
	third := s.begun(other.ID, `[1]`)
	s.settled(third, upload.Outcome{State: upload.Waiting})
	s.begun(other.ID, `[2]`)
	s.verified()
}

func TestAPersonDecides(t *testing.T) {
	s := newShop(t)
	one, two := s.sell(), s.sell()
	ctx := t.Context()
	for _, decide := range []func(context.Context, string, checkout.Act) (int, error){s.RetryUploads, s.AcceptUploads} {
		_, err := decide(ctx, one.ID, s.act("x", one.ID))
		refused(t, err, "upload.nothing_parked")
	}
	s.refusedUpload(one.ID)
	s.refusedUpload(two.ID)
	if n, err := s.RetryUploads(ctx, "", s.act("upload.retry", "")); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if got := s.item(one.ID, upload.Payments); got.State != upload.Waiting || got.Tries != 1 || got.Words == "" {
		t.Errorf("%+v", got)
	}
	s.refusedUpload(one.ID)
	_, err := s.AcceptUploads(ctx, "", s.act("upload.accept", ""))
	refused(t, err, "sale.unknown")
	if n, err := s.AcceptUploads(ctx, one.ID, s.act("upload.accept", one.ID)); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if got := s.item(one.ID, upload.Payments); got.State != upload.Done {
		t.Errorf("%+v", got)
	}
	if n := texts(t, raw(t, s.path), `SELECT what FROM audit WHERE what LIKE 'upload.%'`); len(n) != 2 {
		t.Errorf("audited %q", n)
	}
	s.verified()
}

// Sales from before there was a queue come into it in their order, once.
func TestHistoryComesIntoTheUploadQueue(t *testing.T) {
	now := newShop(t)
	var want []string
	for range 3 {
		sale := now.sell()
		want = append(want, sale.ID+" payment WAITING", sale.ID+" sale WAITING")
	}
	now.freeze(checkout.ClassCode)
	now.ok(now.Shut())
	path := filepath.Join(t.TempDir(), "ledger.db")
	now.ok(prepare(path))
	m := ledgerWriter()
	m.params.Del("_foreign_keys")
	db, err := open(path, mode{params: m.params}, 1)
	now.ok(err)
	now.ok(migrate(t.Context(), db, before(t, 5)))
	triggers := texts(t, db, `SELECT sql FROM sqlite_schema WHERE type = 'trigger'`)
	unlock(t, db)
	_, err = db.Exec(`ATTACH ? AS new`, now.path)
	now.ok(err)
	for _, table := range strings.Fields("sales sale_lines legs leg_events entries postings receipts audit audit_head watches meta epochs journal_steps") {
		_, err := db.Exec(`INSERT INTO ` + table + ` SELECT * FROM new.` + table)
		now.ok(err)
	}
	for _, trigger := range triggers {
		_, err := db.Exec(trigger)
		now.ok(err)
	}
	now.ok(db.Close())
	now.open(Params{}) // for its clean-up
	s := openShop(t, Params{Path: path})
	if got := s.queue(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.n = 100
	s.sell()
	s.reopen()
	if got := s.queue(); len(got) != 8 || !slices.Equal(got[:6], want) {
		t.Errorf("then %q", got)
	}
	s.verified()
}

// Backup and journal together are a queue without gaps or doubles. What lost
// books may have sent is open; what they had settled before is not.
func TestRestoreBringsTheQueueBack(t *testing.T) {
	k := keeping(t, nil)
	done, kept := k.sell(), k.sell()
	k.settled(k.begun(done.ID, `[1]`), upload.Outcome{State: upload.Done})
	open, leg := k.freeze(checkout.ClassCode)
	leg = k.advance(k.advance(leg, checkout.Sent), checkout.Unknown)
	b, err := k.Backup(t.Context(), "")
	k.ok(err)
	k.settled(k.begun(kept.ID, `[1]`), upload.Outcome{State: upload.Done}) // the backup does not know
	last := k.step(leg, checkout.Paid)
	_, err = k.Complete(t.Context(), open, &last, []checkout.Entry{paid(leg), sold(open)}, k.act("sale.complete", open.ID))
	k.ok(err)
	lost := k.sell()
	k.leave()
	for range 2 {
		if _, err := Restore(t.Context(), k.restoring(b.Path)); err != nil {
			t.Fatal(detail(err))
		}
		k.start()
		want := []string{done.ID + " payment DONE", done.ID + " sale WAITING"}
		for _, s := range []checkout.Sale{kept, open, lost} {
			want = append(want, s.ID+" payment WAITING", s.ID+" sale WAITING")
		}
		if got := k.queue(); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		items, err := k.Uploads(t.Context(), 0, upload.Waiting)
		k.ok(err)
		for _, i := range items {
			if !i.Open {
				t.Errorf("%s %s may have been sent, and does not say so", i.Sale.ID, i.Part)
			}
		}
		k.verified()
		k.leave()
		k.wall.Add(time.Hour.Milliseconds())
	}
}

// A queue is read and written beside a reader, and only by the till.
func TestReadersSeeTheQueue(t *testing.T) {
	s := newShop(t)
	sale := s.sell()
	l, err := OpenRead(t.Context(), s.path)
	s.ok(err)
	defer l.Shut()
	if b, err := l.UploadBacklog(t.Context()); err != nil || b.Waiting != 2 {
		t.Errorf("%+v, %v", b, err)
	}
	refused(t, l.BeginUpload(t.Context(), nil, noon), "ledger.read_only")
	_, err = l.AcceptUploads(t.Context(), sale.ID, checkout.Act{})
	refused(t, err, "ledger.read_only")
}
