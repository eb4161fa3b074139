package localdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

// JournalGrace is how long VerifyJournal waits for a till that is just writing.
const JournalGrace = time.Second

// VerifyJournal checks the second journal in dir by itself and against these
// books, and returns what it finds. Each record must be whole and continue the
// one before; what it says of the audit trail and of its sale must be what the
// books say; and each sale that ended must be in it. An error means that the
// check could not be carried out.
func (l *Ledger) VerifyJournal(ctx context.Context, dir string) ([]Finding, error) {
	var f findings
	end, err := endOfJournal(dir, l.till.ID)
	if err != nil && fault.CodeOf(err) != codeJournalDamaged {
		f.add("journal", dir, "%v", err)
		return f, nil
	}
	damaged := err != nil
	var newest journalEnd // the newest step of the state that was looked at
	err = l.view(ctx, func(t *tx) error {
		if err := t.row(lastStepSQL).Scan(&newest.rec.Epoch, &newest.rec.Step); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		c := comparison{findings: &f, t: t, seen: map[string]seen{}, limits: map[int64]int64{}}
		if err := walkJournal(dir, l.till.ID, end.rec.Seq, c.line); err != nil {
			return err
		}
		if damaged {
			return nil // its end is not known, so what is missing is not either
		}
		return c.books(end)
	})
	if err != nil {
		return nil, err
	}
	if !damaged {
		f.waitFor(ctx, dir, l.till.ID, end, newest)
	}
	return f, nil
}

// waitFor gives a running till the time to write what it has just committed.
func (f *findings) waitFor(ctx context.Context, dir, till string, end, newest journalEnd) {
	const often = 20
	for i := 0; end.before(newest.rec.Epoch, newest.rec.Step); i++ {
		if i == often || ctx.Err() != nil {
			f.add("journal", dir, "ends at step %d of epoch %d, the books at step %d of epoch %d: the till adds what is missing when it runs and can write there",
				end.rec.Step, end.rec.Epoch, newest.rec.Step, newest.rec.Epoch)
			return
		}
		pause := time.NewTimer(JournalGrace / often)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
		if now, err := endOfJournal(dir, till); err == nil {
			end = now
		}
	}
}

// comparison holds a journal against books that do not change meanwhile.
type comparison struct {
	*findings
	t      *tx
	seen   map[string]seen // by sale: what its last record says
	limits map[int64]int64 // by epoch: audit rows from here on were lost with the books
}

// seen is what the last record of a sale says. Of one that has ended only the
// hash is kept: a journal holds years.
type seen struct {
	seq  int64
	hash [sha256.Size]byte
	open *saleRecord
}

func (c *comparison) line(l journalLine) error {
	for _, why := range l.bad {
		c.add("journal", l.place(), "%s", why)
	}
	if len(l.bad) > 0 {
		return nil
	}
	if err := c.anchor(l); err != nil {
		return err
	}
	if s := l.rec.Sale; s != nil {
		now := seen{seq: l.rec.Seq, hash: s.digest()}
		if !s.over() {
			now.open = s
		}
		c.seen[s.ID] = now
	}
	return nil
}

// anchor holds what a record says of the audit trail against the trail.
func (c *comparison) anchor(l journalLine) error {
	limit, known := c.limits[l.rec.Epoch]
	if !known {
		err := c.t.row(`SELECT coalesce(min(audit_seq), 9223372036854775807) FROM epochs WHERE epoch > ?`, l.rec.Epoch).Scan(&limit)
		if err != nil {
			return err
		}
		c.limits[l.rec.Epoch] = limit
	}
	if l.rec.Audit == 0 || l.rec.Audit >= limit {
		return nil
	}
	var hash string
	switch err := c.t.row(`SELECT lower(hex(hash)) FROM audit WHERE seq = ?`, l.rec.Audit).Scan(&hash); {
	case errors.Is(err, sql.ErrNoRows):
		c.add("journal", l.place(), "knows audit row %d, which the books do not have", l.rec.Audit)
	case err != nil:
		return err
	case hash != l.rec.AuditHash:
		c.add("journal", l.place(), "audit row %d is another one than when this was written", l.rec.Audit)
	}
	return nil
}

// books goes through the sales the journal should have by its end.
func (c *comparison) books(end journalEnd) error {
	const some = 500
	for last := ""; ; {
		sales, err := c.t.snapshots(selectSale+` WHERE s.id > ? ORDER BY s.id LIMIT ?`, last, some)
		if err != nil {
			return err
		}
		if len(sales) == 0 {
			break
		}
		late, err := c.t.stepsAfter(end, sales)
		if err != nil {
			return err
		}
		for _, s := range sales {
			was, there := c.seen[s.ID]
			delete(c.seen, s.ID)
			c.sale(s, was, there, late[s.ID])
		}
		last = sales[len(sales)-1].ID
	}
	var ids []string
	for id := range c.seen {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		c.add("journal", id, "record %d has this sale, the books do not: they are an old copy, or were changed", c.seen[id].seq)
	}
	return nil
}

