package standin

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// Menu is what one stand-in can be made to do.
type Menu struct {
	Gateway string
	Actions map[string][]Kind // by the action's short name
	Aliases map[string]string // other names, such as the action on the wire
	Tailed  []string          // actions that look at the tail of the scanned code
}

// ErrUnknownAction is a rule for an action the stand-in does not have.
var ErrUnknownAction = errors.New("no such action")

// Accepts returns the rule with its action under the short name. It reports
// ErrUnknownAction if the rule is for somebody else, and another error if the
// action cannot do the kind.
func (m Menu) Accepts(r Rule) (Rule, error) {
	if r.Gateway != "" && r.Gateway != m.Gateway {
		return r, ErrUnknownAction
	}
	if r.Action == "*" {
		for _, kinds := range m.Actions {
			if slices.Contains(kinds, r.Fault.Kind) {
				return r, nil
			}
		}
		return r, ErrUnknownAction
	}
	if short, ok := m.Aliases[r.Action]; ok {
		r.Action = short
	}
	kinds, ok := m.Actions[r.Action]
	if !ok {
		return r, ErrUnknownAction
	}
	if !slices.Contains(kinds, r.Fault.Kind) {
		return r, fmt.Errorf("fault %q: %s.%s cannot do %s", r, m.Gateway, r.Action, r.Fault.Kind)
	}
	return r, nil
}

// Faults decides, call by call, what goes wrong in one stand-in. It is safe for
// concurrent use.
type Faults struct {
	menu Menu

	mu    sync.Mutex
	rules []Rule
	calls []int
	rng   *rand.Rand
}

// NewFaults has no rules yet. The seed makes the chances repeatable.
func NewFaults(menu Menu, seed uint64) *Faults {
	return &Faults{menu: menu, rng: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))}
}

// Arm replaces the rules. Rules of other stand-ins are refused with an error
// that wraps ErrUnknownAction; then nothing changes.
func (f *Faults) Arm(rules []Rule) error {
	mine := make([]Rule, 0, len(rules))
	for _, r := range rules {
		own, err := f.menu.Accepts(r)
		if errors.Is(err, ErrUnknownAction) {
			return fmt.Errorf("fault %q: %s has %w", r, f.menu.Gateway, err)
		}
		if err != nil {
			return err
		}
		mine = append(mine, own)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.calls = mine, make([]int, len(mine))
	return nil
}

// Set is Arm with a text.
func (f *Faults) Set(spec string) error {
	rules, err := ParseRules(spec)
	if err != nil {
		return err
	}
	return f.Arm(rules)
}

// Rules are the rules in force.
func (f *Faults) Rules() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.rules)
}

// Pick is the fault for one call of the action: the first rule that fires,
// otherwise what the tail of the scanned code asks for ("" where nothing was
// scanned), otherwise None.
func (f *Faults) Pick(action, scanned string) Fault {
	kinds := f.menu.Actions[action]
	f.mu.Lock()
	defer f.mu.Unlock()
	hit := None
	for i, r := range f.rules {
		if r.Action != action && (r.Action != "*" || !slices.Contains(kinds, r.Fault.Kind)) {
			continue
		}
		f.calls[i]++ // every rule counts its calls, also when another one fires
		if hit == None && (r.Nth == 0 || r.Nth == f.calls[i]) && (r.Chance == 0 || f.rng.Float64() < r.Chance) {
			hit = r.Fault
		}
	}
	if hit == None && slices.Contains(f.menu.Tailed, action) {
		if t, ok := ByTail(action, scanned); ok && slices.Contains(kinds, t.Kind) {
			hit = t
		}
	}
	return hit
}
