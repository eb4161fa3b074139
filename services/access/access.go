package access

import "cashier/services/fault"

// Role orders what a person may do.
type Role string

// The roles of a shop.
const (
	Cashier Role = "cashier"
	Staff   Role = "staff" // redeems times cards only
	Manager Role = "manager"
	Owner   Role = "owner"
)

// Right is one act that needs permission.
type Right string

// The rights the till asks for today.
const (
	Sell    Right = "sell"
	Redeem  Right = "redeem"
	Resolve Right = "resolve" // settle by hand a payment whose outcome is unknown
	Prices  Right = "prices"  // change prices, and which products the shops have
	Setup   Right = "setup"   // change what other tills and shops see, beyond prices
)

var rights = map[Right][]Role{
	Sell:    {Cashier, Manager, Owner},
	Redeem:  {Cashier, Staff, Manager, Owner},
	Resolve: {Manager, Owner},
	Prices:  {Manager, Owner},
	Setup:   {Manager, Owner},
}

// Actor is who did something and through which program.
type Actor struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Role    Role   `json:"role"`
	Program string `json:"program"` // cashier, cashierctl
}

// May reports whether the actor's role holds the right.
func (a Actor) May(r Right) bool {
	for _, role := range rights[r] {
		if role == a.Role {
			return true
		}
	}
	return false
}

// Demand is May as an error a person can act on.
func (a Actor) Demand(r Right) error {
	if a.May(r) {
		return nil
	}
	return fault.New(fault.Denied, "access.denied",
		"{name} ({role}) has no right to do this ({right}); ask a manager.",
		"name", a.Name, "role", string(a.Role), "right", string(r))
}

// MachineOwner is the person behind a till on which no staff are set up: the
// machine's user, acting as owner.
func MachineOwner(user, program string) Actor {
	if user == "" {
		user = "owner"
	}
	return Actor{ID: "machine:" + user, Name: user, Role: Owner, Program: program}
}
