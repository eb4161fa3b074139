package ui_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui"
)

const ourCode = "weixin://wxpay/bizpayurl?pr=NwY5Mz9"

// becomes plays the provider: the open leg of a sale is in a state, and the
// customer may pay it by qr.
func (r *rig) becomes(id string, state checkout.State, qr string) {
	r.desk.mu.Lock()
	s := r.desk.sales[id]
	s.Legs = slices.Clone(s.Legs)
	s.Legs[len(s.Legs)-1].State = state
	r.desk.sales[id] = s
	r.desk.mu.Unlock()
	r.updates.f(checkout.Update{Sale: s, QR: qr})
	r.settle()
}

// shown sells a bottle for 3.50 and shows a code of ours for it.
func shown(t *testing.T, changes ...change) *rig {
	t.Helper()
	r := newRig(t, offers(), changes...)
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyF8)
	r.begun("sale1")
	if r.shell.Code() != "" {
		t.Fatal("a code is shown before there is one")
	}
	r.becomes("sale1", checkout.Pending, ourCode)
	if e := r.until(ui.EventQR); e.Text != ourCode || r.shell.Code() != ourCode {
		t.Fatalf("%q is told and %q is shown", e.Text, r.shell.Code())
	}
	return r
}

// sees reports whether the window shows words, wherever their lines break.
func (r *rig) sees(words string) bool {
	all := ""
	for _, i := range inks(r.shell.Content(), fyne.Position{}, 0, 768) {
		all += i.text
	}
	return strings.Contains(all, words)
}

func TestACustomerPaysByOurCode(t *testing.T) {
	r := shown(t)
	if s := r.desk.started(); len(s) != 1 || !slices.Equal(s[0].tenders, []checkout.Tender{{QR: true}}) {
		t.Fatalf("%+v", s)
	}
	for _, words := range []string{"微信或支付宝", "¥3.50", "还可等 90 秒", "取消收款"} {
		if !r.sees(words) {
			t.Errorf("%q is not to be seen", words)
		}
	}
	r.seconds(30)
	if !r.sees("还可等 60 秒") {
		t.Error("the clock stands")
	}
	r.becomes("sale1", checkout.Unknown, ourCode) // a query that got no answer
	if r.shell.Code() != ourCode || !r.sees("暂时没有答复") {
		t.Error("a code that may still be paid is not shown, or nothing is said of the silence")
	}
	r.desk.end("sale1", checkout.Paid, checkout.Complete, "")
	if e := r.until(ui.EventComplete); e.Sale.ID != "sale1" || !r.shell.ShowsReceipt() || r.shell.Code() != "" {
		t.Errorf("%+v, receipt %v, code %q", e.Sale, r.shell.ShowsReceipt(), r.shell.Code())
	}
}

func TestTheCodeIsForTheWalletThatCanPayIt(t *testing.T) {
	r := shown(t, func(p *ui.Params, _ *rig) { p.Wallet = "ALIPAY" })
	if !r.sees("请顾客用支付宝扫描") || r.sees("微信") {
		t.Error("another wallet is named")
	}
}

// Cash that was counted comes first; the code is for the rest.
func TestOurCodeTakesWhatCashLeaves(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.types("2")
	r.key(fyne.KeyF8)
	r.begun("sale1")
	r.becomes("sale1", checkout.Pending, ourCode)
	r.until(ui.EventQR)
	if s := r.desk.started(); !slices.Equal(s[0].tenders, []checkout.Tender{{Cash: 200}, {QR: true}}) {
		t.Errorf("%+v", s)
	}
	if !r.sees("¥1.50") || !r.sees("已收 ¥2.00") {
		t.Error("the parts of the payment are not to be seen")
	}
}

// Nothing is left for a code once the cash is enough.
func TestNoCodeForNothing(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.types("5")
	r.key(fyne.KeyF8)
	if s := r.desk.started(); len(s) != 0 || r.shell.Busy() {
		t.Errorf("%+v", s)
	}
}

