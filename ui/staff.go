package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"cashier/services/access"
	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui/staff"
	"cashier/ui/theme"
	"cashier/ui/widgets"
)

// guard is who may be at the till: the lock screen, and what the person who
// signed in sees.
type guard struct {
	panel   *staff.Panel
	view    *fyne.Container
	kept    *widgets.Para // what waits behind the lock
	locked  bool
	only    bool // the person redeems cards and sees nothing else
	touched time.Time
	staffed bool // people had to sign in when last asked
	turn    int  // drops what an earlier attempt still says
	approve *approving
	pin     *widgets.Sheet // asks for a new PIN
}

// approving is an act that waits for somebody to approve it.
type approving struct {
	sheet *widgets.Sheet
	panel *staff.Panel
}

func (s *Shell) buildGuard() error {
	g := &s.guard
	g.touched = s.p.Now()
	if s.p.Staff == nil {
		g.view = container.NewStack()
		return nil
	}
	var err error
	g.panel, err = staff.New(staff.Params{Text: s.t, People: s.p.Staff.People, Enter: s.enter, Renew: s.renew})
	if err != nil {
		return err
	}
	g.staffed = s.p.Staff.Staffed()
	g.kept = widgets.NewPara("", theme.Body, theme.Info, 2)
	title := s.t.T("staff.title")
	if s.p.Shop != "" {
		title = s.p.Shop + " · " + title
	}
	head := widgets.Row(theme.S3, widgets.Middle(widgets.Icon("lock", 36, theme.Accent)), widgets.Grow(widgets.Middle(widgets.NewPara(title, theme.Heading, theme.Ink, 1).Strong())))
	g.view = container.NewStack(widgets.Ground(theme.Page), widgets.Pad(theme.S5, widgets.Col(theme.S3,
		head, g.kept, widgets.Grow(widgets.Card(widgets.Pad(theme.S5, g.panel.CanvasObject))))))
	g.view.Hide()
	return nil
}

// Locked reports whether somebody has to sign in first.
func (s *Shell) Locked() bool { return s.guard.locked }

// awake notes that somebody is at the till.
func (s *Shell) awake() { s.guard.touched = s.p.Now() }

// paying reports that money of the customer at the counter is on its way, or
// taken in part: that sale belongs to whoever began it.
func (s *Shell) paying() bool { return s.Busy() || s.payment.sale.ID != "" && !s.payment.resumed }

// lock asks who is there. The cart stays as it is.
func (s *Shell) lock() {
	g := &s.guard
	if s.p.Staff == nil || g.locked || !s.p.Staff.Staffed() {
		return
	}
	s.dropApproval()
	if g.pin != nil { // it was for who is leaving
		s.shut(g.pin)
		g.pin = nil
	}
	s.p.Staff.SignOut()
	g.locked = true
	g.turn++
	g.panel.Ask()
	kept := ""
	if n := len(s.model.Cart().Lines); n > 0 {
		kept = s.t.T("staff.kept", "n", n)
	}
	g.kept.Set(kept, theme.Info)
	s.unfocus()
	s.front.Hide()
	s.overlay.Hide()
	g.view.Show()
	s.root.Refresh()
	s.tell(EventLocked, checkout.Sale{}, "")
}

// switchUser hands the till to somebody else.
func (s *Shell) switchUser() {
	switch {
	case s.p.Staff == nil || !s.p.Staff.Staffed():
		s.inform(s.t.T("staff.none"))
	case s.paying():
		s.warn(s.t.T("pay.locked"))
	default:
		s.lock()
	}
}

// enter proves who was chosen on the lock screen.
func (s *Shell) enter(who access.Person, pin string) {
	s.proving(func(ctx context.Context) (access.Actor, error) { return s.p.Staff.SignIn(ctx, who.ID, pin) }, s.guard.panel.Fail, nil)
}

// renew is enter for who wants another PIN: the present one proves who that is.
func (s *Shell) renew(who access.Person, pin string) {
	s.proving(func(ctx context.Context) (access.Actor, error) {
		return s.p.Staff.SignIn(ctx, who.ID, pin)
	}, s.guard.panel.Fail, s.askOwnPIN)
}

