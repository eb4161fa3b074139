package localdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/shopspring/decimal"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/services/pricing"
	"cashier/services/scancode"
)

var _ pricing.BatchStore = (*Ledger)(nil)

const (
	insertBatchSQL = `INSERT INTO price_batches (id, name, state, actor_id, actor_name, actor_role, actor_program, made_ms, due_ms, undo_of)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`
	insertBatchRowSQL = `INSERT INTO price_batch_rows (batch_id, no, shop_id, product_id, code, name, was_price, was_member, price, member, state, sends, why, at_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`
	moveBatchSQL = `UPDATE price_batches SET state = ?1,
		begun_ms = CASE WHEN ?1 = 'open' THEN coalesce(begun_ms, ?2) ELSE begun_ms END,
		ended_ms = CASE WHEN ?1 IN ('done', 'cancelled') THEN ?2 END WHERE id = ?3`
	moveBatchRowSQL = `UPDATE price_batch_rows SET state = ?, was_price = ?, was_member = ?, sends = ?, now_price = ?, now_member = ?, why = ?, at_ms = ?
		WHERE batch_id = ? AND no = ? AND state = ?`
	undoneSQL = `UPDATE price_batch_rows SET state = 'undone', at_ms = ?
		WHERE batch_id = (SELECT undo_of FROM price_batches WHERE id = ?) AND shop_id = ? AND product_id = ? AND state = 'changed' AND state <> 'blocked'` // the last for the index to be used

	selectBatches = `SELECT b.id, b.name, b.state, b.actor_id, b.actor_name, b.actor_role, b.actor_program, b.made_ms, b.due_ms, b.begun_ms, b.ended_ms,
		coalesce(b.undo_of, ''), coalesce((SELECT max(u.id) FROM price_batches u WHERE u.undo_of = b.id), '') FROM price_batches b`
	batchSQL       = selectBatches + ` WHERE b.id = ?`
	batchesSQL     = selectBatches + ` WHERE b.state IN (SELECT value FROM json_each(?)) ORDER BY b.id DESC LIMIT ?`
	batchCountsSQL = `SELECT batch_id, state, count(*) FROM price_batch_rows WHERE batch_id IN (SELECT value FROM json_each(?)) GROUP BY batch_id, state`
	batchRowsSQL   = `SELECT no, shop_id, product_id, code, name, was_price, was_member, price, member, state, sends, now_price, now_member, why, at_ms
		FROM price_batch_rows WHERE batch_id = ? AND state IN (SELECT value FROM json_each(?)) ORDER BY no LIMIT ?`
)

// AddBatch implements pricing.BatchStore.
func (l *Ledger) AddBatch(ctx context.Context, b pricing.Batch, rows []pricing.BatchRow, acts []pricing.Act) error {
	return l.commit(ctx, pointBatch, func(t *tx) error {
		err := t.exec(insertBatchSQL, b.ID, b.Name, b.State, b.By.ID, b.By.Name, b.By.Role, b.By.Program, ms(b.MadeAt), ms(b.Due), b.UndoOf)
		if err != nil {
			return err
		}
		insert, err := t.inner.PrepareContext(t.ctx, insertBatchRowSQL)
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, r := range rows {
			_, err := insert.ExecContext(t.ctx, b.ID, r.No, r.ShopID, r.ProductID, r.Code, r.Name, yuanText(r.Was), yuanText(r.WasMember), r.Price, r.Member, r.State, whyText(r.Why), ms(r.At))
			if err != nil {
				return err
			}
		}
		return t.acts(acts, b.MadeAt.UnixMilli())
	})
}

func (t *tx) acts(acts []pricing.Act, at int64) error {
	for _, a := range acts {
		err := t.audit(checkout.Act{Actor: a.By, What: a.What, Subject: scancode.MaskText(a.Subject), Detail: scancode.MaskText(a.Detail), At: fromMS(at)})
		if err != nil {
			return err
		}
	}
	return nil
}

