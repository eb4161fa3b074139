package simulate

import (
	_ "embed"
	"fmt"
	"slices"
	"sort"
	"strings"

	"cashier/services/checkout"
)

// Coverage counts what schedules have met: in the first tier each input of the
// law in each state of a leg, in the second each step of a leg.
type Coverage struct {
	tier Tier
	met  [nClasses][nStates][nEvents]uint64
}

var (
	classes = []checkout.Class{checkout.ClassRecorded, checkout.ClassCode, checkout.ClassMember, checkout.ClassCard, checkout.ClassRefund}
	states  = []checkout.State{
		"", checkout.Intent, checkout.Sent, checkout.Pending, checkout.Unknown, checkout.Paid,
		checkout.Reversing, checkout.Reversed, checkout.Rejected, checkout.Manual,
	}
	inputs = []string{"", "begin", "undo", "resume", "recorded", "replied", "due", "cancel", "unwritten"}
	ops    = []string{"", "pay", "precreate", "take", "query", "reverse", "evidence", "refund", "refund query"}
)

const (
	nClasses = 5
	nStates  = 10
	nReplies = 9 * nAnswers
	nEvents  = 10 + nReplies
)

// answerKind is what an answer looks like, before anybody judges it.
type answerKind int

const (
	silent answerKind = iota
	notSent
	badHTTP
	noEnvelope
	forged
	saysPaid
	unsigned
	bare
	otherSum
	otherKey
	unpaidOrder
	closedOrder
	refundedOrder
	accepted
	userPaying
	knownNumber
	missingOrder
	unsure
	refusal
	nAnswers
)

var answerNames = [nAnswers]string{
	"silence", "not sent", "bad status", "no envelope", "forged", "paid", "paid, unsigned", "paid, bare", "another sum", "another key",
	"unpaid", "closed", "refunded", "accepted", "paying", "known number", "no such order", "unsure", "refused",
}

func looksLike(a checkout.Answer, l *checkout.Leg) answerKind {
	switch {
	case a.Delivery == checkout.NotSent:
		return notSent
	case a.Delivery != checkout.Answered:
		return silent
	case a.HTTP != 200:
		return badHTTP
	case a.Verdict == "":
		return noEnvelope
	case a.Signature == checkout.Forged:
		return forged
	case a.Verdict == "FAILED":
		switch a.Code {
		case "USER_PAYING", "REFUNDING":
			return userPaying
		case "PARAMETER_ERROR":
			return knownNumber
		case "ORDER_NOT_EXIST":
			return missingOrder
		case "703", "SYSTEMERROR", "SYSTEM_ERROR":
			return unsure
		}
		return refusal
	case a.Verdict == "true" && a.Code != "0":
		return refusal
	case a.Key != "" && a.Key != l.Key:
		return otherKey
	case a.HasAmount && a.Amount != l.Amount:
		return otherSum
	}
	switch a.Order {
	case checkout.OrderNotPaid:
		return unpaidOrder
	case checkout.OrderClosed:
		return closedOrder
	case checkout.OrderRefunded, checkout.OrderRevoked:
		return refundedOrder
	case checkout.OrderPaid:
		switch {
		case a.Key == "" || !a.HasAmount:
			return bare
		case a.Signature != checkout.Signed:
			return unsigned
		}
		return saysPaid
	}
	return accepted
}

func newCoverage(t Tier) *Coverage { return &Coverage{tier: t} }

// moved counts a step of a leg.
func (c *Coverage) moved(class checkout.Class, from, to checkout.State) {
	c.met[slices.Index(classes, class)][slices.Index(states, from)][slices.Index(states, to)]++
}

// heard counts an input of the law.
func (c *Coverage) heard(l *checkout.Leg, in *checkout.Input) {
	event := int(in.Kind)
	if in.Kind == checkout.Replied {
		event = 10 + int(in.Op)*int(nAnswers) + int(looksLike(in.Answer, l))
	}
	c.met[slices.Index(classes, l.Class)][slices.Index(states, l.State)][event]++
}

func (c *Coverage) add(other *Coverage) {
	for i := range c.met {
		for j := range c.met[i] {
			for k, n := range other.met[i][j] {
				c.met[i][j][k] += n
			}
		}
	}
}

// Lines lists what was met, sorted, one a line: class, state, what happened.
func (c *Coverage) Lines() []string {
	var lines []string
	for i := range c.met {
		for j := range c.met[i] {
			for k, n := range c.met[i][j] {
				if n > 0 {
					lines = append(lines, fmt.Sprintf("%s %s %s", classes[i], orDash(string(states[j])), c.event(k)))
				}
			}
		}
	}
	sort.Strings(lines)
	return lines
}

func (c *Coverage) event(k int) string {
	switch {
	case c.tier == TierServices:
		return "→ " + string(states[k])
	case k < 10:
		return inputs[k]
	}
	return ops[(k-10)/int(nAnswers)] + ": " + answerNames[(k-10)%int(nAnswers)]
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Judged reports that there were enough schedules to expect all that can be met.
func (c *Coverage) Judged(schedules uint64) bool {
	if c.tier == TierServices {
		return schedules >= servicesEnough
	}
	return schedules >= coreEnough
}

// Missing lists what schedules can meet and have not, once there were enough of
// them to expect it.
func (c *Coverage) Missing(schedules uint64) []string {
	if !c.Judged(schedules) {
		return nil
	}
	reachable := coreReach
	if c.tier == TierServices {
		reachable = servicesReach
	}
	met := c.Lines()
	var missing []string
	for line := range strings.Lines(reachable) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(met, line) {
			missing = append(missing, line)
		}
	}
	return missing
}

// What can be met: made by long runs, and read through line by line. A law that
// changes changes them.
var (
	//go:embed reach_core.txt
	coreReach string
	//go:embed reach_services.txt
	servicesReach string
)

// From so many schedules on, something reachable that was not met is a fault.
const (
	coreEnough     = 1_000_000
	servicesEnough = 100_000
)
