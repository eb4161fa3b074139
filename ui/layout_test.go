package ui_test

import (
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"cashier/services/checkout"
	"cashier/ui"
	"cashier/ui/widgets"
)

// ink is where the signs of a text are, not counting the room around them.
type ink struct {
	text           string
	x0, y0, x1, y1 float32
}

func (a ink) meets(b ink) bool {
	return a.x0 < b.x1-1 && b.x0 < a.x1-1 && a.y0 < b.y1-1 && b.y0 < a.y1-1
}

func inkOf(t *canvas.Text, at fyne.Position) ink {
	w := fyne.MeasureText(t.Text, t.TextSize, t.TextStyle).Width
	x := at.X
	switch t.Alignment {
	case fyne.TextAlignCenter:
		x += (t.Size().Width - w) / 2
	case fyne.TextAlignTrailing:
		x += t.Size().Width - w
	}
	middle := at.Y + t.Size().Height/2
	return ink{t.Text, x, middle - t.TextSize*0.4, x + w, middle + t.TextSize*0.4}
}

// inks are the texts that can be seen, without what a scroll cuts off and the
// letter a tile shows for a picture, which its marks may lie upon.
func inks(o fyne.CanvasObject, at fyne.Position, top, bottom float32) (out []ink) {
	if !o.Visible() {
		return nil
	}
	at = at.Add(o.Position())
	var children []fyne.CanvasObject
	switch x := o.(type) {
	case *canvas.Text:
		if i := inkOf(x, at); x.Text != "" && i.y0 >= top && i.y1 <= bottom && utf8.RuneCountInString(x.Text) > 1 {
			return []ink{i}
		}
	case *container.Scroll:
		top, bottom = max(top, at.Y), min(bottom, at.Y+x.Size().Height)
		children = []fyne.CanvasObject{x.Content}
	case *fyne.Container:
		children = x.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(x).Objects()
	}
	for _, c := range children {
		out = append(out, inks(c, at, top, bottom)...)
	}
	return out
}

// clear checks that no text runs into another or out of the window.
func (r *rig) clear(screen string, size fyne.Size) {
	r.t.Helper()
	seen := inks(r.shell.Content(), fyne.Position{}, 0, size.Height)
	if len(seen) < 10 {
		r.t.Fatalf("%s %v: only %d texts were found", screen, size, len(seen))
	}
	for i, a := range seen {
		if a.x0 < 0 || a.x1 > size.Width {
			r.t.Errorf("%s %v: %q leaves the window", screen, size, a.text)
		}
		for _, b := range seen[:i] {
			if a.meets(b) {
				r.t.Errorf("%s %v: %q runs into %q", screen, size, a.text, b.text)
			}
		}
	}
}

// places calls f with each object that can be seen and where it is.
func places(o fyne.CanvasObject, at fyne.Position, f func(o fyne.CanvasObject, at fyne.Position)) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	f(o, at)
	var children []fyne.CanvasObject
	switch x := o.(type) {
	case *fyne.Container:
		children = x.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(x).Objects()
	}
	for _, c := range children {
		places(c, at, f)
	}
}

// touchable checks that every button lies in the window, above the bar, and
// that none covers another.
func (r *rig) touchable(screen string, size fyne.Size) {
	r.t.Helper()
	type place struct {
		b    *widgets.Button
		a, z fyne.Position
	}
	var seen []place
	places(r.shell.Content(), fyne.Position{}, func(o fyne.CanvasObject, at fyne.Position) {
		if b, ok := o.(*widgets.Button); ok {
			seen = append(seen, place{b, at, at.AddXY(b.Size().Width, b.Size().Height)})
		}
	})
	for i, p := range seen {
		bar := size.Height - 48
		if p.a.X < 0 || p.a.Y < 0 || p.z.X > size.Width || p.z.Y > size.Height || p.a.Y < bar && p.z.Y > bar {
			r.t.Errorf("%s %v: button %q leaves its place", screen, size, p.b.Label())
		}
		for _, q := range seen[:i] {
			if p.a.X < q.z.X && q.a.X < p.z.X && p.a.Y < q.z.Y && q.a.Y < p.z.Y {
				r.t.Errorf("%s %v: button %q covers %q", screen, size, p.b.Label(), q.b.Label())
			}
		}
	}
}

// codeSide is how large the code of ours is, 0 where none is to be seen.
func (r *rig) codeSide() (side float32) {
	places(r.shell.Content(), fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if c, ok := o.(*canvas.Raster); ok && c.Size().Width == c.Size().Height { // not the strip of a surface
			side = c.Size().Width
		}
	})
	return side
}

