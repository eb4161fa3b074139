package localdb

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cashier/services/checkout"
)

// The hashes were computed with another language's hashlib from the encoding
// that docs/data.md describes.
func TestAuditChainVectors(t *testing.T) {
	start := auditStart("K7M2QX")
	first := auditRow{1, 1772971200000, "7", "梅", "cashier", "cashierctl", "sale.complete", "sale-1", "¥21.22"}.chain(start)
	second := auditRow{seq: 2, at: -1, what: "note"}.chain(first)
	for _, c := range []struct {
		got  []byte
		want string
	}{
		{start, "b5fcfd7380508328765dc10c15d97e567bfe205058b0e1f4ea3842821f62de3d"}, {first, "425dfd544f608c6df1cc76854a745e0b604f64c22cd425e7b61fb6fd107a43e8"}, {second, "92bf52333713664c1cd6c6af0ca209d038c8f3508953cc378de36cf0b26df3d9"},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%x, want %s", c.got, c.want)
		}
	}
}

func TestAuditSaysWhoDidWhat(t *testing.T) {
	s := newShop(t)
	a := s.act("drawer.open", "抽屉\x00'; --")
	s.ok(s.Note(t.Context(), a))
	got := texts(t, raw(t, s.path), `SELECT concat_ws('|', seq, at_ms, actor_id, actor_name, actor_role, actor_program, what, subject, detail) FROM audit`)
	want := fmt.Sprintf("1|%d|7|梅|cashier|cashier|drawer.open|%s|%s", a.At.UnixMilli(), a.Subject, a.Detail)
	if len(got) != 1 || got[0] != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.verified()
}

// Whatever is done to one of many rows, verify finds it.
func TestAuditTamperingIsFound(t *testing.T) {
	const rows = 40
	s := newShop(t)
	for i := range rows {
		s.ok(s.Note(t.Context(), checkout.Act{Actor: mei, What: "note", Subject: fmt.Sprint(i), Detail: "x", At: s.tick()}))
	}
	db := raw(t, s.path)
	unlock(t, db)
	columns := texts(t, db, `SELECT name FROM pragma_table_info('audit')`)
	if len(columns) != 11 {
		t.Fatalf("columns %q", columns)
	}
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, rows).Draw(r, "row")
		how := rapid.SampledFrom(append([]string{"delete", "swap", "cut the tail", "append"}, columns...)).Draw(r, "how")
		inner, err := db.Begin()
		if err != nil {
			r.Fatal(err)
		}
		var do string
		switch how {
		case "delete":
			do = fmt.Sprintf(`DELETE FROM audit WHERE seq = %d`, n)
		case "swap":
			other := n%rows + 1
			do = fmt.Sprintf(`UPDATE audit SET seq = -1 WHERE seq = %d; UPDATE audit SET seq = %d WHERE seq = %d; UPDATE audit SET seq = %d WHERE seq = -1`, n, n, other, other)
		case "cut the tail":
			do = fmt.Sprintf(`DELETE FROM audit WHERE seq >= %d`, n)
		case "append":
			do = fmt.Sprintf(`INSERT INTO audit SELECT %d, at_ms, actor_id, actor_name, actor_role, actor_program, what, subject, detail, prev_hash, hash FROM audit WHERE seq = %d`, rows+1, n)
		case "seq":
			do = fmt.Sprintf(`UPDATE audit SET seq = seq + 1000 WHERE seq = %d`, n)
		case "at_ms":
			do = fmt.Sprintf(`UPDATE audit SET at_ms = at_ms + 1 WHERE seq = %d`, n)
		case "prev_hash", "hash":
			do = fmt.Sprintf(`UPDATE audit SET %s = zeroblob(32) WHERE seq = %d`, how, n)
		default:
			do = fmt.Sprintf(`UPDATE audit SET %s = %s || ' ' WHERE seq = %d`, how, how, n)
		}
		if _, err := inner.Exec(do); err != nil {
			r.Fatal(err)
		}
		var f findings
		err = f.auditChain(&tx{ctx: t.Context(), inner: inner}, s.Till().ID)
		if err != nil || len(f) == 0 {
			r.Errorf("%s of row %d was not found (%v)", how, n, err)
		}
		if err := inner.Rollback(); err != nil {
			r.Fatal(err)
		}
	})
	s.verified()
	if _, err := db.Exec(`UPDATE audit SET detail = 'y' WHERE seq = 7`); err != nil {
		t.Fatal(err)
	}
	found, err := s.Verify(t.Context())
	s.ok(err)
	if len(found) != 1 || found[0].Check != "audit" || found[0].Subject != "audit row 7" {
		t.Errorf("found %+v", found)
	}
}