// askOwnPIN asks whoever has signed in for another PIN.
func (s *Shell) askOwnPIN() {
	who := s.p.Actor().Name
	s.askPIN(who, func(pin string, done func(error)) {
		s.background(func(ctx context.Context) {
			err := s.p.Staff.SetOwnPIN(ctx, pin)
			s.later(func() {
				if done(err); err == nil {
					s.inform(s.t.T("newPIN.kept", "name", who))
				}
			})
		})
	})
}

// askPIN asks for another PIN of somebody, twice and unseen.
func (s *Shell) askPIN(whose string, keep func(pin string, done func(error))) {
	var sheet *widgets.Sheet
	var panel *staff.NewPIN
	panel, err := staff.NewNewPIN(staff.NewPINParams{Text: s.t, Keep: func(pin string) {
		keep(pin, func(err error) {
			if err != nil {
				panel.Fail(s.t.Fault(err))
			} else {
				s.shut(sheet)
			}
			s.tell(EventStaff, checkout.Sale{}, whose)
		})
	}})
	if err != nil {
		s.fault(err)
		return
	}
	sheet = &widgets.Sheet{Title: s.t.T("newPIN.title", "name", whose), Width: 460, Body: panel.CanvasObject,
		OnKey: panel.Key, OnRune: panel.Rune, Snapshot: panel.Snapshot}
	s.guard.pin = sheet
	s.lift(sheet)
}

// staffChanged sees to it at once that whoever is at the till may be there.
func (s *Shell) staffChanged() {
	s.tickGuard()
	if s.setup != nil && s.screen == SettingsScreen && !s.guard.locked && !s.p.Actor().May(access.Setup) {
		s.lock()
	}
}

// badge takes a staff badge, on any screen. Where it needs its PIN, that is
// asked for.
func (s *Shell) badge(code string) {
	switch {
	case s.p.Staff == nil || !s.p.Staff.Staffed():
		s.inform(s.t.T("staff.none"))
		return
	case s.paying():
		s.warn(s.t.T("pay.locked"))
		return
	case s.guard.approve != nil:
		s.badgeApproves(code)
		return
	}
	s.proving(func(ctx context.Context) (access.Actor, error) {
		a, err := s.p.Staff.SignInByBadge(ctx, code)
		if fault.CodeOf(err) != "access.badge_pin" {
			return a, err
		}
		if p, unknown := s.p.Staff.Badge(code); unknown == nil {
			err = needsPIN{p}
		}
		return a, err
	}, func(why string) {
		if s.guard.locked {
			s.guard.panel.Fail(why)
			s.guard.kept.Set(why, theme.Danger)
			return
		}
		s.warn(why)
	}, nil)
}

// badgeApproves chooses whose badge it is among those who may approve.
func (s *Shell) badgeApproves(code string) {
	panel := s.guard.approve.panel
	switch p, err := s.p.Staff.Badge(code); {
	case err != nil:
		s.fault(err)
	case !panel.Offer(p.ID):
		s.warn(s.t.T("staff.cannotApprove", "name", p.Name))
	}
}

// needsPIN is a badge that says who somebody is and does not prove it.
type needsPIN struct{ who access.Person }

func (needsPIN) Error() string { return "a badge needs its PIN" }

// proving lets in whoever prove says it is; then, if there is one, follows.
func (s *Shell) proving(prove func(context.Context) (access.Actor, error), failed func(string), then func()) {
	s.guard.turn++
	turn := s.guard.turn
	s.background(func(ctx context.Context) {
		a, err := prove(ctx)
		s.later(func() {
			if turn != s.guard.turn {
				return
			}
			var pin needsPIN
			switch {
			case errors.As(err, &pin):
				s.lock()
				s.guard.panel.Choose(pin.who)
			case err != nil:
				failed(s.t.Fault(err))
			default:
				s.entered(a)
				if then != nil {
					then()
				}
			}
			s.tell(EventStaff, checkout.Sale{}, a.Name)
		})
	})
}

