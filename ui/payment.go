package ui

import (
	"context"
	"strings"
	"time"

	"cashier/services/checkout"
	"cashier/services/money"
	"cashier/ui/pay"
)

// payment is the sale that is being paid at the counter.
type payment struct {
	turn       int                        // drops what a payment before this one still says
	sale       checkout.Sale              // ID is "" until the cart is frozen
	told       map[string]checkout.Update // by sale, since it began: they may be ahead of sale
	busy       bool                       // a tender is on its way
	began      time.Time
	amount     money.Fen
	qr         offered
	cancelling bool
	kept       bool
	from       Screen // where the tender was offered
	resumed    bool   // taken up from the tray: to leave it is not to give it up
}

// over ends the payment at the counter: what it still says is dropped, and the
// till's own cart is beside the screen again.
func (s *Shell) over() {
	resumed := s.payment.resumed
	s.payment = payment{turn: s.payment.turn + 1}
	if resumed {
		s.paintCart()
	}
}

// bought is what stands in the basket: the goods of a sale that was taken up
// from the tray while that is paid, and the till's own cart otherwise.
func (s *Shell) bought() checkout.Cart {
	if s.payment.resumed {
		return s.payment.sale.Cart()
	}
	return s.model.Cart()
}

func (s *Shell) due() money.Fen {
	if s.payment.sale.ID != "" {
		return s.payment.sale.Due()
	}
	return s.model.Cart().Total()
}

// openPay shows what is due and the ways to pay it.
func (s *Shell) openPay() {
	if s.payment.busy || s.redeeming.busy {
		return
	}
	if len(s.model.Cart().Lines) == 0 {
		s.inform(s.t.T("pay.empty"))
		return
	}
	s.showsSlip = false
	s.notice.clear()
	s.askTender("")
	s.goTo(PayScreen)
}

func (s *Shell) askTender(refused string) {
	f := s.payment.sale
	total, paid := s.model.Cart().Total(), money.Fen(0)
	if f.ID != "" {
		total, paid = f.Total, f.Paid()
	}
	s.pay.ShowAsk(pay.Ask{Total: total, Paid: paid, Due: s.due(), Refused: refused})
}

// leavePay goes back to the cart. A sale that is frozen already is given up,
// and cash counted for it goes back to the customer.
func (s *Shell) leavePay() {
	if s.payment.busy {
		return
	}
	frozen := s.payment.sale
	if frozen.ID == "" {
		s.home()
		return
	}
	if s.payment.resumed {
		s.over()
		s.home()
		s.readTray()
		return
	}
	s.payment.busy = true
	s.payment.began, s.payment.amount, s.payment.cancelling = s.p.Now(), frozen.Total, true
	turn, by := s.payment.turn, s.p.Actor()
	s.background(func(ctx context.Context) {
		over, err := s.p.Desk.Void(ctx, by, frozen.ID, "given up at the counter")
		s.later(func() { s.voided(turn, over, err) })
	})
}

func (s *Shell) voided(turn int, over checkout.Sale, err error) {
	if turn != s.payment.turn {
		return
	}
	s.payment.busy, s.payment.cancelling = false, false
	if err != nil {
		s.fault(err)
		return
	}
	s.over()
	s.home()
	s.p.Saver.Save(s.model.Cart())
	s.handBack(over)
	s.givingBack(over)
}

// givingBack says that a provider is giving money back. It needs nobody at the
// counter; the tray has it if it fails.
func (s *Shell) givingBack(sale checkout.Sale) {
	if sale.State == checkout.Compensating {
		s.inform(s.t.T("pay.givingBack", "amount", sale.Paid().String()))
	}
}

// payCash takes cash for all that is due.
func (s *Shell) payCash(handed money.Fen) { s.tender(checkout.Tender{Cash: handed}) }

// payCode charges a payment code with what is due, or with what the cash typed
// on the pay screen leaves.
func (s *Shell) payCode(code string) { s.tender(s.besideCash(checkout.Tender{Code: code})...) }

// besideCash puts the cash typed on the pay screen before a tender that takes
// what it leaves.
func (s *Shell) besideCash(rest checkout.Tender) []checkout.Tender {
	if s.screen == PayScreen {
		if handed, ok := s.pay.Handed(); ok && handed > 0 {
			return []checkout.Tender{{Cash: handed}, rest}
		}
	}
	return []checkout.Tender{rest}
}

// tender begins a payment, or offers a further tender for a sale whose last
// one was refused.
func (s *Shell) tender(tenders ...checkout.Tender) {
	if s.payment.busy || s.slipped(cashOf(tenders)) {
		return
	}
	if code := codeOf(tenders); code != "" {
		s.use(code)
	}
	pm := &s.payment
	pm.turn++
	pm.busy, pm.cancelling, pm.kept, pm.from, pm.told = true, false, false, s.screen, nil
	pm.began, pm.amount = s.p.Now(), s.due()
	pm.qr = offered{meant: tenders[len(tenders)-1].QR}
	if byCode(tenders) {
		pm.amount -= cashOf(tenders)
	}
	s.notice.clear()
	s.showsSlip = false
	turn, cart, frozen, by := pm.turn, s.model.Cart(), pm.sale.ID, s.p.Actor()
	s.background(func(ctx context.Context) { s.carryOut(ctx, turn, cart, frozen, by, tenders) })
	if byCode(tenders) {
		s.showPayment()
		s.goTo(PayScreen)
		s.tell(EventPaying, checkout.Sale{}, "")
	}
}

func cashOf(tenders []checkout.Tender) money.Fen {
	var cash money.Fen
	for _, t := range tenders {
		cash += t.Cash
	}
	return cash
}

