package localdb

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/pricing"
)

func planned(s *shop, id string, n int) pricing.Batch {
	s.Helper()
	by := access.Actor{ID: "7", Name: "梅", Role: access.Manager, Program: "cashier"}
	b := pricing.Batch{ID: id, Name: "春季调价 " + id, State: pricing.BatchWaiting, By: by, MadeAt: s.tick(), Due: noon.Add(time.Hour)}
	var rows []pricing.BatchRow
	for no := 1; no <= n; no++ {
		rows = append(rows, pricing.BatchRow{
			No: no, ProductID: int64(no), ShopID: 3, Code: "c", Name: "梨", Was: decimal.NewNullDecimal(decimal.RequireFromString("10.0050")),
			Price: 1100, Member: 900, State: pricing.RowPlanned, At: b.MadeAt,
		})
	}
	s.ok(s.AddBatch(s.Context(), b, rows, []pricing.Act{{By: by, What: "price.batch", Subject: id, Detail: "134567890123450001"}}))
	return b
}

func batchRowsOf(s *shop, id string) []pricing.BatchRow {
	s.Helper()
	rows, err := s.BatchRows(s.Context(), id, 0)
	s.ok(err)
	return rows
}

// step moves the rows of a batch from a state to another.
func step(s *shop, id string, rows []pricing.BatchRow, to pricing.RowState, batch pricing.BatchState) error {
	st := pricing.Step{Batch: id, To: batch, At: s.tick()}
	for _, r := range rows {
		m := pricing.Move{From: r.State, Row: r}
		if m.Row.State = to; to == pricing.RowSent {
			m.Row.Sends++
		}
		st.Moves = append(st.Moves, m)
	}
	return s.TakeStep(s.Context(), st)
}

func TestABatchIsReadAsItWasWritten(t *testing.T) {
	s := newShop(t)
	b := planned(s, "b1", 2)
	rows := batchRowsOf(s, "b1")
	why := fault.New(fault.Refused, "price.batch_conflict", "HQ has {price}.", "price", "8.00")
	moved := rows[1]
	moved.State, moved.Why, moved.Now, moved.At = pricing.RowConflict, why, decimal.NewNullDecimal(decimal.RequireFromString("8")), s.tick()
	s.ok(s.TakeStep(t.Context(), pricing.Step{Batch: "b1", To: pricing.BatchOpen, At: s.tick(), Moves: []pricing.Move{{From: pricing.RowPlanned, Row: moved}}}))
	got, err := s.Batch(t.Context(), "b1")
	s.ok(err)
	if got.By != b.By || got.Name != b.Name || !got.Due.Equal(b.Due) || got.Begun.IsZero() || !got.Ended.IsZero() || got.Rows() != 2 || got.Count[pricing.RowConflict] != 1 {
		t.Errorf("%+v", got)
	}
	now := batchRowsOf(s, "b1")
	if diff := cmp.Diff(why, now[1].Why); diff != "" {
		t.Error(diff)
	}
	if now[1].Now.Decimal.String() != "8" || now[0].Was.Decimal.String() != "10.005" || now[0].WasMember.Valid || now[0].Why != nil {
		t.Errorf("%+v", now)
	}
	planned(s, "b2", 1)
	list, err := s.Batches(t.Context(), 0)
	s.ok(err)
	if len(list) != 2 || list[0].ID != "b2" {
		t.Errorf("%+v", list)
	}
	if list, err := s.Batches(t.Context(), 1, pricing.BatchOpen); err != nil || len(list) != 1 || list[0].ID != "b1" {
		t.Errorf("%+v, %v", list, err)
	}
	if one, err := s.BatchRows(t.Context(), "b1", 1, pricing.RowPlanned, pricing.RowConflict); err != nil || len(one) != 1 || one[0].No != 1 {
		t.Errorf("%+v, %v", one, err)
	}
	_, err = s.Batch(t.Context(), "none")
	refused(t, err, "price.batch_unknown")
	for _, said := range texts(t, raw(t, s.path), `SELECT detail FROM audit WHERE what = 'price.batch'`) {
		if said == "134567890123450001" {
			t.Error("a payment code stands in the audit trail")
		}
	}
	beside, err := OpenRead(t.Context(), s.path)
	s.ok(err)
	refused(t, beside.AddBatch(context.Background(), b, nil, nil), "ledger.read_only")
	s.ok(beside.Shut())
}

