package simulate

import (
	"context"
	"time"

	"cashier/services/checkout"
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
	if len(w.goods) > 0 && w.draw.One(2) { // somebody has waited for the till to start
		w.takeBack(ctx, w.goods[len(w.goods)-1])
	}
	for n := 0; n < 100 && (n == 0 || !w.draw.spent() && (w.events < least || w.draw.faults < faults)); n++ {
		w.serve(ctx)
		if w.draw.One(4) {
			w.supervise(ctx)
		}
		w.tasks.sleep(time.Duration(1+w.draw.N(60)) * time.Second) // the next customer
	}
	if w.draw.One(8) || w.bank.holding() && w.draw.One(2) { // a quiet quarter of an hour, in which nothing gets better
		w.tasks.sleep(15 * time.Minute)
		w.lookBack(ctx)
	}
}

// serve is one customer.
func (w *world) serve(ctx context.Context) {
	s, err := w.begin(ctx)
	if err != nil {
		w.say("the sale is not begun: %v", err)
		return
	}
	w.sold++
	for range 3 {
		if w.draw.One(2) {
			id := s.ID
			w.tasks.Go(func() { w.meddle(ctx, id) })
		}
		if s, err = w.wait(ctx, s.ID); err != nil {
			return
		}
		if s.State == checkout.Complete {
			w.leave(ctx, s)
			return
		}
		if w.draw.One(2) {
			w.insist(ctx, s)
		}
		if !w.react(ctx, s) {
			return
		}
	}
}

// leave is the end of a sale that is paid: now and then it is brought back, it or
// an earlier one, perhaps more than once.
func (w *world) leave(ctx context.Context, s checkout.Sale) {
	if s.Kind == checkout.Goods {
		w.goods = append(w.goods, s.ID)
	}
	for range 3 {
		if !w.draw.One(3) || len(w.goods) == 0 {
			return
		}
		w.takeBack(ctx, w.goods[len(w.goods)-1-w.draw.N(min(2, len(w.goods)))])
	}
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

// insist is a customer whose phone says that he has paid: the refused payment is
// looked at again, a few times within seconds.
func (w *world) insist(ctx context.Context, s checkout.Sale) {
	for _, l := range s.Legs {
		if l.Class != checkout.ClassCode || l.State != checkout.Rejected {
			continue
		}
		for range 1 + w.draw.N(3) {
			w.tasks.sleep(time.Duration(w.draw.N(5)) * time.Second)
			_, err := w.desk.Query(ctx, l.Key)
			w.say("looked at %s again: %v", l.Key, err)
		}
		if w.draw.One(2) {
			w.tasks.sleep(20 * time.Second)
		}
	}
}

// react is what follows a payment; it is true if the customer goes on paying.
func (w *world) react(ctx context.Context, s checkout.Sale) bool {
	var err error
	due := s.Due()
	switch w.draw.N(6) {
	case 0:
		err = w.tender(ctx, s, checkout.Tender{Cash: due + w.tip()})
	case 1:
		err = w.tender(ctx, s, checkout.Tender{Code: w.code()})
	case 2:
		w.wantsOut(s.ID)
		if _, err = w.desk.Void(ctx, staff, s.ID, "changed his mind"); err == nil {
			return false
		}
	case 3: // the customer has left
		return false
	case 4:
		err = w.tender(ctx, s, checkout.Tender{Cash: due / 2}, checkout.Tender{Code: w.code()})
	case 5:
		err = w.tender(ctx, s, checkout.Tender{Other: seen(due)})
	}
	if err != nil {
		w.say("not now: %v", err)
	}
	return err == nil
}

// tender offers something else for a sale that goes on.
func (w *world) tender(ctx context.Context, s checkout.Sale, tenders ...checkout.Tender) error {
	w.books.offered(s.ID, s.Due(), tenders)
	_, err := w.desk.Tender(ctx, staff, s.ID, tenders...)
	return err
}

// wantsOut notes that somebody presses 取消 for a sale.
func (w *world) wantsOut(saleID string) {
	if a := w.books.sale(saleID); a != nil {
		a.wantsOut = true
	}
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
		w.wantsOut(saleID)
		w.desk.Cancel(saleID)
	case 2:
		pressed = "query"
		_, err = w.desk.Query(ctx, key)
	case 3:
		pressed = "void"
		w.wantsOut(saleID)
		_, err = w.desk.Void(ctx, staff, saleID, "pressed")
	case 4:
		pressed = "another tender"
		err = w.tender(ctx, s, checkout.Tender{Code: w.code()})
	case 5:
		pressed = "give up"
		w.wantsOut(saleID)
		_, err = w.desk.GiveUp(ctx, staff, key)
	case 6:
		pressed = "recover"
		_, err = w.desk.Recover(ctx)
	}
	w.say("pressed %s: %v", pressed, err)
}