// TakeStep implements pricing.BatchStore.
func (l *Ledger) TakeStep(ctx context.Context, s pricing.Step) error {
	return l.commit(ctx, pointBatchStep, func(t *tx) error {
		if s.To != "" {
			if err := t.exec(moveBatchSQL, s.To, ms(s.At), s.Batch); err != nil {
				return err
			}
		}
		if err := t.moveRows(s); err != nil {
			return err
		}
		err := s.UndonePlaces(func(shop, product int64) error { return t.exec(undoneSQL, ms(s.At), s.Batch, shop, product) })
		if err != nil {
			return err
		}
		return t.acts(s.Acts, ms(s.At))
	})
}

func (t *tx) moveRows(s pricing.Step) error {
	if len(s.Moves) == 0 {
		return nil
	}
	move, err := t.inner.PrepareContext(t.ctx, moveBatchRowSQL)
	if err != nil {
		return err
	}
	defer move.Close()
	for _, m := range s.Moves {
		r := m.Row
		done, err := move.ExecContext(t.ctx, r.State, yuanText(r.Was), yuanText(r.WasMember), r.Sends, yuanText(r.Now), yuanText(r.NowMember), whyText(r.Why), ms(r.At), s.Batch, r.No, m.From)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fault.New(fault.Busy, "price.batch_moved", "This batch of prices has changed meanwhile; nothing was done. Look at it again."))
		}
	}
	return nil
}

func yuanText(d decimal.NullDecimal) sql.NullString {
	return sql.NullString{String: d.Decimal.String(), Valid: d.Valid}
}

// whyDoc is a fault as a row keeps it, so that every language can say it later.
type whyDoc struct {
	Code    string            `json:"code"`
	Kind    fault.Kind        `json:"kind"`
	Message string            `json:"message"`
	Args    map[string]string `json:"args,omitempty"`
}

func whyText(f *fault.Error) sql.NullString {
	if f == nil {
		return sql.NullString{}
	}
	b, err := json.Marshal(whyDoc{f.Code, f.Kind, f.Message, f.Args})
	if err != nil {
		panic("localdb: " + err.Error()) // strings always marshal
	}
	return sql.NullString{String: string(b), Valid: true}
}

func whyOf(s sql.NullString) (*fault.Error, error) {
	if !s.Valid {
		return nil, nil
	}
	var d whyDoc
	if err := json.Unmarshal([]byte(s.String), &d); err != nil {
		return nil, err
	}
	return &fault.Error{Code: d.Code, Kind: d.Kind, Message: d.Message, Args: d.Args}, nil
}

// Batch implements pricing.BatchStore.
func (l *Ledger) Batch(ctx context.Context, id string) (pricing.Batch, error) {
	list, err := l.batches(ctx, batchSQL, id)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.Invalid, "price.batch_unknown", "There is no batch of prices {id} on this till; `cashierctl price batch list` shows what there is.", "id", id)
	}
	if err != nil {
		return pricing.Batch{}, err
	}
	return list[0], nil
}

// Batches implements pricing.BatchStore.
func (l *Ledger) Batches(ctx context.Context, limit int, states ...pricing.BatchState) ([]pricing.Batch, error) {
	if len(states) == 0 {
		states = []pricing.BatchState{pricing.BatchWaiting, pricing.BatchOpen, pricing.BatchDone, pricing.BatchCancelled}
	}
	return l.batches(ctx, batchesSQL, listOf(states), noLimit(limit))
}

func listOf[S ~string](all []S) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = string(s)
	}
	return jsonList(words)
}

