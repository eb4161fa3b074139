package localdb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"cashier/services/checkout"
)

const (
	auditHeadSQL   = `SELECT seq, hash FROM audit_head`
	insertAuditSQL = `INSERT INTO audit (seq, at_ms, actor_id, actor_name, actor_role, actor_program, what, subject, detail, prev_hash, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	moveHeadSQL = `UPDATE audit_head SET seq = ?, hash = ?`
)

// auditRow is one row of the chain.
type auditRow struct {
	seq, at                    int64
	actor, name, role, program string
	what, subject, detail      string
}

// auditStart is what the first row's prev_hash holds: it ties the chain to its
// till.
func auditStart(tillID string) []byte {
	h := sha256.Sum256([]byte("cashier audit 1 " + tillID))
	return h[:]
}

// chain is SHA-256 over prev and the row's fields in order, each preceded by
// its length in bytes as a 64-bit big-endian number, so that no two rows have
// the same encoding. Numbers are written in decimal.
func (r auditRow) chain(prev []byte) []byte {
	h := sha256.New()
	h.Write(prev)
	for _, field := range []string{
		strconv.FormatInt(r.seq, 10), strconv.FormatInt(r.at, 10),
		r.actor, r.name, r.role, r.program, r.what, r.subject, r.detail,
	} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(field)))
		h.Write(n[:])
		h.Write([]byte(field))
	}
	return h.Sum(nil)
}

// audit appends a row and moves the chain's end.
func (t *tx) audit(a checkout.Act) error {
	var seq int64
	var prev []byte
	if err := t.row(auditHeadSQL).Scan(&seq, &prev); err != nil {
		return err
	}
	r := auditRow{
		seq: seq + 1, at: ms(a.At),
		actor: a.Actor.ID, name: a.Actor.Name, role: string(a.Actor.Role), program: a.Actor.Program,
		what: a.What, subject: a.Subject, detail: a.Detail,
	}
	hash := r.chain(prev)
	if err := t.exec(insertAuditSQL, r.seq, r.at, r.actor, r.name, r.role, r.program, r.what, r.subject, r.detail, prev, hash); err != nil {
		return err
	}
	return t.exec(moveHeadSQL, r.seq, hash)
}

const notedSQL = `SELECT EXISTS (SELECT 1 FROM audit WHERE what = ? AND subject = ?)`

// Noted reports whether the trail has such a row.
func (l *Ledger) Noted(ctx context.Context, what, subject string) (found bool, err error) {
	err = l.read.QueryRowContext(ctx, notedSQL, what, subject).Scan(&found)
	return found, l.say(err)
}
