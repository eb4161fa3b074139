package ui_test

import (
	"slices"
	"testing"

	"cashier/services/checkout"
	"cashier/ui"
)

// refusedWith plays a provider that refuses the open leg with a code of its own.
func (d *desk) refusedWith(id, raw, words string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sales[id]
	s.Legs = slices.Clone(s.Legs)
	l := &s.Legs[len(s.Legs)-1]
	l.State, l.Reason = checkout.Rejected, checkout.Reason{Code: "refused", RawCode: raw, Message: words}
	d.sales[id] = s
	d.ends[id] <- s
}

// What the cashier can do is said before what the provider said.
func TestARefusalSaysWhatToTellTheCustomer(t *testing.T) {
	for _, c := range []struct{ raw, words, want string }{
		{"606", "卡付款码超时", "没有收到钱：付款码已过期。请顾客刷新付款码，再扫一次。"},
		{"704", "", "没有收到钱：付款码已过期。请顾客刷新付款码，再扫一次。"},
		{"605", "余额 3.20 元", "没有收到钱：卡里的余额不够。可以拆开付：卡里付一部分，其余换一种方式。余额 3.20 元"},
		{"1002", "", "没有收到钱：有商品已售罄。请把它从这单里拿掉，再收款。"},
		{"NOTENOUGH", "余额不足", "没有收到钱：余额不足。请顾客换一个付款码，或改收现金。"},
	} {
		t.Run(c.raw, func(t *testing.T) {
			r := paying(t)
			r.desk.refusedWith("sale1", c.raw, c.words)
			if e := r.until(ui.EventRefused); e.Text != c.want {
				t.Errorf("%q, want %q", e.Text, c.want)
			}
		})
	}
}