func (l *Ledger) batches(ctx context.Context, query string, args ...any) (list []pricing.Batch, err error) {
	err = l.view(ctx, func(t *tx) error {
		list = nil
		at := map[string]int{}
		var all []string
		err := t.each(func(rows *sql.Rows) error {
			var b pricing.Batch
			var made, due int64
			var begun, ended sql.NullInt64
			err := rows.Scan(&b.ID, &b.Name, &b.State, &b.By.ID, &b.By.Name, &b.By.Role, &b.By.Program, &made, &due, &begun, &ended, &b.UndoOf, &b.UndoBy)
			b.MadeAt, b.Due, b.Count = fromMS(made), fromMS(due), map[pricing.RowState]int{}
			if begun.Valid {
				b.Begun = fromMS(begun.Int64)
			}
			if ended.Valid {
				b.Ended = fromMS(ended.Int64)
			}
			at[b.ID], all, list = len(list), append(all, b.ID), append(list, b)
			return err
		}, query, args...)
		if err != nil {
			return err
		}
		return t.each(func(rows *sql.Rows) error {
			var id string
			var state pricing.RowState
			var n int
			err := rows.Scan(&id, &state, &n)
			if err == nil {
				list[at[id]].Count[state] = n
			}
			return err
		}, batchCountsSQL, jsonList(all))
	})
	return list, err
}

// BatchRows implements pricing.BatchStore.
func (l *Ledger) BatchRows(ctx context.Context, id string, limit int, states ...pricing.RowState) (list []pricing.BatchRow, err error) {
	if len(states) == 0 {
		states = pricing.RowStates()
	}
	err = l.view(ctx, func(t *tx) error {
		list = nil
		return t.each(func(rows *sql.Rows) error {
			r, err := scanBatchRow(rows)
			list = append(list, r)
			return err
		}, batchRowsSQL, id, listOf(states), noLimit(limit))
	})
	return list, err
}

func scanBatchRow(rows *sql.Rows) (r pricing.BatchRow, err error) {
	var at int64
	var why sql.NullString
	var texts [4]sql.NullString
	err = rows.Scan(&r.No, &r.ShopID, &r.ProductID, &r.Code, &r.Name, &texts[0], &texts[1], &r.Price, &r.Member, &r.State, &r.Sends, &texts[2], &texts[3], &why, &at)
	if err != nil {
		return r, err
	}
	r.At = fromMS(at)
	for i, to := range []*decimal.NullDecimal{&r.Was, &r.WasMember, &r.Now, &r.NowMember} {
		if !texts[i].Valid {
			continue
		}
		d, err := decimal.NewFromString(texts[i].String)
		if err != nil {
			return r, err
		}
		*to = decimal.NewNullDecimal(d)
	}
	r.Why, err = whyOf(why)
	return r, err
}

// PriceColumns is what the columns of lists with this set of names were said to
// mean, nil where nobody said.
func (l *Ledger) PriceColumns(ctx context.Context, header string) ([]byte, error) {
	var doc string
	err := l.read.QueryRowContext(ctx, `SELECT doc FROM price_columns WHERE header = ?`, header).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return []byte(doc), l.say(err)
}

// KeepPriceColumns remembers it.
func (l *Ledger) KeepPriceColumns(ctx context.Context, header string, doc []byte) error {
	return l.commit(ctx, "", func(t *tx) error {
		return t.exec(`INSERT INTO price_columns (header, doc) VALUES (?, ?) ON CONFLICT (header) DO UPDATE SET doc = excluded.doc`, header, string(doc))
	})
}

// priceBatches checks that a batch says of itself what its rows do: one that is
// over has no row left, and one that was never begun has sent none.
func (f *findings) priceBatches(t *tx) error {
	return t.each(func(rows *sql.Rows) error {
		var id, state string
		var left, sent int
		err := rows.Scan(&id, &state, &left, &sent)
		if err == nil {
			f.add("price", "batch "+id, "is %s, with %d rows left and %d sent", state, left, sent)
		}
		return err
	}, `SELECT b.id, b.state, sum(r.state IN ('planned', 'sent', 'unknown', 'conflict')) AS due, sum(r.sends > 0) AS gone
		FROM price_batches b JOIN price_batch_rows r ON r.batch_id = b.id GROUP BY b.id
		HAVING b.state IN ('done', 'cancelled') AND due > 0 OR b.begun_ms IS NULL AND gone > 0`)
}
