package storetest

import (
	"fmt"
	"time"

	"cashier/services/access"
	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
)

var mei = access.Actor{ID: "7", Name: "梅", Role: access.Cashier, Program: "cashier"}

var (
	milk = checkout.Line{
		ProductID: 41, Code: "6901", Name: "牛奶", Class: "乳品", Unit: "盒", Pricing: catalog.ByCount,
		ListPrice: 550, MemberPrice: 500, Price: 550, Qty: 2, Amount: 1100,
	}
	apple = checkout.Line{
		ProductID: 9, Code: "PG", Name: "苹果", Class: "水果", Unit: "斤", Pricing: catalog.ByWeight,
		ListPrice: 699, Price: 699, Grams: 731, UnitGrams: 500, Amount: 1022,
	}
)

// maker makes what a desk would hand to a store.
type maker struct {
	till  checkout.Till
	n     int
	clock time.Time
}

func newMaker(till checkout.Till) *maker {
	return &maker{till: till, clock: time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)}
}

// tick is the next moment, with nanoseconds that a disk of milliseconds drops.
func (m *maker) tick() time.Time {
	m.clock = m.clock.Add(1234567 * time.Nanosecond)
	return m.clock
}

func (m *maker) id(kind string) string {
	m.n++
	return fmt.Sprintf("%s-%s-%04d", kind, m.till.ID, m.n)
}

func (m *maker) act(what, subject string) checkout.Act {
	return checkout.Act{Actor: mei, What: what, Subject: subject, Detail: "说明 \"x\"", At: m.tick()}
}

func (m *maker) sale(lines ...checkout.Line) checkout.Sale {
	sale := checkout.Sale{
		ID: m.id("sale"), Kind: checkout.Goods, TillID: m.till.ID, Epoch: m.till.Epoch, ShiftID: "早班",
		BusinessDate: "2026-03-08", Actor: mei, CartID: m.id("cart"), State: checkout.Tendering, Lines: lines, OpenedAt: m.tick(),
	}
	for _, l := range lines {
		sale.Total += l.Amount
	}
	return sale
}

var methods = map[checkout.Class]string{
	checkout.ClassRecorded: "cash", checkout.ClassCode: "code", checkout.ClassMember: "member", checkout.ClassCard: "card",
}

// leg is the sale's next leg, before its first event.
func (m *maker) leg(sale checkout.Sale, class checkout.Class, amount money.Fen) checkout.Leg {
	id := m.id("leg")
	l := checkout.Leg{
		ID: id, SaleID: sale.ID, No: len(sale.Legs) + 1, Key: m.till.ID + "-1-" + id, Class: class,
		Method: methods[class], Amount: amount, Before: -1, Provider: "liantuofu",
	}
	switch class {
	case checkout.ClassRecorded:
		l.Provider, l.Tendered = "till", amount+50
	case checkout.ClassCode:
		l.CodeDigest, l.RequestHash = "digest of "+id, "hash of "+id
	case checkout.ClassMember:
		l.Provider, l.Count, l.SealedCard, l.RequestHash = "zvcms", 30, "sealed "+id, "hash of "+id
	case checkout.ClassCard:
		l.Count, l.Before, l.SealedCard, l.CardLast4, l.RequestHash = 2, 10, "sealed "+id, "8801", "hash of "+id
	}
	return l
}

// event is the leg's next event.
func (m *maker) event(l checkout.Leg, state checkout.State) checkout.LegEvent {
	e := checkout.LegEvent{LegID: l.ID, Seq: l.Seq + 1, State: state, At: m.tick()}
	switch state {
	case checkout.Paid:
		e.ProviderNo, e.PaidAt = "4200"+l.ID, "20260308120000"
	case checkout.Unknown, checkout.Rejected, checkout.Manual:
		e.Reason = checkout.Reason{Code: "silent", RawCode: "SYSTEMERROR", Message: "系统超时"}
	default:
	}
	return e
}

