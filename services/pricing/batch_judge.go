package pricing

import (
	"errors"
	"time"

	"cashier/services/fault"
)

// offer is a planned row beside what HQ has just now: to be sent, or not.
func (r BatchRow) offer(has map[place]Row, at time.Time) Move {
	now, ok := has[r.place()]
	if !ok {
		return moved(r, RowBlocked, fault.New(fault.Refused, "price.batch_gone", "HQ no longer has {code} {name} in this shop; nothing was sent for it.", "code", r.Code, "name", r.Name), at)
	}
	switch {
	case samePrices(now, r.after()) && r.Sends > 0:
		return moved(r, RowChanged, nil, at) // an earlier sending has arrived after all
	case samePrices(now, r.after()):
		return moved(r, RowSame, nil, at)
	case !samePrices(now, r.before()):
		return r.conflict(now, at)
	}
	m := moved(r, RowSent, nil, at)
	m.Row.Sends++
	return m
}

func (r BatchRow) conflict(now Row, at time.Time) Move {
	m := moved(r, RowConflict, fault.New(fault.Refused, "price.batch_conflict",
		"HQ now has {price}, member {member} for {code} {name}, and not {was} as this list showed. Keep HQ's price, or apply this one.",
		"price", Yuan(now.Price), "member", Yuan(now.Member), "code", r.Code, "name", r.Name, "was", Yuan(r.Was)), at)
	m.Row.Now, m.Row.NowMember = now.Price, now.Member
	return m
}

// judged is a sent row, or an unknown one, after HQ was asked: failed says why it
// could not be, answer what it said to the change.
func (r BatchRow) judged(has map[place]Row, failed, answer error, at time.Time) Move {
	var now *Row
	if row, ok := has[r.place()]; ok {
		now = &row
	}
	outcome, why := judge(r.before(), r.after(), now, failed, answer)
	switch {
	case outcome == Changed:
		return moved(r, RowChanged, nil, at)
	case outcome == Unchanged:
		return moved(r, RowUnchanged, faultOf(why), at)
	case failed == nil && now == nil && !open(answer):
		return moved(r, RowBlocked, faultOf(why), at)
	case failed == nil && now != nil && !open(answer):
		return r.conflict(*now, at)
	}
	m := moved(r, RowUnknown, faultOf(why), at)
	if now != nil {
		m.Row.Now, m.Row.NowMember = now.Price, now.Member
	}
	return m
}

func open(answer error) bool { return answer != nil && undecided(answer) }

func faultOf(err error) *fault.Error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return f
	}
	return fault.Wrap(err, fault.Internal, "price.batch_defect", "Something went wrong here: {why}. Look at the product at HQ, and tell support.", "why", err.Error())
}
