package localdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"cashier/services/checkout"
	"cashier/services/fault"
)

const (
	selectSale = `SELECT s.id, s.kind, s.till_id, s.epoch, s.shift_id, s.business_date, s.actor_id, s.actor_name, s.actor_role, s.actor_program,
		s.cart_id, s.state, s.total, s.opened_ms, s.closed_ms, s.reason, coalesce(s.of_sale, ''), coalesce(r.no, '')
		FROM sales s LEFT JOIN receipts r ON r.sale_id = s.id`
	saleByIDSQL  = selectSale + ` WHERE s.id = ?`
	saleByKeySQL = selectSale + ` WHERE s.id = (SELECT sale_id FROM legs WHERE key = ?)`
	openSalesSQL = selectSale + ` WHERE s.state IN ('TENDERING', 'UNSETTLED', 'COMPENSATING') ORDER BY s.opened_ms, s.id`
	salesSQL     = selectSale + ` WHERE s.opened_ms >= ? ORDER BY s.opened_ms DESC, s.id DESC LIMIT ?`
	refundsSQL   = selectSale + ` WHERE s.of_sale = ? ORDER BY s.opened_ms, s.id`
	byReceiptSQL = selectSale + ` WHERE r.no = ?`
	saleOfLegSQL = `SELECT sale_id FROM legs WHERE id = ?`
	codeUsedSQL  = `SELECT EXISTS (SELECT 1 FROM legs WHERE code_digest = ? AND sent = 1 AND code_digest <> '')`

	// The parts of many sales are read at once: ?1 is a JSON array of sale ids.
	linesOfSQL = `SELECT sale_id, product_id, code, name, class, unit, pricing, list_price, member_price, price, qty, grams, unit_grams, amount, times, of_line
		FROM sale_lines WHERE sale_id IN (SELECT value FROM json_each(?1)) ORDER BY sale_id, no`
	legsOfSQL = `SELECT id, sale_id, no, key, class, method, provider, amount, tendered, times, code_digest, sealed_card, card_last4, times_before, request_hash, of_key, state, seq, sent,
		class = 'R1' AND EXISTS (SELECT 1 FROM watches w WHERE w.leg_id = legs.id AND w.state = 'KEPT' AND w.booked > 0)
		FROM legs WHERE sale_id IN (SELECT value FROM json_each(?1)) ORDER BY sale_id, no`
	eventsOfSQL = `SELECT e.leg_id, e.seq, e.state, e.at_ms, e.reason_code, e.raw_code, e.message, e.provider_no, e.paid_at
		FROM legs l JOIN leg_events e ON e.leg_id = l.id
		WHERE l.sale_id IN (SELECT value FROM json_each(?1)) ORDER BY l.sale_id, l.no, e.seq`
)

// OpenSales implements checkout.Store.
func (l *Ledger) OpenSales(ctx context.Context) ([]checkout.Sale, error) {
	return l.sales(ctx, openSalesSQL)
}

// Sale implements checkout.Store.
func (l *Ledger) Sale(ctx context.Context, id string) (checkout.Sale, error) {
	return l.one(ctx, unknownSale(id), saleByIDSQL, id)
}

// SaleByKey implements checkout.Store.
func (l *Ledger) SaleByKey(ctx context.Context, key string) (checkout.Sale, error) {
	return l.one(ctx, unknownLeg(key), saleByKeySQL, key)
}

// Refunds implements checkout.Store.
func (l *Ledger) Refunds(ctx context.Context, saleID string) ([]checkout.Sale, error) {
	return l.sales(ctx, refundsSQL, saleID)
}

// SaleByReceipt finds the sale that has this receipt number; a fault with code
// sale.unknown if there is none.
func (l *Ledger) SaleByReceipt(ctx context.Context, no string) (checkout.Sale, error) {
	return l.one(ctx, unknownSale(no), byReceiptSQL, no)
}

// Sales implements checkout.Store. A limit of 0 or less is none.
func (l *Ledger) Sales(ctx context.Context, since time.Time, limit int) ([]checkout.Sale, error) {
	if limit <= 0 {
		limit = -1
	}
	return l.sales(ctx, salesSQL, ms(since), limit)
}

// CodeUsed implements checkout.Store.
func (l *Ledger) CodeUsed(ctx context.Context, digest string) (bool, error) {
	var used bool
	err := l.read.QueryRowContext(ctx, codeUsedSQL, digest).Scan(&used)
	return used, l.say(err)
}

func (l *Ledger) sales(ctx context.Context, query string, args ...any) (sales []checkout.Sale, err error) {
	err = l.view(ctx, func(t *tx) error {
		sales, err = t.sales(true, query, args...)
		return err
	})
	return sales, err
}

func (l *Ledger) one(ctx context.Context, missing error, query string, args ...any) (checkout.Sale, error) {
	sales, err := l.sales(ctx, query, args...)
	switch {
	case err != nil:
		return checkout.Sale{}, err
	case len(sales) == 0:
		return checkout.Sale{}, missing
	}
	return sales[0], nil
}

