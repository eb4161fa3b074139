package localdb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/upload"
)

const (
	queueUploadSQL = `INSERT INTO uploads (sale_id, part, state, open, tries, unclear, due_ms, status, words, changed_ms)
		VALUES (?, ?, 'WAITING', 0, 0, 0, 0, 0, '', ?)`
	waitsUploadSQL  = `SELECT EXISTS (SELECT 1 FROM uploads WHERE seq = ? AND state = 'WAITING')`
	beginUploadSQL  = `UPDATE uploads SET open = 1, tries = tries + 1, body = ?, hash = ?, changed_ms = ? WHERE seq = ?`
	settleUploadSQL = `UPDATE uploads SET state = ?1, open = ?2, tries = ?3, unclear = ?4, due_ms = ?5, status = ?6, words = ?7, changed_ms = ?8,
		body = CASE WHEN ?1 = 'DONE' THEN NULL ELSE body END WHERE seq = ?9`

	selectUploads  = `SELECT seq, sale_id, part, state, open, tries, unclear, body, hash, due_ms, status, words, changed_ms FROM uploads`
	uploadFrontSQL = selectUploads + ` WHERE state = 'WAITING' AND due_ms <= ? ORDER BY seq LIMIT ?`
	uploadsSQL     = selectUploads + ` WHERE state IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`
	backlogSQL     = `SELECT coalesce(sum(state = 'WAITING'), 0), coalesce(sum(state = 'PARKED'), 0), coalesce(sum(state = 'DONE'), 0) FROM uploads`
	oldestSQL      = `SELECT s.closed_ms FROM uploads u JOIN sales s ON s.id = u.sale_id WHERE u.state = 'WAITING' ORDER BY u.seq LIMIT 1`
)

var _ upload.Store = (*Ledger)(nil)

// queueUploads puts a complete sale into the upload queue, once. It is part of
// the transaction that completes the sale, whether or not anything is sent.
func (t *tx) queueUploads(saleID string, closed int64) error {
	for _, part := range upload.Parts() {
		if err := t.exec(queueUploadSQL, saleID, part, closed); err != nil {
			return err
		}
	}
	t.queued = true
	return nil
}

// mayHaveSent marks what waits: books that were lost may have sent it, and
// these cannot know.
func (t *tx) mayHaveSent() error {
	return t.exec(`UPDATE uploads SET open = 1 WHERE state = 'WAITING'`)
}

// UploadsAdded implements upload.Store.
func (l *Ledger) UploadsAdded() <-chan struct{} { return l.uploads }

func (l *Ledger) wakeUploads() {
	select {
	case l.uploads <- struct{}{}:
	default:
	}
}

// UploadFront implements upload.Store.
func (l *Ledger) UploadFront(ctx context.Context, now time.Time, limit int) ([]upload.Item, error) {
	return l.items(ctx, uploadFrontSQL, ms(now), limit)
}

// Uploads lists the items in these states, in the order of the queue. A limit
// of 0 or less is none.
func (l *Ledger) Uploads(ctx context.Context, limit int, states ...upload.State) ([]upload.Item, error) {
	if limit <= 0 {
		limit = -1
	}
	list := make([]string, len(states))
	for i, s := range states {
		list[i] = string(s)
	}
	return l.items(ctx, uploadsSQL, jsonList(list), limit)
}

func (l *Ledger) items(ctx context.Context, query string, args ...any) (items []upload.Item, err error) {
	err = l.view(ctx, func(t *tx) error {
		items, err = t.uploads(query, args...)
		return err
	})
	return items, err
}

// uploads reads items with their sales whole.
func (t *tx) uploads(query string, args ...any) (items []upload.Item, err error) {
	var list []string
	err = t.each(func(rows *sql.Rows) error {
		var i upload.Item
		var hash []byte
		var due, changed int64
		err := rows.Scan(&i.Seq, &i.Sale.ID, &i.Part, &i.State, &i.Open, &i.Tries, &i.Unclear, &i.Body, &hash, &due, &i.Status, &i.Words, &changed)
		if i.Hash, i.ChangedAt = hex.EncodeToString(hash), fromMS(changed); due > 0 {
			i.Due = fromMS(due)
		}
		items, list = append(items, i), append(list, i.Sale.ID)
		return err
	}, query, args...)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	sales, err := t.sales(true, selectSale+` WHERE s.id IN (SELECT value FROM json_each(?1))`, jsonList(list))
	if err != nil {
		return nil, err
	}
	at := index(sales)
	for i := range items {
		items[i].Sale = sales[at[items[i].Sale.ID]]
	}
	return items, nil
}

