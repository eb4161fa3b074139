package localdb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cashier/services/checkout"
	"cashier/services/money"
)

// Finding is one thing that is not as it must be.
type Finding struct {
	Check   string // which rule: integrity, audit, leg, entry, sale, receipt, upload, price, staff, …
	Subject string // what breaks it: a sale id, a leg's key, a row
	Message string
}

// findings collects them; a rule that cannot be checked because the file is
// damaged is a finding too.
type findings []Finding

func (f *findings) add(check, subject, format string, args ...any) {
	*f = append(*f, Finding{check, subject, fmt.Sprintf(format, args...)})
}

// Verify checks the whole ledger against the law of the payment path and
// returns what it finds, nothing if all is well. It reads one unchanging state
// of the books and may take seconds on large ones. An error means that it
// could not be carried out.
func (l *Ledger) Verify(ctx context.Context) ([]Finding, error) {
	var f findings
	problems, err := integrity(ctx, l.read)
	if err = f.damaged("integrity", err); err != nil {
		return nil, l.say(err)
	}
	for _, p := range problems {
		f.add("integrity", "ledger.db", "%s", p)
	}
	err = l.view(ctx, func(t *tx) error {
		for _, c := range []struct {
			name  string
			check func(*tx) error
		}{
			{"foreign-key", f.foreignKeys},
			{"audit", func(t *tx) error { return f.auditChain(t, l.till.ID) }},
			{"entry", f.entries},
			{"receipt", f.receipts},
			{"sale", f.everySale},
			{"refund", f.refunds},
			{"watch", f.watchBooks},
			{"upload", f.uploads},
			{"price", f.priceHistory},
			{"price", f.priceBatches},
			{"staff", f.staffState},
		} {
			if err := f.damaged(c.name, c.check(t)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// damaged keeps a damaged page from hiding what the other checks find.
func (f *findings) damaged(check string, err error) error {
	if diskCode(err) == codeCorrupt {
		f.add(check, "ledger.db", "cannot be read: %v", err)
		return nil
	}
	return err
}

func (f *findings) foreignKeys(t *tx) error {
	return t.each(func(rows *sql.Rows) error {
		var table, parent string
		var row sql.NullInt64
		var key int64
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		f.add("foreign-key", table, "row %d has no %s", row.Int64, parent)
		return nil
	}, `PRAGMA foreign_key_check`)
}

// auditChain walks the chain from its start to its recorded end.
func (f *findings) auditChain(t *tx, tillID string) error {
	hash, seq := auditStart(tillID), int64(0)
	err := t.each(func(rows *sql.Rows) error {
		var r auditRow
		var prev, own []byte
		if err := rows.Scan(&r.seq, &r.at, &r.actor, &r.name, &r.role, &r.program, &r.what, &r.subject, &r.detail, &prev, &own); err != nil {
			return err
		}
		subject := fmt.Sprintf("audit row %d", r.seq)
		if r.seq != seq+1 {
			f.add("audit", subject, "follows row %d: rows are missing", seq)
		}
		if !bytes.Equal(prev, hash) {
			f.add("audit", subject, "does not continue the row before it")
		}
		if !bytes.Equal(own, r.chain(prev)) {
			f.add("audit", subject, "was changed after it was written")
		}
		hash, seq = own, r.seq
		return nil
	}, `SELECT seq, at_ms, actor_id, actor_name, actor_role, actor_program, what, subject, detail, prev_hash, hash FROM audit ORDER BY seq`)
	if err != nil {
		return err
	}
	var end int64
	var endHash []byte
	switch err := t.row(auditHeadSQL).Scan(&end, &endHash); {
	case errors.Is(err, sql.ErrNoRows):
		f.add("audit", "end", "the record of the chain's end is missing")
	case err != nil:
		return err
	case end != seq || !bytes.Equal(endHash, hash):
		f.add("audit", "end", "the chain ends at row %d, not at row %d as recorded", seq, end)
	}
	return nil
}

func (f *findings) entries(t *tx) error {
	return t.each(func(rows *sql.Rows) error {
		var sale string
		var no, n int64
		var sum money.Fen
		if err := rows.Scan(&sale, &no, &n, &sum); err != nil {
			return err
		}
		f.add("entry", sale, "entry %d has %d postings that sum to %s, not to zero", no, n, sum)
		return nil
	}, `SELECT e.sale_id, e.no, count(p.no), coalesce(sum(p.amount), 0) FROM entries e LEFT JOIN postings p ON p.sale_id = e.sale_id AND p.entry_no = e.no
		GROUP BY e.sale_id, e.no HAVING count(p.no) < 2 OR sum(p.amount) <> 0`)
}

// receipts checks that each till and epoch counts 1, 2, 3, … (the numbers
// themselves are unique by their index), one for each complete sale.
func (f *findings) receipts(t *tx) error {
	var series string
	var last int64
	err := t.each(func(rows *sql.Rows) error {
		var no, till, sale, state string
		var epoch, counter int64
		if err := rows.Scan(&no, &till, &epoch, &counter, &sale, &state); err != nil {
			return err
		}
		if this := fmt.Sprintf("%s-%d", till, epoch); this != series {
			series, last = this, 0
		}
		if counter != last+1 {
			f.add("receipt", no, "follows number %d of %s", last, series)
		}
		last = counter
		if want := fmt.Sprintf("%s-%06d", series, counter); no != want {
			f.add("receipt", no, "should read %s", want)
		}
		if state != string(checkout.Complete) {
			f.add("receipt", no, "was given to sale %s, which is %q", sale, state)
		}
		return nil
	}, `SELECT r.no, r.till_id, r.epoch, r.counter, r.sale_id, coalesce(s.state, '') FROM receipts r LEFT JOIN sales s ON s.id = r.sale_id
		ORDER BY r.till_id, r.epoch, r.counter`)
	if err != nil {
		return err
	}
	return t.each(func(rows *sql.Rows) error {
		var sale string
		if err := rows.Scan(&sale); err != nil {
			return err
		}
		f.add("receipt", sale, "the sale is complete and has no receipt number")
		return nil
	}, `SELECT s.id FROM sales s WHERE s.state = 'COMPLETE' AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.sale_id = s.id)`)
}

// everySale goes through the sales a few hundred at a time.
func (f *findings) everySale(t *tx) error {
	const some = 500
	for last := ""; ; {
		sales, err := t.heads(selectSale+` WHERE s.id > ? ORDER BY s.id LIMIT ?`, last, some)
		if err != nil || len(sales) == 0 {
			return err
		}
		if err := t.fillLines(sales); err != nil {
			return err
		}
		legs, err := t.legs(sales)
		if err != nil {
			return err
		}
		at := index(sales)
		for _, l := range legs {
			s := &sales[at[l.leg.SaleID]]
			s.Legs = append(s.Legs, f.leg(l))
		}
		books, err := t.books(sales)
		if err != nil {
			return err
		}
		for _, s := range sales {
			f.sale(s, books[s.ID])
		}
		last = sales[len(sales)-1].ID
	}
}

// leg folds a leg's events and compares the result with its row.
func (f *findings) leg(l storedLeg) checkout.Leg {
	key := l.leg.Key
	unanswered := 0
	for _, e := range l.events {
		switch e.State {
		case checkout.Sent:
			if l.leg.Class == checkout.ClassRefund {
				continue // the same number again is the same refund
			}
			unanswered++
		case checkout.Intent:
			unanswered = 0 // proven that nothing was sent
		default:
		}
	}
	if unanswered > 1 {
		f.add("leg", key, "was sent %d times", unanswered)
	}
	leg, err := l.fold()
	if err != nil {
		f.add("leg", key, "its events break the law: %v", err)
	}
	if leg.State != l.state || leg.Seq != l.seq || leg.SentOnce != l.sent {
		f.add("leg", key, "its row says %s after %d events (sent: %t), its events say %s after %d (sent: %t)",
			l.state, l.seq, l.sent, leg.State, leg.Seq, leg.SentOnce)
	}
	return leg
}

func (f *findings) sale(s checkout.Sale, b account) {
	for _, l := range s.Legs {
		if why := l.Contradicts(b.legs[l.ID]); why != "" {
			f.add("entry", l.Key, "%s", why)
		}
	}
	var lines money.Fen
	for _, l := range s.Lines {
		lines += l.Amount
	}
	if lines != s.Total {
		f.add("sale", s.ID, "its lines come to %s, its total is %s", lines, s.Total)
	}
	switch s.State {
	case checkout.Complete:
		f.complete(s, b.balance)
	case checkout.Voided:
		f.voided(s, b.balance)
	case checkout.Tendering, checkout.Unsettled, checkout.Compensating:
	default:
		f.add("sale", s.ID, "unknown state %q", s.State)
	}
}

func (f *findings) complete(s checkout.Sale, customer money.Fen) {
	if leg, open := s.OpenLeg(); open {
		f.add("sale", s.ID, "is complete while %s is %s", leg.Key, leg.State)
	}
	if due := s.Due(); due != 0 {
		f.add("sale", s.ID, "is complete: %s paid of %s", s.Paid(), s.Total)
	} else if !s.Settled() {
		f.add("sale", s.ID, "is complete but nothing was redeemed")
	}
	if customer != 0 {
		f.add("entry", s.ID, "the customer's account ends at %s, not at zero", customer)
	}
}

func (f *findings) voided(s checkout.Sale, customer money.Fen) {
	for _, l := range s.Legs {
		if l.State != checkout.Rejected && l.State != checkout.Reversed {
			f.add("sale", s.ID, "is voided while %s is %s", l.Key, l.State)
		}
	}
	if customer != 0 {
		f.add("entry", s.ID, "the customer's account of a voided sale ends at %s, not at zero", customer)
	}
}
