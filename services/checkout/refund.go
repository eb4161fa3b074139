package checkout

import (
	"slices"
	"strconv"

	"cashier/services/fault"
	"cashier/services/money"
)

// This file is the law of giving back: what is left of a finished sale, how a
// refund shares it among the tenders that paid, and what the books refuse. It is
// pure; refund_desk.go carries it out.

// Return is goods of one line that are brought back, in the measure the line
// was charged by. Neither pieces nor grams: all that is left of the line.
type Return struct {
	Line  int // of the sale, from 1
	Qty   int64
	Grams money.Grams
}

// RefundRequest says what is given back of a finished sale: goods by Returns,
// All that is left, or money of one payment by its Key.
type RefundRequest struct {
	SaleID  string // may be "" with Key
	Returns []Return
	All     bool
	Key     string
	Amount  money.Fen // with Key; 0: all that is left of that payment
	Cash    bool      // all of it from the drawer, whatever was paid with
	Reason  string    // stays in the audit trail
}

// CodePartlyRefunded is the reason of a refund of which a part was given back
// and the rest could not be: a person gives that.
const CodePartlyRefunded = "partly_refunded"

// partly is why a sale waits for a person whose money moved in part.
func (s Sale) partly() string {
	if s.Kind == Refund {
		return CodePartlyRefunded
	}
	return CodePartlyPaid
}

// stays reports that a leg's money moved and cannot just be booked back: a
// provider moved it, or it went to the customer.
func (l Leg) stays() bool {
	return l.Kept || l.State == Paid && (l.Class != ClassRecorded || l.Of != "")
}

// oneWay reports that the leg's money cannot be had back by this till.
func (l Leg) oneWay() bool { return l.Class.oneWay() || l.Of != "" }

func (l Leg) byCode() bool    { return l.Class == ClassCode }
func (l Leg) inCash() bool    { return l.Class == ClassRecorded && l.Method != MethodOther }
func (l Leg) otherwise() bool { return l.Class == ClassRecorded && l.Method == MethodOther }

// givesBack reports that a leg of a refund has given its money back, or may.
func (l Leg) givesBack() bool { return l.State != Rejected && l.State != Reversed || l.Kept }

// HandOut is the cash that goes out of the drawer with a complete refund.
func (s Sale) HandOut() money.Fen { return s.byPerson(MethodCash) }

// GiveOtherwise is what a person gives back with a complete refund by the way it
// was seen to be paid, which the till has no part in.
func (s Sale) GiveOtherwise() money.Fen { return s.byPerson(MethodOther) }

func (s Sale) byPerson(method string) money.Fen {
	var t money.Fen
	for _, l := range s.Legs {
		if s.Kind == Refund && s.State == Complete && l.Class == ClassRecorded && l.Method == method && l.State == Paid {
			t += l.Amount
		}
	}
	return t
}

// refundable is a finished sale and what of it was or may be given back already.
type refundable struct {
	sale  Sale
	legs  map[string]money.Fen // by key
	lines []Line               // Qty, Grams and Amount of each line
	total money.Fen
}

// givenOf adds up the refunds of a sale. What a refund has not given yet is
// spoken for, until it is voided.
func givenOf(sale Sale, refunds []Sale) refundable {
	r := refundable{sale: sale, legs: map[string]money.Fen{}, lines: make([]Line, len(sale.Lines))}
	for _, s := range refunds {
		for _, l := range s.Legs {
			if l.givesBack() {
				r.legs[l.Of] += l.Amount
			}
		}
		if s.State == Voided {
			kept := s.kept()
			r.total += kept
			if kept == 0 || kept < s.Total { // of goods that did not all come back nothing is known
				continue
			}
		} else {
			r.total += s.Total
		}
		for _, l := range s.Lines {
			if l.Of >= 1 && l.Of <= len(r.lines) {
				given := &r.lines[l.Of-1]
				given.Qty, given.Grams, given.Amount = given.Qty+l.Qty, given.Grams+l.Grams, given.Amount+l.Amount
			}
		}
	}
	return r
}

