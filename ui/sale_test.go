package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/checkout"
	"cashier/services/fault"
	"cashier/ui"
	"cashier/ui/text"
)

const (
	code1 = "131234567890123456"
	code2 = "131234567890123457"
	card1 = "914095353294404024"
)

// A mobile-paid sale needs no key at all, and neither does the next customer.
func TestMobilePaidSaleNeedsNoKey(t *testing.T) {
	r := newRig(t, offers())
	for _, c := range []string{"6901", "6902", "6903"} {
		r.scan(c)
	}
	r.total("8.70")
	r.scan(code1)
	r.until(ui.EventPaying)
	r.begun("sale1")
	r.desk.end("sale1", checkout.Paid, checkout.Complete, "")
	e := r.until(ui.EventComplete)
	if e.Sale.State != checkout.Complete || e.Sale.Total != 870 {
		t.Errorf("sale: %+v", e.Sale)
	}
	if got := r.desk.started(); len(got) != 1 || len(got[0].cart.Lines) != 3 || got[0].tenders[0].Code != code1 {
		t.Errorf("the desk was asked %+v", got)
	}
	if !r.shell.ShowsReceipt() || r.shell.Screen() != ui.SaleScreen || len(r.shell.Cart().Lines) != 0 {
		t.Error("the till is not ready for the next customer with the receipt on the screen")
	}
	r.scan("6901")
	if r.shell.ShowsReceipt() {
		t.Error("the receipt stands in the way of the next customer")
	}
	r.total("3.50")
}

func TestExactCashIsTwoKeys(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.key(fyne.KeyReturn)
	if r.shell.Screen() != ui.PayScreen {
		t.Fatal("the first key does not open the payment")
	}
	r.key(fyne.KeyReturn)
	e := r.until(ui.EventComplete)
	if e.Sale.Change() != 0 || e.Sale.Paid() != 350 {
		t.Errorf("paid %s, change %s", e.Sale.Paid(), e.Sale.Change())
	}
}

func TestCashWithChange(t *testing.T) {
	tests := []struct {
		name   string
		press  func(r *rig)
		change string
	}{
		{"typed", func(r *rig) { r.types("10") }, "¥6.50"},
		{"typed with a point", func(r *rig) { r.types("3.8") }, "¥0.30"},
		{"a note", func(r *rig) { r.key(fyne.KeyF10) }, "¥16.50"},
		{"two notes add up", func(r *rig) { r.key(fyne.KeyF9); r.key(fyne.KeyF11) }, "¥56.50"},
		{"mistyped and mended", func(r *rig) { r.types("59"); r.key(fyne.KeyBackspace) }, "¥1.50"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, offers())
			r.scan("6901")
			r.key(fyne.KeyF12)
			tt.press(r)
			r.key(fyne.KeyEnter)
			if e := r.until(ui.EventComplete); e.Sale.Change().String() != tt.change {
				t.Errorf("change %s, want %s", e.Sale.Change(), tt.change)
			}
		})
	}
}

func TestTooLittleCashIsNotTaken(t *testing.T) {
	r := newRig(t, offers())
	r.desk.refuse = fault.New(fault.Invalid, "sale.cash_short", "{cash} is not enough: {due} is still due.", "cash", "¥1.00", "due", "¥2.50")
	r.scan("6901")
	r.key(fyne.KeyReturn)
	r.types("1")
	r.key(fyne.KeyReturn)
	r.until(ui.EventNotice)
	if r.shell.Screen() != ui.PayScreen || !strings.Contains(r.shell.Notice(), "¥2.50") {
		t.Errorf("screen %v, notice %q", r.shell.Screen(), r.shell.Notice())
	}
	r.total("3.50")
}

// Cash typed on the pay screen and a code scanned there pay together.
func TestCashAndCodeTogether(t *testing.T) {
	r := newRig(t, offers())
	r.scan("7777")
	r.types("1") // the first of two products of the same number
	r.total("88")
	r.key(fyne.KeyReturn)
	r.types("20")
	r.scan(code1)
	r.until(ui.EventPaying)
	r.begun("sale1")
	tenders := r.desk.started()[0].tenders
	if len(tenders) != 2 || tenders[0].Cash != 2000 || tenders[1].Code != code1 {
		t.Errorf("tenders %+v", tenders)
	}
}

// Whatever has the focus or lies over the screen, a scan is a scan.
func TestNothingSwallowsAScan(t *testing.T) {
	typed := func(r *rig, code string) {
		for _, c := range code {
			r.now = r.now.Add(5 * time.Millisecond)
			r.typed(c)
		}
		r.key(fyne.KeyReturn)
	}
	serial := func(r *rig, code string) { r.scan(code) }
	places := []struct {
		name string
		open func(r *rig)
	}{
		{"sale", func(*rig) {}},
		{"search box", func(r *rig) { r.key(fyne.KeyF2); r.types("kl") }},
		{"search", func(r *rig) { r.types("kl") }},
		{"help", func(r *rig) { r.key(fyne.KeyF1) }},
		{"redeem", func(r *rig) { r.key(fyne.KeyF4) }},
		{"tray", func(r *rig) { r.key(fyne.KeyF6) }},
		{"weighing", func(r *rig) { r.scan("2001"); r.types("1") }},
		{"question", func(r *rig) { r.scan("7777") }},
	}
	for _, place := range places {
		for name, do := range map[string]func(*rig, string){"serial": serial, "typed": typed} {
			t.Run(place.name+" "+name, func(t *testing.T) {
				goods := append(offers(), offer(9, "690123456789", "长码商品", "饮料", "瓶", "1.00", "0", "0"))
				r := newRig(t, goods)
				place.open(r)
				do(r, "690123456789")
				r.total("1")
			})
		}
	}
}

