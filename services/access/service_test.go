package access

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cashier/services/fault"
)

func TestStaff(t *testing.T) {
	x := newTill(t)
	ctx := t.Context()
	if x.SetUp() {
		t.Error("nobody is set up")
	}
	_, err := x.Add(ctx, user, NewPerson{Name: "小雨", Role: Cashier, PIN: "9137"})
	refused(t, err, "staff.first_owner")
	boss := x.add(user, " 老  板 ", Owner, "2580")
	if !x.SetUp() || x.List()[0].Name != "老 板" || x.books.last().Detail != x.books.list[0].State() {
		t.Errorf("%+v %+v", x.List(), x.books.acts)
	}
	owner := x.signIn(boss, "2580")
	manager := x.add(owner, "经理", Manager, "9137")
	cashier := x.add(x.Actor(manager), "小雨", Cashier, "4826")

	for name, try := range map[string]func() error{
		"staff.bad_name": func() error {
			_, err := x.Add(ctx, owner, NewPerson{Name: " ", Role: Cashier, PIN: "4826"})
			return err
		},
		"staff.name_taken": func() error {
			_, err := x.Add(ctx, owner, NewPerson{Name: "经理", Role: Cashier, PIN: "4826"})
			return err
		},
		"staff.bad_role": func() error {
			_, err := x.Add(ctx, owner, NewPerson{Name: "甲", Role: "boss", PIN: "4826"})
			return err
		},
		"staff.trivial_pin": func() error { _, err := x.SetPIN(ctx, owner, cashier, "1111"); return err },
		"staff.bad_badge":   func() error { _, err := x.SetBadge(ctx, owner, cashier, "工牌一二三四"); return err },
		"staff.unknown":     func() error { _, err := x.Unlock(ctx, owner, "77"); return err },
		"access.denied":     func() error { _, err := x.SetPIN(ctx, x.Actor(cashier), manager, "8264"); return err },
		"staff.above":       func() error { _, err := x.SetPIN(ctx, x.Actor(manager), boss, "8264"); return err },
		"staff.last_owner":  func() error { _, err := x.Remove(ctx, owner, boss); return err },
	} {
		refused(t, try(), name)
	}
	demoted, promoted := Manager, Owner
	_, err = x.Set(ctx, owner, boss, nil, &demoted)
	refused(t, err, "staff.last_owner")
	_, err = x.Set(ctx, x.Actor(manager), manager, nil, &promoted)
	refused(t, err, "staff.above")
	_, err = x.Set(ctx, x.Actor(manager), cashier, nil, &promoted)
	refused(t, err, "staff.above")
	if n := len(x.books.acts); n != 4 { // three added, one signed in
		t.Errorf("what was refused left %d rows", n)
	}

	_, err = x.SetPIN(ctx, x.Actor(cashier), cashier, "8264") // one's own
	x.ok(err)
	x.signIn(cashier, "8264")
	_, err = x.Remove(ctx, x.Actor(manager), cashier)
	x.ok(err)
	_, err = x.SignIn(ctx, cashier, "8264")
	refused(t, err, "staff.unknown")
	if a := x.Actor(cashier); a.Somebody() || a.May(Sell) {
		t.Errorf("removed and at work: %+v", a)
	}
	if next := x.add(owner, "小雨", Cashier, "4826"); next != "4" {
		t.Errorf("a number was given again: %s", next)
	}
	second := x.add(owner, "老板娘", Owner, "7319")
	_, err = x.Remove(ctx, x.Actor(second), boss)
	x.ok(err)
}

// Nothing is remembered that the books did not take.
func TestStaffOnADiskThatFails(t *testing.T) {
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	before := fmt.Sprint(x.List())
	x.books.fail = errors.New("full")
	for _, err := range []error{
		func() error {
			_, err := x.Add(t.Context(), user, NewPerson{Name: "乙", Role: Owner, PIN: "9137"})
			return err
		}(),
		func() error { _, err := x.SetPIN(t.Context(), user, boss, "9137"); return err }(),
		func() error { _, err := x.SignIn(t.Context(), boss, "2580"); return err }(),
	} {
		if !errors.Is(err, x.books.fail) {
			t.Errorf("%v", err)
		}
	}
	if got := fmt.Sprint(x.List()); got != before {
		t.Errorf("%s, was %s", got, before)
	}
	x.books.fail = nil
	x.signIn(boss, "2580")
}

