package ui

import (
	"context"
	"time"

	"cashier/services/checkout"
	"cashier/services/redeem"
	redeemui "cashier/ui/redeem"
)

// redeeming is the card at the counter.
type redeeming struct {
	turn  int  // drops what an earlier card still says
	busy  bool // the one call is on its way
	began time.Time
}

// todayLimit bounds how many of the day's sales are read for the list.
const todayLimit = 400

func (s *Shell) openRedeem() {
	if s.payment.busy || s.payment.sale.ID != "" || s.redeeming.busy {
		s.warn(s.t.T("pay.locked"))
		return
	}
	s.showsSlip = false
	if s.card.State() != redeemui.Ready {
		s.card.ShowWaiting()
	}
	s.goTo(RedeemScreen)
	s.readToday()
}

// lookAt reads a card and shows it. shown is its code as it may be shown.
func (s *Shell) lookAt(code, shown string) {
	if s.payment.sale.ID != "" {
		s.warn(s.t.T("pay.locked"))
		return
	}
	s.redeeming.turn++
	turn := s.redeeming.turn
	s.showsSlip = false
	s.card.ShowReading(shown)
	s.goTo(RedeemScreen)
	s.readToday()
	s.background(func(ctx context.Context) {
		var v redeem.View
		err := s.ableToTakeCodes()
		if err == nil {
			v, err = s.p.Redeem.Look(ctx, code)
		}
		s.later(func() { s.looked(turn, v, err) })
	})
}

func (s *Shell) looked(turn int, v redeem.View, err error) {
	if turn != s.redeeming.turn {
		return
	}
	if err != nil {
		s.card.ShowWaiting()
		s.fault(err)
		return
	}
	s.card.ShowCard(v)
	s.tell(EventCard, checkout.Sale{}, v.Card.Name)
}

// redeem takes the times off: the one call that is never repeated.
func (s *Shell) redeem(v redeem.View, count int64) {
	if s.redeeming.busy {
		return
	}
	r := &s.redeeming
	r.turn++
	r.busy, r.began = true, s.p.Now()
	s.use(v.Card.No)
	s.notice.clear()
	s.card.ShowWorking(0)
	turn, by := r.turn, s.p.Actor()
	s.background(func(ctx context.Context) {
		if err := s.ableToTakeCodes(); err != nil {
			s.later(func() {
				s.unuse(v.Card.No)
				s.redeemed(turn, v, checkout.Sale{}, -1, err)
			})
			return
		}
		sale, err := s.p.Redeem.Redeem(ctx, by, v, count)
		remaining := int64(-1)
		if err == nil && sale.State == checkout.Complete {
			remaining = s.remaining(ctx, v, count)
		}
		s.later(func() { s.redeemed(turn, v, sale, remaining, err) })
	})
}

// remaining asks the provider what is left; where it cannot say, the figure
// before is counted down, and -1 where there was none.
func (s *Shell) remaining(ctx context.Context, v redeem.View, count int64) int64 {
	if again, err := s.p.Redeem.Look(ctx, v.Card.No); err == nil && again.Readable {
		return again.Card.Remaining
	}
	if v.Readable {
		return v.Card.Remaining - count
	}
	return -1
}

func (s *Shell) redeemed(turn int, v redeem.View, sale checkout.Sale, remaining int64, err error) {
	if turn != s.redeeming.turn {
		return
	}
	s.redeeming.busy = false
	switch {
	case err != nil:
		s.card.ShowCard(v)
		s.fault(err)
	case sale.State == checkout.Complete:
		s.card.ShowDone(sale, remaining)
		s.tell(EventRedeemed, sale, "")
	case sale.State == checkout.Unsettled:
		s.card.ShowWaiting()
		s.warn(s.t.T("redeem.aside"), choice{s.t.T("tray.open"), "F6", s.openTray})
		s.tell(EventAside, sale, "")
	default:
		s.card.ShowCard(v)
		why := s.t.T("redeem.refused")
		if n := len(sale.Legs); n > 0 && sale.Legs[n-1].Reason.Message != "" {
			why = s.t.T("redeem.refusedWhy", "message", sale.Legs[n-1].Reason.Message)
		}
		s.warn(why)
		s.tell(EventRefused, sale, why)
	}
	s.readToday()
	s.readTray()
}

func (s *Shell) tickRedeem() {
	if s.redeeming.busy && s.screen == RedeemScreen {
		s.card.ShowWorking(int(s.p.Now().Sub(s.redeeming.began) / time.Second))
	}
}

// readToday lists the day's redemptions.
func (s *Shell) readToday() {
	now := s.p.Now().In(s.p.Zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, s.p.Zone)
	s.background(func(ctx context.Context) {
		sales, err := s.p.History.Sales(ctx, midnight, todayLimit)
		s.later(func() {
			if err != nil {
				s.fault(err)
				return
			}
			s.today.Show(sales)
		})
	})
}
