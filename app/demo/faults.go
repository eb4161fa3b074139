package demo

import (
	"errors"
	"slices"

	"cashier/services/fault"
	"cashier/services/shopdata/standin"
)

// bench is what a stand-in offers to whoever arms its faults.
type bench interface {
	Menu() standin.Menu
	ArmFaults([]standin.Rule) error
	Faults() []standin.Rule
}

func (s *Servers) benches() []bench { return []bench{s.HQ, s.Liantuofu, s.ZVCMS} }

// SetFaults replaces the faults of all three. A rule goes to every stand-in
// that knows its action; one that nobody knows is refused with fault.Invalid
// "demo.faults", and then nothing changes.
func (s *Servers) SetFaults(spec string) error {
	rules, err := standin.ParseRules(spec)
	if err != nil {
		return badFaults(err)
	}
	shares := make([][]standin.Rule, len(s.benches()))
	for _, r := range rules {
		if err := share(r, s.benches(), shares); err != nil {
			return badFaults(err)
		}
	}
	s.arm.Lock()
	defer s.arm.Unlock()
	for i, b := range s.benches() {
		if err := b.ArmFaults(shares[i]); err != nil {
			return badFaults(err)
		}
	}
	return nil
}

// share hands a rule to those that know its action.
func share(r standin.Rule, benches []bench, shares [][]standin.Rule) error {
	var refusal error
	known := false
	for i, b := range benches {
		own, err := b.Menu().Accepts(r)
		switch {
		case err == nil:
			known = true
			shares[i] = append(shares[i], own)
		case !errors.Is(err, standin.ErrUnknownAction):
			refusal = err
		}
	}
	if known {
		return nil
	}
	if refusal != nil {
		return refusal
	}
	return errors.New("fault \"" + r.String() + "\": no stand-in has that action")
}

func badFaults(err error) error {
	return fault.Wrap(err, fault.Invalid, "demo.faults", "The faults cannot be read: {why}", "why", err.Error())
}

// Faults are the rules in force. A rule that several stand-ins share is listed
// once.
func (s *Servers) Faults() []standin.Rule {
	s.arm.Lock()
	defer s.arm.Unlock()
	var all []standin.Rule
	for _, b := range s.benches() {
		for _, r := range b.Faults() {
			if !slices.ContainsFunc(all, func(o standin.Rule) bool { return o.String() == r.String() }) {
				all = append(all, r)
			}
		}
	}
	return all
}
