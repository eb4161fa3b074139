package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/checkout"
	"cashier/ui"
)

// A refund of which a part was given is gone on with in the tray, or left there.
func TestTheRestOfARefundInTheTray(t *testing.T) {
	for name, c := range map[string]struct {
		key  fyne.KeyName
		want string
		says string
	}{
		"as it was paid": {fyne.KeyReturn, "r7 false 再试", "退款完成"},
		"in cash":        {fyne.KeyF9, "r7 true 再试", "¥4.00"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, offers())
			l := checkout.Leg{
				Key: "k1", SaleID: "r7", Class: checkout.ClassRefund, Method: "refund", Of: "k0", Amount: 600, State: checkout.Paid, SentOnce: true,
				IntentAt: r.now, ChangedAt: r.now, Reason: checkout.Reason{Code: checkout.CodePartlyRefunded},
			}
			r.desk.mu.Lock()
			r.desk.sales["r7"] = checkout.Sale{ID: "r7", Kind: checkout.Refund, Of: "s7", State: checkout.Unsettled, Total: 1000, Legs: []checkout.Leg{l}}
			r.desk.open = []checkout.Leg{l}
			r.desk.mu.Unlock()
			r.key(fyne.KeyF6)
			r.until(ui.EventTray)
			if !shows(r.window.Content(), "退款还没有退完") || !shows(r.window.Content(), "余下的退现金") {
				t.Error("the tray does not say what it is, or offers nothing")
			}
			r.key(c.key)
			r.key(fyne.KeyEscape) // thought better of it: it stays for a person
			r.key(c.key)
			r.types("再试")
			r.key(fyne.KeyReturn)
			e := r.until(ui.EventNotice)
			r.desk.mu.Lock()
			defer r.desk.mu.Unlock()
			if len(r.desk.rests) != 1 || r.desk.rests[0] != c.want || !strings.Contains(e.Text, c.says) {
				t.Errorf("%q, %q", r.desk.rests, e.Text)
			}
		})
	}
}

// Late money that the till cannot put right is said at the counter and settled in
// the tray.
func TestLateMoneyIsSettledInTheTray(t *testing.T) {
	for _, class := range []checkout.Class{checkout.ClassCode, checkout.ClassRefund} {
		why := checkout.CodeLateHeld
		if class == checkout.ClassRefund {
			why = checkout.CodeGivenLate
		}
		for key, want := range map[fyne.KeyName]string{fyne.KeyF9: "late-1 REVERSED 后台", fyne.KeyF10: "late-1 CASH 后台", fyne.KeyF11: "late-1 PAID 后台"} {
			t.Run(string(class)+" "+string(key), func(t *testing.T) {
				r := newRig(t, offers())
				r.desk.mu.Lock()
				r.desk.open = []checkout.Leg{{
					Key: "late-1", SaleID: "s9", Class: class, Method: "code", Amount: 4321, State: checkout.Rejected, SentOnce: true,
					IntentAt: r.now.Add(-time.Minute), ChangedAt: r.now, Reason: checkout.Reason{Code: why, Message: "The provider"},
				}}
				r.desk.mu.Unlock()
				r.seconds(16)
				if e := r.until(ui.EventStanding); !strings.Contains(e.Text, "¥43.21") || !strings.Contains(e.Text, "人工") {
					t.Errorf("it says %q", e.Text)
				}
				r.key(fyne.KeyF6)
				r.until(ui.EventTray)
				if shows(r.window.Content(), "The provider") || shows(r.window.Content(), "没有收款") {
					t.Error("the tray does not say it in plain words")
				}
				r.key(key)
				r.types("后台")
				r.key(fyne.KeyReturn)
				r.until(ui.EventNotice)
				r.desk.mu.Lock()
				defer r.desk.mu.Unlock()
				if len(r.desk.solved) != 1 || r.desk.solved[0] != want {
					t.Errorf("settled %q, want %q", r.desk.solved, want)
				}
			})
		}
	}
}