// BeginUpload implements upload.Store.
func (l *Ledger) BeginUpload(ctx context.Context, attempts []upload.Attempt, at time.Time) error {
	return l.commit(ctx, pointUploadBegin, func(t *tx) error {
		for _, a := range attempts {
			var waits bool
			if err := t.row(waitsUploadSQL, a.Seq).Scan(&waits); err != nil {
				return err
			}
			if !waits { // sent without a record it would be nobody's
				return defect("an upload that does not wait is about to be sent")
			}
			hash := sha256.Sum256(a.Body)
			if err := t.exec(beginUploadSQL, a.Body, hash[:], ms(at), a.Seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// SettleUpload implements upload.Store.
func (l *Ledger) SettleUpload(ctx context.Context, outcomes []upload.Outcome, at time.Time) error {
	return l.commit(ctx, pointUploadSettle, func(t *tx) error {
		for _, o := range outcomes {
			due := int64(0)
			if !o.Due.IsZero() {
				due = ms(o.Due)
			}
			if err := t.exec(settleUploadSQL, o.State, o.Open, o.Tries, o.Unclear, due, o.Status, o.Words, ms(at), o.Seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// UploadBacklog is how the queue stands.
func (l *Ledger) UploadBacklog(ctx context.Context) (b upload.Backlog, err error) {
	err = l.view(ctx, func(t *tx) error {
		if err := t.row(backlogSQL).Scan(&b.Waiting, &b.Parked, &b.Done); err != nil || b.Waiting == 0 {
			return err
		}
		var oldest int64
		err := t.row(oldestSQL).Scan(&oldest)
		b.Oldest = fromMS(oldest)
		return err
	})
	return b, err
}

// RetryUploads lets the parked items of a sale, or with "" of all sales, be sent
// again. It returns how many there were.
func (l *Ledger) RetryUploads(ctx context.Context, saleID string, a checkout.Act) (n int, err error) {
	return l.decideUploads(ctx, saleID, a, `UPDATE uploads SET state = 'WAITING', unclear = 0, due_ms = 0, changed_ms = ?2
		WHERE state = 'PARKED' AND (sale_id = ?1 OR ?1 = '')`)
}

// AcceptUploads records that HQ has the parked items of a sale, on a person's
// word. It returns how many there were.
func (l *Ledger) AcceptUploads(ctx context.Context, saleID string, a checkout.Act) (n int, err error) {
	if saleID == "" {
		return 0, unknownSale(saleID)
	}
	return l.decideUploads(ctx, saleID, a, `UPDATE uploads SET state = 'DONE', open = 0, body = NULL, changed_ms = ?2
		WHERE state = 'PARKED' AND sale_id = ?1`)
}

// decideUploads carries out what a person decided about parked items, with its
// audit row. Without any there is nothing to decide.
func (l *Ledger) decideUploads(ctx context.Context, saleID string, a checkout.Act, query string) (n int, err error) {
	err = l.commit(ctx, pointUploadDecide, func(t *tx) error {
		if err := t.row(`SELECT count(*) FROM uploads WHERE state = 'PARKED' AND (sale_id = ?1 OR ?1 = '')`, saleID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Invalid, "upload.nothing_parked", "HQ has refused nothing that this is about; nothing was changed. `cashierctl upload list` shows what it has refused.")
		}
		if err := t.exec(query, saleID, ms(a.At)); err != nil {
			return err
		}
		t.queued = true
		return t.audit(a)
	})
	return n, err
}

// uploads checks invariant 10: each complete sale is in the queue once for each
// part, no other sale is, and what may be sent again is what was sent.
func (f *findings) uploads(t *tx) error {
	err := t.each(func(rows *sql.Rows) error {
		var sale, part string
		if err := rows.Scan(&sale, &part); err != nil {
			return err
		}
		f.add("upload", sale, "the sale is complete and its %s rows are not in the upload queue", part)
		return nil
	}, `SELECT s.id, p.value FROM sales s, json_each(?1) p WHERE s.state = 'COMPLETE'
		AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.sale_id = s.id AND u.part = p.value) ORDER BY s.id, p.key`, partList())
	if err != nil {
		return err
	}
	err = t.each(func(rows *sql.Rows) error {
		var sale, part, state string
		var times int
		if err := rows.Scan(&sale, &part, &state, &times); err != nil {
			return err
		}
		if times > 1 {
			f.add("upload", sale, "its %s rows are in the upload queue %d times", part, times)
		}
		if state != string(checkout.Complete) {
			f.add("upload", sale, "its %s rows are in the upload queue, and it is %q", part, state)
		}
		return nil
	}, `SELECT u.sale_id, u.part, coalesce(s.state, ''), count(*) FROM uploads u LEFT JOIN sales s ON s.id = u.sale_id
		GROUP BY u.sale_id, u.part HAVING count(*) > 1 OR s.state IS NOT 'COMPLETE' ORDER BY u.sale_id, u.part`)
	if err != nil {
		return err
	}
	return t.each(func(rows *sql.Rows) error {
		var sale, part string
		var body, hash []byte
		if err := rows.Scan(&sale, &part, &body, &hash); err != nil {
			return err
		}
		if own := sha256.Sum256(body); !bytes.Equal(own[:], hash) {
			f.add("upload", sale, "its %s rows are not what was sent to HQ: they were changed since", part)
		}
		return nil
	}, `SELECT sale_id, part, body, hash FROM uploads WHERE body IS NOT NULL ORDER BY seq`)
}

func partList() string {
	var list []string
	for _, p := range upload.Parts() {
		list = append(list, string(p))
	}
	return jsonList(list)
}
