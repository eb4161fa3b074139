package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"cashier/services/access"
	"cashier/services/fault"
	"cashier/services/pricing"
	"cashier/ui/prices"
)

// dropped is a desk onto which a list of two prices was dropped, and HQ that has
// not answered yet.
func dropped(t *testing.T) (*rig, *office) {
	t.Helper()
	r, o := atDesk(t)
	o.slow = make(chan error)
	o.read = prices.Sheet{Wanted: []pricing.Wanted{{ProductID: 1, Price: fen(380)}, {ProductID: 2, Price: fen(310)}}}
	r.shell.Dropped([]string{"/tmp/国庆.xlsx"})
	r.awaits("the list is shown", func() bool { return r.shell.Sheet() == "核对改价" })
	return r, o
}

// A list from a file is shown at once; it is sent only when it was held against
// HQ, and what has moved there is marked.
func TestAListIsShownBeforeHQAnswers(t *testing.T) {
	r, o := dropped(t)
	o.mu.Lock()
	o.moved[2] = 277
	o.mu.Unlock()
	if !r.shows("¥3.80") || r.shows("总部刚改过") {
		t.Error("the list is not shown, or HQ is said to have answered")
	}
	r.key(fyne.KeyF12)
	if len(o.planned()) != 0 {
		t.Fatal("sent before it was held against HQ")
	}
	o.slow <- nil
	r.awaits("HQ's price is shown", func() bool { return r.shows("¥2.77") })
	r.key(fyne.KeyF12)
	r.awaits("the list is sent", r.says("已在总部生效"))
	if l := o.planned()[0].Draft.Lines[1]; !l.Was.Decimal.Equal(fen(277).Decimal) {
		t.Errorf("planned over %s", l.Was.Decimal)
	}
}

// Where HQ does not answer the list stays, and the same key asks again.
func TestAListIsComparedAgain(t *testing.T) {
	r, o := dropped(t)
	o.slow <- fault.New(fault.Unreachable, "hq.unreachable", "HQ cannot be reached.")
	r.awaits("it can be asked again", func() bool { return r.shows("再和总部核对一次") })
	r.key(fyne.KeyF12)
	o.slow <- nil
	r.awaits("it can be sent", func() bool { return r.shows("发送 2 个价格") })
	r.key(fyne.KeyF12)
	r.awaits("the list is sent", r.says("已在总部生效"))
}

// Esc drops the list and what is asked of HQ for it.
func TestAListIsDropped(t *testing.T) {
	r, o := dropped(t)
	r.key(fyne.KeyEscape)
	if r.shell.Sheet() != "" {
		t.Fatalf("%q is still there", r.shell.Sheet())
	}
	r.awaits("nothing is under way", func() bool { return !r.shows("停下") })
	if len(o.planned()) != 0 {
		t.Error("planned all the same")
	}
}

// What the till sends by itself is said once, stays until it is read, and a batch
// that is being sent just now shows how far it is.
func TestWhatRanByItself(t *testing.T) {
	batch := func(id string, count map[pricing.RowState]int) pricing.Batch {
		return pricing.Batch{ID: id, Name: "国庆特价", State: pricing.BatchOpen, By: access.Actor{Name: "王店长"}, Count: count}
	}
	changed := map[pricing.RowState]int{pricing.RowChanged: 7}
	for name, c := range map[string]struct {
		ran  pricing.Ran
		says string
	}{
		"on time":     {pricing.Ran{Batch: batch("a", changed)}, ""},
		"late":        {pricing.Ran{Batch: batch("b", changed), Late: 42 * time.Minute}, "42"},
		"went on":     {pricing.Ran{Batch: batch("c", changed), Again: true}, "现已自动发完：7 个价格"},
		"asks":        {pricing.Ran{Batch: batch("d", map[pricing.RowState]int{pricing.RowConflict: 2, pricing.RowUnknown: 1})}, "3 个要店长决定"},
		"not sent":    {pricing.Ran{Batch: batch("e", changed), Err: fault.New(fault.Unreachable, "hq.unreachable", "HQ cannot be reached.")}, "没有发完"},
		"being sent":  {pricing.Ran{Batch: batch("f", changed), Err: fault.New(fault.Busy, "price.batch_busy", "Busy.")}, ""},
		"closing now": {pricing.Ran{Batch: batch("g", changed), Again: true, Err: fault.New(fault.Refused, "price.batch_paused", "Stopped.")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := atDesk(t)
			r.shell.PricesFar(c.ran.Batch, pricing.Progress{Done: 3, Of: 7})
			if !r.shows("3 / 7") || !strings.Contains(r.shell.Notice(), "还剩 4 个") {
				t.Errorf("how far it is does not show; %q", r.shell.Notice())
			}
			for range 2 {
				r.shell.PricesRan(c.ran)
			}
			if got := r.shell.Standing(); c.says == "" != (got == "") || !strings.Contains(got, c.says) {
				t.Errorf("says %q", got)
			}
			r.scan("6901")
			r.key(fyne.KeyEscape)
			if got := r.shell.Standing(); (got == "") != (c.says == "") || r.shows("3 / 7") {
				t.Errorf("after a scan: %q", got)
			}
			r.key(fyne.KeyInsert)
			if got := r.shell.Standing(); got != "" {
				t.Errorf("told twice, or not put away: %q", got)
			}
		})
	}
}

// A price that is planned is no longer the table's, also where it could not be
// sent at once: it is not planned a second time.
func TestAPlannedPriceIsNotPlannedTwice(t *testing.T) {
	r, o := atDesk(t)
	o.busy = fault.New(fault.Busy, "price.batch_busy", "Another batch is being sent.")
	r.hand("kl")
	r.key(fyne.KeyReturn)
	r.hand("3.80")
	r.key(fyne.KeyReturn)
	r.awaits("it waits its turn", r.says("一分钟内自动发送"))
	r.key(fyne.KeyF12)
	r.settle()
	if n := len(o.planned()); n != 1 || !r.says("还没有")() {
		t.Errorf("%d plans, %q", n, r.shell.Notice())
	}
}
