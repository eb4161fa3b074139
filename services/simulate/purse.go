package simulate

import (
	"cashier/services/checkout"
	"cashier/services/money"
)

// This file holds what the books say of cash and of what goes back against what
// was really handed over, wanted and sold.

// offer is what a customer hands over for a sale.
type offer struct {
	of    string    // the cart, or the sale that goes on
	cash  money.Fen // handed over
	due   money.Fen // what cash may pay: the due less what is paid otherwise
	other money.Fen
}

// offered notes what a customer is about to pay with.
func (b *books) offered(of string, due money.Fen, tenders []checkout.Tender) {
	o := offer{of: of, due: due}
	for _, t := range tenders {
		o.cash += t.Cash
		switch {
		case t.Other != nil:
			o.other += t.Other.Amount
			o.due -= t.Other.Amount
		case t.Card != nil:
			o.due -= t.Card.Pays
		case t.Member != nil:
			o.due -= t.Member.Amount
		}
	}
	b.offers = append(b.offers, o)
}

// counted holds the cash of new legs against what was handed over.
func (b *books) counted(a *audited, legs []checkout.Leg) {
	if a.Kind != checkout.Goods || b.offers == nil {
		return
	}
	for _, l := range legs {
		if l.Class != checkout.ClassRecorded {
			continue
		}
		o, ok := b.offer(a, l)
		if !ok {
			b.broken(4, "%s takes %s of %s in %s, and nobody handed that over", l.Key, l.Amount, l.Tendered, l.Method)
		}
		if l.Method == checkout.MethodCash {
			a.change += o.cash - l.Amount
		}
	}
}

func (b *books) offer(a *audited, l checkout.Leg) (offer, bool) {
	for _, o := range b.offers {
		switch {
		case o.of != a.CartID && o.of != a.ID:
		case l.Method == checkout.MethodOther && l.Amount == o.other && l.Tendered == 0,
			l.Method == checkout.MethodCash && l.Tendered == o.cash && l.Amount == min(o.cash, o.due):
			return o, true
		}
	}
	return offer{}, false
}

// handsBack: what a screen says is handed back is what there is to hand back.
func (b *books) handsBack(a *audited, s checkout.Sale) {
	if a.Kind == checkout.Goods && b.offers != nil && s.Change() != a.change {
		b.broken(4, "sale %s says %s change, and it is %s", s.ID, s.Change(), a.change)
	}
	var cash, other money.Fen
	for _, l := range a.Legs {
		switch {
		case a.Kind != checkout.Refund || l.Class != checkout.ClassRecorded || l.State != checkout.Paid:
		case l.Method == checkout.MethodOther:
			other += l.Amount
		default:
			cash += l.Amount
		}
	}
	if s.HandOut() != cash || s.GiveOtherwise() != other {
		b.broken(4, "refund %s hands out %s and %s otherwise, its legs say %s and %s", s.ID, s.HandOut(), s.GiveOtherwise(), cash, other)
	}
}

// whole: the lines of a sale come to its total.
func (b *books) whole(a *audited) {
	var sum money.Fen
	for _, l := range a.Lines {
		sum += l.Amount
	}
	if len(a.Lines) > 0 && sum != a.Total {
		b.broken(4, "the lines of sale %s come to %s, and it to %s", a.ID, sum, a.Total)
	}
}

// refunded: neither a payment, nor a line, nor a sale gives back more than it has,
// by whatever refunds of it there are, under way or over.
func (b *books) refunded(back *audited) {
	of := b.sale(back.Of)
	if of == nil {
		return
	}
	if of.State != checkout.Complete || of.Kind != checkout.Goods {
		b.broken(4, "refund %s gives back %s, a %s that is %s", back.ID, of.ID, of.Kind, of.State)
	}
	var all, given money.Fen
	for _, r := range b.sales {
		if r.Of == of.ID && r.State != checkout.Voided {
			all += r.Total
		}
	}
	if paid := of.Paid(); all > paid {
		b.broken(4, "of sale %s %s was paid, and %s is given back", of.ID, paid, all)
	}
	for _, l := range back.Legs {
		if spokenFor(l) {
			given += l.Amount
		}
	}
	if given > back.Total {
		b.broken(4, "refund %s of %s gives %s", back.ID, back.Total, given)
	}
	for _, p := range of.Legs {
		b.givenOf(of, p)
	}
	for i, sold := range of.Lines {
		b.broughtBack(of, i+1, sold)
	}
}

func spokenFor(l checkout.Leg) bool {
	return l.State != checkout.Rejected && l.State != checkout.Reversed
}

func (b *books) givenOf(of *audited, p checkout.Leg) {
	var sum money.Fen
	for _, r := range b.sales {
		if r.Of != of.ID {
			continue
		}
		for _, l := range r.Legs {
			if l.Of == p.Key && spokenFor(l) {
				sum += l.Amount
			}
		}
	}
	switch {
	case sum > 0 && p.State != checkout.Paid:
		b.broken(4, "%s is given back of %s, which is %s", sum, p.Key, p.State)
	case sum > p.Amount:
		b.broken(4, "%s is given back of %s, which paid %s", sum, p.Key, p.Amount)
	}
}

// broughtBack: a line gives back what was sold of it, and for the parts of it that
// came back no more than their share, rounded down, while none was dropped.
func (b *books) broughtBack(of *audited, no int, sold checkout.Line) {
	var back checkout.Line
	dropped := false
	for _, r := range b.sales {
		if r.Of != of.ID {
			continue
		}
		for _, l := range r.Lines {
			switch {
			case l.Of != no:
			case r.State == checkout.Voided:
				dropped = true
			default:
				back.Qty, back.Grams, back.Amount = back.Qty+l.Qty, back.Grams+l.Grams, back.Amount+l.Amount
			}
		}
	}
	if back.Qty > sold.Qty || back.Grams > sold.Grams || back.Amount > sold.Amount {
		b.broken(4, "of line %d of sale %s (%d, %d g, %s) came back %d, %d g, %s", no, of.ID, sold.Qty, sold.Grams, sold.Amount, back.Qty, back.Grams, back.Amount)
	}
	n, units := back.Qty, sold.Qty
	if sold.UnitGrams > 0 {
		n, units = int64(back.Grams), int64(sold.Grams)
	}
	if !dropped && units > 0 && int64(back.Amount)*units > int64(sold.Amount)*n {
		b.broken(4, "%d of %d of line %d of sale %s are worth less than %s", n, units, no, of.ID, back.Amount)
	}
}

// asWanted holds a refund against what a person asked for.
func (b *books) asWanted(q checkout.RefundRequest, back checkout.Sale) {
	if q.Amount > 0 && back.Total != q.Amount {
		b.broken(4, "%s was to be given back, and %s is", q.Amount, back.Total)
	}
	for _, l := range back.Legs {
		if q.Key != "" && l.Of != q.Key && l.No == 1 {
			b.broken(4, "%s was to be given back of %s, and is of %s", back.Total, q.Key, l.Of)
		}
	}
	for _, l := range back.Lines {
		if q.Key == "" && l.Of == 0 {
			b.broken(4, "refund %s takes back goods of no line", back.ID)
		}
	}
	if n := len(q.Returns); n > 0 && n != len(back.Lines) {
		b.broken(4, "%d lines were to be taken back, and %d are", n, len(back.Lines))
	}
}