func codeOf(tenders []checkout.Tender) string {
	return tenders[len(tenders)-1].Code // cash comes before it
}

// byCode reports that a wallet pays, by the customer's code or by ours.
func byCode(tenders []checkout.Tender) bool {
	return codeOf(tenders) != "" || tenders[len(tenders)-1].QR
}

// slipped refuses cash that nobody hands over before the screen changes, so
// that what was typed is left to be mended.
func (s *Shell) slipped(cash money.Fen) bool {
	err := checkout.CheckCash(cash, s.due())
	if err != nil {
		s.fault(err)
	}
	return err != nil
}

// ended is how a tender went.
type ended struct {
	sale   checkout.Sale
	code   string // offered; nothing was sent where the sale is not frozen
	frozen bool   // the sale is on record: err is about its payment, not its start
	err    error
}

func (s *Shell) ended(turn int, e ended) {
	if turn != s.payment.turn {
		return
	}
	s.payment.busy = false
	s.notice.clear() // what was said about the wait is over with it
	switch {
	case !e.frozen:
		s.unuse(e.code)
		s.notBegun(e.err)
	case e.sale.State == checkout.Complete:
		s.completed(e.sale)
	case e.sale.State == checkout.Unsettled:
		s.setAside(e.sale)
	case e.sale.State == checkout.Voided:
		s.over()
		s.home()
		s.handBack(e.sale)
	default:
		s.refused(e)
	}
	s.readTray()
}

// notBegun returns to where the tender was offered: nothing was recorded and
// nothing sent.
func (s *Shell) notBegun(err error) {
	if s.payment.sale.ID != "" || s.payment.from == PayScreen {
		s.askTender("")
		s.goTo(PayScreen)
	} else {
		s.home()
	}
	s.fault(err)
}

// completed shows the receipt and is ready for the next customer.
func (s *Shell) completed(done checkout.Sale) {
	s.nextCustomer()
	s.receipt.Show(done)
	s.showsSlip = true
	s.goTo(SaleScreen)
	s.tell(EventComplete, done, "")
}

// nextCustomer puts a sale that is done with away. The cart of a sale from the
// tray was put away long ago; the one on the till is somebody else's.
func (s *Shell) nextCustomer() {
	if !s.payment.resumed {
		s.dated = dated{}
		s.model.Next(s.p.NewID())
	}
	s.over()
}

// refused says why and asks for another code or cash.
func (s *Shell) refused(e ended) {
	s.payment.sale = e.sale
	why := ""
	if n := len(e.sale.Legs); n > 0 {
		why = s.legRefused(e.sale.Legs[n-1])
	}
	if e.err != nil {
		why = s.t.Fault(e.err)
	}
	s.askTender(why)
	s.goTo(PayScreen)
	s.tell(EventRefused, e.sale, why)
}

// legRefused is why a leg did not pay, in one sentence.
func (s *Shell) legRefused(l checkout.Leg) string {
	if l.State == checkout.Reversed {
		return s.t.T("pay.reversed")
	}
	if hint := "hint." + checkout.Hint(l); s.t.Has(hint) {
		return strings.TrimSpace(s.t.T(hint, "message", l.Reason.Message))
	}
	if key := "reason." + l.Reason.Code; l.Reason.Code != "" && s.t.Has(key) {
		return s.t.T(key, "message", l.Reason.Message)
	}
	if l.Reason.Message != "" {
		return s.t.T("pay.refusedWhy", "message", l.Reason.Message)
	}
	return s.t.T("pay.refused")
}

// setAside frees the till: the sale waits in the tray.
func (s *Shell) setAside(f checkout.Sale) {
	s.nextCustomer()
	s.home()
	s.warn(s.t.T("pay.aside", "amount", f.Total.String()), choice{s.t.T("tray.open"), "F6", s.openTray})
	s.tell(EventAside, f, "")
}

func (s *Shell) keepWaiting() {
	s.payment.kept = true
	s.showPayment()
}

// cancelPayment asks the desk to give the open leg up. What is proven paid
// before its reversal begins still counts as paid.
func (s *Shell) cancelPayment() {
	if id := s.payment.sale.ID; id != "" {
		s.payment.cancelling = true
		s.p.Desk.Cancel(id)
		s.showPayment()
	}
}

// showPayment shows a payment that is on its way: a code of ours while the
// customer may scan it, the state of the payment otherwise.
func (s *Shell) showPayment() {
	pm := &s.payment
	if s.offering() {
		s.showOffer()
		return
	}
	w := pay.Working{
		State: checkout.Intent, Amount: pm.amount, QR: pm.qr.meant, Cancelling: pm.cancelling, Kept: pm.kept,
		Seconds: int(s.p.Now().Sub(pm.began) / time.Second),
	}
	if l, open := pm.sale.OpenLeg(); open {
		w.State = l.State
	}
	s.pay.ShowWorking(w)
}

func (s *Shell) tickPayment() {
	if s.payment.busy && s.screen == PayScreen {
		s.showPayment()
	}
}

// updated follows the desk: the state of the open leg, and what is in the tray.
func (s *Shell) updated(u checkout.Update) {
	if s.payment.busy {
		if s.payment.told == nil {
			s.payment.told = map[string]checkout.Update{}
		}
		s.payment.told[u.Sale.ID] = u
		if u.Sale.ID == s.payment.sale.ID {
			s.follow(u)
		}
	}
	if u.Trouble != nil {
		s.fault(u.Trouble)
	}
	s.handBack(u.Sale)
	s.readTray()
}
