package bench

import (
	"fmt"
	"math"
	"strings"
)

// Verdict is what a figure is worth.
type Verdict string

// The verdicts. The ceiling is twice the goal.
const (
	Met    Verdict = "met"
	Within Verdict = "within the ceiling"
	Missed Verdict = "missed"
	None   Verdict = "–" // there is no goal: the figure explains another one
)

// limit is how a goal is put.
type limit uint8

const (
	noGoal  limit = iota
	atMost        // the figure itself
	times         // the figure over its floor
	above         // the figure less its floor
	faster        // the floor over the figure, at least
	exactly       // the figure itself, and there is no ceiling
)

// A Figure is one measured thing at one size of shop.
type Figure struct {
	Goal     string  `json:"goal"` // P1 to P8
	What     string  `json:"what"`
	Products int     `json:"products"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Floor    float64 `json:"floor"` // measured in the same run; 0: there is none
	Against  string  `json:"against,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"` // of the figure to its floor
	Wanted   string  `json:"wanted,omitempty"`
	Used     float64 `json:"used,omitempty"` // share of the goal that is used up: 1 just meets it, 2 is the ceiling
	Verdict  Verdict `json:"verdict"`
}

// judged fills in what follows from the measurement and its goal.
func (f Figure) judged(how limit, goal float64) Figure {
	f.Verdict = None
	if f.Floor != 0 {
		f.Ratio = f.Value / f.Floor
	}
	unit := ""
	if f.Unit != "" {
		unit = " " + f.Unit
	}
	switch how {
	case noGoal:
		return f
	case atMost:
		f.Used, f.Wanted = f.Value/goal, fmt.Sprintf("≤ %s%s", number(goal), unit)
	case times:
		f.Used, f.Wanted = f.Value/f.Floor/goal, fmt.Sprintf("≤ %s ×", number(goal))
	case above:
		f.Used, f.Wanted = max(0, f.Value-f.Floor)/goal, fmt.Sprintf("≤ floor + %s%s", number(goal), unit)
	case faster:
		f.Used, f.Wanted = goal*f.Value/f.Floor, fmt.Sprintf("%s × faster", number(goal))
	case exactly:
		f.Wanted = fmt.Sprintf("%s%s", number(goal), unit)
		if f.Verdict = Missed; f.Value == goal {
			f.Verdict = Met
		}
		return f
	}
	switch {
	case f.Used <= 1:
		f.Verdict = Met
	case f.Used <= 2:
		f.Verdict = Within
	default: // also what is no number
		f.Verdict = Missed
	}
	return f
}

// number has as many places as tell something.
func number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case a == math.Trunc(a) && a < 1e15, a >= 1000:
		return fmt.Sprintf("%.0f", v)
	case a >= 100:
		return fmt.Sprintf("%.1f", v)
	case a >= 1:
		return strings.TrimSuffix(fmt.Sprintf("%.2f", v), "0")
	case a >= 0.01:
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// thousands is a count as people read it.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