// supervise settles what was left to a person: truly, by hand or by the bank's.
func (w *world) supervise(ctx context.Context) {
	legs, err := w.desk.Unresolved(ctx)
	if err != nil {
		return
	}
	for _, l := range legs {
		if l.LeftOver() {
			w.square(ctx, l)
			continue
		}
		if l.State != checkout.Manual {
			continue
		}
		if w.bankGivesBack(ctx, l) {
			continue
		}
		as := checkout.Rejected
		if o := w.bank.order(l.Key); o != nil && o.holds() == l.Amount {
			as = checkout.Paid
		} else if o != nil && o.holds() != 0 {
			continue // another sum: the manager calls the bank
		}
		if k := w.bank.taken(l.Key); k != nil && k.times > 0 || w.bank.gave(l.Key) {
			as = checkout.Paid
		}
		_, err := w.desk.Resolve(ctx, staff, l.Key, as, "asked the bank")
		w.say("settled by hand: %s %s: %v", l.Key, as, err)
	}
}

// square settles late money as it is: it went back after all, the customer and the
// shop squared it in cash, or it stays. Some managers let it lie.
func (w *world) square(ctx context.Context, l checkout.Leg) {
	o := w.bank.order(l.Key)
	gone := l.Class == checkout.ClassRefund && !w.bank.gave(l.Key) || l.Class == checkout.ClassCode && (o == nil || o.holds() == 0)
	var err error
	how := "let lie"
	switch n := w.draw.N(3); {
	case gone:
		how = "gone"
		_, err = w.desk.Resolve(ctx, staff, l.Key, checkout.Reversed, "asked the bank")
	case w.bankGivesBack(ctx, l):
		how = "given back by the bank"
	case n == 1:
		how = "in cash"
		_, err = w.desk.ResolveInCash(ctx, staff, l.Key, "squared with the customer")
	case n == 2:
		how = "stays"
		_, err = w.desk.Resolve(ctx, staff, l.Key, checkout.Paid, "the customer is gone")
	}
	w.say("late money of %s, %s: %v", l.Key, how, err)
}

// bankGivesBack is a manager who has the bank give the money of a payment back,
// instead of settling it: the till finds out by itself, or is told to look.
func (w *world) bankGivesBack(ctx context.Context, l checkout.Leg) bool {
	o := w.bank.order(l.Key)
	if o == nil || l.Class != checkout.ClassCode || o.holds() == 0 || !w.draw.One(3) {
		return false
	}
	o.refunded, o.closed = true, true
	var err error
	if w.draw.One(2) {
		_, err = w.desk.Query(ctx, l.Key)
	} else {
		w.tasks.sleep(6 * time.Minute)
	}
	w.say("the bank gave %s back: %v", l.Key, err)
	return true
}

// lookBack settles what is left to a person, and looks an hour later whether the
// refunds that came to nothing were given after all. Of those that were, a person
// has to hear.
func (w *world) lookBack(ctx context.Context) {
	w.supervise(ctx)
	var refused []string
	for _, a := range w.books.sales {
		for _, l := range a.Legs {
			if l.Class == checkout.ClassRefund && l.State == checkout.Rejected && l.Reason.Code == "by_hand" {
				refused = append(refused, l.Key)
			}
		}
	}
	if refused == nil {
		return
	}
	w.tasks.sleep(time.Hour)
	for _, key := range refused {
		if w.books.late[key].known() {
			continue
		}
		s := w.line.heard(key)
		alarms := s.alarms
		s.isPaid = false
		if _, err := w.desk.Query(ctx, key); err == nil && s.isPaid && s.alarms == alarms {
			w.books.broken(9, "%s was refused and is given back after all, and nobody was told", key)
		}
	}
}
