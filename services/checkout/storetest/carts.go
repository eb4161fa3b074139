package storetest

import (
	"cashier/services/checkout"
)

func (b *bench) wantCart(want checkout.Cart) {
	b.Helper()
	got, err := b.LoadCart(b.Context())
	b.ok(err)
	b.same(want, got)
}

func openCart(b *bench) {
	b.wantCart(checkout.Cart{})
	cart := checkout.Cart{ID: "c1", Member: true, Lines: []checkout.Line{milk, apple, milk}}
	b.ok(b.SaveCart(b.Context(), cart))
	b.wantCart(cart)
	cart.Lines, cart.Member = cart.Lines[1:], false
	b.ok(b.SaveCart(b.Context(), cart))
	b.reopen()
	b.wantCart(cart)

	// There is one cart: another one takes its place.
	other := checkout.Cart{ID: "c2", Lines: []checkout.Line{milk}}
	b.ok(b.SaveCart(b.Context(), other))
	b.wantCart(other)
	b.ok(b.SaveCart(b.Context(), checkout.Cart{ID: "c1", Member: true}))
	b.wantCart(checkout.Cart{})

	// A sale of another cart leaves it alone, and so does one of no cart.
	b.ok(b.SaveCart(b.Context(), other))
	b.sell()
	nameless, events, entries := b.cashSale(milk)
	nameless.CartID = ""
	_, err := b.Sell(b.Context(), nameless, events, entries, b.act("sale.complete", nameless.ID))
	b.ok(err)
	b.wantCart(other)

	// A cart without a name is kept, and counts as sold by no sale but that
	// which clears it.
	other.ID = ""
	b.ok(b.SaveCart(b.Context(), other))
	b.wantCart(other)
	nameless, events, entries = b.cashSale(milk)
	nameless.CartID = ""
	_, err = b.Sell(b.Context(), nameless, events, entries, b.act("sale.complete", nameless.ID))
	b.ok(err)
	b.wantCart(checkout.Cart{})
}

// cartSoldOnce: from the freeze on a cart is not loaded and not sold again,
// unless its sale is voided.
func cartSoldOnce(b *bench) {
	sale, leg, events := b.planned(checkout.ClassCode)
	cart := checkout.Cart{ID: sale.CartID, Lines: sale.Lines}
	b.ok(b.SaveCart(b.Context(), cart))
	b.ok(b.Freeze(b.Context(), sale, events, nil, b.act("sale.freeze", sale.ID)))
	again, ev, en := b.cashSale(milk)
	again.CartID = sale.CartID
	sell := func() error {
		_, err := b.Sell(b.Context(), again, ev, en, b.act("sale.complete", again.ID))
		return err
	}
	frozen := again
	frozen.ClosedAt = checkout.Sale{}.ClosedAt
	notOpen := func() {
		b.Helper()
		b.wantCart(checkout.Cart{})
		b.untouched(func() {
			b.refused(sell(), "sale.cart_sold")
			b.refused(b.Freeze(b.Context(), frozen, ev, en[:1], b.act("sale.freeze", again.ID)), "sale.cart_sold")
		})
	}
	notOpen()
	b.ok(b.close(sale, checkout.Unsettled))
	notOpen()
	b.advance(leg, checkout.Rejected)
	b.ok(b.close(sale, checkout.Compensating))
	notOpen()
	b.ok(b.close(sale, checkout.Voided))
	b.wantCart(cart)
	b.reopen()
	b.wantCart(cart)

	// The sale that sells it clears it.
	b.ok(sell())
	b.wantCart(checkout.Cart{})
	again, ev, en = b.cashSale(milk)
	again.CartID = sale.CartID
	frozen = again
	frozen.ClosedAt = checkout.Sale{}.ClosedAt
	notOpen()
	// Saved once more by a screen that is late, it still does not come back.
	b.ok(b.SaveCart(b.Context(), cart))
	notOpen()

	// So does the end of a sale that was frozen.
	sale, leg = b.freeze(checkout.ClassCode)
	b.ok(b.SaveCart(b.Context(), checkout.Cart{ID: sale.CartID, Lines: sale.Lines}))
	b.advance(leg, checkout.Sent, checkout.Paid)
	_, err := b.complete(sale)
	b.ok(err)
	b.wantCart(checkout.Cart{})
}
