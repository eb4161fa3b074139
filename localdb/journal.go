package localdb

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cashier/services/fault"
)

// The second journal repeats on another path what must not be lost with the
// ledger: each sale that ended and each one whose money is not known.
//
// It is written after the ledger's commit, and nobody waits for it: a stick
// that hangs or is pulled out must not hold up a customer, and the ledger alone
// decides what is true. So between a commit and its line there are some
// milliseconds in which only the ledger knows. Whatever keeps a line from being
// written, the ledger keeps its step, and the journal's own last record says
// where to go on: after the next step, and at every start.

const (
	insertStepSQL = `INSERT INTO journal_steps (epoch, no, sale_id, audit_seq)
		SELECT ?1, coalesce(max(no), 0) + 1, ?2, (SELECT seq FROM audit_head) FROM journal_steps WHERE epoch = ?1`
	inJournalSQL    = `SELECT EXISTS (SELECT 1 FROM journal_steps WHERE sale_id = ?)`
	pendingStepsSQL = `SELECT s.epoch, s.no, coalesce(s.sale_id, ''), s.audit_seq, coalesce(lower(hex(a.hash)), '')
		FROM journal_steps s LEFT JOIN audit a ON a.seq = s.audit_seq
		WHERE (s.epoch, s.no) > (?, ?) ORDER BY s.epoch, s.no LIMIT ?`
	countStepsSQL = `SELECT count(*) FROM journal_steps WHERE (epoch, no) > (?, ?)`
	lastStepSQL   = `SELECT epoch, no FROM journal_steps ORDER BY epoch DESC, no DESC LIMIT 1`
	stepHashSQL   = `SELECT coalesce((SELECT lower(hex(hash)) FROM audit a WHERE a.seq = s.audit_seq), '') FROM journal_steps s WHERE epoch = ? AND no = ?`
)

const (
	// journalBatch is how many steps are made durable at once when catching up;
	// they are fewer where they come to more than journalTear bytes. So what a
	// power cut can spoil lies within so much of the end of a file.
	journalBatch = 200
	journalTear  = 1 << 20
	// journalLook is how long a start waits for the journal's disk to say where
	// the journal stands; journalDrain how long a shut-down waits for the rest.
	journalLook  = 2 * time.Second
	journalDrain = 5 * time.Second
)

// appender is an open journal file.
type appender interface {
	io.Writer
	Sync() error
	Close() error
}

func appendTo(path string) (appender, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
}

// journal writes the second journal of a ledger, in a goroutine of its own.
type journal struct {
	dir  string
	till string
	l    *Ledger
	open func(path string) (appender, error)
	tell func(error)

	wakes   chan struct{}
	stop    chan struct{}
	ending  sync.Once
	looked  chan struct{} // closed after the first round
	stopped chan struct{}

	mu    sync.Mutex
	state JournalState
	last  journalEnd
}

// JournalState is how the second journal stands.
type JournalState struct {
	Dir    string
	Err    error // why it is not written, nil if all is well
	Behind int64 // steps of the ledger that are not in it
}

// Journal is how the second journal stood when it was last written; its Dir is
// "" where none is kept.
func (l *Ledger) Journal() JournalState {
	if l.journal == nil {
		return JournalState{}
	}
	l.journal.mu.Lock()
	defer l.journal.mu.Unlock()
	return l.journal.state
}

// AwaitJournal waits until the journal has been brought up to date once, could
// not be, or ctx ends, and returns how it then stands.
func (l *Ledger) AwaitJournal(ctx context.Context) JournalState {
	if l.journal != nil {
		select {
		case <-l.journal.looked:
		case <-ctx.Done():
		}
	}
	return l.Journal()
}

// step notes that something belongs in the second journal: the sale as it
// stands, or, for "", the beginning of an epoch. The step's audit row comes
// first.
func (t *tx) step(epoch int64, saleID string) error {
	return t.exec(insertStepSQL, epoch, sql.NullString{String: saleID, Valid: saleID != ""})
}

