package simulate

import (
	"context"
	"fmt"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
)

// use is the person at the counter: sells, changes his mind, presses everything
// at the worst moment, and goes home when enough has happened.
func (w *world) use(least, faults int, calm bool) {
	ctx := context.Background()
	if _, err := w.desk.Recover(ctx); err != nil {
		w.say("recover: %v", err)
	}
	if calm {
		return
	}
	for n := 0; n < 100 && (n == 0 || !w.draw.spent() && (w.events < least || w.draw.faults < faults)); n++ {
		w.serve(ctx)
		if w.draw.One(4) {
			w.supervise(ctx)
		}
		w.tasks.sleep(time.Duration(1+w.draw.N(60)) * time.Second) // the next customer
	}
}

// serve is one customer.
func (w *world) serve(ctx context.Context) {
	total := money.Fen(100 * (1 + w.draw.N(50)))
	cart := checkout.Cart{ID: fmt.Sprintf("cart-%d-%d-%d", w.till.Epoch, w.starts, w.codes), Lines: []checkout.Line{{Name: "苹果", Unit: "个", Qty: 1, Price: total, ListPrice: total, MemberPrice: total, Amount: total}}}
	start := w.order(ctx, cart, total)
	s, err := start()
	if err != nil {
		w.say("the sale is not begun: %v", err)
		return
	}
	w.sold++
	if w.draw.One(8) {
		w.tasks.Go(func() { // a finger that bounces
			if _, err := w.desk.Start(ctx, staff, cart, checkout.Tender{Code: w.code()}); err != nil {
				w.say("the second press: %v", err)
			}
		})
	}
	for range 3 {
		if w.draw.One(2) {
			id := s.ID
			w.tasks.Go(func() { w.meddle(ctx, id) })
		}
		if s, err = w.wait(ctx, s.ID); err != nil || !w.react(ctx, s) {
			return
		}
	}
}

// order is how this customer pays, or what else is wanted.
func (w *world) order(ctx context.Context, cart checkout.Cart, total money.Fen) func() (checkout.Sale, error) {
	part := total / 4
	tenders := []checkout.Tender{{Code: w.code()}}
	card := checkout.Tender{Card: &checkout.CardTender{Card: checkout.Card{No: "9140"}, Before: 9, Count: 1, Pays: part}}
	member := checkout.Tender{Member: &checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "2000001"}, Amount: part}}
	switch w.draw.N(9) {
	case 0, 1, 2:
	case 3:
		tenders = append(tenders, checkout.Tender{Cash: part})
	case 4:
		tenders = append(tenders, card)
	case 5:
		tenders = append(tenders, checkout.Tender{Cash: part}, member)
	case 6:
		tenders = []checkout.Tender{{Cash: total + 100}}
	case 7:
		return func() (checkout.Sale, error) {
			return w.desk.Redeem(ctx, staff, checkout.Card{No: "9140"}, 9, 1)
		}
	case 8:
		return func() (checkout.Sale, error) {
			return w.desk.Consume(ctx, staff, checkout.ConsumeRequest{Account: checkout.MemberAccount{Customer: "2000001"}, Amount: part})
		}
	}
	return func() (checkout.Sale, error) { return w.desk.Start(ctx, staff, cart, tenders...) }
}

// code is a payment code nobody has shown yet.
func (w *world) code() string {
	w.codes++
	return fmt.Sprintf("1345%014d", w.codes)
}

// wait stands before the screen, for 90 s at most.
func (w *world) wait(ctx context.Context, saleID string) (checkout.Sale, error) {
	began := w.tasks.mono
	s, err := w.desk.Wait(ctx, saleID)
	if d := time.Duration(w.tasks.mono - began); d > 92*time.Second {
		w.books.broken(11, "sale %s held the counter for %v", saleID, d)
	}
	return s, err
}

// react is what follows a payment; it is true if the customer goes on paying.
func (w *world) react(ctx context.Context, s checkout.Sale) bool {
	var err error
	switch w.draw.N(5) {
	case 0:
		_, err = w.desk.Tender(ctx, staff, s.ID, checkout.Tender{Cash: s.Due()})
	case 1:
		_, err = w.desk.Tender(ctx, staff, s.ID, checkout.Tender{Code: w.code()})
	case 2:
		if _, err = w.desk.Void(ctx, staff, s.ID, "changed his mind"); err == nil {
			return false
		}
	case 3: // the customer has left
		return false
	case 4:
		_, err = w.desk.Tender(ctx, staff, s.ID, checkout.Tender{Cash: s.Due() / 2}, checkout.Tender{Code: w.code()})
	}
	if err != nil {
		w.say("not now: %v", err)
	}
	return err == nil
}

// meddle presses something while a payment is on its way.
func (w *world) meddle(ctx context.Context, saleID string) {
	w.tasks.sleep(time.Duration(w.draw.N(100)) * time.Second)
	s, err := w.desk.Sale(ctx, saleID)
	if err != nil || len(s.Legs) == 0 {
		return
	}
	key := s.Legs[w.draw.N(len(s.Legs))].Key
	pressed := "nothing"
	switch w.draw.N(7) {
	case 1:
		pressed = "cancel"
		w.desk.Cancel(saleID)
	case 2:
		pressed = "query"
		_, err = w.desk.Query(ctx, key)
	case 3:
		pressed = "void"
		_, err = w.desk.Void(ctx, staff, saleID, "pressed")
	case 4:
		pressed = "another tender"
		_, err = w.desk.Tender(ctx, staff, saleID, checkout.Tender{Code: w.code()})
	case 5:
		pressed = "give up"
		_, err = w.desk.GiveUp(ctx, staff, key)
	case 6:
		pressed = "recover"
		_, err = w.desk.Recover(ctx)
	}
	w.say("pressed %s: %v", pressed, err)
}

// supervise settles by hand, truly, what was left to a person.
func (w *world) supervise(ctx context.Context) {
	legs, err := w.desk.Unresolved(ctx)
	if err != nil {
		return
	}
	for _, l := range legs {
		if l.State != checkout.Manual {
			continue
		}
		as := checkout.Rejected
		if o := w.bank.order(l.Key); o != nil && o.holds() == l.Amount {
			as = checkout.Paid
		} else if o != nil && o.holds() != 0 {
			continue // another sum: the manager calls the bank
		}
		if k := w.bank.taken(l.Key); k != nil && k.times > 0 {
			as = checkout.Paid
		}
		_, err := w.desk.Resolve(ctx, staff, l.Key, as, "asked the bank")
		w.say("settled by hand: %s %s: %v", l.Key, as, err)
	}
}