// Each face of the pay screen fits on the screens that tills have, in both
// languages, with large amounts, and with notices that take room from it.
func TestThePayScreenFits(t *testing.T) {
	goods := append(offers(), offer(31, "8801", "钢琴", "乐器", "台", "61234.50", "0", "0"))
	langs := map[string]change{"zh": func(*ui.Params, *rig) {}, "en": inEnglish}
	for size, least := range map[fyne.Size]float32{
		{Width: 1024, Height: 600}: 330, {Width: 1024, Height: 768}: 330, {Width: 1366, Height: 768}: 500, {Width: 1920, Height: 1080}: 800,
	} {
		for lang, set := range langs {
			for _, standing := range []bool{false, true} {
				if standing && size.Height > 768 {
					continue // there is room
				}
				r := newRig(t, goods, set)
				r.window.Resize(size)
				check := func(screen string) {
					r.clear(lang+" "+screen, size)
					r.touchable(lang+" "+screen, size)
				}
				if standing {
					r.updates.f(checkout.Update{Sale: voided("s1", r.now)})
					r.settle()
				}
				r.scan("8801")
				r.key(fyne.KeyReturn)
				check("ask")
				r.types("100")
				check("ask, in part")
				r.key(fyne.KeyF8)
				r.begun("sale1")
				check("ordering")
				r.becomes("sale1", checkout.Pending, ourCode)
				r.until(ui.EventQR)
				check("code")
				if side := r.codeSide(); side < least && !standing || side < 270 {
					t.Errorf("%s %v: the code is %v large", lang, size, side)
				}
				r.scan(code1)
				check("code, and a scan")
				r.key(fyne.KeyEscape)
				r.seconds(11)
				check("cancelling")
				r.desk.end("sale1", checkout.Rejected, checkout.Tendering, "支付平台说这个订单在顾客付款之前已经被另一台收银机关闭了")
				r.until(ui.EventRefused)
				check("refused")
			}
		}
	}
}

func TestTheCardScreenFits(t *testing.T) {
	for _, set := range []change{func(*ui.Params, *rig) {}, inEnglish} {
		for _, size := range []fyne.Size{{Width: 1024, Height: 600}, {Width: 1366, Height: 768}} {
			r := newRig(t, offers(), set)
			r.window.Resize(size)
			check := func(screen string) {
				r.clear(screen, size)
				r.touchable(screen, size)
			}
			r.scan(card1)
			r.until(ui.EventCard)
			check("card")
			r.key(fyne.KeyReturn)
			r.until(ui.EventRedeemed)
			check("redeemed")
		}
	}
}

// However long the names, units and amounts are, no text runs into another or
// out of the window.
func TestNoTextRunsIntoAnother(t *testing.T) {
	long := "特级新疆阿克苏冰糖心红富士苹果礼盒装送礼佳品产地直发坏果包赔大果八十五毫米"
	goods := append(offers(),
		offer(31, "8801", long, "水果", "大号加厚纸箱装（十二枚入）", "12345.67", "11999.99", "0"),
		offer(32, "8802", long+"乙", "水果", "斤", "12345.67", "11999.99", "1"),
		offer(33, "8803", "Extraordinarily long product name for imported goods, family size", "进口", "family-size carton", "99999.99", "0", "0"))
	langs := map[string]change{"zh": func(*ui.Params, *rig) {}, "en": inEnglish}
	for lang, set := range langs {
		for _, size := range []fyne.Size{{Width: 1366, Height: 768}, {Width: 1024, Height: 768}, {Width: 1024, Height: 600}} {
			r := newRig(t, goods, set, func(p *ui.Params, r *rig) {
				p.Demo, p.Shop, r.ability.err = true, "青禾鲜生连锁超市上海市浦东新区世纪大道一百号地下一层旗舰店", errOtherVault
			})
			r.window.Resize(size)
			check := func(screen string) {
				r.clear(lang+" "+screen, size)
				r.touchable(lang+" "+screen, size)
			}
			for _, c := range []string{"8801", "8801", "8803", "6901", "8802"} {
				r.scan(c)
			}
			r.types("1.235")
			r.key(fyne.KeyReturn)
			r.key(fyne.KeyF3)
			r.updates.f(checkout.Update{Sale: voided("s1", r.now)})
			r.settle()
			check("sale")
			r.key(fyne.KeyReturn)
			check("pay")
			r.key(fyne.KeyReturn)
			r.until(ui.EventComplete)
			check("receipt")
			r.key(fyne.KeyF6)
			r.until(ui.EventTray)
			check("tray")
		}
	}
	empty := newRig(t, nil)
	if seen := inks(empty.shell.Content(), fyne.Position{}, 0, 768); len(seen) == 0 {
		t.Error("a shop without products shows nothing")
	}
}
