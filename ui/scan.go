package ui

import (
	"slices"
	"time"

	"cashier/services/catalog"
	"cashier/services/fault"
	"cashier/services/scancode"
	"cashier/ui/theme"
)

// usedCode is a payment or card code that was acted on. It is in memory only.
type usedCode struct {
	code string
	at   time.Time
}

// How long and how many used codes are remembered: longer than a code lives,
// fewer than a day's customers.
const (
	usedFor  = 10 * time.Minute
	usedMost = 32
)

func (s *Shell) use(code string) {
	s.used = append(s.used, usedCode{code, s.p.Now()})
	if len(s.used) > usedMost {
		s.used = s.used[1:]
	}
}

// unuse forgets a code that was not sent after all.
func (s *Shell) unuse(code string) {
	s.used = slices.DeleteFunc(s.used, func(u usedCode) bool { return u.code == code })
}

func (s *Shell) situation() scancode.Situation {
	at := scancode.Situation{Cart: scancode.Cart{
		Lines: len(s.bought().Lines), Due: s.due(), Locked: s.payment.sale.ID != "",
	}}
	switch {
	case s.payment.busy || s.redeeming.busy:
		at.Mode = scancode.WaitingMode
	case s.screen == PayScreen:
		at.Mode = scancode.PayMode
	case s.screen == RedeemScreen:
		at.Mode = scancode.RedeemMode
	case s.screen == TrayScreen, s.screen == PricesScreen:
		at.Mode = scancode.SearchMode
	}
	now := s.p.Now()
	s.used = slices.DeleteFunc(s.used, func(u usedCode) bool { return now.Sub(u.at) > usedFor })
	for _, u := range s.used {
		at.Used = append(at.Used, u.code)
	}
	return at
}

// arrived takes what a scanner read.
func (s *Shell) arrived(scan Scan) {
	s.awake()
	if s.settingUp() {
		s.tested(scan)
		return
	}
	if scan.Rejected != nil {
		s.bar.scanned(s.t.T("scan.rejected"))
		s.fault(scan.Rejected)
		return
	}
	s.scanned(scan.Code)
}

// scanned takes a code wherever it came from and whatever the screen shows.
func (s *Shell) scanned(code string) {
	if s.settingUp() {
		s.tested(Scan{Code: code})
		return
	}
	d := s.p.Codes.Decide(s.situation(), code)
	s.bar.scanned(s.taken(d))
	switch {
	case d.Intent == scancode.SignIn:
		s.badge(d.Reading.Code)
		return
	case s.guard.locked:
		s.guard.kept.Set(s.t.T("staff.scanLater"), theme.Warning)
		return
	}
	s.notice.clear()
	s.dropSheets()
	s.act(d)
}

// taken is what a code was taken for, as the status bar shows it.
func (s *Shell) taken(d scancode.Decision) string {
	shown := d.Reading.Shown()
	switch d.Reading.Kind {
	case scancode.Goods, scancode.Label:
		if ps := s.products(d.Reading); len(ps) == 1 {
			return s.t.T("scan.taken", "code", shown, "what", ps[0].Name)
		}
	default:
	}
	return s.t.T("scan.taken", "code", shown, "what", s.t.T("scan.kind."+d.Reading.Kind.String()))
}

// products are the products a reading names.
func (s *Shell) products(r scancode.Reading) []catalog.Product {
	ix := s.p.Catalog.Index()
	if r.Kind == scancode.Label {
		return ix.ByCode(r.Label.PLU)
	}
	return ix.ByCode(r.Code)
}

// act carries a decision out.
func (s *Shell) act(d scancode.Decision) {
	switch d.Intent {
	case scancode.Redeem, scancode.AskRepeat, scancode.Wait, scancode.Refuse, scancode.NeedCart:
	default:
		if s.denied() {
			return
		}
	}
	switch d.Intent {
	case scancode.AddGoods:
		s.addScanned(d.Reading)
	case scancode.PayTotal:
		s.payScanned(d)
	case scancode.OpenPay:
		s.openPay()
		s.say(d.Reason)
	case scancode.Redeem:
		s.lookAt(d.Reading.Code, d.Reading.Shown())
	case scancode.IdentifyMember:
		s.inform(s.t.T("scan.memberLater"), choice{s.t.T("sale.member"), "F3", s.toggleMember})
	case scancode.AskWhich:
		s.askWhich(d)
	case scancode.AskRepeat:
		s.askRepeat(d)
	case scancode.Teach:
		s.unknown(d)
	case scancode.Search:
		s.foundElsewhere(d)
	case scancode.Wait:
		s.waits(d)
	case scancode.SignIn:
		s.badge(d.Reading.Code)
	case scancode.Refuse, scancode.NeedCart:
		s.say(d.Reason)
	}
}

func (s *Shell) say(reason *fault.Error) {
	if reason != nil {
		s.fault(reason)
	}
}

// addScanned puts a scanned product into the cart, on the sale screen unless
// the customer is about to pay.
func (s *Shell) addScanned(r scancode.Reading) {
	ps := s.products(r)
	if len(ps) != 1 {
		return
	}
	s.showsSlip = false
	if s.screen != PayScreen {
		s.goTo(SaleScreen)
	}
	if r.Kind == scancode.Label {
		s.addLabel(ps[0], r.Label)
		return
	}
	s.add(ps[0])
}

// addLabel adds what a shop's own label says. A label that states only an
// amount is refused: the line would have to be priced backwards.
func (s *Shell) addLabel(p catalog.Product, l scancode.LabelContent) {
	if l.Weight <= 0 {
		s.warn(s.t.T("scan.amountLabel", "name", p.Name))
		return
	}
	s.weighed(p, l.Weight)
}

// payScanned charges a payment code, unless a line still waits for its weight:
// the total would be too low.
func (s *Shell) payScanned(d scancode.Decision) {
	if s.holding() {
		s.warn(s.t.T("scan.weighFirst"))
		return
	}
	s.payCode(d.Reading.Code)
}

// unknown offers to search for a code nobody knows.
func (s *Shell) unknown(d scancode.Decision) {
	code := d.Reading.Code
	s.fault(d.Reason, choice{s.t.T("sale.find"), "F2", func() {
		s.notice.clear()
		s.home()
		s.shelf.Search(code)
		s.shelf.Focus()
	}})
}

// foundElsewhere is a product scanned on a screen that sells nothing: the next
// customer is here.
func (s *Shell) foundElsewhere(d scancode.Decision) {
	if ps := s.products(d.Reading); s.screen == PricesScreen {
		if len(ps) == 1 {
			s.desk.Scanned(ps[0])
			return
		}
		s.desk.Find(d.Reading.Code)
		return
	}
	s.home()
	if len(s.products(d.Reading)) == 1 {
		s.addScanned(d.Reading)
		return
	}
	s.shelf.Search(d.Reading.Code)
}