// kept is what a refund that came to nothing gave back all the same.
func (s Sale) kept() money.Fen {
	var t money.Fen
	for _, l := range s.Legs {
		if l.Kept {
			t += l.Amount
		}
	}
	return t
}

// left is what may still be given back of the sale as a whole.
func (r refundable) left() money.Fen { return r.sale.Paid() - r.total }

// leftOf is what may still be given back of one of its payments.
func (r refundable) leftOf(l Leg) money.Fen {
	if l.State != Paid {
		return 0
	}
	return l.Amount - r.legs[l.Key]
}

// CheckRefund holds a refund against its sale and the other refunds of that: the
// books ask it inside the transaction that records legs of the refund, so that
// no two refunds at the same moment give more than was paid. A nil error means
// that neither a payment, nor a line, nor the sale gives back more than it has.
// Faults: Invalid and Refused, with codes refund.….
func CheckRefund(sale Sale, others []Sale, refund Sale) error {
	if err := canRefund(sale); err != nil {
		return err
	}
	r := givenOf(sale, append(slices.Clone(others), refund))
	if over := -r.left(); over > 0 {
		return errTooMuch(refund.Total, refund.Total-over)
	}
	rest := refund.Total
	for _, l := range refund.Legs {
		if err := r.checkLeg(l); err != nil {
			return err
		}
		if l.givesBack() {
			rest -= l.Amount
		}
	}
	if rest < 0 {
		return errTooMuch(refund.Total-rest, refund.Total)
	}
	for i, sold := range sale.Lines {
		given := r.lines[i]
		if given.Qty > sold.Qty || given.Grams > sold.Grams || given.Amount > sold.Amount {
			return errLineLeft(i+1, sold, given)
		}
	}
	if total(refund.Lines) != refund.Total || slices.ContainsFunc(refund.Lines, func(l Line) bool { return l.Of < 0 || l.Of > len(sale.Lines) || l.Amount < 0 }) {
		return fault.New(fault.Invalid, "refund.bad_lines", "The lines of this refund are not those of its sale; nothing was recorded. Begin the refund again.")
	}
	return nil
}

func (r refundable) checkLeg(l Leg) error {
	paid, ok := r.sale.leg(func(p Leg) bool { return p.Key == l.Of })
	byProvider := l.Class == ClassRefund && paid.Class == ClassCode
	switch {
	case !ok || !byProvider && l.Class != ClassRecorded:
		return fault.New(fault.Invalid, "refund.bad_leg", "Payment {key} cannot be given back this way; nothing was recorded. Begin the refund again.", "key", l.Of)
	case !l.givesBack():
		return nil
	case paid.State != Paid:
		return errNotPaid(paid)
	case r.leftOf(paid) < 0:
		return errTooMuch(l.Amount, l.Amount+r.leftOf(paid))
	}
	return nil
}

// canRefund refuses what is no finished sale of goods.
func canRefund(s Sale) error {
	switch {
	case s.Kind != Goods:
		return fault.New(fault.Invalid, "refund.not_goods", "Only a sale of goods is given back by the till; {sale} is another kind ({kind}).", "sale", s.ID, "kind", string(s.Kind))
	case s.State != Complete:
		return fault.New(fault.Invalid, "refund.not_complete", "Sale {sale} is {state}; only a complete one is given back. Settle it, or give it up, first.", "sale", s.ID, "state", string(s.State))
	}
	return nil
}

