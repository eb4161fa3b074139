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
	r.desk.sales["s7"] = checkout.Sale{ID: "s7", Kind: checkout.Goods, State: checkout.Unsettled, Total: 900, Legs: []checkout.Leg{l}}
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
