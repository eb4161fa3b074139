package localdb

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cashier/services/access"
)

func person(id int64, name string, role access.Role) access.Record {
	return access.Record{
		ID: id, Name: name, Role: role, Active: true, PIN: "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$" + strings.Repeat("x", 43),
		Since: noon, Tries: access.Tries{},
	}
}

func (s *shop) staffAct(what string, r access.Record) access.Act {
	return access.Act{Actor: mei, What: what, Subject: r.Subject(), Detail: r.State(), At: s.tick()}
}

func (s *shop) staffed() []access.Record {
	s.Helper()
	boss, hand := person(1, "老板", access.Owner), person(2, "小雨", access.Cashier)
	hand.Badge = strings.Repeat("ab", 32)
	for _, r := range []access.Record{boss, hand} {
		s.ok(s.AddStaff(s.Context(), r, s.staffAct("staff.add", r)))
	}
	return []access.Record{boss, hand}
}

func (s *shop) sees(want []access.Record) {
	s.Helper()
	got, err := s.Staff(s.Context())
	s.ok(err)
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return ms(a) == ms(b) })); diff != "" {
		s.Error(diff)
	}
}

func TestStaffAreKept(t *testing.T) {
	s := newShop(t)
	s.sees(nil)
	all := s.staffed()
	s.sees(all)
	all[1].Name, all[1].Role, all[1].Badge = "林小雨", access.Manager, ""
	s.ok(s.SetStaff(t.Context(), all[1], s.staffAct("staff.set", all[1])))
	all[0].Tries = access.Tries{Wrong: 5, Uptime: 90 * time.Hour, At: s.tick()}
	s.ok(s.SetTries(t.Context(), 1, all[0].Tries, nil))
	s.reopen()
	s.sees(all)
	in := access.Act{Actor: mei, What: "access.in", Subject: "staff:1", At: s.tick()}
	s.ok(s.SetTries(t.Context(), 1, access.Tries{}, &in))
	all[0].Tries = access.Tries{}
	s.sees(all)
	if rows := texts(t, raw(t, s.path), `SELECT what || ' ' || subject FROM audit WHERE subject LIKE 'staff:%' ORDER BY seq`); strings.Join(rows, ",") != "staff.add staff:1,staff.add staff:2,staff.set staff:2,access.in staff:1" {
		t.Errorf("the audit trail has %v", rows)
	}
	s.verified()

	b, err := s.Backup(t.Context(), "")
	s.ok(err)
	for _, path := range []string{b.Path, s.path} {
		again, err := StaffOf(t.Context(), path)
		s.ok(err)
		if len(again) != 2 || again[0].PIN != all[0].PIN {
			t.Errorf("%s has %+v", path, again)
		}
	}
	none, err := StaffOf(t.Context(), s.path+".missing")
	s.ok(err)
	if len(none) != 0 {
		t.Errorf("nobody's books have %+v", none)
	}
	read, err := OpenRead(t.Context(), s.path)
	s.ok(err)
	defer func() { _ = read.Shut() }()
	refused(t, read.SetTries(t.Context(), 1, access.Tries{}, nil), "ledger.read_only")
}

// A change that is refused leaves no row, neither of staff nor in the trail.
func TestStaffRefused(t *testing.T) {
	s := newShop(t)
	hand := person(1, "小雨", access.Cashier)
	before := dump(t, s.path)
	refused(t, s.AddStaff(t.Context(), hand, s.staffAct("staff.add", hand)), "staff.last_owner")
	if dump(t, s.path) != before {
		t.Error("it left something")
	}
	all := s.staffed()
	before = dump(t, s.path)
	gone := all[0]
	gone.Active, gone.PIN = false, ""
	refused(t, s.SetStaff(t.Context(), gone, s.staffAct("staff.remove", gone)), "staff.last_owner")
	demoted := all[0]
	demoted.Role = access.Manager
	refused(t, s.SetStaff(t.Context(), demoted, s.staffAct("staff.set", demoted)), "staff.last_owner")
	if dump(t, s.path) != before {
		t.Error("it left something")
	}
	db := raw(t, s.path)
	for _, bad := range []string{
		`DELETE FROM staff WHERE id = 2`,
		`INSERT OR REPLACE INTO staff SELECT 2, name, 'owner', active, pin, '', since_ms, 0, 0, NULL FROM staff WHERE id = 2`,
		`UPDATE staff SET since_ms = since_ms + 1 WHERE id = 2`,
		`UPDATE staff SET pin = '2580' WHERE id = 2`,
		`UPDATE staff SET badge = 'STAFF-7Q2M9X' WHERE id = 2`,
		`UPDATE staff SET active = 0 WHERE id = 2`, // with a PIN that still works
		`UPDATE staff SET role = 'cashier' WHERE id = 1`,
	} {
		if _, err := db.ExecContext(t.Context(), bad); err == nil {
			t.Errorf("the file took %s", bad)
		}
	}
}

// Whoever makes himself an owner in the file itself contradicts the trail.
func TestStaffChangedBehindTheTill(t *testing.T) {
	for name, change := range map[string]string{
		"a role":   `UPDATE staff SET role = 'owner' WHERE id = 2`,
		"a name":   `UPDATE staff SET name = '小风' WHERE id = 2`,
		"a PIN":    `UPDATE staff SET pin = (SELECT pin || 'y' FROM staff WHERE id = 1) WHERE id = 2`,
		"a badge":  `UPDATE staff SET badge = '` + strings.Repeat("cd", 32) + `' WHERE id = 2`,
		"a person": `INSERT INTO staff VALUES (3, '某', 'owner', 1, '', '', 0, 0, 0, NULL)`,
		"one less": `DROP TRIGGER staff_kept; DELETE FROM staff WHERE id = 2`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.staffed()
			s.verified()
			if _, err := raw(t, s.path).ExecContext(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			found, err := s.Verify(t.Context())
			s.ok(err)
			if len(found) != 1 || found[0].Check != "staff" {
				t.Errorf("verify finds %+v", found)
			}
		})
	}
}
