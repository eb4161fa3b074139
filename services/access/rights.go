package access

import "slices"

// Right is one kind of act that needs permission.
type Right string

// The rights.
const (
	Sell        Right = "sell"        // ring up, take payment, go on with a sale, give it up at the counter
	Redeem      Right = "redeem"      // times cards, and a member's account without a sale
	Refund      Right = "refund"      // give goods or money of a finished sale back
	Discount    Right = "discount"    // charge less than the price list
	Void        Right = "void"        // give up a sale that was set aside
	NoSale      Right = "no_sale"     // open the drawer without a sale
	Resolve     Right = "resolve"     // settle by hand what no provider answers for
	Prices      Right = "prices"      // change prices, and which products the shops have
	Manage      Right = "staff"       // change who works here, their roles, PINs and badges
	Setup       Right = "setup"       // settings, secrets, and what other tills and shops see
	Backup      Right = "backup"      // copy the books to where somebody says
	Restore     Right = "restore"     // put the books back from a copy
	Diagnostics Right = "diagnostics" // a remote action by hand that others will feel
)

// Rule says who holds a right. With Two, holding it is not enough: a second
// person who holds it has to approve each act.
type Rule struct {
	Right Right
	Roles []Role
	Two   bool
}

// rules is the one table of rights; docs/rights.md repeats it and is held to it.
var rules = []Rule{
	{Right: Sell, Roles: []Role{Cashier, Manager, Owner}},
	{Right: Redeem, Roles: []Role{Cashier, Staff, Manager, Owner}},
	{Right: Refund, Roles: []Role{Manager, Owner}},
	{Right: Discount, Roles: []Role{Manager, Owner}},
	{Right: Void, Roles: []Role{Manager, Owner}},
	{Right: NoSale, Roles: []Role{Manager, Owner}},
	{Right: Resolve, Roles: []Role{Manager, Owner}},
	{Right: Prices, Roles: []Role{Manager, Owner}},
	{Right: Manage, Roles: []Role{Manager, Owner}},
	{Right: Setup, Roles: []Role{Manager, Owner}},
	{Right: Backup, Roles: []Role{Manager, Owner}},
	{Right: Restore, Roles: []Role{Owner}},
	{Right: Diagnostics, Roles: []Role{Manager, Owner}},
}

// Rules is the table of rights, in its order.
func Rules() []Rule { return slices.Clone(rules) }

// rule is the row of a right; one that is not in the table is nobody's.
func rule(r Right) Rule {
	if i := slices.IndexFunc(rules, func(row Rule) bool { return row.Right == r }); i >= 0 {
		return rules[i]
	}
	return Rule{Right: r}
}

// Role orders what a person may do.
type Role string

// The roles of a shop.
const (
	Cashier Role = "cashier"
	Staff   Role = "staff" // redeems times cards only
	Manager Role = "manager"
	Owner   Role = "owner"
)

// Roles are the roles from the least to the most that one may do.
func Roles() []Role { return []Role{Staff, Cashier, Manager, Owner} }

// Known reports whether there is such a role.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// above reports whether somebody of this role decides about one of the other.
// Owners decide about everybody, also about each other.
func (r Role) above(other Role) bool {
	return r == Owner || slices.Index(Roles(), r) > slices.Index(Roles(), other)
}

// Holds reports whether the role has the right, alone or with a second person.
func (r Role) Holds(right Right) bool { return slices.Contains(rule(right).Roles, r) }
