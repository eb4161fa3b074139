package checkout

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// This file judges the tenders that can be asked for once and never about: the
// times card and the member's account.

// judgeTake reads the answer to the only consume of a leg. There is no query
// behind it, so whatever is not a clear yes or no needs a person.
func judgeTake(l Leg, a Answer) verdict {
	if l.Class == ClassMember {
		return judgeConsume(l, a)
	}
	return judgeRedeem(a)
}

// judgeRedeem is for a times card.
func judgeRedeem(a Answer) verdict {
	switch {
	case a.Delivery == NotSent:
		return notSent
	case a.Delivery != Answered, a.HTTP != 200 && a.HTTP != 401 && a.HTTP != 403:
		return unclear
	case a.HTTP != 200, a.Verdict == failed && keyRefused(a):
		return refused
	case a.Signature == Forged:
		return unclear
	}
	switch a.Verdict {
	case success:
		return paid
	case failed:
		return refused
	}
	return unclear
}

// judgeConsume is for a member's account. A yes is a yes in both envelopes,
// with a bizId and the sums that left the account; zvcms documents a refusal as
// status true with another code, and status false as a fault of its own.
func judgeConsume(l Leg, a Answer) verdict {
	switch {
	case a.Delivery == NotSent:
		return notSent
	case a.Delivery != Answered:
		return unclear
	case a.HTTP == 401, a.HTTP == 403:
		return refused
	case a.HTTP != 200:
		return unclear
	case a.Verdict == "":
		return unclear // no envelope
	}
	yes := a.Verdict == "true" && is(a.Code, 0)
	inside := a.Inner != nil && a.Inner.Verdict == "true" && is(a.Inner.Code, 0)
	switch {
	case !yes && (inside || a.ProviderNo != "" && a.HasAmount):
		return unclear // no outside, and yes inside: nobody says which holds
	case clockOrKey(a):
		return refused // before the business saw it
	case a.Verdict != "true" || a.Code == "":
		return unclear
	case !yes:
		return refused
	case a.Inner != nil && !inside:
		return unclear
	case a.ProviderNo == "", l.Amount > 0 && !a.HasAmount, a.Lacks:
		return unclear
	case a.HasAmount && a.Amount != l.Amount:
		return mismatch
	}
	return paid
}

// is reports a code of that number, however it is written: 0, "0", 0.0.
func is(code string, number int64) bool {
	n, err := decimal.NewFromString(strings.TrimSpace(code))
	return err == nil && n.Equal(decimal.NewFromInt(number))
}

// clockOrKey recognises zvcms's codes for a signature, a clock or a nonce it
// does not accept.
func clockOrKey(a Answer) bool { return is(a.Code, 110004) || is(a.Code, 110007) }

// evidence is what a person is given to decide by. Of a card it is the times
// left now, as a bare number: what stands beside it, the leg knows, and the
// sentence is said by whoever speaks the person's language.
func (m *Machine) evidence(a Answer) Reason {
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