// unlock takes the triggers off, as somebody with another tool could.
func unlock(t testing.TB, db *sql.DB) {
	t.Helper()
	for _, name := range texts(t, db, `SELECT name FROM sqlite_schema WHERE type = 'trigger'`) {
		if _, err := db.Exec(`DROP TRIGGER ` + name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(`PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1`); err != nil {
		t.Fatal(err)
	}
}

// What is posted can be neither changed nor deleted, by any statement.
func TestPostedRowsRefuse(t *testing.T) {
	s := newShop(t)
	s.sell()
	sale, _ := s.freeze(checkout.ClassCode)
	voided, cash := s.mixed()
	voided.State = checkout.Voided
	s.ok(s.Close(t.Context(), voided, []checkout.LegEvent{s.step(cash, checkout.Reversed)}, []checkout.Entry{reversed(cash)}, s.act("sale.void", voided.ID)))
	statements := []string{
		`UPDATE sales SET state = 'TENDERING', closed_ms = NULL WHERE state = 'COMPLETE'`,
		`UPDATE sales SET reason = 'x' WHERE state = 'COMPLETE'`,
		`UPDATE sales SET state = 'COMPLETE' WHERE state = 'VOIDED'`,
		`UPDATE sales SET state = 'BARGAIN' WHERE state = 'TENDERING'`,
		`UPDATE sales SET state = 'COMPLETE' WHERE id = '` + sale.ID + `'`, // no closing time
		`UPDATE legs SET state = 'PAID' WHERE sale_id = '` + sale.ID + `'`,
		`UPDATE legs SET state = 'PAID', seq = seq + 1`,
		`UPDATE legs SET sent = 1 - sent, seq = 1 WHERE seq > 1`,
		`UPDATE meta SET till_id = 'ZZZZZZ'`,
		`UPDATE meta SET epoch = 0`,
		`UPDATE audit_head SET seq = seq + 1`,
		`UPDATE audit_head SET hash = zeroblob(32)`,
		`INSERT INTO leg_events SELECT leg_id, 9, state, at_ms, '', '', '', '', '' FROM leg_events`,
		`INSERT INTO leg_events SELECT leg_id, 1, state, at_ms, '', '', '', '', '' FROM leg_events`,
		`INSERT INTO postings SELECT sale_id, entry_no, 9, account, amount FROM postings`,
		`INSERT INTO entries SELECT sale_id, 99, leg_id, kind, at_ms FROM entries LIMIT 1`,
		`INSERT INTO postings SELECT id, 99, 1, 'drawer', 5 FROM sales`,
		`INSERT INTO receipts SELECT till_id, 1, 3, till_id || '-1-000003', '` + sale.ID + `', 0 FROM meta`,
		`INSERT INTO receipts SELECT till_id, 1, 2, till_id || '-1-000002', '` + sale.ID + `', 0 FROM meta`,
		`INSERT INTO receipts SELECT till_id, 1, 2, 'A-1', id, 0 FROM sales`,
		`INSERT OR REPLACE INTO receipts SELECT till_id, 1, 2, till_id || '-1-000002', (SELECT sale_id FROM receipts), 0 FROM meta`,
		`INSERT OR REPLACE INTO legs SELECT 'new', sale_id, 77, key, class, method, provider, amount, tendered, times, '', '', '', 0, '', state, seq, sent, of_key FROM legs LIMIT 1`,
		`INSERT INTO audit SELECT 99, at_ms, '', '', '', '', '', '', '', hash, hash FROM audit LIMIT 1`,
		`INSERT INTO meta SELECT 2, 'ZZZZZZ', 1, 0, NULL`,
	}
	for table, columns := range map[string]string{
		"sale_lines": "name amount price qty", "leg_events": "state seq at_ms provider_no", "entries": "kind sale_id", "postings": "amount account",
		"receipts": "counter sale_id at_ms", "audit": "what at_ms hash detail", "sales": "total actor_id opened_ms cart_id", "legs": "amount key code_digest class",
		"meta": "created_ms", "audit_head": "",
	} {
		for _, c := range strings.Fields(columns) {
			statements = append(statements, `UPDATE `+table+` SET `+c+` = `+c+` + 1`)
			if table == "legs" || table == "sales" { // one text column changed to another text
				statements = append(statements, `UPDATE `+table+` SET `+c+` = `+c)
			}
		}
		statements = append(statements, `DELETE FROM `+table, `INSERT OR REPLACE INTO `+table+` SELECT * FROM `+table+` LIMIT 1`)
	}
	db := raw(t, s.path)
	if _, err := db.Exec(`PRAGMA foreign_keys = 1`); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s.path)
	for _, q := range statements {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("allowed: %s", q)
		}
	}
	if dump(t, s.path) != before {
		t.Error("the books were changed")
	}
	s.verified()
}
