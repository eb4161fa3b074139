package ui_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"github.com/shopspring/decimal"

	"cashier/services/catalog"
	"cashier/services/money"
	"cashier/ui"
)

// charges gives products other prices at HQ and reads them.
func (r *rig) charges(prices map[int64]string) {
	r.t.Helper()
	goods := offers()
	for i := range goods {
		if p, ok := prices[goods[i].ProductID]; ok {
			goods[i].Price = decimal.RequireFromString(p)
		}
	}
	r.shop.mu.Lock()
	r.shop.offers = goods
	r.shop.mu.Unlock()
	r.key(fyne.KeyF5)
	r.until(ui.EventSynced)
}

// shows reports whether a text that can be seen holds words.
func (r *rig) shows(words string) bool {
	found := false
	walk(r.shell.Content(), func(o fyne.CanvasObject) {
		t, ok := o.(*canvas.Text)
		found = found || ok && t.Visible() && strings.Contains(t.Text, words)
	})
	return found
}

func TestANewPriceIsOfferedAndNotForced(t *testing.T) {
	ring := func(t *testing.T) *rig {
		r := newRig(t, offers())
		r.scan("6901")
		r.scan("6901")
		r.scan("6903")
		r.charges(map[int64]string{1: "3.50", 5: "40"}) // what is not in the cart
		if r.shows("新价") {
			t.Fatal("a new price of other goods is offered")
		}
		return r
	}
	t.Run("taken, and taken back", func(t *testing.T) {
		r := ring(t)
		r.charges(map[int64]string{1: "4"})
		r.total("9.00")
		if !r.shows("9.00 → ¥10.00") || !r.shows("现价 ¥4.00") {
			t.Fatal("the new price is not offered")
		}
		r.key(fyne.KeyF10)
		r.total("10.00")
		if r.shows("新价") || r.shows("现价") {
			t.Error("it is still offered")
		}
		r.key(fyne.KeyF7)
		r.total("9.00")
		if !r.shows("现价 ¥4.00") {
			t.Error("undone, and not offered again")
		}
	})
	t.Run("declined", func(t *testing.T) {
		r := ring(t)
		read := r.now
		r.now = r.now.Add(time.Hour)
		r.charges(map[int64]string{1: "4"})
		r.key(fyne.KeyF11)
		if !r.shows("价格截至 " + read.Format("15:04")) {
			t.Error("the cart does not say from when its prices are")
		}
		if r.shows("新价") || r.shows("现价") {
			t.Error("it is still offered")
		}
		r.charges(map[int64]string{1: "4"})
		r.scan("6902")
		r.total("12.20")
		if r.shows("新价") {
			t.Error("it is offered a second time")
		}
		r.charges(map[int64]string{1: "4.20"})
		if !r.shows("12.20 → ¥13.60") {
			t.Error("another new price is not offered")
		}
	})
	t.Run("by the mouse", func(t *testing.T) {
		r := ring(t)
		r.charges(map[int64]string{1: "4", 3: "3"})
		if !r.shows("9.00 → ¥11.00") {
			t.Error("two new prices are not offered")
		}
		r.press("按原价")
		r.total("9.00")
		r.charges(map[int64]string{1: "4", 3: "1"})
		r.press("用新价")
		r.total("9.00")
	})
	t.Run("while money moves nothing is offered", func(t *testing.T) {
		r := ring(t)
		r.key(fyne.KeyReturn)
		r.shop.mu.Lock()
		r.shop.offers[0].Price = decimal.RequireFromString("4")
		r.shop.mu.Unlock()
		if _, err := r.catalog.Sync(t.Context(), false, nil); err != nil {
			t.Fatal(err)
		}
		r.settle()
		if r.shows("用新价") || r.shell.Screen() != ui.PayScreen {
			t.Error("a price changes while the customer pays")
		}
	})
}

func TestThePricesThatChangedLately(t *testing.T) {
	r := newRig(t, offers())
	r.key(fyne.KeyHome)
	r.until(ui.EventPrices)
	if r.shell.Sheet() != "近 7 天的价格变动" || !r.shows("没有价格变动") {
		t.Fatalf("the sheet is %q", r.shell.Sheet())
	}
	r.key(fyne.KeyEscape)
	entry := func(name string, was, now, wasMember, member money.Fen) catalog.PriceEntry {
		return catalog.PriceEntry{PriceChange: catalog.PriceChange{
			Code: "6901", Name: name, Was: catalog.Prices{Listed: true, Price: was, Member: wasMember}, Now: catalog.Prices{Listed: true, Price: now, Member: member},
		}, At: r.now}
	}
	r.desk.changed = []catalog.PriceEntry{entry("可乐", 350, 400, 0, 0), entry("雪碧", 320, 320, 300, 280)}
	r.charges(map[int64]string{1: "4"})
	r.press("看变动")
	r.until(ui.EventPrices)
	for _, want := range []string{"6901  可乐", "¥3.50 → ¥4.00", "6901  雪碧", "会员 ¥3.00 → ¥2.80", "10:30"} {
		if !r.shows(want) {
			t.Errorf("the sheet does not show %q", want)
		}
	}
	r.key(fyne.KeyEscape)
	if r.shell.Sheet() != "" {
		t.Error("Escape leaves it open")
	}
}
