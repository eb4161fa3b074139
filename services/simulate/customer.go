package simulate

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cashier/services/catalog"
	"cashier/services/checkout"
	"cashier/services/money"
)

// This file is the customers: what they buy, how they pay, and what they bring
// back.

// cart is what a customer buys, priced here once more: pieces, and what is weighed.
func (w *world) cart() (checkout.Cart, money.Fen) {
	c := checkout.Cart{ID: "cart-" + strconv.FormatInt(w.till.Epoch, 10) + "-" + strconv.Itoa(w.starts) + "-" + strconv.Itoa(len(w.shown))}
	var total money.Fen
	for range 1 + w.draw.N(3) {
		price := money.Fen(100 + w.draw.N(900))
		l := checkout.Line{Code: "1001", Name: "苹果", Unit: "个", Pricing: catalog.ByCount, Qty: int64(1 + w.draw.N(4)), Price: price, ListPrice: price, MemberPrice: price}
		l.Amount = price * money.Fen(l.Qty)
		if w.draw.One(3) {
			l.Code, l.Name, l.Unit, l.Pricing, l.Qty = "2001", "香蕉", "斤", catalog.ByWeight, 0
			l.Grams, l.UnitGrams = money.Grams(1+w.draw.N(3000)), 500
			l.Amount = (price*money.Fen(l.Grams) + 250) / 500
		}
		total += l.Amount
		c.Lines = append(c.Lines, l)
	}
	return c, total
}

// begin is what a customer wants first.
func (w *world) begin(ctx context.Context) (checkout.Sale, error) {
	cart, total := w.cart()
	switch w.draw.N(14) {
	case 12:
		return w.desk.Redeem(ctx, staff, checkout.Card{No: cardNo}, 9, int64(1+w.draw.N(3)))
	case 13:
		return w.desk.Consume(ctx, staff, w.account(total/4))
	}
	tenders := w.tenders(total)
	w.books.offered(cart.ID, total, tenders)
	s, err := w.desk.Start(ctx, staff, cart, tenders...)
	if err == nil && w.draw.One(8) {
		w.tasks.Go(func() { // a finger that bounces
			if _, err := w.desk.Start(ctx, staff, cart, checkout.Tender{Code: w.code()}); err != nil {
				w.say("the second press: %v", err)
			}
		})
	}
	return s, err
}

// tenders is how a customer pays for goods.
func (w *world) tenders(total money.Fen) []checkout.Tender {
	part := total / 4
	code := checkout.Tender{Code: w.code()}
	if w.draw.One(12) {
		code = checkout.Tender{QR: true}
	}
	card := checkout.Tender{Card: &checkout.CardTender{Card: checkout.Card{No: cardNo}, Before: 9, Count: int64(1 + w.draw.N(3)), Pays: part}}
	member := w.account(part)
	cash := checkout.Tender{Cash: part}
	switch w.draw.N(8) {
	case 3:
		return []checkout.Tender{code, cash}
	case 4:
		return []checkout.Tender{code, card}
	case 5:
		return []checkout.Tender{code, cash, {Member: &member}}
	case 6:
		return []checkout.Tender{{Cash: total + w.tip()}}
	case 7:
		return []checkout.Tender{{Other: seen(part)}, cash, code}
	}
	return []checkout.Tender{code}
}

// account is a member who pays with his balance, and perhaps with points and a
// coupon.
func (w *world) account(amount money.Fen) checkout.ConsumeRequest {
	q := checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: memberNo}, Amount: amount, Password: password}
	if w.draw.One(3) {
		q.Points, q.Account.Coupons = int64(1+w.draw.N(50)), []string{"C1328"}
	}
	return q
}

// seen is money that a person saw arrive.
func seen(amount money.Fen) *checkout.OtherTender {
	return &checkout.OtherTender{Amount: amount, Reason: "the printed code"}
}

// tip is what a customer hands over beyond the due: nothing, or what calls for
// change.
func (w *world) tip() money.Fen { return money.Fen(w.draw.N(3) * w.draw.N(500)) }

// code is a payment code, now and then one that was shown before.
func (w *world) code() string {
	if n := len(w.shown); n > 0 && w.draw.One(12) {
		return w.shown[w.draw.N(n)]
	}
	c := fmt.Sprintf("%s%011d", codes, len(w.shown))
	w.shown = append(w.shown, c)
	return c
}

// returned is what of a sale is brought back: all, a line or part of one, or
// money of one payment.
func (w *world) returned(s checkout.Sale) checkout.RefundRequest {
	q := checkout.RefundRequest{SaleID: s.ID, Reason: "brought back", Cash: w.draw.One(4)}
	switch w.draw.N(5) {
	case 0:
		q.All = true
	case 1, 2:
		l := s.Legs[w.draw.N(len(s.Legs))]
		q = checkout.RefundRequest{Key: l.Key, Reason: "too dear"}
		if !w.draw.One(3) {
			q.Amount = 1 + money.Fen(w.draw.N(int(l.Amount)+1))
		}
	default:
		no := w.draw.N(len(s.Lines))
		back := checkout.Return{Line: no + 1}
		switch l := s.Lines[no]; {
		case w.draw.One(4):
		case l.UnitGrams > 0:
			back.Grams = 1 + money.Grams(w.draw.N(int(l.Grams)))
		default:
			back.Qty = 1 + int64(w.draw.N(int(l.Qty)))
		}
		q.Returns = []checkout.Return{back}
	}
	return q
}

// takeBack gives a sale back, all of it or part of it, and gives the rest anew or
// in cash where a provider refuses.
func (w *world) takeBack(ctx context.Context, saleID string) {
	w.tasks.sleep(time.Duration(w.draw.N(300)) * time.Second)
	s, err := w.desk.Sale(ctx, saleID)
	if err != nil {
		return
	}
	q := w.returned(s)
	if w.draw.One(6) {
		w.tasks.Go(func() { // a finger that bounces, or another till of the shop
			q := q
			if w.draw.One(2) {
				q = w.returned(s)
			}
			_, err := w.desk.Refund(ctx, staff, q)
			w.say("the second refund: %v", err)
		})
	}
	back, err := w.desk.Refund(ctx, staff, q)
	if err != nil {
		w.say("nothing is given back: %v", err)
		return
	}
	w.books.asWanted(q, back)
	if w.draw.One(3) {
		w.tasks.Go(func() { w.meddle(ctx, back.ID) })
	}
	if w.draw.One(3) { // he does not wait
		return
	}
	if back, err = w.wait(ctx, back.ID); err != nil {
		return
	}
	if back.State != checkout.Unsettled {
		return
	}
	w.tasks.sleep(time.Duration(w.draw.N(300)) * time.Second)
	if w.draw.One(2) {
		_, err = w.desk.RefundRest(ctx, staff, back.ID, w.draw.One(2), "the rest")
	} else { // nobody remembers that one is under way
		_, err = w.desk.Refund(ctx, staff, w.returned(s))
	}
	w.say("the rest: %v", err)
}
