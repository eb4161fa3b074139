package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/ui/theme"
	"cashier/ui/tray"
	"cashier/ui/widgets"
)

func (s *Shell) openTray() {
	if s.denied() {
		return
	}
	if s.payment.busy || s.redeeming.busy || s.payment.sale.ID != "" {
		s.warn(s.t.T("pay.locked"))
		return
	}
	s.showsSlip = false
	s.notice.clear()
	s.goTo(TrayScreen)
	s.readTray()
}

// readTray reads which payments are open, without the sale at the counter:
// its state is on the screen already.
func (s *Shell) readTray() {
	s.trayRead = s.p.Now()
	s.background(func(ctx context.Context) {
		legs, err := s.p.Desk.Unresolved(ctx)
		s.later(func() {
			if err != nil {
				s.fault(err)
				return
			}
			front := s.payment.sale.ID
			s.open = slices.DeleteFunc(legs, func(l checkout.Leg) bool { return front != "" && l.SaleID == front })
			s.tray.Show(s.open)
			s.bar.tick()
			s.lateMoney(s.open)
			s.tell(EventTray, checkout.Sale{}, "")
		})
	})
}

// Open are the payments whose outcome is not known, oldest first.
func (s *Shell) Open() []checkout.Leg { return s.open }

func (s *Shell) queryLeg(key string) {
	s.tray.Asking(key)
	late := slices.ContainsFunc(s.open, func(l checkout.Leg) bool { return l.Key == key && tray.Late(l) })
	s.background(func(ctx context.Context) {
		l, err := s.p.Desk.Query(ctx, key)
		s.later(func() {
			s.tray.Asking("")
			switch {
			case err != nil:
				s.fault(err)
			case late: // its own state ended long ago
				s.inform(s.t.T("tray.lateAsked"))
			default:
				state, _ := tray.Words(s.t, l)
				s.inform(s.t.T("tray.now", "state", state))
			}
			s.readTray()
		})
	})
}

// goOn takes up a sale that is partly paid, for the customer who is back at the
// counter. The goods in the cart, if there are any, are somebody else's.
func (s *Shell) goOn(l checkout.Leg) {
	if len(s.model.Cart().Lines) > 0 {
		s.warn(s.t.T("tray.cartFirst"))
		return
	}
	s.background(func(ctx context.Context) {
		sale, err := s.p.Desk.Sale(ctx, l.SaleID)
		s.later(func() {
			if err != nil {
				s.fault(err)
				return
			}
			s.payment = payment{turn: s.payment.turn + 1, sale: sale, resumed: true}
			s.notice.clear()
			s.paintCart()
			s.askTender("")
			s.goTo(PayScreen)
		})
	})
}

// giveUp gives the money of a partly paid sale back.
func (s *Shell) giveUp(l checkout.Leg) {
	s.allowed(access.Void, l.SaleID, func(by access.Actor) { s.giveUpBy(by, l) })
}

func (s *Shell) giveUpBy(by access.Actor, l checkout.Leg) {
	s.background(func(ctx context.Context) {
		sale, err := s.p.Desk.Void(ctx, by, l.SaleID, "given up in the tray")
		s.later(func() {
			if err != nil {
				s.fault(err)
			} else {
				s.givingBack(sale)
			}
			s.readTray()
		})
	})
}

// askResolve settles a payment by hand, with a reason that stays in the audit
// trail.
func (s *Shell) askResolve(l checkout.Leg, as checkout.State) {
	s.askWhy(l, tray.As(s.t, l, string(as)), "tray.reasonHint", "tray.settle", func(why string) { s.resolve(l.Key, as, why) })
}

// askInCash settles late money that was squared in cash.
func (s *Shell) askInCash(l checkout.Leg) {
	s.askWhy(l, tray.As(s.t, l, tray.Cash), "tray.reasonHint", "tray.settle", func(why string) {
		s.allowed(access.Resolve, l.Key, func(by access.Actor) {
			s.settling(func(ctx context.Context) error {
				_, err := s.p.Desk.ResolveInCash(ctx, by, l.Key, why)
				return err
			})
		})
	})
}

// askRest gives the rest of a refund of which a part has gone back.
func (s *Shell) askRest(l checkout.Leg, cash bool) {
	key := "tray.rest"
	if cash {
		key = "tray.restCash"
	}
	s.askWhy(l, key, "tray.restHint", key, func(why string) { s.rest(l.SaleID, cash, why) })
}

func (s *Shell) rest(saleID string, cash bool, why string) {
	s.allowed(access.Refund, saleID, func(by access.Actor) { s.restBy(by, saleID, cash, why) })
}

func (s *Shell) restBy(by access.Actor, saleID string, cash bool, why string) {
	s.background(func(ctx context.Context) {
		sale, err := s.p.Desk.RefundRest(ctx, by, saleID, cash, why)
		if err == nil && sale.State != checkout.Complete {
			sale, err = s.p.Desk.Wait(ctx, sale.ID)
		}
		s.later(func() {
			switch {
			case err != nil:
				s.fault(err)
			case sale.State != checkout.Complete:
				s.warn(s.t.T("tray.restOpen"))
			case sale.HandOut() > 0:
				s.inform(s.t.T("tray.restHandOut", "amount", sale.HandOut().String()))
			default:
				s.inform(s.t.T("tray.restDone"))
			}
			s.readTray()
		})
	})
}

// askWhy asks for the reason of what is done about a leg. The title is the text
// key, what it means key.what.
func (s *Shell) askWhy(l checkout.Leg, key, hint, label string, do func(why string)) {
	var box *widgets.Entry
	var sheet *widgets.Sheet
	settle := func() {
		why := strings.TrimSpace(box.Text)
		if why == "" {
			s.warn(s.t.T("tray.needReason"))
			return
		}
		s.shut(sheet)
		do(why)
	}
	box = widgets.NewEntry(widgets.EntryParams{
		Hint: s.t.T(hint), Wedge: s.wedge, Keys: s, OnScan: s.scanned,
		OnEsc: func() { s.shut(sheet) },
	})
	sheet = &widgets.Sheet{
		Title: s.t.T(key), Width: 640, Text: box,
		Body: widgets.Col(theme.S3,
			widgets.Bold(tray.What(s.t, l), theme.Money, theme.Ink),
			widgets.NewPara(s.t.T(key+".what"), theme.Body, theme.Warning, 3),
			box,
			widgets.NewButton(widgets.ButtonParams{Label: s.t.T(label), Key: "Enter", Look: widgets.Primary, Height: 60, Size: theme.Title, Do: settle})),
		OnKey: func(k fyne.KeyName) {
			if k == fyne.KeyReturn || k == fyne.KeyEnter {
				settle()
			}
		},
	}
	s.lift(sheet)
}

func (s *Shell) resolve(key string, as checkout.State, why string) {
	s.allowed(access.Resolve, key, func(by access.Actor) {
		s.settling(func(ctx context.Context) error {
			_, err := s.p.Desk.Resolve(ctx, by, key, as, why)
			return err
		})
	})
}

// settling settles a leg by hand and says how that went.
func (s *Shell) settling(settle func(context.Context) error) {
	s.background(func(ctx context.Context) {
		err := settle(ctx)
		s.later(func() {
			if err != nil {
				s.fault(err)
			} else {
				s.inform(s.t.T("tray.settled"))
			}
			s.readTray()
		})
	})
}