func (c *comparison) sale(s saleRecord, was seen, there, late bool) {
	switch {
	case late: // its newest step is still to be written
	case !there && s.over():
		c.add("journal", s.ID, "the sale is %s and is not in the second journal", s.State)
	case there && was.open == nil && was.hash != s.digest():
		c.add("journal", s.ID, "the books say something else of this sale than record %d", was.seq)
	case there && was.open != nil:
		if _, err := was.open.missing(s); err != nil {
			c.add("journal", s.ID, "the books contradict record %d: %v", was.seq, err)
		}
		if s.over() {
			c.add("journal", s.ID, "the sale is %s, and only unsettled in record %d", s.State, was.seq)
		}
	}
}

// stepsAfter are which of these sales have a step the journal has yet to get.
func (t *tx) stepsAfter(end journalEnd, sales []saleRecord) (map[string]bool, error) {
	list := make([]string, len(sales))
	for i, s := range sales {
		list[i] = s.ID
	}
	late := map[string]bool{}
	err := t.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		late[id] = true
		return err
	}, `SELECT sale_id FROM journal_steps WHERE sale_id IN (SELECT value FROM json_each(?1)) AND (epoch, no) > (?2, ?3)`, jsonList(list), end.rec.Epoch, end.rec.Step)
	return late, err
}

func (r saleRecord) over() bool {
	return r.State == string(checkout.Complete) || r.State == string(checkout.Voided)
}

// digest is a hash of what a sale is, whenever it was written down. Watches go
// on by themselves and are left out.
func (r saleRecord) digest() [sha256.Size]byte {
	r.Watches = nil
	raw, err := json.Marshal(r)
	if err != nil {
		panic("localdb: " + err.Error()) // numbers and strings always marshal
	}
	return sha256.Sum256(raw)
}

// lack is what a sale in the books does not have of a record of it.
type lack struct {
	legs    []legRecord // whole legs
	events  map[string][]eventRecord
	entries []entryRecord
	state   bool // it has not come so far
	receipt bool
}

func (l lack) nothing() bool {
	return len(l.legs) == 0 && len(l.events) == 0 && len(l.entries) == 0 && !l.state && !l.receipt
}

// missing is what s lacks of the record; an error where it says something else.
func (r saleRecord) missing(s saleRecord) (lack, error) {
	var l lack
	bare := func(x saleRecord) saleRecord {
		x.State, x.Closed, x.Reason, x.Legs, x.Entries, x.Receipt, x.Watches = "", 0, "", nil, nil, nil, nil
		return x
	}
	if bare(r).digest() != bare(s).digest() {
		return l, errors.New("another sale by the same id")
	}
	if err := l.compareLegs(r.Legs, s.Legs); err != nil {
		return l, err
	}
	entries, err := prefix(r.Entries, s.Entries)
	if err != nil {
		return l, errors.New("other entries")
	}
	l.entries = entries
	if r.over() && s.over() && (r.State != s.State || r.Closed != s.Closed) {
		return l, errors.New("another end: " + s.State + ", not " + r.State)
	}
	l.state = r.State != s.State && !s.over() && (r.over() || s.State == string(checkout.Tendering))
	switch {
	case r.Receipt == nil:
	case s.Receipt == nil:
		l.receipt = true
	case *r.Receipt != *s.Receipt:
		return l, errors.New("another receipt number")
	}
	return l, nil
}

func (l *lack) compareLegs(theirs, ours []legRecord) error {
	for _, their := range theirs {
		i := slices.IndexFunc(ours, func(x legRecord) bool { return x.ID == their.ID })
		if i < 0 {
			l.legs = append(l.legs, their)
			continue
		}
		a, b := their, ours[i]
		a.Events, b.Events = nil, nil
		if !same(a, b) {
			return errors.New("another payment by the id " + their.ID)
		}
		events, err := prefix(their.Events, ours[i].Events)
		if err != nil {
			return errors.New("payment " + their.Key + " took another way, from event " + strconv.Itoa(len(ours[i].Events)))
		}
		if len(events) > 0 {
			if l.events == nil {
				l.events = map[string][]eventRecord{}
			}
			l.events[their.ID] = events
		}
	}
	return nil
}

var errOtherWay = errors.New("neither begins like the other")

// prefix is what theirs has beyond ours. One of the two must begin with the
// other.
func prefix[T any](theirs, ours []T) (rest []T, err error) {
	n := min(len(theirs), len(ours))
	if n > 0 && !same(theirs[:n], ours[:n]) {
		return nil, errOtherWay
	}
	return theirs[n:], nil
}

// same compares two of the file's own shapes as the file would show them.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