// A scan beside the code charges nothing, says so beside the code, and is good
// again as soon as that is cancelled.
func TestAPaymentCodeBesideOurs(t *testing.T) {
	r := shown(t)
	r.events = nil
	r.scan(code1)
	if e := r.until(ui.EventNotice); !strings.Contains(e.Text, "没有收款") || !strings.Contains(e.Text, "Esc") || !r.sees("没有收款") {
		t.Errorf("it says %q", e.Text)
	}
	if n := len(r.desk.started()); n != 1 || r.shell.Code() != ourCode || r.shell.Notice() != "" {
		t.Fatalf("%d payments, code %q, and over it: %q", n, r.shell.Code(), r.shell.Notice())
	}
	r.scan("6902")
	r.total("3.50")
	r.key(fyne.KeyReturn) // no key but Escape does anything
	r.key(fyne.KeyF8)
	r.key(fyne.KeyEscape)
	if len(r.desk.cancels) != 1 || r.shell.Code() != "" || !r.sees("正在取消收款") {
		t.Fatalf("cancels %v, code %q", r.desk.cancels, r.shell.Code())
	}
	r.becomes("sale1", checkout.Pending, ourCode) // what the desk says before it has heard
	if r.shell.Code() != "" {
		t.Error("a code that is being cancelled is shown again")
	}
	r.desk.end("sale1", checkout.Reversed, checkout.Tendering, "")
	r.until(ui.EventRefused)
	r.scan(code1)
	r.until(ui.EventPaying)
	if s := r.shell.Sheet(); s != "" {
		t.Errorf("it asks %q about a code that was not used", s)
	}
}

// What nobody may pay any more is not there to be scanned.
func TestACodeThatIsOverIsTakenAway(t *testing.T) {
	r := shown(t)
	r.becomes("sale1", checkout.Reversing, "")
	if r.shell.Code() != "" || !r.shell.Busy() {
		t.Errorf("code %q, busy %v", r.shell.Code(), r.shell.Busy())
	}
	r.seconds(91)
	r.desk.end("sale1", checkout.Reversing, checkout.Unsettled, "")
	r.until(ui.EventAside)
	r.until(ui.EventTray)
	if len(r.shell.Open()) != 1 || r.shell.Busy() || len(r.shell.Cart().Lines) != 0 {
		t.Errorf("open %v, busy %v", r.shell.Open(), r.shell.Busy())
	}
}

// The desk may tell of the code before it has returned the sale, and of other
// sales in between.
func TestACodeThatIsToldEarlyIsShown(t *testing.T) {
	r := newRig(t, offers())
	r.desk.early = func(s checkout.Sale) {
		s.Legs = slices.Clone(s.Legs)
		s.Legs[0].State = checkout.Pending
		r.updates.f(checkout.Update{Sale: s, QR: ourCode})
		r.updates.f(checkout.Update{Sale: checkout.Sale{ID: "another"}})
	}
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyF8)
	r.until(ui.EventQR)
	if r.shell.Code() != ourCode {
		t.Errorf("code %q", r.shell.Code())
	}
}

// Nobody can pay by a code that cannot be drawn.
func TestACodeThatCannotBeDrawnIsCancelled(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.key(fyne.KeyF8)
	r.begun("sale1")
	r.events = nil
	r.becomes("sale1", checkout.Pending, strings.Repeat("长", 1000))
	if e := r.until(ui.EventNotice); !strings.Contains(e.Text, "正在取消") || len(r.desk.cancels) != 1 || r.shell.Code() != "" {
		t.Errorf("it says %q, cancels %v, code %q", e.Text, r.desk.cancels, r.shell.Code())
	}
}

// A till that cannot take codes begins no sale by one of ours.
func TestNoCodeFromATillThatCannot(t *testing.T) {
	r := newRig(t, offers())
	r.ability.becomes(fault.New(fault.Invalid, "liantuofu.not_set_up", "Liantuofu is not set up."))
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.events = nil
	r.key(fyne.KeyF8)
	r.until(ui.EventNotice)
	if s := r.desk.started(); len(s) != 0 || r.shell.Busy() || r.shell.Screen() != ui.PayScreen {
		t.Errorf("%+v, busy %v, on %v", s, r.shell.Busy(), r.shell.Screen())
	}
}

// A key that is held orders one code, even where that is refused at once.
func TestAHeldKeyOrdersOneCode(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.desk.refuse = fault.New(fault.Invalid, "liantuofu.not_set_up", "Liantuofu is not set up.")
	r.shell.Down(fyne.KeyF8)
	for range 3 {
		r.events = nil
		r.key(fyne.KeyF8)
		r.quiet()
	}
	if n := len(r.desk.started()); n != 1 {
		t.Errorf("%d orders", n)
	}
}
