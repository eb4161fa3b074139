package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"github.com/shopspring/decimal"

	"cashier/services/catalog"
	"cashier/ui"
)

// The cashier has gone to the second hit by the arrow keys. A sync must not put the
// mark on other goods: Enter would ring those up.
func TestASyncLeavesTheMarkedProductAlone(t *testing.T) {
	pick := func(t *testing.T, sync func(*rig)) *rig {
		r := newRig(t, offers())
		r.key(fyne.KeyF2)
		r.types("lihe")
		r.key(fyne.KeyDown)
		sync(r)
		r.key(fyne.KeyReturn)
		return r
	}
	deliver := func(r *rig, goods []catalog.Offer) {
		r.shop.mu.Lock()
		r.shop.offers = goods
		r.shop.mu.Unlock()
		if _, err := r.catalog.Sync(t.Context(), false, nil); err != nil {
			t.Fatal(err)
		}
		r.settle()
	}
	t.Run("without a sync", func(t *testing.T) { pick(t, func(*rig) {}).total("99.00") })
	t.Run("nothing changed", func(t *testing.T) { pick(t, func(r *rig) { deliver(r, offers()) }).total("99.00") })
	t.Run("others came before it", func(t *testing.T) {
		pick(t, func(r *rig) {
			deliver(r, append(offers(), offer(31, "31", "礼盒子", "礼盒", "盒", "1", "0", "0"), offer(0x20, "32", "礼盒", "礼盒", "盒", "2", "0", "0")))
		}).total("99.00")
	})
	t.Run("it is gone", func(t *testing.T) {
		pick(t, func(r *rig) { deliver(r, offers()[:7]) }).total("0.00")
	})
}

// A finger about to tap meets the same product, whatever came or went above it.
func TestASyncLeavesTheShelfWhereItIs(t *testing.T) {
	var goods []catalog.Offer
	for i := range 200 {
		goods = append(goods, offer(int64(i+1), fmt.Sprint(1000+i), fmt.Sprint("商品", i), "类", "个", "1.00", "0", "0"))
	}
	r := newRig(t, goods)
	r.key(fyne.KeyPageDown)
	r.key(fyne.KeyPageDown)
	before := r.tileAt()
	if before == "" {
		t.Fatal("no tile is shown")
	}
	cheaper := append([]catalog.Offer(nil), goods...)
	cheaper[199].Price = decimal.RequireFromString("0.50")
	for name, list := range map[string][]catalog.Offer{"a price far below": cheaper, "ten gone above": cheaper[10:]} {
		r.shop.mu.Lock()
		r.shop.offers = list
		r.shop.mu.Unlock()
		r.key(fyne.KeyF5)
		r.until(ui.EventSynced)
		if now := r.tileAt(); now != before {
			t.Errorf("%s: %s is where %s was", name, now, before)
		}
	}
}

// tileAt is the name on the tile in the middle of the shelf.
func (r *rig) tileAt() string {
	found, best := "", float32(1e9)
	walk(r.shell.Content(), func(o fyne.CanvasObject) {
		t, ok := o.(*canvas.Text)
		if !ok || !strings.HasPrefix(t.Text, "商品") {
			return
		}
		p := fyne.CurrentApp().Driver().AbsolutePositionForObject(t)
		dx, dy := p.X-400, p.Y-450
		if far := dx*dx + dy*dy; far < best {
			found, best = t.Text, far
		}
	})
	return found
}