// returned are the lines of a refund by goods. A part of a line is worth its
// share of the line rounded down, counted from the line's beginning, so that all
// parts together are worth the line to the fen.
func (r refundable) returned(q RefundRequest) ([]Line, error) {
	if q.All == (len(q.Returns) > 0) {
		return nil, fault.New(fault.Invalid, "refund.nothing_said", "Say what comes back: lines of the sale, or all that is left of it.")
	}
	returns := q.Returns
	for i := range r.sale.Lines {
		if q.All && r.unitsLeft(i) > 0 {
			returns = append(returns, Return{Line: i + 1})
		}
	}
	var lines []Line
	for _, x := range returns {
		switch {
		case x.Line < 1 || x.Line > len(r.sale.Lines):
			return nil, fault.New(fault.Invalid, "refund.no_line", "The sale has {n} lines; there is no line {line}.", "n", strconv.Itoa(len(r.sale.Lines)), "line", strconv.Itoa(x.Line))
		case slices.ContainsFunc(lines, func(l Line) bool { return l.Of == x.Line }):
			return nil, fault.New(fault.Invalid, "refund.line_twice", "Line {line} is named twice; name each line once.", "line", strconv.Itoa(x.Line))
		}
		l, err := r.share(x)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	if q.All {
		return atMost(lines, r.left()), nil
	}
	return lines, nil
}

// atMost are the lines with no more money than is left: all that is left of goods
// of which money was given back before, by an amount. The first lines keep theirs.
func atMost(lines []Line, left money.Fen) []Line {
	for i := range lines {
		lines[i].Amount = min(lines[i].Amount, max(0, left))
		left -= lines[i].Amount
	}
	return lines
}

// byCard refuses to give money for goods that a times card paid for. Which lines
// those were the books do not say, only what they came to: so they are the lines
// of a product of which that many pieces come to just that, and where there is
// none, any. What was paid with money of such lines goes back first.
func (r refundable) byCard(lines []Line) error {
	for _, card := range r.sale.Legs {
		if card.Class != ClassCard || card.State != Paid {
			continue
		}
		paid := -card.Amount // with money, and still to be had back
		for i, l := range r.sale.Lines {
			if r.mayBeOf(card, l) {
				paid += l.Amount - r.lines[i].Amount
			}
		}
		asked := -max(0, paid)
		for _, l := range lines {
			if l.Of > 0 && r.mayBeOf(card, r.sale.Lines[l.Of-1]) {
				asked += l.Amount
			}
		}
		if asked > 0 {
			return fault.New(fault.Refused, "refund.by_card", "{amount} of this was paid by the times card ending in {card}, and the till has no way to put times back on it; nothing was recorded. Have them put back in the back office of the card, give the other goods back alone, or give it back in cash (--cash).", "amount", asked.String(), "card", card.CardLast4)
		}
	}
	return nil
}

// mayBeOf reports that a card may have paid for pieces of this line.
func (r refundable) mayBeOf(card Leg, l Line) bool {
	fits := func(l Line) bool {
		worth, err := r.sale.Cart().Worth(l.Code, card.Count)
		return err == nil && worth == card.Amount
	}
	return fits(l) || !slices.ContainsFunc(r.sale.Lines, fits)
}

// units are the pieces or grams that a line was charged by.
func units(l Line) int64 {
	if l.UnitGrams > 0 {
		return int64(l.Grams)
	}
	return l.Qty
}

// unitsLeft are those of line i that were not brought back.
func (r refundable) unitsLeft(i int) int64 {
	given := r.lines[i]
	given.UnitGrams = r.sale.Lines[i].UnitGrams
	return units(r.sale.Lines[i]) - units(given)
}

// share is the line of a refund for what comes back of one line.
func (r refundable) share(x Return) (Line, error) {
	sold, given, left := r.sale.Lines[x.Line-1], r.lines[x.Line-1], r.unitsLeft(x.Line-1)
	weighed := sold.UnitGrams > 0
	n := x.Qty
	if weighed {
		n = int64(x.Grams)
	}
	switch {
	case x.Qty < 0 || x.Grams < 0 || !weighed && x.Grams > 0 || weighed && x.Qty > 0:
		return Line{}, fault.New(fault.Invalid, "refund.measure", "Line {line}, {name}, is given back in the measure it was sold by: pieces for what was counted, kilograms for what was weighed.", "line", strconv.Itoa(x.Line), "name", sold.Name)
	case n == 0:
		n = left
	}
	if n > left || n == 0 {
		return Line{}, errLineLeft(x.Line, sold, given)
	}
	done := units(sold) - left
	back := sold
	back.Of = x.Line
	back.Amount = max(0, sold.Amount*money.Fen(done+n)/money.Fen(units(sold))-given.Amount)
	switch {
	case done == 0 && n == left: // the line as it was, with what else was noted of it
	case weighed:
		back.Qty, back.Grams = 0, money.Grams(n)
	default:
		back.Qty, back.Grams = n, 0
	}
	return back, nil
}

// money is the one line of a refund that names no goods.
func (r refundable) money(q RefundRequest) ([]Line, error) {
	paid, ok := r.sale.leg(func(l Leg) bool { return l.Key == q.Key })
	if !ok {
		return nil, fault.New(fault.Invalid, "refund.bad_leg", "Payment {key} cannot be given back this way; nothing was recorded. Begin the refund again.", "key", q.Key)
	}
	if paid.State != Paid {
		return nil, errNotPaid(paid)
	}
	amount := q.Amount
	if amount == 0 {
		amount = min(r.leftOf(paid), r.left())
	}
	if amount < 0 || q.Amount > money.MaxFen {
		return nil, fault.New(fault.Invalid, "refund.amount_range", "{amount} is no amount to give back.", "amount", amount.String())
	}
	return []Line{{Name: "退款", Unit: "次", Qty: 1, ListPrice: amount, Price: amount, Amount: amount}}, nil
}

// tenders shares an amount among the payments of the sale, or of it only key:
// payment codes give back first, and after them cash and what a person has seen
// to be paid, since those are given when all else is proven. With cash the drawer
// gives all of it, for its own payments first.
func (r refundable) tenders(amount money.Fen, key string, cash bool) ([]part, error) {
	order := []func(Leg) bool{Leg.byCode, Leg.inCash, Leg.otherwise}
	if cash {
		order = []func(Leg) bool{Leg.inCash, Leg.otherwise, Leg.byCode, func(l Leg) bool { return l.Class.silent() }}
	}
	var parts []part
	rest := amount
	for _, next := range order {
		for _, l := range r.sale.Legs {
			give := min(rest, r.leftOf(l))
			if !next(l) || give <= 0 || key != "" && l.Key != key {
				continue
			}
			p := part{class: ClassRecorded, method: l.Method, amount: give, of: l.Key}
			switch {
			case cash:
				p.method = MethodCash
			case l.byCode():
				p.class = ClassRefund
			}
			parts, rest = append(parts, p), rest-give
		}
	}
	switch {
	case amount == 0:
		return nil, fault.New(fault.Refused, "refund.nothing_left", "There is no money to give back for this; nothing was recorded. The journal shows what was given back before.")
	case rest > 0 && rest <= r.oneWayLeft(key):
		return nil, fault.New(fault.Refused, "refund.one_way", "{amount} of this was paid by a times card or from a member's account, and the till has no way to put it back there; nothing was recorded. Have it put back in the back office of the card or the account, or give it back in cash (--cash).", "amount", rest.String())
	case rest > 0:
		return nil, errTooMuch(amount, amount-rest)
	}
	return parts, nil
}

// oneWayLeft is what is left of payments that cannot be given back as they came.
func (r refundable) oneWayLeft(key string) money.Fen {
	var t money.Fen
	for _, l := range r.sale.Legs {
		if l.Class.silent() && (key == "" || l.Key == key) {
			t += r.leftOf(l)
		}
	}
	return t
}

func errTooMuch(amount, left money.Fen) error {
	return fault.New(fault.Refused, "refund.too_much", "{amount} is more than is left to give back, which is {left}; nothing was recorded. The journal shows what was given back before.", "amount", amount.String(), "left", max(0, left).String())
}

func errLineLeft(no int, sold, given Line) error {
	left := strconv.FormatInt(max(0, sold.Qty-given.Qty), 10)
	if sold.UnitGrams > 0 {
		left = max(0, sold.Grams-given.Grams).KG() + " kg"
	}
	return fault.New(fault.Refused, "refund.line_left", "Of line {line}, {name}, {left} is left to give back; nothing was recorded.", "line", strconv.Itoa(no), "name", sold.Name, "left", left)
}

func errNotPaid(l Leg) error {
	return fault.New(fault.Invalid, "refund.not_paid", "Payment {key} is {state}; only what is paid can be given back.", "key", l.Key, "state", string(l.State))
}
