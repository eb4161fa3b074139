package access

import (
	"sync/atomic"

	"cashier/services/fault"
)

// Actor is who did something and through which program.
type Actor struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Role    Role   `json:"role"`
	Program string `json:"program"` // cashier, cashierctl

	grant *grant // what somebody else let this one do, once
}

// Equal reports whether two are the same person in the same role and program.
func (a Actor) Equal(b Actor) bool {
	a.grant, b.grant = nil, nil
	return a == b
}

// grant lets an actor exercise a right once. One that came from an approval is
// bound to its subject and has to be taken up by Let first.
type grant struct {
	right   Right
	subject string
	bound   bool
	spent   atomic.Bool
}

func (g *grant) take(r Right) bool {
	return g != nil && !g.bound && g.right == r && g.spent.CompareAndSwap(false, true)
}

// May reports whether the actor needs nobody else for what takes this right.
func (a Actor) May(r Right) bool { return a.Role.Holds(r) && !rule(r).Two }

// Demand is May as an error a person can act on. What another person let the
// actor do passes once.
func (a Actor) Demand(r Right) error {
	switch {
	case a.May(r), a.grant.take(r):
		return nil
	case a.ID == nobody:
		return fault.New(fault.Denied, "access.nobody", "Nobody is signed in, and this needs the right {right}. Sign in first; `cashierctl` takes --staff ID and the PIN on standard input or in CASHIER_PIN.", "right", string(r))
	case a.Role.Holds(r):
		return fault.New(fault.Denied, "access.two", "This needs a second person with the right {right}; nobody may approve it alone.", "right", string(r))
	}
	return fault.New(fault.Denied, "access.denied",
		"{name} ({role}) has no right to do this ({right}); ask a manager.",
		"name", a.Name, "role", string(a.Role), "right", string(r))
}

// Over reports whether the actor may decide about somebody else who is, or is to
// be, in this role.
func (a Actor) Over(r Role) bool { return a.May(Manage) && a.Role.above(r) }

// Is reports whether the actor is the person with this id.
func (a Actor) Is(id string) bool { return id != "" && a.ID == subjectPrefix+id }

// Let demands the right for an act about the subject and returns the actor for
// carrying it out: one who may exercise needs once, which is what the act takes
// further down. An approval for another subject counts for nothing.
func (a Actor) Let(r Right, subject string, needs Right) (Actor, error) {
	if g := a.grant; g != nil {
		a.grant = nil
		if g.bound && g.subject == subject && g.right == r && g.spent.CompareAndSwap(false, true) {
			a.grant = &grant{right: needs}
			return a, nil
		}
	}
	if err := a.Demand(r); err != nil {
		return a, err
	}
	a.grant = &grant{right: needs}
	return a, nil
}

// MachineOwner is the person behind a till on which no staff are set up: the
// machine's user, acting as owner.
func MachineOwner(user, program string) Actor {
	if user == "" {
		user = "owner"
	}
	return Actor{ID: "machine:" + user, Name: user, Role: Owner, Program: program}
}

const nobody = "nobody"

// Nobody is who acts at a till with staff where nobody has signed in: without
// any right.
func Nobody(program string) Actor { return Actor{ID: nobody, Program: program} }

// Somebody reports whether a person stands behind the actor.
func (a Actor) Somebody() bool { return a.ID != "" && a.ID != nobody }