// entered lets a person at the till, to the screen that was left or, who may
// only redeem, to the cards.
func (s *Shell) entered(a access.Actor) {
	g := &s.guard
	g.locked = false
	g.panel.Ask() // nothing typed stays behind
	s.awake()
	g.view.Hide()
	s.front.Show()
	s.overlay.Show()
	was := g.only
	g.only = !a.May(access.Sell)
	s.card.Only(g.only)
	switch {
	case g.only:
		s.dropSheets()
		s.showsSlip = false
		s.goTo(RedeemScreen)
		s.readToday()
	case was, s.settingUp() && !a.May(access.Setup), s.screen == PricesScreen && !a.May(access.Prices):
		s.home()
	}
	s.bar.tick()
	s.root.Refresh()
	s.showSheet()
	s.inform(s.t.T("staff.welcome", "name", a.Name, "role", s.t.T("role."+string(a.Role))))
}

// denied says that who is at the till may not sell, and reports whether that is
// so.
func (s *Shell) denied() bool {
	if s.guard.only {
		s.fault(s.p.Actor().Demand(access.Sell))
	}
	return s.guard.only
}

func (s *Shell) tickGuard() {
	if s.p.Staff == nil {
		return
	}
	g := &s.guard
	if g.approve != nil {
		g.approve.panel.Tick()
	}
	was := g.staffed
	g.staffed = s.p.Staff.Staffed()
	switch {
	case g.staffed && !was && !g.locked && !s.p.Actor().Somebody() && !s.paying():
		s.lock()
		g.kept.Set(s.t.T("staff.first"), theme.Info)
		g.kept.Refresh()
	case g.locked:
		g.panel.Tick()
		if !s.p.Staff.Staffed() { // nobody is left who could sign in
			s.entered(s.p.Actor())
		}
	case !s.p.Staff.Staffed(), s.paying():
	case !s.p.Actor().Somebody():
		s.lock()
	default:
		if after := s.p.Staff.LockAfter(); after > 0 && s.p.Now().Sub(g.touched) >= after {
			s.lock()
		}
	}
}

// allowed carries an act about a subject out by whoever is at the till, or, where
// that one may not, once somebody else has approved it.
func (s *Shell) allowed(r access.Right, subject string, do func(by access.Actor)) {
	by := s.p.Actor()
	if by.May(r) || s.p.Staff == nil {
		do(by)
		return
	}
	if len(s.p.Staff.Approvers(by, r)) == 0 {
		s.fault(by.Demand(r))
		return
	}
	panel, err := staff.New(staff.Params{
		Text: s.t, Label: s.t.T("staff.approve"),
		People: func() []access.Person { return s.p.Staff.Approvers(by, r) },
		Enter:  func(who access.Person, pin string) { s.askApproval(by, who, pin, r, subject, do) },
	})
	if err != nil {
		s.fault(err)
		return
	}
	sheet := &widgets.Sheet{
		Title: s.t.T("staff.approveTitle", "what", s.t.T("right."+string(r))), Width: 760,
		Body: widgets.Col(theme.S3, widgets.NewPara(s.t.T("staff.approveWhat", "name", by.Name), theme.Body, theme.Quiet, 2),
			widgets.Least(0, 540, panel.CanvasObject)),
		OnKey: panel.Key, OnRune: panel.Rune, Snapshot: panel.Snapshot,
		OnEsc: func() { s.guard.approve = nil },
	}
	s.guard.approve = &approving{sheet, panel}
	s.lift(sheet)
}

func (s *Shell) askApproval(by access.Actor, who access.Person, pin string, r access.Right, subject string, do func(access.Actor)) {
	waits := s.guard.approve
	s.background(func(ctx context.Context) {
		let, err := s.p.Staff.Approve(ctx, by, who.ID, pin, r, subject)
		s.later(func() {
			if waits == nil || s.guard.approve != waits { // nobody waits for it any more
				return
			}
			if err != nil {
				waits.panel.Fail(s.t.Fault(err))
			} else {
				s.dropApproval()
				do(let)
			}
			s.tell(EventStaff, checkout.Sale{}, who.Name)
		})
	})
}

func (s *Shell) dropApproval() {
	if a := s.guard.approve; a != nil {
		s.guard.approve = nil
		s.shut(a.sheet)
	}
}

// Guard is what the lock screen or the approval asks for: whose PIN, and what it
// says about it.
func (s *Shell) Guard() (whose, says string) {
	panel := s.guard.panel
	if s.guard.approve != nil {
		panel = s.guard.approve.panel
	}
	if panel == nil {
		return "", ""
	}
	return panel.Chosen(), panel.Says()
}