// A scanner that types leaves no trace in what was being typed.
func TestTypedScanIsRolledBack(t *testing.T) {
	goods := append(offers(), offer(9, "690123456789", "长码商品", "饮料", "瓶", "1.00", "0", "0"))
	r := newRig(t, goods)
	r.scan("2001")
	r.types("1.2")
	for _, c := range "690123456789" {
		r.now = r.now.Add(5 * time.Millisecond)
		r.typed(c)
	}
	r.key(fyne.KeyReturn)
	r.total("1")
	r.types("5")
	r.key(fyne.KeyReturn)
	r.total("15.95") // 1.25 kg at 5.98 per 500 g, and the one yuan
}

func TestWeighedProductAsksItsWeight(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.scan("2001")
	if r.shell.Sheet() == "" {
		t.Fatal("no weight was asked for")
	}
	r.scan(code1)
	if len(r.desk.started()) != 0 || !strings.Contains(r.shell.Notice(), "称重") {
		t.Error("a payment code was charged while a line had no weight")
	}
	r.types("0.75")
	r.key(fyne.KeyReturn)
	if r.shell.Sheet() != "" {
		t.Error("the question stays")
	}
	r.total("12.47")
	r.key(fyne.KeyF3)
	r.total("10.47")
}

func TestFaultsAreSentences(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"a unit that is no weight", "2002", "“个”不是重量单位"},
		{"no price basis", "2003", "计数取重"},
		{"unknown code", "123456", "不认识"},
		{"payment code without goods", code1, "没有收款"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, offers())
			r.scan(tt.code)
			if !strings.Contains(r.shell.Notice(), tt.want) {
				t.Errorf("notice %q, want %q in it", r.shell.Notice(), tt.want)
			}
			r.total("0")
		})
	}
	t.Run("what a scanner rejected", func(t *testing.T) {
		r := newRig(t, offers())
		r.scans.f(ui.Scan{Rejected: fault.New(fault.Invalid, "scanner.too_long", "The scanner sent more than {max} characters without an end.", "max", "512")})
		r.settle()
		if !strings.Contains(r.shell.Notice(), "512") {
			t.Errorf("notice %q", r.shell.Notice())
		}
	})
}

func TestEditingTheCart(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.scan("6901")
	r.total("7")
	r.types("+")
	r.total("10.50")
	r.types("-")
	r.types("5*")
	r.total("17.50")
	r.key(fyne.KeyF7)
	r.total("7")
	r.key(fyne.KeyF8)
	r.total("17.50")
	r.scan("6903")
	r.key(fyne.KeyUp)
	r.key(fyne.KeyDelete)
	r.total("2")
	r.key(fyne.KeyF9)
	r.total("0")
	r.key(fyne.KeyF7)
	r.total("2")
	r.types("*")
	r.types("12")
	r.key(fyne.KeyReturn)
	r.total("24")
	if n := len(r.saver.carts); n < 9 || len(r.saver.carts[n-1].Lines) != 1 {
		t.Errorf("%d carts were handed to the saver", n)
	}
}

func TestSearchByInitialsAndNumber(t *testing.T) {
	r := newRig(t, offers())
	for _, q := range []string{"kqs", "kuangq", "6903"} {
		r.types(q)
		r.key(fyne.KeyReturn)
	}
	r.total("6")
}

// A key that is held down does its work once.
func TestHeldKeysDoNotPay(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6901")
	r.shell.Down(fyne.KeyReturn)
	for range 20 {
		r.key(fyne.KeyReturn)
	}
	if len(r.desk.started()) != 0 || r.shell.Screen() != ui.PayScreen {
		t.Error("a held key paid")
	}
	r.shell.Down(fyne.KeyReturn)
	r.key(fyne.KeyReturn)
	r.until(ui.EventComplete)
}

func TestFirstSync(t *testing.T) {
	r := newRig(t, nil)
	r.shop.err = fault.New(fault.Unreachable, "hq.unreachable", "{service} cannot be reached; nothing was sent.", "service", "HQ")
	r.key(fyne.KeyF5)
	r.until(ui.EventNotice)
	if !strings.Contains(r.shell.Notice(), "连不上HQ") {
		t.Errorf("notice %q", r.shell.Notice())
	}
	r.shop.mu.Lock()
	r.shop.err, r.shop.offers = nil, offers()
	r.shop.mu.Unlock()
	r.key(fyne.KeyF5)
	r.until(ui.EventSynced)
	r.scan("6901")
	r.total("3.50")
}

func TestEnglish(t *testing.T) {
	r := newRig(t, offers(), func(p *ui.Params, _ *rig) {
		en, err := text.Load(text.English)
		must(t, err)
		p.Text = en
	})
	r.scan("2003")
	if !strings.Contains(r.shell.Notice(), "counted and weighed") {
		t.Errorf("notice %q", r.shell.Notice())
	}
}

func TestMissingDependenciesAreRefused(t *testing.T) {
	if _, err := ui.New(ui.Params{}); err == nil {
		t.Error("a shell without anything was made")
	}
}