// again is step for a sale that is in the journal already.
func (t *tx) again(epoch int64, saleID string) error {
	var there bool
	if err := t.row(inJournalSQL, saleID).Scan(&there); err != nil || !there {
		return err
	}
	return t.step(epoch, saleID)
}

// peek reads where the journal of a till stands, waiting for its disk no longer
// than a start may take. A journal that cannot be read does not stop a start.
func peek(dir, till string) (journalEnd, error) {
	type answer struct {
		end journalEnd
		err error
	}
	got := make(chan answer, 1)
	go func() {
		end, err := endOfJournal(dir, till)
		got <- answer{end, err}
	}()
	late := time.NewTimer(journalLook)
	defer late.Stop()
	select {
	case a := <-got:
		return a.end, a.err
	case <-late.C:
		return journalEnd{}, saidJournal(os.ErrDeadlineExceeded, dir)
	}
}

// ahead reports whether the journal knows more than the books at this epoch:
// they are then an old copy, and would give its keys and numbers again.
func (t *tx) ahead(end journalEnd, epoch int64) (bool, error) {
	if !end.begun() || end.rec.Epoch != epoch {
		return end.rec.Epoch > epoch, nil
	}
	var hash string
	err := t.row(stepHashSQL, end.rec.Epoch, end.rec.Step).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return err == nil && hash != end.rec.AuditHash, err
}

// keepJournal begins to write what the journal does not have yet.
func (l *Ledger) keepJournal(p Params) {
	j := &journal{
		dir: p.Journal, till: l.till.ID, l: l, open: p.openJournal, tell: p.OnJournal,
		wakes: make(chan struct{}, 1), stop: make(chan struct{}), looked: make(chan struct{}), stopped: make(chan struct{}),
	}
	if j.open == nil {
		j.open = appendTo
	}
	j.state.Dir = j.dir
	l.journal = j
	go j.run()
}

func (j *journal) run() {
	defer close(j.stopped)
	j.round()
	close(j.looked)
	for ; ; j.round() {
		select {
		case <-j.wakes:
		case <-j.stop:
			j.round()
			return
		}
	}
}

// wake asks for a round; it never waits.
func (j *journal) wake() {
	if j == nil {
		return
	}
	select {
	case j.wakes <- struct{}{}:
	default:
	}
}

// end writes what is left. A disk that hangs is left behind.
func (j *journal) end() {
	if j == nil {
		return
	}
	j.ending.Do(func() { close(j.stop) })
	late := time.NewTimer(journalDrain)
	defer late.Stop()
	select {
	case <-j.stopped:
	case <-late.C:
	}
}

// round brings the journal up to the ledger, and remembers how that went.
func (j *journal) round() {
	ctx := context.Background()
	err := j.catchUp(ctx)
	var behind int64
	if err != nil {
		j.mu.Lock()
		last := j.last
		j.mu.Unlock()
		_ = j.l.read.QueryRowContext(ctx, countStepsSQL, last.rec.Epoch, last.rec.Step).Scan(&behind) // a number for people only
	}
	j.mu.Lock()
	changed := fault.CodeOf(err) != fault.CodeOf(j.state.Err)
	j.state.Err, j.state.Behind = err, behind
	j.mu.Unlock()
	if changed && j.tell != nil {
		j.tell(err)
	}
}

// catchUp starts from what the folder says, each time: the stick may be
// another one than a moment ago.
func (j *journal) catchUp(ctx context.Context) error {
	if err := makeJournalFolder(j.dir); err != nil {
		return saidJournal(err, j.dir)
	}
	end, err := endOfJournal(j.dir, j.till)
	if err != nil {
		return err
	}
	if err := j.l.view(ctx, func(t *tx) error { return t.follows(end, j.dir) }); err != nil {
		return err
	}
	if end.torn {
		if err := cutOff(end); err != nil {
			return saidJournal(err, end.file)
		}
		end.torn = false
	}
	for {
		records, err := j.l.pending(ctx, end, journalBatch)
		if err != nil {
			return err
		}
		var done int
		if end, done, err = j.append(end, records); err != nil {
			return saidJournal(err, j.dir)
		}
		j.mu.Lock()
		j.last = end
		j.mu.Unlock()
		if done == len(records) && done < journalBatch {
			return nil
		}
	}
}