// fold is for steps that the suite knows to be allowed.
func fold(l checkout.Leg, events ...checkout.LegEvent) checkout.Leg {
	for _, e := range events {
		next, err := l.Apply(e)
		if err != nil {
			panic("storetest: " + err.Error())
		}
		l = next
	}
	return l
}

// counted is a cash leg with the two events by which it is proven.
func (m *maker) counted(l checkout.Leg) (checkout.Leg, []checkout.LegEvent) {
	e1 := m.event(l, checkout.Intent)
	l = fold(l, e1)
	e2 := m.event(l, checkout.Paid)
	return fold(l, e2), []checkout.LegEvent{e1, e2}
}

// cashSale is everything Sell needs.
func (m *maker) cashSale(lines ...checkout.Line) (checkout.Sale, []checkout.LegEvent, []checkout.Entry) {
	sale := m.sale(lines...)
	l, events := m.counted(m.leg(sale, checkout.ClassRecorded, sale.Total))
	sale.Legs, sale.State, sale.ClosedAt = []checkout.Leg{l}, checkout.Complete, m.tick()
	return sale, events, []checkout.Entry{paid(l), sold(sale)}
}

// planned is everything Freeze needs for one leg; of a card or an account alone
// it is a redemption or a consumption of no money.
func (m *maker) planned(class checkout.Class) (checkout.Sale, checkout.Leg, []checkout.LegEvent) {
	sale := m.sale(milk, apple)
	if class == checkout.ClassCard || class == checkout.ClassMember {
		sale.Kind, sale.Total = checkout.Redemption, 0
		sale.Lines = []checkout.Line{{Name: "洗车", Unit: "次", Times: 2}}
	}
	if class == checkout.ClassMember {
		sale.Kind = checkout.Consumption
	}
	l := m.leg(sale, class, sale.Total)
	e := m.event(l, checkout.Intent)
	l = fold(l, e)
	sale.Legs = []checkout.Leg{l}
	return sale, l, []checkout.LegEvent{e}
}

// side is the account that stands against the customer's.
var side = map[checkout.Class]checkout.Account{
	checkout.ClassRecorded: "drawer", checkout.ClassCode: "clearing:liantuofu",
	checkout.ClassMember: "clearing:zvcms", checkout.ClassCard: "entitlements",
}

func transfer(saleID, legID, kind string, debit, credit checkout.Account, amount money.Fen) checkout.Entry {
	return checkout.Entry{SaleID: saleID, LegID: legID, Kind: kind, Postings: []checkout.Posting{
		{Account: debit, Amount: amount}, {Account: credit, Amount: -amount},
	}}
}

func paid(l checkout.Leg) checkout.Entry {
	return transfer(l.SaleID, l.ID, "paid", side[l.Class], "customer", l.Amount)
}

func reversed(l checkout.Leg) checkout.Entry {
	return transfer(l.SaleID, l.ID, "reversed", "customer", side[l.Class], l.Amount)
}

func late(l checkout.Leg) checkout.Entry {
	return transfer(l.SaleID, l.ID, "late", "clearing:liantuofu", "unresolved", l.Amount)
}

func returned(l checkout.Leg) checkout.Entry {
	return transfer(l.SaleID, l.ID, "returned", "unresolved", "clearing:liantuofu", l.Amount)
}

func sold(s checkout.Sale) checkout.Entry {
	return transfer(s.ID, "", "complete", "customer", "sales", s.Total)
}

// moved is the entry that belongs to a step of a leg, none for most.
func moved(l checkout.Leg, to checkout.State) []checkout.Entry {
	switch {
	case l.Amount == 0:
	case to == checkout.Paid && !l.Booked:
		return []checkout.Entry{paid(l)}
	case (to == checkout.Reversed || to == checkout.Rejected) && l.Booked:
		return []checkout.Entry{reversed(l)}
	}
	return nil
}
