package reconcile

import (
	"cmp"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// provider is whose bill this is, as legs name it.
const provider = "liantuofu"

// payError is a state that only the vendor's own mini-program knows.
const payError checkout.OrderState = "PAYERROR"

// Window is the time a reconciliation is about, From included and To not, and
// the till it is about.
type Window struct {
	From, To time.Time
	Till     string // the till's id
}

func (w Window) holds(t time.Time) bool { return !t.Before(w.From) && t.Before(w.To) }

// owns reports a key of this till, of whatever epoch: orders of another epoch
// are just what a restored backup has lost.
func (w Window) owns(key string) bool {
	rest, ok := strings.CutPrefix(key, w.Till+"-")
	epoch, _, dashed := strings.Cut(rest, "-")
	return w.Till != "" && ok && dashed && epoch != "" && strings.Trim(epoch, "0123456789") == ""
}

// Compare holds the bill's rows against the books' legs. Neither's order
// matters, and a row listed twice identically counts once.
//
// Every row of this till is compared with its leg, whenever that began. The
// window decides only what must be on the bill and what counts as matched: so
// rows and legs may well reach beyond it. What the till itself gave back of a
// payment is compared by its own numbers, and of the payment only what went back
// beyond that; so legs has to hold every refund of the payments in it.
func Compare(rows []Row, legs []checkout.Leg, w Window) Report {
	r := Report{From: w.From, To: w.To}
	ours, given := codeLegs(legs), refundLegs(legs)
	theirs := sortOut(rows, ours, given, w, &r)
	for key, o := range theirs {
		l, known := ours[key]
		if !known {
			r.add(onlyTheirs(key, o))
			continue
		}
		f := judge(l, o.beyond(given.of(key)))
		f.Theirs = o.theirs()
		switch {
		case f.Kind != "":
			r.add(f)
		case w.holds(l.IntentAt):
			r.match(l)
		}
	}
	for key, l := range ours {
		if _, listed := theirs[key]; listed || !w.holds(l.IntentAt) {
			continue
		}
		if f := judge(l, order{}); f.Kind != "" {
			r.add(f)
		} else {
			r.match(l)
		}
	}
	r.compareRefunds(given, theirs, w)
	r.sort()
	return r
}

func (r *Report) add(f Finding) { r.Findings = append(r.Findings, f) }

func (r *Report) match(l checkout.Leg) {
	r.Matched++
	if l.State == checkout.Paid {
		r.MatchedAmount += l.Amount
	}
}

// codeLegs are the legs a bill can have, by key.
func codeLegs(legs []checkout.Leg) map[string]checkout.Leg {
	byKey := make(map[string]checkout.Leg, len(legs))
	for _, l := range legs {
		if l.Class == checkout.ClassCode && l.Provider == provider {
			byKey[l.Key] = l
		}
	}
	return byKey
}

// order is all that the bill says of one key.
type order struct {
	rows    []Row // its own; more than one contradict each other
	refunds []Row
	broken  []Row // unreadable
	known   bool  // the bill has a refund of it that the till gave, if nothing else
}

// sortOut gathers the rows of this till by key, and counts or reports the
// others in r.
func sortOut(rows []Row, ours map[string]checkout.Leg, given refunds, w Window, r *Report) map[string]order {
	byNumber := make(map[string]string, len(ours))
	for key, l := range ours {
		if was, taken := byNumber[l.ProviderNo]; l.ProviderNo != "" && (!taken || key < was) {
			byNumber[l.ProviderNo] = key
		}
	}
	theirs := make(map[string]order)
	for _, row := range distinct(rows) {
		key := row.Key
		if key == "" {
			key = cmp.Or(given[row.RefundNo].Of, byNumber[row.ProviderNo])
		}
		_, known := ours[key]
		switch {
		case key == "" && row.Unreadable != nil:
			r.add(Finding{Kind: Unreadable, Remedy: LookUp, Theirs: order{broken: []Row{row}}.theirs()})
		case !known && !w.owns(key):
			r.Elsewhere++
		default:
			theirs[key] = theirs[key].with(row)
		}
	}
	return theirs
}

func (o order) with(row Row) order {
	switch {
	case row.Unreadable != nil:
		o.broken = append(o.broken, row)
	case row.RefundNo != "":
		o.refunds = append(o.refunds, row)
	default:
		o.rows = append(o.rows, row)
	}
	return o
}

// givenBack is what went back to the customer. The order's own row and the
// refunds tell of the same money, and either may leave some of it out.
func (o order) givenBack() money.Fen {
	var all, own money.Fen
	for _, r := range o.refunds {
		all += r.Amount
	}
	for _, r := range o.rows {
		own = r.Refunded
	}
	return max(all, own)
}

// contradictory reports an order or a refund that the bill has twice.
func (o order) contradictory() bool {
	seen := make(map[string]bool, len(o.refunds))
	for _, r := range o.refunds {
		if seen[r.RefundNo] {
			return true
		}
		seen[r.RefundNo] = true
	}
	return len(o.rows) > 1
}

// theirs is nil for an order that is not on the bill.
func (o order) theirs() *Theirs {
	t := Theirs{GivenBack: o.givenBack()}
	switch {
	case len(o.rows) > 0:
		t.State, t.Amount, t.ProviderNo = o.rows[0].State, o.rows[0].Amount, o.rows[0].ProviderNo
	case len(o.broken) > 0:
		t.State, t.Amount, t.ProviderNo = o.broken[0].State, o.broken[0].Amount, o.broken[0].ProviderNo
	case len(o.refunds) > 0:
		t.ProviderNo = o.refunds[0].ProviderNo
	default:
		return nil
	}
	return &t
}

// standing is what an order means for the money.
type standing uint8

const (
	absent standing = iota
	held            // all of it is with the provider, for us
	partly          // some of it was given back
	back            // all of it was given back
	never           // it was not paid
	odd             // the state is none we know
)

// standing of an order. total is what it is about where the bill has only its
// refunds.
func (o order) standing(total money.Fen) standing {
	given := o.givenBack()
	if len(o.rows) == 0 {
		switch {
		case len(o.refunds) == 0 && o.known:
			return held // nobody gives back what was not paid
		case len(o.refunds) == 0:
			return absent
		case given < total:
			return partly
		}
		return back
	}
	part := given > 0 && given < o.rows[0].Amount
	switch state := o.rows[0].State; {
	case part && (state == checkout.OrderPaid || state == checkout.OrderRefunded):
		// No page says whether an order is REFUND from its first refund on.
		return partly
	case state == checkout.OrderPaid && given == 0:
		return held
	case state == checkout.OrderPaid, state == checkout.OrderRefunded, state == checkout.OrderRevoked:
		return back
	case state == checkout.OrderClosed, state == checkout.OrderNotPaid, state == payError:
		if given > 0 {
			return odd // given back without ever having been paid
		}
		return never
	}
	return odd
}

// onlyTheirs is an order nobody here knows.
func onlyTheirs(key string, o order) Finding {
	f := Finding{Kind: OnlyTheirs, Remedy: FindSale, Key: key, Theirs: o.theirs()}
	if s := o.standing(0); len(o.broken) == 0 && !o.contradictory() && (s == back || s == never) {
		f.Remedy = FindCaller
	}
	return f
}

// judge holds one leg against its order; a Finding without a Kind is none.
func judge(l checkout.Leg, o order) Finding {
	f := Finding{Key: l.Key, Ours: &Ours{l.SaleID, l.State, l.Amount}, Theirs: o.theirs()}
	s := o.standing(l.Amount)
	switch {
	case len(o.broken) > 0:
		f.Kind, f.Remedy = Unreadable, LookUp
	case o.contradictory():
		f.Kind, f.Remedy = Contradictory, LookUp
	case l.State.Open():
		f.Kind, f.Remedy = Open, decide(l, o, s)
	case s == odd:
		f.Kind, f.Remedy = UnknownState, LookUp
	case l.State == checkout.Paid:
		f.Kind, f.Remedy = judgePaid(l, o, s)
	default:
		f.Kind, f.Remedy = judgeUndone(l, o, s)
	}
	return f
}

func judgePaid(l checkout.Leg, o order, s standing) (Kind, Remedy) {
	switch s {
	case absent:
		return OnlyOurs, AskProvider
	case never:
		return NotPaid, AskProvider
	case partly, back:
		return GivenBack, FindRefund
	case held, odd:
	}
	return differs(l, o)
}

// judgeUndone is for a leg that was rejected or reversed. An order still unpaid
// holds nothing either: most wallets leave a refused payment at that.
func judgeUndone(l checkout.Leg, o order, s standing) (Kind, Remedy) {
	switch s {
	case held, partly:
		if !l.SentOnce {
			return LateMoney, LookUp // the till itself never asks about what it never sent
		}
		return LateMoney, GiveBack
	case back:
		return differs(l, o)
	case absent, never, odd:
	}
	return "", ""
}

// differs compares the amounts of an order for which money moved.
func differs(l checkout.Leg, o order) (Kind, Remedy) {
	total := o.givenBack()
	switch {
	case len(o.rows) > 0:
		total = o.rows[0].Amount
	case o.known:
		return "", ""
	}
	if total != l.Amount || o.givenBack() > total {
		return AmountDiffers, CompareAmounts
	}
	return "", ""
}

// decide says what the bill's evidence means for a leg that is still open.
func decide(l checkout.Leg, o order, s standing) Remedy {
	if l.State != checkout.Manual {
		return Settle
	}
	if kind, _ := differs(l, o); kind != "" && (s == held || s == back) {
		return CompareAmounts
	}
	switch s {
	case held:
		return ResolvePaid
	case back:
		return ResolveUndone
	case absent, never:
		return ResolveNever
	case partly, odd:
	}
	return LookUp
}