// What the books themselves refuse, whatever a program does.
func TestARowIsSentOnce(t *testing.T) {
	s := newShop(t)
	planned(s, "b1", 2)
	was := batchRowsOf(s, "b1")
	s.ok(step(s, "b1", was, pricing.RowSent, pricing.BatchOpen))
	refused(t, step(s, "b1", was, pricing.RowSent, ""), "price.batch_moved")
	sent := batchRowsOf(s, "b1")
	refused(t, step(s, "b1", sent, pricing.RowSent, ""), codeRefused)
	refused(t, step(s, "b1", sent, pricing.RowPlanned, ""), codeRefused) // unless HQ has not heard of it
	half := []pricing.BatchRow{sent[0], was[1]}
	refused(t, step(s, "b1", half, pricing.RowChanged, ""), "price.batch_moved")
	if now := batchRowsOf(s, "b1"); now[0].State != pricing.RowSent {
		t.Errorf("half a step was taken: %+v", now)
	}
	unsent := batchRowsOf(s, "b1")[:1]
	unsent[0].Sends--
	s.ok(step(s, "b1", unsent, pricing.RowPlanned, ""))
	s.ok(step(s, "b1", sent[1:], pricing.RowChanged, ""))
	for _, to := range []pricing.RowState{pricing.RowPlanned, pricing.RowSent, pricing.RowUnknown} {
		refused(t, step(s, "b1", batchRowsOf(s, "b1")[1:], to, ""), codeRefused)
	}
	for _, to := range []pricing.BatchState{pricing.BatchWaiting, pricing.BatchOpen, pricing.BatchDone} { // a person stops it, and goes on
		s.ok(step(s, "b1", nil, "", to))
	}
	refused(t, step(s, "b1", nil, "", pricing.BatchWaiting), codeRefused)
	db := raw(t, s.path)
	for _, forbidden := range []string{
		`DELETE FROM price_batches`, `DELETE FROM price_batch_rows`, `UPDATE price_batch_rows SET price = 1`, `UPDATE price_batch_rows SET product_id = 9 WHERE no = 1`,
		`UPDATE price_batches SET due_ms = 0`, `UPDATE price_batches SET name = 'x'`, `UPDATE price_batches SET undo_of = 'b1'`, `UPDATE price_batches SET state = 'gone'`,
		`INSERT INTO price_batch_rows SELECT batch_id, 9, shop_id, product_id, code, name, was_price, was_member, price, member, state, sends, now_price, now_member, why, at_ms FROM price_batch_rows WHERE no = 1`,
		`INSERT OR REPLACE INTO price_batches SELECT * FROM price_batches`,
		`INSERT OR REPLACE INTO price_batch_rows SELECT * FROM price_batch_rows`,
		`INSERT OR REPLACE INTO price_batch_rows SELECT batch_id, 9, shop_id, product_id, code, name, was_price, was_member, price, member, state, 0, now_price, now_member, why, at_ms FROM price_batch_rows`,
	} {
		if _, err := db.ExecContext(t.Context(), forbidden); err == nil {
			t.Errorf("taken: %s", forbidden)
		}
	}
}

func TestVerifyFindsABatchThatLies(t *testing.T) {
	s := newShop(t)
	planned(s, "b1", 2)
	s.ok(step(s, "b1", nil, "", pricing.BatchDone))
	planned(s, "b2", 1)
	s.ok(step(s, "b2", batchRowsOf(s, "b2"), pricing.RowSent, "")) // and the batch was never begun
	found, err := s.Verify(t.Context())
	if err != nil || len(found) != 2 || found[0].Check != "price" || found[0].Subject != "batch b1" || found[1].Subject != "batch b2" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestColumnsAreKept(t *testing.T) {
	s := newShop(t)
	if doc, err := s.PriceColumns(t.Context(), "a\x1fb"); err != nil || doc != nil {
		t.Error(doc, err)
	}
	for _, doc := range []string{`{"price":"a"}`, `{"price":"b"}`} {
		s.ok(s.KeepPriceColumns(t.Context(), "a\x1fb", []byte(doc)))
		if got, err := s.PriceColumns(t.Context(), "a\x1fb"); err != nil || string(got) != doc {
			t.Errorf("%s, %v", got, err)
		}
	}
}
