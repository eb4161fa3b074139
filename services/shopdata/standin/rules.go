package standin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rule arms one fault for an action.
type Rule struct {
	Gateway string // hq, liantuofu or zvcms; "" for whichever knows the action
	Action  string // "*" for every action that knows the kind
	Fault   Fault
	Nth     int     // this call only, counted from when the rule was set; 0 for every call
	Chance  float64 // probability in (0,1]; 0 means always
	text    string
}

// String is the rule as it was written.
func (r Rule) String() string { return r.text }

// Text joins rules into a text that ParseRules reads.
func Text(rules []Rule) string {
	parts := make([]string, len(rules))
	for i, r := range rules {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}

// ParseRules reads "action=kind[:argument][#nth][@chance],…", where the action
// may be led by its gateway and a dot ("hq.get=500"). Whether anybody knows the
// action is left to Menu.Accepts. "" is no rule at all.
func ParseRules(spec string) ([]Rule, error) {
	var rules []Rule
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		r, err := parseRule(part)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w", clip(part), err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(text string) (Rule, error) {
	r := Rule{text: text}
	action, rest, ok := strings.Cut(text, "=")
	if !ok || action == "" {
		return r, fmt.Errorf("write action=kind, such as pay=lost-reply")
	}
	r.Action = action
	for _, g := range []string{"hq", "liantuofu", "zvcms"} {
		if a, found := strings.CutPrefix(action, g+"."); found {
			r.Gateway, r.Action = g, a
		}
	}
	rest, err := r.cutSuffixes(rest)
	if err != nil {
		return r, err
	}
	kind, arg, _ := strings.Cut(rest, ":")
	r.Fault, err = ParseFault(Kind(kind), arg)
	return r, err
}

// cutSuffixes takes @chance and #nth off the end.
func (r *Rule) cutSuffixes(s string) (string, error) {
	s, chance, ok := strings.Cut(s, "@")
	if ok {
		p, err := strconv.ParseFloat(chance, 64)
		if err != nil || !(p > 0 && p <= 1) {
			return s, fmt.Errorf("after @ comes a probability above 0 and up to 1")
		}
		r.Chance = p
	}
	s, nth, ok := strings.Cut(s, "#")
	if ok {
		n, err := strconv.Atoi(nth)
		if err != nil || n < 1 {
			return s, fmt.Errorf("after # comes the number of the call, from 1")
		}
		r.Nth = n
	}
	return s, nil
}

// ParseFault reads one kind and what follows its colon ("" for nothing).
func ParseFault(kind Kind, arg string) (Fault, error) {
	t, ok := grammar[kind]
	if !ok {
		return None, fmt.Errorf("kind %q is none of %s", clip(string(kind)), strings.Join(kindNames(), ", "))
	}
	f := t.def
	f.Kind = kind
	if arg == "" && t.arg != aStatus {
		return f, nil
	}
	switch t.arg {
	case aDuration:
		d, err := time.ParseDuration(arg)
		if err != nil || d < 0 || d > time.Hour {
			return None, fmt.Errorf("after %s: comes a time up to 1h, such as 2s or 300ms", kind)
		}
		f.For = d
	case aCount:
		n, err := strconv.Atoi(arg)
		if err != nil || n < 0 {
			return None, fmt.Errorf("after %s: comes a number", kind)
		}
		f.N = n
	case doneOrNot:
		if arg != "done" && arg != "undone" {
			return None, fmt.Errorf("after %s: comes done or undone", kind)
		}
		f.Done = arg == "done"
	case aStatus:
		code, rest, more := strings.Cut(arg, ":")
		n, err := strconv.Atoi(code)
		if err != nil || n < 0 || more && rest != "done" && rest != "undone" {
			return None, fmt.Errorf("after %s: comes a code and perhaps done or undone, such as 703 or 703:done", kind)
		}
		f.N, f.Done = n, rest == "done"
	case noArgument:
		return None, fmt.Errorf("%s takes nothing after a colon", kind)
	}
	return f, nil
}

func kindNames() []string {
	names := make([]string, 0, len(grammar))
	for k := range grammar {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return names
}

func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
