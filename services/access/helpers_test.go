package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"cashier/services/fault"
)

// books are a Store in memory.
type books struct {
	list []Record
	acts []Act
	fail error
	kept func() // called before a count is kept
}

func (b *books) Staff(context.Context) ([]Record, error) { return slices.Clone(b.list), b.fail }

func (b *books) AddStaff(_ context.Context, r Record, a Act) error {
	if b.fail != nil {
		return b.fail
	}
	b.list, b.acts = append(b.list, r), append(b.acts, a)
	return nil
}

func (b *books) SetStaff(_ context.Context, r Record, a Act) error {
	if b.fail != nil {
		return b.fail
	}
	b.list[r.ID-1] = r
	b.acts = append(b.acts, a)
	return nil
}

func (b *books) SetTries(_ context.Context, id int64, t Tries, a *Act) error {
	if b.kept != nil {
		b.kept()
	}
	if b.fail != nil {
		return b.fail
	}
	b.list[id-1].Tries = t
	if a != nil {
		b.acts = append(b.acts, *a)
	}
	return nil
}

func (b *books) last() Act { return b.acts[len(b.acts)-1] }

// vault is Keys of a fixed pepper.
type vault string

func (v vault) Pepper() []byte { return []byte(v) }

func (v vault) Digest(code string) string {
	h := hmac.New(sha256.New, []byte(v))
	h.Write([]byte(code))
	return hex.EncodeToString(h.Sum(nil))
}

// till is a service whose clocks the test sets.
type till struct {
	*Service
	t      *testing.T
	books  *books
	keys   vault
	noKeys error
	uptime time.Duration
	now    time.Time
	alone  bool
}

var user = MachineOwner("pos", "cashierctl")

func newTill(t *testing.T) *till {
	t.Helper()
	before := pinCost
	pinCost = cost{kib: 64, passes: 1, lanes: 1}
	t.Cleanup(func() { pinCost = before })
	x := &till{t: t, books: &books{}, keys: "pepper of this till", uptime: 40 * time.Hour, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	x.restart()
	return x
}

// restart is another process on the same books.
func (x *till) restart() {
	x.t.Helper()
	s, err := New(context.Background(), Params{
		Store: x.books, Program: "cashier", Keys: func() (Keys, error) { return x.keys, x.noKeys },
		Now: func() time.Time { return x.now }, Uptime: func() time.Duration { return x.uptime }, BadgeAlone: func() bool { return x.alone },
	})
	if err != nil {
		x.t.Fatal(err)
	}
	x.Service = s
}

func (x *till) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *till) add(by Actor, name string, role Role, pin string) string {
	x.t.Helper()
	p, err := x.Add(x.t.Context(), by, NewPerson{Name: name, Role: role, PIN: pin})
	x.ok(err)
	return p.ID
}

func (x *till) signIn(id, pin string) Actor {
	x.t.Helper()
	a, err := x.SignIn(x.t.Context(), id, pin)
	x.ok(err)
	return a
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("%q (%v), want %s", fault.CodeOf(err), err, code)
	}
}
