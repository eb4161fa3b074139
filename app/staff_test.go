package app

import (
	"path/filepath"
	"testing"
	"time"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
)

// staffedTill is a till with an owner (1), a manager (2) and a cashier (3).
func staffedTill(t *testing.T, p Params) *Till {
	t.Helper()
	p.Program, p.Passphrase, p.VaultCost = "cashier", "test", 4
	if p.Dir == "" {
		p.Dir = filepath.Join(t.TempDir(), "till")
	}
	till, err := Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(till.Close)
	for _, n := range []access.NewPerson{
		{Name: "老板", Role: access.Owner, PIN: "2580"}, {Name: "店长", Role: access.Manager, PIN: "3691"}, {Name: "小雨", Role: access.Cashier, PIN: "4826", Badge: "STAFF-7Q2M9X"},
	} {
		if _, err := till.Staff.Add(t.Context(), MachineActor("cashier"), n); err != nil {
			t.Fatal(err)
		}
	}
	return till
}

func code(t *testing.T, err error, want string) {
	t.Helper()
	if fault.CodeOf(err) != want {
		t.Errorf("%q (%v), want %s", fault.CodeOf(err), err, want)
	}
}

func TestWhoActs(t *testing.T) {
	till := staffedTill(t, Params{})
	ctx := t.Context()
	if a := till.Actor(); a.Somebody() {
		t.Errorf("nobody has signed in, and %+v acts", a)
	}
	code(t, till.Note(ctx, "x", "y", ""), "")
	if _, err := till.Pricing(time.Second); fault.CodeOf(err) == "" {
		t.Error("nobody changes prices")
	}
	_, err := till.AcceptPrices(ctx, nil, "x", nil)
	code(t, err, "access.nobody")
	if _, err = till.SignIn(ctx, "3", "4826"); err != nil {
		t.Fatal(err)
	}
	if a := till.Actor(); a.Name != "小雨" || a.Role != access.Cashier || a.Program != "cashier" {
		t.Errorf("%+v", a)
	}
	_, err = till.AcceptPrices(ctx, nil, "x", nil)
	code(t, err, "access.denied")
	cashier := access.Manager
	if _, err := till.Staff.Set(ctx, till.Staff.Actor("1"), "3", nil, &cashier); err != nil {
		t.Fatal(err)
	}
	if a := till.Actor(); a.Role != access.Manager {
		t.Errorf("a new role counts at once: %+v", a)
	}
	if _, err := till.Staff.Remove(ctx, till.Staff.Actor("1"), "3"); err != nil {
		t.Fatal(err)
	}
	if a := till.Actor(); a.Somebody() {
		t.Errorf("removed, and %+v acts", a)
	}
	if _, err = till.SignIn(ctx, "2", "3691"); err != nil {
		t.Fatal(err)
	}
	till.SignOut()
	if a := till.Actor(); a.Somebody() {
		t.Errorf("signed out, and %+v acts", a)
	}
	if n := len(till.People()); n != 2 {
		t.Errorf("%d people can sign in", n)
	}
}

// The lock of R12 on the real books, over another start and by the real clock of
// the machine.
func TestLockOutSurvivesAStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "till")
	up := 50 * time.Hour
	p := Params{Dir: dir, Uptime: func() time.Duration { return up }}
	till := staffedTill(t, p)
	for range 5 {
		_, _ = till.SignIn(t.Context(), "3", "1357")
	}
	till.Close()
	p.Program, p.Passphrase, p.VaultCost = "cashier", "test", 4
	p.Now = func() time.Time { return time.Now().AddDate(10, 0, 0) }
	again, err := Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	_, err = again.SignIn(t.Context(), "3", "4826")
	code(t, err, "access.locked")
	up += 30 * time.Second
	if _, err = again.SignIn(t.Context(), "3", "4826"); err != nil {
		t.Error(err)
	}
	if first, then := uptime(), uptime(); first <= 0 || then < first {
		t.Errorf("the machine has been running for %v, then %v", first, then)
	}
}

