package simulate

import "cashier/services/checkout"

// Legs that are none of the classes as they are begun at the counter.
const (
	back    checkout.Class = "cash of a refund, which waits for what goes before it"
	settled checkout.Class = "a payment that was proven, and its sale not ended"
)

// special makes a leg what its place in the plan says where the class alone does
// not: cash that goes back, and a payment of books that stopped halfway.
func (l *lawOnly) special(s *checkout.Sale, g *checkout.Leg, steps *[]checkout.State, entries *[]checkout.Entry) {
	switch {
	case g.Class == back, g.Class == checkout.ClassRecorded && s.Kind == checkout.Refund:
		g.Class, g.Of, s.Kind = checkout.ClassRecorded, "o"+g.Key, checkout.Refund
	case g.Class == settled:
		g.Class = checkout.ClassCode
		*steps = []checkout.State{checkout.Intent, checkout.Sent, checkout.Paid}
		*entries = append(*entries, checkout.Entry{SaleID: s.ID, Kind: "paid", Postings: []checkout.Posting{{Account: checkout.AccLiantuofu, Amount: g.Amount}, {Account: checkout.AccCustomer, Amount: -g.Amount}}})
		l.line.deed(g.Key)
		l.bank.orders = append(l.bank.orders, &order{key: g.Key, amount: g.Amount, charged: true, paysAt: never, backAt: never, stubborn: l.draw.One(3)})
	}
}
