package ui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cashier/services/catalog"
	"cashier/ui"
)

// press taps the button that says label.
func (r *rig) press(label string) {
	r.t.Helper()
	for _, b := range r.buttons() {
		if b.Label() == label {
			b.Tapped(nil)
			r.settle()
			return
		}
	}
	r.t.Fatalf("no button says %q", label)
}

// What HQ lists and the till could not take is said with each product and why.
func TestSyncNamesWhatItDidNotTake(t *testing.T) {
	for name, c := range map[string]struct {
		set          []change
		said, button string
	}{"zh": {nil, "2 个商品没有更新", "详情"}, "en": {[]change{inEnglish}, "2 products were not updated", "Details"}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, offers(), c.set...)
			broken := append(offers(), offer(21, "9001", "坏价草莓", "水果", "盒", "-3", "0", "0"), offer(22, "9002", "怪单位木耳", "干果", "斤", "9", "0", "7"))
			r.shop.mu.Lock()
			r.shop.offers = broken
			r.shop.mu.Unlock()
			r.key(fyne.KeyF5)
			r.until(ui.EventSynced)
			if !strings.Contains(r.shell.Notice(), c.said) {
				t.Errorf("it says %q", r.shell.Notice())
			}
			r.press(c.button)
			listed := ""
			walk(r.shell.Content(), func(o fyne.CanvasObject) {
				if l, ok := o.(*widget.Label); ok {
					listed = l.Text
				}
			})
			lines := strings.Split(listed, "\n")
			if len(lines) != 2 || !strings.Contains(lines[0], "9001 坏价草莓") || !strings.Contains(lines[1], "9002 怪单位木耳") || len(lines[1]) < len("9002 怪单位木耳: 0123456789") {
				t.Errorf("the details are %q", listed)
			}
		})
	}
}

// A sync nobody asked for speaks up once about each state of HQ's list.
func TestSyncInTheBackground(t *testing.T) {
	r := newRig(t, offers())
	bad := func(name string) catalog.Report {
		o := offer(21, "9001", name, "水果", "盒", "-3", "0", "0")
		_, err := catalog.Accept(o)
		return catalog.Report{Rejected: []catalog.Rejection{{Offer: o, Reason: err}}}
	}
	for i, step := range []struct {
		report catalog.Report
		says   bool
	}{{catalog.Report{}, false}, {bad("甲"), true}, {bad("甲"), false}, {bad("乙"), true}, {catalog.Report{}, false}, {bad("乙"), true}} {
		r.shell.Synced(step.report)
		if said := r.shell.Notice() != ""; said != step.says {
			t.Errorf("step %d: notice %q", i, r.shell.Notice())
		}
		r.scan("6901") // the notice gives way to a customer
	}
}