// An approval gets past the counter, for the act and the subject it names, once;
// what the desk itself says comes after that.
func TestApprovalAtTheCounter(t *testing.T) {
	till := staffedTill(t, Params{})
	ctx := t.Context()
	counter := till.Counter()
	cashier, err := till.SignIn(ctx, "3", "4826")
	if err != nil {
		t.Fatal(err)
	}
	approve := func(r access.Right, subject string) access.Actor {
		t.Helper()
		a, err := till.Approve(ctx, cashier, "2", "3691", r, subject)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	resolve := func(by access.Actor, key string) error {
		_, err := counter.Resolve(ctx, by, key, checkout.Reversed, "核对过")
		return err
	}
	code(t, resolve(cashier, "k"), "access.denied")
	let := approve(access.Resolve, "k")
	code(t, resolve(let, "other"), "access.denied")
	code(t, resolve(let, "k"), "leg.unknown")
	code(t, resolve(let, "k"), "access.denied")

	cash := func(by access.Actor) error { _, err := counter.ResolveInCash(ctx, by, "k", "核对过"); return err }
	code(t, cash(cashier), "access.denied")
	code(t, cash(approve(access.Resolve, "k")), "leg.unknown")

	rest := func(by access.Actor) error { _, err := counter.RefundRest(ctx, by, "s", true, "坏了"); return err }
	code(t, rest(cashier), "access.denied")
	code(t, rest(approve(access.Resolve, "s")), "access.denied")
	code(t, rest(approve(access.Refund, "s")), "sale.unknown")
	code(t, resolve(approve(access.Refund, "s"), "s"), "access.denied")

	_, err = counter.Void(ctx, cashier, "s", "x")
	code(t, err, "sale.unknown")
	found, err := till.VerifyBooks(ctx)
	if err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

// A sale at the counter is given up by its cashier; one that was set aside takes
// somebody who may, and stands in the trail under who did it.
func TestGivingUpWhatWasSetAside(t *testing.T) {
	till := staffedTill(t, Params{})
	ctx := t.Context()
	counter := till.Counter()
	cashier, err := till.SignIn(ctx, "3", "4826")
	if err != nil {
		t.Fatal(err)
	}
	frozen := func() checkout.Sale {
		t.Helper()
		s := checkout.Sale{
			ID: newID(), Kind: checkout.Goods, TillID: till.Ledger.Till().ID, Epoch: 1, BusinessDate: "2026-11-22", Actor: cashier,
			State: checkout.Tendering, Total: 350, Lines: []checkout.Line{{Name: "可乐", Unit: "瓶", Price: 350, Qty: 1, Amount: 350}}, OpenedAt: time.Now(),
		}
		if err := till.Ledger.Freeze(ctx, s, nil, nil, checkout.Act{Actor: cashier, What: "sale.freeze", Subject: s.ID, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := frozen()
	if s, err = counter.Void(ctx, cashier, s.ID, "换了主意"); err != nil || s.State != checkout.Voided {
		t.Errorf("at the counter: %s %v", s.State, err)
	}

	s = frozen()
	s.State = checkout.Unsettled
	if err := till.Ledger.Close(ctx, s, nil, nil, checkout.Act{Actor: cashier, What: "sale.aside", Subject: s.ID, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	_, err = counter.Void(ctx, cashier, s.ID, "顾客走了")
	code(t, err, "access.denied")
	let, err := till.Approve(ctx, cashier, "2", "3691", access.Void, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = counter.Void(ctx, let, s.ID, "顾客走了"); err != nil || s.State != checkout.Voided {
		t.Errorf("approved: %s %v", s.State, err)
	}
	for _, what := range []string{"access.approve", "sale.void"} {
		if noted, err := till.Ledger.Noted(ctx, what, s.ID); err != nil || !noted {
			t.Errorf("%s of %s is not in the trail: %v", what, s.ID, err)
		}
	}
}
