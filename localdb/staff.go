package localdb

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
)

var _ access.Store = (*Ledger)(nil)

const (
	staffSQL    = `SELECT id, name, role, active, pin, badge, since_ms, wrong, uptime_ms, wrong_ms FROM staff ORDER BY id`
	addStaffSQL = `INSERT INTO staff (id, name, role, active, pin, badge, since_ms, wrong, uptime_ms, wrong_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	setStaffSQL = `UPDATE staff SET name = ?, role = ?, active = ?, pin = ?, badge = ?, wrong = ?, uptime_ms = ?, wrong_ms = ? WHERE id = ?`
	setTriesSQL = `UPDATE staff SET wrong = ?, uptime_ms = ?, wrong_ms = ? WHERE id = ?`
)

// Staff implements access.Store.
func (l *Ledger) Staff(ctx context.Context) (list []access.Record, err error) {
	err = l.view(ctx, func(t *tx) error {
		list, err = t.staff()
		return err
	})
	return list, err
}

// staffSince is the migration that brought the staff.
const staffSince = 11

// StaffOf lists who works at the till of a ledger or a backup, without changing
// a byte of it: nobody where it is missing, or from before there were staff.
func StaffOf(ctx context.Context, path string) ([]access.Record, error) {
	v, err := inspectLedger(ctx, path, inspect)
	if err != nil || v < staffSince {
		return nil, err
	}
	l := &Ledger{path: path}
	if l.read, err = open(path, inspector(), 1); err != nil {
		return nil, err
	}
	defer func() { _ = l.Shut() }()
	return l.Staff(ctx)
}

func (t *tx) staff() (list []access.Record, err error) {
	err = t.each(func(rows *sql.Rows) error {
		var r access.Record
		var since, uptime int64
		var wrong sql.NullInt64
		err := rows.Scan(&r.ID, &r.Name, &r.Role, &r.Active, &r.PIN, &r.Badge, &since, &r.Tries.Wrong, &uptime, &wrong)
		r.Since, r.Tries.Uptime = fromMS(since), time.Duration(uptime)*time.Millisecond
		if wrong.Valid {
			r.Tries.At = fromMS(wrong.Int64)
		}
		list = append(list, r)
		return err
	}, staffSQL)
	return list, err
}

// AddStaff implements access.Store.
func (l *Ledger) AddStaff(ctx context.Context, r access.Record, a access.Act) error {
	return l.commit(ctx, "", func(t *tx) error {
		args := append([]any{r.ID, r.Name, string(r.Role), r.Active, r.PIN, r.Badge, ms(r.Since)}, triesArgs(r.Tries)...)
		if err := t.exec(addStaffSQL, args...); err != nil {
			return ownerLeft(err)
		}
		return t.audit(auditAct(a))
	})
}

// SetStaff implements access.Store.
func (l *Ledger) SetStaff(ctx context.Context, r access.Record, a access.Act) error {
	return l.commit(ctx, "", func(t *tx) error {
		args := append([]any{r.Name, string(r.Role), r.Active, r.PIN, r.Badge}, triesArgs(r.Tries)...)
		if err := t.exec(setStaffSQL, append(args, r.ID)...); err != nil {
			return ownerLeft(err)
		}
		return t.audit(auditAct(a))
	})
}

// SetTries implements access.Store.
func (l *Ledger) SetTries(ctx context.Context, id int64, tries access.Tries, a *access.Act) error {
	return l.commit(ctx, "", func(t *tx) error {
		if err := t.exec(setTriesSQL, append(triesArgs(tries), id)...); err != nil || a == nil {
			return err
		}
		return t.audit(auditAct(*a))
	})
}

// triesArgs rounds the uptime up: a millisecond must not be forgiven.
func triesArgs(t access.Tries) []any {
	at := sql.NullInt64{Int64: ms(t.At), Valid: !t.At.IsZero()}
	return []any{t.Wrong, int64((t.Uptime + time.Millisecond - 1) / time.Millisecond), at}
}

func auditAct(a access.Act) checkout.Act {
	return checkout.Act{Actor: a.Actor, What: a.What, Subject: a.Subject, Detail: a.Detail, At: a.At}
}

// ownerLeft puts the refusal of the file's own triggers into words.
func ownerLeft(err error) error {
	if strings.Contains(err.Error(), "no owner is left") {
		return access.ErrLastOwner()
	}
	return err
}

// staffState checks that each person is as the audit trail last said.
func (f *findings) staffState(t *tx) error {
	said := map[string]string{}
	err := t.each(func(rows *sql.Rows) error {
		var subject, detail string
		err := rows.Scan(&subject, &detail)
		said[subject] = detail
		return err
	}, `SELECT subject, detail FROM audit WHERE what GLOB 'staff.*' ORDER BY seq`)
	if err != nil {
		return err
	}
	list, err := t.staff()
	if err != nil {
		return err
	}
	for _, r := range list {
		subject := r.Subject()
		switch last, known := said[subject]; {
		case !known:
			f.add("staff", subject, "is in no row of the audit trail")
		case last != r.State():
			f.add("staff", subject, "is not as the audit trail last said: %s, now %s", last, r.State())
		}
		delete(said, subject)
	}
	for subject := range said {
		f.add("staff", subject, "is in the audit trail and works nowhere")
	}
	return nil
}
