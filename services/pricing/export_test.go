package pricing

import (
	"testing"

	"cashier/services/money"
)

// Office is the HQ in memory, for tests that need a real store as well, which
// imports this package.
type Office struct{ *office }

// NewOffice has products 1..n in shop 1, at 10.00 and 9.00.
func NewOffice(n int64) Office { return Office{newOffice(n)} }

// Add puts a row into a shop.
func (o Office) Add(shop, product int64, price, member string) {
	if o.rows[shop] == nil {
		o.rows[shop] = map[int64]Row{}
	}
	o.rows[shop][product] = row(shop, product, price, member)
}

// Drop takes a product out of shop 1.
func (o Office) Drop(product int64) { delete(o.rows[1], product) }

// Has is a row's prices, "" where there is none.
func (o Office) Has(shop, product int64) string {
	r, ok := o.rows[shop][product]
	if !ok {
		return ""
	}
	return Yuan(r.Price) + "/" + Yuan(r.Member)
}

// Behave says what becomes of each change, and what is answered.
func (o Office) Behave(f func(apply func()) error) { o.behave = f }

// Reading is called before each reading.
func (o Office) Reading(f func() error) { o.read = f }

// Calls are the changes received, with their rows.
func (o Office) Calls() [][]Row { return o.sent }

// ShopCalls are the changes received for several shops.
func (o Office) ShopCalls() [][]int64 { return o.shops }

// The answers of an HQ in trouble.
var (
	Silent  = error(errSilent)
	Refusal = error(errRefused)
	Unsent  = error(errUnsent)
)

// DraftOf wants every product of shop 1 from one to another at a price.
func DraftOf(t testing.TB, o Office, from, to int64, price func(int64) money.Fen) Draft {
	t.Helper()
	var list []Wanted
	for id := from; id <= to; id++ {
		list = append(list, Wanted{ProductID: id, Price: yuan(price(id))})
	}
	d, err := New(Params{HQ: o, Shop: 1}).Rehearse(t.Context(), list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
