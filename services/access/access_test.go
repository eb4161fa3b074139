package access

import (
	"slices"
	"testing"
)

// The table as the shop was promised it, written out anew.
func TestRights(t *testing.T) {
	want := map[Right]string{
		Sell: "cashier manager owner", Redeem: "staff cashier manager owner",
		Refund: "manager owner", Discount: "manager owner", Void: "manager owner", NoSale: "manager owner", Resolve: "manager owner",
		Prices: "manager owner", Manage: "manager owner", Setup: "manager owner", Backup: "manager owner", Restore: "owner", Diagnostics: "manager owner",
	}
	if len(want) != len(Rules()) {
		t.Errorf("%d rights in the table", len(Rules()))
	}
	for _, r := range Rules() {
		got := ""
		for _, role := range Roles() {
			a := Actor{ID: "x", Role: role}
			if a.May(r.Right) != (a.Demand(r.Right) == nil) {
				t.Errorf("%s %s: May and Demand differ", role, r.Right)
			}
			if a.May(r.Right) {
				got += " " + string(role)
			}
		}
		if got != " "+want[r.Right] {
			t.Errorf("%s: %s, want %s", r.Right, got, want[r.Right])
		}
	}
	refused(t, Actor{ID: "x", Role: Owner}.Demand("unheard of"), "access.denied")
	refused(t, Nobody("cashier").Demand(Sell), "access.nobody")
	if !MachineOwner("", "x").May(Restore) || !MachineOwner("", "x").Somebody() || Nobody("x").Somebody() {
		t.Error("the machine's user is an owner, nobody is nobody")
	}
}

// Whoever approves a refund must be able to settle: the desk asks for that.
func TestRefundersSettle(t *testing.T) {
	for _, role := range rule(Refund).Roles {
		if !slices.Contains(rule(Resolve).Roles, role) {
			t.Errorf("%s gives money back and may not settle", role)
		}
	}
	for _, role := range rule(Void).Roles {
		if !slices.Contains(rule(Sell).Roles, role) {
			t.Errorf("%s gives sales up and may not sell", role)
		}
	}
}

func TestApproval(t *testing.T) {
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	cashier := x.add(user, "小雨", Cashier, "9137")
	other := x.add(user, "小风", Cashier, "4826")
	asker := x.Actor(cashier)

	approve := func(id, pin string) (Actor, error) {
		return x.Approve(t.Context(), asker, id, pin, Resolve, "leg-1")
	}
	_, err := approve(other, "4826")
	refused(t, err, "access.denied")
	_, err = approve(cashier, "9137")
	refused(t, err, "access.same_person")
	_, err = approve(boss, "0000")
	refused(t, err, "access.wrong_pin")

	let, err := approve(boss, "2580")
	x.ok(err)
	if a := x.books.last(); a.What != "access.approve" || a.Actor.Name != "老板" || a.Subject != "leg-1" || a.Detail != "resolve for staff:2 小雨" {
		t.Errorf("the audit trail says %+v", a)
	}
	if let.ID != asker.ID || let.Role != Cashier {
		t.Errorf("who acts is still the cashier: %+v", let)
	}
	refused(t, let.Demand(Resolve), "access.denied") // not without its subject

	_, err = let.Let(Resolve, "leg-2", Resolve)
	refused(t, err, "access.denied")
	_, err = let.Let(Refund, "leg-1", Resolve)
	refused(t, err, "access.denied")
	acts, err := let.Let(Resolve, "leg-1", Resolve)
	x.ok(err)
	_, err = let.Let(Resolve, "leg-1", Resolve)
	refused(t, err, "access.denied") // one act
	refused(t, acts.Demand(Prices), "access.denied")
	x.ok(acts.Demand(Resolve))
	refused(t, acts.Demand(Resolve), "access.denied")

	own, err := x.Actor(boss).Let(Refund, "sale-1", Resolve)
	x.ok(err)
	x.ok(own.Demand(Resolve))
}

// Where the table asks for two, one who holds the right is not enough, and a
// second one is.
func TestTwo(t *testing.T) {
	before := rules
	defer func() { rules = before }()
	rules = slices.Clone(rules)
	rules[slices.IndexFunc(rules, func(r Rule) bool { return r.Right == Resolve })].Two = true
	x := newTill(t)
	boss := x.add(user, "老板", Owner, "2580")
	manager := x.add(user, "经理", Manager, "9137")
	refused(t, x.Actor(boss).Demand(Resolve), "access.two")
	_, err := x.Approve(t.Context(), x.Actor(boss), boss, "2580", Resolve, "leg")
	refused(t, err, "access.same_person")
	let, err := x.Approve(t.Context(), x.Actor(boss), manager, "9137", Resolve, "leg")
	x.ok(err)
	let, err = let.Let(Resolve, "leg", Resolve)
	x.ok(err)
	x.ok(let.Demand(Resolve))
}
