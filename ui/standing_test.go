package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/checkout"
	"cashier/ui"
	"cashier/ui/text"
)

// inEnglish runs a shell in English.
func inEnglish(p *ui.Params, r *rig) {
	words, err := text.Load(text.English)
	must(r.t, err)
	p.Text = words
}

// voided is a sale of which ¥20 in cash was counted before its code failed.
func voided(id string, at time.Time) checkout.Sale {
	return checkout.Sale{
		ID: id, Kind: checkout.Goods, State: checkout.Voided, Total: 8800, OpenedAt: at,
		Legs: []checkout.Leg{
			{Key: id + "-1", Class: checkout.ClassRecorded, Method: "cash", Amount: 2000, Tendered: 2000, State: checkout.Reversed},
			{Key: id + "-2", Class: checkout.ClassCode, Method: "code", Amount: 6800, State: checkout.Reversed},
		},
	}
}

// Cash to hand back is said until it is dismissed, whatever happens meanwhile,
// and once only.
func TestCashToHandBackStays(t *testing.T) {
	for name, c := range map[string]struct {
		set  []change
		want string
	}{"zh": {nil, "退还顾客"}, "en": {[]change{inEnglish}, "Hand ¥20.00 in cash back"}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, offers(), c.set...)
			for range 2 { // an update may be told again
				r.updates.f(checkout.Update{Sale: voided("s1", r.now)})
				r.settle()
			}
			r.updates.f(checkout.Update{Sale: voided("s2", r.now.Add(-time.Minute))})
			r.settle()
			r.scan("6901")
			r.key(fyne.KeyEscape)
			r.seconds(3600)
			said := r.shell.Standing()
			if !strings.Contains(said, c.want) || !strings.Contains(said, "¥20.00") || !strings.Contains(said, "10:30") {
				t.Errorf("it says %q", said)
			}
			r.key(fyne.KeyInsert)
			if said := r.shell.Standing(); !strings.Contains(said, "10:29") {
				t.Errorf("the second is %q", said)
			}
			r.key(fyne.KeyInsert)
			if said := r.shell.Standing(); said != "" {
				t.Errorf("not dismissed: %q", said)
			}
		})
	}
}

// Only counted cash goes back: a sale whose code was refused holds none.
func TestNothingToHandBack(t *testing.T) {
	r := newRig(t, offers())
	none := voided("s1", r.now)
	none.Legs = none.Legs[1:]
	open := voided("s2", r.now)
	open.State = checkout.Unsettled
	for _, s := range []checkout.Sale{none, open} {
		r.updates.f(checkout.Update{Sale: s})
		r.settle()
	}
	if said := r.shell.Standing(); said != "" {
		t.Errorf("it says %q", said)
	}
}

// A cashier who gives a half-paid sale up is told the same.
func TestGivenUpWithCash(t *testing.T) {
	r := newRig(t, offers())
	r.scan("7777")
	r.types("1")
	r.key(fyne.KeyReturn)
	r.types("20")
	r.scan(code1)
	r.until(ui.EventPaying)
	r.begun("sale1")
	r.desk.end("sale1", checkout.Rejected, checkout.Tendering, "余额不足")
	r.until(ui.EventRefused)
	r.key(fyne.KeyEscape)
	if e := r.until(ui.EventStanding); !strings.Contains(e.Text, "¥20.00") || r.shell.Screen() != ui.SaleScreen {
		t.Errorf("screen %v, %q", r.shell.Screen(), e.Text)
	}
}

// Late money turns up in the background, where nothing tells of it.
func TestLateMoney(t *testing.T) {
	for name, c := range map[string]struct {
		set            []change
		notice, listed string
	}{
		"zh": {nil, "迟到的钱", "迟到的钱，正在退回"},
		"en": {[]change{inEnglish}, "Late money", "Late money, being given back"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, offers(), c.set...)
			late := checkout.Leg{
				Key: "late-1", SaleID: "s9", Class: checkout.ClassCode, Method: "code", Amount: 4321, State: checkout.Rejected, SentOnce: true,
				IntentAt: r.now.Add(-time.Minute), ChangedAt: r.now, Reason: checkout.Reason{Code: "late_money", Message: "The provider took the money."},
			}
			r.desk.mu.Lock()
			r.desk.open = []checkout.Leg{late}
			r.desk.mu.Unlock()
			r.seconds(16)
			e := r.until(ui.EventStanding)
			if !strings.Contains(e.Text, c.notice) || !strings.Contains(e.Text, "¥43.21") || !strings.Contains(e.Text, "10:29") {
				t.Errorf("it says %q", e.Text)
			}
			r.key(fyne.KeyF6)
			r.until(ui.EventTray)
			if !shows(r.window.Content(), c.listed) || shows(r.window.Content(), "The provider took") {
				t.Error("the tray does not say it in plain words")
			}
			r.key(fyne.KeyReturn)
			r.until(ui.EventNotice)
			if strings.Contains(r.shell.Notice(), "没有收款") || strings.Contains(r.shell.Notice(), "Not paid") {
				t.Errorf("asked, it says %q", r.shell.Notice())
			}
			r.key(fyne.KeyInsert)
			r.seconds(16)
			r.until(ui.EventTray)
			if said := r.shell.Standing(); said != "" {
				t.Errorf("dismissed, it comes back: %q", said)
			}
		})
	}
}