// sales reads sales whole: their lines where asked for, and their legs folded
// from the events by the same function that runs them.
func (t *tx) sales(withLines bool, query string, args ...any) ([]checkout.Sale, error) {
	sales, err := t.heads(query, args...)
	if err != nil || len(sales) == 0 {
		return nil, err
	}
	if withLines {
		if err := t.fillLines(sales); err != nil {
			return nil, err
		}
	}
	legs, err := t.legs(sales)
	if err != nil {
		return nil, err
	}
	at := index(sales)
	for _, stored := range legs {
		leg, err := stored.fold()
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "ledger.broken", "Payment {key} cannot be read: its record contradicts itself. Nothing was changed. Do not take more money for this sale; run cashierctl verify and call support.", "key", stored.leg.Key)
		}
		s := &sales[at[leg.SaleID]]
		s.Legs = append(s.Legs, leg)
	}
	return sales, nil
}

func (t *tx) heads(query string, args ...any) (sales []checkout.Sale, err error) {
	err = t.each(func(rows *sql.Rows) error {
		var s checkout.Sale
		var opened int64
		var closed sql.NullInt64
		err := rows.Scan(&s.ID, &s.Kind, &s.TillID, &s.Epoch, &s.ShiftID, &s.BusinessDate,
			&s.Actor.ID, &s.Actor.Name, &s.Actor.Role, &s.Actor.Program,
			&s.CartID, &s.State, &s.Total, &opened, &closed, &s.Reason, &s.Of, &s.ReceiptNo)
		if err != nil {
			return err
		}
		s.OpenedAt = fromMS(opened)
		if closed.Valid {
			s.ClosedAt = fromMS(closed.Int64)
		}
		sales = append(sales, s)
		return nil
	}, query, args...)
	return sales, err
}

func (t *tx) fillLines(sales []checkout.Sale) error {
	at := index(sales)
	return t.each(func(rows *sql.Rows) error {
		var owner string
		l, err := scanLine(rows, &owner)
		if err != nil {
			return err
		}
		s := &sales[at[owner]]
		s.Lines = append(s.Lines, l)
		return nil
	}, linesOfSQL, ids(sales))
}

func scanLine(rows *sql.Rows, owner *string) (l checkout.Line, err error) {
	err = rows.Scan(owner, &l.ProductID, &l.Code, &l.Name, &l.Class, &l.Unit, &l.Pricing,
		&l.ListPrice, &l.MemberPrice, &l.Price, &l.Qty, &l.Grams, &l.UnitGrams, &l.Amount, &l.Times, &l.Of)
	return l, err
}

// storedLeg is a leg as its row has it: what never changes, what the row says
// of its state, and the events that decide.
type storedLeg struct {
	leg    checkout.Leg // unfolded
	state  checkout.State
	seq    int
	sent   bool
	events []checkout.LegEvent
}

func (l storedLeg) fold() (checkout.Leg, error) {
	leg := l.leg
	for _, e := range l.events {
		var err error
		if leg, err = leg.Apply(e); err != nil {
			return leg, err
		}
	}
	return leg, nil
}

func (t *tx) legs(sales []checkout.Sale) ([]storedLeg, error) {
	var legs []storedLeg
	at := make(map[string]int)
	err := t.each(func(rows *sql.Rows) error {
		var s storedLeg
		l := &s.leg
		err := rows.Scan(&l.ID, &l.SaleID, &l.No, &l.Key, &l.Class, &l.Method, &l.Provider, &l.Amount, &l.Tendered, &l.Count,
			&l.CodeDigest, &l.SealedCard, &l.CardLast4, &l.Before, &l.RequestHash, &l.Of, &s.state, &s.seq, &s.sent, &l.Kept)
		if err != nil {
			return err
		}
		at[l.ID] = len(legs)
		legs = append(legs, s)
		return nil
	}, legsOfSQL, ids(sales))
	if err != nil {
		return nil, err
	}
	err = t.each(func(rows *sql.Rows) error {
		var e checkout.LegEvent
		var when int64
		if err := rows.Scan(&e.LegID, &e.Seq, &e.State, &when, &e.Reason.Code, &e.Reason.RawCode, &e.Reason.Message, &e.ProviderNo, &e.PaidAt); err != nil {
			return err
		}
		e.At = fromMS(when)
		s := &legs[at[e.LegID]]
		s.events = append(s.events, e)
		return nil
	}, eventsOfSQL, ids(sales))
	return legs, err
}

func index(sales []checkout.Sale) map[string]int {
	at := make(map[string]int, len(sales))
	for i, s := range sales {
		at[s.ID] = i
	}
	return at
}

// ids is a JSON array of the sales' ids.
func ids(sales []checkout.Sale) string {
	all := make([]string, len(sales))
	for i, s := range sales {
		all[i] = s.ID
	}
	return jsonList(all)
}

func jsonList(all []string) string {
	b, err := json.Marshal(all)
	if err != nil {
		panic("localdb: " + err.Error()) // strings always marshal
	}
	return string(b)
}
