//go:build !race

package ui_test

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"cashier/services/catalog"
)

// Only what can be seen exists, and any name fits its tile.
func TestBulkProducts(t *testing.T) {
	var goods []catalog.Offer
	for i := range 10_000 {
		name := fmt.Sprintf("商品%05d", i)
		if i%7 == 0 {
			name = strings.Repeat("特级有机冷榨初榨橄榄油礼盒装 Extra Virgin Olive Oil ", 4)
		}
		goods = append(goods, offer(int64(i+1), fmt.Sprint(100000+i), name, fmt.Sprint("类", i%40), "瓶", "9.90", "8.80", "0"))
	}
	r := newRig(t, goods)
	before := r.objects()
	if before > 2500 {
		t.Errorf("%d objects on the screen", before)
	}
	for range 200 {
		r.key(fyne.KeyPageDown)
	}
	if after := r.objects(); after > before+200 {
		t.Errorf("%d objects after paging, %d before", after, before)
	}
	r.types("109999")
	r.key(fyne.KeyReturn)
	if c := r.shell.Cart(); len(c.Lines) != 1 || c.Lines[0].Code != "109999" {
		t.Errorf("cart %+v", c)
	}
	for _, size := range []fyne.Size{{Width: 1024, Height: 768}, {Width: 1920, Height: 1080}} {
		r.window.Resize(size)
		if got := r.window.Canvas().Size(); got != size {
			t.Errorf("the content pushes the window to %v, want %v", got, size)
		}
	}
}

// objects is how much there is to paint.
func (r *rig) objects() int {
	n := 0
	walk(r.shell.Content(), func(fyne.CanvasObject) { n++ })
	return n
}
