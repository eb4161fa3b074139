package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/checkout"
	"cashier/ui"
)

// partly is a sale of 9.00 of which a payment code paid 5.00 before the till
// was switched off.
func (r *rig) partly() {
	l := checkout.Leg{
		Key: "k1", SaleID: "s7", No: 1, Class: checkout.ClassCode, Method: "code", Amount: 500, State: checkout.Paid, SentOnce: true,
		IntentAt: r.now, ChangedAt: r.now, Reason: checkout.Reason{Code: checkout.CodePartlyPaid},
	}
	r.desk.mu.Lock()
	defer r.desk.mu.Unlock()
	r.desk.sales["s7"] = checkout.Sale{ID: "s7", Kind: checkout.Goods, State: checkout.Unsettled, Total: 900, Legs: []checkout.Leg{l}, OpenedAt: r.now.Add(-time.Hour),
		Lines: []checkout.Line{{Name: "酱油", Unit: "瓶", Qty: 1, Price: 900, ListPrice: 900, Amount: 900}}}
	r.desk.open = []checkout.Leg{l}
}

func TestAPartlyPaidSaleIsGoneOnWith(t *testing.T) {
	r := newRig(t, offers())
	r.partly()
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.key(fyne.KeyReturn)
	r.reaches(ui.PayScreen)
	r.key(fyne.KeyEscape) // looked at, and left as it was
	if len(r.desk.voids) != 0 || r.shell.Screen() != ui.SaleScreen {
		t.Fatalf("voided %v, on %v", r.desk.voids, r.shell.Screen())
	}
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.key(fyne.KeyReturn)
	r.reaches(ui.PayScreen)
	r.types("4")
	r.key(fyne.KeyReturn)
	if e := r.until(ui.EventComplete); e.Sale.ID != "s7" || len(e.Sale.Legs) != 2 || e.Sale.Legs[1].Amount != 400 {
		t.Errorf("%+v", e.Sale)
	}
}

func TestAPartlyPaidSaleIsGivenUp(t *testing.T) {
	r := newRig(t, offers())
	r.partly()
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.key(fyne.KeyF9)
	if e := r.until(ui.EventNotice); len(r.desk.voids) != 1 || r.desk.voids[0] != "s7" || !strings.Contains(e.Text, "¥5.00") {
		t.Errorf("voided %v, %q", r.desk.voids, e.Text)
	}
}

// While it is paid its goods stand in the basket; afterwards the till's own cart
// is there as it was, with what can be undone.
func TestTheGoodsOfAPartlyPaidSale(t *testing.T) {
	for name, leave := range map[string]func(r *rig){
		"left": func(r *rig) { r.key(fyne.KeyEscape) },
		"paid by code": func(r *rig) {
			r.scan(code1)
			r.begun("s7")
			r.desk.end("s7", checkout.Paid, checkout.Complete, "")
			r.until(ui.EventComplete)
			r.key(fyne.KeyReturn)
		},
		"set aside again": func(r *rig) {
			r.key(fyne.KeyF8)
			r.begun("s7")
			r.desk.end("s7", checkout.Unknown, checkout.Unsettled, "")
			r.until(ui.EventAside)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, offers())
			r.partly()
			r.key(fyne.KeyF3)
			r.scan("6902")
			r.key(fyne.KeyDelete)
			own := r.shell.Cart()
			r.key(fyne.KeyF6)
			r.until(ui.EventTray)
			r.key(fyne.KeyReturn)
			r.reaches(ui.PayScreen)
			if b := r.shell.Basket(); len(b) != 1 || b[0].Name != "酱油" || !r.sees("09:30 开单") {
				t.Fatalf("beside it stands %+v", b)
			}
			r.scan("6901") // the lines are frozen
			if len(r.shell.Basket()) != 1 || len(r.shell.Cart().Lines) != 0 {
				t.Errorf("%+v, %+v", r.shell.Basket(), r.shell.Cart())
			}
			leave(r)
			if now := r.shell.Cart(); now.ID != own.ID || now.Member != own.Member || len(r.shell.Basket()) != 0 || r.sees("开单") {
				t.Fatalf("the cart is %+v, was %+v; the basket has %+v", now, own, r.shell.Basket())
			}
			r.key(fyne.KeyF7)
			if b := r.shell.Basket(); len(b) != 1 || b[0].Name != "雪碧" {
				t.Errorf("undo brings back %+v", b)
			}
		})
	}
}

// The goods in the cart are another customer's.
func TestAPartlyPaidSaleWaitsForTheCart(t *testing.T) {
	r := newRig(t, offers())
	r.scan("6902")
	r.partly()
	r.key(fyne.KeyF6)
	r.until(ui.EventTray)
	r.events = nil
	r.key(fyne.KeyReturn)
	r.until(ui.EventNotice)
	if r.shell.Screen() != ui.TrayScreen || len(r.shell.Cart().Lines) != 1 {
		t.Errorf("on %v with %d lines", r.shell.Screen(), len(r.shell.Cart().Lines))
	}
}

// reaches waits for a screen that background work opens.
func (r *rig) reaches(want ui.Screen) {
	r.t.Helper()
	for range 500 {
		if r.settle(); r.shell.Screen() == want {
			return
		}
		time.Sleep(time.Millisecond)
	}
	r.t.Fatalf("on %v, want %v", r.shell.Screen(), want)
}