// follows refuses a journal that these books are too old for.
func (t *tx) follows(end journalEnd, dir string) error {
	var epoch int64
	if err := t.row(`SELECT epoch FROM meta`).Scan(&epoch); err != nil {
		return err
	}
	ahead, err := t.ahead(end, epoch)
	if err == nil && ahead {
		err = fault.New(fault.Internal, codeJournalAhead, "The second journal {path} knows sales that these books do not have: the data folder may be an old copy. Nothing is written to the journal. Restart the till, then restore the newest backup with `cashierctl restore`.", "path", dir)
	}
	return err
}

// makeJournalFolder makes the last folder of the path only: where a stick's
// folder is missing, the stick is.
func makeJournalFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

// cutOff takes away the beginning of a line that never became a record.
func cutOff(end journalEnd) error {
	f, err := os.OpenFile(end.file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(end.size), f.Sync(), f.Close())
}

// pending are the records that come after end, not yet chained.
func (l *Ledger) pending(ctx context.Context, end journalEnd, limit int) (records []record, err error) {
	err = l.view(ctx, func(t *tx) error {
		var list []string
		err := t.each(func(rows *sql.Rows) error {
			var r record
			var sale string
			err := rows.Scan(&r.Epoch, &r.Step, &sale, &r.Audit, &r.AuditHash)
			records, list = append(records, r), append(list, sale)
			return err
		}, pendingStepsSQL, end.rec.Epoch, end.rec.Step, limit)
		if err != nil || len(records) == 0 {
			return err
		}
		sales, err := t.snapshots(selectSale+` WHERE s.id IN (SELECT value FROM json_each(?1))`, jsonList(list))
		if err != nil {
			return err
		}
		whole := make(map[string]*saleRecord, len(sales))
		for i := range sales {
			whole[sales[i].ID] = &sales[i]
		}
		for i := range records {
			records[i].Sale = whole[list[i]]
		}
		return nil
	})
	return records, err
}

// append writes records in one durable step, as many as fit in one, and says how
// many these were.
func (j *journal) append(end journalEnd, records []record) (_ journalEnd, done int, err error) {
	now := j.l.now()
	file := filepath.Join(j.dir, journalFile(j.till, now.UTC().Format("2006-01")))
	if file < end.file { // the clock went back: go on where the chain is
		file = end.file
	}
	hash := end.hash
	if !end.begun() {
		hash = journalStart(j.till)
	}
	var text []byte
	for _, r := range records {
		r.Prev, r.Seq, r.At, r.Till = hash, end.rec.Seq+1, ms(now), j.till
		line, own, err := r.line()
		if err != nil {
			return end, done, err
		}
		if done > 0 && len(text)+len(line) > journalTear {
			break
		}
		text, hash = append(text, line...), own
		end.rec, end.hash = r, own
		done++
	}
	if done == 0 {
		return end, 0, nil
	}
	end.file = file
	return end, done, j.write(file, text)
}

// write makes lines durable, and only then their last line feed: a disk that
// loses power writes the parts of a file in any order, and a line is believed
// by its end.
func (j *journal) write(file string, text []byte) error {
	_, err := os.Stat(file)
	fresh := errors.Is(err, os.ErrNotExist)
	f, err := j.open(file)
	if err != nil {
		return err
	}
	j.l.hook(pointJournal + ".before")
	body, feed := text[:len(text)-1], text[len(text)-1:]
	_, err = f.Write(body)
	if err == nil {
		j.l.hook(pointJournal + ".written")
		err = f.Sync()
	}
	if err == nil {
		_, err = f.Write(feed)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil && fresh {
		err = syncFolder(j.dir)
	}
	if err == nil {
		j.l.hook(pointJournal + ".after")
	}
	return err
}
