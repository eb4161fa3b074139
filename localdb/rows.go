package localdb

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

const (
	insertSaleSQL = `INSERT INTO sales (id, kind, till_id, epoch, shift_id, business_date, actor_id, actor_name, actor_role, actor_program, cart_id, state, total, opened_ms, closed_ms, reason, of_sale)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	endSaleSQL        = `UPDATE sales SET state = ?, closed_ms = ?, reason = ? WHERE id = ?`
	insertSaleLineSQL = `INSERT INTO sale_lines (sale_id, no, product_id, code, name, class, unit, pricing, list_price, member_price, price, qty, grams, unit_grams, amount, times, of_line)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertCartLineSQL = `INSERT INTO cart_lines (cart_id, no, product_id, code, name, class, unit, pricing, list_price, member_price, price, qty, grams, unit_grams, amount, times)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertLegSQL = `INSERT INTO legs (id, sale_id, no, key, class, method, provider, amount, tendered, times, code_digest, sealed_card, card_last4, times_before, request_hash, of_key, state, seq, sent)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateLegSQL   = `UPDATE legs SET state = ?, seq = ?, sent = ? WHERE id = ?`
	insertEventSQL = `INSERT INTO leg_events (leg_id, seq, state, at_ms, reason_code, raw_code, message, provider_no, paid_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	lastEntrySQL     = `SELECT coalesce(max(no), 0) FROM entries WHERE sale_id = ?`
	insertPostingSQL = `INSERT INTO postings (sale_id, entry_no, no, account, amount) VALUES (?, ?, ?, ?, ?)`
	insertEntrySQL   = `INSERT INTO entries (sale_id, no, leg_id, kind, at_ms) VALUES (?, ?, ?, ?, ?)`
	postedSQL        = `SELECT e.sale_id, coalesce(e.leg_id, ''), sum(p.amount) FROM entries e JOIN postings p ON p.sale_id = e.sale_id AND p.entry_no = e.no
		WHERE e.sale_id IN (SELECT value FROM json_each(?1)) AND p.account = 'customer' GROUP BY 1, 2`
	nextReceiptSQL   = `SELECT coalesce(max(counter), 0) + 1 FROM receipts WHERE till_id = ? AND epoch = ?`
	insertReceiptSQL = `INSERT INTO receipts (till_id, epoch, counter, no, sale_id, at_ms) VALUES (?, ?, ?, ?, ?, ?)`
	clearCartSQL     = `DELETE FROM carts WHERE id = ?`
)

// prepared are the statements of the payment path.
var prepared = []string{
	insertSaleSQL, endSaleSQL, insertSaleLineSQL, insertLegSQL, updateLegSQL, insertEventSQL,
	lastEntrySQL, insertPostingSQL, insertEntrySQL, postedSQL, nextReceiptSQL, insertReceiptSQL, clearCartSQL, queueUploadSQL,
	auditHeadSQL, insertAuditSQL, moveHeadSQL, insertStepSQL, inJournalSQL,
	saleByIDSQL, linesOfSQL, refundsSQL, legsOfSQL, eventsOfSQL, saleOfLegSQL,
	clearCartsSQL, insertCartSQL, insertCartLineSQL,
}

// uniqueError says which unique column or index refused a row.
type uniqueError struct {
	error
	index string
}

func (e uniqueError) Unwrap() error { return e.error }

func (t *tx) insertSale(s checkout.Sale) error {
	err := t.exec(insertSaleSQL, s.ID, s.Kind, s.TillID, s.Epoch, s.ShiftID, s.BusinessDate,
		s.Actor.ID, s.Actor.Name, s.Actor.Role, s.Actor.Program, s.CartID, s.State, s.Total, ms(s.OpenedAt), nullMS(s.ClosedAt), s.Reason, nullText(s.Of))
	if err != nil {
		// SQLite names the columns, never the index, in its message.
		if _, index, found := strings.Cut(err.Error(), "UNIQUE constraint failed: "); found {
			index, _, _ = strings.Cut(index, " ")
			return uniqueError{err, index}
		}
		return err
	}
	for i, l := range s.Lines {
		if err := t.exec(insertSaleLineSQL, append(lineValues(s.ID, i, l), l.Of)...); err != nil {
			return err
		}
	}
	return nil
}

// lineValues are what a line of a sale and of a cart have in common.
func lineValues(owner string, i int, l checkout.Line) []any {
	return []any{
		owner, i + 1, l.ProductID, l.Code, l.Name, l.Class, l.Unit, l.Pricing,
		l.ListPrice, l.MemberPrice, l.Price, l.Qty, l.Grams, l.UnitGrams, l.Amount, l.Times,
	}
}

func (t *tx) endSale(s checkout.Sale) error {
	return t.exec(endSaleSQL, s.State, nullMS(s.ClosedAt), s.Reason, s.ID)
}

func (t *tx) insertLeg(l checkout.Leg) error {
	return t.exec(insertLegSQL, l.ID, l.SaleID, l.No, l.Key, l.Class, l.Method, l.Provider, l.Amount, l.Tendered, l.Count,
		l.CodeDigest, l.SealedCard, l.CardLast4, l.Before, l.RequestHash, l.Of, l.State, l.Seq, l.SentOnce)
}

func (t *tx) updateLeg(l checkout.Leg) error {
	return t.exec(updateLegSQL, l.State, l.Seq, l.SentOnce, l.ID)
}

func (t *tx) insertEvent(e checkout.LegEvent) error {
	return t.exec(insertEventSQL, e.LegID, e.Seq, e.State, ms(e.At), e.Reason.Code, e.Reason.RawCode, e.Reason.Message, e.ProviderNo, e.PaidAt)
}

func (t *tx) insertEntries(s checkout.Sale, entries []checkout.Entry, at time.Time) error {
	if len(entries) == 0 {
		return nil
	}
	var no int64
	if err := t.row(lastEntrySQL, s.ID).Scan(&no); err != nil {
		return err
	}
	for _, e := range entries {
		if e.SaleID != s.ID {
			return defect("an entry of sale " + e.SaleID + " among those of " + s.ID)
		}
		if sum := balance(e); sum != 0 {
			return defect(fmt.Sprintf("the %s entry of sale %s is out by %s", e.Kind, e.SaleID, sum))
		}
		no++
		for i, p := range e.Postings {
			if err := t.exec(insertPostingSQL, e.SaleID, no, i+1, p.Account, p.Amount); err != nil {
				return err
			}
		}
		leg := sql.NullString{String: e.LegID, Valid: e.LegID != ""}
		if err := t.exec(insertEntrySQL, e.SaleID, no, leg, e.Kind, ms(at)); err != nil {
			return err
		}
	}
	return nil
}

func balance(e checkout.Entry) money.Fen {
	var sum money.Fen
	for _, p := range e.Postings {
		sum += p.Amount
	}
	return sum
}

// account is the customer's account in one sale.
type account struct {
	balance money.Fen
	legs    map[string]money.Fen // what each leg has moved on it
}

// book adds an entry to the account.
func (a *account) book(e checkout.Entry) {
	for _, p := range e.Postings {
		if p.Account == checkout.AccCustomer {
			a.add(e.LegID, p.Amount)
		}
	}
}

func (a *account) add(leg string, amount money.Fen) {
	if a.legs == nil {
		a.legs = make(map[string]money.Fen)
	}
	a.legs[leg] += amount
	a.balance += amount
}

// books are the customer's accounts of sales, by sale id.
func (t *tx) books(sales []checkout.Sale) (map[string]account, error) {
	all := make(map[string]account, len(sales))
	err := t.each(func(rows *sql.Rows) error {
		var sale, leg string
		var sum money.Fen
		if err := rows.Scan(&sale, &leg, &sum); err != nil {
			return err
		}
		a := all[sale]
		a.add(leg, sum)
		all[sale] = a
		return nil
	}, postedSQL, ids(sales))
	return all, err
}

// nextReceipt counts within till and epoch. The number is taken only if the
// transaction commits, so that none is ever missing.
func (t *tx) nextReceipt(s checkout.Sale, till checkout.Till) (string, error) {
	var counter int64
	if err := t.row(nextReceiptSQL, till.ID, till.Epoch).Scan(&counter); err != nil {
		return "", err
	}
	no := fmt.Sprintf("%s-%d-%06d", till.ID, till.Epoch, counter)
	return no, t.exec(insertReceiptSQL, till.ID, till.Epoch, counter, no, s.ID, ms(s.ClosedAt))
}

func (t *tx) clearCart(id string) error { return t.exec(clearCartSQL, id) }

func (t *tx) saleOfLeg(legID string) (string, error) {
	var id string
	err := t.row(saleOfLegSQL, legID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", unknownLeg(legID)
	}
	return id, err
}

func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

func nullMS(t time.Time) sql.NullInt64 { return sql.NullInt64{Int64: ms(t), Valid: !t.IsZero()} }
