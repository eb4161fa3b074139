package localdb

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/money"
)

const haveStepSQL = `SELECT count(*) FROM journal_steps s JOIN audit a ON a.seq = s.audit_seq
	WHERE s.epoch = ? AND s.no = ? AND lower(hex(a.hash)) = ?`

// replay brings what books lack of a journal into them. Replaying again
// changes nothing: a sale is known by its id, its events and entries by their
// numbers.
type replay struct {
	t        *tx
	auditSeq int64           // the audit row under which the sales come in
	limits   map[int64]int64 // by epoch: the last receipt number without a gap before it
	sales    map[string]bool
	left     map[string]bool // sales whose receipt number does not follow
	receipts map[string]saleRecord
	epochs   []int64
	steps    []record
}

func newReplay(t *tx) (*replay, error) {
	p := &replay{t: t, limits: map[int64]int64{}, sales: map[string]bool{}, left: map[string]bool{}, receipts: map[string]saleRecord{}}
	return p, t.row(`SELECT seq + 1 FROM audit_head`).Scan(&p.auditSeq)
}

// count finds how far the receipt numbers of books and journal go without a
// gap. A journal that was just catching up when it was torn can have a number
// and not the one before: the sale it names stays out, and is said.
func (p *replay) count(dir, till string, seq int64) error {
	numbers := map[int64]map[int64]bool{}
	err := walkJournal(dir, till, seq, func(l journalLine) error {
		if s := l.rec.Sale; s != nil && s.Receipt != nil {
			n := s.Receipt
			if numbers[n.Epoch] == nil {
				numbers[n.Epoch] = map[int64]bool{}
			}
			numbers[n.Epoch][n.Counter] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for epoch, known := range numbers {
		last := int64(0)
		if err := p.t.row(`SELECT coalesce(max(counter), 0) FROM receipts WHERE till_id = ? AND epoch = ?`, till, epoch).Scan(&last); err != nil {
			return err
		}
		for known[last+1] {
			last++
		}
		p.limits[epoch] = last
	}
	return nil
}

// take brings in one record. The chain has been checked.
func (p *replay) take(r record) error {
	var have int
	if err := p.t.row(haveStepSQL, r.Epoch, r.Step, r.AuditHash).Scan(&have); err != nil {
		return err
	}
	if have > 0 {
		return nil // these very books wrote it
	}
	p.steps = append(p.steps, record{Epoch: r.Epoch, Step: r.Step, Sale: idOnly(r.Sale)})
	if !slices.Contains(p.epochs, r.Epoch) {
		p.epochs = append(p.epochs, r.Epoch)
	}
	if r.Sale == nil {
		return nil
	}
	if err := p.sale(*r.Sale); err != nil {
		return fmt.Errorf("record %d: %w", r.Seq, err)
	}
	return nil
}

func idOnly(s *saleRecord) *saleRecord {
	if s == nil {
		return nil
	}
	return &saleRecord{ID: s.ID}
}

func (p *replay) sale(r saleRecord) error {
	// A refund of a sale that stays out stays out with it.
	if p.left[r.Of] || r.Receipt != nil && r.Receipt.Counter > p.limits[r.Receipt.Epoch] {
		p.left[r.ID] = true
		return nil
	}
	found, err := p.t.snapshots(saleByIDSQL, r.ID)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return p.whole(r)
	}
	l, err := r.missing(found[0])
	switch {
	case err != nil:
		return contradiction(r, err)
	case l.nothing() && same(r.Watches, found[0].Watches):
		return nil
	}
	p.sales[r.ID] = true
	for _, leg := range l.legs {
		if err := p.leg(r.ID, leg); err != nil {
			return contradiction(r, err)
		}
	}
	for _, leg := range r.Legs {
		if events := l.events[leg.ID]; len(events) > 0 {
			if err := p.events(r.ID, leg, len(leg.Events)-len(events)); err != nil {
				return contradiction(r, err)
			}
		}
	}
	if err := p.entries(r.ID, l.entries); err != nil {
		return err
	}
	if l.state {
		if err := p.t.endSale(r.sale()); err != nil {
			return err
		}
	}
	return p.rest(r, l.receipt)
}

// whole brings in a sale that the books have never seen.
func (p *replay) whole(r saleRecord) error {
	p.sales[r.ID] = true
	if err := p.t.insertSale(r.sale()); err != nil {
		return err
	}
	for _, leg := range r.Legs {
		if err := p.leg(r.ID, leg); err != nil {
			return contradiction(r, err)
		}
	}
	if err := p.entries(r.ID, r.Entries); err != nil {
		return err
	}
	return p.rest(r, r.Receipt != nil)
}

func (p *replay) leg(saleID string, r legRecord) error {
	l, events, err := folded(saleID, r)
	if err != nil {
		return err
	}
	if err := p.t.insertLeg(l); err != nil {
		return err
	}
	for _, e := range events {
		if err := p.t.insertEvent(e); err != nil {
			return err
		}
	}
	return nil
}

func (p *replay) events(saleID string, r legRecord, from int) error {
	l, events, err := folded(saleID, r)
	if err != nil {
		return err
	}
	for _, e := range events[from:] {
		if err := p.t.insertEvent(e); err != nil {
			return err
		}
	}
	return p.t.updateLeg(l)
}

// folded is a leg as its events say, by the same function that runs them.
func folded(saleID string, r legRecord) (checkout.Leg, []checkout.LegEvent, error) {
	l, events := r.leg(saleID)
	for _, e := range events {
		var err error
		if l, err = l.Apply(e); err != nil {
			return l, nil, err
		}
	}
	return l, events, nil
}

func (p *replay) entries(saleID string, entries []entryRecord) error {
	for _, e := range entries {
		for i, x := range e.Postings {
			if err := p.t.exec(insertPostingSQL, saleID, e.No, i+1, x.Account, money.Fen(x.Amount)); err != nil {
				return err
			}
		}
		leg := sql.NullString{String: e.Leg, Valid: e.Leg != ""}
		if err := p.t.exec(insertEntrySQL, saleID, e.No, leg, e.Kind, e.At); err != nil {
			return err
		}
	}
	return nil
}

// rest is what hangs on a sale. Receipts wait: their numbers go in order.
func (p *replay) rest(r saleRecord, receipt bool) error {
	for _, w := range r.Watches {
		if err := p.t.exec(putWatchSQL, w.Leg, r.ID, w.State, w.Step, w.Due, w.Booked, sql.NullInt64{Int64: w.Since, Valid: w.Since != 0}); err != nil {
			return err
		}
	}
	if receipt {
		p.receipts[r.ID] = r
	}
	if r.State == string(checkout.Complete) {
		return p.t.clearCart(r.Cart)
	}
	return nil
}

// end writes the receipts, each with its place in the upload queue, and the steps as the journal has them, so that it is
// not written again. The restoring epoch begins after the ones it has seen.
func (p *replay) end() error {
	inOrder := slices.SortedFunc(maps.Values(p.receipts), func(a, b saleRecord) int {
		return cmp.Or(cmp.Compare(a.Receipt.Epoch, b.Receipt.Epoch), cmp.Compare(a.Receipt.Counter, b.Receipt.Counter))
	})
	for _, r := range inOrder {
		n := r.Receipt
		no := fmt.Sprintf("%s-%d-%06d", n.Till, n.Epoch, n.Counter)
		if err := p.t.exec(insertReceiptSQL, n.Till, n.Epoch, n.Counter, no, r.ID, n.At); err != nil {
			return contradiction(r, err)
		}
		if err := p.t.queueUploads(r.ID, r.Closed); err != nil {
			return err
		}
	}
	slices.Sort(p.epochs)
	for _, e := range p.epochs {
		err := p.t.exec(`INSERT INTO epochs (epoch, audit_seq) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM epochs WHERE epoch = ?1)`, e, p.auditSeq)
		if err != nil {
			return err
		}
	}
	for _, s := range p.steps {
		var sale sql.NullString
		if s.Sale != nil && p.left[s.Sale.ID] {
			continue
		}
		if s.Sale != nil {
			sale = sql.NullString{String: s.Sale.ID, Valid: true}
		}
		err := p.t.exec(`INSERT INTO journal_steps (epoch, no, sale_id, audit_seq) SELECT ?1, ?2, ?3, ?4
			WHERE NOT EXISTS (SELECT 1 FROM journal_steps WHERE epoch = ?1 AND no = ?2)`, s.Epoch, s.Step, sale, p.auditSeq)
		if err != nil {
			return err
		}
	}
	return nil
}

func contradiction(r saleRecord, err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	return fault.Wrap(err, fault.Refused, "restore.contradiction", "The backup and the second journal contradict each other in sale {sale}: {why}. Nothing was changed. Use another backup, or call support.", "sale", r.ID, "why", err.Error())
}
