package checkout

import (
	"strconv"
	"strings"
)

// This file judges the tenders that can be asked for once and never about: the
// times card and the member's account.

// takeRows is the table for the only consume of a leg. There is no query behind
// it, so whatever is not a clear yes or no needs a person.
func takeRows(l *Leg) []Row {
	if l.Class == ClassMember {
		return memberRows
	}
	return cardRows
}

// What follows reads the two envelopes of zvcms.

func noEnvelope(a *Answer) bool { return a.Verdict == "" }

func noCode(a *Answer) bool { return a.Code == "" }

func outerTrue(a *Answer) bool { return a.Verdict == "true" }

func outerYes(a *Answer) bool { return outerTrue(a) && same(a.Code, "0") }

func innerYes(a *Answer) bool { return a.Inner.Verdict == "true" && same(a.Inner.Code, "0") }

func innerAgrees(a *Answer) bool { return a.Inner == nil || innerYes(a) }

// yesInsideAlone is no outside, and inside a yes or the marks of a charge.
func yesInsideAlone(a *Answer) bool {
	return !outerYes(a) && (a.Inner != nil && innerYes(a) || numberGiven(a) && a.HasAmount)
}

func numberGiven(a *Answer) bool { return a.ProviderNo != "" }

func sumless(l *Leg, a *Answer) bool { return l.Amount > 0 && !a.HasAmount }

func lacking(a *Answer) bool { return a.Lacks }

// evidence is what a person is given to decide by. Of a card it is the times
// left now, as a bare number: what stands beside it, the leg knows, and the
// sentence is said by whoever speaks the person's language.
func (m *Machine) evidence(a *Answer) Reason {
	r := Reason{Code: CodeCardUnknown, RawCode: m.Leg.Reason.RawCode}
	switch {
	case m.Leg.Class == ClassMember:
		said := m.Leg.Reason.Message
		if m.Leg.Reason.Code == "silent" {
			said = "" // the till's own words about silence say nothing new
		}
		r.Code, r.Message = CodeMemberUnknown, strings.TrimSpace(said+" "+a.Message)
	case a.HasRemains:
		r.Message = strconv.FormatInt(a.Remaining, 10)
	}
	return r
}

// Codes of the reasons that are for a person.
const (
	CodeRecorded      = "recorded"       // Message: how it was paid, as the cashier wrote it
	CodePartlyPaid    = "partly_paid"    // the provider holds the money of a sale that is not paid in full
	CodeCardUnknown   = "card_unknown"   // Message: the times left now, "" where the card cannot be read
	CodeMemberUnknown = "member_unknown" // Message: the gateway's words, and each coupon as …1328=1 (its useStatus, ? where unknown)
)