// R12: 5 wrong ones lock for 30 s, each further one for twice as long up to
// 15 min, over restarts and whatever the clock is set to.
func TestLockOut(t *testing.T) {
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	wrong := func(code string) {
		t.Helper()
		_, err := x.SignIn(t.Context(), boss, "9999")
		refused(t, err, code)
	}
	for range 4 {
		wrong("access.wrong_pin")
	}
	x.restart()
	wrong("access.locked")
	for _, seconds := range []int{30, 60, 120, 240, 480, 900, 900} {
		lock := time.Duration(seconds) * time.Second
		if got := x.LockedFor(boss); got != lock {
			t.Fatalf("locked for %v, want %v", got, lock)
		}
		x.now = x.now.AddDate(10, 0, 0)
		x.restart()
		_, err := x.SignIn(t.Context(), boss, "2580")
		refused(t, err, "access.locked") // the right one as well, and it counts for nothing
		x.now = x.now.AddDate(-20, 0, 0)
		x.uptime += lock - time.Second
		_, err = x.SignIn(t.Context(), boss, "2580")
		refused(t, err, "access.locked")
		var f *fault.Error
		if errors.As(err, &f); f.Args["seconds"] != "1" {
			t.Errorf("%v", err)
		}
		x.uptime += time.Second
		wrong("access.locked")
	}
	x.uptime = 5 * time.Minute // the machine was restarted: only what has run since counts
	x.restart()
	if got := x.LockedFor(boss); got != 10*time.Minute {
		t.Errorf("after a restart of the machine %v", got)
	}
	x.uptime = 15 * time.Minute
	x.signIn(boss, "2580")
	if p := x.List()[0]; p.Wrong != 0 || p.Locked != 0 {
		t.Errorf("%+v", p)
	}
	for range 5 {
		_, _ = x.SignIn(t.Context(), boss, "9999")
	}
	_, err := x.Unlock(t.Context(), user, boss)
	x.ok(err)
	x.signIn(boss, "2580")
}

// A try counts before it is judged: a program that ends in between has used one.
func TestATryCountsBeforeItIsJudged(t *testing.T) {
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	for range freeTries {
		x.books.kept = func() {
			x.books.kept = func() { x.books.fail = errors.New("killed") }
		}
		_, _ = x.SignIn(t.Context(), boss, "9999")
		x.books.fail, x.books.kept = nil, nil
		x.restart()
	}
	_, err := x.SignIn(t.Context(), boss, "2580")
	refused(t, err, "access.locked")
}

// Whatever is done to clocks and processes, N wrong PINs take at least the
// time of N-5 locks of the machine's own running.
func TestLockOutHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ts := Tries{}
		var uptime, ran, owed time.Duration
		uptime = rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(40*time.Hour)).Draw(t, "up"))
		}).Draw(rt, "begins")
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "reboot") {
				uptime = 0
			}
			pass := time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(rt, "pass"))
			uptime, ran = uptime+pass, ran+pass
			if ts.left(uptime) > 0 {
				continue
			}
			if ran < owed {
				rt.Fatalf("try %d after %v, %v were owed", ts.Wrong+1, ran, owed)
			}
			ts.Wrong, ts.Uptime = ts.Wrong+1, uptime
			owed, ran = ts.lock(), 0
		}
	})
}

func TestBadges(t *testing.T) {
	x := newTill(t)
	ctx := t.Context()
	boss := x.add(user, "老板", Owner, "2580")
	cashier := x.add(user, "小雨", Cashier, "9137")
	const code = "STAFF-7Q2M9X"
	_, err := x.SetBadge(ctx, user, cashier, code)
	x.ok(err)
	if b := x.books.list[1].Badge; len(b) != 64 || strings.Contains(fmt.Sprint(x.books.acts), code) {
		t.Errorf("%q %v", b, x.books.acts)
	}
	_, err = x.SetBadge(ctx, user, boss, code)
	refused(t, err, "staff.badge_taken")
	_, err = x.Badge("STAFF-OTHER1")
	refused(t, err, "access.badge_unknown")
	p, err := x.Badge(code)
	x.ok(err)
	if p.Name != "小雨" {
		t.Errorf("%+v", p)
	}
	_, err = x.SignInByBadge(ctx, code)
	refused(t, err, "access.badge_pin")
	x.alone = true
	a, err := x.SignInByBadge(ctx, code)
	x.ok(err)
	if a.Name != "小雨" || x.books.last().Detail != "badge" {
		t.Errorf("%+v", a)
	}
	for range freeTries {
		_, _ = x.SignIn(ctx, cashier, "9999")
	}
	_, err = x.SignInByBadge(ctx, code)
	refused(t, err, "access.locked")
	_, err = x.SetBadge(ctx, user, cashier, "")
	x.ok(err)
	_, err = x.Badge(code)
	refused(t, err, "access.badge_unknown")
}

// With the vault gone nobody is taken for anybody; once it is given up, the
// machine's user is the owner again.
func TestKeysLost(t *testing.T) {
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	x.noKeys = fault.New(fault.Credentials, "vault.none", "No vault.")
	_, err := x.SignIn(t.Context(), boss, "2580")
	refused(t, err, "vault.none")
	if x.List()[0].Wrong != 0 {
		t.Error("a PIN that nobody could judge was counted")
	}
	x.noKeys, x.keys = nil, "another pepper"
	_, err = x.SignIn(t.Context(), boss, "2580")
	refused(t, err, "access.wrong_pin")
	x.ok(x.KeysLost(t.Context(), user))
	if x.SetUp() {
		t.Error("there is a PIN left")
	}
	_, err = x.SetPIN(t.Context(), user, boss, "9137")
	x.ok(err)
	x.signIn(boss, "9137")
}

func TestApprovers(t *testing.T) {
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	x.add(user, "小雨", Cashier, "9137")
	if got := x.Approvers(x.Actor("2"), Resolve); len(got) != 1 || got[0].ID != boss {
		t.Errorf("%+v", got)
	}
	if got := x.Approvers(x.Actor(boss), Resolve); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
